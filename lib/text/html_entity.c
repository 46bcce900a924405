/*
 * html_entity - character references of HTML
 */
#include "html_entity.h"

#include <libxml/HTMLparser.h>
#include <stdlib.h>

enum { MOST = 320, LONGEST = 24, LAST_OF_HTML4 = 9830 };

struct name {
	const char *name;
	uint32_t    scalar;
};

/* What HTML 5 has besides, and mails use. */
static const struct name more[] = {
	{ "AMP", '&' }, { "Hat", '^' }, { "NewLine", '\n' }, { "NonBreakingSpace", 0xA0 }, { "NoBreak", 0x2060 },
	{ "Tab", '\t' }, { "ZeroWidthSpace", 0x200B }, { "ast", '*' }, { "bsol", '\\' }, { "check", 0x2713 },
	{ "colon", ':' }, { "comma", ',' }, { "commat", '@' }, { "dollar", '$' }, { "equals", '=' }, { "excl", '!' },
	{ "grave", '`' }, { "hyphen", 0x2010 }, { "lbrace", '{' }, { "lbrack", '[' }, { "lcub", '{' }, { "lowbar", '_' },
	{ "lpar", '(' }, { "lsqb", '[' }, { "num", '#' }, { "percnt", '%' }, { "period", '.' }, { "phone", 0x260E },
	{ "plus", '+' }, { "quest", '?' }, { "rbrace", '}' }, { "rbrack", ']' }, { "rcub", '}' }, { "rpar", ')' },
	{ "rsqb", ']' }, { "semi", ';' }, { "sol", '/' }, { "star", 0x2606 }, { "starf", 0x2605 }, { "verbar", '|' },
	{ "vert", '|' },
};

/* All names, sorted; written once. */
static struct name names[MOST];
static size_t nnames;

/* What the numbers 128 to 159 mean: windows-1252 (the living standard, as browsers always did). */
static const uint16_t windows[32] = {
	0x20AC, 0, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017D, 0,
	0, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0, 0x017E,
	0x0178,
};

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct name *)a)->name, ((const struct name *)b)->name);
}

void td_html_entity_init(void)
{
	uint32_t scalar;
	size_t n = sizeof(more) / sizeof(*more);

	memcpy(names, more, sizeof(more));
	for (scalar = '"'; scalar <= LAST_OF_HTML4 && n < MOST; scalar++) {
		const htmlEntityDesc *entity = htmlEntityValueLookup(scalar);

		if (entity)
			names[n++] = (struct name){ entity->name, scalar };
	}
	qsort(names, n, sizeof(*names), by_name);
	nnames = n;
}

/* The scalar of a name of at most LONGEST bytes; 0 if there is none. */
static uint32_t look_up(const char *p, size_t n)
{
	char text[LONGEST + 1];
	struct name key = { text, 0 };
	const struct name *found;

	memcpy(text, p, n);
	text[n] = '\0';
	found = bsearch(&key, names, nnames, sizeof(*names), by_name);
	return found ? found->scalar : 0;
}

static int digit_of(char c, int base)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return base == 16 && c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool is_alnum(char c)
{
	return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

/* v begins with "&#". *scalar may be a surrogate, or over U+10FFFF. */
static size_t number(struct td_view v, uint32_t *scalar)
{
	int base = v.n > 2 && (v.p[2] | 0x20) == 'x' ? 16 : 10;
	size_t first = base == 16 ? 3 : 2;
	size_t at;
	uint32_t c = 0;

	for (at = first; at < v.n && digit_of(v.p[at], base) >= 0; at++)
		c = c > 0x10FFFF ? c : c * (uint32_t)base + (uint32_t)digit_of(v.p[at], base);
	if (at == first)
		return 0;
	*scalar = c;
	return at < v.n && v.p[at] == ';' ? at + 1 : at;
}

/* v begins with "&#". */
static size_t numeric(struct td_view v, uint32_t *scalar)
{
	size_t n = number(v, scalar);
	struct td_view next = td_view_skip(v, n);
	uint32_t low = 0;
	size_t more_n = 0;

	if (n == 0)
		return 0;
	if (*scalar >= 0x80 && *scalar < 0xA0)
		*scalar = windows[*scalar - 0x80];
	/* Programs that think in UTF-16 write an emoji as two references. */
	if (*scalar >= 0xD800 && *scalar < 0xDC00 && td_view_starts(next, TD_VLIT("&#")))
		more_n = number(next, &low);
	if (more_n && low >= 0xDC00 && low < 0xE000) {
		*scalar = 0x10000 + ((*scalar - 0xD800) << 10) + (low - 0xDC00);
		return n + more_n;
	}
	if (*scalar > 0x10FFFF || (*scalar >= 0xD800 && *scalar < 0xE000))
		*scalar = 0xFFFD;
	return n;
}

/* The names that stand without a semicolon too are those of HTML 2: Latin-1 and what markup needs. */
static bool is_old(uint32_t scalar)
{
	return (scalar >= 0xA0 && scalar < 0x100) || scalar == '"' || scalar == '&' || scalar == '<' || scalar == '>';
}

size_t td_html_entity(struct td_view v, bool attribute, uint32_t *scalar)
{
	size_t n = 1;
	uint32_t found = 0;

	if (v.n > 1 && v.p[1] == '#')
		return numeric(v, scalar);
	while (n < v.n && n <= LONGEST && is_alnum(v.p[n]))
		n++;
	if (n == 1)
		return 0;
	if (n < v.n && v.p[n] == ';')
		found = look_up(v.p + 1, n - 1);
	if (found) {
		*scalar = found;
		return n + 1;
	}
	if (attribute && n < v.n && v.p[n] == '=')
		return 0;
	/* The longest of those names that it begins with: the longest has six letters. */
	for (n = attribute || n < 7 ? n : 7; n > 2; n = attribute ? 2 : n - 1)
		if (n <= 7 && is_old(found = look_up(v.p + 1, n - 1))) {
			*scalar = found;
			return n;
		}
	return 0;
}
