/*
 * route - which providers may carry an SMS, in which order
 */
#include "route.h"

#include <stdlib.h>
#include <string.h>

#define PRICES_ARENA (256u << 20)

static bool listed(const struct td_strings *list, struct td_view v)
{
	for (size_t i = 0; i < list->n; i++) {
		if (td_view_eq(v, td_view_str(list->v[i])))
			return true;
	}
	return false;
}

/* True if a condition is not there or holds; counts those that are there. */
static bool holds(const struct td_strings *list, struct td_view v, size_t *conditions)
{
	if (!list->n)
		return true;
	++*conditions;
	return listed(list, v);
}

/* Length of the longest matching prefix; -1: none matches. No prefixes at all match everything, least. */
static int prefix_length(const struct td_strings *prefixes, struct td_view to)
{
	int longest = prefixes->n ? -1 : 0;

	for (size_t i = 0; i < prefixes->n; i++) {
		struct td_view prefix = td_view_str(prefixes->v[i]);

		if (td_view_starts(to, prefix) && (int)prefix.n > longest)
			longest = (int)prefix.n;
	}
	return longest;
}

const struct td_conf_route *route_find(const struct td_conf *conf, const struct route_ask *ask)
{
	const struct td_conf_route *best = NULL;
	int best_length = -1;
	size_t best_conditions = 0;

	for (size_t i = 0; i < conf->nroutes; i++) {
		const struct td_conf_route *route = &conf->routes[i];
		int length = prefix_length(&route->prefix, ask->to);
		size_t conditions = 0;

		if (length < 0 || !holds(&route->classes, td_view_str(td_class_name(ask->cls)), &conditions) ||
			!holds(&route->categories, ask->category, &conditions) ||
			!holds(&route->submitters, ask->submitter, &conditions) || !holds(&route->from, ask->from, &conditions))
			continue;
		if (best && (length < best_length || (length == best_length && conditions <= best_conditions)))
			continue;
		best = route;
		best_length = length;
		best_conditions = conditions;
	}
	return best;
}

/* FNV-1a: spreads ids evenly, the same one always to the same place. */
static uint64_t hash(struct td_view v)
{
	uint64_t h = 14695981039346656037ull;

	for (size_t i = 0; i < v.n; i++)
		h = (h ^ (unsigned char)v.p[i]) * 1099511628211ull;
	return h ^ h >> 32;
}

static int64_t weight(const struct td_conf_route *route, size_t i)
{
	int64_t w;

	if (i >= route->weights.n || !td_view_i64(td_view_str(route->weights.v[i]), &w) || w < 0)
		return 0;
	return w;
}

/* Position that a job's id falls on, in proportion to the weights. */
static size_t weighted(const struct td_conf_route *route, struct td_view job)
{
	uint64_t sum = 0, at;

	for (size_t i = 0; i < route->providers.n; i++)
		sum += (uint64_t)weight(route, i);
	if (!sum)
		return 0;
	at = hash(job) % sum;
	for (size_t i = 0; i < route->providers.n; i++) {
		if (at < (uint64_t)weight(route, i))
			return i;
		at -= (uint64_t)weight(route, i);
	}
	return 0;
}

/* ---- policy "cost" ---- */

static bool by_cost(const struct td_conf_route *route)
{
	return route->policy && !strcmp(route->policy, "cost");
}

static const struct td_price *price_of(const struct td_conf *conf, const struct route_ask *ask, const char *provider)
{
	for (size_t i = 0; ask->prices && i < conf->nproviders && i < ask->prices->n; i++) {
		if (!strcmp(conf->providers[i].name, provider))
			return td_prices_find(&ask->prices->v[i], ask->to);
	}
	return NULL;
}

/* Sorts by price; of the same price, as they were. */
static void sort_by_cost(const struct td_conf *conf, const struct route_ask *ask, struct route_choice *choice)
{
	int64_t nano[ROUTE_PROVIDERS];
	const char *currency = NULL;

	for (size_t i = 0; i < choice->n; i++) {
		const struct td_price *price = price_of(conf, ask, choice->v[i]);
		const char *name = choice->v[i];
		int64_t cost = INT64_MAX;
		size_t at = i;

		if (price && !currency)
			currency = price->currency;
		if (price && !strcmp(price->currency, currency))
			cost = price->nano;
		for (; at > 0 && nano[at - 1] > cost; at--) {
			nano[at] = nano[at - 1];
			choice->v[at] = choice->v[at - 1];
		}
		nano[at] = cost;
		choice->v[at] = name;
	}
}

static bool costs_count(const struct td_conf *conf, const char *provider)
{
	for (size_t i = 0; i < conf->nroutes; i++) {
		if (by_cost(&conf->routes[i]) && listed(&conf->routes[i].providers, td_view_str(provider)))
			return true;
	}
	return false;
}

static void warn_of(const struct td_conf *conf, const struct route_prices *prices,
	void (*warn)(const struct td_conf_route *route, const char *provider))
{
	for (size_t i = 0; i < conf->nroutes; i++) {
		const struct td_conf_route *route = &conf->routes[i];

		for (size_t j = 0; by_cost(route) && j < conf->nproviders; j++) {
			if (!prices->v[j].n && listed(&route->providers, td_view_str(conf->providers[j].name)))
				warn(route, conf->providers[j].name);
		}
	}
}

enum td_status route_prices_new(const struct td_conf *conf, struct route_prices **out,
	void (*warn)(const struct td_conf_route *route, const char *provider), struct td_err *err)
{
	struct route_prices *prices = calloc(1, sizeof(*prices));
	enum td_status status = TD_OK;

	if (!prices)
		return td_err_set(err, TD_NOMEM, "out of memory");
	td_arena_init(&prices->arena, PRICES_ARENA);
	prices->v = TD_NEWN(&prices->arena, conf->nproviders, struct td_prices);
	prices->n = conf->nproviders;
	if (!prices->v)
		status = td_err_set(err, TD_NOMEM, "out of memory");
	for (size_t i = 0; !status && i < conf->nproviders; i++) {
		if (conf->providers[i].prices && costs_count(conf, conf->providers[i].name))
			status = td_prices_load(conf->providers[i].prices, &prices->arena, &prices->v[i], err);
	}
	if (status) {
		route_prices_free(prices);
		return status;
	}
	if (warn)
		warn_of(conf, prices, warn);
	*out = prices;
	return TD_OK;
}

void route_prices_free(struct route_prices *prices)
{
	if (prices)
		td_arena_free(&prices->arena);
	free(prices);
}

/* ---- choosing ---- */

/* Where in the list to begin: after a failed attempt with the one after it. */
static size_t first(const struct td_conf_route *route, const struct route_ask *ask, const struct route_choice *list)
{
	if (ask->attempt > 0) {
		for (size_t i = 0; i < list->n; i++) {
			if (td_view_eq(ask->provider, td_view_str(list->v[i])))
				return (i + 1) % list->n;
		}
	}
	if (route->policy && !strcmp(route->policy, "weight"))
		return weighted(route, ask->job) % list->n;
	return 0;
}

void route_choose(const struct td_conf *conf, const struct route_ask *ask, struct route_choice *out)
{
	const struct td_conf_provider *demanded = NULL;
	const struct td_conf_route *route;
	struct route_choice list = { .n = 0 };
	size_t from;

	out->n = 0;
	if (ask->attempt == 0 && ask->provider.n)
		demanded = td_conf_provider(conf, ask->provider);
	if (demanded) {
		out->v[out->n++] = demanded->name;
		return;
	}
	route = route_find(conf, ask);
	if (!route || !route->providers.n)
		return;
	while (list.n < route->providers.n && list.n < ROUTE_PROVIDERS) {
		list.v[list.n] = route->providers.v[list.n];
		list.n++;
	}
	if (by_cost(route))
		sort_by_cost(conf, ask, &list);
	from = first(route, ask, &list);
	while (out->n < list.n) {
		out->v[out->n] = list.v[(from + out->n) % list.n];
		out->n++;
	}
}

enum td_status route_check(const struct td_conf *conf, struct td_err *err)
{
	for (size_t i = 0; i < conf->nroutes; i++) {
		if (conf->routes[i].providers.n > ROUTE_PROVIDERS)
			return td_err_set(err, TD_BADINPUT, "route \"%s\": %zu providers, at most %d",
				conf->routes[i].name ? conf->routes[i].name : "", conf->routes[i].providers.n, ROUTE_PROVIDERS);
	}
	return TD_OK;
}
