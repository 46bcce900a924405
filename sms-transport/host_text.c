/*
 * host_text - services for plugins: base64, hex, percent-encoding, forms, dates
 *
 * Sources: RFC 4648, RFC 3986, application/x-www-form-urlencoded (WHATWG URL §5).
 */
#include "host.h"

#include <string.h>

#include "buf.h"
#include "codec.h"
#include "when.h"

static const char standard_alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char url_alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static const struct tandem_view nothing = { NULL, 0 };

static char *take(struct tandem_call *call, size_t n)
{
	char *p = td_arena_alloc(host_of(call)->arena, n + 1);

	if (!p)
		host_nomem(call);
	return p;
}

static struct tandem_view base64_encode(struct tandem_call *call, struct tandem_view bytes, bool url)
{
	const char *alphabet = url ? url_alphabet : standard_alphabet;
	const unsigned char *b = (const unsigned char *)bytes.p;
	char *out = take(call, (bytes.n / 3 + 1) * 4);
	size_t n = 0;

	if (!out)
		return nothing;
	for (size_t i = 0; i < bytes.n; i += 3) {
		size_t left = bytes.n - i;
		uint32_t v = (uint32_t)b[i] << 16 | (left > 1 ? (uint32_t)b[i + 1] << 8 : 0) | (left > 2 ? b[i + 2] : 0u);

		out[n++] = alphabet[v >> 18];
		out[n++] = alphabet[v >> 12 & 63];
		if (left > 1)
			out[n++] = alphabet[v >> 6 & 63];
		else if (!url)
			out[n++] = '=';
		if (left > 2)
			out[n++] = alphabet[v & 63];
		else if (!url)
			out[n++] = '=';
	}
	return (struct tandem_view){ out, n };
}

/* Without padding; a padded text must be of whole groups. False if the padding is wrong. */
static bool base64_unpad(struct tandem_view *text)
{
	size_t pad = 0;

	while (pad < 2 && text->n && text->p[text->n - 1] == '=') {
		text->n--;
		pad++;
	}
	return text->n % 4 != 1 && (!pad || (text->n + pad) % 4 == 0);
}

static struct tandem_view base64_decode(struct tandem_call *call, struct tandem_view text, bool url)
{
	const char *alphabet = url ? url_alphabet : standard_alphabet;
	uint32_t bits = 0;
	int nbits = 0;
	size_t n = 0;
	char *out;

	if (!base64_unpad(&text))
		return nothing;
	out = take(call, text.n / 4 * 3 + 3);
	if (!out)
		return nothing;
	for (size_t i = 0; i < text.n; i++) {
		const char *at = text.p[i] ? strchr(alphabet, text.p[i]) : NULL;

		if (!at)
			return nothing;
		bits = bits << 6 | (uint32_t)(at - alphabet);
		nbits += 6;
		if (nbits >= 8) {
			nbits -= 8;
			out[n++] = (char)(bits >> nbits & 255);
		}
	}
	if (bits & ((1u << nbits) - 1))
		return nothing; /* bits that belong to no byte: not what an encoder wrote */
	return (struct tandem_view){ out, n };
}

static struct tandem_view hex_encode(struct tandem_call *call, struct tandem_view bytes)
{
	char *out = take(call, bytes.n * 2);

	if (!out)
		return nothing;
	td_hex_encode(out, bytes.p, bytes.n);
	return (struct tandem_view){ out, bytes.n * 2 };
}

static struct tandem_view hex_decode(struct tandem_call *call, struct tandem_view text)
{
	char *out = take(call, text.n / 2);
	size_t n;

	if (!out)
		return nothing;
	n = td_hex_decode(out, text.n / 2, host_td(text));
	return n == (size_t)-1 ? nothing : (struct tandem_view){ out, n };
}

static bool unreserved(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
		c == '_' || c == '~';
}

static size_t percent_put(char *out, struct tandem_view text, bool form)
{
	static const char digits[] = "0123456789ABCDEF";
	size_t n = 0;

	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];

		if (unreserved((char)c)) {
			out[n++] = (char)c;
		} else if (form && c == ' ') {
			out[n++] = '+';
		} else {
			out[n++] = '%';
			out[n++] = digits[c >> 4];
			out[n++] = digits[c & 15];
		}
	}
	return n;
}

static struct tandem_view percent_encode(struct tandem_call *call, struct tandem_view text, bool form)
{
	char *out = take(call, text.n * 3);

	return out ? (struct tandem_view){ out, percent_put(out, text, form) } : nothing;
}

static struct tandem_view percent_decode(struct tandem_call *call, struct tandem_view text, bool form)
{
	char *out = take(call, text.n);
	size_t n = 0;

	if (!out)
		return nothing;
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '+' && form) {
			out[n++] = ' ';
		} else if (text.p[i] != '%') {
			out[n++] = text.p[i];
		} else {
			if (text.n - i < 3 || td_hex_decode(out + n, 1, td_view_mem(text.p + i + 1, 2)) != 1)
				return nothing;
			n++;
			i += 2;
		}
	}
	return (struct tandem_view){ out, n };
}

static struct tandem_view form_encode(struct tandem_call *call, const struct tandem_pair *pairs, size_t n)
{
	size_t room = 0, at = 0;
	char *out;

	for (size_t i = 0; i < n; i++)
		room += (pairs[i].name.n + pairs[i].value.n) * 3 + 2;
	out = take(call, room);
	if (!out)
		return nothing;
	for (size_t i = 0; i < n; i++) {
		if (i)
			out[at++] = '&';
		at += percent_put(out + at, pairs[i].name, true);
		out[at++] = '=';
		at += percent_put(out + at, pairs[i].value, true);
	}
	return (struct tandem_view){ out, at };
}

static const struct tandem_pair *form_decode(struct tandem_call *call, struct tandem_view text, size_t *n)
{
	struct td_view rest = host_td(text), item;
	struct tandem_pair *pairs;
	size_t max = 1;

	*n = 0;
	for (size_t i = 0; i < text.n; i++)
		max += text.p[i] == '&';
	pairs = td_arena_array(host_of(call)->arena, max, sizeof(*pairs));
	if (!pairs) {
		host_nomem(call);
		return NULL;
	}
	while (td_view_next(&rest, '&', &item)) {
		size_t eq = td_view_chr(item, '=');
		struct td_view name = { item.p, eq == (size_t)-1 ? item.n : eq };
		struct td_view value = eq == (size_t)-1 ? (struct td_view){ NULL, 0 } : td_view_skip(item, eq + 1);

		if (!item.n)
			continue;
		pairs[*n].name = percent_decode(call, host_view(name), true);
		pairs[*n].value = percent_decode(call, host_view(value), true);
		if (!pairs[*n].name.p || !pairs[*n].value.p)
			return NULL;
		++*n;
	}
	return pairs;
}

static bool date(struct tandem_view text, int64_t *out_ms)
{
	return td_when_date(host_td(text), out_ms, NULL) == TD_OK;
}

void host_fill_text(struct tandem_host *host)
{
	host->base64_encode = base64_encode;
	host->base64_decode = base64_decode;
	host->hex_encode = hex_encode;
	host->hex_decode = hex_decode;
	host->percent_encode = percent_encode;
	host->percent_decode = percent_decode;
	host->form_encode = form_encode;
	host->form_decode = form_decode;
	host->date = date;
}
