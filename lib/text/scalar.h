/*
 * scalar - reading UTF-8 a scalar at a time
 *
 * Threads: pure.
 */
#ifndef TD_SCALAR_H
#define TD_SCALAR_H

#include <stddef.h>
#include <stdint.h>
#include <unistr.h>

/* Reads one scalar at *p (*p < end), which moves on. A malformed byte, which no caller hands in, reads as U+FFFD. */
static inline uint32_t td_scalar_next(const char **p, const char *end)
{
	ucs4_t c = (unsigned char)**p;

	if (c < 0x80) {
		++*p;
		return c;
	}
	*p += u8_mbtouc(&c, (const uint8_t *)*p, (size_t)(end - *p));
	return c;
}

/* UTF-16 units it takes. */
static inline int td_scalar_units(uint32_t scalar)
{
	return scalar > 0xFFFF ? 2 : 1;
}

#endif
