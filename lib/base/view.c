/*
 * view - comparing, cutting and checking borrowed bytes
 */
#include "view.h"

/* Locale-free: mail header names and keywords are ASCII. */
static unsigned char lower(char c)
{
	unsigned char u = (unsigned char)c;

	return u >= 'A' && u <= 'Z' ? u + ('a' - 'A') : u;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool td_view_eq(struct td_view a, struct td_view b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool td_view_caseeq(struct td_view a, struct td_view b)
{
	return a.n == b.n && td_view_casestarts(a, b);
}

bool td_view_starts(struct td_view v, struct td_view prefix)
{
	return prefix.n <= v.n && (prefix.n == 0 || memcmp(v.p, prefix.p, prefix.n) == 0);
}

bool td_view_casestarts(struct td_view v, struct td_view prefix)
{
	if (prefix.n > v.n)
		return false;
	for (size_t i = 0; i < prefix.n; i++)
		if (lower(v.p[i]) != lower(prefix.p[i]))
			return false;
	return true;
}

bool td_view_ends(struct td_view v, struct td_view suffix)
{
	return suffix.n <= v.n && (suffix.n == 0 || memcmp(v.p + v.n - suffix.n, suffix.p, suffix.n) == 0);
}

struct td_view td_view_trim(struct td_view v)
{
	while (v.n > 0 && is_space(v.p[0]))
		v = td_view_skip(v, 1);
	while (v.n > 0 && is_space(v.p[v.n - 1]))
		v.n--;
	return v;
}

struct td_view td_view_skip(struct td_view v, size_t from)
{
	if (from > v.n)
		from = v.n;
	if (from == 0) /* p may be NULL, and NULL + 0 is undefined */
		return v;
	return (struct td_view){ v.p + from, v.n - from };
}

size_t td_view_chr(struct td_view v, char c)
{
	const char *found = v.n > 0 ? memchr(v.p, c, v.n) : NULL;

	return found ? (size_t)(found - v.p) : (size_t)-1;
}

bool td_view_next(struct td_view *rest, char sep, struct td_view *item)
{
	size_t at = td_view_chr(*rest, sep);

	if (rest->n == 0)
		return false;
	*item = td_view_trim((struct td_view){ rest->p, at < rest->n ? at : rest->n });
	*rest = td_view_skip(*rest, at < rest->n ? at + 1 : rest->n);
	return true;
}

bool td_view_line(struct td_view *rest, struct td_view *line)
{
	size_t at = td_view_chr(*rest, '\n');

	if (rest->n == 0)
		return false;
	*line = (struct td_view){ rest->p, at < rest->n ? at : rest->n };
	*rest = td_view_skip(*rest, line->n + 1);
	if (line->n > 0 && line->p[line->n - 1] == '\r')
		line->n--;
	return true;
}

bool td_view_i64(struct td_view v, int64_t *out)
{
	bool negative = v.n > 0 && v.p[0] == '-';
	int64_t value = 0;

	if (negative)
		v = td_view_skip(v, 1);
	if (v.n == 0)
		return false;
	for (size_t i = 0; i < v.n; i++) {
		int digit = v.p[i] - '0';

		if (digit < 0 || digit > 9)
			return false;
		/* Built below zero, where there is room for INT64_MIN. */
		if (__builtin_mul_overflow(value, 10, &value) || __builtin_sub_overflow(value, digit, &value))
			return false;
	}
	if (!negative && __builtin_sub_overflow(0, value, &value))
		return false;
	*out = value;
	return true;
}

/* Table 3-7 of the Unicode standard: what the second byte may be depends on the first. */
size_t td_view_utf8_first(struct td_view v)
{
	const unsigned char *p = (const unsigned char *)v.p;
	unsigned char low = 0x80, high = 0xbf;
	size_t len;

	if (v.n == 0)
		return 0;
	if (p[0] < 0x80)
		return p[0] != 0;
	if (p[0] < 0xc2 || p[0] > 0xf4)
		return 0;
	len = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	if (v.n < len)
		return 0;
	switch (p[0]) {
	case 0xe0: low = 0xa0; break;  /* overlong */
	case 0xed: high = 0x9f; break; /* surrogates */
	case 0xf0: low = 0x90; break;  /* overlong */
	case 0xf4: high = 0x8f; break; /* over U+10FFFF */
	}
	if (p[1] < low || p[1] > high)
		return 0;
	for (size_t i = 2; i < len; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	return len;
}

bool td_view_utf8(struct td_view v)
{
	while (v.n > 0) {
		size_t len = td_view_utf8_first(v);

		if (len == 0)
			return false;
		v = td_view_skip(v, len);
	}
	return true;
}

struct td_view td_view_utf8_cut(struct td_view v, size_t max)
{
	if (v.n <= max)
		return v;
	while (max > 0 && ((unsigned char)v.p[max] & 0xc0) == 0x80)
		max--;
	return (struct td_view){ v.p, max };
}

/* C0, DEL, C1, and the two separators that some programs take for a line end. */
static bool is_control(const unsigned char *p, size_t len)
{
	return (len == 1 && (p[0] < 0x20 || p[0] == 0x7f)) || (len == 2 && p[0] == 0xc2 && p[1] < 0xa0) ||
		(len == 3 && p[0] == 0xe2 && p[1] == 0x80 && (p[2] == 0xa8 || p[2] == 0xa9));
}

size_t td_view_clean(char *out, size_t size, struct td_view v)
{
	size_t n = 0;

	while (v.n > 0) {
		size_t len = td_view_utf8_first(v);
		bool bad = len == 0 || is_control((const unsigned char *)v.p, len);

		if (n + (bad ? 1 : len) >= size)
			break;
		if (bad)
			out[n++] = '?';
		else
			n = (size_t)((char *)mempcpy(out + n, v.p, len) - out);
		v = td_view_skip(v, len ? len : 1);
	}
	out[n] = '\0';
	return n;
}
