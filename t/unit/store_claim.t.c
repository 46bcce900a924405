/*
 * store_claim - who waits for jobs gets them when they are due: what becomes due while the store is looking, the lane
 * of urgent ones, jobs that are out
 *
 * The requests are this test's: nobody is connected, and an answer is kept. The clock can go on by a step with each
 * reading, as it does while a claim is served.
 */
#include <event2/event.h>

#include "claim.h"
#include "log.h"
#include "server.h"
#include "store_bench.h"

#define STEP 10
#define WAIT 60000

static struct bench       b;
static struct td_claims  *claims;
static struct event_base *base;
static int                nanswers;
static char               answered[TD_ID_SIZE]; /* the first job of the last answer */

/* In place of lib/wire's. */
void td_request_reply(struct td_request *request, const struct td_shape *shape, const void *value)
{
	const struct td_claimed *claimed = value;
	const struct td_job     *jobs;

	if (request || shape != &td_claimed_shape)
		bail_out("an answer to nobody");
	jobs = claimed->jobs.v;
	nanswers++;
	snprintf(answered, sizeof answered, "%.*s", claimed->jobs.n ? (int)jobs[0].id.n : 0,
		claimed->jobs.n ? jobs[0].id.p : "");
}

void td_request_fail(struct td_request *request, const struct td_err *err)
{
	(void)request;
	bail_out("%s", err->text);
}

static int64_t ticking(struct td_clock *clock)
{
	clock->value_ms += STEP;
	return clock->value_ms;
}

static int64_t standing(struct td_clock *clock)
{
	return clock->value_ms;
}

/* The store looks, and each time it reads the clock, that has gone on. */
static void serve_ticking(void)
{
	b.clock.now_ms = ticking;
	td_claims_serve(claims);
	b.clock.now_ms = standing;
}

static void wait_for(bool urgent)
{
	const struct td_claim in = { .max = 10, .wait_ms = WAIT, .urgent = urgent };

	nanswers = 0;
	answered[0] = '\0';
	is_int(bench_call(&b, TD_V_CLAIM, &in, urgent ? 8 : 7)->err.status, TD_OK, "%s is asked for",
		urgent ? "an urgent job" : "any job");
}

/* Due so many milliseconds from now. */
static struct td_view job(const char *key, enum td_class cls, int64_t delay)
{
	struct td_prepare *mail = bench_mail(&b, "+12025550101", "text", key, cls, "");

	mail->delay = delay;
	return bench_job(&b, mail);
}

static void end_wait(void)
{
	b.clock.value_ms += WAIT;
	td_claims_serve(claims);
	is_int(nanswers, 1, "at its end the wait is answered");
}

/* What becomes due after the store has read what is due, and before it asks what will be. */
static void due_meanwhile(bool urgent)
{
	struct td_view id = job(urgent ? "m-1" : "m-2", urgent ? TD_CLASS_CRITICAL : TD_CLASS_TRANSACTIONAL, 3 * STEP);

	b.store->due_hint = b.store->urgent_hint = b.clock.value_ms; /* look now, whatever is known */
	wait_for(urgent);
	serve_ticking();
	is_int(nanswers, 0, "not due when the store looked");
	ok((urgent ? b.store->urgent_hint : b.store->due_hint) <= b.clock.value_ms,
		"due before the store had looked ahead: it is looked at again");
	td_claims_serve(claims);
	is_int(nanswers, 1, "the wait is answered");
	is_view(id, answered, "with the job");
}

/* What is not urgent neither answers nor hides what is. */
static void lanes(void)
{
	struct td_view slow = job("l-1", TD_CLASS_TRANSACTIONAL, 0), soon = job("l-2", TD_CLASS_CRITICAL, 50), last;

	wait_for(true);
	td_claims_serve(claims);
	is_int(nanswers, 0, "an SMS without haste is not for the urgent lane");
	is_int(b.store->urgent_hint, b.clock.value_ms + 50, "which is looked at when an urgent one is due");
	ok(b.store->due_hint <= b.clock.value_ms, "and the other is due");
	b.clock.value_ms += 50;
	td_claims_serve(claims);
	is_view(soon, answered, "the urgent one comes, alone");
	wait_for(false);
	td_claims_serve(claims);
	is_view(slow, answered, "the other to who takes any");
	wait_for(true);
	td_claims_serve(claims);
	is_int(nanswers, 0, "what is out comes to nobody else");
	last = job("l-3", TD_CLASS_CRITICAL, 0);
	td_claims_serve(claims);
	is_view(last, answered, "an urgent one that is new, at once");
}

static void nothing_due(void)
{
	wait_for(false);
	td_claims_serve(claims);
	is_int(nanswers, 0, "nothing is due");
	ok(b.store->due_hint == INT64_MAX && b.store->urgent_hint == INT64_MAX, "nor will anything be");
	end_wait();
	is_str(answered, "", "with nothing");
}

int main(void)
{
	td_log_open("store_claim", "file:/dev/null", TD_LOG_INFO, false, NULL);
	bench_start(&b);
	base = event_base_new();
	claims = base ? td_claims_new(b.store, base) : NULL;
	if (!claims)
		bail_out("no event base");
	nothing_due();
	due_meanwhile(true);
	due_meanwhile(false);
	lanes();
	td_claims_free(claims);
	event_base_free(base);
	bench_end(&b);
	return done_testing();
}
