/*
 * html_link - what a link says beyond its text
 *
 * Threads: pure. Errors: none; an address that is not to be shown is empty.
 */
#ifndef TD_HTML_LINK_H
#define TD_HTML_LINK_H

#include "buf.h"

/*
 * Writes into out what is to be shown of the address href: of http and https all of it, fit to be recognised in running
 * text (white space and what ends addresses there encoded or gone); of mailto the mailbox, of tel the number; nothing
 * of anything else, and nothing when it is longer than out may be. The values of html_lines.h for what looks like
 * markup are undone.
 */
void td_html_link_read(struct td_view href, struct td_buf *out);

/* Does text say the address (of td_html_link_read) already: as it is, or without its scheme, "www." and last slash? */
bool td_html_link_said(struct td_view text, struct td_view address);

#endif
