/*
 * smsd_circuit - when nothing is sent through a provider, and how it comes back
 */
#include "circuit.h"
#include "tap.h"

static void test_refused(void)
{
	struct circuit c = { .open = false };

	is_str(circuit_state(&c, 0), "closed", "closed at first");
	is_int(circuit_judge(&c, CIRCUIT_REFUSED, 1000), CIRCUIT_OPENED, "refused credentials open it at once");
	is_str(circuit_state(&c, 1000), "open", "open");
	is_int(circuit_closed_ms(&c, 1000), CIRCUIT_FIRST_MS, "for a while");
	is_int(circuit_judge(&c, CIRCUIT_REFUSED, 2000), CIRCUIT_SAME, "the same of one that was under way");
	is_int(circuit_closed_ms(&c, 6000), 0, "does not make that longer");
	is_str(circuit_state(&c, 6000), "half-open", "then half-open");
	c.trying = true;
	ok(circuit_closed_ms(&c, 6000) > 0, "while one tries, no other does");
	is_int(circuit_judge(&c, CIRCUIT_REFUSED, 6100), CIRCUIT_SAME, "it is refused again");
	is_int(circuit_closed_ms(&c, 6100), 2 * CIRCUIT_FIRST_MS, "and the next try comes after twice the time");
	ok(!c.trying, "nobody tries any more");
	for (int i = 0; i < 20; i++)
		circuit_judge(&c, CIRCUIT_REFUSED, c.until);
	is_int(c.pause_ms, CIRCUIT_LAST_MS, "up to five minutes");
	is_int(circuit_judge(&c, CIRCUIT_GOOD, c.until), CIRCUIT_CLOSED, "a good answer closes it");
	is_str(circuit_state(&c, c.until), "closed", "closed again");
	circuit_judge(&c, CIRCUIT_REFUSED, 0);
	is_int(c.pause_ms, CIRCUIT_FIRST_MS, "and the next time begins anew");
}

static void test_failures(void)
{
	struct circuit c = { .open = false };
	int opened = 0;

	for (int i = 0; i < CIRCUIT_FAILURES - 1; i++)
		opened += circuit_judge(&c, CIRCUIT_FAILED, i) == CIRCUIT_OPENED;
	is_int(opened, 0, "nine failures in a row are borne");
	circuit_judge(&c, CIRCUIT_GOOD, 100);
	for (int i = 0; i < CIRCUIT_FAILURES - 1; i++)
		opened += circuit_judge(&c, CIRCUIT_FAILED, i) == CIRCUIT_OPENED;
	is_int(opened, 0, "an answer between them counts");
	circuit_judge(&c, CIRCUIT_BUSY, 100);
	circuit_judge(&c, CIRCUIT_FAILED, 100);
	ok(!c.open, "as does \"too fast\"");
	for (int i = 0; i < CIRCUIT_FAILURES - 1; i++)
		opened += circuit_judge(&c, CIRCUIT_FAILED, 200) == CIRCUIT_OPENED;
	is_int(opened, 1, "the tenth opens it, once");
	is_int(circuit_closed_ms(&c, 200), CIRCUIT_FIRST_MS, "for a while");
	circuit_judge(&c, CIRCUIT_FAILED, 200 + CIRCUIT_FIRST_MS);
	is_int(circuit_closed_ms(&c, 200 + CIRCUIT_FIRST_MS), 2 * CIRCUIT_FIRST_MS, "one failed try is enough then");
	c.trying = true;
	is_int(circuit_judge(&c, CIRCUIT_BUSY, c.until), CIRCUIT_SAME, "a try that is told to be slower");
	ok(c.open && !c.trying && circuit_closed_ms(&c, c.until) == 0, "may be followed by another");
}

int main(void)
{
	test_refused();
	test_failures();
	return done_testing();
}
