/*
 * client_pool - idle connections to one socket, shared by threads
 *
 * Apart from client.c, so that single-threaded programs do not link it.
 */
#include <pthread.h>
#include <stdlib.h>

#include "client.h"

struct td_client_pool {
	pthread_mutex_t    lock;
	char              *path;
	size_t             max;
	size_t             n;
	struct td_client **idle; /* last used at the end */
};

struct td_client_pool *td_client_pool_new(const char *socket_path, size_t max_idle)
{
	struct td_client_pool *pool = calloc(1, sizeof *pool);

	if (!pool)
		return NULL;
	pthread_mutex_init(&pool->lock, NULL);
	pool->max = max_idle;
	pool->path = strdup(socket_path);
	pool->idle = calloc(max_idle ? max_idle : 1, sizeof *pool->idle);
	if (!pool->path || !pool->idle) {
		td_client_pool_free(pool);
		return NULL;
	}
	return pool;
}

void td_client_pool_free(struct td_client_pool *pool)
{
	if (!pool)
		return;
	for (size_t i = 0; i < pool->n; i++)
		td_client_free(pool->idle[i]);
	pthread_mutex_destroy(&pool->lock);
	free(pool->idle);
	free(pool->path);
	free(pool);
}

struct td_client *td_client_pool_get(struct td_client_pool *pool)
{
	struct td_client *client = NULL;

	pthread_mutex_lock(&pool->lock);
	if (pool->n > 0)
		client = pool->idle[--pool->n];
	pthread_mutex_unlock(&pool->lock);
	return client ? client : td_client_new(pool->path);
}

void td_client_pool_put(struct td_client_pool *pool, struct td_client *client)
{
	if (!client)
		return;
	pthread_mutex_lock(&pool->lock);
	if (pool->n < pool->max) {
		pool->idle[pool->n++] = client;
		client = NULL;
	}
	pthread_mutex_unlock(&pool->lock);
	td_client_free(client);
}
