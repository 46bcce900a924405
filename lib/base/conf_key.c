/*
 * conf_key - look-ups in the schema, and what a mistyped name may have meant
 */
#include <stdio.h>

#include "conf_schema.h"

#define NAME_MAX_LEN 48 /* longer words are not compared; no name of ours comes near */

const struct td_conf_list *td_conf_list_find(const char *key)
{
	for (const struct td_conf_list *list = td_conf_lists; list->key != NULL; list++)
		if (strcmp(list->key, key) == 0)
			return list;
	return NULL;
}

const char *td_conf_key_leaf(const struct td_conf_key *row)
{
	const char *dot = strrchr(row->key, '.');
	return dot != NULL ? dot + 1 : row->key;
}

bool td_conf_key_on(const struct td_conf_key *row, const char *level)
{
	size_t n = strlen(level);
	return strncmp(row->key, level, n) == 0 && strchr(row->key + n, '.') == NULL;
}

const struct td_conf_key *td_conf_key_find(const char *level, const char *name)
{
	for (const struct td_conf_key *row = td_conf_keys; row->key != NULL; row++)
		if (td_conf_key_on(row, level) && strcmp(td_conf_key_leaf(row), name) == 0)
			return row;
	return NULL;
}

static const char *type_word(const struct td_conf_key *row)
{
	switch (row->kind) {
	case TD_CONF_GROUP: return "group";
	case TD_CONF_ITEMS: return "list of groups, or keyed groups";
	case TD_CONF_PATH: return "path";
	case TD_CONF_INT:
	case TD_CONF_INT64: return "integer";
	case TD_CONF_FLOAT: return "number";
	case TD_CONF_BOOL: return "true or false";
	case TD_CONF_DURATION: return "duration";
	case TD_CONF_STRINGS: return "list of strings";
	case TD_CONF_INTEGERS: return "list of integers";
	case TD_CONF_DURATIONS: return "durations separated by commas";
	case TD_CONF_WINDOW: return "duration, or day|week|month";
	default: return "string";
	}
}

void td_conf_key_type(const struct td_conf_key *row, char out[TD_CONF_TYPE_SIZE])
{
	bool list = row->kind == TD_CONF_STRINGS;
	if (row->choices != NULL)
		snprintf(out, TD_CONF_TYPE_SIZE, "%s%s", list ? "list of " : "", row->choices);
	else if (row->check != NULL && list)
		snprintf(out, TD_CONF_TYPE_SIZE, "list of %s", row->check->many);
	else if (row->check != NULL)
		snprintf(out, TD_CONF_TYPE_SIZE, "%s", row->check->one);
	else if ((row->kind == TD_CONF_INT || row->kind == TD_CONF_INT64) && row->max > 0)
		snprintf(out, TD_CONF_TYPE_SIZE, "integer, %.0f to %.0f", row->min, row->max);
	else
		snprintf(out, TD_CONF_TYPE_SIZE, "%s", type_word(row));
}

bool td_conf_name_secret(const char *name)
{
	static const char *const ends[] = { "password", "secret", "token", "key" };
	struct td_view v = td_view_str(name);
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		struct td_view end = td_view_str(ends[i]);
		if (v.n >= end.n && td_view_caseeq(td_view_skip(v, v.n - end.n), end))
			return true;
	}
	return false;
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/*
 * Edit distance with transpositions of neighbours (optimal string alignment); SIZE_MAX for words too long to compare.
 */
static size_t edit_distance(struct td_view a, struct td_view b)
{
	size_t rows[3][NAME_MAX_LEN + 1];
	if (a.n > NAME_MAX_LEN || b.n > NAME_MAX_LEN)
		return SIZE_MAX;
	for (size_t j = 0; j <= b.n; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= a.n; i++) {
		size_t *now = rows[i % 3], *last = rows[(i - 1) % 3];
		now[0] = i;
		for (size_t j = 1; j <= b.n; j++) {
			now[j] = least(least(last[j], now[j - 1]) + 1, last[j - 1] + (a.p[i - 1] != b.p[j - 1]));
			if (i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] && a.p[i - 2] == b.p[j - 1])
				now[j] = least(now[j], rows[(i - 2) % 3][j - 2] + 1);
		}
	}
	return rows[a.n % 3][b.n];
}

/* Near: one slip in three letters, at least one; "verb" is no slip of "scope". */
static bool is_near(struct td_view word, struct td_view known, size_t *best)
{
	size_t longer = word.n > known.n ? word.n : known.n;
	size_t limit = longer / 3 > 0 ? longer / 3 : 1;
	size_t d = edit_distance(word, known);
	if (d > limit || d >= *best)
		return false;
	*best = d;
	return true;
}

const char *td_conf_key_suggest(const char *level, const char *name)
{
	const char *found = NULL;
	size_t best = SIZE_MAX;
	for (const struct td_conf_key *row = td_conf_keys; row->key != NULL; row++)
		if (td_conf_key_on(row, level) && is_near(td_view_str(name), td_view_str(td_conf_key_leaf(row)), &best))
			found = td_conf_key_leaf(row);
	if (found != NULL)
		return found;
	/* Right name, wrong place: the whole key says where it belongs. */
	for (const struct td_conf_key *row = td_conf_keys; row->key != NULL; row++)
		if (strcmp(td_conf_key_leaf(row), name) == 0)
			return row->key;
	return NULL;
}

bool td_conf_choice_has(const char *choices, const char *value)
{
	struct td_view rest = td_view_str(choices), item;
	while (td_view_next(&rest, '|', &item))
		if (td_view_eq(item, td_view_str(value)))
			return true;
	return false;
}

bool td_conf_choice_suggest(const char *choices, const char *value, char *out, size_t n)
{
	struct td_view rest = td_view_str(choices), item, found = { 0 };
	size_t best = SIZE_MAX;
	while (td_view_next(&rest, '|', &item))
		if (is_near(td_view_str(value), item, &best))
			found = item;
	if (found.n == 0 || found.n >= n)
		return false;
	memcpy(out, found.p, found.n);
	out[found.n] = '\0';
	return true;
}
