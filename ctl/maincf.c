/*
 * maincf - the text of main.cf and master.cf themselves
 */
#include "maincf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"
#include "ctl.h"

#define FILE_MAX (4u << 20)

enum td_status maincf_read(const char *path, struct td_arena *arena, struct td_view *out, struct td_err *err)
{
	struct td_buf buf;
	enum td_status status;

	td_buf_init(&buf, FILE_MAX);
	status = ctl_read_file(td_view_str(path), &buf, err);
	if (!status) {
		*out = td_arena_dup(arena, td_buf_view(&buf));
		if (!out->p && buf.n)
			status = td_err_set(err, TD_NOMEM, "out of memory");
	}
	td_buf_free(&buf);
	return status;
}

static bool write_all(int fd, struct td_view text)
{
	while (text.n) {
		ssize_t n = write(fd, text.p, text.n);

		if (n < 0 && errno != EINTR)
			return false;
		if (n > 0)
			text = td_view_skip(text, (size_t)n);
	}
	return fsync(fd) == 0;
}

enum td_status maincf_write(const char *path, struct td_view text, struct td_err *err)
{
	char temp[4096];
	struct stat st;
	bool there = stat(path, &st) == 0;
	enum td_status status = TD_OK;
	int fd;

	if ((size_t)snprintf(temp, sizeof(temp), "%s.XXXXXX", path) >= sizeof(temp))
		return td_err_errno(err, ENAMETOOLONG, "%.100s", path);
	fd = mkostemp(temp, O_CLOEXEC);
	if (fd < 0)
		return td_err_errno(err, errno, "%s", temp);
	if (!write_all(fd, text) || (there && (fchown(fd, st.st_uid, st.st_gid) || fchmod(fd, st.st_mode & 07777))) ||
		rename(temp, path)) {
		status = td_err_errno(err, errno, "%s", path);
		unlink(temp);
	}
	close(fd);
	return status;
}

/* A logical line: what begins with white space goes on with the one before; comments and empty lines stand between. */
bool maincf_value(struct td_view text, const char *name, struct td_arena *arena, struct td_view *out)
{
	struct td_buf value;
	struct td_view got = { NULL, 0 };
	bool ours = false, found = false;

	td_buf_init(&value, FILE_MAX);
	while (text.n) {
		size_t end = td_view_chr(text, '\n');
		struct td_view line = td_view_mem(text.p, end == (size_t)-1 ? text.n : end), word = td_view_trim(line);
		size_t equals = td_view_chr(line, '=');

		text = td_view_skip(text, line.n + 1);
		if (word.n == 0 || *word.p == '#')
			continue;
		if (*line.p == ' ' || *line.p == '\t') {
			if (ours && value.n)
				td_buf_byte(&value, ' ');
			if (ours)
				td_buf_add(&value, word);
			continue;
		}
		ours = equals != (size_t)-1 && td_view_eq(td_view_trim(td_view_mem(line.p, equals)), td_view_str(name));
		if (!ours)
			continue;
		found = true;
		td_buf_reset(&value);
		td_buf_add(&value, td_view_trim(td_view_skip(line, equals + 1)));
	}
	if (found)
		got = td_arena_dup(arena, td_buf_view(&value));
	td_buf_free(&value);
	if (found)
		*out = got;
	return found;
}
