/*
 * charset - bytes in the charset a mail declares → UTF-8
 *
 * GMime's own filter writes '?' for what it cannot decode, and decodes each encoded word by itself; both lose text.
 * Threads: safe after td_mime_init. Errors: none but the sticky one of the buffer; the result is always valid UTF-8
 * without NUL.
 */
#ifndef TD_CHARSET_H
#define TD_CHARSET_H

#include "buf.h"
#include "view.h"

/*
 * Appends bytes to out. charset: a name of IANA's list in any case, as mails write it. Bytes that are invalid in it
 * become U+FFFD, NUL is dropped. Empty, "us-ascii" or unknown: UTF-8 if it is that, else windows-1252; that is also
 * what iso-8859-1 means in practice.
 */
void td_charset_decode(struct td_view bytes, struct td_view charset, struct td_buf *out);

#endif
