/*
 * policy - the decision: may this message go to this address, on this channel, now?
 *
 * The table below is the table of policy §5: a row says what one condition does to each class on each channel.
 * td_decide walks the conditions in their order and takes the first that does not let the message pass.
 */
#include "policy.h"

#include <stddef.h>

enum row {
	ROW_DUPLICATE,
	ROW_EXPIRED,
	ROW_UNDELIVERABLE,
	ROW_BLOCKED,
	ROW_DNC,
	ROW_PAUSED,
	ROW_EVERYTHING,
	ROW_CHANNEL,
	ROW_CATEGORY,
	ROW_CHANNEL_CATEGORY,
	ROW_ALL_MARKETING,
	ROW_PROVIDED,
	ROW_PENDING,
	ROW_NONE,
	ROW_CONSENT_EXPIRED,
	ROW_PREFERENCE,
	ROW_QUIET,
	ROW_FULL,
	NROWS
};

/*
 * E-mail and SMS for compliance, critical, solicited, transactional, service, marketing: + passes, X DENY, Q HOLD, C
 * CAPPED, - DROP, = DUPLICATE. Rows paused and preference are not in the table of §5; its text says them.
 */
static const struct {
	const char *rule, *reason;
	const char *cells;
} table[NROWS] = {
	[ROW_DUPLICATE] = { "duplicate", "duplicate", "== == == == == ==" },
	[ROW_EXPIRED] = { "expired", "expired", "-- -- -- -- -- --" },
	[ROW_UNDELIVERABLE] = { "undeliverable", "undeliverable", "XX XX XX XX XX XX" },
	[ROW_BLOCKED] = { "country", "blocked-country", "XX XX XX XX XX XX" },
	[ROW_DNC] = { "dnc", "dnc", "++ ++ ++ ++ XX XX" },
	[ROW_PAUSED] = { "paused", "paused", "++ ++ ++ +Q XQ XQ" },
	[ROW_EVERYTHING] = { "optout-all", "optout", "++ +X +X XX XX XX" },
	[ROW_CHANNEL] = { "optout-channel", "optout", "++ +X +X XX XX XX" },
	[ROW_CATEGORY] = { "optout-category", "optout", "++ ++ ++ XX XX XX" },
	[ROW_CHANNEL_CATEGORY] = { "optout-channel-category", "optout", "++ ++ ++ XX XX XX" },
	[ROW_ALL_MARKETING] = { "optout-marketing", "optout", "++ ++ ++ ++ ++ XX" },
	[ROW_PROVIDED] = { "consent-provided", "no-consent", "++ ++ ++ ++ ++ XX" },
	[ROW_PENDING] = { "consent-pending", "no-consent", "++ ++ ++ +X +X XX" },
	[ROW_NONE] = { "consent-none", "no-consent", "++ ++ ++ +X +X XX" },
	[ROW_CONSENT_EXPIRED] = { "consent-expired", "no-consent", "++ ++ ++ +X +X XX" },
	[ROW_PREFERENCE] = { "preference", "preference", "++ ++ ++ ++ XX XX" },
	[ROW_QUIET] = { "quiet-hours", "quiet-hours", "++ ++ ++ ++ +Q +Q" },
	[ROW_FULL] = { "cap", "cap", "++ ++ ++ ++ CC CC" },
};

/* A class out of range is judged as the one that passes least. */
static enum td_class sane_class(enum td_class cls)
{
	return cls > TD_CLASS_NONE && cls < TD_CLASS_MAX ? cls : TD_CLASS_MARKETING;
}

/* The cell of the table with the knobs turned. */
static char cell(enum row row, const struct td_ask *ask, const struct td_policy *policy)
{
	enum td_class cls = sane_class(ask->cls);
	bool sms = ask->channel == TD_SMS;
	bool broad = row == ROW_CHANNEL || row == ROW_EVERYTHING;

	if (policy->after_stop && sms && broad && (cls == TD_CLASS_CRITICAL || cls == TD_CLASS_SOLICITED))
		return '+';
	if (policy->required && cls == TD_CLASS_TRANSACTIONAL &&
		(row == ROW_CATEGORY || row == ROW_CHANNEL_CATEGORY || (!sms && broad)))
		return '+';
	if (!policy->email_optin && !sms && cls == TD_CLASS_MARKETING && row >= ROW_PROVIDED && row <= ROW_CONSENT_EXPIRED)
		return '+';
	if (policy->quiet && sms && cls == TD_CLASS_TRANSACTIONAL && row == ROW_QUIET)
		return 'Q';
	return table[row].cells[3 * (TD_CLASS_COMPLIANCE - cls) + sms];
}

static bool live(const struct td_mark_fact *grant, int64_t now_ms)
{
	return grant->at && !grant->pending && (!grant->expires || grant->expires > now_ms);
}

/* Does this grant stand against a revoke of that time? Marketing asks for more than an address that was only given. */
static bool overcomes(
	const struct td_mark_fact *grant, const struct td_mark_fact *revoke, bool marketing, int64_t now_ms)
{
	return grant->strong && live(grant, now_ms) && grant->at > revoke->at && !(marketing && grant->provided);
}

/* A revoke at scope denies unless a later strong grant stands at the same or a narrower scope (policy §4 rule 2). */
static bool stands(const struct td_scope_facts scope[TD_NSCOPES], int at, const struct td_mark_fact *revoke,
	bool marketing, int64_t now_ms)
{
	if (!revoke->at)
		return false;
	for (int i = at; i < TD_NSCOPES; i++) {
		if (overcomes(&scope[i].grant, revoke, marketing, now_ms) ||
			overcomes(&scope[i].again, revoke, marketing, now_ms))
			return false;
	}
	return true;
}

/* The opt-out that stops this message, by the first row of the table that does; NULL when none does. */
static const struct td_mark_fact *find_optout(const struct td_facts *facts, const struct td_ask *ask,
	const struct td_policy *policy, int64_t now_ms, enum row *row)
{
	static const enum row rows[TD_NSCOPES] = {
		[TD_SCOPE_ALL] = ROW_EVERYTHING,
		[TD_SCOPE_CHANNEL] = ROW_CHANNEL,
		[TD_SCOPE_CATEGORY] = ROW_CATEGORY,
		[TD_SCOPE_BOTH] = ROW_CHANNEL_CATEGORY,
	};
	bool marketing = sane_class(ask->cls) == TD_CLASS_MARKETING;

	for (int i = 0; i < TD_NSCOPES; i++) {
		*row = rows[i];
		if (cell(*row, ask, policy) != '+' && stands(facts->scope, i, &facts->scope[i].revoke_all, marketing, now_ms))
			return &facts->scope[i].revoke_all;
	}
	*row = ROW_ALL_MARKETING;
	for (int i = 0; i < TD_NSCOPES && cell(*row, ask, policy) != '+'; i++) {
		if (stands(facts->scope, i, &facts->scope[i].revoke_marketing, marketing, now_ms))
			return &facts->scope[i].revoke_marketing;
	}
	return NULL;
}

/* Which row of the consent conditions one grant puts us in; NROWS for a live grant, which is "all clear". */
static enum row consent_row(const struct td_mark_fact *grant, int64_t now_ms)
{
	if (!grant->at)
		return ROW_NONE;
	if (grant->expires && grant->expires <= now_ms)
		return ROW_CONSENT_EXPIRED;
	if (grant->pending)
		return ROW_PENDING;
	return grant->provided ? ROW_PROVIDED : NROWS;
}

/* The grant on the path that says most, and its row. Of equals the narrowest, which says it most exactly. */
static const struct td_mark_fact *best_grant(
	const struct td_scope_facts scope[TD_NSCOPES], int64_t now_ms, enum row *best)
{
	static const char worth[NROWS + 1] = {
		[ROW_CONSENT_EXPIRED] = 1, [ROW_PENDING] = 2, [ROW_PROVIDED] = 3, [NROWS] = 4
	};
	const struct td_mark_fact *found = NULL;

	*best = ROW_NONE;
	for (int i = TD_NSCOPES - 1; i >= 0; i--) {
		const struct td_mark_fact *marks[2] = { &scope[i].grant, &scope[i].again };

		for (int k = 0; k < 2; k++) {
			enum row row = consent_row(marks[k], now_ms);

			if (worth[(int)row] > worth[(int)*best]) {
				*best = row;
				found = marks[k];
			}
		}
	}
	return found;
}

static void deny(struct td_decision *out, enum row row, char what)
{
	switch (what) {
	case 'X': out->verdict = TD_K_DENY; break;
	case 'Q': out->verdict = TD_K_HOLD; break;
	case 'C': out->verdict = TD_K_CAPPED; break;
	case '-': out->verdict = TD_K_DROP; break;
	case '=': out->verdict = TD_K_DUPLICATE; break;
	}
	out->reason = table[row].reason;
	out->rule = table[row].rule;
}

/* Does the condition of a row hold, and does it stop the message? Fills out then. */
static bool hit(
	struct td_decision *out, bool condition, enum row row, const struct td_ask *ask, const struct td_policy *policy)
{
	char what = condition ? cell(row, ask, policy) : '+';

	if (what != '+')
		deny(out, row, what);
	return what != '+';
}

static bool binds(const struct td_rule_fact *rule, enum td_class cls)
{
	if (cls == TD_CLASS_COMPLIANCE)
		return false;
	if (rule->enforce)
		return rule->enforce >> cls & 1;
	return rule->budget || cls == TD_CLASS_SERVICE || cls == TD_CLASS_MARKETING;
}

static int full_action(const struct td_rule_fact *rule, const struct td_ask *ask)
{
	bool marketing = sane_class(ask->cls) == TD_CLASS_MARKETING;

	if (rule->on_full)
		return rule->on_full;
	if (marketing)
		return TD_FULL_DROP;
	return ask->channel == TD_SMS ? TD_FULL_HOLD : TD_FULL_PASS;
}

/* All rules must have room. Of the full ones the most severe decides, of equals the one that is full longest; room is
 * when all have it. */
static bool find_full(struct td_decision *out, const struct td_facts *facts, const struct td_ask *ask)
{
	const struct td_rule_fact *worst = NULL;

	for (size_t i = 0; i < facts->nrules; i++) {
		const struct td_rule_fact *rule = &facts->rules[i];
		int action;

		if (!binds(rule, sane_class(ask->cls)) || rule->used + rule->want <= rule->limit)
			continue;
		action = full_action(rule, ask);
		if (rule->free_at > out->until)
			out->until = rule->free_at;
		if (!worst || action > out->action || (action == out->action && rule->free_at > worst->free_at)) {
			worst = rule;
			out->action = action;
		}
	}
	if (!worst)
		return false;
	deny(out, ROW_FULL, 'C');
	out->reason = worst->budget ? "budget" : "cap";
	out->rule = worst->name;
	return true;
}

static bool find_suppression(
	struct td_decision *out, const struct td_facts *facts, const struct td_ask *ask, const struct td_policy *policy)
{
	if (hit(out, facts->undeliverable != NULL, ROW_UNDELIVERABLE, ask, policy)) {
		out->event = facts->undeliverable;
		return true;
	}
	if (hit(out, facts->blocked != NULL, ROW_BLOCKED, ask, policy)) {
		out->reason = facts->blocked;
		return true;
	}
	if (hit(out, facts->dnc != NULL, ROW_DNC, ask, policy)) {
		out->event = facts->dnc;
		return true;
	}
	return false;
}

/* The pause: a refusal for mail, a wait for SMS. `what` is the one that is asked for. */
static bool find_pause(struct td_decision *out, const struct td_facts *facts, const struct td_ask *ask,
	const struct td_policy *policy, int64_t now_ms, char what)
{
	bool paused = facts->paused_until > now_ms && cell(ROW_PAUSED, ask, policy) == what;

	if (!hit(out, paused, ROW_PAUSED, ask, policy))
		return false;
	out->until = facts->paused_until;
	out->event = facts->paused_event;
	return true;
}

static void name_event(struct td_decision *out, const struct td_mark_fact *mark)
{
	if (mark) {
		out->event = mark->event;
		out->event_at = mark->at;
	}
}

/* What the person said: opt-outs, then consent, then the preferred channel. */
static bool find_wish(struct td_decision *out, const struct td_facts *facts, const struct td_ask *ask,
	const struct td_policy *policy, int64_t now_ms)
{
	enum row row;
	const struct td_mark_fact *mark = find_optout(facts, ask, policy, now_ms, &row);

	if (mark) {
		deny(out, row, 'X');
		name_event(out, mark);
		return true;
	}
	mark = best_grant(facts->scope, now_ms, &row);
	if (row != NROWS && hit(out, true, row, ask, policy)) {
		name_event(out, mark);
		return true;
	}
	return hit(out, facts->prefer_other, ROW_PREFERENCE, ask, policy);
}

/* SEND names the grant it rests on, where the class needs one. */
static void send(struct td_decision *out, const struct td_facts *facts, const struct td_ask *ask,
	const struct td_policy *policy, int64_t now_ms)
{
	enum row row;

	out->verdict = TD_K_SEND;
	out->reason = "ok";
	if (cell(ROW_NONE, ask, policy) != '+')
		name_event(out, best_grant(facts->scope, now_ms, &row));
}

void td_decide(const struct td_facts *facts, const struct td_ask *ask, const struct td_policy *policy, int64_t now_ms,
	struct td_decision *out)
{
	bool email = ask->channel == TD_EMAIL;

	*out = (struct td_decision){ 0 };
	if (!email && hit(out, facts->duplicate, ROW_DUPLICATE, ask, policy))
		return;
	if (hit(out, ask->expires && ask->expires <= now_ms, ROW_EXPIRED, ask, policy) ||
		find_suppression(out, facts, ask, policy) || find_pause(out, facts, ask, policy, now_ms, 'X') ||
		find_wish(out, facts, ask, policy, now_ms))
		return;
	/* A pause that only delays comes after every refusal, or a message nobody may send would wait for a no it could
	 * have at once. */
	if (find_pause(out, facts, ask, policy, now_ms, 'Q'))
		return;
	if (hit(out, facts->opens_at > now_ms, ROW_QUIET, ask, policy)) {
		out->until = facts->opens_at;
		if (facts->quiet_rule)
			out->rule = facts->quiet_rule;
		return;
	}
	if ((email && hit(out, facts->duplicate, ROW_DUPLICATE, ask, policy)) || find_full(out, facts, ask))
		return;
	send(out, facts, ask, policy, now_ms);
}

void td_decide_hard(const struct td_facts *facts, const struct td_ask *ask, const struct td_policy *policy,
	struct td_decision *out)
{
	*out = (struct td_decision){ .verdict = TD_K_SEND, .reason = "ok" };
	find_suppression(out, facts, ask, policy);
}

const char *td_full_name(int action)
{
	static const char *const names[] = {
		[TD_FULL_PASS] = "pass",
		[TD_FULL_DEFER] = "defer",
		[TD_FULL_DOWNGRADE] = "downgrade",
		[TD_FULL_HOLD] = "hold",
		[TD_FULL_DROP] = "drop",
	};

	return action >= TD_FULL_PASS && action <= TD_FULL_DROP ? names[action] : NULL;
}

/* The revoke that stands for a class on the path; NULL when there is none. */
static const struct td_mark_fact *standing(
	const struct td_scope_facts scope[TD_NSCOPES], bool marketing, int64_t now_ms)
{
	for (int i = 0; i < TD_NSCOPES; i++) {
		if (stands(scope, i, &scope[i].revoke_all, marketing, now_ms))
			return &scope[i].revoke_all;
		if (marketing && stands(scope, i, &scope[i].revoke_marketing, marketing, now_ms))
			return &scope[i].revoke_marketing;
	}
	return NULL;
}

const char *td_consent_mark(
	const struct td_scope_facts scope[TD_NSCOPES], enum td_class cls, int64_t now_ms, const struct td_mark_fact **mark)
{
	enum row row;

	*mark = standing(scope, sane_class(cls) == TD_CLASS_MARKETING, now_ms);
	if (*mark)
		return "revoked";
	*mark = best_grant(scope, now_ms, &row);
	switch (row) {
	case NROWS: return "granted";
	case ROW_PROVIDED: return "provided";
	case ROW_PENDING: return "pending";
	case ROW_CONSENT_EXPIRED: return "expired";
	default: return "unknown";
	}
}

const char *td_consent_state(const struct td_scope_facts scope[TD_NSCOPES], enum td_class cls, int64_t now_ms)
{
	const struct td_mark_fact *mark;

	return td_consent_mark(scope, cls, now_ms, &mark);
}
