/*
 * store_caps - caps and budgets: windows to the millisecond, subjects, units, what takes a slot and what gives it back
 */
#include "store_caps.h"
#include "when.h"

static struct caps_bench c;
static const char ana[] = "+12025550101", bob[] = "+12025550102", eve[] = "+12025550103";

#define NOW (c.b.clock.value_ms)
#define SERVICE TD_CLASS_SERVICE
#define MARKETING TD_CLASS_MARKETING

static void grant(const char *addr, const char *channel)
{
	struct td_pair *pairs = TD_NEWN(&c.b.arena, 4, struct td_pair);
	struct td_args *args = TD_NEW(&c.b.arena, struct td_args);
	struct td_op   *op;

	pairs[0] = (struct td_pair){ TD_VLIT("address"), V(addr) };
	pairs[1] = (struct td_pair){ TD_VLIT("channel"), V(channel) };
	pairs[2] = (struct td_pair){ TD_VLIT("basis"), TD_VLIT("express_written") };
	pairs[3] = (struct td_pair){ TD_VLIT("evidence"),
		TD_VLIT("{\"method\":\"form\",\"at\":\"2023-01-01T00:00:00Z\",\"ref\":\"1\"}") };
	args->args = (struct td_structs){ pairs, 4 };
	op = bench_call(&c.b, TD_V_CONSENT_IN, args, 9);
	if (op->err.status)
		bail_out("consent in: %s", op->err.text);
}

/* Florida, Maryland, Oklahoma: three in 24 hours about one thing. */
static void statutory(void)
{
	struct td_conf_rule *rule = caps_add(&c, false, "state", "person", "message", 3, HOURS(24), "24h");
	int64_t              first = NOW;
	struct td_view       job;

	caps_sms_only(rule);
	for (int i = 0; i < 3; i++, NOW += 1000)
		is_str(caps_send(&c, ana, MARKETING), "SEND", "message %d of 3 in 24 h", i + 1);
	job = caps_job(&c, ana, MARKETING);
	is_int(job.n, 0, "the fourth of a class that is dropped makes no job");
	NOW = first + HOURS(24) - 1;
	job = caps_job(&c, ana, SERVICE);
	is_str(caps_finish(&c, job), "cap:state", "23:59:59.999 later a service message waits");
	is_str(caps_state(&c, job), "2:cap:state", "HELD");
	ok(caps_due(&c, job) >= first + HOURS(24) && caps_due(&c, job) <= first + HOURS(24) + 60000,
		"until the first is 24 hours old, and at most a minute more");
	is_int(caps_usage(&c, "1"), 3, "it keeps no slot");
	NOW = first + HOURS(24);
	is_str(caps_send(&c, ana, SERVICE), "SEND", "a day after the first there is room");
	is_str(caps_send(&c, ana, SERVICE), "cap:state", "for one");
	is_str(caps_send(&c, bob, SERVICE), "SEND", "another person has a count of his own");
	bench_lease(&c.b, job, 7);
	is_str(caps_finish(&c, job), "cap:state", "what was held is decided anew when it wakes");
	NOW = first + HOURS(24) + 1000;
	bench_lease(&c.b, job, 7);
	is_str(caps_finish(&c, job), "SEND", "and goes when the second is 24 hours old");
	caps_clear(&c);
}

static void edges(void)
{
	int64_t        t;
	struct td_view job;
	const struct td_begun_item *item;

	caps_sms_only(caps_add(&c, false, "edge", "address", "message", 1, 10000, "10s"));
	t = NOW;
	is_str(caps_send(&c, ana, SERVICE), "SEND", "t");
	NOW = t + 10000 - 1;
	job = caps_job(&c, ana, SERVICE);
	item = bench_begin(&c.b, job, 7, false);
	is_view(item->verdict.reason, "cap:edge", "t = now - W + 1 ms counts");
	is_int(item->verdict.until, t + 10000, "until t + W");
	is_view(item->verdict.rule, "edge", "the rule is named");
	is_view(item->verdict.text, "cap edge is full: 1 of 1 message in 10s", "in words");
	NOW = t + 10000;
	is_str(caps_send(&c, ana, SERVICE), "SEND", "t = now - W does not");
	caps_clear(&c);
}

static void three_addresses(void)
{
	struct td_op *op;

	caps_add(&c, false, "pressure", "person", "notification", 4, DAYS(7), "7d");
	caps_link(&c, "email:three@example.com", "tel:+12025550111");
	caps_link(&c, "email:three@example.com", "tel:+12025550112");
	is_str(caps_send(&c, "+12025550111", SERVICE), "SEND", "first number");
	is_str(caps_send(&c, "+12025550112", SERVICE), "SEND", "second number");
	is_str(caps_mail_verdict(&c, caps_mail(&c, "three@example.com", "", SERVICE, "3a")), "SEND", "mail");
	op = caps_mail(&c, "three@example.com", "+12025550111", SERVICE, "3b");
	is_str(caps_mail_verdict(&c, op), "SEND", "a mail with its SMS: the fourth notification");
	is_int(bench_dest(op, 0)->verdict.verdict, TD_SEND, "the SMS is part of it");
	is_str(caps_finish(&c, caps_activate(&c, op)), "SEND", "and goes, though all four are used");
	is_int(caps_usage(&c, "1"), 5, "five messages, four notifications");
	is_str(caps_send(&c, "+12025550112", SERVICE), "cap:pressure", "the fifth is held");
	is_str(caps_mail_verdict(&c, caps_mail(&c, "three@example.com", "", SERVICE, "3c")), "cap:pressure 1",
		"a service mail passes");
	is_int(caps_usage(&c, "1"), 6, "and is counted");
	op = caps_mail(&c, "three@example.com", "", MARKETING, "3d");
	is_str(caps_mail_verdict(&c, op), "DENY", "consent comes before caps");
	grant("three@example.com", "email");
	op = caps_mail(&c, "three@example.com", "", MARKETING, "3e");
	is_str(caps_mail_verdict(&c, op), "cap:pressure 5", "a marketing mail is dropped");
	is_int(caps_usage(&c, "1"), 6, "and not counted");
	is_str(caps_send(&c, "+12025550113", SERVICE), "SEND", "a number that is not linked");
	caps_link(&c, "email:three@example.com", "tel:+12025550113");
	is_str(caps_send(&c, "+12025550113", SERVICE), "cap:pressure", "is of the person from the moment it is linked");
	caps_clear(&c);
}

static void per_channel(void)
{
	struct td_op *op;

	caps_sms_only(caps_add(&c, false, "texts", "person", "notification", 1, DAYS(1), "1d"));
	op = caps_mail(&c, "pc@example.com", "+12025550121", SERVICE, "pc");
	is_str(caps_finish(&c, caps_activate(&c, op)), "SEND", "a rule of one channel");
	is_int(caps_usage(&c, "1"), 1, "counts that channel alone");
	is_str(caps_send(&c, "+12025550121", SERVICE), "cap:texts", "one notification there");
	caps_clear(&c);
}

static void mail_rules(void)
{
	struct td_conf_rule *rule = caps_add(&c, false, "mails", "address", "message", 1, DAYS(1), "1d");
	struct td_op        *op;

	rule->channels = (struct td_strings)STRINGS(one_email);
	is_str(caps_mail_verdict(&c, caps_mail(&c, "m@example.com", "", SERVICE, "m1")), "SEND", "one mail a day");
	rule->mail_on_full = "drop";
	is_str(caps_mail_verdict(&c, caps_mail(&c, "m@example.com", "", SERVICE, "m2")), "cap:mails 5",
		"mail_on_full drop");
	rule->mail_on_full = "defer";
	is_str(caps_mail_verdict(&c, caps_mail(&c, "m@example.com", "", SERVICE, "m3")), "cap:mails 2", "defer");
	rule->mail_on_full = "pass";
	is_str(caps_mail_verdict(&c, caps_mail(&c, "m@example.com", "", SERVICE, "m4")), "cap:mails 1", "pass");
	is_int(caps_usage(&c, "1"), 2, "only what passed is counted");
	is_str(caps_mail_verdict(&c, caps_mail(&c, "m@example.com", "", SERVICE, "m4")), "DUPLICATE",
		"the same mail again passes");
	is_str(caps_mail_verdict(&c, caps_mail(&c, "m@example.com", "", SERVICE, "m1")), "DUPLICATE", "so does the first");
	is_int(caps_usage(&c, "1"), 2, "on their slots");
	op = caps_mail(&c, "other@example.com", "", TD_CLASS_SOLICITED, "m5");
	is_str(caps_mail_verdict(&c, op), "SEND", "a class that is not counted");
	is_int(caps_usage(&c, "addr LIKE '%other%'"), 0, "is not recorded");
	caps_clear(&c);
}

static void resubmitted(void)
{
	struct td_op *op;

	caps_add(&c, false, "pressure", "person", "notification", 1, DAYS(7), "7d");
	caps_link(&c, "email:re@example.com", "tel:+12025550131");
	op = caps_mail(&c, "re@example.com", "+12025550131", SERVICE, "re");
	is_str(caps_mail_verdict(&c, op), "SEND", "a mail that Postfix refuses after we prepared it");
	op = caps_mail(&c, "re@example.com", "+12025550131", SERVICE, "re");
	is_str(caps_mail_verdict(&c, op), "DUPLICATE", "sent again it has its slot");
	is_str(caps_finish(&c, caps_activate(&c, op)), "SEND", "and its SMS goes as part of the same notification");
	is_int(caps_usage(&c, "addr = 'email:re@example.com'"), 1, "the mail is counted once");
	is_str(caps_send(&c, "+12025550131", SERVICE), "cap:pressure", "nothing else has room");
	op = caps_mail(&c, "re@example.com", "", SERVICE, "re");
	is_int(op->err.status, TD_OK, "the same key");
	caps_clear(&c);
}

static void dry_run(void)
{
	struct td_prepare *mail = bench_mail(&c.b, ana, "x", caps_key(&c), SERVICE, "");
	struct td_view     emails[1] = { TD_VLIT("dry@example.com") };

	caps_add(&c, false, "pressure", "person", "notification", 1, DAYS(7), "7d");
	mail->emails = (struct td_views){ emails, 1 };
	mail->dry_run = true;
	bench_call(&c.b, TD_V_PREPARE, mail, 1);
	is_int(caps_usage(&c, "1"), 0, "a dry run counts nothing");
	bench_call(&c.b, TD_V_PREPARE, bench_mail(&c.b, ana, "x", caps_key(&c), SERVICE, ""), 1);
	is_int(caps_usage(&c, "1"), 0, "nor does an SMS that is prepared");
	mail = bench_mail(&c.b, ana, "x", caps_key(&c), MARKETING, "");
	mail->send_at = NOW + HOURS(1);
	is_str(caps_send(&c, ana, SERVICE), "SEND", "now the cap is full");
	ok(bench_job(&c.b, mail).n > 0, "what is for later is not dropped for what was sent until now");
	caps_clear(&c);
}

/* ---- what gives a slot back ---- */

static struct td_view begun(const char *to)
{
	struct td_view job = caps_job(&c, to, SERVICE);

	if (bench_begin(&c.b, job, 7, false)->verdict.verdict != TD_SEND)
		bail_out("not begun");
	return job;
}

static void releases(void)
{
	struct td_view job;

	caps_sms_only(caps_add(&c, false, "one", "person", "message", 1, DAYS(1), "1d"));
	caps_sms_only(caps_add(&c, true, "all", "all", "segment", 1000, DAYS(1), "1d"));
	job = begun(ana);
	is_str(caps_send(&c, ana, SERVICE), "cap:one", "reserved while it is submitted");
	is_int(bench_settle(&c.b, job, 7, TD_OUT_OTHER, "", 0), TD_FAILED, "refused by the provider");
	is_int(caps_usage(&c, "1"), 0, "given back");
	job = begun(ana);
	bench_settle(&c.b, job, 7, TD_OUT_UNBEGIN, "", NOW);
	is_int(caps_usage(&c, "1"), 0, "un-begun: given back");
	bench_lease(&c.b, job, 7);
	bench_begin(&c.b, job, 7, false);
	bench_settle(&c.b, job, 7, TD_OUT_TEMPORARY, "", NOW + 1000);
	is_int(caps_usage(&c, "1"), 1, "kept for the next attempt");
	is_str(caps_send(&c, ana, SERVICE), "cap:one", "nobody else has it");
	NOW += 5000;
	bench_lease(&c.b, job, 7);
	is_int(bench_begin(&c.b, job, 7, false)->verdict.verdict, TD_SEND, "it is not in its own way");
	is_int(caps_usage(&c, "1"), 1, "and counts once");
	is_int(bench_ask_int(&c.b, "SELECT at FROM usage"), NOW, "at the time it goes");
	bench_settle(&c.b, job, 7, TD_OUT_TEMPORARY, "", NOW + 1000);
	bench_ask(&c.b, "SELECT 1");
	bench_lease(&c.b, job, 7);
	bench_settle(&c.b, job, 7, TD_OUT_EXPIRED, "", 0);
	is_int(caps_usage(&c, "1"), 0, "expired: given back");
	is_str(bench_ask(&c.b, "SELECT sum(segments) FROM tally WHERE span = 3600000"), "0", "from the sums too");
	caps_clear(&c);
}

static void unknown(void)
{
	struct td_view job;

	caps_sms_only(caps_add(&c, false, "one", "person", "message", 1, DAYS(1), "1d"));
	job = begun(bob);
	is_int(bench_settle(&c.b, job, 7, TD_OUT_UNCERTAIN, "", 0), TD_UNKNOWN, "nobody knows whether it arrived");
	is_str(caps_send(&c, bob, SERVICE), "cap:one", "it counts");
	NOW += DAYS(2);
	job = begun(bob);
	bench_settle(&c.b, job, 7, TD_OUT_UNCERTAIN, "", NOW + 1000);
	bench_lease(&c.b, job, 7);
	is_int(bench_begin(&c.b, job, 7, true)->verdict.verdict, TD_SEND, "repeated under its reference");
	is_int(caps_usage(&c, "addr LIKE '%0102'"), 2, "on the slot it has");
	is_int(bench_settle(&c.b, job, 7, TD_OUT_OTHER, "", 0), TD_FAILED, "and refused");
	is_str(caps_send(&c, bob, SERVICE), "cap:one", "the first attempt may have arrived: it counts");
	caps_clear(&c);
}

static void cancelled(void)
{
	struct td_view job;
	char           sql[128];

	caps_sms_only(caps_add(&c, false, "one", "person", "message", 1, DAYS(1), "1d"));
	job = begun(eve);
	bench_settle(&c.b, job, 7, TD_OUT_TEMPORARY, "", NOW + 60000);
	snprintf(sql, sizeof sql, "%.*s", TD_VARG(job));
	{
		struct td_pair pair = { TD_VLIT("id"), V(sql) };
		struct td_args args = { { &pair, 1 } };

		is_int(bench_call(&c.b, TD_V_JOB_CANCEL, &args, 9)->err.status, TD_OK, "called off between two attempts");
	}
	is_int(caps_usage(&c, "1"), 0, "given back");
	caps_clear(&c);
}

static void stopped_on_retry(void)
{
	struct td_view job;

	caps_sms_only(caps_add(&c, false, "one", "person", "message", 1, DAYS(1), "1d"));
	job = begun(eve);
	bench_settle(&c.b, job, 7, TD_OUT_TEMPORARY, "", NOW + 1000);
	bench_inbound(&c.b, eve, "STOP", "stop-eve");
	bench_lease(&c.b, job, 7);
	is_str(caps_finish(&c, job), "optout", "a STOP between two attempts");
	is_int(caps_usage(&c, "addr LIKE '%0103'"), 0, "gives the slot back");
	caps_clear(&c);
}

/* ---- several rules, units, limits ---- */

static void all_or_nothing(void)
{
	caps_sms_only(caps_add(&c, false, "wide", "person", "message", 5, DAYS(1), "1d"));
	caps_sms_only(caps_add(&c, false, "tight", "person", "message", 1, HOURS(1), "1h"));
	is_str(caps_send(&c, bob, SERVICE), "SEND", "room in both");
	is_str(caps_send(&c, bob, SERVICE), "cap:tight", "room in one");
	is_int(caps_usage(&c, "addr LIKE '%0102' AND at > 1703000000000"), 1, "takes a slot of neither");
	caps_clear(&c);
}

static struct td_view sized(const char *to, enum td_class cls, int64_t segments, const char **reason)
{
	struct td_begin_item *item = TD_NEW(&c.b.arena, struct td_begin_item);
	struct td_begin      *begin = TD_NEW(&c.b.arena, struct td_begin);
	struct td_view        job = caps_job(&c, to, cls);
	struct td_op         *op;
	const struct td_begun_item *begun;

	*item = (struct td_begin_item){ .job = job, .provider = TD_VLIT("main"), .encoding = TD_VLIT("gsm7"),
		.segments = segments };
	begin->items = (struct td_structs){ item, 1 };
	op = bench_call(&c.b, TD_V_BEGIN, begin, 7);
	begun = ((const struct td_begun *)op->out)->items.v;
	*reason = td_arena_str(&c.b.arena, begun->verdict.reason);
	return job;
}

static void segments(void)
{
	const char    *reason;
	struct td_view job;
	struct td_settle_item item = { .outcome = TD_OUT_ACCEPTED, .provider_id = TD_VLIT("S"), .segments = 3 };
	struct td_settle      settle = { { &item, 1 } };

	caps_add(&c, true, "segs", "sender", "segment", 5, HOURS(1), "1h");
	sized(ana, SERVICE, 3, &reason);
	is_str(reason, "ok", "3 of 5 segments");
	sized(bob, SERVICE, 3, &reason);
	is_str(reason, "budget:segs", "3 more are too many");
	job = sized(bob, SERVICE, 2, &reason);
	is_str(reason, "ok", "2 are not");
	sized(bob, SERVICE, 6, &reason);
	is_str(reason, "budget:segs", "6 never are, and wait");
	item.job = job;
	bench_call(&c.b, TD_V_SETTLE, &settle, 7);
	is_str(bench_ask(&c.b, "SELECT sum(segments) FROM tally WHERE span = 1000"), "6",
		"what the provider counted is what counts");
	is_str(bench_ask(&c.b, "SELECT sum(segments) FROM usage"), "6", "in both tables");
	caps_clear(&c);
}

static void headroom(void)
{
	struct td_conf_rule *rule = caps_add(&c, false, "room", "person", "message", 3, DAYS(1), "1d");

	rule->headroom = 1;
	rule->on_full = "hold";
	caps_sms_only(rule);
	grant(ana, "sms");
	is_str(caps_send(&c, ana, MARKETING), "SEND", "marketing");
	is_str(caps_send(&c, ana, MARKETING), "SEND", "marketing up to limit less headroom");
	is_str(caps_send(&c, ana, MARKETING), "cap:room", "no further");
	is_str(caps_send(&c, ana, SERVICE), "SEND", "what was kept back is for others");
	is_str(caps_send(&c, ana, SERVICE), "cap:room", "up to the limit");
	caps_clear(&c);
}

static void categories(void)
{
	static const char   *otp[] = { "otp" };
	struct td_conf_rule *rule = caps_add(&c, false, "codes", "address", "message", 1, HOURS(1), "1h");
	struct td_prepare   *mail;

	rule->categories = (struct td_strings)STRINGS(otp);
	rule->enforce = rule->count = (struct td_strings)STRINGS(all_classes);
	rule->on_full = "drop";
	is_str(caps_send(&c, bob, TD_CLASS_SOLICITED), "SEND", "another category");
	is_int(caps_usage(&c, "at >= 1703000000000 AND category = ''"), 0, "is not counted");
	mail = bench_mail(&c.b, bob, "code 1", caps_key(&c), TD_CLASS_SOLICITED, "otp");
	{
		struct td_view job = bench_job(&c.b, mail);

		bench_lease(&c.b, job, 7);
		is_str(caps_finish(&c, job), "SEND", "the category");
		mail = bench_mail(&c.b, bob, "code 2", caps_key(&c), TD_CLASS_SOLICITED, "otp");
		is_int(bench_job(&c.b, mail).n, 0, "is capped, and dropped as the rule says");
	}
	caps_clear(&c);
}

static void downgraded(void)
{
	struct td_conf_rule *rule = caps_add(&c, false, "less", "person", "message", 1, DAYS(1), "1d");
	struct td_op        *op;

	caps_sms_only(rule);
	rule->on_full = "downgrade:email";
	is_str(caps_send(&c, bob, SERVICE), "SEND", "one SMS");
	op = caps_mail(&c, "bob@example.com", bob, SERVICE, "down");
	is_str(caps_mail_verdict(&c, op), "SEND", "then the mail goes");
	is_int(bench_dest(op, 0)->job.n, 0, "without its SMS");
	is_view(bench_dest(op, 0)->verdict.reason, "cap:less", "for the cap");
	caps_clear(&c);
}

static void same_request(void)
{
	struct td_begin_item items[3];
	struct td_begin      begin = { { items, 3 } };
	const struct td_begun_item *out;
	const char *const    others[3] = { bob, "+12025550141", "+12025550140" };
	int                  sent = 0;

	caps_sms_only(caps_add(&c, false, "two", "person", "message", 2, DAYS(1), "1d"));
	caps_sms_only(caps_add(&c, true, "lot", "all", "segment", 5, DAYS(1), "1d"));
	for (int i = 0; i < 3; i++)
		items[i] = (struct td_begin_item){ .job = caps_job(&c, ana, SERVICE), .provider = TD_VLIT("main"),
			.segments = 1 };
	out = ((const struct td_begun *)bench_call(&c.b, TD_V_BEGIN, &begin, 7)->out)->items.v;
	for (int i = 0; i < 3; i++)
		sent += out[i].verdict.verdict == TD_SEND;
	is_int(sent, 2, "three in one request: two go");
	for (int i = 0; i < 3; i++)
		items[i] = (struct td_begin_item){ .job = caps_job(&c, others[i], TD_CLASS_TRANSACTIONAL),
			.provider = TD_VLIT("main"), .segments = 1 };
	items[0].segments = 2;
	out = ((const struct td_begun *)bench_call(&c.b, TD_V_BEGIN, &begin, 7)->out)->items.v;
	is_view(out[2].verdict.reason, "budget:lot", "a budget knows what the request itself has spent");
	caps_clear(&c);
}

static const struct td_engine_ops *real_ops;
static int                         nstatements;

static enum td_status counting_run(struct td_engine *engine, int stmt, const struct td_value *params, size_t nparams,
	struct td_rows *rows, struct td_arena *arena, struct td_err *err)
{
	nstatements++;
	return real_ops->run(engine, stmt, params, nparams, rows, arena, err);
}

/* Statements of an SMS at home, from PREPARE to its end. */
static int statements_of_one(const char *to)
{
	struct td_engine_ops counting = *c.b.store->ops;

	real_ops = c.b.store->ops;
	counting.run = counting_run;
	nstatements = 0;
	c.b.store->ops = &counting;
	is_str(caps_send(&c, to, TD_CLASS_TRANSACTIONAL), "SEND", "a transactional SMS at home");
	c.b.store->ops = real_ops;
	return nstatements;
}

/* The shipped guards (conf.d/20-budgets.conf): whom they do not concern asks and writes nothing for them. */
static void shipped(void)
{
	static const char *const solicited[] = { "solicited" };
	int                      without = statements_of_one("+12025550151");
	struct td_conf_rule     *rule;

	for (int i = 0; i < 2; i++) {
		rule = caps_add(&c, false, i ? "codes-day" : "codes-hour", "address", "message", i ? 10 : 5,
			i ? DAYS(1) : HOURS(1), i ? "24h" : "1h");
		caps_sms_only(rule);
		rule->enforce = rule->count = (struct td_strings)STRINGS(solicited);
	}
	rule = caps_add(&c, true, "abroad", "sender", "segment", 200, HOURS(1), "1h");
	caps_sms_only(rule);
	rule->abroad = true;
	is_int(statements_of_one("+12025550152"), without, "costs no statement more with the shipped rules");
	is_int(caps_usage(&c, "1"), 0, "and is not counted");
	is_str(caps_send(&c, "+12025550152", TD_CLASS_SOLICITED), "SEND", "a code");
	is_int(caps_usage(&c, "1"), 1, "is");
	caps_clear(&c);
}

int main(void)
{
	caps_start(&c);
	grant(ana, "sms");
	statutory();
	edges();
	three_addresses();
	per_channel();
	mail_rules();
	resubmitted();
	dry_run();
	releases();
	unknown();
	cancelled();
	stopped_on_retry();
	all_or_nothing();
	segments();
	headroom();
	categories();
	downgraded();
	same_request();
	shipped();
	bench_end(&c.b);
	return done_testing();
}
