/*
 * mime - the text of a mail, by GMime
 */
#include "mime.h"

#include <gmime/gmime.h>

#include "charset.h"
#include "reply.h"

enum {
	MAX_DEPTH = 32,
	MAX_LINES = 20000,     /* each may become a header object of GMime */
	MAX_BOUNDARIES = 1000, /* each may become a part */
	MAX_BYTES = 262144,    /* of one part, after its transfer encoding */
	MAX_TEXT = 65536       /* of the text; an SMS has 1,530 characters at most */
};

struct search {
	struct td_arena *arena;
	struct td_cuts  *cuts;
	struct td_view   text; /* what was found, empty so far */
	bool             html;
	bool             inside; /* look into attached mails as well */
	bool             nomem;
};

void td_mime_init(void)
{
	g_mime_init();
}

/* The front of a body that GMime is given. */
static struct td_view bounded(struct td_view body)
{
	size_t lines = 0;
	size_t boundaries = 0;
	size_t at = 0;

	while (at < body.n && lines < MAX_LINES && boundaries < MAX_BOUNDARIES) {
		const char *newline = memchr(body.p + at, '\n', body.n - at);

		boundaries += td_view_starts(td_view_skip(body, at), TD_VLIT("--"));
		lines++;
		at = newline ? (size_t)(newline - body.p) + 1 : body.n;
	}
	return td_view_mem(body.p, at);
}

static GMimeMessage *parse(struct td_view head, struct td_view body)
{
	struct td_view front = bounded(body);
	GByteArray *bytes = g_byte_array_sized_new((guint)(head.n + front.n + 4));
	GMimeStream *stream;
	GMimeParser *parser;
	GMimeMessage *message;

	g_byte_array_append(bytes, (const guint8 *)head.p, (guint)head.n);
	if (head.n && !td_view_ends(head, TD_VLIT("\n")))
		g_byte_array_append(bytes, (const guint8 *)"\r\n", 2);
	if (!td_view_ends(head, TD_VLIT("\n\r\n")) && !td_view_ends(head, TD_VLIT("\n\n")))
		g_byte_array_append(bytes, (const guint8 *)"\r\n", 2);
	g_byte_array_append(bytes, (const guint8 *)front.p, (guint)front.n);
	stream = g_mime_stream_mem_new_with_byte_array(bytes);
	g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(stream), TRUE);
	parser = g_mime_parser_new_with_stream(stream);
	g_object_unref(stream);
	message = g_mime_parser_construct_message(parser, NULL);
	g_object_unref(parser);
	return message;
}

/* Appends the content of a part with its transfer encoding undone. */
static void read_content(GMimePart *part, struct td_buf *out)
{
	GMimeDataWrapper *content = g_mime_part_get_content(part);
	GMimeStream *stream;
	GMimeStream *filtered;
	GMimeFilter *filter;
	char chunk[8192];
	ssize_t n;

	if (!content)
		return;
	stream = g_mime_data_wrapper_get_stream(content);
	if (!stream)
		return;
	g_mime_stream_reset(stream);
	filtered = g_mime_stream_filter_new(stream);
	filter = g_mime_filter_basic_new(g_mime_data_wrapper_get_encoding(content), FALSE);
	g_mime_stream_filter_add(GMIME_STREAM_FILTER(filtered), filter);
	g_object_unref(filter);
	while (out->n + sizeof(chunk) <= out->cap && (n = g_mime_stream_read(filtered, chunk, sizeof(chunk))) > 0)
		td_buf_add(out, td_view_mem(chunk, (size_t)n));
	g_object_unref(filtered);
}

/* CRLF and lone CR → LF, in place. */
static size_t unix_lines(char *p, size_t n)
{
	size_t to = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		if (p[i] == '\r' && i + 1 < n && p[i + 1] == '\n')
			continue;
		p[to++] = p[i] == '\r' ? '\n' : p[i];
	}
	return to;
}

static struct td_view parameter(GMimeObject *part, const char *name)
{
	return td_view_str(g_mime_object_get_content_type_parameter(part, name));
}

/* No more than MAX_TEXT bytes, cut at a scalar. */
static struct td_view shortened(struct td_view text)
{
	if (text.n <= MAX_TEXT)
		return text;
	text.n = MAX_TEXT;
	while (text.n && ((unsigned char)text.p[text.n] & 0xC0) == 0x80)
		text.n--;
	return text;
}

static void take_text(struct search *search, GMimeObject *part)
{
	struct td_view charset = parameter(part, "charset");
	struct td_buf raw;
	struct td_buf text;
	struct td_buf joined;
	struct td_view cleaned;

	/* Decoding makes of a byte three at most, of a charset that is cut in pieces. */
	td_buf_init(&raw, MAX_BYTES);
	td_buf_init(&text, 4 * MAX_BYTES);
	td_buf_init(&joined, 4 * MAX_BYTES);
	read_content(GMIME_PART(part), &raw);
	td_charset_decode(td_buf_view(&raw), charset, &text);
	text.n = unix_lines(text.p, text.n);
	cleaned = shortened(td_buf_view(&text));
	if (td_view_caseeq(parameter(part, "format"), TD_VLIT("flowed"))) {
		td_reply_unflow(cleaned, td_view_caseeq(parameter(part, "delsp"), TD_VLIT("yes")), &joined);
		cleaned = td_buf_view(&joined);
	}
	td_buf_reset(&raw);
	if (!td_reply_strip(cleaned, search->arena, search->cuts, &raw) || !td_buf_ok(&raw) || !td_buf_ok(&text) || !td_buf_ok(&joined)) {
		search->nomem = true;
	} else {
		cleaned = td_view_trim(td_buf_view(&raw));
		search->text = cleaned.n ? td_arena_dup(search->arena, cleaned) : cleaned;
		search->nomem = cleaned.n && !search->text.p;
	}
	td_buf_free(&joined);
	td_buf_free(&text);
	td_buf_free(&raw);
}

static bool is_attachment(GMimeObject *object)
{
	const char *disposition = g_mime_object_get_disposition(object);

	return disposition && g_ascii_strcasecmp(disposition, "attachment") == 0;
}

static void visit(struct search *search, GMimeObject *object, int depth)
{
	GMimeContentType *type;
	GMimeMessage *inner;
	int n;
	int i;

	if (!object || depth > MAX_DEPTH || search->text.n || search->nomem || is_attachment(object))
		return;
	type = g_mime_object_get_content_type(object);
	if (GMIME_IS_MULTIPART(object)) {
		n = GMIME_IS_MULTIPART_ENCRYPTED(object) ? 0 : g_mime_multipart_get_count(GMIME_MULTIPART(object));
		for (i = 0; i < n; i++)
			visit(search, g_mime_multipart_get_part(GMIME_MULTIPART(object), i), depth + 1);
	} else if (GMIME_IS_MESSAGE_PART(object)) {
		inner = search->inside ? g_mime_message_part_get_message(GMIME_MESSAGE_PART(object)) : NULL;
		if (inner)
			visit(search, g_mime_message_get_mime_part(inner), depth + 1);
	} else if (GMIME_IS_PART(object) && g_mime_content_type_is_type(type, "text", "html")) {
		search->html = true;
	} else if (GMIME_IS_PART(object) && g_mime_content_type_is_type(type, "text", "plain")) {
		take_text(search, object);
	}
}

enum td_status td_mime_text(struct td_view head, struct td_view body, struct td_arena *arena, struct td_cuts *cuts,
	struct td_view *out, const char **source, struct td_err *err)
{
	struct search search = { .arena = arena, .cuts = cuts };
	GMimeMessage *message = parse(head, body);

	if (message) {
		visit(&search, g_mime_message_get_mime_part(message), 1);
		if (search.text.n == 0 && !search.html && !search.nomem) {
			search.inside = true;
			visit(&search, g_mime_message_get_mime_part(message), 1);
		}
		g_object_unref(message);
	}
	if (search.nomem)
		return td_err_set(err, TD_NOMEM, "mail too long for its memory");
	*out = search.text;
	if (source)
		*source = search.text.n ? "text/plain" : "";
	return TD_OK;
}
