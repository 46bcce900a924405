/*
 * codec - bytes as text, and ids that sort by time
 */
#include "codec.h"

#include <pthread.h>

#include "clock.h"

#define NONE ((size_t)-1)

static const char base32_alphabet[] = "abcdefghijklmnopqrstuvwxyz234567";
static const char hex_alphabet[] = "0123456789abcdef";
static const char id_alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"; /* Crockford: no I, L, O, U */

void td_base32_encode(char *out, const void *bytes, size_t n)
{
	const unsigned char *p = bytes;
	unsigned int bits = 0, held = 0;

	for (size_t i = 0; i < n; i++) {
		held = (held << 8 | p[i]) & 0xfff;
		for (bits += 8; bits >= 5; bits -= 5)
			*out++ = base32_alphabet[held >> (bits - 5) & 31];
	}
	if (bits > 0)
		*out++ = base32_alphabet[held << (5 - bits) & 31];
	*out = '\0';
}

static int base32_value(char c)
{
	if (c >= 'a' && c <= 'z')
		return c - 'a';
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= '2' && c <= '7')
		return c - '2' + 26;
	return -1;
}

size_t td_base32_decode(void *out, size_t cap, struct td_view v)
{
	unsigned char *p = out;
	unsigned int bits = 0, held = 0;
	size_t n = 0;

	for (size_t i = 0; i < v.n; i++) {
		int value = base32_value(v.p[i]);

		if (value < 0)
			return NONE;
		held = (held << 5 | (unsigned int)value) & 0xfff;
		bits += 5;
		if (bits < 8)
			continue;
		if (n == cap)
			return NONE;
		bits -= 8;
		p[n++] = (unsigned char)(held >> bits);
	}
	/* A character that adds no byte, or bits no encoder writes: one value must have one text. */
	if (bits >= 5 || (held & ((1u << bits) - 1)) != 0)
		return NONE;
	return n;
}

void td_hex_encode(char *out, const void *bytes, size_t n)
{
	const unsigned char *p = bytes;

	for (size_t i = 0; i < n; i++) {
		*out++ = hex_alphabet[p[i] >> 4];
		*out++ = hex_alphabet[p[i] & 15];
	}
	*out = '\0';
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

size_t td_hex_decode(void *out, size_t cap, struct td_view v)
{
	unsigned char *p = out;

	if (v.n % 2 != 0 || v.n / 2 > cap)
		return NONE;
	for (size_t i = 0; i < v.n; i += 2) {
		int high = hex_value(v.p[i]), low = hex_value(v.p[i + 1]);

		if (high < 0 || low < 0)
			return NONE;
		p[i / 2] = (unsigned char)(high << 4 | low);
	}
	return v.n / 2;
}

/*
 * 80 random bits for one millisecond: new ones, or the last plus one in the same millisecond. The highest bit starts at
 * 0, so that counting cannot overflow.
 */
static void id_tail(unsigned char tail[10], int64_t now_ms)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	static unsigned char last[10];
	static int64_t last_ms = -1;

	pthread_mutex_lock(&lock);
	if (now_ms != last_ms) {
		td_random(last, sizeof(last));
		last[0] &= 0x7f;
		last_ms = now_ms;
	} else {
		for (size_t i = sizeof(last); i-- > 0 && ++last[i] == 0;)
			;
	}
	memcpy(tail, last, sizeof(last));
	pthread_mutex_unlock(&lock);
}

void td_id_new(char out[TD_ID_SIZE], int64_t now_ms)
{
	unsigned char tail[10];
	unsigned int bits = 0, held = 0;

	if (now_ms < 0)
		now_ms = 0;
	if (now_ms >> 48 != 0)
		now_ms = ((int64_t)1 << 48) - 1;
	id_tail(tail, now_ms);
	for (int i = 9; i >= 0; i--, now_ms >>= 5)
		out[i] = id_alphabet[now_ms & 31];
	out += 10;
	for (size_t i = 0; i < sizeof(tail); i++) { /* 80 bits are 16 characters exactly */
		held = (held << 8 | tail[i]) & 0xfff;
		for (bits += 8; bits >= 5; bits -= 5)
			*out++ = id_alphabet[held >> (bits - 5) & 31];
	}
	*out = '\0';
}

bool td_id_valid(struct td_view v)
{
	if (v.n != TD_ID_SIZE - 1 || v.p[0] < '0' || v.p[0] > '7') /* 26 characters hold 130 bits, an id has 128 */
		return false;
	for (size_t i = 0; i < v.n; i++) {
		char c = v.p[i] >= 'a' && v.p[i] <= 'z' ? (char)(v.p[i] - 'a' + 'A') : v.p[i];

		if (c == '\0' || !strchr(id_alphabet, c))
			return false;
	}
	return true;
}
