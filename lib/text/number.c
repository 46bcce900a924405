/*
 * number - telephone numbers as people write them → E.164, region and kind
 */
#include "number.h"

#include <stdio.h>
#include <unistr.h>

#include "log.h"
#include "number_pattern.h"
#include "number_plan.h"
#include "quote.h"

enum {
	E164_LEAST = 7, /* the shortest there are: +683 and four digits */
	E164_DIGITS = 15,
	MAX_DIGITS = 24 /* with an international prefix and what people add; more is no number */
};

/* What was typed, as digits. */
struct typed {
	char   digits[MAX_DIGITS + 1];
	size_t n;
	bool   plus;
	size_t zero; /* position of a "(0)", or SIZE_MAX */
};

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

static bool has_length(const struct td_plan *plan, size_t n)
{
	return n <= E164_DIGITS && plan->lengths >> n & 1;
}

static enum td_status wrong_length(struct td_err *err, struct td_view input, const struct td_plan *plan, size_t n)
{
	char quoted[TD_QUOTE_SIZE];
	size_t shortest;
	size_t longest;

	for (shortest = 1; shortest < E164_DIGITS && !has_length(plan, shortest); shortest++)
		;
	for (longest = E164_DIGITS; longest > shortest && !has_length(plan, longest); longest--)
		;
	if (shortest == longest)
		return td_err_dsn(err, TD_BADINPUT, "5.1.3", "%s: %zu digits after +%d (want %zu)", td_quote(quoted, input), n,
			plan->cc, shortest);
	return td_err_dsn(err, TD_BADINPUT, "5.1.3", "%s: %zu digits after +%d (want %zu to %zu)", td_quote(quoted, input),
		n, plan->cc, shortest, longest);
}

/* Fills *out from a national number of main's code. */
static enum td_status settle(const struct td_plan *main, const char *national, struct td_view input,
	struct td_number *out, struct td_err *err)
{
	struct td_number number = { .cc = main->cc };
	size_t n = strlen(national);
	const char *region;
	enum td_kind kind;
	int ndigits;

	/* Out of use since 2019, but still in address books: +52 1 and ten digits. */
	if (main->cc == TD_CC_MEXICO && n == 11 && national[0] == '1') {
		national++;
		n--;
	}
	if (!has_length(main, n))
		return wrong_length(err, input, main, n);
	ndigits = snprintf(number.e164, sizeof(number.e164), "+%d%s", main->cc, national) - 1;
	if (ndigits < E164_LEAST)
		return no_number(err, input);
	if (ndigits > E164_DIGITS)
		return refuse(err, input, "too long for a phone number (15 digits at most)");
	if (main->cc == TD_CC_NANP && national[0] < '2')
		return refuse(err, input, "no area code begins with 0 or 1 (want +1 and 10 digits)");
	td_plan_settle(main, national, &region, &kind);
	if (kind == TD_KIND_NONE && main->trunk[0] == '0' && national[0] == '0')
		return refuse(err, input, "leave out the 0 after the country code");
	snprintf(number.region, sizeof(number.region), "%s", region);
	number.kind = td_kind_name(kind);
	*out = number;
	return TD_OK;
}

static enum td_status international(const struct typed *typed, size_t skip, struct td_view input, struct td_number *out,
	struct td_err *err)
{
	char digits[MAX_DIGITS + 1];
	size_t ncc;
	const struct td_plan *main;

	snprintf(digits, sizeof(digits), "%s", typed->digits + skip);
	main = td_plan_of_digits(digits, &ncc);
	if (!main)
		return digits[0] ? refuse(err, input, "no such country code (want +COUNTRY NUMBER)") : no_number(err, input);
	/* "+44 (0)20 …": the 0 is for callers in the country. Italy has no such prefix, its 0 belongs to the number. */
	if (typed->zero == skip + ncc && strcmp(main->trunk, "0") == 0)
		memmove(digits + ncc, digits + ncc + 1, strlen(digits + ncc));
	return settle(main, digits + ncc, input, out, err);
}

/* ---- the national form ---- */

static enum td_kind kind_at(const struct td_plan *main, const char *national)
{
	enum td_kind kind;
	const char *region;

	td_plan_settle(main, national, &region, &kind);
	return kind;
}

/*
 * What follows the national prefix, in the longest way (of several) that gives a number somebody knows; else, *known
 * false, in the longest that gives the right length where there is officially such a prefix. NULL for none.
 */
static const char *stripped(const struct td_plan *home, const struct td_plan *main, const char *digits, bool *known)
{
	uint32_t ends = td_pattern_ends(home->strip, digits);
	size_t n = strlen(digits);
	const char *fits = NULL;
	size_t i;

	*known = true;
	for (i = n; i > 0; i--) {
		if (!(ends >> i & 1) || !has_length(main, n - i))
			continue;
		if (kind_at(main, digits + i) != TD_KIND_NONE)
			return digits + i;
		if (!fits && home->trunk[0])
			fits = digits + i;
	}
	*known = false;
	return fits;
}

/* Argentina writes a mobile as area code, 15, number: abroad it is 9, area code, number. True if out holds that. */
static bool from_15(const struct td_plan *main, const char *digits, char *out, size_t size)
{
	size_t narea;

	if (digits[0] == '0')
		digits++;
	if (main->cc != TD_CC_ARGENTINA || strlen(digits) != 12)
		return false;
	for (narea = 2; narea <= 4; narea++) {
		if (strncmp(digits + narea, "15", 2) != 0)
			continue;
		snprintf(out, size, "9%.*s%s", (int)narea, digits, digits + narea + 2);
		if (kind_at(main, out) == TD_KIND_MOBILE)
			return true;
	}
	return false;
}

/* True of a number of main that somebody knows, behind its country code. */
static bool lost_plus(const struct td_plan *main, const char *digits)
{
	size_t ncc;

	return td_plan_of_digits(digits, &ncc) == main && has_length(main, strlen(digits + ncc)) &&
		kind_at(main, digits + ncc) != TD_KIND_NONE;
}

/*
 * A number without + in the country of home: with its national prefix, which goes. Where there is one, digits without
 * it are taken only if they are a mobile, or a number that the country writes without it: anything else may be a
 * short code, or an international number that has lost its +.
 */
static enum td_status national(const struct td_plan *home, const char *digits, struct td_view input,
	struct td_number *out, struct td_err *err)
{
	const struct td_plan *main = td_plan_main(home);
	enum td_kind whole = has_length(main, strlen(digits)) ? kind_at(main, digits) : TD_KIND_NONE;
	char mobile[MAX_DIGITS + 2];
	bool known;
	const char *rest = stripped(home, main, digits, &known);

	if (rest && known && (home->trunk[0] || whole == TD_KIND_NONE))
		return settle(main, rest, input, out, err);
	if (from_15(main, digits, mobile, sizeof(mobile)))
		return settle(main, mobile, input, out, err);
	if (whole == TD_KIND_MOBILE || whole == TD_KIND_FIXED_OR_MOBILE ||
		(whole != TD_KIND_NONE && td_pattern_ends(home->bare, digits)))
		return settle(main, digits, input, out, err);
	if (rest)
		return settle(main, whole == TD_KIND_NONE ? rest : digits, input, out, err);
	if (!has_length(main, strlen(digits)) || (home->trunk[0] && main->cc != TD_CC_NANP) || lost_plus(main, digits))
		return no_number(err, input);
	return settle(main, digits, input, out, err);
}

enum td_status td_number_parse(struct td_view input, const char *home, struct td_number *out, struct td_err *err)
{
	const struct td_plan *plan = td_plan_of_region(home);
	struct td_number number;
	struct typed typed;
	size_t idd;

	if (read_digits(input, &typed, err))
		return TD_BADINPUT;
	if (typed.plus)
		return international(&typed, 0, input, out, err);
	idd = plan ? td_pattern_front(plan->idd, typed.digits) : 0;
	/* 00 is understood everywhere; where home's prefix begins so as well ("0011", Australia), what fits. */
	if (typed.digits[0] == '0' && typed.digits[1] == '0' &&
		(idd <= 2 || international(&typed, 2, input, out, NULL) == TD_OK))
		idd = 2;
	/* 1230 is an international prefix in Chile, and begins numbers there; no country code begins with 0. */
	if (idd && plan && typed.digits[idd] == '0' &&
		national(plan, typed.digits, input, &number, NULL) == TD_OK && number.kind != td_kind_name(TD_KIND_NONE)) {
		*out = number;
		return TD_OK;
	}
	if (idd)
		return international(&typed, idd, input, out, err);
	return plan ? national(plan, typed.digits, input, out, err) : no_number(err, input);
}

/* ---- permission ---- */

static bool listed(const char *item, const char *const *list, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (td_view_caseeq(td_view_str(list[i]), td_view_str(item)))
			return true;
	return false;
}

/* Where the operator lets SMS go, whatever it is. Kinds that cost and have no country are opened by name alone. */
static bool region_allowed(const struct td_number *number, const struct td_conf *conf)
{
	static const char *const opened[] = { "premium", "satellite", "shared-cost" };

	if (number->region[0] && conf->countries.n == 0)
		return conf->home_country &&
			td_view_caseeq(td_view_str(conf->home_country), td_view_str(number->region));
	if (number->region[0])
		return listed(number->region, (const char *const *)conf->countries.v, conf->countries.n);
	return listed(number->kind, opened, sizeof(opened) / sizeof(*opened));
}

enum td_status td_number_allowed(const struct td_number *number, const struct td_conf *conf, const char **reason,
	struct td_err *err)
{
	bool region = region_allowed(number, conf);
	char masked[TD_MASK_SIZE];

	if (region && !listed(number->kind, (const char *const *)conf->blocked_kinds.v, conf->blocked_kinds.n))
		return TD_OK;
	td_mask(masked, td_view_str(number->e164));
	if (region || !number->region[0]) {
		*reason = "blocked-type";
		return td_err_dsn(err, TD_REFUSED, "5.7.1", "%s: no SMS to %s numbers", masked, number->kind);
	}
	*reason = "blocked-country";
	return td_err_dsn(err, TD_REFUSED, "5.7.1", "%s: no SMS to %s numbers (not in countries)", masked, number->region);
}
