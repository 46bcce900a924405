/*
 * number.fuzz - telephone numbers as anyone may type them
 *
 * The first byte chooses the home country. What is taken for a number must be E.164, read as the same number again, and
 * have zones that are names.
 */
#include <stdint.h>
#include <stdlib.h>

#include "number.h"
#include "number_zone.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool cond)
{
	if (!cond)
		abort();
}

static void check_zones(const struct td_number *number)
{
	struct td_arena arena;
	struct td_views zones;
	size_t i;

	td_arena_init(&arena, 65536);
	check(td_number_zones(number, &arena, &zones, NULL) == TD_OK);
	check(number->region[0] || zones.n == 0);
	for (i = 0; i < zones.n; i++)
		check(td_view_chr(zones.v[i], '/') != (size_t)-1 && td_view_chr(zones.v[i], ',') == (size_t)-1);
	td_arena_free(&arena);
}

/* What an operator may have configured: home and three countries, or home alone. */
static void check_allowed(const struct td_number *number, const char *home, const char *const *countries)
{
	const char *list[] = { countries[0], countries[1], countries[2] };
	const char *blocked[] = { "premium", "fixed" };
	const struct td_conf conf = {
		.home_country = home, .countries = { list, home ? 3 : 0 }, .blocked_kinds = { blocked, 2 }
	};
	const char *reason = NULL;
	struct td_err err;

	td_err_clear(&err);
	if (td_number_allowed(number, &conf, &reason, &err) == TD_OK)
		check(!reason && strcmp(number->kind, "premium") != 0 && strcmp(number->kind, "fixed") != 0);
	else
		check(reason && err.text[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const homes[] = { NULL, "US", "EG", "GB", "IT", "RU", "HU", "AU", "BR", "DE", "ZZ", "CA",
		"AR", "BY", "GA", "GG" };
	const char *home;
	struct td_number number = { .kind = NULL };
	struct td_number again;
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
	check_allowed(&number, home, homes + 1);
	check_zones(&number);
	return 0;
}
