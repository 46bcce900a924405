/*
 * conf_print - the effective configuration as libconfig text
 *
 * A consumer of td_conf_walk: each key is a path of steps; what it shares with the path before stays open.
 */
#include "conf_schema.h"

#define STEPS_MAX 20
#define STEP_SIZE 128

struct path {
	char   step[STEPS_MAX][STEP_SIZE];
	bool   element[STEPS_MAX]; /* of a list: has no name in the file */
	size_t n;
};

struct print {
	struct td_buf *out;
	bool           changed_only;
	struct path    open;         /* the last path printed; all but its last step is open */
	bool           used[STEPS_MAX + 1]; /* something was printed at this depth */
};

static bool add_step(struct path *path, struct td_view step, bool element)
{
	if (path->n == STEPS_MAX || step.n >= STEP_SIZE)
		return false;
	memcpy(path->step[path->n], step.p, step.n);
	path->step[path->n][step.n] = '\0';
	path->element[path->n++] = element;
	return true;
}

/* "providers[main].receipt.to" → providers, [main], receipt, to; a number is an element of a plugin's list. */
static bool split_key(const char *key, struct path *path)
{
	struct td_view rest = td_view_str(key);
	path->n = 0;
	while (rest.n > 0) {
		size_t n = 0;
		bool element = rest.p[0] == '[';
		if (element)
			rest = td_view_skip(rest, 1);
		while (n < rest.n && (element ? rest.p[n] != ']' : rest.p[n] != '.' && rest.p[n] != '['))
			n++;
		if (!add_step(path, td_view_mem(rest.p, n), element || (n > 0 && rest.p[0] >= '0' && rest.p[0] <= '9')))
			return false;
		rest = td_view_skip(rest, n + (element ? 1 : 0));
		if (rest.n > 0 && rest.p[0] == '.')
			rest = td_view_skip(rest, 1);
	}
	return path->n > 0;
}

static void indent(struct print *print, size_t depth)
{
	while (depth-- > 0)
		td_buf_byte(print->out, '\t');
}

/* Is the open step `depth` a list, that is, are the steps in it elements? */
static bool is_list(const struct path *path, size_t depth)
{
	return depth + 1 < path->n && path->element[depth + 1];
}

static void begin_step(struct print *print, const struct path *path, size_t depth)
{
	if (path->element[depth] && print->used[depth])
		td_buf_str(print->out, ",\n");
	print->used[depth] = true;
	indent(print, depth);
	if (!path->element[depth])
		td_buf_printf(print->out, "%s = ", path->step[depth]);
}

static void close_to(struct print *print, size_t depth)
{
	struct path *open = &print->open;
	while (open->n > depth + 1) {
		size_t d = open->n - 2; /* the innermost open step */
		bool list = is_list(open, d);
		if (list)
			td_buf_byte(print->out, '\n');
		indent(print, d);
		td_buf_byte(print->out, list ? ')' : '}');
		if (!open->element[d])
			td_buf_str(print->out, ";\n");
		print->used[d + 1] = false;
		open->n--;
	}
}

static void print_item(void *arg, const struct td_conf_item *item)
{
	struct print *print = arg;
	struct path path;
	size_t same = 0;
	if (item->value == NULL || (print->changed_only && item->is_default) || !split_key(item->key, &path))
		return;
	while (same + 1 < path.n && same + 1 < print->open.n && strcmp(path.step[same], print->open.step[same]) == 0)
		same++;
	close_to(print, same);
	for (size_t d = same; d + 1 < path.n; d++) {
		begin_step(print, &path, d);
		td_buf_str(print->out, is_list(&path, d) ? "(\n" : "{\n");
	}
	begin_step(print, &path, path.n - 1);
	td_buf_printf(print->out, "%s%s", item->value, path.element[path.n - 1] ? "" : ";\n");
	print->open = path;
}

void td_conf_print(const struct td_conf *conf, bool changed_only, struct td_buf *out)
{
	struct print print = { .out = out, .changed_only = changed_only };
	bool ok = td_conf_walk(conf, print_item, &print);
	if (print.open.n > 0)
		close_to(&print, 0);
	if (!ok)
		out->bad = true;
}
