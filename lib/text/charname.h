/*
 * charname - characters by code and name, for people who wonder what is in a text
 *
 * Threads: pure. Source: the Unicode character database, as Debian 12's libunistring has it (Unicode 14).
 */
#ifndef TD_CHARNAME_H
#define TD_CHARNAME_H

#include "view.h"

#define TD_CHARNAME_SIZE 256 /* libunistring's UNINAME_MAX */

/* The first scalar of text, valid UTF-8; *scalar is set. Returns its bytes, 0 for the empty text. */
size_t td_char_first(struct td_view text, uint32_t *scalar);
/* Its name, "RIGHT SINGLE QUOTATION MARK", written to out; "" for one that has none (a control, private use). */
const char *td_char_name(uint32_t scalar, char out[TD_CHARNAME_SIZE]);

#endif
