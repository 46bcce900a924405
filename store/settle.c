/*
 * settle - what became of a job that was handed over
 *
 * An outcome is taken from the connection that has the lease, and for a job that nobody has (this store was restarted
 * meanwhile) from whoever brings it. What is settled already stays as it is, so that an outcome may be brought twice.
 */
#include "caps.h"
#include "event.h"
#include "job.h"
#include "lease.h"
#include "receipt.h"
#include "verbs.h"

struct unit {
	const struct td_settle_item *in;
	struct td_job_row            job;
	int                          reported; /* which report the lease was for */
	int64_t                      state;
};

static struct td_view or_else(struct td_view v, const char *otherwise)
{
	return v.n ? v : td_view_str(otherwise);
}

static enum td_status fail(struct td_store *store, struct td_op *op, struct unit *u, int64_t state, const char *reason,
	const char *dsn)
{
	struct td_job_end end = { .state = state, .reason = or_else(u->in->reason, reason), .detail = u->in->detail,
		.dsn = or_else(u->in->dsn, dsn) };

	u->state = state;
	return td_job_finish(store, op, &u->job, &end);
}

static enum td_status accept(struct td_store *store, struct td_op *op, struct unit *u)
{
	struct td_job_row *job = &u->job;
	bool               done = u->in->outcome == TD_OUT_DELIVERED;
	bool               report = (job->notify & TD_NOTIFY_SUCCESS) && !(job->notify & TD_NOTIFY_NEVER);

	job->provider_id = u->in->provider_id;
	if (u->in->segments && u->in->segments != job->segments && td_caps_resize(store, op, job, u->in->segments))
		return op->err.status;
	job->segments = u->in->segments ? u->in->segments : job->segments;
	job->state = u->state = done ? TD_DELIVERED : TD_ACCEPTED;
	if (report)
		td_after_due(op, op->now_ms);
	td_after_count(op, &store->count.accepted);
	if (td_run(store, op, TD_SQL_JOB_ACCEPTED, NULL, td_text(job->id), td_int(job->state),
		report ? td_int(TD_RANK_REPORT) : td_null(), td_int(op->now_ms), td_opt(job->provider_id),
			td_int(job->segments),
		td_int(report ? (done ? 3 : 2) : 0), td_int(op->now_ms), td_text(u->in->detail),
			td_text(or_else(u->in->dsn, "2.0.0"))))
		return op->err.status;
	if (done)
		return td_job_forget(store, op, job);
	if (td_receipt_unpark(store, op, job))
		return op->err.status;
	u->state = job->state;
	return TD_OK;
}

/* Later, if there is a later. */
static enum td_status again(struct td_store *store, struct td_op *op, struct unit *u, int attempt)
{
	struct td_job_end why = { .state = TD_READY, .reason = u->in->reason, .detail = u->in->detail, .dsn = u->in->dsn };
	int64_t           due = u->in->due > op->now_ms ? u->in->due : op->now_ms;

	if (u->job.expires && due >= u->job.expires) {
		/* The detail still says why it did not go in time. */
		struct td_job_end end = { .state = TD_FAILED, .reason = TD_VLIT("expired"), .detail = u->in->detail,
			.dsn = TD_VLIT("5.4.7") };

		u->state = TD_FAILED;
		return td_job_finish(store, op, &u->job, &end);
	}
	u->state = TD_READY;
	return td_job_wait(store, op, &u->job, TD_READY, due, &why, attempt);
}

static enum td_status opted_out(struct td_store *store, struct td_op *op, struct unit *u)
{
	struct td_consent_event event = { .addr = u->job.addr, .channel = TD_VLIT("sms"), .action = TD_VLIT("revoke"),
		.reach = TD_VLIT("all"), .source = TD_VLIT("carrier"), .actor = u->job.provider, .by_subject = true };

	if (td_event_append(store, op, &event, NULL))
		return op->err.status;
	return fail(store, op, u, TD_FAILED, "optout", "5.7.1");
}

static enum td_status bad_number(struct td_store *store, struct td_op *op, struct unit *u)
{
	if (td_number_strike(store, op, &u->job))
		return op->err.status;
	return fail(store, op, u, TD_FAILED, "provider-rejected", "5.1.1");
}

/* Asked again under the same reference at due, or never repeated. */
static enum td_status uncertain(struct td_store *store, struct td_op *op, struct unit *u)
{
	struct td_job_end why = { .state = TD_SUBMITTING, .reason = or_else(u->in->reason, "provider-uncertain"),
		.detail = u->in->detail, .dsn = u->in->dsn };

	if (td_caps_keep(store, op, &u->job))
		return op->err.status;
	if (!u->in->due)
		return fail(store, op, u, TD_UNKNOWN, "provider-uncertain", "4.4.2");
	u->state = TD_SUBMITTING;
	return td_job_wait(store, op, &u->job, TD_SUBMITTING, u->in->due, &why, 0);
}

static enum td_status reported(struct td_store *store, struct td_op *op, struct unit *u)
{
	/* Another report became due while this one was written: it stays. */
	if (u->reported && u->reported != (int)u->job.report) {
		td_after_due(op, op->now_ms);
		return TD_OK;
	}
	return td_run(store, op, TD_SQL_JOB_REPORTED, NULL, td_text(u->job.id));
}

static enum td_status carry_out(struct td_store *store, struct td_op *op, struct unit *u)
{
	switch (u->in->outcome) {
	case TD_OUT_ACCEPTED:
	case TD_OUT_DELIVERED:
		return accept(store, op, u);
	case TD_OUT_TEMPORARY:
	case TD_OUT_THROTTLED:
		return again(store, op, u, 0);
	case TD_OUT_UNBEGIN:
		if (td_caps_release(store, op, &u->job))
			return op->err.status;
		u->job.slot_at = 0;
		return again(store, op, u, u->job.state == TD_SUBMITTING ? -1 : 0);
	case TD_OUT_BAD_NUMBER:
		return bad_number(store, op, u);
	case TD_OUT_OPTOUT:
		return opted_out(store, op, u);
	case TD_OUT_OTHER:
	case TD_OUT_REFUSED:
		return fail(store, op, u, TD_FAILED, "provider-rejected", "5.0.0");
	case TD_OUT_UNCERTAIN:
		return uncertain(store, op, u);
	case TD_OUT_EXPIRED:
		return fail(store, op, u, TD_FAILED, "expired", "5.4.7");
	case TD_OUT_REPORTED:
		return reported(store, op, u);
	default:
		return td_err_set(&op->err, TD_BADINPUT, "unknown outcome %lld", (long long)u->in->outcome);
	}
}

/* Which outcomes a job in this state can have. */
static bool fits(const struct unit *u)
{
	switch (u->in->outcome) {
	case TD_OUT_REPORTED:
		return u->job.report != 0;
	case TD_OUT_REFUSED:
	case TD_OUT_EXPIRED:
	case TD_OUT_UNBEGIN:
		return u->job.state == TD_READY || u->job.state == TD_HELD || u->job.state == TD_SUBMITTING;
	default:
		return u->job.state == TD_SUBMITTING;
	}
}

static void end_lease(struct td_store *store, void *arg)
{
	td_lease_end(store->leases, *(const struct td_view *)arg);
}

static enum td_status settle_one(struct td_store *store, struct td_op *op, struct unit *u)
{
	const struct td_lease *lease = td_lease_of(store->leases, u->in->job);
	struct td_view        *id = TD_NEW(op->arena, struct td_view);
	struct td_rows         rows;

	if (!id)
		return td_err_set(&op->err, TD_NOMEM, "request too large");
	if (lease && lease->serial != op->serial && lease->serial != 0)
		return TD_OK;
	if (td_job_ask(store, op, u->in->job, &rows) || td_sync(store, op))
		return op->err.status;
	u->job = td_job_take(&rows);
	if (!u->job.found)
		return TD_OK;
	u->reported = lease ? lease->report : 0;
	u->state = u->job.state;
	*id = u->job.id;
	td_after(op, end_lease, id);
	return fits(u) ? carry_out(store, op, u) : TD_OK;
}

static enum td_status settle(struct td_store *store, struct td_op *op)
{
	const struct td_settle *in = op->in;
	struct td_settled      *out = op->out;
	struct td_settled_item *items = TD_NEWN(op->arena, in->items.n, struct td_settled_item);

	if (!items)
		return td_err_set(&op->err, TD_NOMEM, "request too large");
	out->items = (struct td_structs){ items, in->items.n };
	for (size_t i = 0; i < in->items.n; i++) {
		struct unit u = { .in = (const struct td_settle_item *)in->items.v + i };

		if (settle_one(store, op, &u))
			return op->err.status;
		items[i].state = u.state;
	}
	return TD_OK;
}

const struct td_verb_impl td_verbs_settle[] = {
	{ TD_V_SETTLE, &td_settle_shape, &td_settled_shape, settle },
	{ 0, NULL, NULL, NULL },
};
