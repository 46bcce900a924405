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
	enum td_status status;

	if (!mail->wants_body)
		return TD_OK;
	head = td_tags_mime_head(&mail->tags, &mail->arena);
	if (!head.p)
		return td_err_set(err, TD_NOMEM, "headers: over the memory limit of one mail");
	status = td_mime_text(head, td_buf_view(&mail->body), &mail->arena, NULL, &request->content.body, NULL, err);
	td_buf_free(&mail->body); /* nothing looks at it again, and the store may take seconds to answer */
	return status;
}

enum td_status td_trial_render(struct td_mail *mail, const struct td_prepare *request, const struct td_structs *attrs,
	struct td_err *err)
{
	const struct td_sms_ask ask = { .content = &request->content, .cls = (enum td_class)request->cls,
		.category = request->category, .tz = request->tz, .attrs = attrs };
	struct td_sms_source source;
	struct td_arena arena;
	struct td_sms sms;
	enum td_status status;

	td_arena_init(&arena, TRIAL_ARENA_CAP + (size_t)mail->conf->milter.max_text_source);
	status = td_sms_source_of(mail->conf, &ask, &arena, &source, err);
	if (!status)
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
