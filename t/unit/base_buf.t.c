/*
 * base_buf - growth, caps, the sticky error, what goes over the wire
 */
#include <string.h>

#include "buf.h"
#include "tap.h"

static void test_sticky(void)
{
	struct td_buf buf;

	td_buf_init(&buf, 10);
	td_buf_str(&buf, "12345");
	td_buf_str(&buf, "67890");
	ok(td_buf_ok(&buf), "exactly the cap fits");
	is_str(td_buf_cstr(&buf), "1234567890", "with a NUL behind it");
	td_buf_byte(&buf, 'x');
	ok(!td_buf_ok(&buf), "one more does not");
	is_str(td_buf_cstr(&buf), "", "a failed buffer has no text");
	td_buf_reset(&buf);
	ok(td_buf_ok(&buf), "a reset forgets the failure");
	td_buf_str(&buf, "abc");
	td_buf_printf(&buf, "%08d", 1);
	td_buf_str(&buf, "d");
	ok(!td_buf_ok(&buf), "after a failure a write that would fit does not make it good again");
	is_view(td_buf_view(&buf), "abc", "nothing of what failed, nor after it, was written");
	td_buf_free(&buf);
	td_buf_str(&buf, "again");
	is_str(td_buf_cstr(&buf), "again", "usable after free");
	td_buf_free(&buf);
	td_buf_free(NULL);
	td_buf_init(&buf, 0);
	ok(td_buf_ok(&buf), "a cap of 0 is no failure by itself");
	is_str(td_buf_cstr(&buf), "", "and has an empty text");
	td_buf_add(&buf, td_view_str(NULL));
	ok(td_buf_ok(&buf), "nothing can be added to it");
	td_buf_free(&buf);
}

static void test_growth(void)
{
	struct td_buf buf;
	bool right = true;

	td_buf_init(&buf, 100000);
	for (int i = 0; i < 100000; i++)
		td_buf_byte(&buf, (char)('a' + i % 26));
	ok(td_buf_ok(&buf) && buf.n == 100000, "grows to its cap byte by byte");
	for (size_t i = 0; i < buf.n; i++)
		right = right && buf.p[i] == (char)('a' + i % 26);
	ok(right, "and keeps what was written");
	td_buf_consume(&buf, 99998);
	is_view(td_buf_view(&buf), "cd", "consume leaves the end");
	td_buf_consume(&buf, 2);
	td_buf_consume(&buf, 0);
	is_int(buf.n, 0, "all consumed");
	td_buf_free(&buf);
	td_buf_init(&buf, SIZE_MAX);
	td_buf_printf(&buf, "%s %d", "no cap", 1);
	is_str(td_buf_cstr(&buf), "no cap 1", "printf without a cap");
	td_buf_free(&buf);
}

static void test_utf8(void)
{
	static const struct {
		uint32_t    scalar;
		const char *text;
	} cases[] = {
		{ 'a', "a" }, { 0x7f, "\x7f" }, { 0x80, "\xc2\x80" }, { 0x7ff, "\xdf\xbf" }, { 0x800, "\xe0\xa0\x80" },
		{ 0xffff, "\xef\xbf\xbf" }, { 0x10000, "\xf0\x90\x80\x80" }, { 0x10ffff, "\xf4\x8f\xbf\xbf" },
		{ 0xd800, "\xef\xbf\xbd" }, { 0xdfff, "\xef\xbf\xbd" }, { 0x110000, "\xef\xbf\xbd" },
		{ UINT32_MAX, "\xef\xbf\xbd" },
	};
	struct td_buf buf;

	td_buf_init(&buf, 100);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		td_buf_reset(&buf);
		td_buf_utf8(&buf, cases[i].scalar);
		is_str(td_buf_cstr(&buf), cases[i].text, "U+%04X", (unsigned int)cases[i].scalar);
	}
	td_buf_free(&buf);
}

static void test_wire(void)
{
	struct td_buf buf;

	td_buf_init(&buf, 100);
	td_buf_u16(&buf, 0x0102);
	td_buf_u32(&buf, 0xfffefdfc);
	td_buf_u64(&buf, 0x8000000000000001);
	is_mem(buf.p, buf.n, "\x01\x02\xff\xfe\xfd\xfc\x80\0\0\0\0\0\0\x01", 14, "integers are big-endian");
	td_buf_free(&buf);
}

int main(void)
{
	test_sticky();
	test_growth();
	test_utf8();
	test_wire();
	return done_testing();
}
