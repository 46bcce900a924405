/*
 * html_style - what an inline style says about whether and how its text is seen
 */
#include "html_style.h"

#include "html_find.h"

/* What only together hides: a box of no size, and that nothing sticks out of it. */
struct box {
	bool none; /* the last display counts */
	bool clipped;
	bool flat;
	bool absolute;
	bool away;
	bool rule_above;
	bool rule_pad;
};

/*
 * A CSS number with its unit in thousandths: "0", ".5px", "1PT". False where v begins with none. Whole numbers are cut
 * at a million: it only matters whether they are small.
 */
static bool number(struct td_view v, long *thousandths, struct td_view *unit)
{
	bool minus = td_view_starts(v, TD_VLIT("-"));
	size_t at = minus;
	size_t first = at;
	long scale = 1000;
	long n = 0;

	for (; at < v.n && v.p[at] >= '0' && v.p[at] <= '9'; at++)
		n = n < 1000000000 ? n * 10 + (v.p[at] - '0') * 1000 : n;
	if (at < v.n && v.p[at] == '.')
		for (at++; at < v.n && v.p[at] >= '0' && v.p[at] <= '9'; at++) {
			scale /= 10;
			n += (v.p[at] - '0') * scale;
		}
	if (at == first)
		return false;
	*thousandths = minus ? -n : n;
	*unit = td_view_trim(td_view_skip(v, at));
	return true;
}

static bool is_zero(struct td_view v)
{
	struct td_view unit;
	long n;

	return number(v, &n, &unit) && n == 0;
}

static enum td_html_say is_tiny(struct td_view v)
{
	struct td_view unit;
	long n;

	if (!number(v, &n, &unit))
		return TD_HTML_NO; /* small, inherit, calc(…): something that is read */
	if (n == 0 || (n <= 1000 && (td_view_caseeq(unit, TD_VLIT("px")) || td_view_caseeq(unit, TD_VLIT("pt")))))
		return TD_HTML_YES;
	/* A part of what it was is as small as that was. */
	if (td_view_caseeq(unit, TD_VLIT("em")) || td_view_caseeq(unit, TD_VLIT("%")))
		return TD_HTML_UNSAID;
	return TD_HTML_NO;
}

/* Out of every screen. */
static bool is_away(struct td_view v)
{
	struct td_view unit;
	long n;

	return number(v, &n, &unit) && n <= -900000;
}

static enum td_html_say keeps_lines(struct td_view v)
{
	return td_view_casestarts(v, TD_VLIT("pre")) ||
		td_view_caseeq(v, TD_VLIT("break-spaces")) ? TD_HTML_YES : TD_HTML_NO;
}

static enum td_html_say is_block(struct td_view v)
{
	static const char *const blocks[] = { "block", "flex", "grid", "list-item", "table", "table-row" };
	size_t i;

	for (i = 0; i < sizeof(blocks) / sizeof(*blocks); i++)
		if (td_view_caseeq(v, td_view_str(blocks[i])))
			return TD_HTML_YES;
	return td_view_caseeq(v, TD_VLIT("inline")) ? TD_HTML_NO : TD_HTML_UNSAID;
}

static void read_box(struct box *box, struct td_view name, struct td_view value)
{
	if (td_view_caseeq(name, TD_VLIT("display")))
		box->none = td_view_caseeq(value, TD_VLIT("none"));
	else if (td_view_caseeq(name, TD_VLIT("overflow")))
		box->clipped = td_view_caseeq(value, TD_VLIT("hidden"));
	else if (td_view_caseeq(name, TD_VLIT("height")) || td_view_caseeq(name, TD_VLIT("max-width")) ||
		td_view_caseeq(name, TD_VLIT("width")))
		box->flat |= is_zero(value);
	else if (td_view_caseeq(name, TD_VLIT("position")))
		box->absolute = td_view_caseeq(value, TD_VLIT("absolute")) || td_view_caseeq(value, TD_VLIT("fixed"));
	else if (td_view_caseeq(name, TD_VLIT("left")) || td_view_caseeq(name, TD_VLIT("top")))
		box->away |= is_away(value);
	else if (td_view_caseeq(name, TD_VLIT("border-top")))
		box->rule_above = td_html_has(value, TD_VLIT("solid"));
	else if (td_view_caseeq(name, TD_VLIT("border-style")))
		box->rule_above = td_view_casestarts(value, TD_VLIT("solid none none"));
	else if (td_view_caseeq(name, TD_VLIT("padding")))
		box->rule_pad = td_view_casestarts(value, TD_VLIT("3.0pt 0")) ||
			td_view_casestarts(value, TD_VLIT("3pt 0"));
}

static char list_marks(struct td_view v)
{
	static const struct {
		const char *name;
		char marks;
	} known[] = { { "none", '-' }, { "lower-alpha", 'a' }, { "lower-latin", 'a' }, { "upper-alpha", 'A' },
		{ "upper-latin", 'A' }, { "lower-roman", 'i' }, { "upper-roman", 'I' } };

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (td_html_has(v, td_view_str(known[i].name)))
			return known[i].marks;
	return 0;
}

static void read_declaration(struct td_html_style *style, struct td_view name, struct td_view value)
{
	if (td_view_caseeq(name, TD_VLIT("display")))
		style->block = is_block(value);
	else if (td_view_caseeq(name, TD_VLIT("visibility")))
		style->invisible = td_view_caseeq(value, TD_VLIT("hidden")) || td_view_caseeq(value, TD_VLIT("collapse"))
			? TD_HTML_YES : TD_HTML_NO;
	else if (td_view_caseeq(name, TD_VLIT("opacity")) || td_view_caseeq(name, TD_VLIT("max-height")))
		style->hidden |= is_zero(value);
	else if (td_view_caseeq(name, TD_VLIT("font-size")))
		style->tiny = is_tiny(value);
	else if (td_view_caseeq(name, TD_VLIT("white-space")))
		style->pre = keeps_lines(value);
	else if (td_view_caseeq(name, TD_VLIT("text-indent")))
		style->hidden |= is_away(value);
	else if (td_view_caseeq(name, TD_VLIT("list-style")) || td_view_caseeq(name, TD_VLIT("list-style-type")))
		style->marks = list_marks(value);
}

struct td_html_style td_html_style_read(struct td_view text)
{
	struct td_html_style style = { .hidden = false };
	struct box box = { .clipped = false };
	struct td_view item;

	while (td_view_next(&text, ';', &item)) {
		size_t colon = td_view_chr(item, ':');
		struct td_view name;
		struct td_view value;
		size_t mark;

		if (colon == (size_t)-1)
			continue;
		name = td_view_trim(td_view_mem(item.p, colon));
		value = td_view_trim(td_view_skip(item, colon + 1));
		mark = td_view_chr(value, '!'); /* !important */
		if (mark != (size_t)-1)
			value = td_view_trim(td_view_mem(value.p, mark));
		read_declaration(&style, name, value);
		read_box(&box, name, value);
	}
	style.hidden |= box.none || (box.clipped && box.flat) || (box.absolute && box.away);
	style.word_rule = box.rule_above && box.rule_pad;
	return style;
}
