/*
 * answer - what a stage of a mail tells the MTA, free of libmilter
 *
 * Owns: its text. Threads: pure. Errors: none.
 */
#ifndef TD_ANSWER_H
#define TD_ANSWER_H

#include "err.h"
#include "view.h"

enum td_answer_kind {
	TD_GO_ON,   /* continue; at the end of a mail: apply the edits and let it pass */
	TD_ACCEPT,  /* no further stage of this mail */
	TD_DISCARD, /* 250, and the mail goes nowhere */
	TD_REFUSE,  /* code 5xx */
	TD_DEFER    /* code 4xx */
};

#define TD_ANSWER_TEXT 400

struct td_answer {
	enum td_answer_kind kind;
	int                 code; /* REFUSE, DEFER */
	char                dsn[12];
	char                text[TD_ANSWER_TEXT]; /* printable ASCII */
	/* reason code (spec interfaces, Logs), static or in the mail's arena; NULL: a temporary failure of ours */
	const char         *reason;
};

struct td_answer td_answer_go(enum td_answer_kind kind);
/* REFUSE or DEFER by the first digit of code. text is made printable ASCII and cut. */
struct td_answer td_answer_say(int code, const char *dsn, const char *reason, struct td_view text);
/* By the one table of statuses, with err's own enhanced code where it has one. */
struct td_answer td_answer_err(const struct td_err *err, const char *reason);
/* What must not be shown to a client, because it names files and sockets of ours: 451 4.3.0 with a text of its own. */
struct td_answer td_answer_away(void);

/* The text as libmilter wants it, '%' doubled, into out of n bytes; returns out. */
const char *td_answer_escape(const char *text, char *out, size_t n);

#endif
