/*
 * conf_load - what the loading of one snapshot shares between its steps: read (conf_read.c, conf_list.c), then
 * cross-check (conf_cross.c)
 *
 * Owns: the tree's arena. Threads: one. Lifetime: one td_conf_load. Errors: counted and reported as they are found;
 * nothing stops at the first. Private to conf*.c.
 */
#ifndef TD_CONF_LOAD_H
#define TD_CONF_LOAD_H

#include "conf_schema.h"
#include "conf_tree.h"

struct td_conf_loader {
	struct td_conf *conf; /* being filled */
	struct td_arena tree; /* nodes; ends with the load */
	struct td_err  *err;  /* the first problem */
	void (*report)(void *arg, const char *problem);
	void           *arg;
	size_t          problems;
	const char     *dir; /* of tandem.conf */
};

/* A level being read: "submitters[]." for the schema, "submitters[newsletter]." for people, and where its values go. */
struct td_conf_level {
	const char *schema;
	const char *shown;
	char       *base; /* struct td_conf, or the element */
};

#define TD_CONF_KEY_SIZE 192

/* Counts and reports "FILE:LINE: KEY: …" of a node. */
void td_conf_problem(struct td_conf_loader *loader, const struct td_node *node, const char *key, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* Reports "FILE:LINE: warning: KEY: …", counts nothing. */
void td_conf_doubt(struct td_conf_loader *loader, const struct td_node *node, const char *key, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* Out of memory or over the arena's cap: a problem like any other, so that the load fails. */
void td_conf_nomem(struct td_conf_loader *loader, const struct td_node *node);
/* Copies into the snapshot; NULL after td_conf_nomem. */
const char *td_conf_keep(struct td_conf_loader *loader, const struct td_node *node, const char *text);
/* The same, relative paths taken from the folder of tandem.conf. */
const char *td_conf_keep_path(struct td_conf_loader *loader, const struct td_node *node, const char *path);

/* Sets the defaults of a level and of the groups in it. */
void td_conf_read_defaults(struct td_conf_loader *loader, const struct td_conf_level *level);
/* Reads one value by its row. */
void td_conf_read_value(struct td_conf_loader *loader, const struct td_conf_level *level, const struct td_conf_key *row,
	const struct td_node *node);
/* Reads all keys of a group; unknown ones are problems, or settings of a provider. */
void td_conf_read_group(struct td_conf_loader *loader, const struct td_conf_level *level, const struct td_node *group);
/* Reads a list of groups, or keyed groups: one element an entry, in order, whatever is wrong with it. */
void td_conf_read_items(struct td_conf_loader *loader, const struct td_conf_list *list, const struct td_node *node);
/* Collects what is not in the schema as the provider's settings. */
void td_conf_read_settings(struct td_conf_loader *loader, struct td_conf_provider *provider,
	const struct td_node *entry);
/*
 * What no single key can say: names that refer to one another, keys that exclude one another; then computed defaults.
 */
void td_conf_cross(struct td_conf_loader *loader, const struct td_node *root);
/* Reads the rules of quiet_hours.file, if there is one, into the snapshot (conf_quiet.h). */
void td_conf_read_quiet(struct td_conf_loader *loader, const struct td_node *root);
/* Makes smsd.flush what it is when nothing is said: postqueue -s TOKEN_DOMAIN. False: no memory. */
bool td_conf_default_flush(struct td_conf *conf, const char *token_domain);

#endif
