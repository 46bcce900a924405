/*
 * facts - gathers from the store what td_decide must know, and turns its decision into a verdict
 *
 * Three steps, so that many decisions can be gathered with two round trips: td_facts_ask for each, td_sync, td_facts_more for each, td_sync,
 * td_facts_decide for each. td_facts_now does the three for one.
 *
 * Person-level opt-outs: of linked addresses, revokes at (*,*) and (*,category) count, and those for a channel the linked address does not have (an
 * e-mail address that said no to SMS of a category). What is said about an address's own channel stays with that address.
 */
#ifndef TD_FACTS_H
#define TD_FACTS_H

#include "op.h"
#include "policy.h"

/* Rows of table consent, column kind: one row for each (address, channel, category, kind) holds the newest of its kind. */
enum td_consent_kind {
	TD_CK_REVOKE_ALL = 1,     /* reach all */
	TD_CK_STOP_ALL,           /* the same by source keyword, keyword_fuzzy, carrier: what START lifts */
	TD_CK_REVOKE_MARKETING,
	TD_CK_STOP_MARKETING,
	TD_CK_GRANT_STRONG,       /* authored by the subject, or by an admin with a note */
	TD_CK_GRANT,
	TD_CK_PROVIDED,
	TD_CK_PENDING
};

struct td_gather {
	/* set by the caller, zero otherwise */
	struct td_view  addr;     /* keyed address (op.h); the one the message would go to */
	enum td_channel channel;
	enum td_class   cls;
	struct td_view  category; /* may be empty */
	struct td_view  key;      /* idempotency key, or empty: never a duplicate */
	struct td_view  job;      /* whose own key is no duplicate; may be empty */
	int64_t         expires;  /* 0 = never */
	/* filled */
	struct td_rows     linked;   /* addr, rank, linked_at, person of all addresses of the person, own one included; none when unknown */
	struct td_rows    *consent;  /* [0] of addr, then of each linked address */
	struct td_rows    *suppress; /* of addr, and paused of linked ones */
	size_t             nrows;
	struct td_rows     keys;
	struct td_rows     attrs;    /* name, value of the person */
	struct td_facts    facts;
	struct td_decision decision;
};

enum td_status td_facts_ask(struct td_store *store, struct td_op *op, struct td_gather *g);
enum td_status td_facts_more(struct td_store *store, struct td_op *op, struct td_gather *g);
/* Fills g->facts and g->decision. Fails only for lack of memory. */
enum td_status td_facts_decide(struct td_store *store, struct td_op *op, struct td_gather *g);
enum td_status td_facts_now(struct td_store *store, struct td_op *op, struct td_gather *g);

/* The decision as it goes over the wire; text in words, number masked: "+1555***4567 opted out of SMS on 2026-11-02 (reply STOP)". */
struct td_verdict td_facts_verdict(struct td_op *op, const struct td_gather *g);
/* The person's attributes as pairs, in the op's arena. */
struct td_structs td_facts_attrs(struct td_op *op, const struct td_gather *g);

/* Writes a decision row for `why`. job and message_id may be empty. */
enum td_status td_decision_record(struct td_store *store, struct td_op *op, const struct td_gather *g, const struct td_verdict *verdict,
	struct td_view job, struct td_view message_id);

#endif
