/*
 * charset - bytes in the charset a mail declares → UTF-8
 *
 * GMime's own filter writes '?' for what it cannot decode, and decodes each encoded word by itself; both lose text.
 * Threads: safe. Errors: none but the sticky one of the buffer; the result is always valid UTF-8 without NUL.
 */
#ifndef TD_CHARSET_H
#define TD_CHARSET_H

#include "buf.h"
#include "view.h"

/*
 * Appends bytes to out. charset: a name as mails write it (charset_name.h). Bytes that are invalid in it become U+FFFD
 * each, NUL is dropped; a character that is cut off at the end is left away (the caller may have cut it).
 *
 * The bytes are believed more than the name: a byte order mark decides; what is declared as an 8-bit charset and is
 * UTF-8 is that; what is declared as UTF-8 and has no valid character outside ASCII is windows-1252, if it looks like a
 * Western language. Empty, "us-ascii" or unknown: UTF-8 if it is that, ISO-2022-JP or UTF-16 if it shows their marks,
 * else windows-1252 as before, else U+FFFD for each byte. iso-8859-1 means windows-1252.
 */
void td_charset_decode(struct td_view bytes, struct td_view charset, struct td_buf *out);
/* Is more than half of what is to be seen in the UTF-8 text U+FFFD? Such a text is not worth sending. */
bool td_charset_is_noise(struct td_view text);

#endif
