/*
 * text_tags - headers of a mail: what is collected, what it asks for, what is refused and in which words
 */
#include "mime.h"
#include "tap.h"
#include "wish.h"

static const char *from_list[] = { "ExShop", "+15550001111" };
static const char *some_categories[] = { "offer", "cart-reminder" };
static struct td_conf_category categories[] = {
	{ .name = "order-confirmation", .class = TD_CLASS_TRANSACTIONAL, .template = "order-confirmation" },
	{ .name = "offer", .class = TD_CLASS_MARKETING },
	{ .name = "otp", .class = TD_CLASS_SOLICITED, .from = "ExShop" },
};
static struct td_conf conf = {
	.home_country = "US", .categories = categories, .ncategories = 3, .notify_default = "never",
};
static struct td_conf_submitter app = { .name = "app", .max_class = TD_CLASS_CRITICAL, .from = { from_list, 2 } };

static struct td_arena arena;
static struct td_tags tags;
static struct td_wish wish;
static struct td_err err;

#define NOW 1764028800000 /* 2025-11-25T00:00:00Z */

static void start(void)
{
	td_arena_free(&arena);
	td_arena_init(&arena, 4 << 20);
	td_tags_init(&tags, &arena);
	td_err_clear(&err);
}

static void header(const char *name, const char *value)
{
	td_tags_add(&tags, td_view_str(name), td_view_str(value));
}

static enum td_status read_wish(void)
{
	return td_wish_read(&tags, &conf, &app, NOW, &arena, &wish, &err);
}

/* One header alone. */
static enum td_status read_one(const char *name, const char *value)
{
	start();
	header(name, value);
	return read_wish();
}

static void test_collect(void)
{
	start();
	header("Received", "from somewhere");
	header("x-tandem-sms", " yes");
	header("Subject", " Your order\r\n  has left");
	header("Subject", "second");
	header("Message-ID", " <a@b>");
	is_int(tags.nours, 1, "one header of ours, whatever its case");
	is_view(tags.tag[0].name, "sms", "named without the prefix");
	is_view(tags.tag[0].value, "yes", "value trimmed");
	is_view(tags.subject, "Your order  has left", "unfolded; the first one counts");
	is_view(tags.message_id, "<a@b>", "Message-ID");
	start();
	for (int i = 0; i < 70; i++)
		header("X-Tandem-Var", "a=b");
	is_int(tags.nours, 70, "all are counted");
	is_int(tags.ntags, TD_TAGS_MAX, "64 are kept");
}

static void test_addresses(void)
{
	start();
	header("From", "\"Shop, Inc.\" (the shop) <shop@example.com>");
	is_view(td_tags_reply_to(&tags, &arena), "shop@example.com", "From with a display name");
	header("Reply-To", "desk@example.com, other@example.com");
	is_view(td_tags_reply_to(&tags, &arena), "desk@example.com", "Reply-To wins; its first mailbox");
	start();
	header("From", "nobody in particular");
	is_int(td_tags_reply_to(&tags, &arena).n, 0, "no address, no answer");
}

static void test_auto(void)
{
	start();
	header("Auto-Submitted", "auto-replied (vacation)");
	ok(td_tags_auto_replied(&tags), "auto-replied");
	start();
	header("Auto-Submitted", "no");
	ok(!td_tags_auto_replied(&tags), "no is no answer");
	start();
	header("Auto-Submitted", "auto-generated");
	ok(!td_tags_auto_replied(&tags), "a mail a machine sends by itself is no answer");
	start();
	header("Precedence", "bulk");
	ok(td_tags_auto_replied(&tags), "Precedence: bulk");
}

static void test_sms(void)
{
	is_int(read_one("X-Tandem-SMS", "yes"), TD_OK, "yes");
	is_int(wish.sms, TD_WISH_ONFILE, "the number on file");
	ok(wish.tagged, "is a tagged mail");
	is_int(read_one("X-Tandem-SMS", "No"), TD_OK, "no");
	is_int(wish.sms, TD_WISH_NO, "no SMS");
	is_int(read_one("X-Tandem-SMS", "+1 (555) 123-4567, 0015551234568 ,+15551234567"), TD_OK, "numbers");
	is_int(wish.nnumbers, 2, "each number once");
	is_str(wish.numbers[0].e164, "+15551234567", "E.164");
	is_int(read_one("X-Tandem-SMS", "yes, +15551234567"), TD_BADINPUT, "yes among numbers");
	like(err.text, "X-Tandem-SMS: \"yes\": not a phone number", "says which");
	is_str(td_err_code(&err), "5.6.0", "5.6.0");
	is_int(read_one("X-Tandem-SMS", ""), TD_BADINPUT, "empty");
	is_int(read_one("X-Tandem-SMS", "+15551234567,"), TD_OK, "a comma at the end stands for nothing");
}

static void test_values(void)
{
	static const struct {
		const char *name, *value, *says;
	} bad[] = {
		{ "X-Tandem-Class", "urgent", "X-Tandem-Class: none of critical" },
		{ "X-Tandem-Class", "compliance", "X-Tandem-Class: none of critical" },
		{ "X-Tandem-Category", "ofer", "X-Tandem-Category: not a configured category: \"ofer\"" },
		{ "X-Tandem-Text", " ", "X-Tandem-Text: empty" },
		{ "X-Tandem-Template", "../etc/passwd", "X-Tandem-Template: not a template name: \"../etc/passwd\"" },
		{ "X-Tandem-Var", "name", "X-Tandem-Var: not name=value: \"name\"" },
		{ "X-Tandem-Var", "=value", "X-Tandem-Var: not name=value" },
		{ "X-Tandem-Var", "na me=value", "X-Tandem-Var: not a variable name: \"na me\"" },
		{ "X-Tandem-From", "A name too long", "X-Tandem-From: not a sender id" },
		{ "X-Tandem-Route", "pigeon", "X-Tandem-Route: not a route" },
		{ "X-Tandem-Route", "email>sms; when=lost", "X-Tandem-Route: not a route" },
		{ "X-Tandem-Route", "parallel; after=15m", "X-Tandem-Route: not a route" },
		{ "X-Tandem-Route", "email>sms; when=failed,delayed; after=15m", "X-Tandem-Route: this version sends" },
		{ "X-Tandem-Route", "preferred", "X-Tandem-Route: this version sends" },
		{ "X-Tandem-Send-At", "tomorrow", "X-Tandem-Send-At: not a date: \"tomorrow\"" },
		{ "X-Tandem-Send-At", "2026-11-02 10:00", "X-Tandem-Send-At: not a date: \"2026-11-02 10:00\"" },
		{ "X-Tandem-Delay", "soon", "X-Tandem-Delay: not a duration: \"soon\"" },
		{ "X-Tandem-Expires", "10", "X-Tandem-Expires: neither a date nor a duration: \"10\"" },
		{ "X-Tandem-Key", "", "X-Tandem-Key: empty" },
		{ "X-Tandem-Event", "a b", "X-Tandem-Event: not an event name" },
		{ "X-Tandem-TZ", "../../etc/passwd", "X-Tandem-TZ: not a time zone" },
		{ "X-Tandem-TZ", "Mars/Olympus", "X-Tandem-TZ: not a time zone: \"Mars/Olympus\"" },
		{ "X-Tandem-Locale", "english language", "X-Tandem-Locale: not a language tag" },
		{ "X-Tandem-Max-Segments", "11", "X-Tandem-Max-Segments: not a number from 1 to 10: \"11\"" },
		{ "X-Tandem-Max-Segments", "0", "X-Tandem-Max-Segments: not a number" },
		{ "X-Tandem-Notify", "always", "X-Tandem-Notify: none of never, failure, success: \"always\"" },
		{ "X-Tandem-Dry-Run", "maybe", "X-Tandem-Dry-Run: neither yes nor no" },
		{ "X-Tandem-Tmeplate", "x", "X-Tandem-Tmeplate: no such header (did you mean X-Tandem-Template?)" },
		{ "X-Tandem-Elephant-Size", "x", "X-Tandem-Elephant-Size: no such header" },
		{ "X-Tandem-Send-At", "\"q\\ \x01 \xff%n", "X-Tandem-Send-At: not a date: \"'q' ? ?%n\"" },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		is_int(read_one(bad[i].name, bad[i].value), TD_BADINPUT, "%s: %s", bad[i].name, bad[i].value);
		like(err.text, bad[i].says, "says so");
	}
}

static void test_good_values(void)
{
	is_int(read_one("X-Tandem-Text", "=?utf-8?B?2YXYsdit2KjYpw==?="), TD_OK, "an encoded text");
	is_view(wish.text, "\u0645\u0631\u062d\u0628\u0627", "is decoded");
	is_int(read_one("X-Tandem-Var", "name==?utf-8?Q?Zo=C3=AB?="), TD_OK, "an encoded value");
	is_view(wish.vars[0].value, "Zo\u00eb", "is decoded");
	is_int(read_one("X-Tandem-Var", "=?utf-8?Q?name=3DZo=C3=AB?="), TD_OK, "an encoded name=value");
	is_view(wish.vars[0].name, "name", "has its name");
	is_view(wish.vars[0].value, "Zo\u00eb", "and its value");
	is_int(read_one("X-Tandem-Var", "url=https://example.com/?a=b"), TD_OK, "a value with =");
	is_view(wish.vars[0].value, "https://example.com/?a=b", "is cut at the first");
	is_int(read_one("X-Tandem-Expires", "10m"), TD_OK, "a duration");
	is_int(wish.expires, NOW + 600000, "counts from now");
	is_int(read_one("X-Tandem-Expires", "2020-01-01T00:00:00Z"), TD_OK, "a past date is well-formed");
	is_int(read_one("X-Tandem-Send-At", "Tue, 25 Nov 2025 08:00:00 +0000"), TD_OK, "RFC 5322");
	is_int(wish.send_at, NOW + 8 * 3600000, "the time");
	is_int(read_one("X-Tandem-Route", "parallel"), TD_OK, "the default route");
	is_int(read_one("X-Tandem-From", "+1 555 000 1111"), TD_OK, "a number of the submitter");
	is_view(wish.from, "+15550001111", "as E.164");
	is_int(read_one("X-Tandem-From", "Bank"), TD_REFUSED, "another's sender id");
	is_str(td_err_code(&err), "5.7.1", "5.7.1");
	is_int(read_one("X-Tandem-TZ", "America/New_York"), TD_OK, "a zone");
	is_int(read_one("X-Tandem-Locale", "pt-BR"), TD_OK, "a locale");
	is_int(read_one("X-Tandem-Keyword", "stop"), TD_OK, "our own header from somebody else");
	ok(!wish.tagged, "asks for nothing");
}

static void test_repeats(void)
{
	start();
	header("X-Tandem-Class", "service");
	header("X-Tandem-Class", "service");
	is_int(read_wish(), TD_OK, "the same twice");
	header("X-Tandem-Class", "marketing");
	is_int(read_wish(), TD_BADINPUT, "different");
	is_str(err.text, "X-Tandem-Class: given twice with different values", "says so");
	start();
	header("X-Tandem-Var", "a=1");
	header("X-Tandem-Var", "b=2");
	header("X-Tandem-Var", "a=1");
	is_int(read_wish(), TD_OK, "several variables");
	is_int(wish.nvars, 2, "each once");
	header("X-Tandem-Var", "a=2");
	is_int(read_wish(), TD_BADINPUT, "one variable with two values");
	start();
	header("X-Tandem-SMS", "no");
	header("X-Tandem-Text", "hello");
	is_int(read_wish(), TD_OK, "a text and no SMS");
	is_int(wish.sms, TD_WISH_NO, "no SMS");
	start();
	header("X-Tandem-Send-At", "2026-01-02T00:00:00Z");
	header("X-Tandem-Expires", "2026-01-01T00:00:00Z");
	is_int(read_wish(), TD_BADINPUT, "expires before it is sent");
	start();
	header("X-Tandem-Send-At", "tomorrow");
	header("X-Tandem-SMS", "+15551234567");
	header("X-Tandem-Delay", "soon");
	is_int(read_wish(), TD_BADINPUT, "one bad header among good ones");
	like(err.text, "X-Tandem-Send-At", "the first complaint is told");
	is_int(wish.nnumbers, 1, "the good ones are read");
}

static void test_toobig(void)
{
	static char big[TD_TAG_VALUE_MAX + 2];

	memset(big, 'x', sizeof(big) - 1);
	is_int(read_one("X-Tandem-Text", big), TD_BADINPUT, "a value over 8 KiB");
	like(err.text, "X-Tandem-Text: longer than 8192 bytes", "says so");
	big[TD_TAG_VALUE_MAX] = '\0';
	is_int(read_one("X-Tandem-Text", big), TD_OK, "one of just 8 KiB");
	memset(big, 'k', 129);
	big[129] = '\0';
	is_int(read_one("X-Tandem-Key", big), TD_BADINPUT, "a key of 129 bytes");
	big[128] = '\0';
	is_int(read_one("X-Tandem-Key", big), TD_OK, "one of 128");
}

static void test_aliases(void)
{
	is_int(read_one("X-PM-Tag", "offer"), TD_OK, "another system's tag");
	ok(wish.category == &categories[1], "names a category of ours");
	ok(wish.tagged, "and makes the mail a tagged one");
	is_int(read_one("X-PM-Tag", "spring-2026"), TD_OK, "a tag that is none of ours");
	ok(!wish.tagged, "changes nothing");
	is_int(read_one("X-MC-Tags", "blue, otp ,offer"), TD_OK, "several");
	ok(wish.category == &categories[1], "the least privileged counts");
	is_int(read_one("X-SMTPAPI", "{\"category\": [\"otp\"]}"), TD_OK, "JSON");
	ok(wish.category == &categories[2], "its category");
	is_int(read_one("X-SMTPAPI", "{\"category\": \"otp\""), TD_OK, "broken JSON");
	ok(!wish.category, "names nothing");
	start();
	header("X-Mailgun-Tag", "offer");
	header("X-Tandem-Category", "otp");
	is_int(read_wish(), TD_OK, "both");
	ok(wish.category == &categories[2], "ours wins");
}

static struct td_grade grade_of(const char *cls, const char *category, enum td_class max)
{
	struct td_grade grade = { 0 };
	struct td_conf_submitter submitter = { .name = "s", .max_class = max };

	start();
	if (cls)
		header("X-Tandem-Class", cls);
	if (category)
		header("X-Tandem-Category", category);
	read_wish();
	td_wish_grade(&wish, &submitter, &arena, &grade, &err);
	return grade;
}

static void test_grade(void)
{
	static const struct {
		const char   *cls, *category;
		enum td_class max, want;
		bool          note;
	} rows[] = {
		{ NULL, NULL, TD_CLASS_CRITICAL, TD_CLASS_TRANSACTIONAL, false },
		{ NULL, NULL, TD_CLASS_SERVICE, TD_CLASS_SERVICE, false },
		{ NULL, NULL, TD_CLASS_MARKETING, TD_CLASS_MARKETING, false },
		{ "critical", NULL, TD_CLASS_CRITICAL, TD_CLASS_CRITICAL, false },
		{ "critical", NULL, TD_CLASS_SERVICE, TD_CLASS_SERVICE, true },
		{ NULL, "otp", TD_CLASS_CRITICAL, TD_CLASS_SOLICITED, false },
		{ NULL, "otp", TD_CLASS_TRANSACTIONAL, TD_CLASS_TRANSACTIONAL, true },
		{ "critical", "offer", TD_CLASS_CRITICAL, TD_CLASS_MARKETING, true },
		{ "marketing", "otp", TD_CLASS_CRITICAL, TD_CLASS_MARKETING, false },
		{ "transactional", "order-confirmation", TD_CLASS_CRITICAL, TD_CLASS_TRANSACTIONAL, false },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct td_grade grade = grade_of(rows[i].cls, rows[i].category, rows[i].max);

		is_int(grade.cls, rows[i].want, "class %s, category %s, maximum %s", rows[i].cls ? rows[i].cls : "-",
			rows[i].category ? rows[i].category : "-", td_class_name(rows[i].max));
		is_int(grade.note != NULL, rows[i].note, "a claim that is lowered is said");
	}
}

static void test_submitter_categories(void)
{
	struct td_conf_submitter shop = {
		.name = "newsletter", .max_class = TD_CLASS_MARKETING, .categories = { some_categories, 2 },
	};
	struct td_grade grade;

	read_one("X-Tandem-Category", "offer");
	is_int(td_wish_grade(&wish, &shop, &arena, &grade, &err), TD_OK, "a category it may send");
	read_one("X-Tandem-Category", "otp");
	is_int(td_wish_grade(&wish, &shop, &arena, &grade, &err), TD_REFUSED, "one it may not");
	is_str(err.text, "submitter newsletter may not send category otp", "says so");
	read_one("X-Tandem-SMS", "yes");
	is_int(td_wish_grade(&wish, &shop, &arena, &grade, &err), TD_REFUSED, "none, though it has a list");
}

static void test_prepare(void)
{
	struct td_prepare prepare = { .cls = 0 };
	struct td_grade grade;

	start();
	header("Subject", "=?utf-8?Q?Zo=C3=AB?=");
	header("Message-ID", "<m@x>");
	header("From", "shop@example.com");
	header("X-Tandem-Category", "order-confirmation");
	header("X-Tandem-Var", "order=A-1");
	read_wish();
	td_wish_grade(&wish, &app, &arena, &grade, &err);
	is_int(td_wish_prepare(&wish, &grade, &app, &tags, &arena, &prepare, &err), TD_OK, "a request");
	is_view(prepare.content.template, "order-confirmation", "the category's template");
	is_view(prepare.content.subject, "Zo\u00eb", "the subject, decoded");
	is_view(prepare.reply_to, "shop@example.com", "where answers go");
	is_view(prepare.submitter, "app", "who asks");
	header("X-Tandem-Text", "hello");
	read_wish();
	td_wish_prepare(&wish, &grade, &app, &tags, &arena, &prepare, &err);
	is_int(prepare.content.template.n, 0, "a text leaves the category's template out");
	is_int(td_wish_notify(&wish, &conf, true, 0), TD_NOTIFY_FAILURE, "direct: failure");
	is_int(td_wish_notify(&wish, &conf, true, TD_NOTIFY_SUCCESS), TD_NOTIFY_FAILURE | TD_NOTIFY_SUCCESS,
		"and success on request");
	is_int(td_wish_notify(&wish, &conf, true, TD_NOTIFY_NEVER), TD_NOTIFY_NEVER, "NOTIFY=NEVER");
	is_int(td_wish_notify(&wish, &conf, false, TD_NOTIFY_SUCCESS), TD_NOTIFY_NEVER, "companion: never by default");
	header("X-Tandem-Notify", "failure");
	read_wish();
	is_int(td_wish_notify(&wish, &conf, false, 0), TD_NOTIFY_FAILURE, "companion: as the header says");
}

int main(void)
{
	td_mime_init();
	test_collect();
	test_addresses();
	test_auto();
	test_sms();
	test_values();
	test_good_values();
	test_repeats();
	test_toobig();
	test_aliases();
	test_grade();
	test_submitter_categories();
	test_prepare();
	td_arena_free(&arena);
	return done_testing();
}
