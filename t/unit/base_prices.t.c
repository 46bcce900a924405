/*
 * base_prices - price tables: reading, longest prefix, exact sums
 */
#include <stdio.h>

#include "conf_dir.h"
#include "prices.h"
#include "tap.h"

static struct td_arena arena;

static struct td_prices table(const char *text)
{
	struct td_prices prices = { 0 };
	struct td_err err;

	if (td_prices_parse(td_view_str(text), "main.csv", &arena, &prices, &err))
		bail_out("%s", err.text);
	return prices;
}

static void found(const struct td_prices *prices, const char *number, const char *prefix)
{
	const struct td_price *price = td_prices_find(prices, td_view_str(number));

	is_str(price ? price->prefix : NULL, prefix, "%s is priced by %s", number, prefix ? prefix : "nothing");
}

static void longest_prefix(void)
{
	struct td_prices all = table("prefix,currency,price_per_segment\n+44,GBP,0.04\n+1,USD,0.0079\n+1684,USD,0.10\n"
		"447,GBP,0.0311\n+,EUR,0.2\n");
	struct td_prices few = table("+1,USD,1\n");

	found(&all, "+15551234567", "1");
	found(&all, "+16841234567", "1684");
	found(&all, "+168", "1");
	found(&all, "+447911123456", "447");
	found(&all, "+442071234567", "44");
	found(&all, "+4912345678", "");
	found(&all, "15551234567", "1");
	found(&all, "+", "");
	found(&all, "+123456789012345678901", "1");
	found(&few, "+4912345678", NULL);
	found(&few, "", NULL);
}

static void forms(void)
{
	struct td_prices prices = table("\xEF\xBB\xBFPrefix,Currency,Price per segment\r\n# a comment, with commas\r\n\r\n"
		"  \"+1\" , \"usd\" ,\"0.0079\" \r\n ,EUR,3");

	is_int(prices.n, 2, "rows");
	is_str(td_prices_find(&prices, TD_VLIT("+1555"))->currency, "USD", "small letters are read as capitals");
	is_str(td_prices_find(&prices, TD_VLIT("+2"))->currency, "EUR", "an empty prefix is every number");
}

static void sum(const char *price, unsigned segments, const char *want)
{
	char line[64], out[TD_PRICE_SIZE];
	struct td_prices prices;

	snprintf(line, sizeof(line), "+1,USD,%s\n", price);
	prices = table(line);
	td_price_total(&prices.v[0], segments, out);
	is_str(out, want, "%u × %s", segments, price);
}

static void sums(void)
{
	sum("0.0079", 1, "0.0079");
	sum("0.0079", 2, "0.0158");
	sum("0.1", 3, "0.3"); /* 0.30000000000000004 in floating point */
	sum("0.10", 10, "1.00");
	sum("7", 3, "21");
	sum("0.000000001", 3, "0.000000003");
	sum("999999.999999999", 10, "9999999.999999990");
	sum("0", 3, "0");
	sum("0.0079", 0, "0.0000");
}

static void refused(const char *text, const char *why)
{
	struct td_prices prices = { .n = 77 };
	struct td_err err = { 0 };

	is_int(td_prices_parse(td_view_str(text), "main.csv", &arena, &prices, &err), TD_BADINPUT, "refused: %s", why);
	is_str(err.text, why, "its words");
	is_int(prices.n, 77, "the output is untouched");
}

static void bad_tables(void)
{
	refused("", "main.csv: no price in it");
	refused("prefix,currency,price_per_segment\n# nothing\n", "main.csv: no price in it");
	refused("+1,USD,0.1\n+44,GBP\n",
		"main.csv:2: less than three fields (want prefix,currency,price_per_segment)");
	refused("+1,USD,0.1,\n+44,GBP,0,1\n",
		"main.csv:2: more than three fields (want prefix,currency,price_per_segment)");
	refused("+1,USD,0,1\n", "main.csv:1: more than three fields (want prefix,currency,price_per_segment)");
	refused("US,USD,0.1\n", "main.csv:1: \"US\": not a prefix (want digits as in +1555, or + for every number)");
	refused("001,USD,0.1\n", "main.csv:1: \"001\": no country's numbers begin with 0 (want the country code)");
	refused("+1234567890123456,USD,1\n",
		"main.csv:1: \"+1234567890123456\": not a prefix (want digits as in +1555, or + for every number)");
	refused("+1,$,0.1\n", "main.csv:1: \"$\": not a currency (want three letters, as USD)");
	refused("+1,U1D,0.1\n", "main.csv:1: \"U1D\": not a currency (want three letters, as USD)");
	refused("+1,USD,-0.1\n", "main.csv:1: \"-0.1\": not a price (want a number as 0.0079)");
	refused("+1,USD,1e-3\n", "main.csv:1: \"1e-3\": not a price (want a number as 0.0079)");
	refused("+1,USD,.5\n", "main.csv:1: \".5\": not a price (want a number as 0.0079)");
	refused("+1,USD,5.\n", "main.csv:1: \"5.\": not a price (want a number as 0.0079)");
	refused("+1,USD,0.0000000001\n", "main.csv:1: \"0.0000000001\": more than 9 decimal places");
	refused("+1,USD,1000000\n", "main.csv:1: \"1000000\": too much for a segment");
	refused("+1,USD,\"1\"\"2\"\n", "main.csv:1: a quotation mark inside a field");
	refused("\n+1,USD,0.1\n+2,USD,1\n1,EUR,0.2\n", "main.csv:4: +1 stands in line 2 already");
	refused("+1,USD,1\nprefix,currency,price\n",
		"main.csv:2: \"prefix\": not a prefix (want digits as in +1555, or + for every number)");
}

static void files(void)
{
	struct td_prices prices;
	struct td_err err;
	char path[512];

	conf_file("prices.csv", "+1,USD,0.0079\n");
	snprintf(path, sizeof(path), "%s/prices.csv", conf_dir());
	is_int(td_prices_load(path, &arena, &prices, &err), TD_OK, "a file");
	is_int(prices.n, 1, "its row");
	conf_file("prices.csv", "+1,USD\n");
	is_int(td_prices_load(path, &arena, &prices, &err), TD_BADINPUT, "a bad file");
	like(err.text, "/prices.csv:1: less than three fields", "names file and line");
	is_int(td_prices_load("/nonexistent/prices.csv", &arena, &prices, &err), TD_NOTFOUND, "no file");
	is_int(td_prices_load(conf_dir(), &arena, &prices, &err), TD_BADINPUT, "a folder is no file");
	conf_file("prices.csv", NULL);
}

static void small_arena(void)
{
	struct td_arena small;
	struct td_prices prices;
	struct td_err err;

	td_arena_init(&small, 64);
	is_int(td_prices_parse(TD_VLIT("+1,USD,1\n+2,USD,1\n+3,USD,1\n"), "x", &small, &prices, &err), TD_TOOBIG,
		"a table larger than the arena");
	td_arena_free(&small);
}

int main(void)
{
	td_arena_init(&arena, 1u << 20);
	longest_prefix();
	forms();
	sums();
	bad_tables();
	files();
	small_arena();
	td_arena_free(&arena);
	return done_testing();
}
