/*
 * facts - gathers from the store what td_decide must know, and turns its decision into a verdict
 *
 * Steps, so that many decisions can be gathered with two round trips: td_facts_ask for each, td_sync, td_facts_more for
 * each, td_sync, td_facts_decide for each. td_facts_now does all for one.
 *
 * Person-level opt-outs: of linked addresses, revokes at (*,*) and (*,category) count, and those for a channel the
 * linked address does not have (an e-mail address that said no to SMS of a category). What is said about an address's
 * own channel stays with that address.
 */
#ifndef TD_FACTS_H
#define TD_FACTS_H

#include "op.h"
#include "policy.h"

/*
 * Rows of table consent, column kind: one row for each (address, channel, category, kind) holds the newest of its kind.
 */
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

struct td_quiet;
struct td_counted;
struct td_caps_probe;

/* What is known of caps and budgets (caps.h). */
struct td_caps {
	struct td_rows  own;       /* the slot that this job has already */
	struct td_rows  companion; /* not empty: the mail that it accompanies is counted */
	struct td_caps_probe *probes;
	size_t          nprobes;
	char            region[3]; /* of the number; "" for none */
	bool            abroad;
};

struct td_gather {
	/* set by the caller, zero otherwise */
	struct td_view  addr;     /* keyed address (op.h); the one the message would go to */
	enum td_channel channel;
	enum td_class   cls;
	struct td_view  category; /* may be empty */
	struct td_view  key;      /* idempotency key (job.h), or empty: never a duplicate */
	struct td_view  alt_key;  /* the other key of a Message-ID that was used before, or empty */
	struct td_view  digest;   /* of the content */
	bool            key_explicit; /* other content under `key` is a conflict, not another message */
	bool            want_attrs;
	int64_t         expires;  /* 0 = never */
	struct td_view  tz;       /* zone that the mail named, or empty (quiet.h) */
	struct td_view  tz_stored; /* of the e-mail address beside it, where the person of addr has none; or empty */
	struct td_view  job;      /* id, or empty: spreads what opens at one time */
	/* for caps and budgets (caps.h) */
	struct td_view  sender;   /* submitter; empty: no budget of a sender counts */
	struct td_view  provider; /* that is to carry it, or empty */
	int64_t         segments; /* 0 = not known yet: one at least */
	struct td_view  note;     /* notification */
	struct td_view  email;    /* keyed: the mail's recipient that an SMS accompanies, or empty */
	int64_t         slot_at;  /* when this job's slot was taken; 0 = it has none */
	bool            later;    /* it is not to go now: caps are looked at when it does */
	struct td_counted **counted; /* what this request has counted, or NULL */
	/* filled by td_facts_ask and td_facts_more */
	struct td_caps  caps;
	/* addr, rank, linked_at, person, source, original of all addresses of the person, own one included */
	struct td_rows  linked;
	/* [0] of addr, then of each linked one: channel, category, kind, at, event, source, subject, expires, lifted */
	struct td_rows *consent;
	struct td_rows *suppress; /* the same order: kind, at, event, until, note */
	struct td_view *owner;    /* whose rows these are */
	size_t          nrows;
	struct td_rows  keys;     /* key, job, digest */
	struct td_rows  attrs;    /* name, value of the person */
	/* filled by td_facts_fill */
	struct td_facts facts;
	bool            nothing;  /* nothing is on record for the address on this path */
	bool            conflict; /* the explicit key is taken, with other content */
	struct td_view  dup_job;  /* who has the key */
	const struct td_quiet *quiet; /* how the quiet hours stand (quiet.h); NULL: they do not concern this message */
	/* filled by td_facts_judge */
	struct td_decision decision;
};

enum td_status td_facts_ask(struct td_store *store, struct td_op *op, struct td_gather *g);
enum td_status td_facts_more(struct td_store *store, struct td_op *op, struct td_gather *g);
/* Fills g->facts from the rows. Asks once more only how long a budget is full. */
enum td_status td_facts_fill(struct td_store *store, struct td_op *op, struct td_gather *g);
/* g->facts → g->decision, with the knobs of the configuration. */
void td_facts_judge(const struct td_store *store, const struct td_op *op, struct td_gather *g);
/* td_facts_fill and td_facts_judge. */
enum td_status td_facts_decide(struct td_store *store, struct td_op *op, struct td_gather *g);
/* Everything, for one. */
enum td_status td_facts_now(struct td_store *store, struct td_op *op, struct td_gather *g);

/*
 * The decision as it goes over the wire; text in words, number masked: "+1555***4567 opted out of SMS on 2026-11-02
 * (reply STOP)".
 */
struct td_verdict td_facts_verdict(struct td_op *op, const struct td_gather *g);
/* The person's attributes as pairs, in the op's arena. */
struct td_structs td_facts_attrs(struct td_op *op, const struct td_gather *g);

/* Writes a decision row for `why`. job and message_id may be empty. */
enum td_status td_decision_record(struct td_store *store, struct td_op *op, const struct td_gather *g,
	const struct td_verdict *verdict,
	struct td_view job, struct td_view message_id);
/* One log line of a decision that stops or delays: "what: to=<…>, class=…, category=…, verdict=…, reason=… (words)". */
void td_decision_log(struct td_op *op, const struct td_gather *g, const struct td_verdict *verdict, const char *what,
	struct td_view job, struct td_view message_id);

#endif
