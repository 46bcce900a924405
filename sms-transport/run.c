/*
 * run - the life of tandem-smsd: start, signals, reload, a bounded end
 */
#include "run.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "children.h"
#include "control.h"
#include "daemon.h"
#include "http.h"
#include "lmtp.h"
#include "mime.h"
#include "report.h"
#include "route.h"
#include "serve.h"
#include "smsd.h"
#include "stream.h"

#define TICK_MS 1000
#define DRAIN_MS 10000
#define FLUSH_TIMEOUT_MS 60000

/* ---- providers ---- */

static void drop_providers(struct instance **list, size_t n)
{
	for (size_t i = 0; list && i < n; i++)
		instance_unref(list[i]);
	free(list);
}

/* The instance to keep for this entry of a new configuration; NULL: make a new one. */
static struct instance *kept(const struct smsd *smsd, const struct td_conf *conf, const struct td_conf_provider *set)
{
	struct instance *in = smsd_provider(smsd, set->name);

	if (!in || strcmp(smsd->conf->plugin_dir, conf->plugin_dir) || !instance_same(in, set))
		return NULL;
	return in;
}

/* All or nothing: a list for conf, with what can be kept of the old one. */
static enum td_status make_providers(struct smsd *smsd, struct td_conf *conf, struct instance ***out,
	struct td_err *err)
{
	struct instance **list = calloc(conf->nproviders + 1, sizeof(*list));
	enum td_status status = route_check(conf, err);

	if (!list)
		return td_err_set(err, TD_NOMEM, "out of memory");
	for (size_t i = 0; i < conf->nproviders && !status; i++) {
		struct instance *old = kept(smsd, conf, &conf->providers[i]);

		if (old)
			list[i] = instance_ref(old);
		else
			status = instance_new(smsd, conf, &conf->providers[i], &list[i], err);
	}
	if (status)
		drop_providers(list, conf->nproviders);
	else
		*out = list;
	return status;
}

static bool listed(struct instance *const *list, size_t n, const struct instance *in)
{
	for (size_t i = 0; i < n; i++) {
		if (list[i] == in)
			return true;
	}
	return false;
}

/* Puts a list in the place of the old one: what is gone retires, what is new starts. */
static void swap_providers(struct smsd *smsd, struct td_conf *conf, struct instance **list)
{
	struct instance **old = smsd->providers;
	size_t nold = smsd->nproviders;

	smsd->providers = list;
	smsd->nproviders = conf->nproviders;
	for (size_t i = 0; i < nold; i++) {
		if (!listed(list, conf->nproviders, old[i]))
			instance_retire(old[i]);
	}
	for (size_t i = 0; i < conf->nproviders; i++) {
		if (listed(old, nold, list[i])) {
			instance_adopt(list[i], conf, &conf->providers[i]);
		} else {
			td_info("provider %s: plugin %s %s", list[i]->set->name, list[i]->plugin->name, list[i]->plugin->version);
			instance_start(list[i]);
		}
	}
	for (size_t i = 0; i < nold; i++)
		dispatch_waiting(old[i]);
	drop_providers(old, nold);
}

static void no_price(const struct td_conf_route *route, const char *provider)
{
	td_warning("route \"%s\": provider \"%s\" has no prices: it is the last choice (try: prices = \"prices/%s.csv\")",
		route->name ? route->name : "", provider, provider);
}

static void reload(struct smsd *smsd)
{
	struct td_conf *conf = td_daemon_reload(smsd->conf_path), *old = smsd->conf;
	struct route_prices *prices = NULL;
	struct instance **list;
	struct td_err err;

	if (!conf)
		return;
	if (route_prices_new(conf, &prices, no_price, &err) || make_providers(smsd, conf, &list, &err)) {
		route_prices_free(prices);
		smsd_trouble(smsd, "the configuration stays as it was: %s", err.text);
		td_conf_unref(conf);
		return;
	}
	smsd->conf = conf;
	route_prices_free(smsd->prices);
	smsd->prices = prices;
	swap_providers(smsd, conf, list);
	td_conf_unref(old);
	claim_more(smsd);
}

/* ---- the end ---- */

static size_t under_way(const struct smsd *smsd)
{
	size_t n = 0;

	for (size_t i = 0; i < JOB_BUCKETS; i++) {
		for (const struct job *job = smsd->jobs[i]; job; job = job->next)
			n += job->asking || job->phase == JOB_SENT || job->phase == JOB_DONE ||
				(job->phase == JOB_REPORT && !job->retry_ms);
	}
	return n;
}

static void end_if_idle(struct smsd *smsd)
{
	bool late = td_mono_ms(smsd->clock) >= smsd->drain_until;

	if (!late && (under_way(smsd) || td_server_pending(smsd->server) || lmtp_sessions(smsd->lmtp) ||
		streams_ending(smsd)))
		return;
	if (late && under_way(smsd))
		td_warning("%zu SMS are still under way: the store asks about them at the next start", under_way(smsd));
	event_base_loopbreak(smsd->base);
}

static void drain(struct smsd *smsd)
{
	if (smsd->draining)
		return;
	td_info("stopping: no more claims, finishing what is under way");
	td_daemon_stopping();
	smsd->draining = true;
	smsd->drain_until = td_mono_ms(smsd->clock) + DRAIN_MS;
	td_server_drain(smsd->server);
	lmtp_drain(smsd->lmtp);
	for (size_t i = 0; i < smsd->nproviders; i++) {
		instance_retire(smsd->providers[i]);
		dispatch_waiting(smsd->providers[i]);
	}
	smsd_flush_soon(smsd);
}

/* ---- the loop ---- */

static void on_flush(evutil_socket_t fd, short what, void *arg)
{
	struct smsd *smsd = arg;

	(void)fd, (void)what;
	begin_flush(smsd);
	settle_flush(smsd);
	claim_more(smsd);
	if (smsd->draining)
		end_if_idle(smsd);
}

static void on_tick(evutil_socket_t fd, short what, void *arg)
{
	struct smsd *smsd = arg;

	(void)fd, (void)what;
	td_daemon_alive();
	settle_flush(smsd);
	report_tick(smsd);
	claim_tick(smsd);
	control_tick(smsd);
	lmtp_tick(smsd->lmtp);
	if (smsd->draining)
		end_if_idle(smsd);
}

static void on_hup(evutil_socket_t sig, short what, void *arg)
{
	(void)sig, (void)what;
	reload(arg);
}

static void on_term(evutil_socket_t sig, short what, void *arg)
{
	(void)sig, (void)what;
	drain(arg);
}

static void flushed(void *arg, const struct td_err *err)
{
	(void)arg;
	if (err)
		td_warning("asking Postfix to flush the token domain failed: %s", err->text);
}

/* What Postfix has deferred while we were away need not wait for its own retry. */
static void flush_postfix(struct smsd *smsd)
{
	if (smsd->conf->smsd.flush.n)
		children_run(smsd->children, &smsd->conf->smsd.flush, NULL, (struct td_view){ NULL, 0 }, FLUSH_TIMEOUT_MS,
			flushed, smsd);
}

static void proven(void *arg, const struct td_err *err)
{
	(void)arg;
	if (err)
		td_error("the route of tokens is not proven: %s (an SMS whose token is lost never goes; try: tandem check)",
			err->text);
}

/*
 * Says at start what else is found out by an SMS that never went. The operator's command knows how to ask Postfix; it
 * stands beside us or in PATH.
 */
static void prove_route(struct smsd *smsd)
{
	const char *more[] = { "-c", smsd->conf_path, "check", "--postfix", "--quiet", NULL };
	char path[4096] = "";
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - sizeof("tandem"));
	char *slash = n > 0 ? strrchr(path, '/') : NULL;
	const char *command = "tandem";
	struct td_strings argv = { &command, 1 };

	if (!smsd->conf->smsd.flush.n)
		return;
	if (slash) {
		memcpy(slash + 1, "tandem", sizeof("tandem"));
		if (access(path, X_OK) == 0)
			command = path;
	}
	children_run(smsd->children, &argv, more, (struct td_view){ NULL, 0 }, FLUSH_TIMEOUT_MS, proven, smsd);
}

static enum td_status start(struct smsd *smsd, struct td_err *err)
{
	struct instance **list;
	char path[4096];
	enum td_status status;

	smsd->base = event_base_new();
	smsd->flush = smsd->base ? event_new(smsd->base, -1, 0, on_flush, smsd) : NULL;
	smsd->tick = smsd->base ? event_new(smsd->base, -1, EV_PERSIST, on_tick, smsd) : NULL;
	smsd->children = smsd->base ? children_new(smsd->base) : NULL;
	smsd->http = smsd->base ? http_new(smsd->base) : NULL;
	snprintf(path, sizeof(path), "%s/stored.smsd.sock", smsd->conf->run_dir);
	smsd->store = smsd->base ? td_peer_new(smsd->base, path) : NULL;
	if (!smsd->flush || !smsd->tick || !smsd->children || !smsd->http || !smsd->store)
		return td_err_set(err, TD_NOMEM, "out of memory");
	td_peer_watch(smsd->store, claim_store_changed, smsd);
	status = route_prices_new(smsd->conf, &smsd->prices, no_price, err);
	if (!status)
		status = make_providers(smsd, smsd->conf, &list, err);
	if (status)
		return status;
	status = serve_start(smsd, err);
	if (!status)
		status = lmtp_start(smsd, &smsd->lmtp, err);
	if (status) {
		drop_providers(list, smsd->conf->nproviders);
		return status;
	}
	swap_providers(smsd, smsd->conf, list);
	event_add(smsd->tick, &(struct timeval){ .tv_sec = TICK_MS / 1000 });
	return TD_OK;
}

static void drop_jobs(struct smsd *smsd)
{
	for (size_t i = 0; i < JOB_BUCKETS; i++) {
		while (smsd->jobs[i]) {
			job_unqueue(smsd->jobs[i]);
			job_free(smsd->jobs[i]);
		}
	}
}

static void stop(struct smsd *smsd)
{
	smsd->draining = true;
	http_free(smsd->http); /* whose requests have jobs, and answer requests of the server */
	smsd->http = NULL;
	control_free(smsd);
	td_peer_free(smsd->store); /* its callbacks answer requests of the server */
	lmtp_free(smsd->lmtp); /* likewise the sessions */
	td_server_free(smsd->server);
	children_free(smsd->children);
	drop_jobs(smsd);
	streams_end(smsd);
	drop_providers(smsd->providers, smsd->nproviders);
	route_prices_free(smsd->prices);
	if (smsd->flush)
		event_free(smsd->flush);
	if (smsd->tick)
		event_free(smsd->tick);
	if (smsd->base)
		event_base_free(smsd->base);
	td_conf_unref(smsd->conf);
	free(smsd);
}

/* Serves until SIGTERM. */
static void loop(struct smsd *smsd)
{
	struct event *hup = evsignal_new(smsd->base, SIGHUP, on_hup, smsd);
	struct event *term = evsignal_new(smsd->base, SIGTERM, on_term, smsd);
	struct event *intr = evsignal_new(smsd->base, SIGINT, on_term, smsd);

	if (hup && term && intr) {
		evsignal_add(hup, NULL);
		evsignal_add(term, NULL);
		evsignal_add(intr, NULL);
		flush_postfix(smsd);
		prove_route(smsd);
		td_daemon_ready();
		event_base_dispatch(smsd->base);
	} else {
		td_error("out of memory");
	}
	if (hup)
		event_free(hup);
	if (term)
		event_free(term);
	if (intr)
		event_free(intr);
}

int smsd_run(struct td_conf *conf, const char *conf_path)
{
	struct smsd *smsd = calloc(1, sizeof(*smsd));
	struct td_err err;

	if (!smsd) {
		td_conf_unref(conf);
		td_error("out of memory");
		return EXIT_FAILURE;
	}
	umask(027);
	signal(SIGXFSZ, SIG_IGN); /* a file at its limit is a full disk, no reason to die */
	td_mime_init();
	smsd->clock = td_clock_system();
	smsd->conf = conf;
	smsd->conf_path = conf_path;
	smsd->started_at = td_now_ms(smsd->clock);
	TAILQ_INIT(&smsd->begin);
	TAILQ_INIT(&smsd->settle);
	LIST_INIT(&smsd->streams);
	if (start(smsd, &err)) {
		td_error("%s", err.text);
		stop(smsd);
		return err.status == TD_TEMPFAIL || err.status == TD_NOMEM ? EXIT_FAILURE : TD_EXIT_CONFIG;
	}
	loop(smsd);
	stop(smsd);
	td_info("stopped");
	return EXIT_SUCCESS;
}
