/*
 * words - a text that is to be an SMS, as a document and for people: encoding, segments, what makes it Unicode
 *
 * Shared by `tandem segments`, `text` and `template preview`. Threads: one. Errors: none; out of memory shows as a
 * document with keys missing.
 */
#ifndef CTL_WORDS_H
#define CTL_WORDS_H

#include "ctl.h"
#include "gsm.h"
#include "template.h"

/*
 * Adds {"encoding", "segments", "units", "per_segment", "left", "text"} to doc, and for a text that is no GSM 03.38
 * "unicode": each character that forces UCS-2 once, {"char", "code", "name", "at"} with its first place, counted from
 * 1; at most 64 of them. "national": the language whose shift tables are used, where some are. left: units that still
 * fit into the last segment. text: UTF-8; national: the set of shift tables that could have been used.
 */
void ctl_words_add(json_t *doc, struct td_view text, const struct td_segments *count, unsigned national,
	struct td_arena *arena);

/* The text itself, then what it takes, then what makes it Unicode. */
void ctl_words_print(const json_t *doc);

/* {"error": …, "dsn": …} of a text that was refused. */
json_t *ctl_words_refused(const struct td_err *err);

/* Shows a document; one with "error" goes to stderr as `tandem: COMMAND: DSN why` too, and is CTL_REFUSED. */
int ctl_words_end(struct ctl_call *call, const json_t *doc);

/* The words NAME=VALUE of the command line, its positional "var", as variables; returns how many. */
size_t ctl_words_vars(const struct ctl_call *call, struct td_var *out);
/* CTL_USAGE, and said so, when one of them is no NAME=VALUE; else 0. */
int ctl_words_bad_var(const struct ctl_call *call);
/* Value of the first variable by that name, or the empty view. */
struct td_view ctl_words_var(const struct td_vars *vars, const char *name);

#endif
