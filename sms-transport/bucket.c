/*
 * bucket - a token bucket: how many SMS a second a provider may get, and how many it takes
 */
#include "bucket.h"

#define GROW_MS 1000
#define GROWTH 1.1
#define HALVE_MS 1000 /* answers to what was under way together are one complaint */
#define LEAST 0.05    /* tokens a second, however often it complains */

static double size_of(double rate)
{
	return rate > 10 ? rate / 10 : 1;
}

static double level(const struct bucket *bucket, int64_t now)
{
	double tokens = bucket->tokens + (double)(now - bucket->at) * bucket->rate / 1000;

	return tokens < bucket->burst ? tokens : bucket->burst;
}

void bucket_init(struct bucket *bucket, double rate, int64_t now)
{
	*bucket = (struct bucket){ .rate = rate, .full = rate, .burst = size_of(rate), .tokens = size_of(rate), .at = now };
}

static void set_rate(struct bucket *bucket, double rate, int64_t now)
{
	bucket->tokens = bucket->rate > 0 ? level(bucket, now) : size_of(rate);
	bucket->at = now;
	bucket->rate = rate;
	bucket->burst = size_of(rate);
	if (bucket->tokens > bucket->burst)
		bucket->tokens = bucket->burst;
}

void bucket_rate(struct bucket *bucket, double rate, int64_t now)
{
	set_rate(bucket, rate, now);
	bucket->full = rate;
	bucket->enough = 0;
}

/* True while it gets less than it might. */
static bool reduced(const struct bucket *bucket)
{
	return bucket->full > 0 ? bucket->rate < bucket->full : bucket->enough > 0;
}

/* Grows back for the seconds that have gone by. */
static void grow(struct bucket *bucket, int64_t now)
{
	while (reduced(bucket) && now - bucket->grown >= GROW_MS) {
		double rate = bucket->rate * GROWTH;

		bucket->grown += GROW_MS;
		if (bucket->full > 0) {
			set_rate(bucket, rate < bucket->full ? rate : bucket->full, bucket->grown);
		} else if (rate < bucket->enough) {
			set_rate(bucket, rate, bucket->grown);
		} else {
			set_rate(bucket, 0, bucket->grown);
			bucket->enough = 0;
		}
	}
}

static void count(struct bucket *bucket, int64_t now)
{
	int64_t second = now / 1000;

	if (second != bucket->second) {
		bucket->before = second == bucket->second + 1 ? bucket->taken : 0;
		bucket->taken = 0;
		bucket->second = second;
	}
	bucket->taken++;
}

bool bucket_take(struct bucket *bucket, int64_t now)
{
	double tokens;

	if (now < bucket->paused)
		return false;
	grow(bucket, now);
	if (bucket->rate > 0) {
		tokens = level(bucket, now);
		if (tokens < 1)
			return false;
		bucket->tokens = tokens - 1;
		bucket->at = now;
	}
	count(bucket, now);
	return true;
}

void bucket_give(struct bucket *bucket)
{
	if (bucket->rate > 0)
		bucket->tokens += 1;
	if (bucket->taken > 0)
		bucket->taken--;
}

int64_t bucket_wait(struct bucket *bucket, size_t n, int64_t now)
{
	int64_t pause = bucket_paused_ms(bucket, now);
	double lacking, ms;

	grow(bucket, now);
	if (bucket->rate <= 0)
		return pause;
	lacking = (double)n - level(bucket, now + pause);
	if (lacking <= 0)
		return pause;
	ms = lacking * 1000 / bucket->rate;
	/* rounded up: at that time the token is there */
	return ms < 1e15 ? pause + (int64_t)ms + 1 : (int64_t)1e15;
}

void bucket_throttled(struct bucket *bucket, int64_t after_ms, int64_t now)
{
	double rate;

	if (after_ms > BUCKET_PAUSE_MAX_MS)
		after_ms = BUCKET_PAUSE_MAX_MS;
	if (after_ms > 0 && now + after_ms > bucket->paused)
		bucket->paused = now + after_ms;
	grow(bucket, now);
	bucket->grown = now > bucket->paused ? now : bucket->paused; /* not while it gets nothing */
	if (reduced(bucket) && now - bucket->halved < HALVE_MS)
		return;
	rate = bucket->rate;
	if (rate <= 0) {
		rate = bucket->taken > bucket->before ? bucket->taken : bucket->before;
		bucket->enough = 2 * (rate > 1 ? rate : 1);
	}
	rate = rate / 2 > LEAST ? rate / 2 : LEAST;
	set_rate(bucket, rate, now);
	bucket->halved = now;
}

int64_t bucket_paused_ms(const struct bucket *bucket, int64_t now)
{
	return now < bucket->paused ? bucket->paused - now : 0;
}

double bucket_rate_now(const struct bucket *bucket, int64_t now)
{
	struct bucket copy = *bucket;

	grow(&copy, now);
	return copy.rate;
}
