/*
 * cuts - what was taken out on the way from a mail to its text
 */
#include "cuts.h"

enum { SHOWN = 200 };

void td_cuts_add(struct td_cuts *cuts, const char *what, struct td_view text, struct td_arena *arena)
{
	struct td_view shown = td_view_utf8_cut(td_view_trim(text), SHOWN);

	if (!cuts || shown.n == 0)
		return;
	shown = cuts->n < TD_CUTS_MAX ? td_arena_dup(arena, shown) : (struct td_view){ NULL, 0 };
	if (!shown.p) {
		cuts->more++;
		return;
	}
	cuts->cut[cuts->n++] = (struct td_cut){ what, shown };
}
