/*
 * status - the one result enum, with the semantics of mail
 *
 * Every fallible function returns enum td_status and, on anything but TD_OK, fills the caller's struct td_err
 * (err.h). One table (status.c) maps a status to SMTP reply, enhanced status (RFC 3463), sysexits code for pipe(8),
 * exit code of the operator's command and HTTP status; nobody maps by hand.
 *
 * Owns: nothing. Threads: all functions are pure. Errors: none.
 */
#ifndef TD_STATUS_H
#define TD_STATUS_H

enum td_status {
	TD_OK = 0,
	TD_TEMPFAIL,  /* try again later; nothing was done */
	TD_PERMFAIL,  /* will never work as asked, no better word below */
	TD_UNCERTAIN, /* may or may not have been done: commit or peer answer lost */
	TD_BADINPUT,  /* the input is malformed: name the header, file and line, or number */
	TD_TOOBIG,    /* over a stated limit */
	TD_REFUSED,   /* policy or permission says no */
	TD_NOTFOUND,  /* the thing named does not exist */
	TD_CONFLICT,  /* same idempotency key, other content */
	TD_NOMEM,     /* arena or process memory cap reached */
	TD_STATUS_MAX
};

struct td_status_map {
	const char *name;      /* "tempfail": for logs and the wire */
	int         smtp_code; /* 250, 451, 550 … */
	const char *dsn;       /* RFC 3463 default; struct td_err may carry a better one */
	int         pipe_exit; /* for pipe(8): 0 or 75; a permanent failure is said by the 5.x.x text (pipe(8)) */
	int         ctl_exit;  /* 0 done, 1 refused or not found, 2 usage, 75 try later */
	int         http;      /* HTTP status code */
};

/* The row for a status; never NULL (an out-of-range value gets the row of TD_PERMFAIL). Static storage. */
const struct td_status_map *td_status_map(enum td_status status);

#endif
