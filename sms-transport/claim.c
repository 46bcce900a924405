/*
 * claim - takes due jobs from the store, with one question open as long as there is room
 */
#include "control.h"

#include <stdlib.h>

#define CLAIM_WAIT_MS 60000
#define CLAIM_MAX 256
#define CLAIM_ARENA (16u << 20)
#define KEPT_MAX_MS 600000

enum { LANE_URGENT, LANE_ANY, LANES };
#define URGENT_LEAST 16 /* places of the urgent lane */

struct question {
	struct smsd *smsd;
	int          lane;
	uint64_t     round;
};

/* A job that is here already: its lease is ours again. True when that settles the matter. */
static bool known(struct smsd *smsd, const struct td_job *pub)
{
	struct job *job = job_find(smsd, pub->id);
	bool unsent;

	if (!job)
		return false;
	if (job->phase != JOB_KEPT) {
		job->leased = true;
		return true;
	}
	if (job->pub.report != pub->report || (!pub->report && pub->state != TD_SUBMITTING)) {
		/* The store has gone on from there: what is kept is history. */
		job_free(job);
		return false;
	}
	job->leased = true;
	if (job->outcome.outcome) {
		smsd->nkept--;
		settle_again(job);
		return true;
	}
	unsent = job->unsent;
	job_free(job);
	job = job_new(smsd, pub);
	if (job) {
		job->unsent = unsent;
		dispatch_job(job);
	}
	return true;
}

static void take(struct smsd *smsd, const struct td_claimed *claimed)
{
	const struct td_job *jobs = claimed->jobs.v;

	for (size_t i = 0; i < claimed->jobs.n; i++) {
		struct job *job;

		if (known(smsd, &jobs[i]))
			continue;
		job = job_new(smsd, &jobs[i]);
		if (!job) {
			smsd_trouble(smsd, "job=%.*s: out of memory: it waits until this daemon is started again",
				TD_VARG(jobs[i].id));
			continue;
		}
		smsd->count.claimed++;
		dispatch_job(job);
	}
}

static void answered(void *arg, const struct td_msg *msg, const struct td_err *err)
{
	struct question *question = arg;
	struct smsd *smsd = question->smsd;
	bool current = question->round == smsd->claim_round;
	int lane = question->lane;
	struct td_claimed claimed;
	struct td_arena arena;
	struct td_err bad;

	free(question);
	if (!current)
		return;
	smsd->claiming[lane] = false;
	if (!msg) {
		if (err->status != TD_UNCERTAIN && err->status != TD_TEMPFAIL)
			smsd_trouble(smsd, "claim: %s", err->text);
		return; /* the next tick asks again */
	}
	if (smsd->draining)
		return;
	td_arena_init(&arena, CLAIM_ARENA);
	if (td_shape_decode(&td_claimed_shape, msg->body, &claimed, &arena, &bad) == TD_OK)
		take(smsd, &claimed);
	else
		smsd_trouble(smsd, "claim: %s", bad.text);
	td_arena_free(&arena);
	claim_more(smsd);
}

/* How many jobs to ask for in a lane now; 0: none. */
static size_t room_of(const struct smsd *smsd, int lane)
{
	size_t inflight = smsd->conf->smsd.inflight > 0 ? (size_t)smsd->conf->smsd.inflight : 1;
	size_t places = lane == LANE_ANY ? inflight : inflight / 4 > URGENT_LEAST ? inflight / 4 : URGENT_LEAST;
	size_t others = smsd->nkept + smsd->nwaiting_reports + smsd->nurgent;
	size_t busy = lane == LANE_URGENT ? smsd->nurgent : smsd->njobs > others ? smsd->njobs - others : 0;

	if (busy >= places)
		return 0;
	/* A claim for the last few places would fetch jobs one by one. */
	if (lane == LANE_ANY && busy && places - busy < places / 8)
		return 0;
	return places - busy < CLAIM_MAX ? places - busy : CLAIM_MAX;
}

static void ask(struct smsd *smsd, int lane)
{
	size_t room = smsd->claiming[lane] ? 0 : room_of(smsd, lane);
	struct question *question = room ? malloc(sizeof(*question)) : NULL;
	struct td_claim claim = { .max = (int64_t)room, .wait_ms = CLAIM_WAIT_MS, .urgent = lane == LANE_URGENT };

	if (!question)
		return;
	*question = (struct question){ smsd, lane, smsd->claim_round };
	smsd->claiming[lane] = true;
	td_peer_call(smsd->store, TD_V_CLAIM, &td_claim_shape, &claim, -1, false, answered, question);
}

void claim_more(struct smsd *smsd)
{
	if (smsd->draining || !td_peer_up(smsd->store))
		return;
	for (int lane = 0; lane < LANES; lane++)
		ask(smsd, lane);
}

/* The leases have ended: what was not handed over is the store's again. */
static void lose_leases(struct smsd *smsd)
{
	for (size_t i = 0; i < JOB_BUCKETS; i++) {
		struct job *job, *next;

		for (job = smsd->jobs[i]; job; job = next) {
			next = job->next;
			job->leased = false;
			if (job->asking || (job->phase != JOB_WAITING && job->phase != JOB_BEGIN))
				continue;
			job_unqueue(job);
			/* Its slot must not wake a neighbour that is about to go the same way. */
			if (job->slot) {
				job->slot = false;
				job->via->in_flight--;
				bucket_give(&job->via->bucket);
			}
			job_free(job);
		}
	}
}

void claim_store_changed(void *arg, bool up)
{
	struct smsd *smsd = arg;

	if (up) {
		td_info("connected to tandem-stored");
		smsd->claim_round++;
		smsd->claiming[LANE_URGENT] = smsd->claiming[LANE_ANY] = false;
		/* Outcomes first, so that the store need not ask about them. */
		settle_flush(smsd);
		control_ask(smsd);
		claim_more(smsd);
		return;
	}
	smsd->claim_round++;
	smsd->claiming[LANE_URGENT] = smsd->claiming[LANE_ANY] = false;
	if (!smsd->draining)
		td_warning("tandem-stored is away: waiting for it");
	lose_leases(smsd);
}

void claim_tick(struct smsd *smsd)
{
	int64_t now = td_mono_ms(smsd->clock);

	for (size_t i = 0; smsd->nkept && i < JOB_BUCKETS; i++) {
		struct job *job, *next;

		for (job = smsd->jobs[i]; job; job = next) {
			next = job->next;
			if (job->phase == JOB_KEPT && now - job->kept_ms > KEPT_MAX_MS)
				job_free(job);
		}
	}
	claim_more(smsd);
}
