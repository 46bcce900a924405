/*
 * lmtp_session - one connection of Postfix: commands, the transaction, its answers
 *
 * lmtp_session.c reads and answers commands, lmtp_deliver.c asks the store about what was taken. A session is not read
 * while the store is being asked, nor while the peer does not take its answers. What a session may hold: one line, one
 * transaction of RCPT_MAX recipients, and of a mail without token the beginning.
 *
 * Owns: the connection, the transaction. Threads: the loop's. Lifetime: until the connection has ended and no question
 * to the store is open.
 */
#ifndef TD_LMTP_SESSION_H
#define TD_LMTP_SESSION_H

#include <event2/bufferevent.h>
#include <sys/queue.h>

#include "lmtp.h"
#include "lmtp_command.h"
#include "lmtp_data.h"

#define LMTP_LINE 2048                /* of a command: RFC 5321 §4.5.3.1.4 and its extensions */
#define LMTP_RCPT_MAX 1000            /* of one transaction */
#define LMTP_SESSIONS 512
#define LMTP_REPLY 512                /* bytes of a reply, RFC 5321 §4.5.3.1.5 */
#define LMTP_MAIL_MAX (25u << 20)     /* of a mail without token */
#define LMTP_MAIL_KEPT (6u << 20)     /* its beginning: the text stands before the attachments */
#define LMTP_KEPT_MAX (128u << 20)    /* in all sessions together */

struct lmtp_session;

struct lmtp_rcpt {
	struct lmtp_session *session;
	struct td_view       address; /* in the session's arena, like all views here */
	struct td_view       token;   /* p == NULL: a mail without token */
	struct td_view       notify;
	char                 reply[LMTP_REPLY]; /* without line end; "" while it is not known */
	STAILQ_ENTRY(lmtp_rcpt) link;
};
STAILQ_HEAD(lmtp_rcpts, lmtp_rcpt);

struct lmtp {
	struct smsd                *smsd;
	int                         fd; /* -1: not any more */
	struct event               *event;
	char                       *path; /* of a Unix socket; NULL: TCP */
	uint64_t                    dev, ino;
	bool                        paused;
	bool                        draining;
	LIST_HEAD(, lmtp_session)   sessions;
	size_t                      n;
	size_t                      kept; /* bytes of mail in all sessions */
};

struct lmtp_session {
	struct lmtp        *lmtp;
	struct bufferevent *bev; /* NULL: the connection has ended */
	struct td_arena     arena; /* of the transaction */
	bool                greeted; /* LHLO */
	bool                skipping; /* the rest of a line that is too long */
	bool                working; /* within process(), which is not called again from there */
	bool                closing; /* nothing is read any more; ends when its answers are taken */
	unsigned            errors;
	struct lmtp_client  client;
	bool                in_mail; /* after MAIL */
	bool                in_data; /* after DATA */
	struct lmtp_mail    mail;
	struct lmtp_rcpts   rcpts;
	size_t              nrcpts, nunprepared;
	struct lmtp_data    data;
	struct td_buf       text;
	size_t              counted; /* of lmtp->kept */
	size_t              asking; /* questions to the store that are open */
	LIST_ENTRY(lmtp_session) link;
};

/* Takes over a connected, non-blocking descriptor. */
void lmtp_session_new(struct lmtp *lmtp, int fd);
/* Says 421 4.3.2 and ends, at once or when the store has answered. */
void lmtp_session_drain(struct lmtp_session *session);
/* Ends the connection now; the session lives on while the store is being asked. */
void lmtp_session_end(struct lmtp_session *session);
void lmtp_session_free(struct lmtp_session *session);
/* All recipients of the transaction have their reply: they are sent, and the session is read again. */
void lmtp_session_answer(struct lmtp_session *session);

/* ---- lmtp_deliver.c ---- */

/* Reads a recipient. NULL, or the reply that refuses it. */
const char *lmtp_deliver_check(struct lmtp_session *session, struct lmtp_rcpt *rcpt, char reply[LMTP_REPLY]);
/* The mail is whole: asks the store about each recipient. Calls lmtp_session_answer, perhaps at once. */
void lmtp_deliver(struct lmtp_session *session);

#endif
