/*
 * clock - the system's time and randomness, and a clock for tests
 */
#include "clock.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

static int64_t read_ms(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static int64_t system_now(struct td_clock *clock)
{
	(void)clock;
	return read_ms(CLOCK_REALTIME);
}

static int64_t system_mono(struct td_clock *clock)
{
	(void)clock;
	return read_ms(CLOCK_MONOTONIC);
}

static int64_t fixed_now(struct td_clock *clock)
{
	return clock->value_ms;
}

struct td_clock *td_clock_system(void)
{
	static struct td_clock clock = { system_now, system_mono, 0 };

	return &clock;
}

void td_clock_fixed(struct td_clock *clock, int64_t now_ms)
{
	*clock = (struct td_clock){ fixed_now, fixed_now, now_ms };
}

void td_random(void *out, size_t n)
{
	char *p = out;

	while (n > 0) {
		ssize_t got = getrandom(p, n, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0) /* going on with something guessable would be worse */
			abort();
		p += got;
		n -= (size_t)got;
	}
}
