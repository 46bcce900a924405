/*
 * store_caps_model - thousands of random histories of caps and budgets against an obvious, slow reference
 *
 * The reference keeps a list of everything that was sent and recounts all of it for every question. A history is a row
 * of steps: send, fail, retry, hold and wake, link, mail with SMS, wait. After each BEGIN both must say the same: sent,
 * or held and until when. The seed is fixed; TANDEM_SEED gives another.
 */
#include "store_caps.h"

#define PEOPLE 4
#define ADDRS (2 * PEOPLE) /* of each a number and an e-mail address */
#define EVENTS 400
#define STEPS 14
#define ROUNDS 5
#define HISTORIES 200 /* of one store */

struct seen { /* a message that counts */
	bool        gone;
	int64_t     at;
	int         addr, note, sender;
	bool        email;
	enum td_class cls;
	int64_t     segments;
};

static struct caps_bench c;
static struct seen list[EVENTS];
static size_t      nseen;
static int         person[ADDRS];
static int         notes, nth; /* history */
static uint64_t    state_of_chance;
static unsigned    asked, capped, differed;

static unsigned chance(unsigned n)
{
	state_of_chance = state_of_chance * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)((state_of_chance >> 33) % n);
}

static const char *addr_text(int addr)
{
	int who = nth % HISTORIES * PEOPLE + addr / 2;

	return td_arena_printf(&c.b.arena, addr % 2 ? "p%d@example.com" : "+1202555%04d", who);
}

/* ---- the reference ---- */

static bool has(const struct td_strings *names, const char *name)
{
	for (size_t i = 0; i < names->n; i++) {
		if (strcmp(names->v[i], name) == 0)
			return true;
	}
	return names->n == 0;
}

static bool counts(const struct td_conf_rule *rule, const struct seen *s)
{
	if (s->gone || !has(&rule->channels, s->email ? "email" : "sms") || !has(&rule->count, td_class_name(s->cls)))
		return false;
	return !s->email || strcmp(rule->unit, "segment") != 0;
}

static bool about(const struct td_conf_rule *rule, const struct seen *s, const struct seen *m)
{
	if (strcmp(rule->subject, "person") == 0)
		return person[s->addr] == person[m->addr];
	if (strcmp(rule->subject, "address") == 0)
		return s->addr == m->addr;
	return strcmp(rule->subject, "all") == 0 || s->sender == m->sender;
}

static bool is_counted(const struct seen *s)
{
	bool any = false;

	for (size_t i = 0; i < c.b.conf.ncaps; i++)
		any = any || counts(&c.caps[i], s);
	for (size_t i = 0; i < c.b.conf.nbudgets; i++)
		any = any || counts(&c.budgets[i], s);
	return any;
}

/* Sum of the rule at a time, the message itself left out. Budgets see whole seconds. */
static int64_t count_at(const struct td_conf_rule *rule, bool budget, const struct seen *m, int64_t now)
{
	int64_t sum = 0;
	bool    by_note = strcmp(rule->unit, "notification") == 0 && rule->channels.n != 1;

	for (size_t i = 0; i < nseen; i++) {
		const struct seen *s = &list[i];
		int64_t            at = budget ? s->at / 1000 * 1000 + 999 : s->at;
		bool               twice = by_note && s->note == m->note;

		if (s == m || !counts(rule, s) || !about(rule, s, m) || at <= now - rule->window_ms)
			continue;
		for (size_t k = i + 1; by_note && k < nseen; k++)
			twice = twice || (list[k].note == s->note && &list[k] != m && counts(rule, &list[k]) &&
				about(rule, &list[k], m) && list[k].at > now - rule->window_ms);
		if (!twice)
			sum += strcmp(rule->unit, "segment") == 0 ? s->segments : 1;
	}
	return sum;
}

static bool full_at(const struct td_conf_rule *rule, bool budget, const struct seen *m, int64_t now)
{
	double  kept = m->cls == TD_CLASS_MARKETING ? rule->headroom : 0;
	int64_t want = strcmp(rule->unit, "segment") == 0 ? m->segments : 1;

	if (!has(&rule->channels, m->email ? "email" : "sms") || !has(&rule->enforce, td_class_name(m->cls)))
		return false;
	if (m->email && strcmp(rule->unit, "segment") == 0)
		return false;
	return count_at(rule, budget, m, now) + want > (int64_t)(rule->limit - kept);
}

/* When all that are full have room: the first time at which an event leaves one and it has. 0: nothing is full. */
static int64_t room_at(const struct seen *m, int64_t now)
{
	int64_t until = 0;

	for (size_t r = 0; r < c.b.conf.ncaps + c.b.conf.nbudgets; r++) {
		bool                       budget = r >= c.b.conf.ncaps;
		const struct td_conf_rule *rule = budget ? &c.budgets[r - c.b.conf.ncaps] : &c.caps[r];
		int64_t                    first = INT64_MAX;

		if (!full_at(rule, budget, m, now))
			continue;
		for (size_t i = 0; i < nseen; i++) {
			int64_t leaves = (budget ? list[i].at / 1000 * 1000 + 999 : list[i].at) + rule->window_ms;

			if (leaves > now && leaves < first && counts(rule, &list[i]) && about(rule, &list[i], m) &&
				!full_at(rule, budget, m, leaves))
				first = leaves;
		}
		if (first == INT64_MAX)
			first = now + rule->window_ms;
		if (first > until)
			until = first;
	}
	return until;
}

/* ---- steps ---- */

static const char *const senders[] = { "shop", "news" };

static struct seen *note_down(const struct seen *m)
{
	if (nseen == EVENTS)
		bail_out("history too long");
	list[nseen] = *m;
	return &list[nseen++];
}

static void differ(const char *what, const struct seen *m, int64_t want, int64_t got)
{
	differed++;
	diag("%s: %s class %d: want %lld, got %lld", what, addr_text(m->addr), (int)m->cls, (long long)want,
		(long long)got);
}

/* BEGIN of one SMS against the reference; true when it is sent. *m is in the list already when it has a slot. */
static bool begin(struct td_view job, const struct seen *m)
{
	struct td_begin_item item = { .job = job, .provider = TD_VLIT("main"), .encoding = TD_VLIT("gsm7"),
		.segments = m->segments };
	struct td_begin begin = { { &item, 1 } };
	const struct td_begun_item *out;
	int64_t until = room_at(m, c.b.clock.value_ms);

	bench_lease(&c.b, job, 7);
	out = ((const struct td_begun *)bench_call(&c.b, TD_V_BEGIN, &begin, 7)->out)->items.v;
	asked++;
	capped += until != 0;
	if (out->verdict.verdict != (until ? TD_CAPPED : TD_SEND))
		differ("verdict", m, until ? TD_CAPPED : TD_SEND, out->verdict.verdict);
	else if (until && out->verdict.until != until)
		differ("until", m, until, out->verdict.until);
	return out->verdict.verdict == TD_SEND;
}

/* What becomes of an SMS that was begun: mostly accepted. */
static void settle(struct td_view job, struct seen *m)
{
	switch (chance(6)) {
	case 0:
		bench_settle(&c.b, job, 7, TD_OUT_OTHER, "", 0);
		m->gone = true;
		return;
	case 1:
		bench_settle(&c.b, job, 7, TD_OUT_UNCERTAIN, "", 0);
		return;
	case 2: /* once more, later: on the slot it has, which moves */
		bench_settle(&c.b, job, 7, TD_OUT_TEMPORARY, "", c.b.clock.value_ms);
		c.b.clock.value_ms += chance(3000);
		if (begin(job, m)) {
			m->at = c.b.clock.value_ms;
			bench_settle(&c.b, job, 7, TD_OUT_ACCEPTED, td_arena_str(&c.b.arena, job), 0);
		} else {
			m->gone = true;
			td_lease_end(c.b.store->leases, job);
		}
		return;
	case 3:
		bench_settle(&c.b, job, 7, TD_OUT_UNBEGIN, "", c.b.clock.value_ms);
		m->gone = true;
		return;
	default:
		bench_settle(&c.b, job, 7, TD_OUT_ACCEPTED, td_arena_str(&c.b.arena, job), 0);
	}
}

static enum td_class any_class(void)
{
	static const enum td_class classes[] = { TD_CLASS_CRITICAL, TD_CLASS_TRANSACTIONAL, TD_CLASS_SOLICITED };

	/* none has quiet hours, and none is dropped when a rule is full */
	return classes[chance(3)];
}

static void try_sms(struct td_view job, struct seen *m)
{
	if (!job.n) {
		differed++;
		diag("no job");
		return;
	}
	if (begin(job, m)) {
		m->at = c.b.clock.value_ms;
		settle(job, note_down(m));
	} else if (chance(2) == 0) { /* it wakes when it was told to */
		c.b.clock.value_ms = room_at(m, c.b.clock.value_ms);
		if (begin(job, m)) {
			m->at = c.b.clock.value_ms;
			settle(job, note_down(m));
		}
	}
}

static void send_sms(void)
{
	struct seen m = { .addr = 2 * (int)chance(PEOPLE), .note = ++notes, .sender = (int)chance(2), .cls = any_class(),
		.segments = 1 + chance(3) };
	struct td_prepare *mail = bench_mail(&c.b, addr_text(m.addr), "x", caps_key(&c), m.cls, "");

	mail->submitter = V(senders[m.sender]);
	mail->expires = c.b.clock.value_ms + DAYS(300);
	try_sms(bench_job(&c.b, mail), &m);
}

static void send_mail(void)
{
	int         who = (int)chance(PEOPLE);
	bool        both = chance(2);
	const char *key = caps_key(&c);
	struct seen m = { .addr = 2 * who + 1, .email = true, .note = ++notes, .cls = any_class() };
	struct seen sms = { .addr = 2 * who, .note = notes, .cls = m.cls, .segments = 1 };
	int64_t     until = room_at(&m, c.b.clock.value_ms);
	struct td_op *op = caps_mail(&c, addr_text(m.addr), both ? addr_text(sms.addr) : "", m.cls, key);
	const char *verdict = caps_mail_verdict(&c, op);

	asked++;
	if ((strncmp(verdict, "SEND", 4) != 0) != (until != 0))
		differ(verdict, &m, until, 0);
	m.at = c.b.clock.value_ms;
	note_down(&m); /* none of these classes is dropped */
	if (both)
		try_sms(caps_activate(&c, op), &sms);
	if (chance(3) == 0) { /* the same mail again counts nothing */
		op = caps_mail(&c, addr_text(m.addr), both ? addr_text(sms.addr) : "", m.cls, key);
		if (is_counted(&m) && strcmp(caps_mail_verdict(&c, op), "DUPLICATE") != 0)
			differ(caps_mail_verdict(&c, op), &m, TD_DUPLICATE, 0);
	}
}

static void link_two(void)
{
	int a = (int)chance(ADDRS), b = (int)chance(ADDRS);
	struct td_pair pairs[2] = { { TD_VLIT("a"), V(addr_text(a)) }, { TD_VLIT("b"), V(addr_text(b)) } };
	struct td_args args = { { pairs, 2 } };
	int from = person[b];

	if (a == b || bench_call(&c.b, TD_V_PERSON_LINK, &args, 9)->err.status)
		return;
	for (int i = 0; i < ADDRS; i++)
		person[i] = person[i] == from ? person[a] : person[i];
}

static void rules_of_chance(void)
{
	static const char *const subjects[] = { "person", "address" }, *const kinds[] = { "sender", "all" };
	static const char *const names[] = { "c0", "c1", "c2", "b0", "b1" };

	for (unsigned i = 0, n = 1 + chance(3); i < n; i++) {
		struct td_conf_rule *rule = caps_add(&c, false, names[i], subjects[chance(2)],
			chance(3) ? "notification" : chance(2) ? "message" : "segment", 1 + chance(6), 5000 + chance(200000), "w");

		rule->enforce = (struct td_strings)STRINGS(all_classes);
		rule->on_full = "hold";
		rule->mail_on_full = "pass";
		if (strcmp(rule->unit, "segment") == 0 || chance(2))
			caps_sms_only(rule);
		if (chance(2))
			rule->count = (struct td_strings)STRINGS(all_classes);
	}
	for (unsigned i = 0, n = chance(3); i < n; i++) {
		struct td_conf_rule *rule = caps_add(&c, true, names[3 + i], kinds[chance(2)],
			chance(2) ? "message" : "segment", 3 + chance(20), 5000 + chance(400000), "w");

		rule->on_full = "hold";
		caps_sms_only(rule);
	}
}

static void history(void)
{
	nseen = 0;
	for (int i = 0; i < ADDRS; i++)
		person[i] = i;
	nth++;
	rules_of_chance();
	for (int i = 0; i < STEPS; i++) {
		switch (chance(8)) {
		case 0: link_two(); break;
		case 1:
		case 2: send_mail(); break;
		case 3: c.b.clock.value_ms += chance(60000); break;
		default: send_sms();
		}
		c.b.clock.value_ms += chance(4000);
	}
	c.b.conf.ncaps = c.b.conf.nbudgets = 0;
	c.b.clock.value_ms += 1000000; /* longer than every window: new people, empty budgets */
}

int main(void)
{
	const char *seed = getenv("TANDEM_SEED"), *rounds = getenv("TANDEM_ROUNDS");
	int         n = rounds ? atoi(rounds) : ROUNDS;

	td_log_open("store_caps_model", "stderr", TD_LOG_ERROR, false, NULL);
	state_of_chance = seed ? strtoull(seed, NULL, 10) : 20261124;
	for (int i = 0; i < n; i++) {
		uint64_t before = state_of_chance;

		caps_start(&c);
		for (int k = 0; k < HISTORIES && !differed; k++)
			history();
		bench_end(&c.b);
		if (differed) {
			diag("TANDEM_SEED=%llu", (unsigned long long)before);
			break;
		}
	}
	is_int(differed, 0, "%d histories: %u questions, %u of them stopped by a rule, are answered as the reference does",
		nth, asked, capped);
	ok(capped > asked / 10 && capped < asked * 9 / 10, "and both answers are common");
	return done_testing();
}
