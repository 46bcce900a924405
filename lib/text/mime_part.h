/*
 * mime_part - the text of one part of a mail (private to mime.c)
 *
 * Threads: safe after td_mime_init. Errors: TD_NOMEM over the arena.
 */
#ifndef TD_MIME_PART_H
#define TD_MIME_PART_H

#include <gmime/gmime.h>

#include "cuts.h"
#include "err.h"

/*
 * The text of a text/plain (html: of a text/html) part: transfer encoding and charset undone, joined, rendered,
 * stripped, trimmed; *out in the arena, empty when there is none worth sending. *source: it is no text but a mail whose
 * structure was not declared (out is empty then).
 */
enum td_status td_mime_part_text(GMimePart *part, bool html, struct td_arena *arena, struct td_cuts *cuts,
	struct td_view *out, bool *source, struct td_err *err);
/*
 * The boundary of the first line in text that looks like one: "--" and at most 70 characters, and a Content- header on
 * the next line. preamble: any text may stand before it, else only what mailers put there. Empty for none.
 */
struct td_view td_mime_part_boundary(struct td_view text, bool preamble);
/* Is it what a mail program writes for those who cannot read HTML? */
bool td_mime_part_is_stub(struct td_view text);

#endif
