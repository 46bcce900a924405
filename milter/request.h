/*
 * request - the one question about a whole mail: who is to get it, and which SMS go with it
 *
 * Owns: nothing; the request is in the mail's arena. Threads: one mail's at a time.
 */
#ifndef TD_REQUEST_H
#define TD_REQUEST_H

#include "mail.h"
#include "proto.h"

/*
 * Fills *out from the mail. with_sms = false leaves the SMS out (a header was ignored). Each address is asked for once,
 * however often it came; rcpt->asked says where a recipient stands in the answer. TD_NOMEM, or what decoding the
 * subject said.
 */
enum td_status td_request_build(struct td_mail *mail, bool with_sms, struct td_view queue_id, struct td_prepare *out,
	struct td_err *err);

#endif
