/*
 * smsd_stream - connections held open: the smpp plugin of t/abi against an SMSC that behaves well, badly and not at all
 */
#include "smsd_rig.h"

#include "smsc.h"

static void send_to(int64_t first, int n, const char *text)
{
	struct td_prepared answer;
	char out[512];

	if (run_pipe(prepare(first, n, TD_CLASS_TRANSACTIONAL, text, &answer), "", "", out))
		fail("activation: %s", out);
}

/* Waits until a count of the SMSC's is at least n; what it is. */
static unsigned await_count(const unsigned *count, unsigned n)
{
	unsigned have = 0;

	for (int ms = 0; ms < PATIENCE_MS && (have = smsc_get(count)) < n; ms += 20)
		nap(20);
	return have;
}

static unsigned await_saw(const char *what, unsigned n)
{
	unsigned have = 0;

	for (int ms = 0; ms < PATIENCE_MS && (have = smsc_saw(what)) < n; ms += 20)
		nap(20);
	return have;
}

/* Sent to the peer that is there. */
static void deliver(const char *from, unsigned char esm, const char *text)
{
	pthread_mutex_lock(&smsc.lock);
	for (size_t i = 0; i < SMSC_PEERS; i++) {
		if (smsc.peers[i].fd >= 0) {
			smsc_deliver(&smsc.peers[i], from, esm, text);
			break;
		}
	}
	pthread_mutex_unlock(&smsc.lock);
}

static const char *status_of(const char *job)
{
	static char text[4096];
	char command[600];
	FILE *pipe_;
	size_t n;

	snprintf(command, sizeof(command), "%s/bin/tandem -c %s/tandem.conf why %.26s 2>&1", build, dir, job);
	pipe_ = popen(command, "r");
	n = pipe_ ? fread(text, 1, sizeof(text) - 1, pipe_) : 0;
	text[n] = '\0';
	if (pipe_)
		pclose(pipe_);
	return text;
}

static void test_bind(void)
{
	if (await_count(&smsc.binds, 1) != 1)
		bail_out("it does not bind");
	is_int(await(at("log"), "takes SMS", 1), 1, "and takes SMS then");
	send_to(15551230001, 1, "Hello @ the \xe2\x82\xac shop");
	is_int(await_saw("15551230001|Hello ", 1), 1, "an SMS arrives");
	is_int(smsc_saw("|Hello 0 the \x1b\x65 shop"), 1, "in septets, with the extension table");
	is_int(await(at("log"), "status=sent (0", 1), 1, "and has the SMSC's id in the log");
}

static void test_receipts(void)
{
	struct td_prepared answer;
	char out[512];
	const char *job;

	await_count(&smsc.deliver_ok, 1);
	smsc_set(SMSC_RECEIPT_FIRST);
	run_pipe(prepare(15551230002, 1, TD_CLASS_TRANSACTIONAL, "Receipt first", &answer), "", "", out);
	job = strstr(out, "job ");
	is_int(await_count(&smsc.deliver_ok, 2), 2, "a receipt that comes before the answer is acknowledged");
	for (int ms = 0; job && ms < PATIENCE_MS && !strstr(status_of(job + 4), "delivered"); ms += 100)
		nap(100);
	like(status_of(job ? job + 4 : ""), "delivered", "and counts");
	smsc_set(SMSC_ANSWER);
}

static void test_window(void)
{
	smsc_set(SMSC_HOLD);
	send_to(15551231000, 30, "Window");
	await_count(&smsc.most, 3);
	nap(300);
	ok(smsc_get(&smsc.most) >= 3 && smsc_get(&smsc.most) <= 4, "no more than the window without an answer: %u",
		smsc_get(&smsc.most));
	smsc_set(SMSC_ANSWER);
	is_int(await_saw("|Window", 30), 30, "with answers the others go");
}

static void test_throttle(void)
{
	smsc_set(SMSC_THROTTLE);
	send_to(15551230003, 1, "Slower please");
	is_int(await(at("log"), "0x00000058", 1), 1, "ESME_RTHROTTLED defers");
	is_int(await_saw("Slower please", 2), 2, "and the SMS is sent again");
}

static void test_long(void)
{
	char text[400];

	memset(text, 'x', 200);
	memcpy(text + 200, " end", sizeof(" end"));
	send_to(15551230004, 1, text);
	is_int(await_saw("xxx end", 1), 1, "a long SMS arrives to its end");
	is_int(smsc_saw("15551230004|"), 2, "in two parts");
	is_int(smsc_saw("xxx\n15551230004|"), 1, "the first one first");
}

static void test_inbound(void)
{
	unsigned before = smsc_get(&smsc.deliver_ok);

	deliver("+15551230005", 0, "STOP");
	ok(await_count(&smsc.deliver_ok, before + 1) > before, "an inbound SMS is acknowledged");
	is_int(await(at("log"), "keyword=stop", 1), 1, "and understood");
	ok(await_saw("15551230005|", 1) >= 1, "STOP is confirmed");
}

/* The store is away: what cannot be made durable is not acknowledged as if it were. */
static void test_store_away(void)
{
	unsigned ok_before = smsc_get(&smsc.deliver_ok);

	stop(&stored, SIGKILL);
	deliver("+15551230006", 0, "STOP");
	nap(500);
	is_int(smsc_get(&smsc.deliver_ok), ok_before, "without the store nothing is acknowledged");
	stored = start("tandem-stored");
	ok(await_count(&smsc.deliver_ok, ok_before + 1) > ok_before, "it is, when the store is there");
	is_int(await_saw("15551230006|", 1), 1, "and understood");
}

static void test_drop(void)
{
	unsigned binds = smsc_get(&smsc.binds);

	smsc_set(SMSC_DROP);
	send_to(15551230007, 1, "Dropped");
	is_int(await_count(&smsc.dropped, 1), 1, "the SMSC ends the connection without an answer");
	smsc_set(SMSC_ANSWER);
	is_int(await(at("log"), "+1555***0007>, relay=smpp", 1), 1, "the SMS has an outcome");
	is_int(await(at("log"), "status=unknown (provider-uncertain: the connection ended before an answer", 1), 1,
		"it is uncertain");
	ok(await_count(&smsc.binds, binds + 1) > binds, "it binds again");
	send_to(15551230008, 1, "After the drop");
	is_int(await_saw("After the drop", 1), 1, "and SMS go on");
	is_int(smsc_saw("|Dropped"), 1, "the uncertain one is not sent again");
}

static void test_garbage(void)
{
	unsigned binds = smsc_get(&smsc.binds);

	smsc_set(SMSC_GARBAGE);
	send_to(15551230009, 1, "Garbage");
	ok(await(at("log"), "this is no SMPP", 1) >= 1, "what is no PDU ends the connection");
	ok(await_count(&smsc.binds, binds + 1) > binds, "it binds again");
}

static void test_slow(void)
{
	smsc_set(SMSC_SLOW);
	send_to(15551232000, 5, "Bytewise");
	is_int(await_saw("|Bytewise", 5), 5, "an SMSC that sends a byte at a time is understood");
	smsc_set(SMSC_ANSWER);
}

static void test_deaf(void)
{
	unsigned binds = smsc_get(&smsc.binds);
	int before = occurrences(at("log"), "no answer to enquire_link");

	ok(await_count(&smsc.enquiries, 1) >= 1, "a silent link is asked with enquire_link");
	smsc_set(SMSC_DEAF);
	ok(await(at("log"), "no answer to enquire_link", before + 1) > before, "without an answer it ends");
	smsc_set(SMSC_REFUSE);
	await_count(&smsc.binds, binds + 1);
	ok(await(at("log"), "bind_transceiver is refused with 0x0000000e", 1) >= 1, "a refused bind is told");
	ok(await(at("log"), "our credentials are refused", 1) >= 1, "with an alert");
	smsc_set(SMSC_ANSWER);
}

static void test_end(void)
{
	int status;

	stop(&smsd, SIGKILL);
	smsd = start("tandem-smsd");
	await(at("log"), "takes SMS", 5);
	nap(200);
	status = stop(&smsd, SIGTERM);
	ok(WIFEXITED(status) && WEXITSTATUS(status) == 0, "SIGTERM ends it with 0");
	is_int(smsc_get(&smsc.unbinds), 1, "after an unbind");
}

int main(void)
{
	pthread_t thread = smsc_start();
	char providers[512];

	snprintf(providers, sizeof(providers), "{ name = \"smpp\"; plugin = \"smpp\"; from = \"+15550001111\"; window = 4; "
		"host = \"127.0.0.1\"; port = %u; tls = \"off\"; system_id = \"esme1\"; password_file = \"secret\"; "
		"enquire = \"2s\"; }", smsc.port);
	rig_providers = providers;
	rig_plugins = "t/abi";
	rig_up("", "reject");
	test_bind();
	test_receipts();
	test_window();
	test_throttle();
	test_long();
	test_inbound();
	test_store_away();
	test_drop();
	test_garbage();
	test_slow();
	test_deaf();
	test_end();
	rig_down();
	smsc.end = true;
	pthread_join(thread, NULL);
	return done_testing();
}
