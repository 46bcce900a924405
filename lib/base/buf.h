/*
 * buf - a growing output buffer with a cap and a sticky error
 *
 * Owns: its bytes (malloc). Threads: one at a time. Writers never fail one by one: after the first failure (cap or
 * memory) every further write is dropped and td_buf_ok answers false; the caller checks once at the end.
 */
#ifndef TD_BUF_H
#define TD_BUF_H

#include "view.h"

struct td_buf {
	char  *p;
	size_t n;    /* bytes written */
	size_t room; /* bytes allocated */
	size_t cap;  /* bytes at most */
	bool   bad;
};

void td_buf_init(struct td_buf *buf, size_t cap);
void td_buf_add(struct td_buf *buf, struct td_view v);
void td_buf_str(struct td_buf *buf, const char *s);
void td_buf_byte(struct td_buf *buf, char c);
void td_buf_printf(struct td_buf *buf, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* One Unicode scalar value as UTF-8; anything else (a surrogate, over U+10FFFF) becomes U+FFFD. */
void td_buf_utf8(struct td_buf *buf, uint32_t scalar);
/* Big-endian integers, for the wire. */
void td_buf_u16(struct td_buf *buf, uint16_t v);
void td_buf_u32(struct td_buf *buf, uint32_t v);
void td_buf_u64(struct td_buf *buf, uint64_t v);
bool td_buf_ok(const struct td_buf *buf);
/* What was written; valid until the next write. */
struct td_view td_buf_view(const struct td_buf *buf);
/* NUL-terminated (the NUL is not counted); "" after a failure. */
const char *td_buf_cstr(struct td_buf *buf);
/* Drops the first n bytes (n ≤ buf->n). */
void td_buf_consume(struct td_buf *buf, size_t n);
/* Empties, keeps the memory, clears the error. */
void td_buf_reset(struct td_buf *buf);
void td_buf_free(struct td_buf *buf);

#endif
