/*
 * base_cidr - networks and addresses
 */
#include "cidr.h"
#include "tap.h"

static bool in(const char *net, const char *addr)
{
	struct td_cidr cidr;
	if (td_cidr_parse(td_view_str(net), &cidr, NULL) != TD_OK)
		bail_out("%s is no network", net);
	return td_cidr_match(&cidr, td_view_str(addr));
}

static void matches(void)
{
	static const struct { const char *net, *addr; bool match; } cases[] = {
		{ "10.1.2.0/24", "10.1.2.0", true }, { "10.1.2.0/24", "10.1.2.255", true },
			{ "10.1.2.0/24", "10.1.3.0", false },
		{ "10.1.2.0/23", "10.1.3.255", true }, { "10.1.2.0/23", "10.1.4.0", false }, { "10.1.2.3", "10.1.2.3", true },
		{ "10.1.2.3", "10.1.2.4", false }, { "10.1.2.3/32", "10.1.2.3", true }, { "0.0.0.0/0", "203.0.113.9", true },
		{ "0.0.0.0/0", "2001:db8::1", false }, { "128.0.0.0/1", "192.0.2.1", true },
		{ "128.0.0.0/1", "10.0.0.1", false },
		{ "10.1.2.0/24", "::ffff:10.1.2.7", true }, { "::ffff:10.1.2.0/120", "10.1.2.7", true },
		{ "10.1.2.0/24", "[10.1.2.7]", true }, { "2001:db8::/32", "2001:db8:ffff::1", true },
		{ "2001:db8::/32", "2001:db9::1", false }, { "2001:db8::/32", "IPv6:2001:db8::1", true },
		{ "2001:db8::/32", "IPV6:2001:DB8::1", true }, { "2001:db8:8000::/33", "2001:db8:7fff::1", false },
		{ "[::1]/128", "::1", true }, { "::1", "[::1]", true }, { "::/0", "2001:db8::1", true },
		{ "::/0", "10.1.2.3", true },
		{ "10.1.2.0/24", "unknown", false }, { "10.1.2.0/24", "", false }, { "10.1.2.0/24", "10.1.2", false },
		{ "10.1.2.0/24", "10.1.2.3.4", false }, { "10.1.2.0/24", "10.1.2.300", false },
		{ "10.1.2.0/24", "10.1.2.3 ", false },
		{ "10.1.2.0/24", "10.1.2.3/32", false }, { "10.1.2.0/24", "localhost", false },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ok(in(cases[i].net, cases[i].addr) == cases[i].match, "%s is%s in %s", cases[i].addr,
			cases[i].match ? "" : " not",
			cases[i].net);
}

static void refused(void)
{
	static const char *const bad[] = { "", "/", "10.1.2.0/", "10.1.2.0/33", "10.1.2.0/-1", "10.1.2.0/24/24",
		"10.1.2.0/2 4",
		"10.1.2/24", "example.com", "2001:db8::/129", "2001:db8:::/32", "10.1.2.0/0024", "[10.1.2.0/24]", "/24",
		"10.1.2.0/+8" };
	struct td_cidr cidr = { .bits = 77 };
	struct td_err err;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		is_int(td_cidr_parse(td_view_str(bad[i]), &cidr, &err), TD_BADINPUT, "\"%s\" is no network", bad[i]);
	is_int(cidr.bits, 77, "the output is untouched");
	td_cidr_parse(TD_VLIT("10.1.2.3/24"), &cidr, &err);
	is_str(err.text, "\"10.1.2.3/24\": bits set behind the prefix (did you mean \"10.1.2.0/24\"?)",
		"stray bits: the network meant");
	td_cidr_parse(TD_VLIT("2001:db8::1/32"), &cidr, &err);
	is_str(err.text, "\"2001:db8::1/32\": bits set behind the prefix (did you mean \"2001:db8::/32\"?)", "… of IPv6");
	td_cidr_parse(TD_VLIT("10.0.0.0/40"), &cidr, &err);
	is_str(err.text, "\"10.0.0.0/40\": prefix length is not 0 to 32", "a length out of range");
	is_int(td_cidr_parse(td_view_mem("10.1.2.3\0x", 10), &cidr, NULL), TD_BADINPUT, "a NUL byte");
}

static bool everybody(const char *net)
{
	struct td_cidr cidr;
	return td_cidr_parse(td_view_str(net), &cidr, NULL) == TD_OK && td_cidr_everybody(&cidr);
}

int main(void)
{
	matches();
	refused();
	ok(everybody("0.0.0.0/0") && everybody("::/0") && everybody("::ffff:0:0/96"), "everybody");
	ok(!everybody("10.0.0.0/8") && !everybody("2001:db8::/32") && !everybody("2001:db8::/96"), "not everybody");
	return done_testing();
}
