/*
 * base_crypto - SHA-256 and HMAC against published vectors
 */
#include <string.h>

#include "codec.h"
#include "crypto.h"
#include "tap.h"

static void is_digest(const unsigned char *digest, const char *want, const char *name)
{
	char text[2 * TD_SHA256_SIZE + 1];

	td_hex_encode(text, digest, TD_SHA256_SIZE);
	is_str(text, want, "%s", name);
}

int main(void)
{
	unsigned char digest[TD_SHA256_SIZE], key[131];
	char secret[] = "secret";

	/* FIPS 180-4 */
	td_sha256(digest, td_view_str("abc"));
	is_digest(digest, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", "SHA-256 of abc");
	td_sha256(digest, td_view_str(NULL));
	is_digest(digest, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "SHA-256 of nothing");
	/* RFC 4231, cases 2 and 6 */
	td_hmac_sha256(digest, td_view_str("Jefe"), td_view_str("what do ya want for nothing?"));
	is_digest(digest, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843", "HMAC, short key");
	memset(key, 0xaa, sizeof(key));
	td_hmac_sha256(digest, td_view_mem(key, sizeof(key)),
		td_view_str("Test Using Larger Than Block-Size Key - Hash Key First"));
	is_digest(digest, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54", "HMAC, key over a block");
	td_hmac_sha256(digest, td_view_str(NULL), td_view_str(NULL));
	is_digest(digest, "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad", "HMAC, nothing with no key");
	ok(td_secret_eq("abcd", "abcd", 4), "equal");
	ok(!td_secret_eq("abcd", "abce", 4), "the last byte counts");
	ok(!td_secret_eq("abcd", "bbcd", 4), "the first byte counts");
	ok(td_secret_eq("a", "b", 0), "nothing equals nothing");
	td_secret_wipe(secret, sizeof(secret));
	is_mem(secret, sizeof(secret), "\0\0\0\0\0\0\0", 7, "wiped");
	return done_testing();
}
