/*
 * sock - the few things client, peer and server all do with a Unix socket's path
 */
#include "sock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define BACKLOG 1024

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

/* Fails if a server answers at path, or something that is no socket stands there. */
static enum td_status check_free(const char *path, struct td_err *err)
{
	char        program[TD_SOCK_PROGRAM_SIZE];
	struct stat st;
	int         fd;

	if (lstat(path, &st) < 0)
		return errno == ENOENT ? TD_OK : td_err_errno(err, errno, "%s: cannot listen", path);
	if (!S_ISSOCK(st.st_mode))
		return td_err_set(err, TD_REFUSED, "%s: cannot listen: not a socket (remove the file)", path);
	fd = td_sock_connect(path);
	if (fd == -ECONNREFUSED || fd == -ENOENT)
		return TD_OK;
	if (fd < 0 && fd != -EAGAIN)
		return td_err_errno(err, -fd, "%s: cannot tell if it is in use", path);
	if (fd >= 0)
		close(fd);
	return td_err_set(err, TD_REFUSED, "%s: cannot listen: in use (is another %s running?)", path,
		td_sock_program(program, path));
}

/* A name in the directory of path that is no longer than path where it can be. */
static char *temporary_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	int         dir = slash ? (int)(slash - path) + 1 : 0;
	char       *name;

	return asprintf(&name, "%.*s.%ld", dir, path, (long)getpid()) < 0 ? NULL : name;
}

/* A listening socket bound to name, with its mode and owner. Returns the descriptor, or -errno. */
static int listen_at(const char *name, int64_t uid, int64_t gid)
{
	struct sockaddr_un address;
	int                fd, no;

	if (!td_sock_address(&address, name))
		return -ENAMETOOLONG;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	unlink(name);
	if (bind(fd, (const struct sockaddr *)&address, sizeof address) == 0 && chmod(name, 0660) == 0 &&
		((uid < 0 && gid < 0) || chown(name, (uid_t)uid, (gid_t)gid) == 0) && listen(fd, BACKLOG) == 0)
		return fd;
	no = errno;
	unlink(name);
	close(fd);
	return -no;
}

enum td_status td_sock_listen(const char *path, int64_t uid, int64_t gid, int *out, struct stat *st,
	struct td_err *err)
{
	enum td_status status = check_free(path, err);
	char          *name = status ? NULL : temporary_name(path);
	int            fd;

	if (status)
		return status;
	if (!name)
		return td_err_set(err, TD_NOMEM, "%s: cannot listen: out of memory", path);
	if (strlen(path) >= sizeof ((struct sockaddr_un *)NULL)->sun_path)
		fd = -ENAMETOOLONG;
	else
		fd = listen_at(name, uid, gid);
	if (fd == -ENAMETOOLONG) {
		status = td_err_set(err, TD_BADINPUT, "%s: cannot listen: path over 107 bytes (choose a shorter run_dir)",
			path);
	} else if (fd < 0) {
		status = td_err_errno(err, -fd, "%s: cannot listen", path);
	} else if (lstat(name, st) < 0 || rename(name, path) < 0) {
		status = td_err_errno(err, errno, "%s: cannot listen", path);
		unlink(name);
		close(fd);
	} else {
		*out = fd;
	}
	free(name);
	return status;
}
