/*
 * sms - from the parts of a request to the one text a person gets
 */
#include "sms.h"

static const struct td_view nothing;

static enum td_status no_memory(struct td_err *err)
{
	return td_err_set(err, TD_NOMEM, "text too long for its memory");
}

static enum td_status from_template(const struct td_conf *conf, const struct td_sms_source *source,
	struct td_arena *arena, struct td_view *out, struct td_err *err)
{
	struct td_view locale = source->locale.n ? source->locale : td_view_str(conf->default_locale);
	struct td_var *all = TD_NEWN(arena, source->vars.n + 1, struct td_var);
	struct td_template_env env;
	struct td_view file;
	enum td_status status;

	if (!all)
		return no_memory(err);
	status = td_template_read(conf->template_dir, source->template, locale, arena, &file, NULL, err);
	if (status)
		return status;
	if (source->vars.n)
		memcpy(all, source->vars.v, source->vars.n * sizeof(*all));
	all[source->vars.n] = (struct td_var){ TD_VLIT("brand"), td_view_str(conf->brand) };
	/* A brand that is not configured stays undefined, so that a template's fallback can stand in. */
	env = (struct td_template_env){ { all, source->vars.n + (conf->brand != NULL) }, locale, source->tz };
	return td_template_render(source->template, file, &env, arena, out, err);
}

static struct td_view before_end_tag(struct td_view body, const struct td_strings *tags)
{
	size_t i;

	for (i = 0; i < tags->n; i++) {
		const char *tag = tags->v[i];
		const char *at = body.n && tag[0] ? memmem(body.p, body.n, tag, strlen(tag)) : NULL;

		if (at)
			body.n = (size_t)(at - body.p);
	}
	return body;
}

static enum td_status from_mail(const struct td_conf *conf, const struct td_sms_source *source, struct td_arena *arena,
	struct td_view *out, struct td_err *err)
{
	struct td_view body = td_view_trim(before_end_tag(source->body, &conf->text.end_tags));
	struct td_view mode = td_view_str(conf->text.subject);
	char *joined;

	if (td_view_eq(mode, TD_VLIT("only"))) {
		*out = source->subject;
	} else if (td_view_eq(mode, TD_VLIT("prefix")) && body.n && source->subject.n) {
		joined = td_arena_printf(arena, "%.*s\n%.*s", TD_VARG(source->subject), TD_VARG(body));
		if (!joined)
			return no_memory(err);
		*out = td_view_str(joined);
	} else if (body.n == 0 && !td_view_eq(mode, TD_VLIT("ignore"))) {
		*out = source->subject;
	} else {
		*out = body;
	}
	return TD_OK;
}

/* A run of white space becomes a newline if there is one in it, else a space; none at either end. Controls go later. */
static enum td_status collapse(struct td_view text, struct td_arena *arena, struct td_view *out, struct td_err *err)
{
	char *to = td_arena_alloc(arena, text.n);
	char gap = 0;
	size_t n = 0;
	size_t i;

	if (!to)
		return no_memory(err);
	for (i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\v' || c == '\f') {
			if (gap != '\n')
				gap = c == ' ' || c == '\t' ? ' ' : '\n';
			continue;
		}
		if (gap && n)
			to[n++] = gap;
		gap = 0;
		to[n++] = c;
	}
	*out = td_view_mem(to, n);
	return TD_OK;
}

/*
 * Clean, in GSM 03.38 if that is possible, and collapsed again: what became a space may stand beside one. *out is
 * empty for a text with nothing in it to read.
 */
static enum td_status polish(
	const struct td_conf *conf, struct td_view text, struct td_arena *arena, struct td_view *out, struct td_err *err)
{
	struct td_view now = text;

	if (!td_view_utf8(text))
		return td_err_dsn(err, TD_BADINPUT, "5.6.0", "the text is not UTF-8");
	if (td_text_smart(now, conf->text.smart, arena, &now, NULL, err) || collapse(now, arena, &now, err))
		return TD_NOMEM;
	*out = now;
	return TD_OK;
}

static enum td_status fit(const struct td_conf *conf, struct td_view text, struct td_view hint, int limit,
	struct td_arena *arena, struct td_view *out, struct td_err *err)
{
	enum td_status status;
	struct td_view suffix;
	char *spaced;

	status = polish(conf, text, arena, &text, err);
	if (status == TD_OK)
		status = polish(conf, hint, arena, &hint, err);
	if (status)
		return status;
	spaced = td_arena_printf(arena, "%s%.*s", hint.n ? " " : "", TD_VARG(hint));
	if (!spaced)
		return no_memory(err);
	suffix = td_view_str(spaced);
	status = td_text_truncate(text, suffix, limit, arena, out, err);
	/* What was cut away may have been what kept typography from becoming GSM 03.38. */
	return status ? status : polish(conf, *out, arena, out, err);
}

static enum td_status choose(const struct td_conf *conf, const struct td_sms_source *source, struct td_arena *arena,
	struct td_view *out, struct td_err *err)
{
	if (source->text.n) {
		*out = source->text;
		return TD_OK;
	}
	if (source->template.n)
		return from_template(conf, source, arena, out, err);
	return from_mail(conf, source, arena, out, err);
}

enum td_status td_sms_render(const struct td_conf *conf, const struct td_sms_source *source, struct td_arena *arena,
	struct td_sms *out, struct td_err *err)
{
	int limit = conf->text.max_segments;
	struct td_view text = nothing;
	struct td_view whole = nothing;
	struct td_segments count;
	enum td_status status;
	char *joined;

	if (source->max_segments > 0 && source->max_segments < limit)
		limit = source->max_segments;
	status = choose(conf, source, arena, &text, err);
	if (status == TD_OK)
		status = polish(conf, text, arena, &whole, err);
	if (status)
		return status;
	if (whole.n == 0)
		return td_err_dsn(err, TD_BADINPUT, "5.6.0", "no text for the SMS");
	if (source->hint.n) {
		/* Once more from the start: text and hint are GSM 03.38 together or not at all. */
		joined = td_arena_printf(arena, "%.*s %.*s", TD_VARG(text), TD_VARG(source->hint));
		if (!joined)
			return no_memory(err);
		status = polish(conf, td_view_str(joined), arena, &whole, err);
		if (status)
			return status;
	}
	td_segments_count(whole, &count);
	if (count.segments > limit && strcmp(conf->text.too_long, "truncate") == 0) {
		status = fit(conf, text, source->hint, limit, arena, &whole, err);
		if (status)
			return status;
		td_segments_count(whole, &count);
	}
	if (count.segments > limit)
		return td_err_dsn(
			err, TD_TOOBIG, "5.2.3", "the text takes %d segments, at most %d are allowed", count.segments, limit);
	out->text = whole;
	out->count = count;
	return TD_OK;
}
