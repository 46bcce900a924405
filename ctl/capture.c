/*
 * capture - runs a program without a shell and keeps what it prints
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "buf.h"
#include "capture.h"

#define CAPTURE_MAX (1u << 20)

extern char **environ;

static enum td_status spawn(const char *const *argv, int out, bool errors, pid_t *pid, struct td_err *err)
{
	posix_spawn_file_actions_t actions;
	int no;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, out, 1);
	if (errors)
		posix_spawn_file_actions_adddup2(&actions, out, 2);
	else
		posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
	no = posix_spawnp(pid, argv[0], &actions, NULL, (char *const *)(uintptr_t)argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	return no ? td_err_errno(err, no, "%s: cannot run", argv[0]) : TD_OK;
}

static void read_all(int fd, struct td_buf *buf)
{
	char chunk[4096];
	ssize_t n;

	while ((n = read(fd, chunk, sizeof(chunk))) > 0 || (n < 0 && errno == EINTR)) {
		if (n > 0)
			td_buf_add(buf, td_view_mem(chunk, (size_t)n));
	}
}

static enum td_status capture(const char *const *argv, bool errors, struct td_arena *arena, struct td_view *out,
	int *exit_status, struct td_err *err)
{
	struct td_buf buf;
	enum td_status status;
	int fds[2], ended;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC))
		return td_err_errno(err, errno, "%s: cannot run", argv[0]);
	td_buf_init(&buf, CAPTURE_MAX);
	status = spawn(argv, fds[1], errors, &pid, err);
	close(fds[1]);
	if (status == TD_OK) {
		read_all(fds[0], &buf);
		while (waitpid(pid, &ended, 0) < 0 && errno == EINTR)
			continue;
		*exit_status = WIFEXITED(ended) ? WEXITSTATUS(ended) : 128 + WTERMSIG(ended);
		*out = td_arena_dup(arena, td_view_trim(td_buf_view(&buf)));
		if (!td_buf_ok(&buf) || !out->p)
			status = td_err_set(err, TD_NOMEM, "%s: says more than %u bytes, or out of memory", argv[0], CAPTURE_MAX);
	}
	close(fds[0]);
	td_buf_free(&buf);
	return status;
}

enum td_status ctl_capture(const char *const *argv, struct td_arena *arena, struct td_view *out, int *exit_status,
	struct td_err *err)
{
	return capture(argv, false, arena, out, exit_status, err);
}

enum td_status ctl_capture_all(const char *const *argv, struct td_arena *arena, struct td_view *out, int *exit_status,
	struct td_err *err)
{
	return capture(argv, true, arena, out, exit_status, err);
}
