/*
 * transfer - quoted-printable and base64 as they arrive, damaged or made by hand
 *
 * GMime's own decoders end at the first padding of base64 and take "=" before white space for text. Threads: pure.
 * Errors: none but the sticky one of the buffer.
 */
#ifndef TD_TRANSFER_H
#define TD_TRANSFER_H

#include "buf.h"
#include "view.h"

/*
 * Appends the bytes that quoted-printable v stands for (RFC 2045 §6.7). Hexadecimal digits of either case; "=" before
 * the end of a line, white space between them or not, joins it with the next; what is cut off at the end goes; any
 * other "=" is text.
 */
void td_transfer_qp(struct td_view v, struct td_buf *out);

/*
 * Appends the bytes that base64 v stands for (RFC 2045 §6.8). What is not of its alphabet is passed over; padding ends
 * a group, and what comes after it begins the next: several encoded pieces in a row are read as one.
 */
void td_transfer_base64(struct td_view v, struct td_buf *out);

#endif
