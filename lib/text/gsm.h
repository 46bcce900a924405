/*
 * gsm - segment counts, smart encoding and truncation of texts in GSM 03.38 or UCS-2
 *
 * Sources: 3GPP TS 23.038 (alphabets), TS 23.040 §9.2.3.24 (concatenation). Tables come from lib/text/data (origin in
 * each file). Threads: pure. Text is UTF-8 without NUL; the caller has checked it (td_view_utf8). "national" is a set
 * of TD_NATIONAL(language): whose shift tables may be used; 0 for none.
 */
#ifndef TD_GSM_H
#define TD_GSM_H

#include "alphabet.h"
#include "arena.h"
#include "err.h"
#include "view.h"

enum td_encoding { TD_ENC_GSM7, TD_ENC_UCS2 };

/* Capacity of a text that goes alone, and of each part of a longer one (with an 8-bit reference: 6 of 140 octets). */
enum { TD_GSM7_ONE = 160, TD_GSM7_PART = 153, TD_UCS2_ONE = 70, TD_UCS2_PART = 67 };

struct td_segments {
	enum td_encoding   encoding;
	int                segments;    /* 0 for the empty text */
	int                units;       /* septets or UTF-16 units, all segments */
	int                per_segment; /* capacity of each: 160/153 or 70/67; less with national tables */
	struct td_alphabet alphabet;    /* national tables used (GSM7 only) */
};

const char *td_encoding_name(enum td_encoding encoding); /* "gsm7", "ucs2" */

/* Septets a scalar takes in GSM 03.38 default + extension: 1, 2, or 0 when it is in neither. */
int td_gsm_septets(uint32_t scalar);

/*
 * Segments of a text, never splitting an escape pair, a surrogate pair or a grapheme (UAX #29 extended clusters,
 * Unicode 14 in Debian 12's libunistring: without the conjunct rule of 15.1). A grapheme longer than a segment is
 * split between scalars. Plain GSM 03.38 if it has all characters; else the allowed national tables that take the
 * fewest segments, the cheaper header winning a tie; else UCS-2.
 */
void td_segments_count(struct td_view text, unsigned national, struct td_segments *out);
/* Bytes that go into the next segment of a text that was counted: rest is what no segment has taken yet, not empty. */
size_t td_segments_next(struct td_view rest, const struct td_segments *count);

/*
 * Smart encoding: replaces characters, by a table, when that makes the WHOLE text GSM 03.38, or else a text in the
 * allowed national tables; else the text is returned as it is (bidi marks, ZWJ and variation selectors must survive in
 * Unicode text). level: 0 off, 1 typography (quotes, dashes, NBSP, zero width …), 2 also look-alikes (full-width,
 * fractions …), 3 also accents, (C), ligatures. At any level: NFC, line ends → LF, controls dropped, TAB → space.
 * *replaced (may be NULL) counts the characters the table changed. *out may point into text. TD_NOMEM only.
 */
enum td_status td_text_smart(struct td_view text, int level, unsigned national, struct td_arena *arena,
	struct td_view *out, int *replaced, struct td_err *err);

/*
 * Whether there is anything to see: not only white space, controls, zero width characters, bidi marks, fillers (the
 * blank Braille cell and Hangul ones too) and combining marks without a letter.
 */
bool td_text_visible(struct td_view text);

/*
 * Cuts text so that text + "…" + suffix takes at most max_segments, at a grapheme; "..." where that keeps the text
 * GSM 03.38 and so keeps more of it. White space before the cut goes; bidi embeddings and isolates that are open at the
 * cut are closed after the "…". suffix (opt-out hint) may be empty. When nothing needs cutting, returns text + suffix.
 * TD_TOOBIG 5.2.3 when nothing of text that can be seen fits beside the suffix, TD_NOMEM.
 */
enum td_status td_text_truncate(struct td_view text, struct td_view suffix, int max_segments, unsigned national,
	struct td_arena *arena, struct td_view *out, struct td_err *err);

#endif
