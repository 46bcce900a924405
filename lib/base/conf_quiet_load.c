/*
 * conf_quiet_load - the file of quiet_hours.file into the snapshot
 */
#include <stdlib.h>

#include "conf_load.h"
#include "conf_quiet.h"

struct reading {
	struct td_conf_loader *loader;
	const char            *file;
};

static void problem(void *arg, int line, const char *what)
{
	const struct reading *reading = arg;
	struct td_node place = { .file = reading->file, .line = line };

	td_conf_problem(reading->loader, &place, "quiet_hours.file", "%s", what);
}

/* Where the setting stands, for a file that cannot be read. */
static const struct td_node *setting(const struct td_node *root)
{
	const struct td_node *group = td_node_child(root, "quiet_hours");
	const struct td_node *file = group != NULL ? td_node_child(group, "file") : NULL;

	return file != NULL ? file : root;
}

void td_conf_read_quiet(struct td_conf_loader *loader, const struct td_node *root)
{
	struct td_conf *conf = loader->conf;
	struct reading reading = { loader, conf->quiet_hours.file };
	const char *home[1] = { conf->home_country };
	struct td_strings countries = conf->countries;
	struct td_quiet_rule *rules;
	struct td_err err;
	size_t n;
	char *text;

	if (conf->quiet_hours.file == NULL)
		return;
	if (countries.n == 0 && conf->home_country != NULL)
		countries = (struct td_strings){ home, 1 };
	if (td_tree_read(conf->quiet_hours.file, &text, &err) != TD_OK) {
		td_conf_problem(loader, setting(root), "quiet_hours.file", "%s", err.text);
		return;
	}
	if (td_quiet_parse(td_view_str(text), &countries, &conf->arena, &rules, &n, problem, &reading)) {
		conf->quiet_hours.rules = rules;
		conf->quiet_hours.nrules = n;
	}
	free(text);
}
