/*
 * receipt - what a provider says of a message after it took it
 */
#ifndef TD_RECEIPT_H
#define TD_RECEIPT_H

#include "job.h"

struct td_receipt_fact {
	int64_t        state; /* DELIVERED, UNDELIVERED, UNKNOWN, ACCEPTED */
	struct td_view code;
	int64_t        at;
	bool           bad_number; /* undelivered because there is no such subscriber */
};
/*
 * Moves the job on by rank (ACCEPTED < UNKNOWN < DELIVERED, UNDELIVERED); never back from a final state. *job is as
 * read before; its state is changed here too.
 */
enum td_status td_receipt_apply(struct td_store *store, struct td_op *op, struct td_job_row *job,
	const struct td_receipt_fact *fact);
/* Applies what came before the job was accepted. */
enum td_status td_receipt_unpark(struct td_store *store, struct td_op *op, struct td_job_row *job);
/* A permanent failure of this number: the second within 30 days makes it undeliverable (policy §4). */
enum td_status td_number_strike(struct td_store *store, struct td_op *op, const struct td_job_row *job);

#endif
