/*
 * client - one blocking request at a time to a local socket, with a deadline; and a pool of such connections
 *
 * Used by tandem-milter's threads, tandem-pipe and tandem. Owns: its descriptor and reply buffer. Threads: a client
 * belongs to one thread at a time; a pool is safe. Errors: TD_TEMPFAIL when the peer is away or the deadline passed
 * before the request was written, or when the peer will not talk to us; TD_UNCERTAIN when it was written and the
 * answer did not come or cannot be read; TD_TOOBIG when it is over TD_MSG_MAX. The pool is in client_pool.c, so that
 * a program without threads does not link it.
 */
#ifndef TD_CLIENT_H
#define TD_CLIENT_H

#include "msg.h"

struct td_client;

/*
 * A client for a Unix socket path; connects at the first call. While the peer is down, a call waits for it (retrying
 * connect every 20 ms) until its deadline. NULL only when out of memory.
 */
struct td_client *td_client_new(const char *socket_path);
void td_client_free(struct td_client *client); /* NULL allowed */
/*
 * Sends *request as verb and decodes the reply of shape `reply` into *out (views into the client's buffer, valid
 * until the next call; lists in arena). timeout_ms covers connecting, sending and the answer. A reply with a status
 * other than TD_OK fills err with the peer's text and code and is returned as that status. With retry_uncertain, a
 * request whose connection broke after it was written is sent again (for verbs that are idempotent). A request that
 * the peer surely never read whole (it ended with our bytes unread, unix(7)) is sent again in any case.
 */
enum td_status td_client_call(struct td_client *client, uint16_t verb, const struct td_shape *shape,
	const void *request,
	const struct td_shape *reply_shape, void *out, struct td_arena *arena, int64_t timeout_ms, bool retry_uncertain,
	struct td_err *err);

/* Idle connections to one socket, last used first. */
struct td_client_pool;
struct td_client_pool *td_client_pool_new(const char *socket_path, size_t max_idle);
void td_client_pool_free(struct td_client_pool *pool);
/* Takes a client out (or makes one); give it back with td_client_pool_put, also after an error. */
struct td_client *td_client_pool_get(struct td_client_pool *pool);
void td_client_pool_put(struct td_client_pool *pool, struct td_client *client);

#endif
