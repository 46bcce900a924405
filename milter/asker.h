/*
 * asker - the questions a mail asks of the store, behind an interface, so that tests answer them
 *
 * Threads: one mail's at a time. What an answer points to is valid until the next question or td_asker_rest. Errors: as
 * td_client_call.
 */
#ifndef TD_ASKER_H
#define TD_ASKER_H

#include "proto.h"

struct td_asker {
	/* A question with `hard` does not wait long: its mail passes without an answer. */
	enum td_status (*decide)(struct td_asker *asker, const struct td_query *query, struct td_arena *arena,
		struct td_verdict *out, struct td_err *err);
	/* repeatable: asking twice does no harm, so a lost answer may be asked for again */
	enum td_status (*prepare)(struct td_asker *asker, const struct td_prepare *request, bool repeatable,
		struct td_arena *arena, struct td_prepared *out, struct td_err *err);
};

struct td_client;
struct td_client_pool;

/*
 * Over connections to tandem-stored: one is taken from the pool for the first question and kept until
 * td_store_asker_rest.
 */
struct td_store_asker {
	struct td_asker        asker;
	struct td_client_pool *pool;
	struct td_client      *client;
	int64_t                wait_ms; /* for one answer, connecting included */
};

void td_store_asker_init(struct td_store_asker *asker, struct td_client_pool *pool, int64_t wait_ms);
/* Gives the connection back. */
void td_store_asker_rest(struct td_store_asker *asker);

/* True for a status that says the store is away or did not answer, rather than what it answered. */
bool td_store_is_away(enum td_status status);

#endif
