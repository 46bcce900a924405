/*
 * stage_rcpt - may this recipient stand? Everything that is certain at RCPT is said at RCPT
 *
 * Threads: one mail's at a time.
 */
#ifndef TD_STAGE_RCPT_H
#define TD_STAGE_RCPT_H

#include "answer.h"
#include "asker.h"
#include "mail.h"

/*
 * raw and args as in RCPT. TD_GO_ON: the recipient is kept in the mail. REFUSE or DEFER: it is not, but in sendmail(1)
 * submission, where Postfix would try the mail for ever: there it is kept as refused, and the end of the mail says so.
 */
struct td_answer td_stage_rcpt(struct td_mail *mail, struct td_asker *asker, const char *raw, char *const *args);

#endif
