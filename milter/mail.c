/*
 * mail - one mail as the milter comes to know it, from MAIL to the end of its headers
 */
#include "mail.h"

#include <strings.h>

#include "dsn.h"

/* What a mail may cost besides what its body does: recipients, headers, the request and its answer. */
#define MAIL_ARENA_CAP (8u << 20)
/* The decoded body and its working copies. */
#define BODY_COPIES 4

const char *const td_unsubscribe_names[2] = { "List-Unsubscribe", "List-Unsubscribe-Post" };

void td_mail_begin(struct td_mail *mail, const struct td_conf *conf, const struct td_conf_submitter *submitter,
	bool local,
	const char *sender, char *const *args)
{
	td_mail_end(mail);
	mail->begun = true;
	mail->conf = conf;
	mail->submitter = submitter;
	mail->local = local;
	td_arena_init(&mail->arena, MAIL_ARENA_CAP + BODY_COPIES * (size_t)conf->milter.max_text_source);
	td_buf_init(&mail->body, (size_t)conf->milter.max_text_source);
	td_tags_init(&mail->tags, &mail->arena);
	mail->sender_raw = td_arena_str(&mail->arena, td_view_str(sender));
	mail->sender = td_rcpt_plain(td_view_str(sender), &mail->arena);
	mail->toobig = !mail->sender_raw || !mail->sender.p;
	for (; args && *args; args++)
		if (strncasecmp(*args, "ENVID=", 6) == 0)
			mail->envid = td_dsn_xtext(td_view_str(*args + 6), &mail->arena);
}

void td_mail_end(struct td_mail *mail)
{
	if (!mail->begun)
		return;
	td_buf_free(&mail->body);
	td_arena_free(&mail->arena);
	memset(mail, 0, sizeof(*mail));
}

int64_t td_mail_dsn(char *const *args)
{
	int64_t bits = 0;

	for (; args && *args; args++)
		if (strncasecmp(*args, "NOTIFY=", 7) == 0)
			bits |= td_dsn_notify(td_view_str(*args + 7));
	return bits;
}

/* Room for one more recipient; the arena keeps the outgrown arrays, at most as much again. */
static struct td_mail_rcpt *new_rcpt(struct td_mail *mail, const char *raw)
{
	struct td_mail_rcpt *rcpt;

	if (mail->nrcpts == mail->room) {
		size_t room = mail->room ? 2 * mail->room : 4;
		struct td_mail_rcpt *more = TD_NEWN(&mail->arena, room, struct td_mail_rcpt);

		if (!more)
			return NULL;
		if (mail->nrcpts)
			memcpy(more, mail->rcpts, mail->nrcpts * sizeof(*more));
		mail->rcpts = more;
		mail->room = room;
	}
	rcpt = &mail->rcpts[mail->nrcpts];
	*rcpt = (struct td_mail_rcpt){ .raw = td_arena_str(&mail->arena, td_view_str(raw)), .asked = TD_NONE_INDEX };
	return rcpt->raw ? rcpt : NULL;
}

bool td_mail_keep(struct td_mail *mail, const char *raw, const struct td_rcpt *to, int64_t dsn)
{
	struct td_mail_rcpt *rcpt = new_rcpt(mail, raw);

	if (!rcpt) {
		mail->toobig = true;
		return false;
	}
	rcpt->to = *to;
	rcpt->dsn = dsn;
	mail->nrcpts++;
	mail->ndirect += to->kind != TD_RCPT_ORDINARY;
	return true;
}

bool td_mail_keep_refused(struct td_mail *mail, const char *raw, const struct td_rcpt *to, const struct td_err *err,
	const char *reason)
{
	struct td_mail_rcpt *rcpt = new_rcpt(mail, raw);
	struct td_err *why = rcpt ? TD_NEW(&mail->arena, struct td_err) : NULL;

	if (!why) {
		mail->toobig = true;
		return false;
	}
	*why = *err;
	rcpt->to = *to;
	rcpt->refused = why;
	rcpt->reason = reason;
	mail->nrcpts++;
	if (to->kind == TD_RCPT_ORDINARY)
		mail->nsuppressed++;
	else
		mail->nrefused++;
	return true;
}

/* Names are kept once, with how often they came: each is removed by name and number. */
static void remember_name(struct td_mail *mail, struct td_view name)
{
	for (size_t i = 0; i < mail->nstrip; i++)
		if (td_view_caseeq(name, td_view_str(mail->strip[i].name))) {
			mail->strip[i].count++;
			return;
		}
	if (mail->nstrip == TD_TAGS_MAX)
		return; /* the mail is refused for having too many */
	mail->strip[mail->nstrip].name = td_arena_str(&mail->arena, name);
	mail->strip[mail->nstrip].count = 1;
	if (mail->strip[mail->nstrip].name)
		mail->nstrip++;
	else
		mail->toobig = true;
}

void td_mail_header(struct td_mail *mail, struct td_view name, struct td_view value)
{
	bool ours = td_tag_is_ours(name);

	if (ours)
		remember_name(mail, name);
	for (size_t i = 0; i < 2 && mail->submitter; i++)
		mail->nunsubscribe[i] += td_view_caseeq(name, td_view_str(td_unsubscribe_names[i]));
	if (mail->submitter || mail->local)
		td_tags_add(&mail->tags, name, value);
	else if (ours)
		mail->tags.nours++; /* removed unread */
}

bool td_mail_wants_sms(const struct td_mail *mail)
{
	return mail->ndirect > 0 || mail->wish.sms == TD_WISH_ONFILE || mail->wish.sms == TD_WISH_NUMBERS;
}

/* True if neither header nor category says what the text is. */
static bool text_from_body(const struct td_mail *mail)
{
	const struct td_conf_category *category = mail->grade.category;

	if (mail->wish.text.n || mail->wish.template.n)
		return false;
	return !category || !category->template;
}

bool td_mail_headers_end(struct td_mail *mail, int64_t now_ms)
{
	bool needed = mail->nrefused > 0 || mail->nsuppressed > 0 || mail->ndirect > 0 || mail->tags.nours > 0 ||
		mail->toobig;

	if (!mail->submitter || (!needed && mail->tags.naliases == 0))
		return needed;
	if (mail->tags.nours > TD_TAGS_MAX)
		return true;
	mail->wish_status = td_wish_read(&mail->tags, mail->conf, mail->submitter, now_ms, &mail->arena, &mail->wish,
		&mail->wish_err);
	mail->grade_status = td_wish_grade(&mail->wish, mail->submitter, &mail->arena, &mail->grade, &mail->grade_err);
	mail->wants_body = mail->grade_status == TD_OK && td_mail_wants_sms(mail) && text_from_body(mail);
	return needed || mail->wish.tagged;
}

bool td_mail_body(struct td_mail *mail, struct td_view chunk)
{
	size_t room = mail->body.cap - mail->body.n;

	if (!mail->wants_body)
		return false;
	if (chunk.n > room)
		chunk.n = room;
	td_buf_add(&mail->body, chunk);
	return td_buf_ok(&mail->body) && mail->body.n < mail->body.cap;
}
