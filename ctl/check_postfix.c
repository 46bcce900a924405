/*
 * check_postfix - what Postfix must be told so that no mail and no SMS is lost
 *
 * Facts behind the tests: a milter socket is named in smtpd_milters and non_smtpd_milters; pipe(8) bounces when its own
 * time limit ends; one exit code of pipe(8) covers all recipients of a run; canonical and virtual maps rewrite
 * recipients that a milter adds.
 */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "postconf.h"

/* tandem-pipe gives up after 30 s by itself; pipe(8)'s limit must be later. */
#define PIPE_DEADLINE_S 30

static bool get(struct ctl_check *check, const struct ctl_postconf *pc, const char *name, struct td_view *out)
{
	struct td_err err = { 0 };

	if (ctl_postconf_get(pc, name, out, &err) == TD_OK)
		return true;
	ctl_check_say(check, CTL_CHECK_FAIL, "Postfix: %s", err.text);
	return false;
}

/* memmem for views. */
static const char *find(struct td_view hay, const char *needle)
{
	return hay.n ? memmem(hay.p, hay.n, needle, strlen(needle)) : NULL;
}

static void check_milters(struct ctl_check *check, const struct ctl_postconf *pc, const char *name)
{
	struct td_view value, fallback;
	const char *socket = strrchr(check->conf->milter.listen, '/');
	const char *at, *end;

	if (!get(check, pc, name, &value) || !get(check, pc, "milter_default_action", &fallback))
		return;
	/* a chrooted smtpd names the socket relative to the queue directory: compare the last component */
	at = find(value, socket ? socket : check->conf->milter.listen);
	if (!at) {
		ctl_check_say(check, CTL_CHECK_FAIL, "Postfix: %s does not name our milter, %s (try: tandem postfix)", name,
			check->conf->milter.listen);
		return;
	}
	end = memchr(at, '}', value.n - (size_t)(at - value.p));
	if (end)
		value = td_view_mem(at, (size_t)(end - at));
	if (find(value, "default_action=accept") || (!find(value, "default_action=") && !find(fallback, "tempfail")))
		ctl_check_say(check, CTL_CHECK_FAIL,
			"Postfix: %s fails open: with the milter down, mail passes undecided and X-Tandem "
			"headers leave the house (try: default_action=tempfail beside the socket)", name);
	else
		ctl_check_say(check, CTL_CHECK_OK, "Postfix: %s names our milter and fails closed", name);
}

static void check_limits(struct ctl_check *check, const struct ctl_postconf *pc, const char *transport)
{
	char *name = td_arena_printf(pc->arena, "%s_destination_recipient_limit", transport);
	struct td_err err = { 0 };
	struct td_view value;
	char *text;

	if (!name || ctl_postconf_get(pc, name, &value, &err) != TD_OK || !td_view_eq(value, TD_VLIT("1")))
		ctl_check_say(check, CTL_CHECK_FAIL,
			"Postfix: %s must be 1: pipe(8) has one exit code for all recipients of a run (try: "
			"postconf -e %s=1)", name, name);
	else
		ctl_check_say(check, CTL_CHECK_OK, "Postfix: %s = 1", name);
	name = td_arena_printf(pc->arena, "%s_time_limit", transport);
	if (!name || ctl_postconf_get(pc, name, &value, &err) != TD_OK || value.n == 0)
		return;
	text = td_arena_str(pc->arena, value);
	/* a value with a unit other than s is long enough whatever it says, down to 1m */
	if (text && (strtol(text, NULL, 10) > PIPE_DEADLINE_S || strpbrk(text, "mhdw$")))
		ctl_check_say(check, CTL_CHECK_OK, "Postfix: %s = %s", name, text);
	else
		ctl_check_say(check, CTL_CHECK_FAIL,
			"Postfix: %s = %s: must be over %d s, or pipe(8) bounces what tandem-pipe would defer",
			name, text, PIPE_DEADLINE_S);
}

/* The line of master.cf that starts with "NAME " and is a pipe; false and a report when it is none of ours. */
static void check_service(struct ctl_check *check, const struct ctl_postconf *pc, const char *transport)
{
	struct td_view master, line;
	struct td_err err = { 0 };

	if (ctl_postconf_master(pc, &master, &err) != TD_OK) {
		ctl_check_say(check, CTL_CHECK_FAIL, "Postfix: %s", err.text);
		return;
	}
	while (td_view_next(&master, '\n', &line)) {
		size_t n = strlen(transport);

		if (line.n <= n || memcmp(line.p, transport, n) || !strchr(" \t", line.p[n]))
			continue;
		if (find(line, "tandem-pipe"))
			ctl_check_say(check, CTL_CHECK_OK, "Postfix: master.cf service %s runs tandem-pipe", transport);
		else
			ctl_check_say(check, CTL_CHECK_FAIL,
				"Postfix: master.cf service %s does not run tandem-pipe (try: tandem postfix)",
				transport);
		return;
	}
	ctl_check_say(check, CTL_CHECK_FAIL, "Postfix: master.cf has no service %s (try: tandem postfix)", transport);
}

/* Tokens must come to tandem-pipe as they are: routed by transport_maps, rewritten by nothing, in no address class. */
static void check_route(struct ctl_check *check, const struct ctl_postconf *pc)
{
	static const char *const classes[] = { "mydestination", "relay_domains", "virtual_alias_domains",
		"virtual_mailbox_domains",
		NULL };
	static const char *const rewrites[] = { "canonical_maps", "recipient_canonical_maps", "virtual_alias_maps", NULL };
	const char *domain = check->conf->token_domain;
	char *token = td_arena_printf(pc->arena, "t-0@%s", domain);
	struct td_err err = { 0 };
	struct td_view value;
	char *transport;

	if (!token)
		return;
	for (size_t i = 0; classes[i]; i++) {
		if (get(check, pc, classes[i], &value) && ctl_postconf_lists(value, td_view_str(domain)))
			ctl_check_say(check, CTL_CHECK_FAIL, "Postfix: %s holds %s; the token domain must be in no address class",
				classes[i],
				domain);
	}
	for (size_t i = 0; rewrites[i]; i++) {
		char *catch_all = td_arena_printf(pc->arena, "@%s", domain);

		if (ctl_postconf_lookup(pc, rewrites[i], token, &value, &err) == TD_OK ||
			(catch_all && ctl_postconf_lookup(pc, rewrites[i], catch_all, &value, &err) == TD_OK))
			ctl_check_say(check, CTL_CHECK_FAIL, "Postfix: %s turns tokens into %.*s; they would never arrive",
				rewrites[i],
				TD_VARG(value));
	}
	if (ctl_postconf_lookup(pc, "transport_maps", domain, &value, &err) != TD_OK) {
		ctl_check_say(check, CTL_CHECK_FAIL, "Postfix: transport_maps has no route for %s: %s (try: tandem postfix)",
			domain,
			err.text);
		return;
	}
	transport = td_arena_str(pc->arena, value);
	if (!transport)
		return;
	transport[strcspn(transport, ":")] = 0;
	ctl_check_say(check, CTL_CHECK_OK, "Postfix: %s is routed to %s", domain, transport);
	check_service(check, pc, transport);
	check_limits(check, pc, transport);
}

/* "smtpd_recipient_restrictions" must keep clients off the token domain. */
static void check_closed(struct ctl_check *check, const struct ctl_postconf *pc)
{
	static const char *const lists[] = { "smtpd_recipient_restrictions", "smtpd_relay_restrictions", NULL };
	struct td_view value;

	for (size_t i = 0; lists[i]; i++) {
		if (get(check, pc, lists[i], &value) && find(value, check->conf->token_domain)) {
			ctl_check_say(check, CTL_CHECK_OK, "Postfix: %s names %s", lists[i], check->conf->token_domain);
			return;
		}
	}
	ctl_check_say(check, CTL_CHECK_WARN,
		"Postfix: no restriction of main.cf names %s; the milter refuses it too, but Postfix should first "
		"(try: tandem postfix)", check->conf->token_domain);
}

/* Behind a content filter every mail of the Internet comes from 127.0.0.1: our milter there would trust it. */
static void check_reinjection(struct ctl_check *check, const struct ctl_postconf *pc)
{
	struct td_view master, line;
	struct td_err err = { 0 };

	if (ctl_postconf_master(pc, &master, &err) != TD_OK)
		return;
	while (td_view_next(&master, '\n', &line)) {
		const char *filter = find(line, "content_filter=");

		if (!find(line, " smtpd") || !filter)
			continue;
		filter += strlen("content_filter=");
		if (filter < line.p + line.n && *filter != ' ')
			continue; /* sets a filter, does not lift it */
		if (find(line, "smtpd_milters=") || find(line, "no_milters"))
			continue;
		ctl_check_say(check, CTL_CHECK_FAIL,
			"Postfix: master.cf: \"%.*s\" takes mail back from a content filter, and our milter stands "
			"there (try: -o smtpd_milters= on that service)", (int)(line.n < 60 ? line.n : 60), line.p);
	}
}

void ctl_check_postfix(struct ctl_check *check)
{
	struct ctl_postconf pc;
	struct td_view value;

	ctl_postconf_open(&pc, check->conf, &check->call->arena);
	if (!get(check, &pc, "mail_version", &value))
		return;
	check_milters(check, &pc, "smtpd_milters");
	check_milters(check, &pc, "non_smtpd_milters");
	if (get(check, &pc, "milter_protocol", &value) && !td_view_eq(value, TD_VLIT("6")))
		ctl_check_say(check, CTL_CHECK_FAIL,
			"Postfix: milter_protocol = %.*s: 6 is needed (try: postconf -e milter_protocol=6)",
			TD_VARG(value));
	check_route(check, &pc);
	check_closed(check, &pc);
	check_reinjection(check, &pc);
}
