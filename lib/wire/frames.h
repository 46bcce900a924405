/*
 * frames - whole frames out of a stream of bytes that comes in pieces
 *
 * Private to server_conn.c and peer.c.
 */
#ifndef TD_FRAMES_H
#define TD_FRAMES_H

#include "msg.h"

/* A buffer for the beginning of a frame whose rest has not come. */
void td_frames_init(struct td_buf *kept);
/* Empties it; its memory is kept only if it is little. */
void td_frames_reset(struct td_buf *kept);
/*
 * Gives each whole frame of (what was kept, then bytes) to each, and keeps the rest. It stops when each answers
 * false; then, as after a malformed frame, the stream is at its end and what is kept means nothing. TD_OK, TD_REFUSED
 * (stopped by each; err untouched), TD_BADINPUT or TD_NOMEM (err).
 */
enum td_status td_frames_take(struct td_buf *kept, struct td_view bytes,
	bool (*each)(void *arg, const struct td_msg *msg), void *arg, struct td_err *err);

#endif
