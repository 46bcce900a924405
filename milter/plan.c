/*
 * plan - from the store's answer to what is done with the mail: pure, and complete before the first edit
 */
#include "plan.h"

#include "when.h"

struct tally { /* how the recipients fared */
	size_t emails, kept;              /* e-mail recipients; those that get the mail */
	size_t direct, direct_denied;     /* recipients in the SMS domain */
	size_t sms;                       /* SMS that go */
	size_t jobs;                      /* jobs made: a denied one is there to be reported */
	const struct td_verdict *denied_email;  /* the first one denied */
	const struct td_verdict *denied_direct;
};

/* A mail cannot be held here, so a full cap says what else is to be done with it (policy §6). */
bool td_plan_keeps_email(const struct td_verdict *verdict)
{
	return verdict->verdict != TD_DENY && (verdict->verdict != TD_CAPPED || verdict->action == TD_MAIL_PASS);
}

static bool is_deferred(const struct td_verdict *verdict)
{
	return verdict && verdict->verdict == TD_CAPPED && verdict->action == TD_MAIL_DEFER;
}

bool td_plan_sends_sms(const struct td_prepared_dest *dest, bool dry_run)
{
	int64_t verdict = dest->verdict.verdict;

	if (dry_run)
		return verdict == TD_SEND || verdict == TD_HOLD;
	return dest->job.n > 0 && (verdict == TD_SEND || verdict == TD_HOLD || verdict == TD_CAPPED);
}

bool td_plan_fits(const struct td_prepare *request, const struct td_prepared *reply)
{
	return reply->dests.n == request->dests.n && reply->emails.n == request->emails.n;
}

/* An SMS that is not sent without anybody having said no: a repeat, or too late. Its recipient is served. */
static bool is_done(const struct td_verdict *verdict)
{
	return verdict->verdict == TD_DUPLICATE || verdict->verdict == TD_DROP;
}

/* One recipient: how it fared, and whether it leaves the envelope. */
static bool leaves(const struct td_mail_rcpt *rcpt, const struct td_prepare *request, const struct td_prepared *reply,
	struct tally *tally)
{
	const struct td_verdict *emails = reply->emails.v;
	const struct td_prepared_dest *dests = reply->dests.v;
	const struct td_prepared_dest *dest;

	if (rcpt->refused)
		return true;
	if (rcpt->to.kind == TD_RCPT_ORDINARY) {
		tally->emails++;
		if (rcpt->asked == TD_NONE_INDEX || td_plan_keeps_email(&emails[rcpt->asked])) {
			tally->kept++;
			return false;
		}
		if (!tally->denied_email)
			tally->denied_email = &emails[rcpt->asked];
		return true;
	}
	dest = &dests[rcpt->asked];
	tally->direct++;
	if (!td_plan_sends_sms(dest, request->dry_run) && !is_done(&dest->verdict)) {
		tally->direct_denied++;
		if (!tally->denied_direct)
			tally->denied_direct = &dest->verdict;
	}
	return true; /* a token stands for it */
}

/* later: whoever asks again may be served (a budget that is full, a mail that is deferred). */
static struct td_answer refuse(const struct td_verdict *verdict, bool later, struct td_arena *arena)
{
	struct td_view text = verdict->text.n ? verdict->text : verdict->reason;
	const char *reason = td_arena_str(arena, verdict->reason);
	bool no_number = td_view_eq(verdict->reason, TD_VLIT("no-number"));

	if (later) {
		char until[TD_TIME_SIZE] = "";
		const char *line;

		if (verdict->until)
			td_when_iso(until, verdict->until);
		line = td_arena_printf(arena, "%.*s%s%s", TD_VARG(text), *until ? ", try again at " : "", until);
		return td_answer_say(450, "4.7.1", reason, td_view_str(line));
	}
	return td_answer_say(550, no_number ? "5.1.1" : "5.7.1", reason, text);
}

/* All e-mail recipients are denied and nothing else is left of the mail. */
static struct td_answer deny_action(const struct td_grade *grade, const struct tally *tally, struct td_arena *arena)
{
	const char *action = grade->category ? grade->category->deny_action : NULL;
	bool discard = action ? strcmp(action, "discard") == 0 : grade->cls == TD_CLASS_MARKETING;

	return discard ? td_answer_go(TD_DISCARD) : refuse(tally->denied_email, false, arena);
}

static void finish(struct td_plan *plan, const char *status, const char *reason)
{
	plan->status = status;
	plan->reason = reason;
}

/* What is said to the client, before any edit is considered. */
static void choose_answer(struct td_mail *mail, const struct td_prepare *request, const struct tally *tally,
	struct td_plan *plan)
{
	bool nothing_left = tally->kept == 0 && tally->sms == 0;

	plan->answer = td_answer_go(TD_GO_ON);
	if (request->dry_run) {
		plan->answer = td_answer_go(TD_DISCARD);
		finish(plan, "dry-run", "ok");
	} else if (is_deferred(tally->denied_email)) {
		plan->answer = refuse(tally->denied_email, true, &mail->arena);
		finish(plan, "deferred", plan->answer.reason);
	} else if (nothing_left && tally->direct > 0 && tally->direct_denied == tally->direct) {
		/* What a cap drops is dropped: only a budget asks to come back. */
		plan->answer = refuse(tally->denied_direct, td_view_starts(tally->denied_direct->reason, TD_VLIT("budget:")),
			&mail->arena);
		finish(plan, plan->answer.kind == TD_DEFER ? "deferred" : "refused", plan->answer.reason);
	} else if (nothing_left && tally->direct == 0 && tally->emails > 0) {
		plan->answer = deny_action(&mail->grade, tally, &mail->arena);
		finish(plan, plan->answer.kind == TD_DISCARD ? "discarded" : "refused", td_arena_str(&mail->arena,
			tally->denied_email->reason));
	} else if (tally->kept == 0 && (tally->sms == 0 || request->activate)) {
		/* Everybody is served, or denied beside somebody who was: there is no envelope left to deliver to. */
		plan->answer = td_answer_go(TD_DISCARD);
		finish(plan, request->activate && tally->sms ? "activated" : "discarded", "ok");
	} else {
		finish(plan, tally->sms == 0 ? "passed" : request->activate ? "activated" : "prepared", "ok");
	}
}

/*
 * RFC 8058 §3: one List-Unsubscribe with an https link, and the header that says a POST to it is enough. Without a web
 * address there is only mail to write, and an application's own link is then more than we have.
 */
static bool add_unsubscribe(struct td_mail *mail, const struct td_prepared *reply, struct td_plan *plan)
{
	struct td_arena *arena = &mail->arena;
	struct td_view base = td_view_str(mail->conf->web.public_url);
	const char *domain = mail->conf->return_domain;
	const char *link = "", *mailto = "";

	if (reply->unsubscribe.n == 0)
		return true;
	if (!base.n && mail->nunsubscribe[0]) {
		plan->detail = "the application's List-Unsubscribe stays: web.public_url is not set";
		return true;
	}
	if (mail->nunsubscribe[0])
		plan->detail = "List-Unsubscribe of the application replaced";
	while (base.n && base.p[base.n - 1] == '/')
		base.n--;
	if (base.n)
		link = td_arena_printf(arena, "<%.*s/u/%.*s>", TD_VARG(base), TD_VARG(reply->unsubscribe));
	if (domain)
		mailto = td_arena_printf(arena, "<mailto:u-%.*s@%s>", TD_VARG(reply->unsubscribe), domain);
	if (!link || !mailto)
		return false;
	plan->unsubscribe[0] = td_arena_printf(arena, "%s%s%s", link, *link && *mailto ? ",\n\t" : "", mailto);
	plan->unsubscribe[1] = *link ? "List-Unsubscribe=One-Click" : NULL;
	return plan->unsubscribe[0] != NULL;
}

static bool add_token(struct td_mail *mail, const struct td_prepared *reply, struct td_plan *plan)
{
	if (reply->token.n == 0)
		return false;
	plan->add = td_arena_printf(&mail->arena, "<t-%.*s@%s>", TD_VARG(reply->token), mail->conf->token_domain);
	return plan->add != NULL;
}

void td_plan_make(struct td_mail *mail, const struct td_prepare *request, const struct td_prepared *reply,
	struct td_plan *plan)
{
	const struct td_prepared_dest *dests = reply->dests.v;
	struct tally tally = { 0 };

	*plan = (struct td_plan){ .strip = true, .request = request, .reply = reply };
	plan->drop = TD_NEWN(&mail->arena, mail->nrcpts, const char *);
	for (size_t i = 0; i < reply->dests.n; i++) {
		tally.jobs += dests[i].job.n > 0;
		tally.sms += td_plan_sends_sms(&dests[i], request->dry_run);
		plan->denied += !td_plan_sends_sms(&dests[i], request->dry_run) && !is_done(&dests[i].verdict);
	}
	for (size_t i = 0; plan->drop && i < mail->nrcpts; i++)
		if (leaves(&mail->rcpts[i], request, reply, &tally))
			plan->drop[plan->ndrop++] = mail->rcpts[i].raw;
	plan->going = tally.sms;
	plan->denied += tally.emails - tally.kept;
	choose_answer(mail, request, &tally, plan);
	if (!plan->drop || (plan->answer.kind == TD_GO_ON && tally.jobs && !request->activate && !add_token(mail, reply,
		plan)) || (plan->answer.kind == TD_GO_ON && tally.kept && !add_unsubscribe(mail, reply, plan))) {
		plan->answer = td_answer_away();
		finish(plan, "deferred", NULL);
	}
}

void td_plan_pass(struct td_mail *mail, const char *status, const char *reason, struct td_plan *plan)
{
	*plan = (struct td_plan){ .answer = td_answer_go(TD_GO_ON), .strip = true, .status = status, .reason = reason };
	if (!mail->nsuppressed)
		return;
	plan->drop = TD_NEWN(&mail->arena, mail->nsuppressed, const char *);
	for (size_t i = 0; plan->drop && i < mail->nrcpts; i++)
		if (mail->rcpts[i].refused)
			plan->drop[plan->ndrop++] = mail->rcpts[i].raw;
	if (!plan->drop) {
		plan->answer = td_answer_away();
		finish(plan, "deferred", NULL);
	}
}
