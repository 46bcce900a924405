/*
 * charname - characters by code and name, for people who wonder what is in a text
 */
#include "charname.h"

#include <assert.h>
#include <uniname.h>
#include <unistr.h>

static_assert(UNINAME_MAX <= TD_CHARNAME_SIZE, "room for every name");

size_t td_char_first(struct td_view text, uint32_t *scalar)
{
	ucs4_t c;
	int n;

	if (text.n == 0)
		return 0;
	n = u8_mbtouc(&c, (const uint8_t *)text.p, text.n);
	*scalar = c;
	return (size_t)n;
}

const char *td_char_name(uint32_t scalar, char out[TD_CHARNAME_SIZE])
{
	if (!unicode_character_name(scalar, out))
		*out = '\0';
	return out;
}
