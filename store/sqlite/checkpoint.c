/*
 * checkpoint - a thread that copies the WAL back into the database, off the path of replies
 *
 * PASSIVE checkpoints wait for nobody and stop nobody. While the writer writes, each round leaves the tail that was
 * written meanwhile; rounds go on until the tail is short.
 */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include "sqlite_engine.h"

#define SHORT_TAIL 256 /* pages */
#define ROUNDS 16

struct td_checkpointer {
	pthread_t       thread;
	pthread_mutex_t mutex;
	pthread_cond_t  cond;
	bool            wanted, stop, tail; /* under mutex */
	sqlite3        *db;
};

static bool take_order(struct td_checkpointer *c)
{
	bool go;

	pthread_mutex_lock(&c->mutex);
	while (!c->wanted && !c->stop)
		pthread_cond_wait(&c->cond, &c->mutex);
	c->wanted = false;
	go = !c->stop;
	pthread_mutex_unlock(&c->mutex);
	return go;
}

static void *work(void *arg)
{
	struct td_checkpointer *c = arg;

	while (take_order(c)) {
		int log = 0, done = 0, rc = SQLITE_OK;

		/* An error (disk full) is met again by the writer, which reports it. */
		for (int i = 0; i < ROUNDS && rc == SQLITE_OK; i++) {
			rc = sqlite3_wal_checkpoint_v2(c->db, NULL, SQLITE_CHECKPOINT_PASSIVE, &log, &done);
			if (log - done < SHORT_TAIL)
				break;
		}
		pthread_mutex_lock(&c->mutex);
		c->tail = rc == SQLITE_OK && log - done < SHORT_TAIL;
		c->wanted = false;
		pthread_mutex_unlock(&c->mutex);
	}
	return NULL;
}

enum td_status td_checkpointer_start(const char *path, struct td_checkpointer **out, struct td_err *err)
{
	struct td_checkpointer *c = calloc(1, sizeof *c);
	sigset_t                all, before;
	enum td_status          status;
	int                     rc;

	if (!c)
		return td_err_set(err, TD_NOMEM, "store: out of memory");
	status = td_sqlite_connect(path, &c->db, err);
	if (status)
		goto fail;
	sqlite3_exec(c->db, "PRAGMA cache_size=-256", NULL, NULL, NULL);
	pthread_mutex_init(&c->mutex, NULL);
	pthread_cond_init(&c->cond, NULL);
	/* Signals are the loop's. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(&c->thread, NULL, work, c);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (rc != 0) {
		status = td_err_errno(err, rc, "store: checkpoint thread");
		goto fail;
	}
	*out = c;
	return TD_OK;
fail:
	sqlite3_close(c->db);
	free(c);
	return status;
}

void td_checkpointer_kick(struct td_checkpointer *c)
{
	pthread_mutex_lock(&c->mutex);
	c->wanted = true;
	pthread_cond_signal(&c->cond);
	pthread_mutex_unlock(&c->mutex);
}

bool td_checkpointer_tail(struct td_checkpointer *c)
{
	bool tail;

	pthread_mutex_lock(&c->mutex);
	tail = c->tail;
	c->tail = false;
	pthread_mutex_unlock(&c->mutex);
	return tail;
}

void td_checkpointer_stop(struct td_checkpointer *c)
{
	if (!c)
		return;
	pthread_mutex_lock(&c->mutex);
	c->stop = true;
	pthread_cond_signal(&c->cond);
	pthread_mutex_unlock(&c->mutex);
	pthread_join(c->thread, NULL);
	pthread_mutex_destroy(&c->mutex);
	pthread_cond_destroy(&c->cond);
	sqlite3_close(c->db);
	free(c);
}
