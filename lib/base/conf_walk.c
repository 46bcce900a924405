/*
 * conf_walk - every key with its type, default, documentation and effective value
 *
 * Values are compared with those of a snapshot of defaults only, as text: what prints the same is the same.
 */
#include <stdio.h>
#include <stdlib.h>

#include "conf_load.h"
#include "when.h"

#define TEXT_CAP (1u << 20)

struct walk {
	const struct td_conf *conf;     /* or NULL */
	struct td_conf_loader defaults; /* its conf has the defaults */
	char                 *element;  /* defaults of one element of a list */
	void (*each)(void *arg, const struct td_conf_item *item);
	void                 *arg;
	struct td_buf         key, value, deflt;
	bool                  ok;
};

static void put_string(struct td_buf *out, const char *s)
{
	td_buf_byte(out, '"');
	for (; *s != '\0'; s++) {
		if (*s == '"' || *s == '\\')
			td_buf_byte(out, '\\');
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			td_buf_printf(out, "\\x%02x", (unsigned)*s);
		else
			td_buf_byte(out, *s);
	}
	td_buf_byte(out, '"');
}

static void put_list(struct td_buf *out, const struct td_strings *list, bool quoted)
{
	td_buf_str(out, "[ ");
	for (size_t i = 0; i < list->n; i++) {
		td_buf_str(out, i > 0 ? ", " : "");
		if (quoted)
			put_string(out, list->v[i]);
		else
			td_buf_str(out, list->v[i]);
	}
	td_buf_str(out, list->n > 0 ? " ]" : "]");
}

static bool put_optional(struct td_buf *out, const char *s)
{
	if (s != NULL)
		put_string(out, s);
	return s != NULL;
}

static void put_durations(struct td_buf *out, const char *at, const char *at2)
{
	const int64_t *ms = (const int64_t *)(const void *)at;
	size_t n = *(const size_t *)(const void *)at2;
	char text[TD_TIME_SIZE];
	td_buf_byte(out, '"');
	for (size_t i = 0; i < n; i++) {
		td_when_duration_text(text, ms[i]);
		td_buf_printf(out, "%s%s", i > 0 ? ", " : "", text);
	}
	td_buf_byte(out, '"');
}

static bool put_duration(struct td_buf *out, int64_t ms)
{
	char text[TD_TIME_SIZE];
	if (ms < 0)
		return false;
	td_when_duration_text(text, ms);
	td_buf_printf(out, "\"%s\"", text);
	return true;
}

/* The value of a row as libconfig text; false if it is not set. A position (#1) is no name. */
static bool put_value(struct td_buf *out, const struct td_conf_key *row, const char *base)
{
	const char *at = base + row->offset;
	const void *p = at;
	const char *s;
	switch (row->kind) {
	case TD_CONF_GROUP:
	case TD_CONF_ITEMS: return false;
	case TD_CONF_STRING:
	case TD_CONF_PATH:
	case TD_CONF_ENUM:
	case TD_CONF_WINDOW:
		s = *(const char *const *)p;
		return put_optional(out, s != NULL && s[0] == '#' && strcmp(td_conf_key_leaf(row), "name") == 0 ? NULL : s);
	case TD_CONF_CLASS:
		s = td_class_name(*(const enum td_class *)p);
		return put_optional(out, s != NULL && *s != '\0' ? s : NULL);
	case TD_CONF_INT: td_buf_printf(out, "%d", *(const int *)p); return true;
	case TD_CONF_INT64: td_buf_printf(out, "%lld", (long long)*(const int64_t *)p); return true;
	case TD_CONF_FLOAT: td_buf_printf(out, "%.15g", *(const double *)p); return true;
	case TD_CONF_BOOL: td_buf_str(out, *(const bool *)p ? "true" : "false"); return true;
	case TD_CONF_DURATION: return put_duration(out, *(const int64_t *)p);
	case TD_CONF_DURATIONS: put_durations(out, at, base + row->offset2); return true;
	case TD_CONF_STRINGS: put_list(out, (const struct td_strings *)p, true); return true;
	case TD_CONF_INTEGERS: put_list(out, (const struct td_strings *)p, false); return true;
	}
	return false;
}

/* A value that carries a secret whatever its key is called: a header, a connection string, a URL with a login. */
static bool holds_secret(struct td_view text)
{
	static const char *const words[] = { "password", "passwd", "authorization", "api_key", "apikey", "api-key",
		"bearer " };
	for (size_t i = 0; i < text.n; i++)
		for (size_t w = 0; w < sizeof(words) / sizeof(words[0]); w++)
			if (td_view_casestarts(td_view_skip(text, i), td_view_str(words[w])))
				return true;
	return false;
}

/* free_form: the value's meaning is not known here. */
static void mask(struct td_buf *value, const char *key, bool free_form)
{
	bool file = td_view_ends(td_view_str(key), TD_VLIT("_file"));
	if (!td_conf_name_secret(key) && (!free_form || file || !holds_secret(td_buf_view(value))))
		return;
	td_buf_reset(value);
	td_buf_str(value, "\"(hidden)\"");
}

static void emit(struct walk *walk, struct td_conf_item *item, bool set, bool free_form)
{
	item->key = td_buf_cstr(&walk->key);
	item->is_default = set == (item->deflt != NULL) && (!set || strcmp(td_buf_cstr(&walk->value), item->deflt) == 0);
	if (set)
		mask(&walk->value, item->key, free_form);
	item->value = set ? td_buf_cstr(&walk->value) : NULL;
	if (!td_buf_ok(&walk->key) || !td_buf_ok(&walk->value) || !td_buf_ok(&walk->deflt))
		walk->ok = false;
	else
		walk->each(walk->arg, item);
}

/* One row; base is where its value is (NULL: without snapshot), deflt where its default is. walk->key is filled in. */
static void emit_row(struct walk *walk, const struct td_conf_key *row, const char *base, const char *deflt,
	bool made_up)
{
	char type[TD_CONF_TYPE_SIZE];
	struct td_conf_item item = { .type = type, .doc = row->doc, .required = row->required };
	bool set;
	td_conf_key_type(row, type);
	td_buf_reset(&walk->value);
	td_buf_reset(&walk->deflt);
	if (!row->required && put_value(&walk->deflt, row, deflt))
		item.deflt = td_buf_cstr(&walk->deflt);
	set = base != NULL && put_value(&walk->value, row, base);
	if (made_up) { /* by us, so nobody's change */
		td_buf_reset(&walk->deflt);
		td_buf_add(&walk->deflt, td_buf_view(&walk->value));
		item.deflt = set ? td_buf_cstr(&walk->deflt) : NULL;
	}
	emit(walk, &item, set, strcmp(row->key, "store.conninfo") == 0);
}

static void emit_settings(struct walk *walk, const struct td_conf_provider *provider)
{
	for (size_t i = 0; i < provider->nsettings && walk->ok; i++) {
		struct td_conf_item item = { .type = "setting of the plugin", .doc = "Setting of the plugin." };
		td_buf_reset(&walk->key);
		td_buf_reset(&walk->value);
		td_buf_printf(&walk->key, "providers[%s].%s", provider->name, provider->settings[i].name);
		put_string(&walk->value, provider->settings[i].text);
		emit(walk, &item, true, true);
	}
}

static const char *element_name(const struct td_conf_list *list, const char *element)
{
	char schema[TD_CONF_KEY_SIZE];
	snprintf(schema, sizeof(schema), "%s[].", list->key);
	return *(const char *const *)(const void *)(element + td_conf_key_find(schema, "name")->offset);
}

static void emit_element(struct walk *walk, const struct td_conf_list *list, const char *element)
{
	char schema[TD_CONF_KEY_SIZE];
	struct td_conf_level level = { schema, schema, walk->element };
	const char *name = element_name(list, element);
	snprintf(schema, sizeof(schema), "%s[].", list->key);
	memset(walk->element, 0, list->size);
	td_conf_read_defaults(&walk->defaults, &level);
	for (const struct td_conf_key *row = td_conf_keys; row->key != NULL && walk->ok; row++) {
		if (!td_conf_key_on(row, schema))
			continue;
		td_buf_reset(&walk->key);
		td_buf_printf(&walk->key, "%s[%s].%s", list->key, name, td_conf_key_leaf(row));
		emit_row(walk, row, element, walk->element, strcmp(name, "#auto") == 0);
	}
	if (strcmp(list->key, "providers") == 0)
		emit_settings(walk, (const struct td_conf_provider *)(const void *)element);
}

static void emit_elements(struct walk *walk, const struct td_conf_list *list)
{
	const char *base = (const char *)walk->conf;
	const char *elements = *(const char *const *)(const void *)(base + list->offset);
	size_t n = *(const size_t *)(const void *)(base + list->offset_n);
	for (size_t i = 0; i < n && walk->ok; i++)
		emit_element(walk, list, elements + i * list->size);
}

/* A key of a list of groups, without snapshot: its default stands in an element of defaults. */
static void emit_schema_row(struct walk *walk, const struct td_conf_key *row)
{
	char schema[TD_CONF_KEY_SIZE];
	struct td_conf_level level = { schema, schema, walk->element };
	const char *end = strstr(row->key, "[].");
	snprintf(schema, sizeof(schema), "%.*s[].", (int)(end - row->key), row->key);
	memset(walk->element, 0, sizeof(struct td_conf));
	td_conf_read_defaults(&walk->defaults, &level);
	emit_row(walk, row, NULL, walk->element, false);
}

static void walk_rows(struct walk *walk)
{
	const char *base = (const char *)walk->conf, *deflt = (const char *)walk->defaults.conf;
	for (const struct td_conf_key *row = td_conf_keys; row->key != NULL && walk->ok; row++) {
		bool inner = strchr(row->key, '[') != NULL;
		td_buf_reset(&walk->key);
		td_buf_str(&walk->key, row->key);
		if (row->kind == TD_CONF_GROUP || (inner && base != NULL))
			continue;
		if (inner)
			emit_schema_row(walk, row);
		else if (row->kind == TD_CONF_ITEMS && base != NULL)
			emit_elements(walk, td_conf_list_find(row->key));
		else
			emit_row(walk, row, base, deflt, false);
	}
}

bool td_conf_walk(const struct td_conf *conf, void (*each)(void *arg, const struct td_conf_item *item), void *arg)
{
	struct td_conf_level top = { "", "", NULL };
	struct walk walk = { .conf = conf, .each = each, .arg = arg };
	struct td_conf *defaults = calloc(1, sizeof(*defaults));
	walk.element = calloc(1, sizeof(struct td_conf)); /* no element is larger */
	td_buf_init(&walk.key, TD_CONF_KEY_SIZE * 2);
	td_buf_init(&walk.value, TEXT_CAP);
	td_buf_init(&walk.deflt, TEXT_CAP);
	if (defaults == NULL || walk.element == NULL)
		goto out;
	td_arena_init(&defaults->arena, 64u << 20);
	td_arena_init(&walk.defaults.tree, 64u << 20);
	walk.defaults.conf = defaults;
	walk.defaults.dir = "";
	top.base = (char *)defaults;
	td_conf_read_defaults(&walk.defaults, &top);
	walk.ok = td_conf_default_flush(defaults, conf != NULL ? conf->token_domain : defaults->token_domain);
	walk_rows(&walk);
	walk.ok = walk.ok && walk.defaults.problems == 0;
out:
	if (defaults != NULL)
		td_arena_free(&defaults->arena);
	td_arena_free(&walk.defaults.tree);
	free(defaults);
	free(walk.element);
	td_buf_free(&walk.key);
	td_buf_free(&walk.value);
	td_buf_free(&walk.deflt);
	return walk.ok;
}
