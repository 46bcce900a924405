/*
 * admin_util - arguments, times and JSON of the operator's verbs
 */
#include "admin_util.h"

#include <stdlib.h>

#include "when.h"

#define SHOWN 80 /* bytes of a bad value that are quoted */

static const struct td_args *args_of(const struct td_op *op)
{
	return op->in;
}

static size_t name_length(const char *name)
{
	return strcspn(name, "!*");
}

/* Which of names is it? -1: none. */
static int find_name(const char *const *names, struct td_view given)
{
	for (int i = 0; names[i]; i++) {
		if (td_view_eq(given, td_view_mem(names[i], name_length(names[i]))))
			return i;
	}
	return -1;
}

enum td_status td_admin_args(struct td_op *op, const char *const *names, struct td_view *values)
{
	const struct td_pair *pairs = args_of(op)->args.v;
	bool *seen;
	size_t n = 0;

	while (names[n])
		n++;
	seen = TD_NEWN(op->arena, n, bool);
	if (!seen)
		return td_err_set(&op->err, TD_NOMEM, "request too large");
	memset(values, 0, n * sizeof(*values));
	for (size_t i = 0; i < args_of(op)->args.n; i++) {
		struct td_view name = pairs[i].name;
		int k = find_name(names, name);

		if (k < 0)
			return td_err_set(
				&op->err, TD_BADINPUT, "%.*s: no such option", name.n < SHOWN ? (int)name.n : SHOWN, name.p);
		if (seen[k] && !strchr(names[k], '*'))
			return td_err_set(&op->err, TD_BADINPUT, "%.*s: given twice", TD_VARG(name));
		if (!td_view_utf8(pairs[i].value))
			return td_err_set(&op->err, TD_BADINPUT, "%.*s: not UTF-8", TD_VARG(name));
		seen[k] = true;
		values[k] = pairs[i].value;
	}
	for (size_t i = 0; i < n; i++) {
		if (strchr(names[i], '!') && !values[i].n)
			return td_err_set(&op->err, TD_BADINPUT, "%.*s: is missing", (int)name_length(names[i]), names[i]);
	}
	return TD_OK;
}

bool td_admin_each(const struct td_op *op, const char *name, size_t *at, struct td_view *value)
{
	const struct td_pair *pairs = args_of(op)->args.v;

	while (*at < args_of(op)->args.n) {
		const struct td_pair *pair = &pairs[(*at)++];

		if (td_view_eq(pair->name, td_view_str(name))) {
			*value = pair->value;
			return true;
		}
	}
	return false;
}

enum td_status td_admin_bad(struct td_op *op, const char *name, struct td_view value, const char *want)
{
	char shown[SHOWN + 1];

	td_view_clean(shown, sizeof(shown), value);
	return td_err_set(&op->err, TD_BADINPUT, "%s \"%s\": want %s", name, shown, want);
}

enum td_status td_admin_address(
	struct td_store *store, struct td_op *op, const char *name, struct td_view value, struct td_view *out)
{
	if (td_address(op, value, store->conf->home_country, out))
		return td_err_prefix(&op->err, "%s", name);
	return TD_OK;
}

enum td_status td_admin_time(struct td_op *op, const char *name, struct td_view value, bool back, int64_t *out_ms)
{
	int64_t duration;

	if (!value.n || td_when_date(value, out_ms, NULL) == TD_OK)
		return TD_OK;
	if (td_when_duration(value, &duration, NULL) != TD_OK)
		return td_admin_bad(op, name, value, "a date with its zone (2026-11-24T18:00:00Z) or a duration (30m, 3d)");
	*out_ms = back ? op->now_ms - duration : op->now_ms + duration;
	return TD_OK;
}

enum td_status td_admin_number(
	struct td_op *op, const char *name, struct td_view value, int64_t min, int64_t max, int64_t *out)
{
	int64_t i;

	if (!value.n)
		return TD_OK;
	if (!td_view_i64(value, &i) || i < min || i > max)
		return td_admin_bad(op, name, value, "a number in range");
	*out = i;
	return TD_OK;
}

enum td_status td_admin_word(struct td_op *op, const char *name, struct td_view value, const char *const *words,
	const char *deflt, struct td_view *out)
{
	char want[256] = "one of";

	*out = td_view_str(deflt);
	if (!value.n)
		return TD_OK;
	for (size_t i = 0; words[i]; i++) {
		size_t n = strlen(want);

		if (td_view_caseeq(value, td_view_str(words[i]))) {
			*out = td_view_str(words[i]);
			return TD_OK;
		}
		snprintf(want + n, sizeof(want) - n, "%s %s", i ? "," : "", words[i]);
	}
	return td_admin_bad(op, name, value, want);
}

enum td_status td_admin_class(struct td_op *op, struct td_view value, enum td_class *out)
{
	enum td_class cls;

	if (!value.n)
		return TD_OK;
	cls = td_class_parse(value);
	if (cls == TD_CLASS_NONE || cls == TD_CLASS_COMPLIANCE)
		return td_admin_bad(op, "class", value, "one of critical, solicited, transactional, service, marketing");
	*out = cls;
	return TD_OK;
}

enum td_status td_admin_category(
	struct td_store *store, struct td_op *op, struct td_view value, const char *deflt, struct td_view *out)
{
	const struct td_conf_category *category;

	*out = td_view_str(deflt);
	if (!value.n || td_view_eq(value, td_view_str(deflt)))
		return TD_OK;
	category = td_conf_category(store->conf, value);
	if (!category)
		return td_admin_bad(op, "category", value, "a category of the configuration");
	*out = td_view_str(category->name);
	return TD_OK;
}

struct td_view td_admin_actor(struct td_op *op)
{
	return td_op_text(op, "uid:%u", op->uid);
}

void td_admin_id_from(char out[TD_ID_SIZE], int64_t ms)
{
	td_id_new(out, ms > 0 ? ms : 0);
	memset(out + 10, '0', TD_ID_SIZE - 11); /* after the ten characters of the time */
}

json_t *td_admin_text(struct td_view v)
{
	json_t *text;
	char *clean;

	if (!v.n)
		return json_null();
	text = json_stringn(v.p, v.n);
	if (text)
		return text;
	clean = malloc(v.n + 1);
	if (!clean)
		return NULL;
	td_view_clean(clean, v.n + 1, v);
	text = json_string(clean);
	free(clean);
	return text;
}

json_t *td_admin_str(const char *s)
{
	return td_admin_text(td_view_str(s));
}

json_t *td_admin_iso(int64_t ms)
{
	char text[TD_TIME_SIZE];

	if (ms <= 0 || ms == INT64_MAX)
		return json_null();
	td_when_iso(text, ms);
	return json_string(text);
}

void td_admin_set(json_t *object, const char *key, json_t *value)
{
	json_object_set_new(object, key, value);
}

enum td_status td_admin_reply(struct td_op *op, json_t *doc)
{
	struct td_doc *out = op->out;
	char *text = doc ? json_dumps(doc, JSON_COMPACT | JSON_PRESERVE_ORDER | JSON_ENCODE_ANY) : NULL;

	json_decref(doc);
	if (text)
		out->json = td_arena_dup(op->arena, td_view_str(text));
	free(text);
	return out->json.n ? TD_OK : td_err_set(&op->err, TD_NOMEM, "answer too large (ask for less)");
}
