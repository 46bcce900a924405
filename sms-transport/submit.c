/*
 * submit - the conversation of one SMS with its provider: request, answers, at most four steps, an outcome
 */
#include "smsd.h"

#include <string.h>

#include "http.h"
#include "outfile.h"
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
	if (job->via->plugin->capabilities & TANDEM_CAN_CALLBACK)
		sms->callback_url = host_view(webhook_url(job->via, arena));
	if (!sms->from.n && job->via->set->from)
		sms->from = host_view(td_view_str(job->via->set->from));
}

/* A plugin that fails on an SMS has not sent it: what it asks for goes out only after it returned. */
static void plugin_failed(struct job *job, const struct td_err *err, bool sent)
{
	struct tandem_outcome outcome = { .kind = sent ? TANDEM_UNCERTAIN : TANDEM_PERMANENT_OTHER };

	smsd_trouble(job->smsd, "provider %s: job=%.*s: %s", job->via->set->name, TD_VARG(job->pub.id), err->text);
	outcome.detail = host_view(td_view_str(err->text));
	settle_outcome(job, &outcome);
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

static void follow_http(struct job *job, const struct tandem_step *step)
{
	struct http_ask ask;
	struct td_strings hosts;
	struct td_err err;

	instance_http(job->via, &step->http, &hosts, &ask);
	job->token = step->token;
	if (!http_send(job->smsd->http, &ask, http_answered, job, &err))
		return;
	if (err.status == TD_NOMEM)
		submit_no_answer(job, TANDEM_TEMPORARY, &err);
	else
		plugin_failed(job, &err, job->steps > 0);
}

static void follow_file(struct job *job, const struct tandem_step *step)
{
	struct td_err err;
	struct outfile *out;

	out = step->file.file >= 0 && step->file.file < HOST_FILES ? job->via->out[step->file.file] : NULL;
	if (!out || step->file.what == TANDEM_FILE_DO_CREATE || !step->file.what) {
		td_err_set(&err, TD_PERMFAIL, "plugin %s asks for something that this host does not do",
			job->via->plugin->name);
		plugin_failed(job, &err, false);
	} else if (step->file.what == TANDEM_FILE_DO_APPEND) {
		outfile_append(out, job, step->token, host_td(step->file.bytes));
	} else {
		outfile_find(out, job, step->token, host_td(step->file.before), host_td(step->file.key),
			host_td(step->file.after));
	}
}

/* Does what a step says. */
static void follow(struct job *job, const struct tandem_step *step)
{
	if (step->outcome.kind)
		settle_outcome(job, &step->outcome);
	else if (job->via->plugin->transport == TANDEM_HTTP)
		follow_http(job, step);
	else
		follow_file(job, step);
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
		plugin_failed(job, &err, false);
	host_call_end(&call);
	td_arena_free(&arena);
}

void submit_job(struct job *job)
{
	job->sent_ms = td_mono_ms(job->smsd->clock);
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
	done = job->via->plugin->response(&call.pub, job->via->state, answer, &step);
	if (done != TANDEM_OK || call.pub.failed)
		plugin_failed(job, &err, true);
	else if (step.outcome.kind == TANDEM_NOT_THERE)
		not_there(job);
	else if (++job->steps > STEPS_MAX && !step.outcome.kind)
		plugin_failed(job, &err, true);
	else
		follow(job, &step);
	host_call_end(&call);
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
