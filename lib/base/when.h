/*
 * when - dates and durations as people and mail write them
 *
 * Sources: RFC 5322 §3.3 (with obsolete zones), ISO 8601 / RFC 3339. A date without a zone is refused, never guessed.
 * Threads: pure (no localtime). Errors: TD_BADINPUT with the quoted input.
 */
#ifndef TD_WHEN_H
#define TD_WHEN_H

#include "err.h"
#include "view.h"

#define TD_TIME_SIZE 32

/*
 * RFC 5322 or ISO 8601 date and time with zone → Unix milliseconds. Years 1970–9999. A weekday must be the right one;
 * military zones other than Z say nothing (RFC 5322 §4.3) and are refused.
 */
enum td_status td_when_date(struct td_view v, int64_t *out_ms, struct td_err *err);
/* "90s", "30m", "2h", "3d", "1w", "250ms", or several added ("1h30m") → milliseconds, 0 … 10 years. */
enum td_status td_when_duration(struct td_view v, int64_t *out_ms, struct td_err *err);
/* A calendar day. */
struct td_day {
	int year, month, day; /* month and day from 1 */
	int weekday;          /* 0 = Sunday */
};
/* Days since 1970-01-01, 0 and later; and back, of a date there is (td_day_exists). */
void td_day_of(int64_t days, struct td_day *out);
int64_t td_day_number(int year, int month, int day);
/* Is there such a day, in the years 1970 to 9999? */
bool td_day_exists(int year, int month, int day);
/* ISO 8601 UTC with milliseconds: 2026-11-24T23:42:49.123Z. */
void td_when_iso(char out[TD_TIME_SIZE], int64_t ms);
/* RFC 5322 in UTC: Tue, 24 Nov 2026 23:42:49 +0000. */
void td_when_rfc5322(char out[TD_TIME_SIZE + 8], int64_t ms);
/* Exact duration text, largest units first: "1h30m"; weeks only where they are whole: "2w", "10d". Below 0: "0s". */
void td_when_duration_text(char out[TD_TIME_SIZE], int64_t ms);

#endif
