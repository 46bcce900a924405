/*
 * trial - would the text of each SMS do? Rendered here once so that the SMTP client hears 5.6.0 and 5.2.3
 */
#include "trial.h"

#include "mime.h"
#include "plan.h"
#include "sms.h"

/* What one rendering may cost; it is freed after each. */
#define TRIAL_ARENA_CAP (1u << 20)

bool td_trial_needs_persons(const struct td_prepare *request)
{
	return request->content.text.n == 0 && request->content.template.n > 0;
}

enum td_status td_trial_body(struct td_mail *mail, struct td_prepare *request, struct td_err *err)
{
	struct td_view head;

	if (!mail->wants_body)
		return TD_OK;
	head = td_tags_mime_head(&mail->tags, &mail->arena);
	if (!head.p)
		return td_err_set(err, TD_NOMEM, "headers: over the memory limit of one mail");
	return td_mime_text(head, td_buf_view(&mail->body), &mail->arena, NULL, &request->content.body, NULL, err);
}

/* The mail's variables first, then the person's attributes. */
static bool fill_vars(const struct td_structs *vars, const struct td_structs *attrs, struct td_arena *arena,
	struct td_vars *out)
{
	const struct td_structs *lists[] = { vars, attrs };
	struct td_var *v = TD_NEWN(arena, vars->n + (attrs ? attrs->n : 0), struct td_var);
	size_t n = 0;

	if (!v)
		return false;
	for (size_t l = 0; l < 2; l++)
		for (size_t i = 0; lists[l] && i < lists[l]->n; i++) {
			const struct td_pair *pair = &((const struct td_pair *)lists[l]->v)[i];

			v[n++] = (struct td_var){ pair->name, pair->value };
		}
	*out = (struct td_vars){ v, n };
	return true;
}

enum td_status td_trial_render(struct td_mail *mail, const struct td_prepare *request, const struct td_structs *attrs,
	struct td_err *err)
{
	const struct td_conf_category *category = mail->grade.category;
	bool hint = category && mail->grade.cls == TD_CLASS_MARKETING;
	struct td_sms_source source = {
		.text = request->content.text,
		.template = request->content.template,
		.body = request->content.body,
		.subject = request->content.subject,
		.locale = request->content.locale,
		.tz = request->tz,
		.hint = hint ? td_view_str(category->optout_hint) : TD_VLIT(""),
		.max_segments = (int)request->content.max_segments,
	};
	struct td_arena arena;
	struct td_sms sms;
	enum td_status status;

	td_arena_init(&arena, TRIAL_ARENA_CAP + (size_t)mail->conf->milter.max_text_source);
	if (!fill_vars(&request->content.vars, attrs, &arena, &source.vars))
		status = td_err_set(err, TD_NOMEM, "text: over the memory limit of one mail");
	else
		status = td_sms_render(mail->conf, &source, &arena, &sms, err);
	td_arena_free(&arena);
	return status;
}

enum td_status td_trial_all(struct td_mail *mail, const struct td_prepare *request, const struct td_prepared *reply,
	struct td_err *err)
{
	const struct td_prepared_dest *dests = reply->dests.v;
	enum td_status status = TD_OK;

	for (size_t i = 0; i < reply->dests.n && status == TD_OK; i++)
		if (td_plan_sends_sms(&dests[i], request->dry_run))
			status = td_trial_render(mail, request, &dests[i].attrs, err);
	return status;
}
