/*
 * quiet_opening - when the quiet hours of one region end in some zones, as text (tests)
 */
#ifndef TD_QUIET_OPENING_H
#define TD_QUIET_OPENING_H

#include "quiet_rules.h"
#include "quiet_time.h"

/* The opening in one region and zones ("A,B") from a time on, as UTC; "now" when it is open. */
static inline const char *opening(const struct table *table, const char *region, enum td_class class, const char *zones,
	int64_t from)
{
	static char          iso[TD_TIME_SIZE];
	struct td_quiet_zone zone[8] = { { .until_ms = 0 } };
	struct td_quiet_place place;
	struct td_view       rest = td_view_str(zones), name;
	struct td_err        err;
	int64_t              opens;
	size_t               n = 0;

	while (td_view_next(&rest, ',', &name))
		zone[n++].name = name;
	if (!td_quiet_place(table->v, table->n, region, class, &arena, &place))
		bail_out("no memory");
	if (td_quiet_opening(&place, 1, zone, n, from, from + 9 * DAY, &opens, NULL, &err))
		return "error";
	if (opens == from)
		return "now";
	if (opens == INT64_MAX)
		return "never";
	td_when_iso(iso, opens);
	return iso;
}

#endif
