/*
 * number.fuzz - telephone numbers as anyone may type them
 *
 * The first byte chooses the home country. What is taken for a number must be E.164 and read as the same number again.
 */
#include <stdint.h>
#include <stdlib.h>

#include "number.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool cond)
{
	if (!cond)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const homes[] = { NULL, "US", "EG", "GB", "IT", "RU", "HU", "AU", "BR", "DE", "ZZ", "CA" };
	const char *home;
	struct td_number number = { .kind = NULL };
	struct td_number again;
	const char *reason = NULL;
	struct td_err err;
	size_t i;

	if (size == 0)
		return 0;
	home = homes[data[0] % (sizeof(homes) / sizeof(*homes))];
	td_err_clear(&err);
	if (td_number_parse(td_view_mem(data + 1, size - 1), home, &number, &err)) {
		check(err.text[0] == '"');
		for (i = 0; err.text[i]; i++)
			check(err.text[i] >= ' ' && err.text[i] < 0x7F);
		return 0;
	}
	check(number.e164[0] == '+' && number.e164[1] >= '1' && number.e164[1] <= '9');
	check(strlen(number.e164) >= 8 && strlen(number.e164) <= 16 &&
		  strspn(number.e164 + 1, "0123456789") == strlen(number.e164) - 1);
	check(td_number_parse(td_view_str(number.e164), NULL, &again, NULL) == TD_OK);
	check(
		strcmp(again.e164, number.e164) == 0 && strcmp(again.region, number.region) == 0 && again.kind == number.kind);
	check(td_number_allowed(&number, homes + 1, 3, home, &reason, &err) == TD_OK ? !reason : reason && err.text[0]);
	return 0;
}
