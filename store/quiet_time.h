/*
 * quiet_time - when do the quiet hours of some places in some time zones all end?
 *
 * Windows are of local time: a zone's offset is taken from the tz database, so that days of 23 and 25 hours come out
 * right. A window that crosses midnight belongs to the day it opens on; its rest counts on the next day unless a more
 * specific region lists that day, a row closes it, or it is a holiday of the row.
 *
 * Threads: pure but for the table of zones. Owns: nothing.
 */
#ifndef TD_QUIET_TIME_H
#define TD_QUIET_TIME_H

#include "arena.h"
#include "conf_quiet.h"
#include "err.h"

struct td_quiet_place { /* rules that speak of one region and class */
	const char *region;
	size_t      n;
	struct {
		const struct td_quiet_rule *rule;
		int                         level; /* td_quiet_level */
	} *rules;
};

/* The rules of a region ("US-FL") for a class. False: no memory. */
bool td_quiet_place(const struct td_quiet_rule *rules, size_t n, const char *region, enum td_class class,
	struct td_arena *arena, struct td_quiet_place *out);
/* Is it open there, on a local day (since 1970-01-01) at ms of it? *why (may be NULL): the rule that decided, NULL when
 * none lists the day. */
bool td_quiet_open_at(const struct td_quiet_place *place, int64_t day, int64_t ms, const struct td_quiet_rule **why);

struct td_quiet_zone { /* a zone, and its offset as of the last look */
	struct td_view name;
	int64_t        offset_ms, from_ms, until_ms;
};

struct td_quiet_closed { /* where it is closed first */
	const struct td_quiet_place *place;
	struct td_view               zone;
	const struct td_quiet_rule  *rule; /* that says so; NULL: no rule lists the day */
};

/*
 * The first time from `from_ms` on at which it is open in all places in all zones; from_ms itself when it is open then.
 * INT64_MAX when there is none before limit_ms. *closed (may be NULL) says why not at from_ms, untouched when open.
 * TD_BADINPUT: a zone that does not exist.
 */
enum td_status td_quiet_opening(const struct td_quiet_place *places, size_t nplaces, struct td_quiet_zone *zones,
	size_t nzones, int64_t from_ms, int64_t limit_ms, int64_t *out, struct td_quiet_closed *closed, struct td_err *err);

#endif
