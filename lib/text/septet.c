/*
 * septet - text ↔ septets of GSM 03.38, unpacked: one an octet
 */
#include "septet.h"

#include "scalar.h"

enum { ESCAPE = 0x1B, SEPTETS = 128, LANGUAGES = TD_LANG_PT + 1 };

/* Scalars by septet; 0 where there is none. Language 0 has the basic and the extension table. */
#define TD_ROW(scalar, code) [0][code] = (scalar),
#define TD_CELL(kind, language, code, scalar) kind([language][code] = (scalar))
#define TD_NOTHING(cell)
#define TD_TAKE(cell) cell,

static const uint16_t locking_tables[LANGUAGES][SEPTETS] = {
#include "gsm0338_basic.inc"
#undef TD_ROW
#define TD_ROW(scalar, tables)
#define TD_LOCKING TD_TAKE
#define TD_SINGLE TD_NOTHING
#include "national_shift_tables.inc"
#undef TD_LOCKING
#undef TD_SINGLE
#undef TD_ROW
};

static const uint16_t single_tables[LANGUAGES][SEPTETS] = {
#define TD_ROW(scalar, code) [0][code] = (scalar),
#include "gsm0338_extension.inc"
#undef TD_ROW
#define TD_ROW(scalar, tables)
#define TD_LOCKING TD_NOTHING
#define TD_SINGLE TD_TAKE
#include "national_shift_tables.inc"
#undef TD_LOCKING
#undef TD_SINGLE
#undef TD_ROW
};

/* The septet of a scalar in a table, -1 for none. */
static int find(const uint16_t table[SEPTETS], uint32_t scalar)
{
	for (int i = 0; i < SEPTETS; i++) {
		if (table[i] == scalar)
			return i;
	}
	return -1;
}

bool td_septet_encode(const struct td_alphabet *alphabet, struct td_view text, struct td_buf *out)
{
	const char *p = text.p;
	const char *end = text.n ? text.p + text.n : text.p;

	while (p != end) {
		uint32_t scalar = td_scalar_next(&p, end);
		int septet = scalar ? find(locking_tables[alphabet->locking], scalar) : -1;

		if (septet < 0) {
			septet = scalar ? find(single_tables[alphabet->single], scalar) : -1;
			if (septet < 0)
				return false;
			td_buf_byte(out, ESCAPE);
		}
		td_buf_byte(out, (char)septet);
	}
	return true;
}

void td_septet_decode(const struct td_alphabet *alphabet, struct td_view septets, struct td_buf *out)
{
	const uint16_t *table = locking_tables[alphabet->locking];
	const uint16_t *shifted = single_tables[alphabet->single];

	for (size_t i = 0; i < septets.n; i++) {
		unsigned char c = (unsigned char)septets.p[i];
		uint32_t scalar;

		if (c == ESCAPE && ++i < septets.n) {
			c = (unsigned char)septets.p[i];
			scalar = c == ESCAPE ? ' ' : c >= SEPTETS ? 0 : shifted[c] ? shifted[c] : table[c];
		} else {
			scalar = c == ESCAPE ? ' ' : c >= SEPTETS ? 0 : table[c];
		}
		td_buf_utf8(out, scalar ? scalar : 0xFFFD);
	}
}
