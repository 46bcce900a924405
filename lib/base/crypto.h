/*
 * crypto - the few primitives the store and the host need, over OpenSSL
 *
 * Threads: safe. Errors: OpenSSL failing on these inputs means the library is broken; the process aborts.
 */
#ifndef TD_CRYPTO_H
#define TD_CRYPTO_H

#include "view.h"

#define TD_SHA256_SIZE 32

void td_sha256(unsigned char out[TD_SHA256_SIZE], struct td_view data);
/* HMAC-SHA-256 (RFC 2104). */
void td_hmac_sha256(unsigned char out[TD_SHA256_SIZE], struct td_view key, struct td_view data);
/* Constant-time equality of n bytes. */
bool td_secret_eq(const void *a, const void *b, size_t n);
/* Overwrites n bytes in a way the compiler keeps. */
void td_secret_wipe(void *p, size_t n);

#endif
