/*
 * html - what a reader would see of the HTML of a mail, as plain text
 *
 * html_scan reads the characters, libxml2's push parser without a tree decides which element ends which, and here its
 * events become lines (html_lines). What is taken out goes into a second, short text for the list of cuts.
 */
#include "html.h"

#include <libxml/HTMLparser.h>
#include <pthread.h>
#include <stdlib.h>

#include "html_attributes.h"
#include "html_entity.h"
#include "html_item.h"
#include "html_lines.h"
#include "html_link.h"
#include "html_scan.h"

enum {
	MOST_TEXT = 65536,
	MOST_CUT = 400,     /* of what was taken out */
	MOST_URL = 2000,
	MOST_QUOTES = 200,  /* whose introduction is looked for */
	MOST_ERRORS = 2000, /* of the parser, each of which costs it as much as a hundred tags */
	DEEPEST = 260       /* of html_scan, with html and body that the parser adds */
};

/* An open element. */
struct frame {
	enum td_html_element element;
	bool                 pre;     /* of what is around it, restored at its end */
	bool                 tiny;
	bool                 invisible;
	bool                 cuts;    /* what it holds is taken out */
	bool                 resumes; /* at its end what takes out around it ends (Gmail) */
	bool                 link;
	bool                 header;  /* may be what Outlook puts above a quote */
	char                 marks;   /* of a list, as in td_html_style */
	bool                 block;   /* on lines of its own */
	long                 number;  /* of the last item of a list */
	size_t               at;      /* the text when it began */
	size_t               cell;    /* of what is around it */
};

struct reader {
	struct td_html_scan  scan;
	struct td_html_lines text;
	struct td_html_lines cut;
	struct td_html_lines *to; /* one of these */
	struct td_arena      *arena;
	struct td_cuts       *cuts;
	const char           *what; /* why it is taken out */
	unsigned              quotes;
	bool                  rest; /* all to the end is */
	bool                  forward; /* a forwarded mail was taken out */
	bool                  keeps;   /* and this time it is not */
	bool                  reply; /* Gmail's: until the blockquote in it ends */
	bool                  tiny;
	bool                  invisible;
	size_t                cell; /* where the text of this cell began */
	struct td_buf         url; /* of the open link */
	size_t                link; /* where its text began */
	bool                  linked;
	size_t                said, nsaid; /* where the last link stands in the text */
	char                  alt[401]; /* of the images in it */
	struct frame          stack[DEEPEST];
	unsigned              depth;
	unsigned              beyond; /* elements deeper than the stack */
	unsigned              errors;
};

static bool is_block(enum td_html_element element, enum td_html_say say)
{
	if (say == TD_HTML_YES && element == TD_HTML_INS)
		return true;
	if (say == TD_HTML_NO && (element == TD_HTML_DIV || element == TD_HTML_P || element == TD_HTML_LI))
		return false;
	return element != TD_HTML_INS && element != TD_HTML_BR && element != TD_HTML_IMG && element != TD_HTML_TD &&
		element != TD_HTML_ELEMENTS;
}

/* A block begins or ends: a line does, except at the beginning of a cell, which goes on the line of its row. */
static void end_line(struct reader *r)
{
	if (r->to == &r->cut || r->cell != r->text.buf.n)
		td_html_lines_block(r->to);
}

static void begin_cut(struct reader *r, const char *what)
{
	td_html_lines_free(&r->cut);
	td_html_lines_init(&r->cut, MOST_CUT);
	r->to = &r->cut;
	r->what = what;
}

static void end_cut(struct reader *r)
{
	struct td_view cut = td_buf_view(&r->cut.buf);

	td_cuts_add(r->cuts, r->what, cut, r->arena);
	r->forward |= r->rest || td_html_is_forward(cut);
	r->to = &r->text;
	r->reply = false;
}

/* Takes the text from byte `at` on out of the lines. */
static void move_to_cut(struct reader *r, size_t at)
{
	bool pre = r->cut.pre;

	r->cut.pre = true;
	td_html_lines_text(&r->cut, td_view_skip(td_buf_view(&r->text.buf), at));
	r->cut.pre = pre;
	td_html_lines_block(&r->cut);
	td_html_lines_cut(&r->text, at);
	if (r->said + r->nsaid > at)
		r->nsaid = 0;
}

/* The line that introduces a quote, or the "-- " above a marked signature, goes with it. */
static void cut_before(struct reader *r, enum td_html_mark mark)
{
	struct td_view text = td_buf_view(&r->text.buf);
	struct td_view line = td_view_skip(text, r->text.line);
	size_t at = text.n;

	if (mark == TD_HTML_QUOTE || mark == TD_HTML_REPLY) {
		if (r->quotes++ < MOST_QUOTES)
			at = td_html_forward(text);
		if (r->quotes <= MOST_QUOTES && at == text.n)
			at = td_html_attribution(text);
	} else if (mark == TD_HTML_SIGNATURE || mark == TD_HTML_SIGNATURE_ON) {
		if (td_view_eq(line, TD_VLIT("--")) || td_view_eq(line, TD_VLIT("-- ")))
			at = r->text.line;
	}
	if (at < text.n)
		move_to_cut(r, at);
}

/* Does text, what the open link became, say again what the one directly before it did? */
static bool is_said(const struct reader *r, struct td_view text)
{
	struct td_view before = td_view_skip(td_buf_view(&r->text.buf), r->said);

	before.n = (size_t)(text.p - before.p);
	return r->nsaid && td_view_trim(td_view_skip(before, r->nsaid)).n == 0 &&
		td_view_eq(text, td_view_mem(before.p, r->nsaid));
}

static void end_link(struct reader *r)
{
	struct td_view text = td_view_skip(td_buf_view(&r->text.buf), r->link);

	r->linked = false;
	if (r->to == &r->cut)
		return;
	if (td_view_trim(text).n == 0) {
		td_html_lines_text(&r->text, td_view_str(r->alt));
		text = td_view_skip(td_buf_view(&r->text.buf), r->link);
	}
	if (td_view_trim(text).n && r->url.n && !td_html_link_said(text, td_buf_view(&r->url)))
		td_html_lines_url(&r->text, td_buf_view(&r->url));
	/* Shops link a picture and the name below it to the same place: once is enough. */
	text = td_view_trim(td_view_skip(td_buf_view(&r->text.buf), r->link));
	if (text.n && is_said(r, text)) {
		td_html_lines_cut(&r->text, r->said + r->nsaid);
		td_html_lines_join(&r->text);
		r->cell = (size_t)-1; /* what follows is not at its beginning */
	} else if (text.n) {
		r->said = (size_t)(text.p - r->text.buf.p);
		r->nsaid = text.n;
	}
}

static void begin_link(struct reader *r, struct frame *frame, struct td_view href)
{
	if (r->linked)
		end_link(r);
	td_html_link_read(href, &r->url);
	r->link = r->text.buf.n;
	r->alt[0] = '\0';
	r->linked = frame->link = true;
}

static void image(struct reader *r, const struct td_html_attributes *a)
{
	if (r->linked && r->to == &r->text && !r->alt[0] && a->alt.n && a->alt.n < sizeof(r->alt) && !a->hidden &&
		!a->style.hidden)
		memcpy(r->alt, a->alt.p, a->alt.n + 1);
}

static void item(struct reader *r, const struct td_html_attributes *a)
{
	struct frame *list = NULL;
	char mark[TD_HTML_ITEM_SIZE] = "- ";
	unsigned i;

	for (i = r->depth; i > 0 && !list; i--)
		if (r->stack[i - 1].element == TD_HTML_UL || r->stack[i - 1].element == TD_HTML_OL)
			list = &r->stack[i - 1];
	if (list && list->element == TD_HTML_OL) {
		int64_t value;

		list->number = td_view_i64(a->number, &value) && value >= -99999 && value <= 99999 ? (long)value
			: list->number + 1;
		td_html_item_mark(mark, list->marks, list->number);
	}
	if (!list || list->marks != '-')
		td_html_lines_item(r->to, td_view_str(mark));
}

/* Is what has this mark taken out? Of a mail that is nothing but a forwarded one, what it quotes itself. */
static bool is_cut(const struct reader *r, enum td_html_mark mark, bool blockquote)
{
	if (mark == TD_HTML_UNMARKED)
		return false;
	if (!r->keeps || mark == TD_HTML_SIGNATURE || mark == TD_HTML_SIGNATURE_ON)
		return true;
	return blockquote && r->text.buf.n &&
		(r->quotes >= MOST_QUOTES || td_html_forward(td_buf_view(&r->text.buf)) == r->text.buf.n);
}

static void take_out(struct reader *r, struct frame *frame, const struct td_html_attributes *a)
{
	enum td_html_mark mark = td_html_mark_of(&a->marks, frame->element == TD_HTML_BLOCKQUOTE);
	bool hidden = a->hidden || a->style.hidden || mark == TD_HTML_PREHEADER;

	if (r->to == &r->cut) {
		frame->resumes = r->reply && frame->element == TD_HTML_BLOCKQUOTE && mark == TD_HTML_QUOTE;
		return;
	}
	if (mark == TD_HTML_UNMARKED && frame->element == TD_HTML_BLOCKQUOTE && r->quotes++ < MOST_QUOTES &&
		td_html_is_introduced(td_buf_view(&r->text.buf)))
		mark = TD_HTML_QUOTE;
	if (!hidden && !is_cut(r, mark, frame->element == TD_HTML_BLOCKQUOTE))
		return;
	frame->cuts = true;
	begin_cut(r, hidden ? "hidden" : mark == TD_HTML_SIGNATURE || mark == TD_HTML_SIGNATURE_ON ? "signature" : "quote");
	if (hidden)
		return;
	cut_before(r, mark);
	r->rest = mark == TD_HTML_QUOTE_ON;
	r->reply = mark == TD_HTML_REPLY;
}

/* A void element takes out from here to the end of its parent, or of all. */
static void take_out_from(struct reader *r, const struct td_html_attributes *a)
{
	struct frame none = { .element = TD_HTML_HR };

	if (r->to == &r->cut || r->depth == 0)
		return;
	take_out(r, &none, a);
	if (r->to == &r->cut)
		r->stack[r->depth - 1].cuts = true;
}

static void begin_lines(struct reader *r, struct frame *frame, const struct td_html_attributes *a)
{
	int64_t start;

	if (frame->element == TD_HTML_TD) {
		td_html_lines_space(r->to);
		r->cell = r->text.buf.n;
	} else if (frame->element == TD_HTML_LI && frame->block) {
		td_html_lines_block(r->to); /* its mark never stands behind another cell */
	} else if (frame->block) {
		end_line(r);
	} else if (frame->element == TD_HTML_LI) {
		td_html_lines_space(r->to);
	}
	if (frame->element == TD_HTML_OL)
		frame->number = td_view_i64(a->number, &start) && start >= -99999 && start <= 99999 ? (long)start - 1 : 0;
	if (frame->element == TD_HTML_LI && frame->block)
		item(r, a);
}

static bool said(enum td_html_say say, bool now)
{
	return say == TD_HTML_UNSAID ? now : say == TD_HTML_YES;
}

static void start_void(struct reader *r, enum td_html_element element, const struct td_html_attributes *a)
{
	if (element == TD_HTML_IMG) {
		image(r, a);
		return;
	}
	if (a->marks.id.n)
		take_out_from(r, a);
	if (element == TD_HTML_BR && (r->to == &r->cut || r->cell != r->text.buf.n))
		td_html_lines_break(r->to);
	else if (element == TD_HTML_HR)
		end_line(r);
}

static void on_start(void *user, const xmlChar *name, const xmlChar **atts)
{
	struct reader *r = user;
	enum td_html_element element = td_html_element_of((const char *)name);
	struct td_html_attributes a = td_html_attributes_read((const char *const *)atts);
	struct frame frame = { .element = element, .pre = r->text.pre, .tiny = r->tiny, .invisible = r->invisible,
		.at = r->text.buf.n, .cell = r->cell, .header = a.style.word_rule, .marks = td_html_item_marks(&a),
		.block = is_block(element, a.style.block) };

	if (element >= TD_HTML_BR && element <= TD_HTML_IMG) {
		start_void(r, element, &a);
		return;
	}
	if (element < TD_HTML_ELEMENTS)
		r->scan.open[element]++;
	if (r->depth == DEEPEST) {
		r->beyond++;
		return;
	}
	begin_lines(r, &frame, &a);
	take_out(r, &frame, &a);
	r->tiny = said(a.style.tiny, r->tiny);
	r->invisible = said(a.style.invisible, r->invisible);
	r->text.pre = r->cut.pre = said(a.style.pre, r->text.pre || element == TD_HTML_PRE);
	if (a.href.n && r->to == &r->text && !r->invisible)
		begin_link(r, &frame, a.href);
	r->stack[r->depth++] = frame;
	r->scan.depth = r->depth;
}

/* If what stands in the cell is all on one line, the next cell goes on there. */
static void end_cell(struct reader *r, const struct frame *frame)
{
	struct td_view inside = td_view_trim(td_view_skip(td_buf_view(&r->text.buf), frame->at));

	r->cell = frame->cell;
	if (inside.n == 0 || r->to == &r->cut)
		return;
	if (td_view_chr(inside, '\n') != (size_t)-1)
		td_html_lines_block(&r->text);
	else
		td_html_lines_join(&r->text);
}

static void on_end(void *user, const xmlChar *name)
{
	struct reader *r = user;
	enum td_html_element element = td_html_element_of((const char *)name);
	struct frame frame;

	if (element >= TD_HTML_BR && element <= TD_HTML_IMG)
		return;
	if (element < TD_HTML_ELEMENTS && r->scan.open[element])
		r->scan.open[element]--;
	if (r->beyond || r->depth == 0) {
		r->beyond -= r->beyond > 0;
		return;
	}
	frame = r->stack[--r->depth];
	r->scan.depth = r->depth;
	if (frame.link && r->linked)
		end_link(r);
	if (frame.header && !r->keeps && r->to == &r->text && frame.at <= r->text.buf.n &&
		td_html_is_header_block(td_view_skip(td_buf_view(&r->text.buf), frame.at))) {
		begin_cut(r, "quote");
		move_to_cut(r, frame.at);
		r->rest = true;
	}
	if ((frame.cuts || (frame.resumes && !td_view_starts(td_buf_view(&r->cut.buf), TD_VLIT("-----")))) &&
		r->to == &r->cut && !r->rest)
		end_cut(r);
	r->tiny = frame.tiny;
	r->invisible = frame.invisible;
	r->text.pre = r->cut.pre = frame.pre;
	if (frame.element == TD_HTML_TD)
		end_cell(r, &frame);
	else if (frame.block)
		end_line(r);
	if (frame.element == TD_HTML_LI)
		td_html_lines_item(r->to, TD_VLIT(""));
}

static void on_characters(void *user, const xmlChar *p, int n)
{
	struct reader *r = user;
	struct td_view v = td_view_mem(p, (size_t)n);

	if (td_view_eq(v, TD_VLIT(TD_HTML_NOTHING)))
		return;
	if (r->tiny || r->invisible) {
		if (r->to == &r->text)
			td_cuts_add(r->cuts, "hidden", v, r->arena);
		return;
	}
	td_html_lines_text(r->to, v);
}

static void on_error(void *user, xmlErrorPtr error)
{
	struct reader *r = user;

	(void)error;
	r->errors++;
}

static void prepare(void)
{
	xmlInitParser();
	td_html_entity_init();
}

static bool parse(struct reader *r)
{
	htmlSAXHandler sax = { .startElement = on_start, .endElement = on_end, .characters = on_characters,
		.cdataBlock = on_characters, .ignorableWhitespace = on_characters, .serror = on_error,
		.initialized = XML_SAX2_MAGIC };
	htmlParserCtxtPtr parser = htmlCreatePushParserCtxt(&sax, r, NULL, 0, NULL, XML_CHAR_ENCODING_UTF8);
	bool good;

	if (!parser)
		return false;
	htmlCtxtUseOptions(parser, HTML_PARSE_RECOVER | HTML_PARSE_NONET | HTML_PARSE_NODEFDTD | HTML_PARSE_IGNORE_ENC);
	htmlParseChunk(parser, "<html><body>", 12, 0);
	while (!r->text.full && r->errors < MOST_ERRORS && td_html_scan_next(&r->scan) && td_buf_ok(&r->scan.out))
		htmlParseChunk(parser, r->scan.out.p, (int)r->scan.out.n, 0);
	if (r->text.full)
		xmlStopParser(parser);
	else
		htmlParseChunk(parser, "", 0, 1);
	good = td_buf_ok(&r->scan.out) && parser->errNo != XML_ERR_NO_MEMORY;
	htmlFreeParserCtxt(parser);
	return good;
}

/* One reading; text in the arena. False without memory. */
static bool render(struct reader *r, struct td_view html, struct td_view *text)
{
	r->to = &r->text;
	td_html_lines_init(&r->text, MOST_TEXT);
	td_html_lines_init(&r->cut, MOST_CUT);
	td_buf_init(&r->url, MOST_URL);
	td_html_scan_init(&r->scan, html);
	*text = (struct td_view){ NULL, 0 };
	if (parse(r) && td_buf_ok(&r->text.buf)) {
		if (r->to == &r->cut)
			end_cut(r);
		*text = td_arena_dup(r->arena, td_view_trim(td_buf_view(&r->text.buf)));
	}
	td_html_scan_free(&r->scan);
	td_html_lines_free(&r->text);
	td_html_lines_free(&r->cut);
	td_buf_free(&r->url);
	return text->p;
}

enum td_status td_html_text(
	struct td_view html, struct td_arena *arena, struct td_cuts *cuts, struct td_view *out, struct td_err *err)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct td_cuts before = { .n = 0 };
	struct reader *r = malloc(sizeof(*r));
	struct td_view text = { NULL, 0 };
	bool done;

	pthread_once(&once, prepare);
	if (!r)
		return td_err_set(err, TD_NOMEM, "HTML: out of memory");
	if (cuts)
		before = *cuts;
	*r = (struct reader){ .arena = arena, .cuts = cuts };
	done = render(r, html, &text);
	if (done && text.n == 0 && r->forward) {
		if (cuts)
			*cuts = before;
		*r = (struct reader){ .arena = arena, .cuts = cuts, .keeps = true };
		done = render(r, html, &text);
	}
	free(r);
	if (!done)
		return td_err_set(err, TD_NOMEM, "HTML: its text is over the memory of a message");
	*out = text;
	return TD_OK;
}
