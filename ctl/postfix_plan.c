/*
 * postfix_plan - what has to be changed in this system's main.cf and master.cf
 *
 * What is there stays: ours is put in front of a list, never in its place, and it is written as the administrator wrote
 * it ($smtpd_milters stays $smtpd_milters). In front, because our milter removes headers that a DKIM signer would sign,
 * and because the first restriction that matches decides.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "postfix.h"

#define STRIP_TABLE "regexp:{ { /^X-Tandem-[A-Za-z-]*:/ IGNORE } }"
#define STATUS_TABLE "regexp:{ { /^5\\.3\\.0 (Command (time limit exceeded|died).*)/ 4.3.0 $$1 } }"

#define LIST_MAX (1u << 20) /* of one list value */

#define print(plan, ...) td_arena_printf(&(plan)->call->arena, __VA_ARGS__)

static void add(struct postfix_plan *plan, enum postfix_kind kind, const char *name, const char *set, const char *why)
{
	for (size_t i = 0; i < plan->n; i++) {
		if (plan->v[i].kind == kind && !strcmp(plan->v[i].name, name))
			return; /* another listener wants it as well */
	}
	if (plan->n == POSTFIX_CHANGES)
		return;
	plan->v[plan->n++] = (struct postfix_change){ kind, name, set, why };
	plan->open += set != NULL;
}

static bool holds(struct td_view value, const char *part)
{
	return value.n && memmem(value.p, value.n, part, strlen(part));
}

/* As it is written; a default that comes to nothing is nothing. */
static struct td_view written(const struct postfix_plan *plan, const char *name)
{
	struct td_view raw = { 0 }, value = { 0 };
	struct td_err err;

	if (ctl_postconf_get(&plan->pc, name, &value, &err) != TD_OK ||
		ctl_postconf_raw(&plan->pc, name, &raw, &err) != TD_OK)
		return (struct td_view){ 0 };
	/* "$relay_domains" may come to something once we have been here; an expression on compatibility_level will not */
	return value.n || !td_view_starts(raw, TD_VLIT("${")) ? raw : (struct td_view){ 0 };
}

static struct td_view expanded(const struct postfix_plan *plan, const char *name)
{
	struct td_view value = { 0 };
	struct td_err err;

	if (ctl_postconf_get(&plan->pc, name, &value, &err) != TD_OK)
		return (struct td_view){ 0 };
	return value;
}

/* Our part in front of what is there. */
static const char *in_front(const struct postfix_plan *plan, const char *ours, struct td_view old)
{
	return print(plan, "%s%s%.*s", ours, old.n ? ", " : "", TD_VARG(old));
}

/* A parameter that must hold a part of ours. */
static void put_front(struct postfix_plan *plan, const char *name, const char *ours, const char *mark, const char *why)
{
	bool there = holds(expanded(plan, name), mark);

	add(plan, POSTFIX_PARAMETER, name, there ? NULL : in_front(plan, ours, written(plan, name)), why);
}

static void put(struct postfix_plan *plan, const char *name, const char *value, const char *why)
{
	bool there = td_view_eq(expanded(plan, name), td_view_str(value));

	add(plan, POSTFIX_PARAMETER, name, there ? NULL : value, why);
}

/* ---- milters ---- */

/* In a chroot, smtpd and cleanup see the queue directory as /; out of it, it is their working directory. */
static const char *milter_name(const struct postfix_plan *plan)
{
	const char *listen = plan->call->conf->milter.listen;
	struct td_view queue = expanded(plan, "queue_directory"), path = td_view_str(listen);

	if (!td_view_starts(path, TD_VLIT("unix:")))
		return listen;
	path = td_view_skip(path, 5);
	if (queue.n && td_view_starts(path, queue) && path.n > queue.n + 1 && path.p[queue.n] == '/')
		return print(plan, "unix:%.*s", TD_VARG(td_view_skip(path, queue.n + 1)));
	return listen;
}

bool postfix_names_milter(const struct postfix_plan *plan, struct td_view value)
{
	struct td_view item;

	while (ctl_postconf_item(&value, &item)) {
		size_t n = strlen(plan->milter);
		const char *at = item.n ? memmem(item.p, item.n, plan->milter, n) : NULL;
		const char *listen = plan->call->conf->milter.listen;

		if (at && (at + n == item.p + item.n || strchr(" \t,}", at[n])))
			return true;
		n = strlen(listen);
		at = item.n ? memmem(item.p, item.n, listen, n) : NULL;
		if (at && (at + n == item.p + item.n || strchr(" \t,}", at[n])))
			return true;
	}
	return false;
}

/* An entry of ours that does what the other of fail-closed and fail-open wants is written anew where it stands. */
static const char *milters(const struct postfix_plan *plan, struct td_view now, struct td_view old)
{
	struct td_view item, rest = old;
	struct td_buf buf;
	const char *out;
	size_t n = 0;

	if (!postfix_names_milter(plan, now))
		return in_front(plan, plan->entry, old);
	if (!postfix_names_milter(plan, old) || holds(old, plan->entry))
		return NULL; /* by another parameter, which is in the plan itself */
	if (!plan->fail_open && !holds(old, "default_action=accept") && holds(old, "default_action="))
		return NULL;
	td_buf_init(&buf, LIST_MAX);
	while (ctl_postconf_item(&rest, &item)) {
		td_buf_str(&buf, n++ ? ", " : "");
		td_buf_add(&buf, postfix_names_milter(plan, item) ? td_view_str(plan->entry) : item);
	}
	out = td_arena_str(&plan->call->arena, td_buf_view(&buf));
	td_buf_free(&buf);
	return out;
}

static void plan_milters(struct postfix_plan *plan)
{
	add(plan, POSTFIX_PARAMETER, "smtpd_milters",
		milters(plan, expanded(plan, "smtpd_milters"), written(plan, "smtpd_milters")),
		"our milter stands before a DKIM signer: it removes headers");
	if (td_view_eq(written(plan, "non_smtpd_milters"), TD_VLIT("$smtpd_milters")))
		add(plan, POSTFIX_PARAMETER, "non_smtpd_milters", NULL, NULL);
	else
		add(plan, POSTFIX_PARAMETER, "non_smtpd_milters",
			milters(plan, expanded(plan, "non_smtpd_milters"), written(plan, "non_smtpd_milters")),
			"sendmail(1) submission passes it too");
}

/* ---- routes and limits ---- */

static void plan_routes(struct postfix_plan *plan)
{
	const struct td_conf *conf = plan->call->conf;
	const char *to = plan->lmtp ? print(plan, "sms-lmtp:%s", conf->smsd.lmtp) : "sms:";
	struct td_view old = { 0 };
	struct td_err err;
	bool token, numbers;
	const char *maps = NULL;

	token = ctl_postconf_lookup(&plan->pc, "transport_maps", conf->token_domain, &old, &err) == TD_OK &&
		td_view_eq(old, td_view_str(to));
	numbers = ctl_postconf_lookup(&plan->pc, "transport_maps", conf->sms_domain, &old, &err) == TD_OK &&
		td_view_eq(old, td_view_str(to));
	if (!token || !numbers)
		maps = in_front(plan, print(plan, "inline:{ { %s = %s }, { %s = %s } }", conf->token_domain, to,
			conf->sms_domain, to), written(plan, "transport_maps"));
	add(plan, POSTFIX_PARAMETER, "transport_maps", maps,
		"tokens and numbers go to Tandem; the token domain stays out of every address class");
	add(plan, POSTFIX_PARAMETER, "relay_domains",
		ctl_postconf_lists(expanded(plan, "relay_domains"), td_view_str(conf->sms_domain)) ? NULL :
			in_front(plan, conf->sms_domain, written(plan, "relay_domains")),
		"numbers are addresses that this system takes mail for");
	if (expanded(plan, "relay_recipient_maps").n)
		put_front(plan, "relay_recipient_maps", print(plan, "inline:{ { @%s = OK } }", conf->sms_domain),
			print(plan, "@%s", conf->sms_domain), "its numbers are judged by the milter");
	add(plan, POSTFIX_PARAMETER, "fast_flush_domains",
		ctl_postconf_lists(expanded(plan, "fast_flush_domains"), td_view_str(conf->token_domain)) ? NULL :
			in_front(plan, conf->token_domain, written(plan, "fast_flush_domains")),
		"tandem-smsd asks for waiting tokens when it starts");
}

static void plan_limits(struct postfix_plan *plan)
{
	put(plan, "sms_destination_recipient_limit", "1", "one exit code of pipe(8) covers all recipients of a run");
	put(plan, "sms_time_limit", "60s", "later than tandem-pipe's own: pipe(8) bounces at its limit");
	put_front(plan, "pipe_delivery_status_filter", STATUS_TABLE, "Command (time limit exceeded|died)",
		"a crash or a time limit of pipe(8) defers instead of bouncing");
}

static const char *reject(const struct postfix_plan *plan)
{
	return print(plan, "check_recipient_access inline:{ { %s = REJECT 5.7.1 private domain of Tandem } }",
		plan->call->conf->token_domain);
}

/* ---- master.cf ---- */

static const char *pipe_path(const struct postfix_plan *plan)
{
	struct td_view said = ctl_arg(plan->call, "pipe");
	char self[4096], *slash;
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	const char *path;

	if (said.n)
		return print(plan, "%.*s", TD_VARG(said));
	if (n > 0) {
		self[n] = '\0';
		slash = strrchr(self, '/');
		if (slash) /* PREFIX/bin/tandem → PREFIX/sbin/tandem-pipe */
			*slash = '\0';
		slash = strrchr(self, '/');
		if (slash && !strcmp(slash, "/bin")) {
			*slash = '\0';
			path = print(plan, "%s/sbin/tandem-pipe", self);
			if (path && !access(path, X_OK))
				return path;
		}
	}
	return "/usr/sbin/tandem-pipe";
}

static enum td_status plan_services(struct postfix_plan *plan)
{
	const struct td_conf *conf = plan->call->conf;
	struct td_view sms = ctl_postconf_service(&plan->pc, POSTFIX_SERVICE);
	struct td_view lmtp = ctl_postconf_service(&plan->pc, POSTFIX_LMTP_SERVICE);

	if (sms.n && !holds(sms, "tandem-pipe"))
		return td_err_set(&plan->call->err, TD_CONFLICT,
			"master.cf has a service sms that does not run tandem-pipe (try: rename it there)");
	add(plan, POSTFIX_SERVICE_LINE, POSTFIX_SERVICE, sms.n ? NULL :
		print(plan, "sms unix - n n - 20 pipe flags=X user=%s null_sender= argv=%s -s %s/smsd.pipe.sock -d %s "
			"-q ${queue_id} -f ${sender} -a ${client_address} -u ${sasl_username} -- ${recipient}", conf->users.pipe,
			pipe_path(plan), conf->run_dir, conf->token_domain),
		"what pipe(8) runs for a token");
	if (plan->lmtp)
		add(plan, POSTFIX_SERVICE_LINE, POSTFIX_LMTP_SERVICE, lmtp.n ? NULL :
			"sms-lmtp unix - - n - 20 lmtp -o lmtp_send_xforward_command=yes -o lmtp_header_checks=",
			"lmtp(8) into tandem-smsd, with the client's address, and every header as it is");
	return TD_OK;
}

/* Takes mail back from a content filter: lifts the filter that others set. */
static bool is_reinjection(const struct postfix_plan *plan, const char *service)
{
	struct td_view filter;

	return ctl_postconf_override(&plan->pc, service, "content_filter", true, &filter) && filter.n == 0;
}

/* A list as `postconf -P` takes it, without white space; NULL when that cannot be: braces that hold some. */
static const char *without_space(const struct postfix_plan *plan, struct td_view list)
{
	struct td_view item;
	struct td_buf buf;
	const char *out = NULL;
	bool good = true;

	td_buf_init(&buf, LIST_MAX);
	while (ctl_postconf_item(&list, &item)) {
		if (buf.n)
			td_buf_byte(&buf, ',');
		td_buf_add(&buf, item);
		for (size_t i = 0; i < item.n; i++)
			good = good && !strchr(" \t\n", item.p[i]);
	}
	if (good)
		out = td_arena_str(&plan->call->arena, td_buf_view(&buf));
	td_buf_free(&buf);
	return out;
}

/* Puts ours in front of what a listener has; ours has spaces, and stands in a parameter of its own therefore. */
static void override_front(struct postfix_plan *plan, const char *service, const char *key, const char *macro,
	const char *ours, struct td_view old)
{
	const char *rest = without_space(plan, old);

	if (!rest)
		return; /* `tandem check` speaks of it */
	if (!td_view_eq(expanded(plan, macro), td_view_str(ours)))
		add(plan, POSTFIX_PARAMETER, macro, ours, "for listeners with lists of their own");
	add(plan, POSTFIX_OVERRIDE, print(plan, "%s/%s", service, key),
		print(plan, "$%s%s%s", macro, *rest ? "," : "", rest),
		NULL);
}

static void plan_listener(struct postfix_plan *plan, const char *service)
{
	static const char milters_key[] = "smtpd_milters", restrictions_key[] = "smtpd_recipient_restrictions";
	const char *token_domain = plan->call->conf->token_domain, *rest;
	struct td_view value, raw = { 0 };
	bool own = ctl_postconf_override(&plan->pc, service, milters_key, true, &value);

	if (is_reinjection(plan, service)) {
		if (!own)
			add(plan, POSTFIX_OVERRIDE, print(plan, "%s/%s", service, milters_key), "",
				"mail that comes back from a content filter has been seen");
		rest = without_space(plan, written(plan, restrictions_key));
		if (rest && !ctl_postconf_override(&plan->pc, service, restrictions_key, false, &value) &&
			!holds(expanded(plan, restrictions_key), token_domain))
			add(plan, POSTFIX_OVERRIDE, print(plan, "%s/%s", service, restrictions_key), rest,
				"and its token must come back with it");
		return;
	}
	if (own && value.n && !postfix_names_milter(plan, value) &&
		ctl_postconf_override(&plan->pc, service, milters_key, false, &raw))
		override_front(plan, service, milters_key, "tandem_milter", plan->entry, raw);
	if (ctl_postconf_override(&plan->pc, service, restrictions_key, true, &value) && !holds(value, token_domain) &&
		ctl_postconf_override(&plan->pc, service, restrictions_key, false, &raw))
		override_front(plan, service, restrictions_key, "tandem_recipients", reject(plan), raw);
}

static void plan_listeners(struct postfix_plan *plan)
{
	struct td_view master;
	struct ctl_service service;
	struct td_err err;

	if (ctl_postconf_master(&plan->pc, &master, &err) != TD_OK)
		return;
	while (ctl_postconf_next(&plan->pc, &master, &service)) {
		if (td_view_eq(service.command, TD_VLIT("smtpd")))
			plan_listener(plan, service.name);
	}
}

enum td_status postfix_plan_open(struct postfix_plan *plan, struct ctl_call *call)
{
	struct td_view version;

	*plan = (struct postfix_plan){ .call = call, .fail_open = ctl_has(call, "fail-open"),
		.lmtp = ctl_has(call, "lmtp") };
	ctl_postconf_open(&plan->pc, call->conf, &call->arena);
	if (ctl_has(call, "config-dir"))
		plan->pc.dir = td_arena_str(&call->arena, ctl_arg(call, "config-dir"));
	plan->milter = milter_name(plan);
	return ctl_postconf_get(&plan->pc, "mail_version", &version, &call->err);
}

enum td_status postfix_plan_make(struct postfix_plan *plan)
{
	struct ctl_call *call = plan->call;
	const struct td_conf *conf = call->conf;
	enum td_status status;

	if (plan->lmtp && !conf->smsd.lmtp)
		return td_err_set(&call->err, TD_REFUSED, "smsd.lmtp is not set (try: smsd = { lmtp = "
			"\"unix:/var/spool/postfix/tandem/lmtp.sock\"; } in %s)", conf->path);
	plan->entry = print(plan, "{ %s, connect_timeout=5s, command_timeout=30s, content_timeout=60s, default_action=%s }",
		plan->milter, plan->fail_open ? "accept" : "tempfail");
	status = plan_services(plan);
	if (status)
		return status;
	plan_listeners(plan); /* before main.cf: they may need what stands there now */
	plan_milters(plan);
	plan_routes(plan);
	plan_limits(plan);
	put_front(plan, "smtpd_recipient_restrictions", reject(plan), conf->token_domain,
		"no SMTP client may address a token");
	if (plan->fail_open) {
		put_front(plan, "smtp_header_checks", STRIP_TABLE, "X-Tandem-", "with the milter down, our headers end here");
		put_front(plan, "lmtp_header_checks", STRIP_TABLE, "X-Tandem-", NULL);
	}
	return td_arena_full(&call->arena) ? td_err_set(&call->err, TD_NOMEM, "out of memory") : TD_OK;
}

bool postfix_plan_words(const struct postfix_plan *plan, const struct postfix_change *change, const char *argv[3])
{
	static const char *const flags[] = { "-e", "-M", "-P" };

	argv[0] = flags[change->kind];
	argv[1] = print(plan, "%s=%s", change->name, change->set);
	argv[2] = NULL;
	return argv[1] != NULL;
}
