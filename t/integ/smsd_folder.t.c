/*
 * smsd_folder - files put into a folder and taken out of others: the spool plugin of t/abi, with the test as the modem
 */
#include "smsd_rig.h"

static char spool[] = "/tmp/td-spool-XXXXXX";

static const char *in_spool(const char *name)
{
	static char path[4][300];
	static int turn;

	turn = (turn + 1) % 4;
	snprintf(path[turn], sizeof(path[turn]), "%s/%s", spool, name);
	return path[turn];
}

/* The first file of a folder that is no dot file; "" when there is none in time. */
static const char *await_file(const char *folder)
{
	static char name[300];
	char command[400];

	snprintf(command, sizeof(command), "ls %s/%s", spool, folder);
	for (int ms = 0; ms < PATIENCE_MS; ms += 50) {
		FILE *f = popen(command, "r");
		bool some = f && fgets(name, sizeof(name), f);

		if (f)
			pclose(f);
		if (some) {
			name[strcspn(name, "\n")] = '\0';
			return name;
		}
		nap(50);
	}
	return "";
}

static void test_send(void)
{
	struct td_prepared answer;
	char out[512], from[300], to[300];
	const char *name;

	run_pipe(prepare(15551230001, 1, TD_CLASS_TRANSACTIONAL, "Hello", &answer), "", "", out);
	name = await_file("outgoing");
	ok(!strncmp(name, "tandem-", 7), "a file stands in the folder: %s", name);
	snprintf(from, sizeof(from), "%s/%s", in_spool("outgoing"), name);
	like(slurp(from), "To: 15551230001\nAlphabet: UTF\nReport: yes\n", "with its head");
	like(slurp(from), "\n\nHello", "and the text");
	is_int(await(at("log"), "status=sent", 1), 1, "the SMS counts as sent");
	snprintf(to, sizeof(to), "%s/%s", in_spool("sent"), name);
	rename(from, to);
	await_file("done");
	ok(access(to, F_OK) != 0, "what the modem sent is read and moved away");
}

static void test_arrive(void)
{
	put(in_spool("incoming/.half"), "w", "From: 15551230001\n");
	put(in_spool("incoming/GSM1.a"), "w", "From: 15551230001\nAlphabet: ISO\n\nSTOP");
	put(in_spool("incoming/GSM1.b"), "w", "no head at all");
	is_int(await(at("log"), "keyword=stop", 1), 1, "an inbound SMS is understood");
	is_int(await(at("log"), "GSM1.b is skipped: no \"From\" in it", 1), 1, "what is none is skipped with its name");
	nap(1500);
	ok(access(in_spool("incoming/GSM1.a"), F_OK) && access(in_spool("incoming/GSM1.b"), F_OK), "both are moved away");
	ok(!access(in_spool("incoming/.half"), F_OK), "what is being written is not");
	is_int(occurrences(at("log"), "keyword=stop"), 1, "and each was read once");
}

int main(void)
{
	static const char *const folders[] = { "outgoing", "sent", "failed", "incoming", "done" };
	char providers[800], command[100];

	if (!mkdtemp(spool))
		bail_out("no folder");
	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++)
		mkdir(in_spool(folders[i]), 0755);
	snprintf(providers, sizeof(providers), "{ name = \"modem\"; plugin = \"spool\"; from = \"+15550001111\"; "
		"outgoing = \"%s/outgoing\"; sent = \"%s/sent\"; failed = \"%s/failed\"; incoming = \"%s/incoming\"; "
		"done = \"%s/done\"; }", spool, spool, spool, spool, spool);
	rig_providers = providers;
	rig_plugins = "t/abi";
	rig_up("", "reject");
	test_send();
	test_arrive();
	rig_down();
	snprintf(command, sizeof(command), "rm -rf %s", spool);
	if (system(command))
		diag("%s stays", spool);
	return done_testing();
}
