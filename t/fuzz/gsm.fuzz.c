/*
 * gsm.fuzz - counting, smart encoding and truncation of any text
 *
 * The first byte chooses the limit and the level of smart encoding, the second national languages; up to a NUL the text
 * follows, after it the suffix.
 */
#include <stdint.h>
#include <stdlib.h>

#include "gsm.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool cond)
{
	if (!cond)
		abort();
}

static void check_count(struct td_view text, unsigned national)
{
	struct td_segments count;

	td_segments_count(text, national, &count);
	check((count.segments == 0) == (text.n == 0));
	check(count.units <= count.segments * count.per_segment);
	check(count.units >= count.segments);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct td_view all = td_view_mem(data, size);
	struct td_view text;
	struct td_view suffix;
	struct td_view out = { NULL, 0 };
	struct td_view again = { NULL, 0 };
	struct td_segments count;
	struct td_arena arena;
	size_t nul;
	unsigned national;
	int level;
	int max;

	if (size < 2)
		return 0;
	max = data[0] % 11;
	level = data[0] >> 6;
	national = data[1] & TD_NATIONAL_ALL;
	all = td_view_skip(all, 2);
	nul = td_view_chr(all, '\0');
	text = nul == (size_t)-1 ? all : td_view_mem(all.p, nul);
	suffix = nul == (size_t)-1 ? td_view_mem("", 0) : td_view_skip(all, nul + 1);
	check_count(text, national);
	td_arena_init(&arena, 1 << 20);
	if (td_text_smart(text, level, national, &arena, &out, NULL, NULL) == TD_OK && td_view_utf8(text)) {
		check(td_view_utf8(out));
		check_count(out, national);
		check(td_text_smart(out, level, national, &arena, &again, NULL, NULL) == TD_OK && td_view_eq(out, again));
	}
	if (td_text_truncate(text, suffix, max, national, &arena, &out, NULL) == TD_OK) {
		td_segments_count(out, national, &count);
		check(count.segments <= max);
		check(td_view_ends(out, suffix));
		check(!td_view_utf8(text) || !td_view_utf8(suffix) || td_view_utf8(out));
	}
	td_arena_free(&arena);
	return 0;
}
