/*
 * postfix - `tandem postfix`: the exact main.cf and master.cf changes for this system, made and taken back
 */
#include "postfix.h"

#include <stdio.h>

/* A word for the shell, in single quotes. */
static void print_quoted(const char *word)
{
	putchar('\'');
	for (; *word; word++) {
		if (*word == '\'')
			fputs("'\\''", stdout);
		else
			putchar(*word);
	}
	putchar('\'');
}

static void print_change(const struct postfix_plan *plan, const struct postfix_change *change)
{
	const char *words[3];

	if (!change->set) {
		printf("# %s: is right already\n", change->name);
		return;
	}
	if (change->why)
		printf("# %s\n", change->why);
	if (!postfix_plan_words(plan, change, words))
		return;
	fputs("postconf ", stdout);
	if (plan->pc.dir)
		printf("-c %s ", plan->pc.dir);
	printf("%s ", words[0]);
	print_quoted(words[1]);
	putchar('\n');
}

static json_t *change_json(const struct postfix_change *change)
{
	static const char *const kinds[] = { "parameter", "service", "override" };

	return json_pack("{s:s, s:s, s:s?}", "kind", kinds[change->kind], "name", change->name, "set", change->set);
}

static int show(const struct postfix_plan *plan)
{
	if (!plan->call->json)
		printf("# What Postfix must be told for Tandem; tandem postfix --apply does it.\n");
	for (size_t i = 0; i < plan->n; i++) {
		if (plan->call->json) {
			json_t *doc = change_json(&plan->v[i]);

			ctl_print_json(doc);
			json_decref(doc);
		} else {
			print_change(plan, &plan->v[i]);
		}
	}
	if (!plan->call->json)
		puts(plan->open ? "postfix check && postfix reload" : "# nothing is to be changed");
	return CTL_DONE;
}

int ctl_run_postfix(struct ctl_call *call)
{
	struct postfix_plan plan;
	bool apply = ctl_has(call, "apply"), undo = ctl_has(call, "undo");

	if (apply && undo)
		return ctl_usage(call->command, "--apply or --undo, not both");
	if (postfix_plan_open(&plan, call) != TD_OK || (!undo && postfix_plan_make(&plan) != TD_OK))
		return ctl_fail(call);
	return apply ? postfix_apply(&plan) : undo ? postfix_undo(&plan) : show(&plan);
}
