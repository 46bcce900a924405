/*
 * smsd_retry - when an SMS is tried again
 */
#include "retry.h"
#include "tap.h"

int main(void)
{
	struct td_conf conf = { .retry = { .temporary_ms = { 10000, 30000, 120000 }, .ntemporary = 3,
		.throttled_ms = { 5000, 15000 },
		.nthrottled = 2 } };
	struct retry_ask ask = { .cls = TD_CLASS_TRANSACTIONAL, .attempt = 1, .providers = 1, .now = 1000000 };

	is_int(retry_temporary(&conf, &ask) - ask.now, 10000, "first failure: first wait of the table");
	ask.attempt = 3;
	is_int(retry_temporary(&conf, &ask) - ask.now, 120000, "third failure: third wait");
	ask.attempt = 50;
	is_int(retry_temporary(&conf, &ask) - ask.now, 120000, "and so on with the last");
	ask.expires = ask.now + 20000;
	is_int(retry_temporary(&conf, &ask), ask.expires, "never later than it expires");
	ask.expires = 0;
	ask.after_ms = 7000;
	is_int(retry_temporary(&conf, &ask) - ask.now, 7000, "what the provider asks for counts");
	ask.after_ms = 0;

	ask.providers = 2;
	ask.attempt = 1;
	is_int(retry_temporary(&conf, &ask), ask.now, "with a second provider: at once");
	ask.attempt = 2;
	is_int(retry_temporary(&conf, &ask) - ask.now, 10000, "when both have failed: the table");
	ask.attempt = 4;
	is_int(retry_temporary(&conf, &ask) - ask.now, 30000, "second round: second wait");

	ask.attempt = 1;
	ask.after_ms = 20000;
	is_int(retry_throttled(&conf, &ask) - ask.now, 20000, "throttled waits as told, up to a minute");
	ask.cls = TD_CLASS_SOLICITED;
	is_int(retry_throttled(&conf, &ask), ask.now, "a one-time code goes to the other provider after more than 5 s");
	ask.after_ms = 4000;
	is_int(retry_throttled(&conf, &ask) - ask.now, 4000, "and waits less than that");
	ask.providers = 1;
	ask.after_ms = 0;
	is_int(retry_throttled(&conf, &ask) - ask.now, 5000, "without a word, by the table");

	ask.providers = 2;
	ask.attempt = 1;
	ask.cls = TD_CLASS_MARKETING;
	ask.after_ms = 61000;
	is_int(retry_throttled(&conf, &ask), ask.now, "marketing goes to the other provider after more than a minute");
	ask.attempt = 2;
	is_int(retry_throttled(&conf, &ask) - ask.now, 61000, "but when both have said so, it waits");
	ask.expires = ask.now + 30000;
	is_int(retry_throttled(&conf, &ask), ask.expires, "no longer than it is worth anything");
	ask.expires = 0;
	ask.after_ms = 0;
	is_int(retry_patience_ms(TD_CLASS_CRITICAL), 5000, "patience of a critical SMS");
	is_int(retry_patience_ms(TD_CLASS_TRANSACTIONAL), 60000, "and of any other");

	ask.attempt = 1;
	is_int(retry_uncertain(&conf, &ask) - ask.now, 10000, "uncertain: asked about later");
	ask.attempt = 6;
	is_int(retry_uncertain(&conf, &ask), 0, "but not for ever");
	return done_testing();
}
