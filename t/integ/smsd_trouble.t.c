/*
 * smsd_trouble - a full disk, uncertain answers, refused credentials, receipts, reload, and what the operator is shown
 */
#include "smsd_rig.h"

#include <sys/mount.h>

static void send_to(int64_t first, int n, const char *text)
{
	struct td_prepared answer;
	char out[512];

	for (int i = 0; i < n; i += 50) {
		const char *token = prepare(first + i, n - i < 50 ? n - i : 50, TD_CLASS_TRANSACTIONAL, text, &answer);

		if (run_pipe(token, "", "", out))
			fail("activation: %s", out);
	}
}

/* Asks smsd's admin socket; the document. */
static const char *ask(uint16_t verb, const char *name)
{
	static char text[65536];
	struct td_pair pair = { TD_VLIT("name"), td_view_str(name) };
	struct td_args args = { { &pair, name ? 1 : 0 } };
	struct td_client *client = td_client_new(at("smsd.admin.sock"));
	struct td_doc doc;

	td_arena_reset(&arena);
	if (td_client_call(client, verb, &td_args_shape, &args, &td_doc_shape, &doc, &arena, PATIENCE_MS, true, &err))
		snprintf(text, sizeof(text), "error: %s", err.text);
	else
		snprintf(text, sizeof(text), "%.*s", TD_VARG(doc.json));
	td_client_free(client);
	return text;
}

static void test_documents(void)
{
	const char *doc = ask(TD_V_PROVIDERS, "file");

	like(doc, "\"name\":\"file\",\"plugin\":\"file\"", "provider show");
	like(doc, "\"circuit\":\"closed\",\"suspended\":false", "circuit and suspension");
	like(doc, "\"in_flight\":0", "in flight");
	like(doc, "\"callback_url\":null,\"inbound_url\":null", "no URLs");
	ok(ask(TD_V_PROVIDERS, NULL)[0] == '[', "provider list is an array");
	like(ask(TD_V_PROVIDERS, "nobody"), "error: nobody: no such provider", "a provider that is not there");
	like(ask(TD_V_SMSD_STATUS, NULL), "\"program\":\"tandem-smsd\"", "status");
}

/* Every verb there is, from each of smsd's roles: what td_verbs does not permit is refused, whatever it carries. */
static void test_roles(void)
{
	static const struct {
		int         role;
		const char *socket;
	} roles[] = { { TD_ROLE_PIPE, "smsd.pipe.sock" }, { TD_ROLE_ADMIN, "smsd.admin.sock" } };

	for (size_t i = 0; i < 2; i++) {
		for (const struct td_verb_row *row = td_verbs; row->name; row++) {
			struct td_client *client = td_client_new(at(roles[i].socket));
			struct td_pong pong;
			enum td_status status;

			td_arena_reset(&arena);
			if (td_verb_permits(true, roles[i].role, row->verb)) {
				td_client_free(client);
				continue;
			}
			status = td_client_call(client, row->verb, NULL, NULL, &td_pong_shape, &pong, &arena, 2000, false, &err);
			ok(status == TD_REFUSED, "%s may not %s: %s", td_role_name(roles[i].role), row->name, err.text);
			td_client_free(client);
		}
	}
}

static void test_uncertain(void)
{
	send_to(15552230001, 1, "Perhaps");
	is_int(await(at("log"), "status=unknown (provider-uncertain", 1), 1,
		"an outcome that stays uncertain ends unknown");
	ok(occurrences(at("log"), "status=deferred (provider-uncertain") > 1, "after the provider was asked about it");
	is_int(occurrences(at("out"), "Perhaps"), 0, "nothing was written");
}

static void test_circuit(void)
{
	send_to(15552230002, 1, "After the credentials");
	is_int(await(at("log"), "our credentials are refused: fail: told to by setting fail: nothing is sent through it",
		1), 1,
		"refused credentials raise an alert");
	like(ask(TD_V_PROVIDERS, "file"), "\"circuit\":\"open\"", "and open the circuit");
	like(ask(TD_V_PROVIDERS, "file"), "\"circuit_reason\":\"our credentials are refused: fail", "with the reason");
	is_int(await(at("out"), "After the credentials", 1), 1, "it is tried again later");
	is_int(await(at("log"), "provider file: answers again", 1), 1, "and closes when it works");
}

static void test_receipts(void)
{
	struct td_prepared answer;
	char out[512], *job;

	run_pipe(prepare(15552230003, 1, TD_CLASS_TRANSACTIONAL, "With receipt", &answer), "", "", out);
	await(at("out"), "With receipt", 1);
	job = strstr(out, "job ");
	put(at("in"), "a", "{\"receipt\":\"%.26s\",\"state\":\"delivered\"}\n", job ? job + 4 : "?");
	for (int ms = 0; ms < PATIENCE_MS && !strstr(ask(TD_V_SMSD_STATUS, NULL), "\"receipts\":1"); ms += 50)
		nap(50);
	like(ask(TD_V_SMSD_STATUS, NULL), "\"receipts\":1", "a receipt is taken");
}

static void test_reload(void)
{
	put(at("tandem.conf"), "a", "nonsense = 1;\n");
	kill(smsd, SIGHUP);
	is_int(await(at("log"), "the configuration stays as it was", 1), 1, "a bad configuration is not loaded");
	write_conf("no/such/folder/out", "", "reject");
	kill(smsd, SIGHUP);
	is_int(await(at("log"), "the configuration stays as it was", 2), 2, "nor one whose provider cannot start");
	send_to(15552230004, 1, "Still the old file");
	is_int(await(at("out"), "Still the old file", 1), 1, "the old one goes on");
	write_conf("out2", "", "reject");
	kill(smsd, SIGHUP);
	is_int(await(at("log"), "tandem.conf loaded", 2), 2, "a good one is loaded");
	send_to(15552230005, 1, "To the new file");
	is_int(await(at("out2"), "To the new file", 1), 1, "and SMS go where it says");
	put(at("in"), "a", "{\"from\":\"+15552230005\",\"text\":\"HELP\",\"id\":\"h1\"}\n");
	is_int(await(at("log"), "keyword=help", 1), 1, "the incoming file is read on");
	is_int(occurrences(at("log"), "is skipped"), 0, "from where it was");
}

static bool whole_lines(const char *path)
{
	const char *p = slurp(path), *end;

	for (; *p; p = end + 1) {
		end = strchr(p, '\n');
		if (!end || *p != '{' || end[-1] != '}')
			return false;
	}
	return true;
}

/* The end of a log, for whoever has to find out. */
static void show_tail(const char *path, size_t size)
{
	const char *text = slurp(path);
	size_t n = strlen(text);

	diag("%s", text + (n > size ? n - size : 0));
}

static void test_full_disk(void)
{
	char text[101];

	mkdir(at("small"), 0755);
	if (mount("none", at("small"), "tmpfs", 0, "size=32k")) {
		skip(6, "no tmpfs can be mounted here");
		return;
	}
	memset(text, 'f', 100);
	text[100] = '\0';
	write_conf("small/out", "", "reject");
	kill(smsd, SIGHUP);
	await(at("log"), "tandem.conf loaded", 3);
	send_to(15553240000, 200, text);
	ok(await(at("log"), "No space left on device", 1) >= 1, "a full disk");
	ok(await(at("log"), "status=deferred (provider-unreachable", 1) >= 1, "is a temporary failure");
	ok(whole_lines(at("small/out")), "and leaves whole lines");
	ok(occurrences(at("small/out"), "\n") < 200, "fewer than all");
	mount("none", at("small"), "tmpfs", MS_REMOUNT, "size=4m");
	if (!is_int(await(at("small/out"), "\n", 200), 200, "with room again, all come"))
		show_tail(at("log"), 16384);
	put(at("small/out"), "a", "{\"job\":\"torn");
	stop(&smsd, SIGKILL);
	smsd = start("tandem-smsd");
	ok(whole_lines(at("small/out")), "a line that a crash left torn is cut off");
	umount2(at("small"), MNT_DETACH);
}

int main(void)
{
	rig_up("\"+15552230001=uncertain\", \"+15552230002=auth:1\"", "reject");
	test_documents();
	test_roles();
	test_uncertain();
	test_circuit();
	test_receipts();
	test_reload();
	test_full_disk();
	rig_down();
	return done_testing();
}
