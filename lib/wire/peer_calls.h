/*
 * peer_calls - the requests a peer has under way, by id and by deadline
 *
 * Private to peer.c. Owns: the table and the heap, not the calls. Threads: the loop's. Errors: only adding allocates.
 */
#ifndef TD_PEER_CALLS_H
#define TD_PEER_CALLS_H

#include <sys/queue.h>

#include "peer.h"

struct td_call {
	uint32_t            id;
	uint16_t            verb;
	bool                idempotent;
	bool                written; /* on an earlier connection: it may have been carried out */
	bool                sent;    /* written whole on this connection, and in its list */
	td_peer_done       *done;    /* NULL: ended, but half of its frame is written, so the rest must follow */
	void               *arg;
	int64_t             deadline; /* monotonic ms; INT64_MAX: none */
	size_t              place;    /* in the heap + 1; 0: not there */
	struct td_call     *same;     /* next in its slot of the table */
	TAILQ_ENTRY(td_call) link;
	size_t              size;
	char                frame[];
};
TAILQ_HEAD(td_call_queue, td_call);

struct td_calls {
	struct td_call **slots; /* nslots is a power of two; ids count up, so that id & (nslots - 1) spreads them evenly */
	size_t           nslots;
	size_t           n;
	struct td_call **heap; /* the earliest deadline first */
	size_t           nheap;
	size_t           room; /* of heap */
};

/* False when out of memory: nothing changed then. */
bool td_calls_add(struct td_calls *calls, struct td_call *call);
void td_calls_remove(struct td_calls *calls, struct td_call *call);
/* NULL if there is none. */
struct td_call *td_calls_find(const struct td_calls *calls, uint32_t id);
/* The call with the earliest deadline, or NULL. */
struct td_call *td_calls_earliest(const struct td_calls *calls);
/* Frees the table and the heap. */
void td_calls_free(struct td_calls *calls);

#endif
