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
	return done_testing();
}
