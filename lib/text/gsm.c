/*
 * gsm - GSM 03.38 alphabets, smart encoding and segment counts
 */
#include "gsm.h"

#include <stdlib.h>
#include <unigbrk.h>
#include <uninorm.h>
#include <unistr.h>

enum { NFC_SAFE = 0x300 }; /* every scalar below is its own NFC */

/* Indexed by scalar: how many septets, 0 for no character of the alphabet. The Euro sign is the highest. */
static const unsigned char septets_of[0x20AC + 1] = {
#define TD_ROW(scalar, code) [scalar] = 1,
#include "gsm0338_basic.inc"
#undef TD_ROW
#define TD_ROW(scalar, code) [scalar] = 2,
#include "gsm0338_extension.inc"
#undef TD_ROW
};

struct smart_row {
	uint32_t    scalar;
	const char *to;
};

/* By scalar. */
static const struct smart_row smart_rows[] = {
#define TD_ROW(scalar, to) { scalar, to },
#include "smart_encoding.inc"
#undef TD_ROW
};

const char *td_encoding_name(enum td_encoding encoding)
{
	return encoding == TD_ENC_UCS2 ? "ucs2" : "gsm7";
}

int td_gsm_septets(uint32_t scalar)
{
	return scalar < sizeof(septets_of) ? septets_of[scalar] : 0;
}

/* Reads one scalar at *p, which moves on. A malformed byte, which no caller hands in, reads as U+FFFD. */
static uint32_t next_scalar(const char **p, const char *end)
{
	ucs4_t c = (unsigned char)**p;

	if (c < 0x80) {
		++*p;
		return c;
	}
	*p += u8_mbtouc(&c, (const uint8_t *)*p, (size_t)(end - *p));
	return c;
}

static int utf16_units(uint32_t scalar)
{
	return scalar > 0xFFFF ? 2 : 1;
}

/* Septets and greedy segments; false at the first scalar of neither alphabet. */
static bool count_gsm(struct td_view text, struct td_segments *out)
{
	const char *p = text.p;
	const char *end = text.n ? text.p + text.n : text.p;
	int room = 0;
	int parts = 0;
	int total = 0;

	while (p != end) {
		int n = td_gsm_septets(next_scalar(&p, end));

		if (n == 0)
			return false;
		total += n;
		if (n > room) {
			parts++;
			room = TD_GSM7_PART;
		}
		room -= n;
	}
	out->encoding = TD_ENC_GSM7;
	out->units = total;
	out->per_segment = total <= TD_GSM7_ONE ? TD_GSM7_ONE : TD_GSM7_PART;
	out->segments = total <= TD_GSM7_ONE ? total > 0 : parts;
	return true;
}

/*
 * Bytes of the longest run at p that fits one part of a concatenated UCS-2 text and ends at a grapheme. A grapheme
 * longer than a part (a letter under a hundred accents) is cut at a scalar. p is at a grapheme, so that the window
 * needs no context before it.
 */
static size_t ucs2_part(const char *p, const char *end)
{
	ucs4_t scalar[TD_UCS2_PART + 1];
	size_t start[TD_UCS2_PART + 2]; /* byte position of each scalar */
	char breaks[TD_UCS2_PART + 1];
	const char *at = p;
	size_t n = 0;
	size_t cut;
	int units = 0;

	while (at != end && units <= TD_UCS2_PART) {
		start[n] = (size_t)(at - p);
		scalar[n] = next_scalar(&at, end);
		units += utf16_units(scalar[n++]);
	}
	if (units <= TD_UCS2_PART)
		return (size_t)(at - p);
	/* The last scalar read does not fit; it is there to tell whether a grapheme ends before it. */
	uc_grapheme_breaks(scalar, n, breaks);
	for (cut = n - 1; cut > 0 && !breaks[cut]; cut--)
		;
	return start[cut ? cut : n - 1];
}

static void count_ucs2(struct td_view text, struct td_segments *out)
{
	const char *p = text.p;
	const char *end = text.p + text.n;
	int total = 0;
	int parts = 0;

	while (p != end)
		total += utf16_units(next_scalar(&p, end));
	if (total > TD_UCS2_ONE)
		for (p = text.p; p != end; p += ucs2_part(p, end))
			parts++;
	out->encoding = TD_ENC_UCS2;
	out->units = total;
	out->per_segment = total <= TD_UCS2_ONE ? TD_UCS2_ONE : TD_UCS2_PART;
	out->segments = total <= TD_UCS2_ONE ? 1 : parts;
}

void td_segments_count(struct td_view text, struct td_segments *out)
{
	if (!count_gsm(text, out))
		count_ucs2(text, out);
}

/* ---- smart encoding ---- */

/* What a scalar becomes in any SMS: '\n' for a line end, ' ' for TAB, 0 for nothing, itself else. */
static uint32_t without_controls(uint32_t c)
{
	if (c == '\n' || c == '\v' || c == '\f' || c == '\r' || c == 0x85)
		return '\n';
	if (c == '\t')
		return ' ';
	return c < 0x20 || (c >= 0x7F && c < 0xA0) ? 0 : c;
}

static bool needs_cleaning(struct td_view text, bool *needs_nfc)
{
	const char *p = text.p;
	const char *end = text.n ? text.p + text.n : text.p;
	bool found = false;

	*needs_nfc = false;
	while (p != end) {
		uint32_t c = next_scalar(&p, end);

		if (c >= NFC_SAFE)
			*needs_nfc = true;
		else if (without_controls(c) != c)
			found = true;
	}
	return found;
}

/* Line ends to LF, controls away. Whatever stays as it is is copied byte for byte, so that nothing can grow. */
static enum td_status clean(struct td_view text, struct td_arena *arena, struct td_view *out, struct td_err *err)
{
	const char *p = text.p;
	const char *end = text.p + text.n;
	char *to = td_arena_alloc(arena, text.n);
	size_t n = 0;

	if (!to)
		return td_err_set(err, TD_NOMEM, "text too long for its memory");
	while (p != end) {
		const char *from = p;
		uint32_t c = next_scalar(&p, end);
		uint32_t kept = without_controls(c);
		size_t size = (size_t)(p - from);

		if (c == '\r' && p != end && *p == '\n')
			p++;
		if (kept == c)
			memcpy(to + n, from, size);
		else if (kept)
			to[n] = (char)kept;
		n += kept == c ? size : kept != 0;
	}
	*out = td_view_mem(to, n);
	return TD_OK;
}

static enum td_status compose(struct td_view text, struct td_arena *arena, struct td_view *out, struct td_err *err)
{
	size_t n;
	uint8_t *nfc = u8_normalize(UNINORM_NFC, (const uint8_t *)text.p, text.n, NULL, &n);

	*out = (struct td_view){ NULL, 0 };
	if (nfc)
		*out = td_arena_dup(arena, td_view_mem(nfc, n));
	free(nfc);
	return out->p ? TD_OK : td_err_set(err, TD_NOMEM, "text too long for its memory");
}

static const char *smart_replacement(uint32_t scalar)
{
	size_t low = 0;
	size_t high = sizeof(smart_rows) / sizeof(*smart_rows);

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (smart_rows[mid].scalar == scalar)
			return smart_rows[mid].to;
		if (smart_rows[mid].scalar < scalar)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

/* How many characters must change for the whole text to be GSM 03.38: 0 when it is, -1 when no table can do it. */
static int smart_changes(struct td_view text)
{
	const char *p = text.p;
	const char *end = text.n ? text.p + text.n : text.p;
	int changes = 0;

	while (p != end) {
		uint32_t c = next_scalar(&p, end);

		if (td_gsm_septets(c))
			continue;
		if (!smart_replacement(c))
			return -1;
		changes++;
	}
	return changes;
}

/* No replacement has more bytes than what it replaces (t/unit/text_gsm.t.c holds the table to it). */
static enum td_status replace(struct td_view text, struct td_arena *arena, struct td_view *out, struct td_err *err)
{
	const char *p = text.p;
	const char *end = text.p + text.n;
	char *to = td_arena_alloc(arena, text.n);
	size_t n = 0;

	if (!to)
		return td_err_set(err, TD_NOMEM, "text too long for its memory");
	while (p != end) {
		const char *from = p;
		uint32_t c = next_scalar(&p, end);
		struct td_view piece =
			td_gsm_septets(c) ? td_view_mem(from, (size_t)(p - from)) : td_view_str(smart_replacement(c));

		if (piece.n)
			memcpy(to + n, piece.p, piece.n);
		n += piece.n;
	}
	*out = td_view_mem(to, n);
	return TD_OK;
}

enum td_status td_text_smart(
	struct td_view text, bool smart, struct td_arena *arena, struct td_view *out, int *replaced, struct td_err *err)
{
	struct td_view now = text;
	bool needs_nfc;
	int changes;

	if (needs_cleaning(now, &needs_nfc) && clean(now, arena, &now, err))
		return TD_NOMEM;
	if (needs_nfc && compose(now, arena, &now, err))
		return TD_NOMEM;
	changes = smart ? smart_changes(now) : 0;
	if (changes > 0 && replace(now, arena, &now, err))
		return TD_NOMEM;
	if (replaced)
		*replaced = changes > 0 ? changes : 0;
	*out = now;
	return TD_OK;
}
