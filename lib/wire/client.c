/*
 * client - one blocking request at a time to a local socket, with a deadline; and a pool of such connections
 *
 * Every attempt ends in one of the outcomes below; td_client_call alone decides which of them is worth another
 * attempt. A Unix socket tells more than TCP: when the peer ends with bytes of ours unread we get ECONNRESET, and as
 * nothing follows a request, it was then not read whole and not carried out. After end-of-file it may have been.
 */
#include "client.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "sock.h"

#define CONNECT_EVERY_MS 20
#define READ_SIZE 8192
#define KEEP_ROOM 65536 /* a larger buffer is given back between calls */

struct td_client {
	char         *path;
	int           fd; /* -1: not connected */
	uint32_t      id; /* of the last request */
	struct td_buf out;
	struct td_buf in;
};

enum outcome {
	ANSWERED,
	AWAY,    /* no connection; err says why */
	HOPELESS, /* no connection, and waiting will not help */
	UNREAD,  /* the connection ended before the peer had the request */
	LOST,    /* it ended after that */
	LATE,    /* the deadline passed before the request was written */
	SILENT,  /* it passed after that */
	REJECTED, /* the peer said why it ends the connection; err */
	GARBLED  /* not our protocol; err */
};

struct td_client *td_client_new(const char *socket_path)
{
	struct td_client *client = calloc(1, sizeof *client);

	if (!client)
		return NULL;
	client->fd = -1;
	client->path = strdup(socket_path);
	if (!client->path) {
		free(client);
		return NULL;
	}
	td_buf_init(&client->out, TD_MSG_MAX);
	td_buf_init(&client->in, TD_MSG_MAX + READ_SIZE);
	return client;
}

static void hang_up(struct td_client *client)
{
	if (client->fd >= 0)
		close(client->fd);
	client->fd = -1;
}

void td_client_free(struct td_client *client)
{
	if (!client)
		return;
	hang_up(client);
	td_buf_free(&client->out);
	td_buf_free(&client->in);
	free(client->path);
	free(client);
}

static int64_t time_left(int64_t deadline)
{
	int64_t left = deadline - td_mono_ms(td_clock_system());

	return left > 0 ? left : 0;
}

/*
 * Waits for events on fd (-1: only waits) at most ms, and not beyond the deadline. False when the deadline has
 * passed.
 */
static bool wait_for(int fd, short events, int64_t ms, int64_t deadline)
{
	struct pollfd pfd = { .fd = fd, .events = events };
	int64_t       left = time_left(deadline);

	if (left == 0)
		return false;
	if (left > ms)
		left = ms;
	poll(&pfd, 1, left > INT_MAX ? INT_MAX : (int)left);
	return true;
}

static enum outcome send_request(struct td_client *client, int64_t deadline)
{
	struct td_view rest = td_buf_view(&client->out);

	while (rest.n > 0) {
		ssize_t n = send(client->fd, rest.p, rest.n, MSG_NOSIGNAL);

		if (n >= 0)
			rest = td_view_skip(rest, (size_t)n);
		else if (errno == EAGAIN) {
			if (!wait_for(client->fd, POLLOUT, INT_MAX, deadline))
				return LATE;
		} else if (errno != EINTR)
			return UNREAD;
	}
	return ANSWERED;
}

/* Reads until there is one whole frame. */
static enum outcome read_reply(struct td_client *client, struct td_msg *reply, int64_t deadline, struct td_err *err)
{
	char    bytes[READ_SIZE];
	size_t  used;
	ssize_t n;

	for (;;) {
		used = td_msg_read(td_buf_view(&client->in), reply, err);
		if (used == (size_t)-1)
			return GARBLED;
		if (used > 0)
			return ANSWERED;
		n = recv(client->fd, bytes, sizeof bytes, 0);
		if (n > 0)
			td_buf_add(&client->in, td_view_mem(bytes, (size_t)n));
		else if (n == 0)
			return LOST;
		else if (errno == EAGAIN) {
			if (!wait_for(client->fd, POLLIN, INT_MAX, deadline))
				return SILENT;
		} else if (errno != EINTR)
			return errno == ECONNRESET ? UNREAD : LOST;
		if (!td_buf_ok(&client->in)) {
			td_err_set(err, TD_NOMEM, "no memory for the answer");
			return GARBLED;
		}
	}
}

/* One attempt: connects where needed, writes the request in client->out, reads its reply. */
static enum outcome attempt(struct td_client *client, uint16_t verb, struct td_msg *reply, int64_t deadline,
	struct td_err *err)
{
	enum outcome sent, got;

	td_buf_reset(&client->in);
	if (client->fd < 0) {
		int fd = td_sock_connect(client->path);

		if (fd < 0) {
			td_sock_away(err, client->path, -fd);
			return td_sock_may_return(-fd) ? AWAY : HOPELESS;
		}
		client->fd = fd;
	}
	sent = send_request(client, deadline);
	if (sent == LATE)
		return LATE;
	/*
	 * A peer that has hung up may have said why, and then there is something to read even if nothing could be
	 * written.
	 */
	got = read_reply(client, reply, deadline, err);
	if (got == ANSWERED && reply->id == TD_MSG_NO_ID && reply->status != TD_OK) {
		td_fault_read(reply, err);
		return REJECTED;
	}
	if (sent == UNREAD)
		return UNREAD;
	if (got == ANSWERED && (reply->id != client->id || reply->verb != verb)) {
		td_err_set(err, TD_BADINPUT, "the answer is for another request");
		return GARBLED;
	}
	return got;
}

/*
 * Attempts until there is an answer, no hope, or no time. written: it may have been carried out by an earlier
 * attempt.
 */
static enum td_status exchange(struct td_client *client, uint16_t verb, struct td_msg *reply, int64_t timeout_ms,
	int64_t deadline, bool retry, struct td_err *err)
{
	char program[TD_SOCK_PROGRAM_SIZE];
	bool written = false;

	td_sock_program(program, client->path);
	for (;;) {
		bool         fresh = client->fd < 0;
		enum outcome outcome = attempt(client, verb, reply, deadline, err);

		if (outcome == ANSWERED)
			return TD_OK;
		hang_up(client);
		written = written || outcome == LOST || outcome == SILENT || outcome == GARBLED;
		switch (outcome) {
		case UNREAD:
			td_err_set(err, TD_TEMPFAIL, "%s: %s closed the connection (see its log)", client->path, program);
			break;
		case LOST:
			td_err_set(err, TD_UNCERTAIN, "%s: %s ended before it answered (see its log)", client->path, program);
			break;
		case LATE:
		case SILENT:
			td_err_set(err, TD_TEMPFAIL, "%s: no answer from %s within %lld ms (is it overloaded? see its log)",
				client->path, program, (long long)timeout_ms);
			break;
		case GARBLED:
			td_err_prefix(err, "%s: %s", client->path, program);
			break;
		default:
			break;
		}
		if (written)
			err->status = TD_UNCERTAIN;
		if (outcome == HOPELESS || outcome == REJECTED || outcome == GARBLED || outcome == LATE || outcome == SILENT ||
			(outcome == LOST && !retry))
			return err->status;
		/*
		 * A connection kept from an earlier call is likely to have ended with its server: the new one may be there
		 * already.
		 */
		if (fresh && !wait_for(-1, 0, CONNECT_EVERY_MS, deadline))
			return err->status;
	}
}

static void give_back(struct td_buf *buf, size_t cap)
{
	if (buf->room <= KEEP_ROOM)
		return;
	td_buf_free(buf);
	td_buf_init(buf, cap);
}

enum td_status td_client_call(struct td_client *client, uint16_t verb, const struct td_shape *shape,
	const void *request,
	const struct td_shape *reply_shape, void *out, struct td_arena *arena, int64_t timeout_ms, bool retry_uncertain,
	struct td_err *err)
{
	const int64_t  forever = INT64_MAX / 4;
	int64_t        wait = timeout_ms < 0 ? 0 : timeout_ms > forever ? forever : timeout_ms;
	int64_t        deadline = td_mono_ms(td_clock_system()) + wait;
	struct td_err  why = { .status = TD_OK };
	struct td_msg  reply;
	enum td_status status;

	td_buf_reset(&client->out);
	give_back(&client->out, TD_MSG_MAX);
	give_back(&client->in, TD_MSG_MAX + READ_SIZE);
	if (++client->id == TD_MSG_NO_ID)
		client->id = 1;
	if (!td_msg_put(&client->out, client->id, verb, TD_OK, shape, request))
		return td_err_set(err, TD_TOOBIG, "%s: request over %u bytes", client->path, TD_MSG_MAX);
	status = exchange(client, verb, &reply, wait, deadline, retry_uncertain, &why);
	if (status == TD_OK && reply.status != TD_OK)
		status = td_fault_read(&reply, &why);
	else if (status == TD_OK && reply_shape && td_shape_decode(reply_shape, reply.body, out, arena, &why)) {
		/* It was done, but what it gave is not known. */
		td_err_prefix(&why, "%s", client->path);
		status = why.status = TD_UNCERTAIN;
	}
	if (status != TD_OK && err)
		*err = why;
	return status;
}
