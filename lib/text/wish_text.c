/*
 * wish_text - one reader for each header's value: what the text is made of, which way it goes, what topic it has
 */
#include <jansson.h>

#include "mime.h"
#include "when.h"
#include "wish_value.h"

#define VAR_NAME_MAX 64
#define TEMPLATE_NAME_MAX 64

static bool is_word_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
		c == '.';
}

enum td_status td_wish_read_text(struct td_wish_ctx *ctx, struct td_view value, struct td_err *err)
{
	struct td_view text;
	enum td_status status = td_mime_header(value, ctx->arena, &text, err);

	if (status != TD_OK)
		return status;
	if (td_view_trim(text).n == 0)
		return td_wish_bad(ctx, "empty", value, err);
	ctx->out->text = text;
	return TD_OK;
}

enum td_status td_wish_read_template(struct td_wish_ctx *ctx, struct td_view value, struct td_err *err)
{
	bool good = value.n > 0 && value.n <= TEMPLATE_NAME_MAX;

	for (size_t i = 0; good && i < value.n; i++)
		good = (value.p[i] >= 'a' && value.p[i] <= 'z') || (value.p[i] >= '0' && value.p[i] <= '9') ||
			value.p[i] == '-';
	if (!good)
		return td_wish_bad(ctx, "not a template name", value, err);
	ctx->out->template = value;
	return TD_OK;
}

/*
 * name=value, where the value or the whole may be RFC 2047: an encoded word has '=' in it, so what comes first is split
 * off first.
 */
enum td_status td_wish_read_var(struct td_wish_ctx *ctx, struct td_view value, struct td_err *err)
{
	struct td_view whole = value;
	struct td_pair *pair = &ctx->out->vars[ctx->out->nvars];
	bool encoded = td_view_starts(value, TD_VLIT("=?"));
	enum td_status status;
	size_t eq;

	if (encoded && (status = td_mime_header(value, ctx->arena, &whole, err)) != TD_OK)
		return status;
	eq = td_view_chr(whole, '=');
	if (eq == (size_t)-1 || eq == 0)
		return td_wish_bad(ctx, "not name=value", value, err);
	pair->name = td_view_trim((struct td_view){ whole.p, eq });
	pair->value = td_view_trim(td_view_skip(whole, eq + 1));
	if (pair->name.n == 0 || pair->name.n > VAR_NAME_MAX)
		return td_wish_bad(ctx, "not name=value", value, err);
	for (size_t i = 0; i < pair->name.n; i++)
		if (!is_word_char(pair->name.p[i]))
			return td_wish_bad(ctx, "not a variable name", pair->name, err);
	if (!encoded && (status = td_mime_header(pair->value, ctx->arena, &pair->value, err)) != TD_OK)
		return status;
	for (size_t i = 0; i < ctx->out->nvars; i++)
		if (td_view_eq(ctx->out->vars[i].name, pair->name)) {
			if (td_view_eq(ctx->out->vars[i].value, pair->value))
				return TD_OK;
			return td_wish_bad(ctx, "given twice with different values", pair->name, err);
		}
	ctx->out->nvars++;
	return TD_OK;
}

static bool good_when(struct td_view list)
{
	struct td_view item;
	bool any = false;

	while (td_view_next(&list, ',', &item)) {
		if (!td_view_caseeq(item, TD_VLIT("failed")) && !td_view_caseeq(item, TD_VLIT("delayed")))
			return false;
		any = true;
	}
	return any;
}

/* One "; name=value" of a fallback route. */
static bool good_parameter(struct td_view item)
{
	size_t eq = td_view_chr(item, '=');
	struct td_view name, value;
	int64_t span;

	if (eq == (size_t)-1)
		return false;
	name = td_view_trim((struct td_view){ item.p, eq });
	value = td_view_trim(td_view_skip(item, eq + 1));
	if (td_view_caseeq(name, TD_VLIT("when")))
		return good_when(value);
	return td_view_caseeq(name, TD_VLIT("after")) && td_when_duration(value, &span, NULL) == TD_OK;
}

enum td_status td_wish_read_route(struct td_wish_ctx *ctx, struct td_view value, struct td_err *err)
{
	struct td_view rest = value;
	struct td_view item;
	bool parallel, fallback, good;

	if (!td_view_next(&rest, ';', &item))
		return td_wish_bad(ctx, "empty", value, err);
	parallel = td_view_caseeq(item, TD_VLIT("parallel"));
	fallback = td_view_caseeq(item, TD_VLIT("email>sms")) || td_view_caseeq(item, TD_VLIT("sms>email"));
	good = parallel || fallback || td_view_caseeq(item, TD_VLIT("preferred"));
	while (good && td_view_next(&rest, ';', &item))
		good = fallback && good_parameter(item);
	if (!good)
		return td_wish_bad(ctx, "not a route (want parallel, email>sms, sms>email or preferred)", value, err);
	/* Sent in parallel all the same, an SMS would go that was to go only if the mail does not arrive. */
	if (!parallel)
		return td_wish_bad(ctx, "this version sends mail and SMS in parallel only", value, err);
	return TD_OK;
}

bool td_wish_says_category(const struct td_tags *tags)
{
	for (size_t i = 0; i < tags->ntags; i++)
		if (td_view_caseeq(tags->tag[i].name, TD_VLIT("Category")))
			return true;
	return false;
}

static void consider(const struct td_conf *conf, struct td_view name, const struct td_conf_category **best)
{
	const struct td_conf_category *category = td_conf_category(conf, td_view_trim(name));

	if (category && (!*best || category->class < (*best)->class))
		*best = category;
}

/* {"category": "x"} or {"category": ["x", "y"]}; anything else names none. */
static void consider_json(const struct td_conf *conf, struct td_view value, const struct td_conf_category **best)
{
	json_t *root = json_loadb(value.p, value.n, 0, NULL);
	json_t *found = json_object_get(root, "category");
	size_t i;
	json_t *item;

	if (json_is_string(found))
		consider(conf, td_view_mem(json_string_value(found), json_string_length(found)), best);
	json_array_foreach(found, i, item)
		if (json_is_string(item))
			consider(conf, td_view_mem(json_string_value(item), json_string_length(item)), best);
	json_decref(root);
}

const struct td_conf_category *td_wish_alias_category(const struct td_tags *tags, const struct td_conf *conf)
{
	const struct td_conf_category *best = NULL;

	for (size_t i = 0; i < tags->naliases; i++) {
		const struct td_tag *alias = &tags->alias[i];
		struct td_view rest = alias->value;
		struct td_view item;

		if (td_view_caseeq(alias->name, TD_VLIT("X-SMTPAPI")))
			consider_json(conf, alias->value, &best);
		else
			while (td_view_next(&rest, ',', &item))
				consider(conf, item, &best);
	}
	return best;
}
