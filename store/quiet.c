/*
 * quiet - may this SMS go at this hour: zones and region of a recipient, and when the quiet hours end (policy §7)
 */
#include "quiet.h"

#include <stdlib.h>

#include "job.h"
#include "number_zone.h"
#include "quiet_time.h"
#include "zone.h"

#define DAYS_AHEAD (9 * 86400000LL) /* a week, and holidays in a row */
#define JITTER_MS (15 * 60000)

static enum td_status no_room(struct td_op *op)
{
	return td_err_set(&op->err, TD_NOMEM, "request too large");
}

/* By whose hours the message goes; TD_CLASS_NONE: by nobody's. */
static enum td_class class_of(const struct td_conf *conf, const struct td_gather *g, const struct td_quiet_rule *rules,
	size_t n)
{
	const struct td_conf_category *category;

	if (g->channel != TD_SMS)
		return TD_CLASS_NONE;
	if (g->cls == TD_CLASS_SERVICE || g->cls == TD_CLASS_MARKETING)
		return g->cls;
	category = g->cls == TD_CLASS_TRANSACTIONAL && g->category.n ? td_conf_category(conf, g->category) : NULL;
	if (!category || !category->quiet)
		return TD_CLASS_NONE;
	for (size_t i = 0; i < n; i++) {
		if (rules[i].classes >> TD_CLASS_TRANSACTIONAL & 1)
			return TD_CLASS_TRANSACTIONAL;
	}
	return TD_CLASS_SERVICE;
}

/* ---- zones ------------------------------------------------------------------------------------------------------- */

/* Adds those of `more` that the tz database has, each once. False: no memory. */
static bool add_zones(struct td_op *op, struct td_views *zones, struct td_views more)
{
	struct td_view *all = TD_NEWN(op->arena, zones->n + more.n, struct td_view);
	size_t          n = zones->n;

	if (!all)
		return false;
	memcpy(all, zones->v ? zones->v : all, n * sizeof *all);
	for (size_t i = 0; i < more.n; i++) {
		bool known = false;

		for (size_t k = 0; k < n && !known; k++)
			known = td_view_eq(all[k], more.v[i]);
		if (!known && td_zone_valid(more.v[i]))
			all[n++] = more.v[i];
	}
	*zones = (struct td_views){ all, n };
	return true;
}

struct td_view td_quiet_zone_of(const struct td_rows *attrs)
{
	for (size_t i = 0; i < attrs->nrows; i++) {
		if (td_view_eq(td_col_view(attrs, i, 0), TD_VLIT("tz")))
			return td_col_view(attrs, i, 1);
	}
	return TD_VLIT("");
}

static struct td_view stored_zone(const struct td_gather *g)
{
	struct td_view own = td_quiet_zone_of(&g->attrs);

	return own.n ? own : g->tz_stored;
}

static enum td_status country_zones(struct td_op *op, const struct td_conf *conf, struct td_views *zones)
{
	struct td_views own;
	size_t          n = conf->countries.n ? conf->countries.n : conf->home_country != NULL;

	for (size_t i = 0; i < n; i++) {
		const char *country = conf->countries.n ? conf->countries.v[i] : conf->home_country;

		if (td_region_zones(country, op->arena, &own, &op->err) || !add_zones(op, zones, own))
			return no_room(op);
	}
	return TD_OK;
}

static enum td_status find_zones(struct td_store *store, struct td_op *op, const struct td_gather *g,
	const struct td_number *number, struct td_quiet *quiet)
{
	struct td_view  stored = stored_zone(g), deflt = td_view_str(store->conf->quiet_hours.default_tz), header = g->tz;
	struct td_views own = { 0 };

	if (td_number_zones(number, op->arena, &own, &op->err))
		return op->err.status;
	{
		const struct {
			const char     *source;
			struct td_views zones;
		} sources[] = {
			{ "header", { &header, header.n > 0 } },
			{ "stored", { &stored, stored.n > 0 } },
			{ "number", own },
			{ "default_tz", { &deflt, deflt.n > 0 } },
		};

		for (size_t i = 0; i < sizeof sources / sizeof *sources && quiet->zones.n == 0; i++) {
			if (!add_zones(op, &quiet->zones, sources[i].zones))
				return no_room(op);
			quiet->zone_source = sources[i].source;
		}
	}
	if (quiet->zones.n > 0)
		return TD_OK;
	quiet->zone_source = "countries";
	return country_zones(op, store->conf, &quiet->zones);
}

/* ---- places ------------------------------------------------------------------------------------------------------ */

struct places {
	struct td_quiet_place      *v;
	size_t                      n, room;
	const struct td_quiet_rule *rules;
	size_t                      nrules;
	enum td_class               class;
	struct td_arena            *arena;
};

static bool add_place(struct places *places, const char *region)
{
	if (!region || places->n == places->room)
		return false;
	for (size_t i = 0; i < places->n; i++) {
		if (strcmp(places->v[i].region, region) == 0)
			return true;
	}
	if (!td_quiet_place(places->rules, places->nrules, region, places->class, places->arena, &places->v[places->n]))
		return false;
	places->n++;
	return true;
}

/* Of a number that does not tell its state, every state's hours may be its own. */
static bool add_every_part(struct places *places, const char *country)
{
	for (size_t i = 0; i < places->nrules; i++) {
		const char *region = places->rules[i].region;

		if (strncmp(region, country, 2) == 0 && region[2] == '-' && !add_place(places, region))
			return false;
	}
	return add_place(places, country);
}

static enum td_status find_places(struct td_op *op, const struct td_number *number, struct places *places)
{
	struct td_views parts;
	bool            good = true;

	if (td_number_parts(number, op->arena, &parts, &op->err))
		return op->err.status;
	places->room = parts.n ? parts.n : places->nrules + 1;
	places->v = TD_NEWN(op->arena, places->room, struct td_quiet_place);
	if (!places->v)
		return no_room(op);
	for (size_t i = 0; i < parts.n; i++)
		good = good && add_place(places, td_arena_str(op->arena, parts.v[i]));
	if (parts.n == 0)
		good = number->region[0] ? add_every_part(places, number->region) : add_place(places, "*");
	return good ? TD_OK : no_room(op);
}

/* ---- when -------------------------------------------------------------------------------------------------------- */

struct when {
	const struct places  *places;
	struct td_quiet_zone *zones;
	size_t                nzones;
};

static enum td_status opening(struct td_op *op, const struct when *when, int64_t from, int64_t limit, int64_t *out,
	struct td_quiet_closed *closed)
{
	return td_quiet_opening(when->places->v, when->places->n, when->zones, when->nzones, from, limit, out, closed,
		&op->err);
}

/* As much of the jitter as leaves the message within the hours and its life: half of it, and half of that. */
static enum td_status spread(struct td_op *op, const struct when *when, const struct td_gather *g, int64_t opens,
	int64_t *out)
{
	int64_t at;

	for (int64_t jitter = td_job_jitter(g->job, JITTER_MS); jitter > 0; jitter /= 2) {
		if (g->expires && opens + jitter >= g->expires)
			continue;
		if (opening(op, when, opens + jitter, opens + jitter + 1, &at, NULL))
			return op->err.status;
		if (at == opens + jitter) {
			*out = at;
			return TD_OK;
		}
	}
	*out = opens;
	return TD_OK;
}

/* No zone at all (a machine without the tz database): nobody can tell the hour, so it is none that is allowed. */
static enum td_status no_zone(struct td_op *op, struct td_gather *g, struct td_quiet *quiet)
{
	quiet->never = true;
	quiet->region = "*";
	quiet->rule = "no time zone is known";
	quiet->source = "";
	quiet->opens_at = g->facts.opens_at = op->now_ms + DAYS_AHEAD;
	g->facts.quiet_rule = quiet->rule;
	return TD_OK;
}

static void take_closed(struct td_quiet *quiet, const struct td_quiet_closed *closed)
{
	quiet->region = closed->place->region;
	quiet->rule = closed->rule ? closed->rule->name : closed->place->region;
	quiet->source = closed->rule ? closed->rule->source : "";
	quiet->zone = closed->zone;
}

static enum td_status find_opening(struct td_op *op, struct td_gather *g, const struct places *places,
	struct td_quiet *quiet)
{
	struct td_quiet_closed closed;
	struct when            when = { places, NULL, quiet->zones.n };
	int64_t                limit = op->now_ms + DAYS_AHEAD, opens;

	if (when.nzones == 0)
		return no_zone(op, g, quiet);
	when.zones = TD_NEWN(op->arena, when.nzones, struct td_quiet_zone);
	if (!when.zones)
		return no_room(op);
	for (size_t i = 0; i < when.nzones; i++)
		when.zones[i].name = quiet->zones.v[i];
	if (opening(op, &when, op->now_ms, limit, &opens, &closed))
		return op->err.status;
	if (opens == op->now_ms)
		return TD_OK;
	take_closed(quiet, &closed);
	g->facts.quiet_rule = quiet->rule;
	quiet->never = opens == INT64_MAX;
	quiet->opens_at = g->facts.opens_at = quiet->never ? limit : opens;
	return quiet->never ? TD_OK : spread(op, &when, g, opens, &g->facts.opens_at);
}

enum td_status td_quiet_fill(struct td_store *store, struct td_op *op, struct td_gather *g)
{
	struct places    places = { .arena = op->arena };
	struct td_quiet *quiet;
	struct td_number number;

	g->quiet = NULL;
	places.rules = td_quiet_rules(store->conf, &places.nrules);
	places.class = class_of(store->conf, g, places.rules, places.nrules);
	if (places.class == TD_CLASS_NONE || !td_address_is_tel(g->addr))
		return TD_OK;
	/* No number at all is refused for that. */
	if (td_number_parse(td_address_plain(g->addr), NULL, &number, NULL))
		return TD_OK;
	quiet = TD_NEW(op->arena, struct td_quiet);
	if (!quiet)
		return no_room(op);
	quiet->now_ms = op->now_ms;
	if (find_zones(store, op, g, &number, quiet) || find_places(op, &number, &places) ||
		find_opening(op, g, &places, quiet))
		return op->err.status;
	g->quiet = quiet;
	return TD_OK;
}

struct td_view td_quiet_words(struct td_op *op, const struct td_gather *g)
{
	const struct td_quiet *quiet = g->quiet;
	bool                   sourced = quiet->source[0] != '\0';
	char                   now[TD_ZONE_TIME_SIZE] = "", goes[TD_ZONE_TIME_SIZE] = "";
	const char            *state = quiet->never ? "no hour of the next 9 days is allowed everywhere, looked at again" :
		"goes";

	if (!quiet->zone.n)
		return td_op_text(op, "quiet hours (%s)", quiet->rule);
	td_zone_local(quiet->zone, quiet->now_ms, now, NULL);
	td_zone_local(quiet->zone, g->decision.until, goes, NULL);
	return td_op_text(op, "quiet hours (%s%s%s): it is %.5s there (%.*s); %s at %.10s %.8s %s", quiet->rule,
		sourced ? "; " : "", quiet->source, now + 11, TD_VARG(quiet->zone), state, goes, goes + 11, goes + 23);
}
