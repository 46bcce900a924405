/*
 * sms.fuzz - the one text a person gets, of any body, Subject, hint and settings
 *
 * The first three bytes choose settings; then body, Subject and hint follow, each up to a NUL.
 */
#include <stdint.h>
#include <stdlib.h>

#include "sms.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool cond)
{
	if (!cond)
		abort();
}

static struct td_view part(struct td_view *rest)
{
	size_t nul = td_view_chr(*rest, '\0');
	struct td_view v = nul == (size_t)-1 ? *rest : td_view_mem(rest->p, nul);

	*rest = nul == (size_t)-1 ? td_view_mem("", 0) : td_view_skip(*rest, nul + 1);
	return v;
}

static void settings(const uint8_t *data, struct td_conf *conf, struct td_conf_provider *provider, regex_t *re)
{
	static const char *const subjects[] = { "if-empty", "prefix", "only", "ignore" };
	static const char *const expressions[] = { "x*", "^>.*$", "[0-9]+.", ".$", "(a|\n)+b", "\\[[^]]*\\]" };
	static const char *languages[] = { "tr", "es", "pt" };
	static const char *tags[] = { "--", "END" };

	provider->name = "p";
	provider->national = (struct td_strings){ languages, data[0] & 3 };
	conf->providers = provider;
	conf->nproviders = 1;
	conf->text.max_segments = 1 + data[1] % 10;
	conf->text.too_long = data[0] & 4 ? "truncate" : "reject";
	conf->text.subject = subjects[data[0] >> 3 & 3];
	conf->text.smart = data[0] & 32;
	conf->text.smart_level = 1 + data[2] % 3;
	conf->text.end_tags = (struct td_strings){ tags, data[0] & 64 ? 2 : 0 };
	if (data[0] & 128) {
		check(regcomp(re, expressions[data[2] / 3 % 6], REG_EXTENDED | REG_NEWLINE) == 0);
		conf->text.removes = re;
		conf->text.removes_n = 1;
	}
}

static void check_sms(const struct td_conf *conf, const struct td_sms_source *source, struct td_arena *arena)
{
	struct td_sms sms = { .text = { NULL, 0 } };
	struct td_err err = { .status = TD_OK };
	struct td_segments count;
	enum td_status status = td_sms_render(conf, source, arena, &sms, &err);

	if (status) {
		check(status == TD_NOMEM || (status == TD_BADINPUT && strcmp(td_err_code(&err), "5.6.0") == 0) ||
			(status == TD_TOOBIG && strcmp(td_err_code(&err), "5.2.3") == 0));
		check(!sms.text.p);
		return;
	}
	check(td_view_utf8(sms.text) && td_text_visible(sms.text));
	check(sms.count.segments >= 1 && sms.count.segments <= conf->text.max_segments);
	td_segments_count(sms.text, td_conf_national(conf), &count);
	check(count.segments == sms.count.segments && count.units == sms.count.units);
	check(count.alphabet.single == sms.count.alphabet.single && count.encoding == sms.count.encoding);
	check(td_alphabet_allowed(&count.alphabet, td_conf_national(conf)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct td_conf conf = { .default_locale = "en" };
	struct td_conf_provider provider = { .name = NULL };
	struct td_sms_source source = { .max_segments = 0 };
	struct td_cuts cuts = { .n = 0 };
	struct td_arena arena;
	struct td_view rest;
	regex_t re;

	if (size < 3)
		return 0;
	settings(data, &conf, &provider, &re);
	rest = td_view_mem(data + 3, size - 3);
	source.body = part(&rest);
	source.subject = part(&rest);
	source.hint = part(&rest);
	source.cuts = &cuts;
	td_arena_init(&arena, 1u << 20);
	check_sms(&conf, &source, &arena);
	td_arena_free(&arena);
	if (conf.text.removes_n)
		regfree(&re);
	return 0;
}
