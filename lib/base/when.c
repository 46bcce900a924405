/*
 * when - reading and writing dates and durations
 */
#include "when.h"

#include <stdio.h>

#define DAY_MS INT64_C(86400000)
#define DURATION_MAX_MS (3653 * DAY_MS)

struct fields { /* a date as it was read, checked by to_ms */
	int64_t year, month, day, hour, minute, second, ms;
	int64_t zone_min; /* minutes east of UTC */
	int     weekday;  /* 0 = Sunday, -1 = not said */
};

/* Both in the order their numbers go by; three letters each. */
static const char month_names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
static const char day_names[] = "SunMonTueWedThuFriSat";

/* RFC 5322 §4.3: the zones of old that mean something. */
static const struct {
	const char *name;
	int         minutes;
} zones[] = {
	{ "Z", 0 }, { "UT", 0 }, { "UTC", 0 }, { "GMT", 0 }, { "EST", -300 }, { "EDT", -240 }, { "CST", -360 },
	{ "CDT", -300 }, { "MST", -420 }, { "MDT", -360 }, { "PST", -480 }, { "PDT", -420 },
};

/* ---- days -------------------------------------------------------------------------------------------------------- */

static bool is_leap(int64_t year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int64_t month_days(int64_t year, int64_t month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return days[month - 1] + (month == 2 && is_leap(year));
}

/* Days since 1970-01-01, of a year counted from March so that the leap day comes last. */
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
	int64_t y = month > 2 ? year : year - 1;
	int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

	return y * 365 + y / 4 - y / 100 + y / 400 + day_of_year - 719468;
}

/* The other way round, for days from 1970 on. */
static void date_of(int64_t days, struct fields *f)
{
	int64_t z = days + 719468;
	int64_t era = z / 146097, in_era = z % 146097;
	int64_t year_of_era = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
	int64_t day_of_year = in_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int64_t m = (5 * day_of_year + 2) / 153;

	f->day = day_of_year - (153 * m + 2) / 5 + 1;
	f->month = m < 10 ? m + 3 : m - 9;
	f->year = era * 400 + year_of_era + (f->month <= 2);
	f->weekday = (int)((days + 4) % 7); /* 1970-01-01 was a Thursday */
}

void td_day_of(int64_t days, struct td_day *out)
{
	struct fields f;

	date_of(days, &f);
	*out = (struct td_day){ (int)f.year, (int)f.month, (int)f.day, f.weekday };
}

int64_t td_day_number(int year, int month, int day)
{
	return days_of(year, month, day);
}

bool td_day_exists(int year, int month, int day)
{
	return year >= 1970 && year <= 9999 && month >= 1 && month <= 12 && day >= 1 && day <= month_days(year, month);
}

/* ---- reading: each takes what it reads off *rest and answers false on anything else ------------------------------ */

static bool take_char(struct td_view *rest, const char *any)
{
	if (rest->n == 0 || rest->p[0] == '\0' || !strchr(any, rest->p[0]))
		return false;
	*rest = td_view_skip(*rest, 1);
	return true;
}

/* Between min and max decimal digits; returns how many, 0 for too few. */
static size_t take_number(struct td_view *rest, size_t min, size_t max, int64_t *out)
{
	size_t n = 0;

	while (n < rest->n && n < max && rest->p[n] >= '0' && rest->p[n] <= '9')
		n++;
	if (n < min || !td_view_i64(td_view_mem(rest->p, n), out))
		return 0;
	*rest = td_view_skip(*rest, n);
	return n;
}

/* One of the three-letter names; -1 if there is none. */
static int take_name(struct td_view *rest, const char *names)
{
	for (int i = 0; names[i * 3]; i++)
		if (td_view_casestarts(*rest, td_view_mem(names + (size_t)i * 3, 3))) {
			*rest = td_view_skip(*rest, 3);
			return i;
		}
	return -1;
}

/* CFWS of RFC 5322: spaces and comments, nested. False for a comment that does not end. */
static bool take_space(struct td_view *rest)
{
	size_t depth = 0;

	while (rest->n > 0) {
		char c = rest->p[0];

		if (c == '(')
			depth++;
		else if (c == ')' && depth > 0)
			depth--;
		else if (c == '\\' && depth > 0 && rest->n > 1)
			*rest = td_view_skip(*rest, 1);
		else if (depth == 0 && c != ' ' && c != '\t' && c != '\r' && c != '\n')
			break;
		*rest = td_view_skip(*rest, 1);
	}
	return depth == 0;
}

/* +hhmm, +hh:mm, +hh (ISO 8601 only: with_short), or a name. */
static bool take_zone(struct td_view *rest, bool with_short, struct fields *f)
{
	int sign = rest->n > 0 && rest->p[0] == '-' ? -1 : 1;
	int64_t hours, minutes = 0;
	size_t n = 0;

	if (take_char(rest, "+-")) {
		if (!take_number(rest, 2, 2, &hours))
			return false;
		if (take_char(rest, ":") || (rest->n > 0 && rest->p[0] >= '0' && rest->p[0] <= '9') || !with_short)
			if (!take_number(rest, 2, 2, &minutes))
				return false;
		f->zone_min = sign * (hours * 60 + minutes);
		return hours <= 23 && minutes <= 59;
	}
	while (n < rest->n && ((rest->p[n] | 0x20) >= 'a' && (rest->p[n] | 0x20) <= 'z'))
		n++;
	for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++)
		if (td_view_caseeq(td_view_mem(rest->p, n), td_view_str(zones[i].name))) {
			f->zone_min = zones[i].minutes;
			*rest = td_view_skip(*rest, n);
			return true;
		}
	return false;
}

/* A fraction of a second after its point, to milliseconds, the rest cut off. */
static bool take_fraction(struct td_view *rest, struct fields *f)
{
	static const int scale[] = { 0, 100, 10, 1 };
	int64_t dropped;
	size_t n = take_number(rest, 1, 3, &f->ms);

	if (n == 0)
		return false;
	f->ms *= scale[n];
	while (take_number(rest, 1, 9, &dropped) > 0)
		;
	return true;
}

/*
 * RFC 5322 §3.3 with §4.3: Tue, 24 Nov 2026 23:42:49 +0000 (comment). Read from *v on; *zone: only the zone is missing.
 */
static bool read_mail(struct td_view v, struct fields *f, bool *zone)
{
	int month;
	size_t n;

	f->weekday = take_name(&v, day_names);
	if (f->weekday >= 0 && (!take_space(&v) || !take_char(&v, ",") || !take_space(&v)))
		return false;
	if (!take_number(&v, 1, 2, &f->day) || !take_space(&v))
		return false;
	month = take_name(&v, month_names);
	f->month = month + 1;
	if (month < 0 || !take_space(&v))
		return false;
	n = take_number(&v, 2, 4, &f->year);
	if (n == 2 || n == 3) /* obs-year */
		f->year += n == 2 && f->year < 50 ? 2000 : 1900;
	if (n == 0 || !take_space(&v) || !take_number(&v, 1, 2, &f->hour) || !take_space(&v) || !take_char(&v, ":") ||
		!take_space(&v) || !take_number(&v, 2, 2, &f->minute) || !take_space(&v))
		return false;
	if (take_char(&v, ":") && (!take_space(&v) || !take_number(&v, 2, 2, &f->second) || !take_space(&v)))
		return false;
	*zone = take_zone(&v, false, f);
	return *zone ? take_space(&v) && v.n == 0 : true;
}

/*
 * ISO 8601, extended 2026-11-24T23:42:49.123Z or basic 20261124T234249Z; seconds optional, T may be a space (RFC 3339).
 */
static bool read_iso(struct td_view v, struct fields *f, bool *zone)
{
	bool extended;

	f->weekday = -1;
	if (!take_number(&v, 4, 4, &f->year))
		return false;
	extended = take_char(&v, "-");
	if (!take_number(&v, 2, 2, &f->month) || take_char(&v, "-") != extended || !take_number(&v, 2, 2, &f->day))
		return false;
	if (v.n == 0) /* a date alone has no zone either */
		return true;
	if (!take_char(&v, "Tt ") || !take_number(&v, 2, 2, &f->hour) || take_char(&v, ":") != extended ||
		!take_number(&v, 2, 2, &f->minute))
		return false;
	if (extended ? take_char(&v, ":") : v.n > 0 && v.p[0] >= '0' && v.p[0] <= '9') {
		if (!take_number(&v, 2, 2, &f->second))
			return false;
		if (take_char(&v, ".,") && !take_fraction(&v, f))
			return false;
	}
	take_char(&v, " ");
	*zone = take_zone(&v, true, f);
	return !*zone || v.n == 0;
}

/* Checks the ranges. A leap second counts as the second after it, as Unix time has none. */
static bool to_ms(const struct fields *f, int64_t *out_ms)
{
	int64_t days;

	if (f->year < 1970 || f->year > 9999 || f->month < 1 || f->month > 12 || f->day < 1 ||
		f->day > month_days(f->year, f->month) || f->hour > 23 || f->minute > 59 || f->second > 60)
		return false;
	days = days_of(f->year, f->month, f->day);
	if (f->weekday >= 0 && f->weekday != (days + 4) % 7)
		return false;
	*out_ms = days * DAY_MS + ((f->hour * 60 + f->minute - f->zone_min) * 60 + f->second) * 1000 + f->ms;
	return *out_ms >= 0;
}

enum td_status td_when_date(struct td_view v, int64_t *out_ms, struct td_err *err)
{
	struct fields f = { .weekday = -1 };
	struct td_view text = td_view_trim(v);
	bool zone = false;
	int64_t ms;

	if (text.n == 0)
		return td_err_set(err, TD_BADINPUT, "not a date: \"\"");
	if (!read_iso(text, &f, &zone)) {
		f = (struct fields){ .weekday = -1 };
		zone = false;
		if (!read_mail(text, &f, &zone))
			return td_err_set(err, TD_BADINPUT, "not a date: \"%.*s\"", (int)(text.n > 100 ? 100 : text.n), text.p);
	}
	if (!zone)
		return td_err_set(err, TD_BADINPUT, "no time zone in date: \"%.*s\" (write +0000, Z or the like)",
			(int)(text.n > 100 ? 100 : text.n), text.p);
	if (!to_ms(&f, &ms))
		return td_err_set(err, TD_BADINPUT, "no such date: \"%.*s\"", (int)(text.n > 100 ? 100 : text.n), text.p);
	*out_ms = ms;
	return TD_OK;
}

/* ---- durations --------------------------------------------------------------------------------------------------- */

/* Largest first, as they are written. */
static const struct {
	const char *name;
	int64_t     ms;
} units[] = { { "w", 7 * DAY_MS }, { "d", DAY_MS }, { "h", 3600000 }, { "m", 60000 }, { "s", 1000 }, { "ms", 1 } };

#define NUNITS (sizeof(units) / sizeof(units[0]))

/* Takes the letters of a unit; 0 if they name none. */
static int64_t take_unit(struct td_view *rest)
{
	size_t n = 0;

	while (n < rest->n && (rest->p[n] | 0x20) >= 'a' && (rest->p[n] | 0x20) <= 'z')
		n++;
	for (size_t i = 0; i < NUNITS; i++)
		if (td_view_caseeq(td_view_mem(rest->p, n), td_view_str(units[i].name))) {
			*rest = td_view_skip(*rest, n);
			return units[i].ms;
		}
	return 0;
}

enum td_status td_when_duration(struct td_view v, int64_t *out_ms, struct td_err *err)
{
	struct td_view text = td_view_trim(v), rest = text;
	int64_t total = 0;

	while (rest.n > 0 || text.n == 0) {
		int64_t number, unit;

		if (!take_number(&rest, 1, 18, &number) || (unit = take_unit(&rest)) == 0)
			return td_err_set(err, TD_BADINPUT, "not a duration: \"%.*s\" (write 90s, 30m, 2h, 3d, 1h30m)",
				(int)(text.n > 100 ? 100 : text.n), text.n ? text.p : "");
		if (number > DURATION_MAX_MS / unit || (total += number * unit) > DURATION_MAX_MS)
			return td_err_set(err, TD_BADINPUT, "over 10 years: \"%.*s\"", (int)(text.n > 100 ? 100 : text.n), text.p);
	}
	*out_ms = total;
	return TD_OK;
}

void td_when_duration_text(char out[TD_TIME_SIZE], int64_t ms)
{
	size_t n = 0;

	if (ms <= 0) {
		snprintf(out, TD_TIME_SIZE, "0s");
		return;
	}
	for (size_t i = ms % units[0].ms == 0 ? 0 : 1; i < NUNITS && ms > 0; i++) {
		int64_t count = ms / units[i].ms;

		if (count > 0 && n < TD_TIME_SIZE)
			n += (size_t)snprintf(out + n, TD_TIME_SIZE - n, "%lld%s", (long long)count, units[i].name);
		ms %= units[i].ms;
	}
}

/* ---- writing ----------------------------------------------------------------------------------------------------- */

/* What is outside of 1970 … 9999 is written as the nearest end: the texts have a fixed width. */
static void split_ms(int64_t ms, struct fields *f)
{
	const int64_t last = days_of(9999, 12, 31) * DAY_MS + DAY_MS - 1;
	int64_t in_day;

	ms = ms < 0 ? 0 : ms > last ? last : ms;
	date_of(ms / DAY_MS, f);
	in_day = ms % DAY_MS;
	f->ms = in_day % 1000;
	f->second = in_day / 1000 % 60;
	f->minute = in_day / 60000 % 60;
	f->hour = in_day / 3600000;
}

void td_when_iso(char out[TD_TIME_SIZE], int64_t ms)
{
	struct fields f;

	split_ms(ms, &f);
	snprintf(out, TD_TIME_SIZE, "%04u-%02u-%02uT%02u:%02u:%02u.%03uZ", (unsigned int)f.year % 10000u,
		(unsigned int)f.month % 100u, (unsigned int)f.day % 100u, (unsigned int)f.hour % 100u,
		(unsigned int)f.minute % 100u, (unsigned int)f.second % 100u, (unsigned int)f.ms % 1000u);
}

void td_when_rfc5322(char out[TD_TIME_SIZE + 8], int64_t ms)
{
	struct fields f;

	split_ms(ms, &f);
	snprintf(out, TD_TIME_SIZE + 8, "%.3s, %u %.3s %04u %02u:%02u:%02u +0000", day_names + (size_t)f.weekday * 3,
		(unsigned int)f.day % 100u, month_names + (size_t)(f.month - 1) * 3, (unsigned int)f.year % 10000u,
		(unsigned int)f.hour % 100u, (unsigned int)f.minute % 100u, (unsigned int)f.second % 100u);
}
