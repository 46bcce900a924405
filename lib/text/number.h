/*
 * number - telephone numbers as people write them → E.164, region and kind
 *
 * Tables from lib/text/data/country_calling_codes.tsv and nanp_region.tsv (derived from libphonenumber metadata,
 * Apache-2.0). "Possible" numbers by country code and length; of a whole number, the mobile pattern is a hint, never
 * a refusal. Threads: safe (patterns are compiled at first use under a lock). Source: ITU-T E.164.
 */
#ifndef TD_NUMBER_H
#define TD_NUMBER_H

#include "err.h"
#include "view.h"

#define TD_E164_SIZE 17 /* '+', 15 digits, NUL */

struct td_number {
	char        e164[TD_E164_SIZE];
	char        region[3];  /* ISO 3166 alpha-2; "" for a non-geographic code */
	/* "mobile", "fixed-or-mobile", "possible", "premium", "satellite", "shared-cost", "non-geographic" */
	const char *kind;
	int         cc;         /* country calling code */
};

/*
 * Parses +15551234567, 0015551234567, the IDD prefix of home ("011…" in the US), or the national form when home (ISO
 * alpha-2 or NULL) is known: with the national prefix (which goes; Italy has none and keeps its 0), or, where people
 * leave it out, if it looks like a mobile. Spaces, dots, dashes, parentheses, slashes, NBSP, invisible marks,
 * full-width and Arabic-Indic digits are accepted; tel: URIs, and the "(0)" of "+44 (0)20…", too. Extensions and
 * parameters are not. +52 1 (Mexico until 2019) loses its 1. TD_BADINPUT 5.1.3: `"123": not a phone number (want
 * +COUNTRY NUMBER)` and the like, input quoted by td_quote.
 *
 * Region: by leading digits where a code is shared, Canada and the non-geographic codes of +1 by area code
 * (nanp_region.tsv; a code in no table is taken for the main region, the US), else by mobile pattern.
 */
enum td_status td_number_parse(struct td_view input, const char *home, struct td_number *out, struct td_err *err);

/*
 * May an SMS go there at all: region in countries (list of alpha-2; empty list = only home), and not a premium,
 * satellite, shared-cost or any other number without a country. TD_REFUSED with DSN 5.7.1 and reason text, the number
 * masked; *reason is "blocked-country" or "blocked-type" (untouched on TD_OK).
 */
enum td_status td_number_allowed(const struct td_number *number, const char *const *countries, size_t ncountries,
	const char *home, const char **reason, struct td_err *err);

#endif
