/*
 * bucket - a token bucket: how many SMS a second a provider may get, and how many it takes
 *
 * A provider that says "too fast" gets half as much from then on, and a tenth more each second in which it does not say
 * so, up to what is configured; where it names a time, it gets nothing until then. With no limit configured, half of
 * what it got in the second before; the limit falls away again when it has grown to twice of that.
 *
 * Owns: nothing. Threads: one at a time. Times are monotonic milliseconds. A rate of 0 means no limit.
 */
#ifndef TD_BUCKET_H
#define TD_BUCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BUCKET_PAUSE_MAX_MS 300000 /* a provider that wants to be left alone for longer is asked again after this */

struct bucket {
	double  rate;   /* tokens a second, as things are */
	double  full;   /* as configured */
	double  enough; /* 0, or (no limit configured, but throttled) the rate at which there is none again */
	double  burst;  /* tokens it holds at most: a tenth of a second's worth, at least 1 */
	double  tokens;
	int64_t at;     /* when tokens was right */
	int64_t paused; /* nothing before this */
	int64_t halved, grown; /* when it last did */
	int64_t second; /* the second that `taken` counts in */
	double  taken, before; /* tokens taken in it, and in the one before */
};

/* A full bucket. */
void bucket_init(struct bucket *bucket, double rate, int64_t now);
/* Another rate from now on; what is in it stays, up to the new size. */
void bucket_rate(struct bucket *bucket, double rate, int64_t now);
/* Takes a token if there is one. */
bool bucket_take(struct bucket *bucket, int64_t now);
/* Puts back one that was taken and not used. */
void bucket_give(struct bucket *bucket);
/* Milliseconds until the nth token from now (n ≥ 1) is there; 0 = now. */
int64_t bucket_wait(struct bucket *bucket, size_t n, int64_t now);
/* The provider says that this was too fast. after_ms: how long it wants to be left alone, 0 = it does not say. */
void bucket_throttled(struct bucket *bucket, int64_t after_ms, int64_t now);
/* Milliseconds for which the provider wants to be left alone. */
int64_t bucket_paused_ms(const struct bucket *bucket, int64_t now);
/* Tokens a second now; 0 = no limit. */
double bucket_rate_now(const struct bucket *bucket, int64_t now);

#endif
