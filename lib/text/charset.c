/*
 * charset - bytes in the charset a mail declares → UTF-8
 */
#include "charset.h"

#include <errno.h>
#include <gmime/gmime.h>
#include <iconv.h>
#include <stdio.h>
#include <unistr.h>

enum { MAX_NAME = 40, REPLACEMENT = 0xFFFD };

/* UTF-8 as it should be: valid runs as they are, U+FFFD for each byte that is none, no NUL. */
static void add_utf8(struct td_view v, struct td_buf *out)
{
	size_t from = 0;
	size_t i = 0;

	while (i < v.n) {
		ucs4_t c;
		int n = u8_mbtoucr(&c, (const uint8_t *)v.p + i, v.n - i);

		if (n > 0 && c != 0) {
			i += (size_t)n;
			continue;
		}
		td_buf_add(out, td_view_mem(v.p + from, i - from));
		if (n <= 0)
			td_buf_utf8(out, REPLACEMENT);
		from = ++i;
	}
	if (from < v.n)
		td_buf_add(out, td_view_mem(v.p + from, v.n - from));
}

static bool is_utf8(struct td_view v)
{
	return u8_check((const uint8_t *)v.p, v.n) == NULL;
}

static iconv_t open_charset(struct td_view charset)
{
	char name[MAX_NAME + 1];
	size_t i;

	if (charset.n == 0 || charset.n > MAX_NAME)
		return (iconv_t)-1;
	/* No slash: "//TRANSLIT" and paths to converters are no business of a mail. */
	for (i = 0; i < charset.n; i++)
		if (!g_ascii_isalnum(charset.p[i]) && !strchr("-_.:+", charset.p[i]))
			return (iconv_t)-1;
	snprintf(name, sizeof(name), "%.*s", TD_VARG(charset));
	return iconv_open("UTF-8", g_mime_charset_iconv_name(name));
}

static void convert(iconv_t cd, struct td_view bytes, struct td_buf *out)
{
	char chunk[4096];
	char *in = (char *)(uintptr_t)bytes.p; /* iconv's prototype lacks a const */
	size_t left = bytes.n;

	while (td_buf_ok(out)) {
		char *to = chunk;
		size_t room = sizeof(chunk);
		size_t rc = left ? iconv(cd, &in, &left, &to, &room) : iconv(cd, NULL, NULL, &to, &room);
		int no = errno;

		add_utf8(td_view_mem(chunk, (size_t)(to - chunk)), out);
		if (rc != (size_t)-1) {
			if (left == 0 && to == chunk)
				break;
			continue;
		}
		if (no == E2BIG)
			continue;
		td_buf_utf8(out, REPLACEMENT);
		if (no == EINVAL || left == 0) /* cut in the middle of a character */
			break;
		in++;
		left--;
	}
}

void td_charset_decode(struct td_view bytes, struct td_view charset, struct td_buf *out)
{
	static const char *const loose[] = { "us-ascii", "ascii", "ansi_x3.4-1968", "iso-8859-1", "latin1", "8bit",
		"unknown-8bit" };
	struct td_view name = td_view_trim(charset);
	iconv_t cd;
	size_t i;

	for (i = 0; i < sizeof(loose) / sizeof(*loose); i++)
		if (td_view_caseeq(name, td_view_str(loose[i])))
			break;
	if (td_view_caseeq(name, TD_VLIT("utf-8")) || td_view_caseeq(name, TD_VLIT("utf8"))) {
		add_utf8(bytes, out);
		return;
	}
	cd = i < sizeof(loose) / sizeof(*loose) ? (iconv_t)-1 : open_charset(name);
	if (cd == (iconv_t)-1) {
		if (is_utf8(bytes)) {
			add_utf8(bytes, out);
			return;
		}
		cd = iconv_open("UTF-8", "WINDOWS-1252");
		if (cd == (iconv_t)-1) {
			add_utf8(bytes, out);
			return;
		}
	}
	convert(cd, bytes, out);
	iconv_close(cd);
}
