/*
 * template_tag - SMS templates: what stands between the braces
 */
#include "template_parts.h"

#include <unictype.h>
#include <unistr.h>

enum argument { NO_ARGUMENT, STYLE, DIGITS, CURRENCY };

static const struct {
	const char         *word;
	enum td_format_kind kind;
	enum argument       argument;
} formats[] = {
	{ "date", TD_FORMAT_DATE, STYLE },
	{ "time", TD_FORMAT_TIME, STYLE },
	{ "datetime", TD_FORMAT_DATETIME, STYLE },
	{ "weekday", TD_FORMAT_WEEKDAY, NO_ARGUMENT },
	{ "number", TD_FORMAT_NUMBER, DIGITS },
	{ "percent", TD_FORMAT_PERCENT, DIGITS },
	{ "money", TD_FORMAT_MONEY, CURRENCY },
};

static const char no_tag[] = "not a variable, a condition or a format: ";

bool td_tag_is_name(struct td_view v)
{
	size_t i;

	for (i = 0; i < v.n; i++) {
		char c = v.p[i];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';

		if (!letter && (i == 0 || !((c >= '0' && c <= '9') || c == '.' || c == '-')))
			return false;
	}
	return v.n > 0;
}

bool td_tag_is_address(struct td_view v)
{
	struct td_view rest;
	size_t i;

	if (!td_view_utf8(v))
		return false;
	if (td_view_casestarts(v, TD_VLIT("https://")))
		rest = td_view_skip(v, 8);
	else if (td_view_casestarts(v, TD_VLIT("http://")))
		rest = td_view_skip(v, 7);
	else
		return false;
	for (i = 0; i < rest.n;) {
		ucs4_t c;

		i += (size_t)u8_mbtouc(&c, (const uint8_t *)rest.p + i, rest.n - i);
		if (c <= ' ' || (c >= 0x7F && c <= 0xA0) || uc_is_property_white_space(c) ||
			uc_is_property_default_ignorable_code_point(c) || uc_is_property_bidi_control(c))
			return false;
	}
	return rest.n > 0 && !strchr("/?#:.", rest.p[0]);
}

/* Takes the next word off *rest; empty at the end. */
static struct td_view take_word(struct td_view *rest)
{
	struct td_view v = td_view_trim(*rest);
	size_t n = 0;

	while (n < v.n && !strchr(" \t\r\n", v.p[n]))
		n++;
	*rest = td_view_trim(td_view_skip(v, n));
	return td_view_mem(v.p, n);
}

static bool read_style(struct td_view word, enum td_format_style *out)
{
	static const char *const names[] = { [TD_STYLE_SHORT] = "short", [TD_STYLE_MEDIUM] = "medium",
		[TD_STYLE_LONG] = "long", [TD_STYLE_FULL] = "full" };
	enum td_format_style i;

	for (i = TD_STYLE_SHORT; i <= TD_STYLE_FULL; i++)
		if (td_view_eq(word, td_view_str(names[i]))) {
			*out = i;
			return true;
		}
	return word.n == 0;
}

/* The word behind the name of the variable, empty if there is none. */
static const char *read_argument(enum argument kind, struct td_view word, struct td_tag *out)
{
	if (kind == STYLE)
		return read_style(word, &out->format.style) ? NULL : "no style (want short, medium, long or full): ";
	if (kind == DIGITS) {
		if (word.n == 1 && word.p[0] >= '0' && word.p[0] <= '9')
			out->format.digits = word.p[0] - '0';
		return word.n == 0 || out->format.digits >= 0 ? NULL : "no number of digits (want 0 to 9): ";
	}
	if (kind == CURRENCY) {
		out->format.currency = word;
		out->currency_var = !td_format_is_currency(word);
		return td_tag_is_name(word) ? NULL : "no currency (want a code such as EGP, or a variable): ";
	}
	return word.n == 0 ? NULL : no_tag;
}

static const char *read_words(struct td_view words, struct td_tag *out, struct td_view *what)
{
	struct td_view rest = words;
	struct td_view first = take_word(&rest);
	const char *wrong;
	size_t i;

	*what = words;
	if (rest.n == 0) {
		out->kind = TD_TAG_VALUE;
		out->name = first;
		return td_tag_is_name(first) ? NULL : no_tag;
	}
	if (td_view_eq(first, TD_VLIT("link"))) {
		out->kind = TD_TAG_LINK;
		if (td_tag_is_name(rest))
			out->name = rest;
		else
			out->literal = rest;
		*what = rest;
		return out->name.n || (td_view_starts(rest, TD_VLIT("https://")) && td_tag_is_address(rest)) ? NULL :
			"neither a variable nor an https address: ";
	}
	for (i = 0; i < sizeof(formats) / sizeof(*formats); i++)
		if (td_view_eq(first, td_view_str(formats[i].word))) {
			out->kind = TD_TAG_FORMAT;
			out->format.kind = formats[i].kind;
			out->name = take_word(&rest);
			if (!td_tag_is_name(out->name))
				return no_tag;
			wrong = read_argument(formats[i].argument, take_word(&rest), out);
			return wrong ? wrong : rest.n ? no_tag : NULL;
		}
	return no_tag;
}

static const char *read_condition(struct td_view condition, struct td_tag *out, struct td_view *what)
{
	const char *equal = condition.n ? memmem(condition.p, condition.n, "==", 2) : NULL;
	const char *other = condition.n ? memmem(condition.p, condition.n, "!=", 2) : NULL;
	const char *at = !equal || (other && other < equal) ? other : equal;

	out->name = condition;
	*what = condition;
	if (at) {
		size_t n = (size_t)(at - condition.p);

		out->test = at == equal ? TD_TEST_EQUAL : TD_TEST_OTHER;
		out->name = td_view_trim(td_view_mem(condition.p, n));
		out->literal = td_view_trim(td_view_skip(condition, n + 2));
		if (out->literal.n == 0)
			return "nothing to compare with: ";
	}
	return td_tag_is_name(out->name) ? NULL : "no variable in the condition: ";
}

const char *td_tag_parse(struct td_view inner, struct td_tag *out, struct td_view *what)
{
	static const struct {
		const char      *word;
		enum td_tag_kind kind;
	} plain[] = { { "else", TD_TAG_ELSE }, { "/if", TD_TAG_ENDIF }, { "/unless", TD_TAG_ENDUNLESS } };
	struct td_view word = td_view_trim(inner);
	size_t bar;
	size_t i;

	*out = (struct td_tag){ .format.digits = -1 };
	for (i = 0; i < sizeof(plain) / sizeof(*plain); i++)
		if (td_view_eq(word, td_view_str(plain[i].word))) {
			out->kind = plain[i].kind;
			return NULL;
		}
	if (td_view_starts(word, TD_VLIT("#"))) {
		struct td_view rest = word;
		struct td_view first = take_word(&rest);

		out->kind = td_view_eq(first, TD_VLIT("#if")) ? TD_TAG_IF : TD_TAG_UNLESS;
		*what = word;
		if (out->kind != TD_TAG_IF && !td_view_eq(first, TD_VLIT("#unless")))
			return no_tag;
		return read_condition(rest, out, what);
	}
	bar = td_view_chr(inner, '|');
	out->has_fallback = bar != (size_t)-1;
	if (out->has_fallback)
		out->fallback = td_view_skip(inner, bar + 1);
	return read_words(td_view_trim(out->has_fallback ? td_view_mem(inner.p, bar) : inner), out, what);
}
