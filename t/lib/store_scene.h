/*
 * store_scene - facts for the decision: "all clear" and the conditions of the table of policy §5, one by one
 *
 * For t/unit/store_policy*.t.c. Header only, so that t/lib needs nothing of store/.
 */
#ifndef TD_STORE_SCENE_H
#define TD_STORE_SCENE_H

#include "policy.h"

#define NOW 1000000

static const enum td_class classes[6] = { TD_CLASS_COMPLIANCE, TD_CLASS_CRITICAL, TD_CLASS_SOLICITED,
	TD_CLASS_TRANSACTIONAL, TD_CLASS_SERVICE, TD_CLASS_MARKETING };
static const struct td_policy knobs_off = { .email_optin = true };

static inline struct td_mark_fact mark(int64_t at, const char *id)
{
	return (struct td_mark_fact){ .at = at, .event = id, .subject = true };
}

/* ---- conditions: each turns "all clear" into one row of the table ---- */

enum condition {
	CLEAR,
	DUPLICATE,
	EXPIRED,
	UNDELIVERABLE,
	BLOCKED,
	DNC,
	CATEGORY,
	CHANNEL_CATEGORY,
	CHANNEL,
	MARKETING,
	EVERYTHING,
	PROVIDED,
	PENDING,
	NONE,
	CONSENT_EXPIRED,
	QUIET,
	FULL,
	QUIET_FULL,
	PAUSED,
	PREFERS_OTHER,
	BUDGET
};

struct scene {
	struct td_facts facts;
	struct td_ask ask;
	struct td_policy policy;
	struct td_rule_fact rules[2];
};

static inline void all_clear(struct scene *s, enum td_channel channel, enum td_class cls)
{
	memset(s, 0, sizeof(*s));
	s->facts.scope[TD_SCOPE_CHANNEL].grant = mark(100, "grant");
	s->ask = (struct td_ask){ .channel = channel, .cls = cls };
	s->policy = knobs_off;
	s->rules[0] = (struct td_rule_fact){ .name = "pressure", .limit = 4, .used = 1, .want = 1, .free_at = 2 * NOW };
	s->rules[1] = (struct td_rule_fact){
		.name = "abroad", .budget = true, .limit = 200, .used = 1, .want = 3, .free_at = 3 * NOW
	};
	s->facts.rules = s->rules;
	s->facts.nrules = 2;
}

static inline void impose(struct scene *s, enum condition c)
{
	struct td_scope_facts *scope = s->facts.scope;
	struct td_mark_fact *grant = &scope[TD_SCOPE_CHANNEL].grant;

	switch (c) {
	case CLEAR: break;
	case DUPLICATE: s->facts.duplicate = true; break;
	case EXPIRED: s->ask.expires = NOW; break;
	case UNDELIVERABLE: s->facts.undeliverable = "hard"; break;
	case BLOCKED: s->facts.blocked = "blocked-type"; break;
	case DNC: s->facts.dnc = "tombstone"; break;
	case CATEGORY: scope[TD_SCOPE_CATEGORY].revoke_all = mark(200, "category"); break;
	case CHANNEL_CATEGORY: scope[TD_SCOPE_BOTH].revoke_all = mark(200, "both"); break;
	case CHANNEL: scope[TD_SCOPE_CHANNEL].revoke_all = mark(200, "channel"); break;
	case MARKETING: scope[TD_SCOPE_ALL].revoke_marketing = mark(200, "marketing"); break;
	case EVERYTHING: scope[TD_SCOPE_ALL].revoke_all = mark(200, "all"); break;
	case PROVIDED: grant->provided = true; break;
	case PENDING: grant->pending = true; break;
	case NONE: *grant = (struct td_mark_fact){ 0 }; break;
	case CONSENT_EXPIRED: grant->expires = NOW; break;
	case QUIET: s->facts.opens_at = NOW + 1; break;
	case FULL: s->rules[0].used = 4; break;
	case QUIET_FULL:
		impose(s, QUIET);
		impose(s, FULL);
		break;
	case PAUSED:
		s->facts.paused_until = NOW + 1;
		s->facts.paused_event = "pause";
		break;
	case PREFERS_OTHER: s->facts.prefer_other = true; break;
	case BUDGET: s->rules[1].used = 198; break;
	}
}

static inline struct td_decision run(const struct scene *s)
{
	struct td_decision d;

	td_decide(&s->facts, &s->ask, &s->policy, NOW, &d);
	return d;
}

#endif
