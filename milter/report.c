/*
 * report - the log lines of one mail: one for the mail, one for each recipient or SMS that does not go
 */
#include "report.h"

#include "log.h"

#define LINE_MAX_BYTES 1500

static struct td_view name_of(struct td_view queue_id)
{
	return queue_id.n ? queue_id : TD_VLIT("NOQUEUE");
}

static const char *submitter_of(const struct td_mail *mail)
{
	return mail->submitter ? mail->submitter->name : "none";
}

/* The null sender is no secret. */
static const char *sender_of(const struct td_mail *mail, char out[TD_MASK_SIZE])
{
	return mail->sender.n ? td_log_mask(out, mail->sender) : "";
}

static struct td_view bare(const char *raw)
{
	struct td_view v = td_view_str(raw);

	return td_view_starts(v, TD_VLIT("<")) && td_view_ends(v, TD_VLIT(">")) ? (struct td_view){ v.p + 1,
		v.n - 2 } : v;
}

void td_report_rcpt(const struct td_mail *mail, struct td_view queue_id, const char *raw,
	const struct td_answer *answer)
{
	char to[TD_MASK_SIZE], from[TD_MASK_SIZE];

	td_info("%.*s: to=<%s>, from=<%s>, submitter=%s, reason=%s, status=%s (%d %s %s)", TD_VARG(name_of(queue_id)),
		td_log_mask(to, bare(raw)), sender_of(mail, from), submitter_of(mail),
		answer->reason ? answer->reason : "-", answer->kind == TD_DEFER ? "deferred" : "refused", answer->code,
			answer->dsn,
		answer->text);
}

/* What becomes of one recipient or SMS. */
static const char *fate(const struct td_verdict *verdict, bool email, bool goes)
{
	if (goes)
		return verdict->verdict == TD_SEND ? "sent" : email ? "passed" : "held";
	if (email && verdict->verdict == TD_CAPPED && verdict->action == TD_MAIL_DEFER)
		return "deferred";
	return verdict->verdict == TD_DUPLICATE || verdict->verdict == TD_DROP ? "dropped" : "denied";
}

static void report_one(struct td_view queue_id, struct td_view to, const char *channel,
	const struct td_verdict *verdict, const char *status)
{
	char masked[TD_MASK_SIZE];

	td_info("%.*s: to=<%s>, channel=%s, reason=%.*s, status=%s%s%.*s%s", TD_VARG(name_of(queue_id)),
		td_log_mask(masked, to),
		channel, TD_VARG(verdict->reason), status, verdict->text.n ? " (" : "", TD_VARG(verdict->text),
		verdict->text.n ? ")" : "");
}

/* Everybody for whom the answer was not simply yes; in a dry run, which has no other trace, everybody. */
static void report_verdicts(struct td_view queue_id, const struct td_plan *plan)
{
	const struct td_verdict *emails = plan->reply->emails.v;
	const struct td_prepared_dest *answers = plan->reply->dests.v;
	const struct td_dest *dests = plan->request->dests.v;
	bool dry = plan->request->dry_run;

	for (size_t i = 0; i < plan->reply->emails.n; i++)
		if (dry || (emails[i].verdict != TD_SEND && emails[i].verdict != TD_DUPLICATE && emails[i].verdict != TD_DROP))
			report_one(queue_id, plan->request->emails.v[i], "email", &emails[i],
				dry ? td_verdict_name(emails[i].verdict) : fate(&emails[i], true, td_plan_keeps_email(&emails[i])));
	for (size_t i = 0; i < plan->reply->dests.n; i++) {
		const struct td_verdict *verdict = &answers[i].verdict;
		struct td_view to = answers[i].to.n ? answers[i].to : dests[i].to.n ? dests[i].to : dests[i].email;
		bool goes = td_plan_sends_sms(&answers[i], dry);

		if (dry || !goes || verdict->verdict != TD_SEND)
			report_one(queue_id, to, "sms", verdict,
				dry ? td_verdict_name(verdict->verdict) : fate(verdict, false, goes));
	}
}

/* Recipients of sendmail(1) who were left out of a mail that went on. */
static void report_suppressed(const struct td_mail *mail, struct td_view queue_id)
{
	char to[TD_MASK_SIZE];

	for (size_t i = 0; i < mail->nrcpts && mail->nsuppressed; i++)
		if (mail->rcpts[i].refused && mail->rcpts[i].to.kind == TD_RCPT_ORDINARY)
			td_info("%.*s: to=<%s>, channel=email, reason=%s, status=denied (%s)", TD_VARG(name_of(queue_id)),
				td_log_mask(to, bare(mail->rcpts[i].raw)), mail->rcpts[i].reason, mail->rcpts[i].refused->text);
}

static struct td_view first_job(const struct td_prepared *reply)
{
	const struct td_prepared_dest *dests = reply->dests.v;

	for (size_t i = 0; i < reply->dests.n; i++)
		if (dests[i].job.n)
			return dests[i].job;
	return TD_VLIT("-");
}

void td_report_mail(const struct td_mail *mail, struct td_view queue_id, const struct td_plan *plan)
{
	char from[TD_MASK_SIZE];
	struct td_buf line;

	report_suppressed(mail, queue_id);
	if (plan->reply)
		report_verdicts(queue_id, plan);
	td_buf_init(&line, LINE_MAX_BYTES);
	td_buf_printf(&line, "from=<%s>, submitter=%s", sender_of(mail, from), submitter_of(mail));
	if (plan->request)
		td_buf_printf(&line, ", class=%s, category=%s", td_class_name((enum td_class)plan->request->cls),
			mail->grade.category ? mail->grade.category->name : "-");
	if (plan->reply)
		td_buf_printf(&line, ", job=%.*s, sms=%zu, denied=%zu, nrcpt=%zu", TD_VARG(first_job(plan->reply)),
			plan->going,
			plan->denied, mail->nrcpts);
	if (plan->reason)
		td_buf_printf(&line, ", reason=%s", plan->reason);
	td_buf_printf(&line, ", status=%s", plan->status);
	if (plan->answer.code)
		td_buf_printf(&line, " (%d %s %s)", plan->answer.code, plan->answer.dsn, plan->answer.text);
	if (plan->detail)
		td_buf_printf(&line, " [%s]", plan->detail);
	td_info("%.*s: %s", TD_VARG(name_of(queue_id)), td_buf_cstr(&line));
	td_buf_free(&line);
}
