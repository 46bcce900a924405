/*
 * admin_jobs - the queue and its history: list, show, cancel, retry, hold
 */
#include "admin.h"
#include "admin_job.h"
#include "admin_why.h"
#include "job.h"

#define LIMIT_DEFAULT 100
#define LIMIT_MAX 10000
#define LAST_ID "~" /* after every id */

enum {
	C_ID,
	C_STATE,
	C_ADDR,
	C_CLASS,
	C_CATEGORY,
	C_DUE,
	C_PROVIDER,
	C_PROVIDER_ID,
	C_SEGMENTS,
	C_REASON,
	C_KEY,
	C_ATTEMPT,
	C_BEGUN,
	C_SETTLED,
	C_EXPIRES,
	C_ACTIVATED,
	C_CREATED,
	C_DETAIL,
	C_DSN,
	C_ENCODING,
	C_EMAIL,
	C_SUBMITTER,
	C_MESSAGE_ID,
	C_QUEUE_ID,
	C_FROM,
	C_COUNTERS
};

enum td_status td_admin_job_ask(struct td_store *store, struct td_op *op, struct td_view id, struct td_rows *rows)
{
	return td_run(store, op, TD_SQL_JOB_ROW, rows, td_text(id));
}

bool td_admin_job_take(const struct td_rows *rows, struct td_admin_job *job)
{
	*job = (struct td_admin_job){
		.id = td_col_view(rows, 0, C_ID),
		.state = td_col_int(rows, 0, C_STATE),
		.addr = td_col_view(rows, 0, C_ADDR),
		.cls = td_col_int(rows, 0, C_CLASS),
		.category = td_col_view(rows, 0, C_CATEGORY),
		.due = td_col_int(rows, 0, C_DUE),
		.provider = td_col_view(rows, 0, C_PROVIDER),
		.provider_id = td_col_view(rows, 0, C_PROVIDER_ID),
		.segments = td_col_int(rows, 0, C_SEGMENTS),
		.reason = td_col_view(rows, 0, C_REASON),
		.key = td_col_view(rows, 0, C_KEY),
		.attempt = td_col_int(rows, 0, C_ATTEMPT),
		.begun_at = td_col_int(rows, 0, C_BEGUN),
		.settled_at = td_col_int(rows, 0, C_SETTLED),
		.expires = td_col_int(rows, 0, C_EXPIRES),
		.activated_at = td_col_int(rows, 0, C_ACTIVATED),
		.created_at = td_col_int(rows, 0, C_CREATED),
		.detail = td_col_view(rows, 0, C_DETAIL),
		.dsn = td_col_view(rows, 0, C_DSN),
		.encoding = td_col_view(rows, 0, C_ENCODING),
		.email = td_col_view(rows, 0, C_EMAIL),
		.submitter = td_col_view(rows, 0, C_SUBMITTER),
		.message_id = td_col_view(rows, 0, C_MESSAGE_ID),
		.queue_id = td_col_view(rows, 0, C_QUEUE_ID),
		.from = td_col_view(rows, 0, C_FROM),
		.counters = td_col_view(rows, 0, C_COUNTERS),
	};
	return rows->nrows > 0;
}

enum td_status td_admin_jobs_read(struct td_store *store, struct td_op *op, const struct td_rows *ids,
	void (*each)(struct td_op *op, void *arg, const struct td_admin_job *job), void *arg)
{
	struct td_rows *rows = TD_NEWN(op->arena, ids->nrows, struct td_rows);
	struct td_admin_job job;

	if (!rows)
		return td_err_set(&op->err, TD_NOMEM, "request too large");
	for (size_t i = 0; i < ids->nrows; i++) {
		if (td_admin_job_ask(store, op, td_col_view(ids, i, 0), &rows[i]))
			return op->err.status;
	}
	if (td_sync(store, op))
		return op->err.status;
	for (size_t i = 0; i < ids->nrows; i++) {
		if (td_admin_job_take(&rows[i], &job))
			each(op, arg, &job);
	}
	return TD_OK;
}

static bool is_live(int64_t state)
{
	return state == TD_PREPARED || state == TD_HELD || state == TD_READY;
}

json_t *td_admin_job_json(const struct td_admin_job *job)
{
	json_t *doc = json_object();

	td_admin_set(doc, "id", td_admin_text(job->id));
	td_admin_set(doc, "state", td_admin_str(td_job_state_name(job->state)));
	td_admin_set(doc, "to", td_admin_text(td_address_plain(job->addr)));
	td_admin_set(doc, "class", td_admin_str(td_class_name((enum td_class)job->cls)));
	td_admin_set(doc, "category", td_admin_text(job->category));
	td_admin_set(doc, "due", is_live(job->state) ? td_admin_iso(job->due) : json_null());
	td_admin_set(doc, "provider", td_admin_text(job->provider));
	td_admin_set(doc, "provider_id", td_admin_text(job->provider_id));
	td_admin_set(doc, "reference", job->begun_at ? td_admin_text(job->id) : json_null());
	td_admin_set(doc, "segments", job->segments ? json_integer(job->segments) : json_null());
	td_admin_set(doc, "reason", td_admin_text(job->reason));
	td_admin_set(doc, "key", td_admin_text(job->key));
	return doc;
}

static void append(struct td_op *op, void *arg, const struct td_admin_job *job)
{
	(void)op;
	json_array_append_new(arg, td_admin_job_json(job));
}

/* ---- JOBS ---- */

struct filter {
	int64_t state, cls, limit;
	struct td_view category, before, since, addr, key;
};

enum { J_STATE, J_TO, J_SINCE, J_CLASS, J_CATEGORY, J_KEY, J_BEFORE, J_LIMIT, J_N };
static const char *const jobs_names[] = { "state", "to", "since", "class", "category", "key", "before", "limit", NULL };

static enum td_status read_filter(struct td_store *store, struct td_op *op, struct filter *f)
{
	struct td_view args[J_N];
	enum td_class cls = TD_CLASS_NONE;
	int64_t since = 0;
	char *from = td_arena_alloc(op->arena, TD_ID_SIZE);

	f->limit = LIMIT_DEFAULT;
	if (!from)
		return td_err_set(&op->err, TD_NOMEM, "request too large");
	if (td_admin_args(op, jobs_names, args) || td_admin_time(op, "since", args[J_SINCE], true, &since) ||
		td_admin_category(store, op, args[J_CATEGORY], "", &f->category) ||
		td_admin_number(op, "limit", args[J_LIMIT], 1, LIMIT_MAX, &f->limit) ||
		(args[J_TO].n && td_admin_address(store, op, "to", args[J_TO], &f->addr)))
		return op->err.status;
	if (!td_view_caseeq(args[J_CLASS], TD_VLIT("compliance")) && td_admin_class(op, args[J_CLASS], &cls))
		return op->err.status;
	f->cls = td_view_caseeq(args[J_CLASS], TD_VLIT("compliance")) ? TD_CLASS_COMPLIANCE : cls;
	f->state = args[J_STATE].n ? td_job_state_parse(args[J_STATE]) : 0;
	if (args[J_STATE].n && !f->state)
		return td_admin_bad(
			op, "state", args[J_STATE], "a state of jobs: PREPARED, HELD, READY, SUBMITTING, ACCEPTED, DELIVERED, …");
	if (args[J_BEFORE].n && !td_id_valid(args[J_BEFORE]))
		return td_admin_bad(op, "before", args[J_BEFORE], "the id of a job");
	td_admin_id_from(from, since);
	f->since = td_view_str(from);
	f->before = args[J_BEFORE].n ? args[J_BEFORE] : TD_VLIT(LAST_ID);
	f->key = args[J_KEY];
	return TD_OK;
}

/* The way to the ids that looks at the fewest rows. */
static enum td_status find_ids(struct td_store *store, struct td_op *op, const struct filter *f, struct td_rows *ids)
{
	struct td_value params[] = { td_text(f->before), td_text(f->since), td_int(f->state), td_int(f->cls),
		td_text(f->category), td_int(f->limit), td_text(f->addr.n ? f->addr : f->key), td_str(store->conf->brand) };
	int stmt = TD_SQL_JOB_IDS_FILTERED;
	size_t n = 6;

	if (f->key.n) {
		stmt = TD_SQL_JOB_IDS_OF_KEY;
		params[6] = td_text(f->key);
		n = 8;
	} else if (f->addr.n) {
		stmt = TD_SQL_JOB_IDS_OF_ADDR;
		n = 7;
	} else if (f->state == TD_HELD || f->state == TD_READY) {
		stmt = TD_SQL_JOB_IDS_WAITING;
	} else if (!f->state && !f->cls && !f->category.n) {
		return td_run(store, op, TD_SQL_JOB_IDS_NEWEST, ids, td_text(f->before), td_text(f->since), td_int(f->limit));
	}
	return td_run_values(store, op, stmt, ids, params, n);
}

enum td_status td_admin_jobs(struct td_store *store, struct td_op *op)
{
	struct filter filter = { 0 };
	struct td_rows ids;
	json_t *doc;

	if (read_filter(store, op, &filter) || find_ids(store, op, &filter, &ids) || td_sync(store, op))
		return op->err.status;
	doc = json_array();
	if (td_admin_jobs_read(store, op, &ids, append, doc)) {
		json_decref(doc);
		return op->err.status;
	}
	return td_admin_reply(op, doc);
}

/* ---- one job ---- */

enum { O_ID, O_UNTIL, O_N };

/* Reads the arguments of a verb for one job, by its id in upper case as it is stored. */
static enum td_status one_args(struct td_op *op, const char *const *names, struct td_view args[O_N])
{
	char *id;

	if (td_admin_args(op, names, args))
		return op->err.status;
	if (!td_id_valid(args[O_ID]))
		return td_admin_bad(op, "id", args[O_ID], "the id of a job, 26 letters and digits");
	id = td_arena_str(op->arena, args[O_ID]);
	if (!id)
		return td_err_set(&op->err, TD_NOMEM, "request too large");
	for (char *p = id; *p; p++)
		*p = *p >= 'a' && *p <= 'z' ? (char)(*p - 'a' + 'A') : *p;
	args[O_ID] = td_view_str(id);
	return TD_OK;
}

static enum td_status read_one(struct td_store *store, struct td_op *op, struct td_view id, struct td_admin_job *job)
{
	struct td_rows rows;

	if (td_admin_job_ask(store, op, id, &rows) || td_sync(store, op))
		return op->err.status;
	if (!td_admin_job_take(&rows, job))
		return td_err_set(&op->err, TD_NOTFOUND, "%.*s: no such job (try: tandem jobs)", TD_VARG(id));
	return TD_OK;
}

static enum td_status reply_one(struct td_store *store, struct td_op *op, struct td_view id)
{
	struct td_admin_job job;

	if (read_one(store, op, id, &job))
		return op->err.status;
	return td_admin_reply(op, td_admin_job_json(&job));
}

static void add_details(json_t *doc, const struct td_admin_job *job)
{
	td_admin_set(doc, "email", td_admin_text(job->email));
	td_admin_set(doc, "from", td_admin_text(job->from));
	td_admin_set(doc, "submitter", td_admin_text(job->submitter));
	td_admin_set(doc, "message_id", td_admin_text(job->message_id));
	td_admin_set(doc, "queue_id", td_admin_text(job->queue_id));
	td_admin_set(doc, "encoding", td_admin_text(job->encoding));
	td_admin_set(doc, "attempt", json_integer(job->attempt));
	td_admin_set(doc, "created_at", td_admin_iso(job->created_at));
	td_admin_set(doc, "accepted_at", td_admin_iso(job->activated_at));
	td_admin_set(doc, "begun_at", td_admin_iso(job->begun_at));
	td_admin_set(doc, "settled_at", td_admin_iso(job->settled_at));
	td_admin_set(doc, "expires", td_admin_iso(job->expires));
	td_admin_set(doc, "detail", td_admin_text(job->detail));
	td_admin_set(doc, "dsn", td_admin_text(job->dsn));
}

enum td_status td_admin_job_show(struct td_store *store, struct td_op *op)
{
	static const char *const names[] = { "id!", NULL };
	struct td_view args[O_N];
	struct td_admin_job job;
	json_t *doc, *history = NULL;

	if (one_args(op, names, args) || read_one(store, op, args[O_ID], &job) ||
		td_admin_history(store, op, job.id, &history))
		return op->err.status;
	doc = td_admin_job_json(&job);
	add_details(doc, &job);
	td_admin_set(doc, "history", history);
	return td_admin_reply(op, doc);
}

enum td_status td_admin_job_cancel(struct td_store *store, struct td_op *op)
{
	static const char *const names[] = { "id!", NULL };
	struct td_view args[O_N];

	if (one_args(op, names, args) || td_job_cancel(store, op, args[O_ID]))
		return op->err.status;
	return reply_one(store, op, args[O_ID]);
}

enum td_status td_admin_job_retry(struct td_store *store, struct td_op *op)
{
	static const char *const names[] = { "id!", NULL };
	struct td_view args[O_N];

	if (one_args(op, names, args) || td_job_retry(store, op, args[O_ID]))
		return op->err.status;
	return reply_one(store, op, args[O_ID]);
}

enum td_status td_admin_job_hold(struct td_store *store, struct td_op *op)
{
	static const char *const names[] = { "id!", "until", NULL };
	struct td_view args[O_N];
	int64_t until = INT64_MAX;

	if (one_args(op, names, args) || td_admin_time(op, "until", args[O_UNTIL], false, &until))
		return op->err.status;
	if (until <= op->now_ms)
		return td_admin_bad(op, "until", args[O_UNTIL], "a time to come");
	if (td_job_hold(store, op, args[O_ID], until))
		return op->err.status;
	return reply_one(store, op, args[O_ID]);
}

/* ---- CANCEL ---- */

enum td_status td_admin_cancel(struct td_store *store, struct td_op *op)
{
	static const char *const names[] = { "key!", NULL };
	struct td_view key;
	struct td_rows jobs;
	int64_t n;
	json_t *doc, *ids;

	if (td_admin_args(op, names, &key) ||
		td_run(store, op, TD_SQL_KEY_JOBS, &jobs, td_str(store->conf->brand), td_text(key)) || td_sync(store, op) ||
		td_cancel_key(store, op, key, &n))
		return op->err.status;
	if (!n)
		return td_err_set(&op->err, TD_NOTFOUND, "%.*s: nothing is held under this key (try: tandem jobs --key KEY)",
			key.n < 128 ? (int)key.n : 128, key.p);
	doc = json_object();
	ids = json_array();
	for (size_t i = 0; i < jobs.nrows; i++)
		json_array_append_new(ids, td_admin_text(td_col_view(&jobs, i, 0)));
	td_admin_set(doc, "key", td_admin_text(key));
	td_admin_set(doc, "cancelled", json_integer(n));
	td_admin_set(doc, "jobs", ids);
	return td_admin_reply(op, doc);
}
