/*
 * arena - allocation in chunks that are freed together
 */
#include "arena.h"

#include <stdio.h>
#include <stdlib.h>

#define ALIGN _Alignof(max_align_t)
#define CHUNK_FIRST 4096
#define CHUNK_MAX 65536 /* chunks stop doubling here */

struct td_arena_chunk {
	struct td_arena_chunk *older;
	size_t                 room;
	size_t                 used;
	max_align_t            bytes[];
};

void td_arena_init(struct td_arena *arena, size_t cap)
{
	*arena = (struct td_arena){ .cap = cap };
}

/* A chunk with at least n bytes becomes the head. */
static struct td_arena_chunk *chunk_add(struct td_arena *arena, size_t n)
{
	size_t room = arena->head ? arena->head->room * 2 : CHUNK_FIRST;
	struct td_arena_chunk *chunk;

	if (room > CHUNK_MAX)
		room = CHUNK_MAX;
	if (room > arena->cap - arena->used) /* no use for more than the cap allows */
		room = arena->cap - arena->used;
	if (room < n)
		room = n;
	if (room > SIZE_MAX - sizeof(*chunk))
		return NULL;
	chunk = malloc(sizeof(*chunk) + room);
	if (!chunk)
		return NULL;
	*chunk = (struct td_arena_chunk){ .older = arena->head, .room = room };
	arena->head = chunk;
	return chunk;
}

void *td_arena_alloc(struct td_arena *arena, size_t n)
{
	struct td_arena_chunk *chunk = arena->head;
	char *p;

	if (n > SIZE_MAX - ALIGN)
		goto full;
	n = (n + (n == 0) + ALIGN - 1) / ALIGN * ALIGN;
	if (n > arena->cap - arena->used)
		goto full;
	if (!chunk || n > chunk->room - chunk->used)
		chunk = chunk_add(arena, n);
	if (!chunk)
		goto full;
	p = (char *)chunk->bytes + chunk->used;
	chunk->used += n;
	arena->used += n;
	return memset(p, 0, n);

full:
	arena->full = true;
	return NULL;
}

void *td_arena_array(struct td_arena *arena, size_t count, size_t size)
{
	size_t n;

	if (__builtin_mul_overflow(count, size, &n)) {
		arena->full = true;
		return NULL;
	}
	return td_arena_alloc(arena, n);
}

char *td_arena_str(struct td_arena *arena, struct td_view v)
{
	char *copy = td_arena_alloc(arena, v.n + 1); /* v.n < SIZE_MAX: no object is that large */

	if (copy && v.n > 0)
		memcpy(copy, v.p, v.n);
	return copy;
}

struct td_view td_arena_dup(struct td_arena *arena, struct td_view v)
{
	char *copy = td_arena_alloc(arena, v.n);

	if (!copy)
		return (struct td_view){ NULL, 0 };
	if (v.n > 0)
		memcpy(copy, v.p, v.n);
	return (struct td_view){ copy, v.n };
}

char *td_arena_printf(struct td_arena *arena, const char *fmt, ...)
{
	va_list args, again;
	char *text = NULL;
	int n;

	va_start(args, fmt);
	va_copy(again, args);
	n = vsnprintf(NULL, 0, fmt, args);
	if (n >= 0)
		text = td_arena_alloc(arena, (size_t)n + 1);
	if (text)
		vsnprintf(text, (size_t)n + 1, fmt, again);
	va_end(again);
	va_end(args);
	return text;
}

bool td_arena_full(const struct td_arena *arena)
{
	return arena->full;
}

/* Frees from the head down to, not including, keep. */
static void chunks_free(struct td_arena *arena, const struct td_arena_chunk *keep)
{
	while (arena->head != keep) {
		struct td_arena_chunk *older = arena->head->older;

		free(arena->head);
		arena->head = older;
	}
}

void td_arena_reset(struct td_arena *arena)
{
	struct td_arena_chunk *first = arena->head;

	while (first && first->older)
		first = first->older;
	chunks_free(arena, first);
	if (first)
		first->used = 0;
	arena->used = 0;
	arena->full = false;
}

void td_arena_free(struct td_arena *arena)
{
	if (!arena)
		return;
	chunks_free(arena, NULL);
	arena->used = 0;
	arena->full = false;
}
