/*
 * remedy - an event in plain words, and what would have to change for a message that was stopped
 */
#include "remedy.h"

#include <stdio.h>

#include "when.h"

/* "2026-11-02 09:14 UTC" */
static const char *minute(char out[TD_TIME_SIZE + 4], int64_t ms)
{
	char iso[TD_TIME_SIZE];

	td_when_iso(iso, ms);
	snprintf(out, TD_TIME_SIZE + 4, "%.10s %.5s UTC", iso, iso + 11);
	return out;
}

struct td_view td_event_words(struct td_op *op, const struct td_event_told *e)
{
	/* Words before and after who it was. Of what is not here the action and the source are named. */
	static const struct {
		const char *source, *action, *before, *after;
	} table[] = {
		{ "keyword", "revoke", "", "replied STOP" },
		{ "keyword_fuzzy", "revoke", "", "replied what means STOP" },
		{ "carrier", "revoke", "the carrier says that", "opted out" },
		{ "one_click", "revoke", "", "unsubscribed by one click" },
		{ "mailto", "revoke", "", "unsubscribed by mail" },
		{ "web", "revoke", "", "said no on the preference page" },
		{ "web", "grant", "", "said yes on the preference page" },
		{ "admin", "revoke", "an operator noted the no of", "" },
		{ "admin", "grant", "an operator noted the yes of", "" },
		{ "api", "revoke", "an application told of the no of", "" },
		{ "api", "grant", "an application gave us", "" },
		{ "import", "revoke", "imported: the no of", "" },
		{ "import", "grant", "imported: the yes of", "" },
		{ "admin", "suppress", "an operator suppressed", "" },
		{ "admin", "pause", "an operator noted the pause of", "" },
		{ "web", "pause", "", "paused messages" },
		{ "complaint", "", "", "complained" },
		{ "registry", "", "a registry lists", "" },
		{ "bounce", "", "a mail came back from", "" },
		{ "dlr", "", "the provider could not reach", "" },
	};
	char           who[TD_MASK_SIZE] = "this address", when[TD_TIME_SIZE + 4];
	struct td_view by = TD_VLIT("");

	if (e->addr.n)
		td_mask(who, td_address_plain(e->addr));
	if (e->actor.n && (td_view_eq(e->source, TD_VLIT("admin")) || td_view_eq(e->source, TD_VLIT("api")) ||
		td_view_eq(e->source, TD_VLIT("import"))))
		by = td_op_text(op, " (by %.*s)", TD_VARG(e->actor));
	minute(when, e->occurred_at);
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		if (td_view_eq(e->source, td_view_str(table[i].source)) &&
			(!*table[i].action || td_view_eq(e->action, td_view_str(table[i].action))))
			return td_op_text(op, "%s%s%s%s%s on %s%.*s", table[i].before, *table[i].before ? " " : "", who,
				*table[i].after ? " " : "", table[i].after, when, TD_VARG(by));
	}
	return td_op_text(op, "%.*s of %s by %.*s on %s%.*s", TD_VARG(e->action), who, TD_VARG(e->source), when,
		TD_VARG(by));
}

static bool is(struct td_view v, const char *word)
{
	return td_view_eq(v, td_view_str(word));
}

/* An opt-out is the person's: nobody else takes it back. */
static struct td_view after_optout(struct td_op *op, const struct td_stopped *s)
{
	struct td_view who = td_address_plain(s->addr);
	bool keyword = is(s->source, "keyword") || is(s->source, "keyword_fuzzy") || is(s->source, "carrier");
	bool start = keyword && is(s->channel, "sms") && (is(s->rule, "optout-channel") || is(s->rule, "optout-marketing"));
	bool urgent = is(s->channel, "sms") && (s->cls == TD_CLASS_CRITICAL || s->cls == TD_CLASS_SOLICITED);

	return td_op_text(op, "it can go after %sa later yes of the person's own (preference page, or: tandem consent in "
		"%.*s --channel %.*s%s%.*s --evidence JSON), or an operator's with --note WHY%s",
		start ? "START from that number, or " : "", TD_VARG(who), TD_VARG(s->channel),
		s->category.n ? " --category " : "", TD_VARG(s->category),
		urgent ? "; or with policy.after_stop = true" : "");
}

static struct td_view after_consent(struct td_op *op, const struct td_stopped *s)
{
	struct td_view who = td_address_plain(s->addr);

	if (is(s->rule, "consent-pending"))
		return TD_VLIT("it can go once the person confirms");
	return td_op_text(op, "it can go once the person agrees (tandem consent in %.*s --channel %.*s%s%.*s "
		"--basis express --evidence JSON)%s", TD_VARG(who), TD_VARG(s->channel), s->category.n ? " --category " : "",
		TD_VARG(s->category), s->cls == TD_CLASS_MARKETING || !is(s->rule, "consent-none") ? "" :
		", or a submitter names the number in X-Tandem-SMS");
}

struct td_view td_remedy(struct td_op *op, const struct td_stopped *s)
{
	static const struct {
		const char *reason, *text;
	} table[] = {
		{ "duplicate", "another X-Tandem-Key (or Message-ID) makes it another message" },
		{ "expired", "it can go when it is sent again with a later X-Tandem-Expires" },
		{ "blocked-country", "it can go when the country is in `countries`" },
		{ "blocked-type", "it can go to another number, or when the kind is not in blocked_kinds" },
		{ "paused", "it can go when the pause is over" },
		{ "quiet-hours", "it goes at that time, if the decision is the same then" },
		{ "no-number", "it can go when a number is linked (tandem person link), or named in X-Tandem-SMS" },
		{ "idem-conflict", "another X-Tandem-Key makes it another message" },
		{ "not-activated", "the mail was refused or deleted after all: send it again" },
	};
	struct td_view who = td_address_plain(s->addr);

	if (is(s->reason, "optout"))
		return after_optout(op, s);
	if (is(s->reason, "no-consent"))
		return after_consent(op, s);
	if (is(s->reason, "undeliverable") || is(s->reason, "dnc"))
		return td_op_text(op, "it can go after: tandem suppress remove %.*s --kind %.*s --note WHY", TD_VARG(who),
			TD_VARG(s->reason));
	if (is(s->reason, "preference"))
		return td_op_text(op, "it can go after: tandem person set %.*s prefer=%.*s", TD_VARG(who), TD_VARG(s->channel));
	if (td_view_starts(s->reason, TD_VLIT("cap:")) || td_view_starts(s->reason, TD_VLIT("budget:")))
		return td_op_text(op, "it can go when the limit has room again, or is raised (%s: %.*s)",
			td_view_starts(s->reason, TD_VLIT("cap:")) ? "caps" : "budgets", TD_VARG(s->rule));
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		if (is(s->reason, table[i].reason))
			return td_view_str(table[i].text);
	}
	return TD_VLIT("");
}
