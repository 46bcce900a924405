/*
 * batch - all requests that have arrived, in one transaction
 */
#ifndef TD_BATCH_H
#define TD_BATCH_H

#include "op.h"

/* The handler of td_server: runs, commits, answers. */
void td_batch(void *arg, struct td_request *first);
/*
 * A writing operation of the store's own (recovery, sweeping), in a transaction of its own. A failure is logged and
 * returned.
 */
enum td_status td_store_do(struct td_store *store, td_verb_fn *fn);
/*
 * Runs these operations as one batch; for td_batch and for tests. Afterwards op->err.status says how each ended;
 * nothing is answered.
 */
void td_batch_run(struct td_store *store, struct td_op *first);

#endif
