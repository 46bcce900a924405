/*
 * stream_conn - one connection of a stream, and what the two halves of the transport share
 */
#ifndef TD_STREAM_CONN_H
#define TD_STREAM_CONN_H

#include <event2/bufferevent.h>
#include <event2/event.h>

#include "smsd.h"
#include "stream.h"

#define STREAM_CONNECTIONS 16
#define STREAM_INPUT_MAX (1u << 20)  /* bytes that gather without one being consumed */
#define STREAM_OUTPUT_MAX (4u << 20) /* bytes that the peer does not read */
#define STREAM_EVENTS_MAX 64         /* deliveries of a connection with the store; then it is not read */
#define STREAM_CONNECT_MS 10000
#define STREAM_FAREWELL_MS 5000
#define STREAM_PAUSE_FIRST_MS 1000
#define STREAM_PAUSE_LAST_MS 60000

struct stream_sent { /* an SMS with the provider */
	struct job *job;
	uint64_t    token;
	LIST_ENTRY(stream_sent) link;
};

enum conn_state {
	CONN_IDLE,       /* waits to be connected (again), or is over */
	CONN_CONNECTING,
	CONN_OPEN,
	CONN_LEAVING,    /* farewell is said: results still count */
	CONN_FLUSHING    /* the plugin wants to close: what is to be sent leaves, nothing is read */
};

struct stream_conn {
	struct stream      *stream;
	enum conn_state     state;
	unsigned            life;    /* counts connections, so that an old one's deliveries are known */
	struct bufferevent *bev;
	struct event       *timer;   /* the plugin's, or of the state */
	struct td_arena     arena;   /* of stream_open */
	void               *conn;    /* the plugin's */
	bool                opened;  /* stream_open was called, stream_close (gone) not yet */
	bool                ready;   /* has had room */
	uint32_t            room;
	LIST_HEAD(, stream_sent) sent;
	size_t              nsent;
	size_t              ndeliveries;
	int64_t             pause_ms; /* before the next attempt */
	int64_t             next_ms;  /* IDLE: when, monotonic */
	bool                refused;  /* the provider refuses our account: the next attempt comes late */
	char                peer[300]; /* host:port */
};

struct stream {
	struct instance    *instance;
	struct stream_conn *conns;
	size_t              nconns;
	struct evdns_base  *dns;    /* NULL until a name is to be resolved */
	struct ssl_ctx_st  *tls;    /* NULL until TLS is wanted */
	uint64_t            token;
	uint64_t            events; /* deliveries so far: for the ids of inbound SMS without one */
	bool                stopping; /* holds a reference to the instance */
	bool                down;   /* not usable, and jobs were told */
	LIST_ENTRY(stream)  link;   /* smsd's, while stopping */
};

/* ---- stream.c ---- */

/* Room, SMS or state of a connection have changed: window, waiting jobs, end of a stopped stream. */
void stream_changed(struct stream *stream);

/* ---- stream_conn.c ---- */

/* Connects, or has it tried again later. */
void conn_start(struct stream_conn *conn);
/* Ends it: SMS without a result are uncertain. why is for people. Connects again later unless the stream stops. */
void conn_lost(struct stream_conn *conn, const char *why);
/* Says farewell as soon as no SMS is without a result. */
void conn_leave(struct stream_conn *conn);
void conn_submit(struct stream_conn *conn, struct job *job, const struct tandem_sms *sms);

/* ---- stream_io.c ---- */

/* Begins to connect; events come to the callbacks. TD_TEMPFAIL, TD_PERMFAIL. */
enum td_status stream_connect(struct stream *stream, const struct tandem_stream_target *target,
	struct bufferevent **out, struct td_err *err);
/* What a failed connection says, TLS included. */
void stream_why(struct bufferevent *bev, short what, char *out, size_t size);
void stream_io_free(struct stream *stream);

#endif
