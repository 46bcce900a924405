/*
 * conf - the effective configuration: one immutable, reference-counted snapshot
 */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "conf_load.h"

#define SNAPSHOT_CAP (16u << 20)
#define TREE_CAP (64u << 20)
#define FRAGMENTS_MAX 1000

static const char *const class_names[TD_CLASS_MAX] = {
	[TD_CLASS_NONE] = "",
	[TD_CLASS_MARKETING] = "marketing",
	[TD_CLASS_SERVICE] = "service",
	[TD_CLASS_TRANSACTIONAL] = "transactional",
	[TD_CLASS_SOLICITED] = "solicited",
	[TD_CLASS_CRITICAL] = "critical",
	[TD_CLASS_COMPLIANCE] = "compliance",
};

const char *td_class_name(enum td_class c)
{
	return (int)c >= 0 && c < TD_CLASS_MAX ? class_names[c] : NULL;
}

enum td_class td_class_parse(struct td_view v)
{
	for (int c = TD_CLASS_NONE + 1; c < TD_CLASS_MAX; c++)
		if (td_view_caseeq(v, td_view_str(class_names[c])))
			return (enum td_class)c;
	return TD_CLASS_NONE;
}

/* A problem that already reads "FILE:LINE: what". */
static void whole_problem(struct td_conf_loader *loader, const struct td_err *err)
{
	if (loader->report != NULL)
		loader->report(loader->arg, err->text);
	if (loader->problems++ == 0 && loader->err != NULL)
		*loader->err = *err;
}

static int is_fragment(const struct dirent *entry)
{
	return entry->d_name[0] != '.' && td_view_ends(td_view_str(entry->d_name), TD_VLIT(".conf"));
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name); /* by bytes, whatever the locale */
}

static void merge_file(struct td_conf_loader *loader, const char *file, struct td_node **root)
{
	struct td_node *node;
	struct td_err err;
	if (td_tree_load(file, &loader->tree, &node, &err) != TD_OK)
		whole_problem(loader, &err);
	else if (*root == NULL)
		*root = node;
	else
		td_tree_merge(*root, node);
}

static void merge_fragments(struct td_conf_loader *loader, struct td_node **root)
{
	struct dirent **names = NULL;
	struct td_err err;
	const char *dir = td_arena_printf(&loader->tree, "%s/conf.d", loader->dir);
	int n = dir != NULL ? scandir(dir, &names, is_fragment, by_name) : -1;
	if (dir == NULL || (n < 0 && errno != ENOENT)) {
		td_err_errno(&err, dir != NULL ? errno : ENOMEM, "%s/conf.d", loader->dir);
		whole_problem(loader, &err);
	}
	for (int i = 0; i < n; i++) {
		const char *file = td_arena_printf(&loader->tree, "%s/%s", dir, names[i]->d_name);
		if (file == NULL || i >= FRAGMENTS_MAX) {
			td_err_set(&err, TD_TOOBIG, "%s: too many or too large files", dir);
			whole_problem(loader, &err);
			break;
		}
		merge_file(loader, file, root);
	}
	for (int i = 0; i < n; i++)
		free(names[i]);
	free(names);
}

/* Absolute, without resolving links: conf.d is looked for beside the name that was given. */
static enum td_status absolute(struct td_conf_loader *loader, const char *path, struct td_err *err)
{
	struct td_conf *conf = loader->conf;
	char *cwd = path[0] == '/' ? NULL : getcwd(NULL, 0), *dir, *slash;
	if (path[0] != '/' && cwd == NULL)
		return td_err_errno(err, errno, "%s: no current directory", path);
	if (cwd != NULL)
		conf->path = td_arena_printf(&conf->arena, "%s/%s", strcmp(cwd, "/") == 0 ? "" : cwd, path);
	else
		conf->path = td_arena_str(&conf->arena, td_view_str(path));
	free(cwd);
	dir = conf->path != NULL ? td_arena_str(&conf->arena, td_view_str(conf->path)) : NULL;
	if (dir == NULL)
		return td_err_set(err, TD_NOMEM, "%s: out of memory", path);
	slash = strrchr(dir, '/');
	*slash = '\0';
	loader->dir = dir;
	return TD_OK;
}

static void read_all(struct td_conf_loader *loader)
{
	struct td_conf_level top = { "", "", (char *)loader->conf };
	struct td_node *root = NULL;
	merge_file(loader, loader->conf->path, &root);
	merge_fragments(loader, &root);
	if (loader->problems > 0) /* with a file missing, all that follows would be noise */
		return;
	td_conf_read_defaults(loader, &top);
	td_conf_read_group(loader, &top, root);
	td_conf_cross(loader, root);
	td_conf_read_quiet(loader, root);
}

/* The expressions have passed td_conf_is_regex: what fails here is memory. */
static enum td_status compile(struct td_conf *conf, struct td_err *err)
{
	conf->text.removes = TD_NEWN(&conf->arena, conf->text.remove.n, regex_t);
	if (conf->text.removes == NULL)
		return td_err_set(err, TD_NOMEM, "text.remove: out of memory");
	for (size_t i = 0; i < conf->text.remove.n; i++) {
		if (regcomp(&conf->text.removes[i], conf->text.remove.v[i], REG_EXTENDED | REG_NEWLINE) != 0)
			return td_err_set(err, TD_NOMEM, "text.remove: out of memory");
		conf->text.removes_n++;
	}
	return TD_OK;
}

enum td_status td_conf_load(const char *path, struct td_conf **out, struct td_err *err,
	void (*report)(void *arg, const char *problem), void *arg)
{
	struct td_err first = { .status = TD_OK };
	struct td_conf_loader loader = { .err = &first, .report = report, .arg = arg };
	loader.conf = calloc(1, sizeof(*loader.conf));
	if (loader.conf == NULL)
		return td_err_set(err, TD_NOMEM, "%s: out of memory", path);
	loader.conf->refs = 1;
	td_arena_init(&loader.conf->arena, SNAPSHOT_CAP);
	td_arena_init(&loader.tree, TREE_CAP);
	if (absolute(&loader, path, &first) == TD_OK)
		read_all(&loader);
	td_arena_free(&loader.tree);
	if (first.status == TD_OK)
		compile(loader.conf, &first);
	if (first.status == TD_OK) {
		*out = loader.conf;
		return TD_OK;
	}
	td_conf_unref(loader.conf);
	if (err != NULL)
		*err = first;
	return first.status;
}

struct td_conf *td_conf_ref(struct td_conf *conf)
{
	__atomic_add_fetch(&conf->refs, 1, __ATOMIC_RELAXED);
	return conf;
}

void td_conf_unref(struct td_conf *conf)
{
	if (conf == NULL || __atomic_sub_fetch(&conf->refs, 1, __ATOMIC_ACQ_REL) > 0)
		return;
	for (size_t i = 0; i < conf->text.removes_n; i++)
		regfree(&conf->text.removes[i]);
	td_arena_free(&conf->arena);
	free(conf);
}

const struct td_conf_category *td_conf_category(const struct td_conf *conf, struct td_view name)
{
	for (size_t i = 0; i < conf->ncategories; i++)
		if (td_view_eq(td_view_str(conf->categories[i].name), name))
			return &conf->categories[i];
	return NULL;
}

const struct td_conf_provider *td_conf_provider(const struct td_conf *conf, struct td_view name)
{
	for (size_t i = 0; i < conf->nproviders; i++)
		if (td_view_eq(td_view_str(conf->providers[i].name), name))
			return &conf->providers[i];
	return NULL;
}
