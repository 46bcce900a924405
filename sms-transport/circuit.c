/*
 * circuit - whether a provider is worth a try: closed, open, half-open
 */
#include "circuit.h"

#define TRYING_MS 1000

static enum circuit_change open_it(struct circuit *c, int64_t now)
{
	enum circuit_change change = c->open ? CIRCUIT_SAME : CIRCUIT_OPENED;

	c->pause_ms = !c->open ? CIRCUIT_FIRST_MS : c->pause_ms * 2 < CIRCUIT_LAST_MS ? c->pause_ms * 2 : CIRCUIT_LAST_MS;
	c->until = now + c->pause_ms;
	c->open = true;
	c->trying = false;
	return change;
}

enum circuit_change circuit_judge(struct circuit *c, enum circuit_word word, int64_t now)
{
	bool was_open = c->open;

	switch (word) {
	case CIRCUIT_GOOD:
		*c = (struct circuit){ .open = false };
		return was_open ? CIRCUIT_CLOSED : CIRCUIT_SAME;
	case CIRCUIT_BUSY:
		c->failures = 0;
		c->trying = false;
		return CIRCUIT_SAME;
	case CIRCUIT_FAILED:
	case CIRCUIT_REFUSED:
	default:
		if (c->open)
			return now >= c->until ? open_it(c, now) : CIRCUIT_SAME;
		if (word != CIRCUIT_REFUSED && ++c->failures < CIRCUIT_FAILURES)
			return CIRCUIT_SAME;
		return open_it(c, now);
	}
}

int64_t circuit_closed_ms(const struct circuit *c, int64_t now)
{
	if (!c->open)
		return 0;
	if (now < c->until)
		return c->until - now;
	return c->trying ? TRYING_MS : 0;
}

const char *circuit_state(const struct circuit *c, int64_t now)
{
	if (!c->open)
		return "closed";
	return now >= c->until ? "half-open" : "open";
}
