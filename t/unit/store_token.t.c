/*
 * store_token.t - tokens: only ours verify, for their purpose, across a change of key
 */
#include <ctype.h>

#include "tap.h"
#include "token.h"

static const struct td_view secret = { "0123456789abcdef0123456789abcdef", 32 };

static void test_mint(void)
{
	char token[TD_TOKEN_SIZE], other[TD_TOKEN_SIZE];
	unsigned char id[TD_TOKEN_ID], got[TD_TOKEN_ID];
	bool lower = true;

	td_token_mint(token, secret, TD_TOKEN_SMS, id);
	is_int(strlen(token), TD_TOKEN_SIZE - 1, "a token has 42 characters");
	for (const char *p = token; *p; p++)
		lower = lower && (islower((unsigned char)*p) || (*p >= '2' && *p <= '7'));
	ok(lower, "… of lower-case base32");
	ok(td_token_verify(td_view_str(token), secret, TD_TOKEN_SMS, got), "it verifies");
	is_mem(got, sizeof(got), id, sizeof(id), "… and gives back its 16 bytes");
	td_token_mint(other, secret, TD_TOKEN_SMS, id);
	ok(strcmp(token, other), "two tokens differ");
	td_token_make(other, secret, TD_TOKEN_SMS, got);
	is_str(other, token, "the same 16 bytes make the same token");
	for (char *p = token; *p; p++)
		*p = (char)toupper((unsigned char)*p);
	ok(td_token_verify(td_view_str(token), secret, TD_TOKEN_SMS, got),
		"upper case verifies: mail systems may change it");
}

static void test_forged(void)
{
	char token[TD_TOKEN_SIZE], bad[64];
	unsigned char id[TD_TOKEN_ID], untouched[TD_TOKEN_ID] = { 7 }, want[TD_TOKEN_ID] = { 7 };
	int accepted = 0;

	td_token_mint(token, secret, TD_TOKEN_SMS, id);
	for (size_t i = 0; i + 1 < TD_TOKEN_SIZE; i++) {
		memcpy(bad, token, sizeof(token));
		bad[i] = bad[i] == 'a' ? 'b' : 'a';
		accepted += td_token_verify(td_view_str(bad), secret, TD_TOKEN_SMS, untouched);
	}
	is_int(accepted, 0, "with any one character changed it does not verify");
	is_mem(untouched, sizeof(untouched), want, sizeof(want), "… and nothing is written");
	ok(!td_token_verify(td_view_str(token), secret, TD_TOKEN_SELF, untouched),
		"a token of one purpose is none of another");
	ok(!td_token_verify(td_view_str(token), TD_VLIT("another secret, long enough"), TD_TOKEN_SMS, untouched),
		"nor under another secret");
	ok(!td_token_verify(td_view_mem(token, TD_TOKEN_SIZE - 2), secret, TD_TOKEN_SMS, untouched),
		"one character short: no");
	memcpy(bad, token, sizeof(token));
	bad[TD_TOKEN_SIZE - 1] = 'a';
	ok(!td_token_verify(td_view_mem(bad, TD_TOKEN_SIZE), secret, TD_TOKEN_SMS, untouched), "one character more: no");
	ok(!td_token_verify((struct td_view){ 0 }, secret, TD_TOKEN_SMS, untouched), "an empty token: no");
	bad[3] = '=';
	ok(!td_token_verify(td_view_mem(bad, TD_TOKEN_SIZE - 1), secret, TD_TOKEN_SMS, untouched),
		"what is not base32: no");
	ok(!td_token_verify(td_view_str(token), (struct td_view){ 0 }, TD_TOKEN_SMS, untouched),
		"without a secret nothing verifies");
}

static void test_rotation(void)
{
	char before[TD_TOKEN_SIZE], after[TD_TOKEN_SIZE];
	unsigned char id[TD_TOKEN_ID];
	struct td_view both = TD_VLIT("a new key, in front of it\r\n\n0123456789abcdef0123456789abcdef\n");
	struct td_view fresh = TD_VLIT("a new key, in front of it\n");

	td_token_mint(before, secret, TD_TOKEN_SMS, id);
	td_token_mint(after, both, TD_TOKEN_SMS, id);
	ok(td_token_verify(td_view_str(before), both, TD_TOKEN_SMS, id),
		"a token of the old key verifies while its line is there");
	ok(td_token_verify(td_view_str(after), fresh, TD_TOKEN_SMS, id), "new tokens are of the first line");
	ok(!td_token_verify(td_view_str(after), secret, TD_TOKEN_SMS, id), "… not of the old one");
	ok(!td_token_verify(td_view_str(before), fresh, TD_TOKEN_SMS, id), "once the old line is gone its tokens are too");
}

static void test_secret(void)
{
	struct td_err err = { 0 };

	is_int(td_token_secret_check(secret, &err), TD_OK, "a secret of 32 bytes will do");
	is_int(td_token_secret_check(TD_VLIT("\n\n"), &err), TD_BADINPUT, "an empty one will not");
	like(err.text, "empty", "… and it is said");
	is_int(
		td_token_secret_check(TD_VLIT("0123456789abcdef\nshort\n"), &err), TD_BADINPUT, "a short second key will not");
	like(err.text, "key 2", "… and it is said which");
	unlike(err.text, "short\n", "… without showing it");
}

int main(void)
{
	test_mint();
	test_forged();
	test_rotation();
	test_secret();
	return done_testing();
}
