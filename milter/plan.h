/*
 * plan - from the store's answer to what is done with the mail: pure, and complete before the first edit
 *
 * Edits at the end of a mail are no transaction (facts: what was sent before a hang stays), so everything is asked and
 * decided first.
 */
#ifndef TD_PLAN_H
#define TD_PLAN_H

#include "answer.h"
#include "mail.h"
#include "proto.h"

struct td_plan {
	struct td_answer   answer; /* TD_GO_ON: apply what follows */
	const char       **drop;   /* recipients to delete, exactly as they came */
	size_t             ndrop;
	const char        *add;    /* the token recipient, or NULL */
	bool               strip;  /* remove our headers */
	bool               keep_keyword; /* but for X-Tandem-Keyword */
	/* What the headers td_unsubscribe_names are set to, in place of the application's; NULL: they stay as they are. */
	const char        *unsubscribe[2];
	/* For the log. */
	/* "prepared", "activated", "passed", "refused", "deferred", "discarded", "dry-run", "stripped", "self" */
	const char        *status;
	const char        *reason; /* reason code, or NULL */
	const char        *detail; /* in the arena; may be NULL */
	const struct td_prepare  *request; /* NULL when the store was not asked */
	const struct td_prepared *reply;   /* NULL when it did not answer */
	size_t             going;  /* SMS that go now or later */
	size_t             denied; /* recipients and SMS that do not */
};

/* Does this e-mail recipient get the mail? */
bool td_plan_keeps_email(const struct td_verdict *verdict);
/* Does this SMS go, now or later? In a dry run: would it? */
bool td_plan_sends_sms(const struct td_prepared_dest *dest, bool dry_run);

/*
 * What becomes of a mail that was decided. reply must have an answer for everything in request (td_plan_fits). TD_NOMEM
 * shows as a DEFER.
 */
void td_plan_make(struct td_mail *mail, const struct td_prepare *request, const struct td_prepared *reply,
	struct td_plan *out);
/* The plan of a mail that is let through: but for suppressed recipients, and without our headers. */
void td_plan_pass(struct td_mail *mail, const char *status, const char *reason, struct td_plan *out);
/* False when the answer does not belong to the request. */
bool td_plan_fits(const struct td_prepare *request, const struct td_prepared *reply);

#endif
