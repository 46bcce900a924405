/*
 * mime - the text of a mail, by GMime
 *
 * Memory is bounded by the caller, who keeps at most milter.max_text_source bytes of body, and by what is looked at
 * here: the first 20,000 lines and 1,000 boundaries of a body, 32 levels of nesting, 64 KiB of text; the rest is as
 * if it were not there. Threads: td_mime_init once, then safe. Errors: TD_NOMEM only; whatever is malformed is read
 * as well as it can be.
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
 * The text of a mail: the first displayable text/plain with text in it, else its HTML through td_html_text. Transfer
 * encoding and charset decoded (charset.h), format=flowed joined, multipart/alternative and nesting walked;
 * attachments are no text, and a mail inside the mail only when there is nothing else. Signature and quoted reply are
 * removed (reply.h) and noted in cuts (NULL: nobody asks). Line ends LF, valid UTF-8 without NUL, trimmed. *out is
 * empty (TD_OK) when there is no such text. *source (may be NULL): "text/plain", "text/html" or "". head: the raw
 * header block ("Name: value\r\n"… with or without the final empty line) or its MIME fields; body: raw.
 */
enum td_status td_mime_text(struct td_view head, struct td_view body, struct td_arena *arena, struct td_cuts *cuts,
	struct td_view *out, const char **source, struct td_err *err);

#endif
