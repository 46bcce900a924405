/*
 * postconf - reads a Postfix configuration through Postfix's own commands
 */
#include <stdlib.h>
#include <string.h>

#include "capture.h"
#include "postconf.h"

static void widen_path(struct td_arena *arena)
{
	const char *path = getenv("PATH");
	char *wider;

	if (path && strstr(path, "/usr/sbin"))
		return;
	wider = td_arena_printf(arena, "%s:/usr/sbin:/sbin", path ? path : "/usr/bin:/bin");
	if (wider)
		setenv("PATH", wider, 1);
}

void ctl_postconf_open(struct ctl_postconf *pc, const struct td_conf *conf, struct td_arena *arena)
{
	const struct td_strings *argv = &conf->smsd.sendmail;

	widen_path(arena);

	pc->dir = NULL;
	pc->arena = arena;
	for (size_t i = 0; i + 1 < argv->n; i++) {
		if (!strcmp(argv->v[i], "-C"))
			pc->dir = argv->v[i + 1];
	}
}

enum td_status ctl_postconf_run(const struct ctl_postconf *pc, const char *program, const char *const *words,
	struct td_err *err)
{
	const char *argv[CTL_POSTCONF_WORDS + 4];
	struct td_view out = { 0 };
	enum td_status status;
	size_t n = 0;
	int ended;

	argv[n++] = program;
	if (pc->dir) {
		argv[n++] = "-c";
		argv[n++] = pc->dir;
	}
	for (size_t i = 0; i < CTL_POSTCONF_WORDS && words[i]; i++)
		argv[n++] = words[i];
	argv[n] = NULL;
	status = ctl_capture_all(argv, pc->arena, &out, &ended, err);
	if (status == TD_OK && ended)
		return td_err_set(err, TD_TEMPFAIL, "%s %s: %.*s%s", program, words[0], TD_VARG(out),
			out.n ? "" : "failed (its words are in the mail log)");
	return status;
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

static enum td_status get(const struct ctl_postconf *pc, const char *how, const char *name, struct td_view *out,
	struct td_err *err)
{
	int ended;
	enum td_status status = run(pc, "postconf", how, name, NULL, out, &ended, err);

	if (status == TD_NOTFOUND)
		return td_err_set(err, status, "postconf is not here: is Postfix installed?");
	if (status == TD_OK && ended)
		return td_err_set(err, TD_NOTFOUND, "postconf %s failed%s%s", name, pc->dir ? " in " : "",
			pc->dir ? pc->dir : "");
	return status;
}

enum td_status ctl_postconf_get(const struct ctl_postconf *pc, const char *name, struct td_view *out,
	struct td_err *err)
{
	return get(pc, "-hx", name, out, err);
}

enum td_status ctl_postconf_raw(const struct ctl_postconf *pc, const char *name, struct td_view *out,
	struct td_err *err)
{
	return get(pc, "-h", name, out, err);
}

bool ctl_postconf_override(const struct ctl_postconf *pc, const char *service, const char *parameter, bool expand,
	struct td_view *out)
{
	char *name = td_arena_printf(pc->arena, "%s/%s", service, parameter);
	struct td_view text, value;
	struct td_err err;
	int ended;

	if (!name || run(pc, "postconf", expand ? "-Px" : "-P", name, NULL, &text, &ended, &err) != TD_OK || ended ||
		!td_view_starts(text, td_view_str(name)))
		return false;
	value = td_view_trim(td_view_skip(text, strlen(name)));
	if (!td_view_starts(value, TD_VLIT("=")))
		return false;
	*out = td_view_trim(td_view_skip(value, 1));
	return true;
}

const char *ctl_postconf_file(const struct ctl_postconf *pc, const char *name)
{
	struct td_view dir = { 0 };
	struct td_err err;

	if (pc->dir)
		return td_arena_printf(pc->arena, "%s/%s", pc->dir, name);
	if (ctl_postconf_get(pc, "config_directory", &dir, &err) != TD_OK || dir.n == 0)
		return NULL;
	return td_arena_printf(pc->arena, "%.*s/%s", TD_VARG(dir), name);
}

/* The next column of a line of master.cf. */
static struct td_view column(struct td_view *line)
{
	size_t n = 0;
	struct td_view word;

	*line = td_view_trim(*line);
	while (n < line->n && line->p[n] != ' ' && line->p[n] != '\t')
		n++;
	word = td_view_mem(line->p, n);
	*line = td_view_skip(*line, n);
	return word;
}

bool ctl_postconf_next(const struct ctl_postconf *pc, struct td_view *rest, struct ctl_service *service)
{
	struct td_view line, name, type, chroot;

	if (!td_view_next(rest, '\n', &line))
		return false;
	service->line = line;
	name = column(&line);
	type = column(&line);
	column(&line);
	column(&line);
	chroot = column(&line);
	column(&line);
	column(&line);
	service->command = column(&line);
	service->chroot = td_view_eq(chroot, TD_VLIT("y"));
	service->name = td_arena_printf(pc->arena, "%.*s/%.*s", TD_VARG(name), TD_VARG(type));
	return service->name != NULL;
}

enum td_status ctl_postconf_master(const struct ctl_postconf *pc, struct td_view *out, struct td_err *err)
{
	int ended;
	enum td_status status = run(pc, "postconf", "-M", NULL, NULL, out, &ended, err);

	if (status == TD_OK && ended)
		return td_err_set(err, TD_TEMPFAIL, "postconf -M failed");
	return status;
}

struct td_view ctl_postconf_service(const struct ctl_postconf *pc, const char *name)
{
	struct td_view master;
	struct ctl_service service;

	if (ctl_postconf_master(pc, &master, NULL) == TD_OK) {
		while (ctl_postconf_next(pc, &master, &service)) {
			if (!strcmp(service.name, name))
				return service.line;
		}
	}
	return (struct td_view){ NULL, 0 };
}

bool ctl_postconf_item(struct td_view *rest, struct td_view *item)
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
	*item = td_view_mem(rest->p, i);
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
	while (ctl_postconf_item(&maps, &map)) {
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

	while (ctl_postconf_item(&list, &item)) {
		if (td_view_caseeq(item, word))
			return true;
	}
	return false;
}
