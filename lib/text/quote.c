/*
 * quote - what a stranger wrote, fit to be said back to him
 */
#include "quote.h"

const char *td_quote(char out[TD_QUOTE_SIZE], struct td_view v)
{
	size_t room = TD_QUOTE_SIZE - sizeof("\"\"...");
	size_t n = 0;

	out[n++] = '"';
	for (size_t i = 0; i < v.n && i < room; i++) {
		char c = v.p[i];

		if (c < 0x20 || c > 0x7e)
			c = '?';
		else if (c == '"' || c == '\\')
			c = '\'';
		out[n++] = c;
	}
	if (v.n > room)
		for (int i = 0; i < 3; i++)
			out[n++] = '.';
	out[n++] = '"';
	out[n] = '\0';
	return out;
}
