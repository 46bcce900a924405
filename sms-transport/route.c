/*
 * route - which providers may carry an SMS, in which order
 */
#include "route.h"

#include <string.h>

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

/* Where to begin: after a failed attempt with the one after it. */
static size_t first(const struct td_conf_route *route, const struct route_ask *ask)
{
	if (ask->attempt > 0) {
		for (size_t i = 0; i < route->providers.n; i++) {
			if (td_view_eq(ask->provider, td_view_str(route->providers.v[i])))
				return (i + 1) % route->providers.n;
		}
	}
	if (route->policy && !strcmp(route->policy, "weight"))
		return weighted(route, ask->job);
	return 0;
}

void route_choose(const struct td_conf *conf, const struct route_ask *ask, struct route_choice *out)
{
	const struct td_conf_provider *demanded = NULL;
	const struct td_conf_route *route;
	size_t n, from;

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
	n = route->providers.n;
	from = first(route, ask);
	for (size_t i = 0; i < n && out->n < ROUTE_PROVIDERS; i++)
		out->v[out->n++] = route->providers.v[(from + i) % n];
}

enum td_status route_check(const struct td_conf *conf, struct td_err *err)
{
	for (size_t i = 0; i < conf->nroutes; i++) {
		if (conf->routes[i].policy && !strcmp(conf->routes[i].policy, "cost"))
			return td_err_set(err, TD_BADINPUT,
				"route \"%s\": policy \"cost\" is not served by this version (use \"failover\" or \"weight\")",
				conf->routes[i].name ? conf->routes[i].name : "");
	}
	return TD_OK;
}
