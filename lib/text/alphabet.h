/*
 * alphabet - the 7-bit alphabets of GSM 03.38: default, extension and national shift tables
 *
 * A septet means what the locking shift table says (default: the basic table), and after an escape what the single
 * shift table says (default: the extension table). Which tables a text uses stands in its user data header, so that a
 * table costs room in each part. Sources: 3GPP TS 23.038 §6.2.1 and annex A, TS 23.040 §9.2.3.24; tables in
 * lib/text/data. Threads: pure.
 */
#ifndef TD_ALPHABET_H
#define TD_ALPHABET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "view.h"

/* National language identifiers of TS 23.038 §6.2.1.2.4, as far as there are tables here. */
enum td_language { TD_LANG_NONE, TD_LANG_TR, TD_LANG_ES, TD_LANG_PT };

/* A set of languages. */
#define TD_NATIONAL(language) (1u << (language))
#define TD_NATIONAL_ALL (TD_NATIONAL(TD_LANG_TR) | TD_NATIONAL(TD_LANG_ES) | TD_NATIONAL(TD_LANG_PT))

struct td_alphabet {
	uint8_t single;  /* language of the single shift table, TD_LANG_NONE: the extension table */
	uint8_t locking; /* language of the locking shift table, TD_LANG_NONE: the basic table */
};

/*
 * All there are, the better to have first: without national tables, then with a single shift table, with a locking one,
 * with both. Tables of two languages are never mixed, and Spanish has no locking one.
 */
#define TD_ALPHABETS 8
extern const struct td_alphabet td_alphabets[TD_ALPHABETS];

/* Whether its tables are of languages in the set. */
bool td_alphabet_allowed(const struct td_alphabet *alphabet, unsigned national);

/* Septets a scalar takes: 1, 2 with an escape, or 0 when it has none. */
int td_alphabet_septets(const struct td_alphabet *alphabet, uint32_t scalar);

/*
 * Septets that a text alone, or each part of a longer one (with an 8-bit reference), has room for: 160 and 153 without
 * national tables.
 */
int td_alphabet_one(const struct td_alphabet *alphabet);
int td_alphabet_part(const struct td_alphabet *alphabet);

/* "tr", "es", "pt" → the language; else TD_LANG_NONE. */
enum td_language td_alphabet_language(struct td_view code);

#endif
