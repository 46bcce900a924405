/*
 * truncate - cutting a text to a number of segments, at a grapheme
 */
#include "gsm.h"

#include <unigbrk.h>

#include "scalar.h"

/* Bidi levels that are closed after a cut; who opens more is not helped. */
enum { MAX_OPEN = 32, CLOSER = 3 /* bytes of PDI and PDF */ };

struct cut {
	struct td_view text;     /* what may stay at most */
	struct td_view ellipsis;
	struct td_view suffix;
	const char    *breaks;   /* breaks[i]: a grapheme begins at byte i */
	int            max_segments;
	unsigned       national;
	char          *buf;      /* room for text + ellipsis + closers + suffix */
};

/*
 * What closes the bidi isolates and embeddings that text leaves open (UAX #9): PDI or PDF for each, the innermost
 * first. They end with their line. Bytes written to out.
 */
static size_t closers(struct td_view text, char *out)
{
	uint32_t open[MAX_OPEN];
	const char *p = text.p;
	const char *end = text.p + text.n;
	size_t n = 0;
	size_t i;

	while (p != end) {
		uint32_t c = td_scalar_next(&p, end);

		if (c == '\n')
			n = 0;
		if (((c >= 0x2066 && c <= 0x2068) || c == 0x202A || c == 0x202B || c == 0x202D || c == 0x202E) && n < MAX_OPEN)
			open[n++] = c;
		if (c == 0x202C && n && open[n - 1] < 0x2066) /* PDF does not reach out of an isolate */
			n--;
		if (c == 0x2069) { /* PDI ends its isolate with all the embeddings in it, and nothing without one */
			for (i = n; i > 0 && open[i - 1] < 0x2066; i--)
				;
			n = i ? i - 1 : n;
		}
	}
	for (i = 0; i < n; i++)
		memcpy(out + i * CLOSER, open[n - 1 - i] < 0x2066 ? "\xE2\x80\xAC" : "\xE2\x81\xA9", CLOSER);
	return n * CLOSER;
}

/* The first n bytes of the text as they would be sent. */
static struct td_view assemble(const struct cut *cut, size_t n)
{
	char *to = cut->buf;

	memcpy(to, cut->text.p, n);
	to += n;
	memcpy(to, cut->ellipsis.p, cut->ellipsis.n);
	to += cut->ellipsis.n;
	to += closers(td_view_mem(cut->text.p, n), to);
	if (cut->suffix.n)
		memcpy(to, cut->suffix.p, cut->suffix.n);
	return td_view_mem(cut->buf, (size_t)(to - cut->buf) + cut->suffix.n);
}

/*
 * Bytes of text that stay, 0 when nothing may. Goes back from the most that could fit, a grapheme at a time: what is
 * lost to pairs and graphemes at the segment ends is a few units, so it is a few steps. White space before the
 * ellipsis goes.
 */
static size_t longest(const struct cut *cut, size_t from)
{
	struct td_segments count;
	size_t n;

	for (n = from; n > 0; n--) {
		if (n < cut->text.n && !cut->breaks[n])
			continue;
		if (cut->text.p[n - 1] == ' ' || cut->text.p[n - 1] == '\n')
			continue;
		td_segments_count(assemble(cut, n), cut->national, &count);
		if (count.segments <= cut->max_segments)
			return n;
	}
	return 0;
}

/* Septets of a scalar; UTF-16 units without an alphabet. */
static int units_of(const struct td_alphabet *alphabet, uint32_t scalar)
{
	return alphabet ? td_alphabet_septets(alphabet, scalar) : td_scalar_units(scalar);
}

/* Units of a text, -1 when the alphabet cannot hold it. */
static int units(struct td_view v, const struct td_alphabet *alphabet)
{
	const char *p = v.p;
	const char *end = v.n ? v.p + v.n : v.p;
	int all = 0;

	while (p != end) {
		int n = units_of(alphabet, td_scalar_next(&p, end));

		if (n == 0)
			return -1;
		all += n;
	}
	return all;
}

/* Bytes at the front of v that the alphabet can hold and that take at most room units. */
static size_t bytes_of_units(struct td_view v, int room, const struct td_alphabet *alphabet)
{
	const char *p = v.p;
	const char *end = v.n ? v.p + v.n : v.p;

	while (p != end) {
		const char *next = p;
		int n = units_of(alphabet, td_scalar_next(&next, end));

		room -= n;
		if (n == 0 || room < 0)
			break;
		p = next;
	}
	return (size_t)(p - v.p);
}

/* The most of the text that could fit beside ellipsis and suffix in an alphabet (NULL: UCS-2). */
static size_t upper_bound(const struct cut *cut, const struct td_alphabet *alphabet)
{
	int one = alphabet ? td_alphabet_one(alphabet) : TD_UCS2_ONE;
	int part = alphabet ? td_alphabet_part(alphabet) : TD_UCS2_PART;
	int room = cut->max_segments == 1 ? one : part * cut->max_segments;
	int beside = units(cut->suffix, alphabet);
	int dots = units(cut->ellipsis, alphabet);

	if (beside < 0 || dots < 0)
		return 0;
	return bytes_of_units(cut->text, room - beside - dots, alphabet);
}

/* Tries all alphabets: the cut may be what makes a text GSM 03.38. The one that keeps more wins. */
static size_t best_cut(struct cut *cut)
{
	struct cut gsm = *cut;
	size_t kept_gsm = 0;
	size_t kept_ucs2;
	size_t upto;
	int i;

	gsm.ellipsis = TD_VLIT("...");
	for (upto = 0, i = 0; i < TD_ALPHABETS; i++) {
		size_t most = td_alphabet_allowed(&td_alphabets[i], cut->national) ? upper_bound(&gsm, &td_alphabets[i]) : 0;

		upto = most > upto ? most : upto;
	}
	kept_gsm = longest(&gsm, upto);
	upto = upper_bound(cut, NULL);
	kept_ucs2 = upto > kept_gsm ? longest(cut, upto) : 0;
	if (kept_gsm < kept_ucs2)
		return kept_ucs2;
	cut->ellipsis = gsm.ellipsis;
	return kept_gsm;
}

enum td_status td_text_truncate(struct td_view text, struct td_view suffix, int max_segments, unsigned national,
	struct td_arena *arena, struct td_view *out, struct td_err *err)
{
	struct cut cut = { text, TD_VLIT("\xE2\x80\xA6"), suffix, NULL, max_segments, national, NULL };
	struct td_segments count;
	char *breaks;
	size_t kept;

	cut.buf = td_arena_alloc(arena, text.n + suffix.n + 3 + MAX_OPEN * CLOSER);
	if (!cut.buf)
		goto nomem;
	if (text.n)
		memcpy(cut.buf, text.p, text.n);
	if (suffix.n)
		memcpy(cut.buf + text.n, suffix.p, suffix.n);
	td_segments_count(td_view_mem(cut.buf, text.n + suffix.n), national, &count);
	if (count.segments <= max_segments) {
		*out = td_view_mem(cut.buf, text.n + suffix.n);
		return TD_OK;
	}
	if (max_segments < 1)
		return td_err_dsn(err, TD_TOOBIG, "5.2.3", "no text fits %d segments", max_segments);
	/* Only what could fit, and a character more, is looked at. */
	cut.text.n = bytes_of_units(text, max_segments * TD_GSM7_ONE + 1, NULL);
	breaks = td_arena_alloc(arena, cut.text.n);
	if (!breaks)
		goto nomem;
	u8_grapheme_breaks((const uint8_t *)text.p, cut.text.n, breaks);
	cut.breaks = breaks;
	kept = best_cut(&cut);
	if (!td_text_visible(td_view_mem(text.p, kept)))
		return td_err_dsn(err, TD_TOOBIG, "5.2.3", "no text fits %d segment%s%s", max_segments,
			max_segments == 1 ? "" : "s", suffix.n ? " beside the opt-out hint" : "");
	*out = assemble(&cut, kept);
	return TD_OK;
nomem:
	return td_err_set(err, TD_NOMEM, "text too long for its memory");
}
