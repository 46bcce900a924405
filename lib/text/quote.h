/*
 * quote - what a stranger wrote, fit to be said back to him
 *
 * Threads: pure. Errors: none.
 */
#ifndef TD_QUOTE_H
#define TD_QUOTE_H

#include "view.h"

#define TD_QUOTE_SIZE 72

/*
 * Writes v between double quotes as printable ASCII and returns out: anything else becomes '?', a double quote or
 * backslash becomes '\'', and what does not fit is replaced by "...". Safe in SMTP replies and log lines.
 */
const char *td_quote(char out[TD_QUOTE_SIZE], struct td_view v);

#endif
