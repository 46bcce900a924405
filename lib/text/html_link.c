/*
 * html_link - what a link says beyond its text
 */
#include "html_link.h"

#include "codec.h"
#include "html_lines.h"

static bool is_white(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* The byte that a stand-in of html_lines.h at the front of v stands for; 0 if there is none. */
static char stand_in(struct td_view v)
{
	if (v.n < 4 || memcmp(v.p, "\xF4\x8F\xBF", 3) != 0)
		return 0;
	switch ((unsigned char)v.p[3]) {
	case 0x80 | (TD_HTML_QUOT & 0x3F):
		return '"';
	case 0x80 | (TD_HTML_AMP & 0x3F):
		return '&';
	case 0x80 | (TD_HTML_LT & 0x3F):
		return '<';
	default:
		return 0;
	}
}

/* Copies an address so that nothing in it ends it too early for whoever finds it in a text. */
static void copy_url(struct td_view v, struct td_buf *out)
{
	size_t i;

	for (i = 0; i < v.n; i++) {
		char mark = stand_in(td_view_skip(v, i));
		char c = mark ? mark : v.p[i];

		if (c == ' ' || c == '"' || c == '<' || c == '>')
			td_buf_printf(out, "%%%02X", (unsigned)c);
		else if ((unsigned char)c > ' ' && c != 0x7F)
			td_buf_byte(out, c); /* line ends and tabs are dropped, as browsers do */
		if (mark)
			i += 3;
	}
}

/* Copies a mailbox or number up to its parameters, with %40 and the like undone where that is printable ASCII. */
static void copy_path(struct td_view v, struct td_buf *out)
{
	size_t i;

	for (i = 0; i < v.n && v.p[i] != '?' && !(v.p[i] == ';' && !memchr(v.p, '@', v.n)); i++) {
		unsigned char c = 0;
		bool escape = v.p[i] == '%' && i + 2 < v.n && td_hex_decode(&c, 1, td_view_mem(v.p + i + 1, 2)) == 1;

		if (escape && c > ' ' && c < 0x7F) {
			td_buf_byte(out, (char)c);
			i += 2;
		} else if (escape && c == ' ') {
			i += 2;
		} else if ((unsigned char)v.p[i] > ' ' && v.p[i] != 0x7F) {
			td_buf_byte(out, v.p[i]);
		}
	}
}

void td_html_link_read(struct td_view href, struct td_buf *out)
{
	struct td_view v = href;

	td_buf_reset(out);
	while (v.n && (is_white(v.p[0]) || (unsigned char)v.p[0] < ' '))
		v = td_view_skip(v, 1);
	while (v.n && is_white(v.p[v.n - 1]))
		v.n--;
	if (td_view_starts(v, TD_VLIT("//"))) {
		td_buf_str(out, "https:");
		copy_url(v, out);
	} else if ((td_view_casestarts(v, TD_VLIT("https://")) && v.n > 8) ||
		(td_view_casestarts(v, TD_VLIT("http://")) && v.n > 7)) {
		copy_url(v, out);
	} else if (td_view_casestarts(v, TD_VLIT("mailto:"))) {
		copy_path(td_view_skip(v, 7), out);
	} else if (td_view_casestarts(v, TD_VLIT("tel:"))) {
		copy_path(td_view_skip(v, 4), out);
	}
	if (!td_buf_ok(out))
		td_buf_reset(out);
}

static struct td_view skip_prefix(struct td_view v, const char *prefix)
{
	struct td_view p = td_view_str(prefix);

	return td_view_casestarts(v, p) ? td_view_skip(v, p.n) : v;
}

static bool is_host_char(char c)
{
	return c == '-' || c == '_' || (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || (c & 0x80);
}

/* Does part stand in text as a whole: not as a piece of a longer address? In linear time, whatever they are. */
static bool stands_in(struct td_view text, struct td_view part)
{
	const char *found;
	size_t at = 0;

	while (part.n && (found = memmem(text.p + at, text.n - at, part.p, part.n))) {
		struct td_view after;

		at = (size_t)(found - text.p);
		after = td_view_skip(text, at + part.n);
		/* A "." or "/" that goes on is a longer address; one at the end is none of it. */
		if (after.n && after.p[0] == '/')
			after = td_view_skip(after, 1);
		else if (after.n > 1 && strchr(".?&=#", after.p[0]) && is_host_char(after.p[1]))
			after = td_view_skip(after, 1);
		if ((at == 0 || (!is_host_char(text.p[at - 1]) && text.p[at - 1] != '@')) &&
			(after.n == 0 || !is_host_char(after.p[0])))
			return true;
		at += part.n;
	}
	return false;
}

static size_t digits(struct td_view v, char *out, size_t size)
{
	size_t n = 0;
	size_t i;

	for (i = 0; i < v.n && n < size; i++)
		if (v.p[i] >= '0' && v.p[i] <= '9')
			out[n++] = v.p[i];
	return n;
}

/* "(555) 123-4567" says +15551234567. */
static bool number_said(struct td_view text, struct td_view number)
{
	char in_text[64];
	char wanted[32];
	size_t nt = digits(text, in_text, sizeof(in_text));
	size_t all = digits(number, wanted, sizeof(wanted));
	size_t least = all > 4 ? all - 3 : all;
	size_t n;

	/* The national form is without the country code, and perhaps with a trunk prefix for it. */
	for (n = all; n && n >= least; n--)
		if (n <= nt && memmem(in_text, nt, wanted + all - n, n))
			return true;
	return false;
}

static struct td_view lowered(struct td_view v, struct td_buf *buf)
{
	size_t i;

	td_buf_add(buf, v);
	for (i = 0; i < buf->n; i++)
		if (buf->p[i] >= 'A' && buf->p[i] <= 'Z')
			buf->p[i] |= 0x20;
	return td_buf_view(buf);
}

bool td_html_link_said(struct td_view text, struct td_view address)
{
	struct td_view bare = skip_prefix(skip_prefix(skip_prefix(address, "https://"), "http://"), "www.");
	struct td_buf lower_text;
	struct td_buf lower_bare;
	bool said;

	while (td_view_ends(bare, TD_VLIT("/")))
		bare.n--;
	td_buf_init(&lower_text, SIZE_MAX);
	td_buf_init(&lower_bare, SIZE_MAX);
	said = stands_in(lowered(text, &lower_text), lowered(bare, &lower_bare));
	td_buf_free(&lower_text);
	td_buf_free(&lower_bare);
	if (said)
		return true;
	return !memchr(address.p, '@', address.n) && !memchr(address.p, '/', address.n) && number_said(text, address);
}
