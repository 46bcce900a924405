/*
 * postfix_undo - the record of what `tandem postfix --apply` changed
 */
#include "postfix_undo.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "maincf.h"

const char *postfix_undo_path(const struct postfix_plan *plan)
{
	struct ctl_call *call = plan->call;
	const char *db = call->conf->store.path, *slash = strrchr(db, '/');

	if (ctl_has(call, "undo-file"))
		return td_arena_str(&call->arena, ctl_arg(call, "undo-file"));
	return td_arena_printf(&call->arena, "%.*s/postfix.undo.json", slash ? (int)(slash - db) : 1, slash ? db : ".");
}

enum td_status postfix_undo_read(const struct postfix_plan *plan, json_t **doc)
{
	struct td_err *err = &plan->call->err;
	const char *path = postfix_undo_path(plan);
	struct stat st;
	json_error_t bad;
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) : -1;

	if (fd < 0)
		return td_err_errno(err, path ? errno : ENOMEM, "%s", path ? path : "undo file");
	if (fstat(fd, &st) || !S_ISREG(st.st_mode) || st.st_uid != geteuid() || (st.st_mode & (S_IWGRP | S_IWOTH))) {
		close(fd);
		return td_err_set(err, TD_REFUSED,
			"%s: somebody else may have written it (want: yours, writable by nobody else)",
			path);
	}
	*doc = json_loadfd(fd, 0, &bad);
	close(fd);
	return *doc ? TD_OK : td_err_set(err, TD_BADINPUT, "%s:%d: %s", path, bad.line, bad.text);
}

enum td_status postfix_undo_write(const struct postfix_plan *plan, const json_t *doc)
{
	struct td_err *err = &plan->call->err;
	const char *path = postfix_undo_path(plan);
	char *text = json_dumps(doc, JSON_INDENT(1) | JSON_PRESERVE_ORDER);
	enum td_status status;

	if (!path || !text)
		status = td_err_set(err, TD_NOMEM, "out of memory");
	else
		status = maincf_write(path, td_view_str(text), err);
	free(text);
	return status;
}

static json_t *text_json(struct td_view v)
{
	return json_stringn(v.p ? v.p : "", v.n);
}

json_t *postfix_undo_now(const struct postfix_plan *plan, enum postfix_kind kind, const char *name,
	struct td_view main_cf)
{
	const char *slash = strrchr(name, '/');
	struct td_view value = { 0 };
	char *service;

	if (kind == POSTFIX_SERVICE_LINE) {
		value = ctl_postconf_service(&plan->pc, name);
		return value.n ? text_json(value) : json_null();
	}
	if (kind == POSTFIX_PARAMETER)
		return maincf_value(main_cf, name, &plan->call->arena, &value) ? text_json(value) : json_null();
	service = slash ? td_arena_str(&plan->call->arena, td_view_mem(name, (size_t)(slash - name))) : NULL;
	if (service && ctl_postconf_override(&plan->pc, service, slash + 1, false, &value))
		return text_json(value);
	return json_null();
}

static bool next_char(const char **p, char *c)
{
	while (**p == ' ' || **p == '\t' || **p == '\n')
		++*p;
	*c = **p;
	*p += **p != '\0';
	return *c != '\0';
}

bool postfix_undo_same(const json_t *a, const json_t *b)
{
	const char *p = json_string_value(a), *q = json_string_value(b);
	char c, d;

	if (!p || !q)
		return !p && !q;
	do {
		next_char(&p, &c);
		next_char(&q, &d);
	} while (c == d && c);
	return c == d;
}
