/*
 * bucket - a token bucket: how many SMS a second a provider may get
 *
 * Owns: nothing. Threads: one at a time. Times are monotonic milliseconds. A rate of 0 means no limit.
 */
#ifndef TD_BUCKET_H
#define TD_BUCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bucket {
	double  rate;   /* tokens a second */
	double  burst;  /* tokens it holds at most: a tenth of a second's worth, at least 1 */
	double  tokens;
	int64_t at;     /* when tokens was right */
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
int64_t bucket_wait(const struct bucket *bucket, size_t n, int64_t now);

#endif
