/*
 * bucket - a token bucket: how many SMS a second a provider may get
 */
#include "bucket.h"

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
	*bucket = (struct bucket){ .rate = rate, .burst = size_of(rate), .tokens = size_of(rate), .at = now };
}

void bucket_rate(struct bucket *bucket, double rate, int64_t now)
{
	bucket->tokens = bucket->rate > 0 ? level(bucket, now) : size_of(rate);
	bucket->at = now;
	bucket->rate = rate;
	bucket->burst = size_of(rate);
	if (bucket->tokens > bucket->burst)
		bucket->tokens = bucket->burst;
}

bool bucket_take(struct bucket *bucket, int64_t now)
{
	double tokens;

	if (bucket->rate <= 0)
		return true;
	tokens = level(bucket, now);
	if (tokens < 1)
		return false;
	bucket->tokens = tokens - 1;
	bucket->at = now;
	return true;
}

void bucket_give(struct bucket *bucket)
{
	if (bucket->rate > 0)
		bucket->tokens += 1;
}

int64_t bucket_wait(const struct bucket *bucket, size_t n, int64_t now)
{
	double lacking, ms;

	if (bucket->rate <= 0)
		return 0;
	lacking = (double)n - level(bucket, now);
	if (lacking <= 0)
		return 0;
	ms = lacking * 1000 / bucket->rate;
	/* rounded up: at that time the token is there */
	return ms < 1e15 ? (int64_t)ms + 1 : (int64_t)1e15;
}
