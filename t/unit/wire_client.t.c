/*
 * wire_client - blocking calls: answers, refusals, deadlines, and what a lost connection means
 */
#include "client.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "local.h"
#include "tap.h"

#define LONG_MS 20000 /* never reached unless something is wrong */

static struct td_arena arena;

struct result {
	enum td_status    status;
	struct local_note note;
	struct td_err     err;
};

static struct result call(struct td_client *client, uint16_t verb, int64_t n, const char *text, int64_t timeout_ms,
	bool retry)
{
	struct local_note note = { n, td_view_str(text) };
	struct result     result = { .status = TD_OK };

	result.status = td_client_call(client, verb, &local_note_shape, &note, &local_note_shape, &result.note, &arena,
		timeout_ms, retry, &result.err);
	return result;
}

static void test_answers(void)
{
	const char       *path = local_path("stored.test.sock");
	pid_t             server = local_serve(path, -1);
	struct td_client *client = td_client_new(path);
	struct result     r = call(client, LOCAL_ECHO, -7, "hello", LONG_MS, false);
	int64_t           serial;

	is_int(r.status, TD_OK, "a request is answered");
	ok(r.note.n == -7 && td_view_eq(r.note.text, TD_VLIT("hello")), "with what it asked for");
	serial = call(client, LOCAL_WHO, 0, "", LONG_MS, false).note.n;
	is_int(call(client, LOCAL_WHO, 0, "", LONG_MS, false).note.n, serial, "the connection is kept between calls");

	r = call(client, LOCAL_FAIL, 0, "no: 100% not", LONG_MS, false);
	is_int(r.status, TD_REFUSED, "a refusal is the call's status");
	is_str(r.err.text, "no: 100% not", "with the server's text");
	is_str(td_err_code(&r.err), "5.7.9", "and code");
	is_int(td_client_call(client, LOCAL_ECHO, NULL, NULL, NULL, NULL, NULL, LONG_MS, false, NULL), TD_OK,
		"a call without fields, and without interest in the answer's");

	r = call(client, LOCAL_BIG, 7 << 20, "", LONG_MS, false);
	is_int(r.status, TD_OK, "an answer of 7 MB comes");
	ok(r.note.text.n == 7 << 20 && r.note.text.p[r.note.text.n - 1] == 'b', "whole");
	r = call(client, LOCAL_BIG, 9 << 20, "", LONG_MS, false);
	is_int(r.status, TD_TOOBIG, "one over the limit is an error of the server");
	like(r.err.text, "ask for less", "that says what to do");
	r = call(client, LOCAL_ECHO, 1, "", LONG_MS, false);
	is_int(r.status, TD_OK, "and the connection is fine");
	td_client_free(client);
	local_stop(server);
}

static void test_request_too_big(void)
{
	static char       bytes[TD_MSG_MAX];
	struct td_client *client = td_client_new(local_path("nobody.sock"));
	struct local_note note = { 1, { bytes, sizeof bytes } };
	struct td_err     err;

	is_int(td_client_call(client, LOCAL_ECHO, &local_note_shape, &note, NULL, NULL, NULL, LONG_MS, false, &err),
		TD_TOOBIG, "a request over the limit is refused before connecting");
	td_client_free(client);
}

static void test_nobody(void)
{
	const char       *path = local_path("stored.milter.sock");
	struct td_client *client = td_client_new(path);
	struct result     r = call(client, LOCAL_ECHO, 1, "", 60, true);
	char              too_long[200];
	pid_t             server;

	is_int(r.status, TD_TEMPFAIL, "without a server the call ends as a temporary failure");
	like(r.err.text, path, "the error names the socket");
	like(r.err.text, "No such file", "the reason");
	like(r.err.text, "(is tandem-stored running?)", "and the way out");
	server = local_script(path, "");
	local_wait(server);
	r = call(client, LOCAL_ECHO, 1, "", 60, false);
	is_int(r.status, TD_TEMPFAIL, "so does a call to a socket file that was left behind");
	like(r.err.text, "refused", "and says so");
	td_client_free(client);

	snprintf(too_long, sizeof too_long, "/%0150d/stored.sock", 0);
	client = td_client_new(too_long);
	r = call(client, LOCAL_ECHO, 1, "", LONG_MS, false);
	is_int(r.status, TD_TEMPFAIL, "a path too long for a socket does not wait for its deadline");
	like(r.err.text, "shorter run_dir", "and is explained");
	td_client_free(client);
}

static void test_permission(void)
{
	const char       *path = local_path("closed.sock");
	struct td_client *client = td_client_new(path);
	pid_t             server = local_serve(path, -1);
	struct result     r;

	if (getuid() == 0) {
		is_int(seteuid(65534), 0, "as another user");
		r = call(client, LOCAL_ECHO, 1, "", LONG_MS, false);
		is_int(seteuid(0), 0, "and back");
		is_int(r.status, TD_TEMPFAIL, "a socket we may not use does not wait for its deadline");
		like(r.err.text, "Permission denied", "and says so");
	} else
		skip(4, "needs root to become another user");
	td_client_free(client);
	local_stop(server);
}

static void test_comes_up(void)
{
	const char       *path = local_path("late.sock");
	struct td_client *client = td_client_new(path);
	pid_t             starter = fork(), server;
	struct result     r;

	if (starter == 0) {
		/* Long enough for the call to find nobody; if it were not, the call would succeed all the same. */
		usleep(150000);
		server = local_serve(path, -1);
		local_wait(server);
		_exit(0);
	}
	r = call(client, LOCAL_ECHO, 3, "", LONG_MS, false);
	is_int(r.status, TD_OK, "a call waits for a server that comes up before its deadline");
	call(client, LOCAL_DIE, 0, "", LONG_MS, false);
	local_wait(starter);
	td_client_free(client);
}

static void test_deadline(void)
{
	const char       *path = local_path("slow.sock");
	pid_t             server = local_serve(path, -1);
	struct td_client *client = td_client_new(path), *other = td_client_new(path);
	struct result     r = call(client, LOCAL_HOLD, 0, "", 60, true);
	int64_t           gone = 0;

	is_int(r.status, TD_UNCERTAIN, "a deadline that passes after the request was written leaves it uncertain");
	like(r.err.text, "within 60 ms", "and is named");
	/* The server may yet have to notice that the connection ended. */
	for (int i = 0; i < 2000 && gone == 0; i++) {
		usleep(1000);
		td_view_i64(call(other, LOCAL_HELD, 0, "", LONG_MS, false).note.text, &gone);
	}
	is_int(gone, 1, "the server sees that the caller has gone");
	is_int(call(other, LOCAL_RELEASE, 0, "", LONG_MS, false).note.n, 1, "and answers into nothing");
	r = call(client, LOCAL_ECHO, 8, "next", LONG_MS, false);
	ok(r.status == TD_OK && r.note.n == 8, "the next call gets its own answer");
	kill(server, SIGSTOP);
	r = call(client, LOCAL_ECHO, 1, "", 0, false);
	is_int(r.status, TD_UNCERTAIN, "a time-out of 0 does not wait");
	kill(server, SIGCONT);
	td_client_free(client);
	td_client_free(other);
	local_stop(server);
}

static struct result scripted(const char *steps, bool retry, int *left)
{
	const char       *path = local_path("script.sock");
	pid_t             server = local_script(path, steps);
	struct td_client *client = td_client_new(path);
	struct result     r = call(client, LOCAL_ECHO, 5, "five", LONG_MS, retry);

	td_client_free(client);
	if (left)
		*left = local_wait(server);
	else
		local_stop(server);
	return r;
}

static void test_lost(void)
{
	struct result r;
	int           left;

	r = scripted("l", false, &left);
	is_int(r.status, TD_UNCERTAIN, "a server that ends after reading the request leaves it uncertain");
	like(r.err.text, "ended before it answered", "and that is said");
	r = scripted("la", true, &left);
	is_int(r.status, TD_OK, "with retry_uncertain the request is sent again");
	is_int(r.note.n, 5, "and answered");
	r = scripted("lla", true, &left);
	is_int(r.status, TD_OK, "as often as needed");
	r = scripted("ua", false, &left);
	is_int(r.status, TD_OK, "a request that was never read is sent again without being asked to");
	r = scripted("h", false, &left);
	is_int(r.status, TD_UNCERTAIN, "half an answer is none");
	r = scripted("g", true, NULL);
	is_int(r.status, TD_UNCERTAIN, "an answer in another protocol leaves it uncertain, and is not repeated");
	like(r.err.text, "malformed", "and that is said");
	r = scripted("w", true, &left);
	is_int(r.status, TD_UNCERTAIN, "so does the answer to another request");
	r = scripted("f", true, &left);
	is_int(r.status, TD_TEMPFAIL, "a server that refuses the connection says why");
	is_str(r.err.text, "not you", "in its words");
	is_str(td_err_code(&r.err), "4.3.5", "and code");
}

static void test_restart(void)
{
	const char       *path = local_path("restart.sock");
	pid_t             server = local_script(path, "1a");
	struct td_client *client = td_client_new(path);

	is_int(call(client, LOCAL_ECHO, 1, "", LONG_MS, false).status, TD_OK, "a first call");
	is_int(call(client, LOCAL_ECHO, 2, "", LONG_MS, false).status, TD_OK,
		"one after the server closed the kept connection");
	td_client_free(client);
	is_int(local_wait(server), 0, "on a new connection");
	server = local_serve(path, -1);
	client = td_client_new(path);
	is_int(call(client, LOCAL_DIE, 0, "", LONG_MS, false).status, TD_UNCERTAIN, "a server killed within a request");
	local_wait(server);
	server = local_serve(path, -1);
	is_int(call(client, LOCAL_ECHO, 2, "", LONG_MS, false).status, TD_OK, "the next one answers");
	td_client_free(client);
	local_stop(server);
}

struct worker {
	pthread_t              thread;
	struct td_client_pool *pool;
	int                    wrong;
};

static void *work(void *arg)
{
	struct worker *worker = arg;
	struct td_arena own;

	td_arena_init(&own, 65536);
	for (int64_t i = 0; i < 200; i++) {
		struct td_client *client = td_client_pool_get(worker->pool);
		struct local_note note = { i + (int64_t)(size_t)worker, { NULL, 0 } }, reply;

		if (td_client_call(client, LOCAL_ECHO, &local_note_shape, &note, &local_note_shape, &reply, &own, LONG_MS,
				false, NULL) ||
			reply.n != note.n)
			worker->wrong++;
		td_client_pool_put(worker->pool, client);
	}
	td_arena_free(&own);
	return NULL;
}

static void test_pool(void)
{
	const char            *path = local_path("pool.sock");
	pid_t                  server = local_serve(path, -1);
	struct td_client_pool *pool = td_client_pool_new(path, 2);
	struct td_client      *a = td_client_pool_get(pool), *b = td_client_pool_get(pool), *c = td_client_pool_get(pool);
	struct worker          workers[8];
	int64_t                serial;
	int                    wrong = 0;

	ok(a && b && c && a != b && b != c, "a pool gives as many as are asked for");
	call(a, LOCAL_ECHO, 1, "", LONG_MS, false);
	call(c, LOCAL_ECHO, 1, "", LONG_MS, false);
	serial = call(b, LOCAL_WHO, 0, "", LONG_MS, false).note.n;
	td_client_pool_put(pool, a);
	td_client_pool_put(pool, b);
	td_client_pool_put(pool, c);
	td_client_pool_put(pool, NULL);
	b = td_client_pool_get(pool);
	is_int(call(b, LOCAL_WHO, 0, "", LONG_MS, false).note.n, serial, "the last used first");
	td_client_pool_put(pool, b);
	for (int i = 0; i < 8; i++) {
		workers[i] = (struct worker){ .pool = pool };
		pthread_create(&workers[i].thread, NULL, work, &workers[i]);
	}
	for (int i = 0; i < 8; i++) {
		pthread_join(workers[i].thread, NULL);
		wrong += workers[i].wrong;
	}
	is_int(wrong, 0, "eight threads get their own answers");
	td_client_pool_free(pool);
	local_stop(server);
}

int main(void)
{
	td_arena_init(&arena, 1 << 20);
	test_answers();
	test_request_too_big();
	test_nobody();
	test_permission();
	test_comes_up();
	test_deadline();
	test_lost();
	test_restart();
	test_pool();
	td_arena_free(&arena);
	return done_testing();
}
