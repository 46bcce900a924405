/*
 * reply_words - the words by which mail programs introduce and sign, in many languages (data/reply_words.tsv)
 *
 * Threads: pure. Errors: none. ASCII letters match in any case, all else by its bytes.
 */
#ifndef TD_REPLY_WORDS_H
#define TD_REPLY_WORDS_H

#include "view.h"

/* In the order of the table's rows; the table says what each is for. */
enum td_reply_kind {
	TD_REPLY_WROTE,
	TD_REPLY_BEGIN,
	TD_REPLY_ORIGINAL,
	TD_REPLY_FORWARD,
	TD_REPLY_FORWARD_LINE,
	TD_REPLY_FROM,
	TD_REPLY_SENT,
	TD_REPLY_TO,
	TD_REPLY_SUBJECT,
	TD_REPLY_DATE,
	TD_REPLY_MOBILE_BEGIN,
	TD_REPLY_MOBILE_END,
	TD_REPLY_DEVICE,
	TD_REPLY_STUB
};

/* Is a word of that kind in v? */
bool td_reply_words_in(enum td_reply_kind kind, struct td_view v);
/* Bytes of the longest word of that kind that v begins with; 0 for none. */
size_t td_reply_words_at(enum td_reply_kind kind, struct td_view v);
/* The same at its end. */
size_t td_reply_words_end(enum td_reply_kind kind, struct td_view v);
/* v without white space, no-break spaces and bidirectional controls at both ends. */
struct td_view td_reply_words_bare(struct td_view v);

#endif
