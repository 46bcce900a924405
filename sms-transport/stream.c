/*
 * stream - the STREAM transport: connections that are held open for an instance
 */
#include "stream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stream_conn.h"

/* ---- what it can take ---- */

size_t stream_capacity(const struct stream *stream)
{
	size_t n = 0;

	for (size_t i = 0; i < stream->nconns; i++)
		n += stream->conns[i].nsent + stream->conns[i].room;
	return n;
}

static bool any_ready(const struct stream *stream)
{
	for (size_t i = 0; i < stream->nconns; i++) {
		if (stream->conns[i].state == CONN_OPEN && stream->conns[i].ready)
			return true;
	}
	return false;
}

int64_t stream_closed_ms(const struct stream *stream)
{
	int64_t now = td_mono_ms(stream->instance->smsd->clock);
	int64_t next = STREAM_PAUSE_LAST_MS;

	if (any_ready(stream))
		return 0;
	for (size_t i = 0; i < stream->nconns; i++) {
		const struct stream_conn *conn = &stream->conns[i];
		int64_t ms = conn->state == CONN_IDLE ? conn->next_ms - now : 0;

		if (ms < next)
			next = ms;
	}
	return next > STREAM_PAUSE_FIRST_MS ? next : STREAM_PAUSE_FIRST_MS;
}

/* SMS that wait for an instance that has lost its last connection find another provider, or go back to the store. */
static void send_away(struct instance *in)
{
	struct job *job;

	while ((job = TAILQ_FIRST(&in->waiting[0])) || (job = TAILQ_FIRST(&in->waiting[1]))) {
		job_unqueue(job);
		dispatch_job(job);
	}
}

static bool over(const struct stream *stream)
{
	for (size_t i = 0; i < stream->nconns; i++) {
		if (stream->conns[i].state != CONN_IDLE)
			return false;
	}
	return true;
}

/* A stopped stream without connections lets go of its instance. */
static void finish(struct stream *stream)
{
	struct instance *in = stream->instance;

	stream->stopping = false;
	LIST_REMOVE(stream, link);
	smsd_flush_soon(in->smsd);
	instance_unref(in);
}

void stream_changed(struct stream *stream)
{
	struct instance *in = stream->instance;

	if (stream->stopping) {
		if (over(stream))
			finish(stream);
		return;
	}
	if (in->retired)
		return;
	instance_limits(in);
	if (any_ready(stream)) {
		stream->down = false;
		dispatch_waiting(in);
	} else if (!stream->down) {
		stream->down = true;
		send_away(in);
	}
}

/* ---- SMS ---- */

void stream_submit(struct stream *stream, struct job *job, const struct tandem_sms *sms)
{
	struct stream_conn *best = NULL;
	struct td_err err;

	for (size_t i = 0; i < stream->nconns; i++) {
		struct stream_conn *conn = &stream->conns[i];

		if (conn->state == CONN_OPEN && conn->room && (!best || conn->room > best->room))
			best = conn;
	}
	if (best) {
		conn_submit(best, job, sms);
		return;
	}
	td_err_set(&err, TD_TEMPFAIL, "no connection takes an SMS now");
	submit_no_answer(job, TANDEM_TEMPORARY, &err);
}

/* ---- life ---- */

/* Asks the plugin how many connections it wants; the first answer counts until the next start. */
static enum td_status count_connections(struct instance *in, size_t *n, struct td_err *err)
{
	struct tandem_stream_target target = { .port = 0 };
	struct host_call call;
	struct td_arena arena;
	int done;

	td_arena_init(&arena, HOST_ARENA);
	instance_call(in, &call, &arena, err);
	done = in->plugin->stream_target(&call.pub, in->state, &target);
	*n = target.connections < 1 ? 1 : target.connections;
	host_call_end(&call);
	td_arena_free(&arena);
	if (done != TANDEM_OK || call.pub.failed)
		return err->status ? err->status : td_err_set(err, TD_PERMFAIL, "stream_target failed without saying why");
	if (*n > STREAM_CONNECTIONS)
		return td_err_set(err, TD_PERMFAIL, "%zu connections: at most %d are served", *n, STREAM_CONNECTIONS);
	return TD_OK;
}

enum td_status stream_new(struct instance *in, struct stream **out, struct td_err *err)
{
	struct stream *stream;
	enum td_status status;
	size_t n;

	status = count_connections(in, &n, err);
	if (status)
		return status;
	stream = calloc(1, sizeof(*stream));
	if (stream)
		stream->conns = calloc(n, sizeof(*stream->conns));
	if (!stream || !stream->conns) {
		free(stream);
		return td_err_set(err, TD_NOMEM, "out of memory");
	}
	stream->instance = in;
	stream->nconns = n;
	stream->down = true;
	for (size_t i = 0; i < n; i++) {
		stream->conns[i].stream = stream;
		stream->conns[i].pause_ms = STREAM_PAUSE_FIRST_MS;
		LIST_INIT(&stream->conns[i].sent);
		td_arena_init(&stream->conns[i].arena, HOST_ARENA);
	}
	*out = stream;
	return TD_OK;
}

void stream_start(struct stream *stream)
{
	for (size_t i = 0; i < stream->nconns; i++)
		conn_start(&stream->conns[i]);
}

void stream_stop(struct stream *stream)
{
	if (stream->stopping)
		return;
	stream->stopping = true;
	instance_ref(stream->instance);
	LIST_INSERT_HEAD(&stream->instance->smsd->streams, stream, link);
	/* The last one to be over ends the stream, and perhaps the instance with it: not before all have been asked. */
	for (size_t i = 0; i < stream->nconns; i++)
		conn_leave(&stream->conns[i]);
	stream_changed(stream);
}

void stream_free(struct stream *stream)
{
	if (!stream)
		return;
	for (size_t i = 0; i < stream->nconns; i++) {
		struct stream_conn *conn = &stream->conns[i];
		struct stream_sent *sent;

		while ((sent = LIST_FIRST(&conn->sent))) {
			LIST_REMOVE(sent, link);
			free(sent);
		}
		conn->nsent = 0;
		conn_lost(conn, NULL);
		if (conn->timer)
			event_free(conn->timer);
		td_arena_free(&conn->arena);
	}
	stream_io_free(stream);
	free(stream->conns);
	free(stream);
}

bool streams_ending(const struct smsd *smsd)
{
	return !LIST_EMPTY(&smsd->streams);
}

void streams_end(struct smsd *smsd)
{
	struct stream *stream;

	while ((stream = LIST_FIRST(&smsd->streams))) {
		struct instance *in = stream->instance;

		stream->stopping = false;
		LIST_REMOVE(stream, link);
		instance_unref(in);
	}
}
