/*
 * dsn - the parameters of RFC 3461 (delivery status notifications) that MAIL and RCPT carry
 *
 * Owns: nothing. Threads: pure.
 */
#ifndef TD_DSN_H
#define TD_DSN_H

#include "arena.h"

/* Decodes xtext ("+3D" is '=', RFC 3461 §4); a malformed escape stands for itself. p == NULL when out of memory. */
struct td_view td_dsn_xtext(struct td_view xtext, struct td_arena *arena);
/* Bits of enum td_notify for the value of NOTIFY; unknown words and DELAY count for nothing. */
int64_t td_dsn_notify(struct td_view value);

#endif
