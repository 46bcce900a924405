/*
 * peer - an asynchronous connection to a local server in a libevent loop, with reconnect
 *
 * Used by tandem-smsd to talk to tandem-stored. Owns: its descriptor, buffers and the requests under way. Threads: the loop's.
 * While the server is down, requests wait until their deadline. A request that had been written when the connection broke is
 * repeated after the reconnect if `idempotent`, else it ends TD_UNCERTAIN.
 */
#ifndef TD_PEER_H
#define TD_PEER_H

#include "msg.h"

struct event_base;
struct td_peer;

/*
 * Called once for each request. msg is NULL on failure (err says why) and else the reply with TD_OK; its body is valid during the call.
 */
typedef void td_peer_done(void *arg, const struct td_msg *msg, const struct td_err *err);

struct td_peer *td_peer_new(struct event_base *base, const char *socket_path);
/* up/down are called on (re)connect and loss. */
void td_peer_watch(struct td_peer *peer, void (*changed)(void *arg, bool up), void *arg);
/* Sends verb with *value. timeout_ms < 0: none (long poll). done is always called exactly once, never from within this call. */
void td_peer_call(struct td_peer *peer, uint16_t verb, const struct td_shape *shape, const void *value, int64_t timeout_ms,
	bool idempotent, td_peer_done *done, void *arg);
bool td_peer_up(const struct td_peer *peer);
size_t td_peer_pending(const struct td_peer *peer);
/* Ends every request under way with TD_TEMPFAIL or TD_UNCERTAIN. */
void td_peer_free(struct td_peer *peer);

#endif
