/*
 * arena - one allocation scope with a cap; everything is freed together
 *
 * Owns: its chunks. Threads: one at a time. Lifetime: td_arena_free or td_arena_reset ends every pointer given out.
 * The cap is the denial-of-service limit of what is parsed into it: an allocation over it returns NULL and the arena
 * stays usable (and td_arena_full answers true from then on).
 */
#ifndef TD_ARENA_H
#define TD_ARENA_H

#include <stdarg.h>

#include "view.h"

struct td_arena_chunk;

struct td_arena {
	struct td_arena_chunk *head;
	size_t                 used; /* bytes given out */
	size_t                 cap;  /* bytes at most */
	bool                   full;
};

/* An empty arena with a cap in bytes; allocates nothing yet. */
void td_arena_init(struct td_arena *arena, size_t cap);
/* n bytes, aligned for any type, zeroed; NULL over the cap or out of memory. n = 0 gives a valid pointer. */
void *td_arena_alloc(struct td_arena *arena, size_t n);
/* Array of count elements, overflow-checked, zeroed. */
void *td_arena_array(struct td_arena *arena, size_t count, size_t size);
/* NUL-terminated copy; NULL as above. */
char *td_arena_str(struct td_arena *arena, struct td_view v);
/* Copy as a view; on failure an empty view with p == NULL. */
struct td_view td_arena_dup(struct td_arena *arena, struct td_view v);
char *td_arena_printf(struct td_arena *arena, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
bool td_arena_full(const struct td_arena *arena);
/* Frees everything but keeps the first chunk and the cap, for the next message. */
void td_arena_reset(struct td_arena *arena);
/* Frees everything. NULL allowed. */
void td_arena_free(struct td_arena *arena);

#define TD_NEW(arena, type) ((type *)td_arena_alloc((arena), sizeof(type)))
#define TD_NEWN(arena, count, type) ((type *)td_arena_array((arena), (count), sizeof(type)))

#endif
