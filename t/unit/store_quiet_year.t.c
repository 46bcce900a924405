/*
 * store_quiet_year - random rules in zones of all kinds, a year of minutes, against a slow and obvious reference
 */
#include <stdlib.h>
#include <time.h>

#include "quiet_opening.h"

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
	struct td_strings nowhere = { NULL, 0 };

	seed = number;
	n = random_rules(slow, text);
	problems[0] = '\0';
	td_quiet_parse(td_view_str(text), &nowhere, &arena, &table.v, &table.n, note_problem, NULL);
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
		td_quiet_parse(td_view_str(text), &nowhere, &arena, &table.v, &table.n, note_problem, NULL);
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

int main(void)
{
	td_arena_init(&arena, 64u << 20);
	random_years();
	td_arena_free(&arena);
	return done_testing();
}
