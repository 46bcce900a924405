/*
 * charset_escape - 7-bit charsets that switch by escape sequences → the 8-bit ones they stand for
 */
#include "charset_escape.h"

void td_charset_hz(struct td_view bytes, struct td_buf *out)
{
	bool gb = false;
	size_t i;

	for (i = 0; i < bytes.n; i++) {
		char c = bytes.p[i];
		char next = i + 1 < bytes.n ? bytes.p[i + 1] : '\0';

		if (c == '\n')
			gb = false;
		if (c == '~' && (next == '{' || next == '}')) {
			gb = next == '{';
			i++;
		} else if (c == '~' && !gb && (next == '~' || next == '\n')) {
			if (next == '~')
				td_buf_byte(out, '~');
			i++;
		} else if (gb && c > ' ' && next > ' ') {
			td_buf_byte(out, (char)(c | 0x80));
			td_buf_byte(out, (char)(next | 0x80));
			i++;
		} else if (!gb || c <= ' ') {
			td_buf_byte(out, c);
		}
	}
}

enum set { ASCII, ROMAN, KANA, KANJI, MORE_KANJI };

/* The set that is switched to by the escape sequence v begins with; its length in *n, 0 when it is none of ours. */
static enum set escape(struct td_view v, size_t *n)
{
	static const struct {
		const char *seq;
		enum set set;
	} known[] = { { "\x1b(B", ASCII }, { "\x1b(J", ROMAN }, { "\x1b(H", ROMAN }, { "\x1b(I", KANA },
		{ "\x1b$@", KANJI }, { "\x1b$B", KANJI }, { "\x1b$(B", KANJI }, { "\x1b$(@", KANJI }, { "\x1b$(D", MORE_KANJI },
		{ "\x1b&@", KANJI } };

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		*n = strlen(known[i].seq);
		if (td_view_starts(v, td_view_mem(known[i].seq, *n)))
			return known[i].set;
	}
	*n = 0;
	return ASCII;
}

/* A character of set at v; returns its bytes. */
static size_t euc(enum set set, struct td_view v, struct td_buf *out)
{
	char c = v.p[0];
	bool two = set == KANJI || set == MORE_KANJI;

	if (set == ASCII || c <= ' ' || (two && (v.n < 2 || v.p[1] <= ' '))) {
		/* Half of a character at the end is left away. */
		if (!two || c <= ' ')
			td_buf_byte(out, c);
		return 1;
	}
	if (set == ROMAN) {
		td_buf_add(out, c == '\\' ? TD_VLIT("\xA1\xEF") /* a yen sign stands there */ : td_view_mem(&c, 1));
		return 1;
	}
	if (set == KANA)
		td_buf_byte(out, '\x8E');
	if (set == MORE_KANJI)
		td_buf_byte(out, '\x8F');
	td_buf_byte(out, (char)(c | 0x80));
	if (two)
		td_buf_byte(out, (char)(v.p[1] | 0x80));
	return two ? 2 : 1;
}

bool td_charset_2022jp(struct td_view bytes, struct td_buf *out)
{
	enum set set = ASCII;
	size_t n;

	while (bytes.n) {
		if (bytes.p[0] == '\x1b') {
			set = escape(bytes, &n);
			/* Cut in the middle of one? */
			if (n == 0 && bytes.n > 3)
				return false;
			bytes = td_view_skip(bytes, n ? n : bytes.n);
			continue;
		}
		if (bytes.p[0] == '\n')
			set = ASCII;
		bytes = td_view_skip(bytes, euc(set, bytes, out));
	}
	return true;
}
