/*
 * proof - does a template do? Rendered with its sample variables, as it would be sent
 */
#include "proof.h"

#include <stdio.h>

#include "template.h"

struct td_view ctl_hint_of(const struct td_conf_category *category)
{
	return category && category->class == TD_CLASS_MARKETING ? td_view_str(category->optout_hint) : TD_VLIT("");
}

static void __attribute__((format(printf, 2, 3))) complain(struct ctl_proof *proof, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(proof->text, sizeof(proof->text), fmt, ap);
	va_end(ap);
	proof->good = false;
}

static bool has(const struct td_vars *vars, struct td_view name)
{
	for (size_t i = 0; i < vars->n; i++) {
		if (td_view_eq(vars->v[i].name, name))
			return true;
	}
	return false;
}

static struct td_view value(const struct td_vars *vars, struct td_view name, struct td_view fallback)
{
	for (size_t i = 0; i < vars->n; i++) {
		if (td_view_eq(vars->v[i].name, name))
			return vars->v[i].value;
	}
	return fallback;
}

/* A sample for every variable, but for those that Tandem itself gives. */
static bool samples_complete(const struct td_conf *conf, const struct td_template_info *info, struct ctl_proof *proof)
{
	for (size_t i = 0; i < info->nuses; i++) {
		const struct td_template_use *use = &info->uses[i];
		bool ours = td_view_eq(use->name, TD_VLIT("preferences_url")) ||
			(conf->brand && td_view_eq(use->name, TD_VLIT("brand")));

		if (!ours && !has(&info->samples, use->name)) {
			complain(proof, "%.*s:%d: variable %.*s has no sample (try: # sample %.*s=VALUE)", TD_VARG(proof->file),
				use->line, TD_VARG(use->name), TD_VARG(use->name));
			return false;
		}
	}
	return true;
}

/* What becomes of the samples in a mail of this category; the longest text is kept. False: complained. */
static bool fits(struct ctl_call *call, struct td_view text, const struct td_conf_category *category,
	struct ctl_proof *proof)
{
	struct td_conf conf = *call->conf;
	struct td_sms_source source = { .text = text, .hint = ctl_hint_of(category) };
	struct td_err err = { 0 };
	struct td_sms sms;

	conf.text.too_long = "reject"; /* what would be cut off is what the check is for */
	if (td_sms_render(&conf, &source, &call->arena, &sms, &err) != TD_OK) {
		complain(proof, "%.*s:1: %s%s%s", TD_VARG(proof->file), err.text, category ? ", as category " : "",
			category ? category->name : "");
		return false;
	}
	if (sms.count.segments >= proof->sms.count.segments && sms.text.n >= proof->sms.text.n)
		proof->sms = sms;
	return true;
}

static bool fits_everywhere(struct ctl_call *call, struct td_view text, struct ctl_proof *proof)
{
	if (!fits(call, text, NULL, proof))
		return false;
	for (size_t i = 0; i < call->conf->ncategories; i++) {
		const struct td_conf_category *category = &call->conf->categories[i];

		if (td_view_eq(td_view_str(category->template), proof->name) && !fits(call, text, category, proof))
			return false;
	}
	return true;
}

/* The samples, and {{brand}} of the configuration behind them. */
static bool sample_env(struct ctl_call *call, const struct td_template_info *info, struct td_view locale,
	struct td_template_env *out)
{
	const struct td_conf *conf = call->conf;
	struct td_var *v = TD_NEWN(&call->arena, info->samples.n + 1, struct td_var);

	if (!v)
		return false;
	if (info->samples.n)
		memcpy(v, info->samples.v, info->samples.n * sizeof(*v));
	v[info->samples.n] = (struct td_var){ TD_VLIT("brand"), td_view_str(conf->brand) };
	*out = (struct td_template_env){
		.vars = { v, info->samples.n + (conf->brand != NULL) },
		.locale = locale.n ? locale : td_view_str(conf->default_locale),
		.tz = value(&info->samples, TD_VLIT("tz"), TD_VLIT("")),
	};
	return true;
}

static enum td_status prove(struct ctl_call *call, const struct td_template_file *file, struct ctl_proof *proof)
{
	struct td_template_info info;
	struct td_template_env env;
	struct td_view source, text;
	struct td_err err = { 0 };
	enum td_status status;

	*proof = (struct ctl_proof){ .file = file->file, .name = file->name, .locale = file->locale, .good = true };
	if (file->name.n == 0) {
		complain(proof, "%.*s: no mail can name it (want NAME.LOCALE.sms with a name of a-z, 0-9 and dashes)",
			TD_VARG(file->file));
		return TD_OK;
	}
	status = td_template_read(call->conf->template_dir, file->name, file->locale, &call->arena, &source, NULL, &err);
	if (!status)
		/* by the name of the file, so that a complaint says where it is */
		status = td_template_check(file->file, source, &call->arena, &info, &err);
	if (!status && !samples_complete(call->conf, &info, proof))
		return TD_OK;
	if (!status && !sample_env(call, &info, file->locale, &env))
		status = td_err_set(&err, TD_NOMEM, "templates: out of memory");
	if (!status)
		status = td_template_render(file->file, source, &env, &call->arena, &text, &err);
	if (status == TD_NOMEM) {
		call->err = err;
		return status;
	}
	if (status)
		complain(proof, "%s", err.text);
	else
		fits_everywhere(call, text, proof);
	return TD_OK;
}

/* Categories that name a template of which there is no file. */
static void prove_categories(struct ctl_call *call, const struct td_template_file *files, size_t nfiles,
	struct td_view only, struct ctl_proofs *out)
{
	for (size_t i = 0; i < call->conf->ncategories; i++) {
		const struct td_conf_category *category = &call->conf->categories[i];
		struct td_view name = td_view_str(category->template);
		bool there = name.n == 0 || (only.n && !td_view_eq(name, only));

		for (size_t j = 0; j < nfiles && !there; j++)
			there = td_view_eq(files[j].name, name);
		if (there)
			continue;
		out->v[out->n] = (struct ctl_proof){ .name = name };
		complain(&out->v[out->n++], "category %s: no template \"%s\" in %s", category->name, category->template,
			call->conf->template_dir);
	}
}

enum td_status ctl_prove_templates(struct ctl_call *call, struct td_view only, struct ctl_proofs *out)
{
	const struct td_template_file *files;
	size_t nfiles;
	enum td_status status = td_template_list(call->conf->template_dir, &call->arena, &files, &nfiles, &call->err);

	if (status)
		return status;
	*out = (struct ctl_proofs){ .v = TD_NEWN(&call->arena, nfiles + call->conf->ncategories, struct ctl_proof) };
	if (!out->v)
		return td_err_set(&call->err, TD_NOMEM, "templates: out of memory");
	for (size_t i = 0; i < nfiles; i++) {
		if (only.n && !td_view_eq(files[i].name, only))
			continue;
		status = prove(call, &files[i], &out->v[out->n++]);
		if (status)
			return status;
	}
	prove_categories(call, files, nfiles, only, out);
	for (size_t i = 0; i < out->n; i++)
		out->bad += !out->v[i].good;
	if (only.n && out->n == 0)
		return td_err_set(&call->err, TD_NOTFOUND, "template check: no template \"%.*s\" in %s (try: tandem template "
			"list)", TD_VARG(only), call->conf->template_dir);
	return TD_OK;
}
