/*
 * base_arena - caps, alignment, re-use
 */
#include <stdint.h>
#include <string.h>

#include "arena.h"
#include "tap.h"

static bool all_zero(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i])
			return false;
	return true;
}

static void test_cap(void)
{
	struct td_arena arena;

	td_arena_init(&arena, 1000);
	ok(td_arena_alloc(&arena, 900), "within the cap");
	ok(!td_arena_full(&arena), "not full");
	ok(!td_arena_alloc(&arena, 200), "over the cap");
	ok(td_arena_full(&arena), "full is remembered");
	ok(td_arena_alloc(&arena, 50), "a smaller one still fits");
	ok(td_arena_full(&arena), "full stays true");
	td_arena_reset(&arena);
	ok(!td_arena_full(&arena), "a reset forgets it");
	ok(td_arena_alloc(&arena, 992), "and gives the whole cap back");
	ok(!td_arena_alloc(&arena, SIZE_MAX), "SIZE_MAX does not wrap around");
	ok(!td_arena_alloc(&arena, SIZE_MAX - 8), "nor does one near it");
	td_arena_free(&arena);
	ok(td_arena_alloc(&arena, 10), "usable after free");
	td_arena_free(&arena);
	td_arena_free(NULL);
	td_arena_init(&arena, 0);
	ok(!td_arena_alloc(&arena, 1) && td_arena_full(&arena), "a cap of 0 gives nothing");
	td_arena_free(&arena);
}

static void test_memory(void)
{
	struct td_arena arena;
	char *p[300];
	bool aligned = true, zero = true, kept = true;

	td_arena_init(&arena, 1 << 20);
	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < 300; i++) {
			p[i] = td_arena_alloc(&arena, i);
			aligned = aligned && p[i] && (uintptr_t)p[i] % _Alignof(max_align_t) == 0;
			zero = zero && all_zero(p[i], i);
			memset(p[i], (int)(i % 251) + 1, i);
		}
		for (size_t i = 0; i < 300; i++)
			for (size_t j = 0; j < i; j++)
				kept = kept && p[i][j] == (char)(i % 251 + 1);
		td_arena_reset(&arena);
	}
	ok(aligned, "every allocation is aligned, of 0 bytes too");
	ok(zero, "every allocation is zeroed, after a reset too");
	ok(kept, "allocations do not overlap");
	p[0] = td_arena_alloc(&arena, 500000);
	ok(p[0] && all_zero(p[0], 500000), "one larger than any chunk");
	ok(!td_arena_array(&arena, SIZE_MAX / 2, 4), "an array whose size overflows");
	ok(td_arena_array(&arena, 10, 8), "an array");
	td_arena_free(&arena);
}

static void test_text(void)
{
	struct td_arena arena;
	struct td_view v;

	td_arena_init(&arena, 200);
	is_str(td_arena_str(&arena, td_view_mem("abcdef", 3)), "abc", "a string of a view");
	is_str(td_arena_str(&arena, td_view_str(NULL)), "", "a string of nothing");
	is_str(td_arena_printf(&arena, "%d-%s", 5, "x"), "5-x", "printf");
	v = td_arena_dup(&arena, td_view_mem("a\0b", 3));
	is_mem(v.p, v.n, "a\0b", 3, "a copy of a view with NUL");
	v = td_arena_dup(&arena, td_view_str(""));
	ok(v.p && v.n == 0, "a copy of an empty view is not NULL");
	ok(!td_arena_printf(&arena, "%300d", 1), "printf over the cap");
	v = td_arena_dup(&arena, td_view_mem((char[300]){ 0 }, 300));
	ok(!v.p && v.n == 0, "dup over the cap");
	td_arena_free(&arena);
}

int main(void)
{
	test_cap();
	test_memory();
	test_text();
	return done_testing();
}
