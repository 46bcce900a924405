/*
 * text_template - finding, rendering, checking and refusing SMS templates
 */
#include "template.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tap.h"

#define NBSP "\xC2\xA0"
#define NNBSP "\xE2\x80\xAF"

static struct td_arena arena;
static char dir[] = "/tmp/tandem-template-XXXXXX";

static const struct td_var some[] = {
	{ TD_VLIT("name"), TD_VLIT("Laila") },
	{ TD_VLIT("order"), TD_VLIT("10045") },
	{ TD_VLIT("empty"), TD_VLIT("") },
	{ TD_VLIT("lines"), TD_VLIT("a\r\nb\tc\xE2\x80\xA8" "d\xC2\x85" "e") },
	{ TD_VLIT("braces"), TD_VLIT("{{order}}") },
	{ TD_VLIT("bad"), TD_VLIT("\xFF") },
	{ TD_VLIT("state"), TD_VLIT("on its way") },
	{ TD_VLIT("due"), TD_VLIT("2026-11-29T10:30+02:00") },
	{ TD_VLIT("day"), TD_VLIT("2026-11-29") },
	{ TD_VLIT("total"), TD_VLIT("1249.5") },
	{ TD_VLIT("cur"), TD_VLIT("EGP") },
	{ TD_VLIT("EUR"), TD_VLIT("USD") },
	{ TD_VLIT("url"), TD_VLIT("https://nile.example/o/1") },
	{ TD_VLIT("preferences_url"), TD_VLIT("https://evil.example/") },
	{ TD_VLIT("name"), TD_VLIT("of the person, hidden by the message's") },
};
static const struct td_template_env vars = { .vars = { some, sizeof(some) / sizeof(*some) } };

static void renders(const char *source, const char *want)
{
	struct td_view out = { NULL, 0 };
	struct td_err err;

	td_err_clear(&err);
	if (!is_int(td_template_render(TD_VLIT("t"), td_view_str(source), &vars, &arena, &out, &err), TD_OK, "%s", source))
		diag("%s", err.text);
	is_view(out, want, "%s: text", source);
}

static void refuses(const char *source, const char *text)
{
	struct td_view out = TD_VLIT("untouched");
	struct td_err err;

	td_err_clear(&err);
	is_int(td_template_render(TD_VLIT("t"), td_view_str(source), &vars, &arena, &out, &err), TD_BADINPUT,
		"%.60s is refused", source);
	is_str(err.text, text, "%.60s: why", source);
	is_str(td_err_code(&err), "5.6.0", "%.60s: code", source);
	is_view(out, "untouched", "%.60s: output left alone", source);
}

static void rendering(void)
{
	renders("", "");
	renders("no variable, { one brace }", "no variable, { one brace }");
	renders("Hello {{name}}!", "Hello Laila!");
	renders("Hello {{ name }}!", "Hello Laila!");
	renders("Hello {{nobody|there}}!", "Hello there!");
	renders("Hello {{empty|there}}!", "Hello there!");
	renders("Hello {{name|there}}!", "Hello Laila!");
	renders("Hello {{nobody|}}!", "Hello !");
	renders("{{nobody|a|b {c} }}", "a|b {c} ");
	renders("[{{empty}}]", "[]");
	renders("{{#if name}}yes{{else}}no{{/if}}", "yes");
	renders("{{#if nobody}}yes{{else}}no{{/if}}", "no");
	renders("{{#if empty}}yes{{else}}no{{/if}}", "no");
	renders("{{#if nobody}}{{nobody}}{{/if}}ok", "ok");
	renders("{{#if name}}{{else}}{{nobody}}{{/if}}ok", "ok");
	renders("{{#if name}}a{{#if nobody}}b{{else}}c{{#if order}}d{{/if}}{{/if}}e{{/if}}", "acde");
	renders("{{ #if  name }}x{{ /if }}", "x");
	renders("# a comment\n# another\nText\n", "Text");
	renders("# a comment\r\nText\r\n", "Text");
	renders("# only comments", "");
	renders("Text\n# stays\n\n", "Text\n# stays\n");
	renders("طلبك {{order}} جاهز", "طلبك 10045 جاهز");
}

static void conditions(void)
{
	renders("{{#unless name}}a{{else}}b{{/unless}}", "b");
	renders("{{#unless nobody}}a{{/unless}}{{#unless empty}}b{{/unless}}", "ab");
	renders("{{#if name == Laila}}yes{{else}}no{{/if}}", "yes");
	renders("{{#if name==Laila}}yes{{/if}}", "yes");
	renders("{{#if name != Laila}}yes{{else}}no{{/if}}", "no");
	renders("{{#if state == on its way}}yes{{/if}}", "yes");
	renders("{{#if name == laila}}yes{{else}}no{{/if}}", "no");
	renders("{{#if nobody == Laila}}yes{{else}}no{{/if}}", "no");
	renders("{{#if nobody != Laila}}yes{{else}}no{{/if}}", "yes");
	renders("{{#if state == a|b}}yes{{else}}no{{/if}}", "no");
	renders("{{#unless name == Omar}}yes{{/unless}}", "yes");
	renders("{{#if name}}{{#unless nobody}}x{{/unless}}{{/if}}", "x");
	refuses("{{#if name == }}x{{/if}}", "t:1: nothing to compare with: name ==");
	refuses("{{#if == x}}x{{/if}}", "t:1: no variable in the condition: == x");
	refuses("{{#if a b == x}}x{{/if}}", "t:1: no variable in the condition: a b == x");
	refuses("{{#unless name}}x", "t:1: {{#unless}} without {{/unless}}: name");
	refuses("x{{/unless}}", "t:1: {{/unless}} without {{#unless}}");
	refuses("{{#if name}}\nx{{/unless}}", "t:2: {{/unless}} where {{/if}} belongs: name");
	refuses("{{#unless name}}x{{else}}\n{{/if}}", "t:2: {{/if}} where {{/unless}} belongs: name");
	refuses("{{#if a}}{{#unless b}}{{/if}}{{/unless}}", "t:1: {{/if}} where {{/unless}} belongs: b");
	refuses("{{#iff name}}x{{/if}}", "t:1: not a variable, a condition or a format: #iff name");
}

static void formats(void)
{
	renders("{{date due}}", "Nov 29, 2026");
	renders("{{ date  due  full }}", "Sunday, November 29, 2026");
	renders("{{time due}}", "10:30" NNBSP "AM");
	renders("{{datetime due short}}", "11/29/26, 10:30" NNBSP "AM");
	renders("{{weekday day}} {{date day short}}", "Sunday 11/29/26");
	renders("{{number total}} {{number total 0}} {{number total 2}}", "1,249.5 1,250 1,249.50");
	renders("{{percent order}}", "10,045%");
	renders("{{money total EGP}} {{money total cur}}", "EGP" NBSP "1,249.50 EGP" NBSP "1,249.50");
	renders("{{money total EUR}}", "€1,249.50"); /* a code is a code, whatever the message calls its variables */
	renders("{{date nobody|soon}} {{date empty medium|soon}} {{money nobody EGP|free}} {{number nobody 2|-}}",
		"soon soon free -");
	renders("{{money total nobody|a price}}", "a price");
	renders("{{#if nobody}}{{date nobody}}{{money name EGP}}{{/if}}ok", "ok");
	renders("{{date|x}}{{money|y}}", "xy"); /* words of formats are names as well */
	refuses("a\n{{date name}}", "t:2: name: not a date: \"Laila\"");
	refuses("{{date empty}}", "t:1: empty: not a date: \"\"");
	refuses("{{time day}}", "t:1: day: a date without a time: \"2026-11-29\"");
	refuses("{{date nobody}}", "t:1: undefined variable nobody");
	refuses("{{number name}}", "t:1: name: not a number: \"Laila\"");
	refuses("{{money total name}}", "t:1: total: not a currency: \"Laila\"");
	refuses("{{money total nobody}}", "t:1: undefined variable nobody");
	refuses("{{date due huge}}", "t:1: no style (want short, medium, long or full): date due huge");
	refuses("{{date due short long}}", "t:1: not a variable, a condition or a format: date due short long");
	refuses("{{weekday due short}}", "t:1: not a variable, a condition or a format: weekday due short");
	refuses("{{number total two}}", "t:1: no number of digits (want 0 to 9): number total two");
	refuses("{{number total 10}}", "t:1: no number of digits (want 0 to 9): number total 10");
	refuses("{{money total}}", "t:1: no currency (want a code such as EGP, or a variable): money total");
	refuses("{{money total 5}}", "t:1: no currency (want a code such as EGP, or a variable): money total 5");
	refuses("{{date 2026-11-29}}", "t:1: not a variable, a condition or a format: date 2026-11-29");
	refuses("{{upper name}}", "t:1: not a variable, a condition or a format: upper name");
	refuses("{{#if nobody}}{{date due big}}{{/if}}", "t:1: no style (want short, medium, long or full): date due big");
}

static void links(void)
{
	renders("See {{link url}}.", "See https://nile.example/o/1.");
	renders("{{link https://nile.example/help?a=1&b=2}}", "https://nile.example/help?a=1&b=2");
	renders("{{link nobody|our page}}", "our page");
	refuses("{{link name}}", "t:1: name: not an http or https address: \"Laila\"");
	refuses("{{link empty}}", "t:1: empty: not an http or https address: \"\"");
	refuses("{{link nobody}}", "t:1: undefined variable nobody");
	refuses("{{link http://nile.example/}}", "t:1: neither a variable nor an https address: http://nile.example/");
	refuses("{{link url now}}", "t:1: neither a variable nor an https address: url now");
	refuses("{{preferences_url}}", "t:1: preferences_url: no address: this version has no preference page");
	refuses("{{link preferences_url}}", "t:1: preferences_url: no address: this version has no preference page");
	renders("{{preferences_url|}}{{#if preferences_url}}yes{{else}}no{{/if}}", "no");
	renders("{{\"{{\"}} a }} b", "{{ a }} b");
	renders("{{name}}{{\"{{\"}}name}}", "Laila{{name}}");
	refuses("{{\"x\"}}", "t:1: not a variable, a condition or a format: \"x\"");
}

/* One value v, and one w. */
static enum td_status with(const char *source, const char *v, const char *w, struct td_view *out, struct td_err *err)
{
	struct td_var two[] = { { TD_VLIT("v"), td_view_str(v) }, { TD_VLIT("w"), td_view_str(w) },
		{ TD_VLIT("v_url"), td_view_str(v) }, { TD_VLIT("brand"), td_view_str(v) } };

	td_err_clear(err);
	return td_template_render(
		TD_VLIT("t"), td_view_str(source), &(struct td_template_env){ .vars = { two, 4 } }, &arena, out, err);
}

static void addresses(void)
{
	static const char *const are[] = { "https://evil.example/x", "see HTTP://EVIL.example", "ftp://x",
		"a javascript://x", "www.evil.example", "WWW.evil", "go (www.evil.example)", "evil.example/x", "Evil.Example/",
		"a.b.co/x", "me@evil.example/x", "evil.example:8080/x", "evil.example./x", "10.1.2.3/x", "10.1.2.3:80/x",
		"xn--a.xn--p1ai/x", "http:/\u200B/evil.example", "evil\u200B.example/x", "evil\u00AD.example/x",
		"evil\u3002example/x", "ｅｖｉｌ．ｅｘａｍｐｌｅ／x", "evil.example\u2044x", "evil\u2024example/x", "مثال.مصر/س",
		"\nwww.evil.example" };
	static const char *const none[] = { "Amazon.com", "St.Mary", "evil.example", "and/or", "24/7", "1.5/2 kg",
		"24.11.2026/3", "10.1.2/3", "c/o Mr. Smith", "a.m./p.m.", "http", "note: //", "www", "www.",
		"awww.cute", "e.g./i.e.", "v1.2/x", "١٠٫٥/كيلو", "١٠.٥٠/كيلو", "ليلى/عمر", "12:30/13:00", "a/b.c",
		"Tel: 5/6", "...", "/etc/passwd", ":8080/", "Co. Ltd./x" };
	struct td_view out;
	struct td_err err;
	size_t i;

	for (i = 0; i < sizeof(are) / sizeof(*are); i++) {
		is_int(with("{{v}}", are[i], "", &out, &err), TD_BADINPUT, "%s is an address", are[i]);
		is_str(td_err_code(&err), "5.6.0", "%s: code", are[i]);
		is_int(with("{{v}}{{link v_url|}}{{v_url}}", "x", "", &out, &err), TD_BADINPUT, "no link of x");
		is_int(with("# url v\n{{v}}", are[i], "", &out, &err), TD_OK, "%s where it is declared", are[i]);
		is_int(with("{{v_url}}", are[i], "", &out, &err), TD_OK, "%s in a variable that says so", are[i]);
		is_int(with("{{brand}}", are[i], "", &out, &err), TD_OK, "%s as brand", are[i]);
		is_int(with("{{#if no}}{{v}}{{/if}}{{#if v}}{{/if}}", are[i], "", &out, &err), TD_OK, "%s not written", are[i]);
	}
	for (i = 0; i < sizeof(none) / sizeof(*none); i++)
		if (!is_int(with("{{v}}", none[i], "", &out, &err), TD_OK, "%s is no address", none[i]))
			diag("%s", err.text);
	is_int(with("a\n{{v}}", "www.evil.example", "", &out, &err), TD_BADINPUT, "an address");
	is_str(err.text, "t:2: an address in v: \"www.evil.example\" (write {{link v}}, or a first line \"# url v\")",
		"names template, line, variable and the way out");
	is_int(with("{{#if w}}{{link v}}{{/if}}{{v}}", "https://evil.example", "", &out, &err), TD_OK,
		"declared by a link");
	is_int(with("{{v}}{{w}}", "http:", "//evil.example", &out, &err), TD_BADINPUT, "in two halves");
	is_int(with("{{v}}{{#if v}}{{w}}{{/if}}", "evil.example", "/x", &out, &err), TD_BADINPUT, "in halves of a block");
	is_int(with("{{v}} {{w}}", "http:", "//evil.example", &out, &err), TD_OK, "text between them");
	is_int(with("https://nile.example/o/{{v}}", "10045", "", &out, &err), TD_OK,
		"a value in an address of the template");
}

static void bidi(void)
{
	static const struct {
		const char *value;
		const char *want;
	} cases[] = {
		{ "\u202Eevil", "<\u202Eevil\u202C>" },
		{ "\u2067a\u202Db", "<\u2067a\u202Db\u202C\u2069>" },
		{ "\u2067a\u202Db\u2069", "<\u2067a\u202Db\u2069>" },
		{ "\u202Aa\u202C", "<\u202Aa\u202C>" },
		{ "a\u202C\u2069b", "<ab>" }, /* would close what the template opened */
		{ "\u2066a\u202Cb", "<\u2066ab\u2069>" },
		{ "\u200Fليلى\u200E", "<\u200Fليلى\u200E>" },
	};
	static char deep[3 * 1000 + 1];
	struct td_view out;
	struct td_err err;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		is_int(with("<{{v}}>", cases[i].value, "", &out, &err), TD_OK, "bidi %zu", i);
		is_view(out, cases[i].want, "bidi %zu: closed", i);
	}
	for (i = 0; i < 1000; i++)
		memcpy(deep + 3 * i, "\u202E", 3);
	is_int(with("{{v}}", deep, "", &out, &err), TD_OK, "a thousand overrides");
	is_int((long long)out.n, 60 * 6, "as many are closed as stand");
}

static void injection(void)
{
	renders("<{{lines}}>", "<a  b c d e>");
	renders("{{braces}}", "{{order}}");
	refuses("{{bad}}", "t:1: no UTF-8 in variable bad");
}

static void syntax(void)
{
	refuses("Hi {{nobody}}", "t:1: undefined variable nobody");
	refuses("# comment\n\nHi\n{{nobody}}", "t:4: undefined variable nobody");
	refuses("{{Name}}", "t:1: undefined variable Name");
	refuses("{{", "t:1: {{ without }}");
	refuses("a\nb {{name", "t:2: {{ without }}");
	refuses("{{name {{order}}", "t:1: {{ without }}");
	refuses("{{}}", "t:1: not a variable, a condition or a format: ");
	refuses("{{a b}}", "t:1: not a variable, a condition or a format: a b");
	refuses("{{#each x}}", "t:1: not a variable, a condition or a format: #each x");
	refuses("{{#if name}}x", "t:1: {{#if}} without {{/if}}: name");
	refuses("\n{{#if name}}x{{else}}y", "t:2: {{#if}} without {{/if}}: name");
	refuses("{{#if name}}{{else}}{{else}}{{/if}}", "t:1: a second {{else}} of the block of name");
	refuses("x{{/if}}", "t:1: {{/if}} without {{#if}}");
	refuses("x\n{{else}}", "t:2: {{else}} without {{#if}}");
	refuses("{{#if }}{{/if}}", "t:1: no variable in the condition: ");
	refuses("{{#if a b}}{{/if}}", "t:1: no variable in the condition: a b");
	refuses("{{#if nobody}}{{#if name}}{{/if}}", "t:1: {{#if}} without {{/if}}: nobody");
	refuses("{{#if nobody}}{{1}}{{/if}}", "t:1: not a variable, a condition or a format: 1");
}

static const struct td_template_use *use_of(const struct td_template_info *info, const char *name)
{
	size_t i;

	for (i = 0; i < info->nuses; i++)
		if (td_view_eq(info->uses[i].name, td_view_str(name)))
			return &info->uses[i];
	return NULL;
}

static void uses(const struct td_template_info *info, const char *name, int line, bool required, bool url)
{
	const struct td_template_use *use = use_of(info, name);

	ok(use && use->line == line && use->required == required && use->url == url, "%s: line %d%s%s", name, line,
		required ? ", required" : "", url ? ", an address" : "");
}

static void unchecked(const char *source, const char *text)
{
	struct td_template_info info = { .nuses = 77 };
	struct td_err err = { 0 };

	is_int(td_template_check(TD_VLIT("t"), td_view_str(source), &arena, &info, &err), TD_BADINPUT, "%.60s", source);
	is_str(err.text, text, "%.60s: why", source);
	is_str(td_err_code(&err), "5.6.0", "%.60s: code", source);
	ok(info.nuses == 77, "%.60s: output left alone", source);
}

static void checking(void)
{
	static const char source[] = "# What it is for.\n# sample name=Laila\n#sample  total = 12 = 13 \n# url place\n"
		"{{name}} {{order|none}}\n{{#if cond == 1}}{{inner}}{{else}}{{date at}}{{/if}}\n{{money total cur}} {{place}}"
		"{{link more|}}{{order}}{{link https://nile.example/}}{{#unless no}}{{name}}{{/unless}}";
	struct td_template_info info;
	struct td_err err = { 0 };

	is_int(td_template_check(TD_VLIT("t"), TD_VLIT(source), &arena, &info, &err), TD_OK, "a template is checked");
	is_int((long long)info.nuses, 10, "all variables of all branches");
	uses(&info, "name", 5, true, false);
	uses(&info, "order", 5, true, false);
	uses(&info, "cond", 6, false, false);
	uses(&info, "inner", 6, false, false);
	uses(&info, "at", 6, false, false);
	uses(&info, "total", 7, true, false);
	uses(&info, "cur", 7, true, false);
	uses(&info, "place", 7, true, true);
	uses(&info, "more", 7, false, true);
	uses(&info, "no", 7, false, false);
	if (is_int((long long)info.samples.n, 2, "two samples")) {
		is_view(info.samples.v[0].name, "name", "a sample");
		is_view(info.samples.v[0].value, "Laila", "its value");
		is_view(info.samples.v[1].name, "total", "another");
		is_view(info.samples.v[1].value, "12 = 13", "its value");
	}
	is_int(td_template_check(TD_VLIT("t"), TD_VLIT("# sample\nx"), &arena, &info, &err), TD_BADINPUT, "half a sample");
	unchecked("# ok\n# sample name\nx", "t:2: not \"# sample NAME=VALUE\": \"name\"");
	unchecked("# sample 5=6", "t:1: not \"# sample NAME=VALUE\": \"5=6\"");
	unchecked("# c\n{{#if a}}{{else}}{{date b big}}{{/if}}",
		"t:2: no style (want short, medium, long or full): date b big");
	unchecked("{{#if a}}", "t:1: {{#if}} without {{/if}}: a");
	unchecked("{{a", "t:1: {{ without }}");
}

static void limits(void)
{
	static char deep[4096];
	static char big[TD_TEMPLATE_MAX + 2];
	struct td_view out = TD_VLIT("untouched");
	struct td_arena small;
	struct td_err err;
	size_t i;

	for (i = 0; i < 17; i++)
		memcpy(deep + i * 12, "{{#if name}}", 12);
	refuses(deep, "t:1: too many nested blocks: name");
	memset(big, 'a', sizeof(big) - 1);
	is_int(td_template_render(TD_VLIT("t"), td_view_str(big), &vars, &arena, &out, &err), TD_NOMEM,
		"over TD_TEMPLATE_MAX");
	td_arena_init(&small, 8);
	is_int(
		td_template_render(TD_VLIT("t"), TD_VLIT("0123456789"), &vars, &small, &out, &err), TD_NOMEM, "over the arena");
	is_view(out, "untouched", "output left alone");
	td_arena_free(&small);
}

static void put(const char *file, const char *text)
{
	char path[256];
	FILE *out;

	snprintf(path, sizeof(path), "%s/%s", dir, file);
	out = fopen(path, "w");
	if (!out || fputs(text, out) < 0 || fclose(out))
		bail_out("cannot write %s", path);
}

static void finds(const char *name, const char *locale, const char *want, const char *used)
{
	struct td_view source = { NULL, 0 };
	struct td_view got = TD_VLIT("?");
	struct td_err err;

	td_err_clear(&err);
	if (!is_int(td_template_read(dir, td_view_str(name), td_view_str(locale), &arena, &source, &got, &err), TD_OK,
			"%s in %s", name, locale))
		diag("%s", err.text);
	is_view(source, want, "%s in %s: file", name, locale);
	is_view(got, used, "%s in %s: locale", name, locale);
}

static void no_file(const char *name, const char *locale, enum td_status status, const char *text, const char *code)
{
	struct td_view source = TD_VLIT("untouched");
	struct td_err err;

	td_err_clear(&err);
	is_int(td_template_read(dir, td_view_str(name), td_view_str(locale), &arena, &source, NULL, &err), status,
		"%s in %s", name, locale);
	is_str(err.text, text, "%s in %s: why", name, locale);
	is_str(td_err_code(&err), code, "%s in %s: code", name, locale);
	is_view(source, "untouched", "%s in %s: output left alone", name, locale);
}

static void listing(void)
{
	static const char *const want[] = { "big", "", "fifo", "", "folder", "", "hello", "pt-BR", "hello", "pt",
		"hello", "", "hello", "zh-Hant", "latin", "", "only-ar", "ar" };
	const struct td_template_file *files = NULL;
	struct td_err err = { 0 };
	size_t found = 0;
	size_t lost = 0;
	size_t n = 0;
	size_t i;
	size_t k;

	put("Upper.sms", "nobody finds it");
	put("hello.pt_br.sms", "nor this");
	put("hello.EN.sms", "nor this");
	put("hello.en-u-nu-latn.sms", "nor this");
	put("hello..sms", "nor this");
	put(".hidden.sms", "not looked at");
	put("notes.txt", "not looked at");
	is_int(td_template_list(dir, &arena, &files, &n, &err), TD_OK, "templates are listed");
	for (i = 0; i < n; i++) {
		lost += files[i].name.n == 0;
		for (k = 0; k < sizeof(want) / sizeof(*want); k += 2)
			found += td_view_eq(files[i].name, td_view_str(want[k])) &&
				td_view_eq(files[i].locale, td_view_str(want[k + 1]));
	}
	is_int((long long)found, 9, "with name and locale");
	is_int((long long)lost, 5, "and those that nothing leads to");
	is_int((long long)n, 14, "no others");
	is_int(td_template_list("/nonexistent", &arena, &files, &n, &err), TD_TEMPFAIL, "no directory");
}

static void reading(void)
{
	static char big[TD_TEMPLATE_MAX + 2];
	char path[256];

	if (!mkdtemp(dir))
		bail_out("no temporary directory");
	put("hello.sms", "any");
	put("hello.pt.sms", "pt");
	put("hello.pt-BR.sms", "pt-BR");
	put("hello.zh-Hant.sms", "zh-Hant");
	put("only-ar.ar.sms", "ar");
	put("latin.sms", "caf\xE9");
	memset(big, 'a', sizeof(big) - 1);
	put("big.sms", big);
	snprintf(path, sizeof(path), "%s/folder.sms", dir);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/fifo.sms", dir);
	ok(mkfifo(path, 0600) == 0, "a FIFO to trip over");

	listing();
	finds("hello", "pt-BR", "pt-BR", "pt-BR");
	finds("hello", "pt_br", "pt-BR", "pt-BR");
	finds("hello", "PT-br", "pt-BR", "pt-BR");
	finds("hello", "pt-PT", "pt", "pt");
	finds("hello", "zh-hant-TW", "zh-Hant", "zh-Hant");
	finds("hello", "fr-CA", "any", "");
	finds("hello", "pt-BR-u-nu-latn", "pt-BR", "pt-BR");
	finds("hello", "pt-u-nu-latn-x-a", "pt", "pt");
	finds("hello", "", "any", "");
	no_file("only-ar", "en", TD_BADINPUT, "no template \"only-ar\"", "5.6.0");
	no_file("nothing", "", TD_BADINPUT, "no template \"nothing\"", "5.6.0");
	no_file("", "", TD_BADINPUT, "template name \"\": want letters a-z, digits and dashes", "5.6.0");
	no_file("../etc/passwd", "", TD_BADINPUT, "template name \"../etc/passwd\": want letters a-z, digits and dashes",
		"5.6.0");
	no_file("hello.pt", "", TD_BADINPUT, "template name \"hello.pt\": want letters a-z, digits and dashes", "5.6.0");
	no_file("hello", "../pt", TD_BADINPUT, "locale \"../pt\": not a language tag like \"en\" or \"pt-BR\"", "5.6.0");
	no_file("hello", "en-", TD_BADINPUT, "locale \"en-\": not a language tag like \"en\" or \"pt-BR\"", "5.6.0");
	no_file("latin", "", TD_BADINPUT, "template latin: not UTF-8", "5.6.0");
	no_file("big", "", TD_BADINPUT, "template big: over 65536 bytes", "5.6.0");
	no_file("folder", "", TD_TEMPFAIL, "template folder: Is a directory", "4.3.0");
	no_file("fifo", "", TD_TEMPFAIL, "template fifo: Is a directory", "4.3.0");
	snprintf(path, sizeof(path), "rm -r %s", dir);
	ok(system(path) == 0, "tidied up");
	no_file("hello", "", TD_TEMPFAIL, "template directory: No such file or directory", "4.3.0");
}

int main(void)
{
	td_arena_init(&arena, 8u << 20);
	rendering();
	conditions();
	formats();
	links();
	injection();
	addresses();
	bidi();
	syntax();
	checking();
	limits();
	reading();
	td_arena_free(&arena);
	return done_testing();
}
