/*
 * html - fuzz what is read of the HTML of a mail
 *
 * The text must be fit for what comes after: UTF-8, trimmed, LF only, bounded; and read again as HTML, when nothing in
 * it looks like markup, it must be the same words.
 */
#include <stdlib.h>

#include "html.h"

static struct td_view read_html(struct td_view html, struct td_arena *arena)
{
	struct td_cuts cuts = { .n = 0 };
	struct td_view text = { NULL, 0 };
	struct td_err err;

	if (td_html_text(html, arena, &cuts, &text, &err) != TD_OK)
		abort();
	for (size_t i = 0; i < cuts.n; i++)
		if (cuts.cut[i].text.n == 0 || cuts.cut[i].text.n > 200 || !td_view_utf8(cuts.cut[i].text))
			abort();
	return text;
}

static bool is_white(char c)
{
	return c == ' ' || c == '\n';
}

/* Equal but for the length of white space: a line end of the text is none in HTML. */
static bool same_words(struct td_view a, struct td_view b)
{
	size_t i = 0;
	size_t j = 0;

	while (i < a.n && j < b.n) {
		if (is_white(a.p[i]) && is_white(b.p[j])) {
			while (i < a.n && is_white(a.p[i]))
				i++;
			while (j < b.n && is_white(b.p[j]))
				j++;
		} else if (a.p[i++] != b.p[j++]) {
			return false;
		}
	}
	return i == a.n && j == b.n;
}

/* What means more in HTML than itself, and the invisible that depends on what is beside it. */
static bool is_plain(struct td_view v)
{
	for (size_t i = 0; i < v.n; i++)
		if (v.p[i] == '<' || v.p[i] == '&' || (unsigned char)v.p[i] >= 0x80)
			return false;
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct td_arena arena;
	struct td_view text;
	struct td_view again;

	td_arena_init(&arena, 1 << 20);
	text = read_html(td_view_mem(data, size), &arena);
	if (text.n > 65536 || !td_view_utf8(text) || td_view_trim(text).n != text.n)
		abort();
	for (size_t i = 0; i < text.n; i++)
		if (((unsigned char)text.p[i] < ' ' && text.p[i] != '\n') || text.p[i] == 0x7F)
			abort();
	if (is_plain(text)) {
		again = read_html(text, &arena);
		if (!same_words(text, again))
			abort();
	}
	td_arena_free(&arena);
	return 0;
}
