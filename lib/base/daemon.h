/*
 * daemon - what every daemon's main does before and around its loop
 *
 *	static int run(struct td_conf *conf, const char *conf_path) { … td_daemon_ready(); … td_daemon_stopping(); … }
 *	static const struct td_daemon smsd = { "tandem-smsd", "submits SMS to providers", run };
 *	int main(int argc, char **argv) { return td_daemon_main(argc, argv, &smsd); }
 *
 * Options: -c CONF (default TD_CONF_PATH), -t load the configuration, say whether it is good, and exit; -V version; -h
 * usage; --ready-fd N: a newline is written to descriptor N once the daemon serves. Always in the foreground: systemd,
 * or the sandbox, does the rest.
 *
 * Before run: SIGPIPE is ignored, RLIMIT_NOFILE is raised to its hard limit, core dumps and ptrace by others are off
 * (secrets are in memory) unless TANDEM_ALLOW_CORE=1 stands in the environment, and the log is open. Other signals and
 * the umask are the program's.
 *
 * Owns: the readiness descriptor. Threads: the main thread. Errors: on stderr until the log is open, then there.
 */
#ifndef TD_DAEMON_H
#define TD_DAEMON_H

#include "conf.h"
#include "err.h"

#define TD_CONF_PATH "/etc/tandem/tandem.conf"

#define TD_EXIT_USAGE 2
#define TD_EXIT_CONFIG 78 /* EX_CONFIG: starting again will not help; for RestartPreventExitStatus= */

struct td_daemon {
	const char *name;    /* "tandem-smsd": tag of the log */
	const char *summary; /* one line for -h */
	/*
	 * The daemon's life; returns the exit status of the process. conf comes with one reference, which is run's to give
	 * back (and to change for the one of td_daemon_reload). conf_path is the path to load it from again.
	 */
	int (*run)(struct td_conf *conf, const char *conf_path);
};

/* Returns the exit status of the process: that of run, TD_EXIT_USAGE or TD_EXIT_CONFIG. */
int td_daemon_main(int argc, char **argv, const struct td_daemon *daemon);
/*
 * The sockets answer: tells the service manager (READY=1 to $NOTIFY_SOCKET, sd_notify(3)) and the descriptor of
 * --ready-fd, which is then closed. Later calls (after a reload) tell the manager only.
 */
void td_daemon_ready(void);
/*
 * The loop turns: WATCHDOG=1, if the service manager set $WATCHDOG_USEC for this process. To be called once a second or
 * so; a daemon that hangs is then killed and started again (WatchdogSec= of its unit).
 */
void td_daemon_alive(void);
/* The loop has ended and what is under way is being finished: STOPPING=1. */
void td_daemon_stopping(void);
/*
 * On SIGHUP (milter: SIGUSR1): loads conf_path anew, opens the log again (for logrotate as well), and returns the new
 * snapshot with one reference for the caller to put in the old one's place. NULL when it is not good: the old one
 * stays, and the log says why. Settings of sockets and paths take effect at a restart only.
 */
struct td_conf *td_daemon_reload(const char *conf_path);

#endif
