/*
 * conf_secret - reading a secret file, or refusing it
 *
 * Mode and owner are taken from the open descriptor, so that the file tested is the file read.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf.h"
#include "crypto.h"

#define SECRET_MAX 65536

static enum td_status check_file(const struct stat *st, const char *path, struct td_err *err)
{
	if (!S_ISREG(st->st_mode))
		return td_err_set(err, TD_REFUSED, "%s: not a regular file", path);
	if ((st->st_mode & (S_IRWXO | S_IWGRP)) != 0)
		return td_err_set(err, TD_REFUSED, "%s: mode %04o lets others in (try: chmod 0640 %s)", path,
			(unsigned)st->st_mode & 07777, path);
	if (st->st_uid != 0 && st->st_uid != geteuid())
		return td_err_set(err, TD_REFUSED,
			"%s: owned by uid %u, neither root nor this program's user (try: chown root %s)",
			path, (unsigned)st->st_uid, path);
	if (st->st_size > SECRET_MAX)
		return td_err_set(err, TD_TOOBIG, "%s: larger than %d bytes", path, SECRET_MAX);
	return TD_OK;
}

static enum td_status read_file(int fd, const char *path, char *out, size_t room, size_t *n, struct td_err *err)
{
	*n = 0;
	for (;;) {
		ssize_t got = read(fd, out + *n, room - *n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return td_err_errno(err, errno, "%s", path);
		if (got == 0)
			return TD_OK;
		*n += (size_t)got;
		if (*n == room)
			return td_err_set(err, TD_TOOBIG, "%s: it grew while being read", path);
	}
}

enum td_status td_conf_secret(const char *path, struct td_arena *arena, struct td_view *out, struct td_err *err)
{
	enum td_status status;
	struct stat st;
	size_t room, n;
	char *text;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return td_err_errno(err, errno, "%s", path);
	if (fstat(fd, &st) < 0) {
		status = td_err_errno(err, errno, "%s", path);
		goto out;
	}
	status = check_file(&st, path, err);
	if (status != TD_OK)
		goto out;
	room = (size_t)st.st_size + 1;
	text = td_arena_alloc(arena, room);
	if (text == NULL) {
		status = td_err_set(err, TD_NOMEM, "%s: out of memory", path);
		goto out;
	}
	status = read_file(fd, path, text, room, &n, err);
	if (status == TD_OK) {
		if (n > 0 && text[n - 1] == '\n')
			n--;
		if (n > 0 && text[n - 1] == '\r')
			n--;
		if (n == 0)
			status = td_err_set(err, TD_BADINPUT, "%s: is empty", path);
	}
	if (status == TD_OK)
		*out = td_view_mem(text, n);
	else
		td_secret_wipe(text, room);
out:
	close(fd);
	return status;
}
