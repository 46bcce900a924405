/*
 * smsd_odd - plugins that return nonsense: before anything left the SMS fails, after that it is uncertain, others go on
 */
#include "smsd_rig.h"

static void send_text(int64_t to, const char *text)
{
	struct td_prepared answer;
	char out[512];

	if (run_pipe(prepare(to, 1, TD_CLASS_TRANSACTIONAL, text, &answer), "", "", out))
		fail("activation: %s", out);
}

/* What `tandem why` says of the last SMS to that number. */
static const char *why(int64_t to)
{
	static char text[8192];
	char command[600];
	FILE *out;
	size_t n;

	snprintf(command, sizeof(command), "%s/bin/tandem -c %s/tandem.conf why +%lld 2>&1", build, dir, (long long)to);
	out = popen(command, "r");
	n = out ? fread(text, 1, sizeof(text) - 1, out) : 0;
	text[n] = '\0';
	if (out)
		pclose(out);
	return text;
}

static const struct {
	const char *what, *says;
	bool        same;  /* permanent, whenever it is said */
	bool        after_only;
} cases[] = {
	{ "kind", "the plugin gives an outcome of a kind that there is not (99)", .same = false },
	{ "ids", "the plugin gives message ids that are not there", .same = false },
	{ "latin1 id", "the plugin gives a message id that is none", .same = false },
	{ "null id", "the plugin gives a message id that is none", .same = false },
	{ "long", "odd: wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww", .same = true },
	{ "latin1", "odd: ", .same = true },
	{ "null words", "odd", .same = true },
	{ "nothing", "the plugin gives neither an outcome nor a request", .same = false },
	{ "memory", "a call's memory is used up", .same = false },
	{ "fail", "the plugin fails without saying why", .same = false },
	{ "error", "no luck today", .same = false },
	{ "error and OK", "no luck at all", .same = false },
	{ "file", "of file 99, which there is not", .same = false },
	{ "null line", "the plugin gives a request with a text that is none", .same = false },
	{ "endless", "the plugin asks for more than 4 requests", .after_only = true },
};
#define CASES (sizeof(cases) / sizeof(*cases))

static void test_case(size_t i, bool after)
{
	int64_t to = 15551240000 + (int64_t)(2 * i + after);
	bool uncertain = after && !cases[i].same;
	char text[64], line[64];

	snprintf(text, sizeof(text), "%s %s", after ? "after" : "before", cases[i].what);
	snprintf(line, sizeof(line), "%s", uncertain ? "provider-uncertain" : "provider-rejected");
	for (int ms = 0; ms < PATIENCE_MS && !strstr(why(to), line); ms += 100)
		nap(100);
	like(why(to), line, "%s: %s", text, line);
	like(why(to), cases[i].says, "… with the reason");
	ok(occurrences(at("log"), cases[i].says) > 0, "… which is in the log");
}

static void test_lines(void)
{
	static const char *const lines[] = { "null view", "null events", "kind", "latin1", "fail" };

	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++)
		put(at("odd.in"), "a", "%s\n", lines[i]);
	put(at("odd.in"), "a", "STOP\n");
	is_int(await(at("log"), "keyword=stop", 1), 1, "lines that make no sense are skipped, others are read");
	is_int(occurrences(at("log"), "inbound: from="), 1, "and nothing was made of them");
	ok(occurrences(at("log"), "an event with a text that is none") >= 2, "the log says what was wrong");
}

int main(void)
{
	rig_providers = "{ name = \"odd\"; plugin = \"odd\"; from = \"+15550001111\"; path = \"odd.out\"; "
		"incoming = \"odd.in\"; }, { name = \"good\"; plugin = \"odd\"; from = \"+15550001111\"; path = \"out\"; "
		"incoming = \"in\"; }";
	rig_plugins = "t/abi";
	rig_more = "routes = ( { prefix = [\"+155512\"]; providers = [\"odd\"]; }, "
		"{ prefix = [\"+\"]; providers = [\"good\"]; } );\n";
	rig_up("", "reject");
	for (size_t i = 0; i < CASES; i++) {
		char text[64];

		snprintf(text, sizeof(text), "before %s", cases[i].what);
		if (!cases[i].after_only)
			send_text(15551240000 + (int64_t)(2 * i), text);
		snprintf(text, sizeof(text), "after %s", cases[i].what);
		send_text(15551240001 + (int64_t)(2 * i), text);
		send_text(15551300000 + (int64_t)i, "All is well");
	}
	is_int(await(at("out"), "All is well", CASES), CASES, "the other provider goes on");
	for (size_t i = 0; i < CASES; i++) {
		if (!cases[i].after_only)
			test_case(i, false);
		test_case(i, true);
	}
	test_lines();
	send_text(15551250000, "Well again");
	is_int(await(at("odd.out"), "Well again", 1), 1, "and so does this one");
	rig_down();
	return done_testing();
}
