/*
 * err - a caller-owned error text with its status
 *
 * Owns: itself, no heap. Threads: one writer. Lifetime: the caller's. Text is printable UTF-8, cut at the size, control
 * characters replaced by '?', so that it can go into a log line or an SMTP reply. Libraries fill it and never log.
 */
#ifndef TD_ERR_H
#define TD_ERR_H

#include <stdarg.h>

#include "status.h"

struct td_err {
	enum td_status status;
	char           dsn[12];   /* RFC 3463 code, "" = the default of status */
	char           text[492]; /* what: why (way out) */
};

/* Fills err (NULL allowed: then only returns) and returns status, so that `return td_err_set(…)` reads well. */
enum td_status td_err_set(struct td_err *err, enum td_status status, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* The same with an enhanced status code of its own, e.g. "5.7.1". */
enum td_status td_err_dsn(struct td_err *err, enum td_status status, const char *dsn, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* Puts "fmt…: " before the text that is there; status and dsn stay. Returns err->status; for NULL, TD_PERMFAIL. */
enum td_status td_err_prefix(struct td_err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* As td_err_set with the text of errno value no appended. ENOENT → NOTFOUND, EACCES/EPERM → REFUSED, else TEMPFAIL. */
enum td_status td_err_errno(struct td_err *err, int no, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void td_err_clear(struct td_err *err);
/* The enhanced status to report: err->dsn, else the default of its status. */
const char *td_err_code(const struct td_err *err);

#endif
