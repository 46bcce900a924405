/*
 * listen - the milter's socket: made anew over a stale one, never over a live one, and for Postfix alone
 */
#include "listen.h"

#include <errno.h>
#include <libmilter/mfapi.h>
#include <pwd.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sock.h"

/* Postfix has up to default_process_limit (100) smtpd(8) and as many cleanup(8). */
#define BACKLOG 512
#define SOCKET_UMASK 0117 /* mode 0660 from its first moment on */

static const char *unix_path(const char *listen)
{
	if (strncmp(listen, "unix:", 5) == 0)
		return listen + 5;
	return strncmp(listen, "local:", 6) == 0 ? listen + 6 : NULL;
}

/* libmilter would replace the socket of a running milter without a word. */
static enum td_status check_not_live(const char *path, struct td_err *err)
{
	int fd = td_sock_connect(path);

	if (fd < 0 && fd != -EAGAIN)
		return TD_OK;
	if (fd >= 0)
		close(fd);
	return td_err_set(err, TD_REFUSED, "%s: somebody listens there already (is another tandem-milter running?)",
		path);
}

static enum td_status give_to_postfix(const char *path, const char *user, struct td_err *err)
{
	struct passwd *pw = getpwnam(user);
	struct stat st;

	if (!pw)
		return td_err_set(err, TD_NOTFOUND, "users.postfix: no such user: %s", user);
	if (stat(path, &st) != 0)
		return td_err_errno(err, errno, "%s", path);
	if (st.st_gid != pw->pw_gid && chown(path, (uid_t)-1, pw->pw_gid) != 0)
		return td_err_errno(err, errno, "%s: cannot give it to the group of %s (is the milter's user in it?)",
			path, user);
	if (chmod(path, 0660) != 0)
		return td_err_errno(err, errno, "%s", path);
	return TD_OK;
}

enum td_status td_listen_open(const struct td_conf *conf, struct td_err *err)
{
	const char *path = unix_path(conf->milter.listen);
	enum td_status status = path ? check_not_live(path, err) : TD_OK;
	mode_t old;
	int rc;

	if (status != TD_OK)
		return status;
	if (smfi_setconn((char *)conf->milter.listen) != MI_SUCCESS || smfi_setbacklog(BACKLOG) != MI_SUCCESS)
		return td_err_set(err, TD_BADINPUT, "milter.listen: libmilter does not understand %s",
			conf->milter.listen);
	old = umask(SOCKET_UMASK);
	rc = smfi_opensocket(1);
	umask(old);
	if (rc != MI_SUCCESS)
		return td_err_errno(err, errno ? errno : EIO, "%s: cannot listen", conf->milter.listen);
	return path ? give_to_postfix(path, conf->users.postfix, err) : TD_OK;
}
