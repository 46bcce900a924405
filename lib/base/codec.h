/*
 * codec - base32 (RFC 4648, lower case, no padding), hex, and time-ordered ids
 *
 * Threads: pure, but for td_id_new which is thread-safe.
 */
#ifndef TD_CODEC_H
#define TD_CODEC_H

#include "view.h"

/* Characters base32 needs for n bytes, without NUL. */
#define TD_BASE32_LEN(n) (((n) * 8 + 4) / 5)
/* Size of an id with its NUL: 26 characters of Crockford base32, 48 bits of milliseconds then 80 random bits (ULID). */
#define TD_ID_SIZE 27

/* Writes TD_BASE32_LEN(n) characters and a NUL. */
void td_base32_encode(char *out, const void *bytes, size_t n);
/* Decodes v (either case) into at most cap bytes; returns the byte count or (size_t)-1 (bad character, too long, or
 * non-zero padding bits). */
size_t td_base32_decode(void *out, size_t cap, struct td_view v);
/* 2n lower-case characters and a NUL. */
void td_hex_encode(char *out, const void *bytes, size_t n);
size_t td_hex_decode(void *out, size_t cap, struct td_view v);
/* A new id for now_ms; ids made by one process in one millisecond still increase. */
void td_id_new(char out[TD_ID_SIZE], int64_t now_ms);
/* True for 26 characters of the id alphabet (either case). */
bool td_id_valid(struct td_view v);

#endif
