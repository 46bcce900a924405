/*
 * clearsign - a text that OpenPGP has signed in the clear, without what the signature put around it
 *
 * Source: RFC 9580 §7 (cleartext signature framework). Nothing is verified. Threads: pure. Errors: none but the sticky
 * one of the buffer.
 */
#ifndef TD_CLEARSIGN_H
#define TD_CLEARSIGN_H

#include "buf.h"
#include "view.h"

/*
 * If text (LF line ends) begins with the mark of a signed message, *out is what was signed, in buf: without armour
 * headers, dash-escaping undone, up to the signature; what stands below that follows. Else *out is text as it is.
 */
void td_clearsign_open(struct td_view text, struct td_buf *buf, struct td_view *out);

#endif
