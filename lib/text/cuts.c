/*
 * cuts - what was taken out on the way from a mail to its text
 */
#include "cuts.h"

enum { SHOWN = 200 };

void td_cuts_add(struct td_cuts *cuts, const char *what, struct td_view text, struct td_arena *arena)
{
	struct td_view shown = td_view_trim(text);

	if (!cuts || shown.n == 0)
		return;
	if (shown.n > SHOWN) {
		shown.n = SHOWN;
		while (shown.n && ((unsigned char)shown.p[shown.n] & 0xC0) == 0x80)
			shown.n--;
	}
	shown = cuts->n < TD_CUTS_MAX ? td_arena_dup(arena, shown) : (struct td_view){ NULL, 0 };
	if (!shown.p) {
		cuts->more++;
		return;
	}
	cuts->cut[cuts->n++] = (struct td_cut){ what, shown };
}
