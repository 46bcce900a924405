/*
 * stored - the loop of tandem-stored: sockets, roles, signals
 *
 * One thread serves everything. Ending: sockets are removed, waits are answered, what was read is committed and
 * answered, and only then is the engine closed.
 */
#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>

#include "batch.h"
#include "claim.h"
#include "daemon.h"
#include "lease.h"
#include "roles.h"
#include "server.h"
#include "store.h"
#include "stored.h"

#define SWEEP_MS 5000
#define ALIVE_S 5 /* well within WatchdogSec of the unit */
#define SWEEP_AGAIN_MS 100
#define DRAIN_STEP_MS 10
#define DRAIN_MAX_MS 10000

struct stored {
	const char          *conf_path;
	struct td_store     *store;
	struct event_base   *base;
	struct td_server    *server;
	struct td_claims    *claims;
	struct td_role_user  users[TD_STORED_ROLES];
	struct event        *term, *interrupt, *hup, *sweep, *alive, *drain;
	int64_t              drain_until;
};

static bool allow(void *arg, int role, uint32_t uid, int32_t pid)
{
	const struct stored *s = arg;

	(void)pid;
	return td_role_allows(s->users, role, uid);
}

static bool permits(void *arg, int role, uint16_t verb)
{
	(void)arg;
	return td_verb_permits(false, role, verb);
}

static void batch(void *arg, struct td_request *first)
{
	struct stored *s = arg;

	td_batch(s->store, first);
}

static void closed(void *arg, struct td_conn *conn)
{
	struct stored *s = arg;

	if (s->claims)
		td_claims_closed(s->claims, conn);
}

static void trouble(void *arg, const struct td_conn *conn, const struct td_err *err)
{
	(void)arg;
	if (conn)
		td_warning("%s socket: uid=%u, pid=%d: %s", td_role_name(conn->role), conn->uid, (int)conn->pid, err->text);
	else
		td_warning("sockets: %s", err->text);
}

static const struct td_server_ops server_ops = {
	.batch = batch,
	.allow = allow,
	.permits = permits,
	.closed = closed,
	.trouble = trouble,
};

static void add_timer(struct event *event, int64_t ms)
{
	struct timeval tv = { ms / 1000, ms % 1000 * 1000 };

	evtimer_add(event, &tv);
}

static void on_sweep(evutil_socket_t fd, short what, void *arg)
{
	struct stored *s = arg;

	(void)fd;
	(void)what;
	add_timer(s->sweep, td_store_sweep(s->store) ? SWEEP_AGAIN_MS : SWEEP_MS);
}

static void on_alive(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	td_daemon_alive();
}

static void on_drain(evutil_socket_t fd, short what, void *arg)
{
	struct stored *s = arg;

	(void)fd;
	(void)what;
	if (td_server_pending(s->server) == 0 || td_mono_ms(s->store->clock) > s->drain_until)
		event_base_loopbreak(s->base);
	else
		add_timer(s->drain, DRAIN_STEP_MS);
}

static void on_term(evutil_socket_t fd, short what, void *arg)
{
	struct stored *s = arg;

	(void)fd;
	(void)what;
	if (s->drain_until)
		return;
	td_daemon_stopping();
	s->drain_until = td_mono_ms(s->store->clock) + DRAIN_MAX_MS;
	td_server_drain(s->server);
	td_claims_drain(s->claims);
	add_timer(s->drain, 0);
}

static void on_hup(evutil_socket_t fd, short what, void *arg)
{
	struct stored      *s = arg;
	struct td_conf     *conf = td_daemon_reload(s->conf_path);
	struct td_role_user users[TD_STORED_ROLES];
	struct td_err       err;

	(void)fd;
	(void)what;
	if (!conf)
		return;
	if (td_roles_resolve(conf, users, &err) || td_store_reload(s->store, conf, &err)) {
		td_error("the old configuration stays: %s", err.text);
		td_conf_unref(conf);
		return;
	}
	memcpy(s->users, users, sizeof users);
	td_daemon_ready();
}

static enum td_status listen_all(struct stored *s, struct td_err *err)
{
	const char *dir = s->store->conf->run_dir;
	char        path[108];

	/* Each socket says by itself who may come; the folder lets everybody through, whatever the umask. */
	if (mkdir(dir, 0755) == 0 ? chmod(dir, 0755) < 0 : errno != EEXIST)
		return td_err_errno(err, errno, "run_dir: %s", dir);
	for (int i = 0; i < TD_STORED_ROLES; i++) {
		const struct td_role_user *user = &s->users[i];

		if ((size_t)snprintf(path, sizeof path, "%s/%s", dir, user->socket) >= sizeof path)
			return td_err_set(err, TD_BADINPUT, "run_dir: %s is too long for a socket", dir);
		if (td_server_listen(s->server, path, user->role, -1, user->gid, err))
			return err->status;
	}
	return TD_OK;
}

static enum td_status make_events(struct stored *s, struct td_err *err)
{
	s->term = evsignal_new(s->base, SIGTERM, on_term, s);
	s->interrupt = evsignal_new(s->base, SIGINT, on_term, s);
	s->hup = evsignal_new(s->base, SIGHUP, on_hup, s);
	s->sweep = evtimer_new(s->base, on_sweep, s);
	s->alive = event_new(s->base, -1, EV_PERSIST, on_alive, s);
	s->drain = evtimer_new(s->base, on_drain, s);
	s->server = td_server_new(s->base, &server_ops, s);
	s->claims = td_claims_new(s->store, s->base);
	if (!s->term || !s->interrupt || !s->hup || !s->sweep || !s->alive || !s->drain || !s->server || !s->claims)
		return td_err_set(err, TD_NOMEM, "out of memory");
	event_add(s->term, NULL);
	event_add(s->interrupt, NULL);
	event_add(s->hup, NULL);
	add_timer(s->sweep, SWEEP_AGAIN_MS);
	event_add(s->alive, &(struct timeval){ .tv_sec = ALIVE_S });
	return TD_OK;
}

static void free_event(struct event *event)
{
	if (event)
		event_free(event);
}

/* The server first: its connections still end leases and waits. */
static void tear_down(struct stored *s)
{
	td_server_free(s->server);
	td_claims_free(s->claims);
	free_event(s->term);
	free_event(s->interrupt);
	free_event(s->hup);
	free_event(s->sweep);
	free_event(s->alive);
	free_event(s->drain);
	td_store_close(s->store);
	if (s->base)
		event_base_free(s->base);
}

int td_stored_run(struct td_conf *conf, const char *conf_path)
{
	struct stored  s = { .conf_path = conf_path };
	struct td_err  err;
	enum td_status status;

	umask(027);
	/* A file at its limit is an error of write(2), not our end. */
	signal(SIGXFSZ, SIG_IGN);
	td_err_clear(&err);
	s.base = event_base_new();
	status = s.base ? td_roles_resolve(conf, s.users, &err) : td_err_set(&err, TD_NOMEM, "out of memory");
	if (!status)
		status = td_store_open(conf, td_clock_system(), &s.store, &err);
	td_conf_unref(conf);
	if (!status)
		status = make_events(&s, &err);
	if (!status)
		status = listen_all(&s, &err);
	if (!status) {
		td_info("serving %s", s.store->conf->store.path);
		td_daemon_ready();
		event_base_dispatch(s.base);
		td_info("stopped");
	} else {
		td_error("%s", err.text);
	}
	tear_down(&s);
	if (!status)
		return 0;
	return status == TD_TEMPFAIL ? td_status_map(status)->ctl_exit : TD_EXIT_CONFIG;
}
