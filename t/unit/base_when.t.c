/*
 * base_when - dates and durations
 */
#include <inttypes.h>
#include <string.h>

#include "tap.h"
#include "when.h"

#define BAD INT64_C(-1)

struct sample {
	const char *text;
	int64_t     ms; /* BAD: refused */
};

static const struct sample dates[] = {
	/* RFC 5322 */
	{ "Tue, 24 Nov 2026 23:42:49 +0000", 1795563769000 },
	{ "24 Nov 2026 23:42 +0000", 1795563720000 },
	{ "Tue, 24 Nov 2026 18:42:49 -0500", 1795563769000 },
	{ "Wed, 25 Nov 2026 05:12:49 +0530", 1795563769000 },
	{ "Tue, 24 Nov 2026 23:42:49 -0000", 1795563769000 },
	{ "tue , 24 NOV 2026 23 : 42 : 49 +0000 (a (nested \\) ) comment)", 1795563769000 },
	{ "Tue,\r\n 24 Nov 2026 23:42:49 +0000", 1795563769000 },
	{ "Fri, 21 Nov 97 09:55:06 -0600", 880127706000 },
	{ "Fri, 21 Nov 1997 09:55:06 CST", 880127706000 },
	{ "21 Nov 1997 11:55:06 EDT", 880127706000 },
	{ "21 Nov 1997 15:55:06 GMT", 880127706000 },
	{ "21 Nov 1997 15:55:06 UT", 880127706000 },
	{ "21 Nov 1997 15:55:06 Z", 880127706000 },
	{ "21 Nov 1997 07:55:06 pst", 880127706000 },
	{ "1 Jan 100 00:00:00 +0000", 946684800000 }, /* obs-year of three digits: 2000 */
	{ "1 Jan 49 00:00:00 +0000", 2493072000000 },
	{ "21 Nov 1997 15:55:06 A", BAD }, /* military zones say nothing */
	{ "21 Nov 1997 15:55:06 MEZ", BAD },
	{ "21 Nov 1997 15:55:06", BAD },
	{ "Mon, 24 Nov 2026 23:42:49 +0000", BAD }, /* a Tuesday */
	{ "Tue, 24 Nov 2026 23:42:49 +0000 tomorrow", BAD },
	{ "Tue, 24 Nov 2026 23:42:49 +0000 (open", BAD },
	{ "24 Nov 2026 24:00:00 +0000", BAD },
	{ "24 Nov 2026 23:60:00 +0000", BAD },
	{ "24 Nov 2026 23:42:61 +0000", BAD },
	{ "31 Dec 2016 23:59:60 +0000", 1483228800000 }, /* leap second */
	{ "24 Foo 2026 23:42:49 +0000", BAD },
	{ "24 Nov 2026 23:42:49 +00", BAD },
	{ "24 Nov 2026 23:42:49 +0060", BAD },
	/* leap days */
	{ "29 Feb 2024 00:00:00 +0000", 1709164800000 },
	{ "29 Feb 2023 00:00:00 +0000", BAD },
	{ "29 Feb 2000 00:00:00 +0000", 951782400000 },
	{ "29 Feb 2100 00:00:00 +0000", BAD },
	{ "2100-03-01T00:00:00Z", 4107542400000 },
	{ "31 Apr 2026 00:00:00 +0000", BAD },
	{ "0 Apr 2026 00:00:00 +0000", BAD },
	/* ISO 8601 */
	{ "2026-11-24T23:42:49.123Z", 1795563769123 },
	{ "2026-11-24T23:42:49,5Z", 1795563769500 },
	{ "2026-11-24T23:42:49.123999999Z", 1795563769123 },
	{ "2026-11-24t23:42:49z", 1795563769000 },
	{ "2026-11-24 23:42:49+00:00", 1795563769000 },
	{ "2026-11-24 23:42:49 +0000", 1795563769000 },
	{ "2026-11-25T00:42:49+01", 1795563769000 },
	{ "2026-11-24T23:42Z", 1795563720000 },
	{ "20261124T234249Z", 1795563769000 },
	{ "20261124T2342+0000", 1795563720000 },
	{ " 1970-01-01T00:00:00Z ", 0 },
	{ "1970-01-01T00:00:00+01:00", BAD }, /* before 1970 */
	{ "9999-12-31T23:59:59.999Z", 253402300799999 },
	{ "1969-12-31T23:59:59Z", BAD },
	{ "2026-11-24T23:42:49", BAD },
	{ "2026-11-24", BAD },
	{ "2026-1124T23:42:49Z", BAD },
	{ "2026-13-01T00:00:00Z", BAD },
	{ "2026-11-24T23:42:49.Z", BAD },
	{ "2026-11-24T23:42:49Zulu", BAD },
	{ "2026-11-24T23:42:49+24:00", BAD },
	{ "", BAD },
	{ "tomorrow", BAD },
	{ "1795563769", BAD },
	{ "2026", BAD },
	{ "-", BAD },
};

static void test_dates(void)
{
	struct td_err err;

	for (size_t i = 0; i < sizeof(dates) / sizeof(dates[0]); i++) {
		int64_t ms = 4711;
		enum td_status status = td_when_date(td_view_str(dates[i].text), &ms, &err);

		if (dates[i].ms == BAD)
			ok(status == TD_BADINPUT && ms == 4711, "refused, output untouched: %s", dates[i].text);
		else
			ok(status == TD_OK && ms == dates[i].ms, "%s (%" PRId64 ")", dates[i].text, ms);
	}
	td_when_date(td_view_str("2026-11-24T23:42:49"), &(int64_t){ 0 }, &err);
	like(err.text, "no time zone", "a missing zone is named");
	td_when_date(td_view_str("next week"), &(int64_t){ 0 }, &err);
	is_str(err.text, "not a date: \"next week\"", "the input is quoted");
	is_int(td_when_date(td_view_mem("24 Nov 2026 23:42:49 +0000\0", 27), &(int64_t){ 0 }, NULL), TD_BADINPUT,
		"NUL is refused");
}

static const struct sample durations[] = {
	{ "90s", 90000 }, { "30m", 1800000 }, { "2h", 7200000 }, { "3d", 259200000 }, { "1w", 604800000 }, { "250ms", 250 },
	{ "1h30m", 5400000 }, { "1d2h3m4s5ms", 93784005 }, { " 2H ", 7200000 }, { "0s", 0 }, { "3653d", 315619200000 },
	{ "3653d1ms", BAD }, { "11w9999d", BAD }, { "999999999999999999w", BAD }, { "99999999999999999999s", BAD },
	{ "", BAD },
	{ "90", BAD }, { "s", BAD }, { "-5s", BAD }, { "+5s", BAD }, { "1.5h", BAD }, { "1h30", BAD }, { "1h x", BAD },
	{ "5min", BAD },
	{ "5y", BAD }, { "1h 30m", BAD },
};

static void test_durations(void)
{
	struct td_err err;

	for (size_t i = 0; i < sizeof(durations) / sizeof(durations[0]); i++) {
		int64_t ms = 4711;
		enum td_status status = td_when_duration(td_view_str(durations[i].text), &ms, &err);

		if (durations[i].ms == BAD)
			ok(status == TD_BADINPUT && ms == 4711, "refused, output untouched: \"%s\"", durations[i].text);
		else
			ok(status == TD_OK && ms == durations[i].ms, "\"%s\" (%" PRId64 ")", durations[i].text, ms);
	}
}

static void test_writing(void)
{
	static const struct sample texts[] = {
		{ "1h30m", 5400000 }, { "1m30s", 90000 }, { "2w", 1209600000 }, { "10d", 864000000 }, { "1d", 86400000 },
			{ "250ms", 250 },
		{ "0s", 0 }, { "0s", -5 }, { "1d2h3m4s5ms", 93784005 },
	};
	char out[TD_TIME_SIZE + 8];
	bool same = true;

	td_when_iso(out, 1795563769123);
	is_str(out, "2026-11-24T23:42:49.123Z", "ISO 8601");
	td_when_rfc5322(out, 1795563769123);
	is_str(out, "Tue, 24 Nov 2026 23:42:49 +0000", "RFC 5322");
	td_when_iso(out, -1);
	is_str(out, "1970-01-01T00:00:00.000Z", "before 1970 is written as its start");
	td_when_iso(out, INT64_MAX);
	is_str(out, "9999-12-31T23:59:59.999Z", "after 9999 as its end");
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		td_when_duration_text(out, texts[i].ms);
		is_str(out, texts[i].text, "duration of %" PRId64 " ms", texts[i].ms);
	}
	td_when_duration_text(out, INT64_MAX);
	ok(strlen(out) < TD_TIME_SIZE, "the longest duration fits");
	/* Every 13th day for 8,000 years, there and back, by both notations. */
	for (int64_t ms = 1; ms < INT64_C(253402300800000); ms += 13 * INT64_C(86400000) + 12345678) {
		int64_t iso = 0, mail = 0;

		td_when_iso(out, ms);
		same = same && td_when_date(td_view_str(out), &iso, NULL) == TD_OK && iso == ms;
		td_when_rfc5322(out, ms);
		same = same && td_when_date(td_view_str(out), &mail, NULL) == TD_OK && mail == ms / 1000 * 1000;
	}
	ok(same, "what is written is read again as the same");
}

int main(void)
{
	test_dates();
	test_durations();
	test_writing();
	return done_testing();
}
