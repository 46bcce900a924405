/*
 * smsd_control - an operator suspends, resumes, drains and tests a provider, and daemons die meanwhile
 */
#include "smsd_rig.h"

static const char *ask(uint16_t verb, const char *name)
{
	static char text[65536];
	struct td_pair pair = { TD_VLIT("name"), td_view_str(name) };
	struct td_args args = { { &pair, name ? 1 : 0 } };
	struct td_client *client = td_client_new(at("smsd.admin.sock"));
	struct td_doc doc;
	struct td_arena own;

	td_arena_init(&own, 1u << 20);
	if (td_client_call(client, verb, &td_args_shape, &args, &td_doc_shape, &doc, &own, 60000, true, &err))
		snprintf(text, sizeof(text), "error: %s", err.text);
	else
		snprintf(text, sizeof(text), "%.*s", TD_VARG(doc.json));
	td_client_free(client);
	td_arena_free(&own);
	return text;
}

static void send_one(int64_t number, const char *text)
{
	struct td_prepared answer;
	char out[512];

	if (run_pipe(prepare(number, 1, TD_CLASS_TRANSACTIONAL, text, &answer), "", "", out))
		fail("activation: %s", out);
}

static void test_suspend(void)
{
	send_one(15556000001, "First");
	is_int(await(at("out"), "\"text\":\"First\"", 1), 1, "as configured, by the first provider");
	like(ask(TD_V_PROVIDER_SUSPEND, "one"), "\"suspended\":true", "suspend one");
	send_one(15556000002, "Second");
	is_int(await(at("out2"), "\"text\":\"Second\"", 1), 1, "the other of its route sends");
	is_int(occurrences(at("out"), "Second"), 0, "the suspended one does not");
	like(ask(TD_V_PROVIDERS, "one"), "\"suspended\":true", "shown");
	like(ask(TD_V_PROVIDERS, "two"), "\"suspended\":false", "of that one alone");
	like(ask(TD_V_PROVIDER_SUSPEND, "two"), "\"suspended\":true", "suspend the other too");
	send_one(15556000003, "Third");
	nap(1000);
	is_int(occurrences(at("out"), "Third") + occurrences(at("out2"), "Third"), 0, "now the SMS waits");
}

static void test_survives(void)
{
	stop(&smsd, SIGKILL);
	smsd = start("tandem-smsd");
	send_one(15556000004, "Fourth");
	nap(1500);
	like(ask(TD_V_PROVIDERS, "one"), "\"suspended\":true", "a suspension outlives smsd");
	stop(&stored, SIGKILL);
	stored = start("tandem-stored");
	nap(1500);
	is_int(occurrences(at("out"), "Fourth") + occurrences(at("out2"), "Fourth"), 0, "nothing was sent meanwhile");
	stop(&smsd, SIGKILL);
	stop(&stored, SIGKILL);
	stored = start("tandem-stored");
	smsd = start("tandem-smsd");
	nap(1500);
	like(ask(TD_V_PROVIDERS, "two"), "\"suspended\":true", "and the store");
	is_int(occurrences(at("out"), "Third") + occurrences(at("out2"), "Third"), 0, "nothing was sent at all");
}

static void test_resume(void)
{
	like(ask(TD_V_PROVIDER_RESUME, "one"), "\"suspended\":false", "resume one");
	is_int(await(at("out"), "\"text\":\"Third\"", 1), 1, "what waited is sent");
	is_int(await(at("out"), "\"text\":\"Fourth\"", 1), 1, "all of it");
	is_int(occurrences(at("out2"), "Third") + occurrences(at("out2"), "Fourth"), 0, "not by the other");
	stop(&smsd, SIGKILL);
	smsd = start("tandem-smsd");
	like(ask(TD_V_PROVIDERS, "one"), "\"suspended\":false", "a resumption outlives smsd too");
	like(ask(TD_V_PROVIDER_RESUME, "two"), "\"suspended\":false", "resume the other");
}

static void test_drain(void)
{
	const char *doc = ask(TD_V_PROVIDER_DRAIN, "two");

	like(doc, "\"drained\":true", "nothing is in flight: a drain is answered at once");
	like(doc, "\"suspended\":true", "and it is suspended");
	like(ask(TD_V_PROVIDER_RESUME, "two"), "\"suspended\":false", "until it is resumed");
}

static void test_names(void)
{
	static const uint16_t verbs[] = { TD_V_PROVIDER_SUSPEND, TD_V_PROVIDER_RESUME, TD_V_PROVIDER_DRAIN,
		TD_V_PROVIDER_TEST };

	for (size_t i = 0; i < sizeof(verbs) / sizeof(*verbs); i++) {
		like(ask(verbs[i], "nobody"), "error: nobody: no such provider", "verb %u of a provider that is not there",
			verbs[i]);
		like(ask(verbs[i], NULL), "error: ", "and of none");
	}
	like(ask(TD_V_PROVIDER_TEST, "one"), "error: provider one: plugin file has no test", "a test without a probe");
	stop(&stored, SIGKILL);
	like(ask(TD_V_PROVIDERS, "one"), "\"name\":\"one\"", "without the store one can look");
	stored = start("tandem-stored");
}

int main(void)
{
	rig_providers = "{ name = \"dummy\"; plugin = \"null\"; }";
	rig_more = "providers = ( { name = \"one\"; plugin = \"file\"; from = \"+15550001111\"; path = \"@/out\"; },\n"
		"  { name = \"two\"; plugin = \"file\"; from = \"+15550001111\"; path = \"@/out2\"; } );\n"
		"routes = ( { prefix = [\"+\"]; providers = [\"one\", \"two\"]; } );\n";
	rig_up("", "reject");
	test_suspend();
	test_survives();
	test_resume();
	test_drain();
	test_names();
	rig_down();
	return done_testing();
}
