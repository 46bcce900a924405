/*
 * children - runs commands beside the loop: no shell, input from memory, output noted, an end for those that hang
 *
 * Owns: the running commands. Threads: the loop's. There is one in a process: it takes SIGCHLD.
 */
#ifndef TD_CHILDREN_H
#define TD_CHILDREN_H

#include "conf.h"
#include "view.h"

struct event_base;
struct children;

/*
 * How a command ended: err is NULL on exit status 0, else says how it failed, with the first line it wrote. Not called
 * when children_free ends the wait.
 */
typedef void children_done(void *arg, const struct td_err *err);

struct children *children_new(struct event_base *base); /* NULL: out of memory */
/*
 * Starts argv (a list of strings and further ones behind it, more NULL-terminated or NULL) with `input` on stdin. done
 * is called once it has ended or cannot be started (at once only for want of memory). After timeout_ms it is killed.
 */
void children_run(struct children *children, const struct td_strings *argv, const char *const *more,
	struct td_view input,
	int64_t timeout_ms, children_done *done, void *arg);
size_t children_count(const struct children *children);
/* Commands that still run are left alone. NULL allowed. */
void children_free(struct children *children);

#endif
