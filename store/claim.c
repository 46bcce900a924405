/*
 * claim - hands due jobs to those who wait for them
 *
 * Whoever waits longest is served first, with the most protected classes first: a one-time code never waits behind a
 * campaign. The store knows what is due; memory knows what is out (lease.h), and the two are read in one go after each
 * commit.
 */
#include <event2/event.h>
#include <stdlib.h>

#include "batch.h"
#include "claim.h"
#include "job.h"
#include "lease.h"
#include "server.h"
#include "verbs.h"

#define MOST_JOBS 1000
#define MOST_BYTES (TD_MSG_MAX / 2) /* of an answer: what would not fit into a frame stays for the next claim */
#define LONGEST_SLEEP_MS 5000 /* the wall clock may be set while we sleep */
#define RETRY_MS 1000         /* after the store could not be read */
#define ANSWER_ARENA (16u << 20)

static const int64_t ranks[] = { 10, 20, 30, 40, 50, TD_RANK_REPORT, 60 };
#define NRANKS (sizeof ranks / sizeof *ranks)
#define NURGENT 3 /* of them: compliance, critical, solicited */

struct waiter { /* in the request's arena */
	struct td_request *request;
	uint64_t           serial;
	int64_t            max, deadline_ms; /* monotonic */
	bool               urgent;
	struct waiter     *next;
};

struct td_claims {
	struct td_store *store;
	struct event    *timer;
	struct waiter   *first, **end;
	bool             failed; /* the last look into the store */
	bool             draining;
};

/* A content that cannot be read goes out as none: its job fails for lack of text, and the queue behind it goes on. */
static enum td_status read_content(struct td_op *op, const struct td_rows *row, struct td_content *content)
{
	struct td_view bytes = td_col_view(row, 0, 6), id = td_col_view(row, 0, 0);

	if (bytes.n == 0 || td_shape_decode(&td_content_shape, bytes, content, op->arena, &op->err) == TD_OK)
		return TD_OK;
	if (op->err.status != TD_BADINPUT)
		return op->err.status;
	td_error("job=%.*s: its content cannot be read: %s", TD_VARG(id), op->err.text);
	td_err_clear(&op->err);
	memset(content, 0, sizeof *content);
	return TD_OK;
}

/*
 * The attributes that were there at prepare. A job of before there were snapshots gets those of today; one without
 * content needs none.
 */
static enum td_status read_attrs(struct td_store *store, struct td_op *op, const struct td_rows *row,
	struct td_structs *out)
{
	struct td_view   bytes = td_col_view(row, 0, 25), id = td_col_view(row, 0, 0);
	struct td_attrs  attrs = { { NULL, 0 } };
	struct td_gather g = { .nrows = 0 };

	if (td_col_null(row, 0, 6) || (bytes.n == 0 && !td_col_null(row, 0, 25)))
		return TD_OK;
	if (bytes.n && td_shape_decode(&td_attrs_shape, bytes, &attrs, op->arena, &op->err) == TD_OK) {
		*out = attrs.pairs;
		return TD_OK;
	}
	if (bytes.n && op->err.status != TD_BADINPUT)
		return op->err.status;
	if (bytes.n)
		td_error("job=%.*s: its attributes cannot be read: %s", TD_VARG(id), op->err.text);
	td_err_clear(&op->err);
	if (td_run(store, op, TD_SQL_ATTRS_OF_JOB, &g.attrs, td_text(id)) || td_sync(store, op))
		return op->err.status;
	*out = td_facts_attrs(op, &g);
	return TD_OK;
}

static enum td_status read_job(struct td_store *store, struct td_op *op, struct td_view id, struct td_job *job)
{
	struct td_rows row;

	if (td_run(store, op, TD_SQL_JOB_CLAIM, &row, td_text(id)) || td_sync(store, op) ||
		read_content(op, &row, &job->content) || read_attrs(store, op, &row, &job->attrs))
		return op->err.status;
	job->id = td_col_view(&row, 0, 0);
	job->to = td_address_plain(td_col_view(&row, 0, 1));
	job->from = td_col_view(&row, 0, 2);
	job->cls = td_col_int(&row, 0, 3);
	job->category = td_col_view(&row, 0, 4);
	job->submitter = td_col_view(&row, 0, 5);
	job->state = td_col_int(&row, 0, 7);
	job->attempt = td_col_int(&row, 0, 8);
	job->accepted_at = td_col_int(&row, 0, 9);
	job->expires = td_col_int(&row, 0, 10);
	job->provider = td_col_view(&row, 0, 11);
	job->provider_id = td_col_view(&row, 0, 12);
	job->reference = job->id;
	job->report = td_col_int(&row, 0, 13);
	job->sender = td_col_view(&row, 0, 14);
	job->message_id = td_col_view(&row, 0, 15);
	job->envid = td_col_view(&row, 0, 16);
	job->queue_id = td_col_view(&row, 0, 17);
	job->reason = td_col_view(&row, 0, 18);
	job->detail = td_col_view(&row, 0, 19);
	job->dsn = td_col_view(&row, 0, 20);
	job->tz = td_col_view(&row, 0, 24);
	return TD_OK;
}

static size_t ranks_of(const struct waiter *waiter)
{
	return waiter->urgent ? NURGENT : NRANKS;
}

/* Jobs of one rank, as many as still fit. What is out and not begun stands in the way and is read past. */
static enum td_status take_rank(struct td_store *store, struct td_op *op, int64_t rank, const struct waiter *waiter,
	struct td_job *jobs, size_t *n)
{
	struct td_rows ids;
	size_t         room = (size_t)waiter->max - *n;

	if (td_run(store, op, TD_SQL_JOB_DUE, &ids, td_int(rank), td_int(op->now_ms),
		td_int((int64_t)(room + td_lease_waiting(store->leases)))) || td_sync(store, op))
		return op->err.status;
	for (size_t i = 0; i < ids.nrows && *n < (size_t)waiter->max && op->arena->used < MOST_BYTES; i++) {
		struct td_view id = td_col_view(&ids, i, 0);

		if (td_lease_of(store->leases, id))
			continue;
		memset(&jobs[*n], 0, sizeof jobs[*n]);
		if (read_job(store, op, id, &jobs[*n]))
			return op->err.status;
		if (td_lease_take(store->leases, id, waiter->serial, (int)jobs[*n].report))
			++*n;
	}
	return TD_OK;
}

/*
 * Collects for one waiter, in an arena of the answer's: a waiter may be looked after many times before there is
 * something for it, and its request's would fill up. On failure nothing is out.
 */
static enum td_status collect(struct td_claims *claims, const struct waiter *waiter, struct td_arena *arena,
	struct td_claimed *out)
{
	struct td_store *store = claims->store;
	struct td_op     op = { .arena = arena, .now_ms = td_now_ms(store->clock) };
	struct td_job   *jobs = TD_NEWN(op.arena, (size_t)waiter->max, struct td_job);
	enum td_status   status = jobs ? TD_OK : td_err_set(&op.err, TD_NOMEM, "too many jobs in one claim");
	size_t           n = 0;

	for (size_t i = 0; i < ranks_of(waiter) && !status && n < (size_t)waiter->max; i++)
		status = take_rank(store, &op, ranks[i], waiter, jobs, &n);
	/* What was read before a failure goes out: a claim that is too large for its arena must not fail for ever. */
	if (status && n == 0) {
		td_error("claim: %s", op.err.text);
		return status;
	}
	out->jobs = (struct td_structs){ jobs, n };
	return TD_OK;
}

/*
 * The earliest time at which something not yet due will be, of all jobs and of the urgent ones; `looked` says for how
 * many ranks what was due at `since` has just been found to be out of reach. Of the others nothing is known: they may
 * be due. What became due after `since` was perhaps not looked at: it counts as not yet due, and is looked at again.
 */
static void look_ahead(struct td_claims *claims, size_t looked, int64_t since)
{
	struct td_store *store = claims->store;
	struct td_arena  arena;
	struct td_op     op = { .arena = &arena, .now_ms = since };

	td_arena_init(&arena, 65536);
	store->urgent_hint = INT64_MAX;
	if (looked == NRANKS)
		store->due_hint = INT64_MAX;
	for (size_t i = 0; i < looked; i++) {
		struct td_rows rows;
		int64_t        due;

		if (td_run(store, &op, TD_SQL_JOB_NEXT_DUE, &rows, td_int(ranks[i]), td_int(op.now_ms)) ||
			td_sync(store, &op)) {
			store->due_hint = store->urgent_hint = op.now_ms + RETRY_MS;
			break;
		}
		due = td_col_int(&rows, 0, 0);
		if (due && i < NURGENT && due < store->urgent_hint)
			store->urgent_hint = due;
		if (due && due < store->due_hint)
			store->due_hint = due;
	}
	td_arena_free(&arena);
}

/* When somebody who waits may have to be served. */
static int64_t next_due(const struct td_claims *claims)
{
	for (const struct waiter *waiter = claims->first; waiter; waiter = waiter->next) {
		if (!waiter->urgent)
			return claims->store->due_hint;
	}
	return claims->first ? claims->store->urgent_hint : INT64_MAX;
}

static void set_timer(struct td_claims *claims)
{
	struct td_store *store = claims->store;
	int64_t          hint = next_due(claims);
	int64_t          sleep = hint == INT64_MAX ? LONGEST_SLEEP_MS : hint - td_now_ms(store->clock);
	struct timeval   tv;

	for (const struct waiter *waiter = claims->first; waiter; waiter = waiter->next) {
		int64_t left = waiter->deadline_ms - td_mono_ms(store->clock);

		if (left < sleep)
			sleep = left;
	}
	if (claims->failed && sleep < RETRY_MS)
		sleep = RETRY_MS;
	if (sleep < 0)
		sleep = 0;
	if (sleep > LONGEST_SLEEP_MS)
		sleep = LONGEST_SLEEP_MS;
	tv = (struct timeval){ sleep / 1000, sleep % 1000 * 1000 };
	if (claims->first)
		evtimer_add(claims->timer, &tv);
	else
		evtimer_del(claims->timer);
}

/* Takes *at out of the list and answers it. */
static void answer(struct td_claims *claims, struct waiter **at, const struct td_claimed *claimed)
{
	struct waiter *waiter = *at;

	*at = waiter->next;
	if (claims->end == &waiter->next)
		claims->end = at;
	td_request_reply(waiter->request, &td_claimed_shape, claimed);
}

void td_claims_serve(struct td_claims *claims)
{
	struct td_store *store = claims->store;
	struct waiter  **at = &claims->first;
	int64_t          now = td_now_ms(store->clock);
	bool             due = store->due_hint <= now && !claims->draining;
	bool             urgent = store->urgent_hint <= now && !claims->draining;
	size_t           looked = 0;
	struct td_arena  arena;

	claims->failed = false;
	td_arena_init(&arena, ANSWER_ARENA);
	while (*at) {
		struct td_claimed claimed = { { NULL, 0 } };
		bool              may = (*at)->urgent ? urgent : due;

		td_arena_reset(&arena);
		if (may && !claims->failed && collect(claims, *at, &arena, &claimed))
			claims->failed = true;
		if (claimed.jobs.n > 0 || (*at)->max == 0 || claims->draining ||
			td_mono_ms(store->clock) >= (*at)->deadline_ms) {
			answer(claims, at, &claimed);
			continue;
		}
		/* Nothing for this one is nothing for those behind it that ask for no more. */
		if (may) {
			urgent = false;
			due = due && (*at)->urgent;
			looked = ranks_of(*at) > looked ? ranks_of(*at) : looked;
		}
		at = &(*at)->next;
	}
	td_arena_free(&arena);
	if (looked && !claims->failed)
		look_ahead(claims, looked, now);
	set_timer(claims);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	td_claims_serve(arg);
}

/*
 * A job became due earlier than was known. Within a batch this comes before td_claims_serve; elsewhere the timer does
 * it.
 */
static void on_wake(void *arg)
{
	set_timer(arg);
}

struct td_claims *td_claims_new(struct td_store *store, struct event_base *base)
{
	struct td_claims *claims = calloc(1, sizeof *claims);

	if (!claims)
		return NULL;
	claims->store = store;
	claims->end = &claims->first;
	claims->timer = evtimer_new(base, on_timer, claims);
	if (!claims->timer) {
		free(claims);
		return NULL;
	}
	store->wake = on_wake;
	store->wake_arg = claims;
	store->claims = claims;
	return claims;
}

struct orphanage {
	struct td_store *store;
	struct td_op    *op;
};

static void end_lease(struct td_store *store, void *arg)
{
	td_lease_end(store->leases, td_view_str(arg));
}

static void requeue_one(void *arg, const struct td_lease *lease)
{
	struct orphanage *o = arg;
	char             *id = td_arena_str(o->op->arena, td_view_str(lease->id));

	if (!id || o->op->err.status || td_run(o->store, o->op, TD_SQL_JOB_REQUEUE, NULL, td_str(id), td_int(TD_CLASS_MAX),
		td_int(o->op->now_ms)))
		return;
	td_after(o->op, end_lease, id);
}

enum td_status td_claims_requeue(struct td_store *store, struct td_op *op)
{
	struct orphanage o = { store, op };

	if (td_lease_orphans(store->leases, requeue_one, &o) > 0)
		td_after_due(op, op->now_ms);
	return op->err.status;
}

enum td_status td_claims_recover(struct td_store *store, struct td_op *op)
{
	struct td_rows rows;

	if (td_run(store, op, TD_SQL_JOBS_RECOVER, &rows, td_int(TD_CLASS_MAX), td_int(op->now_ms)) || td_sync(store, op))
		return op->err.status;
	if (rows.changed > 0)
		td_after_log(op, TD_LOG_WARNING,
			"%lld jobs were being submitted when this store stopped: their senders are asked again",
			(long long)rows.changed);
	return TD_OK;
}

void td_claims_closed(struct td_claims *claims, const struct td_conn *conn)
{
	struct td_store  *store = claims->store;
	struct waiter   **at = &claims->first;
	struct td_claimed nothing = { { NULL, 0 } };

	while (*at) {
		if ((*at)->serial == conn->serial)
			answer(claims, at, &nothing);
		else
			at = &(*at)->next;
	}
	if (td_lease_drop(store->leases, conn->serial) == 0)
		return;
	store->due_hint = store->urgent_hint = td_now_ms(store->clock);
	/* When this fails, the sweeper tries again: until then the orphans stay out of everybody's reach. */
	td_store_do(store, td_claims_requeue);
	set_timer(claims);
}

static void add_waiter(struct td_store *store, void *arg)
{
	struct waiter *waiter = arg;

	*store->claims->end = waiter;
	store->claims->end = &waiter->next;
}

static enum td_status claim(struct td_store *store, struct td_op *op)
{
	const struct td_claim *in = op->in;
	struct waiter         *waiter = TD_NEW(op->arena, struct waiter);

	if (!waiter || !store->claims)
		return td_err_set(&op->err, TD_NOMEM, "out of memory");
	*waiter = (struct waiter){ .request = op->request, .serial = op->serial,
		.max = in->max < MOST_JOBS ? in->max : MOST_JOBS, .urgent = in->urgent,
		.deadline_ms = td_mono_ms(store->clock) + (in->wait_ms < 0 ? 0 : in->wait_ms) };
	if (waiter->max < 0)
		waiter->max = 0;
	op->later = true;
	td_after(op, add_waiter, waiter);
	return TD_OK;
}

void td_claims_drain(struct td_claims *claims)
{
	claims->draining = true;
	td_claims_serve(claims);
}

void td_claims_free(struct td_claims *claims)
{
	struct td_claimed nothing = { { NULL, 0 } };

	if (!claims)
		return;
	while (claims->first)
		answer(claims, &claims->first, &nothing);
	event_free(claims->timer);
	claims->store->wake = NULL;
	claims->store->claims = NULL;
	free(claims);
}

const struct td_verb_impl td_verbs_claim[] = {
	{ TD_V_CLAIM, &td_claim_shape, &td_claimed_shape, claim },
	{ 0, NULL, NULL, NULL },
};
