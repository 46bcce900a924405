/*
 * settle - what became of a job: outcome, log line, and the message that tells the store
 */
#include "smsd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "retry.h"

struct batch {
	struct smsd *smsd;
	size_t       n;
	struct job  *job[BATCH_MAX];
};

static double seconds(int64_t from, int64_t to)
{
	return from && to > from ? (double)(to - from) / 1000 : 0;
}

/* Two digits that count, as Postfix writes delays: 0.05, 1.2, 345. */
static const char *delay_text(char out[16], double s)
{
	snprintf(out, 16, s < 10 ? "%.2g" : "%.0f", s < 0.001 ? 0 : s);
	return out;
}

static const char *word_of(enum td_outcome outcome, int64_t due)
{
	switch (outcome) {
	case TD_OUT_ACCEPTED:
	case TD_OUT_DELIVERED:
		return "sent";
	case TD_OUT_REPORTED:
		return "reported";
	case TD_OUT_TEMPORARY:
	case TD_OUT_THROTTLED:
	case TD_OUT_UNBEGIN:
		return "deferred";
	case TD_OUT_UNCERTAIN:
		return due ? "deferred" : "unknown";
	case TD_OUT_EXPIRED:
		return "expired";
	default:
		return "bounced";
	}
}

static const char *default_dsn(enum td_outcome outcome, int64_t due)
{
	switch (outcome) {
	case TD_OUT_ACCEPTED:
	case TD_OUT_DELIVERED:
	case TD_OUT_REPORTED:
		return "2.0.0";
	case TD_OUT_TEMPORARY:
	case TD_OUT_UNBEGIN:
		return "4.3.0";
	case TD_OUT_THROTTLED:
		return "4.4.5";
	case TD_OUT_BAD_NUMBER:
		return "5.1.1";
	case TD_OUT_OPTOUT:
		return "5.7.1";
	case TD_OUT_UNCERTAIN:
		return due ? "4.4.2" : "5.4.2";
	case TD_OUT_EXPIRED:
		return "5.4.7";
	default:
		return "5.0.0";
	}
}

/* The line of Postfix's shape. delays: before the claim, from claim to hand-over, at the provider. */
static void log_outcome(const struct job *job)
{
	const struct td_settle_item *o = &job->outcome;
	int64_t now = td_now_ms(job->smsd->clock), mono = td_mono_ms(job->smsd->clock);
	double total = seconds(job->pub.accepted_at, now);
	double own = seconds(job->claimed_ms, job->sent_ms ? job->sent_ms : mono);
	double theirs = seconds(job->sent_ms, mono);
	double before = total > own + theirs ? total - own - theirs : 0;
	bool good = o->outcome == TD_OUT_ACCEPTED || o->outcome == TD_OUT_DELIVERED;
	struct td_view first = good ? o->provider_id : o->reason;
	char to[TD_MASK_SIZE], d[4][16];

	if (job->pub.report) {
		td_info("job=%.*s, report to=<%s>, status=%s%s%.*s", TD_VARG(job->pub.id), td_log_mask(to, job->pub.sender),
			word_of((enum td_outcome)o->outcome, 0), o->detail.n ? ": " : "", TD_VARG(o->detail));
		return;
	}
	/* Waiting for a rate or a route is no event of the message. */
	td_log(o->outcome == TD_OUT_UNBEGIN ? TD_LOG_DEBUG : TD_LOG_INFO,
		"%.*s: job=%.*s, to=<%s>, relay=%s, delay=%s, delays=%s/%s/%s, segs=%d, dsn=%.*s, status=%s (%.*s%s%.*s)",
		TD_VARG(job->pub.queue_id.n ? job->pub.queue_id : TD_VLIT("NOQUEUE")), TD_VARG(job->pub.id),
		td_log_mask(to, job->pub.to),
		job->via ? job->via->set->name : "none", delay_text(d[0], total), delay_text(d[1], before),
			delay_text(d[2], own),
		delay_text(d[3], theirs), job->count.segments, TD_VARG(o->dsn),
		word_of((enum td_outcome)o->outcome, o->due), TD_VARG(first), first.n && o->detail.n ? ": " : "",
			TD_VARG(o->detail));
}

static void count(struct smsd_counts *counts, enum td_outcome outcome)
{
	switch (outcome) {
	case TD_OUT_ACCEPTED:
	case TD_OUT_DELIVERED:
		counts->accepted++;
		break;
	case TD_OUT_TEMPORARY:
	case TD_OUT_THROTTLED:
	case TD_OUT_UNBEGIN:
		counts->temporary++;
		break;
	case TD_OUT_UNCERTAIN:
		counts->uncertain++;
		break;
	case TD_OUT_EXPIRED:
		counts->expired++;
		break;
	case TD_OUT_REPORTED:
		counts->reports++;
		break;
	default:
		counts->failed++;
	}
}

void settle_again(struct job *job)
{
	job->phase = JOB_DONE;
	TAILQ_INSERT_TAIL(&job->smsd->settle, job, link);
	smsd_flush_soon(job->smsd);
}

void settle_job(struct job *job, enum td_outcome outcome, const char *reason, const char *detail, const char *dsn,
	int64_t due)
{
	struct td_settle_item *item = &job->outcome;

	item->job = job->pub.id;
	item->outcome = outcome;
	item->reason = td_view_str(reason);
	item->detail = job_keep(job, td_view_str(detail));
	item->dsn = job_keep(job, td_view_str(dsn ? dsn : default_dsn(outcome, due)));
	item->due = due;
	if (!item->segments)
		item->segments = job->count.segments;
	count(&job->smsd->count, outcome);
	log_outcome(job);
	job_release(job, outcome == TD_OUT_UNBEGIN);
	settle_again(job);
}

/* Code and words of the provider in one line. */
static const char *words(const struct tandem_outcome *outcome, char *out, size_t size)
{
	if (outcome->code.n && outcome->detail.n)
		snprintf(out, size, "%.*s: %.*s", (int)outcome->code.n, outcome->code.p, (int)outcome->detail.n,
			outcome->detail.p);
	else if (outcome->code.n)
		snprintf(out, size, "%.*s", (int)outcome->code.n, outcome->code.p);
	else
		snprintf(out, size, "%.*s", (int)outcome->detail.n, outcome->detail.p ? outcome->detail.p : "");
	return out;
}

static void accepted(struct job *job, const struct tandem_outcome *outcome, const char *detail)
{
	if (outcome->nids)
		job->outcome.provider_id = job_keep(job, host_td(outcome->ids[0]));
	if (outcome->segments)
		job->outcome.segments = outcome->segments;
	settle_job(job, outcome->delivered ? TD_OUT_DELIVERED : TD_OUT_ACCEPTED, NULL, *detail ? detail : NULL, NULL, 0);
}

/*
 * Perhaps sent: ask later where one can ask, or repeat where that is harmless; critical and solicited once more in any
 * case.
 */
static int64_t uncertain_due(const struct job *job, const struct retry_ask *ask)
{
	bool once_more = job->pub.cls == TD_CLASS_CRITICAL || job->pub.cls == TD_CLASS_SOLICITED;

	if (job->via->capabilities & (TANDEM_CAN_QUERY | TANDEM_CAN_REPEAT))
		return retry_uncertain(job->smsd->conf, ask);
	return once_more && ask->attempt <= 1 ? retry_uncertain(job->smsd->conf, ask) : 0;
}

void settle_outcome(struct job *job, const struct tandem_outcome *outcome)
{
	const struct td_conf *conf = job->smsd->conf;
	struct retry_ask ask = { .cls = (enum td_class)job->pub.cls, .attempt = job->pub.attempt,
		.providers = job->nproviders,
		.after_ms = outcome->retry_after_ms, .expires = job->pub.expires, .now = td_now_ms(job->smsd->clock) };
	char text[400];

	words(outcome, text, sizeof(text));
	instance_judge(job->via, outcome->kind, text);
	if (outcome->kind == TANDEM_THROTTLED)
		instance_throttled(job->via, outcome->retry_after_ms);
	switch (outcome->kind) {
	case TANDEM_ACCEPTED:
		accepted(job, outcome, text);
		break;
	case TANDEM_PERMANENT_NUMBER:
		settle_job(job, TD_OUT_BAD_NUMBER, "invalid-number", text, NULL, 0);
		break;
	case TANDEM_PERMANENT_OPTOUT:
		settle_job(job, TD_OUT_OPTOUT, "optout", text, NULL, 0);
		break;
	case TANDEM_TEMPORARY:
		settle_job(job, TD_OUT_TEMPORARY, "provider-unreachable", text, NULL, retry_temporary(conf, &ask));
		break;
	case TANDEM_THROTTLED:
		settle_job(job, TD_OUT_THROTTLED, "provider-unreachable", text, NULL, retry_throttled(conf, &ask));
		break;
	case TANDEM_AUTH:
	case TANDEM_FUNDS:
		settle_job(job, TD_OUT_TEMPORARY, "provider-rejected", text, NULL, retry_temporary(conf, &ask));
		break;
	case TANDEM_UNCERTAIN:
		settle_job(job, TD_OUT_UNCERTAIN, "provider-uncertain", text, NULL, uncertain_due(job, &ask));
		break;
	case TANDEM_PERMANENT_OTHER:
	case TANDEM_NOT_THERE: /* no answer to a submission */
	default:
		settle_job(job, TD_OUT_OTHER, "provider-rejected", text, NULL, 0);
	}
}

/* The store has it, or (state 0) does not know that it is ours: then it will ask. */
static void settled(struct job *job, int64_t state)
{
	job->asking = false;
	if (state) {
		job_free(job);
		return;
	}
	if (job->leased)
		td_debug("job=%.*s: the store does not take its outcome", TD_VARG(job->pub.id));
	job->phase = JOB_KEPT;
	job->kept_ms = td_mono_ms(job->smsd->clock);
	job->smsd->nkept++;
}

static void answered(void *arg, const struct td_msg *msg, const struct td_err *err)
{
	struct batch *batch = arg;
	struct td_settled reply = { .items = { NULL, 0 } };
	struct td_arena arena;
	struct td_err bad;

	td_arena_init(&arena, 1u << 20);
	if (msg && (td_shape_decode(&td_settled_shape, msg->body, &reply, &arena, &bad) || reply.items.n != batch->n)) {
		td_err_set(&bad, TD_UNCERTAIN, "tandem-stored: its answer to SETTLE cannot be read");
		err = &bad;
		msg = NULL;
	}
	if (!msg && !batch->smsd->draining)
		smsd_trouble(batch->smsd, "settle: %s", err->text);
	for (size_t i = 0; i < batch->n; i++) {
		if (msg) {
			settled(batch->job[i], ((const struct td_settled_item *)reply.items.v)[i].state);
		} else {
			/* Kept, and tried again at the next tick. */
			batch->job[i]->asking = false;
			batch->job[i]->phase = JOB_DONE;
			TAILQ_INSERT_TAIL(&batch->smsd->settle, batch->job[i], link);
		}
	}
	td_arena_free(&arena);
	claim_more(batch->smsd);
	free(batch);
}

static bool flush_some(struct smsd *smsd)
{
	struct batch *batch = TAILQ_EMPTY(&smsd->settle) ? NULL : calloc(1, sizeof(*batch));
	struct td_settle_item items[BATCH_MAX];
	struct td_settle settle;
	struct job *job;

	if (!batch)
		return false;
	batch->smsd = smsd;
	while (batch->n < BATCH_MAX && (job = TAILQ_FIRST(&smsd->settle))) {
		TAILQ_REMOVE(&smsd->settle, job, link);
		job->asking = true;
		items[batch->n] = job->outcome;
		batch->job[batch->n++] = job;
	}
	settle.items = (struct td_structs){ items, batch->n };
	td_peer_call(smsd->store, TD_V_SETTLE, &td_settle_shape, &settle, -1, true, answered, batch);
	return true;
}

void settle_flush(struct smsd *smsd)
{
	while (flush_some(smsd))
		;
}
