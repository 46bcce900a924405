/*
 * op - one request on its way through a batch, and the store it works on: what verb handlers are written against
 *
 * All requests that have arrived are served in ONE transaction (batch.c): begin; for each request a savepoint, its
 * handler, keep or undo; the revoke journal to disk; commit; and only then the replies. So a handler
 *
 * - reads and writes through td_run and td_sync only, and never replies, commits, sends or sleeps;
 * - returns TD_OK with op->out filled, or any other status with op->err filled (`return td_err_set(&op->err,
 * TD_NOTFOUND, …)`): then everything
 *   it wrote is undone, and the caller gets status, code and text;
 * - changes nothing in memory: what must follow the commit (end a lease, wake the claimers, log) is registered with
 * td_after; - may be run again from the start (commit conflict, journal failure): op->in is as it was, op->out and
 * op->arena are its own; - takes the time from op->now_ms, and memory that lives until the reply from op->arena.
 *
 * How to write a verb:
 *
 *	static enum td_status suppress_list(struct td_store *s, struct td_op *op)
 *	{
 *		const struct td_args *in = op->in;
 *		struct td_doc *out = op->out;                     (zeroed, of the verb's reply shape)
 *		struct td_rows rows;
 *
 *		if (td_run(s, op, TD_SQL_SUPPRESS_OF, &rows, td_text(address), td_int(op->now_ms)) || td_sync(s, op))
 *			return op->err.status;
 *		for (size_t i = 0; i < rows.nrows; i++)
 *			… td_col_view(&rows, i, 0), td_col_int(&rows, i, 1) …
 *		out->json = …;                                    (in op->arena)
 *		return TD_OK;
 *	}
 *	const struct td_verb_impl td_verbs_suppress[] = {
 *		{ TD_V_SUPPRESS_LIST, &td_args_shape, &td_doc_shape, suppress_list },
 *		{ 0 },
 *	};
 *
 * and add the array to `tables` in verbs.c. Statements are blocks `-- name: suppress_of` in a .sql file of this folder:
 * statements.sql holds those of the spine, admin.sql those of the operator's documents; both are one enum td_stmt:
 * TD_SQL_SUPPRESS_OF. Rows of td_run are filled after td_sync: queue what can be asked together, then sync once (an
 * engine behind a network pays one round trip for each sync). Whether a verb writes is said by td_verbs
 * (lib/wire/proto.c): a verb that does not must only run SELECT.
 *
 * Consent is changed by td_event_append only (event.h: event, chain, projection, journal in one), persons by person.h,
 * a message is made by td_prepare_mail (job.h), decisions are taken by td_facts_decide (facts.h).
 *
 * Owns: the store owns engine, configuration snapshot, secret, leases, waiters. Threads: the loop's. Lifetime: main.
 */
#ifndef TD_OP_H
#define TD_OP_H

#include "clock.h"
#include "codec.h"
#include "conf.h"
#include "engine.h"
#include "log.h"
#include "proto.h"
#include "stmt.h"

struct td_store;
struct td_op;
struct td_journal;
struct td_leases;
struct td_claims;
struct td_caps_prices;
struct td_request;
struct td_server;

/* What must happen once the batch is committed; in order of registration. */
struct td_after {
	void (*fn)(struct td_store *store, void *arg);
	void            *arg; /* in the op's arena */
	struct td_after *next;
};

struct td_op {
	struct td_request *request; /* NULL when the store itself asks (sweeper) */
	const struct td_verb_impl *impl;
	const void      *in;  /* the decoded request */
	void            *out; /* the reply, zeroed before each run */
	struct td_arena *arena;
	int64_t          now_ms; /* one time for the whole batch */
	uint64_t         serial; /* of the connection; 0 = none: key of leases */
	int              role;
	uint32_t         uid;    /* actor of an operator's act */
	struct td_err    err;
	struct td_after *after, **after_end;
	bool             writes;
	bool             later;  /* a long poll: the handler has taken the request over, no reply now */
	struct td_op    *next;
};

struct td_chain { /* the end of this instance's event chain */
	int64_t       seq;
	unsigned char head[32];
};

struct td_store {
	const struct td_engine_ops *ops;
	struct td_engine  *engine;
	struct td_conf    *conf;    /* the current snapshot; borrowed by ops, which do not outlive it */
	struct td_view     secret;
	struct td_clock   *clock;
	const char        *instance; /* name of this stored's chain */
	struct td_journal *journal;  /* of revokes */
	struct td_leases  *leases;
	struct td_claims  *claims;  /* NULL in tests without a loop */
	struct td_caps_prices *prices; /* of conf; NULL when nothing counts money */
	struct td_chain    chain;    /* as of the last operation of the batch; goes back with it when it is undone */
	int64_t            due_hint; /* no job becomes due before this; INT64_MAX = none known */
	int64_t            urgent_hint; /* likewise none of the urgent classes; never before due_hint */
	void             (*wake)(void *arg); /* called when due_hint moved or claimers may be served */
	void              *wake_arg;
	int64_t            started_ms;
	struct {
		uint64_t batches, requests, failed, commits, prepared, activated, begun, accepted, refused, abandoned,
			unknown_tokens;
	} count;
	char last_error[256];
	int64_t last_error_at;
	char    swept_text[TD_ID_SIZE]; /* contents of mails before this id are erased (sweep.c) … */
	char    swept_tally[256]; /* subject whose sums were swept last (caps_count.c) */
	int64_t swept_saved_ms;         /* … as the store has noted at this time; 0 = not read yet */
	bool    swept_full; /* a statement of the sweeper has removed all it may at once: there may be more */
};

typedef enum td_status td_verb_fn(struct td_store *store, struct td_op *op);

struct td_verb_impl {
	uint16_t               verb; /* 0 ends an array */
	const struct td_shape *in;
	const struct td_shape *out; /* NULL or td_none_shape: an empty reply */
	td_verb_fn            *run;
};
/* The handler of a verb; NULL when stored has none. */
const struct td_verb_impl *td_verb_find(uint16_t verb);

/* ---- statements ---- */

static inline struct td_value td_null(void) { return (struct td_value){ TD_NULL, 0, { NULL, 0 } }; }
static inline struct td_value td_int(int64_t i) { return (struct td_value){ TD_INT, i, { NULL, 0 } }; }
/* Text; the empty view is '' and not NULL. The bytes must live until the next td_sync. */
static inline struct td_value td_text(struct td_view v) { return (struct td_value){ TD_TEXT, 0,
	{ v.p ? v.p : "", v.n } }; }
static inline struct td_value td_str(const char *s) { return td_text(td_view_str(s)); }
static inline struct td_value td_blob(const void *p, size_t n) { return (struct td_value){ TD_BLOB, 0, { p ? p : "",
	n } }; }
/* Text, or NULL when empty. */
static inline struct td_value td_opt(struct td_view v) { return v.n ? td_text(v) : td_null(); }

/* Queues a statement with its parameters $1 …: td_run(store, op, TD_SQL_X, &rows or NULL, td_text(a), td_int(b)). */
#define td_run(store, op, stmt, rows, ...) \
	td_run_values((store), (op), (stmt), (rows), (const struct td_value[]){ __VA_ARGS__ }, \
		sizeof((const struct td_value[]){ __VA_ARGS__ }) / sizeof(struct td_value))
enum td_status td_run_values(struct td_store *store, struct td_op *op, int stmt, struct td_rows *rows,
	const struct td_value *params, size_t nparams);
/* Everything queued has run and its rows are filled. */
enum td_status td_sync(struct td_store *store, struct td_op *op);
/* Column col of row; 0 and the empty view for NULL. */
int64_t td_col_int(const struct td_rows *rows, size_t row, size_t col);
struct td_view td_col_view(const struct td_rows *rows, size_t row, size_t col);
bool td_col_null(const struct td_rows *rows, size_t row, size_t col);
/* NUL-terminated copy in the op's arena; "" when empty or out of memory. */
const char *td_col_str(struct td_op *op, const struct td_rows *rows, size_t row, size_t col);

/* ---- after the commit ---- */

/* Registers fn(store, arg) for after the commit. arg lives in op->arena. */
void td_after(struct td_op *op, void (*fn)(struct td_store *store, void *arg), void *arg);
/* After the commit: a job is due at that time; claimers are served in time. */
void td_after_due(struct td_op *op, int64_t due_ms);
/* After the commit: *counter (of store->count) goes up by one. */
void td_after_count(struct td_op *op, uint64_t *counter);
/* After the commit: this line is logged (numbers already masked with td_log_mask). */
void td_after_log(struct td_op *op, enum td_log_level level, const char *fmt,
	...) __attribute__((format(printf, 3, 4)));

/* ---- small helpers ---- */

/* A new id in the op's arena. */
struct td_view td_op_id(struct td_op *op);
/* printf into the op's arena; the empty view when it is full (the op then fails by itself at its end). */
struct td_view td_op_text(struct td_op *op, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/*
 * An address as it is keyed (policy §1): "email:" with domain lower-cased as A-label and local part lower-cased, or
 * "tel:" and E.164. Takes both with and without prefix; TD_BADINPUT otherwise. home: for numbers in national form, or
 * NULL.
 */
enum td_status td_address(struct td_op *op, struct td_view input, const char *home, struct td_view *out);
/* Without its "email:" or "tel:" prefix. */
struct td_view td_address_plain(struct td_view address);
static inline bool td_address_is_tel(struct td_view address) { return td_view_starts(address, TD_VLIT("tel:")); }

#endif
