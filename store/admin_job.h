/*
 * admin_job - a job as the operator sees it; for the verbs of jobs and for `why`
 */
#ifndef TD_ADMIN_JOB_H
#define TD_ADMIN_JOB_H

#include "admin_util.h"

struct td_admin_job { /* a row of statement job_row */
	struct td_view id, addr, category, provider, provider_id, reason, key, detail, dsn, encoding, email, submitter,
		message_id, queue_id, from;
	struct td_view counters; /* of caps and budgets, before and after (caps.h); may be empty */
	int64_t state, cls, due, segments, attempt, begun_at, settled_at, expires, activated_at, created_at;
};

/* Queues the reading of a job; td_admin_job_take after td_sync: false when there is none. */
enum td_status td_admin_job_ask(struct td_store *store, struct td_op *op, struct td_view id, struct td_rows *rows);
bool td_admin_job_take(const struct td_rows *rows, struct td_admin_job *job);
/* Reads every job of a list of ids (column 0) and gives each to `each`, in order. */
enum td_status td_admin_jobs_read(struct td_store *store, struct td_op *op, const struct td_rows *ids,
	void (*each)(struct td_op *op, void *arg, const struct td_admin_job *job), void *arg);
/* {id, state, to, class, category, due, provider, provider_id, reference, segments, reason, key}. */
json_t *td_admin_job_json(const struct td_admin_job *job);

#endif
