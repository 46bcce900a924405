/*
 * prepare_emails - the mail itself: who of its recipients gets it
 *
 * A mail cannot be held here (policy §6): what a full cap stops is passed and counted, dropped, or deferred.
 */
#include "prepare.h"

bool td_prep_mail_goes(const struct td_decision *d)
{
	return d->verdict != TD_K_DENY && (d->verdict != TD_K_CAPPED || d->action == TD_FULL_PASS);
}

enum td_status td_prep_emails_ask(struct td_store *store, struct td_op *op, struct td_prep *p)
{
	for (size_t i = 0; i < p->in->emails.n; i++) {
		struct td_gather *g = &p->emails[i];

		*g = (struct td_gather){ .channel = TD_EMAIL, .cls = p->cls, .category = p->in->category, .want_attrs = true,
			.sender = p->in->submitter, .note = p->note, .counted = &p->counted };
		if (td_caps_is_counted(store, g)) { /* nothing else of a mail has a key */
			g->key = p->key;
			g->alt_key = p->alt_key;
			g->digest = td_view_mem(p->digest, sizeof p->digest);
			g->key_explicit = p->in->key.n > 0;
		}
		if (td_address(op, p->in->emails.v[i], NULL, &g->addr) || td_facts_ask(store, op, g))
			return op->err.status;
	}
	return TD_OK;
}

/*
 * A mail can be deferred only when it has one recipient and a client to say so to (policy §6). Otherwise the recipient
 * is dropped, which is less than to let him pass.
 */
static void settle_mail_cap(struct td_prep *p, struct td_decision *d)
{
	if (d->verdict != TD_K_CAPPED || d->action != TD_FULL_DEFER)
		return;
	if (p->in->lone)
		p->comes_back = true;
	else
		d->action = TD_FULL_DROP;
}

/* What passes is counted (policy §6): that it goes is certain now, and nobody asks again. */
static enum td_status count_mail(struct td_store *store, struct td_op *op, const struct td_prep *p, struct td_gather *g)
{
	/* A repeat has been counted. */
	if (p->in->dry_run || !td_prep_mail_goes(&g->decision) || g->decision.verdict == TD_K_DUPLICATE)
		return TD_OK;
	return td_caps_take_mail(store, op, g);
}

static enum td_status decide_one(struct td_store *store, struct td_op *op, struct td_prep *p, size_t i)
{
	struct td_gather  *g = &p->emails[i];
	struct td_verdict *verdict = (struct td_verdict *)p->out->emails.v + i;

	if (td_facts_decide(store, op, g))
		return op->err.status;
	if (g->conflict)
		return td_prep_conflict(op, p);
	settle_mail_cap(p, &g->decision);
	*verdict = td_facts_verdict(op, g);
	if (count_mail(store, op, p, g))
		return op->err.status;
	if (g->decision.verdict == TD_K_SEND && !p->in->dry_run)
		return TD_OK;
	td_decision_log(op, g, verdict, p->in->dry_run ? "dry-run" : "prepare", TD_VLIT(""), p->in->message_id);
	/* What was only tried is not on record: `why` tells of messages. */
	return p->in->dry_run ? TD_OK : td_decision_record(store, op, g, verdict, TD_VLIT(""), p->in->message_id);
}

/* Marketing mail to one address says how to refuse more of it (RFC 8058), where there is something to say. */
static enum td_status say_how_to_leave(struct td_store *store, struct td_op *op, const struct td_prep *p)
{
	bool anywhere = store->conf->web.public_url || store->conf->return_domain;

	if (p->in->dry_run || p->cls != TD_CLASS_MARKETING || p->in->emails.n != 1 || !anywhere ||
		!td_prep_mail_goes(&p->emails[0].decision))
		return TD_OK;
	return td_unsubscribe_token(store, op, p->emails[0].addr, p->in->category, &p->out->unsubscribe);
}

enum td_status td_prep_emails_decide(struct td_store *store, struct td_op *op, struct td_prep *p)
{
	for (size_t i = 0; i < p->in->emails.n; i++) {
		if (decide_one(store, op, p, i))
			return op->err.status;
	}
	return say_how_to_leave(store, op, p);
}
