/*
 * gsm - segment counts of texts in GSM 03.38 or UCS-2
 */
#include "gsm.h"

#include <unigbrk.h>

#include "scalar.h"

enum { ZWJ = 0x200D };

const char *td_encoding_name(enum td_encoding encoding)
{
	return encoding == TD_ENC_UCS2 ? "ucs2" : "gsm7";
}


int td_gsm_septets(uint32_t scalar)
{
	return td_alphabet_septets(&td_alphabets[0], scalar);
}

/* Septets and greedy segments; false at the first scalar that is not of the alphabet. */
static bool count_gsm(struct td_view text, const struct td_alphabet *alphabet, struct td_segments *out)
{
	const char *p = text.p;
	const char *end = text.n ? text.p + text.n : text.p;
	int one = td_alphabet_one(alphabet);
	int part = td_alphabet_part(alphabet);
	int room = 0;
	int parts = 0;
	int total = 0;

	while (p != end) {
		int n = td_alphabet_septets(alphabet, td_scalar_next(&p, end));

		if (n == 0)
			return false;
		total += n;
		if (n > room) {
			parts++;
			room = part;
		}
		room -= n;
	}
	out->encoding = TD_ENC_GSM7;
	out->units = total;
	out->per_segment = total <= one ? one : part;
	out->segments = total <= one ? total > 0 : parts;
	out->alphabet = *alphabet;
	return true;
}

static bool is_regional_indicator(uint32_t c)
{
	return c >= 0x1F1E6 && c <= 0x1F1FF;
}

/*
 * Whether a grapheme ends between a and b, whatever stands around them. False where that cannot be told from two
 * scalars (flags, emoji after ZWJ), and where none does.
 */
static bool surely_apart(uint32_t a, uint32_t b)
{
	return a != ZWJ && !(is_regional_indicator(a) && is_regional_indicator(b)) && uc_is_grapheme_break(a, b);
}

/* Which of n scalars may begin the next part, 0 for none: scalar[0] begins a grapheme, scalar[n - 1] is too much. */
static size_t last_break(const ucs4_t *scalar, size_t n)
{
	char breaks[TD_UCS2_PART + 1];
	size_t from = n - 1;
	size_t cut;

	/* From a sure break on, what came before does not matter. */
	while (from > 0 && !surely_apart(scalar[from - 1], scalar[from]))
		from--;
	if (from == n - 1)
		return from;
	uc_grapheme_breaks(scalar + from, n - from, breaks);
	for (cut = n - 1; cut > from && !breaks[cut - from]; cut--)
		;
	return cut;
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
	const char *at = p;
	size_t n = 0;
	size_t cut;
	int units = 0;

	while (at != end && units <= TD_UCS2_PART) {
		start[n] = (size_t)(at - p);
		scalar[n] = td_scalar_next(&at, end);
		units += td_scalar_units(scalar[n++]);
	}
	if (units <= TD_UCS2_PART)
		return (size_t)(at - p);
	cut = last_break(scalar, n);
	return start[cut ? cut : n - 1];
}

static void count_ucs2(struct td_view text, struct td_segments *out)
{
	const char *p = text.p;
	const char *end = text.p + text.n;
	int total = 0;
	int parts = 0;

	while (p != end)
		total += td_scalar_units(td_scalar_next(&p, end));
	if (total > TD_UCS2_ONE)
		for (p = text.p; p != end; p += ucs2_part(p, end))
			parts++;
	out->encoding = TD_ENC_UCS2;
	out->units = total;
	out->per_segment = total <= TD_UCS2_ONE ? TD_UCS2_ONE : TD_UCS2_PART;
	out->segments = total <= TD_UCS2_ONE ? 1 : parts;
	out->alphabet = td_alphabets[0];
}

void td_segments_count(struct td_view text, unsigned national, struct td_segments *out)
{
	struct td_segments now;
	bool found = false;
	int i;

	if (count_gsm(text, &td_alphabets[0], out))
		return;
	for (i = 1; national && i < TD_ALPHABETS; i++) {
		if (!td_alphabet_allowed(&td_alphabets[i], national) || !count_gsm(text, &td_alphabets[i], &now))
			continue;
		if (!found || now.segments < out->segments)
			*out = now;
		found = true;
	}
	/* UCS-2 is never shorter: two septets for each character leave room for 73, it for 70. */
	if (!found)
		count_ucs2(text, out);
}

size_t td_segments_next(struct td_view rest, const struct td_segments *count)
{
	const char *end = rest.p + rest.n;
	const char *p = rest.p;
	int room = count->per_segment;

	if (count->segments <= 1)
		return rest.n;
	if (count->encoding == TD_ENC_UCS2)
		return ucs2_part(p, end);
	while (p != end) {
		const char *next = p;
		int n = td_alphabet_septets(&count->alphabet, td_scalar_next(&next, end));

		if (n > room)
			break;
		room -= n;
		p = next;
	}
	return (size_t)(p - rest.p);
}
