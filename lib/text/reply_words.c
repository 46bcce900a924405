/*
 * reply_words - the words by which mail programs introduce and sign, in many languages (data/reply_words.tsv)
 */
#include "reply_words.h"

struct row {
	enum td_reply_kind kind;
	const char *text;
	size_t n;
};

#define TD_ROW(kind, text) { kind, text, sizeof(text) - 1 },
static const struct row rows[] = {
#include "reply_words.inc"
};
#undef TD_ROW

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static bool same(const struct row *row, const char *p)
{
	return td_view_caseeq(td_view_mem(row->text, row->n), td_view_mem(p, row->n));
}

static char other_case(char c)
{
	bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');

	return letter ? (char)(c ^ 0x20) : c;
}

/* The next place of c or of its other case at or after `at`; n when there is none. */
static size_t next_letter(struct td_view v, size_t at, char c)
{
	struct td_view rest = td_view_skip(v, at);
	const char *a = rest.n ? memchr(rest.p, c, rest.n) : NULL;
	const char *b =
		rest.n && other_case(c) != c ? memchr(rest.p, other_case(c), a ? (size_t)(a - rest.p) : rest.n) : NULL;

	return b ? (size_t)(b - v.p) : a ? (size_t)(a - v.p) : v.n;
}

static bool contains(const struct row *row, struct td_view v)
{
	size_t at;

	for (at = next_letter(v, 0, row->text[0]); at + row->n <= v.n; at = next_letter(v, at + 1, row->text[0]))
		if (same(row, v.p + at))
			return true;
	return false;
}

/* The first row of a kind; tsv2c has put them in order. */
static size_t first(enum td_reply_kind kind)
{
	size_t lo = 0;
	size_t hi = COUNT(rows);

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (rows[mid].kind < kind)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

bool td_reply_words_in(enum td_reply_kind kind, struct td_view v)
{
	for (size_t i = first(kind); i < COUNT(rows) && rows[i].kind == kind; i++)
		if (contains(&rows[i], v))
			return true;
	return false;
}

size_t td_reply_words_at(enum td_reply_kind kind, struct td_view v)
{
	size_t longest = 0;

	for (size_t i = first(kind); i < COUNT(rows) && rows[i].kind == kind; i++)
		if (rows[i].n <= v.n && rows[i].n > longest && same(&rows[i], v.p))
			longest = rows[i].n;
	return longest;
}

size_t td_reply_words_end(enum td_reply_kind kind, struct td_view v)
{
	size_t longest = 0;

	for (size_t i = first(kind); i < COUNT(rows) && rows[i].kind == kind; i++)
		if (rows[i].n <= v.n && rows[i].n > longest && same(&rows[i], v.p + v.n - rows[i].n))
			longest = rows[i].n;
	return longest;
}

/* Bytes of a space or control that is not to be seen, at p. */
static size_t unseen(struct td_view v)
{
	const unsigned char *p = (const unsigned char *)v.p;

	if (v.n && (p[0] == ' ' || (p[0] >= '\t' && p[0] <= '\r')))
		return 1;
	if (v.n >= 2 && p[0] == 0xC2 && p[1] == 0xA0)
		return 2;
	if (v.n < 3 || p[0] != 0xE2)
		return 0;
	/* U+200B…200F, 202A…202F, 2066…2069 */
	return (p[1] == 0x80 && ((p[2] >= 0x8B && p[2] <= 0x8F) || (p[2] >= 0xAA && p[2] <= 0xAF))) ||
				   (p[1] == 0x81 && p[2] >= 0xA6 && p[2] <= 0xA9)
			   ? 3
			   : 0;
}

struct td_view td_reply_words_bare(struct td_view v)
{
	size_t n;

	while ((n = unseen(v)) != 0)
		v = td_view_skip(v, n);
	while (v.n) {
		for (n = 1; n <= 3 && n <= v.n; n++)
			if (unseen(td_view_skip(v, v.n - n)) == n)
				break;
		if (n > 3 || n > v.n)
			break;
		v.n -= n;
	}
	return v;
}
