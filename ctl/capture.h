/*
 * capture - runs a program without a shell and keeps what it prints
 *
 * Threads: one. Errors: TD_NOTFOUND when the program is not there, TD_TEMPFAIL when it cannot be run, TD_NOMEM when it
 * prints more than 1 MB.
 */
#ifndef CTL_CAPTURE_H
#define CTL_CAPTURE_H

#include "arena.h"
#include "err.h"

/*
 * Runs argv (NULL-terminated, found in PATH) with no input and its errors thrown away. *out: standard output without
 * the last newline, in arena. *exit_status: as the shell would show it. TD_OK means that it ran, whatever
 * its exit status.
 */
enum td_status ctl_capture(const char *const *argv, struct td_arena *arena, struct td_view *out, int *exit_status,
	struct td_err *err);
/* The same, with its errors behind what it prints, to be shown when it fails. */
enum td_status ctl_capture_all(const char *const *argv, struct td_arena *arena, struct td_view *out, int *exit_status,
	struct td_err *err);

#endif
