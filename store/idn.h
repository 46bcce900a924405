/*
 * idn - an e-mail address as it is looked up: lower case, domain as A-labels
 *
 * Sources: policy §1; RFC 3492 (Punycode), RFC 5890 (A-label). Mapping is Unicode's NFKC and lower case, as browsers do
 * for the letters people use; whether a label is registrable is the registry's business. Threads: pure. Owns: nothing.
 */
#ifndef TD_IDN_H
#define TD_IDN_H

#include "arena.h"
#include "err.h"

/*
 * "Ana@Bücher.Example" → "ana@xn--bcher-kva.example". input holds one '@' at `at` and is UTF-8. TD_BADINPUT: a label
 * over 63 bytes or empty.
 */
enum td_status td_idn_email(struct td_view input, size_t at, struct td_arena *arena, struct td_view *out,
	struct td_err *err);

#endif
