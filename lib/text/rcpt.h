/*
 * rcpt - what a recipient address under the SMS domain means
 *
 * Sources: spec mail, "Addresses under the SMS domain"; RFC 5321 §4.1.2 for quoting. Threads: pure.
 */
#ifndef TD_RCPT_H
#define TD_RCPT_H

#include "arena.h"
#include "conf.h"
#include "number.h"

enum td_rcpt_kind {
	TD_RCPT_ORDINARY, /* in another domain: Postfix's business */
	TD_RCPT_TOKEN,    /* in the token domain */
	TD_RCPT_NUMBER,   /* a number, literally or by alias */
	TD_RCPT_ONFILE    /* user=example.com: the number on file for an e-mail address */
};

struct td_rcpt {
	enum td_rcpt_kind kind;
	struct td_view    plain; /* ana@example.com: without angle brackets and quoting */
	struct td_number  number; /* NUMBER */
	struct td_view    email;  /* ONFILE: ana@example.com */
};

/*
 * Reads an address as it stands in RCPT, with or without angle brackets. TD_BADINPUT 5.1.3 for one in the SMS domain
 * that is nothing of the above: `"123": not a phone number (want +COUNTRY NUMBER)`; TD_NOMEM. Countries are not checked
 * here (td_number_allowed).
 */
enum td_status td_rcpt_read(const struct td_conf *conf, struct td_view address, struct td_arena *arena,
	struct td_rcpt *out,
	struct td_err *err);

/* Only `plain`: for senders. TD_NOMEM shows as p == NULL; the null sender is the empty view. */
struct td_view td_rcpt_plain(struct td_view address, struct td_arena *arena);

#endif
