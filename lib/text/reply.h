/*
 * reply - plain text of a mail as its writer meant it: flowed lines joined, signature and quoted reply gone
 *
 * Text is UTF-8 with LF line ends. Threads: pure. Errors: none but the sticky one of the buffer, and memory that runs
 * out.
 */
#ifndef TD_REPLY_H
#define TD_REPLY_H

#include "arena.h"
#include "buf.h"
#include "cuts.h"

/* Joins the lines of format=flowed (RFC 3676); quotes stay quotes. delsp: the space at the end of such a line goes. */
void td_reply_unflow(struct td_view text, bool delsp, struct td_buf *out);

/*
 * Appends text without what its writer did not write, noted in cuts (may be NULL), which are all that
 * is put in the arena. False without memory.
 *
 * "signature": all below "-- " (RFC 3676 §4.3); below "--" alone if it is the only one, opens a paragraph and is among
 * the last ten lines; a last line like "Sent from my iPhone".
 * "quote": lines quoted with ">" and the lines (up to four) before them that say who wrote them and when; below text
 * of one's own also all that follows "-----Original Message-----", a forwarded mail, a block of From:, Sent:, To:,
 * Subject: as Outlook writes it, or "On DATE, NAME <ADDRESS> wrote:" without ">" lines. Where the text is nothing
 * but a forwarded mail, only the lines that say so go. rendered: the text was HTML, where ">" lines are quotes only
 * together with such a line. Lines of ">" and numbers, or that finish a sentence, stay.
 */
bool td_reply_strip(
	struct td_view text, bool rendered, struct td_arena *arena, struct td_cuts *cuts, struct td_buf *out);

#endif
