/*
 * unprepared - a mail for the SMS domain that did not pass tandem-milter, as pipe(8) or LMTP hand it over
 */
#include "unprepared.h"

#include <string.h>

#include "dsn.h"
#include "mime.h"
#include "rawmail.h"
#include "rcpt.h"
#include "sms.h"
#include "submitter.h"
#include "tags.h"
#include "wish.h"

enum td_status unprepared_dest(const struct td_conf *conf, struct td_view address, struct td_arena *arena,
	struct td_dest *out, struct td_err *err)
{
	struct td_rcpt rcpt;
	enum td_status status = td_rcpt_read(conf, address, arena, &rcpt, err);
	const char *reason;

	if (status)
		return status;
	if (rcpt.kind != TD_RCPT_NUMBER && rcpt.kind != TD_RCPT_ONFILE)
		return td_err_dsn(err, TD_REFUSED, "5.1.2", "not an address of the SMS domain %s",
			conf->sms_domain ? conf->sms_domain : "(there is none)");
	*out = (struct td_dest){ .direct = true };
	if (rcpt.kind == TD_RCPT_ONFILE) {
		out->email = rcpt.email;
		return TD_OK;
	}
	status = td_number_allowed(&rcpt.number, conf, &reason, err);
	if (status)
		return status;
	out->to = td_arena_dup(arena, td_view_str(rcpt.number.e164));
	out->named = true;
	return TD_OK;
}

static enum td_status read_dests(const struct td_conf *conf, const struct td_wish *wish, const struct td_raw_mail *mail,
	struct td_arena *arena, struct td_prepare *out, struct td_err *err)
{
	struct td_dest *dests = TD_NEWN(arena, mail->recipients.n, struct td_dest);

	if (!dests)
		return td_err_set(err, TD_NOMEM, "the mail needs too much memory");
	for (size_t i = 0; i < mail->recipients.n; i++) {
		int64_t dsn = i < mail->notify.n ? td_dsn_notify(mail->notify.v[i]) : 0;
		enum td_status status = unprepared_dest(conf, mail->recipients.v[i], arena, &dests[i], err);

		if (status)
			return status;
		dests[i].notify = td_wish_notify(wish, conf, true, dsn);
	}
	out->dests = (struct td_structs){ dests, mail->recipients.n };
	return TD_OK;
}

/*
 * "No text" and "too long" are said to the sender now. A template may need what only the store knows of the person:
 * that is tried later.
 */
static enum td_status try_text(const struct td_conf *conf, const struct td_prepare *request, struct td_arena *arena,
	struct td_err *err)
{
	const struct td_sms_ask ask = { .content = &request->content, .cls = (enum td_class)request->cls,
		.category = request->category, .tz = request->tz };
	struct td_sms_source source;
	struct td_sms sms;
	enum td_status status;

	if (request->content.template.n && !request->content.text.n)
		return TD_OK;
	status = td_sms_source_of(conf, &ask, arena, &source, err);
	return status ? status : td_sms_render(conf, &source, arena, &sms, err);
}

enum td_status unprepared_allowed(const struct td_conf *conf, struct td_err *err)
{
	if (conf->smsd.unprepared && !strcmp(conf->smsd.unprepared, "submitters"))
		return TD_OK;
	return td_err_dsn(err, TD_REFUSED, "5.7.1",
		"mail to %s must pass tandem-milter (try: smtpd_milters, or smsd.unprepared)",
		conf->sms_domain ? conf->sms_domain : "us");
}

/*
 * By address and login alone: pipe(8) knows no more. What has no client address (sendmail(1), but also what local(8)
 * forwards from anywhere) is nobody's.
 */
static const struct td_conf_submitter *submitter_of(const struct td_conf *conf, const struct td_raw_mail *mail)
{
	struct td_submitter_facts facts = { .login = mail->sasl_username, .client_addr = mail->client_address };

	return td_submitter_match(conf, &facts, NULL);
}

/* Who sent it, by what pipe(8) knows; and may a mail like this be an SMS at all? */
static enum td_status admit(const struct td_conf *conf, const struct td_raw_mail *mail, const struct td_tags *tags,
	const struct td_conf_submitter **submitter, struct td_err *err)
{
	if (!mail->sender.n || td_view_caseeq(mail->sender, TD_VLIT("MAILER-DAEMON")) || td_tags_auto_replied(tags))
		return td_err_dsn(err, TD_REFUSED, "5.7.1", "no SMS of bounces and automatic answers");
	*submitter = submitter_of(conf, mail);
	if (!*submitter)
		return td_err_dsn(err, TD_REFUSED, "5.7.1", "not a submitter: client %.*s, login %.*s",
			TD_VARG(mail->client_address),
			TD_VARG(mail->sasl_username.n ? mail->sasl_username : TD_VLIT("none")));
	return TD_OK;
}

enum td_status unprepared_read(const struct td_conf *conf, const struct td_raw_mail *mail, int64_t now_ms,
	struct td_arena *arena,
	struct td_prepare *out, struct td_err *err)
{
	const struct td_conf_submitter *submitter;
	struct td_tags *tags = TD_NEW(arena, struct td_tags);
	struct td_grade grade;
	struct td_wish wish;
	struct td_rawmail parts;
	enum td_status status = unprepared_allowed(conf, err);

	if (status)
		return status;
	if (!tags)
		return td_err_set(err, TD_NOMEM, "the mail needs too much memory");
	td_rawmail_split(mail->mail, &parts);
	td_tags_init(tags, arena);
	td_rawmail_tags(parts.head, tags);
	if (tags->nomem)
		return td_err_set(err, TD_NOMEM, "the mail needs too much memory");
	if (tags->nours > TD_TAGS_MAX)
		return td_err_dsn(err, TD_BADINPUT, "5.6.0", "more than %d X-Tandem headers", TD_TAGS_MAX);
	status = admit(conf, mail, tags, &submitter, err);
	if (!status)
		status = td_wish_read(tags, conf, submitter, now_ms, arena, &wish, err);
	if (!status)
		status = td_wish_grade(&wish, submitter, arena, &grade, err);
	*out = (struct td_prepare){ .sender = mail->sender, .queue_id = mail->queue_id,
		.envid = mail->envid };
	if (!status)
		status = td_wish_prepare(&wish, &grade, submitter, tags, arena, out, err);
	if (!status)
		status = read_dests(conf, &wish, mail, arena, out, err);
	if (!status && !out->content.text.n && !out->content.template.n)
		status = td_mime_text(parts.head, parts.body, arena, NULL, &out->content.body, NULL, err);
	out->activate = true;
	return status ? status : try_text(conf, out, arena, err);
}

enum td_status unprepared_answer(const struct td_prepared *prepared, struct td_activated *out, struct td_err *err)
{
	const struct td_prepared_dest *dests = prepared->dests.v;
	const struct td_prepared_dest *refused = NULL;

	*out = (struct td_activated){ .njobs = 0 };
	for (size_t i = 0; i < prepared->dests.n; i++) {
		if (dests[i].job.n) {
			if (!out->njobs++)
				out->job = dests[i].job;
		} else if (dests[i].verdict.verdict == TD_DUPLICATE) {
			out->duplicate = true;
		} else if (dests[i].verdict.verdict == TD_SEND || dests[i].verdict.verdict == TD_HOLD) {
			continue; /* X-Tandem-Dry-Run */
		} else if (!refused) {
			refused = &dests[i];
		}
	}
	if (out->njobs || out->duplicate || !refused)
		return TD_OK;
	return td_err_dsn(err, TD_REFUSED, td_view_eq(refused->verdict.reason, TD_VLIT("no-number")) ? "5.1.1" : "5.7.1",
		"%.*s",
		TD_VARG(refused->verdict.text.n ? refused->verdict.text : refused->verdict.reason));
}
