/*
 * lmtp - takes mail from Postfix by LMTP: the listener
 */
#include "lmtp.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "access.h"
#include "lmtp_session.h"
#include "sock.h"

#define BACKLOG 512
#define ACCEPTS 64 /* at most in one go */
#define HOST_SIZE 64

/* Only Postfix itself may hand over mail; on TCP nobody can tell. */
static bool peer_allowed(const struct lmtp *lmtp, int fd)
{
	struct ucred cred;
	socklen_t size = sizeof(cred);

	if (!lmtp->path)
		return true;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &size) == 0 && access_postfix(lmtp->smsd->conf, cred.uid))
		return true;
	td_warning("lmtp: uid %u, pid %d: refused (only users.postfix and root may connect)", (unsigned)cred.uid,
		(int)cred.pid);
	return false;
}

static void on_connection(evutil_socket_t fd, short what, void *arg)
{
	struct lmtp *lmtp = arg;

	(void)what;
	for (int i = 0; i < ACCEPTS; i++) {
		int conn = accept4((int)fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (conn >= 0 && peer_allowed(lmtp, conn)) {
			lmtp_session_new(lmtp, conn);
		} else if (conn >= 0) {
			close(conn);
		} else if (errno == EAGAIN) {
			return;
		} else if (errno != EINTR && errno != ECONNABORTED) {
			/* The connection stays in the backlog: trying again at once would spin. */
			td_warning("lmtp: cannot accept connections: %s (raise LimitNOFILE)", strerror(errno));
			lmtp->paused = true;
			event_del(lmtp->event);
			return;
		}
	}
}

void lmtp_tick(struct lmtp *lmtp)
{
	if (!lmtp || !lmtp->paused || lmtp->draining)
		return;
	lmtp->paused = false;
	event_add(lmtp->event, NULL);
}

static bool is_loopback(const struct sockaddr *address)
{
	struct in6_addr v6;

	if (address->sa_family == AF_INET)
		return ntohl(((const struct sockaddr_in *)(const void *)address)->sin_addr.s_addr) >> 24 == 127;
	v6 = ((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;
	return address->sa_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&v6);
}

/* "inet:PORT@HOST" */
static enum td_status listen_tcp(struct lmtp *lmtp, const char *set, struct td_err *err)
{
	const char *port = strchr(set, ':') + 1, *host = strchr(port, '@') + 1;
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV };
	struct addrinfo *found = NULL;
	char number[HOST_SIZE];
	enum td_status status = TD_OK;
	int yes = 1;

	memccpy(number, port, '@', sizeof(number) - 1);
	number[strcspn(number, "@")] = '\0';
	if (getaddrinfo(strcmp(host, "localhost") ? host : "127.0.0.1", number, &hints, &found) ||
		!is_loopback(found->ai_addr)) {
		status = td_err_set(err, TD_BADINPUT, "smsd.lmtp: %s: only a Unix socket or an address of the loopback"
			" (try: unix:/var/spool/postfix/tandem/lmtp.sock)", set);
		goto out;
	}
	lmtp->fd = socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (lmtp->fd < 0 || setsockopt(lmtp->fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) ||
		bind(lmtp->fd, found->ai_addr, found->ai_addrlen) || listen(lmtp->fd, BACKLOG))
		status = td_err_errno(err, errno, "smsd.lmtp: %s: cannot listen", set);
	else
		td_warning("smsd.lmtp: %s: every program of this machine can connect; a Unix socket knows Postfix", set);
out:
	if (found)
		freeaddrinfo(found);
	return status;
}

static enum td_status listen_unix(struct lmtp *lmtp, const char *path, struct td_err *err)
{
	int64_t group = access_postfix_group(lmtp->smsd->conf);
	struct stat st;
	enum td_status status;

	if (group < 0)
		return td_err_set(err, TD_NOTFOUND, "users.postfix: no such user: %s", lmtp->smsd->conf->users.postfix);
	lmtp->path = strdup(path);
	if (!lmtp->path)
		return td_err_set(err, TD_NOMEM, "out of memory");
	status = td_sock_listen(path, -1, group, &lmtp->fd, &st, err);
	if (!status) {
		lmtp->dev = st.st_dev;
		lmtp->ino = st.st_ino;
	}
	return status;
}

enum td_status lmtp_start(struct smsd *smsd, struct lmtp **out, struct td_err *err)
{
	const char *set = smsd->conf->smsd.lmtp;
	struct lmtp *lmtp = set ? calloc(1, sizeof(*lmtp)) : NULL;
	enum td_status status;

	*out = NULL;
	if (!set)
		return TD_OK;
	if (!lmtp)
		return td_err_set(err, TD_NOMEM, "out of memory");
	lmtp->smsd = smsd;
	lmtp->fd = -1;
	LIST_INIT(&lmtp->sessions);
	status = !strncmp(set, "unix:", 5) ? listen_unix(lmtp, set + 5, err) : listen_tcp(lmtp, set, err);
	if (!status) {
		lmtp->event = event_new(smsd->base, lmtp->fd, EV_READ | EV_PERSIST, on_connection, lmtp);
		if (!lmtp->event || event_add(lmtp->event, NULL))
			status = td_err_set(err, TD_NOMEM, "out of memory");
	}
	if (status)
		lmtp_free(lmtp);
	else
		*out = lmtp;
	return status;
}

static void stop_listening(struct lmtp *lmtp)
{
	struct stat st;

	if (lmtp->fd >= 0 && lmtp->path && lstat(lmtp->path, &st) == 0 && st.st_dev == lmtp->dev &&
		st.st_ino == lmtp->ino)
		unlink(lmtp->path);
	if (lmtp->event)
		event_free(lmtp->event);
	lmtp->event = NULL;
	if (lmtp->fd >= 0)
		close(lmtp->fd);
	lmtp->fd = -1;
}

void lmtp_drain(struct lmtp *lmtp)
{
	struct lmtp_session *s;

	if (!lmtp || lmtp->draining)
		return;
	lmtp->draining = true;
	stop_listening(lmtp);
	LIST_FOREACH(s, &lmtp->sessions, link)
		lmtp_session_drain(s);
}

size_t lmtp_sessions(const struct lmtp *lmtp)
{
	return lmtp ? lmtp->n : 0;
}

void lmtp_free(struct lmtp *lmtp)
{
	struct lmtp_session *s;

	if (!lmtp)
		return;
	stop_listening(lmtp);
	while ((s = LIST_FIRST(&lmtp->sessions)))
		lmtp_session_free(s);
	free(lmtp->path);
	free(lmtp);
}
