/*
 * buf - a growing output buffer
 */
#include "buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define ROOM_FIRST 256

void td_buf_init(struct td_buf *buf, size_t cap)
{
	*buf = (struct td_buf){ .cap = cap };
}

/*
 * Where n more bytes go, with one more behind them for the NUL of td_buf_cstr; NULL once the buffer is bad. buf->n is
 * left to the caller.
 */
static char *reserve(struct td_buf *buf, size_t n)
{
	size_t room = buf->room ? buf->room : ROOM_FIRST;
	char *p;

	if (buf->bad || n > buf->cap - buf->n || buf->n + n == SIZE_MAX) {
		buf->bad = true;
		return NULL;
	}
	if (buf->p && buf->n + n < buf->room)
		return buf->p + buf->n;
	while (room <= buf->n + n)
		room = room > SIZE_MAX / 2 ? SIZE_MAX : room * 2;
	if (room - 1 > buf->cap) /* more than buf->n + n all the same */
		room = buf->cap + 1;
	p = realloc(buf->p, room);
	if (!p) {
		buf->bad = true;
		return NULL;
	}
	buf->p = p;
	buf->room = room;
	return p + buf->n;
}

void td_buf_add(struct td_buf *buf, struct td_view v)
{
	char *p = reserve(buf, v.n);

	if (!p || v.n == 0)
		return;
	memcpy(p, v.p, v.n);
	buf->n += v.n;
}

void td_buf_str(struct td_buf *buf, const char *s)
{
	td_buf_add(buf, td_view_str(s));
}

void td_buf_byte(struct td_buf *buf, char c)
{
	td_buf_add(buf, td_view_mem(&c, 1));
}

void td_buf_printf(struct td_buf *buf, const char *fmt, ...)
{
	va_list args, again;
	char *p = NULL;
	int n;

	va_start(args, fmt);
	va_copy(again, args);
	n = vsnprintf(NULL, 0, fmt, args);
	if (n < 0)
		buf->bad = true;
	else
		p = reserve(buf, (size_t)n);
	if (p) {
		vsnprintf(p, (size_t)n + 1, fmt, again);
		buf->n += (size_t)n;
	}
	va_end(again);
	va_end(args);
}

void td_buf_utf8(struct td_buf *buf, uint32_t scalar)
{
	char out[4];
	size_t n;

	if (scalar > 0x10ffff || (scalar >= 0xd800 && scalar <= 0xdfff))
		scalar = 0xfffd;
	n = scalar < 0x80 ? 1 : scalar < 0x800 ? 2 : scalar < 0x10000 ? 3 : 4;
	for (size_t i = n - 1; i > 0; i--) {
		out[i] = (char)(0x80 | (scalar & 0x3f));
		scalar >>= 6;
	}
	/* The first byte: n one bits, a zero, and what is left of the scalar. */
	out[0] = (char)(n == 1 ? scalar : (0xf00u >> n & 0xff) | scalar);
	td_buf_add(buf, td_view_mem(out, n));
}

/* The lowest n bytes of v, highest first. */
static void big_endian(struct td_buf *buf, uint64_t v, size_t n)
{
	char out[8];

	for (size_t i = 0; i < n; i++)
		out[i] = (char)(v >> (8 * (n - 1 - i)));
	td_buf_add(buf, td_view_mem(out, n));
}

void td_buf_u16(struct td_buf *buf, uint16_t v)
{
	big_endian(buf, v, 2);
}

void td_buf_u32(struct td_buf *buf, uint32_t v)
{
	big_endian(buf, v, 4);
}

void td_buf_u64(struct td_buf *buf, uint64_t v)
{
	big_endian(buf, v, 8);
}

bool td_buf_ok(const struct td_buf *buf)
{
	return !buf->bad;
}

struct td_view td_buf_view(const struct td_buf *buf)
{
	return (struct td_view){ buf->p, buf->n };
}

const char *td_buf_cstr(struct td_buf *buf)
{
	char *end = reserve(buf, 0);

	if (!end)
		return "";
	*end = '\0';
	return buf->p;
}

void td_buf_consume(struct td_buf *buf, size_t n)
{
	if (n == 0)
		return;
	buf->n -= n;
	memmove(buf->p, buf->p + n, buf->n);
}

void td_buf_reset(struct td_buf *buf)
{
	buf->n = 0;
	buf->bad = false;
}

void td_buf_free(struct td_buf *buf)
{
	if (!buf)
		return;
	free(buf->p);
	td_buf_init(buf, buf->cap);
}
