/*
 * base_codec - base32, hex, ids
 */
#include <string.h>

#include "clock.h"
#include "codec.h"
#include "tap.h"

#define NONE ((size_t)-1)

/* RFC 4648 §10, in lower case and without padding. */
static void test_base32(void)
{
	static const struct {
		const char *plain, *text;
	} vectors[] = {
		{ "", "" }, { "f", "my" }, { "fo", "mzxq" }, { "foo", "mzxw6" }, { "foob", "mzxw6yq" }, { "fooba", "mzxw6ytb" },
		{ "foobar", "mzxw6ytboi" },
	};
	static const char *const bad[] = { "m", "mzx", "mzxw6y", "mz", "mzxr", "mzxw7", "my======", "m1", "m0", "m8",
		"m y", "my\n" };
	char text[32];
	unsigned char bytes[32];

	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		size_t n = strlen(vectors[i].plain);

		td_base32_encode(text, vectors[i].plain, n);
		is_str(text, vectors[i].text, "base32 of \"%s\"", vectors[i].plain);
		is_int(strlen(text), TD_BASE32_LEN(n), "its length");
		is_int(td_base32_decode(bytes, sizeof(bytes), td_view_str(text)), n, "and back: length");
		is_mem(bytes, n, vectors[i].plain, n, "and back");
	}
	is_int(td_base32_decode(bytes, 6, td_view_str("MZXW6YTBOI")), 6, "upper case is read");
	is_int(td_base32_decode(bytes, 5, td_view_str("mzxw6ytboi")), NONE, "more than the room is refused");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		is_int(td_base32_decode(bytes, sizeof(bytes), td_view_str(bad[i])), NONE, "refused: \"%.3s…\" (%zu)", bad[i],
			i);
}

static void test_hex(void)
{
	char text[16];
	unsigned char bytes[4];

	td_hex_encode(text, "\x00\xff\x1a", 3);
	is_str(text, "00ff1a", "hex");
	is_int(td_hex_decode(bytes, 4, td_view_str("00Ff1A")), 3, "back, either case");
	is_mem(bytes, 3, "\x00\xff\x1a", 3, "the bytes");
	is_int(td_hex_decode(bytes, 4, td_view_str("abc")), NONE, "half a byte");
	is_int(td_hex_decode(bytes, 4, td_view_str("ag")), NONE, "no hex digit");
	is_int(td_hex_decode(bytes, 4, td_view_str("0011223344")), NONE, "over the room");
	is_int(td_hex_decode(bytes, 4, td_view_str("")), 0, "nothing");
}

static void test_id(void)
{
	char last[TD_ID_SIZE], id[TD_ID_SIZE];
	bool increasing = true, valid = true;

	td_id_new(last, 1469918176385);
	ok(strncmp(last, "01ARYZ6S41", 10) == 0, "the ULID specification's time: %s", last);
	for (int i = 0; i < 100000; i++) {
		td_id_new(id, 1469918176385);
		increasing = increasing && strcmp(last, id) < 0;
		valid = valid && td_id_valid(td_view_str(id));
		memcpy(last, id, sizeof(id));
	}
	ok(increasing, "100,000 ids of one millisecond increase");
	ok(valid, "and all are valid");
	td_id_new(id, 1469918176386);
	ok(strcmp(last, id) < 0, "the next millisecond's is greater");
	td_id_new(last, 1469918176387);
	ok(strcmp(id + 10, last + 10) != 0, "and random");
	td_id_new(id, -5);
	ok(strncmp(id, "0000000000", 10) == 0, "time before 1970 counts as 1970");
	td_id_new(id, INT64_MAX);
	ok(strncmp(id, "7ZZZZZZZZZ", 10) == 0, "time over 48 bits counts as the last there is");
	ok(td_id_valid(td_view_str("01arz3ndektsv4rrffq69g5fav")), "lower case is valid");
	ok(!td_id_valid(td_view_str("01ARZ3NDEKTSV4RRFFQ69G5FA")), "25 characters are not");
	ok(!td_id_valid(td_view_str("01ARZ3NDEKTSV4RRFFQ69G5FAU")), "U is not");
	ok(!td_id_valid(td_view_str("81ARZ3NDEKTSV4RRFFQ69G5FAV")), "over 128 bits is not");
	ok(!td_id_valid(td_view_mem("01ARZ3NDEKTSV4RRFFQ69G5FA\0", 26)), "NUL is not");
	ok(!td_id_valid(td_view_str(NULL)), "nothing is not");
}

static void test_clock(void)
{
	struct td_clock clock;
	unsigned char a[64] = { 0 }, b[64] = { 0 };

	td_clock_fixed(&clock, 1000);
	is_int(td_now_ms(&clock), 1000, "the test clock stands");
	clock.value_ms = 2500;
	is_int(td_now_ms(&clock), 2500, "until it is set");
	is_int(td_mono_ms(&clock), 2500, "for time-outs too");
	ok(td_now_ms(td_clock_system()) > INT64_C(1577836800000), "the system's clock is in milliseconds since 1970");
	ok(td_mono_ms(td_clock_system()) <= td_mono_ms(td_clock_system()), "the monotonic one does not step back");
	td_random(a, sizeof(a));
	td_random(b, sizeof(b));
	ok(memcmp(a, b, sizeof(a)) != 0, "randomness differs");
}

int main(void)
{
	test_base32();
	test_hex();
	test_id();
	test_clock();
	return done_testing();
}
