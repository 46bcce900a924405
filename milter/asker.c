/*
 * asker - the questions a mail asks of the store, over pooled connections
 */
#include "asker.h"

#include <stdatomic.h>

#include "client.h"
#include "clock.h"

/*
 * Mail that nobody tagged waits this long for a store that does not answer, and for this long after that none waits
 * again: it is let through anyway.
 */
#define HARD_WAIT_MS 500
#define HARD_REST_MS 2000

/* The end of that rest, on the monotonic clock; for all connections, which all wait for the one store. */
static _Atomic int64_t rests_until;

static enum td_status call(struct td_asker *base, uint16_t verb, const struct td_shape *shape, const void *request,
	const struct td_shape *reply_shape, void *out, bool repeatable, struct td_arena *arena, int64_t wait_ms,
	struct td_err *err)
{
	struct td_store_asker *asker = (struct td_store_asker *)base;

	if (!asker->client)
		asker->client = td_client_pool_get(asker->pool);
	if (!asker->client)
		return td_err_set(err, TD_TEMPFAIL, "store: out of memory");
	return td_client_call(asker->client, verb, shape, request, reply_shape, out, arena, wait_ms, repeatable, err);
}

static enum td_status decide_hard(struct td_asker *base, const struct td_query *query, struct td_arena *arena,
	struct td_verdict *out, struct td_err *err)
{
	int64_t wait = ((struct td_store_asker *)base)->wait_ms;
	enum td_status status;

	if (td_mono_ms(td_clock_system()) < atomic_load(&rests_until))
		return td_err_set(err, TD_TEMPFAIL, "the store was away a moment ago");
	status = call(base, TD_V_DECIDE, &td_query_shape, query, &td_verdict_shape, out, true, arena,
		wait < HARD_WAIT_MS ? wait : HARD_WAIT_MS, err);
	if (td_store_is_away(status))
		atomic_store(&rests_until, td_mono_ms(td_clock_system()) + HARD_REST_MS);
	return status;
}

static enum td_status decide(struct td_asker *base, const struct td_query *query, struct td_arena *arena,
	struct td_verdict *out,
	struct td_err *err)
{
	if (query->hard)
		return decide_hard(base, query, arena, out, err);
	return call(base, TD_V_DECIDE, &td_query_shape, query, &td_verdict_shape, out, true, arena,
		((struct td_store_asker *)base)->wait_ms, err);
}

static enum td_status prepare(struct td_asker *base, const struct td_prepare *request, bool repeatable,
	struct td_arena *arena,
	struct td_prepared *out, struct td_err *err)
{
	return call(base, TD_V_PREPARE, &td_prepare_shape, request, &td_prepared_shape, out, repeatable, arena,
		((struct td_store_asker *)base)->wait_ms, err);
}

void td_store_asker_init(struct td_store_asker *asker, struct td_client_pool *pool, int64_t wait_ms)
{
	*asker = (struct td_store_asker){ .asker = { decide, prepare }, .pool = pool, .wait_ms = wait_ms };
}

void td_store_asker_rest(struct td_store_asker *asker)
{
	if (asker->client)
		td_client_pool_put(asker->pool, asker->client);
	asker->client = NULL;
}

bool td_store_is_away(enum td_status status)
{
	return status == TD_TEMPFAIL || status == TD_UNCERTAIN;
}
