/*
 * caps_rule - what the rules of the configuration say of one message: pure
 */
#include <stdlib.h>

#include "caps.h"
#include "prices.h"

#define NANO 1000000000.0

static bool has(const struct td_strings *list, struct td_view name)
{
	for (size_t i = 0; i < list->n; i++) {
		if (td_view_eq(td_view_str(list->v[i]), name))
			return true;
	}
	return false;
}

static bool is(const char *a, const char *b)
{
	return a && strcmp(a, b) == 0;
}

/* The rule concerns this kind of message, whatever its class. */
static bool concerns(const struct td_conf_rule *rule, bool budget, const struct td_gather *g)
{
	bool sms = g->channel == TD_SMS;
	bool money = is(rule->unit, "segment") || is(rule->unit, "cost");

	if (g->cls == TD_CLASS_COMPLIANCE)
		return false;
	if (rule->channels.n && !has(&rule->channels, sms ? TD_VLIT("sms") : TD_VLIT("email")))
		return false;
	if (rule->categories.n && !has(&rule->categories, g->category))
		return false;
	if (!sms && (money || rule->abroad || is(rule->subject, "country")))
		return false;
	if (budget && is(rule->subject, "sender") && !g->sender.n)
		return false;
	return !rule->abroad || g->caps.abroad;
}

static bool has_class(const struct td_strings *list, enum td_class cls)
{
	return has(list, td_view_str(td_class_name(cls)));
}

bool td_caps_counts(const struct td_conf_rule *rule, bool budget, const struct td_gather *g)
{
	return concerns(rule, budget, g) && has_class(&rule->count, g->cls);
}

bool td_caps_binds(const struct td_conf_rule *rule, bool budget, const struct td_gather *g)
{
	return concerns(rule, budget, g) && has_class(&rule->enforce, g->cls);
}

struct td_view td_caps_subject(struct td_op *op, const char *kind, const struct td_gather *g)
{
	if (is(kind, "sender"))
		return td_op_text(op, "sender:%.*s", TD_VARG(g->sender));
	if (is(kind, "country"))
		return td_op_text(op, "country:%s", g->caps.region);
	return TD_VLIT("all");
}

static int64_t in_unit(const struct td_conf_rule *rule, double n)
{
	return (int64_t)(is(rule->unit, "cost") ? n * NANO + 0.5 : n);
}

int64_t td_caps_limit(const struct td_conf_rule *rule, enum td_class cls)
{
	double kept = cls == TD_CLASS_MARKETING ? rule->headroom : 0;

	return in_unit(rule, rule->limit - kept);
}

bool td_caps_both(const struct td_conf_rule *rule)
{
	return rule->channels.n != 1;
}

int64_t td_caps_amount(const struct td_conf_rule *rule, int64_t messages, int64_t notifications, int64_t segments,
	int64_t cost)
{
	if (is(rule->unit, "segment"))
		return segments;
	if (is(rule->unit, "cost"))
		return cost;
	return is(rule->unit, "notification") && td_caps_both(rule) ? notifications : messages;
}

int64_t td_caps_class_bits(const struct td_conf_rule *rule)
{
	int64_t bits = 0;

	for (int c = TD_CLASS_MARKETING; c < TD_CLASS_COMPLIANCE; c++)
		bits |= has_class(&rule->count, (enum td_class)c) ? (int64_t)1 << c : 0;
	return bits;
}

int64_t td_caps_channel_bits(const struct td_conf_rule *rule)
{
	if (td_caps_both(rule))
		return (1 << TD_EMAIL) | (1 << TD_SMS);
	return has(&rule->channels, TD_VLIT("sms")) ? 1 << TD_SMS : 1 << TD_EMAIL;
}

struct td_view td_caps_categories(struct td_op *op, const struct td_conf_rule *rule)
{
	struct td_view out = TD_VLIT("");

	for (size_t i = 0; i < rule->categories.n; i++)
		out = td_op_text(op, "%.*s%s%s|", TD_VARG(out), i ? "" : "|", rule->categories.v[i]);
	return out;
}

/* ---- prices ---- */

struct td_caps_prices { /* of each provider, in the order of the configuration */
	struct td_arena   arena;
	struct td_prices *v;
	size_t            n;
	int64_t           highest;
};

static bool wants_prices(const struct td_conf *conf)
{
	bool wants = false;

	for (size_t i = 0; i < conf->ncaps; i++)
		wants = wants || is(conf->caps[i].unit, "cost");
	for (size_t i = 0; i < conf->nbudgets; i++)
		wants = wants || is(conf->budgets[i].unit, "cost");
	return wants;
}

enum td_status td_caps_prices_load(const struct td_conf *conf, struct td_caps_prices **out, struct td_err *err)
{
	struct td_caps_prices *prices;
	enum td_status         status = TD_OK;

	*out = NULL;
	if (!wants_prices(conf))
		return TD_OK;
	prices = calloc(1, sizeof *prices);
	if (!prices)
		return td_err_set(err, TD_NOMEM, "out of memory");
	td_arena_init(&prices->arena, 64u << 20);
	prices->n = conf->nproviders;
	prices->v = TD_NEWN(&prices->arena, prices->n, struct td_prices);
	if (!prices->v)
		status = td_err_set(err, TD_NOMEM, "out of memory");
	for (size_t i = 0; !status && i < prices->n; i++) {
		if (conf->providers[i].prices)
			status = td_prices_load(conf->providers[i].prices, &prices->arena, &prices->v[i], err);
		for (size_t k = 0; !status && k < prices->v[i].n; k++) {
			if (prices->v[i].v[k].nano > prices->highest)
				prices->highest = prices->v[i].v[k].nano;
		}
	}
	if (status)
		td_caps_prices_free(prices);
	else
		*out = prices;
	return status;
}

void td_caps_prices_free(struct td_caps_prices *prices)
{
	if (!prices)
		return;
	td_arena_free(&prices->arena);
	free(prices);
}

int64_t td_caps_cost(const struct td_store *store, struct td_view provider, struct td_view number, int64_t segments)
{
	const struct td_caps_prices *prices = store->prices;
	int64_t                      nano = -1;

	for (size_t i = 0; prices && i < prices->n && i < store->conf->nproviders; i++) {
		const struct td_price *price = td_prices_find(&prices->v[i], number);

		if (provider.n && !td_view_eq(td_view_str(store->conf->providers[i].name), provider))
			continue;
		if (price && (nano < 0 || price->nano < nano))
			nano = price->nano;
	}
	if (prices && nano < 0)
		nano = prices->highest;
	return prices ? nano * segments : 0;
}
