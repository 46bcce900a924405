/*
 * job - moving and ending jobs
 */
#include "caps.h"
#include "lease.h"

enum td_status td_job_ask(struct td_store *store, struct td_op *op, struct td_view id, struct td_rows *rows)
{
	return td_run(store, op, TD_SQL_JOB_GET, rows, td_text(id));
}

struct td_job_row td_job_take(const struct td_rows *rows)
{
	struct td_job_row job = {
		.found = rows->nrows > 0,
		.id = td_col_view(rows, 0, 0),
		.addr = td_col_view(rows, 0, 1),
		.cls = td_col_int(rows, 0, 2),
		.category = td_col_view(rows, 0, 3),
		.state = td_col_int(rows, 0, 4),
		.due = td_col_int(rows, 0, 5),
		.expires = td_col_int(rows, 0, 6),
		.attempt = td_col_int(rows, 0, 7),
		.provider = td_col_view(rows, 0, 8),
		.notify = td_col_int(rows, 0, 9),
		.report = td_col_int(rows, 0, 10),
		.mail = td_col_view(rows, 0, 11),
		.provider_id = td_col_view(rows, 0, 12),
		.reason = td_col_view(rows, 0, 13),
		.direct = td_col_int(rows, 0, 14),
		.segments = td_col_int(rows, 0, 15),
		.created_at = td_col_int(rows, 0, 16),
		.tz = td_col_view(rows, 0, 17),
		.attrs = td_col_view(rows, 0, 18),
		.slot_at = td_col_int(rows, 0, 19),
		.email = td_col_view(rows, 0, 20),
		.submitter = td_col_view(rows, 0, 21),
		.key = td_col_view(rows, 0, 22),
		.key_explicit = td_col_int(rows, 0, 23) != 0,
		.digest = td_col_view(rows, 0, 24),
	};

	return job;
}

int64_t td_job_jitter(struct td_view job, int64_t most_ms)
{
	uint64_t hash = 14695981039346656037u; /* FNV-1a */

	for (size_t i = 0; i < job.n; i++)
		hash = (hash ^ (unsigned char)job.p[i]) * 1099511628211u;
	return job.n ? (int64_t)((hash ^ hash >> 32) % (uint64_t)(most_ms + 1)) : 0;
}

struct td_view td_job_stored_zone(struct td_op *op, const struct td_job_row *job)
{
	struct td_attrs attrs = { { NULL, 0 } };
	struct td_err   err;

	/* What cannot be read says nothing; who claimed the job has logged it. */
	if (!job->attrs.n || td_shape_decode(&td_attrs_shape, job->attrs, &attrs, op->arena, &err))
		return TD_VLIT("");
	for (size_t i = 0; i < attrs.pairs.n; i++) {
		const struct td_pair *pair = (const struct td_pair *)attrs.pairs.v + i;

		if (td_view_eq(pair->name, TD_VLIT("tz")))
			return pair->value;
	}
	return TD_VLIT("");
}

enum td_status td_job_forget(struct td_store *store, struct td_op *op, const struct td_job_row *job)
{
	bool old = job->created_at && op->now_ms - job->created_at > store->conf->retention.text_ms;

	if (job->cls != TD_CLASS_SOLICITED && !old)
		return TD_OK;
	if (td_run(store, op, TD_SQL_JOB_ERASE_FINAL, NULL, td_text(job->mail)))
		return op->err.status;
	return td_run(store, op, TD_SQL_MAIL_ERASE_FINAL, NULL, td_text(job->mail));
}

static bool is_failure(int64_t state)
{
	return state == TD_FAILED || state == TD_UNDELIVERED || state == TD_UNKNOWN;
}

enum td_status td_job_finish(struct td_store *store, struct td_op *op, const struct td_job_row *job,
	const struct td_job_end *end)
{
	bool report = is_failure(end->state) && (job->notify & TD_NOTIFY_FAILURE) && !(job->notify & TD_NOTIFY_NEVER);

	if (td_run(store, op, TD_SQL_JOB_END, NULL, td_text(job->id), td_int(end->state),
		report ? td_int(TD_RANK_REPORT) : td_null(),
		td_int(op->now_ms), td_text(end->reason), td_text(end->detail), td_text(end->dsn), td_int(report ? 1 : 0),
		td_int(op->now_ms)))
		return op->err.status;
	if (report)
		td_after_due(op, op->now_ms);
	if ((end->state == TD_FAILED || end->state == TD_CANCELLED) && td_caps_release(store, op, job))
		return op->err.status;
	return td_job_forget(store, op, job);
}

enum td_status td_job_wait(struct td_store *store, struct td_op *op, const struct td_job_row *job, int64_t state,
	int64_t due,
	const struct td_job_end *why, int attempt)
{
	int64_t when = td_job_due(due, job->expires);

	td_after_due(op, when);
	if (state == TD_HELD && td_caps_release(store, op, job))
		return op->err.status;
	return td_run(store, op, TD_SQL_JOB_WAIT, NULL, td_text(job->id), td_int(state), td_int(td_job_rank(job->cls)),
		td_int(when),
		td_text(why->reason), td_text(why->detail), td_text(why->dsn), td_int(attempt));
}

static enum td_status get(struct td_store *store, struct td_op *op, struct td_view id, struct td_job_row *job)
{
	struct td_rows rows;

	if (td_job_ask(store, op, id, &rows) || td_sync(store, op))
		return op->err.status;
	*job = td_job_take(&rows);
	return job->found ? TD_OK : td_err_set(&op->err, TD_NOTFOUND, "no job %.*s", TD_VARG(id));
}

static enum td_status refuse(struct td_op *op, const struct td_job_row *job, const char *what)
{
	return td_err_set(&op->err, TD_REFUSED, "job %.*s is %s: it cannot be %s", TD_VARG(job->id),
		td_job_state_name(job->state), what);
}

static void end_lease(struct td_store *store, void *arg)
{
	td_lease_end(store->leases, *(const struct td_view *)arg);
}

/* Whoever claimed it hears "lost" when he wants to begin it. */
static void after_take_back(struct td_op *op, struct td_view id)
{
	struct td_view *kept = TD_NEW(op->arena, struct td_view);

	if (!kept)
		return;
	*kept = id;
	td_after(op, end_lease, kept);
}

enum td_status td_job_cancel(struct td_store *store, struct td_op *op, struct td_view id)
{
	struct td_job_end end = { .state = TD_CANCELLED, .reason = TD_VLIT("cancelled") };
	struct td_job_row job;

	if (get(store, op, id, &job))
		return op->err.status;
	if (job.state != TD_PREPARED && job.state != TD_HELD && job.state != TD_READY)
		return refuse(op, &job, "cancelled");
	after_take_back(op, job.id);
	return td_job_finish(store, op, &job, &end);
}

enum td_status td_job_retry(struct td_store *store, struct td_op *op, struct td_view id)
{
	const struct td_job_end none = { .state = TD_READY };
	struct td_job_row       job;

	if (get(store, op, id, &job))
		return op->err.status;
	if (job.state != TD_READY && job.state != TD_HELD && job.state != TD_FAILED && job.state != TD_CANCELLED)
		return refuse(op, &job, "sent again");
	if (job.expires && job.expires <= op->now_ms)
		return td_err_set(&op->err, TD_REFUSED, "job %.*s has expired", TD_VARG(id));
	return td_job_wait(store, op, &job, TD_READY, op->now_ms, &none, 0);
}

enum td_status td_job_hold(struct td_store *store, struct td_op *op, struct td_view id, int64_t until_ms)
{
	const struct td_job_end why = { .state = TD_HELD, .detail = TD_VLIT("held by an operator") };
	struct td_job_row       job;

	if (get(store, op, id, &job))
		return op->err.status;
	if (job.state != TD_READY && job.state != TD_HELD)
		return refuse(op, &job, "held");
	after_take_back(op, job.id);
	return td_job_wait(store, op, &job, TD_HELD, until_ms, &why, 0);
}

enum td_status td_cancel_key(struct td_store *store, struct td_op *op, struct td_view key, int64_t *n)
{
	struct td_rows rows;

	*n = 0;
	if (td_run(store, op, TD_SQL_KEY_JOBS, &rows, td_str(store->conf->brand), td_text(key)) || td_sync(store, op))
		return op->err.status;
	for (size_t i = 0; i < rows.nrows; i++) {
		if (td_job_cancel(store, op, td_col_view(&rows, i, 0)))
			return op->err.status;
		++*n;
	}
	return TD_OK;
}

static bool cancels(const struct td_conf_category *category, struct td_view name)
{
	for (size_t i = 0; category && i < category->cancel_on.n; i++) {
		if (td_view_caseeq(td_view_str(category->cancel_on.v[i]), name))
			return true;
	}
	return false;
}

/* Of a number, or of the e-mail address whose SMS it is. */
static enum td_status cancel_held(struct td_store *store, struct td_op *op, struct td_view addr, struct td_view name)
{
	struct td_rows rows;

	if (td_address_is_tel(addr) ? td_run(store, op, TD_SQL_HELD_OF_ADDR, &rows, td_text(addr)) :
		td_run(store, op, TD_SQL_HELD_OF_EMAIL, &rows, td_text(td_address_plain(addr))))
		return op->err.status;
	if (td_sync(store, op))
		return op->err.status;
	for (size_t i = 0; i < rows.nrows; i++) {
		if (cancels(td_conf_category(store->conf, td_col_view(&rows, i, 1)), name) &&
			td_job_cancel(store, op, td_col_view(&rows, i, 0)))
			return op->err.status;
	}
	return TD_OK;
}

enum td_status td_happening_record(struct td_store *store, struct td_op *op, struct td_view addr, struct td_view name)
{
	struct td_rows linked;
	struct td_view id = td_op_id(op);

	if (td_run(store, op, TD_SQL_LINKED_OF, &linked, td_text(addr)) || td_sync(store, op) ||
		td_run(store, op, TD_SQL_HAPPENING_INSERT, NULL, td_text(id), td_text(addr),
		td_text(td_col_view(&linked, 0, 3)),
			td_text(name), td_int(op->now_ms)))
		return op->err.status;
	if (linked.nrows == 0)
		return cancel_held(store, op, addr, name);
	for (size_t i = 0; i < linked.nrows; i++) {
		if (cancel_held(store, op, td_col_view(&linked, i, 0), name))
			return op->err.status;
	}
	return TD_OK;
}
