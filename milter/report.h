/*
 * report - the log lines of one mail: one for the mail, one for each recipient or SMS that does not go
 *
 * Postfix shape; numbers and addresses masked, texts of messages never. Threads: safe.
 */
#ifndef TD_REPORT_H
#define TD_REPORT_H

#include "answer.h"
#include "mail.h"
#include "plan.h"

/* A recipient refused or deferred at RCPT. queue_id may be empty: Postfix has none yet at the first recipient. */
void td_report_rcpt(const struct td_mail *mail, struct td_view queue_id, const char *raw,
	const struct td_answer *answer);
/* The end of a mail that was not an ordinary one. */
void td_report_mail(const struct td_mail *mail, struct td_view queue_id, const struct td_plan *plan);

#endif
