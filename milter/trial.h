/*
 * trial - would the text of each SMS do? Rendered here once so that the SMTP client hears 5.6.0 and 5.2.3; tandem-smsd
 * renders the same again
 *
 * Threads: one mail's at a time.
 */
#ifndef TD_TRIAL_H
#define TD_TRIAL_H

#include "mail.h"
#include "proto.h"

/*
 * True if the text may differ from person to person, so that it can be tried only when the store has told their
 * attributes.
 */
bool td_trial_needs_persons(const struct td_prepare *request);
/* Puts the text of the body, where it is wanted, into the request. TD_BADINPUT, TD_NOMEM. */
enum td_status td_trial_body(struct td_mail *mail, struct td_prepare *request, struct td_err *err);
/* Renders with the attributes of one person (NULL: none). Errors as td_sms_render. */
enum td_status td_trial_render(struct td_mail *mail, const struct td_prepare *request, const struct td_structs *attrs,
	struct td_err *err);
/* For every SMS of the answer that would go. */
enum td_status td_trial_all(struct td_mail *mail, const struct td_prepare *request, const struct td_prepared *reply,
	struct td_err *err);

#endif
