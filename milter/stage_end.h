/*
 * stage_end - the end of a mail: everything that is asked and decided before the first edit
 *
 * Order: what RCPT could not say (sendmail(1)); our own mail (X-Tandem-Self); headers of nobody's; malformed headers;
 * the text, where the request alone decides it; ONE question to the store; the text, where it needs the person; then
 * the plan.
 *
 * Threads: one mail's at a time.
 */
#ifndef TD_STAGE_END_H
#define TD_STAGE_END_H

#include "asker.h"
#include "mail.h"
#include "plan.h"

/* queue_id may be empty. The plan points into the mail and into the asker's answer. */
void td_stage_end(struct td_mail *mail, struct td_asker *asker, struct td_view queue_id, struct td_plan *plan);

#endif
