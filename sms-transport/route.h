/*
 * route - which providers may carry an SMS, in which order
 *
 * Threads: pure. Owns: nothing.
 */
#ifndef TD_ROUTE_H
#define TD_ROUTE_H

#include "conf.h"
#include "view.h"

#define ROUTE_PROVIDERS 16 /* of one route */

struct route_ask {
	struct td_view to; /* E.164 */
	struct td_view from;
	struct td_view category;
	struct td_view submitter;
	enum td_class  cls;
	struct td_view job;      /* id: spreads policy "weight" */
	int64_t        attempt;  /* begun so far */
	struct td_view provider; /* attempt 0: demanded; later: the one used last */
};

struct route_choice {
	const char *v[ROUTE_PROVIDERS]; /* names, the first to be tried first */
	size_t      n;
};

/* The most specific route: longest matching prefix, then the most conditions, then the earliest. NULL: none matches. */
const struct td_conf_route *route_find(const struct td_conf *conf, const struct route_ask *ask);
/*
 * Fills *out. A demanded provider stands alone if it is configured. Policy failover begins with the one after the
 * provider used last; weight with one chosen by the job's id in proportion to the weights. n = 0: nothing can carry it.
 */
void route_choose(const struct td_conf *conf, const struct route_ask *ask, struct route_choice *out);
/* TD_BADINPUT for what this version does not do: policy "cost". */
enum td_status route_check(const struct td_conf *conf, struct td_err *err);

#endif
