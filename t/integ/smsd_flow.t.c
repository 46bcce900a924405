/*
 * smsd_flow - tandem-stored, tandem-smsd and tandem-pipe together: from a prepared mail to a line in the provider's
 * file
 *
 * No Postfix: the test speaks to the milter's socket of stored, and runs tandem-pipe as pipe(8) would.
 */
#include "smsd_rig.h"

static void test_one(void)
{
	struct td_prepared answer;
	char out[512], token[128], *line;

	snprintf(token, sizeof(token), "%s", prepare(15551230001, 1, TD_CLASS_TRANSACTIONAL, "Order 1 is on its way",
		&answer));
	ok(token[0] != '\0', "a mail is prepared");
	is_int(run_pipe(token, "", "", out), 0, "tandem-pipe exits 0");
	like(out, "2.0.0 accepted as job ", "and says so: %s", out);
	is_int(await(at("out"), "\n", 1), 1, "a line in the provider's file");
	line = slurp(at("out"));
	like(line, "\"to\":\"+15551230001\",\"from\":\"+15550001111\",\"text\":\"Order 1 is on its way\",\"encoding\":"
		"\"gsm7\",\"segments\":1,"
		"\"class\":\"transactional\"", "with the SMS");
	is_int(await(at("log"), "status=sent", 1), 1, "a log line of Postfix's shape");
	like(slurp(at("log")), ", to=<+1555***0001>, relay=file, delay=", "with the number masked");
	is_int(run_pipe(token, "", "", out), 0, "the same token again exits 0");
	like(out, "2.0.0 ", "and is success");
	is_int(run_pipe("t-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@tandem.invalid", "", "", out), 75,
		"a forged token exits 75");
	ok(!strncmp(out, "5.1.1 ", 6), "with 5.1.1: %s", out);
	nap(200);
	is_int(occurrences(at("out"), "\n"), 1, "still one line");
}

static void test_stop(void)
{
	struct td_prepared answer;

	put(at("in"), "a", "no json\n"
		"{\"from\":\"+15551230001\",\"to\":\"+15550001111\",\"text\":\"STOP\",\"id\":\"m1\"}\n");
	is_int(await(at("out"), "\"class\":\"compliance\"", 1), 1, "STOP is confirmed");
	is_int(await(at("log"), "line 1 is skipped", 1), 1, "a malformed line before it is logged with its number");
	prepare(15551230001, 1, TD_CLASS_TRANSACTIONAL, "Order 2", &answer);
	ok(!answer.token.n && answer.dests.n == 1, "the next SMS is not prepared");
	is_int(((const struct td_prepared_dest *)answer.dests.v)->verdict.verdict, TD_DENY, "but denied");
	put(at("in"), "a", "{\"from\":\"+15551230001\",\"to\":\"+15550001111\",\"text\":\"STOP\",\"id\":\"m1\"}\n"
		"{\"from\":\"+15551230001\",\"to\":\"+15550001111\",\"text\":\"START\",\"id\":\"m2\"}\n");
	is_int(await(at("out"), "\"class\":\"compliance\"", 2), 2, "the same STOP again is not confirmed, START is");
}

static void test_failures(void)
{
	struct td_prepared answer;
	char out[512];

	run_pipe(prepare(15551230050, 1, TD_CLASS_TRANSACTIONAL, "To nobody", &answer), "", "", out);
	ok(await(at("reports"), "\nAction: failed\n", 1) == 1, "a permanent failure is reported by mail");
	like(slurp(at("reports")), "Final-Recipient: rfc822; +15551230050@sms.example.com", "to whom it was");
	like(slurp(at("reports")), "ARGS -f <> -- shop@example.com\nX-Tandem-Self: ", "from the null sender, with a token");
	is_int(await(at("log"), "status=reported", 1), 1, "and that is logged");
	run_pipe(prepare(15551230051, 1, TD_CLASS_TRANSACTIONAL, "At the third attempt", &answer), "", "", out);
	is_int(await(at("out"), "\"+15551230051\"", 1), 1, "a temporary failure is tried again");
	is_int(await(at("log"), "status=deferred (provider-unreachable", 2), 2, "after two attempts that were deferred");
	run_pipe(prepare(15551230052, 1, TD_CLASS_MARKETING, "", &answer), "", "", out);
	run_pipe(prepare(15551230053, 1, TD_CLASS_TRANSACTIONAL, "", &answer), "", "", out);
	is_int(await(at("out"), "\"text\":\"Your order\"", 1), 1, "without a text the subject is the text");
}

static void test_unprepared(void)
{
	char out[512];

	is_int(run_pipe("+15551230060@sms.example.com", "", "From: x@y.z\nSubject: s\n\nHello\n", out), 75,
		"a stranger's mail");
	ok(!strncmp(out, "5.7.1 ", 6), "is refused: %s", out);
	is_int(run_pipe("+15551230060@sms.example.com", "app",
		"From: x@y.z\nMessage-ID: <u1@y.z>\nSubject: s\nX-Tandem-Class:\n solicited\n\nHello there\n", out), 0,
		"a submitter's mail");
	like(out, "2.0.0 accepted as job ", "is accepted: %s", out);
	is_int(await(at("out"), "\"text\":\"Hello there\",\"encoding\":\"gsm7\",\"segments\":1,\"class\":\"solicited\"",
		1), 1, "and sent");
	is_int(run_pipe("123@sms.example.com", "app", "From: x@y.z\nSubject: s\n\nHello\n", out), 75, "no number");
	ok(!strncmp(out, "5.1.3 ", 6), "is refused with 5.1.3: %s", out);
	is_int(run_pipe("+15551230060@sms.example.com", "app", "From: x@y.z\n\n", out), 75, "no text");
	ok(!strncmp(out, "5.6.0 ", 6), "is refused with 5.6.0: %s", out);
}

static void test_restart_of_smsd(void)
{
	struct td_prepared answer;
	char token[128], out[512];
	pid_t starter;

	snprintf(token, sizeof(token), "%s", prepare(15551230070, 1, TD_CLASS_SOLICITED, "Code 1234", &answer));
	stop(&smsd, SIGKILL);
	starter = fork();
	if (starter == 0) {
		nap(1500);
		start("tandem-smsd");
		_exit(0);
	}
	is_int(run_pipe(token, "", "", out), 0, "tandem-pipe waits for smsd");
	waitpid(starter, NULL, 0);
	is_int(await(at("out"), "\"Code 1234\"", 1), 1, "and the code is sent");
	/* the daemon is the grandchild's: find it by its log line */
	{
		const char *p = slurp(at("log")), *last = NULL;

		while ((p = strstr(p, "tandem-smsd[")))
			last = p += 12;
		kill(last ? atoi(last) : 0, SIGKILL);
	}
	nap(200);
	smsd = start("tandem-smsd");
}

/* Mails with 8 SMS each, activated while the victim is killed again and again. */
static void test_kill(int64_t first, int mails, pid_t *victim, const char *program)
{
	static char tokens[64][128];
	struct td_prepared answer;
	char out[512], text[32];
	int refused = 0;
	pid_t feeder;

	for (int i = 0; i < mails; i++) {
		snprintf(text, sizeof(text), "Round %s %d", program, i);
		snprintf(tokens[i], sizeof(tokens[i]), "%s", prepare(first + i * 8, 8, TD_CLASS_TRANSACTIONAL, text, &answer));
	}
	feeder = fork();
	if (feeder == 0) {
		for (int i = 0; i < mails; i++)
			refused += run_pipe(tokens[i], "", "", out) != 0;
		_exit(refused);
	}
	for (int i = 0; i < 8; i++) {
		nap(10 + i * 17);
		stop(victim, SIGKILL);
		*victim = start(program);
	}
	waitpid(feeder, &refused, 0);
	is_int(WEXITSTATUS(refused), 0, "kill -9 of %s: every activation succeeded", program);
	snprintf(text, sizeof(text), "Round %s ", program);
	ok(await(at("out"), text, mails * 8) >= mails * 8, "kill -9 of %s: all lines come", program);
	nap(500);
	each_once(first, mails * 8, program);
}

static void test_end(void)
{
	int status = stop(&smsd, SIGTERM);

	ok(WIFEXITED(status) && WEXITSTATUS(status) == 0, "SIGTERM ends smsd with 0");
	ok(access(at("smsd.pipe.sock"), F_OK) != 0, "and its sockets are gone");
	stop(&stored, SIGTERM);
}

int main(void)
{
	rig_up("\"+15551230050=permanent-number\", \"+15551230051=temporary:2\"", "submitters");
	for (int ms = 0; ms < PATIENCE_MS && access(at("flushed"), F_OK); ms += 20)
		nap(20);
	ok(!access(at("flushed"), F_OK), "at its start smsd has Postfix flush the token domain");
	test_one();
	test_stop();
	test_failures();
	test_unprepared();
	test_restart_of_smsd();
	test_kill(15551240000, 25, &smsd, "tandem-smsd");
	test_kill(15551250000, 25, &stored, "tandem-stored");
	test_end();
	rig_down();
	return done_testing();
}
