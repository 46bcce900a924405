/*
 * stage_end - the end of a mail: everything that is asked and decided before the first edit
 */
#include "stage_end.h"

#include "request.h"
#include "trial.h"

static void end_with(struct td_plan *plan, struct td_answer answer)
{
	plan->answer = answer;
	plan->status = answer.kind == TD_DEFER ? "deferred" : "refused";
	plan->reason = answer.reason;
}

/* A status that is no answer of the store: in the client's words for what is ours, in the header's for what is his. */
static void end_err(struct td_mail *mail, struct td_plan *plan, const struct td_err *err, const char *reason)
{
	if (!td_store_is_away(err->status)) {
		end_with(plan, td_answer_err(err, reason));
		return;
	}
	end_with(plan, td_answer_away());
	plan->detail = td_arena_str(&mail->arena, td_view_str(err->text));
}

/* What needs no look at the headers. True: the plan is complete. */
static bool refused_at_once(struct td_mail *mail, struct td_plan *plan)
{
	if (mail->tags.nours > TD_TAGS_MAX) {
		end_with(plan, td_answer_say(550, "5.6.0", "bad-header", TD_VLIT("more than 64 X-Tandem headers")));
		return true;
	}
	if (mail->toobig) {
		end_with(plan, td_answer_say(552, "5.3.4", NULL,
			TD_VLIT("recipients and headers take too much memory")));
		return true;
	}
	/*
	 * sendmail(1) has no session in which one recipient could be refused. Nobody else would tell its sender, so the
	 * whole mail bounces with the first reason, and nothing of it goes. Suppressed ones are only left out: who writes
	 * to a list need not send again because one of it is gone.
	 */
	if (mail->nrefused == 0 && (mail->nsuppressed == 0 || mail->nsuppressed < mail->nrcpts))
		return false;
	for (size_t i = 0; i < mail->nrcpts; i++) {
		const struct td_mail_rcpt *rcpt = &mail->rcpts[i];

		if (rcpt->refused && (rcpt->to.kind != TD_RCPT_ORDINARY || mail->nrefused == 0)) {
			end_with(plan, td_answer_err(rcpt->refused, rcpt->reason));
			return true;
		}
	}
	return false;
}

/* X-Tandem-Self of sendmail(1). True: the plan is complete: our own mail, or nobody could say. */
static bool own_mail(struct td_mail *mail, struct td_asker *asker, struct td_plan *plan)
{
	struct td_prepare request = { .self = td_tags_find(&mail->tags, TD_VLIT("Self")) };
	struct td_prepared reply;
	struct td_err err;
	enum td_status status;

	if (!mail->local || request.self.n == 0)
		return false;
	status = asker->prepare(asker, &request, false, &mail->arena, &reply, &err);
	if (status != TD_OK && td_store_is_away(status)) {
		end_err(mail, plan, &err, NULL);
		return true;
	}
	if (status != TD_OK || !reply.self_ok)
		return false;
	td_plan_pass(mail, "self", NULL, plan);
	plan->keep_keyword = true;
	return true;
}

/* Malformed or forbidden headers. True: the mail is refused. *sms: false when only its SMS is skipped. */
static bool refused_headers(struct td_mail *mail, struct td_plan *plan, bool *sms)
{
	bool ignore = strcmp(mail->conf->milter.on_bad_header, "ignore") == 0 && mail->ndirect == 0;

	*sms = true;
	if (mail->wish_status == TD_BADINPUT && ignore) {
		*sms = false;
		plan->detail = td_arena_str(&mail->arena, td_view_str(mail->wish_err.text));
	} else if (mail->wish_status != TD_OK) {
		end_err(mail, plan, &mail->wish_err,
			mail->wish_status == TD_REFUSED ? "not-a-submitter" : "bad-header");
		return true;
	}
	if (mail->grade_status != TD_OK) {
		end_err(mail, plan, &mail->grade_err, "not-a-submitter");
		return true;
	}
	if (mail->ndirect && td_tags_auto_replied(&mail->tags)) {
		end_with(plan, td_answer_say(550, "5.7.1", "not-a-submitter",
			TD_VLIT("automatic replies do not become SMS")));
		return true;
	}
	return false;
}

static const char *text_reason(enum td_status status)
{
	return status == TD_TOOBIG ? "too-long" : "no-text";
}

/* A text that will not do. True: the mail is refused; else *sms is off. */
static bool refused_text(struct td_mail *mail, const struct td_err *err, struct td_plan *plan, bool *sms)
{
	bool ignore = strcmp(mail->conf->milter.on_bad_header, "ignore") == 0 && mail->ndirect == 0;

	if (!ignore || err->status == TD_NOMEM || td_store_is_away(err->status)) {
		end_err(mail, plan, err, text_reason(err->status));
		return true;
	}
	*sms = false;
	plan->detail = td_arena_str(&mail->arena, td_view_str(err->text));
	return false;
}

/* The store did not say: untold who may get what. */
static void store_failed(struct td_mail *mail, const struct td_prepare *request, const struct td_err *err,
	struct td_plan *plan)
{
	bool may_pass = strcmp(mail->conf->milter.on_store_down, "pass") == 0 && mail->ndirect == 0 &&
		!request->dry_run &&
		mail->grade.cls != TD_CLASS_MARKETING;

	if (td_store_is_away(err->status) && may_pass) {
		td_plan_pass(mail, "passed", NULL, plan);
		plan->detail = td_arena_str(&mail->arena, td_view_str(err->text));
		return;
	}
	end_err(mail, plan, err, err->status == TD_CONFLICT ? "idem-conflict" : "bad-header");
}

/* One PREPARE. TD_OK: *reply answers *request. */
static enum td_status ask(struct td_mail *mail, struct td_asker *asker, const struct td_prepare *request,
	struct td_prepared *reply,
	struct td_err *err)
{
	/* Activated at once and without a key, a repeat would be sent twice. */
	bool repeatable = !request->activate || request->key.n > 0 || request->message_id.n > 0;
	enum td_status status = asker->prepare(asker, request, repeatable, &mail->arena, reply, err);

	if (status == TD_OK && !td_plan_fits(request, reply))
		return td_err_set(err, TD_TEMPFAIL, "the store's answer does not fit the question");
	return status;
}

/*
 * Texts that need the person are tried when the store has told of him. With commit = "eom" that answer would already
 * have activated, so there the store is first asked for a dry run.
 */
static bool decided(struct td_mail *mail, struct td_asker *asker, struct td_prepare *request, struct td_prepared *reply,
	struct td_plan *plan)
{
	bool persons = td_trial_needs_persons(request) && request->dests.n > 0;
	bool dry = request->dry_run;
	bool sms = true;
	struct td_err err;

	if (persons && request->activate && !dry) {
		request->dry_run = true;
		if (ask(mail, asker, request, reply, &err) != TD_OK) {
			store_failed(mail, request, &err, plan);
			return false;
		}
		if (td_trial_all(mail, request, reply, &err) != TD_OK && refused_text(mail, &err, plan, &sms))
			return false;
		request->dry_run = false;
		persons = false;
		if (!sms)
			request->dests.n = 0;
	}
	if (ask(mail, asker, request, reply, &err) != TD_OK) {
		store_failed(mail, request, &err, plan);
		return false;
	}
	if (persons && td_trial_all(mail, request, reply, &err) != TD_OK && refused_text(mail, &err, plan, &sms))
		return false;
	if (!sms)
		reply->dests.n = request->dests.n = 0; /* prepared, never activated */
	return true;
}

/* An opt-out link is one person's, and a mail has one header for it: whoever shares it could say no for another. */
static bool refused_crowd(const struct td_mail *mail, const struct td_prepare *request, struct td_plan *plan)
{
	size_t asked = 0, ordinary = 0;

	for (size_t i = 0; i < mail->nrcpts; i++) {
		ordinary += mail->rcpts[i].to.kind == TD_RCPT_ORDINARY && !mail->rcpts[i].refused;
		asked += mail->rcpts[i].to.kind == TD_RCPT_ORDINARY && mail->rcpts[i].asked != TD_NONE_INDEX;
	}
	if (mail->grade.cls != TD_CLASS_MARKETING || (request->emails.n <= 1 && asked == ordinary))
		return false;
	end_with(plan, td_answer_say(550, "5.7.1", "bad-header", asked == ordinary ?
		TD_VLIT("marketing mail needs one recipient each") :
		TD_VLIT("marketing mail needs a recipient with a domain")));
	return true;
}

static const char *join(struct td_arena *arena, const char *a, const char *b)
{
	if (!a || !b)
		return a ? a : b;
	return td_arena_printf(arena, "%s; %s", a, b);
}

static void tagged_mail(struct td_mail *mail, struct td_asker *asker, struct td_view queue_id, struct td_plan *plan)
{
	struct td_prepare *request = TD_NEW(&mail->arena, struct td_prepare);
	struct td_prepared *reply = TD_NEW(&mail->arena, struct td_prepared);
	const char *detail;
	struct td_err err;
	bool sms;

	if (!request || !reply) {
		end_with(plan, td_answer_say(452, "4.3.1", NULL, TD_VLIT("out of memory")));
		return;
	}
	if (refused_headers(mail, plan, &sms))
		return;
	if (td_request_build(mail, sms, queue_id, request, &err) != TD_OK) {
		end_err(mail, plan, &err, "bad-header");
		return;
	}
	if (refused_crowd(mail, request, plan))
		return;
	if (request->dests.n && !td_trial_needs_persons(request) &&
		(td_trial_body(mail, request, &err) != TD_OK || td_trial_render(mail, request, NULL, &err) != TD_OK)) {
		if (refused_text(mail, &err, plan, &sms))
			return;
		request->dests.n = 0;
	}
	if (!decided(mail, asker, request, reply, plan))
		return;
	detail = plan->detail;
	td_plan_make(mail, request, reply, plan);
	plan->detail = join(&mail->arena, join(&mail->arena, detail, mail->grade.note), plan->detail);
}

void td_stage_end(struct td_mail *mail, struct td_asker *asker, struct td_view queue_id, struct td_plan *plan)
{
	*plan = (struct td_plan){ .status = "passed" };
	if (refused_at_once(mail, plan) || own_mail(mail, asker, plan))
		return;
	if (mail->tags.nours == 0 && mail->ndirect == 0 && !mail->wish.tagged)
		td_plan_pass(mail, "passed", NULL, plan);
	else if (!mail->submitter)
		td_plan_pass(mail, "stripped", "not-a-submitter", plan);
	else if (!mail->wish.tagged && mail->ndirect == 0)
		td_plan_pass(mail, "stripped", NULL, plan);
	else
		tagged_mail(mail, asker, queue_id, plan);
}
