/*
 * peer - an asynchronous connection to a local server in a libevent loop, with reconnect
 *
 * A call is in `queue` until all of its frame is written, and then in `sent` until its reply comes; both in the order
 * of asking. When the connection breaks, those of `sent` that may be repeated go back to the front of the queue. A
 * call that ends while half of its frame is written stays in the queue without its callback, for the frame must be
 * completed.
 */
#include "peer.h"

#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "frames.h"
#include "peer_calls.h"
#include "sock.h"

#define READ_SIZE 32768
#define GATHER 64
#define BACKOFF_FIRST_MS 20
#define BACKOFF_MAX_MS 500
#define FAILED_MAX 256

struct failed { /* a request that could not even be queued */
	td_peer_done  *done;
	void          *arg;
	enum td_status status;
};

struct td_peer {
	struct event_base *base;
	char              *path;
	int                fd; /* -1: not connected */
	bool               unwritable; /* broken, but answers may still be there to read */
	bool               turned_away; /* the server has read nothing of this connection, and said so */
	bool               freeing;
	struct event      *readable, *writable; /* of fd; NULL: not connected */
	struct event      *connect_event, *deadline_event, *flush_event, *failed_event;
	int64_t            backoff_ms;
	int64_t            armed; /* when deadline_event fires, monotonic; INT64_MAX: not armed */
	uint32_t           last_id;
	struct td_calls       calls;
	struct td_call_queue  queue, sent;
	size_t             head_written; /* bytes of the first call of queue */
	struct td_buf      in;
	struct td_buf      frame; /* the one being encoded */
	struct td_err      away;  /* why there is no connection */
	struct failed      failed[FAILED_MAX];
	size_t             nfailed;
	void (*changed)(void *arg, bool up);
	void              *changed_arg;
	char               bytes[READ_SIZE];
};

static struct timeval time_of(int64_t ms)
{
	return (struct timeval){ .tv_sec = (time_t)(ms / 1000), .tv_usec = (suseconds_t)(ms % 1000) * 1000 };
}

/* Ends a call that is in neither list any more. */
static void finish(struct td_peer *peer, struct td_call *call, const struct td_msg *msg, const struct td_err *err)
{
	td_peer_done *done = call->done;
	void         *arg = call->arg;

	if (done)
		td_calls_remove(&peer->calls, call);
	free(call);
	if (done)
		done(arg, msg, err);
}

/*
 * Why a call without an answer ends. seen: the server may have it; then, and if it had it before, it may have carried
 * it out.
 */
static void explain(const struct td_peer *peer, const struct td_call *call, bool seen, const char *what,
	struct td_err *err)
{
	char program[TD_SOCK_PROGRAM_SIZE];

	if (!seen && peer->fd < 0 && peer->away.status != TD_OK)
		*err = peer->away;
	else
		td_err_set(err, TD_TEMPFAIL, "%s: %s %s (see its log)", peer->path, td_sock_program(program, peer->path), what);
	if (seen || call->written)
		err->status = TD_UNCERTAIN;
}

static void connect_later(struct td_peer *peer)
{
	struct timeval tv = time_of(peer->backoff_ms);

	event_add(peer->connect_event, &tv);
	peer->backoff_ms = peer->backoff_ms * 2 < BACKOFF_MAX_MS ? peer->backoff_ms * 2 : BACKOFF_MAX_MS;
}

static void hang_up(struct td_peer *peer)
{
	if (peer->readable)
		event_free(peer->readable);
	if (peer->writable)
		event_free(peer->writable);
	peer->readable = peer->writable = NULL;
	if (peer->fd >= 0)
		close(peer->fd);
	peer->fd = -1;
	peer->unwritable = peer->turned_away = false;
	td_frames_reset(&peer->in);
}

/* Brings the lists into the state of not being connected; moves to *ended what must not be repeated. */
static void unsend(struct td_peer *peer, struct td_call_queue *ended)
{
	struct td_call *call = TAILQ_FIRST(&peer->queue), *previous;

	peer->head_written = 0;
	if (call && !call->done) {
		TAILQ_REMOVE(&peer->queue, call, link);
		free(call);
	}
	for (call = TAILQ_LAST(&peer->sent, td_call_queue); call; call = previous) {
		previous = TAILQ_PREV(call, td_call_queue, link);
		TAILQ_REMOVE(&peer->sent, call, link);
		call->sent = false;
		call->written = call->written || !peer->turned_away;
		if (call->idempotent || peer->turned_away)
			TAILQ_INSERT_HEAD(&peer->queue, call, link);
		else
			TAILQ_INSERT_HEAD(ended, call, link);
	}
}

/* The connection is of no use any more, because of peer->away: calls wait for the next one, or end. */
static void lose(struct td_peer *peer)
{
	struct td_call_queue ended = TAILQ_HEAD_INITIALIZER(ended);
	struct td_call      *call;
	struct td_err     err;

	unsend(peer, &ended);
	hang_up(peer);
	connect_later(peer);
	if (peer->changed)
		peer->changed(peer->changed_arg, false);
	while ((call = TAILQ_FIRST(&ended))) {
		TAILQ_REMOVE(&ended, call, link);
		explain(peer, call, true, "ended before it answered", &err);
		finish(peer, call, NULL, &err);
	}
}

/* n more bytes of the queue have gone. */
static void advance(struct td_peer *peer, size_t n)
{
	while (n > 0) {
		struct td_call *call = TAILQ_FIRST(&peer->queue);
		size_t       left = call->size - peer->head_written;

		if (n < left) {
			peer->head_written += n;
			return;
		}
		n -= left;
		peer->head_written = 0;
		TAILQ_REMOVE(&peer->queue, call, link);
		if (!call->done) {
			free(call);
			continue;
		}
		call->sent = true;
		TAILQ_INSERT_TAIL(&peer->sent, call, link);
	}
}

static void write_queue(struct td_peer *peer)
{
	while (peer->fd >= 0 && !peer->unwritable && !TAILQ_EMPTY(&peer->queue)) {
		struct iovec  parts[GATHER];
		struct msghdr msg = { .msg_iov = parts };
		size_t        skip = peer->head_written;
		struct td_call  *call;
		ssize_t       n;

		TAILQ_FOREACH(call, &peer->queue, link) {
			if (msg.msg_iovlen == GATHER)
				break;
			parts[msg.msg_iovlen].iov_base = call->frame + skip;
			parts[msg.msg_iovlen++].iov_len = call->size - skip;
			skip = 0;
		}
		n = sendmsg(peer->fd, &msg, MSG_NOSIGNAL);
		if (n >= 0)
			advance(peer, (size_t)n);
		else if (errno == EAGAIN) {
			event_add(peer->writable, NULL);
			return;
		} else if (errno != EINTR)
			/* Answers may still be there; end-of-file comes after them. */
			peer->unwritable = true;
	}
}

static void on_flush(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	write_queue(arg);
}

/* One frame has come. False, with peer->away, when the connection is to be dropped. */
static bool take_reply(void *arg, const struct td_msg *msg)
{
	struct td_peer *peer = arg;
	struct td_call    *call = td_calls_find(&peer->calls, msg->id);
	struct td_err   err;

	if (msg->id == TD_MSG_NO_ID && msg->status != TD_OK) {
		peer->turned_away = msg->status == TD_TEMPFAIL;
		td_fault_read(msg, &peer->away);
		td_err_prefix(&peer->away, "%s", peer->path);
		peer->away.status = TD_TEMPFAIL;
		return false;
	}
	peer->backoff_ms = BACKOFF_FIRST_MS;
	if (!call)
		return true; /* it came too late */
	if (!call->sent || call->verb != msg->verb) {
		td_err_set(&peer->away, TD_TEMPFAIL, "%s: answer without a request", peer->path);
		return false;
	}
	TAILQ_REMOVE(&peer->sent, call, link);
	if (msg->status == TD_OK)
		finish(peer, call, msg, NULL);
	else {
		td_fault_read(msg, &err);
		finish(peer, call, NULL, &err);
	}
	return true;
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct td_peer *peer = arg;
	ssize_t         n = recv(fd, peer->bytes, sizeof peer->bytes, 0);
	enum td_status  status;

	(void)what;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		td_sock_away(&peer->away, peer->path, ECONNRESET);
		lose(peer);
		return;
	}
	status = td_frames_take(&peer->in, td_view_mem(peer->bytes, (size_t)n), take_reply, peer, &peer->away);
	if (status == TD_BADINPUT || status == TD_NOMEM) {
		td_err_prefix(&peer->away, "%s", peer->path);
		peer->away.status = TD_TEMPFAIL; /* what it means for a request that waits */
	}
	if (status != TD_OK)
		lose(peer);
}

static void on_connect(evutil_socket_t event_fd, short what, void *arg)
{
	struct td_peer *peer = arg;
	int             fd = td_sock_connect(peer->path);

	(void)event_fd;
	(void)what;
	if (fd < 0) {
		td_sock_away(&peer->away, peer->path, -fd);
		connect_later(peer);
		return;
	}
	peer->fd = fd;
	peer->readable = event_new(peer->base, fd, EV_READ | EV_PERSIST, on_readable, peer);
	peer->writable = event_new(peer->base, fd, EV_WRITE, on_flush, peer);
	if (!peer->readable || !peer->writable || event_add(peer->readable, NULL) < 0) {
		td_err_set(&peer->away, TD_TEMPFAIL, "%s: cannot connect: out of memory", peer->path);
		hang_up(peer);
		connect_later(peer);
		return;
	}
	if (peer->changed)
		peer->changed(peer->changed_arg, true);
	write_queue(peer);
}

/*
 * Has deadline_event fire at the earliest deadline. Firing too early is harmless, so a deadline that goes away does
 * not re-arm.
 */
static void arm(struct td_peer *peer)
{
	const struct td_call *call = td_calls_earliest(&peer->calls);
	int64_t            left;
	struct timeval     tv;

	if (!call || call->deadline >= peer->armed)
		return;
	left = call->deadline - td_mono_ms(td_clock_system());
	tv = time_of(left > 1 ? left : 1);
	peer->armed = call->deadline;
	event_add(peer->deadline_event, &tv);
}

/* Ends a call whose time is over, or whose peer is freed. */
static void give_up(struct td_peer *peer, struct td_call *call, const char *what)
{
	bool          half = call == TAILQ_FIRST(&peer->queue) && peer->head_written > 0;
	td_peer_done *done = call->done;
	void         *arg = call->arg;
	struct td_err err;

	explain(peer, call, call->sent || half, what, &err);
	if (half) {
		td_calls_remove(&peer->calls, call);
		call->done = NULL;
		done(arg, NULL, &err);
		return;
	}
	if (call->sent)
		TAILQ_REMOVE(&peer->sent, call, link);
	else
		TAILQ_REMOVE(&peer->queue, call, link);
	finish(peer, call, NULL, &err);
}

static void on_deadline(evutil_socket_t fd, short what, void *arg)
{
	struct td_peer *peer = arg;
	int64_t         now = td_mono_ms(td_clock_system());
	struct td_call    *call;

	(void)fd;
	(void)what;
	peer->armed = INT64_MAX;
	while ((call = td_calls_earliest(&peer->calls)) && call->deadline <= now)
		give_up(peer, call, "did not answer in time");
	arm(peer);
}

static void on_failed(evutil_socket_t fd, short what, void *arg)
{
	struct td_peer *peer = arg;
	struct failed   failed[FAILED_MAX];
	size_t          n = peer->nfailed;
	struct td_err   err;

	(void)fd;
	(void)what;
	memcpy(failed, peer->failed, n * sizeof *failed);
	peer->nfailed = 0;
	for (size_t i = 0; i < n; i++) {
		if (failed[i].status == TD_TOOBIG)
			td_err_set(&err, TD_TOOBIG, "%s: request over %u bytes", peer->path, TD_MSG_MAX);
		else
			td_err_set(&err, failed[i].status, "%s: out of memory for a request", peer->path);
		failed[i].done(failed[i].arg, NULL, &err);
	}
}

/* Tells of a request that could not be queued, from the loop. Needs no memory, as that is what may be lacking. */
static void fail_later(struct td_peer *peer, td_peer_done *done, void *arg, enum td_status status)
{
	if (peer->nfailed == FAILED_MAX)
		abort(); /* nobody could be told */
	peer->failed[peer->nfailed++] = (struct failed){ done, arg, status };
	event_active(peer->failed_event, EV_TIMEOUT, 0);
}

/* An id no call under way has. */
static uint32_t next_id(struct td_peer *peer)
{
	do
		peer->last_id++;
	while (peer->last_id == TD_MSG_NO_ID || td_calls_find(&peer->calls, peer->last_id));
	return peer->last_id;
}

void td_peer_call(struct td_peer *peer, uint16_t verb, const struct td_shape *shape, const void *value,
	int64_t timeout_ms, bool idempotent, td_peer_done *done, void *arg)
{
	const int64_t forever = INT64_MAX / 4;
	uint32_t      id = next_id(peer);
	struct td_call  *call;

	if (peer->freeing)
		return;
	td_frames_reset(&peer->frame);
	if (!td_msg_put(&peer->frame, id, verb, TD_OK, shape, value)) {
		fail_later(peer, done, arg, TD_TOOBIG);
		return;
	}
	call = malloc(sizeof *call + peer->frame.n);
	if (!call) {
		fail_later(peer, done, arg, TD_NOMEM);
		return;
	}
	*call = (struct td_call){ .id = id, .verb = verb, .idempotent = idempotent, .done = done, .arg = arg,
		.size = peer->frame.n };
	memcpy(call->frame, peer->frame.p, peer->frame.n);
	call->deadline = timeout_ms < 0 || timeout_ms > forever ? INT64_MAX : td_mono_ms(td_clock_system()) + timeout_ms;
	if (!td_calls_add(&peer->calls, call)) {
		free(call);
		fail_later(peer, done, arg, TD_NOMEM);
		return;
	}
	TAILQ_INSERT_TAIL(&peer->queue, call, link);
	arm(peer);
	event_active(peer->flush_event, EV_TIMEOUT, 0);
}

struct td_peer *td_peer_new(struct event_base *base, const char *socket_path)
{
	struct td_peer *peer = calloc(1, sizeof *peer);

	if (!peer)
		return NULL;
	peer->base = base;
	peer->fd = -1;
	peer->backoff_ms = BACKOFF_FIRST_MS;
	peer->armed = INT64_MAX;
	TAILQ_INIT(&peer->queue);
	TAILQ_INIT(&peer->sent);
	td_frames_init(&peer->in);
	td_buf_init(&peer->frame, TD_MSG_MAX);
	peer->path = strdup(socket_path);
	peer->connect_event = event_new(base, -1, 0, on_connect, peer);
	peer->deadline_event = event_new(base, -1, 0, on_deadline, peer);
	peer->flush_event = event_new(base, -1, 0, on_flush, peer);
	peer->failed_event = event_new(base, -1, 0, on_failed, peer);
	if (!peer->path || !peer->connect_event || !peer->deadline_event || !peer->flush_event || !peer->failed_event) {
		td_peer_free(peer);
		return NULL;
	}
	event_active(peer->connect_event, EV_TIMEOUT, 0);
	return peer;
}

void td_peer_watch(struct td_peer *peer, void (*changed)(void *arg, bool up), void *arg)
{
	peer->changed = changed;
	peer->changed_arg = arg;
}

bool td_peer_up(const struct td_peer *peer)
{
	return peer->fd >= 0;
}

size_t td_peer_pending(const struct td_peer *peer)
{
	return peer->calls.n + peer->nfailed;
}

static void free_event(struct event *event)
{
	if (event)
		event_free(event);
}

void td_peer_free(struct td_peer *peer)
{
	struct td_call *call;

	if (!peer)
		return;
	peer->freeing = true;
	while ((call = TAILQ_FIRST(&peer->sent)))
		give_up(peer, call, "had not answered when this program stopped");
	call = TAILQ_FIRST(&peer->queue);
	if (call && peer->head_written > 0) {
		if (call->done)
			give_up(peer, call, "had not answered when this program stopped");
		TAILQ_REMOVE(&peer->queue, call, link);
		free(call);
		peer->head_written = 0;
	}
	while ((call = TAILQ_FIRST(&peer->queue)))
		give_up(peer, call, "was not asked before this program stopped");
	on_failed(-1, 0, peer);
	hang_up(peer);
	free_event(peer->connect_event);
	free_event(peer->deadline_event);
	free_event(peer->flush_event);
	free_event(peer->failed_event);
	td_calls_free(&peer->calls);
	td_buf_free(&peer->in);
	td_buf_free(&peer->frame);
	free(peer->path);
	free(peer);
}
