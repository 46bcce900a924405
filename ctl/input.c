/*
 * input - a whole file, or standard input
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "ctl.h"

enum td_status ctl_read_file(struct td_view path, struct td_buf *buf, struct td_err *err)
{
	char name[4096];
	char chunk[16384];
	int fd = STDIN_FILENO;
	int no = 0;
	ssize_t n;

	snprintf(name, sizeof(name), "%.*s", TD_VARG(path));
	if (!td_view_eq(path, TD_VLIT("-")))
		fd = path.n < sizeof(name) ? open(name, O_RDONLY | O_CLOEXEC) : -1;
	if (fd < 0)
		return td_err_errno(err, path.n < sizeof(name) ? errno : ENAMETOOLONG, "%.200s", name);
	while ((n = read(fd, chunk, sizeof(chunk))) != 0 && td_buf_ok(buf)) {
		if (n > 0)
			td_buf_add(buf, td_view_mem(chunk, (size_t)n));
		else if (errno != EINTR)
			break;
	}
	if (n < 0)
		no = errno;
	if (fd != STDIN_FILENO)
		close(fd);
	if (no)
		return td_err_errno(err, no, "%.200s", name);
	if (!td_buf_ok(buf))
		return td_err_set(err, TD_TOOBIG, "%.200s: over %zu bytes", name, buf->cap);
	return TD_OK;
}
