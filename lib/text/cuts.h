/*
 * cuts - what was taken out on the way from a mail to its text, for `tandem text`
 *
 * Owns: nothing; texts are in the arena that the reader was given. Threads: one at a time. Errors: none; what does not
 * fit the list is counted only.
 */
#ifndef TD_CUTS_H
#define TD_CUTS_H

#include "arena.h"
#include "view.h"

#define TD_CUTS_MAX 32

struct td_cut {
	const char    *what; /* "signature", "quote", "end-tag", "expression", "hidden" */
	struct td_view text; /* its beginning, at most 200 bytes, UTF-8 */
};

struct td_cuts {
	struct td_cut cut[TD_CUTS_MAX];
	size_t        n;    /* in the list */
	size_t        more; /* left off */
};

/* Notes a cut; copies the beginning of text. cuts may be NULL; an empty text is not noted. */
void td_cuts_add(struct td_cuts *cuts, const char *what, struct td_view text, struct td_arena *arena);

#endif
