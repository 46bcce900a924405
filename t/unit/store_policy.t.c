/*
 * store_policy - the decision against the whole table of policy §5, its knobs, scopes and rules
 */
#include <stdio.h>

#include "store_scene.h"
#include "tap.h"

static char sign(const struct td_decision *d)
{
	static const char signs[] = { [TD_K_SEND] = '+',
		[TD_K_HOLD] = 'Q',
		[TD_K_DENY] = 'X',
		[TD_K_CAPPED] = 'C',
		[TD_K_DROP] = '-',
		[TD_K_DUPLICATE] = '=' };

	return d->verdict >= TD_K_SEND && d->verdict <= TD_K_DUPLICATE ? signs[d->verdict] : '?';
}

/* ---- the table, as the specification prints it ---- */

struct expected {
	enum condition condition;
	const char *name;
	const char *cells;  /* E-mail and SMS: compliance, critical, solicited, transactional, service, marketing */
	const char *reason; /* where the cell is not + */
};

static const struct expected spec[] = {
	{ CLEAR, "all clear (live grant)", "+ +  + +  + +  + +  + +  + +", "ok" },
	{ DUPLICATE, "duplicate key", "= =  = =  = =  = =  = =  = =", "duplicate" },
	{ EXPIRED, "past expiry", "- -  - -  - -  - -  - -  - -", "expired" },
	{ UNDELIVERABLE, "undeliverable", "X X  X X  X X  X X  X X  X X", "undeliverable" },
	{ BLOCKED, "country blocked", "X X  X X  X X  X X  X X  X X", "blocked-type" },
	{ DNC, "dnc / erasure tombstone", "+ +  + +  + +  + +  X X  X X", "dnc" },
	{ CATEGORY, "opt-out: category (any channel)", "+ +  + +  + +  X X  X X  X X", "optout" },
	{ CHANNEL_CATEGORY, "opt-out: category on this channel", "+ +  + +  + +  X X  X X  X X", "optout" },
	{ CHANNEL, "opt-out: this channel", "+ +  + X  + X  X X  X X  X X", "optout" },
	{ MARKETING, "opt-out: all marketing", "+ +  + +  + +  + +  + +  X X", "optout" },
	{ EVERYTHING, "opt-out: everything", "+ +  + X  + X  X X  X X  X X", "optout" },
	{ PROVIDED, "consent: address only provided", "+ +  + +  + +  + +  + +  X X", "no-consent" },
	{ PENDING, "consent: pending double opt-in", "+ +  + +  + +  + X  + X  X X", "no-consent" },
	{ NONE, "consent: none on record", "+ +  + +  + +  + X  + X  X X", "no-consent" },
	{ CONSENT_EXPIRED, "consent: expired", "+ +  + +  + +  + X  + X  X X", "no-consent" },
	{ QUIET, "quiet hours closed", "+ +  + +  + +  + +  + Q  + Q", "quiet-hours" },
	{ FULL, "cap full", "+ +  + +  + +  + +  C C  C C", "cap" },
	{ QUIET_FULL, "quiet closed and cap full", "+ +  + +  + +  + +  C Q  C Q", NULL },
	/* the text below the table */
	{ PAUSED, "paused until T", "+ +  + +  + +  + Q  X Q  X Q", "paused" },
	{ PREFERS_OTHER, "the other channel preferred", "+ +  + +  + +  + +  X X  X X", "preference" },
	{ BUDGET, "budget full", "+ +  C C  C C  C C  C C  C C", "budget" },
};

static char wanted(const char *cells, size_t column, bool sms)
{
	return cells[5 * column + 2 * sms];
}

static void test_table(const struct expected *rows, size_t n, const struct td_policy *policy, const char *title)
{
	for (size_t i = 0; i < n; i++) {
		for (size_t c = 0; c < 6; c++) {
			for (int sms = 0; sms < 2; sms++) {
				struct scene s;
				struct td_decision d;
				char got[2] = "", want[2] = { wanted(rows[i].cells, c, sms), 0 };

				all_clear(&s, sms ? TD_SMS : TD_EMAIL, classes[c]);
				s.policy = *policy;
				impose(&s, rows[i].condition);
				d = run(&s);
				got[0] = sign(&d);
				is_str(got, want, "%s%s: %s by %s", title, rows[i].name, td_class_name(classes[c]),
					sms ? "SMS" : "e-mail");
				if (rows[i].reason)
					is_str(d.reason, *want == '+' ? "ok" : rows[i].reason, "… and the reason");
			}
		}
	}
}

static void test_knobs(void)
{
	static const struct expected after_stop[] = {
		{ CHANNEL, "this channel", "+ +  + +  + +  X X  X X  X X", "optout" },
		{ EVERYTHING, "everything", "+ +  + +  + +  X X  X X  X X", "optout" },
		{ CATEGORY, "category", "+ +  + +  + +  X X  X X  X X", "optout" },
	};
	static const struct expected required[] = {
		{ CATEGORY, "category", "+ +  + +  + +  + +  X X  X X", "optout" },
		{ CHANNEL_CATEGORY, "category on this channel", "+ +  + +  + +  + +  X X  X X", "optout" },
		{ CHANNEL, "this channel", "+ +  + X  + X  + X  X X  X X", "optout" },
		{ EVERYTHING, "everything", "+ +  + X  + X  + X  X X  X X", "optout" },
		{ MARKETING, "all marketing", "+ +  + +  + +  + +  + +  X X", "optout" },
	};
	static const struct expected no_optin[] = {
		{ PROVIDED, "provided", "+ +  + +  + +  + +  + +  + X", "no-consent" },
		{ PENDING, "pending", "+ +  + +  + +  + X  + X  + X", "no-consent" },
		{ NONE, "none", "+ +  + +  + +  + X  + X  + X", "no-consent" },
		{ CONSENT_EXPIRED, "expired", "+ +  + +  + +  + X  + X  + X", "no-consent" },
		{ MARKETING, "all marketing", "+ +  + +  + +  + +  + +  X X", "optout" },
		{ DNC, "dnc", "+ +  + +  + +  + +  X X  X X", "dnc" },
	};
	static const struct expected quiet[] = {
		{ QUIET, "quiet hours closed", "+ +  + +  + +  + Q  + Q  + Q", "quiet-hours" },
	};

	test_table(after_stop, 3, &(struct td_policy){ .email_optin = true, .after_stop = true }, "after_stop: ");
	test_table(required, 5, &(struct td_policy){ .email_optin = true, .required = true }, "required: ");
	test_table(no_optin, 6, &(struct td_policy){ 0 }, "email_optin = false: ");
	test_table(quiet, 1, &(struct td_policy){ .email_optin = true, .quiet = true }, "quiet category: ");
}

/* ---- what decided ---- */

static void test_names(void)
{
	static const struct {
		enum condition condition;
		const char *rule, *event;
		int64_t at;
	} rows[] = {
		{ CHANNEL, "optout-channel", "channel", 200 },
		{ CATEGORY, "optout-category", "category", 200 },
		{ CHANNEL_CATEGORY, "optout-channel-category", "both", 200 },
		{ MARKETING, "optout-marketing", "marketing", 200 },
		{ EVERYTHING, "optout-all", "all", 200 },
		{ DNC, "dnc", "tombstone", 0 },
		{ UNDELIVERABLE, "undeliverable", "hard", 0 },
		{ PENDING, "consent-pending", "grant", 100 },
		{ NONE, "consent-none", NULL, 0 },
		{ PROVIDED, "consent-provided", "grant", 100 },
		{ CONSENT_EXPIRED, "consent-expired", "grant", 100 },
		{ PAUSED, "paused", "pause", 0 },
		{ QUIET, "quiet-hours", NULL, 0 },
		{ FULL, "pressure", NULL, 0 },
		{ BUDGET, "abroad", NULL, 0 },
		{ CLEAR, NULL, "grant", 100 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct scene s;
		struct td_decision d;

		all_clear(&s, TD_SMS, TD_CLASS_MARKETING);
		impose(&s, rows[i].condition);
		d = run(&s);
		is_str(d.rule, rows[i].rule, "the rule is named");
		is_str(d.event, rows[i].event, "… and the event");
		is_int(d.event_at, rows[i].at, "… and when it happened");
	}
}

static void test_times(void)
{
	struct scene s;
	struct td_decision d;

	all_clear(&s, TD_SMS, TD_CLASS_SERVICE);
	impose(&s, QUIET);
	s.facts.quiet_rule = "US-FL mon-sat";
	d = run(&s);
	is_int(d.until, NOW + 1, "quiet hours: held until they open");
	is_str(d.rule, "US-FL mon-sat", "… by the rule of the region");
	s.facts.opens_at = NOW;
	is_int(run(&s).verdict, TD_K_SEND, "at the opening minute it goes");

	all_clear(&s, TD_SMS, TD_CLASS_SERVICE);
	impose(&s, PAUSED);
	is_int(run(&s).until, NOW + 1, "paused: held until the pause ends");
	impose(&s, CHANNEL);
	is_str(run(&s).reason, "optout", "an opt-out is told at once, not after the pause");
	s.facts.paused_until = NOW;
	s.facts.scope[TD_SCOPE_CHANNEL].revoke_all.at = 0;
	is_int(run(&s).verdict, TD_K_SEND, "after the pause it goes");

	all_clear(&s, TD_SMS, TD_CLASS_SERVICE);
	s.ask.expires = NOW + 1;
	is_int(run(&s).verdict, TD_K_SEND, "a millisecond before its expiry it goes");
}

/* ---- full rules ---- */

static void test_full(void)
{
	struct scene s;
	struct td_decision d;

	all_clear(&s, TD_SMS, TD_CLASS_SERVICE);
	impose(&s, FULL);
	d = run(&s);
	is_str(td_full_name(d.action), "hold", "a service SMS over its cap waits");
	is_int(d.until, 2 * NOW, "… until there is room");
	s.ask.cls = TD_CLASS_MARKETING;
	is_str(td_full_name(run(&s).action), "drop", "a marketing SMS is dropped");
	s.ask.channel = TD_EMAIL;
	is_str(td_full_name(run(&s).action), "drop", "marketing mail drops the recipient");
	s.ask.cls = TD_CLASS_SERVICE;
	is_str(td_full_name(run(&s).action), "pass", "service mail passes and is counted");
	s.rules[0].on_full = TD_FULL_DEFER;
	is_str(td_full_name(run(&s).action), "defer", "… unless the rule says otherwise");

	all_clear(&s, TD_SMS, TD_CLASS_SERVICE);
	impose(&s, FULL);
	impose(&s, BUDGET);
	d = run(&s);
	is_str(d.rule, "abroad", "of two rules that hold, the one that is full longer is named");
	is_int(d.until, 3 * NOW, "… and room is when both have it");
	s.rules[0].on_full = TD_FULL_DROP;
	d = run(&s);
	is_str(d.rule, "pressure", "a rule that drops beats one that holds");
	is_str(d.reason, "cap", "… and the reason is of its kind");
	is_int(d.until, 3 * NOW, "… room is still when both have it");

	all_clear(&s, TD_SMS, TD_CLASS_SERVICE);
	s.rules[0].used = 3;
	is_int(run(&s).verdict, TD_K_SEND, "the last place may be taken");
	s.rules[0].want = 2;
	is_int(run(&s).verdict, TD_K_CAPPED, "… but not by two");
}

static void test_enforce(void)
{
	struct scene s;
	struct td_decision d;

	all_clear(&s, TD_SMS, TD_CLASS_SOLICITED);
	impose(&s, FULL);
	s.rules[0].enforce = 1u << TD_CLASS_TRANSACTIONAL;
	is_int(run(&s).verdict, TD_K_SEND, "a cap does not bind a class it does not enforce");
	s.ask.cls = TD_CLASS_TRANSACTIONAL;
	d = run(&s);
	is_int(d.verdict, TD_K_CAPPED, "… and binds the one it does");
	is_str(td_full_name(d.action), "hold", "… by holding it");
	s.ask.cls = TD_CLASS_SERVICE;
	is_int(run(&s).verdict, TD_K_SEND, "… and no other");
	s.ask.cls = TD_CLASS_COMPLIANCE;
	s.rules[0].enforce = ~0u;
	is_int(run(&s).verdict, TD_K_SEND, "compliance is bound by nothing");

	all_clear(&s, TD_SMS, TD_CLASS_SOLICITED);
	s.rules[1] = (struct td_rule_fact){ .name = "otp-hour",
		.budget = true,
		.enforce = 1u << TD_CLASS_SOLICITED,
		.limit = 5,
		.used = 5,
		.want = 1,
		.free_at = NOW + 5,
		.on_full = TD_FULL_DROP };
	d = run(&s);
	is_str(d.rule, "otp-hour", "the sixth code of the hour is stopped");
	is_str(td_full_name(d.action), "drop", "… for good");
	s.ask.cls = TD_CLASS_CRITICAL;
	is_int(run(&s).verdict, TD_K_SEND, "a fraud alert is not a code");
	is_str(td_full_name(TD_FULL_DOWNGRADE), "downgrade", "every action has a name");
	is_str(td_full_name(0), NULL, "… and no action has none");
}

/* ---- scope resolution (§4) ---- */

static struct td_mark_fact grant(int64_t at, bool strong)
{
	struct td_mark_fact m = mark(at, "later");

	m.strong = strong;
	return m;
}

static void test_scopes(void)
{
	/* a strong grant after a revoke: counts at the same or a narrower scope, on the path from broad to narrow */
	for (int r = 0; r < TD_NSCOPES; r++) {
		for (int g = 0; g < TD_NSCOPES; g++) {
			struct scene s;

			all_clear(&s, TD_SMS, TD_CLASS_MARKETING);
			s.facts.scope[r].revoke_all = mark(200, "no");
			s.facts.scope[g].again = grant(201, true);
			is_int(run(&s).verdict, g >= r ? TD_K_SEND : TD_K_DENY, "revoke at scope %d, later grant at %d", r, g);
			s.facts.scope[g].again.at = 200;
			is_int(run(&s).verdict, TD_K_DENY, "… at the same time the revoke wins");
			s.facts.scope[g].again = grant(201, false);
			is_int(run(&s).verdict, TD_K_DENY, "… an import reverses nothing");
			s.facts.scope[g].again = grant(201, true);
			s.facts.scope[g].again.expires = NOW;
			is_int(run(&s).verdict, TD_K_DENY, "… nor does a grant that has expired");
			s.facts.scope[g].again = grant(201, true);
			s.facts.scope[g].again.pending = true;
			is_int(run(&s).verdict, TD_K_DENY, "… nor a double opt-in nobody confirmed");
		}
	}
}

static void test_scopes_more(void)
{
	struct scene s;

	all_clear(&s, TD_SMS, TD_CLASS_MARKETING);
	impose(&s, MARKETING);
	s.facts.scope[TD_SCOPE_BOTH].again = grant(300, true);
	is_int(run(&s).verdict, TD_K_SEND, "no marketing at all, then yes to one category: that one goes");
	s.facts.scope[TD_SCOPE_BOTH].again.provided = true;
	is_int(run(&s).verdict, TD_K_DENY, "giving one's number is no yes to marketing");

	all_clear(&s, TD_SMS, TD_CLASS_TRANSACTIONAL);
	impose(&s, CHANNEL);
	s.facts.scope[TD_SCOPE_CHANNEL].grant = grant(300, true);
	s.facts.scope[TD_SCOPE_CHANNEL].grant.provided = true;
	is_int(run(&s).verdict, TD_K_SEND, "… but it re-opens order confirmations");

	all_clear(&s, TD_SMS, TD_CLASS_SERVICE);
	s.facts.scope[TD_SCOPE_CHANNEL].revoke_marketing = mark(200, "complaint");
	is_int(run(&s).verdict, TD_K_SEND, "a marketing revoke of the channel leaves service alone");
	s.ask.cls = TD_CLASS_MARKETING;
	is_str(run(&s).event, "complaint", "… and stops marketing");

	all_clear(&s, TD_SMS, TD_CLASS_MARKETING);
	impose(&s, MARKETING);
	impose(&s, CHANNEL);
	is_str(run(&s).event, "channel", "after STOP the sentence is about the channel");

	all_clear(&s, TD_SMS, TD_CLASS_SERVICE);
	impose(&s, NONE);
	s.facts.scope[TD_SCOPE_BOTH].grant = grant(100, false);
	s.facts.scope[TD_SCOPE_BOTH].grant.pending = true;
	s.facts.scope[TD_SCOPE_CHANNEL].grant = grant(90, false);
	s.facts.scope[TD_SCOPE_CHANNEL].grant.provided = true;
	is_int(run(&s).verdict, TD_K_SEND, "a double opt-in that is pending takes nothing from a number that was provided");
	s.ask.cls = TD_CLASS_MARKETING;
	is_int(run(&s).verdict, TD_K_DENY, "… and gives nothing to marketing");
	s.ask.cls = (enum td_class)77;
	is_int(run(&s).verdict, TD_K_DENY, "an unknown class is judged as marketing");
	s.ask.cls = TD_CLASS_NONE;
	is_int(run(&s).verdict, TD_K_DENY, "… and so is none");
}

static void test_states(void)
{
	static const struct {
		enum condition condition;
		const char *marketing, *transactional;
	} rows[] = {
		{ CLEAR, "granted", "granted" },
		{ NONE, "unknown", "unknown" },
		{ PROVIDED, "provided", "provided" },
		{ PENDING, "pending", "pending" },
		{ CONSENT_EXPIRED, "expired", "expired" },
		{ CHANNEL, "revoked", "revoked" },
		{ EVERYTHING, "revoked", "revoked" },
		{ MARKETING, "revoked", "granted" },
		{ CATEGORY, "revoked", "revoked" },
	};
	const struct td_mark_fact *from;
	struct scene s;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		all_clear(&s, TD_SMS, TD_CLASS_MARKETING);
		impose(&s, rows[i].condition);
		is_str(td_consent_state(s.facts.scope, TD_CLASS_MARKETING, NOW), rows[i].marketing, "state, for marketing");
		is_str(
			td_consent_state(s.facts.scope, TD_CLASS_TRANSACTIONAL, NOW), rows[i].transactional, "state, for the rest");
	}
	all_clear(&s, TD_SMS, TD_CLASS_MARKETING);
	impose(&s, CHANNEL);
	s.facts.scope[TD_SCOPE_CHANNEL].grant = grant(300, true);
	is_str(
		td_consent_mark(s.facts.scope, TD_CLASS_MARKETING, NOW, &from), "granted", "state after STOP and a later yes");
	is_str(from ? from->event : NULL, "later", "… and the event it comes from");
	memset(&s, 0, sizeof(s));
	td_consent_mark(s.facts.scope, TD_CLASS_MARKETING, NOW, &from);
	ok(!from, "an unknown state comes from nothing");
}

int main(void)
{
	test_table(spec, sizeof(spec) / sizeof(*spec), &knobs_off, "");
	test_knobs();
	test_names();
	test_times();
	test_full();
	test_enforce();
	test_scopes();
	test_scopes_more();
	test_states();
	return done_testing();
}
