/*
 * sweep - clean-up in small steps, each a transaction that delays nobody
 */
#include "batch.h"
#include "caps.h"
#include "claim.h"
#include "job.h"
#include "lease.h"
#include "store.h"

#define STEP 200 /* rows */
#define FULL 500 /* LIMIT of the statements that remove */
#define SAVE_MS (60 * 60 * (int64_t)1000) /* a commit each time would be one every few seconds, for nothing */
#define SELF_MAX_MS (60 * 60 * (int64_t)1000)
#define EARLY_MAX_MS (7 * 24 * 60 * 60 * (int64_t)1000)

bool td_store_swept(struct td_store *store, const struct td_rows *rows)
{
	bool full = rows->changed >= FULL;

	store->swept_full = store->swept_full || full;
	return full;
}

/* Postfix holds no mail that long: it was refused or deleted after we had prepared it. */
static enum td_status abandon(struct td_store *store, struct td_op *op)
{
	struct td_job_end end = { .state = TD_ABANDONED, .reason = TD_VLIT("not-activated") };
	struct td_rows    rows;
	char              to[TD_MASK_SIZE];

	if (td_run(store, op, TD_SQL_JOBS_STALE, &rows, td_int(op->now_ms - store->conf->store.prepared_max_ms),
		td_int(STEP)) ||
		td_sync(store, op))
		return op->err.status;
	for (size_t i = 0; i < rows.nrows; i++) {
		struct td_job_row job = { .found = true, .id = td_col_view(&rows, i, 0), .mail = td_col_view(&rows, i, 1),
			.addr = td_col_view(&rows, i, 2), .cls = td_col_int(&rows, i, 3), .state = TD_PREPARED };

		td_after_count(op, &store->count.abandoned);
		td_after_log(op, TD_LOG_WARNING, "job=%.*s, to=<%s>, reason=not-activated: Postfix never delivered its token",
			TD_VARG(job.id), td_log_mask(to, td_address_plain(job.addr)));
		if (td_job_finish(store, op, &job, &end))
			return op->err.status;
	}
	return TD_OK;
}

static enum td_status forget_keys(struct td_store *store, struct td_op *op)
{
	struct td_rows keys;

	if (td_run(store, op, TD_SQL_KEY_SWEEP, &keys, td_int(op->now_ms - store->conf->store.key_max_ms)) ||
		td_run(store, op, TD_SQL_RECEIPTS_SWEEP, NULL, td_int(op->now_ms - EARLY_MAX_MS)) || td_sync(store, op))
		return op->err.status;
	td_store_swept(store, &keys);
	return td_run(store, op, TD_SQL_SELF_SWEEP, NULL, td_int(op->now_ms - SELF_MAX_MS));
}

/* Ids are time-ordered. */
static enum td_status forget_unsubscribes(struct td_store *store, struct td_op *op)
{
	char           until[TD_ID_SIZE];
	struct td_view bound;
	struct td_rows rows;

	if (op->now_ms <= TD_UNSUBSCRIBE_KEEP_MS)
		return TD_OK;
	td_id_new(until, op->now_ms - TD_UNSUBSCRIBE_KEEP_MS);
	bound = td_arena_dup(op->arena, td_view_str(until));
	if (td_run(store, op, TD_SQL_UNSUBSCRIBE_SWEEP, &rows, td_text(bound)) || td_sync(store, op))
		return op->err.status;
	td_store_swept(store, &rows);
	return TD_OK;
}

/* Where the process before this one ended, or the scan would begin with the first mail ever. */
static enum td_status load_swept(struct td_store *store, struct td_op *op)
{
	struct td_rows rows;
	struct td_view id;

	if (store->swept_saved_ms)
		return TD_OK;
	if (td_run(store, op, TD_SQL_META_GET, &rows, td_str("swept_text")) || td_sync(store, op))
		return op->err.status;
	id = td_col_view(&rows, 0, 0);
	if (td_id_valid(id))
		memcpy(store->swept_text, id.p, id.n);
	store->swept_saved_ms = op->now_ms;
	return TD_OK;
}

static enum td_status save_swept(struct td_store *store, struct td_op *op, struct td_view until)
{
	memcpy(store->swept_text, until.p, until.n);
	if (op->now_ms - store->swept_saved_ms < SAVE_MS)
		return TD_OK;
	store->swept_saved_ms = op->now_ms;
	return td_run(store, op, TD_SQL_META_SET, NULL, td_str("swept_text"), td_text(until));
}

/* Ids are time-ordered, so what is old enough is a range of them; the next sweep goes on where this one ended. */
static enum td_status forget_texts(struct td_store *store, struct td_op *op)
{
	struct td_rows rows;
	char           until[TD_ID_SIZE];
	struct td_view bound;

	if (op->now_ms <= store->conf->retention.text_ms)
		return TD_OK;
	if (load_swept(store, op))
		return op->err.status;
	td_id_new(until, op->now_ms - store->conf->retention.text_ms);
	bound = td_arena_dup(op->arena, td_view_str(until));
	if (td_run(store, op, TD_SQL_JOB_ERASE_OLD, NULL, td_text(bound), td_str(store->swept_text)) ||
		td_run(store, op, TD_SQL_MAIL_ERASE_OLD, &rows, td_text(bound), td_str(store->swept_text)) ||
		td_sync(store, op))
		return op->err.status;
	td_store_swept(store, &rows);
	return rows.changed == 0 ? save_swept(store, op, bound) : TD_OK;
}

bool td_store_sweep(struct td_store *store)
{
	static td_verb_fn *const steps[] = { abandon, forget_keys, forget_unsubscribes, forget_texts, td_caps_sweep };
	uint64_t                 before = store->count.abandoned;

	store->swept_full = false;
	if (store->claims && td_lease_count(store->leases) > td_lease_waiting(store->leases))
		td_store_do(store, td_claims_requeue);
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		if (td_store_do(store, steps[i]))
			return false;
	}
	store->ops->idle(store->engine);
	return store->swept_full || store->count.abandoned - before >= STEP;
}
