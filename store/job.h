/*
 * job - making, activating, moving and ending jobs; shared by the verbs
 *
 * A mail is one request (one row, one token, one content); a job is one SMS of it. Only the functions here change a
 * job's state.
 */
#ifndef TD_JOB_H
#define TD_JOB_H

#include "facts.h"

/*
 * Column rank of a job that waits to be claimed: NULL when nobody is to claim it, else the order in which claimers get
 * it. A job is claimable when rank is not NULL and due has come; HELD and READY jobs, reports to write, and SUBMITTING
 * jobs whose sender died are all found by it.
 */
#define TD_RANK_REPORT 55
static inline int64_t td_job_rank(int64_t cls) { return (TD_CLASS_MAX - cls) * 10; }


/*
 * When a waiting job is looked at next: a wait that outlasts the message ends when it expires, so that its end is on
 * record then.
 */
static inline int64_t td_job_due(int64_t due, int64_t expires) { return expires && due > expires ? expires : due; }

/* A row of statement job_get. */
struct td_job_row {
	struct td_view id, addr, category, provider, mail, provider_id, reason;
	struct td_view tz;    /* that the mail named */
	struct td_view attrs; /* of the person when it was prepared (td_attrs); empty when there were none */
	struct td_view email; /* plain, the recipient it accompanies; may be empty */
	struct td_view submitter, key, digest; /* of its mail */
	int64_t        cls, state, due, expires, attempt, notify, report, direct, segments, created_at;
	int64_t        slot_at; /* when its slot was taken (caps.h); 0 = it has none */
	bool           key_explicit, found;
};
/* Queues the reading of a job into rows; td_job_take after td_sync. */
enum td_status td_job_ask(struct td_store *store, struct td_op *op, struct td_view id, struct td_rows *rows);
struct td_job_row td_job_take(const struct td_rows *rows);

/* 0 to most_ms, always the same for one job (0 for no job): spreads what becomes possible at one time. */
int64_t td_job_jitter(struct td_view job, int64_t most_ms);

/* The zone among its attributes; empty when there is none. */
struct td_view td_job_stored_zone(struct td_op *op, const struct td_job_row *job);

/* How a job ends. */
struct td_job_end {
	int64_t        state;
	struct td_view reason; /* reason code */
	struct td_view detail;
	struct td_view dsn;
};
/*
 * Writes a final state. A failure (FAILED, UNDELIVERED, UNKNOWN) that someone asked to hear of becomes a pending
 * report, due now. What FAILED or was CANCELLED gives its slot back. The content of a solicited mail is erased with its
 * last job.
 */
enum td_status td_job_finish(struct td_store *store, struct td_op *op, const struct td_job_row *job,
	const struct td_job_end *end);
/* HELD, without a slot, or READY at due, or when it expires; attempt changes by `attempt` (0 or -1). */
enum td_status td_job_wait(struct td_store *store, struct td_op *op, const struct td_job_row *job, int64_t state,
	int64_t due,
	const struct td_job_end *why, int attempt);
/*
 * Erases the content of a mail when its last job is final: at once for solicited, and for what is older than texts are
 * kept.
 */
enum td_status td_job_forget(struct td_store *store, struct td_op *op, const struct td_job_row *job);

/*
 * One whole mail (TD_V_PREPARE, TD_V_SUBMIT, `tandem send`, confirmations): resolves, records, decides, makes the mail
 * and its jobs, activates them when asked. provider: demanded for all its jobs; may be empty. TD_CONFLICT 5.7.0: the
 * explicit key was used with other content.
 */
enum td_status td_prepare_mail(struct td_store *store, struct td_op *op, const struct td_prepare *prepare,
	struct td_view provider,
	struct td_prepared *out);
/* One text of Tandem's own (class compliance). Either text or template. Answers by the number that was written to. */
struct td_own {
	struct td_view text, template, locale;
	struct td_view to;       /* E.164 */
	struct td_view from;
	struct td_view provider;
};
/* job: its id; empty when the decision stopped it. */
enum td_status td_prepare_own(struct td_store *store, struct td_op *op, const struct td_own *own, struct td_view *job);
/*
 * Activates all PREPARED jobs of a mail: takes their keys, READY or HELD. queue_id may be empty. TD_NOTFOUND: no such
 * mail.
 */
enum td_status td_activate_mail(struct td_store *store, struct td_op *op, struct td_view mail, struct td_view queue_id,
	struct td_activated *out);

/* The token of a mail, in the op's arena; and the mail of a token: false when it is forged. */
struct td_view td_mail_token(struct td_store *store, struct td_op *op, struct td_view mail);
bool td_mail_of_token(const struct td_store *store, struct td_op *op, struct td_view token, struct td_view *mail);

/*
 * The token that List-Unsubscribe of a mail to addr carries: it stands for the address and the category ('' is none),
 * and is the same for all mails of half a year. It is good for TD_UNSUBSCRIBE_KEEP_MS less that time at least, under
 * any line of the secret.
 */
#define TD_UNSUBSCRIBE_REUSE_MS (180 * 24 * 60 * 60 * (int64_t)1000)
#define TD_UNSUBSCRIBE_KEEP_MS (545 * 24 * 60 * 60 * (int64_t)1000)
enum td_status td_unsubscribe_token(struct td_store *store, struct td_op *op, struct td_view addr,
	struct td_view category, struct td_view *token);

/* Uses up an X-Tandem-Self token: *ok when it is genuine and had not been used. */
enum td_status td_self_use(struct td_store *store, struct td_op *op, struct td_view token, bool *ok);

/* Cancels the jobs under a key (all addresses) that have not been handed over, prepared ones too; how many. */
enum td_status td_cancel_key(struct td_store *store, struct td_op *op, struct td_view key, int64_t *n);
/* Cancels one job that has not been handed over. TD_REFUSED with its state otherwise, TD_NOTFOUND. */
enum td_status td_job_cancel(struct td_store *store, struct td_op *op, struct td_view id);
/* READY, due now: from READY, HELD, FAILED, CANCELLED. TD_REFUSED otherwise (an UNKNOWN one may have been sent). */
enum td_status td_job_retry(struct td_store *store, struct td_op *op, struct td_view id);
/* HELD until that time (INT64_MAX: until td_job_retry); from READY and HELD. */
enum td_status td_job_hold(struct td_store *store, struct td_op *op, struct td_view id, int64_t until_ms);

/*
 * An event of a person: recorded, and what was not handed over to any of the person's addresses is cancelled in the
 * categories that list it in cancel_on; also what is prepared, whose mail is still on its way.
 */
enum td_status td_happening_record(struct td_store *store, struct td_op *op, struct td_view addr, struct td_view name);

#endif
