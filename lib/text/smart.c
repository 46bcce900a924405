/*
 * smart - normalization and smart encoding, and whether a text shows anything
 */
#include "gsm.h"

#include <stdlib.h>
#include <unictype.h>
#include <uninorm.h>

#include "scalar.h"

enum { NFC_SAFE = 0x300 }; /* every scalar below is its own NFC */

/* Others that NFC leaves alone whatever stands before them: of class 0, NFC_Quick_Check=Yes (UAX #15). */
static const struct {
	uint32_t first, last;
} composed[] = {
	{ 0x0410, 0x044F },   /* Cyrillic */
	{ 0x0621, 0x064A },   /* Arabic letters */
	{ 0x0660, 0x0669 },   /* and digits */
	{ 0x200B, 0x2027 },   /* joiners, bidi marks, dashes, quotes */
	{ 0x202A, 0x205E },
	{ 0x20AC, 0x20AC },   /* the Euro sign */
	{ 0x4E00, 0x9FFF },   /* ideographs */
	{ 0xAC00, 0xD7A3 },   /* Hangul syllables */
	{ 0x1F300, 0x1F64F }, /* emoji */
};

struct smart_row {
	uint32_t    scalar;
	int         level;
	const char *to;
};

/* By scalar. */
static const struct smart_row smart_rows[] = {
#define TD_ROW(scalar, level, to) { scalar, level, to },
#include "smart_encoding.inc"
#undef TD_ROW
};

/* What makes a text fit an alphabet. */
struct plan {
	const struct td_alphabet *alphabet;
	int                       level;
	int                       changes;
	size_t                    bytes; /* of the result */
};

/* What a scalar becomes in any SMS: '\n' for a line end, ' ' for TAB, 0 for nothing, itself else. */
static uint32_t without_controls(uint32_t c)
{
	if (c == '\n' || c == '\v' || c == '\f' || c == '\r' || c == 0x85)
		return '\n';
	if (c == '\t')
		return ' ';
	return c < 0x20 || (c >= 0x7F && c < 0xA0) ? 0 : c;
}

static bool is_composed(uint32_t c)
{
	size_t i;

	if (c < NFC_SAFE)
		return true;
	for (i = 0; i < sizeof(composed) / sizeof(*composed); i++)
		if (c <= composed[i].last)
			return c >= composed[i].first;
	return false;
}

static bool needs_cleaning(struct td_view text, bool *needs_nfc)
{
	const char *p = text.p;
	const char *end = text.n ? text.p + text.n : text.p;
	bool found = false;

	*needs_nfc = false;
	while (p != end) {
		uint32_t c = td_scalar_next(&p, end);

		if (!is_composed(c))
			*needs_nfc = true;
		else if (c < NFC_SAFE && without_controls(c) != c)
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
		uint32_t c = td_scalar_next(&p, end);
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

/* What the table makes of a scalar, at this level and in an alphabet that has it; NULL: nothing. */
static const char *replacement(const struct plan *plan, uint32_t scalar)
{
	size_t low = 0;
	size_t high = sizeof(smart_rows) / sizeof(*smart_rows);
	const char *p;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (smart_rows[mid].scalar <= scalar)
			low = mid + 1;
		else
			high = mid;
	}
	if (low == 0 || smart_rows[low - 1].scalar != scalar || smart_rows[low - 1].level > plan->level)
		return NULL;
	for (p = smart_rows[low - 1].to; *p;)
		if (!td_alphabet_septets(plan->alphabet, td_scalar_next(&p, p + strlen(p))))
			return NULL;
	return smart_rows[low - 1].to;
}

/* Whether replacing makes the whole text one of the plan's alphabet, and how much there is to replace. */
static bool make_plan(struct td_view text, struct plan *plan)
{
	const char *p = text.p;
	const char *end = text.n ? text.p + text.n : text.p;

	plan->changes = 0;
	plan->bytes = 0;
	while (p != end) {
		const char *from = p;
		uint32_t c = td_scalar_next(&p, end);
		const char *to;

		if (td_alphabet_septets(plan->alphabet, c)) {
			plan->bytes += (size_t)(p - from);
			continue;
		}
		to = replacement(plan, c);
		if (!to)
			return false;
		plan->bytes += strlen(to);
		plan->changes++;
	}
	return true;
}

/* Plain GSM 03.38 if that can be; else the national tables that leave the most as it is. False when nothing helps. */
static bool choose_plan(struct td_view text, int level, unsigned national, struct plan *best)
{
	struct plan plan = { .alphabet = &td_alphabets[0], .level = level };
	bool found = make_plan(text, &plan);
	int i;

	*best = plan;
	if (found)
		return true;
	for (i = 1; national && i < TD_ALPHABETS; i++) {
		plan.alphabet = &td_alphabets[i];
		if (!td_alphabet_allowed(plan.alphabet, national) || !make_plan(text, &plan))
			continue;
		if (!found || plan.changes < best->changes)
			*best = plan;
		found = true;
	}
	return found;
}

static enum td_status replace(struct td_view text, const struct plan *plan, struct td_arena *arena,
	struct td_view *out, struct td_err *err)
{
	const char *p = text.p;
	const char *end = text.p + text.n;
	char *to = td_arena_alloc(arena, plan->bytes);
	size_t n = 0;

	if (!to)
		return td_err_set(err, TD_NOMEM, "text too long for its memory");
	while (p != end) {
		const char *from = p;
		uint32_t c = td_scalar_next(&p, end);
		struct td_view piece = td_view_mem(from, (size_t)(p - from));

		if (!td_alphabet_septets(plan->alphabet, c))
			piece = td_view_str(replacement(plan, c));
		if (piece.n)
			memcpy(to + n, piece.p, piece.n);
		n += piece.n;
	}
	*out = td_view_mem(to, n);
	return TD_OK;
}

enum td_status td_text_smart(struct td_view text, int level, unsigned national, struct td_arena *arena,
	struct td_view *out, int *replaced, struct td_err *err)
{
	struct td_view now = text;
	struct plan plan = { .changes = 0 };
	bool needs_nfc;

	if (needs_cleaning(now, &needs_nfc) && clean(now, arena, &now, err))
		return TD_NOMEM;
	if (needs_nfc && compose(now, arena, &now, err))
		return TD_NOMEM;
	if (level > 0 && !choose_plan(now, level, national, &plan))
		plan.changes = 0;
	if (plan.changes > 0 && replace(now, &plan, arena, &now, err))
		return TD_NOMEM;
	if (replaced)
		*replaced = plan.changes;
	*out = now;
	return TD_OK;
}

/* ---- what can be seen ---- */

static bool is_visible(uint32_t c)
{
	enum { BRAILLE_BLANK = 0x2800 };

	if (c < 0x7F)
		return c > ' ';
	/* What this library's Unicode does not know yet is an emoji, most likely. */
	return c > 0xA0 && c != BRAILLE_BLANK && !uc_is_property_default_ignorable_code_point(c) &&
		!uc_is_general_category(c, UC_CATEGORY_M) && !uc_is_general_category(c, UC_CATEGORY_Z);
}

bool td_text_visible(struct td_view text)
{
	const char *p = text.p;
	const char *end = text.n ? text.p + text.n : text.p;

	while (p != end)
		if (is_visible(td_scalar_next(&p, end)))
			return true;
	return false;
}
