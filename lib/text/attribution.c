/*
 * attribution - the lines by which a mail program introduces somebody else's text
 */
#include "attribution.h"

#include "reply_words.h"

enum {
	MAX_WRAP = 4,   /* lines that "On DATE, NAME wrote:" is folded to */
	MAX_BLOCK = 14, /* lines of a From: … Subject: block; To: and Cc: may be long */
	MIN_RULE = 10,  /* underscores of a line of Outlook's; it writes 32 */
	MAX_LINE = 1000 /* bytes of a line that is looked at */
};

enum { FROM = 1, SENT = 2, TO = 4, SUBJECT = 8, DATE = 16 };

bool td_attribution_blank(struct td_view line)
{
	return td_reply_words_bare(line).n == 0;
}

static bool ends_with_colon(struct td_view v)
{
	return td_view_ends(v, TD_VLIT(":")) || td_view_ends(v, TD_VLIT("："));
}

/* The last line of an attribution: "… wrote:", or "NAME <a@example.com>:" as mailers in East Asia write. */
static bool attributes(struct td_view line)
{
	struct td_view v = td_reply_words_bare(line);

	if (v.n > MAX_LINE || !ends_with_colon(v))
		return false;
	return td_reply_words_in(TD_REPLY_WROTE, v) || (td_view_ends(v, TD_VLIT(">:")) && memchr(v.p, '@', v.n));
}

/* Bytes of a digit at offset i, European or Arabic-Indic; 0 for none. */
static size_t digit(struct td_view v, size_t i)
{
	if (i < v.n && v.p[i] >= '0' && v.p[i] <= '9')
		return 1;
	if (i + 1 >= v.n || (v.p[i] != '\xD9' && v.p[i] != '\xDB'))
		return 0;
	/* U+0660…0669, U+06F0…06F9 */
	return ((unsigned char)v.p[i + 1] & 0xF0) == (v.p[i] == '\xD9' ? 0xA0 : 0xB0) && (v.p[i + 1] & 0x0F) <= 9 ? 2 : 0;
}

/* "10:00" and the like in it? */
static bool has_time(struct td_view v)
{
	for (size_t i = 1; i < v.n; i++) {
		bool mark = v.p[i] == ':' || v.p[i] == '.' || v.p[i] == 'h';
		size_t tens;
		size_t ones;

		if (!mark || !(digit(v, i - 1) == 1 || (i > 1 && digit(v, i - 2) == 2)))
			continue;
		tens = digit(v, i + 1);
		ones = tens ? digit(v, i + 1 + tens) : 0;
		if (ones && !digit(v, i + 1 + tens + ones))
			return true;
	}
	return false;
}

/* The first of up to MAX_WRAP lines without a blank one between that end with line `last`. */
static size_t paragraph(const struct td_lines *lines, size_t last)
{
	size_t first = last;

	while (
		first > 0 && last - first < MAX_WRAP - 1 && lines->v[first - 1].p && !td_attribution_blank(lines->v[first - 1]))
		first--;
	return first;
}

/* Is line i the first of its paragraph? */
static bool opens(const struct td_lines *lines, size_t i)
{
	return i == 0 || !lines->v[i - 1].p || td_attribution_blank(lines->v[i - 1]);
}

static bool any(const struct td_lines *lines, size_t first, size_t last, bool (*is)(struct td_view line))
{
	for (size_t i = first; i <= last; i++)
		if (is(lines->v[i]))
			return true;
	return false;
}

static bool has_address(struct td_view v)
{
	return v.n && memchr(v.p, '@', v.n);
}

static bool begins(struct td_view line)
{
	return td_reply_words_at(TD_REPLY_BEGIN, td_reply_words_bare(line)) != 0;
}

size_t td_attribution_before(const struct td_lines *lines, size_t quote)
{
	size_t last = quote;
	size_t first;
	size_t i;

	while (last > 0 && lines->v[last - 1].p && td_attribution_blank(lines->v[last - 1]))
		last--;
	if (last == 0 || !lines->v[last - 1].p || !attributes(lines->v[last - 1]))
		return quote;
	last--;
	first = paragraph(lines, last);
	for (i = last + 1; i-- > first;)
		if (begins(lines->v[i]))
			return i;
	/* Without a word to begin with, a short paragraph of its own that has a time or an address is all of it. */
	if (opens(lines, first) && (any(lines, first, last, has_time) || any(lines, first, last, has_address)))
		return first;
	return last;
}

/* What stands between dashes; empty for another line. */
static struct td_view between_dashes(struct td_view line)
{
	struct td_view v = td_reply_words_bare(line);

	if (v.n > MAX_LINE || !td_view_starts(v, TD_VLIT("--")) || !td_view_ends(v, TD_VLIT("--")))
		return TD_VLIT("");
	while (v.n && v.p[0] == '-')
		v = td_view_skip(v, 1);
	while (v.n && v.p[v.n - 1] == '-')
		v.n--;
	return td_reply_words_bare(v);
}

/* Does a word of that kind begin it? */
static bool is_dashed(struct td_view line, enum td_reply_kind kind)
{
	return td_reply_words_at(kind, between_dashes(line)) != 0;
}

/* "---- On DATE, NAME <ADDRESS> wrote ----", as Zoho writes it. */
static bool is_dashed_introduction(struct td_view line)
{
	struct td_view v = between_dashes(line);

	return v.n && begins(v) && td_reply_words_in(TD_REPLY_WROTE, v) && has_time(v) && has_address(v);
}

static bool is_forward_line(struct td_view line)
{
	struct td_view v = td_reply_words_bare(line);

	return v.n <= MAX_LINE && ends_with_colon(v) && td_reply_words_at(TD_REPLY_FORWARD_LINE, v);
}

static bool is_rule(struct td_view line)
{
	struct td_view v = td_reply_words_bare(line);
	size_t n = 0;

	while (n < v.n && v.p[n] == '_')
		n++;
	return n >= MIN_RULE && n == v.n;
}

/* Which header line of a block is it ("From: x", "*From:* x")? 0 for none. */
static int field(struct td_view line)
{
	struct td_view v = td_reply_words_bare(line);
	int found = 0;

	while (v.n && v.p[0] == '*')
		v = td_view_skip(v, 1);
	for (int i = 0; i < 5; i++) {
		size_t n = td_reply_words_at((enum td_reply_kind)(TD_REPLY_FROM + i), v);
		struct td_view rest = td_reply_words_bare(td_view_skip(v, n));

		while (n && rest.n && rest.p[0] == '*')
			rest = td_view_skip(rest, 1);
		if (n && (td_view_starts(rest, TD_VLIT(":")) || td_view_starts(rest, TD_VLIT("："))))
			found |= 1 << i;
	}
	return found;
}

/* The fields from line `at` to the next blank one; *next: the line after that. */
static int block(const struct td_lines *lines, size_t at, size_t *next)
{
	int found = 0;
	size_t i;

	for (i = at; i < lines->n && i - at < MAX_BLOCK && lines->v[i].p && !td_attribution_blank(lines->v[i]); i++)
		found |= field(lines->v[i]);
	*next = i;
	return found;
}

/* The header lines of a forwarded mail, if there are any at `at` or after blank lines. */
static size_t behind_headers(const struct td_lines *lines, size_t at)
{
	size_t next;

	while (at < lines->n && lines->v[at].p && td_attribution_blank(lines->v[at]))
		at++;
	return at < lines->n && lines->v[at].p && field(lines->v[at]) && (block(lines, at, &next) & (FROM | SUBJECT)) ? next
																												  : at;
}

/* "From:" or "Sent:" first, then what Outlook writes; below a rule two will do, without one all four must be there. */
static bool is_block(const struct td_lines *lines, size_t at, bool ruled, size_t *next)
{
	const int all = FROM | SENT | TO | SUBJECT;
	int found;

	if (at >= lines->n || !lines->v[at].p || !(field(lines->v[at]) & (FROM | SENT)))
		return false;
	found = block(lines, at, next);
	return ruled ? (found & SUBJECT) && (found & (SENT | DATE | TO)) : (found & all) == all;
}

/* "On DATE, NAME <ADDRESS> wrote:" with nothing missing, no ">" lines below it. */
static bool is_introduction(const struct td_lines *lines, size_t at, size_t *next)
{
	size_t last;

	if (!opens(lines, at) || !begins(lines->v[at]))
		return false;
	for (last = at;
		 last < lines->n && last - at < MAX_WRAP && lines->v[last].p && !td_attribution_blank(lines->v[last]); last++)
		if (attributes(lines->v[last]))
			break;
	if (last == lines->n || last - at == MAX_WRAP || !attributes(lines->v[last]))
		return false;
	if (!any(lines, at, last, has_time) || !any(lines, at, last, has_address))
		return false;
	*next = last + 1;
	while (*next < lines->n && lines->v[*next].p && td_attribution_blank(lines->v[*next]))
		(*next)++;
	return *next == lines->n || !td_view_starts(td_reply_words_bare(lines->v[*next]), TD_VLIT(">"));
}

enum td_foreign td_attribution_at(const struct td_lines *lines, size_t at, size_t *next)
{
	struct td_view line = lines->v[at];

	*next = at + 1;
	if (!line.p || line.n == 0 || line.n > MAX_LINE)
		return TD_FOREIGN_NONE;
	if (is_dashed(line, TD_REPLY_FORWARD) || is_forward_line(line)) {
		*next = behind_headers(lines, at + 1);
		return TD_FOREIGN_FORWARD;
	}
	if (is_dashed(line, TD_REPLY_ORIGINAL) || is_dashed_introduction(line) ||
		(is_rule(line) && is_block(lines, at + 1, true, next)) ||
		(opens(lines, at) && is_block(lines, at, false, next)) || is_introduction(lines, at, next))
		return TD_FOREIGN_ORIGINAL;
	return TD_FOREIGN_NONE;
}
