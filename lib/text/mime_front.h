/*
 * mime_front - of a mail, what may safely be given to GMime (private to mime.c)
 *
 * GMime reads whatever it is given: an object for each header, part, parameter and address, one recursion for each ":"
 * of an address list. So it gets the front of a mail, and in it no header field that is longer than people write.
 *
 * Threads: pure. Errors: none.
 */
#ifndef TD_MIME_FRONT_H
#define TD_MIME_FRONT_H

#include <glib.h>

#include "view.h"

/*
 * The front of a mail as one new array: head, empty line, body. At most 64 KiB of head, 4 MiB, 20,000 lines, 1,000
 * lines with "--" and 4,000 like "Name: value" of body. What looks like a header field that GMime takes apart is cut
 * at 8 KiB (Content-…) or 2 KiB and 32 colons (addresses, dates); 256 KiB of the one kind or 32 KiB of the other are
 * the end.
 */
GByteArray *td_mime_front(struct td_view head, struct td_view body);

#endif
