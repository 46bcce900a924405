/*
 * log - one line an event, in Postfix shape, to syslog, a file or stderr
 *
 * Owns: the process's log target. Threads: safe after td_log_open. Lifetime: td_log_open at start and on reload.
 * Lines are at most 2 kB, control characters and non-UTF-8 are replaced by '?', so that input cannot forge a line.
 * Numbers must be passed through td_log_mask unless log.full; texts of messages are never logged.
 */
#ifndef TD_LOG_H
#define TD_LOG_H

#include "err.h"
#include "view.h"

enum td_log_level { TD_LOG_DEBUG, TD_LOG_INFO, TD_LOG_WARNING, TD_LOG_ERROR };

/*
 * target: "syslog" (facility mail), "stderr", or "file:/path" (opened O_APPEND, so it may be shared with postlogd;
 * re-opened on every call of td_log_open). program is the tag, e.g. "tandem-smsd", and must stay valid.
 * full = true turns masking off. Errors: a file that cannot be opened → TD_REFUSED/TD_NOTFOUND, old target stays.
 */
enum td_status td_log_open(const char *program, const char *target, enum td_log_level level, bool full,
	struct td_err *err);
void td_log(enum td_log_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
#define td_debug(...) td_log(TD_LOG_DEBUG, __VA_ARGS__)
#define td_info(...) td_log(TD_LOG_INFO, __VA_ARGS__)
#define td_warning(...) td_log(TD_LOG_WARNING, "warning: " __VA_ARGS__)
#define td_error(...) td_log(TD_LOG_ERROR, "error: " __VA_ARGS__)

#define TD_MASK_SIZE 96
/* "+15551234567" → "+1555***4567" (unless log.full), e-mail local parts likewise "a***@example.com"; returns out. */
const char *td_log_mask(char out[TD_MASK_SIZE], struct td_view address);
/* The same, always masked, whatever log.full says: for SMTP replies and tests. */
const char *td_mask(char out[TD_MASK_SIZE], struct td_view address);

#endif
