/*
 * store_quiet - quiet hours: the rules that are shipped, windows, zones, and the clock that changes
 */
#include "quiet_opening.h"

static struct table shipped;

/* At a time of a place, for service and marketing alike. */
static void expect(const struct table *table, const char *region, const char *zones, const char *from,
	const char *want)
{
	char name[200];

	snprintf(name, sizeof name, "%s, %s, %s: %s", region, zones, from, want);
	is_str(opening(table, region, TD_CLASS_SERVICE, zones, at(from)), want, "service %s", name);
	is_str(opening(table, region, TD_CLASS_MARKETING, zones, at(from)), want, "marketing %s", name);
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
	expect(&feast, "*", "UTC", "2026-12-25T00:00:00Z", "2026-12-26T20:00:00.000Z"); /* nor its evening */
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

int main(void)
{
	td_arena_init(&arena, 64u << 20);
	shipped = shipped_rules();
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
	td_arena_free(&arena);
	return done_testing();
}
