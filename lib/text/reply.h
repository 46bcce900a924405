/*
 * reply - plain text of a mail as its writer meant it: flowed lines joined, signature and quoted reply gone
 *
 * Text is UTF-8 with LF line ends. Threads: pure. Errors: none but the sticky one of the buffer, and NOMEM of the
 * arena.
 */
#ifndef TD_REPLY_H
#define TD_REPLY_H

#include "arena.h"
#include "buf.h"
#include "view.h"

/* Joins the lines of format=flowed (RFC 3676); quotes stay quotes. delsp: the space at the end of such a line goes. */
void td_reply_unflow(struct td_view text, bool delsp, struct td_buf *out);

/*
 * Appends text without: the signature after "-- "; lines quoted with ">", and the line (of up to three) before them
 * that says who wrote them and when; all from "-----Original Message-----" on. False when the arena is full.
 */
bool td_reply_strip(struct td_view text, struct td_arena *arena, struct td_buf *out);

#endif
