/*
 * number_plan - numbering plans of the world: country codes, their regions, kinds of numbers
 *
 * For number.c and number_zone.c. Tables of lib/text/data: country_calling_codes.tsv, phone_kinds.tsv (libphonenumber
 * metadata, Apache-2.0) and nanp_region.tsv. Owns: constants. Threads: pure. Errors: NULL or TD_KIND_NONE.
 */
#ifndef TD_NUMBER_PLAN_H
#define TD_NUMBER_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	TD_CC_NANP = 1,
	TD_CC_MEXICO = 52,
	TD_CC_ARGENTINA = 54,
};

enum td_kind {
	TD_KIND_NONE, /* in no pattern of the plan */
	TD_KIND_FIXED,
	TD_KIND_MOBILE,
	TD_KIND_FIXED_OR_MOBILE,
	TD_KIND_TOLL_FREE,
	TD_KIND_PREMIUM,
	TD_KIND_SHARED_COST,
	TD_KIND_PERSONAL,
	TD_KIND_PAGER,
	TD_KIND_UAN,
	TD_KIND_VOICEMAIL,
	TD_KIND_VOIP,
	TD_KIND_SATELLITE,
	TD_KIND_NON_GEOGRAPHIC,
	TD_KINDS
};

/* A region: of its own code, or one of several that share a code. */
struct td_plan {
	int         cc;
	const char *region;  /* "" for a code that belongs to no country */
	bool        main;
	const char *trunk;   /* national prefix, "" for none */
	uint32_t    lengths; /* bit n: a national number may have n digits */
	/* patterns (number_pattern.h), NULL for none */
	const char *strip;   /* what goes from the front of the national form: trunk, or its variants */
	const char *idd;     /* what stands before a country code */
	const char *lead;    /* leading digits that tell the region from others of its code */
	const char *bare;    /* leading digits of what is written without the trunk */
};

/* Name of a kind as in configuration and output; "possible" for TD_KIND_NONE. */
const char *td_kind_name(enum td_kind kind);
/* The main plan of the country code that digits begin with, and the digits of the code. */
const struct td_plan *td_plan_of_digits(const char *digits, size_t *ncc);
/* By ISO 3166 alpha-2, in any case; NULL gives NULL. */
const struct td_plan *td_plan_of_region(const char *region);
/* The main plan of the code. */
const struct td_plan *td_plan_main(const struct td_plan *plan);
/* What kind a national number is in a region, in the order of libphonenumber's getNumberType. */
enum td_kind td_plan_kind(const struct td_plan *plan, const char *national);
/*
 * Whose a national number of main's code is, and its *kind there: the first region whose leading digits it has, or
 * that has none and knows its kind (as libphonenumber's getRegionCodeForNumber); main for one that nobody knows. Codes
 * of no country and the non-geographic area codes of North America give *region "" and what they cost.
 */
const struct td_plan *td_plan_settle(const struct td_plan *main, const char *national, const char **region,
	enum td_kind *kind);

#endif
