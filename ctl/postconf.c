/*
 * postconf - reads a Postfix configuration through Postfix's own commands
 */
#include <string.h>

#include "capture.h"
#include "postconf.h"

void ctl_postconf_open(struct ctl_postconf *pc, const struct td_conf *conf, struct td_arena *arena)
{
	const struct td_strings *argv = &conf->smsd.sendmail;

	pc->dir = NULL;
	pc->arena = arena;
	for (size_t i = 0; i + 1 < argv->n; i++) {
		if (!strcmp(argv->v[i], "-C"))
			pc->dir = argv->v[i + 1];
	}
}

/* Runs `program [-c DIR] a b c`. */
static enum td_status run(const struct ctl_postconf *pc, const char *program, const char *a, const char *b,
	const char *c,
	struct td_view *out, int *exit_status, struct td_err *err)
{
	const char *argv[8];
	size_t n = 0;

	argv[n++] = program;
	if (pc->dir) {
		argv[n++] = "-c";
		argv[n++] = pc->dir;
	}
	argv[n++] = a;
	argv[n++] = b;
	argv[n++] = c;
	argv[n] = NULL;
	return ctl_capture(argv, pc->arena, out, exit_status, err);
}

enum td_status ctl_postconf_get(const struct ctl_postconf *pc, const char *name, struct td_view *out,
	struct td_err *err)
{
	int ended;
	enum td_status status = run(pc, "postconf", "-hx", name, NULL, out, &ended, err);

	if (status == TD_NOTFOUND)
		return td_err_set(err, status, "postconf is not here: is Postfix installed?");
	if (status == TD_OK && ended)
		return td_err_set(err, TD_NOTFOUND, "postconf %s failed%s%s", name, pc->dir ? " in " : "",
			pc->dir ? pc->dir : "");
	return status;
}

enum td_status ctl_postconf_master(const struct ctl_postconf *pc, struct td_view *out, struct td_err *err)
{
	int ended;
	enum td_status status = run(pc, "postconf", "-M", NULL, NULL, out, &ended, err);

	if (status == TD_OK && ended)
		return td_err_set(err, TD_TEMPFAIL, "postconf -M failed");
	return status;
}

/* One map of a list: "type:name", with braces balanced ("inline:{ { a = b } }"). */
static bool next_map(struct td_view *rest, struct td_view *map)
{
	size_t i = 0;
	int depth = 0;

	while (rest->n && strchr(" \t\r\n,", *rest->p))
		*rest = td_view_skip(*rest, 1);
	for (; i < rest->n; i++) {
		if (rest->p[i] == '{')
			depth++;
		else if (rest->p[i] == '}')
			depth--;
		else if (depth == 0 && strchr(" \t\r\n,", rest->p[i]))
			break;
	}
	*map = td_view_mem(rest->p, i);
	*rest = td_view_skip(*rest, i);
	return i > 0;
}

enum td_status ctl_postconf_lookup(const struct ctl_postconf *pc, const char *parameter, const char *key,
	struct td_view *out,
	struct td_err *err)
{
	struct td_view maps, map;
	enum td_status status = ctl_postconf_get(pc, parameter, &maps, err);

	if (status != TD_OK)
		return status;
	while (next_map(&maps, &map)) {
		char *name = td_arena_str(pc->arena, map);
		int ended;

		if (!name)
			return td_err_set(err, TD_NOMEM, "out of memory");
		status = run(pc, "postmap", "-q", key, name, out, &ended, err);
		if (status != TD_OK)
			return status;
		if (ended == 0)
			return TD_OK;
	}
	return td_err_set(err, TD_NOTFOUND, "%s: nothing for %s", parameter, key);
}

bool ctl_postconf_lists(struct td_view list, struct td_view word)
{
	struct td_view item;

	while (next_map(&list, &item)) {
		if (td_view_caseeq(item, word))
			return true;
	}
	return false;
}
