/*
 * err - filling a caller's error text
 */
#include "err.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "view.h"

/* Room for what is formatted before it is cleaned: cleaning never makes it longer. */
#define RAW_SIZE 1024

static void set_text(struct td_err *err, const char *raw)
{
	td_view_clean(err->text, sizeof(err->text), td_view_str(raw));
}

static enum td_status set(struct td_err *err, enum td_status status, const char *dsn, const char *fmt, va_list args)
{
	char raw[RAW_SIZE];

	if (!err)
		return status;
	vsnprintf(raw, sizeof(raw), fmt, args);
	err->status = status;
	td_view_clean(err->dsn, sizeof(err->dsn), td_view_str(dsn));
	set_text(err, raw);
	return status;
}

enum td_status td_err_set(struct td_err *err, enum td_status status, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	set(err, status, "", fmt, args);
	va_end(args);
	return status;
}

enum td_status td_err_dsn(struct td_err *err, enum td_status status, const char *dsn, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	set(err, status, dsn, fmt, args);
	va_end(args);
	return status;
}

enum td_status td_err_prefix(struct td_err *err, const char *fmt, ...)
{
	char raw[RAW_SIZE];
	va_list args;
	size_t n;

	if (!err)
		return TD_PERMFAIL;
	va_start(args, fmt);
	vsnprintf(raw, sizeof(raw), fmt, args);
	va_end(args);
	n = strlen(raw);
	snprintf(raw + n, sizeof(raw) - n, ": %s", err->text);
	set_text(err, raw);
	return err->status;
}

enum td_status td_err_errno(struct td_err *err, int no, const char *fmt, ...)
{
	enum td_status status = no == ENOENT ? TD_NOTFOUND : no == EACCES || no == EPERM ? TD_REFUSED : TD_TEMPFAIL;
	char raw[RAW_SIZE], reason[128];
	va_list args;
	size_t n;

	if (!err)
		return status;
	va_start(args, fmt);
	vsnprintf(raw, sizeof(raw), fmt, args);
	va_end(args);
	n = strlen(raw);
	snprintf(raw + n, sizeof(raw) - n, ": %s", strerror_r(no, reason, sizeof(reason)));
	err->status = status;
	err->dsn[0] = '\0';
	set_text(err, raw);
	return status;
}

void td_err_clear(struct td_err *err)
{
	err->status = TD_OK;
	err->dsn[0] = '\0';
	err->text[0] = '\0';
}

const char *td_err_code(const struct td_err *err)
{
	return err->dsn[0] ? err->dsn : td_status_map(err->status)->dsn;
}
