/*
 * smsd_folder - files put into a folder and taken out of others: the spool plugin of t/abi, with the test as the modem
 */
#include "smsd_rig.h"

#include <sys/mount.h>

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

static size_t files_in(const char *folder)
{
	char command[400];
	FILE *f;
	size_t n = 0;

	snprintf(command, sizeof(command), "ls %s/%s | wc -l", spool, folder);
	f = popen(command, "r");
	if (!f || fscanf(f, "%zu", &n) != 1)
		bail_out("%s", command);
	pclose(f);
	return n;
}

/* Inbound SMS that the store has from the flood; distinct: telephones they are from. */
static int flood_has(bool distinct)
{
	char command[400];
	FILE *f;
	int n = -1;

	snprintf(command, sizeof(command),
		"sqlite3 -cmd '.timeout 5000' %s/tandem.db \"SELECT count(%s) FROM inbound WHERE "
		"from_addr LIKE 'tel:+155513%%'\"", dir, distinct ? "DISTINCT from_addr" : "*");
	f = popen(command, "r");
	if (!f || fscanf(f, "%d", &n) != 1)
		n = -1;
	if (f)
		pclose(f);
	return n;
}

#define FLOOD 400

/* kill -9 of either daemon, again and again, while files arrive. */
static void test_killed(void)
{
	const struct timespec old[2] = { { .tv_sec = 1700000000 }, { .tv_sec = 1700000000 } };
	int kills = 0;

	for (int i = 0; i < FLOOD; i++) {
		char name[64];

		snprintf(name, sizeof(name), "incoming/.GSM2.%d.LOCK", i);
		put(in_spool(name), "w", "From: 155513%05d\nAlphabet: UTF-8\n\nFlood %d", i, i);
		utimensat(AT_FDCWD, in_spool(name), old, 0);
	}
	for (int i = 0; i < FLOOD; i++) {
		char from[64], to[64];

		snprintf(from, sizeof(from), "incoming/.GSM2.%d.LOCK", i);
		snprintf(to, sizeof(to), "incoming/GSM2.%d", i);
		rename(in_spool(from), in_spool(to));
		if (i % 40 != 39)
			continue;
		nap(15);
		stop(kills % 2 ? &stored : &smsd, SIGKILL);
		if (kills++ % 2)
			stored = start("tandem-stored");
		else
			smsd = start("tandem-smsd");
	}
	for (int ms = 0; ms < PATIENCE_MS && flood_has(false) < FLOOD; ms += 100)
		nap(100);
	is_int(kills, 10, "smsd and stored are killed ten times");
	is_int(flood_has(true), FLOOD, "no inbound SMS is lost");
	is_int(flood_has(false), FLOOD, "none is there twice");
	for (int ms = 0; ms < PATIENCE_MS && files_in("incoming"); ms += 100)
		nap(100);
	is_int((long)files_in("incoming"), 0, "all files are moved away");
}

static void send_one(int64_t to, const char *text)
{
	struct td_prepared answer;
	char out[512];

	run_pipe(prepare(to, 1, TD_CLASS_TRANSACTIONAL, text, &answer), "", "", out);
}

static void test_gone(void)
{
	char command[400];

	rename(in_spool("outgoing"), in_spool("elsewhere"));
	send_one(15551230002, "Nowhere to put it");
	ok(await(at("log"), "outgoing: cannot open the folder", 1) > 0, "a folder that is gone is told");
	ok(await(at("log"), "status=deferred (provider-unreachable: ", 1) >= 1, "and a temporary failure");
	rename(in_spool("elsewhere"), in_spool("outgoing"));
	snprintf(command, sizeof(command), "grep -rqs 'Nowhere to put it' %s", in_spool("outgoing"));
	for (int ms = 0; ms < PATIENCE_MS && system(command); ms += 100)
		nap(100);
	ok(!system(command), "the SMS goes out when the folder is there");
}

static void test_full_disk(void)
{
	char text[101];

	if (mount("none", in_spool("outgoing"), "tmpfs", 0, "size=16k")) {
		skip(4, "no tmpfs can be mounted here");
		return;
	}
	memset(text, 'f', 100);
	text[100] = '\0';
	for (int i = 0; i < 12; i++)
		send_one(15551250000 + i, text);
	ok(await(at("log"), "No space left on device", 1) >= 1, "a full disk is told");
	ok(await(at("log"), "cannot write: No space left on device", 1) >= 1, "and a temporary failure");
	ok(files_in("outgoing") < 12, "fewer than all files are there: %zu", files_in("outgoing"));
	mount("none", in_spool("outgoing"), "tmpfs", MS_REMOUNT, "size=4m");
	for (int ms = 0; ms < PATIENCE_MS && files_in("outgoing") < 12; ms += 100)
		nap(100);
	is_int((long)files_in("outgoing"), 12, "with room again, all come");
	umount2(in_spool("outgoing"), MNT_DETACH);
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
	test_killed();
	test_gone();
	test_full_disk();
	rig_down();
	snprintf(command, sizeof(command), "rm -rf %s", spool);
	if (system(command))
		diag("%s stays", spool);
	return done_testing();
}
