/*
 * text_sms - which text becomes the SMS, and what happens to one that is too long
 */
#include "sms.h"

#include "tap.h"

static struct td_arena arena;
static struct td_conf conf;
static struct td_err err;

static void reset(void)
{
	conf = (struct td_conf){ .brand = "Nile Shop", .template_dir = "conf/templates", .default_locale = "en",
		.text = { .max_segments = 3, .too_long = "reject", .subject = "if-empty", .smart = true, .smart_level = 1 } };
	td_arena_reset(&arena);
}

static void becomes(const struct td_sms_source *source, const char *want, const char *name)
{
	struct td_sms sms = { .text = { NULL, 0 } };

	td_err_clear(&err);
	if (!is_int(td_sms_render(&conf, source, &arena, &sms, &err), TD_OK, "%s", name))
		diag("%s", err.text);
	is_view(sms.text, want, "%s: text", name);
}

static void refused(
	const struct td_sms_source *source, enum td_status status, const char *code, const char *text, const char *name)
{
	struct td_sms sms = { .text = TD_VLIT("untouched") };

	td_err_clear(&err);
	is_int(td_sms_render(&conf, source, &arena, &sms, &err), status, "%s", name);
	is_str(td_err_code(&err), code, "%s: code", name);
	is_str(err.text, text, "%s: why", name);
	is_view(sms.text, "untouched", "%s: output left alone", name);
}

static void order(void)
{
	static const struct td_var v[] = { { TD_VLIT("code"), TD_VLIT("402931") } };
	static const struct td_var brand[] = { { TD_VLIT("code"), TD_VLIT("1") }, { TD_VLIT("brand"), TD_VLIT("Other") } };
	struct td_sms_source s = { .text = TD_VLIT("literal"), .template = TD_VLIT("otp"), .body = TD_VLIT("body"),
		.subject = TD_VLIT("subject"), .vars = { v, 1 } };

	becomes(&s, "literal", "the literal text wins");
	s.text.n = 0;
	becomes(&s, "402931 is your Nile Shop code. Never share it.", "then the template, with the brand");
	s.locale = TD_VLIT("ar-EG");
	becomes(&s, "402931 هو رمز الدخول إلى Nile Shop. لا تشاركه مع أحد.", "in the person's language");
	s.locale.n = 0;
	conf.default_locale = "ar";
	becomes(&s, "402931 هو رمز الدخول إلى Nile Shop. لا تشاركه مع أحد.", "or the default one");
	conf.default_locale = "en";
	s.vars = (struct td_vars){ brand, 2 };
	becomes(&s, "1 is your Other code. Never share it.", "a variable named brand goes before the configured one");
	conf.brand = NULL;
	s.vars = (struct td_vars){ v, 1 };
	becomes(&s, "402931 is your sign-in code. Never share it.", "without a brand the fallback stands in");
	s.template.n = 0;
	becomes(&s, "body", "then the body");
	s.body.n = 0;
	becomes(&s, "subject", "then the subject");
	s.subject.n = 0;
	refused(&s, TD_BADINPUT, "5.6.0", "no text for the SMS", "then nothing is left");
	s.text = TD_VLIT(" \r\n\t");
	refused(&s, TD_BADINPUT, "5.6.0", "no text for the SMS", "white space is no text");
	s.text = TD_VLIT("a\xFF");
	refused(&s, TD_BADINPUT, "5.6.0", "the text is not UTF-8", "nor is what cannot be read");
	s.text.n = 0;
	s.template = TD_VLIT("otp");
	s.vars.n = 0;
	refused(&s, TD_BADINPUT, "5.6.0", "otp:6: undefined variable code", "an undefined variable");
	s.template = TD_VLIT("no-such");
	refused(&s, TD_BADINPUT, "5.6.0", "no template \"no-such\"", "an unknown template");
	conf.template_dir = "/nonexistent";
	refused(&s, TD_TEMPFAIL, "4.3.0", "template directory: No such file or directory", "no templates at all");
}

static void subjects(void)
{
	static const char *tags[] = { "", "--END--" };
	struct td_sms_source s = { .body = TD_VLIT("body\n--END-- footer"), .subject = TD_VLIT("subject") };

	becomes(&s, "body\n--END-- footer", "no end tag configured");
	conf.text.end_tags = (struct td_strings){ tags, 2 };
	becomes(&s, "body", "cut at the end tag");
	conf.text.subject = "prefix";
	becomes(&s, "subject\nbody", "prefix");
	conf.text.subject = "only";
	becomes(&s, "subject", "only");
	conf.text.subject = "ignore";
	becomes(&s, "body", "ignore");
	s.body.n = 0;
	refused(&s, TD_BADINPUT, "5.6.0", "no text for the SMS", "ignore, without a body");
	conf.text.subject = "prefix";
	becomes(&s, "subject", "prefix, without a body");
}

static void polishing(void)
{
	struct td_sms_source s = { .text = TD_VLIT("  a  b \t c\r\n\r\n\r\n d\xC2\xA0 e  \n") };

	becomes(&s, "a b c\nd e", "white space is collapsed");
	s.text = TD_VLIT("“Hi” – it’s…");
	becomes(&s, "\"Hi\" - it's...", "smart encoding");
	conf.text.smart = false;
	becomes(&s, "“Hi” – it’s…", "switched off");
}

static void hints(void)
{
	struct td_sms_source s = { .text = TD_VLIT("“Sale”"), .hint = TD_VLIT("Reply STOP to stop") };

	becomes(&s, "\"Sale\" Reply STOP to stop", "the hint follows");
	s.hint = TD_VLIT("للإلغاء أرسل STOP");
	becomes(&s, "“Sale” للإلغاء أرسل STOP", "an Arabic hint keeps the whole in Unicode");
}

static void too_long(void)
{
	static char text[462];
	static char full[460];
	struct td_sms_source s = { .text = { text, 460 }, .hint = { NULL, 0 } };
	struct td_sms sms;

	memset(text, 'a', sizeof(text) - 1);
	memset(full, 'a', sizeof(full) - 1);
	s.text.n = 459;
	becomes(&s, full, "three segments");
	s.text.n = 460;
	refused(&s, TD_TOOBIG, "5.2.3", "the text takes 4 segments, at most 3 are allowed", "one more letter");
	s.text.n = 459;
	s.max_segments = 2;
	refused(
		&s, TD_TOOBIG, "5.2.3", "the text takes 3 segments, at most 2 are allowed", "the message may lower the limit");
	s.max_segments = 10;
	s.text.n = 460;
	refused(&s, TD_TOOBIG, "5.2.3", "the text takes 4 segments, at most 3 are allowed", "but not raise it");
	s.text.n = 459;
	s.hint = TD_VLIT("STOP");
	refused(&s, TD_TOOBIG, "5.2.3", "the text takes 4 segments, at most 3 are allowed", "the hint is within the count");

	conf.text.too_long = "truncate";
	memset(full + 451, '.', 3);
	memcpy(full + 454, " STOP", 5);
	becomes(&s, full, "truncated, with the hint whole");
	is_int(td_sms_render(&conf, &s, &arena, &sms, &err), TD_OK, "truncated");
	is_int(sms.count.segments, 3, "to three segments");
	is_int(sms.count.units, 459, "all of them full");
}

int main(void)
{
	static void (*const tests[])(void) = { order, subjects, polishing, hints, too_long };
	size_t i;

	td_arena_init(&arena, 1u << 20);
	for (i = 0; i < sizeof(tests) / sizeof(*tests); i++) {
		reset();
		tests[i]();
	}
	td_arena_free(&arena);
	return done_testing();
}
