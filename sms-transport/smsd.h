/*
 * smsd - the context of tandem-smsd, and an SMS on its way through it
 *
 * A job is claimed from the store (claim.c), gets a provider, a rate token and a slot (dispatch.c), is rendered and
 * begun (begin.c), submitted (submit.c) and settled (settle.c). Begins and settles of one iteration of the loop travel
 * in one message, so that the store commits them together. Every job that is here stands in the table of jobs until the
 * store has taken its outcome.
 *
 * When the store goes away, leases end. Jobs not handed over are forgotten: the store gives them out again. What was
 * handed over is kept, with its outcome as soon as there is one, until the store asks about it again (it then claims
 * the job SUBMITTING) or takes the settle.
 *
 * Owns: everything below. Threads: the loop's. Lifetime: main.
 */
#ifndef TD_SMSD_H
#define TD_SMSD_H

#include <event2/event.h>

#include "clock.h"
#include "gsm.h"
#include "instance.h"
#include "log.h"
#include "peer.h"
#include "proto.h"
#include "server.h"

#define JOB_BUCKETS 4096
#define BATCH_MAX 128 /* jobs in one message */
#define STEPS_MAX 4   /* requests for one SMS, one after another */

enum job_phase {
	JOB_WAITING, /* for a provider's token or slot, or for its turn */
	JOB_BEGIN,   /* stands in the list of the next BEGIN, or in one under way */
	JOB_SENT,    /* with the provider, or being asked about */
	JOB_DONE,    /* has an outcome; stands in the list of the next SETTLE, or in one under way */
	JOB_REPORT,  /* is a report being mailed */
	JOB_KEPT     /* handed over or done, but the lease is lost: waits for the store to ask */
};

struct job {
	struct smsd           *smsd;
	struct td_arena        arena;
	struct td_job          pub;    /* as claimed; views in arena */
	enum job_phase         phase;
	struct instance       *via;    /* referenced; NULL: none yet */
	bool                   slot;   /* a slot of via's window is taken (and the token with it) */
	bool                   leased; /* on the connection of now */
	bool                   asking; /* a message about it is under way */
	bool                   resume; /* begin under the reference it has */
	bool                   unsent; /* was begun, but surely nothing left */
	unsigned               steps;  /* answers so far in this conversation */
	uint64_t               token;  /* of the HTTP request under way */
	size_t                 nproviders; /* of its route */
	struct td_view         text;   /* rendered */
	struct td_segments     count;
	struct td_settle_item  outcome; /* views in arena */
	int64_t                claimed_ms, begun_ms, sent_ms; /* monotonic */
	int64_t                kept_ms;
	int64_t                retry_ms; /* REPORT: when to try again; 0 = is under way */
	TAILQ_ENTRY(job)       link;  /* in one queue: an instance's, smsd's begin or settle */
	struct job            *next;  /* in the table's bucket */
};

struct smsd_counts { /* since the start */
	uint64_t claimed, begun, accepted, temporary, failed, uncertain, expired, reports, activated, submitted, inbound,
		receipts;
};

struct smsd {
	struct event_base *base;
	struct td_clock   *clock;
	struct td_conf    *conf;
	const char        *conf_path;
	struct td_peer    *store;
	struct td_server  *server;
	struct instance  **providers;
	size_t             nproviders;
	struct job        *jobs[JOB_BUCKETS];
	size_t             njobs;
	size_t             nkept; /* of them in phase JOB_KEPT */
	size_t             nurgent; /* of them of the urgent classes: they do not take the room of the others */
	size_t             nwaiting_reports; /* of them with retry_ms */
	struct job_queue   begin, settle;
	struct event      *flush;      /* sends begin and settle at the end of the iteration */
	struct event      *tick;       /* once a second */
	bool               claiming[2]; /* a question is open: [0] for urgent jobs, [1] for any */
	uint64_t           claim_round; /* counts connections, so that an old claim's answer is known */
	bool               draining;
	int64_t            drain_until;
	struct children   *children;
	struct http       *http;
	LIST_HEAD(, stream) streams; /* that are stopped and still have connections */
	struct route_prices *prices; /* of conf */
	struct lmtp       *lmtp;   /* NULL: not configured */
	struct wish       *drains; /* control.c: operators who wait for a provider to drain */
	struct smsd_counts count;
	int64_t            started_at; /* Unix ms */
	char               last_error[256];
	int64_t            last_error_at;
};

/* ---- jobs.c: the table ---- */

/* A copy of a claimed job, in the table; NULL when out of memory. */
struct job *job_new(struct smsd *smsd, const struct td_job *pub);
struct job *job_find(const struct smsd *smsd, struct td_view id);
/* Gives back slot and provider, leaves the table, frees. The job must stand in no queue. */
void job_free(struct job *job);
/* Takes it out of the queue of its phase, if it stands in one. */
void job_unqueue(struct job *job);
/* Gives back its slot; with unused, its rate token as well. Others that wait get their turn. */
void job_release(struct job *job, bool unused);
bool job_urgent(const struct job *job); /* critical, solicited, compliance */
bool job_expired(const struct job *job);
/* Copies v into the job's arena; empty when out of memory. */
struct td_view job_keep(struct job *job, struct td_view v);

/* ---- claim.c ---- */

/*
 * Asks the store for jobs if there is room for some and no question is open. Urgent jobs have a lane of their own: a
 * question and a quarter of smsd.inflight (16 at least) beside it, so that a flood of others never stands before them.
 */
void claim_more(struct smsd *smsd);
/* The store has come (up) or gone. */
void claim_store_changed(void *arg, bool up);
/* Forgets kept jobs that the store has not asked about for long. */
void claim_tick(struct smsd *smsd);

/* ---- dispatch.c ---- */

/* Finds a provider for a claimed job and lets it begin, wait its turn, or go back to the store. */
void dispatch_job(struct job *job);
/* Lets jobs that wait for this instance begin, as far as tokens and slots go. */
void dispatch_waiting(struct instance *instance);

/* ---- begin.c ---- */

/* Renders a job that owns its slot and puts it into the next BEGIN. */
void begin_job(struct job *job);
void begin_flush(struct smsd *smsd);

/* ---- submit.c ---- */

/* The job is handed over: gives it to the provider. */
void submit_job(struct job *job);
/* Asks the provider about a job that was handed over by an smsd that is no more, or whose outcome is uncertain. */
void submit_recover(struct job *job);
/* For FILE: the answer to a job's request; body as in struct tandem_answer. */
void submit_answer(struct job *job, uint64_t token, struct td_view body);
/* For transports: there was no answer. */
void submit_no_answer(struct job *job, enum tandem_outcome_kind kind, const struct td_err *err);

/* ---- settle.c ---- */

/* The provider's word on a job → its outcome, into the next SETTLE. */
void settle_outcome(struct job *job, const struct tandem_outcome *outcome);
/* An outcome of the host's own. reason, detail and dsn may be NULL; due 0 = none. */
void settle_job(struct job *job, enum td_outcome outcome, const char *reason, const char *detail, const char *dsn,
	int64_t due);
void settle_flush(struct smsd *smsd);
/* Puts a job with an outcome into the next SETTLE (again). */
void settle_again(struct job *job);

/* ---- report.c ---- */

/* Mails the report a claimed job asks for, and settles that. */
void report_job(struct job *job);

/* ---- smsd.c ---- */

/* Makes the flush event run at the end of this iteration of the loop. */
void smsd_flush_soon(struct smsd *smsd);
struct instance *smsd_provider(const struct smsd *smsd, const char *name);
/* Notes and logs what `status` shows as the last error. */
void smsd_trouble(struct smsd *smsd, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
