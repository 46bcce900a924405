/*
 * lmtp_command - the grammar of LMTP command lines: verbs, paths, parameters, XFORWARD
 *
 * Sources: RFC 2033, RFC 5321 §4.1, RFC 1870 (SIZE), 6152 (BODY), 6531 (SMTPUTF8), 3461 (RET, ENVID, NOTIFY, ORCPT),
 * Postfix's XFORWARD_README. Threads: pure. Owns: nothing; views point into the line or the arena. Errors: a function
 * that reads an argument returns NULL, or the whole reply to a bad one, "501 5.5.4 …".
 */
#ifndef TD_LMTP_COMMAND_H
#define TD_LMTP_COMMAND_H

#include "arena.h"

enum lmtp_verb {
	LMTP_UNKNOWN, /* no command we have heard of */
	LMTP_ABSENT,  /* one of SMTP's that is not served here */
	LMTP_LHLO,
	LMTP_MAIL,
	LMTP_RCPT,
	LMTP_DATA,
	LMTP_RSET,
	LMTP_NOOP,
	LMTP_VRFY,
	LMTP_QUIT,
	LMTP_XFORWARD
};

/* Takes the verb off a line (without its end); *args is what follows it, trimmed. */
enum lmtp_verb lmtp_verb(struct td_view line, struct td_view *args);

struct lmtp_mail { /* of MAIL FROM */
	struct td_view sender; /* without angle brackets; empty: the null sender */
	int64_t        size;   /* of SIZE, 0 = not said */
	struct td_view envid;  /* decoded */
};
const char *lmtp_read_mail(struct td_view args, struct td_arena *arena, struct lmtp_mail *out);

struct lmtp_to { /* of RCPT TO */
	struct td_view address; /* without angle brackets and source route */
	struct td_view notify;  /* the value of NOTIFY */
};
const char *lmtp_read_rcpt(struct td_view args, struct lmtp_to *out);

struct lmtp_client { /* who gave the mail to Postfix; empty where it does not say */
	struct td_view address; /* without "IPV6:" */
	struct td_view queue_id;
};
/* What is not named stays as it was. */
const char *lmtp_read_xforward(struct td_view args, struct td_arena *arena, struct lmtp_client *io);

#endif
