/*
 * store_quiet - quiet hours: windows, regions, zones and the clock, with the rules that are shipped and with others
 */
#include <inttypes.h>
#include <time.h>

#include "conf_quiet.h"
#include "quiet.h"
#include "quiet_time.h"
#include "store_ask.h"
#include "zone.h"

#define HEAD "region,days,open,close,classes,holidays,source,reviewed\n"
#define DAY 86400000LL

static struct td_arena arena;
static char            problems[4000];

static struct table {
	struct td_quiet_rule *v;
	size_t                n;
} shipped;

static void note_problem(void *arg, int line, const char *what)
{
	size_t n = strlen(problems);

	snprintf(problems + n, sizeof problems - n, "%d: %s\n", line, what);
}

static bool parse(const char *text, struct table *out)
{
	static const char *us[] = { "US" };
	struct td_strings  countries = { us, 1 };

	problems[0] = '\0';
	return td_quiet_parse(td_view_str(text), &countries, &arena, &out->v, &out->n, note_problem, NULL);
}

/* Rows under the head; ends the test when they are refused. */
static struct table rules(const char *rows)
{
	struct table out;

	if (!parse(td_arena_printf(&arena, HEAD "%s", rows), &out))
		bail_out("%s: %s", rows, problems);
	return out;
}

static int64_t at(const char *iso)
{
	struct td_err err;
	int64_t       ms;

	if (td_when_date(td_view_str(iso), &ms, &err))
		bail_out("%s", err.text);
	return ms;
}

/* The opening in one region and zones ("A,B") from a time on, as UTC; "now" when it is open. */
static const char *opening(const struct table *table, const char *region, enum td_class class, const char *zones,
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

#define NEW_YORK "America/New_York"

/* At a time of a place, for service and marketing alike. */
static void expect(const struct table *table, const char *region, const char *zones, const char *from,
	const char *want)
{
	char name[200];

	snprintf(name, sizeof name, "%s, %s, %s: %s", region, zones, from, want);
	is_str(opening(table, region, TD_CLASS_SERVICE, zones, at(from)), want, "service %s", name);
	is_str(opening(table, region, TD_CLASS_MARKETING, zones, at(from)), want, "marketing %s", name);
}

static void load_shipped(void)
{
	static char text[65536];
	FILE       *in = fopen("conf/quiet-hours.csv", "r");
	size_t      n = in ? fread(text, 1, sizeof text - 1, in) : 0;

	text[n] = '\0';
	if (in)
		fclose(in);
	if (!ok(parse(text, &shipped) && n > 0, "the shipped rules are read"))
		bail_out("%s", problems);
}

static void every_row_says_where_from(void)
{
	static const char *const states[] = { "FL", "MD", "OK", "MA", "AL", "LA", "MS", "CT", "NV", "TX", "KY", "MI", "MN",
		"NM", "RI", "VA", "WA", "NJ", "IL", "CA" };
	size_t good = 0, found = 0;

	for (size_t i = 0; i < shipped.n; i++) {
		const struct td_quiet_rule *rule = &shipped.v[i];

		good += rule->source[0] && strlen(rule->reviewed) == 10;
		/* The default is the widest: nothing shipped is wider. */
		if (!rule->closed && (rule->open < 9 * 60 || rule->close > 21 * 60 || rule->close <= rule->open))
			fail("%s is wider than the default", rule->name);
		if (rule->classes != (1u << TD_CLASS_SERVICE | 1u << TD_CLASS_MARKETING))
			fail("%s: classes", rule->name);
	}
	is_int(good, shipped.n, "every row has its source and date of review");
	for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
		for (size_t k = 0; k < shipped.n; k++) {
			if (strncmp(shipped.v[k].region, "US-", 3) == 0 && strcmp(shipped.v[k].region + 3, states[i]) == 0) {
				found++;
				break;
			}
		}
	}
	is_int(found, sizeof states / sizeof *states, "twenty states have rows");
}

/* ---- statutory cases --------------------------------------------------------------------------------------------- */

static void default_hours(void)
{
	expect(&shipped, "*", "Asia/Amman", "2026-06-10T08:59:59.999+03:00", "2026-06-10T06:00:00.000Z");
	expect(&shipped, "*", "Asia/Amman", "2026-06-10T09:00:00.000+03:00", "now");
	expect(&shipped, "*", "Asia/Amman", "2026-06-10T20:59:59.999+03:00", "now");
	expect(&shipped, "*", "Asia/Amman", "2026-06-10T21:00:00.000+03:00", "2026-06-11T06:00:00.000Z");
	expect(&shipped, "US", NEW_YORK, "2026-01-10T21:00:00-05:00", "2026-01-11T14:00:00.000Z");
}

static void florida(void)
{
	expect(&shipped, "US-FL", NEW_YORK, "2026-01-12T19:59:59.999-05:00", "now");
	expect(&shipped, "US-FL", NEW_YORK, "2026-01-12T20:00:00-05:00", "2026-01-13T14:00:00.000Z");
	/* 850 is of two zones: closed when it is closed in either */
	expect(&shipped, "US-FL", NEW_YORK ",America/Chicago", "2026-01-12T09:30:00-05:00", "2026-01-12T15:00:00.000Z");
	expect(&shipped, "US-FL", NEW_YORK ",America/Chicago", "2026-01-12T20:00:00-05:00", "2026-01-13T15:00:00.000Z");
}

static void texas(void)
{
	expect(&shipped, "US-TX", "America/Chicago", "2026-01-11T11:59:59.999-06:00", "2026-01-11T18:00:00.000Z");
	expect(&shipped, "US-TX", "America/Chicago", "2026-01-11T12:00:00-06:00", "now");
	expect(&shipped, "US-TX", "America/Chicago", "2026-01-12T09:00:00-06:00", "now");
	expect(&shipped, "US-TX", "America/Chicago", "2026-01-10T21:00:00-06:00", "2026-01-11T18:00:00.000Z");
}

static void other_states(void)
{
	expect(&shipped, "US-CT", NEW_YORK, "2026-01-12T08:59:59.999-05:00", "2026-01-12T14:00:00.000Z");
	expect(&shipped, "US-CT", NEW_YORK, "2026-01-12T09:00:00-05:00", "now");
	expect(&shipped, "US-CT", NEW_YORK, "2026-01-12T20:00:00-05:00", "2026-01-13T14:00:00.000Z");
	expect(&shipped, "US-KY", NEW_YORK, "2026-01-12T09:59:59.999-05:00", "2026-01-12T15:00:00.000Z");
	expect(&shipped, "US-RI", NEW_YORK, "2026-01-09T18:00:00-05:00", "2026-01-10T15:00:00.000Z");
	expect(&shipped, "US-RI", NEW_YORK, "2026-01-10T17:00:00-05:00", "2026-01-11T15:00:00.000Z");
	expect(&shipped, "US-LA", "America/Chicago", "2026-01-10T20:00:00-06:00", "2026-01-12T15:00:00.000Z");
	expect(&shipped, "US-MS", "America/Chicago", "2026-01-11T12:00:00-06:00", "2026-01-12T15:00:00.000Z");
	/* Alabama: Sunday, then Martin Luther King's day */
	expect(&shipped, "US-AL", "America/Chicago", "2026-01-17T20:00:00-06:00", "2026-01-20T15:00:00.000Z");
	expect(&shipped, "US-AL", "America/Chicago", "2026-05-25T12:00:00-05:00", "2026-05-26T14:00:00.000Z");
	/* New York has no row: the country's */
	expect(&shipped, "US-NY", NEW_YORK, "2026-01-11T20:59:00-05:00", "now");
}

static void india(void)
{
	expect(&shipped, "IN", "Asia/Kolkata", "2026-01-12T09:59:59.999+05:30", "2026-01-12T04:30:00.000Z");
	expect(&shipped, "IN", "Asia/Kolkata", "2026-01-12T10:00:00+05:30", "now");
	expect(&shipped, "IN", "Asia/Kolkata", "2026-01-12T21:00:00+05:30", "2026-01-13T04:30:00.000Z");
}

static void france(void)
{
	expect(&shipped, "FR", "Europe/Paris", "2026-01-11T12:00:00+01:00", "2026-01-12T08:00:00.000Z");
	expect(&shipped, "FR", "Europe/Paris", "2026-01-10T20:59:59.999+01:00", "now");
	/* Easter 2026 is April 5: Monday is closed too; Ascension is May 14, Whit Monday May 25 */
	expect(&shipped, "FR", "Europe/Paris", "2026-04-04T21:00:00+02:00", "2026-04-07T07:00:00.000Z");
	expect(&shipped, "FR", "Europe/Paris", "2026-05-14T10:00:00+02:00", "2026-05-15T07:00:00.000Z");
	expect(&shipped, "FR", "Europe/Paris", "2026-05-23T21:00:00+02:00", "2026-05-26T07:00:00.000Z");
	expect(&shipped, "FR", "Europe/Paris", "2026-07-14T10:00:00+02:00", "2026-07-15T07:00:00.000Z");
	/* December 25, 2026 is a Friday; Saturday the 26th is open */
	expect(&shipped, "FR", "Europe/Paris", "2026-12-24T21:00:00+01:00", "2026-12-26T08:00:00.000Z");
}

/* ---- windows and the clock --------------------------------------------------------------------------------------- */

static void over_midnight(void)
{
	struct table night = rules("*,mon-fri,20:00,02:30,,,,\n"), weekend = rules("*,fri,20:00,02:30,,,,\n*,sat,,,,,,\n"),
				 special = rules("US,fri,20:00,02:30,,,,\nUS-FL,sat,10:00,12:00,,,,\n*,mon,09:00,10:00,,,,\n"),
				 feast = rules("*,,20:00,02:30,,12-25,,\n");

	expect(&night, "*", "UTC", "2026-01-12T01:00:00Z", "2026-01-12T20:00:00.000Z"); /* Sunday has no row */
	expect(&night, "*", "UTC", "2026-01-13T02:29:59.999Z", "now");
	expect(&night, "*", "UTC", "2026-01-13T02:30:00Z", "2026-01-13T20:00:00.000Z");
	expect(&night, "*", "UTC", "2026-01-17T02:29:59.999Z", "now"); /* Friday's rest */
	expect(&night, "*", "UTC", "2026-01-17T02:30:00Z", "2026-01-19T20:00:00.000Z");
	expect(&weekend, "*", "UTC", "2026-01-17T01:00:00Z", "2026-01-23T20:00:00.000Z"); /* closed says closed */
	expect(&special, "US", "UTC", "2026-01-17T01:00:00Z", "now");
	expect(&special, "US-FL", "UTC", "2026-01-17T01:00:00Z", "2026-01-17T10:00:00.000Z"); /* the state lists the day */
	expect(&feast, "*", "UTC", "2026-12-24T23:59:59.999Z", "now");
	expect(&feast, "*", "UTC", "2026-12-25T00:00:00Z", "2026-12-26T20:00:00.000Z"); /* its evening does not open either */
	expect(&feast, "*", "UTC", "2026-12-26T01:00:00Z", "2026-12-26T20:00:00.000Z");
}

static void unions(void)
{
	struct table two = rules("*,,09:00,12:00,,,,\n*,,14:00,18:00,,,,\n"), whole = rules("*,,00:00,24:00,,,,\n"),
				 classes = rules("*,,09:00,12:00,marketing,,,\n*,,08:00,20:00,service,,,\n");

	expect(&two, "*", "UTC", "2026-01-12T12:00:00Z", "2026-01-12T14:00:00.000Z");
	expect(&two, "*", "UTC", "2026-01-12T18:00:00Z", "2026-01-13T09:00:00.000Z");
	expect(&whole, "*", "UTC", "2026-01-12T23:59:59.999Z", "now");
	expect(&whole, "*", "UTC", "2026-01-13T00:00:00Z", "now");
	is_str(opening(&classes, "*", TD_CLASS_SERVICE, "UTC", at("2026-01-12T13:00:00Z")), "now", "service at 13");
	is_str(opening(&classes, "*", TD_CLASS_MARKETING, "UTC", at("2026-01-12T13:00:00Z")), "2026-01-13T09:00:00.000Z",
		"marketing waits");
}

static void many_zones(void)
{
	struct table day = rules("*,,09:00,21:00,,,,\n"), narrow = rules("*,,09:00,10:00,,,,\n");

	expect(&day, "*", NEW_YORK ",America/Los_Angeles", "2026-01-12T09:00:00-05:00", "2026-01-12T17:00:00.000Z");
	expect(&day, "*", NEW_YORK ",America/Los_Angeles", "2026-01-12T20:59:59.999-05:00", "now");
	expect(&day, "*", "Pacific/Honolulu,America/Los_Angeles,America/Chicago", "2026-01-12T00:00:00Z", "now");
	expect(&day, "*", "Pacific/Honolulu,America/Los_Angeles,America/Chicago," NEW_YORK, "2026-01-12T02:00:00Z",
		"2026-01-12T19:00:00.000Z");
	expect(&day, "*", "Asia/Bangkok," NEW_YORK, "2026-01-12T12:00:00Z", "never"); /* 12 hours apart, 12 open */
	expect(&narrow, "*", "Europe/London,Europe/Paris", "2026-01-12T12:00:00Z", "never");
	expect(&day, "*", "UTC,Mars/Olympus", "2026-01-12T12:00:00Z", "error");
}

/* Both changes of the clock, in four places. */
static void summer_time(void)
{
	struct table night = rules("*,,01:00,02:30,,,,\n"), day = rules("*,,09:00,21:00,,,,\n");

	/* New York: at 02:00 it is 03:00, March 8: half an hour is not there, and it ends at 07:00 UTC */
	expect(&night, "*", NEW_YORK, "2026-03-08T06:59:59.999Z", "now");
	expect(&night, "*", NEW_YORK, "2026-03-08T07:00:00Z", "2026-03-09T05:00:00.000Z");
	expect(&day, "*", NEW_YORK, "2026-03-08T02:00:00Z", "2026-03-08T13:00:00.000Z");
	/* November 1: at 02:00 it is 01:00 again; the hour is there twice, 02:00 to 02:30 once */
	expect(&night, "*", NEW_YORK, "2026-11-01T05:00:00Z", "now");
	expect(&night, "*", NEW_YORK, "2026-11-01T06:59:59.999Z", "now");
	expect(&night, "*", NEW_YORK, "2026-11-01T07:29:59.999Z", "now");
	expect(&night, "*", NEW_YORK, "2026-11-01T07:30:00Z", "2026-11-02T06:00:00.000Z");
	expect(&day, "*", NEW_YORK, "2026-11-01T02:00:00Z", "2026-11-01T14:00:00.000Z");
	/* London: March 29, October 25, at 01:00 UTC; in March 01:00 to 02:00 is not there */
	expect(&night, "*", "Europe/London", "2026-03-29T00:59:59.999Z", "2026-03-29T01:00:00.000Z");
	expect(&night, "*", "Europe/London", "2026-03-29T01:29:59.999Z", "now");
	expect(&night, "*", "Europe/London", "2026-03-29T01:30:00Z", "2026-03-30T00:00:00.000Z");
	expect(&day, "*", "Europe/London", "2026-10-24T20:00:00Z", "2026-10-25T09:00:00.000Z");
	/* Cairo: Friday April 24 begins at 01:00, Thursday October 29 has 25 hours */
	expect(&night, "*", "Africa/Cairo", "2026-04-23T21:59:59.999Z", "2026-04-23T22:00:00.000Z");
	expect(&day, "*", "Africa/Cairo", "2026-04-23T19:00:00Z", "2026-04-24T06:00:00.000Z");
	expect(&day, "*", "Africa/Cairo", "2026-10-29T18:00:00Z", "2026-10-30T07:00:00.000Z");
	/* Sydney: April 5 back, October 4 forward, at 16:00 UTC of the day before */
	expect(&day, "*", "Australia/Sydney", "2026-04-04T09:59:59.999Z", "now");
	expect(&day, "*", "Australia/Sydney", "2026-04-04T10:00:00Z", "2026-04-04T23:00:00.000Z");
	expect(&day, "*", "Australia/Sydney", "2026-10-03T11:00:00Z", "2026-10-03T22:00:00.000Z");
	expect(&night, "*", "Australia/Sydney", "2026-10-03T15:59:59.999Z", "now");
	expect(&night, "*", "Australia/Sydney", "2026-10-03T16:00:00Z", "2026-10-04T14:00:00.000Z");
}

/* ---- files that are wrong ---------------------------------------------------------------------------------------- */

static void refused_text(const char *text, const char *want)
{
	struct table out;

	ok(!parse(text, &out), "refused: %s", want);
	is_str(problems, want, "… with line and words");
}

static void refused_rows(const char *rows, const char *want)
{
	refused_text(td_arena_printf(&arena, HEAD "%s", rows), want);
}

static void bad_files(void)
{
	refused_text("", "1: no rules\n");
	refused_text("# nothing\n", "1: no rules\n");
	refused_text("*,mon-sun,09:00,21:00,,,,\n",
		"1: the columns are not named (want region,days,open,close,classes,holidays,source,reviewed)\n");
	refused_rows("*,mon-sun,9:00,21:00,,,,\n",
		"2: open: \"9:00\" (want 00:00 to 23:59; open and close both empty: closed all day)\n");
	refused_rows("*,mon-sun,24:00,21:00,,,,\n",
		"2: open: \"24:00\" (want 00:00 to 23:59; open and close both empty: closed all day)\n");
	refused_rows("*,mon-sun,09:00,24:01,,,,\n",
		"2: close: \"24:01\" (want 00:00 to 24:00; open and close both empty: closed all day)\n");
	refused_rows("*,,09:00,,,,,\n", "2: close: \"\" (want 00:00 to 24:00; open and close both empty: closed all day)\n");
	refused_rows("*,,09:-1,21:00,,,,\n",
		"2: open: \"09:-1\" (want 00:00 to 23:59; open and close both empty: closed all day)\n");
	refused_rows("*,,09:00,09:00,,,,\n", "2: open and close are both 09:00 (00:00 and 24:00 are the whole day)\n");
	refused_rows("*,mo,09:00,21:00,,,,\n", "2: days: \"mo\" (want mon, mon-sat or mon;wed)\n");
	refused_rows("usa,mon,09:00,21:00,,,,\n", "2: region: \"usa\" (want *, US or US-FL)\n");
	refused_rows("US-,mon,09:00,21:00,,,,\n", "2: region: \"US-\" (want *, US or US-FL)\n");
	refused_rows("*,mon,09:00,21:00,critical,,,\n",
		"2: classes: \"critical\" (want service, marketing or transactional: no other class has quiet hours)\n");
	refused_rows("*,mon,09:00,21:00,,13-01,,\n",
		"2: holidays: \"13-01\" (want 12-25, 2026-12-25, easter+1, mon3/01 or mon-1/05)\n");
	refused_rows("*,mon,09:00,21:00,,02-30;mon6/01,,\n",
		"2: holidays: \"02-30\" (want 12-25, 2026-12-25, easter+1, mon3/01 or mon-1/05)\n"
		"2: holidays: \"mon6/01\" (want 12-25, 2026-12-25, easter+1, mon3/01 or mon-1/05)\n");
	refused_rows("*,mon,,,,12-25,,\n", "2: holidays of a row that is closed all day\n");
	refused_rows("*,mon,09:00,21:00,,,law,2026-13-01\n", "2: reviewed: \"2026-13-01\" (want YYYY-MM-DD)\n");
	refused_rows("*,mon,09:00,21:00,,,law, of 2026,\n", "2: 9 fields (want 8: quote one that holds a comma)\n");
	refused_rows("*,mon,09:00,21:00,,,\n", "2: 7 fields (want 8: quote one that holds a comma)\n");
	refused_rows("*,mon,09:00,21:00,,,\"law,\n",
		"2: field 7: wrong quotes (want \"…\" around it, \"\" for one inside)\n");
	refused_rows("\xff,mon,09:00,21:00,,,,\n", "2: not UTF-8\n");
	refused_rows("*,mon-fri,09:00,21:00,,,,\n*,fri;sat,,,,,,\n", "3: * fri;sat closed contradicts line 2\n");
}

/* A rule that can never be met is an error of the file. */
static void never_open(void)
{
	struct table out;

	refused_rows("*,,09:00,21:00,marketing,,,\n", "2: no service SMS could ever go to *: no row opens a day for it\n");
	refused_rows("GB,,09:00,21:00,,,,\n", "1: no marketing SMS could ever go to US: no row opens a day for it\n"
		"1: no service SMS could ever go to US: no row opens a day for it\n");
	refused_rows("*,,09:00,21:00,,,,\nFR,,,,marketing,,,\n",
		"3: no marketing SMS could ever go to FR: no row opens a day for it\n");
	ok(parse(HEAD "US,,09:00,21:00,,,,\n", &out), "a file for the only country is enough");
	ok(parse("\xef\xbb\xbf" HEAD "\r\n# x\r\n \"*\" ,\"sat-mon;WED\",09:00,21:00,\"service;Marketing\",, \"a, \"\"b\"\"\" ,2026-01-01",
		&out), "quotes, a byte order mark, CRLF, no last newline");
	is_int(out.n, 1, "one rule");
	is_str(out.v[0].source, "a, \"b\"", "quotes are taken off");
	is_str(out.v[0].name, "* mon;wed;sat;sun 09:00-21:00", "days in order");
	is_int(out.v[0].line, 4, "its line");
}

/* ---- a slow and obvious reference -------------------------------------------------------------------------------- */

static uint32_t seed;
static uint32_t any(uint32_t below)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % below;
}

struct slow_rule {
	int  level, open, close; /* minutes; open = -1: closed */
	bool day[7];             /* 0 = Monday */
	int  holiday;            /* of the year, 0 … 365 as month * 31 + day; -1 = none */
};

static const char *const slow_regions[] = { "US-FL", "US", "*" };
static const char *const slow_days[] = { "mon", "tue", "wed", "thu", "fri", "sat", "sun" };

/* Random rows as text and as the reference has them. A closed row stands alone in its region. */
static size_t random_rules(struct slow_rule out[6], char text[2000])
{
	size_t count = 1 + any(5), n = (size_t)snprintf(text, 2000, HEAD "*,,06:00,22:00,transactional,,,\n");
	size_t made = 0;

	for (size_t i = 0; i < count; i++) {
		struct slow_rule *r = &out[made];
		bool closed = any(6) == 0, lone = true;

		*r = (struct slow_rule){ .level = (int)any(3), .open = (int)any(96) * 15, .close = (int)any(97) * 15,
			.holiday = -1 };
		if (closed)
			r->open = -1;
		for (size_t k = 0; k < made; k++)
			lone = lone && (out[k].level != r->level || (out[k].open >= 0 && !closed));
		if (!lone || r->open == r->close || (r->open == 0 && r->close == 0))
			continue;
		for (int d = 0; d < 7; d++)
			r->day[d] = any(3) > 0;
		r->day[any(7)] = true;
		if (!closed && any(3) == 0)
			r->holiday = (int)(any(12) * 31 + any(28));
		n += (size_t)snprintf(text + n, 2000 - n, "%s,", slow_regions[r->level]);
		for (int d = 0, first = 1; d < 7; d++) {
			if (r->day[d])
				n += (size_t)snprintf(text + n, 2000 - n, "%s%s", first ? "" : ";", slow_days[d]);
			first = first && !r->day[d];
		}
		if (closed)
			n += (size_t)snprintf(text + n, 2000 - n, ",,,marketing,,,\n");
		else
			n += (size_t)snprintf(text + n, 2000 - n, ",%02d:%02d,%02d:%02d,marketing,", r->open / 60, r->open % 60,
				r->close / 60, r->close % 60);
		if (!closed && r->holiday >= 0)
			n += (size_t)snprintf(text + n, 2000 - n, "%02d-%02d", r->holiday / 31 + 1, r->holiday % 31 + 1);
		n += closed ? 0 : (size_t)snprintf(text + n, 2000 - n, ",,\n");
		made++;
	}
	return made;
}

struct slow_day { /* of a local date */
	int weekday, date; /* as above */
};

static int slow_level(const struct slow_rule *rules_of, size_t n, int weekday)
{
	int level = 9;

	for (size_t i = 0; i < n; i++)
		if (rules_of[i].day[weekday] && rules_of[i].level < level)
			level = rules_of[i].level;
	return level;
}

static bool slow_open(const struct slow_rule *r, size_t n, struct slow_day today, struct slow_day before, int minute)
{
	int level = slow_level(r, n, today.weekday), older = slow_level(r, n, before.weekday);

	for (size_t i = 0; i < n; i++) {
		bool over = r[i].close <= r[i].open;

		if (r[i].open < 0)
			continue;
		if (r[i].level == level && r[i].day[today.weekday] && r[i].holiday != today.date && minute >= r[i].open &&
			(over || minute < r[i].close))
			return true;
		if (r[i].level == older && r[i].day[before.weekday] && over && minute < r[i].close && older <= level &&
			r[i].holiday != today.date && r[i].holiday != before.date) {
			bool closed = false;

			for (size_t k = 0; k < n; k++)
				closed = closed || (r[k].level == older && r[k].day[today.weekday] && r[k].open < 0);
			if (!closed)
				return true;
		}
	}
	return false;
}

/* Local minute by minute through libc's localtime, over a year: where our openings must be. */
static void one_random(uint32_t number, const char *zone)
{
	enum { MINUTES = 366 * 1440 };
	static bool      open[MINUTES];
	struct slow_rule slow[6];
	char             text[2000];
	struct table     table;
	size_t           n;
	time_t           start = (time_t)(at("2026-01-05T00:00:00Z") / 1000);
	struct slow_day  today, before = { 0 };
	int              next = -1, wrong = 0, yday = -1;

	seed = number;
	n = random_rules(slow, text);
	problems[0] = '\0';
	td_quiet_parse(td_view_str(text), &(struct td_strings){ NULL, 0 }, &arena, &table.v, &table.n, note_problem, NULL);
	/* What never opens is refused in files, and compared here all the same. */
	if (problems[0] && !strstr(problems, "could ever go"))
		fail("seed %u: %s%s", number, text, problems);
	setenv("TZ", zone, 1);
	tzset();
	for (int i = 0; i < MINUTES; i++) {
		time_t    t = start + i * 60;
		struct tm tm;

		localtime_r(&t, &tm);
		today.weekday = (tm.tm_wday + 6) % 7;
		today.date = tm.tm_mon * 31 + tm.tm_mday - 1;
		if (tm.tm_yday != yday) {
			struct tm noon = { .tm_year = tm.tm_year, .tm_mon = tm.tm_mon, .tm_mday = tm.tm_mday - 1, .tm_hour = 12,
				.tm_isdst = -1 };

			mktime(&noon);
			before = (struct slow_day){ (today.weekday + 6) % 7, noon.tm_mon * 31 + noon.tm_mday - 1 };
			yday = tm.tm_yday;
		}
		open[i] = slow_open(slow, n, today, before, tm.tm_hour * 60 + tm.tm_min);
	}
	for (int i = MINUTES - 1; i >= 0 && wrong < 3; i--) {
		int64_t     from = (start + i * 60LL) * 1000;
		char        want[TD_TIME_SIZE];
		const char *got;

		next = open[i] ? i : next;
		if (i >= MINUTES - 10 * 1440 || (i % 977 && (i == 0 || open[i] == open[i - 1])))
			continue;
		td_when_iso(want, (start + next * 60LL) * 1000);
		td_arena_reset(&arena);
		table = (struct table){ NULL, 0 };
		td_quiet_parse(td_view_str(text), &(struct td_strings){ NULL, 0 }, &arena, &table.v, &table.n, note_problem, NULL);
		got = opening(&table, "US-FL", TD_CLASS_MARKETING, zone, from);
		if (next < 0 || next - i >= 9 * 1440 ? strcmp(got, "never") != 0 :
			next == i ? strcmp(got, "now") != 0 : strcmp(got, want) != 0) {
			wrong++;
			fail("seed %u, %s, minute %d: got %s, want %s of\n%s", number, zone, i, got, want, text);
		}
	}
	ok(wrong == 0, "seed %u: a year of minutes in %s", number, zone);
}

static void random_years(void)
{
	static const char *const zones[] = { NEW_YORK, "Europe/London", "Africa/Cairo", "Australia/Sydney",
		"Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia", "America/St_Johns" };

	for (uint32_t i = 0; i < 24; i++)
		one_random(i + 1, zones[i % (sizeof zones / sizeof *zones)]);
}

/* ---- in the store ------------------------------------------------------------------------------------------------ */

static struct bench b;

#define MIAMI "+13055550123"

static void hours(const struct table *table, const char *default_tz)
{
	b.conf.quiet_hours.rules = table ? table->v : NULL;
	b.conf.quiet_hours.nrules = table ? table->n : 0;
	b.conf.quiet_hours.default_tz = default_tz;
}

/* What `tandem decide` says of a service SMS at a time: "HOLD 2026-… ZONE,ZONE LOCAL RULE". */
static const char *decide_at(const char *number, const char *when, const char *tz)
{
	static char out[4000];
	json_t     *doc = ask(&b, TD_V_EXPLAIN, "address", number, "channel", "sms", "class", "service", "at", when,
		tz ? "tz" : NULL, tz, NULL);
	size_t      n, count;

	if (!doc)
		return last.text;
	n = (size_t)snprintf(out, sizeof out, "%s %s", text(doc, "verdict"), text(doc, "until") ? text(doc, "until") : "-");
	count = json_array_size(json_object_get(doc, "zones"));
	for (size_t i = 0; i < count && i < 3; i++)
		n += (size_t)snprintf(out + n, sizeof out - n, "%c%s", i ? ',' : ' ',
			json_string_value(json_array_get(json_object_get(doc, "zones"), i)));
	if (count > 3)
		n += (size_t)snprintf(out + n, sizeof out - n, ",… %zu", count);
	snprintf(out + n, sizeof out - n, " %.16s %s", text(doc, "local_time"), text(doc, "rule") ? text(doc, "rule") : "-");
	json_decref(doc);
	return out;
}

static void provided(const char *number)
{
	struct td_op *op = bench_call(&b, TD_V_PREPARE, bench_mail(&b, number, "hello", number, TD_CLASS_SERVICE, ""), 1);

	if (op->err.status)
		bail_out("%s", op->err.text);
}

static void sources_of_zones(void)
{
	static const char *us_ca[] = { "US", "CA" };
	struct td_strings  only_us = b.conf.countries;

	hours(&shipped, NULL);
	provided(MIAMI);
	is_str(decide_at(MIAMI, "2026-01-13T01:00:00Z", NULL),
		"HOLD 2026-01-13T14:00:00.000Z America/New_York 2026-01-12T20:00 US-FL mon-sun 09:00-20:00",
		"the zone of the number, the rule of its state");
	is_str(decide_at(MIAMI, "2026-01-13T01:00:00Z", "America/Los_Angeles"),
		"SEND - America/Los_Angeles 2026-01-12T17:00 -", "the zone of the mail comes first");
	json_decref(ask(&b, TD_V_PERSON_SET, "address", MIAMI, "set", "tz=Europe/Paris", NULL));
	is_str(decide_at(MIAMI, "2026-01-12T08:30:00Z", NULL), "SEND - Europe/Paris 2026-01-12T09:30 -",
		"then the one on file");
	is_str(decide_at("+18504330123", "2026-01-12T14:30:00Z", NULL),
		"DENY - America/Chicago 2026-01-12T08:30 consent-none", "a refusal comes before the hour");
	/* An area code of no table: every state's rule, and no zone. Texas on Sunday, Alabama not at all. */
	provided("+12005550123");
	hours(&shipped, NEW_YORK);
	is_str(decide_at("+12005550123", "2026-01-12T14:30:00Z", NULL),
		"HOLD 2026-01-12T15:00:00.000Z America/New_York 2026-01-12T09:30 US-KY mon-sun 10:00-21:00",
		"an unknown area code keeps every state's hours, in default_tz");
	is_str(decide_at("+12005550123", "2026-01-11T18:00:00Z", NULL),
		"HOLD 2026-01-12T15:00:00.000Z America/New_York 2026-01-11T13:00 US-AL sun closed", "… and their Sundays");
	hours(NULL, NULL);
	is_str(decide_at("+12005550123", "2026-01-12T14:30:00Z", NULL),
		"HOLD 2026-01-12T19:00:00.000Z America/Adak,America/Anchorage,America/Boise,… 29 2026-01-12T04:30"
		" * mon-sun 09:00-21:00", "without a zone: all of the country");
	b.conf.countries = (struct td_strings){ us_ca, 2 };
	is_str(decide_at("+12005550123", "2026-01-13T00:45:00Z", NULL),
		"HOLD 2026-01-13T19:00:00.000Z America/Adak,America/Anchorage,America/Boise,… 52 2026-01-12T21:15"
		" * mon-sun 09:00-21:00", "… of all countries: St. John's closes first");
	b.conf.countries = only_us;
}

static const char *job_row(struct td_view job)
{
	char sql[200];

	snprintf(sql, sizeof sql, "SELECT state || ' ' || reason || ' ' || due FROM job WHERE id = '%.*s'", TD_VARG(job));
	return bench_ask(&b, sql);
}

static int64_t due_of(struct td_view job)
{
	int64_t state, due;
	char    reason[40];

	return sscanf(job_row(job), "%" SCNd64 " %39s %" SCNd64, &state, reason, &due) == 3 && state == TD_HELD &&
		strcmp(reason, "quiet-hours") == 0 ? due : -1;
}

static struct td_view service_job(const char *key, int64_t expires)
{
	struct td_prepare *mail = bench_mail(&b, MIAMI, "hello", key, TD_CLASS_SERVICE, "");
	struct td_view     job;

	mail->expires = expires;
	mail->tz = TD_VLIT(NEW_YORK);
	job = bench_job(&b, mail);
	if (!job.n)
		bail_out("%s: no job", key);
	return job;
}

static const char *begin(struct td_view job)
{
	bench_lease(&b, job, 7);
	return bench_begin_reason(&b, job, 7, false);
}

static void held(void)
{
	struct td_view job, other;
	int64_t        opens = at("2026-01-13T14:00:00Z"), due;

	hours(&shipped, NULL);
	b.clock.value_ms = at("2026-01-13T01:30:00Z");
	job = service_job("k-held", 0);
	other = service_job("k-other", 0);
	is_str(begin(job), "quiet-hours", "at 20:30 in Florida it does not go");
	due = due_of(job);
	ok(due >= opens && due <= opens + 15 * 60000, "it waits until 09:00, and up to 15 minutes");
	is_str(begin(other), "quiet-hours", "nor does another");
	ok(due_of(other) != due, "which waits for another time");
	like(bench_ask(&b, td_arena_printf(&arena, "SELECT detail FROM job WHERE id = '%.*s'", TD_VARG(job))),
		"quiet hours (US-FL mon-sun 09:00-20:00; secondary: 08:00-20:00; opens as the default): it is 20:30 there "
		"(America/New_York); goes at 2026-01-13 09:", "in plain words");
	b.clock.value_ms += 3600000;
	is_str(begin(job), "quiet-hours", "woken too early (a clock that jumped back), it is held again");
	is_int(due_of(job), due, "until the same time");
	b.clock.value_ms = due;
	is_str(begin(job), "ok", "at its time it goes");
	b.clock.value_ms = at("2026-01-14T01:00:00Z");
	is_str(begin(other), "quiet-hours", "a clock that jumped over the day: it waits for the next");
	ok(due_of(other) >= opens + DAY, "… day");
}

static void what_does_not_wait(void)
{
	static struct td_conf_category quiet = { .name = "receipt", .class = TD_CLASS_TRANSACTIONAL, .ttl_ms = -1,
		.quiet = true };
	struct td_conf_category        kept = b.categories[0];
	struct table                   own = rules("*,,09:00,21:00,,,,\n*,,09:00,09:30,transactional,,,\n");

	hours(&shipped, NULL);
	b.clock.value_ms = at("2026-01-13T01:30:00Z");
	is_str(begin(bench_job(&b, bench_mail(&b, "+13055550124", "x", "k-tx", TD_CLASS_TRANSACTIONAL, ""))), "ok",
		"transactional goes at night");
	is_str(begin(bench_job(&b, bench_mail(&b, "+13055550124", "x", "k-otp", TD_CLASS_SOLICITED, "otp"))), "ok",
		"a code too");
	b.categories[0] = quiet;
	is_str(begin(bench_job(&b, bench_mail(&b, "+13055550124", "x", "k-quiet", TD_CLASS_TRANSACTIONAL, "receipt"))),
		"quiet-hours", "but not of a category that asks for quiet");
	b.clock.value_ms = at("2026-01-13T15:00:00Z");
	is_str(begin(bench_job(&b, bench_mail(&b, "+13055550124", "x", "k-day", TD_CLASS_TRANSACTIONAL, "receipt"))), "ok",
		"which has the hours of service");
	hours(&own, NULL);
	is_str(begin(bench_job(&b, bench_mail(&b, "+13055550124", "x", "k-own", TD_CLASS_TRANSACTIONAL, "receipt"))),
		"quiet-hours", "unless rows speak of it");
	b.categories[0] = kept;
}

/* The whole decision runs again when it wakes. */
static void changed_meanwhile(void)
{
	struct td_view job, late;
	struct table   narrow = rules("*,,12:00,12:01,,,,\n");
	int64_t        due;

	hours(&shipped, NULL);
	b.clock.value_ms = at("2026-02-03T01:30:00Z");
	job = service_job("k-stop", 0);
	begin(job);
	b.clock.value_ms = due_of(job);
	bench_inbound(&b, MIAMI, "STOP", "i-1");
	is_str(begin(job), "optout", "STOP while it was held: not sent");
	b.clock.value_ms += 1000;
	bench_inbound(&b, MIAMI, "START", "i-2");

	b.clock.value_ms = at("2026-02-04T01:30:00Z");
	late = service_job("k-late", at("2026-02-04T13:59:00Z"));
	is_str(begin(late), "quiet-hours", "it opens after its end:");
	is_int(due_of(late), at("2026-02-04T13:59:00Z"), "held until its end");
	b.clock.value_ms = due_of(late);
	is_str(begin(late), "expired", "and ended then");

	b.clock.value_ms = at("2026-02-05T01:30:00Z");
	late = service_job("k-short", at("2026-02-05T14:00:01Z"));
	begin(late);
	b.clock.value_ms = due_of(late);
	ok(b.clock.value_ms < at("2026-02-05T14:00:01Z"), "what ends a second after the opening is not spread over it");
	is_str(begin(late), "ok", "and goes");

	b.clock.value_ms = at("2026-02-06T01:30:00Z");
	job = service_job("k-narrow", 0);
	begin(job);
	b.clock.value_ms = due_of(job);
	hours(&narrow, NULL);
	is_str(begin(job), "quiet-hours", "rules that changed meanwhile hold it on");
	due = due_of(job);
	ok(due >= at("2026-02-06T17:00:00Z") && due < at("2026-02-06T17:01:00Z"), "within a window of a minute");
	b.clock.value_ms = due;
	is_str(begin(job), "ok", "in which it goes");
}

/* 14 hours apart and 12 open: never at once. It waits, and ends when it expires. */
static void nowhere(void)
{
	static const char *far[] = { "US", "JP" };
	struct td_strings  only_us = b.conf.countries;
	struct table       table = rules("*,,09:00,10:00,,,,\n");

	b.conf.countries = (struct td_strings){ far, 2 };
	hours(&table, NULL);
	b.clock.value_ms = at("2026-02-10T15:00:00Z");
	like(decide_at("+12005550123", "2026-02-10T15:00:00Z", NULL), "HOLD 2026-02-19T15:00:00.000Z",
		"what can never go is not sent anyway");
	b.conf.countries = only_us;
}

static void stored_zone_of_the_mail(void)
{
	struct td_prepare *mail = bench_mail(&b, "+13055550177", "x", "k-pair", TD_CLASS_SERVICE, "");
	struct td_view     job;

	hours(&shipped, NULL);
	b.clock.value_ms = at("2026-03-03T01:30:00Z");
	json_decref(ask(&b, TD_V_PERSON_SET, "address", "ana@example.com", "set", "tz=Asia/Tokyo", NULL));
	((struct td_dest *)mail->dests.v)->email = TD_VLIT("ana@example.com");
	job = bench_job(&b, mail);
	is_str(begin(job), "ok", "the zone of the e-mail address beside the number: 10:30 in Tokyo");
	b.clock.value_ms = at("2026-03-03T15:30:00Z");
	mail->key = TD_VLIT("k-pair-2");
	job = bench_job(&b, mail);
	is_str(begin(job), "quiet-hours", "00:30 there");
}

int main(void)
{
	td_arena_init(&arena, 256u << 20);
	load_shipped();
	every_row_says_where_from();
	default_hours();
	florida();
	texas();
	other_states();
	india();
	france();
	over_midnight();
	unions();
	many_zones();
	summer_time();
	bad_files();
	never_open();
	bench_start(&b);
	b.clock.value_ms = at("2026-01-10T18:00:00Z");
	sources_of_zones();
	held();
	what_does_not_wait();
	changed_meanwhile();
	nowhere();
	stored_zone_of_the_mail();
	bench_end(&b);
	random_years();
	td_arena_free(&arena);
	return done_testing();
}
