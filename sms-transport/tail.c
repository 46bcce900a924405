/*
 * tail - the FILE transport's files that others append lines to
 *
 * inotify on the folder wakes it; a slow timer does where inotify cannot (network file systems). One event is with the
 * store at a time.
 */
#include "tail.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "events.h"
#include "smsd.h"
#include "tailfile.h"

#define POLL_MS 1000
#define LINES_AT_ONCE 64 /* malformed ones, before the loop gets its turn */

struct tail {
	struct instance *instance;
	int              file; /* number of use_file */
	char            *path;
	struct tailfile *lines;
	struct event    *timer, *notify;
	int              inotify; /* -1: none */
	bool             ready;   /* the mark is known */
	bool             stopped;
	bool             busy;    /* something is with the store */
	struct td_arena  arena;   /* of the line that is being delivered */
	struct tandem_events events;
	struct delivery  delivery;
	char             line_id[80];
	uint64_t         number;
	char             complaint[512]; /* the last one about the file itself, not to be repeated each second */
};

static void pump(struct tail *tail);

static void look_later(struct tail *tail, int64_t ms)
{
	struct timeval tv = { .tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000 };

	if (!tail->stopped)
		evtimer_add(tail->timer, &tv);
}

static void done_with_line(struct tail *tail)
{
	tail->busy = false;
	tailfile_next(tail->lines);
	td_arena_reset(&tail->arena);
}

/* All events of the line are with the store, or it will be asked again. */
static void line_done(struct delivery *delivery, const struct td_err *err)
{
	struct tail *tail = (struct tail *)(void *)((char *)delivery - offsetof(struct tail, delivery));

	if (err) {
		tail->busy = false;
		look_later(tail, POLL_MS);
		return;
	}
	done_with_line(tail);
	pump(tail);
}

/* Sends the events of the line to the store; the last one carries the mark. */
static void deliver(struct tail *tail)
{
	char mark[TAILFILE_MARK_SIZE] = "";
	struct delivery *delivery = &tail->delivery;
	char *what;

	tailfile_mark(tail->lines, mark);
	what = td_arena_printf(&tail->arena, "%s: line %llu", tail->path, (unsigned long long)tail->number);
	*delivery = (struct delivery){ .instance = tail->instance, .events = tail->events.events,
		.n = tail->events.nevents, .what = td_view_str(what), .id = td_view_str(tail->line_id),
		.mark = td_arena_dup(&tail->arena, td_view_str(mark)), .done = line_done };
	tail->busy = true;
	events_deliver(delivery);
}

/* Asks the plugin what a line means. False: nothing; why is logged. */
static bool understand(struct tail *tail, const struct tailfile_line *line)
{
	struct instance *in = tail->instance;
	struct tandem_inbound_file given = { .struct_size = sizeof(given), .file = tail->file, .line = line->number };
	struct host_call call;
	struct td_view text;
	struct td_err err;
	bool good;

	td_arena_reset(&tail->arena);
	text = td_arena_dup(&tail->arena, line->text);
	tail->number = line->number;
	snprintf(tail->line_id, sizeof(tail->line_id), "line-%s", line->id);
	if (line->toolong) {
		td_warning("%s: line %llu is skipped: longer than %d bytes", tail->path, (unsigned long long)line->number,
			TAILFILE_LINE_MAX);
		return false;
	}
	if (!td_view_trim(text).n)
		return false;
	given.bytes = host_view(text);
	tail->events = (struct tandem_events){ .refused = false };
	instance_call(in, &call, &tail->arena, &err);
	good = in->plugin->inbound_file(&call.pub, in->state, &given, &tail->events) == TANDEM_OK && !call.pub.failed;
	good = good && !tail->events.refused;
	if (!good)
		td_warning("%s: line %llu is skipped: %s", tail->path, (unsigned long long)line->number,
			err.text[0] ? err.text : "not understood");
	/* What JSON held must outlive the call, until the store has it. */
	good = good && events_keep(&tail->events, &tail->arena);
	host_call_end(&call);
	return good && tail->events.nevents;
}

static void complain(struct tail *tail, const struct td_err *err)
{
	if (!strcmp(tail->complaint, err->text))
		return;
	snprintf(tail->complaint, sizeof(tail->complaint), "%s", err->text);
	smsd_trouble(tail->instance->smsd, "provider %s: %s", tail->instance->set->name, err->text);
}

/* Reads on, until a line is with the store or there is none. */
static void pump(struct tail *tail)
{
	struct tailfile_line line;
	struct td_err err;

	for (int i = 0; tail->ready && !tail->busy && !tail->stopped; i++) {
		const char *note;
		enum td_status status = tailfile_peek(tail->lines, &line, &note, &err);

		if (note)
			td_info("%s %s", tail->path, note);
		if (status) {
			if (status != TD_NOTFOUND)
				complain(tail, &err);
			look_later(tail, POLL_MS);
			return;
		}
		tail->complaint[0] = '\0';
		if (i == LINES_AT_ONCE) {
			look_later(tail, 0);
			return;
		}
		if (understand(tail, &line))
			deliver(tail);
		else
			done_with_line(tail);
	}
}

static void ask_mark(struct tail *tail);

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct tail *tail = arg;

	(void)fd, (void)what;
	if (tail->ready)
		pump(tail);
	else
		ask_mark(tail);
}

static void on_notify(evutil_socket_t fd, short what, void *arg)
{
	struct tail *tail = arg;
	const char *name = strrchr(tail->path, '/') + 1;
	_Alignas(struct inotify_event) char bytes[4096];
	bool ours = false;
	ssize_t n;

	(void)what;
	while ((n = read(fd, bytes, sizeof(bytes))) > 0) {
		for (ssize_t at = 0; at < n;) {
			const struct inotify_event *event = (const struct inotify_event *)(const void *)(bytes + at);

			ours = ours || (event->mask & IN_Q_OVERFLOW) || (event->len && !strcmp(event->name, name));
			at += (ssize_t)(sizeof(*event) + event->len);
		}
	}
	if (ours)
		pump(tail);
}

/* Watches the folder, for the file may come and go. Without inotify the timer must do. */
static void watch_folder(struct tail *tail)
{
	const char *slash = strrchr(tail->path, '/');
	char folder[4096];

	tail->inotify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (tail->inotify < 0)
		return;
	snprintf(folder, sizeof(folder), "%.*s", (int)(slash - tail->path) + 1, tail->path);
	if (inotify_add_watch(tail->inotify, folder, IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_CLOSE_WRITE) < 0)
		return;
	tail->notify = event_new(tail->instance->smsd->base, tail->inotify, EV_READ | EV_PERSIST, on_notify, tail);
	if (tail->notify)
		event_add(tail->notify, NULL);
}

enum td_status tail_new(struct instance *instance, int file, const char *path, struct tail **out, struct td_err *err)
{
	struct tail *tail = calloc(1, sizeof(*tail));

	if (!tail)
		return td_err_set(err, TD_NOMEM, "%s: out of memory", path);
	td_arena_init(&tail->arena, HOST_ARENA);
	tail->instance = instance;
	tail->file = file;
	tail->inotify = -1;
	tail->path = strdup(path);
	tail->lines = tailfile_new(path);
	tail->timer = evtimer_new(instance->smsd->base, on_timer, tail);
	if (!tail->path || !tail->lines || !tail->timer) {
		tail_free(tail);
		return td_err_set(err, TD_NOMEM, "%s: out of memory", path);
	}
	*out = tail;
	return TD_OK;
}

static void got_mark(void *arg, const struct td_msg *msg, const struct td_err *err)
{
	struct tail *tail = arg;
	struct instance *instance = tail->instance;
	struct td_mark mark = { .mark = { NULL, 0 } };
	struct td_err bad;

	if (msg && td_shape_decode(&td_mark_shape, msg->body, &mark, &tail->arena, &bad) != TD_OK) {
		err = &bad;
		msg = NULL;
	}
	if (tail->stopped) {
		instance_unref(instance);
		return;
	}
	if (!msg) {
		complain(tail, err);
		look_later(tail, POLL_MS);
	} else {
		if (tailfile_seek(tail->lines, mark.mark, &bad))
			smsd_trouble(instance->smsd, "%s", bad.text);
		tail->ready = true;
		watch_folder(tail);
		pump(tail);
	}
	instance_unref(instance);
}

static void ask_mark(struct tail *tail)
{
	struct td_mark ask = { .provider = td_view_str(tail->instance->set->name) };

	instance_ref(tail->instance);
	td_peer_call(tail->instance->smsd->store, TD_V_MARK, &td_mark_shape, &ask, -1, true, got_mark, tail);
}

void tail_start(struct tail *tail)
{
	ask_mark(tail);
}

void tail_stop(struct tail *tail)
{
	tail->stopped = true;
	event_del(tail->timer);
	if (tail->notify)
		event_del(tail->notify);
}

void tail_free(struct tail *tail)
{
	if (!tail)
		return;
	if (tail->timer)
		event_free(tail->timer);
	if (tail->notify)
		event_free(tail->notify);
	if (tail->inotify >= 0)
		close(tail->inotify);
	tailfile_free(tail->lines);
	td_arena_free(&tail->arena);
	free(tail->path);
	free(tail);
}
