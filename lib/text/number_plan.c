/*
 * number_plan - numbering plans of the world: country codes, their regions, kinds of numbers
 */
#include "number_plan.h"

#include <string.h>

#include "number_pattern.h"
#include "view.h"

/* Ordered by code, the main region first. */
static const struct td_plan plans[] = {
#define TD_ROW(cc, region, main, trunk, lengths, strip, idd, lead, bare) \
	{ cc, region, main, trunk, lengths, strip, idd, lead, bare },
#include "country_calling_codes.inc"
#undef TD_ROW
};
enum { NPLANS = sizeof(plans) / sizeof(*plans) };

/* Ordered by code; of a region in the order of the test. */
static const struct kind_row {
	uint16_t    cc;
	char        region[3];
	uint8_t     kind;
	const char *pattern;
} kinds[] = {
#define TD_ROW(cc, region, kind, pattern) { cc, region, kind, pattern },
#include "phone_kinds.inc"
#undef TD_ROW
};
enum { NKINDS = sizeof(kinds) / sizeof(*kinds) };

/* Codes after +1 that are not of the United States and not told by leading digits. */
static const struct area {
	int  code;
	char region[3]; /* "" for none */
} areas[] = {
#define TD_ROW(code, region) { code, region },
#include "nanp_region.inc"
#undef TD_ROW
};

/* Codes of no country, by what they cost; the rest of them are "non-geographic". */
static const struct {
	int          cc;
	enum td_kind kind;
} special[] = {
	{ 808, TD_KIND_SHARED_COST }, { 870, TD_KIND_SATELLITE }, { 878, TD_KIND_PREMIUM }, { 881, TD_KIND_SATELLITE },
	{ 882, TD_KIND_SATELLITE }, { 883, TD_KIND_SATELLITE }, { 979, TD_KIND_PREMIUM },
};

const char *td_kind_name(enum td_kind kind)
{
	static const char *const names[TD_KINDS] = {
		[TD_KIND_NONE] = "possible",
		[TD_KIND_FIXED] = "fixed",
		[TD_KIND_MOBILE] = "mobile",
		[TD_KIND_FIXED_OR_MOBILE] = "fixed-or-mobile",
		[TD_KIND_TOLL_FREE] = "toll-free",
		[TD_KIND_PREMIUM] = "premium",
		[TD_KIND_SHARED_COST] = "shared-cost",
		[TD_KIND_PERSONAL] = "personal",
		[TD_KIND_PAGER] = "pager",
		[TD_KIND_UAN] = "uan",
		[TD_KIND_VOICEMAIL] = "voicemail",
		[TD_KIND_VOIP] = "voip",
		[TD_KIND_SATELLITE] = "satellite",
		[TD_KIND_NON_GEOGRAPHIC] = "non-geographic",
	};

	return names[kind];
}

/* Codes are prefix-free. */
const struct td_plan *td_plan_of_digits(const char *digits, size_t *ncc)
{
	int cc = 0;
	size_t n;
	size_t i;

	for (n = 0; n < 3 && digits[n] && digits[0] != '0'; n++) {
		cc = cc * 10 + (digits[n] - '0');
		for (i = 0; i < NPLANS && plans[i].cc <= cc; i++)
			if (plans[i].cc == cc) {
				*ncc = n + 1;
				return &plans[i];
			}
	}
	return NULL;
}

const struct td_plan *td_plan_of_region(const char *region)
{
	size_t i;

	for (i = 0; region && i < NPLANS; i++)
		if (plans[i].region[0] && td_view_caseeq(td_view_str(plans[i].region), td_view_str(region)))
			return &plans[i];
	return NULL;
}

const struct td_plan *td_plan_main(const struct td_plan *plan)
{
	while (!plan->main)
		plan--;
	return plan;
}

static const struct kind_row *first_of_code(int cc)
{
	size_t low = 0;
	size_t high = NKINDS;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (kinds[middle].cc < cc)
			low = middle + 1;
		else
			high = middle;
	}
	return &kinds[low];
}

enum td_kind td_plan_kind(const struct td_plan *plan, const char *national)
{
	const struct kind_row *end = kinds + NKINDS;
	const struct kind_row *row;
	enum td_kind kind = TD_KIND_NONE;

	for (row = first_of_code(plan->cc); row < end && row->cc == plan->cc; row++) {
		if (strcmp(row->region, plan->region) != 0 || !td_pattern_whole(row->pattern, national))
			continue;
		if (row->kind != TD_KIND_FIXED && kind == TD_KIND_NONE)
			return row->kind;
		/* Fixed comes before mobile, the last: who is both cannot be told apart. */
		kind = kind == TD_KIND_NONE ? TD_KIND_FIXED : TD_KIND_FIXED_OR_MOBILE;
	}
	return kind;
}

static enum td_kind kind_of_code(int cc)
{
	size_t i;

	for (i = 0; i < sizeof(special) / sizeof(*special); i++)
		if (special[i].cc == cc)
			return special[i].kind;
	return TD_KIND_NON_GEOGRAPHIC;
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

/* A North American number that belongs to Canada or to no country; whoever lists such a number tells what it costs. */
static const struct td_plan *settle_area(const struct td_plan *main, const struct area *area, const char *national,
	const char **region, enum td_kind *kind)
{
	const struct td_plan *plan = area->region[0] ? td_plan_of_region(area->region) : main;

	*region = area->region;
	*kind = td_plan_kind(plan, national);
	if (area->region[0])
		return plan;
	for (; *kind == TD_KIND_NONE && plan < plans + NPLANS && plan->cc == main->cc; plan++)
		*kind = td_plan_kind(plan, national);
	if (*kind == TD_KIND_NONE)
		*kind = TD_KIND_NON_GEOGRAPHIC;
	return main;
}

const struct td_plan *td_plan_settle(const struct td_plan *main, const char *national, const char **region,
	enum td_kind *kind)
{
	const struct area *area = main->cc == TD_CC_NANP ? area_of(national) : NULL;
	const struct td_plan *end = plans + NPLANS;
	const struct td_plan *p;

	if (area)
		return settle_area(main, area, national, region, kind);
	*region = main->region;
	*kind = TD_KIND_NONE;
	if (!main->region[0]) {
		*kind = kind_of_code(main->cc);
		return main;
	}
	for (p = main; p < end && p->cc == main->cc; p++) {
		if (p->lead && !td_pattern_ends(p->lead, national))
			continue;
		*kind = td_plan_kind(p, national);
		if (p->lead || *kind != TD_KIND_NONE) {
			*region = p->region;
			return p;
		}
	}
	return main;
}
