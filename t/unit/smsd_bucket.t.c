/*
 * smsd_bucket - the token bucket never lets more through than its rate
 */
#include "bucket.h"
#include "tap.h"

/* Takes whenever possible in each of the ms; how many. */
static int drain(struct bucket *bucket, int64_t from, int64_t to)
{
	int n = 0;

	for (int64_t now = from; now < to; now++) {
		while (bucket_take(bucket, now))
			n++;
	}
	return n;
}

/* most of them, one every two milliseconds from 5000 on; how many there were. */
static int drain_some(struct bucket *bucket, int most)
{
	int n = 0;

	for (int i = 0; i < most; i++)
		n += bucket_take(bucket, 5000 + i * 2);
	return n;
}

/* The provider says "too fast". */
static void test_throttled(void)
{
	struct bucket b;

	bucket_init(&b, 100, 0);
	bucket_throttled(&b, 3000, 10000);
	ok(!bucket_take(&b, 10000) && !bucket_take(&b, 12999), "it is left alone for as long as it wants");
	is_int(bucket_paused_ms(&b, 11000), 2000, "which can be asked");
	is_int(bucket_wait(&b, 1, 11000), 2000, "and waited for");
	ok(bucket_take(&b, 13000), "then it gets some");
	ok(bucket_rate_now(&b, 13000) == 50, "half as much as before");
	bucket_throttled(&b, 0, 13001);
	ok(bucket_rate_now(&b, 13001) == 25, "a second complaint halves again");
	for (int i = 0; i < 60; i++)
		bucket_throttled(&b, 0, 13002 + i);
	ok(bucket_rate_now(&b, 13100) == 25, "answers to what was under way together are one complaint");
	ok(bucket_rate_now(&b, 15000) > 25 && bucket_rate_now(&b, 15000) < 28, "a tenth more after a second of peace");
	ok(bucket_rate_now(&b, 24000) > 60 && bucket_rate_now(&b, 24000) < 75, "and so on");
	ok(bucket_rate_now(&b, 60000) == 100, "up to what is configured");
	is_int(drain(&b, 60000, 61001), 110, "which is then kept to");
	bucket_throttled(&b, 24 * 3600 * 1000, 70000);
	is_int(bucket_paused_ms(&b, 70000), BUCKET_PAUSE_MAX_MS, "a day off is too much");
	for (int i = 0; i < 100; i++)
		bucket_throttled(&b, 0, 400000 + i * 2000);
	ok(bucket_rate_now(&b, 600000) > 0, "it never gets nothing for good");

	bucket_init(&b, 0, 0);
	is_int(drain_some(&b, 400), 400, "no limit");
	bucket_throttled(&b, 0, 5900);
	ok(bucket_rate_now(&b, 5900) == 200, "without a limit, half of what it got in the last second");
	ok(bucket_rate_now(&b, 15900) > 200 && bucket_rate_now(&b, 15900) < 800, "grows too");
	ok(bucket_rate_now(&b, 40000) == 0, "until there is no limit again");
	ok(bucket_take(&b, 40000) && bucket_wait(&b, 1000, 40000) == 0, "really none");
}

int main(void)
{
	struct bucket b;
	int64_t wait;

	bucket_init(&b, 10, 0);
	is_int(drain(&b, 0, 1), 1, "10 a second: one at once");
	is_int(drain(&b, 1, 1001), 10, "and ten in a second");
	wait = bucket_wait(&b, 1, 1001);
	ok(wait > 0 && wait <= 101, "the next one comes within 100 ms (%d)", (int)wait);
	ok(!bucket_take(&b, 1001 + wait - 2), "not before");
	ok(bucket_take(&b, 1001 + wait), "and at that time it is there");
	ok(bucket_wait(&b, 5, 2000) > bucket_wait(&b, 1, 2000), "the fifth waits longer than the first");
	bucket_give(&b);
	ok(bucket_take(&b, 1001 + wait), "a token put back can be taken again");

	bucket_init(&b, 500, 0);
	is_int(drain(&b, 0, 1), 50, "500 a second: a tenth of a second's worth at once");
	is_int(drain(&b, 1, 1000), 499, "then no more than the rate");
	is_int(drain(&b, 100000, 100001), 50, "a long rest saves up no more than that");

	bucket_rate(&b, 1, 100001);
	is_int(drain(&b, 100001, 110001), 10, "a new rate holds from then on");

	bucket_init(&b, 0, 0);
	ok(bucket_take(&b, 0) && bucket_take(&b, 0) && bucket_wait(&b, 1000, 0) == 0, "rate 0 is no limit");
	test_throttled();
	return done_testing();
}
