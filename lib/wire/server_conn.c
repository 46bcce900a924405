/*
 * server_conn - connections and requests of a server: reading, collecting, answering
 *
 * libevent runs the callbacks of one iteration in the order they became active. The first request read activates
 * batch_event, which so comes after all connections that were readable with it; priorities are not used for this, as
 * libevent starves a lower priority while a higher one has work. Answers collect in their connection's buffer, and go
 * out in one send a batch.
 *
 * A connection is never freed while a handler runs: what goes wrong with it then is noted, and dealt with by the flush.
 */
#include "server_conn.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "frames.h"

#define SPARE_REQUESTS 4096
#define SPARE_ARENA 65536 /* an arena that was larger is not kept */
#define MOST_UNSENT (4 * (size_t)TD_SERVER_UNSENT)
#define OUT_CAP (4 * MOST_UNSENT) /* never reached: checked by MOST_UNSENT before */

void td_server_trouble(struct td_server *server, const struct conn *conn, const struct td_err *err)
{
	if (server->ops->trouble)
		server->ops->trouble(server->arg, conn ? &conn->pub : NULL, err);
}

/* Has the connection looked at when the handlers are done. */
static void mark_dirty(struct conn *conn)
{
	struct td_server *server = conn->server;

	if (conn->dirty || conn->gone)
		return;
	conn->dirty = true;
	TAILQ_INSERT_TAIL(&server->dirty, conn, flush);
	if (!server->in_batch)
		event_active(server->flush_event, EV_TIMEOUT, 0);
}

static size_t unsent(const struct conn *conn)
{
	return conn->out.n - conn->sent;
}

void td_conn_pace(struct conn *conn)
{
	bool read = !conn->server->draining && !conn->ending && !conn->broken && conn->pending < TD_SERVER_PENDING &&
		unsent(conn) < TD_SERVER_UNSENT;

	if (read && !conn->reading && event_add(conn->readable, NULL) == 0)
		conn->reading = true;
	else if (!read && conn->reading && event_del(conn->readable) == 0)
		conn->reading = false;
}

static struct request *new_request(struct td_server *server)
{
	struct request *request = LIST_FIRST(&server->spare);

	if (request) {
		LIST_REMOVE(request, link);
		server->nspare--;
	} else {
		request = malloc(sizeof *request);
		if (!request)
			return NULL;
		td_arena_init(&request->arena, TD_SERVER_ARENA);
	}
	memset(&request->pub, 0, sizeof request->pub);
	request->pub.server = server;
	request->pub.arena = &request->arena;
	request->conn = NULL;
	request->queued = false;
	return request;
}

/* Ends a request that is in no list any more. */
static void free_request(struct td_server *server, struct request *request)
{
	if (server->nspare >= SPARE_REQUESTS) {
		td_arena_free(&request->arena);
		free(request);
		return;
	}
	if (request->arena.used > SPARE_ARENA) {
		td_arena_free(&request->arena);
		td_arena_init(&request->arena, TD_SERVER_ARENA);
	} else
		td_arena_reset(&request->arena);
	LIST_INSERT_HEAD(&server->spare, request, link);
	server->nspare++;
}

void td_requests_free(struct request_list *list)
{
	struct request *request;

	while ((request = LIST_FIRST(list))) {
		LIST_REMOVE(request, link);
		td_arena_free(&request->arena);
		free(request);
	}
}

static void end_request(struct request *request)
{
	struct td_server *server = request->pub.server;

	LIST_REMOVE(request, link);
	if (request->queued)
		TAILQ_REMOVE(&server->batch, request, batch);
	if (request->conn)
		request->conn->pending--;
	server->npending--;
	free_request(server, request);
}

static void end_undelivered(struct conn *conn)
{
	struct request *request, *next;

	for (request = LIST_FIRST(&conn->requests); request; request = next) {
		next = LIST_NEXT(request, link);
		if (request->queued)
			end_request(request);
	}
}

void td_conn_close(struct conn *conn)
{
	struct td_server *server = conn->server;
	struct request   *request;

	conn->gone = true;
	if (conn->dirty)
		TAILQ_REMOVE(&server->dirty, conn, flush);
	LIST_REMOVE(conn, link);
	event_free(conn->readable);
	event_free(conn->writable);
	close(conn->fd);
	end_undelivered(conn);
	if (server->ops->closed)
		server->ops->closed(server->arg, &conn->pub);
	while ((request = LIST_FIRST(&conn->requests))) {
		LIST_REMOVE(request, link);
		request->conn = NULL;
		request->pub.conn = NULL;
		LIST_INSERT_HEAD(&server->orphans, request, link);
	}
	td_buf_free(&conn->in);
	td_buf_free(&conn->out);
	free(conn);
}

static void flush_conn(struct conn *conn)
{
	while (unsent(conn) > 0 && !conn->broken) {
		ssize_t n = send(conn->fd, conn->out.p + conn->sent, unsent(conn), MSG_NOSIGNAL);

		if (n >= 0)
			conn->sent += (size_t)n;
		else if (errno == EAGAIN) {
			if (event_add(conn->writable, NULL) < 0)
				conn->broken = true;
			break;
		} else if (errno != EINTR)
			conn->broken = true;
	}
	if (conn->broken || (conn->ending && unsent(conn) == 0)) {
		td_conn_close(conn);
		return;
	}
	if (unsent(conn) == 0) {
		td_frames_reset(&conn->out);
		conn->sent = 0;
	} else if (conn->sent > conn->out.n / 2) {
		td_buf_consume(&conn->out, conn->sent);
		conn->sent = 0;
	}
	td_conn_pace(conn);
}

void td_conns_flush(struct td_server *server)
{
	struct conn *conn;

	while ((conn = TAILQ_FIRST(&server->dirty))) {
		TAILQ_REMOVE(&server->dirty, conn, flush);
		conn->dirty = false;
		flush_conn(conn);
	}
}

void td_server_run_batch(evutil_socket_t fd, short what, void *arg)
{
	struct td_server  *server = arg;
	struct td_request *first = NULL, **tail = &first;
	struct request    *request;

	(void)fd;
	(void)what;
	while ((request = TAILQ_FIRST(&server->batch))) {
		TAILQ_REMOVE(&server->batch, request, batch);
		request->queued = false;
		*tail = &request->pub;
		tail = &request->pub.next;
	}
	if (first) {
		server->in_batch = true;
		server->ops->batch(server->arg, first);
		server->in_batch = false;
	}
	td_conns_flush(server);
}

static void on_writable(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	mark_dirty(arg);
}

/* Tells the peer why, and closes when it has been told. */
static void refuse(struct conn *conn, uint32_t id, uint16_t verb, const struct td_err *err)
{
	td_server_trouble(conn->server, conn, err);
	if (!td_fault_put(&conn->out, id, verb, err))
		conn->broken = true;
	conn->ending = true;
	mark_dirty(conn);
}

/* Closes without a word: none can be said, or is worth it. */
static void give_up(struct conn *conn, const struct td_err *err)
{
	td_server_trouble(conn->server, conn, err);
	conn->broken = true;
	mark_dirty(conn);
}

/* One frame has come. False when the connection is not to be read on. */
static bool take_request(void *arg, const struct td_msg *msg)
{
	struct conn      *conn = arg;
	struct td_server *server = conn->server;
	struct request   *request;
	struct td_err     err;
	char             *body;

	if (msg->id == TD_MSG_NO_ID || msg->status != TD_OK) {
		td_err_set(&err, TD_BADINPUT, "malformed frame: not a request");
		refuse(conn, TD_MSG_NO_ID, 0, &err);
		return false;
	}
	if (!server->ops->permits(server->arg, conn->pub.role, msg->verb)) {
		td_err_set(&err, TD_REFUSED, "verb %u is not for this socket", (unsigned)msg->verb);
		refuse(conn, msg->id, msg->verb, &err);
		return false;
	}
	request = new_request(server);
	body = !request ? NULL : msg->body.n <= SMALL_BODY ? request->small : td_arena_alloc(&request->arena, msg->body.n);
	if (!body) {
		if (request)
			free_request(server, request);
		td_err_set(&err, TD_NOMEM, "out of memory for a request: connection closed");
		give_up(conn, &err);
		return false;
	}
	if (msg->body.n > 0)
		memcpy(body, msg->body.p, msg->body.n);
	request->pub.msg = *msg;
	request->pub.msg.body.p = body;
	request->pub.conn = &conn->pub;
	request->conn = conn;
	request->queued = true;
	LIST_INSERT_HEAD(&conn->requests, request, link);
	TAILQ_INSERT_TAIL(&server->batch, request, batch);
	conn->pending++;
	server->npending++;
	return true;
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct conn      *conn = arg;
	struct td_server *server = conn->server;
	ssize_t           n = recv(fd, server->bytes, sizeof server->bytes, 0);
	struct td_err     err;
	enum td_status    status;

	(void)what;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		td_conn_close(conn);
		return;
	}
	status = td_frames_take(&conn->in, td_view_mem(server->bytes, (size_t)n), take_request, conn, &err);
	if (status == TD_BADINPUT)
		refuse(conn, TD_MSG_NO_ID, 0, &err);
	else if (status == TD_NOMEM)
		give_up(conn, &err);
	if (!TAILQ_EMPTY(&server->batch))
		event_active(server->batch_event, EV_TIMEOUT, 0);
	td_conn_pace(conn);
}

/* True if the peer of a new connection may use its role; else it has been told why not. */
static bool admit(struct td_server *server, struct conn *conn)
{
	struct ucred  peer;
	socklen_t     size = sizeof peer;
	struct td_err err;

	if (getsockopt(conn->fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0) {
		td_err_errno(&err, errno, "cannot tell who has connected");
		td_server_trouble(server, conn, &err);
		return false;
	}
	conn->pub.uid = peer.uid;
	conn->pub.pid = peer.pid;
	if (server->ops->allow(server->arg, conn->pub.role, peer.uid, peer.pid))
		return true;
	/* For the peer this is a fault of the set-up: its mail must wait, not bounce. */
	td_err_dsn(&err, TD_TEMPFAIL, "4.3.5", "user id %lu may not use this socket (check the users group of tandem.conf)",
		(unsigned long)peer.uid);
	td_server_trouble(server, conn, &err);
	if (td_fault_put(&conn->out, TD_MSG_NO_ID, 0, &err))
		send(conn->fd, conn->out.p, conn->out.n, MSG_NOSIGNAL); /* if it cannot be told, it is closed all the same */
	return false;
}

void td_conn_open(struct td_server *server, int fd, int role)
{
	static atomic_uint_fast64_t serial;
	struct conn *conn = calloc(1, sizeof *conn);

	if (!conn) {
		close(fd);
		return;
	}
	conn->server = server;
	conn->fd = fd;
	conn->pub.role = role;
	conn->pub.serial = atomic_fetch_add(&serial, 1) + 1;
	td_frames_init(&conn->in);
	td_buf_init(&conn->out, OUT_CAP);
	LIST_INIT(&conn->requests);
	conn->readable = event_new(server->base, fd, EV_READ | EV_PERSIST, on_readable, conn);
	conn->writable = event_new(server->base, fd, EV_WRITE, on_writable, conn);
	if (!conn->readable || !conn->writable || !admit(server, conn)) {
		if (conn->readable)
			event_free(conn->readable);
		if (conn->writable)
			event_free(conn->writable);
		close(fd);
		td_buf_free(&conn->out);
		free(conn);
		return;
	}
	LIST_INSERT_HEAD(&server->conns, conn, link);
	if (server->ops->opened)
		server->ops->opened(server->arg, &conn->pub);
	td_conn_pace(conn);
	if (!conn->reading) {
		conn->broken = true;
		mark_dirty(conn);
	}
}

/* True if an answer is still wanted; a peer that takes none is given up. */
static bool wants_answer(struct conn *conn)
{
	struct td_err err;

	if (!conn || conn->gone || conn->ending || conn->broken)
		return false;
	mark_dirty(conn);
	if (unsent(conn) <= MOST_UNSENT)
		return true;
	td_err_set(&err, TD_TEMPFAIL, "%zu bytes of answers not taken: connection closed", unsent(conn));
	give_up(conn, &err);
	return false;
}

static void answer_fault(struct conn *conn, const struct td_msg *msg, const struct td_err *err)
{
	if (!td_fault_put(&conn->out, msg->id, msg->verb, err))
		conn->broken = true;
}

void td_request_reply(struct td_request *pub, const struct td_shape *shape, const void *value)
{
	struct request *request = (struct request *)pub;
	struct td_err   err;

	if (wants_answer(request->conn) &&
		!td_msg_put(&request->conn->out, pub->msg.id, pub->msg.verb, TD_OK, shape, value)) {
		td_err_set(&err, TD_TOOBIG, "the answer is over %u bytes (ask for less)", TD_MSG_MAX);
		answer_fault(request->conn, &pub->msg, &err);
	}
	end_request(request);
}

void td_request_fail(struct td_request *pub, const struct td_err *err)
{
	struct request *request = (struct request *)pub;

	if (wants_answer(request->conn))
		answer_fault(request->conn, &pub->msg, err);
	end_request(request);
}
