/*
 * lmtp_session - one connection of Postfix: commands, the transaction, its answers
 */
#include "lmtp_session.h"

#include <event2/buffer.h>
#include <stdarg.h>
#include <stdlib.h>

#define ARENA (4u << 20)
#define INPUT (64u << 10)  /* bytes read ahead */
#define UNSENT (64u << 10) /* of answers: with more of them nothing is read */
#define ERRORS_MAX 10
#define IDLE_SECONDS 300

static void process(struct lmtp_session *s);

static void say(struct lmtp_session *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void say(struct lmtp_session *s, const char *fmt, ...)
{
	struct evbuffer *out = bufferevent_get_output(s->bev);
	va_list ap;

	va_start(ap, fmt);
	evbuffer_add_vprintf(out, fmt, ap);
	va_end(ap);
	evbuffer_add(out, "\r\n", 2);
}

/* Nothing more is read; the connection ends when the answers are taken. */
static void close_soon(struct lmtp_session *s)
{
	s->closing = true;
	bufferevent_disable(s->bev, EV_READ);
}

/* An answer to something a mail system does not do. */
static void complain(struct lmtp_session *s, const char *reply)
{
	if (++s->errors < ERRORS_MAX) {
		say(s, "%s", reply);
		return;
	}
	say(s, "421 4.7.0 too many errors");
	td_warning("lmtp: a peer is sent away after %u errors: %s", s->errors, reply);
	close_soon(s);
}

static void drop_text(struct lmtp_session *s)
{
	s->lmtp->kept -= s->counted;
	s->counted = 0;
	td_buf_free(&s->text);
	td_buf_init(&s->text, LMTP_MAIL_KEPT);
}

/* Ends the transaction, and what XFORWARD said of it. */
static void reset(struct lmtp_session *s)
{
	drop_text(s);
	s->in_mail = s->in_data = false;
	STAILQ_INIT(&s->rcpts);
	s->nrcpts = s->nunprepared = 0;
	s->client = (struct lmtp_client){ .address = { NULL, 0 } };
	s->data = (struct lmtp_data){ .total = 0 };
	td_arena_reset(&s->arena);
}

/* ---- commands ---- */

static void do_lhlo(struct lmtp_session *s, struct td_view args)
{
	const char *domain = s->lmtp->smsd->conf->sms_domain;

	if (!args.n) {
		complain(s, "501 5.5.4 syntax: LHLO hostname");
		return;
	}
	reset(s);
	s->greeted = true;
	/* SIZE has no limit here: what a token's mail weighs is nothing to us. */
	say(s, "250-%s\r\n250-PIPELINING\r\n250-SIZE\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-DSN\r\n"
		"250-ENHANCEDSTATUSCODES\r\n250 XFORWARD NAME ADDR PORT PROTO HELO IDENT SOURCE",
		domain ? domain : "tandem-smsd");
}

static void do_xforward(struct lmtp_session *s, struct td_view args)
{
	const char *trouble = s->in_mail ? "503 5.5.1 XFORWARD within a mail transaction"
		: lmtp_read_xforward(args, &s->arena, &s->client);

	if (trouble)
		complain(s, trouble);
	else
		say(s, "250 2.0.0 ok");
}

static void do_mail(struct lmtp_session *s, struct td_view args)
{
	struct td_view kept = td_arena_dup(&s->arena, args);
	const char *trouble = !s->greeted ? "503 5.5.1 LHLO first"
		: s->in_mail ? "503 5.5.1 nested MAIL command"
		: !kept.p ? "452 4.3.1 out of memory" : lmtp_read_mail(kept, &s->arena, &s->mail);

	if (trouble) {
		complain(s, trouble);
		return;
	}
	s->in_mail = true;
	say(s, "250 2.1.0 ok");
}

static void do_rcpt(struct lmtp_session *s, struct td_view args)
{
	struct td_view kept = td_arena_dup(&s->arena, args);
	struct lmtp_rcpt *rcpt = kept.p ? TD_NEW(&s->arena, struct lmtp_rcpt) : NULL;
	struct lmtp_to to = { .address = { NULL, 0 } };
	const char *trouble = !s->in_mail ? "503 5.5.1 MAIL first" : rcpt ? lmtp_read_rcpt(kept, &to) : NULL;
	char reply[LMTP_REPLY];

	if (trouble) {
		complain(s, trouble);
		return;
	}
	if (!rcpt || s->nrcpts >= LMTP_RCPT_MAX) {
		say(s, "452 4.5.3 too many recipients");
		return;
	}
	*rcpt = (struct lmtp_rcpt){ .session = s, .address = to.address, .notify = to.notify };
	trouble = lmtp_deliver_check(s, rcpt, reply);
	if (trouble) {
		say(s, "%s", trouble);
		return;
	}
	STAILQ_INSERT_TAIL(&s->rcpts, rcpt, link);
	s->nrcpts++;
	s->nunprepared += !rcpt->token.p;
	say(s, "250 2.1.5 ok");
}

static void do_data(struct lmtp_session *s, struct td_view args)
{
	if (args.n) {
		complain(s, "501 5.5.4 syntax: DATA");
	} else if (!s->nrcpts) {
		complain(s, s->in_mail ? "503 5.5.1 no valid recipients" : "503 5.5.1 MAIL first");
	} else {
		s->in_data = true;
		say(s, "354 end data with <CR><LF>.<CR><LF>");
	}
}

static void command(struct lmtp_session *s, struct td_view line)
{
	struct td_view args;

	switch (lmtp_verb(line, &args)) {
	case LMTP_LHLO:
		do_lhlo(s, args);
		break;
	case LMTP_MAIL:
		do_mail(s, args);
		break;
	case LMTP_RCPT:
		do_rcpt(s, args);
		break;
	case LMTP_DATA:
		do_data(s, args);
		break;
	case LMTP_XFORWARD:
		do_xforward(s, args);
		break;
	case LMTP_RSET:
		reset(s);
		say(s, "250 2.0.0 ok");
		break;
	case LMTP_NOOP:
		say(s, "250 2.0.0 ok");
		break;
	case LMTP_VRFY:
		say(s, "252 2.0.0 try RCPT");
		break;
	case LMTP_QUIT:
		say(s, "221 2.0.0 bye");
		close_soon(s);
		break;
	case LMTP_ABSENT:
		complain(s, "502 5.5.1 not served: this is LMTP");
		break;
	default:
		complain(s, "500 5.5.2 unknown command");
	}
}

/* ---- reading ---- */

/* False when more must come first. */
static bool read_command(struct lmtp_session *s)
{
	struct evbuffer *in = bufferevent_get_input(s->bev);
	struct evbuffer_ptr end = evbuffer_search(in, "\n", 1, NULL);
	size_t n = end.pos >= 0 ? (size_t)end.pos + 1 : evbuffer_get_length(in);
	char line[LMTP_LINE];

	if (end.pos < 0) {
		if (n > sizeof(line)) {
			s->skipping = true;
			evbuffer_drain(in, n);
		}
		return false;
	}
	if (s->skipping || n > sizeof(line)) {
		s->skipping = false;
		evbuffer_drain(in, n);
		complain(s, "500 5.5.2 line too long");
		return true;
	}
	evbuffer_remove(in, line, n);
	n--;
	if (n && line[n - 1] == '\r')
		n--;
	command(s, td_view_mem(line, n));
	return true;
}

/* The memory for mail without token is shared by all: who comes last is asked to come again. */
static void count_text(struct lmtp_session *s)
{
	s->lmtp->kept += s->text.n - s->counted;
	s->counted = s->text.n;
	if (s->lmtp->kept > LMTP_KEPT_MAX) {
		drop_text(s);
		s->text.bad = true;
	}
}

static bool read_data(struct lmtp_session *s)
{
	struct evbuffer *in = bufferevent_get_input(s->bev);
	size_t n = evbuffer_get_contiguous_space(in);
	const char *bytes = n ? (const char *)evbuffer_pullup(in, (ev_ssize_t)n) : NULL;
	bool ended;

	if (!bytes)
		return false;
	n = lmtp_data_feed(&s->data, td_view_mem(bytes, n), s->nunprepared ? &s->text : NULL, LMTP_MAIL_KEPT, &ended);
	evbuffer_drain(in, n);
	count_text(s);
	if (ended) {
		s->in_data = false;
		bufferevent_disable(s->bev, EV_READ);
		lmtp_deliver(s);
	}
	return true;
}

/* Works on what has been read, as far as it goes. */
static void process(struct lmtp_session *s)
{
	if (s->working)
		return;
	s->working = true;
	while (!s->closing && !s->asking) {
		if (evbuffer_get_length(bufferevent_get_output(s->bev)) > UNSENT) {
			bufferevent_disable(s->bev, EV_READ);
			break;
		}
		if (!(s->in_data ? read_data(s) : read_command(s)))
			break;
	}
	s->working = false;
}

void lmtp_session_answer(struct lmtp_session *s)
{
	const struct lmtp_rcpt *rcpt;

	if (!s->bev) {
		lmtp_session_free(s);
		return;
	}
	STAILQ_FOREACH(rcpt, &s->rcpts, link)
		say(s, "%s", rcpt->reply[0] ? rcpt->reply : "451 4.3.0 no answer");
	reset(s);
	s->errors = 0;
	if (s->lmtp->draining) {
		lmtp_session_drain(s);
		return;
	}
	bufferevent_enable(s->bev, EV_READ);
	process(s);
}

/* ---- the connection ---- */

static void on_read(struct bufferevent *bev, void *arg)
{
	(void)bev;
	process(arg);
}

/* All answers are taken. */
static void on_written(struct bufferevent *bev, void *arg)
{
	struct lmtp_session *s = arg;

	if (s->closing) {
		lmtp_session_end(s);
	} else if (!s->asking) {
		bufferevent_enable(bev, EV_READ);
		process(s);
	}
}

static void on_event(struct bufferevent *bev, short what, void *arg)
{
	struct lmtp_session *s = arg;

	(void)bev;
	if ((what & BEV_EVENT_TIMEOUT) && (what & BEV_EVENT_READING) && !s->closing) {
		say(s, "421 4.4.2 nothing was heard for %d s", IDLE_SECONDS);
		close_soon(s);
	} else {
		lmtp_session_end(s);
	}
}

void lmtp_session_new(struct lmtp *lmtp, int fd)
{
	struct lmtp_session *s = calloc(1, sizeof(*s));
	const struct timeval idle = { .tv_sec = IDLE_SECONDS };

	if (s)
		s->bev = bufferevent_socket_new(lmtp->smsd->base, fd, BEV_OPT_CLOSE_ON_FREE);
	if (!s || !s->bev) {
		free(s);
		evutil_closesocket(fd);
		return;
	}
	s->lmtp = lmtp;
	STAILQ_INIT(&s->rcpts);
	td_arena_init(&s->arena, ARENA);
	td_buf_init(&s->text, LMTP_MAIL_KEPT);
	LIST_INSERT_HEAD(&lmtp->sessions, s, link);
	lmtp->n++;
	bufferevent_setcb(s->bev, on_read, on_written, on_event, s);
	bufferevent_setwatermark(s->bev, EV_READ, 0, INPUT);
	bufferevent_set_timeouts(s->bev, &idle, &idle);
	bufferevent_enable(s->bev, EV_READ | EV_WRITE);
	say(s, "220 %s LMTP Tandem", lmtp->smsd->conf->sms_domain ? lmtp->smsd->conf->sms_domain : "tandem-smsd");
	if (lmtp->n > LMTP_SESSIONS) {
		say(s, "421 4.3.2 too many connections");
		close_soon(s);
	}
}

void lmtp_session_drain(struct lmtp_session *s)
{
	if (!s->bev || s->asking || s->closing)
		return;
	say(s, "421 4.3.2 tandem-smsd is stopping");
	close_soon(s);
}

void lmtp_session_end(struct lmtp_session *s)
{
	if (s->bev)
		bufferevent_free(s->bev);
	s->bev = NULL;
	if (!s->asking)
		lmtp_session_free(s);
}

void lmtp_session_free(struct lmtp_session *s)
{
	struct smsd *smsd = s->lmtp->smsd;

	if (s->bev)
		bufferevent_free(s->bev);
	drop_text(s);
	td_arena_free(&s->arena);
	LIST_REMOVE(s, link);
	s->lmtp->n--;
	free(s);
	if (smsd->draining)
		smsd_flush_soon(smsd);
}
