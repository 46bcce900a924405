/*
 * number_zone - time zones by telephone number
 *
 * Tables of lib/text/data: phone_tz_prefix.tsv (libphonenumber's zones by prefix, Apache-2.0) and phone_tz_region.tsv
 * (the same, corrected by zone.tab of the tz database, public domain), phone_tz_wide.tsv (zone.tab). A zone is a guess:
 * people travel and take their numbers along. Threads: pure.
 */
#ifndef TD_NUMBER_ZONE_H
#define TD_NUMBER_ZONE_H

#include "arena.h"
#include "err.h"
#include "msg.h"
#include "number.h"

/*
 * Zones where the owner of a number may be, names of the tz database: those of the longest prefix that has some, if its
 * digits tell a place (fixed lines, North America, mobiles of countries where they have area codes), else those of its
 * region. Several are all possible: whoever waits for a fit hour waits until it is fit in each. Empty, and no error,
 * when nothing is known: numbers of no country, and those without a place in countries so wide that "one of their
 * zones" would say nothing (the United States, Canada, Russia); the caller then uses quiet_hours.default_tz. number is
 * what td_number_parse gave. Only the list is in arena, names are constants. TD_NOMEM when arena is full; *out is then
 * empty.
 */
enum td_status td_number_zones(const struct td_number *number, struct td_arena *arena, struct td_views *out,
	struct td_err *err);
/*
 * All zones of a region (ISO 3166 alpha-2), also of the wide ones: for whom nothing else tells a zone. Empty for one
 * that is not known. As above.
 */
enum td_status td_region_zones(const char *region, struct td_arena *arena, struct td_views *out, struct td_err *err);
/*
 * The parts of a country (ISO 3166-2: "US-FL") whose numbers begin like this one: one state of the United States, one
 * or some provinces of Canada (nanp_part.tsv, libphonenumber's geocodes, Apache-2.0). Empty for other countries, and
 * for area codes that are newer than the table. As above.
 */
enum td_status td_number_parts(const struct td_number *number, struct td_arena *arena, struct td_views *out,
	struct td_err *err);

#endif
