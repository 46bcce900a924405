/*
 * dsn - the parameters of RFC 3461 (delivery status notifications) that MAIL and RCPT carry
 */
#include "dsn.h"

#include "proto.h"

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

struct td_view td_dsn_xtext(struct td_view xtext, struct td_arena *arena)
{
	char *copy = td_arena_alloc(arena, xtext.n);
	size_t n = 0;

	if (!copy)
		return (struct td_view){ NULL, 0 };
	for (size_t i = 0; i < xtext.n; i++) {
		bool escape = xtext.p[i] == '+' && i + 2 < xtext.n;
		int high = escape ? hex_digit(xtext.p[i + 1]) : -1;
		int low = high >= 0 ? hex_digit(xtext.p[i + 2]) : -1;

		if (low >= 0) {
			copy[n++] = (char)(high * 16 + low);
			i += 2;
		} else {
			copy[n++] = xtext.p[i];
		}
	}
	return (struct td_view){ copy, n };
}

int64_t td_dsn_notify(struct td_view value)
{
	struct td_view word;
	int64_t bits = 0;

	while (td_view_next(&value, ',', &word)) {
		if (td_view_caseeq(word, TD_VLIT("NEVER")))
			bits |= TD_NOTIFY_NEVER;
		else if (td_view_caseeq(word, TD_VLIT("SUCCESS")))
			bits |= TD_NOTIFY_SUCCESS;
		else if (td_view_caseeq(word, TD_VLIT("FAILURE")))
			bits |= TD_NOTIFY_FAILURE;
	}
	return bits;
}
