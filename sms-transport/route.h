/*
 * route - which providers may carry an SMS, in which order
 *
 * Threads: pure. Owns: nothing.
 */
#ifndef TD_ROUTE_H
#define TD_ROUTE_H

#include "conf.h"
#include "prices.h"
#include "view.h"

#define ROUTE_PROVIDERS 16 /* of one route */

struct route_prices { /* price tables of the providers, for policy "cost" */
	struct td_arena   arena;
	struct td_prices *v; /* in the order of the configuration's providers; empty: it has none */
	size_t            n;
};

struct route_ask {
	struct td_view to; /* E.164 */
	struct td_view from;
	struct td_view category;
	struct td_view submitter;
	enum td_class  cls;
	struct td_view job;      /* id: spreads policy "weight" */
	int64_t        attempt;  /* begun so far */
	struct td_view provider; /* attempt 0: demanded; later: the one used last */
	const struct route_prices *prices; /* of the same configuration; NULL: none */
};

struct route_choice {
	const char *v[ROUTE_PROVIDERS]; /* names, the first to be tried first */
	size_t      n;
};

/* The most specific route: longest matching prefix, then the most conditions, then the earliest. NULL: none matches. */
const struct td_conf_route *route_find(const struct td_conf *conf, const struct route_ask *ask);
/*
 * Fills *out. A demanded provider stands alone if it is configured. Policy failover begins with the one after the
 * provider used last; weight with one chosen by the job's id in proportion to the weights; cost goes by the price of a
 * segment (an SMS has the same number of them whoever carries it), those of equal price, then those without one, in the
 * order of the list. Prices in another currency than the first one's are none. n = 0: nothing can carry it.
 */
void route_choose(const struct td_conf *conf, const struct route_ask *ask, struct route_choice *out);
/* TD_BADINPUT for a route of more than ROUTE_PROVIDERS. */
enum td_status route_check(const struct td_conf *conf, struct td_err *err);
/*
 * Loads the tables of the providers that stand in a route of policy "cost", and calls warn
 * (may be NULL) for each of them that has none. Errors as of td_prices_load, TD_NOMEM; *out is untouched then.
 */
enum td_status route_prices_new(const struct td_conf *conf, struct route_prices **out,
	void (*warn)(const struct td_conf_route *route, const char *provider), struct td_err *err);
void route_prices_free(struct route_prices *prices); /* NULL allowed */

#endif
