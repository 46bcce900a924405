/*
 * store_caps_window - calendar windows over days of 23 and 25 hours; budgets by sender, country, all and money
 */
#include "store_caps.h"
#include "caps.h"
#include "when.h"

static struct caps_bench c;
static const char *many_countries[] = { "US", "GB", "JO" };

#define NOW (c.b.clock.value_ms)

static int64_t at(const char *date)
{
	int64_t ms = 0;

	if (td_when_date(td_view_str(date), &ms, NULL))
		bail_out("%s: no date", date);
	return ms;
}

static void calendar(const char *zone, const char *unit, const char *now, const char *from, const char *until)
{
	char    text[TD_TIME_SIZE];
	int64_t begin, end;

	td_caps_calendar(td_view_str(zone), unit, at(now), &begin, &end);
	td_when_iso(text, begin);
	is_str(text, from, "%s of %s in %s begins", unit, now, zone);
	td_when_iso(text, end);
	is_str(text, until, "… and ends");
}

static void calendars(void)
{
	calendar("America/New_York", "day", "2026-03-08T12:00:00Z", "2026-03-08T05:00:00.000Z", "2026-03-09T04:00:00.000Z");
	calendar("America/New_York", "day", "2026-11-01T12:00:00Z", "2026-11-01T04:00:00.000Z", "2026-11-02T05:00:00.000Z");
	calendar("Europe/Berlin", "day", "2026-03-29T21:59:59.999Z", "2026-03-28T23:00:00.000Z",
		"2026-03-29T22:00:00.000Z");
	calendar("Europe/Berlin", "week", "2026-03-29T21:59:59.999Z", "2026-03-22T23:00:00.000Z",
		"2026-03-29T22:00:00.000Z");
	calendar("Europe/Berlin", "month", "2026-03-29T21:59:59.999Z", "2026-02-28T23:00:00.000Z",
		"2026-03-31T22:00:00.000Z");
	calendar("Asia/Tokyo", "month", "2026-12-31T15:00:00Z", "2026-12-31T15:00:00.000Z", "2027-01-31T15:00:00.000Z");
	/* the clocks go forward at midnight: the day begins at one */
	calendar("Africa/Cairo", "day", "2026-04-24T10:00:00Z", "2026-04-23T22:00:00.000Z", "2026-04-24T21:00:00.000Z");
	calendar("America/Santiago", "day", "2026-09-06T12:00:00Z", "2026-09-06T04:00:00.000Z", "2026-09-07T03:00:00.000Z");
	calendar("Pacific/Kiritimati", "day", "2026-06-01T10:00:00Z", "2026-06-01T10:00:00.000Z",
		"2026-06-02T10:00:00.000Z");
	calendar("UTC", "week", "2026-06-07T23:59:59.999Z", "2026-06-01T00:00:00.000Z", "2026-06-08T00:00:00.000Z");
	calendar("UTC", "week", "2026-06-08T00:00:00Z", "2026-06-08T00:00:00.000Z", "2026-06-15T00:00:00.000Z");
}

static void set_zone(const char *addr, const char *zone)
{
	struct td_pair pairs[2] = { { TD_VLIT("address"), V(addr) },
		{ TD_VLIT("set"), V(td_arena_printf(&c.b.arena, "tz=%s", zone)) } };
	struct td_args args = { { pairs, 2 } };
	struct td_op  *op = bench_call(&c.b, TD_V_PERSON_SET, &args, 9);

	if (op->err.status)
		bail_out("person set: %s", op->err.text);
}

/* Two a day where the person lives: a day of 25 hours. */
static void long_day(void)
{
	static const char ana[] = "+12025550101";
	struct td_view    job;

	caps_sms_only(caps_add(&c, false, "daily", "person", "message", 2, 0, "day"));
	c.caps[0].enforce = (struct td_strings)STRINGS(all_classes);
	set_zone(ana, "Europe/Berlin");
	NOW = at("2026-10-24T21:59:59.999Z");
	is_str(caps_send(&c, ana, TD_CLASS_TRANSACTIONAL), "SEND", "a millisecond before the day");
	NOW = at("2026-10-24T22:00:00Z");
	is_str(caps_send(&c, ana, TD_CLASS_TRANSACTIONAL), "SEND", "with it");
	NOW = at("2026-10-25T22:30:00Z");
	is_str(caps_send(&c, ana, TD_CLASS_TRANSACTIONAL), "SEND", "more than 24 hours later it is the same day");
	job = caps_job(&c, ana, TD_CLASS_TRANSACTIONAL);
	is_str(caps_finish(&c, job), "cap:daily", "which is full with two");
	ok(caps_due(&c, job) >= at("2026-10-25T23:00:00Z") && caps_due(&c, job) <= at("2026-10-25T23:01:00Z"),
		"until the next one begins there");
	NOW = at("2026-10-25T23:00:00Z");
	is_str(caps_send(&c, ana, TD_CLASS_TRANSACTIONAL), "SEND", "the next day");
	caps_clear(&c);
}

static void short_day(void)
{
	static const char bob[] = "+12025550102";

	caps_sms_only(caps_add(&c, false, "daily", "person", "message", 1, 0, "day"));
	c.caps[0].enforce = (struct td_strings)STRINGS(all_classes);
	c.b.conf.quiet_hours.default_tz = "America/New_York";
	NOW = at("2027-03-14T05:00:00Z");
	is_str(caps_send(&c, bob, TD_CLASS_TRANSACTIONAL), "SEND", "on a day of 23 hours");
	NOW = at("2027-03-15T03:59:59.999Z");
	is_str(caps_send(&c, bob, TD_CLASS_TRANSACTIONAL), "cap:daily", "it is full to its end");
	NOW = at("2027-03-15T04:00:00Z");
	is_str(caps_send(&c, bob, TD_CLASS_TRANSACTIONAL), "SEND", "23 hours later");
	c.b.conf.quiet_hours.default_tz = NULL;
	caps_clear(&c);
}

/* ---- budgets ---- */

static const char *send_from(const char *submitter, const char *to)
{
	struct td_prepare *mail = bench_mail(&c.b, to, "x", caps_key(&c), TD_CLASS_TRANSACTIONAL, "");
	struct td_view     job;

	mail->submitter = V(submitter);
	job = bench_job(&c.b, mail);
	if (job.n)
		bench_lease(&c.b, job, 7);
	return caps_finish(&c, job);
}

static void subjects(void)
{
	caps_add(&c, true, "each", "sender", "message", 2, HOURS(1), "1h");
	is_str(send_from("shop", "+12025550111"), "SEND", "a sender");
	is_str(send_from("shop", "+12025550112"), "SEND", "whoever he writes to");
	is_str(send_from("shop", "+12025550113"), "budget:each", "has his budget");
	is_str(send_from("news", "+12025550113"), "SEND", "and another his");
	caps_clear(&c);
	caps_add(&c, true, "land", "country", "message", 1, HOURS(1), "1h");
	is_str(send_from("shop", "+447700900123"), "SEND", "a country");
	is_str(send_from("news", "+447700900124"), "budget:land", "whoever writes there");
	is_str(send_from("news", "+962791234567"), "SEND", "and another");
	caps_clear(&c);
	caps_add(&c, true, "sum", "all", "message", 2, HOURS(1), "1h");
	is_str(send_from("shop", "+447700900123"), "SEND", "everything");
	is_str(send_from("news", "+12025550111"), "SEND", "counts together");
	is_str(send_from("shop", "+12025550112"), "budget:sum", "in `all`");
	caps_clear(&c);
}

static void abroad(void)
{
	struct td_conf_rule *rule = caps_add(&c, true, "abroad", "sender", "segment", 2, HOURS(1), "1h");

	rule->abroad = true;
	caps_sms_only(rule);
	for (int i = 0; i < 4; i++)
		is_str(send_from("shop", "+12025550111"), "SEND", "at home nothing is counted");
	is_int(caps_usage(&c, "1"), 0, "nor recorded");
	is_str(send_from("shop", "+447700900123"), "SEND", "one abroad");
	is_str(send_from("shop", "+962791234567"), "SEND", "two");
	is_str(send_from("shop", "+447700900125"), "budget:abroad", "full");
	is_str(send_from("shop", "+12025550111"), "SEND", "home goes on");
	caps_clear(&c);
}

/* A direct SMS is refused at RCPT, with the time. */
static void at_rcpt(void)
{
	struct td_query  query = { .address = TD_VLIT("tel:+447700900123"), .channel = TD_VLIT("sms"),
		.cls = TD_CLASS_TRANSACTIONAL, .submitter = TD_VLIT("shop") };
	const struct td_verdict *verdict;
	struct td_prepare *mail = bench_mail(&c.b, "+447700900124", "x", caps_key(&c), TD_CLASS_TRANSACTIONAL, "");
	int64_t          first = NOW = NOW / 1000 * 1000 + 999;
	struct td_op    *op;
	struct td_view   job;

	caps_add(&c, true, "few", "sender", "message", 2, HOURS(1), "1h");
	send_from("shop", "+447700900123");
	NOW += 61000;
	send_from("shop", "+447700900123");
	NOW += 3601000 - 61000 - 2000;
	verdict = bench_call(&c.b, TD_V_DECIDE, &query, 1)->out;
	is_int(verdict->verdict, TD_CAPPED, "full");
	is_view(verdict->reason, "budget:few", "with its name");
	is_int(verdict->until, first + HOURS(1), "until the first has left");
	((struct td_dest *)mail->dests.v)->direct = true;
	op = bench_call(&c.b, TD_V_PREPARE, mail, 1);
	is_int(bench_dest(op, 0)->job.n, 0, "a direct SMS makes no job: its sender hears it");
	((struct td_dest *)mail->dests.v)->direct = false;
	job = bench_job(&c.b, mail);
	bench_lease(&c.b, job, 7);
	is_str(caps_finish(&c, job), "budget:few", "a companion's waits");
	ok(caps_due(&c, job) >= first + HOURS(1) && caps_due(&c, job) <= first + HOURS(1) + 60000, "until there is room");
	NOW = first + HOURS(1);
	bench_lease(&c.b, job, 7);
	is_str(caps_finish(&c, job), "SEND", "then it goes");
	is_str(send_from("shop", "+447700900123"), "budget:few", "in the room of one");
	caps_clear(&c);
}

/* A month of traffic in buckets of all sizes: the moment of room is found through them. */
static void long_window(void)
{
	int64_t  begin = NOW = NOW / 1000 * 1000 + 999, third = 0;
	struct td_query query = { .address = TD_VLIT("tel:+12025550190"), .channel = TD_VLIT("sms"),
		.cls = TD_CLASS_TRANSACTIONAL, .submitter = TD_VLIT("shop") };
	const struct td_verdict *verdict;

	caps_add(&c, true, "month", "sender", "message", 40, DAYS(31), "31d");
	for (int i = 0; i < 40; i++, NOW += 17 * 3600000ll + 7000) {
		third = i == 2 ? NOW : third;
		is_str(send_from("shop", td_arena_printf(&c.b.arena, "+120255501%02d", i)), "SEND", "%d", i);
	}
	NOW = begin + DAYS(31) - 1;
	verdict = bench_call(&c.b, TD_V_DECIDE, &query, 1)->out;
	is_int(verdict->until, begin + DAYS(31), "room when the first leaves");
	NOW = begin + DAYS(31);
	is_str(send_from("shop", "+12025550190"), "SEND", "there is");
	verdict = bench_call(&c.b, TD_V_DECIDE, &query, 1)->out;
	is_int(verdict->until, begin + 17 * 3600000ll + 7000 + DAYS(31), "then when the second does");
	c.budgets[0].limit = 39;
	verdict = bench_call(&c.b, TD_V_DECIDE, &query, 1)->out;
	is_int(verdict->until, third + DAYS(31), "with one less, the third");
	caps_clear(&c);
}

static void money(void)
{
	char path[128];
	FILE *f;
	struct td_conf_provider provider = { .name = "main", .plugin = "file" };

	snprintf(path, sizeof path, "%s/prices.csv", c.b.dir);
	f = fopen(path, "w");
	fprintf(f, "+44,USD,0.04\n+962,USD,0.10\n+1,USD,0.0075\n");
	fclose(f);
	provider.prices = path;
	c.b.conf.providers = &provider;
	c.b.conf.nproviders = 1;
	caps_add(&c, true, "purse", "all", "cost", 0.12, HOURS(1), "1h");
	bench_restart(&c.b);
	is_str(send_from("shop", "+447700900123"), "SEND", "4 cents of 12");
	is_str(send_from("shop", "+962791234567"), "budget:purse", "10 more are too much");
	is_str(send_from("shop", "+447700900124"), "SEND", "8 cents");
	is_str(send_from("shop", "+447700900125"), "SEND", "12 cents");
	is_str(send_from("shop", "+12025550111"), "budget:purse", "not a cent more");
	is_str(bench_ask(&c.b, "SELECT sum(cost) FROM usage"), "120000000", "exactly");
	caps_clear(&c);
	c.b.conf.nproviders = 0;
	bench_restart(&c.b);
}

/* More than one step removes: the sweeper goes on at once, with the same subject, and then leaves it alone. */
static void swept(void)
{
	char rows[1200];
	int  steps = 0;

	snprintf(rows, sizeof rows,
		"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1200) INSERT INTO usage SELECT"
		" 'tel:+12025550101', i, 'id' || i, '', 'shop', 'US', 0, 4, 8, '', 1, 0, 1, 0, '' FROM n;"
		" WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1200) INSERT INTO tally SELECT"
		" 'all', 1000, i * 1000, 4, 8, '', 0, 1, 1, 1, 0 FROM n;"
		" INSERT INTO tally VALUES ('sender:shop', 1000, 0, 4, 8, '', 0, 1, 1, 1, 0),"
		" ('sender:shop', 1000, %lld, 4, 8, '', 0, 1, 1, 1, 0);"
		" WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1200) INSERT INTO job_key SELECT"
		" 'Example Shop', 'k' || i, 'sms', 'tel:+1', '', x'00', i FROM n", (long long)NOW);
	bench_ask(&c.b, rows);
	while (steps < 20 && td_store_sweep(c.b.store))
		steps++;
	ok(steps >= 2 && steps <= 4, "what is too much for one step: %d more, at once", steps);
	is_str(bench_ask(&c.b, "SELECT (SELECT count(*) FROM usage) || ' ' || (SELECT count(*) FROM job_key)"
		" || ' ' || (SELECT count(*) FROM tally WHERE subject = 'all')"), "0 0 0", "and all that is old has gone");
	td_store_sweep(c.b.store);
	is_str(bench_ask(&c.b, "SELECT count(*) FROM tally"), "1", "the next subject's then, but for what is new");
	ok(!td_store_sweep(c.b.store), "there is no hurry any more");
	caps_clear(&c);
}

int main(void)
{
	caps_start(&c);
	c.b.conf.countries = (struct td_strings){ many_countries, 3 };
	calendars();
	subjects();
	abroad();
	at_rcpt();
	long_window();
	money();
	swept();
	NOW = at("2026-10-01T00:00:00Z");
	long_day();
	short_day();
	bench_end(&c.b);
	return done_testing();
}
