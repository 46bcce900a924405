/*
 * begin - the last look before the bytes leave: whole decision, and SUBMITTING, in one transaction
 *
 * From this commit on a job counts as handed over. Whatever was said before it (a STOP, a pause, an expiry) is obeyed.
 */
#include "caps.h"
#include "lease.h"
#include "verbs.h"

#define JITTER_MS 60000 /* what a full rule holds does not come back in one moment */

struct unit {
	const struct td_begin_item *in;
	struct td_begun_item       *out;
	struct td_rows              rows;
	struct td_job_row           job;
	struct td_gather            g;
	bool                        ours;
};

static struct td_gather gather_of(struct td_op *op, const struct unit *u, struct td_counted **counted)
{
	const struct td_job_row *job = &u->job;

	return (struct td_gather){ .addr = job->addr, .channel = TD_SMS, .cls = (enum td_class)job->cls,
		.category = job->category, .want_attrs = true, .expires = job->expires, .tz = job->tz,
		.tz_stored = td_job_stored_zone(op, job), .job = job->id, .sender = job->submitter, .provider = u->in->provider,
		.segments = u->in->segments, .note = td_caps_note(op, job->key, job->key_explicit, job->digest, job->mail),
		.email = job->email.n ? td_op_text(op, "email:%.*s", TD_VARG(job->email)) : job->email,
		.slot_at = job->slot_at, .counted = counted };
}

static enum td_status load(struct td_store *store, struct td_op *op, const struct td_begin *in, struct unit *units,
	struct td_counted **counted)
{
	for (size_t i = 0; i < in->items.n; i++) {
		if (td_job_ask(store, op, units[i].in->job, &units[i].rows))
			return op->err.status;
	}
	if (td_sync(store, op))
		return op->err.status;
	for (size_t i = 0; i < in->items.n; i++) {
		struct unit           *u = &units[i];
		const struct td_lease *lease = td_lease_of(store->leases, u->in->job);
		bool                   waits;

		u->job = td_job_take(&u->rows);
		waits = u->job.state == TD_READY || u->job.state == TD_HELD || (u->job.state == TD_SUBMITTING && u->in->resume);
		u->ours = u->job.found && waits && lease && lease->serial == op->serial && op->serial != 0 &&
			lease->report == 0;
		if (!u->ours)
			continue;
		u->g = gather_of(op, u, counted);
		if (td_facts_ask(store, op, &u->g))
			return op->err.status;
	}
	if (td_sync(store, op))
		return op->err.status;
	for (size_t i = 0; i < in->items.n; i++) {
		if (units[i].ours && td_facts_more(store, op, &units[i].g))
			return op->err.status;
	}
	return td_sync(store, op);
}

static void mark_begun(struct td_store *store, void *arg)
{
	struct td_lease *lease = td_lease_of(store->leases, *(const struct td_view *)arg);

	if (lease)
		td_lease_set_begun(store->leases, lease, true);
}

static void end_lease(struct td_store *store, void *arg)
{
	td_lease_end(store->leases, *(const struct td_view *)arg);
}

/* With its slot. What is repeated has one already, and may be with the person: it keeps it. */
static enum td_status hand_over(struct td_store *store, struct td_op *op, struct unit *u)
{
	bool    resume = u->job.state == TD_SUBMITTING;
	int64_t at = u->job.slot_at;

	if (resume ? td_caps_keep(store, op, &u->job) : td_caps_take(store, op, &u->g, u->job.id, &at))
		return op->err.status;
	u->out->reference = u->job.id;
	td_after(op, mark_begun, &u->job.id);
	td_after_count(op, &store->count.begun);
	return td_run(store, op, TD_SQL_JOB_BEGIN, NULL, td_text(u->job.id), td_text(u->in->provider),
		td_text(u->in->encoding),
		td_int(u->in->segments), td_int(op->now_ms), td_int(at));
}

/* A job whose bytes may have left already cannot be called failed. */
static enum td_status stop(struct td_store *store, struct td_op *op, struct unit *u)
{
	struct td_job_end end = { .state = u->in->resume && u->job.state == TD_SUBMITTING ? TD_UNKNOWN : TD_FAILED,
		.reason = u->out->verdict.reason, .detail = u->out->verdict.text };

	td_after(op, end_lease, &u->job.id);
	td_after_count(op, &store->count.refused);
	if (u->g.decision.verdict == TD_K_DENY || u->g.decision.verdict == TD_K_CAPPED)
		end.dsn = TD_VLIT("5.7.1");
	else if (u->g.decision.verdict == TD_K_DROP)
		end.dsn = TD_VLIT("5.4.7");
	return td_job_finish(store, op, &u->job, &end);
}

static enum td_status put_off(struct td_store *store, struct td_op *op, struct unit *u)
{
	struct td_job_end why = { .state = TD_HELD, .reason = u->out->verdict.reason, .detail = u->out->verdict.text };
	int64_t           until = u->g.decision.until;

	if (u->g.decision.verdict == TD_K_CAPPED)
		until += td_job_jitter(u->job.id, JITTER_MS);
	td_after(op, end_lease, &u->job.id);
	return td_job_wait(store, op, &u->job, TD_HELD, until, &why, 0);
}

static enum td_status carry_out(struct td_store *store, struct td_op *op, struct unit *u)
{
	const struct td_decision *d = &u->g.decision;
	bool                      waits = d->verdict == TD_K_HOLD ||
		(d->verdict == TD_K_CAPPED && d->action == TD_FULL_HOLD);
	bool                      resume = u->job.state == TD_SUBMITTING;

	/* What was begun before is counted, and its hour was right: only a no stops a repeat. */
	if (resume && d->verdict != TD_K_DENY && d->verdict != TD_K_DROP) {
		u->out->verdict = (struct td_verdict){ .verdict = TD_SEND, .reason = TD_VLIT("ok") };
		return hand_over(store, op, u);
	}
	if (d->verdict == TD_K_SEND)
		return hand_over(store, op, u);
	td_decision_log(op, &u->g, &u->out->verdict, "begin", u->job.id, TD_VLIT(""));
	if (td_decision_record(store, op, &u->g, &u->out->verdict, u->job.id, TD_VLIT("")))
		return op->err.status;
	return waits ? put_off(store, op, u) : stop(store, op, u);
}

/* The same job twice in one request: the second is not ours any more. */
static bool is_twice(const struct unit *units, size_t i)
{
	for (size_t k = 0; k < i; k++) {
		if (units[k].ours && td_view_eq(units[k].job.id, units[i].job.id))
			return true;
	}
	return false;
}

static enum td_status begin(struct td_store *store, struct td_op *op)
{
	const struct td_begin *in = op->in;
	struct td_begun       *out = op->out;
	struct unit           *units = TD_NEWN(op->arena, in->items.n, struct unit);
	struct td_counted     *counted = NULL;

	out->items = (struct td_structs){ TD_NEWN(op->arena, in->items.n, struct td_begun_item), in->items.n };
	if (!units || !out->items.v)
		return td_err_set(&op->err, TD_NOMEM, "request too large");
	for (size_t i = 0; i < in->items.n; i++) {
		units[i].in = (const struct td_begin_item *)in->items.v + i;
		units[i].out = (struct td_begun_item *)out->items.v + i;
	}
	if (load(store, op, in, units, &counted))
		return op->err.status;
	for (size_t i = 0; i < in->items.n; i++) {
		struct unit *u = &units[i];

		if (u->ours && is_twice(units, i))
			u->ours = false;
		if (!u->ours) {
			u->out->verdict = (struct td_verdict){ .verdict = TD_DROP, .reason = TD_VLIT("lost") };
			continue;
		}
		if (td_facts_decide(store, op, &u->g))
			return op->err.status;
		u->out->verdict = td_facts_verdict(op, &u->g);
		if (carry_out(store, op, u))
			return op->err.status;
	}
	return TD_OK;
}

const struct td_verb_impl td_verbs_begin[] = {
	{ TD_V_BEGIN, &td_begin_shape, &td_begun_shape, begin },
	{ 0, NULL, NULL, NULL },
};
