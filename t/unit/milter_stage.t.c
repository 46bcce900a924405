/*
 * milter_stage - whole mails through the stages of the milter, with a store that a test answers for
 */
#include <stdio.h>

#include "mime.h"
#include "stage_end.h"
#include "stage_rcpt.h"
#include "tap.h"

static struct td_conf_category categories[] = {
	{ .name = "order", .class = TD_CLASS_TRANSACTIONAL },
	{ .name = "offer", .class = TD_CLASS_MARKETING },
	{ .name = "strict", .class = TD_CLASS_MARKETING, .deny_action = "reject" },
	{ .name = "lenient", .class = TD_CLASS_TRANSACTIONAL, .deny_action = "discard" },
};
static const char *us[] = { "US" };
static struct td_conf conf;
static struct td_conf_submitter app = { .name = "app", .max_class = TD_CLASS_CRITICAL, .link = true };

/* The store: what it is asked, and what it says. */
static struct {
	struct td_asker   asker;
	int               ndecide, nprepare;
	enum td_status    status;       /* of every question */
	struct td_verdict at_rcpt;
	struct td_verdict email;        /* for every e-mail recipient … */
	struct td_verdict email_first;  /* … but the first, when set */
	struct td_verdict sms;          /* likewise */
	struct td_verdict sms_first;
	bool              self_ok;
	struct td_prepare asked; /* the last one */
	char              query[80];
	bool              repeatable;
} store;

static const struct td_verdict SEND = { .verdict = TD_SEND, .reason = { "ok", 2 } };
static const struct td_verdict DENY = { .verdict = TD_DENY, .reason = { "optout", 6 }, .text = { "ana opted out 100%",
	18 } };

static enum td_status decide(struct td_asker *asker, const struct td_query *query, struct td_arena *arena,
	struct td_verdict *out,
	struct td_err *err)
{
	store.ndecide++;
	snprintf(store.query, sizeof(store.query), "%.*s %d", TD_VARG(query->address), (int)query->cls);
	*out = store.at_rcpt;
	return store.status == TD_OK ? TD_OK : td_err_set(err, store.status,
		"/run/tandem/stored.milter.sock: cannot connect");
}

static enum td_status prepare(struct td_asker *asker, const struct td_prepare *request, bool repeatable,
	struct td_arena *arena,
	struct td_prepared *out, struct td_err *err)
{
	struct td_prepared_dest *dests = TD_NEWN(arena, request->dests.n, struct td_prepared_dest);
	struct td_verdict *emails = TD_NEWN(arena, request->emails.n, struct td_verdict);
	bool job = false;

	store.nprepare++;
	store.asked = *request;
	store.repeatable = repeatable;
	if (store.status != TD_OK)
		return td_err_set(err, store.status, "/run/tandem/stored.milter.sock: cannot connect");
	for (size_t i = 0; i < request->emails.n; i++)
		emails[i] = i == 0 && store.email_first.verdict ? store.email_first : store.email;
	for (size_t i = 0; i < request->dests.n; i++) {
		dests[i].verdict = i == 0 && store.sms_first.verdict ? store.sms_first : store.sms;
		if (dests[i].verdict.verdict == TD_SEND && !request->dry_run) {
			dests[i].job = TD_VLIT("01JOB");
			job = true;
		}
	}
	*out = (struct td_prepared){ .dests = { dests, request->dests.n }, .emails = { emails, request->emails.n },
		.self_ok = store.self_ok };
	if (job && !request->activate)
		out->token = TD_VLIT("abcd");
	return TD_OK;
}

static struct td_mail mail;
static struct td_plan the_plan;

static void reset(void)
{
	td_mail_end(&mail);
	memset(&store, 0, sizeof(store));
	store.asker = (struct td_asker){ decide, prepare };
	store.at_rcpt = store.email = store.sms = SEND;
	conf = (struct td_conf){ .sms_domain = "sms.example.com", .token_domain = "tandem.invalid",
		.home_country = "US",
		.countries = { us, 1 }, .categories = categories, .ncategories = 4,
			.notify_default = "never" };
	conf.milter.commit = "queue";
	conf.milter.on_store_down = "tempfail";
	conf.milter.on_bad_header = "reject";
	conf.milter.max_text_source = 65536;
	conf.text.max_segments = 3;
	conf.text.too_long = "reject";
	conf.text.subject = "if-empty";
	conf.text.smart = true;
}

static void mail_from(const char *sender)
{
	static char *const none[] = { NULL };

	reset();
	td_mail_begin(&mail, &conf, &app, false, sender, none);
}

static struct td_answer rcpt(const char *to)
{
	static char *const none[] = { NULL };

	return td_stage_rcpt(&mail, &store.asker, to, none);
}

static void header(const char *name, const char *value)
{
	td_mail_header(&mail, td_view_str(name), td_view_str(value));
}

/* True if the mail needs its end. */
static bool end(const char *body)
{
	bool needed = td_mail_headers_end(&mail, 1764028800000);

	td_mail_body(&mail, td_view_str(body));
	if (needed)
		td_stage_end(&mail, &store.asker, TD_VLIT("4XyZ"), &the_plan);
	return needed;
}

static bool drops(const char *raw)
{
	for (size_t i = 0; i < the_plan.ndrop; i++)
		if (strcmp(the_plan.drop[i], raw) == 0)
			return true;
	return false;
}

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
	store.email = (struct td_verdict){ .verdict = TD_CAPPED, .reason = TD_VLIT("cap:pressure") };
	end("body");
	is_int(the_plan.answer.kind, TD_GO_ON, "and lets service mail pass");
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
}

int main(void)
{
	td_mime_init();
	test_ordinary();
	test_rcpt();
	test_direct();
	test_companion();
	test_deny_action();
	test_bad_headers();
	test_untrusted();
	test_self();
	test_sendmail();
	test_store_down();
	test_eom_commit();
	test_dry_run();
	test_many();
	td_mail_end(&mail);
	return done_testing();
}
