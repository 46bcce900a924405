/*
 * milter_end - the end of a mail: refusals, a store that is away, commit at end of data, dry runs
 */
#include "milter_scene.h"

static void denied_in(const char *category)
{
	mail_from("<shop@example.com>");
	rcpt("<ana@example.com>");
	header("X-Tandem-Category", category);
	store.email = DENY;
	end("body");
}

static void test_deny_action(void)
{
	denied_in("order");
	is_int(the_plan.answer.kind, TD_REFUSE, "transactional: refused");
	is_str(the_plan.answer.dsn, "5.7.1", "5.7.1");
	denied_in("offer");
	is_int(the_plan.answer.kind, TD_DISCARD, "marketing: discarded");
	denied_in("strict");
	is_int(the_plan.answer.kind, TD_REFUSE, "as the category says");
	denied_in("lenient");
	is_int(the_plan.answer.kind, TD_DISCARD, "as the category says");
	mail_from("<shop@example.com>");
	rcpt("<ana@example.com>");
	header("X-Tandem-Category", "offer");
	store.email = (struct td_verdict){ .verdict = TD_CAPPED, .reason = TD_VLIT("cap:pressure") };
	end("body");
	is_int(the_plan.answer.kind, TD_DISCARD, "a full cap drops marketing");
	mail_from("<shop@example.com>");
	rcpt("<ana@example.com>");
	header("X-Tandem-Class", "service");
	store.email = (struct td_verdict){ .verdict = TD_CAPPED, .reason = TD_VLIT("cap:pressure"),
		.action = TD_MAIL_PASS };
	end("body");
	is_int(the_plan.answer.kind, TD_GO_ON, "and lets service mail pass");
}

static void capped_with(int64_t action, const char *second)
{
	mail_from("<shop@example.com>");
	rcpt("<ana@example.com>");
	if (second)
		rcpt(second);
	header("X-Tandem-Class", "service");
	header("X-Tandem-SMS", "+14155550123");
	header("X-Tandem-Text", "x");
	store.email_first = (struct td_verdict){ .verdict = TD_CAPPED, .reason = TD_VLIT("cap:pressure"),
		.until = 1793613600000, .action = action };
	end("body");
}

static void test_full_caps(void)
{
	capped_with(TD_MAIL_DEFER, NULL);
	ok(store.asked.lone, "one recipient, who can be deferred");
	is_int(the_plan.answer.code, 450, "mail_on_full = defer: 450");
	is_str(the_plan.answer.dsn, "4.7.1", "4.7.1");
	like(the_plan.answer.text, "try again at 2026-11-02T", "with the time");
	capped_with(TD_MAIL_DROP, "<bob@example.com>");
	ok(!store.asked.lone, "of two recipients none can");
	ok(the_plan.answer.kind == TD_GO_ON && drops("<ana@example.com>") && !drops("<bob@example.com>"),
		"one is dropped, the other gets the mail");
	capped_with(TD_MAIL_DROP, NULL);
	ok(drops("<ana@example.com>") && the_plan.add, "a mail that is dropped carries its SMS");
	local_mail_from("cron@example.com", &app);
	rcpt("ana@example.com");
	header("X-Tandem-Class", "service");
	store.email = (struct td_verdict){ .verdict = TD_CAPPED, .reason = TD_VLIT("cap:pressure"),
		.action = TD_MAIL_DROP };
	end("body");
	ok(!store.asked.lone, "sendmail(1) cannot be told to try again");
	is_int(the_plan.answer.code, 550, "its mail bounces");
}

static void offer(const char *own)
{
	mail_from("<shop@example.com>");
	conf.web.public_url = "https://notify.example.com/";
	conf.return_domain = "r.example.com";
	rcpt("<ana@example.com>");
	header("X-Tandem-Category", "offer");
	if (own)
		header("list-unsubscribe", own);
	store.unsubscribe = TD_VLIT("tok");
}

static void test_list_unsubscribe(void)
{
	offer(NULL);
	end("body");
	is_str(the_plan.unsubscribe[0], "<https://notify.example.com/u/tok>,\n\t<mailto:u-tok@r.example.com>",
		"link and address");
	is_str(the_plan.unsubscribe[1], "List-Unsubscribe=One-Click", "one click is enough");
	offer("<https://app.example.com/leave>");
	end("body");
	ok(the_plan.unsubscribe[0] && mail.nunsubscribe[0] == 1, "instead of the application's");
	like(the_plan.detail, "replaced", "which is logged");
	offer(NULL);
	conf.web.public_url = NULL;
	end("body");
	is_str(the_plan.unsubscribe[0], "<mailto:u-tok@r.example.com>", "without a web address: only mail");
	ok(!the_plan.unsubscribe[1], "and no click");
	offer("<https://app.example.com/leave>");
	conf.web.public_url = NULL;
	end("body");
	ok(!the_plan.unsubscribe[0], "then the application's own link is worth more");
	offer(NULL);
	conf.return_domain = NULL;
	end("body");
	is_str(the_plan.unsubscribe[0], "<https://notify.example.com/u/tok>", "without a return domain: only the link");
	offer(NULL);
	store.email = DENY;
	end("body");
	ok(!the_plan.unsubscribe[0], "nothing for a mail that does not go");
	offer(NULL);
	rcpt("<bob@example.com>");
	end("body");
	is_int(the_plan.answer.code, 550, "marketing to two: refused");
	like(the_plan.answer.text, "one recipient each", "with the way out");
	is_int(store.nprepare, 0, "without asking the store");
	offer(NULL);
	rcpt("<ANA@example.com>");
	end("body");
	is_int(the_plan.answer.kind, TD_GO_ON, "twice the same is one");
	offer(NULL);
	rcpt("<root>");
	end("body");
	is_int(the_plan.answer.code, 550, "nobody is asked for without a domain");
}

static void test_suppressed_local(void)
{
	local_mail_from("cron@example.com", NULL);
	conf.milter.scope = "all";
	rcpt("ana@example.com");
	store.at_rcpt = GONE;
	is_int(rcpt("gone@example.com").kind, TD_GO_ON, "sendmail(1): a suppressed recipient is not refused at RCPT");
	header("Subject", "untagged");
	ok(end("body"), "but the mail goes to its end");
	is_int(the_plan.answer.kind, TD_GO_ON, "goes on");
	ok(drops("gone@example.com") && !drops("ana@example.com"), "without him");
	is_int(store.nprepare, 0, "and no further question");
	local_mail_from("cron@example.com", NULL);
	conf.milter.scope = "all";
	store.at_rcpt = GONE;
	rcpt("gone@example.com");
	ok(end("body"), "nobody else");
	is_int(the_plan.answer.code, 550, "bounces");
	is_str(the_plan.answer.dsn, "5.1.1", "as a mailbox that is not there");
	local_mail_from("cron@example.com", &app);
	conf.milter.scope = "all";
	rcpt("ana@example.com");
	store.at_rcpt = GONE;
	rcpt("gone@example.com");
	header("X-Tandem-Class", "transactional");
	ok(end("body"), "a tagged one");
	is_int(store.asked.emails.n, 1, "asks for the other alone");
	ok(drops("gone@example.com") && !drops("ana@example.com"), "and goes to him alone");
}

static void test_bad_headers(void)
{
	mail_from("<shop@example.com>");
	rcpt("<ana@example.com>");
	header("X-Tandem-SMS", "yes");
	header("X-Tandem-Send-At", "tomorrow \x80");
	ok(end("body"), "a malformed header");
	is_int(the_plan.answer.code, 550, "is refused");
	is_str(the_plan.answer.text, "X-Tandem-Send-At: not a date: \"tomorrow ?\"", "in the words of the contract");
	is_str(the_plan.reason, "bad-header", "bad-header");

	mail_from("<shop@example.com>");
	conf.milter.on_bad_header = "ignore";
	rcpt("<ana@example.com>");
	header("X-Tandem-SMS", "yes");
	header("X-Tandem-Send-At", "tomorrow");
	ok(end("body"), "the same, ignored");
	is_int(the_plan.answer.kind, TD_GO_ON, "passes");
	is_int(store.asked.dests.n, 0, "without SMS");
	ok(the_plan.strip && !the_plan.add, "stripped");
	like(the_plan.detail, "X-Tandem-Send-At", "and says why in the log");

	mail_from("<shop@example.com>");
	conf.milter.on_bad_header = "ignore";
	rcpt("<+14155550123@sms.example.com>");
	header("X-Tandem-Send-At", "tomorrow");
	ok(end("body"), "for a direct SMS there is nothing to ignore it for");
	is_int(the_plan.answer.kind, TD_REFUSE, "refused");

	mail_from("<shop@example.com>");
	rcpt("<ana@example.com>");
	for (int i = 0; i < 65; i++)
		header("X-Tandem-Var", "a=b");
	ok(end("body"), "65 headers of ours");
	is_str(the_plan.answer.dsn, "5.6.0", "5.6.0");
}

static void test_store_down(void)
{
	mail_from("<shop@example.com>");
	rcpt("<ana@example.com>");
	header("X-Tandem-SMS", "yes");
	header("X-Tandem-Text", "x");
	store.status = TD_TEMPFAIL;
	ok(end("body"), "the store is away");
	is_int(the_plan.answer.code, 451, "tagged mail is deferred");
	unlike(the_plan.answer.text, "/run", "no path of ours is told");
	like(the_plan.detail, "/run", "but logged");
	mail_from("<shop@example.com>");
	conf.milter.on_store_down = "pass";
	rcpt("<ana@example.com>");
	header("X-Tandem-SMS", "yes");
	header("X-Tandem-Text", "x");
	store.status = TD_UNCERTAIN;
	ok(end("body"), "on_store_down = pass");
	ok(the_plan.answer.kind == TD_GO_ON && the_plan.strip && !the_plan.add, "lets the mail go without its SMS");
	mail_from("<shop@example.com>");
	conf.milter.on_store_down = "pass";
	rcpt("<ana@example.com>");
	header("X-Tandem-Category", "offer");
	store.status = TD_TEMPFAIL;
	ok(end("body"), "but for marketing");
	is_int(the_plan.answer.code, 451, "which is deferred");
	mail_from("<shop@example.com>");
	rcpt("<ana@example.com>");
	header("X-Tandem-Key", "k");
	store.status = TD_CONFLICT;
	ok(end("body"), "one key, other content");
	is_int(the_plan.answer.code, 550, "refused");
	is_str(the_plan.reason, "idem-conflict", "idem-conflict");
}

static void test_eom_commit(void)
{
	mail_from("<shop@example.com>");
	conf.milter.commit = "eom";
	rcpt("<ana@example.com>");
	header("X-Tandem-SMS", "+14155550123");
	header("X-Tandem-Text", "x");
	ok(end("body"), "commit at end of data");
	ok(store.asked.activate, "activates");
	ok(!store.repeatable, "without a key a lost answer is not asked for again");
	ok(!the_plan.add && the_plan.ndrop == 0, "adds no recipient");
	is_str(the_plan.status, "activated", "activated");
	mail_from("<shop@example.com>");
	conf.milter.commit = "eom";
	rcpt("<+14155550123@sms.example.com>");
	header("Message-ID", "<a@b>");
	ok(end("body"), "a direct one");
	ok(store.repeatable, "the Message-ID is a key");
	is_int(the_plan.answer.kind, TD_DISCARD, "leaves no envelope");
}

static void test_dry_run(void)
{
	mail_from("<shop@example.com>");
	rcpt("<ana@example.com>");
	header("X-Tandem-SMS", "+14155550123");
	header("X-Tandem-Text", "x");
	header("X-Tandem-Dry-Run", "yes");
	ok(end("body"), "a dry run");
	ok(store.asked.dry_run, "is asked as one");
	is_int(the_plan.answer.kind, TD_DISCARD, "and goes nowhere");
	is_int(the_plan.going, 1, "though its SMS would");
}

static void test_many(void)
{
	char to[40];

	mail_from("<shop@example.com>");
	for (int i = 0; i < 1000; i++) {
		snprintf(to, sizeof(to), "<user%d@example.com>", i);
		rcpt(to);
	}
	header("X-Tandem-SMS", "yes");
	header("X-Tandem-Text", "x");
	ok(end("body"), "1000 recipients");
	is_int(store.asked.emails.n, 1000, "are one question");
	is_int(store.nprepare, 1, "in one round trip");
	is_str(the_plan.add, "<t-abcd@tandem.invalid>", "with one token");
	ok(!drops("<user999@example.com>"), "and all stay");
}

int main(void)
{
	td_mime_init();
	test_deny_action();
	test_full_caps();
	test_list_unsubscribe();
	test_suppressed_local();
	test_bad_headers();
	test_store_down();
	test_eom_commit();
	test_dry_run();
	test_many();
	td_mail_end(&mail);
	return done_testing();
}
