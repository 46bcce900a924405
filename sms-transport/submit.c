/*
 * submit - the conversation of one SMS with its provider: request, answers, at most four steps, an outcome
 */
#include "smsd.h"

#include <string.h>

#include "folder.h"
#include "host_check.h"
#include "http.h"
#include "outfile.h"
#include "stream.h"
#include "webhook.h"

static void fill_sms(const struct job *job, struct td_arena *arena, struct tandem_sms *sms)
{
	*sms = (struct tandem_sms){
		.struct_size = sizeof(*sms),
		.attempt = (uint32_t)(job->pub.attempt > 0 ? job->pub.attempt : 1),
		.job = host_view(job->pub.id),
		.reference = host_view(job->pub.reference),
		.to = host_view(job->pub.to),
		.from = host_view(job->pub.from),
		.text = host_view(job->text),
		.encoding = job->count.encoding == TD_ENC_UCS2 ? TANDEM_UCS2 : TANDEM_GSM7,
		.segments = (uint32_t)job->count.segments,
		.created_ms = job->pub.accepted_at,
		.expires_ms = job->pub.expires,
		.category = host_view(job->pub.category),
		.shift_single = job->count.alphabet.single,
		.shift_locking = job->count.alphabet.locking,
	};
	sms->cls = host_view(td_view_str(td_class_name((enum td_class)job->pub.cls)));
	if (job->via->capabilities & TANDEM_CAN_CALLBACK)
		sms->callback_url = host_view(webhook_url(job->via, arena));
	if (!sms->from.n && job->via->set->from)
		sms->from = host_view(td_view_str(job->via->set->from));
}

/* Only a submission holds a slot; a question about one that was made before does not. */
static bool is_question(const struct job *job)
{
	return !job->slot;
}

/* Something has left: in this conversation, or in one before it. */
static bool perhaps_sent(const struct job *job)
{
	return job->steps > 0 || (job->pub.state == TD_SUBMITTING && !job->unsent);
}

/* A plugin that fails on an SMS has not sent it: what it asks for goes out only after it returned. */
static void plugin_failed(struct job *job, const struct td_err *err)
{
	struct tandem_outcome outcome = { .kind = perhaps_sent(job) ? TANDEM_UNCERTAIN : TANDEM_PERMANENT_OTHER };
	const char *why = err->text[0] ? err->text : "the plugin fails without saying why";

	smsd_trouble(job->smsd, "provider %s: job=%.*s: %s", job->via->set->name, TD_VARG(job->pub.id), why);
	outcome.detail = host_view(td_view_str(why));
	settle_outcome(job, &outcome);
}

/* What a plugin says of an SMS, if it makes sense. */
static void conclude(struct job *job, struct tandem_outcome *outcome)
{
	struct host_words words;

	if (!host_check_outcome(outcome, perhaps_sent(job), &words))
		smsd_trouble(job->smsd, "provider %s: job=%.*s: %s", job->via->set->name, TD_VARG(job->pub.id), words.why);
	settle_outcome(job, outcome);
}

static void answer_job(struct job *job, struct tandem_answer *answer);

static void http_answered(void *arg, const struct http_result *result)
{
	struct job *job = arg;
	struct tandem_answer answer = { .status = result->status, .token = job->token, .headers = result->headers,
		.nheaders = result->nheaders, .body = host_view(result->body) };
	struct td_err err;

	if (result->fate == HTTP_ANSWERED) {
		answer_job(job, &answer);
		return;
	}
	td_err_set(&err, TD_TEMPFAIL, "%s", result->why);
	submit_no_answer(job, result->fate == HTTP_UNSENT ? TANDEM_TEMPORARY : TANDEM_UNCERTAIN, &err);
}

static void nonsense(struct job *job, const char *what)
{
	struct td_err err;

	td_err_set(&err, TD_PERMFAIL, "the plugin gives %s", what);
	plugin_failed(job, &err);
}

static void follow_http(struct job *job, const struct tandem_step *step)
{
	const char *wrong = host_check_http(&step->http);
	struct http_ask ask;
	struct td_strings hosts;
	struct td_err err;

	if (wrong) {
		nonsense(job, wrong);
		return;
	}
	instance_http(job->via, &step->http, &hosts, &ask);
	job->token = step->token;
	if (!http_send(job->smsd->http, &ask, http_answered, job, &err))
		return;
	if (err.status == TD_NOMEM)
		submit_no_answer(job, TANDEM_TEMPORARY, &err);
	else
		plugin_failed(job, &err);
}

static void follow_file(struct job *job, const struct tandem_step *step)
{
	const struct tandem_file_request *ask = &step->file;
	bool known = ask->file >= 0 && ask->file < HOST_FILES;
	struct outfile *out = known ? job->via->out[ask->file] : NULL;
	struct folder *folder = known ? job->via->folder[ask->file] : NULL;
	const char *wrong = host_check_file(ask);
	struct td_err err;

	if (wrong) {
		nonsense(job, wrong);
	} else if (ask->what == TANDEM_FILE_DO_APPEND && out) {
		outfile_append(out, job, step->token, host_td(ask->bytes));
	} else if (ask->what == TANDEM_FILE_DO_FIND && out) {
		outfile_find(out, job, step->token, host_td(ask->before), host_td(ask->key), host_td(ask->after));
	} else if (ask->what == TANDEM_FILE_DO_CREATE && folder) {
		folder_create(folder, job, step->token, host_td(ask->name), host_td(ask->bytes));
	} else {
		td_err_set(&err, TD_PERMFAIL, "the plugin asks for %d of file %d, which there is not", (int)ask->what,
			ask->file);
		plugin_failed(job, &err);
	}
}

static void not_there(struct job *job);

/* Does what a step says. */
static void follow(struct job *job, struct tandem_step *step)
{
	bool file = job->via->plugin->transport == TANDEM_FILE;
	struct td_err err;

	if (step->outcome.kind == TANDEM_NOT_THERE && is_question(job)) {
		not_there(job);
	} else if (step->outcome.kind) {
		conclude(job, &step->outcome);
	} else if (job->steps > STEPS_MAX) {
		td_err_set(&err, TD_PERMFAIL, "the plugin asks for more than %d requests", STEPS_MAX);
		plugin_failed(job, &err);
	} else if (file ? !step->file.what : !step->http.method || !step->http.url.n) {
		nonsense(job, "neither an outcome nor a request");
	} else if (file) {
		follow_file(job, step);
	} else {
		follow_http(job, step);
	}
}

typedef int sms_operation(struct tandem_call *call, void *state, const struct tandem_sms *sms, struct tandem_step *out);

static void run(struct job *job, sms_operation *operation)
{
	struct tandem_step step = { .token = 0 };
	struct tandem_sms sms;
	struct host_call call;
	struct td_arena arena;
	struct td_err err;

	job->phase = JOB_SENT;
	td_arena_init(&arena, HOST_ARENA);
	fill_sms(job, &arena, &sms);
	instance_call(job->via, &call, &arena, &err);
	if (operation(&call.pub, job->via->state, &sms, &step) == TANDEM_OK && !call.pub.failed)
		follow(job, &step);
	else
		plugin_failed(job, &err);
	host_call_end(&call);
	td_arena_free(&arena);
}

static void submit_to_stream(struct job *job)
{
	struct tandem_sms sms;
	struct td_arena arena;

	job->phase = JOB_SENT;
	td_arena_init(&arena, HOST_ARENA);
	fill_sms(job, &arena, &sms);
	stream_submit(job->via->stream, job, &sms);
	td_arena_free(&arena);
}

void submit_job(struct job *job)
{
	job->sent_ms = td_mono_ms(job->smsd->clock);
	if (job->via->stream)
		submit_to_stream(job);
	else
		run(job, job->via->plugin->request);
}

void submit_recover(struct job *job)
{
	job->begun_ms = job->sent_ms = td_mono_ms(job->smsd->clock);
	run(job, job->via->plugin->query);
}

/* The provider never received it: it may be sent, as the same SMS. */
static void not_there(struct job *job)
{
	job->unsent = true;
	job->steps = 0;
	job->pub.state = TD_SUBMITTING;
	job_release(job, false);
	dispatch_job(job);
}

/* Lets the plugin say what an answer means. */
static void answer_job(struct job *job, struct tandem_answer *answer)
{
	struct tandem_step step = { .token = 0 };
	struct tandem_sms sms;
	struct host_call call;
	struct td_arena arena;
	struct td_err err;
	int done;

	td_arena_init(&arena, HOST_ARENA);
	fill_sms(job, &arena, &sms);
	answer->struct_size = sizeof(*answer);
	answer->sms = &sms;
	instance_call(job->via, &call, &arena, &err);
	job->steps++;
	done = job->via->plugin->response(&call.pub, job->via->state, answer, &step);
	if (done == TANDEM_OK && !call.pub.failed)
		follow(job, &step);
	else
		plugin_failed(job, &err);
	host_call_end(&call);
	answer->sms = NULL;
	td_arena_free(&arena);
}

void submit_answer(struct job *job, uint64_t token, struct td_view body)
{
	struct tandem_answer answer = { .token = token, .body = host_view(body) };

	answer_job(job, &answer);
}

void submit_no_answer(struct job *job, enum tandem_outcome_kind kind, const struct td_err *err)
{
	struct tandem_outcome outcome = { .kind = kind, .detail = host_view(td_view_str(err->text)) };

	settle_outcome(job, &outcome);
}
