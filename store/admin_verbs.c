/*
 * admin_verbs - the table of the operator's verbs
 */
#include "admin.h"

#define VERB(verb, fn)                                                                                                 \
	{                                                                                                                  \
		TD_V_##verb, &td_args_shape, &td_doc_shape, fn                                                                 \
	}

const struct td_verb_impl td_verbs_admin[] = {
	VERB(STATUS, td_admin_status),
	VERB(PERSON_SHOW, td_admin_person_show),
	VERB(PERSON_LINK, td_admin_person_link),
	VERB(PERSON_UNLINK, td_admin_person_unlink),
	VERB(PERSON_SET, td_admin_person_set),
	VERB(CONSENT_IN, td_admin_consent_in),
	VERB(CONSENT_OUT, td_admin_consent_out),
	VERB(CONSENT_SHOW, td_admin_consent_show),
	VERB(CONSENT_LOG, td_admin_consent_log),
	VERB(SUPPRESS_ADD, td_admin_suppress_add),
	VERB(SUPPRESS_REMOVE, td_admin_suppress_remove),
	VERB(SUPPRESS_LIST, td_admin_suppress_list),
	VERB(JOBS, td_admin_jobs),
	VERB(JOB_SHOW, td_admin_job_show),
	VERB(JOB_CANCEL, td_admin_job_cancel),
	VERB(JOB_RETRY, td_admin_job_retry),
	VERB(JOB_HOLD, td_admin_job_hold),
	VERB(WHY, td_admin_why),
	VERB(EXPLAIN, td_admin_explain),
	VERB(SEND, td_admin_send),
	VERB(CANCEL, td_admin_cancel),
	{ 0 },
};
