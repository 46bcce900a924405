/*
 * facts - rows of the store into the facts of the decision
 */
#include "caps.h"
#include "number.h"
#include "quiet.h"

enum { C_CHANNEL, C_CATEGORY, C_KIND, C_AT, C_EVENT, C_SOURCE, C_SUBJECT, C_EXPIRES, C_LIFTED };
enum { S_KIND, S_AT, S_EVENT, S_UNTIL };

enum td_status td_facts_ask(struct td_store *store, struct td_op *op, struct td_gather *g)
{
	if (td_run(store, op, TD_SQL_LINKED_OF, &g->linked, td_text(g->addr)) || td_caps_first(store, op, g))
		return op->err.status;
	if (td_caps_wants_zone(store, g) && td_run(store, op, TD_SQL_ATTRS_OF_ADDR, &g->attrs, td_text(g->addr)))
		return op->err.status;
	if (!g->key.n)
		return TD_OK;
	return td_run(store, op, TD_SQL_KEY_FIND, &g->keys, td_str(store->conf->brand), td_text(g->key),
		td_text(g->alt_key.n ? g->alt_key : g->key), td_str(g->channel == TD_SMS ? "sms" : "email"), td_text(g->addr));
}

enum td_status td_facts_more(struct td_store *store, struct td_op *op, struct td_gather *g)
{
	size_t n = 1;

	g->consent = TD_NEWN(op->arena, g->linked.nrows + 1, struct td_rows);
	g->suppress = TD_NEWN(op->arena, g->linked.nrows + 1, struct td_rows);
	g->owner = TD_NEWN(op->arena, g->linked.nrows + 1, struct td_view);
	if (!g->consent || !g->suppress || !g->owner)
		return td_err_set(&op->err, TD_NOMEM, "request too large");
	g->owner[0] = g->addr;
	for (size_t i = 0; i < g->linked.nrows; i++) {
		struct td_view addr = td_col_view(&g->linked, i, 0);

		if (!td_view_eq(addr, g->addr))
			g->owner[n++] = addr;
	}
	g->nrows = n;
	/* Who belongs to no person has no attributes. */
	if (g->want_attrs && g->linked.nrows > 0 && !g->attrs.ncols &&
		td_run(store, op, TD_SQL_ATTRS_OF_ADDR, &g->attrs, td_text(g->addr)))
		return op->err.status;
	for (size_t i = 0; i < n; i++) {
		if (td_run(store, op, TD_SQL_CONSENT_OF, &g->consent[i], td_text(g->owner[i])) ||
			td_run(store, op, TD_SQL_SUPPRESSION_OF, &g->suppress[i], td_text(g->owner[i])))
			return op->err.status;
	}
	return td_caps_more(store, op, g);
}

/* Which scope on the path of this message a row speaks of; -1 when none. */
static int scope_of(const struct td_gather *g, struct td_view channel, struct td_view category)
{
	bool any_channel = td_view_eq(channel, TD_VLIT("*")), any_category = td_view_eq(category, TD_VLIT("*"));

	if (!any_channel && !td_view_eq(channel, g->channel == TD_SMS ? TD_VLIT("sms") : TD_VLIT("email")))
		return -1;
	if (!any_category && !(g->category.n && td_view_eq(category, g->category)))
		return -1;
	if (any_channel)
		return any_category ? TD_SCOPE_ALL : TD_SCOPE_CATEGORY;
	return any_category ? TD_SCOPE_CHANNEL : TD_SCOPE_BOTH;
}

/* START lifts what STOP wrote, for SMS alone: the marketing half of a STOP goes on counting for e-mail. */
static bool is_lifted(const struct td_gather *g, const struct td_rows *rows, size_t i)
{
	return g->channel == TD_SMS && td_col_int(rows, i, C_LIFTED) > td_col_int(rows, i, C_AT);
}

static void take_mark(struct td_op *op, struct td_mark_fact *mark, const struct td_rows *rows, size_t i)
{
	int64_t at = td_col_int(rows, i, C_AT);

	if (!at || at <= mark->at)
		return;
	*mark = (struct td_mark_fact){ .at = at, .event = td_col_str(op, rows, i, C_EVENT),
		.subject = td_col_int(rows, i, C_SUBJECT) != 0, .expires = td_col_int(rows, i, C_EXPIRES),
		.source = td_col_str(op, rows, i, C_SOURCE) };
}

static void take_revoke(struct td_op *op, struct td_scope_facts *scope, const struct td_rows *rows, size_t i,
	int64_t kind)
{
	if (kind == TD_CK_REVOKE_ALL || kind == TD_CK_STOP_ALL)
		take_mark(op, &scope->revoke_all, rows, i);
	else
		take_mark(op, &scope->revoke_marketing, rows, i);
}

static bool is_live(const struct td_mark_fact *grant, int64_t now)
{
	return grant->at && (!grant->expires || grant->expires > now);
}

/* What a scope's grants come to; see td_scope_facts. */
static void settle_grants(struct td_scope_facts *scope, struct td_mark_fact by_kind[TD_CK_PENDING + 1], int64_t now)
{
	static const int order[] = { TD_CK_GRANT_STRONG, TD_CK_GRANT, TD_CK_PROVIDED, TD_CK_PENDING };
	struct td_mark_fact *best = NULL, *strong = &by_kind[TD_CK_GRANT_STRONG];

	strong->strong = true;
	by_kind[TD_CK_PROVIDED].provided = true;
	by_kind[TD_CK_PENDING].pending = true;
	for (size_t i = 0; i < sizeof order / sizeof *order && !best; i++) {
		if (is_live(&by_kind[order[i]], now))
			best = &by_kind[order[i]];
	}
	for (size_t i = 0; i < sizeof order / sizeof *order && !best; i++) {
		if (by_kind[order[i]].at)
			best = &by_kind[order[i]];
	}
	if (best == strong && is_live(&by_kind[TD_CK_GRANT], now) && by_kind[TD_CK_GRANT].at > strong->at) {
		scope->again = *strong;
		best = &by_kind[TD_CK_GRANT];
	}
	if (best)
		scope->grant = *best;
}

static void take_own(struct td_op *op, struct td_gather *g)
{
	struct td_mark_fact   grants[TD_NSCOPES][TD_CK_PENDING + 1];
	const struct td_rows *rows = &g->consent[0];

	memset(grants, 0, sizeof grants);
	g->nothing = true;
	for (size_t i = 0; i < rows->nrows; i++) {
		int     scope = scope_of(g, td_col_view(rows, i, C_CHANNEL), td_col_view(rows, i, C_CATEGORY));
		int64_t kind = td_col_int(rows, i, C_KIND);

		if (scope < 0 || kind < TD_CK_REVOKE_ALL || kind > TD_CK_PENDING || is_lifted(g, rows, i))
			continue;
		g->nothing = g->nothing && td_col_int(rows, i, C_AT) == 0;
		if (kind >= TD_CK_GRANT_STRONG)
			take_mark(op, &grants[scope][kind], rows, i);
		else
			take_revoke(op, &g->facts.scope[scope], rows, i, kind);
	}
	for (int i = 0; i < TD_NSCOPES; i++)
		settle_grants(&g->facts.scope[i], grants[i], op->now_ms);
}

/* Of an address of the same person: only what was said for the person. */
static void take_linked(struct td_op *op, struct td_gather *g, struct td_view owner, const struct td_rows *rows)
{
	struct td_view own = td_address_is_tel(owner) ? TD_VLIT("sms") : TD_VLIT("email");

	for (size_t i = 0; i < rows->nrows; i++) {
		struct td_view channel = td_col_view(rows, i, C_CHANNEL);
		int            scope = scope_of(g, channel, td_col_view(rows, i, C_CATEGORY));
		int64_t        kind = td_col_int(rows, i, C_KIND);

		if (scope >= 0 && kind < TD_CK_GRANT_STRONG && !td_view_eq(channel, own) && !is_lifted(g, rows, i))
			take_revoke(op, &g->facts.scope[scope], rows, i, kind);
	}
}

static void take_suppressions(struct td_op *op, struct td_gather *g, size_t at)
{
	const struct td_rows *rows = &g->suppress[at];

	for (size_t i = 0; i < rows->nrows; i++) {
		struct td_view kind = td_col_view(rows, i, S_KIND);
		const char    *event = td_col_str(op, rows, i, S_EVENT);
		int64_t        until = td_col_int(rows, i, S_UNTIL);

		if (td_view_eq(kind, TD_VLIT("paused"))) {
			if (until > op->now_ms && until > g->facts.paused_until) {
				g->facts.paused_until = until;
				g->facts.paused_event = event;
			}
		} else if (at == 0 && td_view_eq(kind, TD_VLIT("undeliverable"))) {
			g->facts.undeliverable = event;
		} else if (at == 0 && td_view_eq(kind, TD_VLIT("dnc"))) {
			g->facts.dnc = event;
		}
	}
}

/* Of rows of the plain key and of the key with content: is this message there? */
static void take_keys(struct td_gather *g)
{
	for (size_t i = 0; i < g->keys.nrows; i++) {
		bool same = td_view_eq(td_col_view(&g->keys, i, 2), g->digest);

		if (same) {
			g->facts.duplicate = true;
			g->dup_job = td_col_view(&g->keys, i, 1);
		} else if (g->key_explicit) {
			g->conflict = true;
			g->dup_job = td_col_view(&g->keys, i, 1);
		}
	}
}

static void take_country(struct td_store *store, struct td_gather *g)
{
	const struct td_conf *conf = store->conf;
	struct td_number      number;
	const char           *reason = NULL;

	if (g->channel != TD_SMS)
		return;
	if (td_number_parse(td_address_plain(g->addr), NULL, &number, NULL))
		g->facts.blocked = "blocked-type";
	else if (td_number_allowed(&number, conf, &reason, NULL))
		g->facts.blocked = reason ? reason : "blocked-country";
}

static void take_preference(struct td_gather *g)
{
	for (size_t i = 0; i < g->attrs.nrows; i++) {
		struct td_view value = td_col_view(&g->attrs, i, 1);

		if (!td_view_eq(td_col_view(&g->attrs, i, 0), TD_VLIT("prefer")))
			continue;
		g->facts.prefer_other = g->channel == TD_SMS ? td_view_caseeq(value, TD_VLIT("email")) :
			td_view_caseeq(value, TD_VLIT("sms"));
	}
}

enum td_status td_facts_fill(struct td_store *store, struct td_op *op, struct td_gather *g)
{
	memset(&g->facts, 0, sizeof g->facts);
	take_own(op, g);
	for (size_t i = 0; i < g->nrows; i++) {
		if (i > 0)
			take_linked(op, g, g->owner[i], &g->consent[i]);
		take_suppressions(op, g, i);
	}
	take_keys(g);
	take_country(store, g);
	take_preference(g);
	if (td_quiet_fill(store, op, g) || td_caps_fill(store, op, g))
		return op->err.status;
	return td_arena_full(op->arena) ? td_err_set(&op->err, TD_NOMEM, "request too large") : TD_OK;
}

void td_facts_judge(const struct td_store *store, const struct td_op *op, struct td_gather *g)
{
	const struct td_conf_category *category = g->category.n ? td_conf_category(store->conf, g->category) : NULL;
	struct td_policy               policy = { .after_stop = store->conf->policy.after_stop,
		.email_optin = store->conf->policy.email_optin, .required = category && category->required,
		.quiet = category && category->quiet };
	struct td_ask ask = { g->channel, g->cls, g->expires };

	td_decide(&g->facts, &ask, &policy, op->now_ms, &g->decision);
}

enum td_status td_facts_decide(struct td_store *store, struct td_op *op, struct td_gather *g)
{
	if (td_facts_fill(store, op, g))
		return op->err.status;
	td_facts_judge(store, op, g);
	return TD_OK;
}

enum td_status td_facts_now(struct td_store *store, struct td_op *op, struct td_gather *g)
{
	if (td_facts_ask(store, op, g) || td_sync(store, op) || td_facts_more(store, op, g) || td_sync(store, op))
		return op->err.status;
	return td_facts_decide(store, op, g);
}

struct td_structs td_facts_attrs(struct td_op *op, const struct td_gather *g)
{
	struct td_structs out = { TD_NEWN(op->arena, g->attrs.nrows, struct td_pair), g->attrs.nrows };
	struct td_pair   *pair = out.v;

	for (size_t i = 0; pair && i < out.n; i++) {
		pair[i].name = td_col_view(&g->attrs, i, 0);
		pair[i].value = td_col_view(&g->attrs, i, 1);
	}
	if (!pair)
		out.n = 0;
	return out;
}
