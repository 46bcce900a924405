/*
 * prepare - one mail under way through td_prepare_mail (job.h): what its parts share
 *
 * prepare.c has the SMS and the rows that are written, prepare_emails.c the mail itself. Owns: nothing; all is in the
 * op's arena. Threads: the loop's. Lifetime: one run of the op.
 */
#ifndef TD_PREPARE_H
#define TD_PREPARE_H

#include "caps.h"
#include "crypto.h"
#include "job.h"

struct td_target { /* one SMS */
	const struct td_dest    *in;
	struct td_prepared_dest *out;
	struct td_view           email; /* keyed; may be empty */
	struct td_rows           linked; /* of email, when its number on file is wanted */
	struct td_rows           attrs;  /* of email */
	struct td_gather         g;
	bool                     made;
};

struct td_prep {
	const struct td_prepare *in;
	struct td_prepared      *out;
	struct td_view           provider;
	struct td_view           mail, content, key, alt_key;
	unsigned char            digest[TD_SHA256_SIZE];
	enum td_class            cls;
	int64_t                  due, expires;
	struct td_target        *targets;
	size_t                   ntargets, nmade;
	bool                     goes_on; /* for anybody, mail or SMS */
	bool                     comes_back; /* the mail is deferred, and its SMS are asked for anew with it */
	struct td_gather        *emails;
	struct td_view           note;    /* which notification it is (caps.h) */
	struct td_counted       *counted; /* mails of it */
};

/* TD_CONFLICT 5.7.0: the explicit key was used for other content. */
enum td_status td_prep_conflict(struct td_op *op, const struct td_prep *p);

/* Queues what must be known of every e-mail recipient. */
enum td_status td_prep_emails_ask(struct td_store *store, struct td_op *op, struct td_prep *p);
/*
 * Decides each of them, counts those whose mail goes, records those who are stopped, and mints the token for
 * List-Unsubscribe. Sets p->comes_back. TD_CONFLICT.
 */
enum td_status td_prep_emails_decide(struct td_store *store, struct td_op *op, struct td_prep *p);
/* Does this recipient get the mail? */
bool td_prep_mail_goes(const struct td_decision *decision);

#endif
