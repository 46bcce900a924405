/*
 * charset - bytes in the charset a mail declares → UTF-8
 */
#include "charset.h"

#include <errno.h>
#include <iconv.h>
#include <unistr.h>

#include "charset_escape.h"
#include "charset_name.h"

enum { REPLACEMENT = 0xFFFD, MIN_FOREIGN = 4, LOOKED_AT = 4096 };

/* UTF-8 as it should be: U+FFFD for each byte that is none, no NUL, nothing for a cut-off end. */
static void add_utf8(struct td_view v, struct td_buf *out)
{
	size_t from = 0;
	size_t i = 0;

	while (i < v.n) {
		ucs4_t c;
		int n = (unsigned char)v.p[i] < 0x80 ? 1 : u8_mbtoucr(&c, (const uint8_t *)v.p + i, v.n - i);

		if (n > 0 && v.p[i] != '\0') {
			i += (size_t)n;
			continue;
		}
		td_buf_add(out, td_view_mem(v.p + from, i - from));
		if (n == -2)
			return;
		if (n <= 0)
			td_buf_utf8(out, REPLACEMENT);
		from = ++i;
	}
	if (from < v.n)
		td_buf_add(out, td_view_mem(v.p + from, v.n - from));
}

/* What the bytes are, whatever they are called. */
struct look {
	bool utf8;        /* all of it, but for a cut-off end */
	size_t high;      /* bytes over 0x7F */
	size_t letters;   /* ASCII letters */
	size_t multibyte; /* valid characters of UTF-8 outside ASCII */
	size_t even_nul;  /* NULs at even offsets of the front */
	size_t odd_nul;
	bool western;  /* all bytes over 0x7F are characters of windows-1252 that are in use */
	bool japanese; /* switches to a charset of Japan */
};

/* A byte over 0x7F that is no UTF-8: would it do in windows-1252? 0xFF is what noise is made of. */
static bool is_western(unsigned char c)
{
	return c != 0x81 && c != 0x8D && c != 0x8F && c != 0x90 && c != 0x9D && c != 0xFF;
}

static struct look look_at(struct td_view v)
{
	struct look look = { .utf8 = true, .western = true };
	size_t i = 0;
	ucs4_t c;
	int n;

	while (i < v.n) {
		unsigned char byte = (unsigned char)v.p[i];

		if (byte < 0x80) {
			look.letters += (byte | 0x20) >= 'a' && (byte | 0x20) <= 'z';
			if (byte == 0 && i < LOOKED_AT)
				(*(i % 2 ? &look.odd_nul : &look.even_nul))++;
			look.japanese |=
				byte == 0x1B && i + 2 < v.n && v.p[i + 1] == '$' && (v.p[i + 2] == 'B' || v.p[i + 2] == '@');
			i++;
			continue;
		}
		n = u8_mbtoucr(&c, (const uint8_t *)v.p + i, v.n - i);
		if (n > 0) {
			look.multibyte++;
		} else if (n == -2 && (look.multibyte || v.n - i > 1)) {
			n = (int)(v.n - i); /* cut off; of one byte alone that would be a guess */
		} else {
			look.utf8 = false;
			n = 1;
		}
		look.high += (size_t)n;
		for (int k = 0; k < n; k++)
			look.western &= is_western((unsigned char)v.p[i + (size_t)k]);
		i += (size_t)n;
	}
	return look;
}

static void convert(iconv_t cd, struct td_view bytes, size_t unit, struct td_buf *out)
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
		if (no == EINVAL || left <= unit) /* cut in the middle of a character */
			break;
		td_buf_utf8(out, REPLACEMENT);
		in += unit;
		left -= unit;
	}
}

/* By iconv; false when it does not know the name. */
static bool by_name(const char *name, size_t unit, struct td_view bytes, struct td_buf *out)
{
	iconv_t cd = name[0] ? iconv_open("UTF-8", name) : (iconv_t)-1;

	if (cd == (iconv_t)-1)
		return false;
	convert(cd, bytes, unit, out);
	iconv_close(cd);
	return true;
}

/* Every other byte of the front a NUL, or nearly so: nothing but UTF-16 looks like that. */
static bool looks_wide(struct td_view bytes, const struct look *look)
{
	size_t pairs = (bytes.n < LOOKED_AT ? bytes.n : LOOKED_AT) / 2;

	return pairs >= 2 && (look->even_nul * 4 >= pairs * 3 || look->odd_nul * 4 >= pairs * 3) &&
		   (look->even_nul == 0 || look->odd_nul == 0);
}

/* The byte order: that of the mark, else the declared one, else where the NULs of what is ASCII in it are. */
static bool is_little(struct td_view bytes, size_t unit, const struct look *look, struct td_view declared)
{
	bool seen = unit == 2 ? look->odd_nul > look->even_nul : bytes.n >= 4 && bytes.p[0] && !bytes.p[3];

	if (td_view_starts(bytes, TD_VLIT("\xFF\xFE")) || td_view_starts(bytes, TD_VLIT("\xFE\xFF")))
		return bytes.p[0] == '\xFF';
	if (td_view_ends(declared, TD_VLIT("LE")) && !(unit == 2 && looks_wide(bytes, look)))
		return true;
	if (td_view_ends(declared, TD_VLIT("BE")) && !(unit == 2 && looks_wide(bytes, look)))
		return false;
	return seen;
}

/* UTF-16 and UTF-32. */
static void decode_wide(
	struct td_view bytes, size_t unit, const struct look *look, const char *declared, struct td_buf *out)
{
	static const char *const names[2][2] = { { "UTF-16BE", "UTF-16LE" }, { "UTF-32BE", "UTF-32LE" } };
	bool little = is_little(bytes, unit, look, td_view_str(declared));

	if (td_view_starts(bytes, little ? TD_VLIT("\xFF\xFE") : unit == 2 ? TD_VLIT("\xFE\xFF") : TD_VLIT("\0\0\xFE\xFF")))
		bytes = td_view_skip(bytes, unit);
	if (!by_name(names[unit == 4][little], unit, bytes, out))
		add_utf8(bytes, out);
}

/* Nobody says what it is, or it is not that. */
static void decode_guess(struct td_view bytes, const struct look *look, struct td_buf *out)
{
	/* In Western languages most letters are ASCII; elsewhere windows-1252 would be gibberish, and U+FFFD is honest. */
	bool western = look->western && look->multibyte == 0 && (look->high < MIN_FOREIGN || look->high <= look->letters);

	if (look->utf8 || !western || !by_name("WINDOWS-1252", 1, bytes, out))
		add_utf8(bytes, out);
}

static void decode_escaped(struct td_view bytes, const struct td_charset_name *name, struct td_buf *out)
{
	struct td_buf plain;
	bool done;

	td_buf_init(&plain, 2 * bytes.n + 1);
	done = true;
	if (name->kind == TD_CHARSET_HZ)
		td_charset_hz(bytes, &plain);
	else
		done = td_charset_2022jp(bytes, &plain);
	if (!done || !td_buf_ok(&plain))
		done = by_name(name->iconv, 1, bytes, out);
	else
		done = by_name(name->kind == TD_CHARSET_HZ ? "GB18030" : "EUC-JP-MS", 1, td_buf_view(&plain), out);
	if (!done)
		add_utf8(bytes, out);
	td_buf_free(&plain);
}

static size_t unreadable(struct td_view text)
{
	size_t bad = 0;

	for (size_t i = 0; i + 3 <= text.n; i++)
		bad += memcmp(text.p + i, "\xEF\xBF\xBD", 3) == 0;
	return bad;
}

/* As in Taiwan; and if that cannot be read as in Hong Kong, whose extension has other signs in some places. */
static void decode_big5(struct td_view bytes, struct td_buf *out)
{
	size_t before = out->n;
	size_t bad;
	struct td_buf other;

	if (!by_name("CP950", 1, bytes, out)) {
		add_utf8(bytes, out);
		return;
	}
	bad = td_buf_ok(out) ? unreadable(td_view_skip(td_buf_view(out), before)) : 0;
	if (bad == 0)
		return;
	td_buf_init(&other, 3 * bytes.n + 3);
	if (by_name("BIG5-HKSCS", 1, bytes, &other) && td_buf_ok(&other) && unreadable(td_buf_view(&other)) < bad) {
		out->n = before;
		td_buf_add(out, td_buf_view(&other));
	}
	td_buf_free(&other);
}

static bool is_wide_mark(struct td_view bytes)
{
	return td_view_starts(bytes, TD_VLIT("\xFF\xFE")) || td_view_starts(bytes, TD_VLIT("\xFE\xFF"));
}

void td_charset_decode(struct td_view bytes, struct td_view charset, struct td_buf *out)
{
	struct td_charset_name name;
	struct look look = look_at(bytes);

	td_charset_name(charset, &name);
	if (td_view_starts(bytes, TD_VLIT("\xEF\xBB\xBF"))) {
		add_utf8(td_view_skip(bytes, 3), out);
		return;
	}
	if (name.kind == TD_CHARSET_UTF16 || (is_wide_mark(bytes) && name.kind <= TD_CHARSET_SINGLE) ||
		(name.kind <= TD_CHARSET_UTF8 && looks_wide(bytes, &look))) {
		decode_wide(bytes, 2, &look, name.iconv, out);
	} else if (name.kind == TD_CHARSET_UTF32) {
		decode_wide(bytes, 4, &look, name.iconv, out);
	} else if (name.kind == TD_CHARSET_HZ || name.kind == TD_CHARSET_2022JP) {
		decode_escaped(bytes, &name, out);
	} else if (name.kind == TD_CHARSET_BIG5) {
		decode_big5(bytes, out);
	} else if (name.kind == TD_CHARSET_LOOSE && look.japanese && look.high == 0) {
		td_charset_name(TD_VLIT("iso-2022-jp"), &name);
		decode_escaped(bytes, &name, out);
	} else if (name.kind <= TD_CHARSET_UTF8 || (name.kind == TD_CHARSET_SINGLE && look.utf8)) {
		decode_guess(bytes, &look, out);
	} else if (!by_name(name.iconv, 1, bytes, out)) {
		decode_guess(bytes, &look, out);
	}
}

bool td_charset_is_noise(struct td_view text)
{
	size_t bad = 0;
	size_t seen = 0;

	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];

		seen += c > ' ' && (c & 0xC0) != 0x80;
		bad += c == 0xEF && td_view_starts(td_view_skip(text, i), TD_VLIT("\xEF\xBF\xBD"));
	}
	return bad * 2 > seen;
}
