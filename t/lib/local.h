/*
 * local - servers of the local protocol in child processes, for tests
 *
 * Owns: a directory under TMPDIR, removed at exit; children must be stopped by the test. Threads: none. Errors: end
 * the test run.
 */
#ifndef TD_LOCAL_H
#define TD_LOCAL_H

#include <sys/types.h>

#include "msg.h"

struct local_note { /* what every verb below takes and gives */
	int64_t        n;
	struct td_view text;
};
extern const struct td_shape local_note_shape;

enum local_verb {
	LOCAL_ECHO = 1,  /* n and text as they came */
	LOCAL_BATCHES,   /* how often `batch` was called; text: "N requests" */
	LOCAL_HOLD,      /* answered with its own n at the next LOCAL_RELEASE by any connection */
	LOCAL_RELEASE,   /* answered with the number released */
	LOCAL_FAIL,      /* refused with 5.7.9 and text */
	LOCAL_DIE,       /* the server ends at once */
	LOCAL_WHO,       /* n: serial of the connection; text: "ROLE UID PID" */
	LOCAL_CLOSED,    /* n: connections closed so far; text: the last trouble */
	LOCAL_BIG,       /* text of n bytes */
	LOCAL_DRAIN,     /* drains; the server ends when nothing is pending */
	LOCAL_HELD,      /* n: requests held whose connection is there; text: the number of others */
	LOCAL_FORBIDDEN = 99
};

/* A path in the test's own directory; static storage, one of eight in turn. */
const char *local_path(const char *name);
/*
 * A server listening on path with role 1, serving the verbs above; returns when it listens. allow_uid: the only user it
 * allows, -1 for anyone.
 */
pid_t local_serve(const char *path, int64_t allow_uid);
/*
 * A scripted one: each character of steps is one connection, in turn. 'u' closes with the request unread, 'l' reads
 * it and closes, 'a' echoes until the peer ends, '1' echoes one and closes, 'g' answers garbage, 'w' answers with a
 * wrong id, 'f' refuses the connection, 's' reads and is silent until the peer ends, 'h' writes half an answer and
 * closes. It ends after the last.
 */
pid_t local_script(const char *path, const char *steps);
/* Ends it, if it is still there, in an orderly way; that it does not is a failure of the test. */
void local_stop(pid_t pid);
/* SIGKILL. */
void local_kill(pid_t pid);
/* Waits for it to end by itself; its exit status, or 128 + signal. */
int local_wait(pid_t pid);

#endif
