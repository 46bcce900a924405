/*
 * server - local listening sockets in a libevent loop, one role each, peers checked by SO_PEERCRED
 *
 * This file: the server's life and its listeners. What happens on a connection is in server_conn.c.
 */
#include "server.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server_conn.h"
#include "sock.h"

#define ACCEPTS 64 /* at most in one go, so that requests are not held up by a flood of connections */

static const struct timeval pause_time = { .tv_usec = 100000 };

static void on_flush(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	td_conns_flush(arg);
}

/* Out of descriptors or memory: trying again at once would spin, as the connection stays in the backlog. */
static void pause_accepting(struct td_server *server, int no)
{
	struct listener *listener;
	struct td_err    err;

	td_err_errno(&err, no, "cannot accept connections (raise LimitNOFILE)");
	td_server_trouble(server, NULL, &err);
	LIST_FOREACH(listener, &server->listeners, link)
		event_del(listener->event);
	event_add(server->resume_event, &pause_time);
}

static void on_resume(evutil_socket_t fd, short what, void *arg)
{
	struct td_server *server = arg;
	struct listener  *listener;

	(void)fd;
	(void)what;
	LIST_FOREACH(listener, &server->listeners, link)
		event_add(listener->event, NULL);
}

static void on_connection(evutil_socket_t fd, short what, void *arg)
{
	struct listener *listener = arg;

	(void)what;
	for (int i = 0; i < ACCEPTS; i++) {
		int conn = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (conn >= 0)
			td_conn_open(listener->server, conn, listener->role);
		else if (errno == EAGAIN)
			return;
		else if (errno != EINTR && errno != ECONNABORTED) {
			pause_accepting(listener->server, errno);
			return;
		}
	}
}

struct td_server *td_server_new(struct event_base *base, const struct td_server_ops *ops, void *arg)
{
	struct td_server *server = calloc(1, sizeof *server);

	if (!server)
		return NULL;
	server->base = base;
	server->ops = ops;
	server->arg = arg;
	LIST_INIT(&server->listeners);
	LIST_INIT(&server->conns);
	LIST_INIT(&server->orphans);
	LIST_INIT(&server->spare);
	TAILQ_INIT(&server->dirty);
	TAILQ_INIT(&server->batch);
	server->batch_event = event_new(base, -1, 0, td_server_run_batch, server);
	server->flush_event = event_new(base, -1, 0, on_flush, server);
	server->resume_event = event_new(base, -1, 0, on_resume, server);
	if (!server->batch_event || !server->flush_event || !server->resume_event) {
		td_server_free(server);
		return NULL;
	}
	return server;
}

static void close_listener(struct listener *listener)
{
	struct stat st;

	LIST_REMOVE(listener, link);
	if (lstat(listener->path, &st) == 0 && st.st_dev == listener->dev && st.st_ino == listener->ino)
		unlink(listener->path);
	event_free(listener->event);
	close(listener->fd);
	free(listener->path);
	free(listener);
}

/* Has the loop accept from fd. False when out of memory; fd stays the caller's then. */
static bool add_listener(struct td_server *server, const char *path, int role, int fd, const struct stat *st)
{
	struct listener *listener = calloc(1, sizeof *listener);

	if (!listener)
		return false;
	*listener = (struct listener){ .server = server, .role = role, .fd = fd, .dev = st->st_dev, .ino = st->st_ino };
	listener->path = strdup(path);
	listener->event = event_new(server->base, fd, EV_READ | EV_PERSIST, on_connection, listener);
	if (!listener->path || !listener->event || event_add(listener->event, NULL) < 0) {
		if (listener->event)
			event_free(listener->event);
		free(listener->path);
		free(listener);
		return false;
	}
	LIST_INSERT_HEAD(&server->listeners, listener, link);
	return true;
}

enum td_status td_server_listen(struct td_server *server, const char *path, int role, int64_t uid, int64_t gid,
	struct td_err *err)
{
	struct stat    st;
	int            fd;
	enum td_status status = td_sock_listen(path, uid, gid, &fd, &st, err);

	if (status)
		return status;
	if (add_listener(server, path, role, fd, &st))
		return TD_OK;
	unlink(path);
	close(fd);
	return td_err_set(err, TD_NOMEM, "%s: cannot listen: out of memory", path);
}

void td_server_drain(struct td_server *server)
{
	struct listener *listener;
	struct conn     *conn;

	server->draining = true;
	event_del(server->resume_event);
	while ((listener = LIST_FIRST(&server->listeners)))
		close_listener(listener);
	LIST_FOREACH(conn, &server->conns, link)
		td_conn_pace(conn);
}

size_t td_server_pending(const struct td_server *server)
{
	const struct conn *conn;
	size_t             n = server->npending;

	LIST_FOREACH(conn, &server->conns, link)
		n += conn->out.n > conn->sent;
	return n;
}

void td_server_free(struct td_server *server)
{
	struct listener *listener;
	struct conn     *conn;

	if (!server)
		return;
	while ((listener = LIST_FIRST(&server->listeners)))
		close_listener(listener);
	while ((conn = LIST_FIRST(&server->conns)))
		td_conn_close(conn);
	td_requests_free(&server->orphans);
	td_requests_free(&server->spare);
	if (server->batch_event)
		event_free(server->batch_event);
	if (server->flush_event)
		event_free(server->flush_event);
	if (server->resume_event)
		event_free(server->resume_event);
	free(server);
}
