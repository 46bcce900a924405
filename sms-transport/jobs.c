/*
 * jobs - the table of jobs that are here
 */
#include "smsd.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"

#define JOB_ARENA (4u << 20)

static size_t bucket_of(struct td_view id)
{
	uint64_t h = 14695981039346656037ull;

	for (size_t i = 0; i < id.n; i++)
		h = (h ^ (unsigned char)id.p[i]) * 1099511628211ull;
	return (size_t)(h ^ h >> 32) % JOB_BUCKETS;
}

/* A deep copy by way of the wire form: one place knows all members. */
static bool copy(struct job *job, const struct td_job *pub)
{
	struct td_buf buf;
	struct td_view body;
	bool good;

	td_buf_init(&buf, TD_MSG_MAX);
	td_shape_encode(&td_job_shape, pub, &buf);
	body = td_arena_dup(&job->arena, td_buf_view(&buf));
	good = td_buf_ok(&buf) && (body.p || !buf.n) && td_shape_decode(&td_job_shape, body, &job->pub, &job->arena,
		NULL) == TD_OK;
	td_buf_free(&buf);
	return good;
}

struct job *job_new(struct smsd *smsd, const struct td_job *pub)
{
	struct job *job = calloc(1, sizeof(*job));
	struct job **bucket;

	if (!job)
		return NULL;
	td_arena_init(&job->arena, JOB_ARENA);
	job->smsd = smsd;
	if (!copy(job, pub)) {
		td_arena_free(&job->arena);
		free(job);
		return NULL;
	}
	job->leased = true;
	job->claimed_ms = td_mono_ms(smsd->clock);
	bucket = &smsd->jobs[bucket_of(job->pub.id)];
	job->next = *bucket;
	*bucket = job;
	smsd->njobs++;
	smsd->nurgent += job_urgent(job);
	return job;
}

struct job *job_find(const struct smsd *smsd, struct td_view id)
{
	struct job *job = smsd->jobs[bucket_of(id)];

	while (job && !td_view_eq(job->pub.id, id))
		job = job->next;
	return job;
}

void job_free(struct job *job)
{
	struct job **at = &job->smsd->jobs[bucket_of(job->pub.id)];

	while (*at != job)
		at = &(*at)->next;
	*at = job->next;
	job->smsd->njobs--;
	job->smsd->nurgent -= job_urgent(job);
	if (job->phase == JOB_KEPT)
		job->smsd->nkept--;
	if (job->retry_ms)
		job->smsd->nwaiting_reports--;
	job_release(job, false);
	instance_unref(job->via);
	td_arena_free(&job->arena);
	free(job);
}

void job_unqueue(struct job *job)
{
	if (job->asking)
		return;
	if (job->phase == JOB_WAITING && job->via && !job->slot) {
		TAILQ_REMOVE(&job->via->waiting[job_urgent(job) ? 0 : 1], job, link);
		job->via->nwaiting--;
	} else if (job->phase == JOB_BEGIN) {
		TAILQ_REMOVE(&job->smsd->begin, job, link);
	} else if (job->phase == JOB_DONE) {
		TAILQ_REMOVE(&job->smsd->settle, job, link);
	}
}

void job_release(struct job *job, bool unused)
{
	if (!job->slot)
		return;
	job->slot = false;
	job->via->in_flight--;
	if (unused)
		bucket_give(&job->via->bucket);
	if (job->via->circuit.trying && !job->via->in_flight)
		job->via->circuit.trying = false;
	dispatch_waiting(job->via);
}

bool job_urgent(const struct job *job)
{
	return job->pub.cls >= TD_CLASS_SOLICITED;
}

bool job_expired(const struct job *job)
{
	return job->pub.expires && td_now_ms(job->smsd->clock) >= job->pub.expires;
}

struct td_view job_keep(struct job *job, struct td_view v)
{
	return td_arena_dup(&job->arena, v);
}
