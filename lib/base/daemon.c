/*
 * daemon - the skeleton of a daemon's main
 */
#include "daemon.h"

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "log.h"
#include "version.h"

struct options {
	const char *conf_path;
	int         ready_fd; /* -1: none */
	bool        test;
};

static const char *program; /* tag of the log: must outlive every snapshot */
static int ready_fd = -1;

static void usage(FILE *out, const struct td_daemon *daemon)
{
	fprintf(out,
		"usage: %s [-c CONF] [-t] [-V] [-h] [--ready-fd N]\n"
		"%s\n"
		"  -c CONF        configuration (" TD_CONF_PATH ")\n"
		"  -t             test the configuration and exit\n"
		"  --ready-fd N   write a newline to descriptor N once it serves\n",
		daemon->name, daemon->summary);
}

/* Fills *options. Returns -1 to go on, else the status to exit with. */
static int read_options(int argc, char **argv, const struct td_daemon *daemon, struct options *options)
{
	static const struct option longs[] = {
		{ "ready-fd", required_argument, NULL, 'r' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	int64_t number;
	int c;

	while ((c = getopt_long(argc, argv, "c:tVh", longs, NULL)) != -1) {
		switch (c) {
		case 'c':
			options->conf_path = optarg;
			break;
		case 't':
			options->test = true;
			break;
		case 'r':
			if (!td_view_i64(td_view_str(optarg), &number) || number < 0 || number > 65535) {
				fprintf(stderr, "%s: --ready-fd %s: not a descriptor\n", daemon->name, optarg);
				return TD_EXIT_USAGE;
			}
			options->ready_fd = (int)number;
			break;
		case 'V':
			printf("%s %s\n", daemon->name, TD_VERSION);
			return 0;
		case 'h':
			usage(stdout, daemon);
			return 0;
		default:
			usage(stderr, daemon);
			return TD_EXIT_USAGE;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "%s: %s: no such argument\n", daemon->name, argv[optind]);
		usage(stderr, daemon);
		return TD_EXIT_USAGE;
	}
	return -1;
}

static enum td_log_level level_of(const char *name)
{
	static const char *const names[] = { "debug", "info", "warning", "error" };

	for (size_t i = 0; name && i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(name, names[i]) == 0)
			return (enum td_log_level)i;
	return TD_LOG_INFO;
}

static enum td_status open_log(const struct td_conf *conf, struct td_err *err)
{
	return td_log_open(program, conf->log.target, level_of(conf->log.level), conf->log.full, err);
}

static void prepare_process(void)
{
	const char *allow = getenv("TANDEM_ALLOW_CORE");
	struct rlimit limit;

	signal(SIGPIPE, SIG_IGN);
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
	if (allow && strcmp(allow, "1") == 0)
		return;
	limit = (struct rlimit){ 0, 0 };
	setrlimit(RLIMIT_CORE, &limit);
#ifndef __SANITIZE_ADDRESS__ /* the leak checker attaches to its own process */
	prctl(PR_SET_DUMPABLE, 0);
#endif
}

/* sd_notify(3): one datagram. Without $NOTIFY_SOCKET nobody wants to know. */
static void notify(const char *state)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t n = path ? strlen(path) : 0;
	int fd;

	if (n < 2 || n >= sizeof(address.sun_path) || (path[0] != '/' && path[0] != '@'))
		return;
	memcpy(address.sun_path, path, n);
	if (path[0] == '@') /* the abstract name space */
		address.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	if (sendto(fd, state, strlen(state), MSG_NOSIGNAL, (struct sockaddr *)&address,
		    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n)) < 0)
		td_warning("cannot tell the service manager at %s: %s", path, state);
	close(fd);
}

void td_daemon_ready(void)
{
	notify("READY=1");
	if (ready_fd < 0)
		return;
	if (write(ready_fd, "\n", 1) != 1)
		td_warning("nobody reads descriptor %d of --ready-fd", ready_fd);
	close(ready_fd);
	ready_fd = -1;
}

void td_daemon_alive(void)
{
	const char *wanted = getenv("WATCHDOG_USEC");
	const char *pid = getenv("WATCHDOG_PID");
	int64_t number;

	/* A number of another process: the variable was inherited, and means its parent. */
	if (!wanted || (pid && td_view_i64(td_view_str(pid), &number) && number != getpid()))
		return;
	notify("WATCHDOG=1");
}

void td_daemon_stopping(void)
{
	notify("STOPPING=1");
}

struct td_conf *td_daemon_reload(const char *conf_path)
{
	struct td_conf *conf = NULL;
	struct td_err err = { 0 };

	notify("RELOADING=1");
	if (td_conf_load(conf_path, &conf, &err, NULL, NULL) == TD_OK && open_log(conf, &err) == TD_OK) {
		td_info("configuration %s loaded", conf_path);
	} else {
		td_error("the configuration stays as it was: %s", err.text);
		td_conf_unref(conf);
		conf = NULL;
	}
	notify("READY=1");
	return conf;
}

/* One problem of -t a line. */
static void print_problem(void *arg, const char *problem)
{
	fprintf(stderr, "%s: %s\n", (const char *)arg, problem);
}

static int test_conf(const struct td_daemon *daemon, const char *path)
{
	struct td_conf *conf = NULL;
	struct td_err err = { 0 };
	/* print_problem only prints the name it gets back. */
	enum td_status status = td_conf_load(path, &conf, &err, print_problem, (void *)(uintptr_t)daemon->name);

	if (status != TD_OK)
		return TD_EXIT_CONFIG;
	td_conf_unref(conf);
	printf("%s: OK\n", path);
	return 0;
}

static void warn_unserved(void *arg, const char *text)
{
	(void)arg;
	td_warning("%s", text);
}

int td_daemon_main(int argc, char **argv, const struct td_daemon *daemon)
{
	struct options options = { TD_CONF_PATH, -1, false };
	struct td_conf *conf = NULL;
	struct td_err err = { 0 };
	int status = read_options(argc, argv, daemon, &options);

	if (status >= 0)
		return status;
	if (options.test)
		return test_conf(daemon, options.conf_path);
	program = daemon->name;
	ready_fd = options.ready_fd;
	prepare_process();
	if (td_conf_load(options.conf_path, &conf, &err, NULL, NULL) != TD_OK || open_log(conf, &err) != TD_OK) {
		fprintf(stderr, "%s: %s\n", daemon->name, err.text);
		td_conf_unref(conf);
		return TD_EXIT_CONFIG;
	}
	td_conf_unserved(conf, warn_unserved, NULL);
	return daemon->run(conf, options.conf_path);
}
