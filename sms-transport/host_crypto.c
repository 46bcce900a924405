/*
 * host_crypto - services for plugins: HMAC, digests, signatures, comparison, UUID; over OpenSSL
 */
#include "host.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <string.h>

#include "crypto.h"

static const EVP_MD *digest_of(enum tandem_digest digest)
{
	switch (digest) {
	case TANDEM_MD5:
		return EVP_md5();
	case TANDEM_SHA1:
		return EVP_sha1();
	case TANDEM_SHA256:
		return EVP_sha256();
	case TANDEM_SHA512:
		return EVP_sha512();
	}
	return NULL;
}

static size_t service_hmac(enum tandem_digest digest, struct tandem_view key, struct tandem_view data,
	unsigned char *out)
{
	const EVP_MD *md = digest_of(digest);
	unsigned int n = 0;

	if (!md || key.n > INT32_MAX)
		return 0;
	/* OpenSSL takes a NULL key for "the key of before". */
	if (!HMAC(md, key.n ? key.p : "", (int)key.n, (const unsigned char *)(data.n ? data.p : ""), data.n, out, &n))
		return 0;
	return n;
}

static size_t service_digest(enum tandem_digest digest, struct tandem_view data, unsigned char *out)
{
	const EVP_MD *md = digest_of(digest);
	unsigned int n = 0;

	if (!md || !EVP_Digest(data.n ? data.p : "", data.n, out, &n, md, NULL))
		return 0;
	return n;
}

/*
 * The digest of a signature: NULL for Ed25519, which has its own. False for an unknown algorithm or a key of another
 * kind.
 */
static bool scheme(enum tandem_signature alg, const EVP_PKEY *key, const EVP_MD **md)
{
	switch (alg) {
	case TANDEM_RSA_SHA1:
		*md = EVP_sha1();
		return EVP_PKEY_base_id(key) == EVP_PKEY_RSA;
	case TANDEM_RSA_SHA256:
		*md = EVP_sha256();
		return EVP_PKEY_base_id(key) == EVP_PKEY_RSA;
	case TANDEM_ED25519:
		*md = NULL;
		return EVP_PKEY_base_id(key) == EVP_PKEY_ED25519;
	}
	return false;
}

/* Keys never have a pass phrase: asking for one on a terminal would block. */
static int no_phrase(char *buf, int size, int rw, void *arg)
{
	(void)buf, (void)size, (void)rw, (void)arg;
	return -1;
}

static struct tandem_view service_sign(struct tandem_call *call, enum tandem_signature alg, struct tandem_view key,
	struct tandem_view data)
{
	struct tandem_view out = { NULL, 0 };
	EVP_PKEY *pkey = NULL;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	BIO *bio = key.n && key.n <= INT32_MAX ? BIO_new_mem_buf(key.p, (int)key.n) : NULL;
	const EVP_MD *md;
	const unsigned char *bytes = (const unsigned char *)(data.n ? data.p : "");
	unsigned char *sig;
	size_t n = 0;

	if (bio)
		pkey = PEM_read_bio_PrivateKey(bio, NULL, no_phrase, NULL);
	if (!ctx || !pkey || !scheme(alg, pkey, &md)) {
		call->host->error(call, "the private key cannot be used (want PEM, without pass phrase, of the right kind)");
		goto out;
	}
	if (EVP_DigestSignInit(ctx, NULL, md, NULL, pkey) != 1 || EVP_DigestSign(ctx, NULL, &n, bytes, data.n) != 1) {
		call->host->error(call, "signing failed");
		goto out;
	}
	sig = call->host->alloc(call, n);
	if (!sig)
		goto out;
	if (EVP_DigestSign(ctx, sig, &n, bytes, data.n) == 1)
		out = (struct tandem_view){ (const char *)sig, n };
	else
		call->host->error(call, "signing failed");
out:
	BIO_free(bio);
	EVP_PKEY_free(pkey);
	EVP_MD_CTX_free(ctx);
	return out;
}

static EVP_PKEY *public_key(enum tandem_signature alg, struct tandem_view key)
{
	EVP_PKEY *pkey = NULL;
	X509 *cert;
	BIO *bio;

	if (!key.n || key.n > INT32_MAX)
		return NULL;
	if (alg == TANDEM_ED25519 && key.n == 32)
		return EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, (const unsigned char *)key.p, key.n);
	bio = BIO_new_mem_buf(key.p, (int)key.n);
	if (!bio)
		return NULL;
	pkey = PEM_read_bio_PUBKEY(bio, NULL, no_phrase, NULL);
	BIO_free(bio);
	if (pkey)
		return pkey;
	bio = BIO_new_mem_buf(key.p, (int)key.n);
	cert = bio ? PEM_read_bio_X509(bio, NULL, no_phrase, NULL) : NULL;
	if (cert)
		pkey = X509_get_pubkey(cert);
	X509_free(cert);
	BIO_free(bio);
	return pkey;
}

static bool service_verify(enum tandem_signature alg, struct tandem_view key, struct tandem_view data,
	struct tandem_view signature)
{
	EVP_PKEY *pkey = public_key(alg, key);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	const EVP_MD *md;
	bool good;

	good = ctx && pkey && signature.n && scheme(alg, pkey, &md) &&
		EVP_DigestVerifyInit(ctx, NULL, md, NULL, pkey) == 1 &&
		EVP_DigestVerify(ctx, (const unsigned char *)signature.p, signature.n,
			(const unsigned char *)(data.n ? data.p : ""), data.n) == 1;
	EVP_PKEY_free(pkey);
	EVP_MD_CTX_free(ctx);
	return good;
}

static bool service_secret_eq(struct tandem_view a, struct tandem_view b)
{
	return a.n == b.n && (!a.n || td_secret_eq(a.p, b.p, a.n));
}

static struct tandem_view service_uuid(struct tandem_call *call, const unsigned char bytes[16])
{
	unsigned char b[16];

	memcpy(b, bytes, sizeof(b));
	b[6] = (b[6] & 0x0f) | 0x40;
	b[8] = (b[8] & 0x3f) | 0x80;
	return call->host->print(call, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1],
		b[2],
		b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
}

void host_fill_crypto(struct tandem_host *host)
{
	host->hmac = service_hmac;
	host->digest = service_digest;
	host->sign = service_sign;
	host->verify = service_verify;
	host->secret_eq = service_secret_eq;
	host->uuid = service_uuid;
}
