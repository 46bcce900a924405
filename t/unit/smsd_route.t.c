/*
 * smsd_route - which providers carry an SMS
 */
#include <stdio.h>
#include <unistd.h>

#include "route.h"
#include "tap.h"

static const char *plus[] = { "+" }, *us[] = { "+1" }, *ny[] = { "+1212" };
static const char *ab[] = { "a", "b", "c" }, *only_b[] = { "b" }, *only_c[] = { "c" };
static const char *marketing[] = { "marketing" }, *otp[] = { "otp" }, *weights[] = { "3", "0", "1" };

static struct td_conf_provider providers[] = { { .name = "a" }, { .name = "b" }, { .name = "c" } };

static void names(const struct td_conf *conf, const struct route_ask *ask, char out[64])
{
	struct route_choice choice;
	size_t n = 0;

	route_choose(conf, ask, &choice);
	for (size_t i = 0; i < choice.n; i++) {
		out[n++] = choice.v[i][0];
	}
	out[n] = '\0';
}

static struct route_ask ask_for(const char *to, enum td_class cls)
{
	return (struct route_ask){ .to = td_view_str(to), .cls = cls, .job = TD_VLIT("01J0") };
}

static void test_specific(void)
{
	struct td_conf_route routes[] = {
		{ .name = "world", .prefix = { plus, 1 }, .providers = { ab, 3 }, .policy = "failover" },
		{ .name = "us", .prefix = { us, 1 }, .providers = { only_b, 1 }, .policy = "failover" },
		{ .name = "us-offers", .prefix = { us, 1 }, .classes = { marketing, 1 }, .providers = { only_c, 1 },
		.policy = "failover" },
		{ .name = "ny-otp", .prefix = { ny, 1 }, .categories = { otp, 1 }, .providers = { ab, 3 },
		.policy = "failover" },
	};
	struct td_conf conf = { .routes = routes, .nroutes = 4, .providers = providers, .nproviders = 3 };
	struct route_ask ask = ask_for("+4915112345678", TD_CLASS_SERVICE);

	is_str(route_find(&conf, &ask)->name, "world", "\"+\" matches every number");
	ask = ask_for("+12125550123", TD_CLASS_SERVICE);
	is_str(route_find(&conf, &ask)->name, "us", "the longer prefix wins");
	ask.cls = TD_CLASS_MARKETING;
	is_str(route_find(&conf, &ask)->name, "us-offers", "of equal prefixes, the one with more conditions that hold");
	ask.category = TD_VLIT("otp");
	is_str(route_find(&conf, &ask)->name, "ny-otp", "the longest prefix comes before conditions");
	conf.nroutes = 0;
	ok(!route_find(&conf, &ask), "no route, none found");
}

static void test_failover(void)
{
	struct td_conf_route route = { .prefix = { plus, 1 }, .providers = { ab, 3 }, .policy = "failover" };
	struct td_conf conf = { .routes = &route, .nroutes = 1, .providers = providers, .nproviders = 3 };
	struct route_ask ask = ask_for("+15551234567", TD_CLASS_CRITICAL);
	char out[64];

	names(&conf, &ask, out);
	is_str(out, "abc", "failover begins with the first");
	ask.attempt = 1;
	ask.provider = TD_VLIT("a");
	names(&conf, &ask, out);
	is_str(out, "bca", "after a failed attempt, with the next");
	ask.attempt = 3;
	ask.provider = TD_VLIT("c");
	names(&conf, &ask, out);
	is_str(out, "abc", "and round");
	ask.attempt = 0;
	ask.provider = TD_VLIT("b");
	names(&conf, &ask, out);
	is_str(out, "b", "a demanded provider stands alone");
	ask.provider = TD_VLIT("gone");
	names(&conf, &ask, out);
	is_str(out, "abc", "a demanded one that is not configured gives way to the route");
}

static void test_weight(void)
{
	struct td_conf_route route = { .name = "r", .prefix = { plus, 1 }, .providers = { ab, 3 }, .policy = "weight",
		.weights = { weights, 3 } };
	struct td_conf conf = { .routes = &route, .nroutes = 1, .providers = providers, .nproviders = 3 };
	struct route_ask ask = ask_for("+15551234567", TD_CLASS_CRITICAL);
	int count[3] = { 0, 0, 0 };
	char id[32], out[64], again[64];
	struct td_err err;

	for (int i = 0; i < 4000; i++) {
		snprintf(id, sizeof(id), "01JABCDEF%06d", i * 7919);
		ask.job = td_view_str(id);
		names(&conf, &ask, out);
		count[out[0] - 'a']++;
		names(&conf, &ask, again);
		if (out[0] != again[0])
			fail("the same job goes the same way");
	}
	ok(count[0] > 2700 && count[0] < 3300 && count[2] > 700 && count[2] < 1300, "weights 3:0:1 give %d:%d:%d of 4000",
		count[0],
		count[1], count[2]);
	is_int(count[1], 0, "weight 0 is never first");
	ok(route_check(&conf, &err) == TD_OK, "weight is served");
}

static int nwarned;
static char warned[64];

static void warn(const struct td_conf_route *route, const char *provider)
{
	nwarned++;
	snprintf(warned, sizeof(warned), "%s/%s", route->name, provider);
}

/* A price table of its own file; its name. */
static const char *table(int n, const char *text)
{
	static char path[4][64];
	FILE *f;

	snprintf(path[n], sizeof(path[n]), "/tmp/td-prices-%d-%d.csv", (int)getpid(), n);
	f = fopen(path[n], "w");
	if (!f)
		bail_out("%s: cannot write", path[n]);
	fputs(text, f);
	fclose(f);
	return path[n];
}

static void test_cost(void)
{
	struct td_conf_provider priced[] = { { .name = "a" }, { .name = "b" }, { .name = "c" } };
	struct td_conf_route route = { .name = "r", .prefix = { plus, 1 }, .providers = { ab, 3 }, .policy = "cost" };
	struct td_conf conf = { .routes = &route, .nroutes = 1, .providers = priced, .nproviders = 3 };
	struct route_ask ask = ask_for("+15551234567", TD_CLASS_SERVICE);
	struct route_prices *prices = NULL;
	struct td_err err;
	char out[64];

	ok(route_check(&conf, &err) == TD_OK, "cost is served");
	names(&conf, &ask, out);
	is_str(out, "abc", "without any price, the order of the list");

	priced[0].prices = table(0, "prefix,currency,price_per_segment\n+1,USD,0.0079\n+1555,USD,0.02\n+49,USD,0.07\n");
	priced[1].prices = table(1, "+,USD,0.0100\n");
	ok(route_prices_new(&conf, &prices, warn, &err) == TD_OK, "tables are loaded");
	is_int(nwarned, 1, "one provider has none");
	is_str(warned, "r/c", "and is named");
	ask.prices = prices;
	names(&conf, &ask, out);
	is_str(out, "bac", "the longest prefix has the price; without one, last");
	ask.to = TD_VLIT("+12125550123");
	names(&conf, &ask, out);
	is_str(out, "abc", "another number, another order");
	ask.attempt = 1;
	ask.provider = TD_VLIT("a");
	names(&conf, &ask, out);
	is_str(out, "bca", "after a failed attempt, the next dearer one");
	ask.attempt = 2;
	ask.provider = TD_VLIT("c");
	names(&conf, &ask, out);
	is_str(out, "abc", "and round");
	ask.attempt = 0;
	ask.provider = TD_VLIT("");
	ask.to = TD_VLIT("+33612345678");
	names(&conf, &ask, out);
	is_str(out, "bac", "a number that a table does not have: no price");
	route_prices_free(prices);

	priced[1].prices = table(1, "+,EUR,0.0001\n");
	priced[2].prices = table(2, "+,USD,0.0079\n");
	ok(route_prices_new(&conf, &prices, NULL, &err) == TD_OK, "another currency");
	ask.prices = prices;
	ask.to = TD_VLIT("+12125550123");
	names(&conf, &ask, out);
	is_str(out, "acb", "a tie goes by the list, and what cannot be compared comes last");
	route_prices_free(prices);

	priced[1].prices = table(1, "+1,USD,cheap\n");
	ok(route_prices_new(&conf, &prices, NULL, &err) != TD_OK, "a table that cannot be read is refused");
	like(err.text, "1.csv:1", "with file and line");
	route.policy = "failover";
	ok(route_prices_new(&conf, &prices, NULL, &err) == TD_OK, "unless no route asks for prices");
	route_prices_free(prices);
	for (int i = 0; i < 3; i++)
		unlink(priced[i].prices);
}

static void test_too_many(void)
{
	static const char *many[ROUTE_PROVIDERS + 1];
	struct td_conf_route route = { .name = "crowd", .providers = { many, ROUTE_PROVIDERS + 1 } };
	struct td_conf conf = { .routes = &route, .nroutes = 1 };
	struct td_err err;

	ok(route_check(&conf, &err) == TD_BADINPUT, "more providers than a route can have are refused");
	like(err.text, "crowd", "and the route is named");
}

int main(void)
{
	test_specific();
	test_failover();
	test_weight();
	test_cost();
	test_too_many();
	return done_testing();
}
