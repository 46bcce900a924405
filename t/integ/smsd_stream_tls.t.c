/*
 * smsd_stream_tls - streams with TLS: a certificate that is trusted, one that is not, several connections
 */
#include "smsd_rig.h"

#include "smsc.h"
#include "tls_peer.h"

static void send_to(int64_t first, int n, const char *text)
{
	struct td_prepared answer;
	char out[512];

	if (run_pipe(prepare(first, n, TD_CLASS_TRANSACTIONAL, text, &answer), "", "", out))
		fail("activation: %s", out);
}

/* What `tandem …` prints. */
static const char *tandem(const char *arguments)
{
	static char text[8192];
	char command[600];
	FILE *out;
	size_t n;

	snprintf(command, sizeof(command), "%s/bin/tandem -c %s/tandem.conf %s 2>&1", build, dir, arguments);
	out = popen(command, "r");
	n = out ? fread(text, 1, sizeof(text) - 1, out) : 0;
	text[n] = '\0';
	if (out)
		pclose(out);
	return text;
}

static unsigned await_saw(const char *what, unsigned n)
{
	unsigned have = 0;

	for (int ms = 0; ms < PATIENCE_MS && (have = smsc_saw(what)) < n; ms += 20)
		nap(20);
	return have;
}

static void test_right(void)
{
	for (int ms = 0; ms < PATIENCE_MS && smsc_get(&smsc.binds) < 3; ms += 20)
		nap(20);
	is_int(smsc_get(&smsc.binds), 3, "with its CA it binds three times");
	is_int(await(at("log"), "takes SMS", 3), 3, "and all take SMS");
	send_to(15551300001, 1, "Not by this one");
	smsc_set(SMSC_HOLD);
	send_to(15551200000, 12, "Over TLS");
	is_int(await_saw("|Over TLS", 12), 12, "SMS go out");
	ok(smsc_get(&smsc.most) < 12, "over more than one of them: %u of 12 by one", smsc_get(&smsc.most));
	smsc_set(SMSC_ANSWER);
	is_int(await(at("log"), "relay=right", 12), 12, "and have their results");
}

static void test_wrong(void)
{
	ok(await(at("log"), "its certificate is refused: ", 1) >= 1, "a certificate of another CA is refused");
	like(tandem("provider show wrong"), "its certificate is refused: ", "which provider show says");
	like(tandem("jobs --to +15551300001"), "READY", "its SMS waits");
	is_int(smsc_saw("Not by this one"), 0, "and was not sent");
	is_int(smsc_get(&smsc.binds), 3, "nor was a bind");
}

int main(void)
{
	pthread_t thread = smsc_start();
	char providers[1600];

	tls_make_ca("localhost");
	tls.to = smsc.port;
	tls_start();
	snprintf(providers, sizeof(providers), "{ name = \"right\"; plugin = \"smpp\"; from = \"+15550001111\"; "
		"host = \"127.0.0.1\"; port = %u; system_id = \"esme1\"; password_file = \"secret\"; "
		"ca_file = \"%s/ca.pem\"; binds = 3; }, "
		"{ name = \"wrong\"; plugin = \"smpp\"; from = \"+15550001111\"; host = \"127.0.0.1\"; port = %u; "
		"system_id = \"esme2\"; password_file = \"secret\"; ca_file = \"%s/other.pem\"; }", tls.port, tls.dir, tls.port,
		tls.dir);
	rig_providers = providers;
	rig_plugins = "t/abi";
	rig_more = "routes = ( { prefix = [\"+155513\"]; providers = [\"wrong\"]; }, "
		"{ prefix = [\"+\"]; providers = [\"right\"]; } );\n";
	rig_up("", "reject");
	test_right();
	test_wrong();
	rig_down();
	smsc.end = true;
	pthread_join(thread, NULL);
	tls_end();
	return done_testing();
}
