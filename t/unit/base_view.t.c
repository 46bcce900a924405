/*
 * base_view - comparing, cutting, numbers and UTF-8
 */
#include <inttypes.h>
#include <string.h>

#include "tap.h"
#include "view.h"

#define V(s) td_view_str(s)

static const struct td_view none = { NULL, 0 };

static void test_compare(void)
{
	ok(td_view_eq(V("ab"), V("ab")), "equal");
	ok(!td_view_eq(V("ab"), V("aB")), "case counts");
	ok(!td_view_eq(V("ab"), V("abc")), "length counts");
	ok(td_view_eq(none, V("")), "NULL and empty are equal");
	ok(td_view_caseeq(V("X-Tandem"), V("x-tANDEM")), "equal but for case");
	ok(!td_view_caseeq(V("[@"), V("{`")), "only letters have case");
	ok(!td_view_caseeq(V("\xc3\x84"), V("\xc3\xa4")), "only ASCII letters have case");
	ok(td_view_starts(V("abc"), V("ab")) && td_view_starts(V("abc"), none), "starts");
	ok(!td_view_starts(V("a"), V("ab")) && !td_view_starts(none, V("a")), "starts not");
	ok(td_view_casestarts(V("STOPP"), V("stop")), "starts but for case");
	ok(td_view_ends(V("a.conf"), V(".conf")) && td_view_ends(none, none), "ends");
	ok(!td_view_ends(V("conf"), V(".conf")), "ends not");
}

static void test_cut(void)
{
	struct td_view rest = V(" a , ,b,"), item;

	is_view(td_view_trim(V(" \t\r\nx y\n ")), "x y", "trim takes both ends");
	is_int(td_view_trim(V(" \r\n")).n, 0, "trim of nothing but space");
	is_int(td_view_trim(none).n, 0, "trim of nothing");
	is_view(td_view_skip(V("abc"), 2), "c", "skip");
	is_int(td_view_skip(V("abc"), 9).n, 0, "skip is clamped");
	is_int(td_view_skip(none, 1).n, 0, "skip of nothing");
	is_int(td_view_chr(V("abc"), 'c'), 2, "chr");
	ok(td_view_chr(V("abc"), 'x') == (size_t)-1 && td_view_chr(none, 'x') == (size_t)-1, "chr that is not there");
	ok(td_view_next(&rest, ',', &item) && td_view_eq(item, V("a")), "first item, trimmed");
	ok(td_view_next(&rest, ',', &item) && item.n == 0, "an empty item");
	ok(td_view_next(&rest, ',', &item) && td_view_eq(item, V("b")), "last item");
	ok(!td_view_next(&rest, ',', &item), "nothing after the last separator");
	rest = none;
	ok(!td_view_next(&rest, ',', &item), "nothing in nothing");
}

static void test_lines(void)
{
	struct td_view rest = V(" a \n\r\nb\r\n\r"), line;

	ok(td_view_line(&rest, &line) && td_view_eq(line, V(" a ")), "a line with its white space");
	ok(td_view_line(&rest, &line) && line.n == 0 && line.p, "an empty line");
	ok(td_view_line(&rest, &line) && td_view_eq(line, V("b")), "a line that ended with CRLF");
	ok(td_view_line(&rest, &line) && line.n == 0, "a last line that nothing ends");
	ok(!td_view_line(&rest, &line), "nothing after the last line");
	rest = none;
	ok(!td_view_line(&rest, &line), "no line in nothing");
}

static void test_i64(void)
{
	static const struct {
		const char *text;
		bool        good;
		int64_t     value;
	} cases[] = {
		{ "0", true, 0 }, { "-0", true, 0 }, { "007", true, 7 }, { "9223372036854775807", true, INT64_MAX },
		{ "-9223372036854775808", true, INT64_MIN }, { "9223372036854775808", false, 0 },
		{ "-9223372036854775809", false, 0 }, { "99999999999999999999", false, 0 }, { "", false, 0 }, { "-", false, 0 },
		{ "--1", false, 0 }, { "+1", false, 0 }, { " 1", false, 0 }, { "1 ", false, 0 }, { "1.0", false, 0 },
		{ "0x10", false, 0 }, { "\xd9\xa1", false, 0 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int64_t value = 4711;
		bool good = td_view_i64(V(cases[i].text), &value);

		ok(good == cases[i].good && value == (good ? cases[i].value : 4711), "i64 \"%s\" gives %s %" PRId64,
			cases[i].text,
			good ? "a number" : "none, output untouched", value);
	}
}

static void test_utf8(void)
{
	static const struct {
		const char *text;
		bool        good;
		const char *what;
	} cases[] = {
		{ "", true, "empty" }, { "a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", true, "one to four bytes" },
		{ "\xd9\x85\xd8\xb1\xd8\xad\xd8\xa8\xd8\xa7", true, "Arabic" }, { "\xf4\x8f\xbf\xbf", true, "U+10FFFF" },
		{ "\xf4\x90\x80\x80", false, "over U+10FFFF" }, { "\xc0\x80", false, "overlong NUL" },
		{ "\xc1\xbf", false, "overlong, 2 bytes" },
		{ "\xe0\x9f\xbf", false, "overlong, 3 bytes" }, { "\xf0\x8f\xbf\xbf", false, "overlong, 4 bytes" },
		{ "\xed\xa0\x80", false, "a surrogate" }, { "\xed\x9f\xbf", true, "before the surrogates" },
		{ "\xee\x80\x80", true, "after them" },
		{ "\xe2\x82", false, "cut off" }, { "\xe2\x82g", false, "continued by ASCII" },
		{ "\x80", false, "begins within" },
		{ "\xf5\x80\x80\x80", false, "a byte that never occurs" }, { "\xff", false, "0xff" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		is_int(td_view_utf8(V(cases[i].text)), cases[i].good, "utf8: %s", cases[i].what);
	ok(!td_view_utf8(td_view_mem("a\0b", 3)), "utf8: NUL is refused");
	is_int(td_view_utf8_first(V("\xe2\x82\xacx")), 3, "length of the first character");
	is_int(td_view_utf8_first(none), 0, "of nothing");
	is_view(td_view_utf8_cut(V("a\xc3\xa4z"), 2), "a", "a character that does not fit goes");
	is_view(td_view_utf8_cut(V("a\xc3\xa4z"), 3), "a\xc3\xa4", "one that does stays");
	is_view(td_view_utf8_cut(V("\xf0\x9f\x98\x80"), 3), "", "nothing fits");
	is_int(td_view_utf8_cut(none, 0).n, 0, "nothing is cut of nothing");
}

static void test_clean(void)
{
	char out[16];

	is_int(td_view_clean(out, sizeof(out), V("a\nb\xff\xc2\x85\xe2\x80\xa8z")), 7, "clean: length");
	is_str(out, "a?b???z", "controls, C1, line separators and stray bytes become ?");
	td_view_clean(out, 4, V("ab\xc3\xa4"));
	is_str(out, "ab", "a character is not cut");
	td_view_clean(out, 5, V("ab\xc3\xa4"));
	is_str(out, "ab\xc3\xa4", "it is there when there is room");
	td_view_clean(out, 1, V("ab"));
	is_str(out, "", "room for the NUL alone");
	td_view_clean(out, sizeof(out), td_view_mem("a\0b", 3));
	is_str(out, "a?b", "NUL does not end the text");
}

int main(void)
{
	test_compare();
	test_cut();
	test_lines();
	test_i64();
	test_utf8();
	test_clean();
	return done_testing();
}
