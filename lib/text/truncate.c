/*
 * truncate - cutting a text to a number of segments, at a grapheme
 */
#include "gsm.h"

#include <unigbrk.h>
#include <unistr.h>

struct cut {
	struct td_view text;     /* what may stay at most */
	struct td_view ellipsis;
	struct td_view suffix;
	const char    *breaks;   /* breaks[i]: a grapheme begins at byte i */
	int            max_segments;
	char          *buf;      /* room for text + ellipsis + suffix */
};

static struct td_view join(char *buf, struct td_view a, struct td_view b, struct td_view c)
{
	if (a.n)
		memcpy(buf, a.p, a.n);
	if (b.n)
		memcpy(buf + a.n, b.p, b.n);
	if (c.n)
		memcpy(buf + a.n + b.n, c.p, c.n);
	return td_view_mem(buf, a.n + b.n + c.n);
}

static bool is_gsm(struct td_view v, size_t *upto)
{
	const uint8_t *p = (const uint8_t *)v.p;

	for (*upto = 0; *upto < v.n;) {
		ucs4_t c;
		int n = u8_mbtouc(&c, p + *upto, v.n - *upto);

		if (!td_gsm_septets(c))
			return false;
		*upto += (size_t)n;
	}
	return true;
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
		td_segments_count(join(cut->buf, td_view_mem(cut->text.p, n), cut->ellipsis, cut->suffix), &count);
		if (count.segments <= cut->max_segments)
			return n;
	}
	return 0;
}

/* Bytes that at most `units` septets (gsm) or UTF-16 units take at the front of v. */
static size_t bytes_of_units(struct td_view v, int units, bool gsm)
{
	size_t at = 0;

	while (at < v.n) {
		ucs4_t c;
		int n = u8_mbtouc(&c, (const uint8_t *)v.p + at, v.n - at);

		units -= gsm ? td_gsm_septets(c) : c > 0xFFFF ? 2 : 1;
		if (units < 0)
			break;
		at += (size_t)n;
	}
	return at;
}

/* Tries both alphabets: the cut may be what makes a text GSM 03.38. The one that keeps more wins. */
static size_t best_cut(struct cut *cut)
{
	struct cut gsm = *cut;
	size_t upto;
	size_t kept_gsm = 0;
	size_t kept_ucs2;

	if (is_gsm(cut->suffix, &upto)) {
		is_gsm(cut->text, &upto);
		gsm.ellipsis = TD_VLIT("...");
		upto = bytes_of_units(td_view_mem(cut->text.p, upto),
			cut->max_segments == 1 ? TD_GSM7_ONE : TD_GSM7_PART * cut->max_segments, true);
		kept_gsm = longest(&gsm, upto);
	}
	upto = bytes_of_units(cut->text, cut->max_segments == 1 ? TD_UCS2_ONE : TD_UCS2_PART * cut->max_segments, false);
	kept_ucs2 = upto > kept_gsm ? longest(cut, upto) : 0;
	if (kept_gsm < kept_ucs2)
		return kept_ucs2;
	cut->ellipsis = gsm.ellipsis;
	return kept_gsm;
}

enum td_status td_text_truncate(struct td_view text, struct td_view suffix, int max_segments, struct td_arena *arena,
	struct td_view *out, struct td_err *err)
{
	struct cut cut = { text, TD_VLIT("\xE2\x80\xA6"), suffix, NULL, max_segments, NULL };
	struct td_segments count;
	char *breaks;
	size_t kept;

	cut.buf = td_arena_alloc(arena, text.n + suffix.n + 3);
	if (!cut.buf)
		goto nomem;
	td_segments_count(join(cut.buf, text, (struct td_view){ NULL, 0 }, suffix), &count);
	if (count.segments <= max_segments) {
		*out = td_view_mem(cut.buf, text.n + suffix.n);
		return TD_OK;
	}
	if (max_segments < 1)
		return td_err_dsn(err, TD_TOOBIG, "5.2.3", "no text fits %d segments", max_segments);
	/* Only what could fit, and a character more, is looked at. */
	cut.text.n = bytes_of_units(text, max_segments * TD_GSM7_ONE + 1, false);
	breaks = td_arena_alloc(arena, cut.text.n);
	if (!breaks)
		goto nomem;
	u8_grapheme_breaks((const uint8_t *)text.p, cut.text.n, breaks);
	cut.breaks = breaks;
	kept = best_cut(&cut);
	if (kept == 0)
		return td_err_dsn(err, TD_TOOBIG, "5.2.3", "no text fits %d segment%s%s", max_segments,
			max_segments == 1 ? "" : "s", suffix.n ? " beside the opt-out hint" : "");
	*out = join(cut.buf, td_view_mem(text.p, kept), cut.ellipsis, suffix);
	return TD_OK;
nomem:
	return td_err_set(err, TD_NOMEM, "text too long for its memory");
}
