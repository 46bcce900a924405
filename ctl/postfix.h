/*
 * postfix - what the parts of `tandem postfix` share: the plan of changes, and how it is made and taken back
 *
 * Threads: one. Owns: nothing; a plan lives in the arena of the call.
 */
#ifndef CTL_POSTFIX_H
#define CTL_POSTFIX_H

#include "ctl.h"
#include "postconf.h"

#define POSTFIX_CHANGES 64
#define POSTFIX_SERVICE "sms/unix"           /* pipe(8) to tandem-pipe */
#define POSTFIX_LMTP_SERVICE "sms-lmtp/unix" /* lmtp(8) into tandem-smsd */

enum postfix_kind {
	POSTFIX_PARAMETER, /* of main.cf: postconf -e */
	POSTFIX_SERVICE_LINE, /* of master.cf: postconf -M */
	POSTFIX_OVERRIDE, /* -o of a service: postconf -P */
};

struct postfix_change {
	enum postfix_kind kind;
	const char *name; /* "smtpd_milters", "sms/unix", "submission/inet/smtpd_milters" */
	const char *set;  /* what it should be, as it is written; NULL: is right already */
	const char *why;  /* for people; NULL: as the one before */
};

struct postfix_plan {
	struct ctl_call      *call;
	struct ctl_postconf   pc;
	bool                  fail_open;
	bool                  lmtp;
	const char           *milter; /* the socket, as smtpd and cleanup see it */
	const char           *entry;  /* of smtpd_milters */
	struct postfix_change v[POSTFIX_CHANGES];
	size_t                n;
	size_t                open; /* changes that are to be made */
};

/* Finds Postfix; --config-dir, --fail-open, --lmtp and --pipe of the call are heeded. TD_NOTFOUND: not installed. */
enum td_status postfix_plan_open(struct postfix_plan *plan, struct ctl_call *call);
/*
 * Reads its configuration and says what has to be changed. TD_CONFLICT when the name of our service is somebody else's.
 */
enum td_status postfix_plan_make(struct postfix_plan *plan);
/* The words for postconf that make a change: "-e" and so on into argv[0], "name=value" into argv[1]. */
bool postfix_plan_words(const struct postfix_plan *plan, const struct postfix_change *change, const char *argv[3]);

/* True if this value of smtpd_milters names our milter: its socket with or without the queue directory before it. */
bool postfix_names_milter(const struct postfix_plan *plan, struct td_view value);

/* --apply: keeps what was, changes, has Postfix check it, and reloads it if it runs. Exit status. */
int postfix_apply(struct postfix_plan *plan);
/* --undo: Exit status. */
int postfix_undo(struct postfix_plan *plan);

#endif
