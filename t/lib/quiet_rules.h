/*
 * quiet_rules - rules of quiet hours from text and from the shipped file in tests
 */
#ifndef TD_QUIET_RULES_H
#define TD_QUIET_RULES_H

#include <stdio.h>

#include "conf_quiet.h"
#include "tap.h"

#define HEAD "region,days,open,close,classes,holidays,source,reviewed\n"
#define DAY 86400000LL
#define NEW_YORK "America/New_York"

static struct td_arena arena;
static char            problems[4000];

struct table {
	struct td_quiet_rule *v;
	size_t                n;
};

static inline void note_problem(void *arg, int line, const char *what)
{
	size_t n = strlen(problems);

	snprintf(problems + n, sizeof problems - n, "%d: %s\n", line, what);
}

static inline bool parse(const char *text, struct table *out)
{
	static const char *us[] = { "US" };
	struct td_strings  countries = { us, 1 };

	problems[0] = '\0';
	return td_quiet_parse(td_view_str(text), &countries, &arena, &out->v, &out->n, note_problem, NULL);
}

/* Rows under the head; ends the test when they are refused. */
static inline struct table rules(const char *rows)
{
	struct table out;

	if (!parse(td_arena_printf(&arena, HEAD "%s", rows), &out))
		bail_out("%s: %s", rows, problems);
	return out;
}

static inline int64_t at(const char *iso)
{
	struct td_err err;
	int64_t       ms;

	if (td_when_date(td_view_str(iso), &ms, &err))
		bail_out("%s", err.text);
	return ms;
}

/* What is in conf/quiet-hours.csv. */
static inline struct table shipped_rules(void)
{
	static char  text[65536];
	struct table out;
	FILE        *in = fopen("conf/quiet-hours.csv", "r");
	size_t       n = in ? fread(text, 1, sizeof text - 1, in) : 0;

	text[n] = '\0';
	if (in)
		fclose(in);
	if (!ok(parse(text, &out) && n > 0, "the shipped rules are read"))
		bail_out("%s", problems);
	return out;
}

#endif
