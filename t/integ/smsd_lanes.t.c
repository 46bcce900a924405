/*
 * smsd_lanes - a one-time code does not wait behind a flood, and waiting for one costs nothing
 */
#include "smsd_rig.h"

#define FLOOD 180

static void activate(const char *token)
{
	char out[512];

	if (run_pipe(token, "", "", out))
		fail("activation: %s", out);
}

/* Lines of the provider's file before the one that holds what; -1: it is not there. */
static int lines_before(const char *what)
{
	const char *text = slurp(at("out")), *found = strstr(text, what);
	int n = 0;

	for (const char *p = text; found && p < found; p++)
		n += *p == '\n';
	return found ? n : -1;
}

/* CPU time of a process in ticks. */
static long ticks(pid_t pid)
{
	char path[64];
	const char *p;
	unsigned long user = 0, system = 0;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	p = strrchr(slurp(path), ')');
	if (!p || sscanf(p + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system) != 2)
		bail_out("%s: cannot read", path);
	return (long)(user + system);
}

static void flood(void)
{
	struct td_prepared answer;

	for (int i = 0; i < FLOOD; i += 60)
		activate(prepare(15557000000 + i, 60, TD_CLASS_SERVICE, "Flood", &answer));
	ok(await(at("out"), "Flood", 2) >= 2, "the flood goes its slow way");
}

static void test_code(void)
{
	struct td_prepared answer;
	int before = occurrences(at("out"), "\"text\":\"Flood\"");

	activate(prepare(15557100001, 1, TD_CLASS_SOLICITED, "Code 4711", &answer));
	is_int(await(at("out"), "Code 4711", 1), 1, "a one-time code is sent");
	ok(lines_before("Code 4711") - before <= 4, "at most a few of the flood go before it (%d of %d)",
		lines_before("Code 4711") - before, FLOOD - before);
	ok(occurrences(at("out"), "\"text\":\"Flood\"") < FLOOD / 2, "most of the flood still waits");
}

static void test_idle(void)
{
	long store = ticks(stored), sender = ticks(smsd);
	int rounds = 0;

	while (rounds++ < 40)
		nap(100);
	store = ticks(stored) - store;
	sender = ticks(smsd) - sender;
	ok(store < 100, "the store does not spin while a flood is due and nothing is urgent: %ld ticks in 4 s", store);
	ok(sender < 100, "nor does tandem-smsd: %ld", sender);
}

int main(void)
{
	rig_providers = "{ name = \"dummy\"; plugin = \"null\"; }";
	rig_more = "providers = ( { name = \"slow\"; plugin = \"file\"; from = \"+15550001111\"; "
		"path = \"@/out\"; rate = 2.0; } );\n"
		"smsd = { inflight = 16; };\n";
	rig_up("", "reject");
	flood();
	test_code();
	test_idle();
	rig_down();
	return done_testing();
}
