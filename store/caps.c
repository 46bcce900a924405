/*
 * caps - the facts of caps and budgets: which rules bind a message, what they have counted, when there is room again
 */
#include "caps.h"

#include <stdio.h>
#include <stdlib.h>

#include "number.h"
#include "prices.h"

#define SPARE 20          /* rows read beyond the limit, so that `used` is told right a little above it */
#define ROWS_MAX 1000000  /* of a cap that counts money, where no number of rows is enough */

enum { U_AT, U_ID, U_NOTE, U_SEGMENTS, U_COST };
enum { O_AT, O_NOTE, O_SENDER, O_COUNTRY, O_ABROAD, O_CHANNEL, O_CLASS, O_CATEGORY, O_SEGMENTS, O_COST, O_FRESH,
	O_TALLIED };

struct event { /* a message that counts */
	int64_t        at, amount;
	struct td_view note;
};

static bool same(const char *a, const char *b)
{
	return a && strcmp(a, b) == 0;
}

static bool any_rule(const struct td_store *store)
{
	return store->conf->ncaps + store->conf->nbudgets > 0;
}

/* Rule i of caps, then budgets. */
static const struct td_conf_rule *rule_at(const struct td_conf *conf, size_t i, bool *budget)
{
	*budget = i >= conf->ncaps;
	return *budget ? &conf->budgets[i - conf->ncaps] : &conf->caps[i];
}

bool td_caps_wants_zone(const struct td_store *store, const struct td_gather *g)
{
	const struct td_conf *conf = store->conf;
	bool                  budget;

	for (size_t i = 0; i < conf->ncaps + conf->nbudgets && !g->later; i++) {
		const struct td_conf_rule *rule = rule_at(conf, i, &budget);

		if (!rule->window_ms && td_caps_binds(rule, budget, g))
			return true;
	}
	return false;
}

static void find_region(const struct td_conf *conf, struct td_gather *g)
{
	struct td_number number;

	if (g->channel != TD_SMS || td_number_parse(td_address_plain(g->addr), NULL, &number, NULL))
		return;
	memcpy(g->caps.region, number.region, sizeof g->caps.region);
	g->caps.abroad = !same(conf->home_country, number.region);
}

static bool tallies_notifications(const struct td_conf *conf)
{
	for (size_t i = 0; i < conf->nbudgets; i++) {
		if (same(conf->budgets[i].unit, "notification") && td_caps_both(&conf->budgets[i]))
			return true;
	}
	return false;
}

enum td_status td_caps_first(struct td_store *store, struct td_op *op, struct td_gather *g)
{
	g->caps = (struct td_caps){ .nprobes = 0 };
	if (g->slot_at && td_run(store, op, TD_SQL_USAGE_GET, &g->caps.own, td_text(g->addr), td_int(g->slot_at),
		td_text(g->job)))
		return op->err.status;
	if (!any_rule(store))
		return TD_OK;
	find_region(store->conf, g);
	if (!g->email.n || !g->note.n || g->channel != TD_SMS || !tallies_notifications(store->conf))
		return TD_OK;
	return td_run(store, op, TD_SQL_USAGE_NOTE, &g->caps.companion, td_text(g->email),
		td_int(op->now_ms - TD_USAGE_MS), td_text(g->note));
}

static enum td_status ask_rows(struct td_store *store, struct td_op *op, const struct td_gather *g,
	struct td_caps_probe *probe)
{
	const struct td_conf_rule *rule = probe->rule;
	int64_t                    most = td_caps_limit(rule, TD_CLASS_NONE) + SPARE;

	probe->nowners = same(rule->subject, "person") ? (int64_t)g->nrows : 1;
	probe->rows = TD_NEWN(op->arena, (size_t)probe->nowners, struct td_rows);
	if (!probe->rows)
		return td_err_set(&op->err, TD_NOMEM, "request too large");
	if (same(rule->unit, "cost") || most > ROWS_MAX)
		most = ROWS_MAX;
	for (int64_t i = 0; i < probe->nowners; i++) {
		if (td_run(store, op, TD_SQL_USAGE_OF, &probe->rows[i], td_text(g->owner[i]), td_int(probe->since),
			td_int(td_caps_channel_bits(rule)), td_int(td_caps_class_bits(rule)),
			td_text(td_caps_categories(op, rule)), td_int(most)))
			return op->err.status;
	}
	return TD_OK;
}

enum td_status td_caps_more(struct td_store *store, struct td_op *op, struct td_gather *g)
{
	const struct td_conf *conf = store->conf;
	size_t                n = conf->ncaps + conf->nbudgets;
	int64_t               from;
	bool                  budget;

	if (n == 0 || g->later)
		return TD_OK;
	g->caps.probes = TD_NEWN(op->arena, n, struct td_caps_probe);
	if (!g->caps.probes)
		return td_err_set(&op->err, TD_NOMEM, "request too large");
	for (size_t i = 0; i < n; i++) {
		const struct td_conf_rule *rule = rule_at(conf, i, &budget);
		struct td_caps_probe      *probe = &g->caps.probes[g->caps.nprobes];

		if (!td_caps_binds(rule, budget, g))
			continue;
		*probe = (struct td_caps_probe){ .rule = rule, .budget = budget, .since = op->now_ms - rule->window_ms };
		if (!rule->window_ms) {
			td_caps_calendar(td_caps_zone(store, op, g), rule->window, op->now_ms, &from, &probe->opens);
			probe->since = from - 1;
		}
		if (budget)
			probe->subject = td_caps_subject(op, rule->subject, g);
		if (budget ? td_tally_ask(store, op, probe) : ask_rows(store, op, g, probe))
			return op->err.status;
		g->caps.nprobes++;
	}
	return TD_OK;
}

/* ---- caps: the rows ---- */

static int newest_first(const void *a, const void *b)
{
	const struct event *x = a, *y = b;

	return x->at != y->at ? (x->at > y->at ? -1 : 1) : 0;
}

static int by_note(const void *a, const void *b)
{
	const struct event *x = a, *y = b;
	size_t              n = x->note.n < y->note.n ? x->note.n : y->note.n;
	int                 order = n ? memcmp(x->note.p, y->note.p, n) : 0;

	if (!order && x->note.n != y->note.n)
		order = x->note.n < y->note.n ? -1 : 1;
	return order ? order : newest_first(a, b);
}

/* A notification counts once, at the time of its newest message; the one that is asked about is not yet counted. */
static size_t merge_notes(struct event *v, size_t n, struct td_view own)
{
	size_t kept = 0;

	if (n == 0)
		return 0;
	qsort(v, n, sizeof *v, by_note);
	for (size_t i = 0; i < n; i++) {
		if (!td_view_eq(v[i].note, own) && (kept == 0 || !td_view_eq(v[i].note, v[kept - 1].note)))
			v[kept++] = v[i];
	}
	return kept;
}

static bool is_owner(const struct td_gather *g, const struct td_caps_probe *probe, struct td_view addr)
{
	for (int64_t i = 0; i < probe->nowners; i++) {
		if (td_view_eq(g->owner[i], addr))
			return true;
	}
	return false;
}

/* What counts for a cap: rows, and what this request has counted since they were read. */
static struct event *events_of(struct td_op *op, const struct td_gather *g, const struct td_caps_probe *probe,
	size_t *n)
{
	size_t        room = 0;
	struct event *v;

	*n = 0;
	for (int64_t i = 0; i < probe->nowners; i++)
		room += probe->rows[i].nrows;
	for (const struct td_counted *c = g->counted ? *g->counted : NULL; c; c = c->next)
		room++;
	v = TD_NEWN(op->arena, room + 1, struct event);
	if (!v)
		return NULL;
	for (int64_t i = 0; i < probe->nowners; i++) {
		const struct td_rows *rows = &probe->rows[i];

		for (size_t k = 0; k < rows->nrows; k++) {
			if (!td_view_eq(td_col_view(rows, k, U_ID), g->job))
				v[(*n)++] = (struct event){ td_col_int(rows, k, U_AT), td_caps_amount(probe->rule, 1, 1,
					td_col_int(rows, k, U_SEGMENTS), td_col_int(rows, k, U_COST)), td_col_view(rows, k, U_NOTE) };
		}
	}
	for (const struct td_counted *c = g->counted ? *g->counted : NULL; c; c = c->next) {
		if (td_caps_counts(probe->rule, false, c->g) && is_owner(g, probe, c->g->addr))
			v[(*n)++] = (struct event){ c->at, td_caps_amount(probe->rule, 1, 1, c->g->segments, c->cost), c->g->note };
	}
	return v;
}

/* When a rule that never has room is looked at again: a window later. */
static int64_t much_later(const struct td_op *op, const struct td_caps_probe *probe)
{
	return probe->opens ? probe->opens : op->now_ms + probe->rule->window_ms;
}

static enum td_status weigh_cap(struct td_op *op, const struct td_gather *g, const struct td_caps_probe *probe,
	struct td_rule_fact *fact)
{
	size_t        n, i = 0;
	int64_t       kept = 0;
	struct event *v = events_of(op, g, probe, &n);

	if (!v)
		return td_err_set(&op->err, TD_NOMEM, "request too large");
	if (same(probe->rule->unit, "notification") && td_caps_both(probe->rule))
		n = merge_notes(v, n, g->note);
	for (i = 0; i < n; i++)
		fact->used += v[i].amount;
	if (fact->used + fact->want <= fact->limit)
		return TD_OK;
	fact->free_at = much_later(op, probe);
	if (probe->opens)
		return TD_OK;
	qsort(v, n, sizeof *v, newest_first);
	for (i = 0; i < n && kept + v[i].amount + fact->want <= fact->limit; i++)
		kept += v[i].amount;
	/* This one has to leave, unless even the empty window has no room. */
	if (i < n && fact->want <= fact->limit)
		fact->free_at = v[i].at + probe->rule->window_ms;
	return TD_OK;
}

/* ---- budgets: the sums ---- */

static bool is_fresh(const struct td_gather *g)
{
	return g->caps.companion.nrows == 0;
}

/* What the slot that this job has already comes to in a budget. */
static int64_t own_amount(const struct td_gather *g, const struct td_caps_probe *probe)
{
	const struct td_rows *own = &g->caps.own;
	const char           *kind = probe->rule->subject;
	int64_t               bit = same(kind, "sender") ? 1 : same(kind, "country") ? 2 : 4;

	if (own->nrows == 0 || td_col_int(own, 0, O_AT) < td_tally_from(probe->since) ||
		!(td_col_int(own, 0, O_TALLIED) & bit) || !td_caps_counts(probe->rule, true, g))
		return 0;
	return td_caps_amount(probe->rule, 1, td_col_int(own, 0, O_FRESH), td_col_int(own, 0, O_SEGMENTS),
		td_col_int(own, 0, O_COST));
}

static int64_t counted_amount(struct td_op *op, const struct td_gather *g, const struct td_caps_probe *probe)
{
	int64_t sum = 0;

	for (const struct td_counted *c = g->counted ? *g->counted : NULL; c; c = c->next) {
		if (td_caps_counts(probe->rule, true, c->g) &&
			td_view_eq(td_caps_subject(op, probe->rule->subject, c->g), probe->subject))
			sum += td_caps_amount(probe->rule, 1, c->fresh, c->g->segments, c->cost);
	}
	return sum;
}

static enum td_status weigh_budget(struct td_store *store, struct td_op *op, const struct td_gather *g,
	const struct td_caps_probe *probe, struct td_rule_fact *fact)
{
	int64_t own = own_amount(g, probe), when = 0;

	fact->used = td_caps_amount(probe->rule, td_col_int(&probe->sum, 0, 0), td_col_int(&probe->sum, 0, 1),
		td_col_int(&probe->sum, 0, 2), td_col_int(&probe->sum, 0, 3)) - own + counted_amount(op, g, probe);
	if (fact->used + fact->want <= fact->limit)
		return TD_OK;
	fact->free_at = much_later(op, probe);
	if (probe->opens || fact->want > fact->limit)
		return TD_OK;
	if (td_tally_when(store, op, probe, fact->used + fact->want - fact->limit, td_col_int(&g->caps.own, 0, O_AT), own,
		&when))
		return op->err.status;
	if (when)
		fact->free_at = when;
	return TD_OK;
}

/* ---- both ---- */

static int action_of(const struct td_conf_rule *rule, enum td_channel channel)
{
	if (channel == TD_SMS) {
		if (same(rule->on_full, "downgrade:email"))
			return TD_FULL_DOWNGRADE;
		return same(rule->on_full, "drop") ? TD_FULL_DROP : same(rule->on_full, "hold") ? TD_FULL_HOLD : 0;
	}
	if (same(rule->mail_on_full, "pass"))
		return TD_FULL_PASS;
	if (same(rule->mail_on_full, "defer"))
		return TD_FULL_DEFER;
	return same(rule->mail_on_full, "drop") || same(rule->on_full, "downgrade:sms") ? TD_FULL_DROP : 0;
}

enum td_status td_caps_fill(struct td_store *store, struct td_op *op, struct td_gather *g)
{
	struct td_rule_fact *facts;
	int64_t              segments = g->segments > 0 ? g->segments : 1;

	if (g->caps.nprobes == 0)
		return TD_OK;
	facts = TD_NEWN(op->arena, g->caps.nprobes, struct td_rule_fact);
	if (!facts)
		return td_err_set(&op->err, TD_NOMEM, "request too large");
	g->facts.rules = facts;
	for (size_t i = 0; i < g->caps.nprobes; i++) {
		const struct td_caps_probe *probe = &g->caps.probes[i];
		struct td_rule_fact        *fact = &facts[g->facts.nrules];
		const struct td_conf_rule  *rule = probe->rule;
		int64_t cost = same(rule->unit, "cost") ?
			td_caps_cost(store, g->provider, td_address_plain(g->addr), segments) : 0;

		*fact = (struct td_rule_fact){ .name = rule->name, .budget = probe->budget, .enforce = 1u << g->cls,
			.limit = td_caps_limit(rule, g->cls),
			.want = td_caps_amount(rule, 1, is_fresh(g) || !probe->budget, segments, cost),
			.on_full = action_of(rule, g->channel), .unit = rule->unit, .window = rule->window };
		if (fact->want == 0)
			continue;
		g->facts.nrules++;
		if (probe->budget ? weigh_budget(store, op, g, probe, fact) : weigh_cap(op, g, probe, fact))
			return op->err.status;
	}
	return TD_OK;
}

static const char *plural(const char *unit, int64_t n)
{
	if (same(unit, "notification"))
		return n == 1 ? " notification" : " notifications";
	if (same(unit, "message"))
		return n == 1 ? " message" : " messages";
	if (same(unit, "segment"))
		return n == 1 ? " segment" : " segments";
	return "";
}

/* An amount in the rule's unit. */
static const char *amount_text(const struct td_rule_fact *fact, int64_t amount, char out[TD_PRICE_SIZE])
{
	if (same(fact->unit, "cost"))
		td_price_text(amount, 4, out);
	else
		snprintf(out, TD_PRICE_SIZE, "%lld", (long long)amount);
	return out;
}

struct td_view td_caps_counters(struct td_op *op, const struct td_gather *g)
{
	char           used[TD_PRICE_SIZE], then[TD_PRICE_SIZE], limit[TD_PRICE_SIZE];
	struct td_view out = TD_VLIT("");

	for (size_t i = 0; i < g->facts.nrules; i++) {
		const struct td_rule_fact *fact = &g->facts.rules[i];

		out = td_op_text(op, "%.*s%s%s %s, then %s of %s", TD_VARG(out), i ? "; " : "", fact->name,
			amount_text(fact, fact->used, used), amount_text(fact, fact->used + fact->want, then),
			amount_text(fact, fact->limit, limit));
	}
	return out;
}

struct td_view td_caps_words(struct td_op *op, const struct td_gather *g)
{
	const struct td_decision *d = &g->decision;
	char                      used[TD_PRICE_SIZE], limit[TD_PRICE_SIZE];

	for (size_t i = 0; i < g->facts.nrules; i++) {
		const struct td_rule_fact *fact = &g->facts.rules[i];
		bool                       calendar = same(fact->window, "day") || same(fact->window, "week") ||
			same(fact->window, "month");

		if (!same(d->rule, fact->name) || fact->budget != same(d->reason, "budget") ||
			fact->used + fact->want <= fact->limit)
			continue;
		return td_op_text(op, "%s %s is full: %s of %s%s %s %s", d->reason, d->rule,
			amount_text(fact, fact->used, used), amount_text(fact, fact->limit, limit),
			plural(fact->unit, fact->limit), calendar ? "this" : "in", fact->window);
	}
	return td_op_text(op, "%s %s is full", d->reason, d->rule ? d->rule : "");
}
