/*
 * base_daemon - options, readiness, limits and reload of the skeleton, in child processes
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon.h"
#include "log.h"
#include "tap.h"
#include "version.h"

static char dir[] = "/tmp/base_daemon.XXXXXX";
static char conf_path[64], out_path[64], log_path[64], notify_path[64];

static void write_file(const char *path, const char *text)
{
	FILE *out = fopen(path, "w");

	if (!out || fputs(text, out) == EOF || fclose(out) != 0)
		bail_out("cannot write %s", path);
}

static const char *read_file(const char *path)
{
	static char text[8192];
	FILE *in = fopen(path, "r");
	size_t n = in ? fread(text, 1, sizeof(text) - 1, in) : 0;

	text[n] = '\0';
	if (in)
		fclose(in);
	return text;
}

/* Writes what it finds of its process to the log and returns 7. */
static int run(struct td_conf *conf, const char *path)
{
	struct rlimit files, core;
	struct sigaction pipe_action;
	struct td_conf *fresh;

	getrlimit(RLIMIT_NOFILE, &files);
	getrlimit(RLIMIT_CORE, &core);
	sigaction(SIGPIPE, NULL, &pipe_action);
	td_info("files %s, core %s, sigpipe %s, brand %s", files.rlim_cur == files.rlim_max ? "max" : "low",
		core.rlim_cur == 0 ? "off" : "on", pipe_action.sa_handler == SIG_IGN ? "ignored" : "default", conf->brand);
	td_daemon_ready();
	write_file(path, "brand = 5;\n");
	fresh = td_daemon_reload(path);
	td_info("bad file: %s", fresh ? "taken" : "kept the old one");
	write_file(path, "config_version = 1; sms_domain = \"sms.example.com\";\nbrand = \"After\";"
		"\nlog = { target = \"stderr\"; };\n");
	fresh = td_daemon_reload(path);
	td_info("good file: %s", fresh ? fresh->brand : "not taken");
	td_daemon_stopping();
	td_conf_unref(fresh);
	td_conf_unref(conf);
	return 7;
}

static const struct td_daemon daemon_under_test = { "tandem-test", "does nothing", run };

/* Runs the daemon in a child with its output in a file; returns its exit status, or -1 for a signal. */
static int start(char *const *argv)
{
	int argc = 0, status;
	pid_t pid;

	while (argv[argc])
		argc++;
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		int out = open(out_path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

		dup2(out, STDOUT_FILENO);
		dup2(out, STDERR_FILENO);
		exit(td_daemon_main(argc, (char **)(uintptr_t)argv, &daemon_under_test));
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

#define START(...) start((char *const[]){ (char[]){ "tandem-test" }, __VA_ARGS__, NULL })
#define ARG(s) (char[]){ s }

static void test_options(void)
{
	is_int(START(ARG("-V")), 0, "-V exits 0");
	is_str(read_file(out_path), "tandem-test " TD_VERSION "\n", "and tells the version");
	is_int(START(ARG("-h")), 0, "-h exits 0");
	like(read_file(out_path), "usage: tandem-test", "and tells the usage");
	is_int(START(ARG("-x")), TD_EXIT_USAGE, "an unknown option is a usage error");
	is_int(START(ARG("stray")), TD_EXIT_USAGE, "a stray argument is a usage error");
	like(read_file(out_path), "stray: no such argument", "and is named");
	is_int(START(ARG("--ready-fd"), ARG("x")), TD_EXIT_USAGE, "--ready-fd wants a number");
	is_int(START(ARG("-c"), ARG("/nonexistent/tandem.conf")), TD_EXIT_CONFIG, "no configuration: a status of its own");
	like(read_file(out_path), "/nonexistent/tandem.conf", "with the file");
}

static void test_conf(void)
{
	write_file(conf_path, "config_version = 1; sms_domain = \"sms.example.com\";\nbrand = \"Before\";\n");
	is_int(START(ARG("-t"), ARG("-c"), conf_path), 0, "-t with a good configuration");
	like(read_file(out_path), ": OK\n", "says so");
	write_file(conf_path, "config_version = 1; sms_domain = \"sms.example.com\";\nbrend = \"Before\";\n");
	is_int(START(ARG("-t"), ARG("-c"), conf_path), TD_EXIT_CONFIG, "-t with an unknown key");
	like(read_file(out_path), "tandem.conf:2", "names file and line");
	like(read_file(out_path), "brand", "and what may have been meant");
}

/* A datagram socket in the place of systemd's. */
static int listen_notify(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%.60s", notify_path);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0)
		bail_out("no notify socket");
	return fd;
}

static void test_life(void)
{
	char conf[256], number[16], byte[4], messages[512] = "";
	int notify = listen_notify(), ready[2];
	ssize_t n;

	if (pipe(ready) != 0)
		bail_out("no pipe");
	snprintf(conf, sizeof(conf),
		"config_version = 1; sms_domain = \"sms.example.com\";\nbrand = \"Before\";\n"
		"log = { target = \"file:%s\"; };\n",
		log_path);
	write_file(conf_path, conf);
	snprintf(number, sizeof(number), "%d", ready[1]);
	setenv("NOTIFY_SOCKET", notify_path, 1);
	is_int(START(ARG("-c"), conf_path, ARG("--ready-fd"), number), 7, "the exit status is that of run");
	unsetenv("NOTIFY_SOCKET");
	close(ready[1]);
	is_int(read(ready[0], byte, sizeof(byte)), 1, "one byte says that it is ready");
	is_int(byte[0], '\n', "a newline");
	like(read_file(log_path), "files max, core off, sigpipe ignored, brand Before", "the process is prepared");
	like(read_file(log_path), "the configuration stays as it was: ", "a bad file at reload is refused with the reason");
	like(read_file(log_path), "bad file: kept the old one", "and the old snapshot stays");
	unlike(read_file(log_path), "good file", "a reload opens the new log");
	like(read_file(out_path), "]: good file: After", "which has what follows");
	while ((n = recv(notify, messages + strlen(messages), 100, 0)) > 0)
		snprintf(messages + strlen(messages), 2, " ");
	is_str(messages, "READY=1 RELOADING=1 READY=1 RELOADING=1 READY=1 STOPPING=1 ",
		"the service manager is told each step");
	close(notify);
	close(ready[0]);
}

int main(void)
{
	if (!mkdtemp(dir))
		bail_out("no temporary folder");
	snprintf(conf_path, sizeof(conf_path), "%s/tandem.conf", dir);
	snprintf(out_path, sizeof(out_path), "%s/out", dir);
	snprintf(log_path, sizeof(log_path), "%s/log", dir);
	snprintf(notify_path, sizeof(notify_path), "%s/notify", dir);
	unsetenv("TANDEM_ALLOW_CORE");
	test_options();
	test_conf();
	test_life();
	unlink(conf_path);
	unlink(out_path);
	unlink(log_path);
	unlink(notify_path);
	rmdir(dir);
	return done_testing();
}
