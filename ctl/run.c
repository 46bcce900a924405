/*
 * run - from the command line to one row of the table and its arguments
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl.h"
#include "version.h"

#define CTL_ARENA (64u << 20)

struct td_view ctl_arg(const struct ctl_call *call, const char *name)
{
	for (size_t i = 0; i < call->nargs; i++) {
		if (td_view_eq(call->args[i].name, td_view_str(name)))
			return call->args[i].value;
	}
	return (struct td_view){ 0 };
}

bool ctl_has(const struct ctl_call *call, const char *name)
{
	for (size_t i = 0; i < call->nargs; i++) {
		if (td_view_eq(call->args[i].name, td_view_str(name)))
			return true;
	}
	return false;
}

int ctl_fail(const struct ctl_call *call)
{
	fprintf(stderr, "tandem: %s\n", call->err.text);
	return td_status_map(call->err.status)->ctl_exit;
}

int ctl_usage(const struct ctl_command *command, const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "tandem: %s: ", command->name);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, " (try: tandem %s --help)\n", command->name);
	return CTL_USAGE;
}

static void print_all(FILE *out)
{
	fputs("usage: tandem [-c CONF] [--json] COMMAND …\n\n", out);
	for (const struct ctl_command *c = ctl_commands; c->name; c++)
		fprintf(out, "  %-17s %s\n", c->name, c->summary);
	fputs("\ntandem COMMAND --help shows arguments and an example; tandem(8) has it all.\n", out);
}

static void print_help(const struct ctl_command *command)
{
	printf("usage: tandem [-c CONF] [--json] %s%s%s\n\n%s.\n", command->name, *command->synopsis ? " " : "",
		command->synopsis, command->summary);
	printf("\nexample:\n  %s\n", command->example);
}

/* The row whose words stand first in argv; *used words belong to its name. A two-word name wins. */
static const struct ctl_command *find(int argc, char **argv, int *used)
{
	char two[64];

	*used = 2;
	if (argc > 1) {
		snprintf(two, sizeof(two), "%.30s %.30s", argv[0], argv[1]);
		for (const struct ctl_command *c = ctl_commands; c->name; c++) {
			if (!strcmp(c->name, two))
				return c;
		}
	}
	*used = 1;
	for (const struct ctl_command *c = ctl_commands; c->name; c++) {
		if (!strcmp(c->name, argv[0]))
			return c;
	}
	return NULL;
}

static int unknown(const char *word)
{
	bool family = false;
	size_t n = strlen(word);

	for (const struct ctl_command *c = ctl_commands; c->name; c++) {
		if (!strncmp(c->name, word, n) && c->name[n] == ' ') {
			if (!family)
				fprintf(stderr, "tandem: %s: which of", word);
			fprintf(stderr, "%s %s", family ? "," : "", c->name + n + 1);
			family = true;
		}
	}
	if (family)
		fputs("?\n", stderr);
	else
		fprintf(stderr, "tandem: %s: no such command (try: tandem --help)\n", word);
	return CTL_USAGE;
}

static bool add(struct ctl_call *call, struct td_view name, struct td_view value)
{
	if (call->nargs == CTL_MAX_ARGS)
		return false;
	call->args[call->nargs++] = (struct td_pair){ name, value };
	return true;
}

/* 1: taken with its value from the next word; 0: taken alone; -1: no such option; -2: value missing. */
static int take_option(struct ctl_call *call, const char *word, const char *next)
{
	const char *eq = strchr(word, '=');
	struct td_view name = eq ? td_view_mem(word, (size_t)(eq - word)) : td_view_str(word);

	for (const char *const *o = call->command->options; o && *o; o++) {
		size_t n = strcspn(*o, "=?");

		if (!td_view_eq(name, td_view_mem(*o, n)))
			continue;
		name = td_view_mem(*o, n);
		if (eq)
			return (*o)[n] && add(call, name, td_view_str(eq + 1)) ? 0 : -1;
		if (!(*o)[n])
			return add(call, name, TD_VLIT("yes")) ? 0 : -1;
		if ((*o)[n] == '?' && (!next || strspn(next, "0123456789") != strlen(next)))
			return add(call, name, (struct td_view){ 0 }) ? 0 : -1;
		if (!next)
			return -2;
		return add(call, name, td_view_str(next)) ? 1 : -1;
	}
	return -1;
}

/* The positional name for the next bare word; NULL when there are too many. */
static const char *next_positional(const struct ctl_command *command, size_t index, size_t *length)
{
	size_t i = 0;

	for (const char *const *p = command->positional; p && *p; p++, i++) {
		size_t n = strcspn(*p, "?*");

		if (i == index || (*p)[n] == '*') {
			*length = n;
			return *p;
		}
	}
	return NULL;
}

static int take_words(struct ctl_call *call, int argc, char **argv)
{
	size_t index = 0;
	bool bare = false;

	for (int i = 0; i < argc; i++) {
		size_t n;
		const char *name;
		int took;

		if (!bare && !strcmp(argv[i], "--")) {
			bare = true;
			continue;
		}
		if (!bare && !strcmp(argv[i], "--json")) {
			call->json = true;
			continue;
		}
		if (!bare && argv[i][0] == '-' && argv[i][1]) {
			took = take_option(call, argv[i] + strspn(argv[i], "-"), i + 1 < argc ? argv[i + 1] : NULL);
			if (took == -2)
				return ctl_usage(call->command, "%s: needs a value", argv[i]);
			if (took < 0)
				return ctl_usage(call->command, "%s: no such option", argv[i]);
			i += took;
			continue;
		}
		name = next_positional(call->command, index++, &n);
		if (!name || !add(call, td_view_mem(name, n), td_view_str(argv[i])))
			return ctl_usage(call->command, "%s: one argument too many", argv[i]);
	}
	for (const char *const *p = call->command->positional; p && *p; p++) {
		if ((size_t)(p - call->command->positional) >= index && !strpbrk(*p, "?*") && !ctl_has(call, "batch"))
			return ctl_usage(call->command, "%s is missing", *p);
	}
	return -1;
}

static int ask_and_show(struct ctl_call *call)
{
	json_t *doc = NULL;

	if (ctl_ask(call, call->command->smsd, call->command->verb, call->args, call->nargs, &doc) != TD_OK)
		return ctl_fail(call);
	ctl_show(call, doc);
	json_decref(doc);
	return CTL_DONE;
}

static int run_call(struct ctl_call *call)
{
	/* check loads the configuration itself, to report every problem and not the first alone */
	if (!call->command->no_conf && td_conf_load(call->conf_path, &call->conf, &call->err, NULL, NULL) != TD_OK)
		return ctl_fail(call);
	return call->command->run ? call->command->run(call) : ask_and_show(call);
}

int ctl_run(int argc, char **argv)
{
	struct ctl_call call = { .conf_path = CTL_DEFAULT_CONF };
	int i = 1, used, status;

	for (; i < argc && argv[i][0] == '-'; i++) {
		if (!strcmp(argv[i], "-c") && i + 1 < argc) {
			call.conf_path = argv[++i];
		} else if (!strcmp(argv[i], "--json")) {
			call.json = true;
		} else if (!strcmp(argv[i], "--version") || !strcmp(argv[i], "-V")) {
			printf("tandem %s\n", TD_VERSION);
			return CTL_DONE;
		} else if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h")) {
			print_all(stdout);
			return CTL_DONE;
		} else {
			fprintf(stderr, "tandem: %s: no such option (try: tandem --help)\n", argv[i]);
			return CTL_USAGE;
		}
	}
	if (i == argc) {
		print_all(stderr);
		return CTL_USAGE;
	}
	call.command = find(argc - i, argv + i, &used);
	if (!call.command)
		return unknown(argv[i]);
	i += used;
	for (int j = i; j < argc && strcmp(argv[j], "--"); j++) {
		if (!strcmp(argv[j], "--help") || !strcmp(argv[j], "-h")) {
			print_help(call.command);
			return CTL_DONE;
		}
	}
	td_arena_init(&call.arena, CTL_ARENA);
	status = take_words(&call, argc - i, argv + i);
	if (status < 0)
		status = run_call(&call);
	td_conf_unref(call.conf);
	td_arena_free(&call.arena);
	return fflush(stdout) || ferror(stdout) ? CTL_LATER : status;
}
