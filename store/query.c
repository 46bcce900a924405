/*
 * query - ping, one decision asked for in advance, links and events told by the milter
 */
#include "job.h"
#include "person.h"
#include "verbs.h"
#include "version.h"

static enum td_status ping(struct td_store *store, struct td_op *op)
{
	struct td_pong *out = op->out;

	(void)store;
	out->program = TD_VLIT("tandem-stored");
	out->version = td_view_str(TD_VERSION);
	return TD_OK;
}

/* The number on file of an e-mail address takes its place. */
static enum td_status number_on_file(struct td_store *store, struct td_op *op, struct td_view *addr)
{
	struct td_rows linked;
	struct td_view number;
	char           who[TD_MASK_SIZE];

	if (td_run(store, op, TD_SQL_LINKED_OF, &linked, td_text(*addr)) || td_sync(store, op))
		return op->err.status;
	number = td_person_number(&linked);
	if (!number.n)
		return td_err_dsn(&op->err, TD_NOTFOUND, "5.1.1", "no number on file for %s",
			td_mask(who, td_address_plain(*addr)));
	*addr = number;
	return TD_OK;
}

/*
 * Of mail that nobody tagged, only what is certain for every mail of its class: this address is known to be dead, or is
 * never to hear from us. One statement, because it may be asked for every recipient of every mail.
 */
static enum td_status decide_hard(struct td_store *store, struct td_op *op, struct td_gather *g, struct td_verdict *out)
{
	const struct td_policy policy = { .required = false };
	struct td_ask          ask = { g->channel, g->cls, 0 };
	struct td_rows         rows;

	if (td_run(store, op, TD_SQL_SUPPRESSION_OF, &rows, td_text(g->addr)) || td_sync(store, op))
		return op->err.status;
	for (size_t i = 0; i < rows.nrows; i++) {
		if (td_view_eq(td_col_view(&rows, i, 0), TD_VLIT("undeliverable")))
			g->facts.undeliverable = td_col_str(op, &rows, i, 2);
		else if (td_view_eq(td_col_view(&rows, i, 0), TD_VLIT("dnc")))
			g->facts.dnc = td_col_str(op, &rows, i, 2);
	}
	td_decide_hard(&g->facts, &ask, &policy, &g->decision);
	*out = td_facts_verdict(op, g);
	return TD_OK;
}

static enum td_status decide(struct td_store *store, struct td_op *op)
{
	const struct td_query *in = op->in;
	struct td_verdict     *out = op->out;
	struct td_gather       g = { .channel = td_view_eq(in->channel, TD_VLIT("email")) ? TD_EMAIL : TD_SMS,
		.cls = in->cls > TD_CLASS_NONE && in->cls < TD_CLASS_MAX ? (enum td_class)in->cls : TD_CLASS_TRANSACTIONAL,
		.category = in->category, .want_attrs = true, .sender = in->submitter };

	if (td_address(op, in->address, store->conf->home_country, &g.addr))
		return op->err.status;
	if (in->hard)
		return decide_hard(store, op, &g, out);
	if (in->by_email && number_on_file(store, op, &g.addr))
		return op->err.status;
	if (td_facts_ask(store, op, &g) || td_sync(store, op) || td_facts_more(store, op, &g) || td_sync(store, op) ||
		td_facts_fill(store, op, &g))
		return op->err.status;
	/* Who writes to a number gives it to us by that (policy §5): it will be on record when the mail is prepared. */
	if (g.channel == TD_SMS && !in->by_email && g.nothing)
		g.facts.scope[TD_SCOPE_CHANNEL].grant = (struct td_mark_fact){ .at = op->now_ms, .provided = true,
			.event = "" };
	td_facts_judge(store, op, &g);
	*out = td_facts_verdict(op, &g);
	if (out->verdict == TD_DENY)
		td_decision_log(op, &g, out, "decide", TD_VLIT(""), TD_VLIT(""));
	return TD_OK;
}

static enum td_status link(struct td_store *store, struct td_op *op)
{
	const struct td_link *in = op->in;
	struct td_view        a, b;

	if (td_address(op, in->a, NULL, &a) || td_address(op, in->b, NULL, &b))
		return op->err.status;
	/* A milter speaks for an application; verified is for an operator and for people themselves. */
	if (op->role != TD_ROLE_ADMIN && td_link_rank(in->source) > td_link_rank(TD_VLIT("app")))
		return td_err_set(&op->err, TD_REFUSED, "a link by a header cannot be \"%.*s\"", TD_VARG(in->source));
	return td_person_link(store, op, a, b, in->source.n ? in->source : TD_VLIT("app"),
		td_view_str(td_role_name(op->role)));
}

static enum td_status event(struct td_store *store, struct td_op *op)
{
	const struct td_happening *in = op->in;
	struct td_view             addr;

	if (!in->name.n)
		return td_err_set(&op->err, TD_BADINPUT, "event without a name");
	if (td_address(op, in->address, store->conf->home_country, &addr))
		return op->err.status;
	return td_happening_record(store, op, addr, in->name);
}

const struct td_verb_impl td_verbs_query[] = {
	{ TD_V_PING, &td_none_shape, &td_pong_shape, ping },
	{ TD_V_DECIDE, &td_query_shape, &td_verdict_shape, decide },
	{ TD_V_LINK, &td_link_shape, &td_none_shape, link },
	{ TD_V_EVENT, &td_happening_shape, &td_none_shape, event },
	{ 0, NULL, NULL, NULL },
};
