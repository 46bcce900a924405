/*
 * job - making, activating, moving and ending jobs; shared by the verbs
 */
#ifndef TD_JOB_H
#define TD_JOB_H

#include "facts.h"

/*
 * Column rank of a job that waits to be claimed: NULL when nobody is to claim it, else the order in which claimers get it. A job is claimable
 * when rank is not NULL and due has come; HELD and READY jobs, reports to write, and SUBMITTING jobs whose sender died are all found by it.
 */
int64_t td_job_rank(enum td_class cls);
#define TD_RANK_REPORT 55

/*
 * One whole mail (TD_V_PREPARE, TD_V_SUBMIT, `tandem send`, confirmations): resolves, records, decides, makes the mail and its jobs, activates them when asked.
 * key_explicit: prepare->key was given by the submitter, so that other content under it is a conflict (5.7.0).
 */
enum td_status td_prepare_mail(struct td_store *store, struct td_op *op, const struct td_prepare *prepare, struct td_prepared *out);
/* As td_prepare_mail for one text of Tandem's own (class compliance): template name, to and from in E.164, the provider demanded. */
enum td_status td_prepare_own(struct td_store *store, struct td_op *op, struct td_view template, struct td_view locale,
	struct td_view to, struct td_view from, struct td_view provider, struct td_view *job);
/* Activates all PREPARED jobs of a mail (keys, READY or HELD). */
enum td_status td_activate_mail(struct td_store *store, struct td_op *op, struct td_view mail, struct td_activated *out);
/* Cancels the READY and HELD jobs under a key (all addresses); how many. */
enum td_status td_cancel_key(struct td_store *store, struct td_op *op, struct td_view key, struct td_view reason, int64_t *n);
/* Cancels one job that has not been handed over. TD_REFUSED with its state otherwise, TD_NOTFOUND. */
enum td_status td_job_cancel(struct td_store *store, struct td_op *op, struct td_view id, struct td_view reason);
/* Back to READY, due now: from FAILED, UNKNOWN, CANCELLED, HELD. TD_REFUSED otherwise. */
enum td_status td_job_retry(struct td_store *store, struct td_op *op, struct td_view id);
/* HELD until; from READY and HELD. */
enum td_status td_job_hold(struct td_store *store, struct td_op *op, struct td_view id, int64_t until_ms);

#endif
