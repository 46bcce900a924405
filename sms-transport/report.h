/*
 * report - the mail that tells a sender what became of an SMS (RFC 3464)
 *
 * A report is claimed like an SMS, so it survives crashes; it is mailed through sendmail(1) with a single-use
 * X-Tandem-Self token that the store gives and the milter checks. Its Message-ID is made of the job and the kind of
 * report: a repeat after a crash is recognised as such.
 */
#ifndef TD_REPORT_H
#define TD_REPORT_H

#include "buf.h"
#include "conf.h"
#include "proto.h"

struct smsd;

enum report_kind { REPORT_FAILED = 1, REPORT_RELAYED, REPORT_DELIVERED }; /* td_job.report */

/*
 * Writes the whole mail, lines ending in LF as sendmail(1) wants them. self: the token. The text of the SMS is not
 * repeated. Nothing in the job can add a header: control characters become spaces. A failure shows in out.
 */
void report_write(const struct td_conf *conf, const struct td_job *job, struct td_view self, int64_t now_ms,
	struct td_buf *out);
/* Tries those again that sendmail did not take. */
void report_tick(struct smsd *smsd);

#endif
