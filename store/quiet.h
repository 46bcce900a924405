/*
 * quiet - may this SMS go at this hour: zones and region of a recipient, and when the quiet hours end (policy §7)
 *
 * Zones, best first: the mail's X-Tandem-TZ, the attribute `tz` on file, the number plan, quiet_hours.default_tz, else
 * every zone of every country of the configuration. Rules are those of the number's country, and of its state or
 * province where the number tells; of a part of the country that it does not tell, those of all parts. It must be open
 * in all of them. E-mail has no quiet hours.
 *
 * Owns: nothing, all is in the op's arena. Threads: the loop's.
 */
#ifndef TD_QUIET_H
#define TD_QUIET_H

#include "facts.h"

struct td_quiet {
	struct td_views zones;       /* it must be open in all of them */
	const char     *zone_source; /* header | stored | number | default_tz | countries */
	int64_t         now_ms;      /* as of when */
	int64_t         opens_at;    /* 0 = open then; without jitter */
	bool            never;       /* not within the days that are looked at: opens_at is the end of them */
	/* where it is closed; empty while it is open */
	const char     *region;      /* "US-FL", "*" */
	const char     *rule;        /* "US-FL mon-sun 09:00-20:00"; "US-FL" when no rule lists the day */
	const char     *source;      /* of the rule; may be "" */
	struct td_view  zone;
};

/*
 * Fills g->quiet, and opens_at and quiet_rule of g->facts, for an SMS whose class has quiet hours, as of op->now_ms.
 * opens_at is the opening plus up to 15 minutes, always the same for one job, and still within the open hours and the
 * message's life. Fails only for lack of memory.
 */
enum td_status td_quiet_fill(struct td_store *store, struct td_op *op, struct td_gather *g);
/* The attribute `tz` among rows of statement attrs_of_addr; empty when there is none. */
struct td_view td_quiet_zone_of(const struct td_rows *attrs);
/* "quiet hours (US-FL mon-sun 09:00-20:00; SOURCE): it is 21:14 there (America/New_York); goes at 2026-11-26 09:07:31
 * -05:00", of a message that waits for them. */
struct td_view td_quiet_words(struct td_op *op, const struct td_gather *g);

#endif
