/*
 * stream - the STREAM transport: connections that are held open for an instance
 *
 * Each instance with a plugin of that transport has one stream, which holds as many connections as the plugin wants,
 * connects again when one ends, and gives the plugin what arrives. How many SMS may be submitted is the plugin's word:
 * the room of its connections bounds the instance's window, and an instance without a connection that ever had room is
 * not usable. SMS whose connection ends before their result are UNCERTAIN.
 *
 * Owns: connections, the plugin's state of each. Threads: the loop's. Lifetime: the instance's; while it says farewell
 * it holds a reference to the instance.
 */
#ifndef TD_STREAM_H
#define TD_STREAM_H

#include <tandem/provider.h>

#include <sys/queue.h>

#include "err.h"

struct instance;
struct job;
struct smsd;
struct stream;

/* Connects to nothing yet. TD_NOMEM, TD_PERMFAIL (ca_file). */
enum td_status stream_new(struct instance *instance, struct stream **out, struct td_err *err);
void stream_start(struct stream *stream);
/* Takes no more SMS, waits for the results it still gets, says farewell, ends. */
void stream_stop(struct stream *stream);
/* Ends all connections at once; SMS without a result are forgotten (they must be gone). NULL allowed. */
void stream_free(struct stream *stream);

/* Gives an SMS to a connection with room; settled now or later. */
void stream_submit(struct stream *stream, struct job *job, const struct tandem_sms *sms);
/* SMS that may be with the provider at once: those that are, and the room of all connections. */
size_t stream_capacity(const struct stream *stream);
/* Milliseconds until there may be a connection that takes SMS; 0 = there is one. */
int64_t stream_closed_ms(const struct stream *stream);

/* Streams of smsd that are stopped and still have connections. */
bool streams_ending(const struct smsd *smsd);
/* Ends those now. */
void streams_end(struct smsd *smsd);

#endif
