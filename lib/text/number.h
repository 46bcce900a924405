/*
 * number - telephone numbers as people write them → E.164, region and kind
 *
 * Tables of lib/text/data, written by scripts/refresh-phone-data (libphonenumber metadata, Apache-2.0). A number is
 * taken by country code and length; patterns tell its region and kind, and never refuse a whole number: metadata age.
 * Threads: pure. Source: ITU-T E.164.
 */
#ifndef TD_NUMBER_H
#define TD_NUMBER_H

#include "conf.h"
#include "err.h"
#include "view.h"

#define TD_E164_SIZE 17 /* '+', 15 digits, NUL */

struct td_number {
	char        e164[TD_E164_SIZE];
	char        region[3]; /* ISO 3166 alpha-2; "" for a number of no country */
	/*
	 * "mobile", "fixed", "fixed-or-mobile" (not to be told apart), "toll-free", "premium", "shared-cost", "personal",
	 * "pager", "uan" (a company's number), "voicemail", "voip", "satellite", "non-geographic" (of no country, and none
	 * of these), "possible" (of the right length, in no pattern)
	 */
	const char *kind;
	int         cc;        /* country calling code */
};

/*
 * Parses +15551234567, 0015551234567, the IDD prefix of home ("011…" in the US), or the national form when home (ISO
 * alpha-2 or NULL) is known: with the national prefix (which goes; Italy has none and keeps its 0), or, where people
 * leave it out, if it looks like a mobile. Spaces, dots, dashes, parentheses, slashes, NBSP, invisible marks,
 * full-width and Arabic-Indic digits are accepted; tel: URIs, and the "(0)" of "+44 (0)20…", too. Extensions and
 * parameters are not. +52 1 (Mexico until 2019) loses its 1; 0 AREA 15 (a mobile in Argentina) becomes 9 AREA.
 * TD_BADINPUT 5.1.3: `"123": not a phone number (want +COUNTRY NUMBER)` and the like, input quoted by td_quote.
 *
 * Region: by leading digits where a code is shared, Canada and the non-geographic codes of +1 by area code
 * (nanp_region.tsv), else the first that knows the number's kind; one that nobody knows is of the main region. Kind:
 * in the order of libphonenumber's getNumberType.
 */
enum td_status td_number_parse(struct td_view input, const char *home, struct td_number *out, struct td_err *err);

/*
 * May an SMS go there at all: region in conf->countries (an empty list: only home_country), then kind not in
 * conf->blocked_kinds. A number of no country is refused, but for premium, satellite and shared-cost ones that were
 * taken out of blocked_kinds. TD_REFUSED with DSN 5.7.1 and reason text, the number masked; *reason is
 * "blocked-country" or "blocked-type" (untouched on TD_OK).
 */
enum td_status td_number_allowed(const struct td_number *number, const struct td_conf *conf, const char **reason,
	struct td_err *err);

#endif
