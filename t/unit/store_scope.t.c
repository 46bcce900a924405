/*
 * store_scope - scope resolution (policy §4) of all pairs of events, and of random histories of two linked addresses,
 * against a reference that looks at every event
 */
#include "conf_quiet.h"
#include "event.h"
#include "facts.h"
#include "store_bench.h"

static struct bench b;

enum what { REVOKE_ALL, REVOKE_MARKETING, BY_SUBJECT, BY_ADMIN, BY_API, PROVIDED, STOP, START, NWHAT };
/* STOP and START have their own scope; the others each of the four. */
enum { NKINDS = STOP * TD_NSCOPES + 2, MOST = 8 };

struct said {
	enum what     what;
	enum td_scope scope;
	int           at;     /* seconds */
	bool          linked; /* by the other address of the person */
};

struct history {
	struct said said[MOST];
	size_t      n;
	int         number; /* makes its addresses */
	bool        pair;   /* they are linked */
};

static struct said kind_of(int i)
{
	if (i >= STOP * TD_NSCOPES)
		return (struct said){ .what = (enum what)(STOP + i - STOP * TD_NSCOPES), .scope = TD_SCOPE_CHANNEL };
	return (struct said){ .what = (enum what)(i / TD_NSCOPES), .scope = (enum td_scope)(i % TD_NSCOPES) };
}

/* ---- writing them ------------------------------------------------------------------------------------------------ */

static struct td_view address(struct td_op *op, const struct history *h, bool sms)
{
	return sms ? td_op_text(op, "tel:+1202%07d", 5550000 + h->number) :
		td_op_text(op, "email:p%d@example.com", h->number);
}

static enum td_status append(struct td_store *store, struct td_op *op, struct td_view addr, const struct said *said,
	bool sms)
{
	struct td_view channel = sms ? TD_VLIT("sms") : TD_VLIT("email");
	struct td_consent_event event = { .addr = addr, .actor = TD_VLIT("test"), .basis = TD_VLIT("express"),
		.source = TD_VLIT("web"), .reach = TD_VLIT("all"), .action = TD_VLIT("grant"),
		.occurred_at = b.clock.value_ms - 100000 + said->at * 1000 };

	event.channel = event.category = TD_VLIT("*");
	if (said->scope == TD_SCOPE_CHANNEL || said->scope == TD_SCOPE_BOTH)
		event.channel = channel;
	if (said->scope == TD_SCOPE_CATEGORY || said->scope == TD_SCOPE_BOTH)
		event.category = TD_VLIT("offer");
	event.by_subject = said->what != BY_ADMIN && said->what != BY_API && said->what != PROVIDED;
	switch (said->what) {
	case REVOKE_MARKETING: event.reach = TD_VLIT("marketing"); /* fall through */
	case REVOKE_ALL: event.action = TD_VLIT("revoke"); break;
	case BY_ADMIN:
		event.source = TD_VLIT("admin");
		event.note = TD_VLIT("on the phone");
		break;
	case PROVIDED: event.basis = TD_VLIT("provided"); /* fall through */
	case BY_API: event.source = TD_VLIT("api"); break;
	case STOP:
		event.action = TD_VLIT("revoke");
		event.source = TD_VLIT("keyword");
		event.channel = TD_VLIT("*");
		event.reach = TD_VLIT("marketing");
		if (td_event_append(store, op, &event, NULL))
			return op->err.status;
		event.reach = TD_VLIT("all");
		event.channel = TD_VLIT("sms");
		break;
	case START:
		event.source = TD_VLIT("keyword");
		event.channel = TD_VLIT("sms");
		break;
	default: break;
	}
	return td_event_append(store, op, &event, NULL);
}

enum { CHUNK = 50, CLASSES = 5 };
static const enum td_class classes[CLASSES] = { TD_CLASS_MARKETING, TD_CLASS_SERVICE, TD_CLASS_TRANSACTIONAL,
	TD_CLASS_SOLICITED, TD_CLASS_CRITICAL };

/* Histories that are written, and asked about, in one transaction. */
static struct {
	struct history h[CHUNK];
	const char    *reasons[CHUNK][CLASSES];
	size_t         n;
	bool           sms;
} chunk;

static enum td_status link_up(struct td_store *store, struct td_op *op, struct td_view own, struct td_view other)
{
	if (td_run(store, op, TD_SQL_PERSON_INSERT, NULL, td_text(own), td_int(1)) ||
		td_run(store, op, TD_SQL_ADDRESS_INSERT, NULL, td_text(own), td_text(own), td_text(own), td_str("app"),
			td_int(2), td_int(1)) ||
		td_run(store, op, TD_SQL_ADDRESS_INSERT, NULL, td_text(other), td_text(own), td_text(other), td_str("app"),
			td_int(2), td_int(1)))
		return op->err.status;
	return TD_OK;
}

static enum td_status write_chunk(struct td_store *store, struct td_op *op)
{
	for (size_t i = 0; i < chunk.n; i++) {
		const struct history *h = &chunk.h[i];
		struct td_view        own = address(op, h, chunk.sms), other = address(op, h, !chunk.sms);

		if (h->pair && link_up(store, op, own, other))
			return op->err.status;
		for (size_t k = 0; k < h->n; k++) {
			const struct said *said = &h->said[k];

			if (append(store, op, said->linked ? other : own, said, said->linked ? !chunk.sms : chunk.sms))
				return op->err.status;
		}
	}
	return td_sync(store, op);
}

static enum td_status ask_chunk(struct td_store *store, struct td_op *op)
{
	for (size_t i = 0; i < chunk.n * CLASSES; i++) {
		struct td_gather g = { .addr = address(op, &chunk.h[i / CLASSES], chunk.sms), .cls = classes[i % CLASSES],
			.channel = chunk.sms ? TD_SMS : TD_EMAIL, .category = TD_VLIT("offer") };

		if (td_facts_now(store, op, &g))
			return op->err.status;
		chunk.reasons[i / CLASSES][i % CLASSES] = g.decision.reason;
	}
	return TD_OK;
}

/* ---- the reference ----------------------------------------------------------------------------------------------- */

static bool is_revoke(const struct said *said)
{
	return said->what == REVOKE_ALL || said->what == REVOKE_MARKETING || said->what == STOP;
}

static bool is_grant(const struct said *said, bool strong)
{
	return said->what == BY_SUBJECT || said->what == BY_ADMIN || (!strong && said->what == BY_API);
}

/* Does a revoke of this reach and scope stop the class at all (the table of §5)? */
static bool stops(bool marketing_reach, enum td_scope scope, enum td_class cls, bool sms)
{
	if (marketing_reach)
		return cls == TD_CLASS_MARKETING;
	if (cls == TD_CLASS_CRITICAL || cls == TD_CLASS_SOLICITED)
		return sms && (scope == TD_SCOPE_ALL || scope == TD_SCOPE_CHANNEL);
	return true;
}

/* A revoke at this time and scope: does nothing stand against it? */
static bool holds(const struct history *h, const struct said *revoke, enum td_scope scope, bool sms)
{
	for (size_t i = 0; i < h->n; i++) {
		const struct said *later = &h->said[i];

		if (later->at <= revoke->at)
			continue; /* equal times: the revoke wins */
		/* START, on the same address: what STOP wrote, for SMS */
		if (later->what == START && revoke->what == STOP && sms && later->linked == revoke->linked)
			return false;
		/* A broader scope has a smaller number; channel and category are side by side, in this order. */
		if (is_grant(later, true) && !later->linked && later->scope >= scope)
			return false;
	}
	return true;
}

/* A revoke of the message's path: STOP has two halves. Of a linked address only what it says for the person. */
static bool denies(const struct history *h, const struct said *revoke, enum td_class cls, bool sms)
{
	bool linked_sms = revoke->linked ? !sms : sms; /* whose own channel is SMS */

	if (revoke->what == STOP) {
		bool channel_counts = sms && (!revoke->linked || !linked_sms);

		if (channel_counts && stops(false, TD_SCOPE_CHANNEL, cls, sms) && holds(h, revoke, TD_SCOPE_CHANNEL, sms))
			return true;
		return stops(true, TD_SCOPE_ALL, cls, sms) && holds(h, revoke, TD_SCOPE_ALL, sms);
	}
	/* The linked address speaks of its own channel: that is not this message's. */
	if (revoke->linked && (revoke->scope == TD_SCOPE_CHANNEL || revoke->scope == TD_SCOPE_BOTH))
		return false;
	return stops(revoke->what == REVOKE_MARKETING, revoke->scope, cls, sms) && holds(h, revoke, revoke->scope, sms);
}

static const char *expected(const struct history *h, enum td_class cls, bool sms)
{
	bool granted = false, provided = false;

	for (size_t i = 0; i < h->n; i++) {
		if (is_revoke(&h->said[i]) && denies(h, &h->said[i], cls, sms))
			return "optout";
		granted = granted || (!h->said[i].linked && is_grant(&h->said[i], false));
		provided = provided || (!h->said[i].linked && h->said[i].what == PROVIDED);
	}
	if (cls == TD_CLASS_CRITICAL || cls == TD_CLASS_SOLICITED || granted)
		return "ok";
	if (cls == TD_CLASS_MARKETING)
		return "no-consent";
	return sms && !provided ? "no-consent" : "ok";
}

/* ---- comparing --------------------------------------------------------------------------------------------------- */

static const char *story(const struct history *h)
{
	static const char *const names[] = { "revoke-all", "revoke-marketing", "grant-subject", "grant-admin", "grant-api",
		"provided", "STOP", "START" };
	static char out[800];
	size_t      n = 0;

	for (size_t i = 0; i < h->n; i++)
		n += (size_t)snprintf(out + n, sizeof out - n, "%s%s(scope %d)@%d ", h->said[i].linked ? "other:" : "",
			names[h->said[i].what], h->said[i].scope, h->said[i].at);
	return out;
}

static unsigned long compared, wrong;

static void compare_one(const struct history *h, const char *const reasons[CLASSES])
{
	for (size_t i = 0; i < CLASSES; i++) {
		const char *want = expected(h, classes[i], chunk.sms);

		compared++;
		if (strcmp(reasons[i], want) != 0 && wrong++ < 20)
			fail("%s %s after %s: %s, want %s", td_class_name(classes[i]), chunk.sms ? "SMS" : "e-mail", story(h),
				reasons[i], want);
	}
}

static void compare_chunk(void)
{
	if (td_store_do(b.store, write_chunk) || td_store_do(b.store, ask_chunk))
		bail_out("histories cannot be written or asked about");
	for (size_t i = 0; i < chunk.n; i++)
		compare_one(&chunk.h[i], chunk.reasons[i]);
	chunk.n = 0;
}

static void compare(const struct history *h, bool sms)
{
	if (chunk.n && (chunk.n == CHUNK || chunk.sms != sms))
		compare_chunk();
	chunk.sms = sms;
	chunk.h[chunk.n++] = *h;
}

/* Every two events, the one before the other or at the same time; in both orders of writing. */
static void all_pairs(bool sms)
{
	static int number;

	compared = wrong = 0;
	for (int i = 0; i < NKINDS; i++) {
		for (int k = 0; k < NKINDS; k++) {
			for (int same = 0; same < 2; same++) {
				struct history h = { .n = 2, .number = number };

				number++;
				h.said[0] = kind_of(i);
				h.said[1] = kind_of(k);
				h.said[0].at = 1;
				h.said[1].at = same ? 1 : 2;
				compare(&h, sms);
			}
		}
	}
	compare_chunk();
	ok(wrong == 0, "%lu decisions after all pairs of events, %s", compared, sms ? "SMS" : "e-mail");
}

static uint32_t seed;
static int any(int below)
{
	seed = seed * 1664525 + 1013904223;
	return (int)((seed >> 8) % (uint32_t)below);
}

static void random_histories(bool sms, bool pair)
{
	static int number = 10000;

	compared = wrong = 0;
	for (int i = 0; i < 700; i++) {
		struct history h = { .n = (size_t)any(MOST) + 1, .number = number, .pair = pair };

		number++;
		for (size_t k = 0; k < h.n; k++) {
			h.said[k] = kind_of(any(NKINDS));
			h.said[k].at = any(6);
			h.said[k].linked = pair && any(2);
		}
		compare(&h, sms);
	}
	compare_chunk();
	ok(wrong == 0, "%lu decisions after random histories of %s %s", compared, pair ? "a person with" : "one address,",
		sms ? "SMS" : "e-mail");
}

int main(void)
{
	static const struct td_quiet_rule all_day[] = { { .region = "*", .days = 0x7f, .close = 24 * 60, .classes = ~0u,
		.source = "", .name = "always" } };

	bench_start(&b);
	b.conf.quiet_hours.rules = all_day;
	b.conf.quiet_hours.nrules = 1;
	seed = 42;
	all_pairs(true);
	all_pairs(false);
	for (int i = 0; i < 4; i++)
		random_histories(i & 1, i & 2);
	bench_end(&b);
	return done_testing();
}
