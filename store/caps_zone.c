/*
 * caps_zone - calendar windows: the day, week or month of a person, right on days of 23 and 25 hours
 *
 * A window is a range of local date keys. It begins with the first second whose local date is in it, which is not
 * midnight where the clocks go forward at midnight.
 */
#include "caps.h"
#include "number_zone.h"
#include "person.h"
#include "quiet.h"
#include "when.h"
#include "zone.h"

#define DAY_MS (24 * 60 * 60 * (int64_t)1000)
#define FAR_MS (26 * 60 * 60 * (int64_t)1000) /* no zone is so far from UTC */

/* Days since 1970-01-01, local. */
static int64_t local_day(struct td_view zone, int64_t ms)
{
	int     offset = 0;
	int64_t local;

	td_zone_offset(zone, ms, &offset, NULL);
	local = ms + offset * (int64_t)1000;
	return local >= 0 ? local / DAY_MS : 0;
}

/* The first second of a local day. */
static int64_t first_of(struct td_view zone, int64_t day)
{
	int64_t low = (day * DAY_MS - FAR_MS) / 1000, high = (day * DAY_MS + FAR_MS) / 1000;

	while (low < high) {
		int64_t middle = low + (high - low) / 2;

		if (local_day(zone, middle * 1000) >= day)
			high = middle;
		else
			low = middle + 1;
	}
	return low * 1000;
}

void td_caps_calendar(struct td_view zone, const char *unit, int64_t now_ms, int64_t *from, int64_t *until)
{
	int64_t       day = local_day(zone, now_ms), next = day + 1;
	struct td_day date;

	td_day_of(day, &date);
	if (strcmp(unit, "week") == 0) {
		day -= (date.weekday + 6) % 7;
		next = day + 7;
	} else if (strcmp(unit, "month") == 0) {
		day -= date.day - 1;
		next = date.month == 12 ? td_day_number(date.year + 1, 1, 1) : td_day_number(date.year, date.month + 1, 1);
	}
	*from = first_of(zone, day);
	*until = first_of(zone, next);
}

/*
 * Of the person and not of the message: a zone that one mail names would give its sender another day. Mail and SMS of a
 * person have one, the number's where nothing is on file.
 */
struct td_view td_caps_zone(const struct td_store *store, struct td_op *op, const struct td_gather *g)
{
	struct td_view   zone = td_quiet_zone_of(&g->attrs);
	struct td_view   addr = td_address_is_tel(g->addr) ? g->addr : td_person_number(&g->linked);
	struct td_number number;
	struct td_views  zones = { NULL, 0 };

	if (zone.n && td_zone_valid(zone))
		return zone;
	if (addr.n && !td_number_parse(td_address_plain(addr), NULL, &number, NULL) &&
		!td_number_zones(&number, op->arena, &zones, NULL) && zones.n == 1)
		return zones.v[0];
	return store->conf->quiet_hours.default_tz ? td_view_str(store->conf->quiet_hours.default_tz) : TD_VLIT("UTC");
}
