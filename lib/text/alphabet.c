/*
 * alphabet - the 7-bit alphabets of GSM 03.38: default, extension and national shift tables
 */
#include "alphabet.h"

/* In a byte: the single shift tables that hold a character (bits 1 to 3), the locking ones (bits 5 to 7). */
#define TD_SINGLE(language) (1 << (language))
#define TD_LOCKING(language) (16 << (language))

/* Octets of the user data, and of the header: its length, an element a national table, the element of concatenation. */
enum { USER_DATA = 140, UDH_LENGTH = 1, IE_NATIONAL = 3, IE_CONCAT = 5 };

/* Indexed by scalar: septets in the default alphabet, 0 for no character of it. The Euro sign is the highest. */
static const unsigned char plain[0x20AC + 1] = {
#define TD_ROW(scalar, code) [scalar] = 1,
#include "gsm0338_basic.inc"
#undef TD_ROW
#define TD_ROW(scalar, code) [scalar] = 2,
#include "gsm0338_extension.inc"
#undef TD_ROW
};

/* Indexed by scalar: the national tables that hold it. The sign for infinity is the highest. */
static const unsigned char national_tables[0x221E + 1] = {
#define TD_ROW(scalar, tables) [scalar] = (tables),
#include "national_shift_tables.inc"
#undef TD_ROW
};

const struct td_alphabet td_alphabets[TD_ALPHABETS] = {
	{ TD_LANG_NONE, TD_LANG_NONE },
	{ TD_LANG_TR, TD_LANG_NONE },
	{ TD_LANG_ES, TD_LANG_NONE },
	{ TD_LANG_PT, TD_LANG_NONE },
	{ TD_LANG_NONE, TD_LANG_TR },
	{ TD_LANG_NONE, TD_LANG_PT },
	{ TD_LANG_TR, TD_LANG_TR },
	{ TD_LANG_PT, TD_LANG_PT },
};

bool td_alphabet_allowed(const struct td_alphabet *alphabet, unsigned national)
{
	unsigned used = TD_NATIONAL(alphabet->single) | TD_NATIONAL(alphabet->locking);

	return (used & ~(national | TD_NATIONAL(TD_LANG_NONE))) == 0;
}

int td_alphabet_septets(const struct td_alphabet *alphabet, uint32_t scalar)
{
	int normal = scalar < sizeof(plain) ? plain[scalar] : 0;
	int tables;

	if (!alphabet->single && !alphabet->locking)
		return normal;
	tables = scalar < sizeof(national_tables) ? national_tables[scalar] : 0;
	if (alphabet->locking ? tables & TD_LOCKING(alphabet->locking) : normal == 1)
		return 1;
	return (alphabet->single ? tables & TD_SINGLE(alphabet->single) : normal == 2) ? 2 : 0;
}

static int capacity(const struct td_alphabet *alphabet, int elements)
{
	elements += (alphabet->single ? IE_NATIONAL : 0) + (alphabet->locking ? IE_NATIONAL : 0);
	return (USER_DATA - (elements ? elements + UDH_LENGTH : 0)) * 8 / 7;
}

int td_alphabet_one(const struct td_alphabet *alphabet)
{
	return capacity(alphabet, 0);
}

int td_alphabet_part(const struct td_alphabet *alphabet)
{
	return capacity(alphabet, IE_CONCAT);
}

enum td_language td_alphabet_language(struct td_view code)
{
	static const char *const codes[] = { "tr", "es", "pt" };
	int i;

	for (i = 0; i < 3; i++)
		if (td_view_eq(code, td_view_str(codes[i])))
			return (enum td_language)(TD_LANG_TR + i);
	return TD_LANG_NONE;
}
