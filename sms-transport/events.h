/*
 * events - what a plugin made of something that arrived → the store, one event after another
 *
 * Used by files that lines arrive in, by webhooks and by streams. Threads: the loop's.
 */
#ifndef TD_EVENTS_H
#define TD_EVENTS_H

#include "instance.h"

struct delivery;

/*
 * All events are durable, or (err) the one at delivery->next is not: err is TD_TEMPFAIL, TD_UNCERTAIN or TD_NOMEM, and
 * events_deliver may be called again. What the store refuses for good is logged and skipped.
 */
typedef void events_done(struct delivery *delivery, const struct td_err *err);

struct delivery { /* the caller's, until done */
	struct instance           *instance;
	const struct tandem_event *events; /* in memory that lives until done */
	size_t                     n;
	size_t                     next;   /* events the store has */
	struct td_view             what;   /* for the log: "/path: line 3", "webhook" */
	struct td_view             id;     /* an inbound SMS without an id gets this one and its position */
	struct td_view             mark;   /* committed with the last event; see td_mark */
	int64_t                    timeout_ms; /* how long to wait for the store, an event; 0 = for ever */
	events_done               *done;
};

/*
 * Copies the views of events into the arena, as JSON of the call they come from ends with it. False: out of memory, or
 * events that make no sense (which is logged).
 */
bool events_keep(struct tandem_events *events, struct td_arena *arena);
/* Goes on from delivery->next. With nothing to do, done is called at once. */
void events_deliver(struct delivery *delivery);

#endif
