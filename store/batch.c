/*
 * batch - all requests that have arrived, in one transaction
 *
 * Order that guarantees hang on: every handler → revoke journal on disk → commit → memory (leases, waiters, logs) →
 * replies. A commit that fails is the failure of every request that wrote; those that only read are run again without a
 * transaction.
 */
#include <stdlib.h>

#include "batch.h"
#include "claim.h"
#include "journal.h"
#include "server.h"

#define TRIES 3
#define OWN_ARENA (8u << 20)

/* As before its first run. */
static void reset(struct td_op *op)
{
	td_err_clear(&op->err);
	op->after = NULL;
	op->after_end = &op->after;
	op->later = false;
	if (op->out)
		memset(op->out, 0, op->impl->out->size);
}

static enum td_status handle(struct td_store *store, struct td_op *op)
{
	enum td_status status = op->impl->run(store, op);

	if (!status)
		status = td_sync(store, op);
	if (!status && td_arena_full(op->arena))
		status = td_err_set(&op->err, TD_NOMEM, "request too large");
	/* A handler that says no more than its status. */
	if (status && op->err.status == TD_OK)
		td_err_set(&op->err, status, "%s", td_status_map(status)->name);
	else
		op->err.status = status;
	return status;
}

static void run_one(struct td_store *store, struct td_op *op)
{
	struct td_chain chain = store->chain;
	size_t          lines = td_journal_mark(store->journal);

	reset(op);
	if (!op->writes) {
		handle(store, op);
	} else if (store->ops->mark(store->engine, &op->err) == TD_OK) {
		if (handle(store, op) == TD_OK && store->ops->keep(store->engine, &op->err) == TD_OK)
			return;
		store->ops->undo(store->engine);
		store->chain = chain;
		td_journal_cut(store->journal, lines);
	}
	if (op->err.status) {
		op->after = NULL;
		op->later = false;
	}
}

static void fail_writers(struct td_op *first, const struct td_err *err)
{
	for (struct td_op *op = first; op; op = op->next) {
		if (op->writes && op->err.status == TD_OK) {
			op->err = *err;
			op->after = NULL;
		}
	}
}

static void run_readers(struct td_store *store, struct td_op *first)
{
	for (struct td_op *op = first; op; op = op->next) {
		if (!op->writes)
			run_one(store, op);
	}
}

/* One transaction. TD_CONFLICT: nothing happened, run again. */
static enum td_status transaction(struct td_store *store, struct td_op *first, struct td_err *err)
{
	struct td_chain chain = store->chain;
	enum td_status  status = store->ops->begin(store->engine, err);

	if (status)
		return status;
	for (struct td_op *op = first; op; op = op->next)
		run_one(store, op);
	if (td_journal_flush(store->journal, err)) {
		/* Those who revoke will be told so; the others need not suffer. */
		store->ops->rollback(store->engine);
		store->chain = chain;
		return TD_CONFLICT;
	}
	status = store->ops->commit(store->engine, err);
	if (status)
		store->chain = chain;
	else
		store->count.commits++;
	return status;
}

static void note_failure(struct td_store *store, const struct td_err *err)
{
	store->count.failed++;
	td_error("%s", err->text);
	memcpy(store->last_error, err->text, sizeof store->last_error - 1);
	store->last_error_at = td_now_ms(store->clock);
}

void td_batch_run(struct td_store *store, struct td_op *first)
{
	struct td_err  err;
	enum td_status status = TD_CONFLICT;
	bool           writes = false;

	for (const struct td_op *op = first; op; op = op->next)
		writes = writes || op->writes;
	td_err_clear(&err);
	if (!writes) {
		run_readers(store, first);
	} else {
		for (int i = 0; i < TRIES && status == TD_CONFLICT; i++)
			status = transaction(store, first, &err);
		td_journal_retry(store->journal);
		if (status) {
			if (status == TD_CONFLICT)
				err.status = TD_TEMPFAIL;
			for (struct td_op *op = first; op; op = op->next) {
				if (op->writes)
					reset(op);
			}
			fail_writers(first, &err);
			note_failure(store, &err);
			run_readers(store, first);
		}
	}
	for (struct td_op *op = first; op; op = op->next) {
		for (struct td_after *after = op->after; after; after = after->next)
			after->fn(store, after->arg);
	}
}

/* A request made an operation; NULL when it was answered with its failure at once. */
static struct td_op *decode(struct td_store *store, struct td_request *request)
{
	const struct td_verb_impl *impl = td_verb_find(request->msg.verb);
	const struct td_verb_row  *row = td_verb_row(request->msg.verb);
	struct td_op              *op = TD_NEW(request->arena, struct td_op);
	void                      *in = impl ? td_arena_alloc(request->arena, impl->in->size) : NULL;
	struct td_err              err;

	(void)store;
	td_err_clear(&err);
	if (!impl || !row)
		td_err_set(&err, TD_NOTFOUND, "tandem-stored does not know verb %u", (unsigned)request->msg.verb);
	else if (!op || !in || (impl->out && !(op->out = td_arena_alloc(request->arena, impl->out->size))))
		td_err_set(&err, TD_NOMEM, "request too large");
	else
		td_shape_decode(impl->in, request->msg.body, in, request->arena, &err);
	if (err.status) {
		td_request_fail(request, &err);
		return NULL;
	}
	op->request = request;
	op->impl = impl;
	op->in = in;
	op->arena = request->arena;
	op->writes = row->writes;
	op->serial = request->conn ? request->conn->serial : 0;
	op->role = request->conn ? request->conn->role : 0;
	op->uid = request->conn ? request->conn->uid : 0;
	return op;
}

void td_batch(void *arg, struct td_request *first)
{
	struct td_store *store = arg;
	struct td_op    *ops = NULL, **end = &ops;
	int64_t          now = td_now_ms(store->clock);

	for (struct td_request *request = first, *next; request; request = next) {
		struct td_op *op;

		next = request->next;
		op = decode(store, request);
		if (!op)
			continue;
		op->now_ms = now;
		*end = op;
		end = &op->next;
		store->count.requests++;
	}
	store->count.batches++;
	td_batch_run(store, ops);
	/* Answering ends a request and with it the operation, which lives in its arena. */
	for (struct td_op *op = ops, *next; op; op = next) {
		next = op->next;
		if (op->err.status)
			td_request_fail(op->request, &op->err);
		else if (!op->later)
			td_request_reply(op->request, op->impl->out, op->out);
	}
	if (store->claims)
		td_claims_serve(store->claims);
	store->ops->idle(store->engine);
}

enum td_status td_store_do(struct td_store *store, td_verb_fn *fn)
{
	const struct td_verb_impl impl = { .run = fn };
	struct td_arena           arena;
	struct td_op              op = { .impl = &impl, .arena = &arena, .writes = true,
		.now_ms = td_now_ms(store->clock) };

	td_arena_init(&arena, OWN_ARENA);
	td_batch_run(store, &op);
	if (op.err.status)
		td_error("%s", op.err.text);
	td_arena_free(&arena);
	return op.err.status;
}
