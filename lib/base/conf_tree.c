/*
 * conf_tree - one configuration file as a tree, and the merging of several
 *
 * libconfig parses; its tree is copied at once into ours, so that every node knows its file and line and outlives the
 * parser.
 */
#include <errno.h>
#include <fcntl.h>
#include <libconfig.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf_tree.h"

#define DEPTH_MAX 16 /* groups in groups; ours go three deep */

struct copy {
	const char      *file;
	struct td_arena *arena;
	struct td_err   *err;
};

static enum td_status copy_node(struct copy *copy, const config_setting_t *from, int depth, struct td_node **out);

static enum td_status copy_children(struct copy *copy, const config_setting_t *from, int depth, struct td_node *node)
{
	int n = config_setting_length(from);
	for (int i = 0; i < n; i++) {
		struct td_node *child;
		enum td_status status =
			copy_node(copy, config_setting_get_elem((config_setting_t *)from, (unsigned)i), depth + 1, &child);
		if (status != TD_OK)
			return status;
		td_node_append(node, child);
	}
	return TD_OK;
}

static enum td_status copy_string(struct copy *copy, const config_setting_t *from, struct td_node *node)
{
	struct td_view text = td_view_str(config_setting_get_string(from));
	if (!td_view_utf8(text)) /* by escapes; the file as a whole was tested before */
		return td_err_set(copy->err, TD_BADINPUT, "%s:%d: the string is not UTF-8", copy->file, node->line);
	node->text = td_arena_str(copy->arena, text);
	return node->text != NULL ? TD_OK : td_err_set(copy->err, TD_NOMEM, "%s: too large", copy->file);
}

static enum td_status copy_node(struct copy *copy, const config_setting_t *from, int depth, struct td_node **out)
{
	struct td_node *node = TD_NEW(copy->arena, struct td_node);
	const char *name = config_setting_name(from);
	if (node == NULL)
		return td_err_set(copy->err, TD_NOMEM, "%s: too large", copy->file);
	*out = node;
	node->file = copy->file;
	node->line = config_setting_source_line(from);
	if (depth > DEPTH_MAX)
		return td_err_set(copy->err, TD_BADINPUT, "%s:%d: nested deeper than %d", copy->file, node->line, DEPTH_MAX);
	if (name != NULL && (node->name = td_arena_str(copy->arena, td_view_str(name))) == NULL)
		return td_err_set(copy->err, TD_NOMEM, "%s: too large", copy->file);
	switch (config_setting_type(from)) {
	case CONFIG_TYPE_INT:
		node->type = TD_NODE_INT;
		node->num = config_setting_get_int(from);
		return TD_OK;
	case CONFIG_TYPE_INT64:
		node->type = TD_NODE_INT;
		node->num = config_setting_get_int64(from);
		return TD_OK;
	case CONFIG_TYPE_FLOAT:
		node->type = TD_NODE_FLOAT;
		node->real = config_setting_get_float(from);
		return TD_OK;
	case CONFIG_TYPE_BOOL:
		node->type = TD_NODE_BOOL;
		node->num = config_setting_get_bool(from);
		return TD_OK;
	case CONFIG_TYPE_STRING:
		node->type = TD_NODE_STRING;
		return copy_string(copy, from, node);
	case CONFIG_TYPE_GROUP:
		node->type = TD_NODE_GROUP;
		return copy_children(copy, from, depth, node);
	default:
		node->type = TD_NODE_LIST;
		return copy_children(copy, from, depth, node);
	}
}

static enum td_status syntax_error(const config_t *config, const char *file, const char *text, struct td_err *err)
{
	const char *what = config_error_text(config);
	char close;
	int line;
	if (strcmp(what, "syntax error") != 0)
		return td_err_set(err, TD_BADINPUT, "%s:%d: %s", file, config_error_line(config), what);
	line = td_syntax_trailing_comma(text, &close);
	if (line > 0)
		return td_err_set(err, TD_BADINPUT, "%s:%d: trailing comma before \"%c\" (remove the comma)", file, line,
			close);
	return td_err_set(err, TD_BADINPUT, "%s:%d: syntax error, here or just before (a missing \";\" or quote?)", file,
		config_error_line(config));
}

static int utf8_line(const char *text)
{
	int line = 1;
	const char *start = text;
	for (const char *p = text;; p++) {
		if (*p != '\n' && *p != '\0')
			continue;
		if (!td_view_utf8(td_view_mem(start, (size_t)(p - start))))
			return line;
		if (*p == '\0')
			return 0;
		start = p + 1;
		line++;
	}
}

enum td_status td_tree_parse(const char *file, const char *text, struct td_arena *arena, struct td_node **out,
	struct td_err *err)
{
	struct copy copy = { file, arena, err };
	struct td_node *root;
	enum td_status status;
	config_t config;
	int line = utf8_line(text);
	if (line > 0)
		return td_err_set(err, TD_BADINPUT, "%s:%d: the line is not UTF-8", file, line);
	line = td_syntax_include(text);
	if (line > 0)
		return td_err_set(err, TD_BADINPUT, "%s:%d: @include is not supported (put the file into conf.d)", file, line);
	config_init(&config);
	if (config_read_string(&config, text) != CONFIG_TRUE)
		status = syntax_error(&config, file, text, err);
	else
		status = copy_node(&copy, config_root_setting(&config), 0, &root);
	config_destroy(&config);
	if (status == TD_OK)
		*out = root;
	return status;
}

/* Whole file into out (room bytes), NUL-terminated. */
static enum td_status read_whole(int fd, const char *file, char *out, size_t room, struct td_err *err)
{
	size_t n = 0;
	for (;;) {
		ssize_t got = read(fd, out + n, room - 1 - n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return td_err_errno(err, errno, "%s", file);
		if (got == 0)
			break;
		n += (size_t)got;
		if (n == room - 1)
			return td_err_set(err, TD_TOOBIG, "%s: larger than %d bytes", file, TD_CONF_FILE_MAX);
	}
	out[n] = '\0';
	if (memchr(out, '\0', n) != NULL)
		return td_err_set(err, TD_BADINPUT, "%s: holds NUL bytes (is it a text file?)", file);
	return TD_OK;
}

enum td_status td_tree_read(const char *file, char **out, struct td_err *err)
{
	enum td_status status;
	struct stat st;
	char *text = NULL;
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY); /* a FIFO must not hang us */
	if (fd < 0)
		return td_err_errno(err, errno, "%s", file);
	if (fstat(fd, &st) < 0) {
		status = td_err_errno(err, errno, "%s", file);
		goto out;
	}
	if (!S_ISREG(st.st_mode)) {
		status = td_err_set(err, TD_BADINPUT, "%s: not a regular file", file);
		goto out;
	}
	text = malloc(TD_CONF_FILE_MAX + 2);
	if (text == NULL) {
		status = td_err_set(err, TD_NOMEM, "%s: out of memory", file);
		goto out;
	}
	status = read_whole(fd, file, text, TD_CONF_FILE_MAX + 2, err);
	if (status == TD_OK) {
		*out = text;
		text = NULL;
	}
out:
	free(text);
	close(fd);
	return status;
}

enum td_status td_tree_load(const char *file, struct td_arena *arena, struct td_node **out, struct td_err *err)
{
	char *text;
	enum td_status status = td_tree_read(file, &text, err);
	if (status != TD_OK)
		return status;
	status = td_tree_parse(file, text, arena, out, err);
	free(text);
	return status;
}

struct td_node *td_node_child(const struct td_node *group, const char *name)
{
	for (struct td_node *child = group->child; child != NULL; child = child->next)
		if (child->name != NULL && strcmp(child->name, name) == 0)
			return child;
	return NULL;
}

const char *td_node_entry_name(const struct td_node *entry)
{
	const struct td_node *name;
	if (entry->name != NULL)
		return entry->name;
	if (entry->type != TD_NODE_GROUP)
		return NULL;
	name = td_node_child(entry, "name");
	return name != NULL && name->type == TD_NODE_STRING ? name->text : NULL;
}

void td_node_append(struct td_node *parent, struct td_node *child)
{
	child->next = NULL;
	if (parent->last != NULL)
		parent->last->next = child;
	else
		parent->child = child;
	parent->last = child;
	parent->count++;
}

static bool list_of_groups(const struct td_node *node)
{
	if (node->type != TD_NODE_LIST || node->count == 0)
		return false;
	for (const struct td_node *child = node->child; child != NULL; child = child->next)
		if (child->type != TD_NODE_GROUP)
			return false;
	return true;
}

/* Takes the place of a node, but for its name and its place among the others. */
static void replace_node(struct td_node *into, const struct td_node *from)
{
	struct td_node *next = into->next;
	const char *name = into->name;
	*into = *from;
	into->next = next;
	into->name = name;
}

void td_tree_merge(struct td_node *into, struct td_node *from)
{
	bool by_entry = list_of_groups(into);
	struct td_node *next;
	for (struct td_node *child = from->child; child != NULL; child = next) {
		struct td_node *there = NULL;
		next = child->next;
		for (struct td_node *old = into->child; old != NULL && there == NULL; old = old->next) {
			const char *name = by_entry ? td_node_entry_name(old) : old->name;
			if (name != NULL && strcmp(name, child->name) == 0)
				there = old;
		}
		if (there == NULL)
			td_node_append(into, child);
		else if (child->type == TD_NODE_GROUP && (there->type == TD_NODE_GROUP || list_of_groups(there)))
			td_tree_merge(there, child);
		else
			replace_node(there, child);
	}
}

const char *td_node_type_name(enum td_node_type type)
{
	switch (type) {
	case TD_NODE_GROUP: return "a group";
	case TD_NODE_LIST: return "a list";
	case TD_NODE_STRING: return "a string";
	case TD_NODE_INT: return "an integer";
	case TD_NODE_FLOAT: return "a number";
	default: return "true or false";
	}
}
