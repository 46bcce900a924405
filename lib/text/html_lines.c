/*
 * html_lines - running text with its white space as a reader sees it, in lines
 */
#include "html_lines.h"

#include "scalar.h"

enum { MOST_SPACES = 64 };

enum kind { CONTENT, SPACE, NEWLINE, JOINER, DIRECTION, NOTHING };

void td_html_lines_init(struct td_html_lines *lines, size_t max)
{
	*lines = (struct td_html_lines){ .max = max };
	td_buf_init(&lines->buf, max);
}

void td_html_lines_free(struct td_html_lines *lines)
{
	td_buf_free(&lines->buf);
}

static bool at_line_start(const struct td_html_lines *lines)
{
	return lines->newlines || lines->buf.n == lines->line;
}

static struct td_view last_line(const struct td_html_lines *lines)
{
	return td_view_skip(td_buf_view(&lines->buf), lines->line);
}

static void append(struct td_html_lines *lines, struct td_view v)
{
	if (lines->full || v.n > lines->max - lines->buf.n) {
		lines->full = true;
		return;
	}
	td_buf_add(&lines->buf, v);
}

static void append_scalar(struct td_html_lines *lines, uint32_t scalar)
{
	if (lines->max - lines->buf.n < 4)
		lines->full = true;
	else
		td_buf_utf8(&lines->buf, scalar);
}

static void end_line(struct td_html_lines *lines, unsigned newlines)
{
	/* The mark of a signature ends with a space, wherever it came from. */
	if (lines->spaces && lines->newlines == 0 && td_view_eq(last_line(lines), TD_VLIT("--")))
		append(lines, TD_VLIT(" "));
	lines->newlines = newlines;
	lines->spaces = 0;
	lines->joiner = 0;
	lines->nmarks = 0;
}

void td_html_lines_block(struct td_html_lines *lines)
{
	end_line(lines, lines->newlines ? lines->newlines : 1);
}

void td_html_lines_break(struct td_html_lines *lines)
{
	end_line(lines, lines->newlines < 2 || lines->pre ? lines->newlines + 1 : 2);
}

void td_html_lines_space(struct td_html_lines *lines)
{
	lines->joiner = 0;
	if (at_line_start(lines) && !lines->pre)
		return;
	if (lines->pre && lines->spaces < MOST_SPACES)
		lines->spaces++;
	else if (!lines->pre)
		lines->spaces = 1;
}

void td_html_lines_join(struct td_html_lines *lines)
{
	lines->newlines = 0;
	td_html_lines_space(lines);
}

void td_html_lines_item(struct td_html_lines *lines, struct td_view mark)
{
	size_t n = mark.n < sizeof(lines->prefix) ? mark.n : 0;

	if (n)
		memcpy(lines->prefix, mark.p, n);
	lines->prefix[n] = '\0';
}

void td_html_lines_cut(struct td_html_lines *lines, size_t at)
{
	lines->buf.n = at < lines->buf.n ? at : lines->buf.n;
	while (lines->buf.n && lines->buf.p[lines->buf.n - 1] == '\n')
		lines->buf.n--;
	lines->line = lines->buf.n;
	while (lines->line && lines->buf.p[lines->line - 1] != '\n')
		lines->line--;
	td_html_lines_block(lines);
}

/* May stand directly behind an address without becoming a part of it. */
static bool ends_url(struct td_view v)
{
	return v.n && strchr(".,;:!?)]}\"'", v.p[0]);
}

/* Writes what waits for the character that v begins with. */
static void flush(struct td_html_lines *lines, struct td_view v)
{
	bool apart = lines->newlines || lines->spaces;
	unsigned i;

	if (lines->buf.n == 0)
		lines->newlines = 0;
	for (i = 0; i < lines->newlines; i++)
		append(lines, TD_VLIT("\n"));
	if (lines->newlines)
		lines->line = lines->buf.n;
	if (lines->prefix[0])
		append(lines, td_view_str(lines->prefix));
	else if (lines->after_url && !apart && !ends_url(v))
		lines->spaces = 1;
	for (i = 0; i < lines->spaces; i++)
		append(lines, TD_VLIT(" "));
	for (i = 0; i < lines->nmarks; i++)
		append_scalar(lines, lines->marks[i]);
	if (lines->joiner && !apart)
		append_scalar(lines, lines->joiner);
	lines->newlines = lines->spaces = lines->nmarks = 0;
	lines->joiner = 0;
	lines->prefix[0] = '\0';
	lines->after_url = false;
}

static void content(struct td_html_lines *lines, struct td_view v)
{
	if (lines->newlines || lines->spaces || lines->nmarks || lines->joiner || lines->prefix[0] || lines->after_url)
		flush(lines, v);
	append(lines, v);
}

static void direction(struct td_html_lines *lines, uint32_t scalar)
{
	bool apart = at_line_start(lines) || lines->spaces || lines->joiner;

	if (!apart)
		append_scalar(lines, scalar);
	else if (lines->nmarks < sizeof(lines->marks) / sizeof(*lines->marks) &&
		(lines->nmarks == 0 || lines->marks[lines->nmarks - 1] != scalar))
		lines->marks[lines->nmarks++] = scalar;
}

/* What a character that is not ASCII is to the lines. */
static enum kind kind_of(uint32_t c)
{
	if (c < 0xA0)
		return c == 0x85 ? SPACE : NOTHING;
	if (c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x202F || c == 0x205F)
		return SPACE;
	if (c == 0x2028 || c == 0x2029)
		return NEWLINE;
	if (c == 0x200C || c == 0x200D || c == 0x034F)
		return JOINER;
	if (c == 0x061C || c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069))
		return DIRECTION;
	if (c == 0xAD || c == 0x180E || c == 0x200B || (c >= 0x2060 && c <= 0x2064) || c == 0xFEFF || c == 0xFFFC)
		return NOTHING;
	return CONTENT;
}

static void character(struct td_html_lines *lines, struct td_view v)
{
	const char *p = v.p;
	uint32_t c = td_scalar_next(&p, v.p + v.n);

	if (c == TD_HTML_AMP || c == TD_HTML_LT || c == TD_HTML_QUOT) {
		content(lines, c == TD_HTML_AMP ? TD_VLIT("&") : c == TD_HTML_LT ? TD_VLIT("<") : TD_VLIT("\""));
		return;
	}
	switch (kind_of(c)) {
	case CONTENT:
		content(lines, v);
		break;
	case SPACE:
		td_html_lines_space(lines);
		break;
	case NEWLINE:
		td_html_lines_break(lines);
		break;
	case JOINER:
		if (!at_line_start(lines) && !lines->spaces && !lines->prefix[0])
			lines->joiner = c;
		break;
	case DIRECTION:
		direction(lines, c);
		break;
	case NOTHING:
		break;
	}
}

void td_html_lines_text(struct td_html_lines *lines, struct td_view text)
{
	size_t i = 0;

	while (i < text.n && !lines->full) {
		unsigned char c = (unsigned char)text.p[i];
		size_t n = 0;

		while (i + n < text.n && text.p[i + n] > ' ' && text.p[i + n] < 0x7F)
			n++;
		if (n) {
			content(lines, td_view_mem(text.p + i, n));
			i += n;
		} else if (c >= 0x80) {
			n = td_view_utf8_first(td_view_skip(text, i));
			if (n)
				character(lines, td_view_mem(text.p + i, n));
			i += n ? n : 1;
		} else {
			if (lines->pre && c == '\n')
				td_html_lines_break(lines);
			else if (c == ' ' || (c >= '\t' && c <= '\r'))
				td_html_lines_space(lines);
			i++;
		}
	}
}

void td_html_lines_url(struct td_html_lines *lines, struct td_view url)
{
	unsigned newlines = lines->newlines;

	lines->newlines = 0;
	if (!at_line_start(lines))
		lines->spaces = 1;
	content(lines, url);
	if (newlines)
		lines->newlines = newlines;
	else
		lines->after_url = true;
}
