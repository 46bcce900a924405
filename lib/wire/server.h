/*
 * server - local listening sockets in a libevent loop, one role each, peers checked by SO_PEERCRED
 *
 * Owns: listeners, connections, their buffers. Threads: the loop's thread only. Lifetime: td_server_free ends all.
 *
 * Requests that have arrived are collected: after all readable connections were read once, `batch` is called with
 * everything that is there (that is what makes a group commit). The handler answers each request with
 * td_request_reply, at once or later (a long poll); a request whose connection has gone is answered into nothing. A
 * connection that sends a malformed frame or a verb not of its role is told so and closed, and `trouble` hears of it.
 * A connection with TD_SERVER_PENDING unanswered requests or TD_SERVER_UNSENT bytes of answers not taken is not read
 * until it has fewer; one that lets answers pile up to four times that is closed. The events use the base's default
 * priority, as whatever shares the loop should.
 */
#ifndef TD_SERVER_H
#define TD_SERVER_H

#include "msg.h"

#define TD_SERVER_PENDING 1024
#define TD_SERVER_UNSENT (16u << 20)
#define TD_SERVER_ARENA (16u << 20) /* cap of a request's arena, which holds its body too */

struct event_base;
struct td_server;

struct td_conn { /* one peer; read-only for handlers but for user */
	uint64_t serial; /* never re-used in a process: key of leases */
	int      role;   /* of the listener it came by */
	uint32_t uid;    /* SO_PEERCRED */
	int32_t  pid;
	void    *user;
};

struct td_request {
	struct td_server *server;
	struct td_conn   *conn; /* NULL once the peer has gone; never so within `batch` */
	struct td_msg     msg;  /* body valid until the reply */
	struct td_arena  *arena; /* lives until the reply */
	struct td_request *next; /* in the batch */
};

struct td_server_ops {
	/*
	 * All requests that have arrived, as a list in order of arrival. Those of a connection that ended before this
	 * call are not among them. Answering a request ends it: take `next` first.
	 */
	void (*batch)(void *arg, struct td_request *first);
	/* May this uid (and its groups) use this role? Called once a connection. */
	bool (*allow)(void *arg, int role, uint32_t uid, int32_t pid);
	/* May this role use this verb? Looked up in the one table of the daemon. */
	bool (*permits)(void *arg, int role, uint16_t verb);
	void (*opened)(void *arg, struct td_conn *conn); /* may be NULL */
	/*
	 * Leases end here; may be NULL. Requests of conn that were given to `batch` and not answered may be answered in
	 * this call (into nothing); after it their conn is NULL.
	 */
	void (*closed)(void *arg, struct td_conn *conn);
	/* To be logged: why a connection is refused or closed, or (conn NULL) none can be accepted; may be NULL. */
	void (*trouble)(void *arg, const struct td_conn *conn, const struct td_err *err);
};

/* NULL only when out of memory. *ops must outlive the server. */
struct td_server *td_server_new(struct event_base *base, const struct td_server_ops *ops, void *arg);
/*
 * Listens on a Unix socket (a stale file is replaced, a live one is TD_REFUSED) with mode 0660, owned by uid:gid (-1
 * = leave). The file appears under its name only when all of that is so.
 */
enum td_status td_server_listen(struct td_server *server, const char *path, int role, int64_t uid, int64_t gid,
	struct td_err *err);
/* Answers and ends a request: a reply of that shape, or (shape NULL) an empty one. */
void td_request_reply(struct td_request *request, const struct td_shape *shape, const void *value);
/* Answers with err's status, code and text. */
void td_request_fail(struct td_request *request, const struct td_err *err);
/*
 * Removes the socket files, stops accepting and reading; what was read is still answered. Peers with a request that
 * was not read see that it was not, and ask the next server.
 */
void td_server_drain(struct td_server *server);
/* Requests read and not yet answered, and connections that have not taken all their answers. */
size_t td_server_pending(const struct td_server *server);
/*
 * Ends connections (`closed` is called) and unanswered requests, which are invalid afterwards. Not from a callback.
 * NULL allowed.
 */
void td_server_free(struct td_server *server);

#endif
