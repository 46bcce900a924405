/*
 * conf_syntax - what is wrong with text that libconfig does not take
 *
 * libconfig 1.5 says only "syntax error", on the line after it. The commonest slip, a comma after the last element, is
 * worth its own words; for that a scanner of tokens is enough.
 */
#include "conf_tree.h"

struct scan {
	const char *p;
	int         line;
};

static void step(struct scan *scan)
{
	if (*scan->p == '\n')
		scan->line++;
	scan->p++;
}

static void skip_line(struct scan *scan)
{
	while (*scan->p != '\0' && *scan->p != '\n')
		step(scan);
}

static void skip_block(struct scan *scan)
{
	scan->p += 2;
	while (*scan->p != '\0' && (scan->p[0] != '*' || scan->p[1] != '/'))
		step(scan);
	if (*scan->p != '\0')
		scan->p += 2;
}

static void skip_string(struct scan *scan)
{
	step(scan);
	while (*scan->p != '\0' && *scan->p != '"') {
		if (*scan->p == '\\' && scan->p[1] != '\0')
			step(scan);
		step(scan);
	}
	if (*scan->p == '"')
		step(scan);
}

/* The next significant character ('"' for a whole string), or '\0'; *line is where it stands. */
static char next_token(struct scan *scan, int *line)
{
	for (;;) {
		char c = *scan->p;
		*line = scan->line;
		if (c == '\0')
			return c;
		if (c == '#' || (c == '/' && scan->p[1] == '/')) {
			skip_line(scan);
		} else if (c == '/' && scan->p[1] == '*') {
			skip_block(scan);
		} else if (c == '"') {
			skip_string(scan);
			return c;
		} else {
			step(scan);
			if (c != ' ' && c != '\t' && c != '\n' && c != '\r' && c != '\f')
				return c;
		}
	}
}

int td_syntax_trailing_comma(const char *text, char *close)
{
	struct scan scan = { text, 1 };
	int line, comma_line = 0;
	char c, last = '\0';
	while ((c = next_token(&scan, &line)) != '\0') {
		if (last == ',' && (c == ')' || c == ']')) {
			*close = c;
			return comma_line;
		}
		if (c == ',')
			comma_line = line;
		last = c;
	}
	return 0;
}

int td_syntax_include(const char *text)
{
	struct scan scan = { text, 1 };
	int line;
	char c;
	while ((c = next_token(&scan, &line)) != '\0')
		if (c == '@')
			return line;
	return 0;
}
