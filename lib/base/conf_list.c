/*
 * conf_list - lists of groups: submitters, providers, routes …, and the settings of a provider
 */
#include <stdio.h>

#include "conf_load.h"

static void missing_keys(struct td_conf_loader *loader, const struct td_conf_level *level, const struct td_node *entry,
	const struct td_conf_list *list)
{
	for (const struct td_conf_key *row = td_conf_keys; row->key != NULL; row++) {
		char key[TD_CONF_KEY_SIZE];
		const char *leaf = td_conf_key_leaf(row);
		bool given;
		if (!row->required || !td_conf_key_on(row, level->schema))
			continue;
		if (strcmp(leaf, "name") == 0)
			given = td_node_entry_name(entry) != NULL;
		else if (entry->type == TD_NODE_GROUP)
			given = td_node_child(entry, leaf) != NULL;
		else
			given = list->scalar != NULL && strcmp(leaf, list->scalar) == 0;
		if (given)
			continue;
		snprintf(key, sizeof(key), "%s%s", level->shown, leaf);
		td_conf_problem(loader, entry, key, "missing");
	}
}

/* The name of a keyed entry is its key; a key `name` in it may only repeat it. */
static void read_key(struct td_conf_loader *loader, const struct td_conf_level *level, const struct td_node *entry)
{
	struct td_node node = { .type = TD_NODE_STRING, .text = entry->name, .file = entry->file, .line = entry->line };
	const struct td_node *name;
	char key[TD_CONF_KEY_SIZE];
	td_conf_read_value(loader, level, td_conf_key_find(level->schema, "name"), &node);
	name = entry->type == TD_NODE_GROUP ? td_node_child(entry, "name") : NULL;
	if (name == NULL || (name->type == TD_NODE_STRING && strcmp(name->text, entry->name) == 0))
		return;
	snprintf(key, sizeof(key), "%sname", level->shown);
	td_conf_problem(loader, name, key, "differs from the group's key \"%s\" (leave it out)", entry->name);
}

static void read_entry(struct td_conf_loader *loader, const struct td_conf_list *list, const struct td_node *entry,
	const char *shown_name, char *base)
{
	char schema[TD_CONF_KEY_SIZE], shown[TD_CONF_KEY_SIZE];
	struct td_conf_level level = { schema, shown, base };
	snprintf(schema, sizeof(schema), "%s[].", list->key);
	snprintf(shown, sizeof(shown), "%s[%.100s].", list->key, shown_name);
	td_conf_read_defaults(loader, &level);
	if (entry->name != NULL)
		read_key(loader, &level, entry);
	if (entry->type == TD_NODE_GROUP) {
		td_conf_read_group(loader, &level, entry);
	} else if (entry->name != NULL && list->scalar != NULL) {
		td_conf_read_value(loader, &level, td_conf_key_find(schema, list->scalar), entry);
	} else {
		shown[strlen(shown) - 1] = '\0';
		td_conf_problem(loader, entry, shown, "is %s, want a group { }", td_node_type_name(entry->type));
		return;
	}
	missing_keys(loader, &level, entry, list);
}

static void duplicate_names(struct td_conf_loader *loader, const struct td_conf_list *list, const struct td_node *node)
{
	for (const struct td_node *entry = node->child; entry != NULL; entry = entry->next) {
		const char *name = td_node_entry_name(entry);
		for (const struct td_node *other = node->child; name != NULL && other != entry; other = other->next) {
			const char *taken = td_node_entry_name(other);
			if (taken != NULL && strcmp(taken, name) == 0) {
				td_conf_problem(loader, entry, list->key, "\"%s\" is there already (%s:%d)", name, other->file,
					other->line);
				break;
			}
		}
	}
}

void td_conf_read_items(struct td_conf_loader *loader, const struct td_conf_list *list, const struct td_node *node)
{
	char *base = (char *)loader->conf;
	char schema[TD_CONF_KEY_SIZE], *elements;
	size_t name_at, i = 0;
	if (node->type != TD_NODE_LIST && node->type != TD_NODE_GROUP) {
		td_conf_problem(loader, node, list->key, "is %s, want a list of groups ( { … }, { … } ) or keyed groups",
			td_node_type_name(node->type));
		return;
	}
	elements = td_arena_array(&loader->conf->arena, node->count, list->size);
	if (elements == NULL) {
		td_conf_nomem(loader, node);
		return;
	}
	snprintf(schema, sizeof(schema), "%s[].", list->key);
	name_at = td_conf_key_find(schema, "name")->offset;
	for (const struct td_node *entry = node->child; entry != NULL; entry = entry->next, i++) {
		char *element = elements + i * list->size;
		const char **name = (const char **)(void *)(element + name_at);
		const char *shown = td_node_entry_name(entry);
		char position[24];
		snprintf(position, sizeof(position), "#%zu", i + 1);
		read_entry(loader, list, entry, shown != NULL ? shown : position, element);
		if (*name == NULL)
			*name = td_conf_keep(loader, entry, position);
		if (strcmp(list->key, "providers") == 0)
			td_conf_read_settings(loader, (struct td_conf_provider *)(void *)element, entry);
	}
	*(void **)(void *)(base + list->offset) = elements;
	*(size_t *)(void *)(base + list->offset_n) = node->count;
	duplicate_names(loader, list, node);
}

/* ---- settings of a provider: flat names and text, whatever their shape ---- */

#define SETTING_NAME_MAX 100

static bool ends_file(const char *name)
{
	return td_view_ends(td_view_str(name), TD_VLIT("_file"));
}

static const char *scalar_text(struct td_conf_loader *loader, const struct td_node *node, const char *name)
{
	struct td_arena *arena = &loader->conf->arena;
	const char *text;
	switch (node->type) {
	case TD_NODE_STRING:
		if (ends_file(name) && node->text[0] != '\0')
			return td_conf_keep_path(loader, node, node->text);
		return td_conf_keep(loader, node, node->text);
	case TD_NODE_INT:
		text = td_arena_printf(arena, "%lld", (long long)node->num);
		break;
	case TD_NODE_FLOAT:
		text = td_arena_printf(arena, "%.15g", node->real);
		break;
	default:
		text = td_arena_printf(arena, "%s", node->num != 0 ? "true" : "false");
		break;
	}
	if (text == NULL)
		td_conf_nomem(loader, node);
	return text;
}

static bool is_scalar(const struct td_node *node)
{
	return node->type != TD_NODE_GROUP && node->type != TD_NODE_LIST;
}

static bool is_flat(const struct td_node *list)
{
	for (const struct td_node *node = list->child; node != NULL; node = node->next)
		if (!is_scalar(node))
			return false;
	return true;
}

static const char *joined_text(struct td_conf_loader *loader, const struct td_node *list, const char *name)
{
	const char *text = td_conf_keep(loader, list, "");
	for (const struct td_node *node = list->child; node != NULL && text != NULL; node = node->next) {
		const char *item = scalar_text(loader, node, name);
		if (item == NULL)
			return NULL;
		text = td_arena_printf(&loader->conf->arena, "%s%s%s", text, node == list->child ? "" : "\n", item);
		if (text == NULL)
			td_conf_nomem(loader, list);
	}
	return text;
}

static size_t count_settings(const struct td_node *node)
{
	size_t n = 0;
	if (is_scalar(node) || (node->type == TD_NODE_LIST && is_flat(node)))
		return 1;
	for (const struct td_node *child = node->child; child != NULL; child = child->next)
		n += count_settings(child);
	return n;
}

static void add_settings(struct td_conf_loader *loader, struct td_conf_provider *provider, const struct td_node *node,
	const char *name)
{
	size_t position = 0;
	if (strlen(name) >= SETTING_NAME_MAX) {
		td_conf_problem(loader, node, name, "the name is longer than %d", SETTING_NAME_MAX - 1);
		return;
	}
	if (is_scalar(node) || (node->type == TD_NODE_LIST && is_flat(node))) {
		struct td_conf_setting *setting = &provider->settings[provider->nsettings];
		setting->name = td_conf_keep(loader, node, name);
		setting->text = is_scalar(node) ? scalar_text(loader, node, name) : joined_text(loader, node, name);
		setting->file = td_conf_keep(loader, node, node->file);
		setting->line = node->line;
		if (setting->name != NULL && setting->text != NULL && setting->file != NULL)
			provider->nsettings++;
		return;
	}
	for (const struct td_node *child = node->child; child != NULL; child = child->next, position++) {
		char inner[2 * SETTING_NAME_MAX];
		if (child->name != NULL)
			snprintf(inner, sizeof(inner), "%s.%s", name, child->name);
		else
			snprintf(inner, sizeof(inner), "%s.%zu", name, position);
		add_settings(loader, provider, child, inner);
	}
}

void td_conf_read_settings(struct td_conf_loader *loader, struct td_conf_provider *provider,
	const struct td_node *entry)
{
	size_t n = 0;
	provider->file = td_conf_keep(loader, entry, entry->file);
	provider->line = entry->line;
	if (entry->type != TD_NODE_GROUP)
		return;
	for (const struct td_node *node = entry->child; node != NULL; node = node->next)
		if (td_conf_key_find("providers[].", node->name) == NULL)
			n += count_settings(node);
	provider->settings = TD_NEWN(&loader->conf->arena, n, struct td_conf_setting);
	if (provider->settings == NULL) {
		td_conf_nomem(loader, entry);
		return;
	}
	for (const struct td_node *node = entry->child; node != NULL; node = node->next)
		if (td_conf_key_find("providers[].", node->name) == NULL)
			add_settings(loader, provider, node, node->name);
}
