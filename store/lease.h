/*
 * lease - which connection holds which job; in memory, because one stored has one file (lease rows are for many hosts)
 *
 * A lease is taken when a job is handed out and ends when it is settled or its connection ends. A job that had been
 * begun when its connection ended becomes an orphan: nobody may claim it before it is put back into the queue in the
 * store (claim.c).
 *
 * Owns: its table. Threads: the loop's. Errors: out of memory makes td_lease_take answer false.
 */
#ifndef TD_LEASE_H
#define TD_LEASE_H

#include "codec.h"
#include "view.h"

struct td_lease {
	char             id[TD_ID_SIZE]; /* of the job */
	uint64_t         serial;         /* of the connection; 0 = orphan */
	bool             begun;
	int              report;         /* which report was handed out, 0 = a job to send */
	struct td_lease *next;           /* in the bucket */
};
struct td_leases;

struct td_leases *td_leases_new(void);
void td_leases_free(struct td_leases *leases); /* NULL allowed */
/* False when it is held already, or out of memory. */
bool td_lease_take(struct td_leases *leases, struct td_view job, uint64_t serial, int report);
/* NULL when nobody holds it. Valid until the next call that changes leases. */
struct td_lease *td_lease_of(const struct td_leases *leases, struct td_view job);
void td_lease_end(struct td_leases *leases, struct td_view job);
/* The connection has gone: begun ones become orphans, the rest ends. How many of either. */
size_t td_lease_drop(struct td_leases *leases, uint64_t serial);
/*
 * Calls fn for each orphan; fn must not change leases. End them when they are back in the queue. How many there were.
 */
size_t td_lease_orphans(const struct td_leases *leases, void (*fn)(void *arg, const struct td_lease *lease), void *arg);
size_t td_lease_count(const struct td_leases *leases);
/* Those not begun: what stands in the way of a claim. */
size_t td_lease_waiting(const struct td_leases *leases);
void td_lease_set_begun(struct td_leases *leases, struct td_lease *lease, bool begun);

#endif
