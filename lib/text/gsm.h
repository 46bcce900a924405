/*
 * gsm - GSM 03.38 alphabets, smart encoding and segment counts
 *
 * Sources: 3GPP TS 23.038 (alphabets), TS 23.040 §9.2.3.24 (concatenation). Tables come from lib/text/data (origin in
 * each file). Threads: pure. Text is UTF-8 without NUL; the caller has checked it (td_view_utf8).
 */
#ifndef TD_GSM_H
#define TD_GSM_H

#include "arena.h"
#include "err.h"
#include "view.h"

enum td_encoding { TD_ENC_GSM7, TD_ENC_UCS2 };

/* Capacity of a text that goes alone, and of each part of a longer one (with an 8-bit reference: 6 of 140 octets). */
enum { TD_GSM7_ONE = 160, TD_GSM7_PART = 153, TD_UCS2_ONE = 70, TD_UCS2_PART = 67 };

struct td_segments {
	enum td_encoding encoding;
	int              segments;    /* 0 for the empty text */
	int              units;       /* septets or UTF-16 units, all segments */
	int              per_segment; /* capacity of each: 160/153 or 70/67 */
};

const char *td_encoding_name(enum td_encoding encoding); /* "gsm7", "ucs2" */

/* Septets a scalar takes in GSM 03.38 default + extension: 1, 2, or 0 when it is in neither. */
int td_gsm_septets(uint32_t scalar);

/*
 * Segments of a text, never splitting an escape pair, a surrogate pair or a grapheme (UAX #29 extended clusters,
 * Unicode 14 in Debian 12's libunistring: without the conjunct rule of 15.1). A grapheme longer than a segment is
 * split between scalars.
 */
void td_segments_count(struct td_view text, struct td_segments *out);

/*
 * Smart encoding (level 1: typography): replaces quotes, dashes, NBSP, zero width … when that makes the WHOLE text
 * GSM 03.38; else the text is returned as it is (bidi marks, ZWJ and variation selectors must survive in Unicode
 * text). NFC first, CRLF → LF, controls dropped, TAB → space. *replaced (may be NULL) counts the characters the table
 * changed. *out may point into text. TD_NOMEM only.
 */
enum td_status td_text_smart(
	struct td_view text, bool smart, struct td_arena *arena, struct td_view *out, int *replaced, struct td_err *err);

/*
 * Cuts text so that text + "…" + suffix takes at most max_segments, at a grapheme; "..." where that keeps the text
 * GSM 03.38 and so keeps more of it. White space before the cut goes. suffix (opt-out hint) may be empty. When
 * nothing needs cutting, returns text + suffix. TD_TOOBIG 5.2.3 when no character of text fits beside the suffix,
 * TD_NOMEM.
 */
enum td_status td_text_truncate(struct td_view text, struct td_view suffix, int max_segments, struct td_arena *arena,
	struct td_view *out, struct td_err *err);

#endif
