/*
 * rcpt - what a recipient address under the SMS domain means
 */
#include "rcpt.h"

#include <stdio.h>

#include "quote.h"

struct td_view td_rcpt_plain(struct td_view address, struct td_arena *arena)
{
	struct td_view v = td_view_trim(address);
	bool quoted = false;
	char *copy;
	size_t n = 0;

	if (v.n >= 2 && v.p[0] == '<' && v.p[v.n - 1] == '>')
		v = (struct td_view){ v.p + 1, v.n - 2 };
	copy = td_arena_alloc(arena, v.n);
	if (!copy)
		return (struct td_view){ NULL, 0 };
	for (size_t i = 0; i < v.n; i++) {
		if (v.p[i] == '"')
			quoted = !quoted;
		else if (quoted && v.p[i] == '\\' && i + 1 < v.n)
			copy[n++] = v.p[++i];
		else
			copy[n++] = v.p[i];
	}
	return (struct td_view){ copy, n };
}

static const char *alias_number(const struct td_conf *conf, struct td_view local)
{
	for (size_t i = 0; i < conf->naliases; i++)
		if (td_view_caseeq(local, td_view_str(conf->aliases[i].name)))
			return conf->aliases[i].number;
	return NULL;
}

/* user=example.com with the last '=' taken for '@'. */
static enum td_status read_onfile(struct td_view local, size_t eq, struct td_arena *arena, struct td_rcpt *out,
	struct td_err *err)
{
	char quoted[TD_QUOTE_SIZE];
	char *email;

	if (eq == 0 || eq + 1 == local.n || td_view_chr(local, '@') != (size_t)-1)
		return td_err_dsn(err, TD_BADINPUT, "5.1.3", "%s: not an address (want user=example.com)",
			td_quote(quoted, local));
	email = td_arena_str(arena, local);
	if (!email)
		return td_err_set(err, TD_NOMEM, "recipient: over the memory limit of one mail");
	email[eq] = '@';
	out->kind = TD_RCPT_ONFILE;
	out->email = (struct td_view){ email, local.n };
	return TD_OK;
}

static enum td_status read_local(const struct td_conf *conf, struct td_view local, struct td_arena *arena,
	struct td_rcpt *out,
	struct td_err *err)
{
	const char *number = alias_number(conf, local);
	size_t eq = local.n;
	enum td_status status;

	while (!number && eq > 0 && local.p[eq - 1] != '=')
		eq--;
	if (!number && eq > 0)
		return read_onfile(local, eq - 1, arena, out, err);
	status = td_number_parse(number ? td_view_str(number) : local, conf->home_country, &out->number, err);
	if (status == TD_BADINPUT && err)
		snprintf(err->dsn, sizeof(err->dsn), "5.1.3");
	out->kind = TD_RCPT_NUMBER;
	return status;
}

enum td_status td_rcpt_read(const struct td_conf *conf, struct td_view address, struct td_arena *arena,
	struct td_rcpt *out,
	struct td_err *err)
{
	struct td_rcpt found = { .kind = TD_RCPT_ORDINARY, .plain = td_rcpt_plain(address, arena) };
	struct td_view local = found.plain;
	struct td_view domain;
	enum td_status status = TD_OK;
	size_t at = found.plain.n;

	if (!found.plain.p)
		return td_err_set(err, TD_NOMEM, "recipient: over the memory limit of one mail");
	while (at > 0 && found.plain.p[at - 1] != '@')
		at--;
	domain = td_view_skip(found.plain, at);
	if (td_view_ends(domain, TD_VLIT(".")))
		domain.n--; /* the DNS root: the same domain */
	local.n = at ? at - 1 : 0;
	if (at && td_view_caseeq(domain, td_view_str(conf->token_domain)))
		found.kind = TD_RCPT_TOKEN;
	else if (at && conf->sms_domain && td_view_caseeq(domain, td_view_str(conf->sms_domain)))
		status = read_local(conf, local, arena, &found, err);
	if (status == TD_OK)
		*out = found;
	return status;
}
