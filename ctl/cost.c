/*
 * cost - `tandem cost`: what an SMS costs, by provider and route
 *
 * The routes are those that could carry it: of the longest prefix, and of a shorter one only where the longer wants a
 * class, category, submitter or sender that may not be the SMS's. Sums are exact: prices.h.
 */
#include <stdio.h>
#include <stdlib.h>

#include "cost.h"
#include "number.h"
#include "sms.h"
#include "words.h"

#define TABLES_CAP (64u << 20)

enum td_status cost_open(struct cost *cost, struct ctl_call *call)
{
	const struct td_conf *conf = call->conf;

	*cost = (struct cost){ .call = call };
	td_arena_init(&cost->arena, TABLES_CAP);
	cost->tables = TD_NEWN(&cost->arena, conf->nproviders, struct td_prices);
	if (!cost->tables)
		return td_err_set(&call->err, TD_NOMEM, "out of memory");
	for (size_t i = 0; i < conf->nproviders; i++) {
		if (conf->providers[i].prices &&
			td_prices_load(conf->providers[i].prices, &cost->arena, &cost->tables[i], &call->err))
			return call->err.status;
	}
	return TD_OK;
}

void cost_close(struct cost *cost)
{
	td_arena_free(&cost->arena);
}

const struct td_price *cost_price(const struct cost *cost, const char *provider, const char *number)
{
	const struct td_conf *conf = cost->call->conf;

	for (size_t i = 0; i < conf->nproviders; i++) {
		if (!strcmp(conf->providers[i].name, provider))
			return td_prices_find(&cost->tables[i], td_view_str(number));
	}
	return NULL;
}

/* ---- routes ---- */

/* Does a condition keep this SMS out? What is not said on the command line keeps nothing out, but leaves it open. */
static bool keeps_out(const struct td_strings *list, struct td_view said, bool *open)
{
	if (!list->n)
		return false;
	for (size_t i = 0; said.n && i < list->n; i++) {
		if (td_view_caseeq(said, td_view_str(list->v[i])))
			return false;
	}
	*open |= said.n == 0;
	return said.n > 0;
}

/* Length of the longest matching prefix, or -1. *open: whether the route takes it depends on what was not said. */
static int match(const struct ctl_call *call, const struct td_conf_route *route, const char *number, bool *open)
{
	int longest = -1;

	*open = false;
	if (keeps_out(&route->classes, ctl_arg(call, "class"), open) ||
		keeps_out(&route->categories, ctl_arg(call, "category"), open) ||
		keeps_out(&route->submitters, ctl_arg(call, "submitter"), open) ||
		keeps_out(&route->from, ctl_arg(call, "from"), open))
		return -1;
	for (size_t i = 0; i < route->prefix.n; i++) {
		if (td_view_starts(td_view_str(number), td_view_str(route->prefix.v[i])) &&
			(int)strlen(route->prefix.v[i]) > longest)
			longest = (int)strlen(route->prefix.v[i]);
	}
	return longest;
}

void cost_each_route(const struct cost *cost, const char *number,
	void (*each)(void *arg, const struct td_conf_route *route, const char *provider), void *arg)
{
	const struct td_conf *conf = cost->call->conf;
	int certain = -1;
	bool open;

	for (size_t i = 0; i < conf->nroutes; i++) {
		int length = match(cost->call, &conf->routes[i], number, &open);

		if (!open && length > certain)
			certain = length;
	}
	for (size_t i = 0; i < conf->nroutes; i++) {
		const struct td_conf_route *route = &conf->routes[i];
		int length = match(cost->call, route, number, &open);

		if (length < 0 || length < certain)
			continue;
		for (size_t k = 0; k < route->providers.n; k++)
			each(arg, route, route->providers.v[k]);
	}
}

/* ---- one SMS ---- */

enum td_status cost_segments(struct cost *cost, struct td_view text, unsigned *segments)
{
	struct ctl_call *call = cost->call;
	unsigned national = td_conf_national(call->conf);
	struct td_segments count;
	struct td_view smart;
	enum td_status status;
	int replaced;

	if (!td_view_utf8(text))
		return td_err_set(&call->err, TD_BADINPUT, "the text is not UTF-8");
	status = td_text_smart(text, td_conf_smart(call->conf), national, &call->arena, &smart, &replaced, &call->err);
	if (status)
		return status;
	td_segments_count(smart, national, &count);
	*segments = (unsigned)count.segments;
	return TD_OK;
}

enum td_status cost_number(struct cost *cost, struct td_view to, struct td_number *out)
{
	struct ctl_call *call = cost->call;
	const char *reason;
	enum td_status status = td_number_parse(to, call->conf->home_country, out, &call->err);

	return status ? status : td_number_allowed(out, call->conf, &reason, &call->err);
}

struct rows {
	struct cost            *cost;
	const struct td_number *number;
	unsigned                segments;
	json_t                 *list;
};

static void add_row(void *arg, const struct td_conf_route *route, const char *provider)
{
	struct rows *rows = arg;
	const struct td_price *price = cost_price(rows->cost, provider, rows->number->e164);
	char one[TD_PRICE_SIZE], total[TD_PRICE_SIZE];
	json_t *row = json_pack("{s:s, s:s?, s:s, s:s?, s:i}", "to", rows->number->e164, "country",
		*rows->number->region ? rows->number->region : NULL, "provider", provider, "route", route->name, "segments",
		(int)rows->segments);

	if (price) {
		td_price_total(price, 1, one);
		td_price_total(price, rows->segments, total);
	}
	json_object_set_new(row, "price", price ? json_string(one) : json_null());
	json_object_set_new(row, "currency", price ? json_string(price->currency) : json_null());
	json_object_set_new(row, "total", price ? json_string(total) : json_null());
	json_array_append_new(rows->list, row);
}

/* The rows of one SMS, a new list; NULL and call->err. */
static json_t *price_list(struct cost *cost, struct td_view to, struct td_view text)
{
	struct td_number number;
	struct rows rows = { .cost = cost, .number = &number };

	if (cost_number(cost, to, &number) || cost_segments(cost, text, &rows.segments))
		return NULL;
	rows.list = json_array();
	cost_each_route(cost, number.e164, add_row, &rows);
	if (json_array_size(rows.list))
		return rows.list;
	json_decref(rows.list);
	td_err_set(&cost->call->err, TD_NOTFOUND, "no route takes an SMS to %s (try: routes in %s)", number.e164,
		cost->call->conf->path);
	return NULL;
}

/* ---- --batch ---- */

static struct cost *batch_cost; /* ctl_batch hands over nothing but the call */

/* The first choice, and all of them in "all". */
static json_t *cost_line(struct ctl_call *call, const json_t *line)
{
	const char *to = json_string_value(json_object_get(line, "to"));
	const json_t *text = json_object_get(line, "text");
	json_t *list, *doc;

	if (!to || !json_is_string(text))
		return json_pack("{s:s}", "error", to ? "no key \"text\"" : "no key \"to\"");
	list = price_list(batch_cost, td_view_str(to), td_view_mem(json_string_value(text), json_string_length(text)));
	if (!list)
		return json_pack("{s:s, s:s}", "to", to, "error", call->err.text);
	doc = json_copy(json_array_get(list, 0));
	json_object_set_new(doc, "all", list);
	return doc;
}

int ctl_run_cost(struct ctl_call *call)
{
	struct td_view to = ctl_arg(call, "to"), text = ctl_arg(call, "text");
	bool csv = ctl_has(call, "csv"), batch = ctl_has(call, "batch"), one = ctl_has(call, "to") && ctl_has(call, "text");
	struct cost cost;
	json_t *doc = NULL;
	int status;

	if ((csv ? 1 : 0) + (batch ? 1 : 0) + (one ? 1 : 0) != 1)
		return ctl_usage(call->command, "want --to NUMBER --text TEXT, --csv FILE, or --batch");
	if (cost_open(&cost, call) != TD_OK) {
		status = ctl_fail(call);
	} else if (batch) {
		batch_cost = &cost;
		status = ctl_batch(call, cost_line);
	} else {
		doc = csv ? cost_volume(&cost, ctl_arg(call, "csv")) : price_list(&cost, to, text);
		if (doc)
			ctl_show(call, doc);
		status = !doc ? ctl_fail(call) : cost.refused ? CTL_REFUSED : CTL_DONE;
	}
	json_decref(doc);
	cost_close(&cost);
	return status;
}
