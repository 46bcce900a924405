/*
 * template_value - SMS templates: values, which nobody vouches for
 */
#include "template_parts.h"

#include <stdlib.h>
#include <uninorm.h>
#include <unictype.h>
#include <unistr.h>

/* ---- writing ----------------------------------------------------------------------------------------------------- */

enum { MAX_OPEN = 60 /* directional characters that a value may leave open; UAX #9 knows 125 levels */ };

static bool ends_line(ucs4_t c)
{
	return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029;
}

struct directions { /* UAX #9: what is open, innermost last */
	bool isolate[MAX_OPEN];
	int  n;
};

/* May the character stand? Closing what the value did not open would close what the template did. */
static bool direction(struct directions *d, ucs4_t c)
{
	bool isolate = c >= 0x2066 && c <= 0x2068;
	int i;

	if (isolate || c == 0x202A || c == 0x202B || c == 0x202D || c == 0x202E) {
		if (d->n == MAX_OPEN)
			return false;
		d->isolate[d->n++] = isolate;
	} else if (c == 0x202C) {
		if (d->n == 0 || d->isolate[d->n - 1])
			return false;
		d->n--;
	} else if (c == 0x2069) { /* ends the embeddings in it as well */
		for (i = d->n - 1; i >= 0 && !d->isolate[i]; i--)
			;
		if (i < 0)
			return false;
		d->n = i;
	}
	return true;
}

void td_value_write(struct td_buf *out, struct td_view v)
{
	struct directions d = { .n = 0 };
	size_t from = 0;
	size_t i = 0;

	while (i < v.n) {
		ucs4_t c;
		int n = u8_mbtouc(&c, (const uint8_t *)v.p + i, v.n - i);
		bool space = ends_line(c);

		if (space || !direction(&d, c)) {
			td_buf_add(out, td_view_mem(v.p + from, i - from));
			if (space)
				td_buf_byte(out, ' ');
			from = i + (size_t)n;
		}
		i += (size_t)n;
	}
	td_buf_add(out, td_view_mem(v.p + from, v.n - from));
	while (d.n > 0)
		td_buf_utf8(out, d.isolate[--d.n] ? 0x2069 : 0x202C);
}

/* ---- addresses --------------------------------------------------------------------------------------------------- */

struct label { /* of a host name */
	size_t n; /* characters */
	bool   letters;
	bool   digits;
	char   head[4]; /* its first, in lower case; '?' for what is not ASCII */
};

struct host {
	struct label now;
	struct label last; /* before the newest dot */
	size_t       dots; /* before now */
	bool         numeric; /* so are all labels before now */
};

static const struct label no_label = { .letters = true, .digits = true };
static const struct host no_host = { .now = { .letters = true, .digits = true }, .numeric = true };

/* Marks belong to the letters of many scripts. */
static bool is_letter(ucs4_t c)
{
	if (c < 0x80)
		return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
	return uc_is_general_category_withtable(c, UC_CATEGORY_MASK_L | UC_CATEGORY_MASK_M);
}

static bool is_digit(ucs4_t c)
{
	return c < 0x80 ? c >= '0' && c <= '9' : uc_is_general_category_withtable(c, UC_CATEGORY_MASK_Nd);
}

static void add(struct label *label, ucs4_t c)
{
	bool letter = is_letter(c);

	if (label->n < sizeof(label->head))
		label->head[label->n] = c < 0x80 ? (char)(letter ? c | 0x20 : c) : '?';
	label->n++;
	label->letters = label->letters && letter;
	label->digits = label->digits && is_digit(c);
}

static bool is_label(const struct label *label, const char *name)
{
	size_t n = strlen(name);

	return label->n == n && memcmp(label->head, name, n) == 0;
}

/* Is it a host as a dot, a slash or a port follows it: name.tld, with a dot behind it or without, or four numbers? */
static bool is_host(const struct host *h)
{
	const struct label *tld = h->now.n ? &h->now : &h->last;
	size_t dots = h->now.n ? h->dots : h->dots - 1;

	if (h->dots == 0)
		return false;
	if (h->numeric && tld->digits)
		return dots == 3;
	return dots > 0 && tld->n >= 2 && (tld->letters || memcmp(tld->head, "xn--", 4) == 0);
}

/* The next character as it is seen: the dots of IDNA (RFC 3490 §3.1) and other slashes are what they look like. */
static ucs4_t next(struct td_view *rest)
{
	ucs4_t c = 0;

	while (rest->n) {
		*rest = td_view_skip(*rest, (size_t)u8_mbtouc(&c, (const uint8_t *)rest->p, rest->n));
		if (c < 0x80)
			return c;
		if (uc_is_property_default_ignorable_code_point(c) || uc_is_property_bidi_control(c))
			continue;
		if (c == 0x3002)
			return '.';
		return c == 0x2044 || c == 0x2215 || c == 0x29F8 ? '/' : c;
	}
	return 0;
}

static bool colon(struct td_view rest, const struct host *h)
{
	ucs4_t c = next(&rest);
	bool port = is_digit(c);

	if (c == '/')
		return (h->now.n || h->dots) && next(&rest) == '/';
	while (is_digit(c))
		c = next(&rest);
	return port && c == '/' && is_host(h);
}

static bool scan(struct td_view rest)
{
	struct host h = no_host;

	while (rest.n) {
		ucs4_t c = next(&rest);

		if (is_letter(c) || is_digit(c) || c == '-') {
			if (h.dots == 1 && h.now.n == 0 && is_label(&h.last, "www"))
				return true;
			add(&h.now, c);
		} else if (c == '.' && h.now.n) {
			h.numeric = h.numeric && h.now.digits;
			h.last = h.now;
			h.now = no_label;
			h.dots++;
		} else if ((c == '/' && is_host(&h)) || (c == ':' && colon(rest, &h))) {
			return true;
		} else {
			h = no_host;
		}
	}
	return false;
}

bool td_value_has_address(struct td_view v, bool *failed)
{
	uint8_t *folded;
	size_t n = 0;
	size_t i = 0;
	bool found;

	while (i < v.n && (unsigned char)v.p[i] < 0x80)
		i++;
	if (i == v.n)
		return scan(v);
	folded = u8_normalize(UNINORM_NFKC, (const uint8_t *)v.p, v.n, NULL, &n);
	if (!folded) {
		*failed = true;
		return false;
	}
	found = scan(td_view_mem(folded, n));
	free(folded);
	return found;
}
