/*
 * number - telephone numbers as people write them → E.164, region and kind
 */
#include "number.h"

#include <pthread.h>
#include <regex.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistr.h>

#include "log.h"
#include "quote.h"

enum {
	CC_NANP = 1,
	CC_MEXICO = 52,
	E164_LEAST = 7, /* the shortest there are: +683 and four digits */
	E164_DIGITS = 15,
	MAX_DIGITS = 24 /* with an international prefix and what people add; more is no number */
};

enum pattern { PATTERN_IDD, PATTERN_LEAD, PATTERN_MOBILE, PATTERNS };

/* A region: of its own code, or one of several that share a code. Ordered by code, the main region first. */
struct plan {
	int         cc;
	const char *region; /* "" for a code that belongs to no country */
	bool        main;
	const char *trunk;    /* national prefix, "" for none */
	uint32_t    lengths;  /* bit n: a national number may have n digits */
	const char *pattern[PATTERNS]; /* POSIX extended, anchored; NULL for none */
};

static const struct plan plans[] = {
#define TD_ROW(cc, region, main, trunk, lengths, idd, lead, mobile) \
	{ cc, region, main, trunk, lengths, { idd, lead, mobile } },
#include "country_calling_codes.inc"
#undef TD_ROW
};
enum { NPLANS = sizeof(plans) / sizeof(*plans) };

struct area {
	int         code;
	const char *region; /* "" for none */
	const char *why;
};

/* Codes after +1 that are not of the United States and not told by leading digits. */
static const struct area areas[] = {
#define TD_ROW(code, region, why) { code, region, why },
#include "nanp_region.inc"
#undef TD_ROW
};

/* Codes of no country, by what they cost: the rest of them are "non-geographic". */
static const struct {
	int         cc;
	const char *kind;
} special[] = {
	{ 808, "shared-cost" }, { 870, "satellite" }, { 878, "premium" }, { 881, "satellite" },
	{ 882, "satellite" }, { 883, "satellite" }, { 979, "premium" },
};

/* What was typed, as digits. */
struct typed {
	char   digits[MAX_DIGITS + 1];
	size_t n;
	bool   plus;
	size_t zero; /* position of a "(0)", or SIZE_MAX */
};

/* ---- patterns: compiled at their first use, then shared by all threads ---- */

static struct {
	regex_t     regex;
	atomic_bool ready;
} compiled[NPLANS][PATTERNS];
static pthread_mutex_t compiling = PTHREAD_MUTEX_INITIALIZER;

/* Digits that the pattern takes at the front of s, or 0 when there is no such pattern or no match. */
static size_t match(const struct plan *plan, enum pattern which, const char *s)
{
	size_t row = (size_t)(plan - plans);
	const char *text = plan->pattern[which];
	regmatch_t at[1];

	if (!text)
		return 0;
	/* One that finds no memory is no hint this time, and is tried again at the next number. */
	if (!atomic_load_explicit(&compiled[row][which].ready, memory_order_acquire)) {
		bool ready;

		pthread_mutex_lock(&compiling);
		ready = atomic_load_explicit(&compiled[row][which].ready, memory_order_relaxed) ||
			regcomp(&compiled[row][which].regex, text, REG_EXTENDED) == 0;
		atomic_store_explicit(&compiled[row][which].ready, ready, memory_order_release);
		pthread_mutex_unlock(&compiling);
		if (!ready)
			return 0;
	}
	if (regexec(&compiled[row][which].regex, s, 1, at, 0))
		return 0;
	return (size_t)at[0].rm_eo;
}

/* ---- tables ---- */

/* The main region of the code that s begins with, NULL for none; and the digits of the code. Codes are prefix-free. */
static const struct plan *plan_of(const char *s, size_t *ndigits)
{
	int cc = 0;
	size_t n;
	size_t i;

	for (n = 0; n < 3 && s[n] && s[0] != '0'; n++) {
		cc = cc * 10 + (s[n] - '0');
		for (i = 0; i < NPLANS; i++)
			if (plans[i].cc == cc) {
				*ndigits = n + 1;
				return &plans[i];
			}
	}
	return NULL;
}

static const struct plan *plan_of_region(const char *region)
{
	size_t i;

	for (i = 0; region && i < NPLANS; i++)
		if (plans[i].region[0] && td_view_caseeq(td_view_str(plans[i].region), td_view_str(region)))
			return &plans[i];
	return NULL;
}

static const struct area *area_of(const char *national)
{
	int code = (national[0] - '0') * 100 + (national[1] - '0') * 10 + (national[2] - '0');
	size_t i;

	for (i = 0; i < sizeof(areas) / sizeof(*areas); i++)
		if (areas[i].code == code)
			return &areas[i];
	return NULL;
}

/*
 * Which of the regions that share main's code a national number belongs to: by leading digits where the plan has
 * them; else main if it looks like a mobile of main; else the first that knows it as a mobile; else main.
 */
static const struct plan *region_of(const struct plan *main, const char *national)
{
	const struct plan *end = plans + NPLANS;
	const struct plan *p;

	for (p = main; p < end && p->cc == main->cc; p++)
		if (match(p, PATTERN_LEAD, national))
			return p;
	if (match(main, PATTERN_MOBILE, national))
		return main;
	for (p = main + 1; p < end && p->cc == main->cc; p++)
		if (!p->pattern[PATTERN_LEAD] && match(p, PATTERN_MOBILE, national))
			return p;
	return main;
}

static const char *kind_of(const struct plan *plan, const char *national)
{
	size_t i;

	if (!plan->region[0]) {
		for (i = 0; i < sizeof(special) / sizeof(*special); i++)
			if (special[i].cc == plan->cc)
				return special[i].kind;
		return "non-geographic";
	}
	if (!plan->pattern[PATTERN_MOBILE])
		return "fixed-or-mobile"; /* not to be told apart */
	return match(plan, PATTERN_MOBILE, national) ? "mobile" : "possible";
}

/* ---- reading ---- */

static enum td_status refuse(struct td_err *err, struct td_view input, const char *what)
{
	char quoted[TD_QUOTE_SIZE];

	return td_err_dsn(err, TD_BADINPUT, "5.1.3", "%s: %s", td_quote(quoted, input), what);
}

static enum td_status no_number(struct td_err *err, struct td_view input)
{
	return refuse(err, input, "not a phone number (want +COUNTRY NUMBER)");
}

static int digit_value(ucs4_t c)
{
	static const ucs4_t zeros[] = { '0', 0xFF10, 0x660, 0x6F0 }; /* ASCII, full width, Arabic-Indic, Persian */
	size_t i;

	for (i = 0; i < sizeof(zeros) / sizeof(*zeros); i++)
		if (c >= zeros[i] && c <= zeros[i] + 9)
			return (int)(c - zeros[i]);
	return -1;
}

/* What people put between digits, and the invisible marks that come along when a number is pasted. */
static bool is_separator(ucs4_t c)
{
	if (c < 0x80)
		return c && strchr(" -.()/", (int)c);
	return c == 0xA0 || (c >= 0x2000 && c <= 0x2015) || (c >= 0x202A && c <= 0x202F) || (c >= 0x2060 && c <= 0x2069) ||
		c == 0x2212 || c == 0x3000 || c == 0xFEFF || c == 0xFF08 || c == 0xFF09 || c == 0xFF0D || c == 0xFF0E ||
		c == 0xFF0F;
}

static enum td_status read_digits(struct td_view input, struct typed *out, struct td_err *err)
{
	struct td_view v = td_view_trim(input);
	size_t i;
	int size;

	*out = (struct typed){ .zero = SIZE_MAX };
	if (td_view_casestarts(v, TD_VLIT("tel:")))
		v = td_view_skip(v, 4);
	for (i = 0; i < v.n; i += (size_t)size) {
		ucs4_t c;
		int digit;

		size = u8_mbtouc(&c, (const uint8_t *)v.p + i, v.n - i);
		digit = digit_value(c);
		if (digit >= 0) {
			if (out->n == MAX_DIGITS)
				return refuse(err, input, "too long for a phone number (15 digits at most)");
			out->digits[out->n++] = (char)('0' + digit);
		} else if ((c == '+' || c == 0xFF0B) && out->n == 0 && !out->plus) {
			out->plus = true;
		} else if (out->n && (c == 'x' || c == 'X' || c == '#' || c == ';' || c == ',')) {
			return refuse(err, input, "a number with an extension or parameters gets no SMS");
		} else if (!is_separator(c)) {
			return no_number(err, input);
		}
		if (c == '(' && td_view_starts(td_view_skip(v, i), TD_VLIT("(0)")) && out->zero == SIZE_MAX)
			out->zero = out->n;
	}
	return out->n ? TD_OK : no_number(err, input);
}

static enum td_status wrong_length(struct td_err *err, struct td_view input, const struct plan *plan, size_t n)
{
	char quoted[TD_QUOTE_SIZE];
	int shortest;
	int longest;

	for (shortest = 1; shortest < E164_DIGITS && !(plan->lengths >> shortest & 1); shortest++)
		;
	for (longest = E164_DIGITS; longest > shortest && !(plan->lengths >> longest & 1); longest--)
		;
	if (shortest == longest)
		return td_err_dsn(err, TD_BADINPUT, "5.1.3", "%s: %zu digits after +%d (want %d)", td_quote(quoted, input), n,
			plan->cc, shortest);
	return td_err_dsn(err, TD_BADINPUT, "5.1.3", "%s: %zu digits after +%d (want %d to %d)", td_quote(quoted, input), n,
		plan->cc, shortest, longest);
}

/* Fills *out from a national number of main's code. */
static enum td_status settle(const struct plan *main, const char *national, struct td_view input, struct td_number *out,
	struct td_err *err)
{
	const struct plan *plan = main;
	const struct area *area = NULL;
	struct td_number number = { .cc = main->cc };
	size_t n = strlen(national);
	int ndigits;

	/* Out of use since 2019, but still in address books: +52 1 and ten digits. */
	if (main->cc == CC_MEXICO && n == 11 && national[0] == '1') {
		national++;
		n--;
	}
	if (!(main->lengths >> n & 1))
		return wrong_length(err, input, main, n);
	ndigits = snprintf(number.e164, sizeof(number.e164), "+%d%s", main->cc, national) - 1;
	if (ndigits < E164_LEAST)
		return no_number(err, input);
	if (ndigits > E164_DIGITS)
		return refuse(err, input, "too long for a phone number (15 digits at most)");
	if (main->cc == CC_NANP) {
		if (national[0] < '2')
			return refuse(err, input, "no area code begins with 0 or 1 (want +1 and 10 digits)");
		area = area_of(national);
	} else if (main->region[0] && main->trunk[0] == '0' && national[0] == '0') {
		return refuse(err, input, "leave out the 0 after the country code");
	}
	if (!area)
		plan = region_of(main, national);
	snprintf(number.region, sizeof(number.region), "%s", area ? area->region : plan->region);
	if (area && !area->region[0])
		number.kind = strcmp(area->why, "premium") == 0 ? "premium" : "non-geographic";
	else
		number.kind = kind_of(plan, national);
	*out = number;
	return TD_OK;
}

static enum td_status international(const struct typed *typed, size_t skip, struct td_view input, struct td_number *out,
	struct td_err *err)
{
	char digits[MAX_DIGITS + 1];
	size_t ncc;
	const struct plan *main;

	snprintf(digits, sizeof(digits), "%s", typed->digits + skip);
	main = plan_of(digits, &ncc);
	if (!main)
		return digits[0] ? refuse(err, input, "no such country code (want +COUNTRY NUMBER)") : no_number(err, input);
	/* "+44 (0)20 …": the 0 is for callers in the country. Italy has no such prefix, its 0 belongs to the number. */
	if (typed->zero == skip + ncc && strcmp(main->trunk, "0") == 0)
		memmove(digits + ncc, digits + ncc + 1, strlen(digits + ncc));
	return settle(main, digits + ncc, input, out, err);
}

/*
 * A number without + in the country of home: with its national prefix, which goes. Where there is one, digits without
 * it are taken only if they look like a mobile: anything else may be a short code, or an international number that
 * has lost its +.
 */
static enum td_status national(const struct plan *home, const char *digits, struct td_view input, struct td_number *out,
	struct td_err *err)
{
	const struct plan *main = home;
	size_t ntrunk = strlen(home->trunk);
	size_t n = strlen(digits);

	while (!main->main)
		main--;
	if (ntrunk && strncmp(digits, home->trunk, ntrunk) == 0 && (main->lengths >> (n - ntrunk) & 1))
		return settle(main, digits + ntrunk, input, out, err);
	if (!(main->lengths >> n & 1))
		return no_number(err, input);
	if (ntrunk && main->cc != CC_NANP && !match(home, PATTERN_MOBILE, digits) && !match(main, PATTERN_MOBILE, digits))
		return no_number(err, input);
	return settle(main, digits, input, out, err);
}

enum td_status td_number_parse(struct td_view input, const char *home, struct td_number *out, struct td_err *err)
{
	const struct plan *plan = plan_of_region(home);
	struct typed typed;
	size_t idd;

	if (read_digits(input, &typed, err))
		return TD_BADINPUT;
	if (typed.plus)
		return international(&typed, 0, input, out, err);
	idd = plan ? match(plan, PATTERN_IDD, typed.digits) : 0;
	if (typed.digits[0] == '0' && typed.digits[1] == '0') {
		/* 00 is understood everywhere; where home's prefix begins so as well ("0011", Australia), what fits. */
		if (idd <= 2 || international(&typed, 2, input, out, NULL) == TD_OK)
			return international(&typed, 2, input, out, err);
	}
	if (idd)
		return international(&typed, idd, input, out, err);
	return plan ? national(plan, typed.digits, input, out, err) : no_number(err, input);
}

/* ---- permission ---- */

static bool listed(const char *region, const char *const *countries, size_t ncountries, const char *home)
{
	size_t i;

	if (ncountries == 0)
		return home && td_view_caseeq(td_view_str(home), td_view_str(region));
	for (i = 0; i < ncountries; i++)
		if (td_view_caseeq(td_view_str(countries[i]), td_view_str(region)))
			return true;
	return false;
}

enum td_status td_number_allowed(const struct td_number *number, const char *const *countries, size_t ncountries,
	const char *home, const char **reason, struct td_err *err)
{
	char masked[TD_MASK_SIZE];

	td_mask(masked, td_view_str(number->e164));
	if (!number->region[0]) {
		*reason = "blocked-type";
		return td_err_dsn(err, TD_REFUSED, "5.7.1", "%s: no SMS to %s numbers", masked, number->kind);
	}
	if (listed(number->region, countries, ncountries, home))
		return TD_OK;
	*reason = "blocked-country";
	return td_err_dsn(err, TD_REFUSED, "5.7.1", "%s: no SMS to %s numbers (not in countries)", masked, number->region);
}
