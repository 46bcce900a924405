/*
 * milter_stage - recipients, trust, direct SMS and companions through the stages of the milter
 */
#include "milter_scene.h"

static void test_ordinary(void)
{
	mail_from("<shop@example.com>");
	is_int(rcpt("<ana@example.com>").kind, TD_GO_ON, "an ordinary recipient");
	header("Subject", "hello");
	ok(!end("text"), "an untagged mail needs no end");
	is_int(store.ndecide + store.nprepare, 0, "and no question");
	mail_from("<shop@example.com>");
	rcpt("<ana@example.com>");
	header("X-PM-Tag", "spring");
	ok(!end("text"), "nor one with a tag of another system that names nothing of ours");
}

static void test_rcpt(void)
{
	struct td_answer answer;

	mail_from("<shop@example.com>");
	answer = rcpt("<123@sms.example.com>");
	is_int(answer.code, 550, "no number");
	is_str(answer.dsn, "5.1.3", "5.1.3");
	is_str(answer.text, "\"123\": not a phone number (want +COUNTRY NUMBER)", "says so");
	is_int(store.ndecide, 0, "without a question");
	answer = rcpt("<+4915112345678@sms.example.com>");
	is_str(answer.dsn, "5.7.1", "a country that is not allowed");
	is_str(answer.reason, "blocked-country", "its reason code");
	is_int(rcpt("<+14155550123@sms.example.com>").kind, TD_GO_ON, "a number");
	is_str(store.query, "tel:+14155550123 5", "asked for the submitter's highest class");
	answer = rcpt("<t-abc@tandem.invalid>");
	is_int(answer.code, 554, "the token domain");
	store.at_rcpt = DENY;
	answer = rcpt("<+14155550124@sms.example.com>");
	is_int(answer.code, 550, "opted out");
	is_str(answer.text, "ana opted out 100%", "in the words of the store");
	store.at_rcpt = (struct td_verdict){ .verdict = TD_CAPPED, .reason = TD_VLIT("budget:abroad"),
		.until = 1764028800000 };
	answer = rcpt("<+14155550124@sms.example.com>");
	is_int(answer.code, 450, "a full budget");
	is_str(answer.text, "budget:abroad, try again at 2025-11-25T00:00:00.000Z", "with the time");
	store.at_rcpt = (struct td_verdict){ .verdict = TD_CAPPED, .reason = TD_VLIT("cap:pressure") };
	is_int(rcpt("<+14155550124@sms.example.com>").kind, TD_GO_ON, "a full cap is decided later");
	store.status = TD_NOTFOUND;
	answer = rcpt("<ana=example.com@sms.example.com>");
	is_str(answer.dsn, "5.1.1", "no number on file");
	store.status = TD_TEMPFAIL;
	answer = rcpt("<+14155550124@sms.example.com>");
	is_int(answer.code, 450, "the store is away");
	unlike(answer.text, "/run", "no path of ours is told");
	is_int(rcpt("<ana@example.com>").kind, TD_GO_ON, "ordinary recipients do not need it");
	mail_from("<>");
	is_str(rcpt("<+14155550123@sms.example.com>").dsn, "5.7.1", "the null sender");
	reset();
	td_mail_begin(&mail, &conf, NULL, false, "<a@b>", NULL);
	is_str(rcpt("<+14155550123@sms.example.com>").reason, "not-a-submitter", "somebody unknown");
	is_str(rcpt("<123@sms.example.com>").reason, "not-a-submitter", "is told nothing of numbers");
}

static void test_direct(void)
{
	mail_from("<shop@example.com>");
	rcpt("<+14155550123@sms.example.com>");
	header("Subject", "hello");
	ok(end("The text\r\n"), "a direct SMS");
	is_int(the_plan.answer.kind, TD_GO_ON, "goes");
	is_view(store.asked.content.body, "The text", "with its text");
	ok(drops("<+14155550123@sms.example.com>"), "the number leaves the envelope");
	is_str(the_plan.add, "<t-abcd@tandem.invalid>", "the token comes");
	is_str(the_plan.status, "prepared", "prepared");
	ok(store.repeatable, "asking again does no harm");

	mail_from("<shop@example.com>");
	rcpt("<+14155550123@sms.example.com>");
	store.sms = DENY;
	ok(end("The text"), "denied at the end");
	is_int(the_plan.answer.code, 550, "refused");
	is_str(the_plan.reason, "optout", "with its reason");

	mail_from("<shop@example.com>");
	rcpt("<+14155550123@sms.example.com>");
	header("Auto-Submitted", "auto-replied");
	ok(end("The text"), "an automatic reply");
	is_str(the_plan.answer.dsn, "5.7.1", "5.7.1");
	is_int(store.nprepare, 0, "nothing was prepared");

	mail_from("<shop@example.com>");
	rcpt("<+14155550123@sms.example.com>");
	ok(end(""), "no text at all");
	is_int(the_plan.answer.code, 550, "refused");
	is_str(the_plan.answer.dsn, "5.6.0", "5.6.0");
	is_str(the_plan.reason, "no-text", "no-text");

	mail_from("<shop@example.com>");
	rcpt("<+14155550123@sms.example.com>");
	header("X-Tandem-Max-Segments", "1");
	header("X-Tandem-Text",
		"1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 "
		"1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890");
	ok(end(""), "too long");
	is_str(the_plan.answer.dsn, "5.2.3", "5.2.3");
	is_int(store.nprepare, 0, "nothing was prepared");

	mail_from("<shop@example.com>");
	rcpt("<+14155550123@sms.example.com>");
	rcpt("<14155550123@sms.example.com>");
	rcpt("<ana=example.com@sms.example.com>");
	header("X-Tandem-SMS", "+14155550123");
	ok(end("x"), "one number by several names");
	is_int(store.asked.dests.n, 2, "is asked for once");
	is_int(the_plan.ndrop, 3, "all three leave");

	mail_from("<shop@example.com>");
	rcpt("<+14155550123@sms.example.com>");
	store.sms = (struct td_verdict){ .verdict = TD_DUPLICATE, .reason = TD_VLIT("duplicate") };
	ok(end("x"), "a repeat");
	is_int(the_plan.answer.kind, TD_DISCARD, "succeeds and sends nothing");
}

static void test_companion(void)
{
	const struct td_dest *dest;

	mail_from("<shop@example.com>");
	rcpt("<ana@example.com>");
	header("X-Tandem-SMS", "+14155550123");
	header("X-Tandem-Text", "Your order");
	header("x-tandem-text", "Your order");
	ok(end("body"), "mail and SMS");
	dest = store.asked.dests.v;
	is_view(dest->to, "+14155550123", "to the number");
	is_view(dest->email, "ana@example.com", "of the one recipient");
	ok(dest->named && !dest->direct, "named, not direct");
	ok(store.asked.link, "one recipient, one number: linked");
	is_int(store.asked.content.body.n, 0, "the body is not needed");
	is_int(the_plan.ndrop, 0, "the mail goes");
	is_str(the_plan.add, "<t-abcd@tandem.invalid>", "and the token");
	is_int(mail.nstrip, 2, "two names to remove");
	is_int(mail.strip[1].count, 2, "one of them twice");

	mail_from("<shop@example.com>");
	rcpt("<ana@example.com>");
	rcpt("<Ana@Example.com>");
	rcpt("<bob@example.com>");
	header("X-Tandem-SMS", "yes");
	header("X-Tandem-Text", "Your order");
	store.email_first = DENY;
	store.sms_first = (struct td_verdict){ .verdict = TD_DENY, .reason = TD_VLIT("no-number") };
	ok(end("body"), "several recipients");
	is_int(store.asked.emails.n, 2, "each person once");
	is_int(store.asked.dests.n, 2, "an SMS each");
	ok(!store.asked.link, "no link");
	ok(drops("<ana@example.com>") && drops("<Ana@Example.com>"), "the denied one leaves, by both names");
	ok(!drops("<bob@example.com>"), "the other one stays");
	is_str(the_plan.status, "prepared", "and one SMS goes");

	mail_from("<shop@example.com>");
	rcpt("<ana@example.com>");
	header("X-Tandem-SMS", "yes");
	header("X-Tandem-Text", "Your order");
	store.email = DENY;
	ok(end("body"), "mail denied, SMS not");
	is_int(the_plan.answer.kind, TD_GO_ON, "the mail lives on as the SMS's carrier");
	ok(drops("<ana@example.com>"), "without its recipient");
	ok(the_plan.add, "with the token");

	mail_from("<shop@example.com>");
	rcpt("<ana@example.com>");
	header("X-Tandem-SMS", "yes");
	header("X-Tandem-Text", "Your order");
	store.sms = (struct td_verdict){ .verdict = TD_DENY, .reason = TD_VLIT("no-number") };
	ok(end("body"), "no number");
	is_int(the_plan.answer.kind, TD_GO_ON, "the mail passes");
	ok(!the_plan.add && the_plan.ndrop == 0 && the_plan.strip, "stripped, and that is all");
	is_str(the_plan.status, "passed", "passed");
}

static void test_untrusted(void)
{
	reset();
	td_mail_begin(&mail, &conf, NULL, false, "<a@b>", NULL);
	rcpt("<ana@example.com>");
	header("X-Tandem-SMS", "what is this");
	header("X-Tandem-Keyword", "stop");
	ok(end("body"), "headers of ours from somebody unknown");
	is_int(the_plan.answer.kind, TD_GO_ON, "pass");
	ok(the_plan.strip && !the_plan.keep_keyword, "stripped, all of them");
	is_int(store.nprepare, 0, "unread");
	is_str(the_plan.reason, "not-a-submitter", "and logged");
	reset();
	td_mail_begin(&mail, &conf, NULL, false, "<a@b>", NULL);
	rcpt("<ana@example.com>");
	header("X-Tandem-Self", "token");
	end("body");
	is_int(store.nprepare, 0, "X-Tandem-Self from outside is not even looked up");
}

static void test_self(void)
{
	reset();
	td_mail_begin(&mail, &conf, NULL, true, "tandem@example.com", NULL);
	rcpt("ana@example.com");
	header("X-Tandem-Self", "token");
	header("X-Tandem-Keyword", "stop");
	store.self_ok = true;
	ok(end("body"), "our own mail");
	is_view(store.asked.self, "token", "is looked up");
	ok(the_plan.strip && the_plan.keep_keyword, "and keeps its keyword");
	reset();
	td_mail_begin(&mail, &conf, &app, true, "tandem@example.com", NULL);
	rcpt("ana@example.com");
	header("X-Tandem-Self", "forged");
	header("X-Tandem-Keyword", "stop");
	ok(end("body"), "a forged one");
	ok(the_plan.strip && !the_plan.keep_keyword, "loses both");
	is_int(the_plan.answer.kind, TD_GO_ON, "and passes as what it is");
}

static void test_sendmail(void)
{
	reset();
	td_mail_begin(&mail, &conf, &app, true, "shop@example.com", NULL);
	is_int(rcpt("123@sms.example.com").kind, TD_GO_ON, "sendmail(1) is never refused at RCPT");
	rcpt("ana@example.com");
	ok(end("body"), "but at the end");
	is_int(the_plan.answer.code, 550, "5xx, which bounces");
	is_str(the_plan.answer.dsn, "5.1.3", "with the reason");
	is_int(store.nprepare + store.ndecide, 0, "nothing was asked");
	reset();
	td_mail_begin(&mail, &conf, &app, true, "shop@example.com", NULL);
	rcpt("+14155550123@sms.example.com");
	ok(end("body"), "a good one");
	is_int(store.ndecide, 0, "not asked at RCPT");
	ok(drops("+14155550123@sms.example.com") && the_plan.add, "goes");
	reset();
	td_mail_begin(&mail, &conf, NULL, true, "user@example.com", NULL);
	rcpt("t-guess@tandem.invalid");
	ok(end("body"), "a token by sendmail(1)");
	is_int(the_plan.answer.kind, TD_REFUSE, "is refused");
}

/* One mail of a client, with the scope "all". */
static void all_from(const struct td_conf_submitter *by)
{
	reset();
	conf.milter.scope = "all";
	td_mail_begin(&mail, &conf, by, false, "<user@example.com>", NULL);
}

static void test_scope_all(void)
{
	static const struct td_conf_submitter newsletter = { .name = "newsletter", .max_class = TD_CLASS_MARKETING };
	struct td_answer answer;

	mail_from("<shop@example.com>");
	rcpt("<ana@example.com>");
	is_int(store.ndecide, 0, "scope = tagged: no question about ordinary recipients");
	all_from(NULL);
	is_int(rcpt("<ana@example.com>").kind, TD_GO_ON, "scope = all: a recipient of anybody's mail");
	is_str(store.query, "email:ana@example.com 3", "is asked for");
	ok(!end("body"), "and the mail needs no end");
	store.at_rcpt = GONE;
	answer = rcpt("<gone@example.com>");
	is_int(answer.code, 550, "a suppressed one is refused");
	is_str(answer.dsn, "5.1.1", "5.1.1");
	is_str(answer.reason, "undeliverable", "with the reason code");
	store.at_rcpt.reason = TD_VLIT("dnc");
	is_str(rcpt("<no@example.com>").dsn, "5.7.1", "one who is not to hear from us: 5.7.1");
	all_from(&newsletter);
	rcpt("<ana@example.com>");
	is_str(store.query, "email:ana@example.com 1", "who may send marketing alone is asked for as that");
	is_int(rcpt("<root>").kind, TD_GO_ON, "a name without a domain is nobody the store knows");
	is_int(store.ndecide, 1, "and not asked for");
	all_from(NULL);
	store.status = TD_TEMPFAIL;
	is_int(rcpt("<ana@example.com>").kind, TD_GO_ON, "a store that is away stops no untagged mail");
	rcpt("<bob@example.com>");
	is_int(store.ndecide, 1, "and is asked once a mail");
	all_from(NULL);
	store.status = TD_BADINPUT;
	is_int(rcpt("<\"odd one\"@example.com>").kind, TD_GO_ON, "nor does an address it cannot read");
}

int main(void)
{
	td_mime_init();
	test_ordinary();
	test_rcpt();
	test_direct();
	test_companion();
	test_untrusted();
	test_self();
	test_sendmail();
	test_scope_all();
	td_mail_end(&mail);
	return done_testing();
}
