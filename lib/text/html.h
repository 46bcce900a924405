/*
 * html - what a reader would see of the HTML of a mail, as plain text
 *
 * libxml2's SAX parser, so that memory follows the text and not the tags; nothing is ever fetched, entities of a DTD
 * are not expanded. Bounded: elements nested deeper than 256, and text beyond 64 KiB, are as if they were not there.
 *
 * Threads: safe. Source: the HTML living standard for which elements end a line and are not shown.
 */
#ifndef TD_HTML_H
#define TD_HTML_H

#include "cuts.h"
#include "err.h"

/*
 * html: UTF-8 (what a <meta charset> says is not looked at: the caller has decoded it). *out in the arena: UTF-8, LF
 * line ends, trimmed, empty when there is nothing to read.
 *
 * Blocks, list items and table rows are lines of their own, cells of a row are separated by a space, items begin with
 * "- " or their number, as the list counts ("3.", "c.", "iii."). A link is its text and then its address where that
 * says more (http, https; of mailto and tel what the text does not say already), once where one directly follows the
 * same; an image counts only as the text of a link. Scripts, styles, comments, the head and what is hidden
 * (display:none, visibility:hidden, the hidden attribute, zero font size, the preheaders of newsletters) are not text.
 * A quoted reply (blockquote type=cite, the marks of the common mail programs) with the line that introduces it, and a
 * marked signature, are taken out and noted in cuts (may be NULL): "quote", "signature", "hidden". Where a forwarded
 * mail is all there is, it is the text, with its mark and headers (reply.h knows those).
 *
 * Errors: TD_NOMEM over the arena. Whatever is malformed is read as well as it can be.
 */
enum td_status td_html_text(
	struct td_view html, struct td_arena *arena, struct td_cuts *cuts, struct td_view *out, struct td_err *err);

#endif
