/*
 * stream_conn - one connection of a stream: connecting, what the plugin wants done, the end
 */
#include "stream_conn.h"

#include <event2/buffer.h>
#include <stdio.h>
#include <stdlib.h>

#include "crypto.h"
#include "events.h"
#include "host_check.h"

struct stream_delivery {
	struct delivery      delivery; /* first: events_done gets its address */
	struct stream_conn  *conn;
	unsigned             life;
	struct td_arena      arena;
	struct tandem_events events;
	struct td_view       stored, unstored;
	char                 id[64];
};

static const struct instance *instance_of(const struct stream_conn *conn)
{
	return conn->stream->instance;
}

static void set_timer(struct stream_conn *conn, int64_t ms)
{
	struct timeval tv = { .tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000 };

	evtimer_add(conn->timer, &tv);
}

/* ---- the end ---- */

/* Between three quarters and the whole, so that many do not come back at once. */
static int64_t jitter(int64_t ms)
{
	uint32_t r;

	td_random(&r, sizeof(r));
	return ms - (int64_t)(r % (uint32_t)(ms / 4 + 1));
}

static void retry_later(struct stream_conn *conn)
{
	int64_t ms;

	if (conn->refused)
		conn->pause_ms = STREAM_PAUSE_LAST_MS;
	ms = jitter(conn->pause_ms);
	conn->next_ms = td_mono_ms(instance_of(conn)->smsd->clock) + ms;
	conn->pause_ms = conn->pause_ms * 2 < STREAM_PAUSE_LAST_MS ? conn->pause_ms * 2 : STREAM_PAUSE_LAST_MS;
	set_timer(conn, ms);
}

/* SMS without a result: whether they were sent, nobody knows. */
static void give_up_sent(struct stream_conn *conn, const char *why)
{
	struct stream_sent *sent;
	struct td_err err;

	td_err_set(&err, TD_UNCERTAIN, "the connection ended before an answer: %s", why);
	while ((sent = LIST_FIRST(&conn->sent))) {
		struct job *job = sent->job;

		LIST_REMOVE(sent, link);
		free(sent);
		conn->nsent--;
		submit_no_answer(job, TANDEM_UNCERTAIN, &err);
	}
}

static void tell_gone(struct stream_conn *conn)
{
	struct instance *in = conn->stream->instance;
	struct tandem_stream_out out = { .room = 0 };
	struct host_call call;
	struct td_arena arena;
	struct td_err err;

	if (!conn->opened)
		return;
	conn->opened = false;
	td_arena_init(&arena, HOST_ARENA);
	instance_call(in, &call, &arena, &err);
	in->plugin->stream_close(&call.pub, in->state, conn->conn, true, &out);
	host_call_end(&call);
	td_arena_free(&arena);
}

void conn_lost(struct stream_conn *conn, const char *why)
{
	struct stream *stream = conn->stream;

	conn->life++;
	conn->state = CONN_IDLE;
	conn->room = 0;
	conn->ready = false;
	conn->ndeliveries = 0;
	if (conn->timer)
		event_del(conn->timer);
	if (conn->bev)
		bufferevent_free(conn->bev);
	conn->bev = NULL;
	tell_gone(conn);
	td_arena_reset(&conn->arena);
	if (!why)
		return;
	if (!stream->stopping) {
		instance_note(stream->instance, why);
		smsd_trouble(stream->instance->smsd, "provider %s: connection to %s: %s", stream->instance->set->name,
			conn->peer, why);
		retry_later(conn);
	}
	give_up_sent(conn, why);
	stream_changed(stream);
}

/* ---- events ---- */

static void read_on(struct stream_conn *conn);

static void say(struct stream_conn *conn, struct td_view bytes)
{
	if (bytes.n)
		bufferevent_write(conn->bev, bytes.p, bytes.n);
}

static void delivered(struct delivery *base, const struct td_err *err)
{
	struct stream_delivery *d = (struct stream_delivery *)(void *)base;
	struct stream_conn *conn = d->conn;
	bool live = conn->life == d->life && conn->bev;

	if (live) {
		conn->ndeliveries--;
		say(conn, err ? d->unstored : d->stored);
	}
	td_arena_free(&d->arena);
	free(d);
	if (live)
		read_on(conn);
}

/* Events of a connection → the store; what is said about them follows. False: they are nonsense, or out of memory. */
static bool deliver(struct stream_conn *conn, const struct tandem_stream_out *out)
{
	struct instance *in = conn->stream->instance;
	struct stream_delivery *d = calloc(1, sizeof(*d));

	if (!d)
		return false;
	td_arena_init(&d->arena, 2 * HOST_ARENA);
	d->events = (struct tandem_events){ .events = out->events, .nevents = out->nevents };
	d->stored = td_arena_dup(&d->arena, host_td(out->stored));
	d->unstored = td_arena_dup(&d->arena, host_td(out->unstored));
	if (!events_keep(&d->events, &d->arena)) {
		td_arena_free(&d->arena);
		free(d);
		return false;
	}
	d->conn = conn;
	d->life = conn->life;
	snprintf(d->id, sizeof(d->id), "%llx-%llu", (unsigned long long)in->smsd->started_at,
		(unsigned long long)++conn->stream->events);
	d->delivery = (struct delivery){ .instance = in, .events = d->events.events, .n = d->events.nevents,
		.what = td_view_str(in->set->name), .id = td_view_str(d->id), .done = delivered };
	conn->ndeliveries++;
	events_deliver(&d->delivery);
	return true;
}

/* ---- what the plugin wants ---- */

static struct stream_sent *sent_find(struct stream_conn *conn, uint64_t token)
{
	struct stream_sent *sent;

	LIST_FOREACH(sent, &conn->sent, link) {
		if (sent->token == token)
			return sent;
	}
	return NULL;
}

static void take_result(struct stream_conn *conn, const struct tandem_stream_result *result)
{
	struct stream_sent *sent = sent_find(conn, result->token);
	struct tandem_outcome outcome = result->outcome;
	struct host_words words;
	struct job *job;

	if (!sent) {
		td_warning("provider %s: the plugin gives a result of an SMS it does not have", instance_of(conn)->set->name);
		return;
	}
	job = sent->job;
	LIST_REMOVE(sent, link);
	conn->nsent--;
	free(sent);
	if (!host_check_outcome(&outcome, true, &words))
		smsd_trouble(job->smsd, "provider %s: job=%.*s: %s", job->via->set->name, TD_VARG(job->pub.id), words.why);
	settle_outcome(job, &outcome);
}

/* What is to be sent leaves, then the connection ends. */
static void close_soon(struct stream_conn *conn, const char *why)
{
	if (!evbuffer_get_length(bufferevent_get_output(conn->bev))) {
		conn_lost(conn, why);
		return;
	}
	conn->state = CONN_FLUSHING;
	conn->room = 0;
	bufferevent_disable(conn->bev, EV_READ);
	set_timer(conn, STREAM_FAREWELL_MS);
	stream_changed(conn->stream);
}

static void take_room(struct stream_conn *conn, const struct tandem_stream_out *out)
{
	conn->room = conn->state == CONN_OPEN && !conn->stream->stopping ? out->room : 0;
	if (!conn->room || conn->ready)
		return;
	conn->ready = true;
	conn->refused = false;
	conn->pause_ms = STREAM_PAUSE_FIRST_MS;
	instance_judge(conn->stream->instance, TANDEM_ACCEPTED, NULL);
	td_info("provider %s: connection to %s takes SMS", instance_of(conn)->set->name, conn->peer);
}

/* Does what an operation said. good: it returned TANDEM_OK. False: the connection is over. */
static bool apply(struct stream_conn *conn, const struct tandem_stream_out *out, bool good, const struct td_err *err)
{
	const char *why = err->text[0] ? err->text : "ended by the plugin";
	const char *wrong = host_check_stream(out);
	unsigned life = conn->life;

	if (wrong) {
		conn_lost(conn, wrong);
		return false;
	}
	if (!good) {
		conn_lost(conn, why);
		return false;
	}
	say(conn, host_td(out->bytes));
	for (size_t i = 0; i < out->nresults && conn->life == life; i++)
		take_result(conn, &out->results[i]);
	if (conn->life != life)
		return false;
	if (!out->nevents) {
		say(conn, host_td(out->stored));
	} else if (!deliver(conn, out)) {
		td_warning("provider %s: what arrived is not understood by the host", instance_of(conn)->set->name);
		say(conn, host_td(out->unstored));
	}
	if (evbuffer_get_length(bufferevent_get_output(conn->bev)) > STREAM_OUTPUT_MAX) {
		conn_lost(conn, "the peer does not read");
		return false;
	}
	take_room(conn, out);
	if (out->timer_ms > 0 && conn->state != CONN_FLUSHING)
		set_timer(conn, out->timer_ms);
	if (out->trouble == TANDEM_AUTH || out->trouble == TANDEM_FUNDS) {
		conn->refused = true;
		instance_judge(conn->stream->instance, out->trouble, why);
	}
	if (out->close)
		close_soon(conn, why);
	else if (conn->stream->stopping && conn->state == CONN_OPEN)
		conn_leave(conn);
	else
		stream_changed(conn->stream);
	return conn->life == life;
}

/* ---- operations ---- */

typedef int conn_operation(struct tandem_call *call, struct stream_conn *conn, void *arg,
	struct tandem_stream_out *out);

/* Runs an operation in memory of its own and does what it says; false: the connection is over. */
static bool run(struct stream_conn *conn, conn_operation *operation, void *arg, struct tandem_stream_out *out)
{
	struct host_call call;
	struct td_arena arena;
	struct td_err err;
	bool good;

	*out = (struct tandem_stream_out){ .room = 0 };
	td_arena_init(&arena, HOST_ARENA);
	instance_call(conn->stream->instance, &call, &arena, &err);
	/* host->error with close is the reason, no failure. */
	good = operation(&call.pub, conn, arg, out) == TANDEM_OK && (!call.pub.failed || out->close);
	good = apply(conn, out, good, &err);
	host_call_end(&call);
	td_arena_free(&arena);
	return good;
}

static int do_input(struct tandem_call *call, struct stream_conn *conn, void *arg, struct tandem_stream_out *out)
{
	const struct instance *in = instance_of(conn);
	const struct td_view *bytes = arg;
	int done = in->plugin->stream_input(call, in->state, conn->conn, host_view(*bytes), out);

	if (done == TANDEM_OK && out->consumed > bytes->n)
		return call->host->error(call, "the plugin consumes more than there is");
	/* Taken out before anything else is done: what is done may read on. */
	evbuffer_drain(bufferevent_get_input(conn->bev), out->consumed);
	return done;
}

static int do_timer(struct tandem_call *call, struct stream_conn *conn, void *arg, struct tandem_stream_out *out)
{
	const struct instance *in = instance_of(conn);

	(void)arg;
	return in->plugin->stream_timer(call, in->state, conn->conn, out);
}

static int do_leave(struct tandem_call *call, struct stream_conn *conn, void *arg, struct tandem_stream_out *out)
{
	const struct instance *in = instance_of(conn);

	(void)arg;
	in->plugin->stream_close(call, in->state, conn->conn, false, out);
	return TANDEM_OK;
}

struct submission {
	const struct tandem_sms *sms;
	uint64_t                 token;
	bool                     failed;
	struct td_err            err;
};

/* One SMS that the plugin fails on is no trouble of the connection: nothing of it has left. */
static int do_submit(struct tandem_call *call, struct stream_conn *conn, void *arg, struct tandem_stream_out *out)
{
	const struct instance *in = instance_of(conn);
	struct submission *s = arg;
	uint32_t room = conn->room - 1;
	int done = in->plugin->stream_submit(call, in->state, conn->conn, s->sms, s->token, out);
	const char *wrong = host_check_stream(out);

	if (done == TANDEM_OK && (!call->failed || out->close) && !wrong)
		return TANDEM_OK;
	s->failed = true;
	s->err = *host_of(call)->err;
	if (!s->err.text[0])
		td_err_set(&s->err, TD_PERMFAIL, "the plugin %s%s", wrong ? "gives " : "fails without saying why",
			wrong ? wrong : "");
	call->failed = false;
	*out = (struct tandem_stream_out){ .room = room };
	return TANDEM_OK;
}

void conn_submit(struct stream_conn *conn, struct job *job, const struct tandem_sms *sms)
{
	struct stream_sent *sent = calloc(1, sizeof(*sent));
	struct submission s = { .sms = sms, .token = ++conn->stream->token };
	struct tandem_stream_out out;

	if (!sent) {
		td_err_set(&s.err, TD_NOMEM, "out of memory");
		submit_no_answer(job, TANDEM_TEMPORARY, &s.err);
		return;
	}
	sent->job = job;
	sent->token = s.token;
	LIST_INSERT_HEAD(&conn->sent, sent, link);
	conn->nsent++;
	run(conn, do_submit, &s, &out);
	sent = s.failed ? sent_find(conn, s.token) : NULL;
	if (!sent)
		return;
	LIST_REMOVE(sent, link);
	conn->nsent--;
	free(sent);
	smsd_trouble(job->smsd, "provider %s: job=%.*s: %s", job->via->set->name, TD_VARG(job->pub.id), s.err.text);
	submit_no_answer(job, TANDEM_PERMANENT_OTHER, &s.err);
}

void conn_leave(struct stream_conn *conn)
{
	struct tandem_stream_out out;

	if (conn->state == CONN_IDLE || conn->state == CONN_CONNECTING) {
		conn_lost(conn, NULL);
		return;
	}
	if (conn->state != CONN_OPEN)
		return;
	conn->room = 0;
	if (conn->nsent)
		return;
	conn->state = CONN_LEAVING;
	if (run(conn, do_leave, NULL, &out) && conn->state == CONN_LEAVING)
		set_timer(conn, STREAM_FAREWELL_MS);
}

/* ---- what happens to it ---- */

/* Gives the plugin what has arrived, while it consumes and its events are not too many. */
static void read_on(struct stream_conn *conn)
{
	struct tandem_stream_out out = { .consumed = 1 };
	struct evbuffer *input;
	struct td_view bytes;

	while (out.consumed && conn->bev && conn->ndeliveries < STREAM_EVENTS_MAX && conn->state != CONN_FLUSHING) {
		input = bufferevent_get_input(conn->bev);
		bytes.n = evbuffer_get_length(input);
		if (!bytes.n)
			break;
		bytes.p = (const char *)evbuffer_pullup(input, -1);
		if (!bytes.p) {
			conn_lost(conn, "out of memory");
			return;
		}
		if (!run(conn, do_input, &bytes, &out))
			return;
		if (!out.consumed && bytes.n >= STREAM_INPUT_MAX) {
			conn_lost(conn, "1 MiB arrived that means nothing");
			return;
		}
	}
	if (!conn->bev || conn->state == CONN_FLUSHING)
		return;
	if (conn->ndeliveries < STREAM_EVENTS_MAX)
		bufferevent_enable(conn->bev, EV_READ);
	else
		bufferevent_disable(conn->bev, EV_READ);
}

static void on_read(struct bufferevent *bev, void *arg)
{
	(void)bev;
	read_on(arg);
}

static void on_write(struct bufferevent *bev, void *arg)
{
	struct stream_conn *conn = arg;

	(void)bev;
	if (conn->state == CONN_FLUSHING)
		conn_lost(conn, "ended by the plugin");
}

static int do_open(struct tandem_call *call, struct stream_conn *conn, void *arg, struct tandem_stream_out *out)
{
	const struct instance *in = instance_of(conn);

	(void)arg;
	conn->opened = true;
	return in->plugin->stream_open(call, in->state, &conn->conn, out);
}

/* As run, but in the connection's own memory. */
static void opened(struct stream_conn *conn)
{
	struct tandem_stream_out out = { .room = 0 };
	struct host_call call;
	struct td_err err;
	bool good;

	conn->state = CONN_OPEN;
	event_del(conn->timer);
	bufferevent_setwatermark(conn->bev, EV_READ, 0, STREAM_INPUT_MAX);
	bufferevent_enable(conn->bev, EV_READ | EV_WRITE);
	instance_call(conn->stream->instance, &call, &conn->arena, &err);
	good = do_open(&call.pub, conn, NULL, &out) == TANDEM_OK && (!call.pub.failed || out.close);
	apply(conn, &out, good, &err);
	host_call_end(&call);
}

static void on_event(struct bufferevent *bev, short what, void *arg)
{
	struct stream_conn *conn = arg;
	char why[256];

	if (what & BEV_EVENT_CONNECTED) {
		opened(conn);
		return;
	}
	stream_why(bev, what, why, sizeof(why));
	/* What came before the end counts. */
	if (conn->state == CONN_OPEN || conn->state == CONN_LEAVING)
		read_on(conn);
	if (conn->bev == bev)
		conn_lost(conn, why);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct stream_conn *conn = arg;
	struct tandem_stream_out out;

	(void)fd, (void)what;
	switch (conn->state) {
	case CONN_IDLE:
		conn_start(conn);
		break;
	case CONN_CONNECTING:
		conn_lost(conn, "no connection within 10 s");
		break;
	case CONN_OPEN:
		run(conn, do_timer, NULL, &out);
		break;
	case CONN_LEAVING:
	case CONN_FLUSHING:
		conn_lost(conn, "no answer to our farewell");
	}
}

static enum td_status find_target(struct stream_conn *conn, struct td_err *err)
{
	struct instance *in = conn->stream->instance;
	struct tandem_stream_target target = { .port = 0 };
	struct host_call call;
	struct td_arena arena;
	enum td_status status = TD_OK;

	td_arena_init(&arena, HOST_ARENA);
	instance_call(in, &call, &arena, err);
	if (in->plugin->stream_target(&call.pub, in->state, &target) != TANDEM_OK || call.pub.failed)
		status = err->status ? err->status : td_err_set(err, TD_PERMFAIL, "the plugin does not say where to connect");
	snprintf(conn->peer, sizeof(conn->peer), "%.*s:%u%s", (int)target.host.n, target.host.n ? target.host.p : "",
		target.port, target.tls ? "" : " (without TLS)");
	if (!status)
		status = stream_connect(conn->stream, &target, &conn->bev, err);
	host_call_end(&call);
	td_arena_free(&arena);
	return status;
}

void conn_start(struct stream_conn *conn)
{
	struct td_err err;

	if (!conn->timer)
		conn->timer = evtimer_new(instance_of(conn)->smsd->base, on_timer, conn);
	if (!conn->timer)
		return;
	conn->state = CONN_CONNECTING;
	if (find_target(conn, &err)) {
		conn_lost(conn, err.text);
		return;
	}
	bufferevent_setcb(conn->bev, on_read, on_write, on_event, conn);
	set_timer(conn, STREAM_CONNECT_MS);
}
