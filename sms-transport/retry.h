/*
 * retry - when an SMS that was not accepted is tried again
 *
 * The tables are `retry.temporary` and `retry.throttled` of the configuration: one wait for each round of failures, the
 * last one from then on, until the SMS expires. A round is one attempt at each provider of the route. Threads: pure.
 * Times are Unix milliseconds.
 */
#ifndef TD_RETRY_H
#define TD_RETRY_H

#include "conf.h"

struct retry_ask {
	enum td_class cls;
	int64_t       attempt;   /* begun so far, this one included: 1 or more */
	size_t        providers; /* of the route */
	int64_t       after_ms;  /* what the provider asked for; 0 = nothing */
	int64_t       expires;   /* 0 = never */
	int64_t       now;
};

/*
 * Surely not sent: at once with the next provider, or after the table's wait when all have been tried. Never later than
 * expires.
 */
int64_t retry_temporary(const struct td_conf *conf, const struct retry_ask *ask);
/*
 * Too fast: as the provider asks, else by the table. With another provider, at once when the wait is over 5 s
 * (critical, solicited) or 60 s.
 */
int64_t retry_throttled(const struct td_conf *conf, const struct retry_ask *ask);
/* How long an SMS of this class waits for a provider rather than go by another. */
int64_t retry_patience_ms(enum td_class cls);
/* Perhaps sent: when to ask the provider about it. 0: not any more. */
int64_t retry_uncertain(const struct td_conf *conf, const struct retry_ask *ask);

#endif
