/*
 * mime - the text of a mail, by GMime
 */
#include "mime.h"

#include <gmime/gmime.h>

#include "buf.h"
#include "mime_front.h"
#include "mime_part.h"

enum { MAX_DEPTH = 32, MAX_TEXT = 65536 };

/* What a walk over the parts looks for; the first that has text is it. */
enum want {
	NOTHING,
	PLAIN,
	HTML,
	NAMED_PLAIN, /* with a file name: an attachment that is shown, worth reading when there is nothing else */
	OTHER        /* text of a kind we do not know, RFC 2046 §4.1.4 */
};

struct search {
	struct td_arena *arena;
	struct td_cuts *cuts;
	struct td_cuts before; /* cuts as the caller gave them, for the next part to start from */
	struct td_err *err;
	struct td_view text; /* what was found, empty so far */
	enum want want;
	const char *type; /* of the text */
	bool html;        /* there is HTML */
	bool inside;      /* look into attached mails as well */
	bool source;      /* a part is a mail whose structure is not declared */
	enum td_status status;
};

void td_mime_init(void)
{
	g_mime_init();
}

static GMimeMessage *parse(struct td_view head, struct td_view body)
{
	GMimeStream *stream = g_mime_stream_mem_new_with_byte_array(td_mime_front(head, body));
	GMimeParser *parser;
	GMimeMessage *message;

	g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(stream), TRUE);
	parser = g_mime_parser_new_with_stream(stream);
	g_object_unref(stream);
	message = g_mime_parser_construct_message(parser, NULL);
	g_object_unref(parser);
	return message;
}

static bool is_attachment(GMimeObject *object)
{
	const char *disposition = g_mime_object_get_disposition(object);

	return disposition && g_ascii_strcasecmp(disposition, "attachment") == 0;
}

/* Text that is made for programs. */
static bool is_code(const char *subtype)
{
	static const char *const parts[] = { "html", "xml", "calendar", "card", "directory", "css", "script", "rtf",
		"richtext", "enriched", "separated", "rfc822" };

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		if (strcasestr(subtype, parts[i]))
			return true;
	return false;
}

/* "Content-Type: text", which RFC 1049 allowed; GMime takes what has no subtype for a file. */
static bool is_plain_word(GMimePart *part)
{
	struct td_view v = td_view_str(g_mime_object_get_header(GMIME_OBJECT(part), "Content-Type"));
	size_t end = td_view_chr(v, ';');

	v.n = end == (size_t)-1 ? v.n : end;
	v = td_view_trim(v);
	return td_view_caseeq(v, TD_VLIT("text")) || td_view_caseeq(v, TD_VLIT("plain"));
}

static enum want what_is(GMimePart *part)
{
	GMimeContentType *type = g_mime_object_get_content_type(GMIME_OBJECT(part));
	const char *subtype = g_mime_content_type_get_media_subtype(type);

	if (!g_mime_content_type_is_type(type, "text", "*"))
		return is_plain_word(part) ? PLAIN : NOTHING;
	if (g_mime_content_type_is_type(type, "text", "html"))
		return HTML;
	if (!subtype || !*subtype || g_ascii_strcasecmp(subtype, "plain") == 0)
		return g_mime_part_get_filename(part) ? NAMED_PLAIN : PLAIN;
	return is_code(subtype) ? NOTHING : OTHER;
}

/* A leaf of the tree: is it what is wanted, and has it text? */
static void visit_part(struct search *search, GMimePart *part)
{
	enum want what = what_is(part);
	bool html = what == HTML;
	bool source;

	search->html |= html;
	if (what != search->want)
		return;
	/* What an earlier part without text left out is of no interest. */
	if (search->cuts)
		*search->cuts = search->before;
	search->status = td_mime_part_text(part, html, search->arena, search->cuts, &search->text, &source, search->err);
	search->source |= source;
	search->type = html ? "text/html" : "text/plain";
}

static void visit(struct search *search, GMimeObject *object, int depth);

static void visit_children(struct search *search, GMimeMultipart *multipart, int depth)
{
	/* The count is that of the moment: a part is read, none is added. */
	int n = GMIME_IS_MULTIPART_ENCRYPTED(multipart) ? 0 : g_mime_multipart_get_count(multipart);

	for (int i = 0; i < n; i++)
		visit(search, g_mime_multipart_get_part(multipart, i), depth + 1);
}

/* A text that only says "read the HTML" beside HTML: the HTML then, and if that has no text, none. */
static void prefer_html(struct search *search, GMimeMultipart *alternative, int depth)
{
	struct td_view stub = search->text;

	if (search->want != PLAIN || !td_mime_part_is_stub(stub))
		return;
	search->text = TD_VLIT("");
	search->want = HTML;
	search->html = false;
	visit_children(search, alternative, depth);
	search->want = PLAIN;
	if (!search->html) {
		search->text = stub;
		search->type = "text/plain";
	}
}

static void visit(struct search *search, GMimeObject *object, int depth)
{
	GMimeContentType *type;
	GMimeMessage *inner;

	if (!object || depth > MAX_DEPTH || search->text.n || search->status || is_attachment(object))
		return;
	type = g_mime_object_get_content_type(object);
	if (GMIME_IS_MULTIPART(object)) {
		visit_children(search, GMIME_MULTIPART(object), depth);
		if (search->text.n && g_mime_content_type_is_type(type, "multipart", "alternative"))
			prefer_html(search, GMIME_MULTIPART(object), depth);
	} else if (GMIME_IS_MESSAGE_PART(object)) {
		inner = search->inside ? g_mime_message_part_get_message(GMIME_MESSAGE_PART(object)) : NULL;
		if (inner)
			visit(search, g_mime_message_get_mime_part(inner), depth + 1);
	} else if (GMIME_IS_PART(object)) {
		visit_part(search, GMIME_PART(object));
	}
}

/* Does it begin as what lists and companies put below everybody's mail? */
static bool is_footer(struct td_view text)
{
	return td_view_starts(text, TD_VLIT("___")) || td_view_starts(text, TD_VLIT("---")) ||
		td_view_starts(text, TD_VLIT("===")) || td_view_starts(text, TD_VLIT("***"));
}

/* The plain text behind the n-th part goes on with it: Apple Mail cuts a text where a picture stands in it. */
static void go_on(struct search *search, GMimeMultipart *mixed, int n, int depth)
{
	struct td_cuts given = search->before;
	struct td_view first = search->text;
	struct td_buf joined;

	td_buf_init(&joined, 2 * MAX_TEXT);
	td_buf_add(&joined, first);
	while (++n < g_mime_multipart_get_count(mixed) && !search->status) {
		if (search->cuts)
			search->before = *search->cuts;
		search->text = TD_VLIT("");
		if (GMIME_IS_PART(g_mime_multipart_get_part(mixed, n)))
			visit(search, g_mime_multipart_get_part(mixed, n), depth + 1);
		if (search->text.n && !is_footer(search->text) && joined.n + search->text.n < MAX_TEXT) {
			td_buf_byte(&joined, '\n');
			td_buf_add(&joined, search->text);
		}
	}
	search->text = joined.n > first.n ? td_arena_dup(search->arena, td_buf_view(&joined)) : first;
	if (!search->status && (!td_buf_ok(&joined) || !search->text.p))
		search->status = td_err_set(search->err, TD_NOMEM, "mail too long for its memory");
	td_buf_free(&joined);
	search->before = given;
}

/* The plain text, else the HTML, of the first part of a mixed mail that has one: what follows is less than that. */
static void body_of(struct search *search, GMimeObject *object, int depth)
{
	static const enum want order[] = { PLAIN, HTML };
	GMimeMultipart *mixed;

	if (!object || depth > MAX_DEPTH)
		return;
	if (!g_mime_content_type_is_type(g_mime_object_get_content_type(object), "multipart", "mixed") ||
		!GMIME_IS_MULTIPART(object)) {
		for (size_t i = 0; i < 2 && !search->text.n && !search->status; i++) {
			search->want = order[i];
			visit(search, object, depth);
		}
		return;
	}
	mixed = GMIME_MULTIPART(object);
	for (int n = 0; n < g_mime_multipart_get_count(mixed) && !search->text.n && !search->status; n++) {
		body_of(search, g_mime_multipart_get_part(mixed, n), depth + 1);
		if (search->text.n && search->want == PLAIN)
			go_on(search, mixed, n, depth);
	}
}

/* All that is wanted, in its order; a mail inside the mail last. */
static void walk(struct search *search, GMimeObject *root)
{
	static const enum want rest[] = { NAMED_PLAIN, OTHER };

	for (int inside = 0; inside < 2; inside++) {
		search->inside = inside;
		if (!search->text.n && !search->status)
			body_of(search, root, 1);
		for (size_t i = 0; i < sizeof(rest) / sizeof(*rest) && !search->text.n && !search->status; i++) {
			search->want = rest[i];
			visit(search, root, 1);
		}
	}
}

/*
 * No boundary, one that never occurs, or no word of parts at all: the source of the parts would be the text. The
 * boundary that is there; empty for none, or one it was read by.
 */
static struct td_view undeclared(const struct search *search, GMimeObject *root, struct td_view body)
{
	struct td_view boundary = TD_VLIT("");

	/* A type without its subtype is no multipart to GMime. */
	if (search->source ||
		td_view_casestarts(td_view_str(g_mime_object_get_header(root, "Content-Type")), TD_VLIT("multipart")))
		boundary = td_mime_part_boundary(body, true);
	if (GMIME_IS_MULTIPART(root) &&
		td_view_eq(boundary, td_view_str(g_mime_multipart_get_boundary(GMIME_MULTIPART(root)))))
		return TD_VLIT("");
	return boundary;
}

static void walk_by(struct search *search, struct td_view boundary, struct td_view body)
{
	const char *head =
		td_arena_printf(search->arena, "Content-Type: multipart/mixed; boundary=\"%.*s\"\r\n", TD_VARG(boundary));
	GMimeMessage *message = head ? parse(td_view_str(head), body) : NULL;
	if (!message)
		return;
	walk(search, g_mime_message_get_mime_part(message));
	g_object_unref(message);
}

enum td_status td_mime_text(struct td_view head, struct td_view body, struct td_arena *arena, struct td_cuts *cuts,
	struct td_view *out, const char **source, struct td_err *err)
{
	struct search search = { .arena = arena, .cuts = cuts, .err = err };
	struct td_view boundary = TD_VLIT("");
	GMimeMessage *message;

	if (cuts)
		search.before = *cuts;
	message = parse(head, body);
	if (message) {
		walk(&search, g_mime_message_get_mime_part(message));
		if (!search.text.n && !search.status)
			boundary = undeclared(&search, g_mime_message_get_mime_part(message), body);
		g_object_unref(message); /* before another is made of the same mail */
	}
	if (boundary.n)
		walk_by(&search, boundary, body);
	if (search.status)
		return search.status;
	*out = search.text;
	if (source)
		*source = search.text.n ? search.type : "";
	return TD_OK;
}
