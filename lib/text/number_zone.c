/*
 * number_zone - time zones by telephone number
 */
#include "number_zone.h"

/* Ordered by prefix; as an integer, which no other digits have: none begins with 0. */
static const struct prefix {
	uint32_t digits;
	uint32_t list; /* index into lists */
} prefixes[] = {
#define TD_ROW(digits, list) { digits, list },
#define TD_LIST(zones)
#include "phone_tz_prefix.inc"
#undef TD_ROW
#undef TD_LIST
};

/* Zones, separated by commas. */
static const char *const lists[] = {
#define TD_ROW(digits, list)
#define TD_LIST(zones) zones,
#include "phone_tz_prefix.inc"
#undef TD_ROW
#undef TD_LIST
};

static const struct {
	char        region[3];
	const char *zones;
} regions[] = {
#define TD_ROW(region, zones) { region, zones },
#include "phone_tz_region.inc"
#undef TD_ROW
};

/* The countries that `regions` leaves out. */
static const struct {
	char        region[3];
	const char *zones;
} wide[] = {
#define TD_ROW(region, zones) { region, zones },
#include "phone_tz_wide.inc"
#undef TD_ROW
};

/* Ordered by area code. */
static const struct {
	int         code;
	const char *parts;
} areas[] = {
#define TD_ROW(code, parts) { code, parts },
#include "nanp_part.inc"
#undef TD_ROW
};

static const char *of_prefix(uint32_t digits)
{
	size_t low = 0;
	size_t high = sizeof(prefixes) / sizeof(*prefixes);

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (prefixes[middle].digits == digits)
			return lists[prefixes[middle].list];
		if (prefixes[middle].digits < digits)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/*
 * Whether the digits tell a place: those of a fixed line, everything in North America, and mobiles where they have
 * area codes (as libphonenumber's isNumberGeographical). Others are of their country, wherever it is.
 */
static bool has_place(const struct td_number *number)
{
	static const int mobiles[] = { 52, 54, 55, 62, 86 };
	size_t i;

	if (number->cc == 1 || strcmp(number->kind, "fixed") == 0 || strcmp(number->kind, "fixed-or-mobile") == 0)
		return true;
	for (i = 0; i < sizeof(mobiles) / sizeof(*mobiles); i++)
		if (number->cc == mobiles[i])
			return strcmp(number->kind, "mobile") == 0;
	return false;
}

static const char *of_region(const char *region)
{
	size_t i;

	for (i = 0; i < sizeof(regions) / sizeof(*regions); i++)
		if (strcmp(regions[i].region, region) == 0)
			return regions[i].zones;
	return NULL;
}

static const char *of_number(const struct td_number *number)
{
	enum { LONGEST = 9 };
	const char *best = NULL;
	uint32_t digits = 0;
	size_t i;

	if (!number->region[0])
		return NULL;
	for (i = 1; i <= LONGEST && number->e164[i] && has_place(number); i++) {
		const char *zones;

		digits = digits * 10 + (uint32_t)(number->e164[i] - '0');
		zones = of_prefix(digits);
		if (zones)
			best = zones;
	}
	return best ? best : of_region(number->region);
}

/* Names separated by commas, or NULL, as views. */
static enum td_status list_of(const char *names, struct td_arena *arena, struct td_views *out, struct td_err *err)
{
	struct td_view rest = td_view_str(names);
	size_t n = 1;
	size_t i;

	*out = (struct td_views){ 0 };
	if (!rest.n)
		return TD_OK;
	for (i = 0; i < rest.n; i++)
		n += rest.p[i] == ',';
	out->v = TD_NEWN(arena, n, struct td_view);
	if (!out->v)
		return td_err_set(err, TD_NOMEM, "no room for time zones");
	while (out->n < n && td_view_next(&rest, ',', &out->v[out->n]))
		out->n++;
	return TD_OK;
}

enum td_status td_number_zones(const struct td_number *number, struct td_arena *arena, struct td_views *out,
	struct td_err *err)
{
	return list_of(of_number(number), arena, out, err);
}

enum td_status td_region_zones(const char *region, struct td_arena *arena, struct td_views *out, struct td_err *err)
{
	const char *zones = of_region(region);
	size_t i;

	for (i = 0; !zones && i < sizeof(wide) / sizeof(*wide); i++)
		if (strcmp(wide[i].region, region) == 0)
			zones = wide[i].zones;
	return list_of(zones, arena, out, err);
}

enum td_status td_number_parts(const struct td_number *number, struct td_arena *arena, struct td_views *out,
	struct td_err *err)
{
	const char *parts = NULL;
	int64_t code;
	size_t i;

	if (number->cc == 1 && number->region[0] && td_view_i64(td_view_mem(number->e164 + 2, 3), &code))
		for (i = 0; i < sizeof(areas) / sizeof(*areas); i++)
			if (areas[i].code == code)
				parts = areas[i].parts;
	return list_of(parts, arena, out, err);
}
