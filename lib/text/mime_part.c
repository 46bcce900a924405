/*
 * mime_part - the text of one part of a mail
 */
#include "mime_part.h"

#include "buf.h"
#include "charset.h"
#include "clearsign.h"
#include "html.h"
#include "html_find.h"
#include "reply.h"
#include "reply_words.h"
#include "transfer.h"

enum {
	MAX_BYTES = 262144, /* of one part, after its transfer encoding */
	MAX_TEXT = 65536,   /* of the text; an SMS has 1,530 characters at most */
	MAX_STUB = 1000,    /* bytes of a text that only says "read the HTML" */
	META_FRONT = 2048,  /* bytes of HTML in which its charset is looked for */
	MAX_BOUNDARY = 70,  /* RFC 2046 §5.1.1 */
	PREAMBLE_LINES = 8, /* of what mailers put before the first part */
	BOUNDARY_LINES = 2000
};

/* Appends no more than out takes. */
static void read_stream(GMimeStream *stream, struct td_buf *out)
{
	char chunk[8192];
	ssize_t n;

	while (out->n + sizeof(chunk) <= out->cap && (n = g_mime_stream_read(stream, chunk, sizeof(chunk))) > 0)
		td_buf_add(out, td_view_mem(chunk, (size_t)n));
}

static void read_uuencoded(GMimeStream *stream, struct td_buf *out)
{
	GMimeStream *filtered = g_mime_stream_filter_new(stream);
	GMimeFilter *filter = g_mime_filter_basic_new(GMIME_CONTENT_ENCODING_UUENCODE, FALSE);

	g_mime_stream_filter_add(GMIME_STREAM_FILTER(filtered), filter);
	g_object_unref(filter);
	read_stream(filtered, out);
	g_object_unref(filtered);
}

/* The declared transfer encoding, whatever stands around its name. */
static GMimeContentEncoding encoding_of(GMimePart *part)
{
	struct td_view v =
		td_view_trim(td_view_str(g_mime_object_get_header(GMIME_OBJECT(part), "Content-Transfer-Encoding")));
	char name[32] = "";

	while (v.n && strchr("\"'", v.p[0]))
		v = td_view_skip(v, 1);
	while (v.n && strchr("\"';, ", v.p[v.n - 1]))
		v.n--;
	if (v.n < sizeof(name))
		memcpy(name, v.p ? v.p : "", v.n);
	return g_mime_content_encoding_from_string(name);
}

/* Appends the content of a part with its transfer encoding undone. No encoding makes more bytes than it takes. */
static void read_content(GMimePart *part, struct td_buf *encoded, struct td_buf *out)
{
	GMimeDataWrapper *content = g_mime_part_get_content(part);
	GMimeContentEncoding encoding = encoding_of(part);
	GMimeStream *stream = content ? g_mime_data_wrapper_get_stream(content) : NULL;

	if (!stream)
		return;
	g_mime_stream_reset(stream);
	if (encoding == GMIME_CONTENT_ENCODING_UUENCODE) {
		read_uuencoded(stream, out);
	} else if (encoding == GMIME_CONTENT_ENCODING_BASE64) {
		read_stream(stream, encoded);
		td_transfer_base64(td_buf_view(encoded), out);
	} else if (encoding == GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE) {
		read_stream(stream, encoded);
		td_transfer_qp(td_buf_view(encoded), out);
	} else {
		read_stream(stream, out);
	}
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

static struct td_view parameter(GMimePart *part, const char *name)
{
	return td_view_str(g_mime_object_get_content_type_parameter(GMIME_OBJECT(part), name));
}

/* The charset that a <meta> near the front of HTML names, empty for none. Wide charsets it cannot mean: it was read. */
static struct td_view meta_charset(struct td_view html)
{
	struct td_view rest = td_view_mem(html.p, html.n < META_FRONT ? html.n : META_FRONT);
	size_t n;

	while ((n = td_html_find(rest, 0, TD_VLIT("<meta"))) != (size_t)-1) {
		struct td_view tag = td_view_skip(rest, n);
		size_t end = td_view_chr(tag, '>');

		rest = td_view_skip(tag, 5);
		tag = td_view_mem(tag.p, end == (size_t)-1 ? tag.n : end);
		n = td_html_find(tag, 0, TD_VLIT("charset"));
		tag = td_view_trim(td_view_skip(tag, n == (size_t)-1 ? tag.n : n + strlen("charset")));
		if (!td_view_starts(tag, TD_VLIT("=")))
			continue;
		tag = td_view_trim(td_view_skip(tag, 1));
		if (tag.n && (tag.p[0] == '"' || tag.p[0] == '\''))
			tag = td_view_skip(tag, 1);
		for (n = 0; n < tag.n && !strchr("\"'; \t\r\n/", tag.p[n]); n++)
			;
		tag.n = n;
		return td_view_casestarts(tag, TD_VLIT("utf-16")) ? TD_VLIT("utf-8") : tag;
	}
	return TD_VLIT("");
}

/* Appends the text as it stands in the part: UTF-8, LF; nothing when most of it cannot be read. */
static void decode(GMimePart *part, bool html, struct td_buf *encoded, struct td_buf *raw, struct td_buf *out)
{
	struct td_view charset = parameter(part, "charset");

	read_content(part, encoded, raw);
	if (html && td_view_trim(charset).n == 0)
		charset = meta_charset(td_buf_view(raw));
	td_charset_decode(td_buf_view(raw), charset, out);
	out->n = unix_lines(out->p, out->n);
	if (td_charset_is_noise(td_buf_view(out)))
		td_buf_reset(out);
}

/* A whole document of HTML that calls itself plain text. */
static bool is_html(struct td_view text)
{
	struct td_view front = td_view_trim(text);

	return td_view_casestarts(front, TD_VLIT("<!doctype html")) ||
		(td_view_casestarts(front, TD_VLIT("<html")) && td_html_has(front, TD_VLIT("<body")));
}

struct bufs {
	struct td_buf raw;
	struct td_buf text;
	struct td_buf joined; /* before that, what is encoded */
	struct td_buf plain;  /* what was signed */
};

/* What stands in the part, readable: HTML rendered, flowed lines joined. */
static enum td_status readable(GMimePart *part, bool html, struct bufs *bufs, struct td_arena *arena,
	struct td_cuts *cuts, struct td_view *out, struct td_err *err)
{
	decode(part, html, &bufs->joined, &bufs->raw, &bufs->text);
	if (html || is_html(td_buf_view(&bufs->text)))
		return td_html_text(td_buf_view(&bufs->text), arena, cuts, out, err);
	td_buf_reset(&bufs->joined);
	*out = td_view_utf8_cut(td_buf_view(&bufs->text), MAX_TEXT);
	if (td_view_caseeq(parameter(part, "format"), TD_VLIT("flowed"))) {
		td_reply_unflow(*out, td_view_caseeq(parameter(part, "delsp"), TD_VLIT("yes")), &bufs->joined);
		*out = td_buf_view(&bufs->joined);
	}
	return TD_OK;
}

enum td_status td_mime_part_text(GMimePart *part, bool html, struct td_arena *arena, struct td_cuts *cuts,
	struct td_view *out, bool *source, struct td_err *err)
{
	struct td_view text = TD_VLIT("");
	struct bufs bufs;
	enum td_status status;

	/* Decoding makes of a byte three at most, of a charset that is cut in pieces. */
	td_buf_init(&bufs.raw, MAX_BYTES);
	td_buf_init(&bufs.text, 4 * MAX_BYTES);
	td_buf_init(&bufs.joined, MAX_BYTES);
	td_buf_init(&bufs.plain, MAX_BYTES);
	*out = TD_VLIT("");
	status = readable(part, html, &bufs, arena, cuts, &text, err);
	if (!status && !html)
		td_clearsign_open(text, &bufs.plain, &text);
	*source = !html && td_mime_part_boundary(text, false).n;
	td_buf_reset(&bufs.raw);
	if (!status && !*source &&
		(!td_reply_strip(text, html, arena, cuts, &bufs.raw) || !td_buf_ok(&bufs.raw) || !td_buf_ok(&bufs.text) ||
			!td_buf_ok(&bufs.joined) || !td_buf_ok(&bufs.plain)))
		status = td_err_set(err, TD_NOMEM, "mail too long for its memory");
	if (!status && !*source) {
		text = td_view_trim(td_buf_view(&bufs.raw));
		if (td_reply_words_bare(text).n == 0)
			text.n = 0;
		*out = text.n ? td_arena_dup(arena, text) : text;
		if (text.n && !out->p)
			status = td_err_set(err, TD_NOMEM, "mail too long for its memory");
	}
	td_buf_free(&bufs.plain);
	td_buf_free(&bufs.joined);
	td_buf_free(&bufs.text);
	td_buf_free(&bufs.raw);
	return status;
}

struct td_view td_mime_part_boundary(struct td_view text, bool preamble)
{
	struct td_view line;
	bool known = preamble;
	int before = 0;

	for (int i = 0; i < BOUNDARY_LINES && td_view_line(&text, &line); i++) {
		if (td_view_trim(line).n == 0)
			continue;
		if (td_view_starts(line, TD_VLIT("--")) && line.n > 2 && line.n <= 2 + MAX_BOUNDARY && (known || before == 0) &&
			td_view_casestarts(text, TD_VLIT("Content-")) && !memchr(line.p, '"', line.n))
			return td_view_skip(line, 2);
		known = known || td_reply_words_in(TD_REPLY_STUB, td_view_utf8_cut(line, MAX_STUB));
		if (!preamble && ++before > PREAMBLE_LINES)
			break;
	}
	return TD_VLIT("");
}

bool td_mime_part_is_stub(struct td_view text)
{
	return text.n <= MAX_STUB && td_reply_words_in(TD_REPLY_STUB, text);
}
