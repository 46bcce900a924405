/*
 * rawmail - a whole mail in one piece, as a file or pipe(8) has it: its header block, its body, its headers
 *
 * Lines may end in LF or CRLF; a line "From …" of a mailbox before the headers is no header. Owns: nothing; views point
 * into the mail. Threads: pure. Errors: none; what is malformed is read as well as it can be (RFC 5322 §2.2).
 */
#ifndef TD_RAWMAIL_H
#define TD_RAWMAIL_H

#include "tags.h"

struct td_rawmail {
	struct td_view head; /* with the empty line that ends it, if there is one */
	struct td_view body;
};

/* The header block ends with the first empty line; without one all is header. */
void td_rawmail_split(struct td_view mail, struct td_rawmail *out);
/* Gives each header of the block, with its folded lines, to tags; a line without a colon is passed over. */
void td_rawmail_tags(struct td_view head, struct td_tags *tags);

#endif
