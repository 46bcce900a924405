/*
 * wire_peer - asynchronous calls: many at once, reconnect, repeat, deadlines, the end
 */
#include "peer.h"

#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "local.h"
#include "tap.h"

#define LONG_MS 20000

static struct event_base *base;
static struct td_arena    arena;

struct asked {
	struct td_peer *peer;
	int             done; /* how often */
	enum td_status  status;
	int64_t         n;
	int             order; /* which of all answers it was */
	struct td_err   err;
};

static int answers;

static void on_done(void *arg, const struct td_msg *msg, const struct td_err *err)
{
	struct asked     *asked = arg;
	struct local_note note = { 0, { NULL, 0 } };

	asked->done++;
	asked->order = ++answers;
	if ((msg == NULL) == (err == NULL))
		fail("either a reply or an error is given");
	if (err) {
		asked->err = *err;
		asked->status = err->status;
		return;
	}
	td_arena_reset(&arena);
	asked->status = td_shape_decode(&local_note_shape, msg->body, &note, &arena, &asked->err);
	asked->n = note.n;
}

static void call(struct td_peer *peer, uint16_t verb, int64_t n, int64_t timeout_ms, bool idempotent,
	struct asked *asked)
{
	struct local_note note = { n, { NULL, 0 } };

	*asked = (struct asked){ .peer = peer };
	td_peer_call(peer, verb, &local_note_shape, &note, timeout_ms, idempotent, on_done, asked);
}

/* Runs the loop until the call is done. */
static void finish(struct asked *asked)
{
	while (!asked->done)
		event_base_loop(base, EVLOOP_ONCE);
}

/* Calls and waits. */
static struct asked ask(struct td_peer *peer, uint16_t verb, int64_t n)
{
	static struct asked asked;

	call(peer, verb, n, LONG_MS, true, &asked);
	finish(&asked);
	return asked;
}

static int ups, downs;

static void on_changed(void *arg, bool up)
{
	int *n = up ? &ups : &downs;

	++*n;
	is_int(td_peer_up(arg), up, "the peer is %s when it says so", up ? "up" : "down");
}

static void test_many(void)
{
	enum { MANY = 5000 };
	const char     *path = local_path("many.sock");
	pid_t           server = local_serve(path, -1);
	struct td_peer *peer = td_peer_new(base, path);
	struct asked   *asked = calloc(MANY, sizeof *asked), held, failed;
	int             wrong = 0;

	ok(!td_peer_up(peer), "a peer is not connected before the loop runs");
	for (int i = 0; i < MANY; i++)
		call(peer, LOCAL_ECHO, i + 1, LONG_MS, false, &asked[i]);
	is_int(asked[0].done, 0, "no answer comes from within the call");
	is_int(td_peer_pending(peer), MANY, "all are pending");
	for (int i = 0; i < MANY; i++)
		finish(&asked[i]);
	for (int i = 0; i < MANY; i++)
		wrong += asked[i].done != 1 || asked[i].status || asked[i].n != i + 1;
	is_int(wrong, 0, "5000 calls at once get each its own answer, once");
	is_int(td_peer_pending(peer), 0, "none is pending");
	ok(ask(peer, LOCAL_BATCHES, 0).n < MANY / 2, "and the server had them in batches");

	call(peer, LOCAL_HOLD, 7, -1, true, &held);
	ask(peer, LOCAL_ECHO, 1);
	is_int(held.done, 0, "a long poll does not hold up others");
	ask(peer, LOCAL_RELEASE, 0);
	finish(&held);
	ok(held.status == TD_OK && held.n == 7, "and is answered when it is");
	call(peer, LOCAL_FAIL, 0, LONG_MS, true, &failed);
	finish(&failed);
	is_int(failed.status, TD_REFUSED, "a refusal is told");
	is_str(td_err_code(&failed.err), "5.7.9", "with its code");
	is_int(ask(peer, LOCAL_BIG, 6 << 20).status, TD_OK, "an answer of 6 MB");
	td_peer_free(peer);
	free(asked);
	local_stop(server);
}

static void test_reconnect(void)
{
	const char     *path = local_path("stored.smsd.sock");
	struct td_peer *peer = td_peer_new(base, path);
	struct asked    early, late, die, repeat, once, next;
	pid_t           server;

	td_peer_watch(peer, on_changed, peer);
	call(peer, LOCAL_ECHO, 1, 60, true, &early);
	call(peer, LOCAL_ECHO, 2, LONG_MS, false, &late);
	finish(&early);
	is_int(early.status, TD_TEMPFAIL, "without a server a call ends at its deadline");
	like(early.err.text, "is tandem-stored running?", "saying so");
	is_int(late.done, 0, "one with more time waits");
	server = local_serve(path, -1);
	finish(&late);
	ok(late.status == TD_OK && late.n == 2, "until the server is up");
	is_int(ups, 1, "which is told");
	is_int(downs, 0, "once");

	call(peer, LOCAL_HOLD, 3, LONG_MS, true, &repeat);
	call(peer, LOCAL_HOLD, 4, LONG_MS, false, &once);
	call(peer, LOCAL_DIE, 0, LONG_MS, false, &die);
	finish(&die);
	finish(&once);
	is_int(die.status, TD_UNCERTAIN, "a call under way when the server dies is uncertain");
	is_int(once.status, TD_UNCERTAIN, "every one that is not idempotent");
	like(once.err.text, "ended before it answered", "and why is said");
	is_int(repeat.done, 0, "one that is, is not given up");
	is_int(downs, 1, "the loss is told");
	call(peer, LOCAL_ECHO, 5, LONG_MS, false, &next);
	local_wait(server);
	server = local_serve(path, -1);
	finish(&next);
	ok(next.status == TD_OK && next.n == 5, "calls go on with the next server");
	ask(peer, LOCAL_RELEASE, 0);
	finish(&repeat);
	ok(repeat.status == TD_OK && repeat.n == 3 && repeat.done == 1, "and the idempotent one was repeated there");
	ok(repeat.order > next.order, "after which it is answered once");
	is_int(ups, 2, "two connections in all");
	td_peer_free(peer);
	local_stop(server);
}

static void test_deadlines(void)
{
	static const int64_t times[] = { 90, 30, 150, 60, 30, 120, -1, 10 };
	const char          *path = local_path("deadlines.sock");
	pid_t                server = local_serve(path, -1);
	struct td_peer      *peer = td_peer_new(base, path);
	struct asked         asked[8], first;
	int                  wrong = 0;

	ask(peer, LOCAL_ECHO, 1);
	for (int i = 0; i < 8; i++)
		call(peer, LOCAL_HOLD, i, times[i], true, &asked[i]);
	call(peer, LOCAL_ECHO, 9, 0, true, &first);
	for (int i = 0; i < 8; i++) {
		if (times[i] >= 0)
			finish(&asked[i]);
	}
	for (int i = 0; i < 8; i++) {
		for (int k = 0; k < 8; k++)
			wrong += times[i] >= 0 && times[k] > times[i] && asked[k].order < asked[i].order;
		wrong += times[i] >= 0 && asked[i].status != TD_UNCERTAIN;
	}
	is_int(wrong, 0, "calls end in the order of their deadlines, uncertain as they had been written");
	like(asked[0].err.text, "in time", "the error says so");
	finish(&first);
	is_int(asked[6].done, 0, "one without deadline waits");
	is_int(ask(peer, LOCAL_RELEASE, 0).n, 8, "answers that come too late");
	finish(&asked[6]);
	is_int(asked[6].n, 6, "are not taken for others");
	for (int i = 0; i < 8; i++)
		wrong += asked[i].done != 1;
	is_int(wrong, 0, "and no call ends twice");
	td_peer_free(peer);
	local_stop(server);
}

static void test_blocked(void)
{
	static char       bytes[4 << 20];
	const char       *path = local_path("blocked.sock");
	pid_t             server = local_serve(path, -1);
	struct td_peer   *peer = td_peer_new(base, path);
	struct local_note note = { 1, { bytes, sizeof bytes } };
	struct asked      half = { .done = 0 }, unsent, small;

	ask(peer, LOCAL_ECHO, 1);
	kill(server, SIGSTOP);
	td_peer_call(peer, LOCAL_ECHO, &local_note_shape, &note, 50, false, on_done, &half);
	call(peer, LOCAL_ECHO, 2, 50, false, &unsent);
	call(peer, LOCAL_ECHO, 3, LONG_MS, false, &small);
	finish(&half);
	finish(&unsent);
	is_int(half.status, TD_UNCERTAIN, "a call half written at its deadline is uncertain");
	is_int(unsent.status, TD_TEMPFAIL, "one behind it, not written at all, was not done");
	kill(server, SIGCONT);
	finish(&small);
	ok(small.status == TD_OK && small.n == 3, "the half is completed, so that the next is understood");

	kill(server, SIGSTOP);
	td_peer_call(peer, LOCAL_ECHO, &local_note_shape, &note, 50, false, on_done, &half);
	half.done = 0;
	call(peer, LOCAL_ECHO, 4, LONG_MS, false, &small);
	finish(&half);
	local_kill(server);
	server = local_serve(path, -1);
	finish(&small);
	ok(small.status == TD_OK && small.n == 4, "but not on another connection");
	td_peer_free(peer);
	local_stop(server);
}

static struct asked scripted(const char *steps, bool idempotent)
{
	const char     *path = local_path("script.sock");
	pid_t           server = local_script(path, steps);
	struct td_peer *peer = td_peer_new(base, path);
	struct asked    asked;

	call(peer, LOCAL_ECHO, 5, LONG_MS, idempotent, &asked);
	finish(&asked);
	td_peer_free(peer);
	local_stop(server);
	return asked;
}

static void test_bad_servers(void)
{
	is_int(scripted("lhgwa", true).n, 5,
		"servers that end, answer half, garbage or for another are tried until one answers");
	is_int(scripted("fa", false).n, 5, "a connection refused sends nothing astray");
	is_int(scripted("g", false).status, TD_UNCERTAIN, "garbage for an answer leaves a call uncertain");
	is_int(scripted("w", false).status, TD_UNCERTAIN,
		"so does an answer to none of our requests, when the server ends");
}

static void test_refused(void)
{
	const char     *path = local_path("refused.sock");
	pid_t           server = local_serve(path, (int64_t)getuid() + 1);
	struct td_peer *peer = td_peer_new(base, path);
	struct asked    asked;

	call(peer, LOCAL_ECHO, 5, 100, false, &asked);
	finish(&asked);
	ok(asked.status == TD_TEMPFAIL || asked.status == TD_UNCERTAIN,
		"a server that turns us away: the call ends at its deadline");
	td_peer_free(peer);
	local_stop(server);
}

static void on_again(void *arg, const struct td_msg *msg, const struct td_err *err)
{
	struct asked *asked = arg;

	on_done(arg, msg, err);
	if (asked->done < 3)
		td_peer_call(asked->peer, LOCAL_ECHO, NULL, NULL, LONG_MS, true, on_again, asked);
}

static void test_from_callbacks(void)
{
	const char     *path = local_path("again.sock");
	pid_t           server = local_serve(path, -1);
	struct td_peer *peer = td_peer_new(base, path);
	struct asked    asked = { .peer = peer };

	td_peer_call(peer, LOCAL_ECHO, NULL, NULL, LONG_MS, true, on_again, &asked);
	while (asked.done < 3)
		event_base_loop(base, EVLOOP_ONCE);
	is_int(td_peer_pending(peer), 0, "a callback may ask again");
	td_peer_free(peer);
	local_stop(server);
}

static void test_too_big(void)
{
	static char       bytes[TD_MSG_MAX];
	struct td_peer   *peer = td_peer_new(base, local_path("nobody.sock"));
	struct local_note note = { 1, { bytes, sizeof bytes } };
	struct asked      asked = { .peer = peer };

	td_peer_call(peer, LOCAL_ECHO, &local_note_shape, &note, -1, true, on_done, &asked);
	is_int(asked.done, 0, "a request over the limit does not fail from within the call");
	is_int(td_peer_pending(peer), 1, "and is pending");
	finish(&asked);
	is_int(asked.status, TD_TOOBIG, "but soon");
	td_peer_free(peer);
}

static void test_free(void)
{
	const char     *path = local_path("free.sock");
	pid_t           server = local_serve(path, -1);
	struct td_peer *peer = td_peer_new(base, path);
	struct asked    sent, unsent, again = { .peer = peer };

	call(peer, LOCAL_HOLD, 1, LONG_MS, true, &sent);
	td_peer_call(peer, LOCAL_HOLD, NULL, NULL, LONG_MS, true, on_again, &again);
	while (ask(peer, LOCAL_HELD, 0).n < 2)
		continue;
	call(peer, LOCAL_ECHO, 2, LONG_MS, true, &unsent);
	td_peer_free(peer);
	ok(sent.done == 1 && sent.status == TD_UNCERTAIN, "freeing a peer ends what was sent as uncertain");
	ok(unsent.done == 1 && unsent.status == TD_TEMPFAIL, "and what was not as a temporary failure");
	is_int(again.done, 1, "a callback that asks again then is not called again");
	td_peer_free(NULL);
	event_base_loop(base, EVLOOP_NONBLOCK);
	is_int(event_base_get_num_events(base, EVENT_BASE_COUNT_ADDED | EVENT_BASE_COUNT_ACTIVE), 0,
		"no event is left behind");
	local_stop(server);
}

int main(void)
{
	base = event_base_new();
	td_arena_init(&arena, 16 << 20);
	test_many();
	test_reconnect();
	test_deadlines();
	test_blocked();
	test_bad_servers();
	test_refused();
	test_from_callbacks();
	test_too_big();
	test_free();
	td_arena_free(&arena);
	event_base_free(base);
	return done_testing();
}
