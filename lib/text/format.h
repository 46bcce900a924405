/*
 * format - dates, times, numbers and money as people of a locale write them
 *
 * ICU's CLDR tables give the forms. Time zones are those of the system's tz database, which is kept up to date where
 * ICU's own copy is not. What is costly to open is kept: 32 formatters, 16 zones.
 *
 * Threads: safe (one lock). Lifetime: the tables live as long as the process; a zone that is changed on disk is seen
 * after a restart.
 */
#ifndef TD_FORMAT_H
#define TD_FORMAT_H

#include "buf.h"
#include "err.h"
#include "view.h"

enum td_format_kind {
	TD_FORMAT_DATE,
	TD_FORMAT_TIME,
	TD_FORMAT_DATETIME, /* the style is the date's; the time is without seconds */
	TD_FORMAT_WEEKDAY,
	TD_FORMAT_NUMBER,
	TD_FORMAT_PERCENT, /* "20" is 20 % */
	TD_FORMAT_MONEY
};

enum td_format_style {
	TD_STYLE_DEFAULT, /* medium; for a time, short */
	TD_STYLE_SHORT,
	TD_STYLE_MEDIUM,
	TD_STYLE_LONG, /* a time: with its offset from UTC, when it has one */
	TD_STYLE_FULL
};

struct td_format {
	enum td_format_kind  kind;
	enum td_format_style style;
	int                  digits;   /* of the fraction, 0 to 9; -1: as the value has them, up to three (percent: two) */
	struct td_view       currency; /* ISO 4217 code; money only */
	struct td_view       locale;   /* language tag, BCP 47 with extensions; empty: English */
	struct td_view       tz;       /* IANA zone to show an instant in; empty: as it was written */
};

/*
 * Appends value in that form to out. Values: a date or time is ISO 8601 (2026-11-29, 2026-11-29T10:30, the latter with
 * Z, +02:00 or without), RFC 5322 or Unix seconds of 10 digits (UTC), from 1970 on. Only what says its offset is moved
 * to tz. Numbers are ASCII digits with one "-" in front and one "." allowed, up to 30 of them; halves are rounded away
 * from zero. TD_BADINPUT 5.6.0: not a date, a date without a time where one is asked for, not a number, not a currency,
 * no such zone, no language tag. TD_TEMPFAIL 4.3.0: ICU cannot.
 */
enum td_status td_format_value(
	const struct td_format *how, struct td_view value, struct td_buf *out, struct td_err *err);
/* Is it a code of ISO 4217, in capitals? */
bool td_format_is_currency(struct td_view code);

#endif
