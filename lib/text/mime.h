/*
 * mime - the text of a mail, by GMime
 *
 * Bounds: of a head 64 KiB are looked at, of a body 4 MiB, 20,000 lines, 4,000 that look like header fields and 1,000
 * boundaries, of the tree 32 levels, of a part 256 KiB encoded and 64 KiB of its text (mime_front.h, mime_part.h); the
 * rest is as if it were not there.
 * Results are in the caller's arena. GMime and the buffers of one part allocate outside it and free before the return:
 * a copy of what is looked at, objects of at most 4 MiB, and buffers of 4 MiB.
 *
 * Threads: td_mime_init once, then safe. Errors: TD_NOMEM only; whatever is malformed is read as well as it can be.
 */
#ifndef TD_MIME_H
#define TD_MIME_H

#include "cuts.h"
#include "err.h"

/* Prepares GMime; once a process, before threads. */
void td_mime_init(void);

/*
 * Decodes RFC 2047 encoded words and raw 8-bit of a header value to UTF-8 (NFC not applied), unfolded and trimmed.
 * Invalid bytes become U+FFFD. A newline inside an encoded word stays a newline (a text of several lines is written
 * so), NUL goes, any other control character becomes a space.
 */
enum td_status td_mime_header(struct td_view raw, struct td_arena *arena, struct td_view *out, struct td_err *err);

/*
 * The text of a mail: the first displayable text/plain with text in it, else its HTML through td_html_text, else an
 * inline text file, else text of a kind that is not known (text/markdown). Transfer encoding and charset are undone
 * (transfer.h, charset.h), format=flowed joined, nested parts walked. Attachments are no text, and a mail inside the
 * mail only when there is nothing else. A text that only says "read the HTML" gives way to the HTML beside it. A part
 * of which more than half cannot be decoded is no text; nor are MIME boundaries and part headers ever: where the
 * structure is not declared, or declared wrong, it is read as it is.
 *
 * Signature and quoted reply are removed (reply.h) and noted in cuts (NULL: nobody asks). Line ends LF, valid UTF-8
 * without NUL, trimmed. *out is empty (TD_OK) when there is no such text. *source (may be NULL): "text/plain",
 * "text/html" or "". head: the raw header block ("Name: value\r\n"… with or without the final empty line) or its MIME
 * fields; body: raw, cut anywhere: what is cut off at its end leaves nothing.
 */
enum td_status td_mime_text(struct td_view head, struct td_view body, struct td_arena *arena, struct td_cuts *cuts,
	struct td_view *out, const char **source, struct td_err *err);

#endif
