/*
 * proto - the verbs of the local sockets and the structs they carry
 *
 * One row of td_verbs says which role may use a verb (spec interfaces, "Local sockets"); stored and smsd check it there
 * and nowhere else. All times are Unix milliseconds, 0 = not given. Addresses are "email:ana@example.com" or
 * "tel:+15551234567" unless a member says otherwise. Views are borrowed. Tags (proto.c) are never re-used; members may
 * be added.
 */
#ifndef TD_PROTO_H
#define TD_PROTO_H

#include "msg.h"

/* Who is at the other end of a socket; one bit each. */
enum td_role {
	TD_ROLE_MILTER = 1, /* stored: run_dir/stored.milter.sock */
	TD_ROLE_SMSD = 2,   /* stored: run_dir/stored.smsd.sock */
	TD_ROLE_WEB = 4,    /* stored: run_dir/stored.web.sock; smsd: run_dir/smsd.web.sock */
	TD_ROLE_ADMIN = 8,  /* run_dir/stored.admin.sock, run_dir/smsd.admin.sock: root and group tandem */
	TD_ROLE_PIPE = 16   /* smsd: run_dir/smsd.pipe.sock */
};
#define TD_NROLES 5

enum td_verb {
	TD_V_PING = 1, /* td_none → td_pong */
	/* stored, milter */
	TD_V_DECIDE = 10, /* td_query → td_verdict: dry run for one address, as at RCPT */
	TD_V_PREPARE,     /* td_prepare → td_prepared */
	TD_V_LINK,        /* td_link → td_none */
	TD_V_EVENT,       /* td_happening → td_none: an event of a person (X-Tandem-Event) */
	/* stored, smsd */
	TD_V_ACTIVATE = 20, /* td_token → td_activated */
	TD_V_CLAIM,         /* td_claim → td_claimed; long poll */
	TD_V_BEGIN,         /* td_begin → td_begun */
	TD_V_SETTLE,        /* td_settle → td_settled */
	TD_V_RECEIPT,       /* td_receipt → td_none */
	TD_V_INBOUND,       /* td_inbound → td_answered */
	TD_V_SUBMIT,        /* td_prepare → td_prepared, activated: a mail that did not pass the milter */
	TD_V_SELF,          /* td_none → td_token: a single-use X-Tandem-Self token */
	TD_V_MARK,          /* td_mark → td_mark: how far a provider's incoming file was read */
	TD_V_MARK_PUT,      /* td_mark → td_none: a note that outlives smsd */

	/* stored, admin: td_args → td_doc */
	TD_V_STATUS = 40,
	TD_V_PERSON_SHOW,
	TD_V_PERSON_LINK,
	TD_V_PERSON_UNLINK,
	TD_V_PERSON_SET,
	TD_V_CONSENT_IN,
	TD_V_CONSENT_OUT,
	TD_V_CONSENT_SHOW,
	TD_V_CONSENT_LOG,
	TD_V_SUPPRESS_ADD,
	TD_V_SUPPRESS_REMOVE,
	TD_V_SUPPRESS_LIST,
	TD_V_JOBS,
	TD_V_JOB_SHOW,
	TD_V_JOB_CANCEL,
	TD_V_JOB_RETRY,
	TD_V_JOB_HOLD,
	TD_V_WHY,
	TD_V_EXPLAIN, /* `tandem decide` */
	TD_V_SEND,
	TD_V_CANCEL, /* what is held under a key */
	/* smsd */
	TD_V_PIPE_ACTIVATE = 80, /* td_token → td_activated; waits for the store */
	TD_V_PIPE_SUBMIT,        /* td_raw_mail → td_activated */
	TD_V_SMSD_STATUS,        /* td_args → td_doc */
	TD_V_PROVIDERS,          /* td_args {name?} → td_doc */
	TD_V_WEBHOOK,            /* td_webhook → td_web_answer; answered once its events are durable */
	TD_V_PROVIDER_SUSPEND,   /* td_args {name} → td_doc: nothing is sent through it until RESUME; survives a restart */
	TD_V_PROVIDER_RESUME,    /* td_args {name} → td_doc: also closes its circuit */
	TD_V_PROVIDER_DRAIN,     /* td_args {name} → td_doc: SUSPEND, answered when nothing is in flight */
	TD_V_PROVIDER_TEST       /* td_args {name} → td_doc: its probe */
};

struct td_verb_row {
	uint16_t    verb;
	const char *name;   /* "prepare" */
	bool        smsd;   /* served by tandem-smsd; else by tandem-stored */
	unsigned    roles;  /* bits of enum td_role */
	bool        writes; /* needs the commit before its answer */
};
/* The table, ended by a row with name NULL. */
extern const struct td_verb_row td_verbs[];
const struct td_verb_row *td_verb_row(uint16_t verb); /* NULL if unknown */
bool td_verb_permits(bool smsd, int role, uint16_t verb);
const char *td_role_name(int role); /* "milter" …; NULL */

enum td_verdict_code { TD_SEND = 1, TD_HOLD, TD_DENY, TD_CAPPED, TD_DROP, TD_DUPLICATE };
const char *td_verdict_name(int64_t code); /* "SEND" … */

enum td_job_state {
	TD_PREPARED = 1,
	TD_HELD,
	TD_READY,
	TD_SUBMITTING,
	TD_ACCEPTED,
	TD_DELIVERED,
	TD_UNDELIVERED,
	TD_UNKNOWN,
	TD_FAILED,
	TD_JOB_DUPLICATE,
	TD_CANCELLED,
	TD_ABANDONED
};
const char *td_job_state_name(int64_t state); /* "PREPARED" … */
int td_job_state_parse(struct td_view name);  /* 0 if none */

/* Who hears by mail; bits. */
enum td_notify { TD_NOTIFY_FAILURE = 1, TD_NOTIFY_SUCCESS = 2, TD_NOTIFY_NEVER = 4 };

struct td_none {
	int64_t unused; /* no field on the wire */
};
struct td_pong {
	struct td_view program;
	struct td_view version;
};

struct td_pair { /* a variable or an attribute */
	struct td_view name;
	struct td_view value;
};

/* One verdict of the decision (policy §5). */
struct td_verdict {
	int64_t        verdict; /* enum td_verdict_code */
	struct td_view reason;  /* reason code: "ok", "optout", … */
	struct td_view rule;    /* id of the cap, budget or table rule that decided; may be empty */
	struct td_view event;   /* id of the consent event that decided; may be empty */
	int64_t        until;   /* HOLD and CAPPED: when to try again */
	struct td_view text;    /* for SMTP replies and logs: "+1555***4567 opted out of SMS on 2026-11-02 (reply STOP)" */
	int64_t        action;  /* CAPPED: enum td_full of the store: 1 pass, 2 defer, 3 downgrade, 4 hold, 5 drop */
};
/* What a full cap means for a mail (policy §6), in td_verdict.action; 0 is as TD_MAIL_DROP. */
enum td_mail_full { TD_MAIL_PASS = 1, TD_MAIL_DEFER = 2, TD_MAIL_DROP = 5 };

struct td_query { /* TD_V_DECIDE */
	struct td_view address;
	struct td_view channel; /* "email" | "sms" */
	int64_t        cls;     /* enum td_class; at RCPT the submitter's maximum: a DENY is then certain */
	struct td_view category;
	struct td_view submitter;
	bool           by_email; /* address is an email: whose number on file is wanted; NOTFOUND if there is none */
	bool           hard;     /* milter.scope = "all": suppression of this very address is asked for, and nothing else */
};

/* What the text is made of; kept until the final state. The same snapshot for the milter's trial and for smsd. */
struct td_content {
	struct td_view  text;     /* literal */
	struct td_view  template; /* name */
	struct td_view  body;     /* text extracted from the mail */
	struct td_view  subject;
	struct td_structs vars;   /* of struct td_pair */
	struct td_view  locale;   /* X-Tandem-Locale; the person's locale otherwise */
	int64_t         max_segments;
};

struct td_attrs { /* a person's attributes as the store keeps them with a job */
	struct td_structs pairs; /* of struct td_pair */
};

struct td_dest { /* one SMS that is wanted */
	struct td_view to;     /* E.164 with '+'; empty: the number on file for email */
	struct td_view email;  /* the recipient it accompanies, plain ana@example.com; may be empty */
	bool           direct; /* addressed as an SMS, not a companion */
	bool           named;  /* the submitter named the number: records `provided` when nothing is on record */
	int64_t        notify; /* bits of enum td_notify, decided by the caller (header, DSN, configuration) */
};

struct td_prepare { /* one whole mail */
	struct td_view    submitter; /* name in the configuration */
	struct td_view    sender;    /* envelope sender, plain; empty = null sender */
	struct td_view    reply_to;  /* Reply-To, else From, plain; for answers */
	struct td_view    message_id;
	struct td_view    envid;
	struct td_view    queue_id;
	int64_t           cls;      /* after clamping */
	struct td_view    category;
	struct td_view    key;      /* X-Tandem-Key; empty: the Message-ID is the key */
	struct td_view    from;     /* sender id */
	struct td_view    route;
	struct td_view    tz;
	int64_t           send_at;
	int64_t           delay;    /* milliseconds */
	int64_t           expires;
	struct td_content content;
	struct td_structs dests;    /* of struct td_dest */
	struct td_views   emails;   /* ordinary recipients to decide, plain */
	bool              activate; /* milter.commit = "eom", and TD_V_SUBMIT */
	bool              link;     /* one recipient, one named number, submitter has the right */
	bool              dry_run;
	struct td_view    cancel;   /* key whose held jobs to cancel */
	struct td_view    event;    /* event name of this person */
	struct td_view    self;     /* X-Tandem-Self token: consumed; all else may be empty */
	bool              lone;     /* the envelope has one recipient, who can be told 450: his mail may be deferred */
};
struct td_prepared_dest { /* in the order of dests */
	struct td_view    job; /* empty when none was made */
	struct td_view    to;  /* E.164 */
	struct td_verdict verdict;
	struct td_structs attrs; /* of struct td_pair: the person's attributes, for the trial */
};
struct td_prepared {
	struct td_view    token;  /* empty when no job was prepared or all are activated */
	struct td_structs dests;  /* of struct td_prepared_dest */
	struct td_structs emails; /* of struct td_verdict, in the order of emails */
	bool              self_ok;
	int64_t           cancelled; /* jobs cancelled by `cancel` */
	struct td_view    unsubscribe; /* token for List-Unsubscribe of marketing mail to one address; empty: none */
};

struct td_link {
	struct td_view a, b;   /* addresses */
	struct td_view source; /* verified | app | import */
};
struct td_happening {
	struct td_view address;
	struct td_view name;
};

struct td_token {
	struct td_view token; /* without "t-" and domain */
	struct td_view queue_id;
};
struct td_activated {
	struct td_view job;    /* the first */
	int64_t        njobs;
	bool           repeat; /* the token had been activated before */
	bool           duplicate; /* every job was a duplicate: success, nothing sent */
};

struct td_claim {
	int64_t max;     /* jobs at most; 0: none */
	int64_t wait_ms; /* long poll: answer empty after this */
	bool    urgent;  /* jobs of critical, solicited and compliance only: the lane that no flood can fill */
};
struct td_job {
	struct td_view    id;
	struct td_view    to;   /* E.164 */
	struct td_view    from;
	int64_t           cls;
	struct td_view    category;
	struct td_view    submitter;
	struct td_content content;
	struct td_structs attrs; /* of struct td_pair: the person's, as the milter's trial saw them */
	struct td_view    tz;    /* X-Tandem-TZ; the person's zone otherwise */
	/* READY, HELD (due), or SUBMITTING left by a sender that died: its outcome is uncertain */
	int64_t           state;
	int64_t           attempt; /* begun so far */
	int64_t           accepted_at; /* when the request was made */
	int64_t           expires;
	struct td_view    provider; /* last used, or demanded */
	struct td_view    reference;
	struct td_view    provider_id;
	/* what a report needs; report is 0 for a job to send, else bits below */
	int64_t           report; /* 1 failed, 2 relayed, 3 delivered */
	struct td_view    sender;
	struct td_view    message_id;
	struct td_view    envid;
	struct td_view    queue_id;
	struct td_view    reason;
	struct td_view    detail; /* provider's code and words */
	struct td_view    dsn;
};
struct td_claimed {
	struct td_structs jobs; /* of struct td_job; leased to this connection until settled or the connection ends */
};

struct td_begin_item {
	struct td_view job;
	struct td_view provider;
	struct td_view encoding;
	int64_t        segments;
	bool           resume; /* repeats a SUBMITTING job under its reference (provider is idempotent or was asked) */
};
struct td_begin {
	struct td_structs items;
};
struct td_begun_item {
	struct td_verdict verdict;
	struct td_view    reference; /* given to the provider as its idempotency key or client reference */
};
struct td_begun {
	struct td_structs items; /* in order; a job that is not ours any more has verdict DROP, reason "lost" */
};

enum td_outcome {
	TD_OUT_ACCEPTED = 1,
	TD_OUT_TEMPORARY,  /* due says when to try again */
	TD_OUT_THROTTLED,  /* likewise */
	TD_OUT_BAD_NUMBER, /* permanent-number */
	TD_OUT_OPTOUT,     /* permanent-optout: the provider says the recipient opted out */
	TD_OUT_OTHER,      /* permanent-other */
	TD_OUT_UNCERTAIN,  /* final UNKNOWN unless due is set */
	TD_OUT_UNBEGIN,    /* no byte left: back to READY at due; attempt not counted */
	TD_OUT_REFUSED,    /* never begun: text or number unusable; reason says why */
	TD_OUT_EXPIRED,
	TD_OUT_REPORTED,   /* the report mail was handed to sendmail */
	TD_OUT_DELIVERED   /* accepted and already known to be delivered */
};
struct td_settle_item {
	struct td_view job;
	int64_t        outcome; /* enum td_outcome */
	struct td_view provider_id;
	struct td_view reason; /* reason code of a failure */
	struct td_view detail;
	struct td_view dsn;
	int64_t        due;
	int64_t        segments;
};
struct td_settle {
	struct td_structs items;
};
struct td_settled_item {
	int64_t state; /* after it; 0: the job is unknown or not leased to this connection */
};
struct td_settled {
	struct td_structs items;
};

struct td_receipt {
	struct td_view provider;
	struct td_view id;    /* provider's message id or our reference */
	int64_t        state; /* DELIVERED, UNDELIVERED, UNKNOWN, or ACCEPTED (on its way) */
	struct td_view code;
	int64_t        at;
	struct td_view mark; /* see td_mark; committed with it */
	bool           bad_number; /* UNDELIVERED because there is no such subscriber: counts towards `undeliverable` */
};
struct td_inbound {
	struct td_view provider;
	struct td_view id;   /* the provider's; a repeat changes nothing */
	struct td_view from; /* E.164, or an alphanumeric or short sender as it came */
	struct td_view to;
	struct td_view text;
	int64_t        at;
	struct td_view mark;
};
struct td_answered {
	struct td_view action; /* "stop", "start", "help", "none", "repeat" */
	bool           changed;
	struct td_view job; /* of the confirmation; empty when none */
};
struct td_mark {
	struct td_view provider;
	struct td_view mark;
};

struct td_webhook { /* an HTTP call as it came, for a provider */
	struct td_view    provider;
	struct td_view    method;
	struct td_view    url;   /* as it was called: scheme, public host, path and query */
	struct td_view    path;
	struct td_view    query; /* without '?' */
	struct td_structs headers; /* of struct td_pair; names in lower case */
	struct td_view    body;
	struct td_view    peer;  /* client address */
};
struct td_web_answer {
	int64_t        status; /* HTTP */
	struct td_view type;   /* of the body; empty: no body */
	struct td_view body;
};

/* an operator's request: option names without dashes, positional ones as documented in doc/architecture */
struct td_args {
	struct td_structs args; /* of struct td_pair */
};
struct td_doc {
	struct td_view json; /* one JSON document */
};

struct td_raw_mail { /* from tandem-pipe or by LMTP, a mail without token */
	struct td_views recipients;
	struct td_views notify; /* NOTIFY of each recipient (RFC 3461), "" where it has none; or no elements at all */
	struct td_view  envid;
	struct td_view  sender;
	struct td_view  queue_id;
	struct td_view  client_address;
	struct td_view  sasl_username;
	struct td_view  mail; /* headers and body as pipe(8) gave them, whole */
};

extern const struct td_shape td_none_shape, td_pong_shape, td_pair_shape, td_verdict_shape, td_query_shape,
	td_content_shape, td_attrs_shape,
	td_dest_shape, td_prepare_shape, td_prepared_dest_shape, td_prepared_shape, td_link_shape, td_happening_shape,
	td_token_shape,
	td_activated_shape, td_claim_shape, td_job_shape, td_claimed_shape, td_begin_item_shape, td_begin_shape,
	td_begun_item_shape,
	td_begun_shape, td_settle_item_shape, td_settle_shape, td_settled_item_shape, td_settled_shape, td_receipt_shape,
	td_inbound_shape,
	td_answered_shape, td_mark_shape, td_args_shape, td_doc_shape, td_raw_mail_shape,
	td_webhook_shape, td_web_answer_shape;

#endif
