/*
 * quiet_time - when do the quiet hours of some places in some time zones all end?
 */
#include "quiet_time.h"

#include "zone.h"

#define MINUTE_MS INT64_C(60000)
#define DAY_MS (TD_QUIET_DAY_MINUTES * MINUTE_MS)

static bool speaks_of(const struct td_quiet_rule *rule, const char *region, enum td_class class)
{
	return rule->classes >> class & 1 && td_quiet_level(rule->region, region) >= 0;
}

bool td_quiet_place(const struct td_quiet_rule *rules, size_t n, const char *region, enum td_class class,
	struct td_arena *arena, struct td_quiet_place *out)
{
	size_t matches = 0;

	for (size_t i = 0; i < n; i++)
		matches += speaks_of(&rules[i], region, class);
	*out = (struct td_quiet_place){ .region = region };
	out->rules = td_arena_array(arena, matches, sizeof(*out->rules));
	for (size_t i = 0; out->rules && i < n; i++) {
		if (!speaks_of(&rules[i], region, class))
			continue;
		out->rules[out->n].rule = &rules[i];
		out->rules[out->n].level = td_quiet_level(rules[i].region, region);
		out->n++;
	}
	return out->rules != NULL;
}

/* 1970-01-01 was a Thursday. */
static unsigned weekday_bit(int64_t day)
{
	return 1u << (unsigned)((day % 7 + 11) % 7);
}

enum { NOBODY = 9 };

/* Level of the most specific region that lists the day; *closed: its row says closed. */
static int level_of(const struct td_quiet_place *place, int64_t day, bool *closed)
{
	unsigned bit = weekday_bit(day);
	int level = NOBODY;

	*closed = false;
	for (size_t i = 0; i < place->n; i++) {
		if (!(place->rules[i].rule->days & bit) || place->rules[i].level > level)
			continue;
		*closed = (place->rules[i].level == level && *closed) || place->rules[i].rule->closed;
		level = place->rules[i].level;
	}
	return level;
}

static bool crosses(const struct td_quiet_rule *rule) { return !rule->closed && rule->close <= rule->open; }

/* Is it open by what opened yesterday? */
static bool open_since_yesterday(const struct td_quiet_place *place, int64_t day, int64_t ms, int today, bool closed)
{
	bool ignored;
	int level = level_of(place, day - 1, &ignored);
	unsigned bit = weekday_bit(day - 1);

	if (level == NOBODY || today < level || (today == level && closed))
		return false;
	for (size_t i = 0; i < place->n; i++) {
		const struct td_quiet_rule *rule = place->rules[i].rule;

		if (place->rules[i].level == level && rule->days & bit && crosses(rule) && ms < rule->close * MINUTE_MS &&
			!td_quiet_is_holiday(rule, day - 1) && !td_quiet_is_holiday(rule, day))
			return true;
	}
	return false;
}

bool td_quiet_open_at(const struct td_quiet_place *place, int64_t day, int64_t ms, const struct td_quiet_rule **why)
{
	const struct td_quiet_rule *first = NULL;
	unsigned bit = weekday_bit(day);
	bool closed;
	int level = level_of(place, day, &closed);

	for (size_t i = 0; i < place->n; i++) {
		const struct td_quiet_rule *rule = place->rules[i].rule;

		if (place->rules[i].level != level || !(rule->days & bit))
			continue;
		first = first ? first : rule;
		if (!rule->closed && ms >= rule->open * MINUTE_MS && (crosses(rule) || ms < rule->close * MINUTE_MS) &&
			!td_quiet_is_holiday(rule, day))
			return true;
	}
	if (why)
		*why = first;
	return open_since_yesterday(place, day, ms, level, closed);
}

/* Local day and time of it. */
static int64_t local(const struct td_quiet_zone *zone, int64_t at, int64_t *ms)
{
	int64_t t = at + zone->offset_ms;
	int64_t day = t >= 0 ? t / DAY_MS : -((-t + DAY_MS - 1) / DAY_MS);

	*ms = t - day * DAY_MS;
	return day;
}

static enum td_status look(struct td_quiet_zone *zone, int64_t at, struct td_err *err)
{
	int seconds;

	if (at >= zone->from_ms && at < zone->until_ms)
		return TD_OK;
	if (td_zone_span(zone->name, at, &seconds, &zone->until_ms, err))
		return TD_BADINPUT;
	zone->offset_ms = seconds * 1000LL;
	zone->from_ms = at;
	return TD_OK;
}

/* The next time after `at` at which it may open: a window's begin, the end of the day, a change of the clock. */
static int64_t next_edge(const struct td_quiet_place *place, const struct td_quiet_zone *zone, int64_t at, int64_t ms)
{
	int64_t next = at + DAY_MS - ms;

	for (size_t i = 0; i < place->n; i++) {
		int64_t open = place->rules[i].rule->open * MINUTE_MS;

		if (!place->rules[i].rule->closed && open > ms && at + open - ms < next)
			next = at + open - ms;
	}
	return next < zone->until_ms ? next : zone->until_ms;
}

static enum td_status opening(const struct td_quiet_place *place, struct td_quiet_zone *zone, int64_t from,
	int64_t limit, int64_t *out, struct td_err *err)
{
	int64_t day, ms;

	for (int64_t at = from; at < limit; at = next_edge(place, zone, at, ms)) {
		if (look(zone, at, err))
			return TD_BADINPUT;
		day = local(zone, at, &ms);
		*out = at;
		if (td_quiet_open_at(place, day, ms, NULL))
			return TD_OK;
	}
	*out = INT64_MAX;
	return TD_OK;
}

static enum td_status say_closed(const struct td_quiet_place *place, struct td_quiet_zone *zone, int64_t at,
	struct td_quiet_closed *closed, struct td_err *err)
{
	int64_t day, ms;

	if (look(zone, at, err))
		return TD_BADINPUT;
	*closed = (struct td_quiet_closed){ .place = place, .zone = zone->name };
	day = local(zone, at, &ms);
	td_quiet_open_at(place, day, ms, &closed->rule);
	return TD_OK;
}

enum td_status td_quiet_opening(const struct td_quiet_place *places, size_t nplaces, struct td_quiet_zone *zones,
	size_t nzones, int64_t from_ms, int64_t limit_ms, int64_t *out, struct td_quiet_closed *closed, struct td_err *err)
{
	int64_t at = from_ms, next;
	size_t open = 0, n = nplaces * nzones; /* pairs in a row that are open at `at` */

	for (size_t i = 0; open < n; i = (i + 1) % n) {
		const struct td_quiet_place *place = &places[i / nzones];
		struct td_quiet_zone *zone = &zones[i % nzones];

		if (opening(place, zone, at, limit_ms, &next, err))
			return TD_BADINPUT;
		if (next > from_ms && at == from_ms && closed && say_closed(place, zone, from_ms, closed, err))
			return TD_BADINPUT;
		open = next > at ? 1 : open + 1;
		at = next;
		if (at == INT64_MAX)
			break;
	}
	*out = at;
	return TD_OK;
}
