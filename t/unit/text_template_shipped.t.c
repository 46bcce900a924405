/*
 * text_template_shipped - every template that is shipped, in every language, with its sample data
 */
#include "template.h"

#include <stdio.h>

#include "conf.h"
#include "sms.h"
#include "tap.h"

#define DIR "conf/templates"

static struct td_arena arena;

/* Of spec policy §2, and what Tandem answers to STOP, START and HELP. */
static const char *const categories[] = { "order-confirmation", "account-alert", "delivery-update", "password-reset",
	"booking", "appointment-reminder", "fraud-alert", "account-verification", "otp", "survey", "cart-reminder",
	"offer" };
static const char *const answers[] = { "stop-confirmation", "start-confirmation", "help" };

#define NCATEGORIES (sizeof(categories) / sizeof(*categories))
#define NANSWERS (sizeof(answers) / sizeof(*answers))

static struct td_conf *load_conf(void)
{
	struct td_conf *conf = NULL;
	struct td_err err = { 0 };

	if (td_conf_load("conf/tandem.conf", &conf, &err, NULL, NULL) != TD_OK)
		bail_out("conf/tandem.conf: %s", err.text);
	conf->template_dir = DIR;
	conf->brand = NULL; /* the samples bring theirs */
	conf->text.max_segments = 2;
	return conf;
}

static struct td_view hint_of(const struct td_conf *conf, struct td_view name)
{
	const struct td_conf_category *category = td_conf_category(conf, name);

	return td_view_str(category ? category->optout_hint : NULL);
}

/* The text with these variables; empty after a failure, which counts. */
static struct td_view text_of(
	const struct td_conf *conf, const struct td_template_file *file, struct td_vars vars, const char *how)
{
	struct td_sms_source source = { .template = file->name, .locale = file->locale, .vars = vars,
		.hint = hint_of(conf, file->name) };
	struct td_sms sms = { .text = { NULL, 0 } };
	struct td_err err = { 0 };

	if (!ok(td_sms_render(conf, &source, &arena, &sms, &err) == TD_OK, "%.*s: two segments %s",
			TD_VARG(file->file), how))
		diag("%s", err.text);
	else
		note("%d %s, %d units: %.*s", sms.count.segments, td_encoding_name(sms.count.encoding), sms.count.units,
			TD_VARG(sms.text));
	ok(sms.text.n == 0 || (!memmem(sms.text.p, sms.text.n, " .", 2) && !memmem(sms.text.p, sms.text.n, " ,", 2) &&
		!memmem(sms.text.p, sms.text.n, "..", 2) && !memmem(sms.text.p, sms.text.n, "{", 1)),
		"%.*s: tidy %s", TD_VARG(file->file), how);
	return sms.text;
}

static bool required(const struct td_template_info *info, struct td_view name)
{
	size_t i;

	for (i = 0; i < info->nuses; i++)
		if (td_view_eq(info->uses[i].name, name))
			return info->uses[i].required;
	return false;
}

static void without_each(
	const struct td_conf *conf, const struct td_template_file *file, const struct td_template_info *info)
{
	struct td_var few[64];
	size_t nfew = 0;
	size_t i;
	size_t k;

	for (i = 0; i < info->samples.n; i++) {
		struct td_view name = info->samples.v[i].name;
		struct td_var rest[64];
		size_t n = 0;
		char how[64];

		for (k = 0; k < info->nuses && !td_view_eq(info->uses[k].name, name); k++)
			;
		ok(k < info->nuses, "%.*s: sample %.*s is used", TD_VARG(file->file), TD_VARG(name));
		if (required(info, name)) {
			few[nfew++] = info->samples.v[i];
			continue;
		}
		for (k = 0; k < info->samples.n; k++)
			if (k != i)
				rest[n++] = info->samples.v[k];
		snprintf(how, sizeof(how), "without %.*s", TD_VARG(name));
		text_of(conf, file, (struct td_vars){ rest, n }, how);
	}
	/* What stands for another may be needed after all: appointment-reminder wants date and time, or at. */
	if (!td_view_eq(file->name, TD_VLIT("appointment-reminder")))
		text_of(conf, file, (struct td_vars){ few, nfew }, "with nothing optional");
}

static void one(const struct td_conf *conf, const struct td_template_file *file)
{
	struct td_template_info info = { .nuses = 0 };
	struct td_view source = { NULL, 0 };
	struct td_view text;
	struct td_err err = { 0 };
	bool arabic = td_view_eq(file->locale, TD_VLIT("ar"));
	size_t i;

	if (!ok(file->name.n > 0, "%.*s can be found", TD_VARG(file->file)))
		return;
	if (!ok(td_template_read(DIR, file->name, file->locale, &arena, &source, NULL, &err) == TD_OK &&
			td_template_check(file->name, source, &arena, &info, &err) == TD_OK,
			"%.*s is a template", TD_VARG(file->file)))
		diag("%s", err.text);
	for (i = 0; i < info.nuses; i++) {
		size_t k;

		for (k = 0; k < info.samples.n && !td_view_eq(info.samples.v[k].name, info.uses[i].name); k++)
			;
		ok(k < info.samples.n, "%.*s: %.*s has a sample", TD_VARG(file->file), TD_VARG(info.uses[i].name));
	}
	text = text_of(conf, file, info.samples, "with all samples");
	for (i = 0; i < text.n && (unsigned char)text.p[i] < 0xD8; i++) /* U+0600 begins with 0xD8 */
		;
	ok((i < text.n) == arabic, "%.*s is %s", TD_VARG(file->file), arabic ? "Arabic" : "not Arabic");
	without_each(conf, file, &info);
}

static bool exists(const struct td_template_file *files, size_t n, const char *name, const char *locale)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (td_view_eq(files[i].name, td_view_str(name)) && td_view_eq(files[i].locale, td_view_str(locale)))
			return true;
	return false;
}

static void complete(const struct td_template_file *files, size_t n, const char *name)
{
	struct td_view english = { NULL, 0 };
	struct td_view any = { NULL, 0 };

	ok(exists(files, n, name, "") && exists(files, n, name, "en") && exists(files, n, name, "ar"),
		"%s in English, Arabic and for all others", name);
	ok(td_template_read(DIR, td_view_str(name), TD_VLIT("en"), &arena, &english, NULL, NULL) == TD_OK &&
			td_template_read(DIR, td_view_str(name), TD_VLIT(""), &arena, &any, NULL, NULL) == TD_OK &&
			td_view_eq(english, any),
		"%s: the file for all other languages is the English one", name);
}

static void last_line(const struct td_conf *conf, const char *name)
{
	static const struct td_var vars[] = { { TD_VLIT("code"), TD_VLIT("402931") },
		{ TD_VLIT("domain"), TD_VLIT("nile.example") } };
	struct td_template_file file = { td_view_str(name), TD_VLIT("ar"), td_view_str(name) };

	ok(td_view_ends(text_of(conf, &file, (struct td_vars){ vars, 2 }, "with a domain"),
		TD_VLIT("\n@nile.example #402931")), "%s: the last line is what browsers look for", name);
}

int main(void)
{
	const struct td_template_file *files = NULL;
	struct td_conf *conf = load_conf();
	struct td_err err = { 0 };
	size_t n = 0;
	size_t i;

	td_arena_init(&arena, 64u << 20);
	is_int(td_template_list(DIR, &arena, &files, &n, &err), TD_OK, "the templates are listed");
	is_int((long long)n, (long long)(3 * (NCATEGORIES + NANSWERS)), "and no other ones");
	for (i = 0; i < NCATEGORIES; i++) {
		const struct td_conf_category *category = td_conf_category(conf, td_view_str(categories[i]));

		ok(category && category->template && strcmp(category->template, categories[i]) == 0,
			"category %s has its template", categories[i]);
		complete(files, n, categories[i]);
	}
	for (i = 0; i < NANSWERS; i++)
		complete(files, n, answers[i]);
	for (i = 0; i < n; i++)
		one(conf, &files[i]);
	last_line(conf, "otp");
	last_line(conf, "account-verification");
	td_arena_free(&arena);
	td_conf_unref(conf);
	return done_testing();
}
