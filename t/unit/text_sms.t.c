/*
 * text_sms - which text becomes the SMS, and what happens to one that is too long
 */
#include "sms.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

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
	s.body = TD_VLIT("body --END-- text\n --END-- text\n\n--END--\nfooter");
	becomes(&s, "body --END-- text\n--END-- text", "a tag within a line is text");
	s.body = TD_VLIT("--END-- all of it");
	refused(&s, TD_BADINPUT, "5.6.0", "no text for the SMS", "nothing before the tag");
	conf.text.subject = "if-empty";
	becomes(&s, "subject", "the subject then");
	conf.text.subject = "ignore";
	s.body.n = 0;
	refused(&s, TD_BADINPUT, "5.6.0", "no text for the SMS", "ignore, without a body");
	conf.text.subject = "prefix";
	becomes(&s, "subject", "prefix, without a body");
}

/* ---- text.remove ---- */

static regex_t compiled[4];

static void expressions(const char *const *text, size_t n)
{
	size_t i;

	for (i = 0; i < conf.text.removes_n; i++)
		regfree(&compiled[i]);
	for (i = 0; i < n; i++)
		if (regcomp(&compiled[i], text[i], REG_EXTENDED | REG_NEWLINE) != 0)
			bail_out("%s: no expression", text[i]);
	conf.text.removes = compiled;
	conf.text.removes_n = n;
}

static void removing(void)
{
	static const char *const notices[] = { "^CAUTION:.*$", "\\[EXT-[0-9]+\\]" };
	static const char *const odd[] = { "x*", "^$|$", "t." };
	static const char *const across[] = { "Begin\n(.|\n)*End" };
	static struct td_cuts cuts;
	struct td_sms_source s = { .body = TD_VLIT("CAUTION: from outside\n\nHi [EXT-12] there [EXT-3]\n> CAUTION: x"),
		.subject = TD_VLIT("Your [EXT-9] order"), .cuts = &cuts };

	expressions(notices, 2);
	becomes(&s, "Hi there\n> CAUTION: x", "every match goes");
	is_int(cuts.n, 3, "each is noted");
	is_str(cuts.cut[0].what, "expression", "as an expression");
	is_view(cuts.cut[0].text, "CAUTION: from outside", "with its text");
	is_view(cuts.cut[2].text, "[EXT-3]", "in order");
	s.body = TD_VLIT("CAUTION: nothing else");
	becomes(&s, "Your [EXT-9] order", "the subject is left alone");
	s.text = TD_VLIT("[EXT-1] literal");
	becomes(&s, "[EXT-1] literal", "a literal text too");
	s.text.n = 0;
	expressions(odd, 3);
	s.body = TD_VLIT("axxb té tt");
	becomes(&s, "ab", "empty matches end, and no character is cut in two");
	expressions(across, 1);
	s.body = TD_VLIT("a Begin\nb\nEnd c");
	becomes(&s, "a c", "across lines");
	expressions(NULL, 0);
}

static void removing_much(void)
{
	static const char *const one[] = { "x" };
	static const char *const none[] = { "y*" };
	static char text[200000];
	struct td_sms_source s = { .body = { text, 1100 } };
	struct td_arena big;
	struct td_sms sms;

	memset(text, 'x', sizeof(text));
	expressions(one, 1);
	is_int(td_sms_render(&conf, &s, &arena, &sms, &err), TD_OK, "more matches than are taken out");
	is_int((int)sms.text.n, 100, "a thousand are");
	expressions(none, 1);
	is_int(td_sms_render(&conf, &s, &arena, &sms, &err), TD_TOOBIG, "an expression that matches nothing, 1,100 times");
	td_arena_init(&big, 4u << 20);
	s.body.n = sizeof(text);
	is_int(td_sms_render(&conf, &s, &big, &sms, &err), TD_TOOBIG, "a long text is too long");
	conf.text.too_long = "truncate";
	is_int(td_sms_render(&conf, &s, &big, &sms, &err), TD_OK, "or cut");
	is_int(sms.count.segments, 3, "to three segments");
	memset(text, ' ', sizeof(text) - 2);
	becomes(&s, "xx", "white space alone is no length");
	td_arena_free(&big);
	expressions(NULL, 0);
}

/* ---- templates ---- */

static void write_template(const char *dir, const char *name, const char *text)
{
	char *path = td_arena_printf(&arena, "%s/%s", dir, name);
	FILE *out = fopen(path, "w");

	if (!out || fputs(text, out) < 0 || fclose(out) != 0)
		bail_out("%s: cannot write", path);
}

static void persons(void)
{
	static const struct td_var message[] = { { TD_VLIT("at"), TD_VLIT("2026-11-25T12:00:00Z") },
		{ TD_VLIT("tz"), TD_VLIT("Africa/Cairo") }, { TD_VLIT("locale"), TD_VLIT("de") },
		{ TD_VLIT("tz"), TD_VLIT("Asia/Tokyo") } };
	static const struct td_var wrong[] = { { TD_VLIT("at"), TD_VLIT("2026-11-25T12:00:00Z") },
		{ TD_VLIT("tz"), TD_VLIT("../etc/passwd") }, { TD_VLIT("locale"), TD_VLIT("no such thing") } };
	char dir[] = "/tmp/tandem-sms.XXXXXX";
	struct td_sms_source s = { .template = TD_VLIT("at"), .vars = { message, 4 } };

	if (!mkdtemp(dir))
		bail_out("%s: cannot make it", dir);
	conf.template_dir = dir;
	write_template(dir, "at.sms", "{{time at}} en");
	write_template(dir, "at.de.sms", "{{time at}} de");
	write_template(dir, "name.sms", "Dear {{who}}");
	write_template(dir, "void.sms", "\xE2\x80\x8B{{#if at}} {{else}}text{{/if}}\n");
	becomes(&s, "14:00 de", "the locale and zone among the variables, the first of a name");
	s.tz = TD_VLIT("Asia/Tokyo");
	s.locale = TD_VLIT("de-AT");
	becomes(&s, "21:00 de", "but for those that are asked for");
	s = (struct td_sms_source){ .template = TD_VLIT("at"), .vars = { wrong, 3 } };
	becomes(&s, "12:00 PM en", "what can be none is passed over");
	s.template = TD_VLIT("name");
	refused(&s, TD_BADINPUT, "5.6.0", "name:1: undefined variable who", "an undefined variable");
	s.template = TD_VLIT("void");
	refused(&s, TD_BADINPUT, "5.6.0", "template \"void\" renders to nothing", "a template without text");
	s.hint = TD_VLIT("STOP");
	refused(&s, TD_BADINPUT, "5.6.0", "template \"void\" renders to nothing", "a hint alone is none");
	unlink(td_arena_printf(&arena, "%s/at.sms", dir));
	unlink(td_arena_printf(&arena, "%s/at.de.sms", dir));
	unlink(td_arena_printf(&arena, "%s/name.sms", dir));
	unlink(td_arena_printf(&arena, "%s/void.sms", dir));
	rmdir(dir);
}

static void nothing_to_see(void)
{
	struct td_sms_source s = { .body = TD_VLIT("\xE2\x80\x8B\xC2\xA0\xE2\x80\x8F\n"), .subject = TD_VLIT("subject"),
		.hint = TD_VLIT("STOP") };

	becomes(&s, "subject STOP", "a body that cannot be seen is none");
	conf.text.subject = "ignore";
	refused(&s, TD_BADINPUT, "5.6.0", "no text for the SMS", "nor is it sent");
	s.text = TD_VLIT("\xE2\xA0\x80\xE3\x85\xA4");
	refused(&s, TD_BADINPUT, "5.6.0", "no text for the SMS", "a literal text of blanks");
	s.text = TD_VLIT("\xCC\x81\xEF\xB8\x8F");
	refused(&s, TD_BADINPUT, "5.6.0", "no text for the SMS", "marks without a letter");
}

/* ---- providers ---- */

static void providers(void)
{
	static const char *all[] = { "tr", "es", "pt" };
	static const char *some[] = { "pt", "tr" };
	struct td_conf_provider list[] = { { .name = "a", .national = { all, 3 } },
		{ .name = "b", .national = { some, 2 } },
		{ .name = "c" } };
	struct td_sms_source s =
		{ .text = TD_VLIT("“Kargonuz yarın ulaşacak, değişiklik için arayın: 0212 555 12 34. İyi günler”") };
	struct td_sms sms;

	is_int((int)td_conf_national(&conf), 0, "without providers");
	is_int(td_sms_render(&conf, &s, &arena, &sms, &err), TD_OK, "Turkish");
	is_int(sms.count.segments, 2, "takes two segments");
	conf.providers = list;
	conf.nproviders = 1;
	is_int((int)td_conf_national(&conf), (int)TD_NATIONAL_ALL, "one provider");
	conf.nproviders = 2;
	is_int((int)td_conf_national(&conf), (int)(TD_NATIONAL(TD_LANG_TR) | TD_NATIONAL(TD_LANG_PT)), "what two share");
	is_int(td_sms_render(&conf, &s, &arena, &sms, &err), TD_OK, "Turkish");
	is_int(sms.count.segments, 1, "takes one");
	is_int(sms.count.alphabet.single, TD_LANG_TR, "in its table");
	is_view(sms.text, "\"Kargonuz yarın ulaşacak, değişiklik için arayın: 0212 555 12 34. İyi günler\"",
		"typography goes");
	conf.nproviders = 3;
	is_int((int)td_conf_national(&conf), 0, "one that can none");
	conf.text.smart = false;
	is_int(td_conf_smart(&conf), 0, "smart encoding off");
	conf.text.smart = true;
	conf.text.smart_level = 3;
	is_int(td_conf_smart(&conf), 3, "and on");
	becomes(&s, "\"Kargonuz yarin ulasacak, degisiklik icin arayin: 0212 555 12 34. Iyi günler\"", "at level 3");
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
	static void (*const tests[])(void) = { order, subjects, removing, removing_much, persons, nothing_to_see,
		providers, polishing,
		hints, too_long };
	size_t i;

	td_arena_init(&arena, 1u << 20);
	for (i = 0; i < sizeof(tests) / sizeof(*tests); i++) {
		reset();
		tests[i]();
	}
	td_arena_free(&arena);
	return done_testing();
}
