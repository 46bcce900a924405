/*
 * msg_shapes - structs with every kind of field, nested: for the codec's unit test and its fuzz target
 */
#ifndef MSG_SHAPES_H
#define MSG_SHAPES_H

#include "msg.h"

struct leaf {
	int64_t         n;
	struct td_view  text;
	struct td_views more;
};
struct branch {
	bool              flag;
	struct leaf       leaf;
	struct td_structs leaves; /* of struct leaf */
};
struct root {
	bool              flag;
	int64_t           n;
	struct td_view    text;
	struct td_views   texts;
	struct branch     branch;
	struct td_structs branches; /* of struct branch */
};

#define COUNT(rows) (sizeof(rows) / sizeof *(rows))

static const struct td_field leaf_fields[] = {
	{ 1, TD_F_I64, offsetof(struct leaf, n), NULL, "n" },
	{ 2, TD_F_VIEW, offsetof(struct leaf, text), NULL, "text" },
	{ 3, TD_F_VIEWS, offsetof(struct leaf, more), NULL, "more" },
};
static const struct td_shape leaf_shape = { "leaf", sizeof(struct leaf), leaf_fields, COUNT(leaf_fields) };

static const struct td_field branch_fields[] = {
	{ 1, TD_F_BOOL, offsetof(struct branch, flag), NULL, "flag" },
	{ 2, TD_F_STRUCT, offsetof(struct branch, leaf), &leaf_shape, "leaf" },
	{ 3, TD_F_STRUCTS, offsetof(struct branch, leaves), &leaf_shape, "leaves" },
};
static const struct td_shape branch_shape = { "branch", sizeof(struct branch), branch_fields, COUNT(branch_fields) };

static const struct td_field root_fields[] = {
	{ 1, TD_F_BOOL, offsetof(struct root, flag), NULL, "flag" },
	{ 2, TD_F_I64, offsetof(struct root, n), NULL, "n" },
	{ 3, TD_F_VIEW, offsetof(struct root, text), NULL, "text" },
	{ 4, TD_F_VIEWS, offsetof(struct root, texts), NULL, "texts" },
	{ 5, TD_F_STRUCT, offsetof(struct root, branch), &branch_shape, "branch" },
	{ 6, TD_F_STRUCTS, offsetof(struct root, branches), &branch_shape, "branches" },
};
static const struct td_shape root_shape = { "root", sizeof(struct root), root_fields, COUNT(root_fields) };

#endif
