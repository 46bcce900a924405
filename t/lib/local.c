/*
 * local - servers of the local protocol in child processes, for tests
 */
#include "local.h"

#include <errno.h>
#include <event2/event.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "server.h"
#include "sock.h"
#include "tap.h"

#define HELD_MAX 4096

static const struct td_field note_fields[] = {
	{ 1, TD_F_I64, offsetof(struct local_note, n), NULL, "n" },
	{ 2, TD_F_VIEW, offsetof(struct local_note, text), NULL, "text" },
};
const struct td_shape local_note_shape = { "note", sizeof(struct local_note), note_fields,
	sizeof note_fields / sizeof *note_fields };

static char  dir[64];
static pid_t owner;

static void remove_dir(void)
{
	char command[96];

	if (getpid() != owner)
		return;
	snprintf(command, sizeof command, "rm -rf %s", dir);
	if (system(command) != 0)
		diag("cannot remove %s", dir);
}

const char *local_path(const char *name)
{
	static char     paths[8][96];
	static unsigned turn;
	char           *path = paths[turn++ % 8];

	if (!dir[0]) {
		snprintf(dir, sizeof dir, "/tmp/tandem-test.XXXXXX");
		if (!mkdtemp(dir))
			bail_out("cannot make a directory: %s", strerror(errno));
		owner = getpid();
		atexit(remove_dir);
	}
	snprintf(path, sizeof paths[0], "%s/%s", dir, name);
	return path;
}

/* The server's state, in the child only. */
static struct {
	struct td_server  *server;
	struct event_base *base;
	int64_t            allow_uid;
	int64_t            batches, requests, closed;
	char               trouble[512];
	struct td_request *held[HELD_MAX];
	size_t             nheld;
	bool               draining, ended;
} s;

static void answer(struct td_request *request, int64_t n, const char *text)
{
	struct local_note note = { n, td_view_str(text) };

	td_request_reply(request, &local_note_shape, &note);
}

static size_t release(void)
{
	size_t n = s.nheld;

	for (size_t i = 0; i < n; i++) {
		struct local_note note;

		td_shape_decode(&local_note_shape, s.held[i]->msg.body, &note, s.held[i]->arena, NULL);
		td_request_reply(s.held[i], &local_note_shape, &note);
	}
	s.nheld = 0;
	return n;
}

static void answer_big(struct td_request *request, int64_t n)
{
	struct local_note note = { n, { NULL, 0 } };
	char             *bytes = malloc((size_t)n + 1);

	if (!bytes)
		_exit(3);
	memset(bytes, 'b', (size_t)n);
	note.text = td_view_mem(bytes, (size_t)n);
	td_request_reply(request, &local_note_shape, &note);
	free(bytes);
}

static void answer_held(struct td_request *request)
{
	char   text[32];
	size_t gone = 0;

	for (size_t i = 0; i < s.nheld; i++)
		gone += s.held[i]->conn == NULL;
	snprintf(text, sizeof text, "%zu", gone);
	answer(request, (int64_t)(s.nheld - gone), text);
}

static void serve(struct td_request *request)
{
	struct local_note note;
	struct td_err     err;
	char              text[600];

	if (td_shape_decode(&local_note_shape, request->msg.body, &note, request->arena, &err)) {
		td_request_fail(request, &err);
		return;
	}
	switch (request->msg.verb) {
	case LOCAL_ECHO:
		td_request_reply(request, &local_note_shape, &note);
		break;
	case LOCAL_BATCHES:
		snprintf(text, sizeof text, "%lld requests", (long long)s.requests);
		answer(request, s.batches, text);
		break;
	case LOCAL_HOLD:
		s.held[s.nheld++] = request;
		break;
	case LOCAL_RELEASE:
		answer(request, (int64_t)release(), "");
		break;
	case LOCAL_FAIL:
		td_err_dsn(&err, TD_REFUSED, "5.7.9", "%.*s", TD_VARG(note.text));
		td_request_fail(request, &err);
		break;
	case LOCAL_DIE:
		_exit(9);
	case LOCAL_WHO:
		snprintf(text, sizeof text, "%d %u %d", request->conn->role, (unsigned)request->conn->uid,
			(int)request->conn->pid);
		answer(request, (int64_t)request->conn->serial, text);
		break;
	case LOCAL_CLOSED:
		answer(request, s.closed, s.trouble);
		break;
	case LOCAL_BIG:
		answer_big(request, note.n);
		break;
	case LOCAL_DRAIN:
		s.draining = true;
		td_server_drain(s.server);
		answer(request, 0, "");
		break;
	case LOCAL_HELD:
		answer_held(request);
		break;
	default:
		_exit(4);
	}
}

static void on_batch(void *arg, struct td_request *first)
{
	struct td_request *next;

	s.batches++;
	for (; first; first = next) {
		next = first->next;
		if (!first->conn)
			_exit(5);
		s.requests++;
		serve(first);
	}
}

static bool on_allow(void *arg, int role, uint32_t uid, int32_t pid)
{
	return role == 1 && pid > 0 && (s.allow_uid < 0 || (uint32_t)s.allow_uid == uid);
}

static bool on_permits(void *arg, int role, uint16_t verb)
{
	return role == 1 && verb < LOCAL_FORBIDDEN;
}

static void on_opened(void *arg, struct td_conn *conn)
{
	conn->user = &s;
}

static void on_closed(void *arg, struct td_conn *conn)
{
	if (conn->user != &s)
		_exit(6);
	s.closed++;
}

static void on_trouble(void *arg, const struct td_conn *conn, const struct td_err *err)
{
	snprintf(s.trouble, sizeof s.trouble, "%s", err->text);
}

static const struct td_server_ops ops = {
	.batch = on_batch,
	.allow = on_allow,
	.permits = on_permits,
	.opened = on_opened,
	.closed = on_closed,
	.trouble = on_trouble,
};

static void on_term(evutil_socket_t fd, short what, void *arg)
{
	s.ended = true;
}

/* In the child. Never returns; tells by a byte on ready that it listens. */
static _Noreturn void run(const char *path, int64_t allow_uid, int ready)
{
	struct event *term;
	struct td_err err;

	s.allow_uid = allow_uid;
	s.base = event_base_new();
	term = evsignal_new(s.base, SIGTERM, on_term, NULL);
	event_add(term, NULL);
	s.server = td_server_new(s.base, &ops, NULL);
	if (td_server_listen(s.server, path, 1, -1, -1, &err)) {
		diag("%s", err.text);
		_exit(2);
	}
	if (write(ready, "", 1) != 1)
		_exit(2);
	close(ready);
	while (!s.ended && (!s.draining || td_server_pending(s.server) > 0))
		event_base_loop(s.base, EVLOOP_ONCE);
	td_server_free(s.server);
	event_free(term);
	event_base_free(s.base);
	exit(0); /* not _exit: a sanitizer is to look for leaks */
}

/*
 * Forks a child that dies with the test. In the child *ready is where to write; the parent returns when it was
 * written.
 */
static pid_t child(int *ready)
{
	int   fds[2];
	char  byte;
	pid_t pid;

	fflush(stdout);
	if (pipe(fds) < 0)
		bail_out("pipe: %s", strerror(errno));
	pid = fork();
	if (pid < 0)
		bail_out("fork: %s", strerror(errno));
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(fds[0]);
		*ready = fds[1];
		return 0;
	}
	close(fds[1]);
	if (read(fds[0], &byte, 1) != 1)
		bail_out("the server did not start");
	close(fds[0]);
	return pid;
}

pid_t local_serve(const char *path, int64_t allow_uid)
{
	int   ready;
	pid_t pid = child(&ready);

	if (pid == 0)
		run(path, allow_uid, ready);
	return pid;
}

/* Reads one request. False at the end of the connection. */
static bool read_request(int fd, struct td_buf *in, struct td_msg *msg)
{
	char    bytes[4096];
	ssize_t n;

	while (td_msg_read(td_buf_view(in), msg, NULL) == 0) {
		n = read(fd, bytes, sizeof bytes);
		if (n <= 0)
			return false;
		td_buf_add(in, td_view_mem(bytes, (size_t)n));
	}
	return true;
}

static void send_all(int fd, struct td_view bytes)
{
	if (send(fd, bytes.p, bytes.n, MSG_NOSIGNAL) != (ssize_t)bytes.n)
		_exit(7);
}

/* Answers the request in `in` the way step says, and takes it off. False: no more of this connection. */
static bool play_request(int fd, char step, struct td_buf *in, struct td_msg *msg)
{
	struct td_buf out;
	size_t        used = msg->body.n + TD_MSG_HEAD;
	bool          more = step == 'a' || step == 's';

	td_buf_init(&out, TD_MSG_MAX);
	if (step == 'w')
		msg->id += 1000;
	if (step == 'g')
		td_buf_str(&out, "HTTP/1.1 400 Bad Request\r\n\r\n");
	else if (step != 's' && step != 'l')
		td_msg_write(&out, msg);
	if (step == 'h')
		out.n /= 2;
	send_all(fd, td_buf_view(&out));
	td_buf_free(&out);
	td_buf_consume(in, used);
	return more;
}

static void play(int fd, char step)
{
	struct td_buf in, out;
	struct td_msg msg;
	struct td_err err;
	struct pollfd pfd = { .fd = fd, .events = POLLIN };

	td_buf_init(&in, TD_MSG_MAX);
	td_buf_init(&out, TD_MSG_MAX);
	if (step == 'u')
		poll(&pfd, 1, -1);
	else if (step == 'f') {
		td_err_dsn(&err, TD_TEMPFAIL, "4.3.5", "not you");
		td_fault_put(&out, TD_MSG_NO_ID, 0, &err);
		send_all(fd, td_buf_view(&out));
	} else {
		while (read_request(fd, &in, &msg) && play_request(fd, step, &in, &msg))
			continue;
	}
	td_buf_free(&in);
	td_buf_free(&out);
	close(fd);
}

pid_t local_script(const char *path, const char *steps)
{
	struct sockaddr_un address;
	int                ready, fd;
	pid_t              pid = child(&ready);

	if (pid)
		return pid;
	unlink(path);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	if (!td_sock_address(&address, path) || bind(fd, (struct sockaddr *)&address, sizeof address) < 0 ||
		listen(fd, 64) < 0 || write(ready, "", 1) != 1)
		_exit(2);
	for (; *steps; steps++)
		play(accept(fd, NULL, NULL), *steps);
	_exit(0);
}

int local_wait(pid_t pid)
{
	int status = 0;

	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

void local_kill(pid_t pid)
{
	kill(pid, SIGKILL);
	local_wait(pid);
}

void local_stop(pid_t pid)
{
	int status;

	/* It may have been stopped. In this order, as a signal during its leak check would upset that. */
	kill(pid, SIGCONT);
	kill(pid, SIGTERM);
	status = local_wait(pid);
	if (status != 0 && status != 128 + SIGTERM)
		fail("a server ended with status %d", status);
}
