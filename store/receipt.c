/*
 * receipt - receipts, early ones, and how far a provider's file was read
 */
#include "event.h"
#include "receipt.h"
#include "verbs.h"

#define STRIKE_WINDOW_MS (30 * 24 * 60 * 60 * (int64_t)1000)

enum td_status td_number_strike(struct td_store *store, struct td_op *op, const struct td_job_row *job)
{
	struct td_consent_event event = { .addr = job->addr, .channel = TD_VLIT("sms"), .action = TD_VLIT("suppress"),
		.kind = TD_VLIT("undeliverable"), .source = TD_VLIT("dlr"), .actor = job->provider };
	struct td_rows          rows;
	char                    to[TD_MASK_SIZE];

	if (td_run(store, op, TD_SQL_STRIKE_GET, &rows, td_text(job->addr)) || td_sync(store, op))
		return op->err.status;
	if (rows.nrows == 0 || op->now_ms - td_col_int(&rows, 0, 0) > STRIKE_WINDOW_MS)
		return td_run(store, op, TD_SQL_STRIKE_PUT, NULL, td_text(job->addr), td_int(op->now_ms), td_text(job->id));
	if (td_view_eq(td_col_view(&rows, 0, 1), job->id))
		return TD_OK;
	event.note = td_op_text(op, "jobs %.*s and %.*s", TD_VARG(td_col_view(&rows, 0, 1)), TD_VARG(job->id));
	td_after_log(op, TD_LOG_INFO, "to=<%s>: undeliverable: two permanent failures within 30 days",
		td_log_mask(to, td_address_plain(job->addr)));
	return td_event_append(store, op, &event, NULL);
}

static int rank(int64_t state)
{
	switch (state) {
	case TD_SUBMITTING:
		return 1;
	case TD_ACCEPTED:
		return 2;
	case TD_UNKNOWN:
		return 3;
	case TD_DELIVERED:
	case TD_UNDELIVERED:
		return 4;
	default: /* nobody was given this job, or it was called off: no receipt moves it */
		return 5;
	}
}

static enum td_status delivered(struct td_store *store, struct td_op *op, const struct td_job_row *job,
	struct td_view code)
{
	bool report = (job->notify & TD_NOTIFY_SUCCESS) && !(job->notify & TD_NOTIFY_NEVER);

	if (report)
		td_after_due(op, op->now_ms);
	if (td_run(store, op, TD_SQL_JOB_ACCEPTED, NULL, td_text(job->id), td_int(TD_DELIVERED),
		report ? td_int(TD_RANK_REPORT) : td_null(), td_int(op->now_ms), td_opt(job->provider_id),
			td_int(job->segments),
		td_int(report ? 3 : 0), td_int(op->now_ms), td_text(code), td_str("2.0.0")) ||
		td_run(store, op, TD_SQL_STRIKE_DELETE, NULL, td_text(job->addr)))
		return op->err.status;
	return td_job_forget(store, op, job);
}

enum td_status td_receipt_apply(struct td_store *store, struct td_op *op, struct td_job_row *job,
	const struct td_receipt_fact *fact)
{
	struct td_job_end end = { .state = fact->state, .reason = TD_VLIT("provider-rejected"), .detail = fact->code,
		.dsn = fact->bad_number ? TD_VLIT("5.1.1") : TD_VLIT("5.0.0") };
	enum td_status    status;

	if (rank(fact->state) <= rank(job->state))
		return TD_OK;
	switch (fact->state) {
	case TD_DELIVERED:
		status = delivered(store, op, job, fact->code);
		break;
	case TD_UNDELIVERED:
		status = td_job_finish(store, op, job, &end);
		if (!status && fact->bad_number)
			status = td_number_strike(store, op, job);
		break;
	case TD_UNKNOWN:
		end.reason = TD_VLIT("provider-uncertain");
		status = td_job_finish(store, op, job, &end);
		break;
	default:
		return TD_OK;
	}
	job->state = fact->state;
	return status;
}

enum td_status td_receipt_unpark(struct td_store *store, struct td_op *op, struct td_job_row *job)
{
	struct td_rows rows;

	if (td_run(store, op, TD_SQL_RECEIPTS_PARKED, &rows, td_text(job->provider), td_text(job->provider_id),
		td_text(job->id)) ||
		td_sync(store, op))
		return op->err.status;
	if (rows.nrows == 0)
		return TD_OK;
	for (size_t i = 0; i < rows.nrows; i++) {
		struct td_receipt_fact fact = { .state = td_col_int(&rows, i, 1), .code = td_col_view(&rows, i, 2),
			.at = td_col_int(&rows, i, 3), .bad_number = td_col_int(&rows, i, 4) != 0 };

		if (td_receipt_apply(store, op, job, &fact))
			return op->err.status;
	}
	return td_run(store, op, TD_SQL_RECEIPTS_UNPARK, NULL, td_text(job->provider), td_text(job->provider_id),
		td_text(job->id));
}

static enum td_status put_mark(struct td_store *store, struct td_op *op, struct td_view provider, struct td_view mark)
{
	if (!mark.n)
		return TD_OK;
	return td_run(store, op, TD_SQL_MARK_PUT, NULL, td_text(provider), td_text(mark), td_int(op->now_ms));
}

/* By the provider's id, else by our reference, which is the job's id. */
static enum td_status find(struct td_store *store, struct td_op *op, const struct td_receipt *in,
	struct td_job_row *job)
{
	struct td_rows ids, rows;
	struct td_view id = in->id;

	if (td_run(store, op, TD_SQL_JOB_BY_PROVIDER_ID, &ids, td_text(in->id), td_text(in->provider)) ||
		td_sync(store, op))
		return op->err.status;
	if (ids.nrows > 0)
		id = td_col_view(&ids, 0, 0);
	if (td_job_ask(store, op, id, &rows) || td_sync(store, op))
		return op->err.status;
	*job = td_job_take(&rows);
	if (job->found && !td_view_eq(job->provider, in->provider))
		job->found = false;
	return TD_OK;
}

static enum td_status receipt(struct td_store *store, struct td_op *op)
{
	const struct td_receipt *in = op->in;
	struct td_receipt_fact   fact = { .state = in->state, .code = in->code, .at = in->at,
		.bad_number = in->bad_number };
	struct td_job_row        job;

	if (!in->provider.n || !in->id.n || rank(in->state) < 2 || rank(in->state) > 4)
		return td_err_set(&op->err, TD_BADINPUT, "receipt without provider, id or a state it can have");
	if (find(store, op, in, &job) || put_mark(store, op, in->provider, in->mark))
		return op->err.status;
	if (job.found && job.state != TD_SUBMITTING && job.state != TD_READY && job.state != TD_HELD)
		return td_receipt_apply(store, op, &job, &fact);
	/* It came before the answer to the submission did; td_receipt_unpark finds it then. */
	return td_run(store, op, TD_SQL_RECEIPT_PARK, NULL, td_text(in->provider), td_text(in->id), td_int(in->state),
		td_text(in->code),
		td_int(in->at ? in->at : op->now_ms), td_int(op->now_ms), td_int(in->bad_number));
}

static enum td_status mark(struct td_store *store, struct td_op *op)
{
	const struct td_mark *in = op->in;
	struct td_mark       *out = op->out;
	struct td_rows        rows;

	if (td_run(store, op, TD_SQL_MARK_GET, &rows, td_text(in->provider)) || td_sync(store, op))
		return op->err.status;
	out->provider = in->provider;
	out->mark = td_col_view(&rows, 0, 0);
	return TD_OK;
}

static enum td_status mark_put(struct td_store *store, struct td_op *op)
{
	const struct td_mark *in = op->in;

	if (!in->provider.n || !in->mark.n)
		return td_err_set(&op->err, TD_BADINPUT, "a mark needs a name and a value");
	return td_run(store, op, TD_SQL_MARK_PUT, NULL, td_text(in->provider), td_text(in->mark), td_int(op->now_ms));
}

const struct td_verb_impl td_verbs_receipt[] = {
	{ TD_V_RECEIPT, &td_receipt_shape, &td_none_shape, receipt },
	{ TD_V_MARK, &td_mark_shape, &td_mark_shape, mark },
	{ TD_V_MARK_PUT, &td_mark_shape, &td_none_shape, mark_put },
	{ 0, NULL, NULL, NULL },
};
