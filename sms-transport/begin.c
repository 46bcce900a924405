/*
 * begin - renders jobs and asks the store, many in one message, whether they may go now
 *
 * The store's commit of BEGIN is the hand-over (policy §8): the whole decision runs in it. Until then nothing has left,
 * and a BEGIN whose answer is lost is remembered as one of which surely nothing was sent.
 */
#include "smsd.h"

#include <stdlib.h>
#include <string.h>

#include "sms.h"

#define TEMPLATE_RETRY_MS 30000

struct batch {
	struct smsd *smsd;
	size_t       n;
	struct job  *job[BATCH_MAX];
};

static enum td_status render(struct job *job, struct td_err *err)
{
	const struct td_sms_ask ask = { .content = &job->pub.content, .cls = (enum td_class)job->pub.cls,
		.category = job->pub.category, .tz = job->pub.tz, .attrs = &job->pub.attrs };
	struct td_sms_source source;
	struct td_sms sms = { .text = { NULL, 0 } };
	enum td_status status = td_sms_source_of(job->smsd->conf, &ask, &job->arena, &source, err);

	if (!status)
		status = td_sms_render(job->smsd->conf, &source, &job->arena, &sms, err);
	if (!status) {
		job->text = sms.text;
		job->count = sms.count;
	}
	return status;
}

static void unusable(struct job *job, const struct td_err *err)
{
	if (err->status == TD_TEMPFAIL) {
		smsd_trouble(job->smsd, "job=%.*s: %s", TD_VARG(job->pub.id), err->text);
		settle_job(job, TD_OUT_UNBEGIN, NULL, err->text, NULL, td_now_ms(job->smsd->clock) + TEMPLATE_RETRY_MS);
	} else {
		settle_job(job, TD_OUT_REFUSED, err->status == TD_TOOBIG ? "too-long" : "no-text", err->text, td_err_code(err),
			0);
	}
}

void begin_job(struct job *job)
{
	struct td_err err;

	if (job_expired(job)) {
		settle_job(job, TD_OUT_EXPIRED, "expired", NULL, "5.4.7", 0);
		return;
	}
	if (!job->text.n && render(job, &err)) {
		unusable(job, &err);
		return;
	}
	job->phase = JOB_BEGIN;
	if (job_urgent(job))
		TAILQ_INSERT_HEAD(&job->smsd->begin, job, link);
	else
		TAILQ_INSERT_TAIL(&job->smsd->begin, job, link);
	smsd_flush_soon(job->smsd);
}

/* The store says no, or knows better: what it decided is its own record, and the job is no longer ours. */
static void stopped(struct job *job, const struct td_verdict *verdict)
{
	char to[TD_MASK_SIZE];

	/* "lost": the lease had ended with a connection; the store gives the job out again. */
	if (!td_view_eq(verdict->reason, TD_VLIT("lost")))
		td_info("job=%.*s, to=<%s>, relay=none, status=%s (%.*s%s%.*s)", TD_VARG(job->pub.id),
			td_log_mask(to, job->pub.to),
			verdict->verdict == TD_HOLD || verdict->verdict == TD_CAPPED ? "held" : "dropped", TD_VARG(verdict->reason),
			verdict->text.n ? ": " : "", TD_VARG(verdict->text));
	job_release(job, true);
	job_free(job);
}

static void begun(struct job *job, const struct td_begun_item *item)
{
	job->asking = false;
	if (item->verdict.verdict != TD_SEND) {
		stopped(job, &item->verdict);
		return;
	}
	if (item->reference.n)
		job->pub.reference = job_keep(job, item->reference);
	job->smsd->count.begun++;
	job->pub.attempt++;
	job->begun_ms = td_mono_ms(job->smsd->clock);
	submit_job(job);
}

/* No answer. Of a BEGIN that may have been carried out, remember that nothing was sent. */
static void lost(struct job *job, const struct td_err *err)
{
	job->asking = false;
	job_release(job, true);
	if (err->status != TD_UNCERTAIN && job->leased && !job->smsd->draining) {
		settle_job(job, TD_OUT_UNBEGIN, NULL, err->text, NULL, td_now_ms(job->smsd->clock) + 1000);
		return;
	}
	if (err->status != TD_UNCERTAIN) {
		job_free(job);
		return;
	}
	job->unsent = true;
	job->phase = JOB_KEPT;
	job->kept_ms = td_mono_ms(job->smsd->clock);
	job->smsd->nkept++;
}

static void answered(void *arg, const struct td_msg *msg, const struct td_err *err)
{
	struct batch *batch = arg;
	struct td_begun reply = { .items = { NULL, 0 } };
	struct td_arena arena;
	struct td_err bad;

	td_arena_init(&arena, 1u << 20);
	if (msg && (td_shape_decode(&td_begun_shape, msg->body, &reply, &arena, &bad) || reply.items.n != batch->n)) {
		td_err_set(&bad, TD_UNCERTAIN, "tandem-stored: its answer to BEGIN cannot be read");
		err = &bad;
		msg = NULL;
	}
	if (!msg && err->status != TD_UNCERTAIN)
		smsd_trouble(batch->smsd, "begin: %s", err->text);
	for (size_t i = 0; i < batch->n; i++) {
		if (msg)
			begun(batch->job[i], (const struct td_begun_item *)reply.items.v + i);
		else
			lost(batch->job[i], err);
	}
	td_arena_free(&arena);
	claim_more(batch->smsd);
	free(batch);
}

/* One message of up to BATCH_MAX jobs. False when there are none, or no memory (then a later flush sends them). */
static bool flush_some(struct smsd *smsd)
{
	struct batch *batch = TAILQ_EMPTY(&smsd->begin) ? NULL : calloc(1, sizeof(*batch));
	struct td_begin_item items[BATCH_MAX];
	struct td_begin begin;
	struct job *job;

	if (!batch)
		return false;
	batch->smsd = smsd;
	while (batch->n < BATCH_MAX && (job = TAILQ_FIRST(&smsd->begin))) {
		TAILQ_REMOVE(&smsd->begin, job, link);
		job->asking = true;
		items[batch->n] = (struct td_begin_item){ .job = job->pub.id, .provider = td_view_str(job->via->set->name),
			.encoding = td_view_str(td_encoding_name(job->count.encoding)), .segments = job->count.segments,
			.resume = job->resume };
		batch->job[batch->n++] = job;
	}
	begin.items = (struct td_structs){ items, batch->n };
	td_peer_call(smsd->store, TD_V_BEGIN, &td_begin_shape, &begin, -1, false, answered, batch);
	return true;
}

void begin_flush(struct smsd *smsd)
{
	while (flush_some(smsd))
		;
}
