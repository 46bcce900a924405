/*
 * frames - whole frames out of a stream of bytes that comes in pieces
 *
 * Mostly a read ends where a frame does; then the frames are taken where they were read, and nothing is copied or kept.
 */
#include "frames.h"

#define KEEP_ROOM 65536
#define KEPT_CAP (2 * (size_t)TD_MSG_MAX) /* less than one frame and what one read adds to it */

void td_frames_init(struct td_buf *kept)
{
	td_buf_init(kept, KEPT_CAP);
}

void td_frames_reset(struct td_buf *kept)
{
	if (kept->room <= KEEP_ROOM)
		td_buf_reset(kept);
	else
		td_buf_free(kept);
}

enum td_status td_frames_take(struct td_buf *kept, struct td_view bytes,
	bool (*each)(void *arg, const struct td_msg *msg), void *arg, struct td_err *err)
{
	bool           joined = kept->n > 0;
	struct td_view rest = bytes;
	struct td_msg  msg;
	size_t         n = 0;

	if (joined) {
		td_buf_add(kept, bytes);
		rest = td_buf_view(kept);
	}
	while (td_buf_ok(kept) && (n = td_msg_read(rest, &msg, err)) > 0) {
		if (n == (size_t)-1)
			return TD_BADINPUT;
		rest = td_view_skip(rest, n);
		if (!each(arg, &msg))
			return TD_REFUSED;
	}
	if (!joined)
		td_buf_add(kept, rest);
	else if (rest.n == 0)
		td_frames_reset(kept);
	else
		td_buf_consume(kept, kept->n - rest.n);
	return td_buf_ok(kept) ? TD_OK : td_err_set(err, TD_NOMEM, "out of memory for a message");
}
