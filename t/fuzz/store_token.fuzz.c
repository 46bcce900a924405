/*
 * store_token.fuzz - no bytes are a token but those we made
 */
#include <stdint.h>
#include <stdlib.h>

#include "token.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct td_view secret = { "0123456789abcdef0123456789abcdef", 32 };
	unsigned char id[TD_TOKEN_ID];
	char made[TD_TOKEN_SIZE];

	if (td_token_verify(td_view_mem(data, size), secret, TD_TOKEN_SMS, id)) {
		/* one that verifies is, but for case, the one we would make */
		td_token_make(made, secret, TD_TOKEN_SMS, id);
		if (!td_view_caseeq(td_view_mem(data, size), td_view_str(made)))
			abort();
	}
	return 0;
}
