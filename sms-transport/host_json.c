/*
 * host_json - services for plugins: JSON reader and writer, over jansson
 *
 * A struct tandem_json is a json_t. Documents are kept in the call's list and released by host_call_end.
 */
#include "host.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 32

struct host_doc {
	json_t          *root;
	struct host_doc *next;
};

struct tandem_json_writer {
	struct tandem_call *call;
	struct host_doc    *doc;
	json_t             *open[DEPTH_MAX];
	size_t              depth;
	bool                bad;
};

static struct host_doc *keep(struct host_call *call, json_t *root)
{
	struct host_doc *doc = TD_NEW(call->arena, struct host_doc);

	if (!doc) {
		json_decref(root);
		host_nomem(&call->pub);
		return NULL;
	}
	doc->root = root;
	doc->next = call->docs;
	call->docs = doc;
	return doc;
}

void host_call_end(struct host_call *call)
{
	for (struct host_doc *doc = call->docs; doc; doc = doc->next)
		json_decref(doc->root);
	call->docs = NULL;
}

/* ---- reading ---- */

static const json_t *in(const struct tandem_json *value)
{
	return (const json_t *)(const void *)value;
}

static const struct tandem_json *out(const json_t *value)
{
	return (const struct tandem_json *)(const void *)value;
}

static const struct tandem_json *read_text(struct tandem_call *call, struct tandem_view text)
{
	json_t *root = text.n ? json_loadb(text.p, text.n, JSON_DECODE_ANY, NULL) : NULL;
	struct host_doc *doc = root ? keep(host_of(call), root) : NULL;

	return doc ? out(doc->root) : NULL;
}

static enum tandem_json_type type_of(const struct tandem_json *value)
{
	if (!value)
		return TANDEM_JSON_NONE;
	switch (json_typeof(in(value))) {
	case JSON_OBJECT:
		return TANDEM_JSON_OBJECT;
	case JSON_ARRAY:
		return TANDEM_JSON_ARRAY;
	case JSON_STRING:
		return TANDEM_JSON_STRING;
	case JSON_INTEGER:
	case JSON_REAL:
		return TANDEM_JSON_NUMBER;
	case JSON_TRUE:
	case JSON_FALSE:
		return TANDEM_JSON_BOOL;
	case JSON_NULL:
		return TANDEM_JSON_NULL;
	}
	return TANDEM_JSON_NONE;
}

static const struct tandem_json *member(const struct tandem_json *object, const char *name)
{
	return object ? out(json_object_get(in(object), name)) : NULL;
}

static const struct tandem_json *element(const struct tandem_json *array, size_t i)
{
	return array ? out(json_array_get(in(array), i)) : NULL;
}

static size_t count(const struct tandem_json *value)
{
	if (!value)
		return 0;
	return json_is_object(in(value)) ? json_object_size(in(value)) : json_array_size(in(value));
}

/* One reference token of RFC 6901 into name, "~1" and "~0" undone. Returns its end, NULL if too long. */
static const char *reference_token(const char *p, char *name, size_t size)
{
	size_t n = 0;

	for (; *p && *p != '/'; p++) {
		char c = *p;

		if (c == '~' && (p[1] == '0' || p[1] == '1'))
			c = *++p == '1' ? '/' : '~';
		if (n + 1 >= size)
			return NULL;
		name[n++] = c;
	}
	name[n] = '\0';
	return p;
}

static const struct tandem_json *pointer(const struct tandem_json *value, const char *p)
{
	char name[128];

	while (value && *p) {
		int64_t i;

		if (*p != '/')
			return NULL;
		p = reference_token(p + 1, name, sizeof(name));
		if (!p)
			return NULL;
		if (json_is_array(in(value)))
			value = td_view_i64(td_view_str(name), &i) && i >= 0 ? element(value, (size_t)i) : NULL;
		else
			value = member(value, name);
	}
	return value;
}

static struct tandem_view text_of(const struct tandem_json *value)
{
	if (!value || !json_is_string(in(value)))
		return (struct tandem_view){ NULL, 0 };
	return (struct tandem_view){ json_string_value(in(value)), json_string_length(in(value)) };
}

static struct tandem_view scalar(struct tandem_call *call, const struct tandem_json *value)
{
	if (!value)
		return (struct tandem_view){ NULL, 0 };
	switch (json_typeof(in(value))) {
	case JSON_INTEGER:
		return call->host->print(call, "%lld", (long long)json_integer_value(in(value)));
	case JSON_REAL:
		return call->host->print(call, "%.15g", json_real_value(in(value)));
	case JSON_TRUE:
		return TANDEM_LIT("true");
	case JSON_FALSE:
		return TANDEM_LIT("false");
	default:
		return text_of(value);
	}
}

static int64_t int_of(const struct tandem_json *value)
{
	double d;

	if (!value)
		return 0;
	if (json_is_integer(in(value)))
		return json_integer_value(in(value));
	d = json_number_value(in(value));
	/* what a conversion of the C language defines */
	return d > -9e18 && d < 9e18 ? (int64_t)d : 0;
}

static double number_of(const struct tandem_json *value)
{
	return value ? json_number_value(in(value)) : 0;
}

static bool bool_of(const struct tandem_json *value)
{
	return value && json_is_true(in(value));
}

/* ---- writing ---- */

static struct tandem_json_writer *writer(struct tandem_call *call)
{
	struct tandem_json_writer *w = TD_NEW(host_of(call)->arena, struct tandem_json_writer);

	if (!w) {
		host_nomem(call);
		return NULL;
	}
	w->call = call;
	return w;
}

/* Puts a new value where it belongs; takes its reference. */
static void put(struct tandem_json_writer *w, const char *name, json_t *value)
{
	json_t *parent;

	if (!w)
		json_decref(value);
	if (!w || !value || w->bad) {
		if (w) {
			json_decref(value);
			w->bad = true;
		}
		return;
	}
	if (!w->depth) {
		if (name || w->doc)
			json_decref(value), value = NULL;
		else
			w->doc = keep(host_of(w->call), value);
		w->bad = !value || !w->doc;
		return;
	}
	parent = w->open[w->depth - 1];
	if (json_is_object(parent) != (name != NULL)) {
		json_decref(value);
		w->bad = true;
	} else if (name) {
		w->bad = json_object_set_new(parent, name, value) != 0;
	} else {
		w->bad = json_array_append_new(parent, value) != 0;
	}
}

static void open_value(struct tandem_json_writer *w, const char *name, enum tandem_json_type type)
{
	json_t *value = type == TANDEM_JSON_OBJECT ? json_object() : type == TANDEM_JSON_ARRAY ? json_array() : NULL;

	put(w, name, value);
	if (!w || w->bad)
		return;
	if (w->depth == DEPTH_MAX)
		w->bad = true;
	else
		w->open[w->depth++] = value;
}

static void close_value(struct tandem_json_writer *w)
{
	if (!w)
		return;
	if (w->depth)
		w->depth--;
	else
		w->bad = true;
}

static void put_text(struct tandem_json_writer *w, const char *name, struct tandem_view text)
{
	put(w, name, json_stringn(text.n ? text.p : "", text.n));
}

static void put_int(struct tandem_json_writer *w, const char *name, int64_t n)
{
	put(w, name, json_integer(n));
}

static void put_number(struct tandem_json_writer *w, const char *name, double n)
{
	put(w, name, json_real(n));
}

static void put_bool(struct tandem_json_writer *w, const char *name, bool b)
{
	put(w, name, json_boolean(b));
}

static void put_null(struct tandem_json_writer *w, const char *name)
{
	put(w, name, json_null());
}

static struct tandem_view done(struct tandem_json_writer *w)
{
	const size_t flags = JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(15);
	size_t n;
	char *text;

	if (!w || w->bad || w->depth || !w->doc)
		return (struct tandem_view){ NULL, 0 };
	n = json_dumpb(w->doc->root, NULL, 0, flags);
	text = td_arena_alloc(host_of(w->call)->arena, n + 1);
	if (!text)
		return host_nomem(w->call);
	if (!n || json_dumpb(w->doc->root, text, n, flags) != n)
		return (struct tandem_view){ NULL, 0 };
	return (struct tandem_view){ text, n };
}

void host_fill_json(struct tandem_host *host)
{
	host->json_read = read_text;
	host->json_type = type_of;
	host->json_member = member;
	host->json_element = element;
	host->json_count = count;
	host->json_pointer = pointer;
	host->json_text = text_of;
	host->json_scalar = scalar;
	host->json_int = int_of;
	host->json_number = number_of;
	host->json_bool = bool_of;
	host->json_writer = writer;
	host->json_open = open_value;
	host->json_close = close_value;
	host->json_put_text = put_text;
	host->json_put_int = put_int;
	host->json_put_number = put_number;
	host->json_put_bool = put_bool;
	host->json_put_null = put_null;
	host->json_done = done;
}
