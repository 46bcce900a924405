/*
 * html_tag - the elements of HTML and the attributes of a tag
 */
#include "html_tag.h"

#include <stdlib.h>

#include "html_entity.h"
#include "html_lines.h"
#include "scalar.h"

enum { LONGEST_NAME = 16 };

/* Sorted by name. */
static const struct td_html_tag tags[] = {
	{ "a", TD_HTML_KEEP, TD_HTML_INS }, { "abbr", TD_HTML_KEEP, TD_HTML_INS }, { "acronym", TD_HTML_KEEP, TD_HTML_INS },
	{ "address", TD_HTML_KEEP, TD_HTML_DIV }, { "area", TD_HTML_DROP, 0 }, { "article", TD_HTML_KEEP, TD_HTML_DIV },
	{ "aside", TD_HTML_KEEP, TD_HTML_DIV }, { "b", TD_HTML_KEEP, TD_HTML_INS }, { "base", TD_HTML_DROP, 0 },
	{ "bdi", TD_HTML_KEEP, TD_HTML_INS }, { "bdo", TD_HTML_KEEP, TD_HTML_INS }, { "big", TD_HTML_KEEP, TD_HTML_INS },
	{ "blockquote", TD_HTML_KEEP, TD_HTML_BLOCKQUOTE }, { "body", TD_HTML_KEEP, TD_HTML_DIV },
	{ "br", TD_HTML_KEEP, TD_HTML_BR }, { "button", TD_HTML_KEEP, TD_HTML_INS },
	{ "caption", TD_HTML_KEEP, TD_HTML_DIV },
	{ "center", TD_HTML_KEEP, TD_HTML_DIV }, { "cite", TD_HTML_KEEP, TD_HTML_INS },
	{ "code", TD_HTML_KEEP, TD_HTML_INS },
	{ "col", TD_HTML_DROP, 0 }, { "colgroup", TD_HTML_DROP, 0 }, { "datalist", TD_HTML_SKIP, 0 },
	{ "dd", TD_HTML_KEEP, TD_HTML_DD }, { "del", TD_HTML_KEEP, TD_HTML_INS }, { "details", TD_HTML_KEEP, TD_HTML_DIV },
	{ "dfn", TD_HTML_KEEP, TD_HTML_INS }, { "dir", TD_HTML_KEEP, TD_HTML_UL }, { "div", TD_HTML_KEEP, TD_HTML_DIV },
	{ "dl", TD_HTML_KEEP, TD_HTML_DL }, { "dt", TD_HTML_KEEP, TD_HTML_DT }, { "em", TD_HTML_KEEP, TD_HTML_INS },
	{ "embed", TD_HTML_DROP, 0 }, { "fieldset", TD_HTML_KEEP, TD_HTML_DIV },
	{ "figcaption", TD_HTML_KEEP, TD_HTML_DIV },
	{ "figure", TD_HTML_KEEP, TD_HTML_DIV }, { "font", TD_HTML_KEEP, TD_HTML_INS },
	{ "footer", TD_HTML_KEEP, TD_HTML_DIV },
	{ "form", TD_HTML_KEEP, TD_HTML_DIV }, { "h1", TD_HTML_KEEP, TD_HTML_DIV }, { "h2", TD_HTML_KEEP, TD_HTML_DIV },
	{ "h3", TD_HTML_KEEP, TD_HTML_DIV }, { "h4", TD_HTML_KEEP, TD_HTML_DIV }, { "h5", TD_HTML_KEEP, TD_HTML_DIV },
	{ "h6", TD_HTML_KEEP, TD_HTML_DIV }, { "head", TD_HTML_DROP, 0 }, { "header", TD_HTML_KEEP, TD_HTML_DIV },
	{ "hgroup", TD_HTML_KEEP, TD_HTML_DIV }, { "hr", TD_HTML_KEEP, TD_HTML_HR }, { "html", TD_HTML_DROP, 0 },
	{ "i", TD_HTML_KEEP, TD_HTML_INS }, { "iframe", TD_HTML_RAW, 0 }, { "img", TD_HTML_KEEP, TD_HTML_IMG },
	{ "input", TD_HTML_DROP, 0 }, { "ins", TD_HTML_KEEP, TD_HTML_INS }, { "kbd", TD_HTML_KEEP, TD_HTML_INS },
	{ "label", TD_HTML_KEEP, TD_HTML_INS }, { "legend", TD_HTML_KEEP, TD_HTML_DIV }, { "li", TD_HTML_KEEP, TD_HTML_LI },
	{ "link", TD_HTML_DROP, 0 }, { "listing", TD_HTML_KEEP, TD_HTML_PRE }, { "main", TD_HTML_KEEP, TD_HTML_DIV },
	{ "mark", TD_HTML_KEEP, TD_HTML_INS }, { "menu", TD_HTML_KEEP, TD_HTML_UL }, { "meta", TD_HTML_DROP, 0 },
	{ "nav", TD_HTML_KEEP, TD_HTML_DIV }, { "nobr", TD_HTML_KEEP, TD_HTML_INS }, { "noembed", TD_HTML_RAW, 1 },
	{ "noframes", TD_HTML_RAW, 2 }, { "ol", TD_HTML_KEEP, TD_HTML_OL }, { "optgroup", TD_HTML_SKIP, 0 },
	{ "option", TD_HTML_DROP, 0 }, { "p", TD_HTML_KEEP, TD_HTML_P }, { "param", TD_HTML_DROP, 0 },
	{ "plaintext", TD_HTML_KEEP, TD_HTML_PRE }, { "pre", TD_HTML_KEEP, TD_HTML_PRE }, { "q", TD_HTML_QUOTED, 0 },
	{ "s", TD_HTML_KEEP, TD_HTML_INS }, { "samp", TD_HTML_KEEP, TD_HTML_INS }, { "script", TD_HTML_RAW, 3 },
	{ "search", TD_HTML_KEEP, TD_HTML_DIV }, { "section", TD_HTML_KEEP, TD_HTML_DIV }, { "select", TD_HTML_SKIP, 0 },
	{ "small", TD_HTML_KEEP, TD_HTML_INS }, { "source", TD_HTML_DROP, 0 }, { "span", TD_HTML_KEEP, TD_HTML_INS },
	{ "strike", TD_HTML_KEEP, TD_HTML_INS }, { "strong", TD_HTML_KEEP, TD_HTML_INS }, { "style", TD_HTML_RAW, 4 },
	{ "sub", TD_HTML_KEEP, TD_HTML_INS }, { "summary", TD_HTML_KEEP, TD_HTML_DIV },
	{ "sup", TD_HTML_KEEP, TD_HTML_INS },
	{ "svg", TD_HTML_SKIP, 0 }, { "table", TD_HTML_KEEP, TD_HTML_TABLE }, { "tbody", TD_HTML_DROP, 0 },
	{ "td", TD_HTML_KEEP, TD_HTML_TD }, { "template", TD_HTML_SKIP, 0 }, { "textarea", TD_HTML_RAW, 5 },
	{ "tfoot", TD_HTML_DROP, 0 }, { "th", TD_HTML_KEEP, TD_HTML_TD }, { "thead", TD_HTML_DROP, 0 },
	{ "title", TD_HTML_RAW, 6 }, { "tr", TD_HTML_KEEP, TD_HTML_TR }, { "track", TD_HTML_DROP, 0 },
	{ "tt", TD_HTML_KEEP, TD_HTML_INS }, { "u", TD_HTML_KEEP, TD_HTML_INS }, { "ul", TD_HTML_KEEP, TD_HTML_UL },
	{ "var", TD_HTML_KEEP, TD_HTML_INS }, { "wbr", TD_HTML_DROP, 0 }, { "xml", TD_HTML_SKIP, 0 },
	{ "xmp", TD_HTML_KEEP, TD_HTML_PRE },
};

static const char *const element_names[TD_HTML_ELEMENTS] = {
	[TD_HTML_INS] = "ins", [TD_HTML_DIV] = "div", [TD_HTML_P] = "p", [TD_HTML_UL] = "ul", [TD_HTML_OL] = "ol",
	[TD_HTML_LI] = "li", [TD_HTML_DL] = "dl", [TD_HTML_DT] = "dt", [TD_HTML_DD] = "dd", [TD_HTML_TABLE] = "table",
	[TD_HTML_TR] = "tr", [TD_HTML_TD] = "td", [TD_HTML_PRE] = "pre", [TD_HTML_BLOCKQUOTE] = "blockquote",
	[TD_HTML_BR] = "br", [TD_HTML_HR] = "hr", [TD_HTML_IMG] = "img",
};

/*
 * The attributes that are looked at, and the most bytes of each: one that is longer is cut there, an address left out.
 */
static const struct {
	const char *name;
	const char *as;
	size_t      most;
	bool        whole;
} attributes[] = {
	{ "alt", "alt", 400, false },
	{ "class", "class", 2000, false },
	{ "data-marker", "data", 100, false },
	{ "data-smartmail", "data", 100, false },
	{ "hidden", "hidden", 20, false },
	{ "href", "href", 2000, true },
	{ "id", "id", 200, false },
	{ "name", "name", 200, false },
	{ "start", "start", 20, false },
	{ "style", "style", 4000, false },
	{ "type", "type", 40, false },
	{ "value", "value", 20, false },
};

enum { ATTRIBUTES = sizeof(attributes) / sizeof(*attributes) };

static int by_name(const void *key, const void *tag)
{
	return strcmp(key, ((const struct td_html_tag *)tag)->name);
}

const struct td_html_tag *td_html_tag_find(struct td_view name)
{
	char lower[LONGEST_NAME + 1];
	size_t i;

	if (name.n > LONGEST_NAME)
		return NULL;
	for (i = 0; i < name.n; i++)
		lower[i] = name.p[i] >= 'A' && name.p[i] <= 'Z' ? (char)(name.p[i] | 0x20) : name.p[i];
	lower[i] = '\0';
	return bsearch(lower, tags, sizeof(tags) / sizeof(*tags), sizeof(*tags), by_name);
}

const char *td_html_element_name(enum td_html_element element)
{
	return element_names[element];
}

bool td_html_element_is_void(enum td_html_element element)
{
	return element >= TD_HTML_BR;
}

enum td_html_element td_html_element_of(const char *name)
{
	int i;

	for (i = 0; i < TD_HTML_ELEMENTS; i++)
		if (strcmp(name, element_names[i]) == 0)
			break;
	return (enum td_html_element)i;
}

static void put_scalar(uint32_t c, bool attribute, struct td_buf *out)
{
	if (c == '<')
		c = TD_HTML_LT;
	else if (c == '&')
		c = TD_HTML_AMP;
	else if (c == '"' && attribute)
		c = TD_HTML_QUOT;
	else if ((c < ' ' && c != '\t' && c != '\n' && c != '\r') || (c >= 0x7F && c < 0xA0) || (c & 0xFFFE) == 0xFFFE ||
		(c >= TD_HTML_QUOT && c <= TD_HTML_LT))
		return;
	td_buf_utf8(out, c);
}

void td_html_characters(struct td_view text, bool attribute, struct td_buf *out)
{
	uint32_t scalar;
	const char *p;
	size_t i = 0;
	size_t n;

	while (i < text.n) {
		for (n = 0; i + n < text.n && text.p[i + n] >= ' ' && text.p[i + n] < 0x7F && text.p[i + n] != '<' &&
			text.p[i + n] != '&' && (text.p[i + n] != '"' || !attribute); n++)
			;
		td_buf_add(out, td_view_mem(text.p + i, n));
		i += n;
		if (i == text.n)
			break;
		if (text.p[i] == '&' && (n = td_html_entity(td_view_skip(text, i), attribute, &scalar)) != 0) {
			put_scalar(scalar, attribute, out);
			i += n;
			continue;
		}
		n = td_view_utf8_first(td_view_skip(text, i));
		p = text.p + i;
		if (n)
			put_scalar(td_scalar_next(&p, p + n), attribute, out);
		else if (text.p[i] != '\0')
			td_buf_utf8(out, 0xFFFD);
		i += n ? n : 1;
	}
}

static bool is_white(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Takes the value of an attribute, behind its "=", off *rest. */
static struct td_view take_value(struct td_html_scan *scan, struct td_view *rest)
{
	struct td_view v = *rest;
	const char *end = NULL;
	size_t n = 0;

	if (v.n && (v.p[0] == '"' || v.p[0] == '\'')) {
		bool *unquoted = &scan->unquoted[v.p[0] == '\''];

		if (!*unquoted)
			end = memchr(v.p + 1, v.p[0], v.n - 1);
		*unquoted = !end;
		v = td_view_skip(v, 1);
		if (end) {
			n = (size_t)(end - v.p);
			*rest = td_view_skip(v, n + 1);
			return td_view_mem(v.p, n);
		}
		/* A quote that nothing ends is taken to end with the tag. */
		n = td_view_chr(v, '>');
		n = n == (size_t)-1 ? v.n : n;
	} else {
		while (n < v.n && !is_white(v.p[n]) && v.p[n] != '>')
			n++;
	}
	*rest = td_view_skip(v, n);
	return td_view_mem(v.p, n);
}

static void put_attribute(struct td_view name, struct td_view value, unsigned *seen, struct td_buf *out)
{
	size_t i;

	for (i = 0; i < ATTRIBUTES; i++)
		if (td_view_caseeq(name, td_view_str(attributes[i].name)))
			break;
	if (i == ATTRIBUTES || (*seen & 1u << i) || (attributes[i].whole && value.n > attributes[i].most))
		return;
	*seen |= 1u << i;
	td_buf_byte(out, ' ');
	td_buf_str(out, attributes[i].as);
	td_buf_str(out, "=\"");
	td_html_characters(td_view_utf8_cut(value, attributes[i].most), true, out);
	td_buf_byte(out, '"');
}

bool td_html_tag_attributes(struct td_html_scan *scan, struct td_view *rest, struct td_buf *out)
{
	struct td_view v = *rest;
	unsigned seen = 0;
	bool closed = false;

	while (v.n && v.p[0] != '>') {
		struct td_view name;
		struct td_view value = { NULL, 0 };
		size_t n = 0;

		closed = v.p[0] == '/';
		if (closed || is_white(v.p[0])) {
			v = td_view_skip(v, 1);
			continue;
		}
		while (n < v.n && !is_white(v.p[n]) && v.p[n] != '>' && v.p[n] != '/' && (v.p[n] != '=' || n == 0))
			n++;
		name = td_view_mem(v.p, n);
		v = td_view_skip(v, n);
		for (n = 0; n < v.n && is_white(v.p[n]); n++)
			;
		if (n < v.n && v.p[n] == '=') {
			for (n++; n < v.n && is_white(v.p[n]); n++)
				;
			v = td_view_skip(v, n);
			value = take_value(scan, &v);
		}
		put_attribute(name, value, &seen, out);
	}
	*rest = td_view_skip(v, 1);
	return closed;
}
