/*
 * verdict - a decision in words: for SMTP replies, logs and `why`
 */
#include "caps.h"
#include "quiet.h"
#include "when.h"

/* What an opt-out was said by, as a person would put it. */
static const char *said_by(const char *source)
{
	static const struct {
		const char *source, *words;
	} table[] = {
		{ "keyword", "reply STOP" }, { "keyword_fuzzy", "reply" }, { "carrier", "told by the carrier" },
		{ "one_click", "one-click unsubscribe" }, { "mailto", "unsubscribe mail" }, { "web", "preference page" },
		{ "admin", "by an operator" }, { "api", "told by the application" }, { "import", "imported" },
		{ "complaint", "complaint" }, { "registry", "registry" },
	};

	for (size_t i = 0; source && i < sizeof table / sizeof *table; i++) {
		if (strcmp(table[i].source, source) == 0)
			return table[i].words;
	}
	return source ? source : "on record";
}

/* The revoke that decided, to say when and how. */
static const struct td_mark_fact *revoke_of(const struct td_gather *g)
{
	for (int i = 0; i < TD_NSCOPES && g->decision.event; i++) {
		const struct td_scope_facts *scope = &g->facts.scope[i];

		if (scope->revoke_all.at && strcmp(scope->revoke_all.event, g->decision.event) == 0)
			return &scope->revoke_all;
		if (scope->revoke_marketing.at && strcmp(scope->revoke_marketing.event, g->decision.event) == 0)
			return &scope->revoke_marketing;
	}
	return NULL;
}

static struct td_view optout_words(struct td_op *op, const struct td_gather *g, const char *who)
{
	const struct td_mark_fact *revoke = revoke_of(g);
	const char                *rule = g->decision.rule ? g->decision.rule : "";
	char                       when[TD_TIME_SIZE] = "";
	struct td_view             of = TD_VLIT("everything");

	if (strcmp(rule, "optout-channel") == 0)
		of = g->channel == TD_SMS ? TD_VLIT("SMS") : TD_VLIT("e-mail");
	else if (strcmp(rule, "optout-marketing") == 0)
		of = TD_VLIT("marketing");
	else if (strcmp(rule, "optout-all") != 0)
		of = g->category;
	if (!revoke)
		return td_op_text(op, "%s opted out of %.*s", who, TD_VARG(of));
	td_when_iso(when, revoke->at);
	return td_op_text(op, "%s opted out of %.*s on %.10s (%s)", who, TD_VARG(of), when, said_by(revoke->source));
}

static struct td_view words(struct td_op *op, const struct td_gather *g)
{
	static const struct {
		const char *reason, *words;
	} table[] = {
		{ "duplicate", "has been sent this already" }, { "expired", "too late: the message has expired" },
		{ "undeliverable", "cannot be reached (undeliverable)" }, { "dnc", "is on the do-not-contact list" },
		{ "preference", "prefers the other channel" }, { "blocked-country", "is in a country that is not allowed" },
		{ "blocked-type", "is a kind of number that is not allowed" },
	};
	const struct td_decision *d = &g->decision;
	char                      who[TD_MASK_SIZE], when[TD_TIME_SIZE];

	td_mask(who, td_address_plain(g->addr));
	td_when_iso(when, d->until);
	if (strcmp(d->reason, "optout") == 0)
		return optout_words(op, g, who);
	if (strcmp(d->reason, "no-consent") == 0)
		return td_op_text(op, "%s has not agreed to %s messages%s", who, td_class_name(g->cls),
			g->channel == TD_SMS ? " by SMS" : "");
	if (strcmp(d->reason, "paused") == 0)
		return td_op_text(op, "%s paused messages until %s", who, when);
	if (strcmp(d->reason, "quiet-hours") == 0)
		return g->quiet ? td_quiet_words(op, g) : td_op_text(op, "quiet hours for %s until %s", who, when);
	if (d->verdict == TD_K_CAPPED)
		return td_caps_words(op, g);
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		if (strcmp(table[i].reason, d->reason) == 0)
			return td_op_text(op, "%s %s", who, table[i].words);
	}
	return td_op_text(op, "%s: %s", who, d->reason);
}

struct td_verdict td_facts_verdict(struct td_op *op, const struct td_gather *g)
{
	const struct td_decision *d = &g->decision;
	struct td_verdict         verdict = { .verdict = d->verdict, .reason = td_view_str(d->reason),
		.rule = td_view_str(d->rule),
		.event = td_view_str(d->event), .until = d->until, .action = d->action };

	if (d->verdict == TD_K_CAPPED)
		verdict.reason = td_op_text(op, "%s:%s", d->reason, d->rule ? d->rule : "");
	if (d->verdict != TD_K_SEND)
		verdict.text = words(op, g);
	return verdict;
}

enum td_status td_decision_record(struct td_store *store, struct td_op *op, const struct td_gather *g,
	const struct td_verdict *verdict,
	struct td_view job, struct td_view message_id)
{
	struct td_view id = td_op_id(op);

	return td_run(store, op, TD_SQL_DECISION_INSERT, NULL, td_text(id), td_int(op->now_ms), td_opt(job),
		td_opt(message_id),
		td_text(g->addr), td_str(g->channel == TD_SMS ? "sms" : "email"), td_int(g->cls), td_text(g->category),
		td_int(verdict->verdict), td_text(verdict->reason), td_text(verdict->rule), td_text(verdict->event),
			td_int(verdict->until),
		td_text(verdict->text));
}

void td_decision_log(struct td_op *op, const struct td_gather *g, const struct td_verdict *verdict, const char *what,
	struct td_view job, struct td_view message_id)
{
	char to[TD_MASK_SIZE];

	td_after_log(op, TD_LOG_INFO,
		"%s: job=%.*s, to=<%s>, message-id=%.*s, class=%s, category=%.*s, verdict=%s, reason=%.*s (%.*s)", what,
		TD_VARG(job.n ? job : TD_VLIT("-")), td_log_mask(to, td_address_plain(g->addr)),
		TD_VARG(message_id.n ? message_id : TD_VLIT("-")), td_class_name(g->cls),
			TD_VARG(g->category.n ? g->category : TD_VLIT("-")),
		td_verdict_name(verdict->verdict), TD_VARG(verdict->reason), TD_VARG(verdict->text));
}
