/*
 * base_quiet.fuzz - any bytes as the file of quiet hours: refused with line and words, or rules that can be asked
 */
#include <stdint.h>
#include <stdlib.h>

#include "conf_quiet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool cond)
{
	if (!cond)
		abort();
}

static void problem(void *arg, int line, const char *what)
{
	++*(size_t *)arg;
	check(line > 0 && what[0] != '\0');
}

static void ask(const struct td_quiet_rule *rule)
{
	check(rule->days && rule->days < 128 && rule->classes && rule->name && rule->source && rule->reviewed);
	check(rule->closed || (rule->open >= 0 && rule->open < TD_QUIET_DAY_MINUTES && rule->close >= 0 &&
		rule->close <= TD_QUIET_DAY_MINUTES && rule->open != rule->close));
	check(td_quiet_level(rule->region, rule->region) >= 0);
	for (int64_t day = 20000; day < 20800; day += 37)
		td_quiet_is_holiday(rule, day);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *us[] = { "US" };
	struct td_strings countries = { us, 1 };
	struct td_quiet_rule *rules;
	struct td_arena arena;
	size_t n, problems = 0;

	td_arena_init(&arena, 4 << 20);
	if (td_quiet_parse(td_view_mem(data, size), &countries, &arena, &rules, &n, problem, &problems)) {
		check(problems == 0 && n > 0);
		for (size_t i = 0; i < n; i++)
			ask(&rules[i]);
	} else {
		check(problems > 0);
	}
	td_arena_free(&arena);
	return 0;
}
