/*
 * lmtp_data - the text of a mail on the wire: where it ends, and without the dots that were put before others
 *
 * It ends with CRLF . CRLF and nothing else (RFC 5321 §4.1.1.4): with a bare CR or LF beside the dot, somebody's mail
 * would end where Postfix does not see an end. Threads: pure. Owns: nothing.
 */
#ifndef TD_LMTP_DATA_H
#define TD_LMTP_DATA_H

#include "buf.h"

struct lmtp_data {
	int    state; /* enum in lmtp_data.c; 0 = at the start of a line, as at the start of the text */
	size_t total; /* bytes of the text so far */
};

/*
 * Reads on. Returns the bytes of `in` it used: all of them, or fewer when the end was among them (then *ended). The
 * text is added to keep as long as that has fewer than `most` bytes; keep NULL: nothing is kept.
 */
size_t lmtp_data_feed(struct lmtp_data *data, struct td_view in, struct td_buf *keep, size_t most, bool *ended);

#endif
