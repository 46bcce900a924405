/*
 * conf_quiet - the rules of quiet hours: when service and marketing SMS may go, by region and day (policy §7)
 *
 * Read from the CSV that quiet_hours.file names, columns region,days,open,close,classes,holidays,source,reviewed (the
 * first line names them); `#` begins a comment line, fields may be quoted, several values stand with `;` between.
 *
 *   region    "*", a country ("US"), or a part of one ("US-FL")
 *   days      mon … sun, ranges "mon-sat"; empty or "*": every day
 *   open,close  HH:MM local time, the window is [open, close); close 24:00, or less than open: over midnight; both
 *             empty: closed all day. Several rows of one region and day add up.
 *   classes   service, marketing, transactional (of categories with quiet = true; those keep the hours of service where
 *             no row speaks of them); empty: service;marketing
 *   holidays  closed then: 2026-12-25, 12-25, easter, easter+1, easter-2, mon3/01 (third Monday of January), mon-1/05
 *             (last Monday of May)
 *   source, reviewed  where the hours come from and when somebody last looked (YYYY-MM-DD): for people
 *
 * On each day the rows of the most specific region that lists it count, then those of "*"; a day that nobody lists is
 * closed.
 *
 * Owns: nothing; rules live in the arena of the snapshot. Threads: read-only. Errors: TD_BADINPUT "FILE:LINE: …".
 */
#ifndef TD_CONF_QUIET_H
#define TD_CONF_QUIET_H

#include "conf.h"
#include "when.h"

enum { TD_QUIET_DAY_MINUTES = 24 * 60 };

struct td_quiet_holiday {
	enum { TD_HOLIDAY_DATE, TD_HOLIDAY_EASTER, TD_HOLIDAY_WEEKDAY } kind;
	int year;    /* DATE: 0 = every year */
	int month;
	int day;     /* DATE; EASTER: days after Easter Sunday */
	int weekday; /* WEEKDAY */
	int nth;     /* WEEKDAY: 1 … 5, or -1 for the last */
};

struct td_quiet_rule { /* a row */
	const char *region;
	unsigned    days;    /* bits 1 << weekday, 0 = Sunday */
	bool        closed;  /* all day: open and close say nothing */
	int         open;    /* minutes of the local day */
	int         close;   /* not over `open`: on the next day */
	unsigned    classes; /* bits 1 << enum td_class */
	const struct td_quiet_holiday *holidays;
	size_t      nholidays;
	const char *source;   /* "" when nothing is said */
	const char *reviewed;
	const char *name;     /* "US-FL mon-sun 09:00-20:00": for verdicts and `why` */
	int         line;     /* in its file; 0 of the built-in ones */
};

/* The rules in force: those of the file, else the built-in ones (every day 09:00 to 21:00). Never empty. */
const struct td_quiet_rule *td_quiet_rules(const struct td_conf *conf, size_t *n);
/* Is the day (since 1970-01-01, local) one of the holidays of the rule? */
bool td_quiet_is_holiday(const struct td_quiet_rule *rule, int64_t day);
/* Does a rule for `rule` speak of the region: is it the same, a country it is a part of, or "*"? Its level: 0 for the
 * same, higher for broader, -1 for none. */
int td_quiet_level(const char *rule, const char *region);

/* One problem of a file: its line and what. */
typedef void td_quiet_problem(void *arg, int line, const char *what);
/*
 * Parses CSV text into rules in arena. Every problem goes through `problem`; false when there was one. Checked: each
 * field, rows that contradict one another, regions and `countries` whose service or marketing could never go.
 */
bool td_quiet_parse(struct td_view text, const struct td_strings *countries, struct td_arena *arena,
	struct td_quiet_rule **out, size_t *nout, td_quiet_problem *problem, void *arg);

#endif
