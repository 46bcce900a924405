/*
 * charset_escape - 7-bit charsets that switch by escape sequences → the 8-bit ones they stand for
 *
 * Threads: pure. Errors: none but the sticky one of the buffer.
 */
#ifndef TD_CHARSET_ESCAPE_H
#define TD_CHARSET_ESCAPE_H

#include "buf.h"

/* HZ (RFC 1843) → GB 2312 in EUC form, appended. A line break ends what was not ended. */
void td_charset_hz(struct td_view bytes, struct td_buf *out);
/*
 * ISO-2022-JP (RFC 1468, 2237; half-width kana as well) → EUC-JP, appended, with the characters that Microsoft and NEC
 * have added. False, and whatever in out, when another charset is switched to (RFC 1554).
 */
bool td_charset_2022jp(struct td_view bytes, struct td_buf *out);

#endif
