/*
 * cost - what the two ways of `tandem cost` share: price tables, routes, segments
 *
 * Owns: the tables, in an arena of its own (a batch empties that of the call). Threads: one. Errors: in call->err.
 */
#ifndef CTL_COST_H
#define CTL_COST_H

#include "ctl.h"
#include "number.h"
#include "prices.h"

struct cost {
	struct ctl_call  *call;
	struct td_prices *tables; /* one a provider, in the order of the configuration; empty without a table */
	struct td_arena   arena;
	size_t            refused; /* lines of the list that could not be priced */
};

/* Loads every table; a bad one is an error with its file and line. cost_close in any case. */
enum td_status cost_open(struct cost *cost, struct ctl_call *call);
void cost_close(struct cost *cost);
/* Price of a segment to this number through a provider; NULL when its table has none. */
const struct td_price *cost_price(const struct cost *cost, const char *provider, const char *number);
/* Calls each for every provider of every route that could carry an SMS to this number, in their order. */
void cost_each_route(const struct cost *cost, const char *number,
	void (*each)(void *arg, const struct td_conf_route *route, const char *provider), void *arg);
/* Segments of a text as it would be sent. */
enum td_status cost_segments(struct cost *cost, struct td_view text, unsigned *segments);
/* A number that an SMS may go to, or why not. */
enum td_status cost_number(struct cost *cost, struct td_view to, struct td_number *out);
/*
 * --csv FILE ("-": standard input): the first line names the columns: to, and text or segments, and count where one
 * line stands for several SMS. Answers a new list of {country, provider, route, messages, segments, currency, total},
 * by country; a line that is no good goes to stderr with its number, and the others count. NULL: call->err.
 */
json_t *cost_volume(struct cost *cost, struct td_view path);

#endif
