/*
 * peer - an asynchronous connection to a local server in a libevent loop, with reconnect
 *
 * Used by tandem-smsd to talk to tandem-stored. Owns: its descriptor, buffers and the requests under way. Threads:
 * the loop's. While the server is down, requests wait until their deadline. A request that had been written when the
 * connection broke is repeated after the reconnect if `idempotent`, else it ends TD_UNCERTAIN.
 */
#ifndef TD_PEER_H
#define TD_PEER_H

#include "msg.h"

struct event_base;
struct td_peer;

/*
 * Called once for each request: with the reply (err is NULL; its body is valid during the call), or with msg NULL and
 * err, be it the server's refusal or ours. It may call td_peer_call, but not td_peer_free.
 */
typedef void td_peer_done(void *arg, const struct td_msg *msg, const struct td_err *err);

/* Connects as soon as the loop runs. NULL only when out of memory. */
struct td_peer *td_peer_new(struct event_base *base, const char *socket_path);
/* changed is called on each (re)connect and loss. Not with td_peer_free. */
void td_peer_watch(struct td_peer *peer, void (*changed)(void *arg, bool up), void *arg);
/*
 * Sends verb with *value (shape NULL: none), encoded at once. timeout_ms < 0: none (long poll). done is always called
 * exactly once, never from within this call. Everything asked in one iteration of the loop goes out together, in
 * order.
 */
void td_peer_call(struct td_peer *peer, uint16_t verb, const struct td_shape *shape, const void *value,
	int64_t timeout_ms, bool idempotent, td_peer_done *done, void *arg);
bool td_peer_up(const struct td_peer *peer);
size_t td_peer_pending(const struct td_peer *peer);
/*
 * Ends every request under way with TD_TEMPFAIL or TD_UNCERTAIN; one made by a callback meanwhile is forgotten. NULL
 * allowed.
 */
void td_peer_free(struct td_peer *peer);

#endif
