/*
 * mime.fuzz - whole mails and header values, however broken
 *
 * Up to the first empty line the head, then the body; all of it once more as a header value. What comes out must be
 * clean text.
 */
#include <stdint.h>
#include <stdlib.h>

#include "mime.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool cond)
{
	if (!cond)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool ready;
	struct td_view all = td_view_mem(data, size);
	const char *gap = size ? memmem(data, size, "\n\r\n", 3) : NULL;
	size_t head = gap ? (size_t)(gap + 1 - all.p) : size;
	struct td_view text = { NULL, 0 };
	struct td_arena arena;
	size_t i;

	if (!ready)
		td_mime_init();
	ready = true;
	td_arena_init(&arena, 1 << 20);
	if (td_mime_text(td_view_mem(all.p, head), td_view_skip(all, head + 2), &arena, NULL, &text, NULL, NULL) == TD_OK) {
		check(text.n == 0 || td_view_utf8(text));
		check(text.n == 0 || !memchr(text.p, '\r', text.n));
		check(td_view_trim(text).n == text.n);
	}
	td_arena_reset(&arena);
	if (td_mime_header(all, &arena, &text, NULL) == TD_OK) {
		check(text.n == 0 || td_view_utf8(text));
		for (i = 0; i < text.n; i++)
			check((unsigned char)text.p[i] >= ' ' || text.p[i] == '\n');
	}
	td_arena_free(&arena);
	return 0;
}
