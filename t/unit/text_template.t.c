/*
 * text_template - finding, rendering and refusing SMS templates
 */
#include "template.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tap.h"

static struct td_arena arena;
static char dir[] = "/tmp/tandem-template-XXXXXX";

static const struct td_var some[] = {
	{ TD_VLIT("name"), TD_VLIT("Laila") },
	{ TD_VLIT("order"), TD_VLIT("10045") },
	{ TD_VLIT("empty"), TD_VLIT("") },
	{ TD_VLIT("lines"), TD_VLIT("a\r\nb\tc\xE2\x80\xA8" "d\xC2\x85" "e") },
	{ TD_VLIT("braces"), TD_VLIT("{{order}}") },
	{ TD_VLIT("bad"), TD_VLIT("\xFF") },
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

	finds("hello", "pt-BR", "pt-BR", "pt-BR");
	finds("hello", "pt_br", "pt-BR", "pt-BR");
	finds("hello", "PT-br", "pt-BR", "pt-BR");
	finds("hello", "pt-PT", "pt", "pt");
	finds("hello", "zh-hant-TW", "zh-Hant", "zh-Hant");
	finds("hello", "fr-CA", "any", "");
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
	injection();
	syntax();
	limits();
	reading();
	td_arena_free(&arena);
	return done_testing();
}
