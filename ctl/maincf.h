/*
 * maincf - the text of main.cf and master.cf themselves
 *
 * postconf knows no parameter that nothing uses yet (sms_time_limit before there is a service sms), and does not tell
 * whether a value is written or the default: the text does. Threads: one. Errors: td_err_errno's, with the path.
 */
#ifndef CTL_MAINCF_H
#define CTL_MAINCF_H

#include "arena.h"
#include "err.h"
#include "view.h"

/* Reads a whole file, at most 4 MB. */
enum td_status maincf_read(const char *path, struct td_arena *arena, struct td_view *out, struct td_err *err);
/* Puts a file in the place of another in one step; owner and mode stay those of the old one, if there is one. */
enum td_status maincf_write(const char *path, struct td_view text, struct td_err *err);
/* Value of the last line that sets a parameter, joined to one line as postconf does; false when none does. */
bool maincf_value(struct td_view text, const char *name, struct td_arena *arena, struct td_view *out);

#endif
