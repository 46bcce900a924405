/*
 * store_ask - the operator's verbs asked of the store of store_bench.h, for t/unit/store_admin*.t.c
 */
#ifndef TD_STORE_ASK_H
#define TD_STORE_ASK_H

#include <jansson.h>
#include <stdarg.h>

#include "store_bench.h"

#define ANA "+15551234567"
#define EVIDENCE(at) "{\"method\":\"phone call\",\"at\":\"" at "\",\"ref\":\"ticket 7\"}"

static struct td_err last; /* of the last call that failed */

/* Calls a verb with names and values, ended by NULL. The document, or NULL with `last` filled. */
static inline json_t *ask(struct bench *b, int verb, ...)
{
	struct td_pair *pairs = TD_NEWN(&b->arena, 32, struct td_pair);
	struct td_args *args = TD_NEW(&b->arena, struct td_args);
	const struct td_doc *doc;
	const char *name;
	struct td_op *op;
	va_list ap;
	size_t n = 0;

	va_start(ap, verb);
	while ((name = va_arg(ap, const char *)) != NULL) {
		pairs[n++] = (struct td_pair){ V(name), V(va_arg(ap, const char *)) };
	}
	va_end(ap);
	args->args = (struct td_structs){ pairs, n };
	op = bench_call(b, (uint16_t)verb, args, 9);
	doc = op->out;
	last = op->err;
	if (op->err.status)
		return NULL;
	return json_loadb(doc->json.p, doc->json.n, JSON_DECODE_ANY, NULL);
}

static inline const char *text(const json_t *doc, const char *key)
{
	return json_string_value(json_object_get(doc, key));
}

static inline void gives(json_t *doc, const char *key, const char *want, const char *name)
{
	is_str(text(doc, key), want, "%s", name);
	json_decref(doc);
}

static inline void refused(json_t *doc, enum td_status status, const char *part, const char *name)
{
	ok(!doc, "%s: no answer", name);
	is_int(last.status, status, "… status");
	like(last.text, part, "… says why");
	json_decref(doc);
}

static inline size_t size_of(json_t *doc)
{
	size_t n = json_array_size(doc);

	json_decref(doc);
	return n;
}

/* Verdict of `tandem decide`. */
static inline const char *decide(struct bench *b, const char *address, const char *channel, const char *cls)
{
	static char verdict[600];
	json_t *doc = ask(b, TD_V_EXPLAIN, "address", address, "channel", channel, "class", cls, NULL);

	snprintf(verdict, sizeof(verdict), "%s", doc ? text(doc, "verdict") : last.text);
	json_decref(doc);
	return verdict;
}

#endif
