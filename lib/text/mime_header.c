/*
 * mime_header - header values: RFC 2047 encoded words
 *
 * Words that follow one another in one charset are decoded together, because mailers cut multibyte characters in two.
 */
#include "mime.h"

#include <glib.h>
#include <unistr.h>

#include "charset.h"

enum { MAX_VALUE = 65536 }; /* bytes of a decoded value */

struct word {
	struct td_view charset;
	char encoding; /* 'b' or 'q' */
	struct td_view text;
	size_t n; /* bytes of the whole word */
};

/* Is there an encoded word at v? Generous where mailers are: any length, spaces inside "Q". */
static bool parse_word(struct td_view v, struct word *word)
{
	struct td_view rest;
	const char *end;
	size_t mark;
	size_t star;

	if (!td_view_starts(v, TD_VLIT("=?")))
		return false;
	rest = td_view_skip(v, 2);
	mark = td_view_chr(rest, '?');
	if (mark == (size_t)-1 || mark == 0 || rest.n < mark + 5 || rest.p[mark + 2] != '?')
		return false;
	word->charset = td_view_mem(rest.p, mark);
	star = td_view_chr(word->charset, '*'); /* RFC 2231 §5: a language after it */
	if (star != (size_t)-1)
		word->charset.n = star;
	word->encoding = g_ascii_tolower(rest.p[mark + 1]);
	if (word->encoding != 'b' && word->encoding != 'q')
		return false;
	rest = td_view_skip(rest, mark + 3);
	end = memmem(rest.p, rest.n, "?=", 2);
	if (!end)
		return false;
	word->text = td_view_mem(rest.p, (size_t)(end - rest.p));
	word->n = (size_t)(end + 2 - v.p);
	return true;
}

static void decode_q(struct td_view v, struct td_buf *out)
{
	size_t i;

	for (i = 0; i < v.n; i++) {
		char c = v.p[i];

		if (c == '=' && i + 2 < v.n && g_ascii_isxdigit(v.p[i + 1]) && g_ascii_isxdigit(v.p[i + 2])) {
			c = (char)(g_ascii_xdigit_value(v.p[i + 1]) << 4 | g_ascii_xdigit_value(v.p[i + 2]));
			i += 2;
		} else if (c == '_') {
			c = ' ';
		}
		td_buf_byte(out, c);
	}
}

static void decode_b(struct td_view v, struct td_buf *out)
{
	unsigned char chunk[3 * 256 + 3];
	gint state = 0;
	guint save = 0;

	while (v.n) {
		size_t n = v.n < 1024 ? v.n : 1024;
		size_t got = g_base64_decode_step(v.p, n, chunk, &state, &save);

		td_buf_add(out, td_view_mem(chunk, got));
		v = td_view_skip(v, n);
	}
}

static size_t white(struct td_view v)
{
	size_t n = 0;

	while (n < v.n && (v.p[n] == ' ' || v.p[n] == '\t' || v.p[n] == '\r' || v.p[n] == '\n'))
		n++;
	return n;
}

/* The words at the front of v that belong together; returns the bytes they take, 0 for none. */
static size_t decode_words(struct td_view v, struct td_buf *bytes, struct td_buf *out)
{
	struct td_view charset = { NULL, 0 };
	struct word word;
	size_t used = 0;
	size_t gap = 0;

	td_buf_reset(bytes);
	while (parse_word(td_view_skip(v, used + gap), &word)) {
		if (used && !td_view_caseeq(charset, word.charset)) {
			td_charset_decode(td_buf_view(bytes), charset, out);
			td_buf_reset(bytes);
		}
		charset = word.charset;
		if (word.encoding == 'q')
			decode_q(word.text, bytes);
		else
			decode_b(word.text, bytes);
		used += gap + word.n;
		gap = white(td_view_skip(v, used));
	}
	if (used)
		td_charset_decode(td_buf_view(bytes), charset, out);
	return used;
}

/* Text that is not encoded: UTF-8 (RFC 6532) with the folding undone. */
static void add_raw(struct td_view v, struct td_buf *out)
{
	size_t i = 0;
	size_t n;

	for (;; i = n) {
		for (n = i; n < v.n && v.p[n] != '\r' && v.p[n] != '\n'; n++)
			;
		if (n > i)
			td_charset_decode(td_view_mem(v.p + i, n - i), TD_VLIT("utf-8"), out);
		if (n == v.n)
			return;
		n += v.p[n] == '\r' && n + 1 < v.n && v.p[n + 1] == '\n' ? 2 : 1;
		if (n < v.n && v.p[n] != ' ' && v.p[n] != '\t')
			td_buf_byte(out, ' ');
	}
}

/* Controls become spaces, but for the newline; "\r\n" is one newline. Returns the new length. */
static size_t tame(char *p, size_t n)
{
	size_t to = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		unsigned char c = (unsigned char)p[i];

		if (c == '\r' && i + 1 < n && p[i + 1] == '\n')
			continue;
		if (c == 0xC2 && i + 1 < n && (unsigned char)p[i + 1] < 0xA0) { /* C1 */
			i++;
			c = ' ';
		}
		p[to++] = c == '\r' ? '\n' : (c < 0x20 && c != '\n') || c == 0x7F ? ' ' : (char)c;
	}
	return to;
}

enum td_status td_mime_header(struct td_view raw, struct td_arena *arena, struct td_view *out, struct td_err *err)
{
	struct td_buf bytes;
	struct td_buf text;
	struct td_view copy;
	enum td_status status = TD_OK;
	size_t from = 0;
	size_t i = 0;

	td_buf_init(&bytes, MAX_VALUE);
	td_buf_init(&text, MAX_VALUE);
	while (i < raw.n) {
		struct td_view rest = td_view_skip(raw, i);
		const char *mark = memmem(rest.p, rest.n, "=?", 2);
		size_t plain = mark ? (size_t)(mark - rest.p) : rest.n;
		struct word word;

		i += plain;
		if (!mark || !parse_word(td_view_skip(raw, i), &word)) {
			i += mark ? 2 : 0;
			continue;
		}
		add_raw(td_view_mem(raw.p + from, i - from), &text);
		i += decode_words(td_view_skip(raw, i), &bytes, &text);
		from = i;
	}
	add_raw(td_view_skip(raw, from), &text);
	copy = td_arena_dup(arena, td_buf_view(&text));
	if (!td_buf_ok(&text) || !td_buf_ok(&bytes) || !copy.p)
		status = td_err_set(err, TD_NOMEM, "header value too long for its memory");
	else
		*out = td_view_trim(td_view_mem(copy.p, tame((char *)(uintptr_t)copy.p, copy.n)));
	td_buf_free(&text);
	td_buf_free(&bytes);
	return status;
}
