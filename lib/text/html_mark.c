/*
 * html_mark - the marks that mail programs leave on what is not the writer's own text
 */
#include "html_mark.h"

#include "attribution.h"
#include "html_find.h"

enum { MOST_LINES = 12 }; /* of an introduction, or of the headers of a forwarded mail */

enum where { CLASS = 1, ID = 2, NAME = 4, DATA = 8 };
enum how { WHOLE, BEGINS, ENDS, PART };

struct row {
	int               where;
	enum how          how;
	struct td_view    word;
	enum td_html_mark mark;
};

#define W(s) { s, sizeof(s) - 1 }

static const struct row rows[] = {
	/* Gmail */
	{ CLASS, WHOLE, W("gmail_quote"), TD_HTML_REPLY },
	{ CLASS, WHOLE, W("gmail_attr"), TD_HTML_QUOTE },
	{ CLASS | DATA, WHOLE, W("gmail_signature"), TD_HTML_SIGNATURE },
	{ CLASS, WHOLE, W("gmail_signature_prefix"), TD_HTML_SIGNATURE },
	/* Apple Mail */
	{ ID, WHOLE, W("AppleMailSignature"), TD_HTML_SIGNATURE },
	{ ID, WHOLE, W("lineBreakAtBeginningOfSignature"), TD_HTML_SIGNATURE_ON },
	/* Thunderbird */
	{ CLASS, WHOLE, W("moz-cite-prefix"), TD_HTML_QUOTE },
	{ CLASS, WHOLE, W("moz-forward-container"), TD_HTML_QUOTE },
	{ CLASS, WHOLE, W("moz-signature"), TD_HTML_SIGNATURE },
	{ CLASS, WHOLE, W("moz-txt-sig"), TD_HTML_SIGNATURE },
	/* Outlook, its web and mobile forms */
	{ ID, WHOLE, W("divRplyFwdMsg"), TD_HTML_QUOTE_ON },
	{ ID, WHOLE, W("appendonsend"), TD_HTML_QUOTE_ON },
	{ ID, WHOLE, W("mail-editor-reference-message-container"), TD_HTML_QUOTE_ON },
	{ ID, WHOLE, W("ms-outlook-mobile-reference-message"), TD_HTML_QUOTE_ON },
	{ CLASS, WHOLE, W("ms-outlook-mobile-reference-message"), TD_HTML_QUOTE_ON },
	{ CLASS | ID, WHOLE, W("OutlookMessageHeader"), TD_HTML_QUOTE_ON },
	{ ID, WHOLE, W("OLK_SRC_BODY_SECTION"), TD_HTML_QUOTE },
	{ ID, WHOLE, W("ms-outlook-mobile-signature"), TD_HTML_SIGNATURE },
	{ ID, WHOLE, W("ms-outlook-mobile-body-separator-line"), TD_HTML_SIGNATURE },
	{ ID, WHOLE, W("Signature"), TD_HTML_SIGNATURE },
	/* Yahoo */
	{ CLASS | ID, PART, W("yahoo_quoted"), TD_HTML_QUOTE },
	{ CLASS | ID, ENDS, W("yahoo-signature"), TD_HTML_SIGNATURE },
	/* Proton */
	{ CLASS, WHOLE, W("protonmail_quote"), TD_HTML_QUOTE },
	{ CLASS, WHOLE, W("protonmail_signature_block"), TD_HTML_SIGNATURE },
	/* Zimbra, Zoho, Front, Spark, Samsung, Aliyun, QQ */
	{ ID, WHOLE, W("zwchr"), TD_HTML_QUOTE_ON },
	{ DATA, WHOLE, W("__QUOTED_TEXT__"), TD_HTML_QUOTE },
	{ DATA, BEGINS, W("__SIG_"), TD_HTML_SIGNATURE },
	{ CLASS, WHOLE, W("zmail_extra"), TD_HTML_QUOTE },
	{ CLASS, WHOLE, W("front-blockquote"), TD_HTML_QUOTE },
	{ CLASS, WHOLE, W("front-signature"), TD_HTML_SIGNATURE },
	{ NAME, WHOLE, W("messageReplySection"), TD_HTML_QUOTE },
	{ NAME, WHOLE, W("messageSignatureSection"), TD_HTML_SIGNATURE },
	{ ID, WHOLE, W("composer_signature"), TD_HTML_SIGNATURE },
	{ CLASS, WHOLE, W("__aliyun_previous_node_wrap"), TD_HTML_QUOTE },
	{ ID, WHOLE, W("original-content"), TD_HTML_QUOTE },
	/* Newsletters */
	{ CLASS, WHOLE, W("preheader"), TD_HTML_PREHEADER },
	{ CLASS, WHOLE, W("mcnPreviewText"), TD_HTML_PREHEADER },
};

static bool matches(const struct row *row, struct td_view word)
{
	if (word.n < row->word.n)
		return false;
	switch (row->how) {
	case WHOLE:
		return td_view_caseeq(word, row->word);
	case BEGINS:
		return td_view_casestarts(word, row->word);
	case ENDS:
		return td_view_caseeq(td_view_skip(word, word.n - row->word.n), row->word);
	case PART:
		return td_html_has(word, row->word);
	}
	return false;
}

static enum td_html_mark look_up(enum where where, struct td_view word)
{
	size_t i;

	/* Outlook renames what it quotes or forwards: x_NAME, x_x_NAME. */
	while (td_view_starts(word, TD_VLIT("x_")))
		word = td_view_skip(word, 2);
	if (word.n == 0)
		return TD_HTML_UNMARKED;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if ((rows[i].where & where) && matches(&rows[i], word))
			return rows[i].mark;
	return TD_HTML_UNMARKED;
}

enum td_html_mark td_html_mark_of(const struct td_html_marks *marks, bool blockquote)
{
	struct td_view words = marks->cls;
	enum td_html_mark mark = TD_HTML_UNMARKED;

	if (blockquote && td_view_caseeq(marks->type, TD_VLIT("cite")))
		return TD_HTML_QUOTE;
	while (words.n && mark == TD_HTML_UNMARKED) {
		size_t n = 0;

		while (n < words.n && (unsigned char)words.p[n] > ' ')
			n++;
		mark = look_up(CLASS, td_view_mem(words.p, n));
		words = td_view_skip(words, n + 1);
	}
	if (mark == TD_HTML_UNMARKED)
		mark = look_up(ID, marks->id);
	if (mark == TD_HTML_UNMARKED)
		mark = look_up(NAME, marks->name);
	if (mark == TD_HTML_UNMARKED)
		mark = look_up(DATA, marks->data);
	return blockquote && mark == TD_HTML_REPLY ? TD_HTML_QUOTE : mark;
}

/* The line that ends at byte `end` of text. */
static struct td_view line_before(struct td_view text, size_t end)
{
	size_t from = end;

	while (from && text.p[from - 1] != '\n')
		from--;
	return td_view_mem(text.p + from, end - from);
}

static bool is_digit(struct td_view v, size_t at)
{
	return at < v.n && v.p[at] >= '0' && v.p[at] <= '9';
}

/* A year or a time of day. */
static bool has_date(struct td_view v)
{
	size_t i;

	for (i = 0; i < v.n; i++) {
		if (is_digit(v, i) && (i == 0 || !is_digit(v, i - 1)) && is_digit(v, i + 1) && is_digit(v, i + 2) &&
			is_digit(v, i + 3) && !is_digit(v, i + 4) && (v.p[i] == '1' || v.p[i] == '2'))
			return true;
		if (is_digit(v, i) && i + 1 < v.n && strchr(":.h", v.p[i + 1]) && is_digit(v, i + 2) && is_digit(v, i + 3))
			return true;
	}
	return false;
}

static bool ends_with_colon(struct td_view v)
{
	return td_view_ends(v, TD_VLIT(":")) || td_view_ends(v, TD_VLIT("："));
}

/*
 * Because a quote is known to follow, the words need not be known: a line ending with a colon that has an address, or a
 * date, perhaps on the line or two before.
 */
static size_t by_shape(struct td_view text)
{
	struct td_view line = line_before(text, text.n);
	size_t from = text.n - line.n;
	int back;

	if (line.n > 400 || !ends_with_colon(td_view_trim(line)))
		return text.n;
	for (back = 0; back < 3; back++) {
		if (has_date(line) || (back == 0 && memchr(line.p, '@', line.n)))
			return from;
		if (from == 0)
			break;
		line = line_before(text, from - 1);
		if (line.n == 0 || line.n > 200 || ends_with_colon(td_view_trim(line)) || td_view_ends(line, TD_VLIT(".")))
			break;
		from -= line.n + 1;
	}
	return text.n;
}

/* The last lines of text, which is not empty. */
static struct td_lines last_lines(struct td_view text, struct td_view lines[MOST_LINES])
{
	struct td_lines last = { lines + MOST_LINES, 0 };
	size_t end = text.n;

	while (last.n < MOST_LINES) {
		*--last.v = line_before(text, end);
		last.n++;
		if (last.v->n == end)
			break;
		end -= last.v->n + 1;
	}
	return last;
}

static size_t by_words(struct td_view text)
{
	struct td_view lines[MOST_LINES];
	struct td_lines last = last_lines(text, lines);
	size_t first = td_attribution_before(&last, last.n);

	return first < last.n ? (size_t)(last.v[first].p - text.p) : text.n;
}

size_t td_html_attribution(struct td_view text)
{
	size_t at;

	if (text.n == 0)
		return 0;
	at = by_words(text);
	return at < text.n ? at : by_shape(text);
}

bool td_html_is_introduced(struct td_view text)
{
	struct td_view last = td_view_skip(text, text.n ? by_words(text) : 0);
	size_t i;

	if (!last.n || !memchr(last.p, '@', last.n))
		return false;
	for (i = 0; i < last.n && !is_digit(last, i); i++)
		;
	return i < last.n;
}

size_t td_html_forward(struct td_view text)
{
	struct td_view lines[MOST_LINES];
	struct td_lines last;
	size_t next;
	size_t i;

	if (text.n == 0)
		return 0;
	last = last_lines(text, lines);
	for (i = 0; i < last.n; i++)
		if (td_attribution_at(&last, i, &next) == TD_FOREIGN_FORWARD)
			return (size_t)(last.v[i].p - text.p);
	return text.n;
}

bool td_html_is_forward(struct td_view text)
{
	struct td_view line[MOST_LINES];
	struct td_lines first = { line, 0 };
	size_t next;

	while (first.n < MOST_LINES && td_view_next(&text, '\n', &line[first.n]))
		first.n++;
	return first.n && td_attribution_at(&first, 0, &next) == TD_FOREIGN_FORWARD;
}

/* "From: …", "De : …": a short label, then a colon and a value. */
static bool is_header_line(struct td_view line)
{
	size_t colon = td_view_chr(line, ':');

	if (colon == (size_t)-1)
		colon = 60;
	return colon > 1 && colon < 50 && colon + 1 < line.n;
}

bool td_html_is_header_block(struct td_view text)
{
	size_t lines = 0;
	size_t headers = 0;
	struct td_view line;

	while (lines < 12 && td_view_next(&text, '\n', &line)) {
		lines++;
		headers += is_header_line(line);
	}
	return headers >= 3 && headers * 2 > lines;
}
