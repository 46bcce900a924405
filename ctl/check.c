/*
 * check - `tandem check`: everything that can be proven before a mail is lost over it
 *
 * Each test is one line: "ok", "FAIL" or "warn" with what, why and the way out. Exit 1 on any FAIL.
 */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "crypto.h"
#include "ctl.h"
#include "prices.h"
#include "proof.h"

void ctl_check_say(struct ctl_check *check, enum ctl_check_result result, const char *fmt, ...)
{
	static const char *const words[] = { "ok", "warn", "FAIL" };
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (result == CTL_CHECK_FAIL)
		check->failures++;
	check->tests++;
	if (result == CTL_CHECK_OK && ctl_has(check->call, "quiet"))
		return;
	if (check->doc)
		json_array_append_new(check->doc, json_pack("{s:s, s:s}", "result", words[result], "text", text));
	else
		printf("%-5s %s\n", words[result], text);
}

static void conf_problem(void *arg, const char *problem)
{
	/* a doubt that stops nothing says so itself */
	ctl_check_say(arg, strstr(problem, ": warning: ") ? CTL_CHECK_WARN : CTL_CHECK_FAIL, "%s", problem);
}

static void conf_unserved(void *arg, const char *text)
{
	ctl_check_say(arg, CTL_CHECK_WARN, "%s", text);
}

static void check_secret(struct ctl_check *check)
{
	struct td_view secret = { 0 };
	struct td_err err = { 0 };

	if (td_conf_secret(check->conf->secret_file, &check->call->arena, &secret, &err) != TD_OK)
		ctl_check_say(check, CTL_CHECK_FAIL, "%s", err.text);
	else if (secret.n < 32)
		ctl_check_say(check, CTL_CHECK_FAIL, "%s: %zu bytes; at least 32 are wanted (try: openssl rand -hex 32 >%s)",
			check->conf->secret_file, secret.n, check->conf->secret_file);
	else
		ctl_check_say(check, CTL_CHECK_OK, "secret_file %s", check->conf->secret_file);
	td_secret_wipe((void *)(uintptr_t)secret.p, secret.n);
}

static void check_user(struct ctl_check *check, const char *key, const char *name)
{
	if (getpwnam(name))
		ctl_check_say(check, CTL_CHECK_OK, "users.%s = %s", key, name);
	else
		ctl_check_say(check, CTL_CHECK_FAIL, "users.%s = %s: no such user (try: adduser --system %s)", key, name, name);
}

static void check_directory(struct ctl_check *check, const char *what, const char *path, const char *owner)
{
	const struct passwd *pw = getpwnam(owner);
	struct stat st;

	if (stat(path, &st))
		ctl_check_say(check, CTL_CHECK_FAIL, "%s %s: %s (try: install -d -o %s -m 0750 %s)", what, path,
			strerror(errno),
			owner, path);
	else if (!S_ISDIR(st.st_mode))
		ctl_check_say(check, CTL_CHECK_FAIL, "%s %s: not a directory", what, path);
	else if (st.st_mode & S_IWOTH)
		ctl_check_say(check, CTL_CHECK_FAIL, "%s %s: everybody may write there (try: chmod o-w %s)", what, path, path);
	else if (pw && st.st_uid != pw->pw_uid && st.st_uid != 0 && !(st.st_mode & S_IWGRP))
		ctl_check_say(check, CTL_CHECK_FAIL, "%s %s: %s may not write there (try: chown %s %s)", what, path, owner,
			owner,
			path);
	else
		ctl_check_say(check, CTL_CHECK_OK, "%s %s", what, path);
}

static void check_parent(struct ctl_check *check, const char *what, const char *path, const char *owner)
{
	const char *slash = strrchr(path, '/');
	char *dir;

	if (!slash || slash == path)
		return;
	dir = td_arena_str(&check->call->arena, td_view_mem(path, (size_t)(slash - path)));
	if (dir)
		check_directory(check, what, dir, owner);
}

static void check_plugins(struct ctl_check *check)
{
	for (size_t i = 0; i < check->conf->nproviders; i++) {
		const struct td_conf_provider *p = &check->conf->providers[i];
		char *path = td_arena_printf(&check->call->arena, "%s/%s.so", check->conf->plugin_dir, p->plugin);
		struct stat st;

		if (!path)
			continue;
		if (stat(path, &st))
			ctl_check_say(check, CTL_CHECK_FAIL, "%s:%d: provider %s: %s: %s", p->file, p->line, p->name, path,
				strerror(errno));
		else if (st.st_uid != 0 || (st.st_mode & (S_IWGRP | S_IWOTH)))
			ctl_check_say(check, CTL_CHECK_FAIL, "%s: must belong to root and be writable by nobody else (try: chown "
				"root %s; chmod 0644 %s)", path, path, path);
		else
			ctl_check_say(check, CTL_CHECK_OK, "provider %s: %s", p->name, path);
	}
	if (check->conf->nproviders == 0)
		ctl_check_say(check, CTL_CHECK_FAIL, "no provider is configured: no SMS can go (try: providers in %s)",
			check->conf->path);
}

static void check_prices(struct ctl_check *check)
{
	for (size_t i = 0; i < check->conf->nproviders; i++) {
		const struct td_conf_provider *p = &check->conf->providers[i];
		struct td_prices prices = { 0 };
		struct td_err err;

		if (!p->prices)
			continue;
		if (td_prices_load(p->prices, &check->call->arena, &prices, &err) != TD_OK)
			ctl_check_say(check, CTL_CHECK_FAIL, "provider %s: prices: %s", p->name, err.text);
		else
			ctl_check_say(check, CTL_CHECK_OK, "provider %s: %zu prices in %s", p->name, prices.n, p->prices);
	}
}

/* Every file a provider's settings name as a secret: *_file. */
static void check_secrets(struct ctl_check *check)
{
	for (size_t i = 0; i < check->conf->nproviders; i++) {
		const struct td_conf_provider *p = &check->conf->providers[i];

		for (size_t k = 0; k < p->nsettings; k++) {
			const struct td_conf_setting *s = &p->settings[k];
			const char *slash = strrchr(check->conf->path, '/');
			const char *path = s->text;
			struct stat st;

			if (!td_view_ends(td_view_str(s->name), TD_VLIT("_file")))
				continue;
			if (*path != '/' && slash)
				path = td_arena_printf(&check->call->arena, "%.*s/%s", (int)(slash - check->conf->path),
					check->conf->path, s->text);
			if (!path || stat(path, &st))
				ctl_check_say(check, CTL_CHECK_FAIL, "%s:%d: provider %s: %s: %s: %s", s->file, s->line, p->name,
					s->name,
					s->text, strerror(errno));
			else if (st.st_mode & (S_IRWXO | S_IWGRP))
				ctl_check_say(check, CTL_CHECK_FAIL, "%s: provider %s: mode %04o lets others in (try: chmod 0640 %s)",
					path,
					p->name, (unsigned)st.st_mode & 07777, path);
			else
				ctl_check_say(check, CTL_CHECK_OK, "provider %s: %s", p->name, s->name);
		}
	}
}

static void check_templates(struct ctl_check *check)
{
	struct ctl_proofs proofs;

	if (ctl_prove_templates(check->call, TD_VLIT(""), &proofs) != TD_OK) {
		ctl_check_say(check, CTL_CHECK_FAIL, "%s", check->call->err.text);
		return;
	}
	for (size_t i = 0; i < proofs.n; i++) {
		if (!proofs.v[i].good)
			ctl_check_say(check, CTL_CHECK_FAIL, "template %s", proofs.v[i].text);
	}
	if (!proofs.bad)
		ctl_check_say(check, CTL_CHECK_OK, "%zu templates in %s", proofs.n, check->conf->template_dir);
}

static void check_daemons(struct ctl_check *check)
{
	for (int smsd = 0; smsd < 2; smsd++) {
		struct td_err err = { 0 };
		char version[64] = "";

		if (ctl_ping(check->call, smsd, version, sizeof(version), &err) == TD_OK)
			ctl_check_say(check, CTL_CHECK_OK, "tandem-%s %s answers", smsd ? "smsd" : "stored", version);
		else
			ctl_check_say(check, CTL_CHECK_WARN, "tandem-%s does not answer: %s", smsd ? "smsd" : "stored", err.text);
	}
}

static void check_policy(struct ctl_check *check)
{
	if (check->conf->nsubmitters == 0)
		ctl_check_say(check, CTL_CHECK_WARN,
			"no submitter is configured: X-Tandem headers of everybody are removed unread (try: "
			"submitters in %s)", check->conf->path);
	if (check->conf->countries.n == 0 && !check->conf->home_country)
		ctl_check_say(check, CTL_CHECK_FAIL, "neither countries nor home_country is set: no number is allowed");
}

/* Everything but Postfix's side. */
static void check_ours(struct ctl_check *check)
{
	const struct td_conf *conf = check->conf;

	td_conf_unserved(conf, conf_unserved, check);
	check_policy(check);
	check_secret(check);
	check_user(check, "milter", conf->users.milter);
	check_user(check, "smsd", conf->users.smsd);
	check_user(check, "stored", conf->users.stored);
	check_user(check, "pipe", conf->users.pipe);
	check_user(check, "postfix", conf->users.postfix);
	if (!getgrnam(conf->users.admin_group))
		ctl_check_say(check, CTL_CHECK_FAIL, "users.admin_group = %s: no such group (try: addgroup --system %s)",
			conf->users.admin_group, conf->users.admin_group);
	check_directory(check, "run_dir", conf->run_dir, conf->users.stored);
	check_parent(check, "store.path in", conf->store.path, conf->users.stored);
	check_parent(check, "store.journal in", conf->store.journal, conf->users.stored);
	check_plugins(check);
	check_secrets(check);
	check_prices(check);
	check_templates(check);
	check_daemons(check);
}

int ctl_run_check(struct ctl_call *call)
{
	struct ctl_check check = { .call = call, .doc = call->json ? json_array() : NULL };

	if (td_conf_load(call->conf_path, &call->conf, &call->err, conf_problem, &check) == TD_OK) {
		check.conf = call->conf;
		ctl_check_say(&check, CTL_CHECK_OK, "%s", call->conf_path);
		if (!ctl_has(call, "postfix"))
			check_ours(&check);
		ctl_check_postfix(&check);
	} else if (check.failures == 0) {
		ctl_check_say(&check, CTL_CHECK_FAIL, "%s", call->err.text);
	}
	if (check.doc)
		ctl_show(call, check.doc);
	else if (!ctl_has(call, "quiet"))
		printf("%d tests, %d failed\n", check.tests, check.failures);
	json_decref(check.doc);
	return check.failures ? CTL_REFUSED : CTL_DONE;
}
