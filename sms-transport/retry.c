/*
 * retry - when an SMS that was not accepted is tried again
 */
#include "retry.h"

#define FALLBACK_MS 30000 /* for an empty table */
#define UNCERTAIN_MAX 5   /* questions to the provider about one SMS */
#define PATIENCE_URGENT_MS 5000
#define PATIENCE_MS 60000

static int64_t wait_of(const int64_t *table, size_t n, int64_t round)
{
	if (!n)
		return FALLBACK_MS;
	return table[round < (int64_t)n ? round : (int64_t)n - 1];
}

static int64_t round_of(const struct retry_ask *ask)
{
	int64_t attempt = ask->attempt > 0 ? ask->attempt - 1 : 0;

	return ask->providers > 1 ? attempt / (int64_t)ask->providers : attempt;
}

/* True when a provider of the route has not been tried in this round. */
static bool another(const struct retry_ask *ask)
{
	return ask->providers > 1 && ask->attempt % (int64_t)ask->providers != 0;
}

static int64_t bounded(const struct retry_ask *ask, int64_t wait)
{
	int64_t due = ask->now + wait;

	return ask->expires && due > ask->expires ? ask->expires : due;
}

int64_t retry_temporary(const struct td_conf *conf, const struct retry_ask *ask)
{
	if (another(ask))
		return ask->now;
	if (ask->after_ms > 0)
		return bounded(ask, ask->after_ms);
	return bounded(ask, wait_of(conf->retry.temporary_ms, conf->retry.ntemporary, round_of(ask)));
}

int64_t retry_patience_ms(enum td_class cls)
{
	return cls == TD_CLASS_CRITICAL || cls == TD_CLASS_SOLICITED ? PATIENCE_URGENT_MS : PATIENCE_MS;
}

int64_t retry_throttled(const struct td_conf *conf, const struct retry_ask *ask)
{
	int64_t wait = ask->after_ms;

	if (wait <= 0)
		wait = wait_of(conf->retry.throttled_ms, conf->retry.nthrottled, round_of(ask));
	if (another(ask) && wait > retry_patience_ms(ask->cls))
		return ask->now;
	return bounded(ask, wait);
}

int64_t retry_uncertain(const struct td_conf *conf, const struct retry_ask *ask)
{
	if (ask->attempt > UNCERTAIN_MAX)
		return 0;
	return bounded(ask, wait_of(conf->retry.temporary_ms, conf->retry.ntemporary,
		ask->attempt > 0 ? ask->attempt - 1 : 0));
}
