/*
 * children - runs commands beside the loop
 *
 * Input and output are memory files: the command can read and write at its own pace, and nobody has to feed it.
 */
#include "children.h"

#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/queue.h>
#include <sys/wait.h>
#include <unistd.h>

#define ARGS_MAX 64

extern char **environ;

struct child {
	struct children *children;
	pid_t            pid; /* 0: could not be started */
	int              output;
	bool             killed;
	struct td_err    err; /* of starting it */
	struct event    *timer;
	children_done   *done;
	void            *arg;
	char             name[200]; /* of the command, for errors; its caller's words may be gone by then */
	LIST_ENTRY(child) link;
};

struct children {
	struct event_base *base;
	struct event      *sigchld;
	size_t             n;
	LIST_HEAD(, child) list;
};

/* A memory file with these bytes, at its start; -1 on failure. */
static int memory_file(struct td_view bytes)
{
	int fd = memfd_create("tandem", MFD_CLOEXEC);
	size_t done = 0;

	while (fd >= 0 && done < bytes.n) {
		ssize_t n = write(fd, bytes.p + done, bytes.n - done);

		if (n < 0 && errno != EINTR) {
			close(fd);
			return -1;
		}
		done += n > 0 ? (size_t)n : 0;
	}
	if (fd >= 0)
		lseek(fd, 0, SEEK_SET);
	return fd;
}

/* errno value, 0 = started. The child gets default signals, the three descriptors and nothing else. */
static int spawn(const char *const *argv, int in, int out, pid_t *pid)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t none, all;
	int no;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawn_file_actions_init(&files);
	posix_spawnattr_init(&attr);
	posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&files, out, STDERR_FILENO);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &all);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	no = posix_spawn(pid, argv[0], &files, &attr, (char *const *)(uintptr_t)argv, environ);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&files);
	return no;
}

/* "; FIRST LINE" of what it wrote, or "". */
static void said(int fd, char *out, size_t size)
{
	ssize_t n = fd >= 0 ? pread(fd, out + 2, size - 3, 0) : 0;

	out[0] = '\0';
	if (n <= 0)
		return;
	out[0] = ':';
	out[1] = ' ';
	out[2 + n] = '\0';
	out[2 + strcspn(out + 2, "\r\n")] = '\0';
}

static void finish(struct child *child, const struct td_err *err)
{
	children_done *done = child->done;
	void *arg = child->arg;

	LIST_REMOVE(child, link);
	child->children->n--;
	event_free(child->timer);
	if (child->output >= 0)
		close(child->output);
	free(child);
	done(arg, err);
}

static void ended(struct child *child, int status)
{
	struct td_err err;
	char words[300];

	said(child->output, words, sizeof(words));
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
		finish(child, NULL);
		return;
	}
	if (child->killed)
		td_err_set(&err, TD_TEMPFAIL, "%s: took too long%s", child->name, words);
	else if (WIFEXITED(status))
		td_err_set(&err, TD_TEMPFAIL, "%s: exit status %d%s", child->name, WEXITSTATUS(status), words);
	else
		td_err_set(&err, TD_TEMPFAIL, "%s: ended by signal %d%s", child->name, WTERMSIG(status), words);
	finish(child, &err);
}

static void on_sigchld(evutil_socket_t sig, short what, void *arg)
{
	struct children *children = arg;
	struct child *child, *next;

	(void)sig, (void)what;
	for (child = LIST_FIRST(&children->list); child; child = next) {
		int status;

		next = LIST_NEXT(child, link);
		if (child->pid > 0 && waitpid(child->pid, &status, WNOHANG) == child->pid)
			ended(child, status);
	}
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct child *child = arg;

	(void)fd, (void)what;
	if (!child->pid) {
		struct td_err err = child->err; /* which goes with the child */

		finish(child, &err);
		return;
	}
	child->killed = true;
	kill(child->pid, SIGKILL);
}

struct children *children_new(struct event_base *base)
{
	struct children *children = calloc(1, sizeof(*children));

	if (!children)
		return NULL;
	children->base = base;
	LIST_INIT(&children->list);
	children->sigchld = evsignal_new(base, SIGCHLD, on_sigchld, children);
	if (!children->sigchld || evsignal_add(children->sigchld, NULL)) {
		children_free(children);
		return NULL;
	}
	return children;
}

/* Fills err when it cannot be started. */
static void start(struct child *child, const struct td_strings *argv, const char *const *more, struct td_view input)
{
	const char *args[ARGS_MAX + 1];
	size_t n = 0;
	int in, no;

	for (size_t i = 0; i < argv->n && n < ARGS_MAX; i++)
		args[n++] = argv->v[i];
	for (; more && *more && n < ARGS_MAX; more++)
		args[n++] = *more;
	args[n] = NULL;
	in = memory_file(input);
	child->output = memory_file((struct td_view){ NULL, 0 });
	no = !n ? EINVAL : in < 0 || child->output < 0 ? EMFILE : spawn(args, in, child->output, &child->pid);
	if (in >= 0)
		close(in);
	if (no) {
		child->pid = 0;
		td_err_errno(&child->err, no, "%s: cannot be started", child->name);
	}
}

void children_run(struct children *children, const struct td_strings *argv, const char *const *more,
	struct td_view input,
	int64_t timeout_ms, children_done *done, void *arg)
{
	struct child *child = calloc(1, sizeof(*child));
	struct timeval tv = { .tv_sec = timeout_ms / 1000, .tv_usec = timeout_ms % 1000 * 1000 };
	struct td_err err;

	if (child)
		child->timer = evtimer_new(children->base, on_timer, child);
	if (!child || !child->timer) {
		free(child);
		td_err_set(&err, TD_NOMEM, "out of memory");
		done(arg, &err);
		return;
	}
	child->children = children;
	child->done = done;
	child->arg = arg;
	snprintf(child->name, sizeof(child->name), "%s", argv->n ? argv->v[0] : "(no command)");
	LIST_INSERT_HEAD(&children->list, child, link);
	children->n++;
	start(child, argv, more, input);
	if (!child->pid)
		tv = (struct timeval){ 0, 0 };
	evtimer_add(child->timer, &tv);
}

size_t children_count(const struct children *children)
{
	return children->n;
}

void children_free(struct children *children)
{
	struct child *child;

	if (!children)
		return;
	while ((child = LIST_FIRST(&children->list))) {
		LIST_REMOVE(child, link);
		event_free(child->timer);
		if (child->output >= 0)
			close(child->output);
		free(child);
	}
	if (children->sigchld)
		event_free(children->sigchld);
	free(children);
}
