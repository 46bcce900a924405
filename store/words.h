/*
 * words - what an inbound text asks for: STOP, START, HELP, or nothing we act on (policy §9)
 *
 * The text is normalised (Unicode compatibility forms, case, accents, Arabic hamza and vowel signs, punctuation,
 * quotes, emoji, runs of space; S.T.O.P. is STOP), then: (1) the whole text is a word of the list; (2) a STOP word
 * stands first or last among at most 4 words; (3) a STOP phrase stands anywhere; (4) a one-word text is one edit (a
 * letter changed, added, left out, or two swapped) away from a STOP word of 5 letters or more. 2 to 4 are fuzzy. The
 * words are data: data/words.tsv.
 *
 * Owns: a table made at the first call. Threads: safe. Errors: false when out of memory: ask again, do not take it for
 * "nothing".
 */
#ifndef TD_WORDS_H
#define TD_WORDS_H

#include "view.h"

enum td_word_action { TD_WORD_NONE, TD_WORD_STOP, TD_WORD_START, TD_WORD_HELP };

struct td_word {
	enum td_word_action action;
	bool fuzzy;           /* by rule 2, 3 or 4: source keyword_fuzzy */
	const char *language; /* BCP 47 of the word that matched; "" for one that is used in every language; static */
};

/* region: ISO 3166 alpha-2 of the sender's number, or NULL or "" when it is not known: words tied to countries do not
 * count then. */
bool td_words_classify(struct td_view text, const char *region, struct td_word *out);

/* "stop", "start", "help", "none". */
const char *td_word_action_name(enum td_word_action action);

#define TD_WORDS_TEXT 2048 /* bytes of a normalised text, with NUL; what is longer is cut */
/* The normalised text, NUL-terminated: words of letters and digits with one space between. Returns its length;
 * (size_t)-1: no memory. */
size_t td_words_normalise(struct td_view text, char out[TD_WORDS_TEXT]);

#endif
