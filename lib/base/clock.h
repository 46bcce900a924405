/*
 * clock - time and randomness as a small interface, so that tests own both
 *
 * Owns: nothing. Threads: the system clock is thread-safe; a test clock belongs to one thread.
 */
#ifndef TD_CLOCK_H
#define TD_CLOCK_H

#include <stddef.h>
#include <stdint.h>

struct td_clock {
	int64_t (*now_ms)(struct td_clock *clock);  /* Unix time, milliseconds */
	int64_t (*mono_ms)(struct td_clock *clock); /* never steps back; for time-outs */
	int64_t value_ms;                           /* used by the test clock */
};

/* CLOCK_REALTIME and CLOCK_MONOTONIC. Static, shared. */
struct td_clock *td_clock_system(void);
/* A clock that stands still at now_ms until its value_ms is changed. */
void td_clock_fixed(struct td_clock *clock, int64_t now_ms);

static inline int64_t td_now_ms(struct td_clock *clock) { return clock->now_ms(clock); }
static inline int64_t td_mono_ms(struct td_clock *clock) { return clock->mono_ms(clock); }

/* n random bytes from the kernel (getrandom); never fails short: aborts the process if the kernel has none. */
void td_random(void *out, size_t n);

#endif
