/*
 * sms - from the parts of a request to the one text a person gets
 */
#include "sms.h"

#include "zone.h"

/* Bytes of a text that are looked at: many times what the most segments can hold. */
#define TEXT_MAX 65536

/* Of text.remove: what is taken out at most, and looked for at most (expressions that match nothing look long). */
enum { REMOVALS_MAX = 1000, SEARCHES_MAX = 4000 };

static const struct td_view nothing;

static enum td_status no_memory(struct td_err *err)
{
	return td_err_set(err, TD_NOMEM, "text too long for its memory");
}

int td_conf_smart(const struct td_conf *conf)
{
	return conf->text.smart ? conf->text.smart_level : 0;
}

unsigned td_conf_national(const struct td_conf *conf)
{
	unsigned all = conf->nproviders ? TD_NATIONAL_ALL : 0;
	size_t i, k;

	for (i = 0; i < conf->nproviders; i++) {
		const struct td_strings *list = &conf->providers[i].national;
		unsigned some = 0;

		for (k = 0; k < list->n; k++)
			some |= TD_NATIONAL(td_alphabet_language(td_view_str(list->v[k])));
		all &= some;
	}
	return all;
}

/* ---- template ---- */

static struct td_view find(const struct td_vars *vars, struct td_view name)
{
	size_t i;

	for (i = 0; i < vars->n; i++)
		if (td_view_eq(vars->v[i].name, name))
			return vars->v[i].value;
	return nothing;
}

/* Whether v is made of letters, digits and others, begins with a letter and is not longer than a name of its kind. */
static bool is_name(struct td_view v, const char *others)
{
	size_t i;

	for (i = 0; i < v.n; i++) {
		char c = v.p[i];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');

		if (!letter && (i == 0 || !((c >= '0' && c <= '9') || memchr(others, c, strlen(others)))))
			return false;
	}
	return v.n > 0 && v.n <= 64;
}

/* An attribute that cannot be what its name says must not keep the SMS from its person: it counts as not given. */
static struct td_view given_or_found(
	struct td_view given, const struct td_vars *vars, struct td_view name, const char *others, struct td_view otherwise)
{
	struct td_view found;

	if (given.n)
		return given;
	found = find(vars, name);
	return is_name(found, others) ? found : otherwise;
}

static enum td_status from_template(const struct td_conf *conf, const struct td_sms_source *source,
	struct td_arena *arena, struct td_view *out, struct td_err *err)
{
	struct td_view locale =
		given_or_found(source->locale, &source->vars, TD_VLIT("locale"), "-_", td_view_str(conf->default_locale));
	struct td_view tz = source->tz.n ? source->tz : find(&source->vars, TD_VLIT("tz"));
	struct td_var *all = TD_NEWN(arena, source->vars.n + 1, struct td_var);
	struct td_template_env env;
	struct td_view used;
	struct td_view file;
	enum td_status status;

	if (!all)
		return no_memory(err);
	status = td_template_read(conf->template_dir, source->template, locale, arena, &file, &used, err);
	if (status)
		return status;
	/* Dates in the language of the text around them: that of NAME.sms is the configured one. */
	if (used.n == 0)
		locale = td_view_str(conf->default_locale);
	if (tz.n && !td_zone_valid(tz))
		tz = nothing;
	if (source->vars.n)
		memcpy(all, source->vars.v, source->vars.n * sizeof(*all));
	all[source->vars.n] = (struct td_var){ TD_VLIT("brand"), td_view_str(conf->brand) };
	/* A brand that is not configured stays undefined, so that a template's fallback can stand in. */
	env = (struct td_template_env){ { all, source->vars.n + (conf->brand != NULL) }, locale, tz };
	return td_template_render(source->template, file, &env, arena, out, err);
}

/* ---- white space ---- */

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

/* The position of the character that the byte at `at` belongs to. */
static size_t char_start(struct td_view text, size_t at)
{
	while (at > 0 && at < text.n && ((unsigned char)text.p[at] & 0xC0) == 0x80)
		at--;
	return at;
}

/* At most TEXT_MAX bytes of a text, which does not matter for any that can be sent. */
static enum td_status bound(struct td_view *text, struct td_arena *arena, struct td_err *err)
{
	if (text->n <= TEXT_MAX)
		return TD_OK;
	if (collapse(*text, arena, text, err))
		return TD_NOMEM;
	if (text->n > TEXT_MAX)
		text->n = char_start(*text, TEXT_MAX);
	return TD_OK;
}

/* ---- mail ---- */

static bool begins_with_one(struct td_view line, const struct td_strings *tags)
{
	size_t i;

	for (i = 0; i < tags->n; i++)
		if (tags->v[i][0] && td_view_starts(line, td_view_str(tags->v[i])))
			return true;
	return false;
}

static struct td_view before_end_tag(
	struct td_view body, const struct td_strings *tags, struct td_cuts *cuts, struct td_arena *arena)
{
	size_t at = 0;

	while (tags->n && at < body.n) {
		struct td_view line = td_view_skip(body, at);
		size_t end = td_view_chr(line, '\n');

		if (begins_with_one(line, tags)) {
			td_cuts_add(cuts, "end-tag", line, arena);
			body.n = at;
			break;
		}
		at = end == (size_t)-1 ? body.n : at + end + 1;
	}
	return body;
}

struct removal {
	struct td_cuts  *cuts;
	struct td_arena *arena;
	int              removals; /* that are still allowed */
	int              searches;
};

/* Takes every match out of *text, before and after with a NUL. Matches of bytes are widened to whole characters. */
static enum td_status remove_matches(struct removal *r, const regex_t *re, struct td_view *text, struct td_err *err)
{
	char *to = td_arena_alloc(r->arena, text->n + 1);
	size_t from = 0; /* what is not copied yet */
	size_t at = 0;   /* where to look */
	size_t n = 0;

	if (!to)
		return no_memory(err);
	while (at < text->n && r->removals > 0 && r->searches > 0) {
		regmatch_t match = { .rm_so = (regoff_t)at, .rm_eo = (regoff_t)text->n };
		size_t begin, end;

		r->searches--;
		if (regexec(re, text->p, 1, &match, REG_STARTEND) != 0)
			break;
		begin = char_start(*text, (size_t)match.rm_so);
		end = (size_t)match.rm_eo > begin ? (size_t)match.rm_eo : begin + 1;
		while (end < text->n && char_start(*text, end) != end)
			end++;
		at = end;
		if (match.rm_eo == match.rm_so)
			continue;
		td_cuts_add(r->cuts, "expression", td_view_mem(text->p + begin, end - begin), r->arena);
		r->removals--;
		memcpy(to + n, text->p + from, begin - from);
		n += begin - from;
		from = end;
	}
	if (from == 0)
		return TD_OK;
	memcpy(to + n, text->p + from, text->n - from);
	to[n + text->n - from] = '\0';
	*text = td_view_mem(to, n + text->n - from);
	return TD_OK;
}

/* What of the body may become text. */
static enum td_status body_of(const struct td_conf *conf, const struct td_sms_source *source, struct td_arena *arena,
	struct td_view *out, struct td_err *err)
{
	struct removal removal = { source->cuts, arena, REMOVALS_MAX, SEARCHES_MAX };
	struct td_view body = before_end_tag(source->body, &conf->text.end_tags, source->cuts, arena);
	enum td_status status = bound(&body, arena, err);
	size_t i;

	if (status == TD_OK && conf->text.removes_n && body.n) {
		body.p = td_arena_str(arena, body);
		status = body.p ? TD_OK : no_memory(err);
	}
	for (i = 0; i < conf->text.removes_n && status == TD_OK && body.n; i++)
		status = remove_matches(&removal, &conf->text.removes[i], &body, err);
	*out = td_view_trim(body);
	return status;
}

static enum td_status from_mail(const struct td_conf *conf, const struct td_sms_source *source, struct td_arena *arena,
	struct td_view *out, struct td_err *err)
{
	struct td_view mode = td_view_str(conf->text.subject);
	struct td_view body = nothing;
	bool has_body;
	char *joined;

	if (td_view_eq(mode, TD_VLIT("only"))) {
		*out = source->subject;
		return TD_OK;
	}
	if (body_of(conf, source, arena, &body, err))
		return TD_NOMEM;
	has_body = td_text_visible(body);
	if (td_view_eq(mode, TD_VLIT("prefix")) && has_body && source->subject.n) {
		joined = td_arena_printf(arena, "%.*s\n%.*s", TD_VARG(source->subject), TD_VARG(body));
		if (!joined)
			return no_memory(err);
		*out = td_view_str(joined);
	} else if (!has_body && !td_view_eq(mode, TD_VLIT("ignore"))) {
		*out = source->subject;
	} else {
		*out = body;
	}
	return TD_OK;
}

/* ---- all together ---- */

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
	if (td_text_smart(now, td_conf_smart(conf), td_conf_national(conf), arena, &now, NULL, err) ||
		collapse(now, arena, &now, err))
		return TD_NOMEM;
	*out = now;
	return TD_OK;
}

static enum td_status fit(const struct td_conf *conf, struct td_view text, struct td_view hint, int limit,
	struct td_arena *arena, struct td_view *out, struct td_err *err)
{
	unsigned national = td_conf_national(conf);
	struct td_segments count;
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
	status = td_text_truncate(text, suffix, limit, national, arena, &text, err);
	if (status)
		return status;
	*out = text;
	/* What was cut away may have been what kept typography from becoming GSM 03.38; but that can also be longer. */
	status = polish(conf, text, arena, &text, err);
	if (status)
		return status;
	td_segments_count(text, national, &count);
	if (count.segments <= limit)
		*out = text;
	return TD_OK;
}

static enum td_status choose(const struct td_conf *conf, const struct td_sms_source *source, struct td_arena *arena,
	struct td_view *out, struct td_err *err)
{
	enum td_status status = TD_OK;

	if (source->text.n)
		*out = source->text;
	else if (source->template.n)
		status = from_template(conf, source, arena, out, err);
	else
		status = from_mail(conf, source, arena, out, err);
	return status ? status : bound(out, arena, err);
}

/* Text and hint as they would go out, uncut. */
static enum td_status whole_text(const struct td_conf *conf, const struct td_sms_source *source, struct td_view text,
	struct td_arena *arena, struct td_view *out, struct td_err *err)
{
	enum td_status status = polish(conf, text, arena, out, err);
	char *joined;

	if (status)
		return status;
	if (!td_text_visible(*out) && !source->text.n && source->template.n)
		return td_err_dsn(err, TD_BADINPUT, "5.6.0", "template \"%.*s\" renders to nothing", TD_VARG(source->template));
	if (!td_text_visible(*out))
		return td_err_dsn(err, TD_BADINPUT, "5.6.0", "no text for the SMS");
	if (!source->hint.n)
		return TD_OK;
	/* Once more from the start: text and hint are GSM 03.38 together or not at all. */
	joined = td_arena_printf(arena, "%.*s %.*s", TD_VARG(text), TD_VARG(source->hint));
	return joined ? polish(conf, td_view_str(joined), arena, out, err) : no_memory(err);
}

/* Variables of the message first, then attributes of the person. */
static bool fill_vars(const struct td_sms_ask *ask, struct td_arena *arena, struct td_vars *out)
{
	const struct td_structs *lists[] = { &ask->content->vars, ask->attrs };
	struct td_var *v = TD_NEWN(arena, lists[0]->n + (lists[1] ? lists[1]->n : 0), struct td_var);
	size_t n = 0;

	if (!v)
		return false;
	for (size_t l = 0; l < 2; l++) {
		for (size_t i = 0; lists[l] && i < lists[l]->n; i++) {
			const struct td_pair *pair = (const struct td_pair *)lists[l]->v + i;

			v[n++] = (struct td_var){ pair->name, pair->value };
		}
	}
	*out = (struct td_vars){ v, n };
	return true;
}

enum td_status td_sms_source_of(const struct td_conf *conf, const struct td_sms_ask *ask, struct td_arena *arena,
	struct td_sms_source *out, struct td_err *err)
{
	const struct td_content *content = ask->content;
	const struct td_conf_category *category = td_conf_category(conf, ask->category);
	bool hint = ask->cls == TD_CLASS_MARKETING && category;

	*out = (struct td_sms_source){ .text = content->text, .template = content->template, .body = content->body,
		.subject = content->subject, .locale = content->locale, .tz = ask->tz,
		.max_segments = (int)content->max_segments };
	if (hint)
		out->hint = td_view_str(category->optout_hint);
	if (!fill_vars(ask, arena, &out->vars))
		return td_err_set(err, TD_NOMEM, "the message needs too much memory");
	return TD_OK;
}

enum td_status td_sms_render(const struct td_conf *conf, const struct td_sms_source *source, struct td_arena *arena,
	struct td_sms *out, struct td_err *err)
{
	unsigned national = td_conf_national(conf);
	int limit = conf->text.max_segments;
	struct td_view text = nothing;
	struct td_view whole = nothing;
	struct td_segments count;
	enum td_status status;

	if (source->max_segments > 0 && source->max_segments < limit)
		limit = source->max_segments;
	status = choose(conf, source, arena, &text, err);
	if (status == TD_OK)
		status = whole_text(conf, source, text, arena, &whole, err);
	if (status)
		return status;
	td_segments_count(whole, national, &count);
	if (count.segments > limit && strcmp(conf->text.too_long, "truncate") == 0) {
		status = fit(conf, text, source->hint, limit, arena, &whole, err);
		if (status)
			return status;
		td_segments_count(whole, national, &count);
	}
	if (count.segments > limit)
		return td_err_dsn(
			err, TD_TOOBIG, "5.2.3", "the text takes %d segments, at most %d are allowed", count.segments, limit);
	out->text = whole;
	out->count = count;
	return TD_OK;
}
