/*
 * prices - what an SMS costs by the prefix of its number: a table of one provider, from CSV
 *
 * A line is prefix,currency,price_per_segment: "+1555,USD,0.0079"; "+" or nothing as prefix is every number. Empty
 * lines, and those that start with a #, are left out, as is a first line that names the columns; a field may stand in
 * double quotes. A price is a decimal number of at most nine places and is never made a floating-point number:
 * what the table says is what is printed, and sums are exact.
 *
 * Owns: nothing; a table lives in the caller's arena. Threads: pure; a table is read-only. Errors: TD_BADINPUT with
 * "FILE:LINE: what (want …)", TD_TOOBIG for a file over TD_PRICES_FILE_MAX or an arena that is full, td_err_errno's.
 */
#ifndef TD_PRICES_H
#define TD_PRICES_H

#include "arena.h"
#include "err.h"
#include "view.h"

#define TD_PRICES_FILE_MAX (4u << 20) /* bytes of a table */
#define TD_PRICE_SIZE 32              /* bytes of a price as text, with the NUL */

struct td_price {
	char    prefix[16];  /* digits without +; "" is every number */
	char    currency[4]; /* ISO 4217, capitals */
	int64_t nano;        /* of one segment, in 10^-9 of the currency */
	int     places;      /* decimal places the table has */
};

struct td_prices {
	const struct td_price *v; /* by prefix */
	size_t                 n;
};

/* Reads a table from text; name is the file's, for errors. On failure *out is untouched. */
enum td_status td_prices_parse(struct td_view text, const char *name, struct td_arena *arena, struct td_prices *out,
	struct td_err *err);
/* The same from a file. */
enum td_status td_prices_load(const char *path, struct td_arena *arena, struct td_prices *out, struct td_err *err);
/* The row with the longest prefix of an E.164 number ("+15551234567"); NULL when there is none. */
const struct td_price *td_prices_find(const struct td_prices *prices, struct td_view number);
/* An amount in 10^-9 as a decimal number with so many places (0 to 9); what is behind them is cut off. */
void td_price_text(int64_t nano, int places, char out[TD_PRICE_SIZE]);
/* What so many segments (999 at most) cost, with as many decimal places as the table has. */
void td_price_total(const struct td_price *price, unsigned segments, char out[TD_PRICE_SIZE]);

#endif
