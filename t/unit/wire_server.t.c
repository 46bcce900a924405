/*
 * wire_server - batches, roles, verbs, bad peers, long polls, back-pressure, draining
 */
#include "server.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client.h"
#include "local.h"
#include "sock.h"
#include "tap.h"

#define LONG_MS 20000

struct raw { /* a connection whose bytes the test makes itself */
	int           fd;
	struct td_buf out, in;
};

static struct td_arena arena;

static struct raw dial(const char *path)
{
	struct raw raw;

	raw.fd = td_sock_connect(path);
	if (raw.fd < 0)
		bail_out("%s: %s", path, strerror(-raw.fd));
	fcntl(raw.fd, F_SETFL, 0);
	td_buf_init(&raw.out, 64 << 20);
	td_buf_init(&raw.in, 64 << 20);
	return raw;
}

static void hang_up(struct raw *raw)
{
	close(raw->fd);
	td_buf_free(&raw->out);
	td_buf_free(&raw->in);
}

static void put(struct raw *raw, uint32_t id, uint16_t verb, int64_t n)
{
	struct local_note note = { n, { NULL, 0 } };

	td_msg_put(&raw->out, id, verb, TD_OK, &local_note_shape, &note);
}

/* Sends what was put. False if the server has hung up. */
static bool flush(struct raw *raw)
{
	ssize_t n = send(raw->fd, raw->out.p, raw->out.n, MSG_NOSIGNAL);
	bool    whole = n == (ssize_t)raw->out.n;

	td_buf_reset(&raw->out);
	return whole;
}

/* The next frame; its body is valid until the next call. False at the end of the connection. */
static bool get(struct raw *raw, struct td_msg *msg)
{
	static struct td_buf last;
	char                 bytes[65536];
	size_t               used;
	ssize_t              n;

	last.cap = 64 << 20;
	while ((used = td_msg_read(td_buf_view(&raw->in), msg, NULL)) == 0) {
		n = recv(raw->fd, bytes, sizeof bytes, 0);
		if (n <= 0)
			return false;
		td_buf_add(&raw->in, td_view_mem(bytes, (size_t)n));
	}
	if (used == (size_t)-1)
		bail_out("the server sends malformed frames");
	td_buf_reset(&last);
	td_buf_add(&last, msg->body);
	msg->body = td_buf_view(&last);
	td_buf_consume(&raw->in, used);
	return true;
}

static struct local_note note_of(const struct td_msg *msg)
{
	struct local_note note;

	td_arena_reset(&arena);
	if (td_shape_decode(&local_note_shape, msg->body, &note, &arena, NULL))
		bail_out("an answer does not decode");
	return note;
}

/* Asks over the connection and returns n of the answer; the text stays in *text when that is not NULL. */
static int64_t ask(struct raw *raw, uint16_t verb, char *text, size_t size)
{
	struct td_msg     msg;
	struct local_note note;

	put(raw, 77, verb, 0);
	if (!flush(raw) || !get(raw, &msg) || msg.id != 77 || msg.status != TD_OK)
		bail_out("verb %u is not answered", (unsigned)verb);
	note = note_of(&msg);
	if (text)
		snprintf(text, size, "%.*s", TD_VARG(note.text));
	return note.n;
}

/* Asks until n of the answer is want; the loop of another process needs its time. False after long enough. */
static bool wait_until(struct raw *raw, uint16_t verb, int64_t want)
{
	for (int i = 0; i < 10000; i++) {
		if (ask(raw, verb, NULL, 0) == want)
			return true;
		usleep(1000);
	}
	return false;
}

static void test_batches(void)
{
	enum { CONNS = 64, EACH = 3 };
	const char   *path = local_path("batch.sock");
	pid_t         server = local_serve(path, -1);
	struct raw    raws[CONNS], asker = dial(path);
	struct td_msg msg;
	int64_t       before, batches, requests;
	int           wrong = 0;
	char          text[64];

	for (int i = 0; i < CONNS; i++)
		raws[i] = dial(path);
	before = ask(&asker, LOCAL_BATCHES, NULL, 0);
	/* While the server stands still, all requests arrive. */
	kill(server, SIGSTOP);
	for (int i = 0; i < CONNS; i++) {
		for (uint32_t k = 1; k <= EACH; k++)
			put(&raws[i], k, LOCAL_ECHO, 1000 * i + k);
		flush(&raws[i]);
	}
	kill(server, SIGCONT);
	for (int i = 0; i < CONNS; i++) {
		for (uint32_t k = 1; k <= EACH; k++)
			wrong += !get(&raws[i], &msg) || msg.id != k || note_of(&msg).n != 1000 * i + k;
	}
	is_int(wrong, 0, "64 connections get their answers, in order");
	batches = ask(&asker, LOCAL_BATCHES, text, sizeof text) - before;
	requests = strtoll(text, NULL, 10);
	ok(requests >= CONNS * EACH, "%lld requests were served", (long long)requests);
	ok(batches <= 6, "in few batches (%lld)", (long long)batches);
	for (int i = 0; i < CONNS; i++)
		hang_up(&raws[i]);
	ok(wait_until(&asker, LOCAL_CLOSED, CONNS), "closed is called once for each connection that ends");
	hang_up(&asker);
	local_stop(server);
}

static void test_fragments(void)
{
	const char   *path = local_path("fragments.sock");
	pid_t         server = local_serve(path, -1);
	struct raw    raw = dial(path), other = dial(path);
	struct td_msg msg;
	struct td_buf whole;
	size_t        n;
	int           wrong = 0;

	td_buf_init(&whole, 1 << 20);
	put(&raw, 1, LOCAL_ECHO, 11);
	put(&raw, 2, LOCAL_ECHO, 22);
	td_buf_add(&whole, td_buf_view(&raw.out));
	td_buf_reset(&raw.out);
	n = whole.n;
	for (size_t i = 0; i < n; i++) {
		td_buf_add(&raw.out, td_view_mem(whole.p + i, 1));
		flush(&raw);
		/* An answer on another connection tells that the loop has been round. */
		if (i % 5 == 0)
			wrong += ask(&other, LOCAL_ECHO, NULL, 0) != 0;
	}
	ok(get(&raw, &msg) && msg.id == 1 && note_of(&msg).n == 11, "a request that comes byte by byte is answered");
	ok(get(&raw, &msg) && msg.id == 2 && note_of(&msg).n == 22, "so is the next");
	is_int(wrong, 0, "others are served meanwhile");
	td_buf_free(&whole);
	hang_up(&raw);
	hang_up(&other);
	local_stop(server);
}

static void test_bad_peers(void)
{
	const char   *path = local_path("bad.sock");
	pid_t         server = local_serve(path, -1);
	struct raw    good = dial(path), bad = dial(path);
	struct td_msg msg;
	struct td_err err;
	char          text[512];

	td_buf_str(&bad.out, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
	flush(&bad);
	ok(get(&bad, &msg) && msg.id == TD_MSG_NO_ID && td_fault_read(&msg, &err) == TD_BADINPUT,
		"a malformed frame is told");
	ok(!get(&bad, &msg), "and ends its connection");
	hang_up(&bad);
	ask(&good, LOCAL_CLOSED, text, sizeof text);
	like(text, "malformed frame", "the server's log hears of it");
	is_int(ask(&good, LOCAL_ECHO, NULL, 0), 0, "other connections go on");

	bad = dial(path);
	put(&bad, 9, LOCAL_FORBIDDEN, 1);
	flush(&bad);
	ok(get(&bad, &msg) && msg.id == 9 && td_fault_read(&msg, &err) == TD_REFUSED, "a verb not of the role is refused");
	ok(!get(&bad, &msg), "and ends its connection");
	hang_up(&bad);
	ask(&good, LOCAL_CLOSED, text, sizeof text);
	like(text, "verb 99", "the log hears of it");

	bad = dial(path);
	put(&bad, TD_MSG_NO_ID, LOCAL_ECHO, 1);
	flush(&bad);
	ok(get(&bad, &msg) && td_fault_read(&msg, &err) == TD_BADINPUT && !get(&bad, &msg), "an id of 0 is malformed");
	hang_up(&bad);
	bad = dial(path);
	td_msg_put(&bad.out, 1, LOCAL_ECHO, TD_TEMPFAIL, NULL, NULL);
	flush(&bad);
	ok(get(&bad, &msg) && td_fault_read(&msg, &err) == TD_BADINPUT && !get(&bad, &msg),
		"so is a request with a status");
	hang_up(&bad);
	bad = dial(path);
	td_buf_add(&bad.out, TD_VLIT("\0\0\0\x0e\0\0\0\1\0\1\0\0\0\1\0\0\0\x7f"));
	flush(&bad);
	ok(get(&bad, &msg) && msg.id == 1 && td_fault_read(&msg, &err) == TD_BADINPUT,
		"fields that do not decode are an answer");
	put(&bad, 2, LOCAL_ECHO, 4);
	flush(&bad);
	ok(get(&bad, &msg) && note_of(&msg).n == 4, "and the connection goes on, as the frame was whole");
	hang_up(&bad);
	hang_up(&good);
	local_stop(server);
}

static void test_who(void)
{
	const char   *path = local_path("who.sock");
	pid_t         server = local_serve(path, -1);
	struct raw    a = dial(path), b = dial(path);
	struct td_msg msg;
	struct td_err err;
	struct stat   st;
	char          text[64], want[64];
	int64_t       serial = ask(&a, LOCAL_WHO, text, sizeof text);

	snprintf(want, sizeof want, "1 %u %d", (unsigned)getuid(), (int)getpid());
	is_str(text, want, "the server knows role, user and process of a peer");
	ok(ask(&b, LOCAL_WHO, NULL, 0) != serial, "each connection has its own serial");
	is_int(ask(&a, LOCAL_WHO, NULL, 0), serial, "and keeps it");
	ok(stat(path, &st) == 0 && S_ISSOCK(st.st_mode) && (st.st_mode & 07777) == 0660, "the socket file has mode 0660");
	hang_up(&a);
	hang_up(&b);
	local_stop(server);

	server = local_serve(path, (int64_t)getuid() + 1);
	a = dial(path);
	ok(get(&a, &msg) && msg.id == TD_MSG_NO_ID && td_fault_read(&msg, &err) == TD_TEMPFAIL,
		"another user is turned away");
	like(err.text, "may not use this socket", "is told so");
	is_str(td_err_code(&err), "4.3.5", "as a fault of the set-up, so that mail waits");
	ok(!get(&a, &msg), "and disconnected");
	hang_up(&a);
	local_stop(server);
}

static void test_long_poll(void)
{
	const char   *path = local_path("poll.sock");
	pid_t         server = local_serve(path, -1);
	struct raw    a = dial(path), b = dial(path), c = dial(path);
	struct td_msg msg;
	char          text[32];

	put(&a, 1, LOCAL_HOLD, 10);
	put(&a, 2, LOCAL_ECHO, 20);
	flush(&a);
	ok(get(&a, &msg) && msg.id == 2 && note_of(&msg).n == 20, "a request held does not hold up the next");
	put(&c, 1, LOCAL_HOLD, 30);
	flush(&c);
	ok(wait_until(&b, LOCAL_HELD, 2), "two requests are held");
	hang_up(&c);
	ok(wait_until(&b, LOCAL_HELD, 1), "one loses its connection");
	ask(&b, LOCAL_HELD, text, sizeof text);
	is_str(text, "1", "and the handler sees it by conn");
	is_int(ask(&b, LOCAL_RELEASE, NULL, 0), 2, "both are answered");
	ok(get(&a, &msg) && msg.id == 1 && msg.verb == LOCAL_HOLD && note_of(&msg).n == 10,
		"the peer that is there gets its answer");
	hang_up(&a);
	hang_up(&b);
	local_stop(server);
}

static void test_pipelined(void)
{
	enum { MANY = 20000 };
	const char   *path = local_path("many.sock");
	pid_t         server = local_serve(path, -1), writer;
	struct raw    raw = dial(path);
	struct td_msg msg;
	int           wrong = 0;

	for (uint32_t i = 1; i <= MANY; i++)
		put(&raw, i, LOCAL_ECHO, i);
	writer = fork();
	if (writer == 0)
		_exit(flush(&raw) ? 0 : 1);
	for (uint32_t i = 1; i <= MANY && !wrong; i++)
		wrong += !get(&raw, &msg) || msg.id != i || note_of(&msg).n != i;
	is_int(wrong, 0, "20000 requests without waiting are answered in order");
	is_int(local_wait(writer), 0, "all were taken");
	hang_up(&raw);
	local_stop(server);
}

/* How many bytes of requests the server takes before it stops reading; the rest stays in out. */
static size_t stuff(struct raw *raw)
{
	struct pollfd pfd = { .fd = raw->fd, .events = POLLOUT };
	size_t        sent = 0;
	int           idle = 0;

	while (sent < raw->out.n && idle < 200) {
		ssize_t n = send(raw->fd, raw->out.p + sent, raw->out.n - sent, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n > 0) {
			sent += (size_t)n;
			idle = 0;
		} else {
			poll(&pfd, 1, 1);
			idle++;
		}
	}
	td_buf_consume(&raw->out, sent);
	return sent;
}

static void test_unanswered(void)
{
	enum { MANY = 100000 };
	const char   *path = local_path("pressure.sock");
	pid_t         server = local_serve(path, -1), writer;
	struct raw    raw = dial(path), other = dial(path);
	struct td_msg msg;
	int64_t       held, released = 0;
	int           wrong = 0;

	for (uint32_t i = 1; i <= 4000; i++)
		put(&raw, i, LOCAL_HOLD, i);
	/* More than the socket's buffer takes, so that not being read can be seen. */
	for (uint32_t i = 4001; i <= MANY; i++)
		put(&raw, i, LOCAL_ECHO, i);
	stuff(&raw);
	held = ask(&other, LOCAL_HELD, NULL, 0);
	ok(raw.out.n > 0, "a connection with too many unanswered requests is not read on");
	ok(held >= TD_SERVER_PENDING && held < 4000, "beyond about the limit (%lld)", (long long)held);
	is_int(ask(&other, LOCAL_ECHO, NULL, 0), 0, "others are");
	writer = fork();
	if (writer == 0)
		_exit(flush(&raw) ? 0 : 1);
	for (int i = 0; i < 10000 && released < 4000; i++) {
		released += ask(&other, LOCAL_RELEASE, NULL, 0);
		usleep(1000);
	}
	is_int(released, 4000, "as they are answered, more are read");
	for (int i = 1; i <= MANY && !wrong; i++)
		wrong += !get(&raw, &msg);
	is_int(wrong, 0, "and nothing is lost");
	is_int(local_wait(writer), 0, "all requests were taken");
	hang_up(&raw);
	hang_up(&other);
	local_stop(server);
}

/* Asks for answers of 1 MB, and returns when the server has made them. */
static void ask_big(struct raw *raw, struct raw *other, uint32_t n)
{
	for (uint32_t i = 1; i <= n; i++)
		put(raw, i, LOCAL_BIG, 1 << 20);
	flush(raw);
	ask(other, LOCAL_ECHO, NULL, 0);
}

static void test_untaken(void)
{
	const char   *path = local_path("untaken.sock");
	pid_t         server = local_serve(path, -1);
	struct raw    raw = dial(path), other = dial(path);
	struct td_msg msg;
	int           wrong = 0;

	ask_big(&raw, &other, 40);
	for (uint32_t i = 41; i <= 100000; i++)
		put(&raw, i, LOCAL_ECHO, i);
	stuff(&raw);
	ok(raw.out.n > 0, "a connection that does not take its answers is not read on");
	for (uint32_t i = 1; i <= 40; i++)
		wrong += !get(&raw, &msg) || msg.id != i || note_of(&msg).text.n != 1 << 20;
	is_int(wrong, 0, "it gets them when it does");
	hang_up(&raw);

	raw = dial(path);
	ask_big(&raw, &other, 100);
	msg.id = 0;
	for (uint32_t i = 1; get(&raw, &msg); i++)
		wrong += msg.id != i;
	is_int(wrong, 0, "one that lets 64 MB pile up");
	ok(msg.id < 100, "is closed");
	hang_up(&raw);
	hang_up(&other);
	local_stop(server);
}

static void test_drain(void)
{
	const char       *path = local_path("drain.sock");
	pid_t             server = local_serve(path, -1), next;
	struct raw        a = dial(path), b = dial(path);
	struct td_client *client = td_client_new(path);
	struct td_msg     msg;
	struct local_note note = { 5, { NULL, 0 } };
	struct stat       st;

	td_client_call(client, LOCAL_ECHO, &local_note_shape, &note, NULL, NULL, NULL, LONG_MS, false, NULL);
	kill(server, SIGSTOP);
	put(&a, 1, LOCAL_BIG, 4 << 20);
	put(&a, 2, LOCAL_DRAIN, 0);
	put(&a, 3, LOCAL_ECHO, 3);
	flush(&a);
	kill(server, SIGCONT);
	ok(get(&a, &msg) && msg.id == 1 && note_of(&msg).text.n == 4 << 20,
		"what was read before draining is answered, all of it");
	ok(get(&a, &msg) && msg.id == 2 && get(&a, &msg) && msg.id == 3, "to the last request");
	is_int(local_wait(server), 0, "then the server ends by itself");
	ok(stat(path, &st) < 0 && errno == ENOENT, "and its socket file is gone");
	next = local_serve(path, -1);
	is_int(td_client_call(client, LOCAL_ECHO, &local_note_shape, &note, NULL, NULL, NULL, LONG_MS, false, NULL), TD_OK,
		"a client finds the next one");
	td_client_free(client);
	hang_up(&a);
	hang_up(&b);
	local_stop(next);
}

int main(void)
{
	td_arena_init(&arena, 4 << 20);
	test_batches();
	test_fragments();
	test_bad_peers();
	test_who();
	test_long_poll();
	test_pipelined();
	test_unanswered();
	test_untaken();
	test_drain();
	td_arena_free(&arena);
	return done_testing();
}
