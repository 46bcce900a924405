/*
 * peer_calls - the requests a peer has under way, by id and by deadline
 *
 * Deadlines differ from verb to verb, so they are in a binary heap; a call knows its place there, as most leave it
 * early.
 */
#include "peer_calls.h"

#include <stdlib.h>

#define FIRST_ROOM 64

static bool grow_table(struct td_calls *calls)
{
	size_t        nslots = calls->nslots ? 2 * calls->nslots : FIRST_ROOM;
	struct td_call **slots = calloc(nslots, sizeof(struct td_call *));

	if (!slots)
		return false;
	for (size_t i = 0; i < calls->nslots; i++) {
		struct td_call *call, *next;

		for (call = calls->slots[i]; call; call = next) {
			struct td_call **slot = &slots[call->id & (nslots - 1)];

			next = call->same;
			call->same = *slot;
			*slot = call;
		}
	}
	free(calls->slots);
	calls->slots = slots;
	calls->nslots = nslots;
	return true;
}

static bool grow_heap(struct td_calls *calls)
{
	size_t        room = calls->room ? 2 * calls->room : FIRST_ROOM;
	struct td_call **heap = reallocarray(calls->heap, room, sizeof(struct td_call *));

	if (!heap)
		return false;
	calls->heap = heap;
	calls->room = room;
	return true;
}

static void set_place(struct td_calls *calls, size_t i, struct td_call *call)
{
	calls->heap[i] = call;
	call->place = i + 1;
}

static void rise(struct td_calls *calls, size_t i, struct td_call *call)
{
	while (i > 0 && calls->heap[(i - 1) / 2]->deadline > call->deadline) {
		set_place(calls, i, calls->heap[(i - 1) / 2]);
		i = (i - 1) / 2;
	}
	set_place(calls, i, call);
}

static void sink(struct td_calls *calls, size_t i, struct td_call *call)
{
	for (;;) {
		size_t child = 2 * i + 1;

		if (child + 1 < calls->nheap && calls->heap[child + 1]->deadline < calls->heap[child]->deadline)
			child++;
		if (child >= calls->nheap || calls->heap[child]->deadline >= call->deadline)
			break;
		set_place(calls, i, calls->heap[child]);
		i = child;
	}
	set_place(calls, i, call);
}

static void leave_heap(struct td_calls *calls, struct td_call *call)
{
	size_t       i = call->place - 1;
	struct td_call *last = calls->heap[--calls->nheap];

	call->place = 0;
	if (last == call)
		return;
	if (last->deadline < call->deadline)
		rise(calls, i, last);
	else
		sink(calls, i, last);
}

bool td_calls_add(struct td_calls *calls, struct td_call *call)
{
	struct td_call **slot;

	if (calls->n >= calls->nslots && !grow_table(calls))
		return false;
	if (calls->nheap == calls->room && !grow_heap(calls))
		return false;
	slot = &calls->slots[call->id & (calls->nslots - 1)];
	call->same = *slot;
	*slot = call;
	calls->n++;
	call->place = 0;
	if (call->deadline != INT64_MAX)
		rise(calls, calls->nheap++, call);
	return true;
}

void td_calls_remove(struct td_calls *calls, struct td_call *call)
{
	struct td_call **slot = &calls->slots[call->id & (calls->nslots - 1)];

	while (*slot != call)
		slot = &(*slot)->same;
	*slot = call->same;
	calls->n--;
	if (call->place)
		leave_heap(calls, call);
}

struct td_call *td_calls_find(const struct td_calls *calls, uint32_t id)
{
	struct td_call *call = calls->nslots ? calls->slots[id & (calls->nslots - 1)] : NULL;

	while (call && call->id != id)
		call = call->same;
	return call;
}

struct td_call *td_calls_earliest(const struct td_calls *calls)
{
	return calls->nheap > 0 ? calls->heap[0] : NULL;
}

void td_calls_free(struct td_calls *calls)
{
	free(calls->slots);
	free(calls->heap);
}
