/*
 * template - `tandem template list`, `check` and `preview`
 */
#include <stdio.h>

#include "proof.h"
#include "words.h"

static json_t *name_of(struct td_view view)
{
	return json_stringn(view.p ? view.p : "", view.n);
}

/* ---- list ---- */

static json_t *categories_of(const struct td_conf *conf, struct td_view name)
{
	json_t *list = json_array();

	for (size_t i = 0; i < conf->ncategories; i++) {
		if (td_view_eq(td_view_str(conf->categories[i].template), name))
			json_array_append_new(list, json_string(conf->categories[i].name));
	}
	return list;
}

/* One row a template, with the segments that its sample takes by locale; null where that does not even render. */
static json_t *list_doc(struct ctl_call *call, const struct ctl_proofs *proofs)
{
	json_t *list = json_array(), *row = NULL;

	for (size_t i = 0; i < proofs->n; i++) {
		const struct ctl_proof *proof = &proofs->v[i];

		if (proof->file.n == 0 || proof->name.n == 0)
			continue;
		if (!row || !td_view_eq(td_view_str(json_string_value(json_object_get(row, "name"))), proof->name)) {
			row = json_pack("{s:o, s:[], s:o, s:{}}", "name", name_of(proof->name), "locales", "categories",
				categories_of(call->conf, proof->name), "segments");
			json_array_append_new(list, row);
		}
		json_array_append_new(json_object_get(row, "locales"), name_of(proof->locale));
		json_object_setn_new(json_object_get(row, "segments"), proof->locale.n ? proof->locale.p : "",
			proof->locale.n, proof->good ? json_integer(proof->sms.count.segments) : json_null());
	}
	return list;
}

int ctl_run_template_list(struct ctl_call *call)
{
	struct ctl_proofs proofs;
	json_t *doc;

	if (ctl_prove_templates(call, TD_VLIT(""), &proofs) != TD_OK)
		return ctl_fail(call);
	doc = list_doc(call, &proofs);
	ctl_show(call, doc);
	json_decref(doc);
	return CTL_DONE;
}

void ctl_print_templates(const json_t *doc)
{
	size_t i, j;
	json_t *row, *category, *segments;
	const char *locale;

	if (json_array_size(doc) == 0)
		puts("(no template)");
	json_array_foreach(doc, i, row) {
		printf("%-24s segments", json_string_value(json_object_get(row, "name")));
		json_object_foreach(json_object_get(row, "segments"), locale, segments) {
			printf(" %s:", *locale ? locale : "any");
			if (json_is_null(segments))
				putchar('?');
			else
				printf("%d", (int)json_integer_value(segments));
		}
		json_array_foreach(json_object_get(row, "categories"), j, category)
			printf("%s %s", j ? "," : "  categories", json_string_value(category));
		putchar('\n');
	}
}

/* ---- check ---- */

static json_t *proof_doc(const struct ctl_proof *proof)
{
	json_t *doc = json_pack("{s:o, s:o, s:o, s:b}", "file", name_of(proof->file), "name", name_of(proof->name),
		"locale", name_of(proof->locale), "ok", proof->good);

	if (!proof->good) {
		json_object_set_new(doc, "error", json_string(proof->text));
		return doc;
	}
	json_object_set_new(doc, "encoding", json_string(td_encoding_name(proof->sms.count.encoding)));
	json_object_set_new(doc, "segments", json_integer(proof->sms.count.segments));
	return doc;
}

int ctl_run_template_check(struct ctl_call *call)
{
	struct ctl_proofs proofs;
	json_t *doc;

	if (ctl_prove_templates(call, ctl_arg(call, "name"), &proofs) != TD_OK)
		return ctl_fail(call);
	doc = json_array();
	for (size_t i = 0; i < proofs.n; i++)
		json_array_append_new(doc, proof_doc(&proofs.v[i]));
	ctl_show(call, doc);
	json_decref(doc);
	return proofs.bad ? CTL_REFUSED : CTL_DONE;
}

void ctl_print_proofs(const json_t *doc)
{
	size_t i;
	json_t *proof;

	if (json_array_size(doc) == 0)
		puts("(no template)");
	json_array_foreach(doc, i, proof) {
		int segments = (int)json_integer_value(json_object_get(proof, "segments"));

		if (json_is_true(json_object_get(proof, "ok")))
			printf("%s: OK (%s, %d segment%s)\n", json_string_value(json_object_get(proof, "file")),
				json_string_value(json_object_get(proof, "encoding")), segments, segments == 1 ? "" : "s");
		else
			printf("%s\n", json_string_value(json_object_get(proof, "error")));
	}
}

/* ---- preview ---- */

/* --category, else the only one that uses the template; NULL when there is none. False: no such category. */
static bool category_of(struct ctl_call *call, const struct td_conf_category **out)
{
	struct td_view name = ctl_arg(call, "name");
	size_t n = 0;

	*out = NULL;
	if (ctl_has(call, "category")) {
		*out = td_conf_category(call->conf, ctl_arg(call, "category"));
		if (!*out)
			td_err_set(&call->err, TD_NOTFOUND, "template preview: no category \"%.*s\"",
				TD_VARG(ctl_arg(call, "category")));
		return *out != NULL;
	}
	for (size_t i = 0; i < call->conf->ncategories; i++) {
		if (td_view_eq(td_view_str(call->conf->categories[i].template), name)) {
			*out = &call->conf->categories[i];
			n++;
		}
	}
	if (n > 1)
		*out = NULL;
	return true;
}

/* What the command line gives, then the samples of the file. *found: the locale of the file. */
static enum td_status preview_vars(struct ctl_call *call, struct td_sms_source *source, struct td_view *found)
{
	struct td_vars samples = { NULL, 0 };
	struct td_vars given;
	struct td_var *v;
	struct td_view file;
	enum td_status status;

	v = TD_NEWN(&call->arena, call->nargs, struct td_var);
	if (!v)
		return td_err_set(&call->err, TD_NOMEM, "template preview: out of memory");
	given = (struct td_vars){ v, ctl_words_vars(call, v) };
	if (source->locale.n == 0)
		source->locale = ctl_words_var(&given, "locale");
	status = td_template_read(call->conf->template_dir, source->template,
		source->locale.n ? source->locale : td_view_str(call->conf->default_locale), &call->arena, &file, found,
		&call->err);
	if (!status && !ctl_has(call, "no-sample"))
		status = td_template_samples(file, &call->arena, &samples, &call->err);
	if (status)
		return status;
	v = TD_NEWN(&call->arena, given.n + samples.n, struct td_var);
	if (!v)
		return td_err_set(&call->err, TD_NOMEM, "template preview: out of memory");
	if (given.n)
		memcpy(v, given.v, given.n * sizeof(*v));
	if (samples.n)
		memcpy(v + given.n, samples.v, samples.n * sizeof(*v));
	source->vars = (struct td_vars){ v, given.n + samples.n };
	return TD_OK;
}

static json_t *preview_doc(struct ctl_call *call, const struct td_conf_category *category)
{
	struct td_sms_source source = {
		.template = ctl_arg(call, "name"),
		.locale = ctl_arg(call, "locale"),
		.tz = ctl_arg(call, "tz"),
		.hint = ctl_hint_of(category),
	};
	struct td_view found = TD_VLIT("");
	struct td_sms sms;
	json_t *doc;

	if (preview_vars(call, &source, &found) != TD_OK ||
		td_sms_render(call->conf, &source, &call->arena, &sms, &call->err) != TD_OK)
		return ctl_words_refused(&call->err);
	doc = json_pack("{s:o, s:o, s:s?}", "template", name_of(source.template), "locale", name_of(found), "category",
		category ? category->name : NULL);
	ctl_words_add(doc, sms.text, &sms.count, td_conf_national(call->conf), &call->arena);
	return doc;
}

int ctl_run_template_preview(struct ctl_call *call)
{
	const struct td_conf_category *category;
	json_t *doc;
	int status = ctl_words_bad_var(call);

	if (status)
		return status;
	if (!category_of(call, &category))
		return ctl_fail(call);
	doc = preview_doc(call, category);
	status = ctl_words_end(call, doc);
	json_decref(doc);
	return status;
}
