/*
 * text_rawmail - a mail in one piece: where its headers end, and which there are
 */
#include <stdlib.h>

#include "arena.h"
#include "charname.h"
#include "rawmail.h"
#include "tap.h"

static struct td_arena arena;

static void test_split(void)
{
	static const struct {
		const char *mail, *head, *body;
	} rows[] = {
		{ "A: b\r\n\r\nbody\r\n", "A: b\r\n\r\n", "body\r\n" },
		{ "A: b\n\nbody\n", "A: b\n\n", "body\n" },
		{ "From x Mon Nov 23\nA: b\n\nbody", "A: b\n\n", "body" },
		{ "A: b\n c\n\n\nbody", "A: b\n c\n\n", "\nbody" },
		{ "A: b\nC: d", "A: b\nC: d", "" },
		{ "\nbody", "\n", "body" },
		{ "\r\nbody", "\r\n", "body" },
		{ "From x", "", "" },
		{ "", "", "" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct td_rawmail parts;

		td_rawmail_split(td_view_str(rows[i].mail), &parts);
		is_view(parts.head, rows[i].head, "head %zu", i);
		is_view(parts.body, rows[i].body, "body %zu", i);
	}
}

static void test_tags(void)
{
	struct td_tags *tags = TD_NEW(&arena, struct td_tags);

	td_tags_init(tags, &arena);
	td_rawmail_tags(TD_VLIT("X-Tandem-Text: one\r\n two\r\nSubject:three\nno colon\n: nameless\n\tfolded\r\n"
		"x-tandem-key : k"), tags);
	is_view(td_tags_find(tags, TD_VLIT("Text")), "one two", "a folded header");
	is_view(tags->subject, "three", "a header of the mail, without a space");
	is_view(td_tags_find(tags, TD_VLIT("Key")), "k", "the last one, without a line end");
	is_int(tags->nours, 2, "no other is ours");
}

/* What no allocation of the right size would show: that nothing behind the mail is read. */
static void test_exact(void)
{
	static const char mail[] = "X-Tandem-Key: k\r\nX";

	for (size_t n = 0; n < sizeof(mail); n++) {
		struct td_tags *tags = TD_NEW(&arena, struct td_tags);
		char *copy = malloc(n ? n : 1);
		struct td_rawmail parts;

		memcpy(copy, mail, n);
		td_tags_init(tags, &arena);
		td_rawmail_split(td_view_mem(copy, n), &parts);
		td_rawmail_tags(parts.head, tags);
		free(copy);
	}
	pass("cut anywhere");
}

static void test_names(void)
{
	char name[TD_CHARNAME_SIZE];
	uint32_t c = 0;

	is_int(td_char_first(TD_VLIT("\xE2\x80\x99s"), &c), 3, "bytes of the first");
	is_int(c, 0x2019, "its code");
	is_int(td_char_first(TD_VLIT(""), &c), 0, "none");
	is_str(td_char_name(0x2019, name), "RIGHT SINGLE QUOTATION MARK", "its name");
	is_str(td_char_name(0x7, name), "", "a control has none");
	is_str(td_char_name(0xE000, name), "", "private use has none");
}

int main(void)
{
	td_arena_init(&arena, 1 << 20);
	test_split();
	test_tags();
	test_exact();
	test_names();
	td_arena_free(&arena);
	return done_testing();
}
