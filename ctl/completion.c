/*
 * completion - `tandem completion bash`: the shell function, made from the table of commands
 *
 * What depends on the configuration (names of providers, categories, templates, routes) is asked of `tandem completion
 * WHAT` when the key is pressed, with a short time limit; everything else stands in the script.
 */
#include <stdio.h>

#include "ctl.h"
#include "template.h"

/* Words that belong behind an option, or in a position of a command. */
static const struct {
	const char *command; /* its first word; NULL: any */
	const char *name;    /* of the option or the positional */
	const char *words;   /* fixed ones; "@WHAT": asked; "-f" and "-d": files, directories */
} values[] = {
	{ "provider", "name", "@providers" },
	{ "template", "name", "@templates" },
	{ "completion", "what", "bash" },
	{ NULL, "provider", "@providers" },
	{ NULL, "category", "@categories" },
	{ NULL, "channel", "email sms" },
	{ NULL, "class", "critical solicited transactional service marketing" },
	{ NULL, "reach", "marketing all" },
	{ NULL, "kind", "undeliverable dnc paused" },
	{ NULL, "state", "PREPARED READY HELD SUBMITTING ACCEPTED DELIVERED UNDELIVERED UNKNOWN FAILED DUPLICATE CANCELLED "
		"ABANDONED" },
	{ NULL, "national", "tr es pt" },
	{ NULL, "level", "0 1 2 3" },
	{ NULL, "file", "-f" },
	{ NULL, "csv", "-f" },
	{ NULL, "config-dir", "-d" },
	{ NULL, "undo-file", "-f" },
};

static const char *words_for(const char *command, const char *name, size_t n)
{
	size_t first = strcspn(command, " ");

	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
		const char *of = values[i].command;

		if (of && (strlen(of) != first || strncmp(of, command, first)))
			continue;
		if (strlen(values[i].name) == n && !strncmp(values[i].name, name, n))
			return values[i].words;
	}
	return NULL;
}

/* "provider" once, and what may follow it: the first words of all commands, and the second words of a family. */
static void print_words(const char *family)
{
	const char *last = "";
	size_t n = 0;

	for (const struct ctl_command *c = ctl_commands; c->name; c++) {
		size_t first = strcspn(c->name, " ");

		if (family) {
			if (!strncmp(c->name, family, strlen(family)) && c->name[strlen(family)] == ' ')
				printf("%s%s", n++ ? " " : "", c->name + strlen(family) + 1);
			continue;
		}
		if (strcspn(last, " ") == first && !strncmp(last, c->name, first))
			continue;
		printf("%s%.*s", n++ ? " " : "", (int)first, c->name);
		last = c->name;
	}
}

static void print_families(void)
{
	const char *last = "";

	for (const struct ctl_command *c = ctl_commands; c->name; c++) {
		size_t first = strcspn(c->name, " ");
		char family[64];

		if (!c->name[first] || !strncmp(last, c->name, first + 1))
			continue;
		last = c->name;
		snprintf(family, sizeof(family), "%.*s", (int)first, c->name);
		printf("\t%s) words='", family);
		print_words(family);
		puts("' ;;");
	}
}

/* One line of a case: what may follow this option or stand in this position. */
static void print_value(const char *pattern, const char *words)
{
	if (*words == '@')
		printf("\t\t%s) kind=ask; words='%s' ;;\n", pattern, words + 1);
	else if (*words == '-')
		printf("\t\t%s) kind=%s ;;\n", pattern, words[1] == 'd' ? "dir" : "file");
	else
		printf("\t\t%s) kind=words; words='%s' ;;\n", pattern, words);
}

/* What may stand behind the options that take a value. */
static void print_options(const struct ctl_command *c)
{
	printf("\t\toptions='");
	for (const char *const *o = c->options; o && *o; o++)
		printf("%s%.*s ", (*o)[1] ? "--" : "-", (int)strcspn(*o, "=?"), *o);
	puts("--json --help'\n\t\tcase $prev in");
	for (const char *const *o = c->options; o && *o; o++) {
		size_t n = strcspn(*o, "=?");
		char pattern[64];
		const char *words = words_for(c->name, *o, n);

		if ((*o)[n] != '=')
			continue;
		snprintf(pattern, sizeof(pattern), "--%.*s", (int)n, *o);
		print_value(pattern, words ? words : "");
	}
	puts("\t\tesac");
}

static void print_command(const struct ctl_command *c)
{
	printf("\t'%s')\n", c->name);
	print_options(c);
	puts("\t\t[ -z \"$kind\" ] && case $place in");
	for (size_t i = 0; c->positional && c->positional[i]; i++) {
		const char *words = words_for(c->name, c->positional[i], strcspn(c->positional[i], "?*"));
		char pattern[16];

		snprintf(pattern, sizeof(pattern), "%zu", i);
		if (words)
			print_value(pattern, words);
	}
	puts("\t\tesac\n\t\t;;");
}

static const char head[] =
	"# bash completion for tandem(8); written by `tandem completion bash`\n"
	"\n"
	"_tandem_ask()\n"
	"{\n"
	"\ttimeout 2 \"${COMP_WORDS[0]}\" ${conf:+-c \"$conf\"} completion \"$1\" 2>/dev/null </dev/null\n"
	"}\n"
	"\n"
	"# What may stand behind the first word of a family.\n"
	"_tandem_family()\n"
	"{\n"
	"\twords=\n"
	"\tcase $1 in\n";

static const char middle[] =
	"\tesac\n"
	"}\n"
	"\n"
	"# Options of a command, and what may stand behind the option $prev or in its position $place.\n"
	"_tandem_command()\n"
	"{\n"
	"\tkind= words= options=\n"
	"\tcase $1 in\n";

static const char tail[] =
	"_tandem()\n"
	"{\n"
	"\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev= conf= command= word= words= kind= options= place=0 i=1\n"
	"\t[ \"$COMP_CWORD\" -gt 1 ] && prev=${COMP_WORDS[COMP_CWORD-1]}\n"
	"\tCOMPREPLY=()\n"
	"\twhile [ \"$i\" -lt \"$COMP_CWORD\" ]; do\n"
	"\t\tcase ${COMP_WORDS[i]} in\n"
	"\t\t-c) conf=${COMP_WORDS[i+1]}; i=$((i + 1)) ;;\n"
	"\t\t-*) ;;\n"
	"\t\t*) command=${COMP_WORDS[i]}; break ;;\n"
	"\t\tesac\n"
	"\t\ti=$((i + 1))\n"
	"\tdone\n"
	"\tif [ -z \"$command\" ] || [ \"$i\" -ge \"$COMP_CWORD\" ]; then\n"
	"\t\tif [ \"$prev\" = -c ]; then COMPREPLY=($(compgen -f -- \"$cur\")); return; fi\n"
	"\t\tCOMPREPLY=($(compgen -W \"$_tandem_words -c --json --help --version\" -- \"$cur\"))\n"
	"\t\treturn\n"
	"\tfi\n"
	"\t_tandem_family \"$command\"\n"
	"\tif [ -n \"$words\" ]; then\n"
	"\t\ti=$((i + 1))\n"
	"\t\tif [ \"$i\" -ge \"$COMP_CWORD\" ]; then\n"
	"\t\t\tCOMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
	"\t\t\treturn\n"
	"\t\tfi\n"
	"\t\tcommand=\"$command ${COMP_WORDS[i]}\"\n"
	"\tfi\n"
	"\tfor word in \"${COMP_WORDS[@]:i+1:COMP_CWORD-i-1}\"; do\n"
	"\t\tcase $word in -*) ;; *) place=$((place + 1)) ;; esac\n"
	"\tdone\n"
	"\t_tandem_command \"$command\"\n"
	"\tcase $kind in\n"
	"\task) words=$(_tandem_ask \"$words\") ;;\n"
	"\tfile) COMPREPLY=($(compgen -f -- \"$cur\")); return ;;\n"
	"\tdir) COMPREPLY=($(compgen -d -- \"$cur\")); return ;;\n"
	"\tesac\n"
	"\tcase $cur in -*) words=$options ;; esac\n"
	"\tCOMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
	"}\n"
	"complete -F _tandem tandem\n";

static int print_bash(void)
{
	fputs(head, stdout);
	print_families();
	fputs(middle, stdout);
	for (const struct ctl_command *c = ctl_commands; c->name; c++)
		print_command(c);
	fputs("\tesac\n}\n\n_tandem_words='", stdout);
	print_words(NULL);
	puts("'\n");
	fputs(tail, stdout);
	return CTL_DONE;
}

/* Only names that a mail can write: the shell expands what it is given here. */
static void print_templates(struct ctl_call *call)
{
	const struct td_template_file *files;
	size_t n;

	if (td_template_list(call->conf->template_dir, &call->arena, &files, &n, NULL) != TD_OK)
		return;
	for (size_t i = 0; i < n; i++) {
		if (files[i].name.n && (i == 0 || !td_view_eq(files[i].name, files[i - 1].name)))
			printf("%.*s\n", TD_VARG(files[i].name));
	}
}

int ctl_run_completion(struct ctl_call *call)
{
	struct td_view what = ctl_arg(call, "what");
	const struct td_conf *conf;

	if (td_view_eq(what, TD_VLIT("bash")))
		return print_bash();
	if (td_conf_load(call->conf_path, &call->conf, &call->err, NULL, NULL) != TD_OK)
		return ctl_fail(call);
	conf = call->conf;
	if (td_view_eq(what, TD_VLIT("templates")))
		print_templates(call);
	else if (td_view_eq(what, TD_VLIT("providers")))
		for (size_t i = 0; i < conf->nproviders; i++)
			puts(conf->providers[i].name);
	else if (td_view_eq(what, TD_VLIT("categories")))
		for (size_t i = 0; i < conf->ncategories; i++)
			puts(conf->categories[i].name);
	else
		return ctl_usage(call->command, "%.*s: want bash, categories, providers or templates", TD_VARG(what));
	return CTL_DONE;
}
