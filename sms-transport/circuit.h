/*
 * circuit - whether a provider is worth a try: closed, open, half-open
 *
 * Refused credentials and missing funds open it at once, CIRCUIT_FAILURES failures in a row without one answer between
 * them likewise. Open: nothing is sent until `until`; then (half-open) one SMS tries, and its outcome closes the
 * circuit or opens it for twice as long. Threads: pure. Times are monotonic milliseconds.
 */
#ifndef TD_CIRCUIT_H
#define TD_CIRCUIT_H

#include <stdbool.h>
#include <stdint.h>

#define CIRCUIT_FAILURES 10
#define CIRCUIT_FIRST_MS 5000
#define CIRCUIT_LAST_MS 300000

enum circuit_word { /* what an outcome says about the provider */
	CIRCUIT_GOOD,   /* it answered, whatever it thinks of the SMS */
	CIRCUIT_BUSY,   /* too fast: it is there, and that is all we know */
	CIRCUIT_FAILED, /* no answer, or none to be understood */
	CIRCUIT_REFUSED /* our account: no SMS will fare better */
};

enum circuit_change { CIRCUIT_SAME, CIRCUIT_OPENED, CIRCUIT_CLOSED };

struct circuit { /* zeroed: closed */
	bool     open;
	bool     trying;   /* half-open, and one SMS is on its way */
	unsigned failures; /* in a row */
	int64_t  until;
	int64_t  pause_ms; /* doubles while it does not get better */
};

/* Takes note of an outcome. While open and before its time, failures of SMS that were under way change nothing. */
enum circuit_change circuit_judge(struct circuit *circuit, enum circuit_word word, int64_t now);
/* Milliseconds until an SMS may be submitted; 0 = now. While one tries: a second, after which it is worth asking. */
int64_t circuit_closed_ms(const struct circuit *circuit, int64_t now);
const char *circuit_state(const struct circuit *circuit, int64_t now); /* "closed", "open", "half-open" */

#endif
