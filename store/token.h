/*
 * token - opaque tokens: 16 bytes that name something ‖ a MAC that only we can make
 *
 * base32, lower case: 16 bytes (random, or an id of 16 bytes) ‖ the first 10 bytes of HMAC-SHA-256(key, those 16),
 * where key = HMAC-SHA-256(secret, purpose). A token of one purpose is none of another. The secret may hold several
 * lines: the first mints, all verify, so that a new line put first rotates the key and tokens stay valid until the old
 * line is removed.
 *
 * Owns: nothing; derived keys are wiped. Threads: safe. Errors: as told.
 */
#ifndef TD_TOKEN_H
#define TD_TOKEN_H

#include "err.h"
#include "view.h"

#define TD_TOKEN_ID 16
#define TD_TOKEN_MAC 10
#define TD_TOKEN_SIZE 43       /* 42 characters and NUL */
#define TD_TOKEN_SECRET_MIN 16 /* bytes of one line of the secret */

#define TD_TOKEN_SMS "sms"   /* t-TOKEN: a prepared mail */
#define TD_TOKEN_SELF "self" /* X-Tandem-Self */
#define TD_TOKEN_UNSUBSCRIBE "unsubscribe" /* u-TOKEN and /u/TOKEN of List-Unsubscribe: can only deny */

/* Is the secret fit for use: at least one line, none shorter than TD_TOKEN_SECRET_MIN? TD_BADINPUT says which line is
 * not. */
enum td_status td_token_secret_check(struct td_view secret, struct td_err *err);
/* The token for these 16 bytes. The secret has passed td_token_secret_check. */
void td_token_make(
	char out[TD_TOKEN_SIZE], struct td_view secret, const char *purpose, const unsigned char id[TD_TOKEN_ID]);
/* A token of 16 new random bytes, which are left in id. */
void td_token_mint(char out[TD_TOKEN_SIZE], struct td_view secret, const char *purpose, unsigned char id[TD_TOKEN_ID]);
/*
 * True if token (either case) is one of ours for that purpose, under any line of the secret; its 16 bytes are then in
 * id, which is untouched otherwise. Compared in constant time.
 */
bool td_token_verify(struct td_view token, struct td_view secret, const char *purpose, unsigned char id[TD_TOKEN_ID]);

#endif
