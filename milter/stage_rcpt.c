/*
 * stage_rcpt - may this recipient stand? Everything that is certain at RCPT is said at RCPT
 */
#include "stage_rcpt.h"

#include "log.h"
#include "quote.h"
#include "when.h"

struct td_why { /* the first reason against a recipient */
	struct td_err err;
	const char   *reason;
	int           code; /* SMTP code where it is not the status's */
};

static enum td_status against(struct td_why *why, const char *reason, enum td_status status, const char *dsn,
	const char *text)
{
	why->reason = reason;
	return td_err_dsn(&why->err, status, dsn, "%s", text);
}

/* The reply of a submitter's rights and of the number itself; no question is asked. */
static enum td_status check_address(const struct td_mail *mail, const struct td_rcpt *to, enum td_status read,
	struct td_why *why)
{
	const struct td_conf *conf = mail->conf;

	if (to->kind == TD_RCPT_TOKEN) {
		why->code = 554;
		return against(why, "not-a-submitter", TD_REFUSED, "5.7.1",
			"no mail is accepted for this internal domain");
	}
	if (!mail->submitter)
		return against(why, "not-a-submitter", TD_REFUSED, "5.7.1", "you may not send SMS here");
	if (mail->sender.n == 0)
		return against(why, "not-a-submitter", TD_REFUSED, "5.7.1",
			"an SMS needs a sender: the null sender is refused");
	if (read != TD_OK) {
		why->reason = "invalid-number";
		return read;
	}
	if (to->kind == TD_RCPT_NUMBER)
		return td_number_allowed(&to->number, conf, &why->reason, &why->err);
	return TD_OK;
}

static enum td_status weigh(const struct td_verdict *verdict, struct td_arena *arena, struct td_why *why)
{
	struct td_view text = verdict->text.n ? verdict->text : verdict->reason;
	char until[TD_TIME_SIZE] = "";

	if (verdict->verdict == TD_CAPPED && td_view_starts(verdict->reason, TD_VLIT("budget:"))) {
		if (verdict->until)
			td_when_iso(until, verdict->until);
		why->code = 450;
		why->reason = td_arena_str(arena, verdict->reason);
		return td_err_dsn(&why->err, TD_TEMPFAIL, "4.7.1", "%.*s%s%s", TD_VARG(text),
			*until ? ", try again at " : "", until);
	}
	if (verdict->verdict != TD_DENY)
		return TD_OK;
	why->reason = td_arena_str(arena, verdict->reason);
	return td_err_dsn(&why->err, TD_REFUSED, "5.7.1", "%.*s", TD_VARG(text));
}

/* What the store already knows, asked for the submitter's highest class: a refusal is then certain. */
static enum td_status check_store(struct td_mail *mail, struct td_asker *asker, const struct td_rcpt *to,
	struct td_why *why)
{
	bool onfile = to->kind == TD_RCPT_ONFILE;
	const char *address = onfile ? td_arena_printf(&mail->arena, "email:%.*s", TD_VARG(to->email))
				     : td_arena_printf(&mail->arena, "tel:%s", to->number.e164);
	struct td_query query = {
		.address = td_view_str(address),
		.channel = TD_VLIT("sms"),
		.cls = mail->submitter->max_class,
		.submitter = td_view_str(mail->submitter->name),
		.by_email = onfile,
	};
	struct td_verdict verdict;
	char quoted[TD_QUOTE_SIZE];
	enum td_status status;

	if (!address)
		return td_err_set(&why->err, TD_NOMEM, "recipient: over the memory limit of one mail");
	status = asker->decide(asker, &query, &mail->arena, &verdict, &why->err);
	if (status == TD_OK)
		return weigh(&verdict, &mail->arena, why);
	if (status == TD_NOTFOUND) {
		why->reason = "no-number";
		return td_err_dsn(&why->err, TD_NOTFOUND, "5.1.1", "no number on file for %s", td_quote(quoted,
			to->email));
	}
	if (td_store_is_away(status)) {
		struct td_answer away = td_answer_away();

		why->code = 450;
		return td_err_dsn(&why->err, TD_TEMPFAIL, away.dsn, "%s", away.text);
	}
	return status;
}

/*
 * milter.scope = "all": is this address one that no mail is to go to? Postfix waits for our reply to RCPT anyway, so
 * the question costs it nothing but the store's answer, and the client hears the reason. A store that is away stops no
 * untagged mail: the first failure ends the asking for this mail.
 */
static enum td_status check_suppression(struct td_mail *mail, struct td_asker *asker, const struct td_rcpt *to,
	struct td_why *why)
{
	const struct td_conf_submitter *submitter = mail->submitter;
	const char *address;
	struct td_query query = { .channel = TD_VLIT("email"), .cls = TD_CLASS_TRANSACTIONAL, .hard = true };
	struct td_verdict verdict;
	enum td_status status;

	if (mail->unchecked || td_view_chr(to->plain, '@') == (size_t)-1)
		return TD_OK;
	address = td_arena_printf(&mail->arena, "email:%.*s", TD_VARG(to->plain));
	if (!address)
		return td_err_set(&why->err, TD_NOMEM, "recipient: over the memory limit of one mail");
	query.address = td_view_str(address);
	/* What a mail without a class counts as (policy §2). */
	if (submitter && submitter->max_class < query.cls)
		query.cls = submitter->max_class;
	status = asker->decide(asker, &query, &mail->arena, &verdict, &why->err);
	if (status != TD_OK) {
		mail->unchecked = td_store_is_away(status);
		if (mail->unchecked)
			td_warning("recipients are not checked for suppression: %s", why->err.text);
		return TD_OK;
	}
	if (verdict.verdict != TD_DENY)
		return TD_OK;
	why->reason = td_arena_str(&mail->arena, verdict.reason);
	return td_err_dsn(&why->err, TD_REFUSED, td_view_eq(verdict.reason, TD_VLIT("undeliverable")) ? "5.1.1" : "5.7.1",
		"%.*s", TD_VARG(verdict.text.n ? verdict.text : verdict.reason));
}

static struct td_answer too_many(void)
{
	return td_answer_say(452, "4.5.3", NULL, TD_VLIT("too many recipients"));
}

static struct td_answer say(const struct td_why *why)
{
	int code = why->code ? why->code : td_status_map(why->err.status)->smtp_code;

	return td_answer_say(code, td_err_code(&why->err), why->reason, td_view_str(why->err.text));
}

static struct td_answer ordinary(struct td_mail *mail, struct td_asker *asker, const char *raw, char *const *args,
	const struct td_rcpt *to)
{
	struct td_why why = { .reason = NULL };
	bool all = strcmp(mail->conf->milter.scope, "all") == 0;
	bool kept = true;

	if (all && check_suppression(mail, asker, to, &why) != TD_OK) {
		if (!mail->local)
			return say(&why);
		td_mail_keep_refused(mail, raw, to, &why.err, why.reason);
		return td_answer_go(TD_GO_ON);
	}
	/* Of a mail whose headers nobody reads, recipients need not be known, unless one of them may be the last left. */
	if (mail->submitter || (all && mail->local))
		kept = td_mail_keep(mail, raw, to, td_mail_dsn(args));
	return kept || mail->local ? td_answer_go(TD_GO_ON) : too_many();
}

struct td_answer td_stage_rcpt(struct td_mail *mail, struct td_asker *asker, const char *raw, char *const *args)
{
	struct td_why why = { .reason = NULL };
	struct td_rcpt to = { .kind = TD_RCPT_NUMBER };
	enum td_status status = td_rcpt_read(mail->conf, td_view_str(raw), &mail->arena, &to, &why.err);
	bool kept = true;

	if (status == TD_NOMEM) {
		mail->toobig = true;
		return mail->local ? td_answer_go(TD_GO_ON) : too_many();
	}
	if (status == TD_OK && to.kind == TD_RCPT_ORDINARY)
		return ordinary(mail, asker, raw, args, &to);
	status = check_address(mail, &to, status, &why);
	if (status == TD_OK && !mail->local)
		status = check_store(mail, asker, &to, &why);
	if (status != TD_OK && mail->local) {
		td_mail_keep_refused(mail, raw, &to, &why.err, why.reason);
		return td_answer_go(TD_GO_ON);
	}
	if (status != TD_OK)
		return say(&why);
	kept = td_mail_keep(mail, raw, &to, td_mail_dsn(args));
	return kept || mail->local ? td_answer_go(TD_GO_ON) : too_many();
}
