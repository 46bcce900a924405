/*
 * postfix_undo - the record of what `tandem postfix --apply` changed
 *
 * One JSON document: config_directory, applied_at, files: { "main.cf": { before, after }, … } whole, and changes:
 * [{ kind, name, before (null: was not set), after }]. Written before anything is changed. As root follows it when it
 * takes the changes back, a record that somebody else could have written is refused.
 *
 * Threads: one. Errors: in call->err.
 */
#ifndef CTL_POSTFIX_UNDO_H
#define CTL_POSTFIX_UNDO_H

#include "postfix.h"

/* Path of the record: --undo-file, else postfix.undo.json beside the database. NULL: out of memory. */
const char *postfix_undo_path(const struct postfix_plan *plan);
/* Reads it; TD_NOTFOUND when there is none, TD_REFUSED for one that is not ours. *doc: a new reference. */
enum td_status postfix_undo_read(const struct postfix_plan *plan, json_t **doc);
/* Writes it anew, mode 0600. */
enum td_status postfix_undo_write(const struct postfix_plan *plan, const json_t *doc);
/* What stands now where a change was, or is to be, made; a new reference, null when it is not set. */
json_t *postfix_undo_now(const struct postfix_plan *plan, enum postfix_kind kind, const char *name,
	struct td_view main_cf);
/* Compares two values but for white space, which postconf lays out anew. null equals null only. */
bool postfix_undo_same(const json_t *a, const json_t *b);

#endif
