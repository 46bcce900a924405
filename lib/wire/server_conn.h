/*
 * server_conn - connections and requests of a server: reading, collecting, answering
 *
 * Private to server.c and server_conn.c.
 */
#ifndef TD_SERVER_CONN_H
#define TD_SERVER_CONN_H

#include <event2/event.h>
#include <sys/queue.h>
#include <sys/types.h>

#include "server.h"

#define READ_SIZE 32768
#define SMALL_BODY 512 /* bodies up to this need no arena */

TAILQ_HEAD(request_queue, request);
LIST_HEAD(request_list, request);
TAILQ_HEAD(conn_queue, conn);
LIST_HEAD(conn_list, conn);
LIST_HEAD(listener_list, listener);

struct request {
	struct td_request   pub;
	struct td_arena     arena;
	struct conn        *conn;   /* NULL once it has gone */
	bool                queued; /* waits for the batch */
	TAILQ_ENTRY(request) batch;
	LIST_ENTRY(request) link; /* in its connection's list, or the server's of orphans or of free ones */
	char                small[SMALL_BODY];
};

struct conn {
	struct td_conn      pub;
	struct td_server   *server;
	int                 fd;
	struct event       *readable, *writable;
	struct td_buf       in;  /* the beginning of a frame whose rest has not come */
	struct td_buf       out; /* answers; the first `sent` bytes have gone */
	size_t              sent;
	size_t              pending; /* requests not answered */
	struct request_list requests;
	bool                reading;
	bool                ending; /* no answers but those in out, then close */
	bool                broken; /* close at the next flush */
	bool                gone;   /* is being closed */
	bool                dirty;  /* is in the server's list of those to flush */
	LIST_ENTRY(conn)    link;
	TAILQ_ENTRY(conn)   flush;
};

struct listener {
	struct td_server   *server;
	char               *path;
	int                 role;
	int                 fd;
	struct event       *event;
	dev_t               dev; /* of the socket file, so that another's is not unlinked */
	ino_t               ino;
	LIST_ENTRY(listener) link;
};

struct td_server {
	struct event_base          *base;
	const struct td_server_ops *ops;
	void                       *arg;
	struct listener_list        listeners;
	struct conn_list            conns;
	struct conn_queue           dirty;
	struct request_queue        batch;
	struct request_list         orphans, spare;
	size_t                      nspare;
	size_t                      npending;
	struct event               *batch_event, *flush_event, *resume_event;
	bool                        in_batch;
	bool                        draining;
	char                        bytes[READ_SIZE]; /* what was just read, of any connection */
};

/* Takes over a descriptor just accepted: checks its peer, calls `opened`, reads. Closes it on any failure. */
void td_conn_open(struct td_server *server, int fd, int role);
/* Ends a connection at once. Not from within `batch`. */
void td_conn_close(struct conn *conn);
/* Stops or resumes reading, as the state of the connection and its server wants it. */
void td_conn_pace(struct conn *conn);
/* Sends what there is to send, and ends what is to be ended. */
void td_conns_flush(struct td_server *server);
/* Gives everything collected to the handler, then flushes. An event callback. */
void td_server_run_batch(evutil_socket_t fd, short what, void *arg);
/* Frees the spare requests. */
void td_requests_free(struct request_list *list);
void td_server_trouble(struct td_server *server, const struct conn *conn, const struct td_err *err);

#endif
