/*
 * milter_main - tandem-milter: reads X-Tandem headers, prepares SMS, edits the envelope
 */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "callbacks.h"
#include "daemon.h"
#include "listen.h"
#include "log.h"
#include "mime.h"
#include "process.h"

/* What is being asked at a stop may end; Postfix has 451 for the rest. */
#define DRAIN_MS 10000

/* libmilter takes HUP for a stop, so a reload is USR1. */
static void *reload_on_signal(void *arg)
{
	const char *conf_path = arg;
	sigset_t set;
	int sig;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	while (sigwait(&set, &sig) == 0)
		if (td_process_reload(conf_path))
			td_info("configuration loaded anew");
	return NULL;
}

/*
 * The reloader takes USR1 and nothing else. TERM and HUP are for libmilter's own thread; one that comes before that
 * thread is there waits for it.
 */
static enum td_status start_reloader(const char *conf_path, struct td_err *err)
{
	pthread_t thread;
	sigset_t all, old;
	int rc;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	rc = pthread_create(&thread, NULL, reload_on_signal, (void *)conf_path);
	sigaddset(&old, SIGUSR1);
	sigaddset(&old, SIGTERM);
	sigaddset(&old, SIGHUP);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (rc != 0)
		return td_err_errno(err, rc, "cannot start a thread");
	pthread_detach(thread);
	return TD_OK;
}

static enum td_status set_up(struct td_conf *conf, const char *conf_path, struct td_err *err)
{
	enum td_status status = td_process_open(conf, err);

	if (status != TD_OK) {
		td_conf_unref(conf);
		return status;
	}
	if (smfi_register(*td_callbacks()) != MI_SUCCESS)
		return td_err_set(err, TD_PERMFAIL, "libmilter is of another version than this program was built for");
	status = td_listen_open(conf, err);
	if (status != TD_OK)
		return status;
	td_info("listening on %s", conf->milter.listen);
	return start_reloader(conf_path, err); /* from here on the snapshot may be changed for another */
}

static int run(struct td_conf *conf, const char *conf_path)
{
	struct td_err err;
	int rc;

	td_mime_init();
	if (set_up(conf, conf_path, &err) != TD_OK) {
		td_error("%s", err.text);
		return EXIT_FAILURE;
	}
	td_daemon_ready();
	rc = smfi_main();
	td_daemon_stopping();
	td_process_drain(DRAIN_MS);
	td_info("stopped");
	/* Idle workers of libmilter are still there; its destructors would take their locks away (seen by TSan). */
	_exit(rc == MI_SUCCESS ? EXIT_SUCCESS : EXIT_FAILURE);
}

int main(int argc, char **argv)
{
	static const struct td_daemon milter = { "tandem-milter",
		"reads X-Tandem headers, prepares SMS, edits the envelope", run };

	return td_daemon_main(argc, argv, &milter);
}
