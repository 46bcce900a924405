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
#include "postfix.h"

/* tandem-pipe gives up after 30 s by itself; pipe(8)'s limit must be later. */
#define PIPE_DEADLINE_S 30

struct side { /* what the tests share */
	struct ctl_check    *check;
	struct postfix_plan  plan; /* for its knowledge of Postfix and of our milter's name; nothing is planned */
};

#define say ctl_check_say

static struct td_view value_of(struct side *side, const char *name)
{
	struct td_view value = { 0 };
	struct td_err err;

	if (ctl_postconf_get(&side->plan.pc, name, &value, &err) != TD_OK)
		return (struct td_view){ 0 };
	return value;
}

static bool holds(struct td_view hay, const char *needle)
{
	return hay.n && memmem(hay.p, hay.n, needle, strlen(needle));
}

/* A time of Postfix in seconds: "60s", "5d"; no unit is def. -1: not to be read. */
static int64_t seconds(struct td_view text, char def)
{
	static const struct {
		char    unit;
		int64_t s;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 }, { 'w', 604800 } };
	int64_t n;

	if (text.n && text.p[text.n - 1] >= 'a') {
		def = text.p[text.n - 1];
		text.n--;
	}
	for (size_t i = 0; td_view_i64(text, &n) && i < sizeof(units) / sizeof(*units); i++) {
		if (units[i].unit == def)
			return n * units[i].s;
	}
	return -1;
}

/* ---- milters ---- */

static bool strips(struct side *side)
{
	return holds(value_of(side, "smtp_header_checks"), "X-Tandem-");
}

static void check_action(struct side *side, const char *where, struct td_view item)
{
	bool said = holds(item, "default_action="), accepts = said ? holds(item, "default_action=accept") :
		!td_view_eq(value_of(side, "milter_default_action"), TD_VLIT("tempfail"));

	if (!accepts && said && !holds(item, "default_action=tempfail"))
		say(side->check, CTL_CHECK_FAIL,
			"Postfix: %s: with the milter down, our entry neither defers nor passes mail (try: "
			"default_action=tempfail beside the socket)", where);
	else if (!accepts)
		say(side->check, CTL_CHECK_OK, "Postfix: %s names our milter and fails closed", where);
	else
		say(side->check, strips(side) ? CTL_CHECK_WARN : CTL_CHECK_FAIL,
			"Postfix: %s fails open: with the milter down, mail passes undecided%s", where, strips(side) ?
			"; our headers are stripped when it leaves" : ", X-Tandem headers included (try: default_action=tempfail "
			"beside the socket; or tandem postfix --apply --fail-open)");
}

static bool signs(struct td_view item)
{
	static const char *const signers[] = { "dkim", ":8891", ":8892", ":12301", "rspamd", ":11332", NULL };

	for (size_t i = 0; signers[i]; i++) {
		if (holds(item, signers[i]))
			return true;
	}
	return false;
}

/* One value of smtpd_milters, of main.cf or of a listener. */
static void check_milters(struct side *side, const char *where, struct td_view value)
{
	struct td_view item, signer = { 0 };

	if (!postfix_names_milter(&side->plan, value)) {
		say(side->check, CTL_CHECK_FAIL,
			"Postfix: %s does not name our milter, %s: what comes in there is not looked at "
			"(try: tandem postfix)", where, side->check->conf->milter.listen);
		return;
	}
	while (ctl_postconf_item(&value, &item)) {
		if (postfix_names_milter(&side->plan, item)) {
			check_action(side, where, item);
			break;
		}
		if (signs(item))
			signer = item;
	}
	if (signer.n)
		say(side->check, CTL_CHECK_FAIL,
			"Postfix: %s: our milter stands behind %.*s, which signs headers that we remove "
			"(try: put ours first)", where, TD_VARG(signer));
}

/*
 * The macros tandem-milter reads: Postfix sends those of these lists, and a list somebody has made his own may lack
 * one.
 */
static void check_macros(struct side *side)
{
	static const struct {
		const char *list, *macros[5], *what;
	} needs[] = {
		{ "milter_connect_macros", { "{daemon_name}", NULL }, "submitters with a daemon match nobody" },
		{ "milter_mail_macros", { "i", "{auth_authen}", "{mail_mailer}", "{mail_addr}", NULL },
			"submitters by login match nobody, and local submission is not told from SMTP" },
		{ "milter_helo_macros", { "{cert_subject}", "{cert_issuer}", NULL },
			"submitters by certificate match nobody" },
		{ "milter_end_of_data_macros", { "i", NULL }, "our log lines have no queue id" },
	};

	for (size_t k = 0; k < sizeof(needs) / sizeof(*needs); k++) {
		struct td_view list = value_of(side, needs[k].list);

		for (size_t i = 0; needs[k].macros[i]; i++) {
			char *bare = td_arena_printf(side->plan.pc.arena, "%s", needs[k].macros[i] + (*needs[k].macros[i] == '{'));

			if (bare)
				bare[strcspn(bare, "}")] = '\0';
			if (list.n && !ctl_postconf_lists(list, td_view_str(needs[k].macros[i])) &&
				(!bare || !ctl_postconf_lists(list, td_view_str(bare))))
				say(side->check, CTL_CHECK_FAIL, "Postfix: %s lacks %s: %s (try: postconf -X %s)", needs[k].list,
					needs[k].macros[i], needs[k].what, needs[k].list);
		}
	}
}

static void check_protocol(struct side *side)
{
	struct td_view version = value_of(side, "milter_protocol");

	if (version.n && !td_view_eq(version, TD_VLIT("6")))
		say(side->check, CTL_CHECK_FAIL,
			"Postfix: milter_protocol = %.*s: 6 is needed (try: postconf -e milter_protocol=6)",
			TD_VARG(version));
	version = value_of(side, "compatibility_level");
	if (td_view_eq(version, TD_VLIT("0")))
		say(side->check, CTL_CHECK_FAIL,
			"Postfix: compatibility_level = 0: Postfix runs with the defaults of old, and its "
			"log is full of warnings (try: postconf compatibility_level=3.6)");
}

/* ---- listeners ---- */

static bool in_chroot_sees(struct side *side)
{
	struct td_view name = td_view_str(side->plan.milter);

	return !td_view_starts(name, TD_VLIT("unix:/"));
}

static void check_listener(struct side *side, const struct ctl_service *service,
	const struct td_view *main_restrictions)
{
	const struct ctl_postconf *pc = &side->plan.pc;
	const char *domain = side->check->conf->token_domain, *name = service->name;
	struct td_view milters = value_of(side, "smtpd_milters"), filter, value = *main_restrictions;
	bool own = ctl_postconf_override(pc, name, "smtpd_milters", true, &milters);
	bool back = ctl_postconf_override(pc, name, "content_filter", true, &filter) && filter.n == 0;
	bool ours = postfix_names_milter(&side->plan, milters);

	ctl_postconf_override(pc, name, "smtpd_recipient_restrictions", true, &value);
	if (back) {
		if (ours)
			say(side->check, CTL_CHECK_FAIL,
				"Postfix: master.cf: %s takes mail back from a content filter, and our milter "
				"stands there: all mail of the Internet would come from 127.0.0.1 (try: -o smtpd_milters= on it)",
					name);
		if (holds(value, domain))
			say(side->check, CTL_CHECK_FAIL,
				"Postfix: master.cf: %s takes mail back from a content filter, and refuses the "
				"tokens that come back with it (try: smtpd_recipient_restrictions of its own, without %s)", name,
					domain);
		return;
	}
	if (ours && service->chroot && !in_chroot_sees(side))
		say(side->check, CTL_CHECK_FAIL, "Postfix: master.cf: %s runs in the queue directory and cannot see %s (try: "
			"milter.listen below queue_directory)", name, side->plan.milter);
	if (own && milters.n == 0)
		say(side->check, CTL_CHECK_WARN,
			"Postfix: master.cf: %s has no milters: what comes in there is not looked at, and "
			"X-Tandem headers stay in it", name);
	else if (own)
		check_milters(side, td_arena_printf(pc->arena, "master.cf: %s", name), milters);
	if (!holds(value, domain))
		say(side->check, ours ? CTL_CHECK_WARN : CTL_CHECK_FAIL,
			"Postfix: %s does not refuse %s%s (try: tandem postfix)", name, domain, ours ?
			"; the milter does, but Postfix should first" :
			", and no milter stands there: anybody may address a token");
}

static void check_listeners(struct side *side, struct td_view master)
{
	struct td_view restrictions = value_of(side, "smtpd_recipient_restrictions");
	struct td_view relay = value_of(side, "smtpd_relay_restrictions");
	struct ctl_service service;
	size_t before = (size_t)side->check->tests;

	if (holds(relay, side->check->conf->token_domain))
		restrictions = relay;
	while (ctl_postconf_next(&side->plan.pc, &master, &service)) {
		if (td_view_eq(service.command, TD_VLIT("smtpd")))
			check_listener(side, &service, &restrictions);
	}
	if ((size_t)side->check->tests == before)
		say(side->check, CTL_CHECK_OK, "Postfix: no listener takes mail to %s", side->check->conf->token_domain);
}

/* ---- the route of tokens ---- */

static void check_numbers(struct side *side, const char *transport)
{
	char *name = td_arena_printf(side->plan.pc.arena, "%s_destination_recipient_limit", transport);
	struct td_view limit = name ? value_of(side, name) : (struct td_view){ 0 };
	int64_t s;

	if (!td_view_eq(limit, TD_VLIT("1")))
		say(side->check, CTL_CHECK_FAIL, "Postfix: %s must be 1: pipe(8) has one exit code for all recipients of a run "
			"(try: postconf -e %s=1)", name, name);
	name = td_arena_printf(side->plan.pc.arena, "%s_time_limit", transport);
	limit = name ? value_of(side, name) : limit;
	s = seconds(limit, 's');
	if (s >= 0 && (s <= PIPE_DEADLINE_S || s * 1000 <= side->check->conf->smsd.peer_wait_ms))
		say(side->check, CTL_CHECK_FAIL,
			"Postfix: %s = %.*s: must be over %d s and smsd.peer_wait, or pipe(8) bounces what "
			"tandem-pipe would defer (try: postconf -e %s=60s)", name, TD_VARG(limit), PIPE_DEADLINE_S, name);
	s = seconds(value_of(side, "maximal_queue_lifetime"), 'd');
	if (s >= 0 && s * 1000 > side->check->conf->store.prepared_max_ms)
		say(side->check, CTL_CHECK_FAIL,
			"Postfix: maximal_queue_lifetime is longer than store.prepared_max: a token could "
			"outlive its job (try: store.prepared_max of a day more)");
}

static void check_pipe(struct side *side, const struct ctl_service *service, const char *transport)
{
	char *user = td_arena_printf(side->plan.pc.arena, "user=%s", side->check->conf->users.pipe);
	char *socket = td_arena_printf(side->plan.pc.arena, "%s/smsd.pipe.sock", side->check->conf->run_dir);
	int before = side->check->failures;

	if (!holds(service->line, "tandem-pipe")) {
		say(side->check, CTL_CHECK_FAIL,
			"Postfix: master.cf: service %s does not run tandem-pipe (try: tandem postfix)",
			transport);
		return;
	}
	if (user && !holds(service->line, user))
		say(side->check, CTL_CHECK_FAIL,
			"Postfix: master.cf: service %s does not run as %s: tandem-smsd lets nobody else in "
			"(try: %s in its line)", transport, side->check->conf->users.pipe, user);
	if (!holds(service->line, "null_sender="))
		say(side->check, CTL_CHECK_FAIL, "Postfix: master.cf: service %s lacks null_sender=: a bounce would come from "
			"MAILER-DAEMON and be answered (try: null_sender= in its line)", transport);
	if (socket && !holds(service->line, socket))
		say(side->check, CTL_CHECK_FAIL,
			"Postfix: master.cf: service %s does not name %s, where tandem-smsd listens (try: -s "
			"%s)", transport, socket, socket);
	check_numbers(side, transport);
	if (side->check->failures == before)
		say(side->check, CTL_CHECK_OK, "Postfix: master.cf: service %s runs tandem-pipe, one token a time", transport);
}

static void check_transport(struct side *side, struct td_view master, struct td_view route)
{
	char *transport = td_arena_str(side->plan.pc.arena, route);
	struct ctl_service service;
	char *name;

	if (!transport)
		return;
	transport[strcspn(transport, ":")] = '\0';
	name = td_arena_printf(side->plan.pc.arena, "%s/unix", transport);
	while (name && ctl_postconf_next(&side->plan.pc, &master, &service)) {
		if (strcmp(service.name, name))
			continue;
		if (td_view_eq(service.command, TD_VLIT("pipe")))
			check_pipe(side, &service, transport);
		else if (td_view_eq(service.command, TD_VLIT("lmtp")))
			say(side->check, CTL_CHECK_OK, "Postfix: master.cf: service %s speaks LMTP", transport);
		else
			say(side->check, CTL_CHECK_FAIL,
				"Postfix: master.cf: service %s is neither pipe nor lmtp (try: tandem postfix)",
				transport);
		return;
	}
	say(side->check, CTL_CHECK_FAIL, "Postfix: master.cf has no service %s (try: tandem postfix)", transport);
}

/* Tokens must come to us as they are: rewritten by nothing, in no address class. */
static void check_rewriting(struct side *side)
{
	static const char *const classes[] = { "mydestination", "relay_domains", "virtual_alias_domains",
		"virtual_mailbox_domains", NULL };
	static const char *const rewrites[] = { "canonical_maps", "recipient_canonical_maps", "virtual_alias_maps", NULL };
	const struct ctl_postconf *pc = &side->plan.pc;
	const char *domain = side->check->conf->token_domain;
	char *token = td_arena_printf(pc->arena, "t-0@%s", domain), *all = td_arena_printf(pc->arena, "@%s", domain);
	/* where '-' delimits, maps are asked for what stands before it, too; '+' never delimits what it begins: a number */
	char *stem = holds(value_of(side, "recipient_delimiter"), "-") ? td_arena_printf(pc->arena, "t@%s", domain) : NULL;
	struct td_view value;
	struct td_err err;

	for (size_t i = 0; classes[i]; i++) {
		if (ctl_postconf_lists(value_of(side, classes[i]), td_view_str(domain)))
			say(side->check, CTL_CHECK_FAIL,
				"Postfix: %s holds %s: the token domain must be in no address class, or clients "
				"may address it (try: take it out)", classes[i], domain);
	}
	for (size_t i = 0; token && all && rewrites[i]; i++) {
		if (ctl_postconf_lookup(pc, rewrites[i], token, &value, &err) == TD_OK ||
			(stem && ctl_postconf_lookup(pc, rewrites[i], stem, &value, &err) == TD_OK) ||
			ctl_postconf_lookup(pc, rewrites[i], all, &value, &err) == TD_OK)
			say(side->check, CTL_CHECK_FAIL,
				"Postfix: %s turns tokens into %.*s: they would never arrive (try: take %s out "
				"of it)", rewrites[i], TD_VARG(value), domain);
	}
}

static void check_sms_domain(struct side *side)
{
	const char *domain = side->check->conf->sms_domain;
	struct td_view value;
	struct td_err err;

	if (ctl_postconf_lookup(&side->plan.pc, "transport_maps", domain, &value, &err) != TD_OK)
		say(side->check, CTL_CHECK_FAIL,
			"Postfix: transport_maps has no route for %s: what the milter did not see would "
			"leave by SMTP (try: tandem postfix)", domain);
	if (!ctl_postconf_lists(value_of(side, "relay_domains"), td_view_str(domain)))
		say(side->check, CTL_CHECK_FAIL,
			"Postfix: relay_domains does not hold %s: mail to numbers is refused (try: tandem "
			"postfix)", domain);
	if (ctl_postconf_lists(value_of(side, "mydestination"), td_view_str(domain)))
		say(side->check, CTL_CHECK_FAIL,
			"Postfix: mydestination holds %s: numbers are looked for among local users (try: "
			"take it out)", domain);
	if (value_of(side, "relay_recipient_maps").n &&
		ctl_postconf_lookup(&side->plan.pc, "relay_recipient_maps", td_arena_printf(side->plan.pc.arena, "@%s", domain),
			&value, &err) != TD_OK)
		say(side->check, CTL_CHECK_FAIL,
			"Postfix: relay_recipient_maps does not know @%s: mail to numbers is refused (try: "
			"tandem postfix)", domain);
}

static void check_route(struct side *side, struct td_view master)
{
	const char *domain = side->check->conf->token_domain;
	struct td_view value;
	struct td_err err;

	check_rewriting(side);
	check_sms_domain(side);
	if (ctl_postconf_lookup(&side->plan.pc, "transport_maps", domain, &value, &err) != TD_OK) {
		say(side->check, CTL_CHECK_FAIL, "Postfix: transport_maps has no route for %s: %s (try: tandem postfix)",
			domain,
			err.text);
		return;
	}
	say(side->check, CTL_CHECK_OK, "Postfix: %s is routed to %.*s", domain, TD_VARG(value));
	check_transport(side, master, value);
}

/* An open mynetworks makes everybody a local client; a submitter by network may then be anybody. */
static void check_networks(struct side *side)
{
	struct td_view networks = value_of(side, "mynetworks");

	if (ctl_postconf_lists(networks, TD_VLIT("0.0.0.0/0")) || ctl_postconf_lists(networks, TD_VLIT("[::]/0")))
		say(side->check, CTL_CHECK_FAIL, "Postfix: mynetworks lets everybody relay (try: the networks that are yours)");
}

void ctl_check_postfix(struct ctl_check *check)
{
	struct side side = { .check = check };
	struct td_view master, milters;
	struct td_err err;

	if (postfix_plan_open(&side.plan, check->call) != TD_OK) {
		ctl_check_say(check, CTL_CHECK_FAIL, "Postfix: %s", check->call->err.text);
		return;
	}
	if (ctl_postconf_master(&side.plan.pc, &master, &err) != TD_OK) {
		ctl_check_say(check, CTL_CHECK_FAIL, "Postfix: master.cf: %s", err.text);
		return;
	}
	milters = value_of(&side, "smtpd_milters");
	check_milters(&side, "smtpd_milters", milters);
	check_milters(&side, "non_smtpd_milters", value_of(&side, "non_smtpd_milters"));
	check_macros(&side);
	check_protocol(&side);
	check_route(&side, master);
	check_listeners(&side, master);
	check_networks(&side);
}
