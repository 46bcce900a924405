/*
 * dispatch - a claimed job gets a provider, a rate token and a slot, or goes back to the store until it may
 *
 * Jobs wait here only for a short while: what would wait longer is given back with a due time, so that it neither fills
 * the room for jobs of other providers nor is lost to another host. Urgent classes have a queue of their own, which
 * goes first.
 */
#include "smsd.h"

#include <stdio.h>

#include "retry.h"
#include "route.h"

#define WAIT_MAX_MS 5000
#define TRIAL_MS 1000       /* a circuit that is closed for no longer than this is being tried */
#define NO_ROUTE_MS 60000
#define RESUME_MAX 1        /* attempts after which an uncertain SMS is sent once more */

/* Back to the store, to be given out again later. */
static void give_back(struct job *job, int64_t wait_ms, const char *why)
{
	int64_t due = td_now_ms(job->smsd->clock) + (wait_ms > 0 ? wait_ms : 0);

	if (job->pub.expires && due > job->pub.expires)
		due = job->pub.expires;
	/* Of one that perhaps was sent, nobody may think that it surely was not. */
	if (job->pub.state == TD_SUBMITTING && !job->unsent) {
		settle_job(job, TD_OUT_UNCERTAIN, "provider-uncertain", why, NULL, due);
		return;
	}
	settle_job(job, TD_OUT_UNBEGIN, NULL, why, NULL, due);
}

static bool has_turn(const struct instance *in, const struct job *job)
{
	return TAILQ_EMPTY(&in->waiting[0]) && (job_urgent(job) || TAILQ_EMPTY(&in->waiting[1]));
}

/* Slots that a job may fill: the last quarter of a window is kept for urgent ones. */
static size_t window_for(const struct instance *in, const struct job *job)
{
	return job_urgent(job) ? in->window : in->window - in->window / 4;
}

/* Takes a token and a slot, if both are there. */
static bool take_slot(struct instance *in, struct job *job)
{
	if (in->in_flight >= window_for(in, job) || !instance_usable(in) ||
		!bucket_take(&in->bucket, td_mono_ms(in->smsd->clock)))
		return false;
	in->in_flight++;
	job->slot = true;
	if (in->circuit.open)
		in->circuit.trying = true;
	return true;
}

static void wake_in(struct instance *in, int64_t ms)
{
	struct timeval tv = { .tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000 };

	if (!evtimer_pending(in->wake, NULL))
		evtimer_add(in->wake, &tv);
}

/* How many jobs may wait for one provider: where there are others, a quarter of the room stays theirs. */
static size_t places(const struct smsd *smsd)
{
	size_t inflight = smsd->conf->smsd.inflight > 0 ? (size_t)smsd->conf->smsd.inflight : 1;

	return smsd->nproviders > 1 ? inflight * 3 / 4 : inflight;
}

/* Waits for a token or a slot of this instance, or goes back when that takes long. */
static void enqueue(struct instance *in, struct job *job)
{
	int64_t now = td_mono_ms(in->smsd->clock);
	int64_t wait = bucket_wait(&in->bucket, in->nwaiting + 1, now);
	int64_t closed = instance_closed_ms(in);

	if (closed > TRIAL_MS) {
		give_back(job, closed, "the provider is closed");
		return;
	}
	if (wait > WAIT_MAX_MS || (in->nwaiting >= places(in->smsd) && !job_urgent(job))) {
		give_back(job, wait > WAIT_MAX_MS ? wait : WAIT_MAX_MS, "waits for the provider");
		return;
	}
	job->phase = JOB_WAITING;
	TAILQ_INSERT_TAIL(&in->waiting[job_urgent(job) ? 0 : 1], job, link);
	in->nwaiting++;
	wait = bucket_wait(&in->bucket, 1, now);
	if (wait)
		wake_in(in, wait);
}

static void place(struct job *job, struct instance *in)
{
	struct instance *old = job->via;

	job->via = instance_ref(in);
	instance_unref(old);
	job->phase = JOB_WAITING;
	if (has_turn(in, job) && take_slot(in, job))
		begin_job(job);
	else
		enqueue(in, job);
}

/* What waits for this one finds another, or goes back to the store: it does not wait here for long. */
static bool must_leave(struct instance *in)
{
	return in->retired || in->smsd->draining || instance_closed_ms(in) > TRIAL_MS ||
		bucket_wait(&in->bucket, 1, td_mono_ms(in->smsd->clock)) > WAIT_MAX_MS;
}

void dispatch_waiting(struct instance *in)
{
	struct job *job;

	/* A new owner may end at once (expired, unusable text) and come back here by its slot. */
	while ((job = TAILQ_FIRST(&in->waiting[0])) || (job = TAILQ_FIRST(&in->waiting[1]))) {
		if (must_leave(in)) {
			job_unqueue(job);
			if (in->smsd->draining)
				job_free(job);
			else
				dispatch_job(job);
			continue;
		}
		if (!take_slot(in, job)) {
			int64_t wait = bucket_wait(&in->bucket, 1, td_mono_ms(in->smsd->clock));
			int64_t closed = instance_closed_ms(in);

			if (closed > wait)
				wait = closed;
			if (wait)
				wake_in(in, wait);
			return;
		}
		TAILQ_REMOVE(&in->waiting[job_urgent(job) ? 0 : 1], job, link);
		in->nwaiting--;
		begin_job(job);
	}
}

static void choose(struct job *job, struct route_choice *choice)
{
	struct route_ask ask = { .to = job->pub.to, .from = job->pub.from, .category = job->pub.category,
		.submitter = job->pub.submitter, .cls = (enum td_class)job->pub.cls, .job = job->pub.id,
		.attempt = job->pub.attempt,
		.provider = job->pub.provider, .prices = job->smsd->prices };

	route_choose(job->smsd->conf, &ask, choice);
	job->nproviders = choice->n;
}

/*
 * Handed over by an smsd that is no more (policy §8): ask the provider where that is possible, repeat under the same
 * reference where that is harmless; else the class decides.
 */
static void recover(struct job *job)
{
	char name[128];
	struct instance *in;
	bool once_more = job->pub.cls == TD_CLASS_CRITICAL || job->pub.cls == TD_CLASS_SOLICITED;

	snprintf(name, sizeof(name), "%.*s", TD_VARG(job->pub.provider));
	in = smsd_provider(job->smsd, name);
	job->nproviders = 1;
	if (!in) {
		settle_job(job, TD_OUT_UNCERTAIN, "provider-uncertain",
			"the provider it was given to is not configured any more", "4.4.2", 0);
		return;
	}
	if (!job->unsent && (in->capabilities & TANDEM_CAN_QUERY)) {
		struct instance *old = job->via;

		job->via = instance_ref(in);
		instance_unref(old);
		submit_recover(job);
		return;
	}
	if (job_expired(job)) {
		settle_job(job, job->unsent ? TD_OUT_EXPIRED : TD_OUT_UNCERTAIN,
			job->unsent ? "expired" : "provider-uncertain", NULL, NULL, 0);
		return;
	}
	if (!job->unsent && !(in->capabilities & TANDEM_CAN_REPEAT) &&
		!(once_more && job->pub.attempt <= RESUME_MAX)) {
		settle_job(job, TD_OUT_UNCERTAIN, "provider-uncertain", "the provider's answer was lost", "4.4.2", 0);
		return;
	}
	job->resume = true;
	place(job, in);
}

/*
 * The first provider that is open and does not want to be left alone for longer than this SMS waits; if all of them do,
 * the one that does so least. NULL: none is open; *closed is then how long, INT64_MAX if there is none at all.
 */
static struct instance *usable(const struct job *job, const struct route_choice *choice, int64_t *closed)
{
	int64_t patience = retry_patience_ms((enum td_class)job->pub.cls), now = td_mono_ms(job->smsd->clock);
	int64_t shortest = INT64_MAX;
	struct instance *later = NULL;

	*closed = INT64_MAX;
	for (size_t i = 0; i < choice->n; i++) {
		struct instance *candidate = smsd_provider(job->smsd, choice->v[i]);
		int64_t pause = candidate ? bucket_paused_ms(&candidate->bucket, now) : 0;

		if (!candidate)
			continue;
		if (!instance_usable(candidate)) {
			if (instance_closed_ms(candidate) < *closed)
				*closed = instance_closed_ms(candidate);
		} else if (pause <= patience) {
			return candidate;
		} else if (pause < shortest) {
			shortest = pause;
			later = candidate;
		}
	}
	return later;
}

void dispatch_job(struct job *job)
{
	struct route_choice choice;
	struct instance *in;
	int64_t closed;

	if (job->smsd->draining) {
		job_free(job); /* its lease ends with us */
		return;
	}
	if (job->pub.report) {
		report_job(job);
		return;
	}
	if (job->pub.state == TD_SUBMITTING) {
		recover(job);
		return;
	}
	if (job_expired(job)) {
		settle_job(job, TD_OUT_EXPIRED, "expired", NULL, "5.4.7", 0);
		return;
	}
	choose(job, &choice);
	in = usable(job, &choice, &closed);
	if (in) {
		place(job, in);
	} else if (closed < INT64_MAX) {
		give_back(job, closed > 1000 ? closed : 1000, "all providers of the route are closed");
	} else {
		char to[TD_MASK_SIZE];

		smsd_trouble(job->smsd, "no route for %s: job=%.*s waits (try: a route with prefix \"+\")",
			td_log_mask(to, job->pub.to),
			TD_VARG(job->pub.id));
		give_back(job, NO_ROUTE_MS, "no route");
	}
}
