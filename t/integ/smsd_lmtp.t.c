/*
 * smsd_lmtp - LMTP as Postfix speaks it, and as nobody should
 */
#include <errno.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "smsd_rig.h"

static char said[1 << 18]; /* the last reply */

/* ---- a dialogue, byte for byte ---- */

static int dial(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", at("lmtp.sock"));
	for (int ms = 0; connect(fd, (struct sockaddr *)&address, sizeof(address)); ms += 20) {
		if (ms > PATIENCE_MS)
			bail_out("nobody listens at %s", address.sun_path);
		nap(20);
	}
	return fd;
}

static void write_all(int fd, const char *bytes, size_t n)
{
	while (n) {
		ssize_t put_n = send(fd, bytes, n, MSG_NOSIGNAL);

		if (put_n <= 0)
			return; /* the reply will tell */
		bytes += put_n;
		n -= (size_t)put_n;
	}
}

static void write_text(int fd, const char *text)
{
	write_all(fd, text, strlen(text));
}

/* Reads n final reply lines into said; how many came before the end or the time. */
static int hear(int fd, int n)
{
	size_t have = 0;
	int lines = 0;

	said[0] = '\0';
	while (lines < n && have < sizeof(said) - 1) {
		struct pollfd poller = { .fd = fd, .events = POLLIN };
		size_t start = have;

		do {
			if (poll(&poller, 1, PATIENCE_MS) != 1 || read(fd, said + have, 1) != 1)
				return lines;
			have++;
		} while (said[have - 1] != '\n' && have < sizeof(said) - 1);
		said[have] = '\0';
		lines += have - start > 4 && said[start + 3] == ' ';
	}
	return lines;
}

static const char *say(int fd, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static const char *say(int fd, const char *fmt, ...)
{
	char line[4096];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(line, sizeof(line) - 2, fmt, ap);
	va_end(ap);
	line[n++] = '\r';
	line[n++] = '\n';
	write_all(fd, line, (size_t)n);
	if (!hear(fd, 1))
		snprintf(said, sizeof(said), "(closed)");
	return said;
}

static bool starts(const char *s, const char *with)
{
	return !strncmp(s, with, strlen(with));
}

/* A connection that has said LHLO. */
static int greeted(void)
{
	int fd = dial();

	if (!hear(fd, 1) || !starts(said, "220 ") || !starts(say(fd, "LHLO mta.example.com"), "250-"))
		bail_out("no greeting: %s", said);
	return fd;
}

static void transaction(int fd, const char *recipient)
{
	say(fd, "MAIL FROM:<shop@example.com> SIZE=100 BODY=8BITMIME");
	say(fd, "RCPT TO:<%s> NOTIFY=NEVER ORCPT=rfc822;x", recipient);
	say(fd, "DATA");
}

/* ---- what Postfix does ---- */

static void test_words(void)
{
	int fd = dial();

	ok(hear(fd, 1) && starts(said, "220 "), "a greeting");
	ok(starts(say(fd, "EHLO x"), "502 "), "EHLO is not LMTP");
	ok(starts(say(fd, "MAIL FROM:<a@b.c>"), "503 5.5.1 "), "MAIL before LHLO");
	say(fd, "LHLO mta.example.com");
	like(said, "250-PIPELINING\r\n", "PIPELINING");
	like(said, "250-ENHANCEDSTATUSCODES\r\n", "ENHANCEDSTATUSCODES");
	like(said, "250-8BITMIME\r\n250-SMTPUTF8\r\n250-DSN\r\n", "8BITMIME, SMTPUTF8, DSN");
	like(said, "250 XFORWARD NAME ADDR PORT PROTO HELO IDENT SOURCE\r\n", "XFORWARD");
	ok(!strstr(said, "CHUNKING"), "no CHUNKING");
	ok(starts(say(fd, "XFORWARD NAME=a.example ADDR=10.0.0.1 PROTO=ESMTP HELO=a.example"), "250 "), "XFORWARD");
	ok(starts(say(fd, "XFORWARD IDENT=4Xqueue SOURCE=REMOTE PORT=[UNAVAILABLE]"), "250 "), "a second line of it");
	ok(starts(say(fd, "NOOP"), "250 "), "NOOP");
	ok(starts(say(fd, "VRFY ana"), "252 "), "VRFY");
	ok(starts(say(fd, "DATA"), "503 "), "DATA before MAIL");
	ok(starts(say(fd, "MAIL FROM:<> SIZE=99999999 RET=HDRS ENVID=a+2Bb SMTPUTF8"), "250 2.1.0 "),
		"MAIL with all parameters, from nobody");
	ok(starts(say(fd, "MAIL FROM:<a@b.c>"), "503 "), "nested MAIL");
	ok(starts(say(fd, "DATA"), "503 5.5.1 no valid"), "DATA without recipients");
	ok(starts(say(fd, "RSET"), "250 "), "RSET");
	ok(starts(say(fd, "MAIL FROM:<a@b.c> FLY=NOW"), "555 5.5.4 "), "a parameter nobody knows");
	ok(starts(say(fd, "QUIT"), "221 "), "QUIT");
	is_int(hear(fd, 1), 0, "and the end");
	close(fd);
}

static void test_tokens(void)
{
	struct td_prepared answer;
	char first[128], forged[128];
	int fd = greeted();

	snprintf(first, sizeof(first), "%s", prepare(15554000001, 3, TD_CLASS_SOLICITED, "By LMTP", &answer));
	transaction(fd, first);
	ok(starts(said, "354 "), "a token is taken: %s", said);
	ok(starts(say(fd, "Subject: x\r\n\r\nbody\r\n."), "250 2.0.0 accepted as job "), "and activated: %s", said);
	like(said, " (+2 more)\r\n", "with all its jobs");
	is_int(await(at("out"), "\"text\":\"By LMTP\"", 3), 3, "all SMS go");
	transaction(fd, first);
	ok(starts(say(fd, "."), "250 2.0.0 accepted as job "), "a repeat is a success: %s", said);
	snprintf(forged, sizeof(forged), "%s", first);
	forged[5] = forged[5] == 'a' ? 'b' : 'a';
	transaction(fd, forged);
	ok(starts(say(fd, "."), "550 5.1.1 "), "a forged one is refused: %s", said);
	say(fd, "MAIL FROM:<a@b.c>");
	ok(starts(say(fd, "RCPT TO:<nonsense@tandem.invalid>"), "550 5.1.1 "), "what is no token is refused at RCPT");
	is_int(occurrences(at("out"), "\"text\":\"By LMTP\""), 3, "nothing was sent twice");
	close(fd);
}

/* Everything of several mails in one write, and one reply a recipient. */
static void test_pipelined(void)
{
	static char tokens[200][128];
	static char bytes[1 << 16];
	struct td_prepared answer;
	size_t n = 0;
	int fd = greeted(), good = 0;

	for (int i = 0; i < 200; i++)
		snprintf(tokens[i], sizeof(tokens[i]), "%s",
			prepare(15554100000 + i, 1, TD_CLASS_TRANSACTIONAL, "Crowd", &answer));
	n += (size_t)snprintf(bytes + n, sizeof(bytes) - n, "MAIL FROM:<shop@example.com>\r\n");
	for (int i = 0; i < 200; i++)
		n += (size_t)snprintf(bytes + n, sizeof(bytes) - n, "RCPT TO:<%s> NOTIFY=NEVER\r\n", tokens[i]);
	n += (size_t)snprintf(bytes + n, sizeof(bytes) - n, "DATA\r\n");
	write_all(fd, bytes, n);
	is_int(hear(fd, 202), 202, "two hundred recipients in one write");
	write_text(fd, ".\r\n");
	is_int(hear(fd, 200), 200, "one reply for each");
	for (const char *p = said; (p = strstr(p, "250 2.0.0 accepted as job ")); p++)
		good++;
	is_int(good, 200, "all accepted");
	is_int(await(at("out"), "\"text\":\"Crowd\"", 200), 200, "all SMS go");
	each_once(15554100000, 200, "two hundred by LMTP");
	close(fd);
}

static void test_unprepared(void)
{
	int fd = greeted();

	say(fd, "XFORWARD ADDR=10.0.0.1 IDENT=4Xraw");
	say(fd, "MAIL FROM:<shop@example.com> ENVID=e1");
	ok(starts(say(fd, "RCPT TO:<123@sms.example.com>"), "550 5.1.3 "), "no number: %s", said);
	ok(starts(say(fd, "RCPT TO:<ana@example.net>"), "550 5.1.2 "), "another domain: %s", said);
	ok(starts(say(fd, "RCPT TO:<+15554200001@sms.example.com>"), "250 "), "a number");
	ok(starts(say(fd, "RCPT TO:<\"+1 (555) 420-0002\"@sms.example.com> NOTIFY=SUCCESS,FAILURE"), "250 "), "another");
	say(fd, "DATA");
	write_text(fd, "Message-ID: <lmtp1@x>\r\nSubject: s\r\n\r\n..dots\r\n...\r\n.\r\n");
	is_int(hear(fd, 2), 2, "a reply for each of them");
	ok(starts(said, "250 2.0.0 accepted as job ") && strstr(said, "\n250 2.0.0 accepted"), "accepted: %s", said);
	is_int(await(at("out"), "\"text\":\".dots\\n..\"", 2), 2, "stuffed dots are taken off");
	is_int(await(at("reports"), "Original-Envelope-Id: e1", 1), 1, "NOTIFY=SUCCESS is answered, with the ENVID");

	say(fd, "XFORWARD ADDR=192.0.2.9 IDENT=4Xraw2");
	say(fd, "MAIL FROM:<shop@example.com>");
	say(fd, "RCPT TO:<+15554200003@sms.example.com>");
	say(fd, "DATA");
	ok(starts(say(fd, "Subject: s\r\n\r\nhello\r\n."), "550 5.7.1 not a submitter"), "a stranger's address: %s", said);
	say(fd, "XFORWARD ADDR=10.0.0.1");
	say(fd, "MAIL FROM:<>");
	say(fd, "RCPT TO:<+15554200003@sms.example.com>");
	say(fd, "DATA");
	ok(starts(say(fd, "Subject: s\r\n\r\nhello\r\n."), "550 5.7.1 "), "the null sender: %s", said);
	say(fd, "XFORWARD ADDR=10.0.0.1");
	say(fd, "MAIL FROM:<shop@example.com> SIZE=30000000");
	ok(starts(say(fd, "RCPT TO:<+15554200003@sms.example.com>"), "552 5.3.4 "), "too big, as it says itself: %s", said);
	is_int(occurrences(at("out"), "+15554200003"), 0, "nothing of these went");
	close(fd);
}

/* ---- what nobody should do ---- */

static void test_dots(void)
{
	struct td_prepared answer;
	char token[128];
	int fd = greeted();

	snprintf(token, sizeof(token), "%s", prepare(15554300001, 1, TD_CLASS_TRANSACTIONAL, "Not yet", &answer));
	transaction(fd, token);
	write_text(fd, "x\n.\nMAIL FROM:<evil@x.y>\r\n");
	write_text(fd, "\n.\r\n");
	write_text(fd, ".\r\r\n.\n\r\n. \r\n");
	nap(200);
	is_int(occurrences(at("out"), "\"text\":\"Not yet\""), 0, "a dot with a bare LF or CR beside it ends nothing");
	for (const char *p = ".\r\n"; *p; p++) {
		write_all(fd, p, 1);
		nap(20);
	}
	is_int(hear(fd, 1), 1, "the true end, a byte at a time");
	ok(starts(said, "250 2.0.0 accepted"), "has one answer: %s", said);
	ok(starts(say(fd, "NOOP"), "250 2.0.0 ok"), "and nothing was smuggled: %s", said);
	close(fd);
}

static void test_abuse(void)
{
	static char huge[1 << 20];
	struct td_prepared answer;
	char token[128];
	int fd = greeted(), n = 0;

	memset(huge, 'A', sizeof(huge));
	write_all(fd, huge, sizeof(huge));
	ok(starts(say(fd, "B"), "500 5.5.2 line too long"), "a line of a megabyte: %s", said);
	ok(starts(say(fd, "NOOP"), "250 "), "the next one is heard");
	while (n++ < 20 && !starts(say(fd, "\x01GARBAGE %d", n), "421 ") && starts(said, "500 "))
		;
	ok(starts(said, "421 4.7.0 ") && n < 12, "too many errors end the session (%d)", n);
	is_int(hear(fd, 1), 0, "really");
	close(fd);

	fd = greeted();
	for (int i = 0; i < 5; i++)
		write_all(fd, huge, sizeof(huge));
	write_text(fd, "\r\nGARBAGE\r\nMORE\r\n");
	is_int(hear(fd, 3), 3, "garbage, pipelined, is answered line by line");
	close(fd);

	fd = greeted();
	snprintf(token, sizeof(token), "%s", prepare(15554300002, 1, TD_CLASS_TRANSACTIONAL, "Cut off", &answer));
	transaction(fd, token);
	write_text(fd, "Subject: x\r\n\r\nand the");
	close(fd);
	fd = greeted();
	transaction(fd, token);
	for (int i = 0; i < 30; i++)
		write_all(fd, huge, sizeof(huge)); /* one line of 30 MB */
	ok(starts(say(fd, "\r\n."), "250 2.0.0 accepted"), "a token's mail may be of any size: %s", said);
	is_int(await(at("out"), "\"text\":\"Cut off\"", 1), 1, "what was cut off before is sent once");
	say(fd, "XFORWARD ADDR=10.0.0.1");
	transaction(fd, "+15554300003@sms.example.com");
	for (int i = 0; i < 26; i++)
		write_all(fd, huge, sizeof(huge));
	ok(starts(say(fd, "\r\n."), "552 5.3.4 "), "one without token may not: %s", said);
	close(fd);
#ifndef __SANITIZE_ADDRESS__ /* which keeps what was freed */
	{
		char path[64], *rss;

		snprintf(path, sizeof(path), "/proc/%d/status", (int)smsd);
		rss = strstr(slurp(path), "VmHWM:");
		ok(rss && atol(rss + 6) < 150000, "and no more memory than it may: %ld kB", rss ? atol(rss + 6) : -1);
	}
#endif
}

/* Connects as another user; true when it is heard. */
static bool heard_as(uid_t uid)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		int fd = socket(AF_UNIX, SOCK_STREAM, 0);
		struct sockaddr_un address = { .sun_family = AF_UNIX };

		snprintf(address.sun_path, sizeof(address.sun_path), "%s", at("lmtp.sock"));
		if (setgid(0) || setuid(uid))
			_exit(2);
		if (connect(fd, (struct sockaddr *)&address, sizeof(address)))
			_exit(3);
		_exit(hear(fd, 1) ? 0 : 1);
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void test_peers(void)
{
	const struct passwd *nobody = getpwnam("nobody");
	struct stat st;

	ok(stat(at("lmtp.sock"), &st) == 0 && (st.st_mode & 0777) == 0660, "the socket is for its group alone");
	chmod(at("lmtp.sock"), 0666);
	ok(heard_as(0), "root is heard");
	chmod(dir, 0755);
	ok(nobody && !heard_as(nobody->pw_uid), "another user is not, whatever the file allows");
	is_int(await(at("log"), "refused (only users.postfix and root may connect)", 1), 1, "and that is logged");
}

static void test_store_down(void)
{
	struct td_prepared answer;
	char token[128];
	int fd = greeted();

	snprintf(token, sizeof(token), "%s", prepare(15554400001, 1, TD_CLASS_TRANSACTIONAL, "After the store", &answer));
	stop(&stored, SIGKILL);
	transaction(fd, token);
	ok(starts(say(fd, "."), "451 4."), "the store is away: try again later: %s", said);
	transaction(fd, token);
	write_text(fd, ".\r\n");
	nap(300);
	stored = start("tandem-stored");
	is_int(hear(fd, 1), 1, "a store that comes back in time is waited for");
	ok(starts(said, "250 2.0.0 accepted"), "and asked: %s", said);
	is_int(await(at("out"), "\"text\":\"After the store\"", 1), 1, "one SMS");
	close(fd);
}

static void test_end(void)
{
	struct td_prepared answer;
	char token[128];
	int fd = greeted(), idle = greeted(), status;

	snprintf(token, sizeof(token), "%s", prepare(15554500001, 1, TD_CLASS_TRANSACTIONAL, "Last", &answer));
	transaction(fd, token);
	kill(smsd, SIGTERM);
	is_int(hear(idle, 1), 1, "an idle session hears of the end");
	ok(starts(said, "421 4.3.2 "), "as it should: %s", said);
	hear(fd, 1);
	ok(starts(said, "421 4.3.2 "), "one in the middle of a mail too: %s", said);
	status = stop(&smsd, 0);
	ok(WIFEXITED(status) && WEXITSTATUS(status) == 0, "it ends with 0");
	ok(access(at("lmtp.sock"), F_OK) != 0, "and takes its socket along");
	close(fd);
	close(idle);
	smsd = start("tandem-smsd");
	fd = greeted();
	transaction(fd, token);
	ok(starts(say(fd, "."), "250 2.0.0 accepted"), "the next one takes the mail: %s", said);
	is_int(await(at("out"), "\"text\":\"Last\"", 1), 1, "its SMS goes");
	close(fd);
}

int main(void)
{
	rig_more = "smsd = { lmtp = \"unix:@/lmtp.sock\"; peer_wait = \"1500ms\"; };\n"
		"submitters = ( { login = \"app\"; max_class = \"critical\"; },\n"
		"  { network = [\"10.0.0.1\"]; max_class = \"critical\"; } );\n";
	rig_up("", "submitters");
	test_words();
	test_tokens();
	test_pipelined();
	test_unprepared();
	test_dots();
	test_abuse();
	test_peers();
	test_store_down();
	test_end();
	rig_down();
	return done_testing();
}
