/*
 * store_quiet_job - quiet hours of jobs: whose zone and region, until when they are held, what becomes of them then
 */
#include <inttypes.h>

#include "quiet.h"
#include "quiet_rules.h"
#include "server.h"
#include "store_ask.h"

static struct table shipped;

static struct bench b;

#define MIAMI "+13055550123"

static void hours(const struct table *table, const char *default_tz)
{
	b.conf.quiet_hours.rules = table ? table->v : NULL;
	b.conf.quiet_hours.nrules = table ? table->n : 0;
	b.conf.quiet_hours.default_tz = default_tz;
}

/* What `tandem decide` says of a service SMS at a time: "HOLD 2026-… ZONE,ZONE LOCAL RULE". */
static const char *decide_at(const char *number, const char *when, const char *tz)
{
	static char out[4000];
	json_t     *doc = ask(&b, TD_V_EXPLAIN, "address", number, "channel", "sms", "class", "service", "at", when,
		tz ? "tz" : NULL, tz, NULL);
	const char *until, *rule;
	size_t      n, count;

	if (!doc)
		return last.text;
	until = text(doc, "until");
	rule = text(doc, "rule");
	n = (size_t)snprintf(out, sizeof out, "%s %s", text(doc, "verdict"), until ? until : "-");
	count = json_array_size(json_object_get(doc, "zones"));
	for (size_t i = 0; i < count && i < 3; i++)
		n += (size_t)snprintf(out + n, sizeof out - n, "%c%s", i ? ',' : ' ',
			json_string_value(json_array_get(json_object_get(doc, "zones"), i)));
	if (count > 3)
		n += (size_t)snprintf(out + n, sizeof out - n, ",… %zu", count);
	snprintf(out + n, sizeof out - n, " %.16s %s", text(doc, "local_time"), rule ? rule : "-");
	json_decref(doc);
	return out;
}

static void provided(const char *number)
{
	struct td_op *op = bench_call(&b, TD_V_PREPARE, bench_mail(&b, number, "hello", number, TD_CLASS_SERVICE, ""), 1);

	if (op->err.status)
		bail_out("%s", op->err.text);
}

static void sources_of_zones(void)
{
	static const char *us_ca[] = { "US", "CA" };
	struct td_strings  only_us = b.conf.countries;

	hours(&shipped, NULL);
	provided(MIAMI);
	is_str(decide_at(MIAMI, "2026-01-13T01:00:00Z", NULL),
		"HOLD 2026-01-13T14:00:00.000Z America/New_York 2026-01-12T20:00 US-FL mon-sun 09:00-20:00",
		"the zone of the number, the rule of its state");
	is_str(decide_at(MIAMI, "2026-01-13T01:00:00Z", "America/Los_Angeles"),
		"SEND - America/Los_Angeles 2026-01-12T17:00 -", "the zone of the mail comes first");
	json_decref(ask(&b, TD_V_PERSON_SET, "address", MIAMI, "set", "tz=Europe/Paris", NULL));
	is_str(decide_at(MIAMI, "2026-01-12T08:30:00Z", NULL), "SEND - Europe/Paris 2026-01-12T09:30 -",
		"then the one on file");
	is_str(decide_at("+18504330123", "2026-01-12T14:30:00Z", NULL),
		"DENY - America/Chicago 2026-01-12T08:30 consent-none", "a refusal comes before the hour");
	/* An area code of no table: every state's rule, and no zone. Texas on Sunday, Alabama not at all. */
	provided("+12005550123");
	hours(&shipped, NEW_YORK);
	is_str(decide_at("+12005550123", "2026-01-12T14:30:00Z", NULL),
		"HOLD 2026-01-12T15:00:00.000Z America/New_York 2026-01-12T09:30 US-KY mon-sun 10:00-21:00",
		"an unknown area code keeps every state's hours, in default_tz");
	is_str(decide_at("+12005550123", "2026-01-11T18:00:00Z", NULL),
		"HOLD 2026-01-12T15:00:00.000Z America/New_York 2026-01-11T13:00 US-AL sun closed", "… and their Sundays");
	hours(NULL, NULL);
	is_str(decide_at("+12005550123", "2026-01-12T14:30:00Z", NULL),
		"HOLD 2026-01-12T19:00:00.000Z America/Adak,America/Anchorage,America/Boise,… 29 2026-01-12T04:30"
		" * mon-sun 09:00-21:00", "without a zone: all of the country");
	b.conf.countries = (struct td_strings){ us_ca, 2 };
	is_str(decide_at("+12005550123", "2026-01-13T00:45:00Z", NULL),
		"HOLD 2026-01-13T19:00:00.000Z America/Adak,America/Anchorage,America/Boise,… 52 2026-01-12T21:15"
		" * mon-sun 09:00-21:00", "… of all countries: St. John's closes first");
	b.conf.countries = only_us;
}

static const char *job_row(struct td_view job)
{
	char sql[200];

	snprintf(sql, sizeof sql, "SELECT state || ' ' || reason || ' ' || due FROM job WHERE id = '%.*s'", TD_VARG(job));
	return bench_ask(&b, sql);
}

static int64_t due_of(struct td_view job)
{
	int64_t state, due;
	char    reason[40];

	return sscanf(job_row(job), "%" SCNd64 " %39s %" SCNd64, &state, reason, &due) == 3 && state == TD_HELD &&
		strcmp(reason, "quiet-hours") == 0 ? due : -1;
}

static struct td_view service_job(const char *key, int64_t expires)
{
	struct td_prepare *mail = bench_mail(&b, MIAMI, "hello", key, TD_CLASS_SERVICE, "");
	struct td_view     job;

	mail->expires = expires;
	mail->tz = TD_VLIT(NEW_YORK);
	job = bench_job(&b, mail);
	if (!job.n)
		bail_out("%s: no job", key);
	return job;
}

static const char *begin(struct td_view job)
{
	bench_lease(&b, job, 7);
	return bench_begin_reason(&b, job, 7, false);
}

static void held(void)
{
	struct td_view job, other;
	int64_t        opens = at("2026-01-13T14:00:00Z"), due;

	hours(&shipped, NULL);
	b.clock.value_ms = at("2026-01-13T01:30:00Z");
	job = service_job("k-held", 0);
	other = service_job("k-other", 0);
	is_str(begin(job), "quiet-hours", "at 20:30 in Florida it does not go");
	due = due_of(job);
	ok(due >= opens && due <= opens + 15 * 60000, "it waits until 09:00, and up to 15 minutes");
	is_str(begin(other), "quiet-hours", "nor does another");
	ok(due_of(other) != due, "which waits for another time");
	like(bench_ask(&b, td_arena_printf(&arena, "SELECT detail FROM job WHERE id = '%.*s'", TD_VARG(job))),
		"quiet hours (US-FL mon-sun 09:00-20:00; secondary: 08:00-20:00; opens as the default): it is 20:30 there "
		"(America/New_York); goes at 2026-01-13 09:", "in plain words");
	b.clock.value_ms += 3600000;
	is_str(begin(job), "quiet-hours", "woken too early (a clock that jumped back), it is held again");
	is_int(due_of(job), due, "until the same time");
	b.clock.value_ms = due;
	is_str(begin(job), "ok", "at its time it goes");
	b.clock.value_ms = at("2026-01-14T01:00:00Z");
	is_str(begin(other), "quiet-hours", "a clock that jumped over the day: it waits for the next");
	ok(due_of(other) >= opens + DAY, "… day");
}

static void what_does_not_wait(void)
{
	static struct td_conf_category quiet = { .name = "receipt", .class = TD_CLASS_TRANSACTIONAL, .ttl_ms = -1,
		.quiet = true };
	struct td_conf_category        kept = b.categories[0];
	struct table                   own = rules("*,,09:00,21:00,,,,\n*,,09:00,09:30,transactional,,,\n");

	hours(&shipped, NULL);
	b.clock.value_ms = at("2026-01-13T01:30:00Z");
	is_str(begin(bench_job(&b, bench_mail(&b, "+13055550124", "x", "k-tx", TD_CLASS_TRANSACTIONAL, ""))), "ok",
		"transactional goes at night");
	is_str(begin(bench_job(&b, bench_mail(&b, "+13055550124", "x", "k-otp", TD_CLASS_SOLICITED, "otp"))), "ok",
		"a code too");
	b.categories[0] = quiet;
	is_str(begin(bench_job(&b, bench_mail(&b, "+13055550124", "x", "k-quiet", TD_CLASS_TRANSACTIONAL, "receipt"))),
		"quiet-hours", "but not of a category that asks for quiet");
	b.clock.value_ms = at("2026-01-13T15:00:00Z");
	is_str(begin(bench_job(&b, bench_mail(&b, "+13055550124", "x", "k-day", TD_CLASS_TRANSACTIONAL, "receipt"))), "ok",
		"which has the hours of service");
	hours(&own, NULL);
	is_str(begin(bench_job(&b, bench_mail(&b, "+13055550124", "x", "k-own", TD_CLASS_TRANSACTIONAL, "receipt"))),
		"quiet-hours", "unless rows speak of it");
	b.categories[0] = kept;
}

/* The whole decision runs again when it wakes. */
static void changed_meanwhile(void)
{
	struct td_view job, late;
	struct table   narrow = rules("*,,12:00,12:01,,,,\n");
	int64_t        due;

	hours(&shipped, NULL);
	b.clock.value_ms = at("2026-02-03T01:30:00Z");
	job = service_job("k-stop", 0);
	begin(job);
	b.clock.value_ms = due_of(job);
	bench_inbound(&b, MIAMI, "STOP", "i-1");
	is_str(begin(job), "optout", "STOP while it was held: not sent");
	b.clock.value_ms += 1000;
	bench_inbound(&b, MIAMI, "START", "i-2");

	b.clock.value_ms = at("2026-02-04T01:30:00Z");
	late = service_job("k-late", at("2026-02-04T13:59:00Z"));
	is_str(begin(late), "quiet-hours", "it opens after its end:");
	is_int(due_of(late), at("2026-02-04T13:59:00Z"), "held until its end");
	b.clock.value_ms = due_of(late);
	is_str(begin(late), "expired", "and ended then");

	b.clock.value_ms = at("2026-02-05T01:30:00Z");
	late = service_job("k-short", at("2026-02-05T14:00:01Z"));
	begin(late);
	b.clock.value_ms = due_of(late);
	ok(b.clock.value_ms < at("2026-02-05T14:00:01Z"), "what ends a second after the opening is not spread over it");
	is_str(begin(late), "ok", "and goes");

	b.clock.value_ms = at("2026-02-06T01:30:00Z");
	job = service_job("k-narrow", 0);
	begin(job);
	b.clock.value_ms = due_of(job);
	hours(&narrow, NULL);
	is_str(begin(job), "quiet-hours", "rules that changed meanwhile hold it on");
	due = due_of(job);
	ok(due >= at("2026-02-06T17:00:00Z") && due < at("2026-02-06T17:01:00Z"), "within a window of a minute");
	b.clock.value_ms = due;
	is_str(begin(job), "ok", "in which it goes");
}

/* 14 hours apart and 12 open: never at once. It waits, and ends when it expires. */
static void nowhere(void)
{
	static const char *far[] = { "US", "JP" };
	struct td_strings  only_us = b.conf.countries;
	struct table       table = rules("*,,09:00,10:00,,,,\n");

	b.conf.countries = (struct td_strings){ far, 2 };
	hours(&table, NULL);
	b.clock.value_ms = at("2026-02-10T15:00:00Z");
	like(decide_at("+12005550123", "2026-02-10T15:00:00Z", NULL), "HOLD 2026-02-19T15:00:00.000Z",
		"what can never go is not sent anyway");
	b.conf.countries = only_us;
}

/* No country is configured that has zones: the hour is nobody's, and "now" is not the answer. */
static void no_zone_at_all(void)
{
	static const char *none[] = { "ZZ" };
	struct td_strings  only_us = b.conf.countries;
	struct td_op      *op = TD_NEW(&b.arena, struct td_op);
	struct td_gather   g = { .addr = TD_VLIT("tel:+12005550123"), .channel = TD_SMS, .cls = TD_CLASS_MARKETING };

	op->arena = &b.arena;
	op->now_ms = at("2026-02-10T15:00:00Z");
	b.conf.countries = (struct td_strings){ none, 1 };
	is_int(td_quiet_fill(b.store, op, &g), TD_OK, "no zone at all");
	ok(g.facts.opens_at > op->now_ms && g.quiet->never, "is closed");
	g.decision = (struct td_decision){ .until = g.facts.opens_at };
	is_view(td_quiet_words(op, &g), "quiet hours (no time zone is known)", "and says so");
	b.conf.countries = only_us;
}

/* Whatever allocation fails: an error, and no "open" by accident. */
static void no_memory(void)
{
	int  wrong = 0, failures = 0;
	bool done = false;

	hours(&shipped, NULL);
	for (size_t cap = 64; cap < 200000 && !done; cap += 64) {
		struct td_arena  small;
		struct td_op     op = { .arena = &small, .now_ms = at("2026-02-10T03:00:00Z") };
		struct td_gather g = { .addr = TD_VLIT("tel:+12005550123"), .channel = TD_SMS, .cls = TD_CLASS_MARKETING };

		td_arena_init(&small, cap);
		done = td_quiet_fill(b.store, &op, &g) == TD_OK;
		failures += !done;
		wrong += done ? !g.facts.opens_at : op.err.status != TD_NOMEM || g.quiet;
		td_arena_free(&small);
	}
	ok(done && failures > 20, "little memory, then enough of it");
	is_int(wrong, 0, "an error, or closed");
}

static void stored_zone_of_the_mail(void)
{
	struct td_prepare *mail = bench_mail(&b, "+13055550177", "x", "k-pair", TD_CLASS_SERVICE, "");
	struct td_view     job;

	hours(&shipped, NULL);
	b.clock.value_ms = at("2026-03-03T01:30:00Z");
	json_decref(ask(&b, TD_V_PERSON_SET, "address", "ana@example.com", "set", "tz=Asia/Tokyo", NULL));
	((struct td_dest *)mail->dests.v)->email = TD_VLIT("ana@example.com");
	job = bench_job(&b, mail);
	is_str(begin(job), "ok", "the zone of the e-mail address beside the number: 10:30 in Tokyo");
	b.clock.value_ms = at("2026-03-03T15:30:00Z");
	mail->key = TD_VLIT("k-pair-2");
	job = bench_job(&b, mail);
	is_str(begin(job), "quiet-hours", "00:30 there");
}

/* As many as a mail may have, all closed, under the shipped rules: what is known of them fits into a request. */
static void many(void)
{
	enum { N = 5000 };
	struct td_prepare *mail = bench_mail(&b, MIAMI, "hello", "k-many", TD_CLASS_SERVICE, "");
	struct td_dest    *dests = TD_NEWN(&b.arena, N, struct td_dest);
	struct td_op      *op;
	size_t             before;

	hours(&shipped, NULL);
	b.clock.value_ms = at("2026-03-10T07:00:00Z");
	for (int i = 0; i < N; i++)
		dests[i] = (struct td_dest){ .to = V(td_arena_printf(&b.arena, "+1305555%04d", i)), .named = true };
	mail->dests = (struct td_structs){ dests, N };
	before = b.arena.used;
	op = bench_call(&b, TD_V_PREPARE, mail, 1);
	is_int(op->err.status, TD_OK, "a mail to %d numbers: %s", N, op->err.text);
	is_int(bench_dest(op, N - 1)->verdict.verdict, TD_HOLD, "all of them wait");
	ok(b.arena.used - before < TD_SERVER_ARENA - (1u << 20), "beside the request itself: %zu bytes",
		b.arena.used - before);
}

int main(void)
{
	td_log_open("store_quiet_job", "file:/dev/null", TD_LOG_INFO, false, NULL);
	td_arena_init(&arena, 64u << 20);
	shipped = shipped_rules();
	bench_start(&b);
	b.clock.value_ms = at("2026-01-10T18:00:00Z");
	sources_of_zones();
	held();
	what_does_not_wait();
	changed_meanwhile();
	nowhere();
	no_zone_at_all();
	no_memory();
	stored_zone_of_the_mail();
	many();
	bench_end(&b);
	td_arena_free(&arena);
	return done_testing();
}
