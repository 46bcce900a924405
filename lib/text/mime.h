/*
 * mime - the text of a mail, by GMime
 *
 * Memory is bounded by the arena's cap and by the caller, who keeps at most milter.max_text_source bytes of body. Threads: td_mime_init once, then
 * pure. Errors: TD_BADINPUT 5.6.0 when there is no text at all.
 */
#ifndef TD_MIME_H
#define TD_MIME_H

#include "arena.h"
#include "err.h"
#include "view.h"

/* Prepares GMime; once a process, before threads. */
void td_mime_init(void);

/* Decodes RFC 2047 encoded words and raw 8-bit of a header value to UTF-8 (NFC not applied), unfolded. Invalid bytes become U+FFFD. */
enum td_status td_mime_header(struct td_view raw, struct td_arena *arena, struct td_view *out, struct td_err *err);

/*
 * The first displayable text/plain of a message (headers of the mail that matter to MIME, then body): transfer encoding and charset
 * decoded, format=flowed joined, multipart/alternative and nesting walked to a depth of 32; signature after "-- " and quoted reply removed; line ends LF. *out is empty
 * (TD_OK) when the mail has no text/plain with text in it; *has_html says that there would be HTML.
 * head: the raw header block ("Name: value\r\n"… with or without the final empty line); body: raw.
 */
enum td_status td_mime_text(struct td_view head, struct td_view body, struct td_arena *arena, struct td_view *out, bool *has_html,
	struct td_err *err);

#endif
