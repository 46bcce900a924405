/*
 * number - telephone numbers as people write them → E.164, region and kind
 *
 * Tables from lib/text/data/country_calling_codes.tsv (derived from libphonenumber metadata, Apache-2.0). "Possible" numbers by
 * country code and length; the mobile pattern is a hint, never a refusal. Threads: pure. Source: ITU-T E.164.
 */
#ifndef TD_NUMBER_H
#define TD_NUMBER_H

#include "err.h"
#include "view.h"

#define TD_E164_SIZE 17 /* '+', 15 digits, NUL */

struct td_number {
	char        e164[TD_E164_SIZE];
	char        region[3];  /* ISO 3166 alpha-2; "" for a non-geographic code */
	const char *kind;       /* "mobile", "fixed-or-mobile", "possible", "premium", "satellite", "shared-cost", "non-geographic" */
	int         cc;         /* country calling code */
};

/*
 * Parses +15551234567, 0015551234567, the IDD prefix of home ("011…" in the US), or the national form when home (ISO alpha-2 or NULL)
 * is known; spaces, dots, dashes, parentheses, slashes, NBSP and full-width digits are accepted; tel: URIs too. TD_BADINPUT:
 * `"123": not a phone number (want +COUNTRY NUMBER)` and the like, input quoted and cut, ASCII only.
 */
enum td_status td_number_parse(struct td_view input, const char *home, struct td_number *out, struct td_err *err);

/*
 * May an SMS go there at all: region in countries (list of alpha-2; empty list = only home), not a premium, satellite or shared-cost code.
 * TD_REFUSED with DSN 5.7.1 and reason text; *reason is "blocked-country" or "blocked-type".
 */
enum td_status td_number_allowed(const struct td_number *number, const char *const *countries, size_t ncountries,
	const char *home, const char **reason, struct td_err *err);

#endif
