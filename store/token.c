/*
 * token - opaque tokens: 16 bytes that name something ‖ a MAC that only we can make
 */
#include "token.h"

#include "clock.h"
#include "codec.h"
#include "crypto.h"

#define BYTES (TD_TOKEN_ID + TD_TOKEN_MAC)

_Static_assert(TD_TOKEN_SIZE == TD_BASE32_LEN(BYTES) + 1, "size of a token");

/* Takes the next line that is not empty off the secret. */
static bool next_line(struct td_view *rest, struct td_view *line)
{
	while (td_view_next(rest, '\n', line)) {
		if (line->n)
			return true;
	}
	return false;
}

enum td_status td_token_secret_check(struct td_view secret, struct td_err *err)
{
	struct td_view rest = secret, line;
	size_t nlines = 0;

	while (next_line(&rest, &line)) {
		nlines++;
		if (line.n < TD_TOKEN_SECRET_MIN)
			return td_err_set(err, TD_BADINPUT,
				"secret: key %zu is shorter than %d bytes (make one with: openssl rand -hex 32)", nlines,
				TD_TOKEN_SECRET_MIN);
	}
	if (!nlines)
		return td_err_set(err, TD_BADINPUT, "secret: it is empty (make one with: openssl rand -hex 32)");
	return TD_OK;
}

static void make_mac(
	unsigned char mac[TD_SHA256_SIZE], struct td_view line, const char *purpose, const unsigned char id[TD_TOKEN_ID])
{
	unsigned char key[TD_SHA256_SIZE];

	td_hmac_sha256(key, line, td_view_str(purpose));
	td_hmac_sha256(mac, td_view_mem(key, sizeof(key)), td_view_mem(id, TD_TOKEN_ID));
	td_secret_wipe(key, sizeof(key));
}

void td_token_make(
	char out[TD_TOKEN_SIZE], struct td_view secret, const char *purpose, const unsigned char id[TD_TOKEN_ID])
{
	unsigned char mac[TD_SHA256_SIZE], bytes[BYTES];
	struct td_view rest = secret, line = { 0 };

	next_line(&rest, &line);
	make_mac(mac, line, purpose, id);
	memcpy(bytes, id, TD_TOKEN_ID);
	memcpy(bytes + TD_TOKEN_ID, mac, TD_TOKEN_MAC);
	td_base32_encode(out, bytes, sizeof(bytes));
}

void td_token_mint(char out[TD_TOKEN_SIZE], struct td_view secret, const char *purpose, unsigned char id[TD_TOKEN_ID])
{
	td_random(id, TD_TOKEN_ID);
	td_token_make(out, secret, purpose, id);
}

bool td_token_verify(struct td_view token, struct td_view secret, const char *purpose, unsigned char id[TD_TOKEN_ID])
{
	unsigned char mac[TD_SHA256_SIZE], bytes[BYTES];
	struct td_view rest = secret, line;
	bool good = false;

	if (token.n != TD_TOKEN_SIZE - 1 || td_base32_decode(bytes, sizeof(bytes), token) != sizeof(bytes))
		return false;
	/* every line is tried, so that the time tells nothing of which one it was */
	while (next_line(&rest, &line)) {
		make_mac(mac, line, purpose, bytes);
		good |= td_secret_eq(mac, bytes + TD_TOKEN_ID, TD_TOKEN_MAC);
	}
	td_secret_wipe(mac, sizeof(mac));
	if (good)
		memcpy(id, bytes, TD_TOKEN_ID);
	return good;
}
