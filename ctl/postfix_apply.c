/*
 * postfix_apply - `tandem postfix --apply` and `--undo`
 *
 * What was is on disk before the first change, whole files beside the single values. Undo puts the files back byte by
 * byte if nobody has touched them since; else it takes back the changes one by one, and leaves and names those that
 * somebody has changed after us.
 */
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "capture.h"
#include "maincf.h"
#include "postfix.h"
#include "postfix_undo.h"
#include "when.h"

static const char *const files[] = { "main.cf", "master.cf" };
static const char *const kinds[] = { "parameter", "service", "override" };

#define FILES (sizeof(files) / sizeof(*files))

static enum td_status read_files(const struct postfix_plan *plan, struct td_view text[FILES])
{
	for (size_t i = 0; i < FILES; i++) {
		const char *path = ctl_postconf_file(&plan->pc, files[i]);

		if (!path)
			return td_err_set(&plan->call->err, TD_NOTFOUND, "%s: where is it? (try: --config-dir)", files[i]);
		if (maincf_read(path, &plan->call->arena, &text[i], &plan->call->err) != TD_OK)
			return plan->call->err.status;
	}
	return TD_OK;
}

static enum td_status write_files(const struct postfix_plan *plan, const json_t *doc, const char *which)
{
	for (size_t i = 0; i < FILES; i++) {
		const json_t *text = json_object_get(json_object_get(json_object_get(doc, "files"), files[i]), which);
		const char *path = ctl_postconf_file(&plan->pc, files[i]);

		if (!path || !json_is_string(text))
			return td_err_set(&plan->call->err, TD_BADINPUT, "%s: %s is not in it", postfix_undo_path(plan), files[i]);
		if (maincf_write(path, td_view_mem(json_string_value(text), json_string_length(text)), &plan->call->err) !=
			TD_OK)
			return plan->call->err.status;
	}
	return TD_OK;
}

static bool note_files(const struct postfix_plan *plan, json_t *doc, const char *which)
{
	struct td_view text[FILES];
	json_t *list = json_object_get(doc, "files");

	if (read_files(plan, text) != TD_OK)
		return false;
	for (size_t i = 0; i < FILES; i++) {
		json_t *file = json_object_get(list, files[i]);

		if (!file)
			json_object_set_new(list, files[i], file = json_object());
		/* a file that is not UTF-8 cannot be kept: then single values are taken back */
		json_object_set_new(file, which, json_stringn(text[i].p ? text[i].p : "", text[i].n));
	}
	return true;
}

static json_t *record(const struct postfix_plan *plan)
{
	char at[TD_TIME_SIZE];
	json_t *doc, *list;
	struct td_view text[FILES];
	const char *main_cf = ctl_postconf_file(&plan->pc, files[0]);

	if (!main_cf || read_files(plan, text) != TD_OK)
		return NULL;
	td_when_iso(at, (int64_t)time(NULL) * 1000);
	doc = json_pack("{s:i, s:s, s:s%, s:{}, s:[]}", "version", 1, "applied_at", at, "config_directory", main_cf,
		strlen(main_cf) - strlen("/main.cf"), "files", "changes");
	list = json_object_get(doc, "changes");
	for (size_t i = 0; i < plan->n; i++) {
		const struct postfix_change *c = &plan->v[i];

		if (c->set)
			json_array_append_new(list, json_pack("{s:s, s:s, s:o, s:s}", "kind", kinds[c->kind], "name", c->name,
				"before", postfix_undo_now(plan, c->kind, c->name, text[0]), "after", c->set));
	}
	if (note_files(plan, doc, "before"))
		return doc;
	json_decref(doc);
	return NULL;
}

static enum td_status reload(const struct postfix_plan *plan)
{
	const char *const status[] = { "status", NULL }, *const again[] = { "reload", NULL };
	struct td_err none;

	if (ctl_postconf_run(&plan->pc, "postfix", status, &none) != TD_OK)
		return TD_OK; /* it does not run */
	return ctl_postconf_run(&plan->pc, "postfix", again, &plan->call->err);
}

/* master.cf first: postconf warns of sms_time_limit while there is no service sms. */
static enum td_status change(const struct postfix_plan *plan)
{
	static const enum postfix_kind order[] = { POSTFIX_SERVICE_LINE, POSTFIX_OVERRIDE, POSTFIX_PARAMETER };

	for (size_t k = 0; k < sizeof(order) / sizeof(*order); k++) {
		for (size_t i = 0; i < plan->n; i++) {
			const char *words[3];

			if (plan->v[i].kind != order[k] || !plan->v[i].set)
				continue;
			if (!postfix_plan_words(plan, &plan->v[i], words))
				return td_err_set(&plan->call->err, TD_NOMEM, "out of memory");
			if (ctl_postconf_run(&plan->pc, "postconf", words, &plan->call->err) != TD_OK)
				return plan->call->err.status;
		}
	}
	return TD_OK;
}

static enum td_status apply(const struct postfix_plan *plan, json_t *doc)
{
	const char *const check[] = { "check", NULL };
	enum td_status status = change(plan);
	struct td_err err;

	if (!status)
		status = ctl_postconf_run(&plan->pc, "postfix", check, &plan->call->err);
	if (!status)
		return TD_OK;
	err = plan->call->err;
	if (write_files(plan, doc, "before") == TD_OK) {
		unlink(postfix_undo_path(plan));
		td_err_prefix(&err, "nothing is changed");
	} else {
		td_err_prefix(&err, "half of it is changed (try: tandem postfix --undo)");
	}
	plan->call->err = err;
	return status;
}

int postfix_apply(struct postfix_plan *plan)
{
	struct ctl_call *call = plan->call;
	json_t *doc = NULL;
	enum td_status status = postfix_undo_read(plan, &doc);
	int result;

	if (status == TD_OK && plan->open) {
		td_err_set(&call->err, TD_REFUSED,
			"applied already on %s: %s keeps what was before (try: tandem postfix --undo, "
			"then again)", json_string_value(json_object_get(doc, "applied_at")), postfix_undo_path(plan));
		result = ctl_fail(call);
	} else if (status != TD_OK && status != TD_NOTFOUND) {
		result = ctl_fail(call);
	} else if (!plan->open) {
		puts("Postfix is right already: nothing is changed");
		result = CTL_DONE;
	} else {
		doc = record(plan);
		if (!doc || postfix_undo_write(plan, doc) != TD_OK || apply(plan, doc) != TD_OK ||
			!note_files(plan, doc, "after") ||
			postfix_undo_write(plan, doc) != TD_OK || reload(plan) != TD_OK) {
			result = ctl_fail(call);
		} else {
			printf("%zu changes made; what was before is in %s (tandem postfix --undo)\n", plan->open,
				postfix_undo_path(plan));
			result = CTL_DONE;
		}
	}
	json_decref(doc);
	return result;
}

/* ---- undo ---- */

static bool untouched(const struct postfix_plan *plan, const json_t *doc)
{
	struct td_view text[FILES];

	if (read_files(plan, text) != TD_OK)
		return false;
	for (size_t i = 0; i < FILES; i++) {
		const json_t *file = json_object_get(json_object_get(doc, "files"), files[i]);
		const json_t *after = json_object_get(file, "after");

		if (!json_is_string(after) || !json_is_string(json_object_get(file, "before")) ||
			!td_view_eq(text[i], td_view_mem(json_string_value(after), json_string_length(after))))
			return false;
	}
	return true;
}

static enum postfix_kind kind_of(const json_t *item)
{
	const char *kind = json_string_value(json_object_get(item, "kind"));

	for (size_t i = 0; kind && i < sizeof(kinds) / sizeof(*kinds); i++) {
		if (!strcmp(kind, kinds[i]))
			return (enum postfix_kind)i;
	}
	return POSTFIX_PARAMETER;
}

static enum td_status take_back(const struct postfix_plan *plan, enum postfix_kind kind, const char *name,
	const char *before)
{
	static const char *const set[] = { "-e", "-M", "-P" }, *const drop[] = { "-X", "-MX", "-PX" };
	const char *words[] = { before ? set[kind] : drop[kind], name, NULL };

	if (before) {
		words[1] = td_arena_printf(&plan->call->arena, "%s=%s", name, before);
		if (!words[1])
			return td_err_set(&plan->call->err, TD_NOMEM, "out of memory");
	}
	return ctl_postconf_run(&plan->pc, "postconf", words, &plan->call->err);
}

/* One by one, parameters before services; counts those that somebody else has changed since. */
static enum td_status take_back_all(const struct postfix_plan *plan, const json_t *changes, size_t *left)
{
	struct td_view text[FILES];

	if (read_files(plan, text) != TD_OK)
		return plan->call->err.status;
	for (int services = 0; services < 2; services++) {
		size_t i;
		json_t *item;

		json_array_foreach(changes, i, item) {
			enum postfix_kind kind = kind_of(item);
			const char *name = json_string_value(json_object_get(item, "name"));
			const json_t *before = json_object_get(item, "before"), *after = json_object_get(item, "after");
			json_t *now;
			bool ours, done;

			if (!name || (kind == POSTFIX_SERVICE_LINE) != (services == 1))
				continue;
			now = postfix_undo_now(plan, kind, name, text[0]);
			ours = postfix_undo_same(now, after);
			done = postfix_undo_same(now, before);
			json_decref(now);
			if (!ours && !done) {
				fprintf(stderr, "tandem: %s: has been changed since: left as it is\n", name);
				++*left;
			} else if (!done && take_back(plan, kind, name, json_string_value(before)) != TD_OK) {
				return plan->call->err.status;
			}
		}
	}
	return TD_OK;
}

/* A token that waits in the queue would have nowhere to go, and its sender would hear of an address he never wrote. */
static enum td_status no_token_waits(const struct postfix_plan *plan)
{
	const char *const argv[] = { "postqueue", "-c", plan->pc.dir ? plan->pc.dir : "/etc/postfix", "-p", NULL };
	struct td_err *err = &plan->call->err;
	char *mark = td_arena_printf(&plan->call->arena, "@%s", plan->call->conf->token_domain);
	struct td_view queue = { 0 };
	int ended = 0;

	if (!mark || ctl_capture(argv, &plan->call->arena, &queue, &ended, err) != TD_OK || ended)
		return td_err_set(err, TD_TEMPFAIL,
			"Postfix's queue cannot be read to its end, and SMS may wait in it (try: postqueue -p; or --force)");
	if (queue.n && memmem(queue.p, queue.n, mark, strlen(mark)))
		return td_err_set(err, TD_TEMPFAIL,
			"SMS wait in Postfix's queue, and could not be delivered any more (try: "
			"postqueue -f, then again; or --force)");
	return TD_OK;
}

static enum td_status undo(const struct postfix_plan *plan, const json_t *doc, size_t *left)
{
	struct ctl_call *call = plan->call;
	const char *dir = json_string_value(json_object_get(doc, "config_directory"));
	const char *main_cf = ctl_postconf_file(&plan->pc, files[0]);
	enum td_status status;

	if (!dir || !main_cf || strncmp(main_cf, dir, strlen(dir)) || strcmp(main_cf + strlen(dir), "/main.cf"))
		return td_err_set(&call->err, TD_REFUSED, "%s is of %s (try: --config-dir %s)", postfix_undo_path(plan),
			dir ? dir : "nowhere", dir ? dir : "DIR");
	if (!ctl_has(call, "force") && no_token_waits(plan) != TD_OK)
		return call->err.status;
	status = untouched(plan, doc) ? write_files(plan, doc, "before") :
		take_back_all(plan, json_object_get(doc, "changes"), left);
	return status ? status : reload(plan);
}

int postfix_undo(struct postfix_plan *plan)
{
	struct ctl_call *call = plan->call;
	json_t *doc = NULL;
	size_t left = 0;
	enum td_status status = postfix_undo_read(plan, &doc);
	const char *path = postfix_undo_path(plan);

	if (status == TD_NOTFOUND)
		td_err_set(&call->err, TD_NOTFOUND, "nothing was applied: there is no %s", path);
	if (!status)
		status = undo(plan, doc, &left);
	json_decref(doc);
	if (status)
		return ctl_fail(call);
	if (left) {
		char *old = td_arena_printf(&call->arena, "%s.old", path);

		if (old && rename(path, old) == 0)
			fprintf(stderr, "tandem: %s has what stood there before\n", old);
		return CTL_REFUSED;
	}
	unlink(path);
	puts("Postfix is as it was");
	return CTL_DONE;
}
