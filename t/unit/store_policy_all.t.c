/*
 * store_policy_all - the invariants of the decision over every combination of conditions, classes, channels and knobs
 */
#include "store_scene.h"
#include "tap.h"

/* ---- invariants, over every combination ---- */

enum bit { /* conditions that stop */
	B_DUPLICATE,
	B_EXPIRED,
	B_UNDELIVERABLE,
	B_DNC,
	B_PAUSED,
	B_EVERYTHING,
	B_CHANNEL,
	B_CATEGORY,
	B_BOTH,
	B_MARKETING,
	B_PREFER,
	B_QUIET,
	B_FULL,
	NBITS
};
static const enum condition bits[NBITS] = { DUPLICATE, EXPIRED, UNDELIVERABLE, DNC, PAUSED, EVERYTHING, CHANNEL,
	CATEGORY, CHANNEL_CATEGORY, MARKETING, PREFERS_OTHER, QUIET, FULL };
#define OPTOUTS (1u << B_EVERYTHING | 1u << B_CHANNEL | 1u << B_CATEGORY | 1u << B_BOTH | 1u << B_MARKETING)

struct combination {
	unsigned set; /* of enum bit */
	enum condition consent;
	enum td_channel channel;
	enum td_class cls;
	struct td_policy policy;
};

static struct td_decision decide(const struct combination *c)
{
	struct scene s;

	all_clear(&s, c->channel, c->cls);
	s.policy = c->policy;
	impose(&s, c->consent);
	for (int b = 0; b < NBITS; b++) {
		if (c->set >> b & 1)
			impose(&s, bits[b]);
	}
	return run(&s);
}

static unsigned long long checked, broken[6];

/* Which invariant does this SEND break? 0: none. */
static int breaks(const struct combination *c)
{
	struct combination less = *c;
	bool marketing = c->cls == TD_CLASS_MARKETING, sms = c->channel == TD_SMS;

	if (marketing && (c->set & (OPTOUTS | 1u << B_DNC | 1u << B_FULL)))
		return 1;
	if (marketing && sms && (c->consent != CLEAR || (c->set & 1u << B_QUIET)))
		return 2;
	if (sms && (c->set & 1u << B_CHANNEL) && c->cls != TD_CLASS_COMPLIANCE &&
		!(c->policy.after_stop && (c->cls == TD_CLASS_CRITICAL || c->cls == TD_CLASS_SOLICITED)))
		return 3;
	/* one condition less must not be a stop, or adding it would have turned a stop into this SEND */
	for (int b = 0; b < NBITS; b++) {
		if (!(c->set >> b & 1))
			continue;
		less.set = c->set & ~(1u << b);
		if (decide(&less).verdict != TD_K_SEND)
			return 4;
	}
	return 0;
}

static void check_combination(struct combination *c)
{
	struct combination without = *c;
	struct td_decision d = decide(c), e;

	checked++;
	if (!d.reason || !d.verdict || (d.verdict == TD_K_HOLD && d.until <= NOW) ||
		(d.verdict == TD_K_CAPPED && !d.action) || (d.verdict != TD_K_SEND && !d.rule))
		broken[0]++;
	if (d.verdict == TD_K_SEND)
		broken[breaks(c)] += breaks(c) != 0;
	if ((c->set >> B_MARKETING & 1) && c->cls != TD_CLASS_MARKETING) {
		without.set &= ~(1u << B_MARKETING);
		e = decide(&without);
		broken[5] += e.verdict != d.verdict || e.reason != d.reason || e.until != d.until;
	}
}

static void test_invariants(void)
{
	static const enum condition consents[] = { CLEAR, PROVIDED, PENDING, NONE, CONSENT_EXPIRED };
	static const char *const names[6] = { "every combination has a verdict with its reason, rule, time and action",
		"no marketing is sent under any opt-out, dnc or full cap",
		"no marketing SMS without a live grant or inside quiet hours",
		"STOP lets only compliance through on SMS, but for after_stop",
		"adding an opt-out, closing a window or filling a cap never turns a stop into a SEND",
		"\"all marketing\" changes nothing for the other classes" };
	struct combination c;

	for (int k = 0; k < 16; k++) {
		c.policy = (struct td_policy){ .after_stop = k & 1, .email_optin = k & 2, .required = k & 4, .quiet = k & 8 };
		for (int i = 0; i < 12; i++) {
			c.channel = i & 1 ? TD_SMS : TD_EMAIL;
			c.cls = classes[i / 2];
			for (int j = 0; j < 5; j++) {
				c.consent = consents[j];
				for (c.set = 0; c.set < 1u << NBITS; c.set++)
					check_combination(&c);
			}
		}
	}
	is_int(checked, 16ull * 12 * 5 << NBITS, "all combinations were tried");
	for (int i = 0; i < 6; i++)
		is_int(broken[i], 0, "%s", names[i]);
}

int main(void)
{
	test_invariants();
	return done_testing();
}
