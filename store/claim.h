/*
 * claim - hands due jobs to those who wait for them (long poll)
 *
 * Owns: the list of waiters, the timer. Threads: the loop's. Lifetime: one a store.
 */
#ifndef TD_CLAIM_H
#define TD_CLAIM_H

#include "op.h"

struct event_base;
struct td_conn;
struct td_claims;

/* NULL when out of memory. Sets store->wake. */
struct td_claims *td_claims_new(struct td_store *store, struct event_base *base);
/* Gives due jobs to the waiters; after each batch and when the timer fires. */
void td_claims_serve(struct td_claims *claims);
/* A connection has gone: its waits end, its leases too; what it had begun goes back into the queue. */
void td_claims_closed(struct td_claims *claims, const struct td_conn *conn);
/*
 * Puts jobs that nobody can be sending into the queue again: at start all SUBMITTING ones, later orphans. TD_TEMPFAIL:
 * try again.
 */
enum td_status td_claims_recover(struct td_store *store, struct td_op *op);
enum td_status td_claims_requeue(struct td_store *store, struct td_op *op);
/* From now on every wait is answered at once: at shutdown. */
void td_claims_drain(struct td_claims *claims);
void td_claims_free(struct td_claims *claims);

#endif
