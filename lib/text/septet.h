/*
 * septet - text ↔ septets of GSM 03.38, unpacked: one an octet
 *
 * Sources: 3GPP TS 23.038 §6.2.1 and annex A; tables in lib/text/data. Threads: pure.
 */
#ifndef TD_SEPTET_H
#define TD_SEPTET_H

#include "alphabet.h"
#include "buf.h"

/* Appends the septets of a UTF-8 text. False at the first character that the alphabet does not have. */
bool td_septet_encode(const struct td_alphabet *alphabet, struct td_view text, struct td_buf *out);
/*
 * Appends the text that septets mean. After an escape, what its table does not have is the character of the main table,
 * as TS 23.038 wants it; a second escape is a space. An octet that is no septet becomes U+FFFD.
 */
void td_septet_decode(const struct td_alphabet *alphabet, struct td_view septets, struct td_buf *out);

#endif
