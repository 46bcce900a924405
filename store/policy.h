/*
 * policy - the decision: may this message go to this address, on this channel, now?
 *
 * One pure function (policy §5): no clock, no I/O, no allocation. Facts are gathered by the caller (facts.c) from the
 * store; the effective policy comes from the configuration. Order, first hit wins: duplicate → expired → undeliverable
 * → dnc → opt-outs → positive consent → channel preference → quiet hours → caps and budgets → SEND; on e-mail the
 * duplicate comes last, just before caps.
 *
 * Threads: pure. Owns: nothing; ids in the result point into the facts. Errors: none: every input gives a verdict.
 */
#ifndef TD_POLICY_H
#define TD_POLICY_H

#include "conf.h"
#include "view.h"

enum td_channel { TD_EMAIL, TD_SMS };

/* The numbers of enum td_verdict_code. */
enum td_verdict_kind { TD_K_SEND = 1, TD_K_HOLD, TD_K_DENY, TD_K_CAPPED, TD_K_DROP, TD_K_DUPLICATE };

/* Broad to narrow (policy §4). */
enum td_scope { TD_SCOPE_ALL, TD_SCOPE_CHANNEL, TD_SCOPE_CATEGORY, TD_SCOPE_BOTH, TD_NSCOPES };

/* The newest revoke and the newest grant at one scope, per reach; at = 0: none. */
struct td_mark_fact {
	int64_t     at;      /* occurred_at */
	const char *event;   /* id */
	bool        strong;  /* grant: by the subject, or an admin with a note; only such a one lifts a revoke */
	bool        subject; /* authored by the subject */
	bool        provided; /* grant with basis provided: the address was given, nothing was agreed to */
	int64_t     expires; /* grant: 0 = never */
	bool        pending; /* request_doi without confirmation */
	const char *source;
};
struct td_scope_facts {
	struct td_mark_fact revoke_all;       /* reach all */
	struct td_mark_fact revoke_marketing; /* reach marketing */
	/* the grant that says most: live, else provided, else pending, else expired; of equals the newest */
	struct td_mark_fact grant;
	/* the newest live strong grant, when it is not `grant`: it, or a strong `grant`, lifts a revoke (§4 rule 2) */
	struct td_mark_fact again;
};

struct td_rule_fact { /* one cap or budget that matches by channel, category and subject */
	const char *name;
	bool        budget;
	unsigned    enforce;           /* bits 1 << enum td_class; 0: as in the table of §5 */
	int64_t     limit, used, want; /* in the rule's unit; full when used + want > limit */
	int64_t     free_at;           /* when it has room again */
	int         on_full;           /* TD_FULL_*; 0: the default of class and channel (§6) */
	const char *unit, *window;     /* as the configuration has them: for words */
};
/* By severity: of full rules the most severe decides. PASS and DEFER are for e-mail, HOLD and DOWNGRADE for SMS. */
enum td_full { TD_FULL_PASS = 1, TD_FULL_DEFER, TD_FULL_DOWNGRADE, TD_FULL_HOLD, TD_FULL_DROP };

struct td_facts {
	bool        duplicate;    /* the key is taken by another job or mail */
	const char *undeliverable; /* event id, NULL = no */
	const char *blocked;       /* country or type not allowed: "blocked-country" or "blocked-type"; NULL = no */
	const char *dnc;           /* event id */
	int64_t     paused_until;  /* 0 = no */
	const char *paused_event;
	struct td_scope_facts scope[TD_NSCOPES]; /* of the address, person-level opt-outs of linked ones merged in */
	bool        prefer_other;  /* the person prefers the other channel */
	int64_t     opens_at;      /* quiet hours closed until then; 0 = open */
	const char *quiet_rule;
	const struct td_rule_fact *rules;
	size_t      nrules;
};

struct td_policy { /* the knobs, from the configuration */
	bool after_stop;
	bool email_optin;
	bool required;      /* of the category */
	bool quiet;         /* of the category */
};

struct td_ask { /* the request */
	enum td_channel channel;
	enum td_class   cls;
	int64_t         expires; /* 0 = never */
};

struct td_decision {
	enum td_verdict_kind verdict;
	const char *reason; /* reason code; for caps "cap" or "budget" and rule names it */
	const char *rule;   /* cap, budget, quiet-hours rule or row of the table ("optout-channel" …); NULL for SEND */
	const char *event;  /* id of the event that decided, or NULL; with SEND the grant it rests on */
	int64_t     event_at; /* 0 when not known here (suppression) */
	int64_t     until;  /* HOLD, CAPPED */
	int         action; /* CAPPED: enum td_full */
};

/* What is to become of the message. Every input gives a verdict; *out is overwritten. */
void td_decide(const struct td_facts *facts, const struct td_ask *ask, const struct td_policy *policy, int64_t now_ms,
	struct td_decision *out);

/* Suppression alone: SEND where the address is neither undeliverable nor, for its classes, on the list of no. */
void td_decide_hard(const struct td_facts *facts, const struct td_ask *ask, const struct td_policy *policy,
	struct td_decision *out);

/* "pass", "defer", "downgrade", "hold", "drop"; NULL for 0. */
const char *td_full_name(int action);

/* Consent state per policy §3 for showing: unknown, provided, pending, granted, revoked, expired. */
const char *td_consent_state(const struct td_scope_facts scope[TD_NSCOPES], enum td_class cls, int64_t now_ms);
/* The same, with the revoke or grant it comes from in *mark; NULL when unknown. It points into scope. */
const char *td_consent_mark(const struct td_scope_facts scope[TD_NSCOPES], enum td_class cls, int64_t now_ms,
	const struct td_mark_fact **mark);

#endif
