/*
 * store_person_model - links, unlinks, opt-outs and grants at random, against a slow and obvious reference
 *
 * The reference keeps every statement of every address in a list and reads policy §1 and §4 to the letter. No opt-out
 * may be lost and no consent gained: what the store would send, the reference would. Without START, which a copied
 * opt-out may outlive (the store sends less then), both always say the same.
 */
#include "event.h"
#include "person.h"
#include "store_bench.h"

#define NADDR 6
#define STATEMENTS 4000
#define STEPS 250

static struct bench b;
static const char *const addrs[NADDR] = { "email:ana@example.com", "email:bob@example.com", "email:cle@example.com",
	"tel:+12025550101", "tel:+12025550102", "tel:+12025550103" };
static const char *const categories[] = { "*", "offer", "order-confirmation" };
static const char *const channels[] = { "*", "email", "sms" };

/* ---- the reference ---- */

enum what { REVOKE, GRANT, PROVIDED };
struct statement { /* without padding: they are compared byte for byte */
	int64_t what; /* enum what */
	int64_t channel, category; /* 0: any */
	int64_t all, stop, strong, lifted;
	int64_t at;
};
struct address {
	struct statement said[STATEMENTS];
	int              n, person, rank;
	int64_t          paused_until;
};
static struct address model[NADDR];
static int            persons;

static bool is_tel(int a)
{
	return a >= 3;
}

static int own_channel(int a)
{
	return is_tel(a) ? 2 : 1;
}

/* Said twice is said once, or what is copied to and fro would fill the list. */
static void add(int a, struct statement s)
{
	for (int i = 0; i < model[a].n; i++)
		if (memcmp(&model[a].said[i], &s, sizeof(s)) == 0)
			return;
	if (model[a].n == STATEMENTS)
		bail_out("the model is too small");
	model[a].said[model[a].n++] = s;
}

static int size_of(int person)
{
	int n = 0;

	for (int a = 0; a < NADDR; a++)
		n += model[a].person == person;
	return n;
}

static void model_copy(int from, int to)
{
	int n = model[from].n;

	for (int i = 0; i < n; i++) {
		struct statement s = model[from].said[i];

		if (s.what == REVOKE && s.channel != own_channel(from))
			add(to, s);
	}
	if (model[from].paused_until > model[to].paused_until)
		model[to].paused_until = model[from].paused_until;
}

static bool model_unlink(int a)
{
	int person = model[a].person;

	if (size_of(person) < 2)
		return false;
	for (int other = 0; other < NADDR; other++)
		if (other != a && model[other].person == person)
			model_copy(a, other);
	for (int other = 0; other < NADDR; other++)
		if (other != a && model[other].person == person)
			model_copy(other, a);
	model[a].person = ++persons;
	model[a].rank = 0;
	return true;
}

static bool model_link(int a, int c, int rank)
{
	int person = model[c].person;

	if (model[a].person != person) {
		if (rank < 3 && size_of(person) > 1) {
			if (model[c].rank > rank)
				return false;
			model_unlink(c);
			person = model[c].person;
		}
		for (int other = 0; other < NADDR; other++)
			if (model[other].person == person)
				model[other].person = model[a].person;
	}
	if (rank > model[a].rank)
		model[a].rank = rank;
	if (rank > model[c].rank)
		model[c].rank = rank;
	return true;
}

static bool on_path(const struct statement *s, int channel, int category)
{
	return (s->channel == 0 || s->channel == channel) && (s->category == 0 || s->category == category);
}

/* A grant at the same or a narrower place than the revoke: policy §4 orders (*,*), (channel,*), (*,category), both. */
static int place(const struct statement *s)
{
	return (s->channel != 0) + 2 * (s->category != 0);
}

static bool overcome(int a, const struct statement *revoke, int channel, int category)
{
	for (int i = 0; i < model[a].n; i++) {
		const struct statement *s = &model[a].said[i];

		/* An address that was only given agrees to nothing. */
		if (s->what == GRANT && s->strong && on_path(s, channel, category) && place(s) >= place(revoke) &&
			s->at > revoke->at)
			return true;
	}
	return false;
}

static bool opted_out(int a, int channel, int category, bool marketing)
{
	for (int o = 0; o < NADDR; o++) {
		if (model[o].person != model[a].person)
			continue;
		for (int i = 0; i < model[o].n; i++) {
			const struct statement *s = &model[o].said[i];

			if (s->what != REVOKE || !on_path(s, channel, category) || (s->lifted && channel == 2) ||
				(!s->all && !marketing) || (o != a && s->channel == own_channel(o)))
				continue;
			if (!overcome(a, s, channel, category))
				return true;
		}
	}
	return false;
}

/* "ok" or the reason against a message to this address's own channel. */
static const char *model_says(int a, int category, bool marketing, int64_t now)
{
	int channel = own_channel(a), best = 0;
	bool nothing = true, paused = false;

	for (int o = 0; o < NADDR; o++)
		paused = paused || (model[o].person == model[a].person && model[o].paused_until > now);
	if (paused && marketing && !is_tel(a))
		return "paused";
	if (opted_out(a, channel, category, marketing))
		return "optout";
	for (int i = 0; i < model[a].n; i++) {
		const struct statement *s = &model[a].said[i];

		if (!on_path(s, channel, category) || (s->lifted && channel == 2))
			continue;
		nothing = false;
		if (s->what == GRANT)
			best = 2;
		else if (s->what == PROVIDED && best < 1)
			best = 1;
	}
	/* Who writes to a number gives it to us by that. */
	if (is_tel(a) && nothing)
		best = 1;
	if (marketing ? best < 2 : is_tel(a) && best < 1)
		return "no-consent";
	return paused && is_tel(a) ? "paused" : "ok";
}

/* ---- the store ---- */

static int link_one, link_two, link_rank;
static struct td_consent_event said;

static enum td_status do_link(struct td_store *store, struct td_op *op)
{
	static const char *const sources[] = { "", "import", "app", "verified" };

	return td_person_link(store, op, V(addrs[link_one]), V(addrs[link_two]), V(sources[link_rank]), TD_VLIT("test"));
}

static enum td_status do_unlink(struct td_store *store, struct td_op *op)
{
	return td_person_unlink(store, op, V(addrs[link_one]), TD_VLIT("test"));
}

static enum td_status do_say(struct td_store *store, struct td_op *op)
{
	return td_event_append(store, op, &said, NULL);
}

static const char *store_says(int a, int category, bool marketing)
{
	struct td_query *q = TD_NEW(&b.arena, struct td_query);
	const struct td_verdict *v;
	struct td_op *op;

	*q = (struct td_query){ .address = V(addrs[a]), .channel = V(channels[own_channel(a)]),
		.cls = marketing ? TD_CLASS_MARKETING : TD_CLASS_TRANSACTIONAL,
		.category = category ? V(categories[category]) : TD_VLIT("") };
	op = bench_call(&b, TD_V_DECIDE, q, 1);
	if (op->err.status)
		return td_arena_str(&b.arena, V(op->err.text));
	v = op->out;
	/* What the clock on the wall says is another test's. */
	return td_view_eq(v->reason, TD_VLIT("quiet-hours")) ? "ok" : td_arena_str(&b.arena, v->reason);
}

/* ---- one step of history ---- */

static unsigned long long state;

static int roll(int n)
{
	state = state * 6364136223846793005ull + 1442695040888963407ull;
	return (int)((state >> 33) % (unsigned)n);
}

static void say_event(int a, struct statement s)
{
	said = (struct td_consent_event){ .addr = V(addrs[a]), .channel = V(channels[s.channel]),
		.category = V(categories[s.category]), .action = s.what == REVOKE ? TD_VLIT("revoke") : TD_VLIT("grant"),
		.reach = s.all ? TD_VLIT("all") : TD_VLIT("marketing"), .source = s.stop ? TD_VLIT("keyword") : TD_VLIT("web"),
		.basis = s.what == PROVIDED ? TD_VLIT("provided") : TD_VLIT("express"), .actor = TD_VLIT("test"),
		.by_subject = s.strong };
	if (td_store_do(b.store, do_say))
		bail_out("an event was refused");
	s.at = b.clock.value_ms;
	add(a, s);
}

static void stop(int a)
{
	say_event(a, (struct statement){ .channel = 2, .all = true, .stop = true, .strong = true });
	say_event(a, (struct statement){ .stop = true, .strong = true });
}

static void start(int a)
{
	said = (struct td_consent_event){ .addr = V(addrs[a]), .channel = TD_VLIT("sms"), .action = TD_VLIT("grant"),
		.source = TD_VLIT("keyword"), .basis = TD_VLIT("express"), .by_subject = true };
	if (td_store_do(b.store, do_say))
		bail_out("START was refused");
	for (int i = 0; i < model[a].n; i++) {
		struct statement *s = &model[a].said[i];

		if (s->what == REVOKE && s->stop && s->category == 0 && s->at < b.clock.value_ms)
			s->lifted = s->lifted || (s->channel == 2 && s->all) || (s->channel == 0 && !s->all);
	}
}

static void pause_person(int a)
{
	int64_t until = b.clock.value_ms + 1000 * (1 + roll(60));

	said = (struct td_consent_event){ .addr = V(addrs[a]), .action = TD_VLIT("pause"), .source = TD_VLIT("web"),
		.expires_at = until };
	if (td_store_do(b.store, do_say))
		bail_out("a pause was refused");
	model[a].paused_until = until;
}

static void step(bool with_start)
{
	int a = roll(NADDR);

	b.clock.value_ms += 1000;
	switch (roll(with_start ? 10 : 8)) {
	case 0:
	case 1:
	case 2:
		link_one = a;
		link_two = (a + 1 + roll(NADDR - 1)) % NADDR;
		link_rank = 1 + roll(3);
		if ((td_store_do(b.store, do_link) == TD_OK) != model_link(link_one, link_two, link_rank))
			bail_out("a link that one of them refuses");
		break;
	case 3:
		link_one = a;
		if ((td_store_do(b.store, do_unlink) == TD_OK) != model_unlink(a))
			bail_out("an unlink that one of them refuses");
		break;
	case 4:
		say_event(a, (struct statement){ .channel = roll(3), .category = roll(3), .all = roll(2) });
		break;
	case 5:
		pause_person(a);
		break;
	case 6:
	case 7:
		say_event(a, (struct statement){ .what = roll(3) ? GRANT : PROVIDED, .channel = roll(3), .category = roll(3),
			.strong = roll(2) });
		break;
	case 8:
		if (is_tel(a))
			stop(a);
		break;
	default:
		if (is_tel(a))
			start(a);
	}
}

static struct { int probes, differ, gained, sends; } tally;

static void compare(int seed, int at)
{
	for (int a = 0; a < NADDR; a++)
		for (int probe = 0; probe < 4; probe++) {
			bool marketing = probe % 2;
			int category = probe < 2 ? 0 : 1 + marketing;
			const char *store = store_says(a, category, marketing);
			const char *ours = model_says(a, category, marketing, b.clock.value_ms);

			tally.probes++;
			tally.sends += strcmp(ours, "ok") == 0;
			if (strcmp(store, ours) == 0)
				continue;
			tally.differ++;
			if (strcmp(store, "ok") == 0 || tally.differ <= 3)
				diag("seed %d, step %d, %s, category %s, %s: store %s, reference %s", seed, at, addrs[a],
					categories[category], marketing ? "marketing" : "transactional", store, ours);
			tally.gained += strcmp(store, "ok") == 0;
		}
	td_arena_reset(&b.arena);
}

static void history(int seed, bool with_start)
{
	bench_start(&b);
	state = 977ull * (unsigned)seed + 1;
	memset(model, 0, sizeof(model));
	for (int a = 0; a < NADDR; a++)
		model[a].person = ++persons;
	for (int i = 0; i < STEPS; i++) {
		step(with_start);
		compare(seed, i);
	}
	bench_end(&b);
}

int main(void)
{
	td_log_open("store_person_model", "file:/dev/null", TD_LOG_INFO, false, NULL);
	for (int seed = 0; seed < 4; seed++)
		history(seed, false);
	is_int(tally.differ, 0, "without START store and reference agree on %d decisions", tally.probes);
	ok(tally.sends > tally.probes / 20, "of which %d send", tally.sends);
	memset(&tally, 0, sizeof(tally));
	for (int seed = 100; seed < 104; seed++)
		history(seed, true);
	is_int(tally.gained, 0, "with STOP and START the store sends nothing that the reference would not (%d decisions)",
		tally.probes);
	ok(tally.differ < tally.probes / 20, "and seldom sends less (%d)", tally.differ);
	return done_testing();
}
