/*
 * smsd_flow - tandem-stored, tandem-smsd and tandem-pipe together: from a prepared mail to a line in the provider's file
 *
 * No Postfix: the test speaks to the milter's socket of stored, and runs tandem-pipe as pipe(8) would.
 */
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "client.h"
#include "conf.h"
#include "proto.h"
#include "tap.h"

#define PATIENCE_MS 30000

static char dir[] = "/tmp/td-flow-XXXXXX";
static const char *build, *src;
static pid_t stored, smsd;
static struct td_client *milter;
static struct td_arena arena;
static struct td_err err;

static const char *at(const char *name)
{
	static char path[4][200];
	static int turn;

	turn = (turn + 1) % 4;
	snprintf(path[turn], sizeof(path[turn]), "%s/%s", dir, name);
	return path[turn];
}

static void put(const char *path, const char *mode, const char *fmt, ...)
{
	FILE *f = fopen(path, mode);
	va_list ap;

	if (!f)
		bail_out("%s: cannot write", path);
	va_start(ap, fmt);
	vfprintf(f, fmt, ap);
	va_end(ap);
	fclose(f);
}

static char *slurp(const char *path)
{
	static char text[1 << 22];
	int fd = open(path, O_RDONLY);
	size_t n = 0;
	ssize_t got;

	while (fd >= 0 && n < sizeof(text) - 1 && (got = read(fd, text + n, sizeof(text) - 1 - n)) > 0)
		n += (size_t)got;
	if (fd >= 0)
		close(fd);
	text[n] = '\0';
	return text;
}

static int occurrences(const char *path, const char *what)
{
	const char *p = slurp(path);
	int n = 0;

	for (; (p = strstr(p, what)); p += strlen(what))
		n++;
	return n;
}

static void nap(int ms)
{
	struct timespec ts = { ms / 1000, ms % 1000 * 1000000L };

	nanosleep(&ts, NULL);
}

/* Waits until the file holds `what` at least n times; how often it does. */
static int await(const char *path, const char *what, int n)
{
	int have = 0;

	for (int ms = 0; ms < PATIENCE_MS; ms += 20) {
		have = occurrences(path, what);
		if (have >= n)
			break;
		nap(20);
	}
	return have;
}

static void write_conf(const char *fail, const char *unprepared)
{
	put(at("tandem.conf"), "w",
		"config_version = 1;\nbrand = \"Example Shop\";\nsms_domain = \"sms.example.com\";\nhome_country = \"US\";\n"
		"countries = [\"US\", \"CA\"];\nrun_dir = \"%s\";\nsecret_file = \"%s/secret\";\nplugin_dir = \"%s/plugins\";\n"
		"template_dir = \"%s/conf/templates\";\nstore = { engine = \"sqlite\"; path = \"%s/tandem.db\"; journal = \"%s/journal\"; };\n"
		"log = { target = \"file:%s/log\"; };\n"
		"users = { milter = \"root\"; smsd = \"root\"; stored = \"root\"; web = \"root\"; pipe = \"root\"; admin_group = \"root\"; "
		"postfix = \"root\"; };\n"
		"providers = ( { name = \"file\"; plugin = \"file\"; from = \"+15550001111\"; path = \"%s/out\"; incoming = \"%s/in\"; "
		"fail = [%s]; } );\n"
		"routes = ( { prefix = [\"+\"]; providers = [\"file\"]; } );\n"
		"submitters = ( { login = \"app\"; max_class = \"critical\"; } );\n"
		"retry = { temporary = \"100ms, 1s\"; throttled = \"100ms\"; };\n"
		"smsd = { sendmail = [\"%s/sendmail\"]; flush = [\"%s/flush\"]; unprepared = \"%s\"; };\n",
		dir, dir, build, src, dir, dir, dir, dir, dir, fail, dir, dir, unprepared);
}

static pid_t start(const char *program)
{
	char path[512], fd[16], c;
	int ready[2];
	pid_t pid;
	struct pollfd poller;

	snprintf(path, sizeof(path), "%s/bin/%s", build, program);
	if (pipe(ready))
		bail_out("no pipe");
	snprintf(fd, sizeof(fd), "%d", ready[1]);
	pid = fork();
	if (pid == 0) {
		int out = open(at("stderr"), O_WRONLY | O_CREAT | O_APPEND, 0600);

		dup2(out, 2);
		dup2(out, 1);
		close(ready[0]);
		execl(path, program, "-c", at("tandem.conf"), "--ready-fd", fd, (char *)NULL);
		_exit(127);
	}
	close(ready[1]);
	poller = (struct pollfd){ .fd = ready[0], .events = POLLIN };
	if (poll(&poller, 1, PATIENCE_MS) != 1 || read(ready[0], &c, 1) != 1)
		bail_out("%s does not get ready: %s", program, slurp(at("stderr")));
	close(ready[0]);
	return pid;
}

static int stop(pid_t *pid, int sig)
{
	int status = -1;

	if (*pid > 0) {
		kill(*pid, sig);
		waitpid(*pid, &status, 0);
	}
	*pid = 0;
	return status;
}

/* Runs tandem-pipe; its exit status, and its output. */
static int run_pipe(const char *recipient, const char *login, const char *input, char out[512])
{
	char path[512], sock[200];
	int fds[2], in, status;
	ssize_t n;
	pid_t pid;

	snprintf(path, sizeof(path), "%s/bin/tandem-pipe", build);
	snprintf(sock, sizeof(sock), "%s/smsd.pipe.sock", dir);
	put(at("mail"), "w", "%s", input);
	if (pipe(fds))
		bail_out("no pipe");
	pid = fork();
	if (pid == 0) {
		in = open(at("mail"), O_RDONLY);
		dup2(in, 0);
		dup2(fds[1], 1);
		close(fds[0]);
		close(fds[1]);
		execl(path, "tandem-pipe", "-s", sock, "-q", "4Xqueue", "-f", "shop@example.com", "-a", "10.0.0.1", "-u", login, "--", recipient,
			(char *)NULL);
		_exit(127);
	}
	close(fds[1]);
	n = read(fds[0], out, 511);
	out[n > 0 ? n : 0] = '\0';
	close(fds[0]);
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Prepares one mail to n numbers, counting up from first; its token's address, "" when nothing was prepared. */
static const char *prepare(int64_t first, int n, enum td_class cls, const char *text, struct td_prepared *answer)
{
	static char recipient[128];
	static int serial;
	struct td_dest dests[64];
	char numbers[64][24], id[64];
	struct td_prepare ask = { .submitter = TD_VLIT("app"), .sender = TD_VLIT("shop@example.com"), .cls = cls,
		.queue_id = TD_VLIT("4Xqueue"), .content = { .text = td_view_str(text), .subject = TD_VLIT("Your order") } };

	for (int i = 0; i < n; i++) {
		snprintf(numbers[i], sizeof(numbers[i]), "+%lld", (long long)(first + i));
		dests[i] = (struct td_dest){ .to = td_view_str(numbers[i]), .direct = true, .named = true, .notify = TD_NOTIFY_FAILURE };
	}
	snprintf(id, sizeof(id), "<flow-%d-%d@example.com>", (int)getpid(), ++serial);
	ask.message_id = td_view_str(id);
	ask.dests = (struct td_structs){ dests, (size_t)n };
	td_arena_reset(&arena);
	if (td_client_call(milter, TD_V_PREPARE, &td_prepare_shape, &ask, &td_prepared_shape, answer, &arena, PATIENCE_MS, true, &err))
		bail_out("prepare: %s", err.text);
	snprintf(recipient, sizeof(recipient), answer->token.n ? "t-%.*s@tandem.invalid" : "", TD_VARG(answer->token));
	return recipient;
}

static void test_one(void)
{
	struct td_prepared answer;
	char out[512], token[128], *line;

	snprintf(token, sizeof(token), "%s", prepare(15551230001, 1, TD_CLASS_TRANSACTIONAL, "Order 1 is on its way", &answer));
	ok(token[0] != '\0', "a mail is prepared");
	is_int(run_pipe(token, "", "", out), 0, "tandem-pipe exits 0");
	like(out, "2.0.0 accepted as job ", "and says so: %s", out);
	is_int(await(at("out"), "\n", 1), 1, "a line in the provider's file");
	line = slurp(at("out"));
	like(line, "\"to\":\"+15551230001\",\"from\":\"+15550001111\",\"text\":\"Order 1 is on its way\",\"encoding\":\"gsm7\",\"segments\":1,"
		"\"class\":\"transactional\"", "with the SMS");
	is_int(await(at("log"), "status=sent", 1), 1, "a log line of Postfix's shape");
	like(slurp(at("log")), ", to=<+1555***0001>, relay=file, delay=", "with the number masked");
	is_int(run_pipe(token, "", "", out), 0, "the same token again exits 0");
	like(out, "2.0.0 ", "and is success");
	is_int(run_pipe("t-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@tandem.invalid", "", "", out), 75, "a forged token exits 75");
	ok(!strncmp(out, "5.1.1 ", 6), "with 5.1.1: %s", out);
	nap(200);
	is_int(occurrences(at("out"), "\n"), 1, "still one line");
}

static void test_stop(void)
{
	struct td_prepared answer;

	put(at("in"), "a", "no json\n{\"from\":\"+15551230001\",\"to\":\"+15550001111\",\"text\":\"STOP\",\"id\":\"m1\"}\n");
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

	is_int(run_pipe("+15551230060@sms.example.com", "", "From: x@y.z\nSubject: s\n\nHello\n", out), 75, "a stranger's mail");
	ok(!strncmp(out, "5.7.1 ", 6), "is refused: %s", out);
	is_int(run_pipe("+15551230060@sms.example.com", "app",
		"From: x@y.z\nMessage-ID: <u1@y.z>\nSubject: s\nX-Tandem-Class:\n solicited\n\nHello there\n", out), 0, "a submitter's mail");
	like(out, "2.0.0 accepted as job ", "is accepted: %s", out);
	is_int(await(at("out"), "\"text\":\"Hello there\",\"encoding\":\"gsm7\",\"segments\":1,\"class\":\"solicited\"", 1), 1, "and sent");
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

/* Each of n numbers from first on has exactly one line. */
static void each_once(int64_t first, int n, const char *what)
{
	int lost = 0, doubled = 0;
	char number[32];

	for (int i = 0; i < n; i++) {
		int have;

		snprintf(number, sizeof(number), "\"to\":\"+%lld\"", (long long)(first + i));
		have = occurrences(at("out"), number);
		lost += have == 0;
		doubled += have > 1;
	}
	is_int(lost, 0, "%s: none lost", what);
	is_int(doubled, 0, "%s: none doubled", what);
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
	char command[300];

	build = getenv("TANDEM_BUILD");
	src = getenv("TANDEM_SRC");
	if (!build || !src)
		skip_all("TANDEM_BUILD and TANDEM_SRC are not set");
	if (geteuid() != 0)
		skip_all("the users in the configuration must be ours: run as root");
	if (!mkdtemp(dir))
		bail_out("no temporary folder");
	put(at("secret"), "w", "0123456789abcdef0123456789abcdef\n");
	chmod(at("secret"), 0600);
	put(at("sendmail"), "w", "#!/bin/sh\n{ echo \"ARGS $*\"; cat; } >>%s/reports\n", dir);
	chmod(at("sendmail"), 0755);
	put(at("flush"), "w", "#!/bin/sh\n: >%s/flushed\n", dir);
	chmod(at("flush"), 0755);
	write_conf("\"+15551230050=permanent-number\", \"+15551230051=temporary:2\"", "submitters");
	td_arena_init(&arena, 1u << 22);
	smsd = start("tandem-smsd");
	stored = start("tandem-stored");
	snprintf(command, sizeof(command), "%s/stored.milter.sock", dir);
	milter = td_client_new(command);

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
	td_client_free(milter);
	td_arena_free(&arena);
	if (getenv("TANDEM_KEEP"))
		diag("files stay in %s", dir);
	else {
		snprintf(command, sizeof(command), "rm -rf %s", dir);
		if (system(command))
			diag("%s stays", dir);
	}
	return done_testing();
}
