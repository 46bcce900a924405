/*
 * conf_read - a tree of nodes becomes a snapshot, as the schema says
 *
 * Defaults take the same way as what is in the file: each is turned into a node and read, so that a default out of its
 * own range cannot exist.
 */
#include <stdio.h>
#include <stdlib.h>

#include "conf_load.h"
#include "when.h"

struct value { /* one value being read */
	struct td_conf_loader    *loader;
	const struct td_conf_key *row;
	const struct td_node     *node;
	char                     *at;  /* member of the snapshot */
	char                     *at2; /* its second part */
	char                      key[TD_CONF_KEY_SIZE]; /* as shown */
};

static void say(struct td_conf_loader *loader, bool problem, const struct td_node *node, const char *key,
	const char *what)
{
	struct td_err line;
	td_err_set(&line, TD_BADINPUT, "%s:%d: %s%s%s%s", node->file, node->line > 0 ? node->line : 1,
		problem ? "" : "warning: ", key, *key != '\0' ? ": " : "", what);
	if (loader->report != NULL)
		loader->report(loader->arg, line.text);
	if (problem && loader->problems++ == 0 && loader->err != NULL)
		*loader->err = line;
}

void td_conf_problem(struct td_conf_loader *loader, const struct td_node *node, const char *key, const char *fmt, ...)
{
	char what[400];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	say(loader, true, node, key, what);
}

void td_conf_doubt(struct td_conf_loader *loader, const struct td_node *node, const char *key, const char *fmt, ...)
{
	char what[400];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	say(loader, false, node, key, what);
}

void td_conf_nomem(struct td_conf_loader *loader, const struct td_node *node)
{
	td_conf_problem(loader, node, "", "too large, or out of memory");
}

const char *td_conf_keep(struct td_conf_loader *loader, const struct td_node *node, const char *text)
{
	const char *kept = td_arena_str(&loader->conf->arena, td_view_str(text));
	if (kept == NULL)
		td_conf_nomem(loader, node);
	return kept;
}

const char *td_conf_keep_path(struct td_conf_loader *loader, const struct td_node *node, const char *path)
{
	const char *kept;
	if (path[0] == '/')
		return td_conf_keep(loader, node, path);
	kept = td_arena_printf(&loader->conf->arena, "%s/%s", loader->dir, path);
	if (kept == NULL)
		td_conf_nomem(loader, node);
	return kept;
}

#define bad(v, ...) td_conf_problem((v)->loader, (v)->node, (v)->key, __VA_ARGS__)

static void wrong_type(const struct value *v, const char *hint)
{
	char type[TD_CONF_TYPE_SIZE];
	td_conf_key_type(v->row, type);
	bad(v, "is %s, want %s%s", td_node_type_name(v->node->type), type, hint);
}

/* A string that may stand in a log line or a header. */
static bool clean_text(const struct value *v, const struct td_node *node)
{
	if (node->type != TD_NODE_STRING) {
		td_conf_problem(v->loader, node, v->key, "is %s, want a string%s", td_node_type_name(node->type),
			node->type == TD_NODE_INT || node->type == TD_NODE_FLOAT ? " (put it into quotes)" : "");
		return false;
	}
	for (const char *p = node->text; *p != '\0'; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f) {
			td_conf_problem(v->loader, node, v->key, "holds a control character");
			return false;
		}
	return true;
}

/* Choices and the check of the row, for a whole string or one of a list. */
static bool fits(const struct value *v, const struct td_node *node)
{
	const struct td_conf_check *check = v->row->check;
	char meant[64];
	if (v->row->choices != NULL && !td_conf_choice_has(v->row->choices, node->text)) {
		if (td_conf_choice_suggest(v->row->choices, node->text, meant, sizeof(meant)))
			td_conf_problem(v->loader, node, v->key, "\"%s\" is none of %s (did you mean \"%s\"?)", node->text,
				v->row->choices, meant);
		else
			td_conf_problem(v->loader, node, v->key, "\"%s\" is none of %s", node->text, v->row->choices);
		return false;
	}
	if (check != NULL && !check->valid(node->text)) {
		td_conf_problem(v->loader, node, v->key, "\"%s\" is no %s%s", node->text, check->one, check->hint);
		return false;
	}
	return true;
}

static void read_string(const struct value *v)
{
	const char **out = (const char **)(void *)v->at;
	const char *kept;
	if (!clean_text(v, v->node))
		return;
	if (v->node->text[0] == '\0') { /* conf.d cannot take a key away, but can empty it */
		if (v->row->required || v->row->deflt != NULL)
			bad(v, "is empty");
		else
			*out = NULL;
		return;
	}
	if (!fits(v, v->node))
		return;
	if (v->row->kind == TD_CONF_PATH)
		kept = td_conf_keep_path(v->loader, v->node, v->node->text);
	else
		kept = td_conf_keep(v->loader, v->node, v->node->text);
	if (kept != NULL && v->row->check == &td_conf_is_domain)
		for (char *p = (char *)kept; *p != '\0'; p++) /* ours: just copied */
			if (*p >= 'A' && *p <= 'Z')
				*p = (char)(*p - 'A' + 'a');
	*out = kept;
}

static void read_class(const struct value *v)
{
	if (clean_text(v, v->node) && fits(v, v->node))
		*(enum td_class *)(void *)v->at = td_class_parse(td_view_str(v->node->text));
}

static bool in_range(const struct value *v, double number)
{
	double max = v->row->max > 0 ? v->row->max : 9e15;
	if (number >= v->row->min && number <= max)
		return true;
	if (v->row->max > 0)
		bad(v, "%.15g is out of range (%.15g to %.15g)", number, v->row->min, v->row->max);
	else
		bad(v, "%.15g is out of range (at least %.15g)", number, v->row->min);
	return false;
}

static void read_number(const struct value *v)
{
	double number = v->node->type == TD_NODE_FLOAT ? v->node->real : (double)v->node->num;
	bool whole = v->row->kind != TD_CONF_FLOAT;
	if (v->node->type != TD_NODE_INT && (whole || v->node->type != TD_NODE_FLOAT)) {
		wrong_type(v, "");
		return;
	}
	if (!in_range(v, number))
		return;
	if (v->row->kind == TD_CONF_INT)
		*(int *)(void *)v->at = (int)v->node->num;
	else if (v->row->kind == TD_CONF_INT64)
		*(int64_t *)(void *)v->at = v->node->num;
	else
		*(double *)(void *)v->at = number;
}

static void read_bool(const struct value *v)
{
	if (v->node->type == TD_NODE_BOOL)
		*(bool *)(void *)v->at = v->node->num != 0;
	else
		wrong_type(v, v->node->type == TD_NODE_STRING ? " (without quotes)" : "");
}

static bool parse_duration(const struct value *v, struct td_view text, int64_t *out)
{
	struct td_err err;
	int64_t ms;
	char min[TD_TIME_SIZE], max[TD_TIME_SIZE];
	if (td_when_duration(text, &ms, &err) != TD_OK) {
		bad(v, "\"%.*s\" is no duration like \"30m\" or \"24h\"", TD_VARG(text));
		return false;
	}
	if ((double)ms < v->row->min * 1000 || (v->row->max > 0 && (double)ms > v->row->max * 1000)) {
		td_when_duration_text(min, (int64_t)(v->row->min * 1000));
		td_when_duration_text(max, (int64_t)(v->row->max * 1000));
		bad(v, "\"%.*s\" is out of range (%s to %s)", TD_VARG(text), min, max);
		return false;
	}
	*out = ms;
	return true;
}

static bool duration_text(const struct value *v)
{
	if (v->node->type == TD_NODE_STRING)
		return true;
	wrong_type(v, " (in quotes and with its unit, like \"30s\")");
	return false;
}

static void read_duration(const struct value *v)
{
	int64_t *out = (int64_t *)(void *)v->at;
	if (!duration_text(v))
		return;
	if (v->node->text[0] == '\0' && v->row->deflt != NULL && v->row->deflt[0] == '\0')
		*out = -1;
	else
		parse_duration(v, td_view_str(v->node->text), out);
}

static void read_durations(const struct value *v)
{
	int64_t list[TD_CONF_DURATIONS_MAX];
	size_t n = 0;
	struct td_view rest, item;
	if (!duration_text(v))
		return;
	rest = td_view_str(v->node->text);
	while (td_view_next(&rest, ',', &item)) {
		if (n == TD_CONF_DURATIONS_MAX) {
			bad(v, "more than %d durations", TD_CONF_DURATIONS_MAX);
			return;
		}
		if (!parse_duration(v, item, &list[n]))
			return;
		n++;
	}
	if (n == 0) {
		bad(v, "is empty");
		return;
	}
	memcpy(v->at, list, n * sizeof(list[0]));
	memcpy(v->at2, &n, sizeof(n));
}

static void read_window(const struct value *v)
{
	int64_t ms = 0;
	if (!duration_text(v))
		return;
	if (!td_conf_choice_has("day|week|month", v->node->text) && !parse_duration(v, td_view_str(v->node->text), &ms))
		return;
	*(const char **)(void *)v->at = td_conf_keep(v->loader, v->node, v->node->text);
	memcpy(v->at2, &ms, sizeof(ms));
}

static const char *list_item(const struct value *v, const struct td_node *node)
{
	const char *text;
	if (v->row->kind == TD_CONF_STRINGS) {
		if (!clean_text(v, node))
			return NULL;
		if (node->text[0] == '\0') {
			td_conf_problem(v->loader, node, v->key, "holds an empty string");
			return NULL;
		}
		return fits(v, node) ? td_conf_keep(v->loader, node, node->text) : NULL;
	}
	if (node->type != TD_NODE_INT) {
		td_conf_problem(v->loader, node, v->key, "holds %s, want integers", td_node_type_name(node->type));
		return NULL;
	}
	if (!in_range(v, (double)node->num))
		return NULL;
	text = td_arena_printf(&v->loader->conf->arena, "%lld", (long long)node->num);
	if (text == NULL)
		td_conf_nomem(v->loader, node);
	return text;
}

static void read_list(const struct value *v)
{
	struct td_strings *out = (struct td_strings *)(void *)v->at;
	bool list = v->node->type == TD_NODE_LIST;
	size_t count = list ? v->node->count : 1;
	const struct td_node *node = list ? v->node->child : v->node;
	struct td_strings got = { TD_NEWN(&v->loader->conf->arena, count, const char *), 0 };
	if (v->node->type == TD_NODE_GROUP) {
		wrong_type(v, "");
		return;
	}
	if (got.v == NULL) {
		td_conf_nomem(v->loader, v->node);
		return;
	}
	for (size_t i = 0; i < count; i++, node = node->next) {
		const char *item = list_item(v, node);
		if (item != NULL)
			got.v[got.n++] = item;
	}
	*out = got;
}

static void read_subgroup(const struct value *v, const struct td_conf_level *level)
{
	char schema[TD_CONF_KEY_SIZE];
	struct td_conf_level inner = { schema, schema, level->base };
	if (v->node->type != TD_NODE_GROUP) {
		wrong_type(v, " { }");
		return;
	}
	snprintf(schema, sizeof(schema), "%s.", v->row->key);
	td_conf_read_group(v->loader, &inner, v->node);
}

void td_conf_read_value(struct td_conf_loader *loader, const struct td_conf_level *level, const struct td_conf_key *row,
	const struct td_node *node)
{
	struct value v = { loader, row, node, level->base + row->offset, level->base + row->offset2, "" };
	snprintf(v.key, sizeof(v.key), "%s%s", level->shown, td_conf_key_leaf(row));
	switch (row->kind) {
	case TD_CONF_GROUP: read_subgroup(&v, level); break;
	case TD_CONF_ITEMS: td_conf_read_items(loader, td_conf_list_find(row->key), node); break;
	case TD_CONF_STRING:
	case TD_CONF_PATH:
	case TD_CONF_ENUM: read_string(&v); break;
	case TD_CONF_CLASS: read_class(&v); break;
	case TD_CONF_INT:
	case TD_CONF_INT64:
	case TD_CONF_FLOAT: read_number(&v); break;
	case TD_CONF_BOOL: read_bool(&v); break;
	case TD_CONF_DURATION: read_duration(&v); break;
	case TD_CONF_DURATIONS: read_durations(&v); break;
	case TD_CONF_WINDOW: read_window(&v); break;
	case TD_CONF_STRINGS:
	case TD_CONF_INTEGERS: read_list(&v); break;
	}
}

void td_conf_read_group(struct td_conf_loader *loader, const struct td_conf_level *level, const struct td_node *group)
{
	for (const struct td_node *node = group->child; node != NULL; node = node->next) {
		const struct td_conf_key *row = td_conf_key_find(level->schema, node->name);
		const char *meant;
		char key[TD_CONF_KEY_SIZE];
		if (row != NULL) {
			td_conf_read_value(loader, level, row, node);
			continue;
		}
		if (strcmp(level->schema, "providers[].") == 0)
			continue; /* a setting of the plugin */
		snprintf(key, sizeof(key), "%s%s", level->shown, node->name);
		meant = td_conf_key_suggest(level->schema, node->name);
		if (meant != NULL)
			td_conf_problem(loader, node, key, "unknown key (did you mean \"%s\"?)", meant);
		else
			td_conf_problem(loader, node, key, "unknown key");
	}
}

/* The default of a row as the node that a file would have given. */
static bool default_node(const struct td_conf_key *row, struct td_arena *arena, struct td_node *out)
{
	struct td_view rest = td_view_str(row->deflt), item;
	*out = (struct td_node){ .file = "default", .text = row->deflt, .type = TD_NODE_STRING };
	switch (row->kind) {
	case TD_CONF_INT:
	case TD_CONF_INT64:
	case TD_CONF_FLOAT:
		out->type = TD_NODE_INT;
		return td_view_i64(rest, &out->num);
	case TD_CONF_BOOL:
		out->type = TD_NODE_BOOL;
		out->num = strcmp(row->deflt, "true") == 0;
		return true;
	case TD_CONF_STRINGS:
		out->type = TD_NODE_LIST;
		while (td_view_next(&rest, '|', &item)) {
			struct td_node *child = TD_NEW(arena, struct td_node);
			if (child == NULL)
				return false;
			*child = (struct td_node){ .file = out->file, .type = TD_NODE_STRING, .text = td_arena_str(arena, item) };
			if (child->text == NULL)
				return false;
			td_node_append(out, child);
		}
		return true;
	default:
		return true;
	}
}

void td_conf_read_defaults(struct td_conf_loader *loader, const struct td_conf_level *level)
{
	bool item = level->schema[0] != '\0';
	for (const struct td_conf_key *row = td_conf_keys; row->key != NULL; row++) {
		struct td_node node;
		if (row->deflt == NULL || (item ? !td_conf_key_on(row, level->schema) : strchr(row->key, '[') != NULL))
			continue;
		if (default_node(row, &loader->tree, &node))
			td_conf_read_value(loader, level, row, &node);
		else
			td_conf_nomem(loader, &node);
	}
}
