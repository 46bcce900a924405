/*
 * admin_util - what all verbs of the operator need: their arguments, times, and one JSON document for an answer
 *
 * Owns: nothing. JSON values are jansson's and belong to whoever holds them; functions named …_set take over what they
 * are given. Threads: the loop's. Errors: op->err; a member that there is no memory for is left out of the answer.
 */
#ifndef TD_ADMIN_UTIL_H
#define TD_ADMIN_UTIL_H

#include <jansson.h>

#include "op.h"

/*
 * The arguments of op by name into values, in the order of names (ended by NULL): "address!" must be given and not be
 * empty, "note" may be left out (then empty), "set*" may come any number of times (read with td_admin_each).
 * TD_BADINPUT names what is unknown, missing or twice.
 */
enum td_status td_admin_args(struct td_op *op, const char *const *names, struct td_view *values);
/* The next value of a repeated argument; *at starts at 0. */
bool td_admin_each(const struct td_op *op, const char *name, size_t *at, struct td_view *value);

/* TD_BADINPUT `NAME "VALUE": want WHAT`. */
enum td_status td_admin_bad(struct td_op *op, const char *name, struct td_view value, const char *want);
/* A keyed address (op.h); the error names the argument. */
enum td_status td_admin_address(
	struct td_store *store, struct td_op *op, const char *name, struct td_view value, struct td_view *out);
/* A date, or a duration that is added to now (back: taken from it). An empty value leaves *out alone. */
enum td_status td_admin_time(struct td_op *op, const char *name, struct td_view value, bool back, int64_t *out_ms);
/* Decimal, min to max. An empty value leaves *out alone. */
enum td_status td_admin_number(
	struct td_op *op, const char *name, struct td_view value, int64_t min, int64_t max, int64_t *out);
/* One of the words (ended by NULL), in lower case; an empty value becomes deflt. */
enum td_status td_admin_word(struct td_op *op, const char *name, struct td_view value, const char *const *words,
	const char *deflt, struct td_view *out);
/* A class by name; an empty value leaves *out alone. */
enum td_status td_admin_class(struct td_op *op, struct td_view value, enum td_class *out);
/* Is it "*" or a configured category? An empty value becomes deflt. */
enum td_status td_admin_category(
	struct td_store *store, struct td_op *op, struct td_view value, const char *deflt, struct td_view *out);
/* "uid:0": who acts. */
struct td_view td_admin_actor(struct td_op *op);

/* The least id of that time: ids from it on are of that time or later. */
void td_admin_id_from(char out[TD_ID_SIZE], int64_t ms);

/* Text as a JSON string (what is not UTF-8 is replaced); null when empty. */
json_t *td_admin_text(struct td_view v);
json_t *td_admin_str(const char *s);
/* Time as ISO 8601 UTC with milliseconds; null for 0 and for "never". */
json_t *td_admin_iso(int64_t ms);
/* Sets a member of object; value is taken over. */
void td_admin_set(json_t *object, const char *key, json_t *value);
/* Answers with doc, which is released. NULL doc: TD_NOMEM. */
enum td_status td_admin_reply(struct td_op *op, json_t *doc);

#endif
