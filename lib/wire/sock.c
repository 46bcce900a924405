/*
 * sock - the few things client, peer and server all do with a Unix socket's path
 */
#include "sock.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

bool td_sock_address(struct sockaddr_un *address, const char *path)
{
	size_t n = strlen(path);

	if (n >= sizeof address->sun_path)
		return false;
	memset(address, 0, sizeof *address);
	address->sun_family = AF_UNIX;
	memcpy(address->sun_path, path, n);
	return true;
}

int td_sock_connect(const char *path)
{
	struct sockaddr_un address;
	int                fd, no;

	if (!td_sock_address(&address, path))
		return -ENAMETOOLONG;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)&address, sizeof address) < 0) {
		no = errno;
		close(fd);
		return -no;
	}
	return fd;
}

const char *td_sock_program(char out[TD_SOCK_PROGRAM_SIZE], const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *base = slash ? slash + 1 : path;
	int         n = (int)strcspn(base, ".");

	snprintf(out, TD_SOCK_PROGRAM_SIZE, "tandem-%.*s", n, base);
	return out;
}

bool td_sock_may_return(int no)
{
	switch (no) {
	case ENOENT:
	case ECONNREFUSED:
	case ECONNRESET:
	case EAGAIN:
	case EINTR:
	case EMFILE:
	case ENFILE:
	case ENOBUFS:
	case ENOMEM:
		return true;
	default:
		return false;
	}
}

enum td_status td_sock_away(struct td_err *err, const char *path, int no)
{
	char        program[TD_SOCK_PROGRAM_SIZE];
	const char *reason = strerror(no);

	td_sock_program(program, path);
	switch (no) {
	case ENAMETOOLONG:
		return td_err_set(err, TD_TEMPFAIL, "%s: cannot connect: path over 107 bytes (choose a shorter run_dir)", path);
	case EACCES:
	case EPERM:
		return td_err_set(err, TD_TEMPFAIL, "%s: cannot connect: %s (is this user of the socket's group? see ls -l)",
			path, reason);
	case EAGAIN:
		return td_err_set(err, TD_TEMPFAIL, "%s: cannot connect: %s is too busy (see its log)", path, program);
	case EMFILE:
	case ENFILE:
		return td_err_set(err, TD_TEMPFAIL, "%s: cannot connect: %s (raise LimitNOFILE)", path, reason);
	case ENOENT:
	case ECONNREFUSED:
	case ECONNRESET:
		return td_err_set(err, TD_TEMPFAIL, "%s: cannot connect: %s (is %s running?)", path, reason, program);
	default:
		return td_err_set(err, TD_TEMPFAIL, "%s: cannot connect: %s", path, reason);
	}
}
