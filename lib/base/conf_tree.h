/*
 * conf_tree - one configuration file as a tree, and the merging of several
 *
 * Owns: nothing; nodes and their strings live in the arena given. Threads: pure. Errors: TD_BADINPUT with
 * "FILE:LINE: what", TD_NOMEM. Private to conf*.c and their tests.
 */
#ifndef TD_CONF_TREE_H
#define TD_CONF_TREE_H

#include "arena.h"
#include "err.h"

enum td_node_type {
	TD_NODE_GROUP,
	TD_NODE_LIST, /* ( ) and [ ] alike */
	TD_NODE_STRING,
	TD_NODE_INT,
	TD_NODE_FLOAT,
	TD_NODE_BOOL
};

struct td_node {
	const char       *name; /* NULL in a list */
	enum td_node_type type;
	const char       *text; /* of a string */
	int64_t           num;  /* of an integer or boolean */
	double            real; /* of a float */
	struct td_node   *child, *last, *next;
	size_t            count; /* children */
	const char       *file;
	int               line;
};

/* The largest file, in bytes. */
#define TD_CONF_FILE_MAX (1 << 20)

/* Reads a regular file of at most that size whole, NUL-terminated; the caller frees it. NOTFOUND and REFUSED as of
 * open(2), TD_BADINPUT for anything but a file of text. */
enum td_status td_tree_read(const char *file, char **out, struct td_err *err);
/* Reads and parses a file. file must stay valid as long as the tree. NOTFOUND and REFUSED as of open(2). */
enum td_status td_tree_load(const char *file, struct td_arena *arena, struct td_node **out, struct td_err *err);
/* The same from text (NUL-terminated). @include is refused: conf.d is the way. */
enum td_status td_tree_parse(const char *file, const char *text, struct td_arena *arena, struct td_node **out,
	struct td_err *err);
/*
 * Puts `from` over `into` (two groups), taking over its nodes: groups merge key by key; a keyed group merges into a
 * list of groups entry by entry, by name; everything else replaces.
 */
void td_tree_merge(struct td_node *into, struct td_node *from);
/* The child of that name, or NULL. */
struct td_node *td_node_child(const struct td_node *group, const char *name);
/* Name of an entry in a list of groups: its key, else the string in its key `name`, else NULL. */
const char *td_node_entry_name(const struct td_node *entry);
/* Appends, keeping order. */
void td_node_append(struct td_node *parent, struct td_node *child);
/* "a string", "an integer" …, for errors. */
const char *td_node_type_name(enum td_node_type type);

/*
 * Diagnosis of text that libconfig does not take (conf_syntax.c): line of the first trailing comma in a list or array,
 * or of the first @include, 0 if there is none. Comments and strings are skipped as libconfig does.
 */
int td_syntax_trailing_comma(const char *text, char *close);
int td_syntax_include(const char *text);

#endif
