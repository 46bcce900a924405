/*
 * lmtp_deliver - what the recipients of a mail mean, and what the store says of them
 *
 * Tokens need not wait for each other: all questions of a transaction go out together and share a commit.
 */
#include <stdio.h>
#include <stdlib.h>

#include "lmtp_session.h"
#include "rcpt.h"
#include "unprepared.h"

#define ARENA (16u << 20)

/* ---- words ---- */

/* Only a considered refusal is permanent: what went wrong on the way there passes. */
static const char *refusal(char out[LMTP_REPLY], const struct td_err *err)
{
	const struct td_status_map *map = td_status_map(err->status);
	const char *dsn = td_err_code(err);
	bool passing = err->status == TD_TEMPFAIL || err->status == TD_UNCERTAIN || err->status == TD_NOMEM;
	int code = map->smtp_code;

	if (dsn[0] != '4' && (dsn[0] != '5' || passing))
		dsn = "4.3.0";
	if (code / 100 != dsn[0] - '0')
		code = dsn[0] == '5' ? 550 : 451;
	snprintf(out, LMTP_REPLY, "%d %s %s", code, dsn, err->text);
	for (char *p = out; *p; p++) {
		if (*p < ' ' || *p > '~')
			*p = '?';
	}
	return out;
}

static void refuse(struct lmtp_rcpt *rcpt, const struct td_err *err)
{
	refusal(rcpt->reply, err);
}

/* In the words of tandem-pipe. */
static void accept_rcpt(struct lmtp_rcpt *rcpt, const struct td_activated *done)
{
	if (!done->job.n)
		snprintf(rcpt->reply, LMTP_REPLY, "250 2.0.0 nothing to send");
	else if (done->njobs > 1)
		snprintf(rcpt->reply, LMTP_REPLY, "250 2.0.0 accepted as job %.*s (+%lld more)", TD_VARG(done->job),
			(long long)(done->njobs - 1));
	else
		snprintf(rcpt->reply, LMTP_REPLY, "250 2.0.0 accepted as job %.*s", TD_VARG(done->job));
}

static void asked(struct lmtp_session *s)
{
	if (!--s->asking)
		lmtp_session_answer(s);
}

/* ---- at RCPT ---- */

static enum td_status check_unprepared(struct lmtp_session *s, const struct lmtp_rcpt *rcpt, struct td_err *err)
{
	const struct td_conf *conf = s->lmtp->smsd->conf;
	struct td_dest dest;
	enum td_status status = unprepared_allowed(conf, err);

	if (!status && !s->lmtp->path)
		status = td_err_dsn(err, TD_REFUSED, "5.7.1", "mail without token is taken on a Unix socket only");
	if (!status && s->mail.size > LMTP_MAIL_MAX)
		status = td_err_dsn(err, TD_TOOBIG, "5.3.4", "the mail is over %u MB", LMTP_MAIL_MAX >> 20);
	return status ? status : unprepared_dest(conf, rcpt->address, &s->arena, &dest, err);
}

const char *lmtp_deliver_check(struct lmtp_session *s, struct lmtp_rcpt *rcpt, char reply[LMTP_REPLY])
{
	struct td_rcpt known;
	struct td_err err;
	enum td_status status = td_rcpt_read(s->lmtp->smsd->conf, rcpt->address, &s->arena, &known, &err);

	if (!status && known.kind == TD_RCPT_TOKEN) {
		size_t at = td_view_chr(known.plain, '@');

		if (td_view_casestarts(known.plain, TD_VLIT("t-"))) {
			rcpt->token = td_view_mem(known.plain.p + 2, at - 2);
			return NULL;
		}
		status = td_err_dsn(&err, TD_NOTFOUND, "5.1.1", "not a token");
	} else {
		status = check_unprepared(s, rcpt, &err);
	}
	return status ? refusal(reply, &err) : NULL;
}

/* ---- tokens ---- */

static void activated(void *arg, const struct td_msg *msg, const struct td_err *err)
{
	struct lmtp_rcpt *rcpt = arg;
	struct td_activated done;
	struct td_arena arena;
	struct td_err bad;

	td_arena_init(&arena, 1u << 16);
	if (!msg)
		refuse(rcpt, err);
	else if (td_shape_decode(&td_activated_shape, msg->body, &done, &arena, &bad))
		snprintf(rcpt->reply, LMTP_REPLY, "451 4.3.0 the store's answer cannot be read");
	else
		accept_rcpt(rcpt, &done);
	td_arena_free(&arena);
	asked(rcpt->session);
}

static void activate(struct lmtp_session *s, struct lmtp_rcpt *rcpt)
{
	struct smsd *smsd = s->lmtp->smsd;
	const struct td_token token = { .token = rcpt->token, .queue_id = s->client.queue_id };

	s->asking++;
	smsd->count.activated++;
	td_peer_call(smsd->store, TD_V_ACTIVATE, &td_token_shape, &token, smsd->conf->smsd.peer_wait_ms, true, activated,
		rcpt);
}

/* ---- mail without token ---- */

static void refuse_rest(struct lmtp_session *s, const struct td_err *err)
{
	struct lmtp_rcpt *rcpt;

	STAILQ_FOREACH(rcpt, &s->rcpts, link) {
		if (!rcpt->token.p)
			refuse(rcpt, err);
	}
}

/* Each recipient has its own verdict, in their order. */
static enum td_status answer_rest(struct lmtp_session *s, const struct td_msg *msg, struct td_err *err)
{
	struct td_prepared prepared, one;
	struct td_activated done;
	struct lmtp_rcpt *rcpt;
	struct td_arena arena;
	size_t i = 0;
	enum td_status status;

	td_arena_init(&arena, ARENA);
	status = td_shape_decode(&td_prepared_shape, msg->body, &prepared, &arena, err);
	if (status || prepared.dests.n != s->nunprepared) {
		status = td_err_set(err, TD_UNCERTAIN, "the store's answer cannot be read");
		goto out;
	}
	STAILQ_FOREACH(rcpt, &s->rcpts, link) {
		if (rcpt->token.p)
			continue;
		one = prepared;
		one.dests = (struct td_structs){ (struct td_prepared_dest *)prepared.dests.v + i++, 1 };
		if (unprepared_answer(&one, &done, err))
			refuse(rcpt, err);
		else
			accept_rcpt(rcpt, &done);
	}
out:
	td_arena_free(&arena);
	return status;
}

static void submitted(void *arg, const struct td_msg *msg, const struct td_err *err)
{
	struct lmtp_session *s = arg;
	struct td_err bad;

	if (!msg)
		refuse_rest(s, err);
	else if (answer_rest(s, msg, &bad))
		refuse_rest(s, &bad);
	asked(s);
}

static enum td_status raw_mail(struct lmtp_session *s, struct td_arena *arena, struct td_raw_mail *out,
	struct td_err *err)
{
	struct td_view *addresses = TD_NEWN(arena, s->nunprepared, struct td_view);
	struct td_view *notify = TD_NEWN(arena, s->nunprepared, struct td_view);
	const struct lmtp_rcpt *rcpt;
	size_t n = 0;

	if (!addresses || !notify)
		return td_err_set(err, TD_NOMEM, "the mail needs too much memory");
	STAILQ_FOREACH(rcpt, &s->rcpts, link) {
		if (!rcpt->token.p) {
			addresses[n] = rcpt->address;
			notify[n++] = rcpt->notify;
		}
	}
	*out = (struct td_raw_mail){ .recipients = { addresses, n }, .notify = { notify, n }, .envid = s->mail.envid,
		.sender = td_rcpt_plain(s->mail.sender, arena), .queue_id = s->client.queue_id,
		.client_address = s->client.address, .mail = td_buf_view(&s->text) };
	return TD_OK;
}

static enum td_status submit_rest(struct lmtp_session *s, struct td_arena *arena, struct td_err *err)
{
	struct smsd *smsd = s->lmtp->smsd;
	struct td_prepare *prepare = TD_NEW(arena, struct td_prepare);
	struct td_raw_mail mail;
	enum td_status status;

	if (s->data.total > LMTP_MAIL_MAX)
		return td_err_dsn(err, TD_TOOBIG, "5.3.4", "the mail is over %u MB", LMTP_MAIL_MAX >> 20);
	if (!td_buf_ok(&s->text) || !prepare)
		return td_err_dsn(err, TD_NOMEM, "4.3.1", "too much mail at once");
	status = raw_mail(s, arena, &mail, err);
	if (!status)
		status = unprepared_read(smsd->conf, &mail, td_now_ms(smsd->clock), arena, prepare, err);
	if (status)
		return status;
	s->asking++;
	smsd->count.submitted++;
	/* Only a key makes a repeat harmless. */
	td_peer_call(smsd->store, TD_V_SUBMIT, &td_prepare_shape, prepare, smsd->conf->smsd.peer_wait_ms,
		prepare->key.n || prepare->message_id.n, submitted, s);
	return TD_OK;
}

void lmtp_deliver(struct lmtp_session *s)
{
	struct lmtp_rcpt *rcpt;
	struct td_arena arena;
	struct td_err err;

	td_arena_init(&arena, ARENA);
	s->asking++;
	STAILQ_FOREACH(rcpt, &s->rcpts, link) {
		if (rcpt->token.p)
			activate(s, rcpt);
	}
	if (s->nunprepared && submit_rest(s, &arena, &err)) {
		if (err.status == TD_REFUSED)
			td_warning("%.*s: unprepared mail refused: %s", TD_VARG(s->client.queue_id), err.text);
		refuse_rest(s, &err);
	}
	td_arena_free(&arena);
	asked(s);
}
