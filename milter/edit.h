/*
 * edit - applies a plan to the mail: deletions, our headers, then the one addition
 */
#ifndef TD_EDIT_H
#define TD_EDIT_H

#include <libmilter/mfapi.h>

#include "mail.h"
#include "plan.h"

/*
 * In the order that costs Postfix least: each deletion scans the envelope anew, an addition makes it longer. False when
 * the MTA did not take an edit: the mail must then be deferred. What libmilter returns means "written", not "applied"
 * (facts/postfix).
 */
bool td_edit_apply(SMFICTX *ctx, const struct td_mail *mail, const struct td_plan *plan);

#endif
