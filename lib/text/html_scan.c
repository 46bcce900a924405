/*
 * html_scan - HTML as it comes to HTML that the parser reads in linear time and without a complaint
 */
#include "html_scan.h"

#include "html_find.h"
#include "html_tag.h"

enum {
	DEEPEST = 258, /* elements in each other: 256, and html and body, which the parser adds */
	PIECE = 8192   /* bytes put before the parser has them */
};

/* By the place in unended. */
static const char *const raw_names[TD_HTML_RAW_NAMES] = {
	"iframe", "noembed", "noframes", "script", "style", "textarea", "title", "",
};

void td_html_scan_init(struct td_html_scan *scan, struct td_view html)
{
	*scan = (struct td_html_scan){ .rest = html };
	td_buf_init(&scan->out, SIZE_MAX);
}

void td_html_scan_free(struct td_html_scan *scan)
{
	td_buf_free(&scan->out);
}

static bool is_letter(char c)
{
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

/* The name at the front of v. */
static struct td_view name_of(struct td_view v)
{
	size_t n = 0;

	while (n < v.n && v.p[n] != '>' && v.p[n] != '/' && v.p[n] != ' ' && !(v.p[n] >= '\t' && v.p[n] <= '\r'))
		n++;
	return td_view_mem(v.p, n);
}

/* Skips to behind the next `end`; all of it if there is none. */
static struct td_view skip_past(struct td_view v, struct td_view end)
{
	const char *p = memmem(v.p, v.n, end.p, end.n);

	return p ? td_view_skip(v, (size_t)(p - v.p) + end.n) : td_view_skip(v, v.n);
}

/* Behind the comment that v is the text of; its end is "-->" or, as in browsers, "--!>". All of v if there is none. */
static struct td_view skip_comment(struct td_view v)
{
	const char *p;

	while (v.n && (p = memmem(v.p, v.n, "--", 2))) {
		v = td_view_skip(v, (size_t)(p - v.p) + 1);
		if (td_view_starts(v, TD_VLIT("->")))
			return td_view_skip(v, 2);
		if (td_view_starts(v, TD_VLIT("-!>")))
			return td_view_skip(v, 3);
	}
	return td_view_skip(v, v.n);
}

/* *rest begins with "<!" or "<?". */
static void skip_declaration(struct td_html_scan *scan)
{
	struct td_view v = scan->rest;

	if (!td_view_starts(v, TD_VLIT("<!--")))
		scan->rest = skip_past(v, TD_VLIT(">"));
	else if (td_view_starts(v, TD_VLIT("<!-->")) || td_view_starts(v, TD_VLIT("<!--->")))
		scan->rest = skip_past(v, TD_VLIT(">"));
	else
		scan->rest = skip_comment(td_view_skip(v, 4));
}

/* Where the end tag of name is in v, or (size_t)-1. */
static size_t find_end_tag(struct td_view v, struct td_view name)
{
	size_t at = 0;
	const char *p;

	while (at < v.n && (p = memmem(v.p + at, v.n - at, "</", 2))) {
		at = (size_t)(p - v.p);
		if (td_view_caseeq(name_of(td_view_skip(v, at + 2)), name))
			return at;
		at += 2;
	}
	return (size_t)-1;
}

/* rest is behind the start tag. */
static void skip_raw(struct td_html_scan *scan, const struct td_html_tag *tag)
{
	struct td_view name = td_view_str(raw_names[tag->element]);
	size_t at = scan->unended[tag->element] ? (size_t)-1 : find_end_tag(scan->rest, name);

	if (at != (size_t)-1) {
		scan->rest = skip_past(td_view_skip(scan->rest, at), TD_VLIT(">"));
		return;
	}
	scan->unended[tag->element] = true;
	/* Code that nothing ends is code to the end; a title or field is more likely a mistake. */
	if (td_view_eq(name, TD_VLIT("script")) || td_view_eq(name, TD_VLIT("style")))
		scan->rest = td_view_skip(scan->rest, scan->rest.n);
}

/* The next tag of rest, which becomes what is from its "<" on. False if there is none. */
static bool next_tag(struct td_html_scan *scan)
{
	const char *p = scan->rest.n ? memchr(scan->rest.p, '<', scan->rest.n) : NULL;

	scan->rest = td_view_skip(scan->rest, p ? (size_t)(p - scan->rest.p) : scan->rest.n);
	return p;
}

/* Skips what is inside an element whose start tag was just read, and its end tag. */
static void skip_element(struct td_html_scan *scan, struct td_view name)
{
	struct td_buf nowhere;
	unsigned inside = 1;

	td_buf_init(&nowhere, 0);
	while (inside && next_tag(scan)) {
		struct td_view v = td_view_skip(scan->rest, 1);
		bool end = td_view_starts(v, TD_VLIT("/"));
		struct td_view found = name_of(td_view_skip(v, end));
		const struct td_html_tag *tag;
		bool closed;

		if (td_view_starts(v, TD_VLIT("!")) || td_view_starts(v, TD_VLIT("?"))) {
			skip_declaration(scan);
			continue;
		}
		if (!found.n || !is_letter(found.p[0])) {
			scan->rest = v;
			continue;
		}
		scan->rest = td_view_skip(v, end + found.n);
		closed = td_html_tag_attributes(scan, &scan->rest, &nowhere);
		tag = td_html_tag_find(found);
		if (end || !tag || tag->treat != TD_HTML_RAW)
			inside += td_view_caseeq(found, name) ? (end ? -1u : !closed) : 0;
		else if (!closed)
			skip_raw(scan, tag);
	}
}

static void put_start(struct td_html_scan *scan, enum td_html_element element)
{
	td_buf_byte(&scan->out, '<');
	td_buf_str(&scan->out, td_html_element_name(element));
	if (!td_html_element_is_void(element)) {
		scan->put[element]++;
		scan->deeper++;
	}
}

static void put_end(struct td_html_scan *scan, enum td_html_element element)
{
	td_buf_str(&scan->out, "</");
	td_buf_str(&scan->out, td_html_element_name(element));
	td_buf_byte(&scan->out, '>');
}

/* Takes back what put_start and the attributes put in out, which was `before` bytes long. */
static void take_back(struct td_html_scan *scan, enum td_html_element element, size_t before)
{
	scan->out.n = before;
	scan->put[element]--;
	scan->deeper--;
}

/*
 * Puts the tag of an element that is kept; rest is behind its name. Too deep, a plain inline element is left out and
 * its content stays (it may be the 257th that nothing ended), any other is skipped. So is <o:p/>, which holds nothing.
 */
static void put_tag(struct td_html_scan *scan, struct td_view name, const struct td_html_tag *tag)
{
	enum td_html_element element = tag ? tag->element : TD_HTML_INS;
	bool holds = !td_html_element_is_void(element);
	bool deep = holds && scan->depth + scan->deeper >= DEEPEST;
	size_t before = scan->out.n;
	size_t bare;
	bool closed;
	bool plain;

	put_start(scan, element);
	bare = scan->out.n;
	closed = td_html_tag_attributes(scan, &scan->rest, &scan->out);
	plain = element == TD_HTML_INS && scan->out.n == bare;
	td_buf_byte(&scan->out, '>');
	if (deep || (closed && !tag))
		take_back(scan, element, before);
	if (deep && !plain && !(closed && !tag))
		skip_element(scan, name);
}

/* rest begins with "<" and the name of an element. */
static void start_tag(struct td_html_scan *scan)
{
	struct td_view name = name_of(td_view_skip(scan->rest, 1));
	const struct td_html_tag *tag = td_html_tag_find(name);
	struct td_buf nowhere;
	bool closed;

	scan->rest = td_view_skip(scan->rest, 1 + name.n);
	if (!tag || tag->treat == TD_HTML_KEEP) {
		put_tag(scan, name, tag);
		return;
	}
	td_buf_init(&nowhere, 0);
	closed = td_html_tag_attributes(scan, &scan->rest, &nowhere);
	if (tag->treat == TD_HTML_RAW)
		skip_raw(scan, tag);
	else if (tag->treat == TD_HTML_SKIP && !closed)
		skip_element(scan, name);
	else if (tag->treat == TD_HTML_QUOTED)
		td_buf_byte(&scan->out, '"');
}

/* rest begins with "</" and a name. */
static void end_tag(struct td_html_scan *scan)
{
	struct td_view name = name_of(td_view_skip(scan->rest, 2));
	const struct td_html_tag *tag = td_html_tag_find(name);
	enum td_html_element element = tag ? tag->element : TD_HTML_INS;

	scan->rest = skip_past(scan->rest, TD_VLIT(">"));
	if (tag && tag->treat == TD_HTML_QUOTED)
		td_buf_byte(&scan->out, '"');
	if (tag && tag->treat != TD_HTML_KEEP)
		return;
	if (element == TD_HTML_BR)
		td_buf_str(&scan->out, "<br>");
	else if (!td_html_element_is_void(element) && scan->open[element] + scan->put[element])
		put_end(scan, element);
	else if (element == TD_HTML_P)
		td_buf_str(&scan->out, "<hr>"); /* an empty paragraph: the line ends */
}

static void markup(struct td_html_scan *scan)
{
	struct td_view v = td_view_skip(scan->rest, 1);

	if (v.n && is_letter(v.p[0])) {
		start_tag(scan);
	} else if (v.n > 1 && v.p[0] == '/' && is_letter(v.p[1])) {
		end_tag(scan);
	} else if (td_view_starts(v, TD_VLIT("!")) || td_view_starts(v, TD_VLIT("?")) ||
		(td_view_starts(v, TD_VLIT("/")) && v.n > 1)) {
		skip_declaration(scan);
	} else {
		td_html_characters(TD_VLIT("<"), false, &scan->out);
		scan->rest = v;
	}
}

/* How many of the n bytes of characters at the front of v may be read without breaking one, or a reference. */
static size_t whole(struct td_view v, size_t n)
{
	size_t back;

	if (n == v.n)
		return n;
	while (n > 1 && ((unsigned char)v.p[n] & 0xC0) == 0x80)
		n--;
	for (back = 1; back < 32 && back < n; back++)
		if (v.p[n - back] == '&')
			return n - back;
	return n;
}

bool td_html_scan_next(struct td_html_scan *scan)
{
	size_t n;

	td_buf_reset(&scan->out);
	memset(scan->put, 0, sizeof(scan->put));
	scan->deeper = 0;
	/* Near the limit one tag at a time, because only the parser knows which elements have ended. */
	while (scan->rest.n && scan->out.n < PIECE && !(scan->out.n && scan->depth + scan->deeper >= DEEPEST)) {
		n = td_view_chr(scan->rest, '<');
		if (n == 0) {
			markup(scan);
			continue;
		}
		if (n == (size_t)-1)
			n = scan->rest.n;
		if (n > PIECE)
			n = whole(scan->rest, PIECE);
		td_html_characters(td_view_mem(scan->rest.p, n), false, &scan->out);
		scan->rest = td_view_skip(scan->rest, n);
	}
	/* The parser keeps characters until there is a tag, and what it has read until it reads characters. */
	scan->kept += scan->out.n;
	if (scan->kept >= PIECE) {
		td_buf_str(&scan->out, "<ins>" TD_HTML_NOTHING "</ins>");
		scan->kept = 0;
	}
	return scan->rest.n || scan->out.n;
}
