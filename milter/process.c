/*
 * process - what all sessions share: the current configuration, the connections to the store, how much is under way
 *
 * libmilter's callbacks have no argument for it, so it is the one static object of this program.
 */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "client.h"
#include "daemon.h"
#include "log.h"
#include "process.h"

/* More idle connections than that are of no use: libmilter's workers are few. */
#define MAX_IDLE 32

static struct {
	pthread_mutex_t        lock;
	pthread_cond_t         idle;
	struct td_conf        *conf;
	struct td_client_pool *pool;
	int                    busy;
} process = { .lock = PTHREAD_MUTEX_INITIALIZER, .idle = PTHREAD_COND_INITIALIZER };

enum td_status td_process_open(struct td_conf *conf, struct td_err *err)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/stored.milter.sock", conf->run_dir);
	process.pool = td_client_pool_new(path, MAX_IDLE);
	if (!process.pool)
		return td_err_set(err, TD_NOMEM, "connections to the store: out of memory");
	process.conf = conf;
	return TD_OK;
}

struct td_conf *td_process_conf(void)
{
	struct td_conf *conf;

	pthread_mutex_lock(&process.lock);
	conf = td_conf_ref(process.conf);
	pthread_mutex_unlock(&process.lock);
	return conf;
}

struct td_client_pool *td_process_pool(void)
{
	return process.pool;
}

bool td_process_reload(const char *conf_path)
{
	struct td_conf *fresh = td_daemon_reload(conf_path);
	struct td_conf *old;

	if (!fresh)
		return false;
	pthread_mutex_lock(&process.lock);
	old = process.conf;
	process.conf = fresh;
	pthread_mutex_unlock(&process.lock);
	if (strcmp(old->run_dir, fresh->run_dir) != 0 || strcmp(old->milter.listen, fresh->milter.listen) != 0)
		td_warning("run_dir and milter.listen are changed by a restart only");
	td_conf_unref(old);
	return true;
}

void td_process_busy(int change)
{
	pthread_mutex_lock(&process.lock);
	process.busy += change;
	if (process.busy == 0)
		pthread_cond_broadcast(&process.idle);
	pthread_mutex_unlock(&process.lock);
}

void td_process_drain(int64_t timeout_ms)
{
	struct timespec until;
	int rc = 0;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += timeout_ms / 1000;
	pthread_mutex_lock(&process.lock);
	while (process.busy > 0 && rc == 0)
		rc = pthread_cond_timedwait(&process.idle, &process.lock, &until);
	pthread_mutex_unlock(&process.lock);
}
