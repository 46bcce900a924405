/*
 * postfix - `tandem postfix`: the exact main.cf and master.cf changes for this system
 */
#include <stdio.h>
#include <string.h>

#include "ctl.h"
#include "postconf.h"

/* The transport map of this system with ours in front, unless it is there already. */
static const char *with_route(struct ctl_call *call, const struct ctl_postconf *pc)
{
	struct td_view old = { 0 };
	struct td_err err = { 0 };
	const struct td_conf *conf = call->conf;

	if (ctl_postconf_lookup(pc, "transport_maps", conf->token_domain, &old, &err) == TD_OK)
		return NULL;
	if (ctl_postconf_get(pc, "transport_maps", &old, &err) != TD_OK)
		old = (struct td_view){ 0 };
	return td_arena_printf(&call->arena, "inline:{ { %s = sms: }, { %s = sms: } }%s%.*s", conf->token_domain,
		conf->sms_domain,
		old.n ? ", " : "", TD_VARG(old));
}

static const char *prepended(struct ctl_call *call, const struct ctl_postconf *pc, const char *name, const char *ours,
	const char *mark)
{
	struct td_view old = { 0 };
	struct td_err err = { 0 };

	if (ctl_postconf_get(pc, name, &old, &err) != TD_OK)
		old = (struct td_view){ 0 };
	if (old.n && memmem(old.p, old.n, mark, strlen(mark)))
		return NULL;
	return td_arena_printf(&call->arena, "%s%s%.*s", ours, old.n ? ", " : "", TD_VARG(old));
}

/* In a chroot, smtpd and cleanup see the queue directory as /. */
static const char *milter_name(struct ctl_call *call, const struct ctl_postconf *pc)
{
	struct td_view queue = { 0 };
	struct td_err err = { 0 };
	struct td_view listen = td_view_str(call->conf->milter.listen);

	if (!td_view_starts(listen, TD_VLIT("unix:")) || ctl_postconf_get(pc, "queue_directory", &queue, &err) != TD_OK)
		return call->conf->milter.listen;
	if (td_view_starts(td_view_skip(listen, 5), queue) && listen.n > 6 + queue.n)
		return td_arena_printf(&call->arena, "unix:%s", listen.p + 6 + queue.n);
	return call->conf->milter.listen;
}

static void main_line(const char *name, const char *value)
{
	if (value)
		printf("%s = %s\n", name, value);
	else
		printf("# %s: is right already\n", name);
}

int ctl_run_postfix(struct ctl_call *call)
{
	const struct td_conf *conf = call->conf;
	struct ctl_postconf pc;
	const char *milter, *reject;

	ctl_postconf_open(&pc, conf, &call->arena);
	milter = td_arena_printf(&call->arena,
		"{ %s, connect_timeout=5s, command_timeout=30s, content_timeout=60s, default_action=tempfail }",
		milter_name(call, &pc));
	reject = td_arena_printf(&call->arena,
		"check_recipient_access inline:{ { %s = REJECT 5.7.1 private domain of Tandem } }",
		conf->token_domain);
	if (!milter || !reject) {
		td_err_set(&call->err, TD_NOMEM, "out of memory");
		return ctl_fail(call);
	}
	printf("# ---- main.cf ----\n"
	       "# our milter stands before a DKIM signer: it removes headers\n");
	main_line("smtpd_milters", prepended(call, &pc, "smtpd_milters", milter, "milter.sock"));
	main_line("non_smtpd_milters", prepended(call, &pc, "non_smtpd_milters", milter, "milter.sock"));
	printf("# tokens and numbers go to tandem-pipe; the token domain stays out of every address class\n");
	main_line("transport_maps", with_route(call, &pc));
	main_line("relay_domains", prepended(call, &pc, "relay_domains", conf->sms_domain, conf->sms_domain));
	main_line("sms_destination_recipient_limit", "1");
	main_line("sms_time_limit", "60s");
	main_line("fast_flush_domains", prepended(call, &pc, "fast_flush_domains", conf->token_domain, conf->token_domain));
	printf("# no SMTP client may address a token\n");
	main_line("smtpd_recipient_restrictions", prepended(call, &pc, "smtpd_recipient_restrictions", reject,
		conf->token_domain));
	printf("# a crash or a time limit of pipe(8) defers instead of bouncing\n"
	       "pipe_delivery_status_filter = "
	       "regexp:{ { /^5\\.3\\.0 (Command (time limit exceeded|died).*)/ = 4.3.0 $$1 } }\n"
	       "\n# ---- master.cf ----\n"
	       "sms unix - n n - 20 pipe\n"
	       "  user=%s null_sender= argv=/usr/sbin/tandem-pipe -s %s/smsd.pipe.sock -d %s -q ${queue_id} -f ${sender}\n"
	       "  -a ${client_address} -u ${sasl_username} -- ${recipient}\n"
	       "# on every listener that takes mail back from a content filter: -o smtpd_milters=\n",
		conf->users.pipe, conf->run_dir, conf->token_domain);
	return CTL_DONE;
}
