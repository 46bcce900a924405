/*
 * crypto - SHA-256, HMAC and constant-time equality over OpenSSL
 */
#include "crypto.h"

#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <stdlib.h>

void td_sha256(unsigned char out[TD_SHA256_SIZE], struct td_view data)
{
	if (!SHA256((const unsigned char *)data.p, data.n, out))
		abort();
}

void td_hmac_sha256(unsigned char out[TD_SHA256_SIZE], struct td_view key, struct td_view data)
{
	const void *bytes = key.p ? key.p : ""; /* HMAC() takes NULL for "the key before" */
	unsigned int n = 0;

	if (key.n > INT_MAX)
		abort();
	if (!HMAC(EVP_sha256(), bytes, (int)key.n, (const unsigned char *)data.p, data.n, out, &n) || n != TD_SHA256_SIZE)
		abort();
}

bool td_secret_eq(const void *a, const void *b, size_t n)
{
	return CRYPTO_memcmp(a, b, n) == 0;
}

void td_secret_wipe(void *p, size_t n)
{
	OPENSSL_cleanse(p, n);
}
