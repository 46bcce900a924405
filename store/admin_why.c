/*
 * admin_why - every decision on a job, a message or an address, in words, newest first
 *
 * Two kinds of rows come together: the decisions that stopped or delayed something (table decision), and the jobs
 * themselves, whose state says what became of a SEND.
 */
#include "admin_why.h"

#include <stdlib.h>

#include "admin.h"
#include "admin_job.h"
#include "remedy.h"
#include "when.h"

#define LIMIT_DEFAULT 100
#define LIMIT_MAX 10000

enum {
	C_ID,
	C_AT,
	C_JOB,
	C_ADDR,
	C_CHANNEL,
	C_CLASS,
	C_CATEGORY,
	C_VERDICT,
	C_REASON,
	C_RULE,
	C_EVENT,
	C_UNTIL,
	C_TEXT,
	C_ACTION,
	C_SOURCE,
	C_OCCURRED,
	C_OF,
	C_ACTOR
};

struct entry {
	int64_t at;
	size_t order; /* of equal times, as they came: newest first */
	json_t *json;
};
struct entries {
	struct entry *v;
	size_t n, room;
};

static void add_entry(struct entries *list, int64_t at, json_t *json)
{
	if (list->n == list->room) {
		json_decref(json);
		return;
	}
	list->v[list->n] = (struct entry){ at, list->n, json };
	list->n++;
}

static int newest_first(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (x->at != y->at)
		return x->at > y->at ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

/* ---- sentences ---- */

static const char *outcome_words(int64_t verdict)
{
	static const char *const words[] = {
		[TD_SEND] = "may be sent",
		[TD_HOLD] = "waits",
		[TD_DENY] = "was not sent",
		[TD_CAPPED] = "was stopped by a limit",
		[TD_DROP] = "was dropped",
		[TD_DUPLICATE] = "was not sent again",
	};

	return verdict >= TD_SEND && verdict <= TD_DUPLICATE ? words[verdict] : "was decided";
}

/* "A transactional SMS (order-confirmation) to +15551234567" */
static struct td_view subject_words(
	struct td_op *op, struct td_view channel, int64_t cls, struct td_view category, struct td_view addr)
{
	bool email = td_view_eq(channel, TD_VLIT("email"));

	return td_op_text(op, "A %s %s%s%.*s%s to %.*s", td_class_name((enum td_class)cls), email ? "e-mail" : "SMS",
		category.n ? " (" : "", TD_VARG(category), category.n ? ")" : "", TD_VARG(td_address_plain(addr)));
}

static struct td_view event_words(struct td_op *op, const struct td_rows *rows, size_t i)
{
	struct td_view event = td_col_view(rows, i, C_EVENT);
	struct td_event_told told = { .action = td_col_view(rows, i, C_ACTION), .source = td_col_view(rows, i, C_SOURCE),
		.actor = td_col_view(rows, i, C_ACTOR), .addr = td_col_view(rows, i, C_OF),
		.occurred_at = td_col_int(rows, i, C_OCCURRED) };

	if (!event.n)
		return TD_VLIT("");
	if (!told.action.n)
		return td_op_text(op, "; event %.*s", TD_VARG(event));
	return td_op_text(op, "; event %.*s: %.*s", TD_VARG(event), TD_VARG(td_event_words(op, &told)));
}

/* "To send it again: …", where there is something to be done. */
static struct td_view remedy_words(struct td_op *op, const struct td_rows *rows, size_t i)
{
	struct td_stopped stopped = { .reason = td_col_view(rows, i, C_REASON), .rule = td_col_view(rows, i, C_RULE),
		.channel = td_col_view(rows, i, C_CHANNEL), .category = td_col_view(rows, i, C_CATEGORY),
		.addr = td_col_view(rows, i, C_ADDR), .source = td_col_view(rows, i, C_SOURCE),
		.cls = td_col_int(rows, i, C_CLASS) };
	struct td_view text = td_remedy(op, &stopped);

	return text.n ? td_op_text(op, " What would have to change: %.*s.", TD_VARG(text)) : text;
}

/* "A … to … was not sent: +1555***4567 opted out of SMS on 2026-11-02 (reply STOP). Rule optout-channel; event 01J…:
 * +1555***4567 replied STOP on 2026-11-02 09:14 UTC. What would have to change: …" */
static struct td_view decision_words(struct td_op *op, const struct td_rows *rows, size_t i)
{
	struct td_view subject = subject_words(op, td_col_view(rows, i, C_CHANNEL), td_col_int(rows, i, C_CLASS),
		td_col_view(rows, i, C_CATEGORY), td_col_view(rows, i, C_ADDR));
	struct td_view text = td_col_view(rows, i, C_TEXT), rule = td_col_view(rows, i, C_RULE),
				   event = event_words(op, rows, i), remedy = remedy_words(op, rows, i);

	if (!text.n)
		text = td_col_view(rows, i, C_REASON);
	return td_op_text(op, "%.*s %s: %.*s. Rule %.*s%.*s.%.*s", TD_VARG(subject),
		outcome_words(td_col_int(rows, i, C_VERDICT)), TD_VARG(text),
		TD_VARG(rule.n ? rule : td_col_view(rows, i, C_REASON)), TD_VARG(event), TD_VARG(remedy));
}

/* What became of a job, as the end of a sentence. */
static struct td_view state_words(struct td_op *op, const struct td_admin_job *job)
{
	struct td_view provider = job->provider.n ? job->provider : TD_VLIT("a provider");
	char due[TD_TIME_SIZE];

	td_when_iso(due, job->due);
	switch (job->state) {
	case TD_PREPARED: return td_op_text(op, "is prepared and waits for Postfix to hand over its mail");
	case TD_HELD:
		return td_op_text(op, "waits until %s", due);
	case TD_READY: return td_op_text(op, "is queued, due %s", due);
	case TD_SUBMITTING: return td_op_text(op, "was handed over to %.*s, whose answer has not come", TD_VARG(provider));
	case TD_ACCEPTED:
		return td_op_text(op, "was sent: %.*s accepted it as %.*s", TD_VARG(provider), TD_VARG(job->provider_id));
	case TD_DELIVERED:
		return td_op_text(op, "was delivered by %.*s as %.*s", TD_VARG(provider), TD_VARG(job->provider_id));
	case TD_UNDELIVERED: return td_op_text(op, "was sent by %.*s and did not arrive", TD_VARG(provider));
	case TD_UNKNOWN:
		return td_op_text(
			op, "was given to %.*s, which never said what became of it; it is not repeated", TD_VARG(provider));
	case TD_FAILED: return td_op_text(op, "failed");
	case TD_JOB_DUPLICATE: return td_op_text(op, "was not sent again: its key %.*s was used before", TD_VARG(job->key));
	case TD_CANCELLED: return td_op_text(op, "was cancelled");
	case TD_ABANDONED: return td_op_text(op, "was given up: Postfix never handed over its mail");
	}
	return td_op_text(op, "is in an unknown state");
}

static struct td_view job_words(struct td_op *op, const struct td_admin_job *job)
{
	struct td_view subject = subject_words(op, TD_VLIT("sms"), job->cls, job->category, job->addr),
				   state = state_words(op, job);
	struct td_view why = job->detail.n ? job->detail : job->reason;

	return td_op_text(op, "%.*s %.*s%s%.*s%s.%s%.*s%s", TD_VARG(subject), TD_VARG(state), why.n ? " (" : "",
		TD_VARG(why), why.n ? ")" : "", job->counters.n ? " Counters: " : "", TD_VARG(job->counters),
		job->counters.n ? "." : "");
}

/* ---- rows → entries ---- */

static void add_decision(struct td_op *op, struct entries *list, const struct td_rows *rows, size_t i)
{
	json_t *doc = json_object();

	td_admin_set(doc, "at", td_admin_iso(td_col_int(rows, i, C_AT)));
	td_admin_set(doc, "job", td_admin_text(td_col_view(rows, i, C_JOB)));
	td_admin_set(doc, "address", td_admin_text(td_address_plain(td_col_view(rows, i, C_ADDR))));
	td_admin_set(doc, "channel", td_admin_text(td_col_view(rows, i, C_CHANNEL)));
	td_admin_set(doc, "class", td_admin_str(td_class_name((enum td_class)td_col_int(rows, i, C_CLASS))));
	td_admin_set(doc, "category", td_admin_text(td_col_view(rows, i, C_CATEGORY)));
	td_admin_set(doc, "verdict", td_admin_str(td_verdict_name(td_col_int(rows, i, C_VERDICT))));
	td_admin_set(doc, "reason", td_admin_text(td_col_view(rows, i, C_REASON)));
	td_admin_set(doc, "rule", td_admin_text(td_col_view(rows, i, C_RULE)));
	td_admin_set(doc, "event", td_admin_text(td_col_view(rows, i, C_EVENT)));
	td_admin_set(doc, "until", td_admin_iso(td_col_int(rows, i, C_UNTIL)));
	td_admin_set(doc, "words", td_admin_text(decision_words(op, rows, i)));
	add_entry(list, td_col_int(rows, i, C_AT), doc);
}

static int64_t verdict_of_state(int64_t state, bool begun)
{
	switch (state) {
	case TD_HELD: return TD_HOLD;
	case TD_JOB_DUPLICATE: return TD_DUPLICATE;
	case TD_CANCELLED:
	case TD_ABANDONED: return TD_DROP;
	case TD_FAILED: return begun ? TD_SEND : TD_DENY;
	}
	return TD_SEND;
}

static int64_t latest(const struct td_admin_job *job)
{
	int64_t at = job->created_at;

	at = job->activated_at > at ? job->activated_at : at;
	at = job->begun_at > at ? job->begun_at : at;
	return job->settled_at > at ? job->settled_at : at;
}

static void add_job(struct td_op *op, void *arg, const struct td_admin_job *job)
{
	int64_t verdict = verdict_of_state(job->state, job->begun_at != 0);
	json_t *doc = json_object();

	td_admin_set(doc, "at", td_admin_iso(latest(job)));
	td_admin_set(doc, "job", td_admin_text(job->id));
	td_admin_set(doc, "address", td_admin_text(td_address_plain(job->addr)));
	td_admin_set(doc, "channel", json_string("sms"));
	td_admin_set(doc, "class", td_admin_str(td_class_name((enum td_class)job->cls)));
	td_admin_set(doc, "category", td_admin_text(job->category));
	td_admin_set(doc, "verdict", td_admin_str(td_verdict_name(verdict)));
	td_admin_set(doc, "reason", td_admin_text(job->reason.n ? job->reason : TD_VLIT("ok")));
	td_admin_set(doc, "rule", json_null());
	td_admin_set(doc, "event", json_null());
	td_admin_set(doc, "until", job->state == TD_HELD ? td_admin_iso(job->due) : json_null());
	td_admin_set(doc, "words", td_admin_text(job_words(op, job)));
	add_entry(arg, latest(job), doc);
}

static json_t *sorted(struct entries *list, int64_t limit)
{
	json_t *doc = json_array();

	qsort(list->v, list->n, sizeof(*list->v), newest_first);
	for (size_t i = 0; i < list->n; i++) {
		if ((int64_t)i < limit)
			json_array_append_new(doc, list->v[i].json);
		else
			json_decref(list->v[i].json);
	}
	return doc;
}

/* Decisions and jobs into one list. */
static enum td_status merge(struct td_store *store, struct td_op *op, const struct td_rows *decisions,
	const struct td_rows *ids, int64_t limit, json_t **out)
{
	struct entries list = { NULL, 0, decisions->nrows + ids->nrows };

	list.v = TD_NEWN(op->arena, list.room, struct entry);
	if (!list.v)
		return td_err_set(&op->err, TD_NOMEM, "request too large");
	for (size_t i = 0; i < decisions->nrows; i++)
		add_decision(op, &list, decisions, i);
	if (td_admin_jobs_read(store, op, ids, add_job, &list)) {
		json_decref(sorted(&list, 0));
		return op->err.status;
	}
	*out = sorted(&list, limit);
	return TD_OK;
}

enum td_status td_admin_history(struct td_store *store, struct td_op *op, struct td_view job, json_t **out)
{
	struct td_rows decisions, none = { 0 };

	if (td_run(store, op, TD_SQL_WHY_JOB, &decisions, td_text(job), td_int(LIMIT_DEFAULT)) || td_sync(store, op))
		return op->err.status;
	return merge(store, op, &decisions, &none, LIMIT_DEFAULT, out);
}

/* ---- WHY ---- */

static enum td_status why_job(struct td_store *store, struct td_op *op, struct td_view id, int64_t limit,
	struct td_rows *decisions, struct td_rows *ids)
{
	struct td_value *cell = TD_NEW(op->arena, struct td_value);

	if (!cell)
		return td_err_set(&op->err, TD_NOMEM, "request too large");
	*cell = td_text(id);
	*ids = (struct td_rows){ cell, 1, 1, 0 };
	return td_run(store, op, TD_SQL_WHY_JOB, decisions, td_text(id), td_int(limit)) || td_sync(store, op)
			   ? op->err.status
			   : TD_OK;
}

/* A Message-ID, with or without its angle brackets. */
static enum td_status why_message(struct td_store *store, struct td_op *op, struct td_view id, int64_t limit,
	struct td_rows *decisions, struct td_rows *ids)
{
	struct td_view forms[2] = { id, td_op_text(op, "<%.*s>", TD_VARG(id)) };

	decisions->nrows = ids->nrows = 0;
	for (int i = 0; i < 2 && !decisions->nrows && !ids->nrows; i++) {
		if (td_run(store, op, TD_SQL_WHY_MESSAGE, decisions, td_text(forms[i]), td_int(limit)) ||
			td_run(store, op, TD_SQL_JOB_IDS_OF_MESSAGE, ids, td_text(forms[i]), td_int(limit)) || td_sync(store, op))
			return op->err.status;
	}
	return TD_OK;
}

static enum td_status why_address(struct td_store *store, struct td_op *op, struct td_view addr, int64_t limit,
	struct td_rows *decisions, struct td_rows *ids)
{
	if (td_run(store, op, TD_SQL_WHY_ADDR, decisions, td_text(addr), td_int(limit)) ||
		td_run(store, op, TD_SQL_JOB_IDS_OF_ADDR, ids, td_str("~"), td_str(""), td_int(0), td_int(0), td_str(""),
			td_int(limit), td_text(addr)) ||
		td_sync(store, op))
		return op->err.status;
	return TD_OK;
}

/* What is it: a job id, a Message-ID, or an address? "ana@example.com" may be either of the last two. */
static enum td_status find(struct td_store *store, struct td_op *op, struct td_view what, int64_t limit,
	struct td_rows *decisions, struct td_rows *ids)
{
	struct td_view addr;
	char *id;

	if (td_id_valid(what)) {
		id = td_arena_str(op->arena, what);
		for (char *p = id; p && *p; p++)
			*p = *p >= 'a' && *p <= 'z' ? (char)(*p - 'a' + 'A') : *p;
		return why_job(store, op, td_view_str(id), limit, decisions, ids);
	}
	if (td_view_chr(what, '@') != (size_t)-1 && !td_view_casestarts(what, TD_VLIT("email:"))) {
		if (why_message(store, op, what, limit, decisions, ids))
			return op->err.status;
		if (decisions->nrows || ids->nrows || td_view_starts(what, TD_VLIT("<")))
			return TD_OK;
	}
	if (td_address(op, what, store->conf->home_country, &addr))
		return td_admin_bad(op, "what", what, "a job id, a Message-ID, a number or an e-mail address");
	return why_address(store, op, addr, limit, decisions, ids);
}

enum td_status td_admin_why(struct td_store *store, struct td_op *op)
{
	static const char *const names[] = { "what!", "limit", NULL };
	struct td_view args[2];
	struct td_rows decisions, ids;
	int64_t limit = LIMIT_DEFAULT;
	json_t *doc = NULL;

	if (td_admin_args(op, names, args) || td_admin_number(op, "limit", args[1], 1, LIMIT_MAX, &limit) ||
		find(store, op, td_view_trim(args[0]), limit, &decisions, &ids) ||
		merge(store, op, &decisions, &ids, limit, &doc))
		return op->err.status;
	if (!json_array_size(doc)) {
		json_decref(doc);
		return td_err_set(
			&op->err, TD_NOTFOUND, "%.*s: nothing is on record", args[0].n < 100 ? (int)args[0].n : 100, args[0].p);
	}
	return td_admin_reply(op, doc);
}
