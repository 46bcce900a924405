/*
 * smsd_rig - tandem-stored and tandem-smsd in a folder of their own, without Postfix: for tests
 *
 * Owns: one rig a process. SMS go to DIR/out, replies come from DIR/in, mail by sendmail goes to DIR/reports.
 */
#ifndef SMSD_RIG_H
#define SMSD_RIG_H

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
/* Other providers than the file, as libconfig text; and the folder of their plugins, below the build. */
static const char *rig_providers;
static const char *rig_plugins = "plugins";
/* A fragment for conf.d, with @ for the folder. */
static const char *rig_more;

static inline const char *at(const char *name)
{
	static char path[4][200];
	static int turn;

	turn = (turn + 1) % 4;
	snprintf(path[turn], sizeof(path[turn]), "%s/%s", dir, name);
	return path[turn];
}

static inline void put(const char *path, const char *mode, const char *fmt, ...)
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

static inline char *slurp(const char *path)
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

static inline int occurrences(const char *path, const char *what)
{
	const char *p = slurp(path);
	int n = 0;

	for (; (p = strstr(p, what)); p += strlen(what))
		n++;
	return n;
}

static inline void nap(int ms)
{
	struct timespec ts = { ms / 1000, ms % 1000 * 1000000L };

	nanosleep(&ts, NULL);
}

/* Waits until the file holds `what` at least n times; how often it does. */
static inline int await(const char *path, const char *what, int n)
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

static inline void write_conf(const char *out, const char *fail, const char *unprepared)
{
	char file[1024];

	snprintf(file, sizeof(file), "{ name = \"file\"; plugin = \"file\"; from = \"+15550001111\"; path = \"%s/%s\"; "
		"incoming = \"%s/in\"; fail = [%s]; }", dir, out, dir, fail);
	/* Open at all hours, or a test would fail at night. */
	put(at("hours.csv"), "w", "region,days,open,close,classes,holidays,source,reviewed\n*,,00:00,24:00,,,,\n");
	put(at("tandem.conf"), "w",
		"config_version = 1;\nbrand = \"Example Shop\";\nsms_domain = \"sms.example.com\";\nhome_country = \"US\";\n"
		"countries = [\"US\", \"CA\"];\nrun_dir = \"%s\";\nsecret_file = \"%s/secret\";\nplugin_dir = \"%s/%s\";\n"
		"template_dir = \"%s/conf/templates\";\n"
		"store = { engine = \"sqlite\"; path = \"%s/tandem.db\"; journal = \"%s/journal\"; };\n"
		"log = { target = \"file:%s/log\"; };\n"
		"users = { milter = \"root\"; smsd = \"root\"; stored = \"root\"; web = \"root\"; "
		"pipe = \"root\"; admin_group = \"root\"; "
		"postfix = \"root\"; };\n"
		"providers = ( %s );\n"
		"quiet_hours = { file = \"hours.csv\"; };\n"
		"submitters = ( { login = \"app\"; max_class = \"critical\"; } );\n"
		"retry = { temporary = \"100ms, 1s\"; throttled = \"100ms\"; };\n"
		"smsd = { sendmail = [\"%s/sendmail\"]; flush = [\"%s/flush\"]; unprepared = \"%s\"; };\n",
		dir, dir, build, rig_plugins, src, dir, dir, dir, rig_providers ? rig_providers : file, dir, dir, unprepared);
}

static inline void write_more(const char *text)
{
	FILE *f;

	mkdir(at("conf.d"), 0755);
	f = fopen(at("conf.d/50-test.conf"), "w");
	if (!f)
		bail_out("no fragment");
	for (; *text; text++) {
		if (*text == '@')
			fputs(dir, f);
		else
			fputc(*text, f);
	}
	fclose(f);
}

static inline pid_t start(const char *program)
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

static inline int stop(pid_t *pid, int sig)
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
static inline int run_pipe(const char *recipient, const char *login, const char *input, char out[512])
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
		execl(path, "tandem-pipe", "-s", sock, "-q", "4Xqueue", "-f", "shop@example.com", "-a", "10.0.0.1", "-u",
			login, "--", recipient,
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
static inline const char *prepare(int64_t first, int n, enum td_class cls, const char *text, struct td_prepared *answer)
{
	static char recipient[128];
	static int serial;
	struct td_dest dests[64];
	char numbers[64][24], id[64];
	struct td_prepare ask = { .submitter = TD_VLIT("app"), .sender = TD_VLIT("shop@example.com"), .cls = cls,
		.queue_id = TD_VLIT("4Xqueue"), .content = { .text = td_view_str(text), .subject = TD_VLIT("Your order") } };

	for (int i = 0; i < n; i++) {
		snprintf(numbers[i], sizeof(numbers[i]), "+%lld", (long long)(first + i));
		dests[i] = (struct td_dest){ .to = td_view_str(numbers[i]), .direct = true, .named = true,
			.notify = TD_NOTIFY_FAILURE };
	}
	snprintf(id, sizeof(id), "<flow-%d-%d@example.com>", (int)getpid(), ++serial);
	ask.message_id = td_view_str(id);
	ask.dests = (struct td_structs){ dests, (size_t)n };
	td_arena_reset(&arena);
	if (td_client_call(milter, TD_V_PREPARE, &td_prepare_shape, &ask, &td_prepared_shape, answer, &arena, PATIENCE_MS,
		true, &err))
		bail_out("prepare: %s", err.text);
	recipient[0] = '\0';
	if (answer->token.n)
		snprintf(recipient, sizeof(recipient), "t-%.*s@tandem.invalid", TD_VARG(answer->token));
	return recipient;
}

/* Each of n numbers from first on has exactly one line. */
static inline void each_once(int64_t first, int n, const char *what)
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

/* The folder, its files and both daemons; ends the test when that cannot be. */
static inline void rig_up(const char *fail, const char *unprepared)
{
	char path[200];

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
	write_conf("out", fail, unprepared);
	if (rig_more)
		write_more(rig_more);
	td_arena_init(&arena, 1u << 22);
	smsd = start("tandem-smsd");
	stored = start("tandem-stored");
	snprintf(path, sizeof(path), "%s/stored.milter.sock", dir);
	milter = td_client_new(path);
}

/* Ends what runs and removes the folder (TANDEM_KEEP=1 keeps it). */
static inline void rig_down(void)
{
	char command[300];

	stop(&smsd, SIGKILL);
	stop(&stored, SIGKILL);
	td_client_free(milter);
	td_arena_free(&arena);
	if (getenv("TANDEM_KEEP")) {
		diag("files stay in %s", dir);
		return;
	}
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	if (system(command))
		diag("%s stays", dir);
}

#endif
