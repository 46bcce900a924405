/*
 * wish - what the headers of a trusted submitter's mail ask for: the headers as a table, and what a mail counts as
 */
#include "wish.h"

#include <stdlib.h>

#include "mime.h"
#include "quote.h"
#include "wish_value.h"

static const char *const suggest_prefix = "X-Tandem-";

/* One row a header. Known ones that ask for nothing have no reader. */
static const struct {
	const char     *name;
	td_wish_reader *read;
	bool            repeats;
} headers[] = {
	{ "SMS", td_wish_read_sms, false },
	{ "Class", td_wish_read_class, false },
	{ "Category", td_wish_read_category, false },
	{ "Text", td_wish_read_text, false },
	{ "Template", td_wish_read_template, false },
	{ "Var", td_wish_read_var, true },
	{ "From", td_wish_read_from, false },
	{ "Route", td_wish_read_route, false },
	{ "Send-At", td_wish_read_send_at, false },
	{ "Delay", td_wish_read_delay, false },
	{ "Expires", td_wish_read_expires, false },
	{ "Key", td_wish_read_key, false },
	{ "Cancel", td_wish_read_cancel, false },
	{ "Event", td_wish_read_event, false },
	{ "TZ", td_wish_read_tz, false },
	{ "Locale", td_wish_read_locale, false },
	{ "Max-Segments", td_wish_read_max_segments, false },
	{ "Notify", td_wish_read_notify, false },
	{ "Dry-Run", td_wish_read_dry_run, false },
	{ "Self", NULL, false },
	{ "Keyword", NULL, false },
};

#define NHEADERS (sizeof(headers) / sizeof(*headers))

static size_t min3(size_t a, size_t b, size_t c)
{
	size_t m = a < b ? a : b;

	return m < c ? m : c;
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

/* Edit distance of two short names, case ignored; SIZE_MAX when v is longer than any name of ours. */
static size_t distance(struct td_view v, const char *name)
{
	size_t n = strlen(name);
	size_t row[32];

	if (v.n >= 32 || n >= 32)
		return SIZE_MAX;
	for (size_t j = 0; j <= n; j++)
		row[j] = j;
	for (size_t i = 1; i <= v.n; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= n; j++) {
			size_t above = row[j];

			row[j] = min3(above + 1, row[j - 1] + 1, diagonal + (lower(v.p[i - 1]) != lower(name[j - 1])));
			diagonal = above;
		}
	}
	return row[n];
}

static enum td_status unknown_header(struct td_view name, struct td_err *err)
{
	char quoted[TD_QUOTE_SIZE];
	const char *best = NULL;
	size_t best_distance = 4; /* farther names help nobody */

	for (size_t i = 0; i < NHEADERS; i++) {
		size_t d = distance(name, headers[i].name);

		if (headers[i].read && d < best_distance) {
			best_distance = d;
			best = headers[i].name;
		}
	}
	td_quote(quoted, name);
	quoted[strlen(quoted) - 1] = '\0'; /* a name needs no quotes */
	if (best)
		return td_err_dsn(err, TD_BADINPUT, "5.6.0", "%s%s: no such header (did you mean %s%s?)",
			suggest_prefix, quoted + 1,
			suggest_prefix, best);
	return td_err_dsn(err, TD_BADINPUT, "5.6.0", "%s%s: no such header", suggest_prefix, quoted + 1);
}

/* The first header of that name before tags->tag[i], or NULL. */
static const struct td_tag *earlier(const struct td_tags *tags, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (td_view_caseeq(tags->tag[j].name, tags->tag[i].name))
			return &tags->tag[j];
	return NULL;
}

static enum td_status read_one(struct td_wish_ctx *ctx, const struct td_tags *tags, size_t i, struct td_err *err)
{
	const struct td_tag *tag = &tags->tag[i];
	const struct td_tag *first = earlier(tags, i);
	size_t row = 0;

	while (row < NHEADERS && !td_view_caseeq(tag->name, td_view_str(headers[row].name)))
		row++;
	if (row == NHEADERS) {
		ctx->out->tagged = true;
		return unknown_header(tag->name, err);
	}
	if (!headers[row].read)
		return TD_OK;
	ctx->out->tagged = true;
	ctx->name = headers[row].name;
	if (tag->toobig)
		return td_err_dsn(err, TD_BADINPUT, "5.6.0", "%s%s: longer than %d bytes", suggest_prefix, ctx->name,
			TD_TAG_VALUE_MAX);
	if (first && !headers[row].repeats) {
		if (td_view_eq(first->value, tag->value))
			return TD_OK;
		return td_err_dsn(err, TD_BADINPUT, "5.6.0", "%s%s: given twice with different values", suggest_prefix,
			ctx->name);
	}
	return headers[row].read(ctx, tag->value, err);
}

/* What only shows when all headers have been read. */
static enum td_status check_together(const struct td_wish *wish, struct td_err *err)
{
	if (wish->expires && wish->send_at && wish->expires <= wish->send_at + wish->delay)
		return td_err_dsn(err, TD_BADINPUT, "5.6.0", "X-Tandem-Expires: not after X-Tandem-Send-At");
	return TD_OK;
}

enum td_status td_wish_read(const struct td_tags *tags, const struct td_conf *conf,
	const struct td_conf_submitter *submitter,
	int64_t now_ms, struct td_arena *arena, struct td_wish *out, struct td_err *err)
{
	struct td_wish_ctx ctx = { .conf = conf, .submitter = submitter, .arena = arena, .now_ms = now_ms, .out = out };
	struct td_err first, later;
	enum td_status status = TD_OK;

	td_err_clear(&first);
	*out = (struct td_wish){ .sms = TD_WISH_UNSAID };
	out->vars = TD_NEWN(arena, tags->ntags, struct td_pair);
	if (!out->vars || tags->nomem)
		return td_err_set(err, TD_NOMEM, "headers: over the memory limit of one mail");
	for (size_t i = 0; i < tags->ntags; i++) {
		enum td_status one = read_one(&ctx, tags, i, status == TD_OK ? &first : &later);

		if (status == TD_OK)
			status = one;
	}
	if (!out->category && !td_wish_says_category(tags))
		out->category = td_wish_alias_category(tags, conf);
	if (out->category)
		out->tagged = true;
	if (status == TD_OK)
		status = check_together(out, &first);
	if (status != TD_OK && err)
		*err = first;
	return status;
}

/* TD_OK when the mail may go under this category (NULL: none). */
static enum td_status check_category(const struct td_conf_submitter *submitter, const struct td_conf_category *category,
	struct td_err *err)
{
	if (submitter->categories.n == 0)
		return TD_OK;
	if (!category)
		return td_err_dsn(err, TD_REFUSED, "5.7.1",
			"submitter %s may send certain categories only: set X-Tandem-Category to one of them",
			submitter->name);
	for (size_t i = 0; i < submitter->categories.n; i++)
		if (strcmp(submitter->categories.v[i], category->name) == 0)
			return TD_OK;
	return td_err_dsn(err, TD_REFUSED, "5.7.1", "submitter %s may not send category %s", submitter->name,
		category->name);
}

enum td_status td_wish_grade(const struct td_wish *wish, const struct td_conf_submitter *submitter,
	struct td_arena *arena,
	struct td_grade *out, struct td_err *err)
{
	const struct td_conf_category *category = wish->category;
	enum td_class max = submitter->max_class;
	enum td_class cls = wish->cls;
	enum td_class claimed;
	const char *note = NULL;
	enum td_status status = check_category(submitter, category, err);

	if (status != TD_OK)
		return status;
	if (category && (cls == TD_CLASS_NONE || category->class < cls))
		cls = category->class;
	if (cls == TD_CLASS_NONE)
		cls = max < TD_CLASS_TRANSACTIONAL ? max : TD_CLASS_TRANSACTIONAL;
	claimed = wish->cls > cls ? wish->cls : cls;
	if (cls > max)
		cls = max;
	if (claimed > cls) {
		note = td_arena_printf(arena, "class %s taken as %s (%s)", td_class_name(claimed), td_class_name(cls),
			cls == max ? "clamped to the submitter's maximum" : "its category's");
		if (!note)
			return td_err_set(err, TD_NOMEM, "class: over the memory limit of one mail");
	}
	*out = (struct td_grade){ .cls = cls, .category = category, .note = note };
	return TD_OK;
}

enum td_status td_wish_prepare(const struct td_wish *wish, const struct td_grade *grade,
	const struct td_conf_submitter *submitter,
	const struct td_tags *tags, struct td_arena *arena, struct td_prepare *out, struct td_err *err)
{
	const struct td_conf_category *category = grade->category;
	struct td_view subject = TD_VLIT("");

	if (tags->subject.n) {
		enum td_status status = td_mime_header(tags->subject, arena, &subject, err);

		if (status != TD_OK)
			return status;
	}
	out->submitter = td_view_str(submitter->name);
	out->message_id = tags->message_id;
	out->reply_to = td_tags_reply_to(tags, arena);
	out->cls = grade->cls;
	out->category = category ? td_view_str(category->name) : TD_VLIT("");
	out->key = wish->key;
	out->from = wish->from.n || !category ? wish->from : td_view_str(category->from);
	out->tz = wish->tz;
	out->send_at = wish->send_at;
	out->delay = wish->delay;
	out->expires = wish->expires;
	out->cancel = wish->cancel;
	out->event = wish->event;
	out->dry_run = wish->dry_run;
	out->content.text = wish->text;
	out->content.template = wish->template;
	if (wish->text.n == 0 && wish->template.n == 0 && category)
		out->content.template = td_view_str(category->template);
	out->content.subject = subject;
	out->content.vars = (struct td_structs){ wish->vars, wish->nvars };
	out->content.locale = wish->locale;
	out->content.max_segments = wish->max_segments;
	return TD_OK;
}

int64_t td_wish_notify(const struct td_wish *wish, const struct td_conf *conf, bool direct, int64_t dsn)
{
	int64_t notify = wish->notify;

	if ((dsn | notify) & TD_NOTIFY_NEVER)
		return TD_NOTIFY_NEVER;
	if (direct)
		return notify | TD_NOTIFY_FAILURE | (dsn & TD_NOTIFY_SUCCESS);
	if (!notify && conf->notify_default && strcmp(conf->notify_default, "failure") == 0)
		notify = TD_NOTIFY_FAILURE;
	if (!notify && conf->notify_default && strcmp(conf->notify_default, "success") == 0)
		notify = TD_NOTIFY_FAILURE | TD_NOTIFY_SUCCESS;
	return notify ? notify : TD_NOTIFY_NEVER;
}
