/*
 * instance - one configured provider: plugin, state, rate, window, circuit, its jobs that wait
 */
#include "instance.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto.h"
#include "folder.h"
#include "http.h"
#include "outfile.h"
#include "plugin.h"
#include "smsd.h"
#include "stream.h"
#include "tail.h"

#define WINDOW_DEFAULT 64
#define SUSPENDED_MS 5000 /* how long a job that only this provider could send waits before it asks again */

/* Runs the plugin's init; everything it asked for is then known. */
static enum td_status run_init(struct instance *in, struct td_err *err)
{
	struct host_init init = { .conf = in->conf, .provider = in->set, .files = &in->files, .secrets = &in->secrets,
		.hosts = &in->hosts };
	struct host_call call;
	enum td_status status;
	int done;

	init.asked = td_arena_array(&in->arena, in->set->nsettings, sizeof(bool));
	if (!init.asked)
		return td_err_set(err, TD_NOMEM, "provider \"%s\": out of memory", in->set->name);
	host_call_begin(&call, in->smsd->clock, &in->arena, err);
	call.init = &init;
	done = in->plugin->init(&call.pub, &in->state);
	in->capabilities = in->plugin->capabilities & ~init.lacks;
	/* Where the plugin checks no signature, the setting is the host's: see webhook.h. */
	if (in->plugin->webhook && !(in->capabilities & TANDEM_CAN_VERIFY))
		in->hook_secret = host_td(call.pub.host->setting_secret(&call.pub, "webhook_secret", false));
	host_call_end(&call);
	if (done == TANDEM_OK && !call.pub.failed)
		return host_settings_check(&init, err);
	status = err->status ? err->status : td_err_set(err, TD_PERMFAIL, "init failed without saying why");
	return status;
}

static enum td_status open_file(struct instance *in, size_t i, struct td_err *err)
{
	const struct host_file *file = &in->files.v[i];

	if ((file->use == TANDEM_FILE_TAIL || file->use == TANDEM_FILE_WATCH) && !in->plugin->inbound_file)
		return td_err_set(err, TD_PERMFAIL, "the plugin reads %s but has no operation \"inbound_file\"", file->path);
	switch (file->use) {
	case TANDEM_FILE_APPEND:
		return outfile_new(in->smsd, file->path, &in->out[i], err);
	case TANDEM_FILE_TAIL:
		return tail_new(in, (int)i, file->path, &in->tail[i], err);
	case TANDEM_FILE_FOLDER:
		return folder_new(in, file->path, &in->folder[i], err);
	case TANDEM_FILE_WATCH:
		return folder_watch_new(in, (int)i, file->path, file->done, &in->watch[i], err);
	}
	return td_err_set(err, TD_PERMFAIL, "%s: the plugin wants a use of it that there is not (%d)", file->path,
		(int)file->use);
}

/* Opens what init asked for. */
static enum td_status open_files(struct instance *in, struct td_err *err)
{
	enum td_status status = TD_OK;

	for (size_t i = 0; i < in->files.n && !status; i++)
		status = open_file(in, i, err);
	if (!status && in->plugin->transport == TANDEM_STREAM) {
		status = stream_new(in, &in->stream, err);
		if (!status)
			instance_limits(in);
	}
	return status;
}

static void wake(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	dispatch_waiting(arg);
}

void instance_limits(struct instance *in)
{
	in->window = in->set->window > 0 ? (size_t)in->set->window : WINDOW_DEFAULT;
	if (in->stream && stream_capacity(in->stream) < in->window)
		in->window = stream_capacity(in->stream);
}

enum td_status instance_new(struct smsd *smsd, struct td_conf *conf, const struct td_conf_provider *set,
	struct instance **out,
	struct td_err *err)
{
	struct instance *in = calloc(1, sizeof(*in));
	enum td_status status;

	if (!in)
		return td_err_set(err, TD_NOMEM, "provider \"%s\": out of memory", set->name);
	td_arena_init(&in->arena, HOST_ARENA);
	in->smsd = smsd;
	in->refs = 1;
	in->conf = td_conf_ref(conf);
	in->set = set;
	TAILQ_INIT(&in->waiting[0]);
	TAILQ_INIT(&in->waiting[1]);
	instance_limits(in);
	bucket_init(&in->bucket, set->rate, td_mono_ms(smsd->clock));
	in->wake = event_new(smsd->base, -1, 0, wake, in);
	status = in->wake ? plugin_load(conf->plugin_dir, set->plugin, &in->plugin, err)
		: td_err_set(err, TD_NOMEM, "out of memory");
	if (!status)
		status = plugin_check_settings(in->plugin, set, err);
	if (!status)
		status = run_init(in, err);
	if (!status)
		status = open_files(in, err);
	if (status) {
		td_err_prefix(err, "%s:%d: provider \"%s\"", set->file, set->line, set->name);
		instance_unref(in);
		return status;
	}
	*out = in;
	return TD_OK;
}

void instance_start(struct instance *in)
{
	for (size_t i = 0; i < in->files.n; i++) {
		if (in->tail[i])
			tail_start(in->tail[i]);
		if (in->watch[i])
			folder_watch_start(in->watch[i]);
	}
	if (in->stream)
		stream_start(in->stream);
}

struct instance *instance_ref(struct instance *in)
{
	in->refs++;
	return in;
}

void instance_unref(struct instance *in)
{
	if (!in || --in->refs)
		return;
	stream_free(in->stream);
	for (size_t i = 0; i < in->files.n; i++) {
		outfile_free(in->out[i]);
		tail_free(in->tail[i]);
		folder_free(in->folder[i]);
		folder_watch_free(in->watch[i]);
	}
	if (in->plugin && in->plugin->destroy && in->state)
		in->plugin->destroy(in->state);
	host_memory_free(&in->memory);
	for (size_t i = 0; i < in->secrets.n; i++)
		td_secret_wipe((void *)(uintptr_t)in->secrets.v[i].p, in->secrets.v[i].n);
	if (in->wake)
		event_free(in->wake);
	td_arena_free(&in->arena);
	td_conf_unref(in->conf);
	free(in);
}

void instance_call(struct instance *in, struct host_call *call, struct td_arena *arena, struct td_err *err)
{
	host_call_begin(call, in->smsd->clock, arena, err);
	call->memory = &in->memory;
}

void instance_http(const struct instance *in, const struct tandem_http *request, struct td_strings *hosts,
	struct http_ask *out)
{
	*hosts = (struct td_strings){ (const char **)(uintptr_t)in->hosts.v, in->hosts.n };
	*out = (struct http_ask){ .request = request, .hosts = hosts, .plain = in->set->plain_http, .proxy = in->set->proxy,
		.ca_file = in->set->ca_file, .timeout_ms = in->set->timeout_ms };
}

void instance_retire(struct instance *in)
{
	in->retired = true;
	event_del(in->wake);
	for (size_t i = 0; i < in->files.n; i++) {
		if (in->tail[i])
			tail_stop(in->tail[i]);
		if (in->watch[i])
			folder_watch_stop(in->watch[i]);
	}
	if (in->stream)
		stream_stop(in->stream);
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

bool instance_same(const struct instance *in, const struct td_conf_provider *set)
{
	const struct td_conf_provider *old = in->set;

	if (!same_text(old->plugin, set->plugin) || !same_text(old->from, set->from) ||
		!same_text(old->base_url, set->base_url) || !same_text(old->proxy, set->proxy) ||
		!same_text(old->ca_file, set->ca_file) ||
		old->plain_http != set->plain_http || old->nsettings != set->nsettings)
		return false;
	for (size_t i = 0; i < set->nsettings; i++) {
		/* A secret's file may have new content under the same name. */
		if (!same_text(old->settings[i].name, set->settings[i].name) ||
			!same_text(old->settings[i].text, set->settings[i].text) ||
			td_view_ends(td_view_str(set->settings[i].name), TD_VLIT("_file")))
			return false;
	}
	return true;
}

void instance_adopt(struct instance *in, struct td_conf *conf, const struct td_conf_provider *set)
{
	struct td_conf *old = in->conf;

	in->conf = td_conf_ref(conf);
	in->set = set;
	td_conf_unref(old);
	instance_limits(in);
	if (set->rate != in->bucket.full)
		bucket_rate(&in->bucket, set->rate, td_mono_ms(in->smsd->clock));
}

bool instance_usable(const struct instance *in)
{
	return !in->retired && !instance_closed_ms(in);
}

int64_t instance_closed_ms(const struct instance *in)
{
	int64_t now = td_mono_ms(in->smsd->clock);
	int64_t closed = in->suspended ? SUSPENDED_MS : circuit_closed_ms(&in->circuit, now);

	return closed || !in->stream ? closed : stream_closed_ms(in->stream);
}

/* What the outcome of an SMS says of the provider. */
static enum circuit_word word_of(enum tandem_outcome_kind kind)
{
	switch (kind) {
	case TANDEM_AUTH:
	case TANDEM_FUNDS:
		return CIRCUIT_REFUSED;
	case TANDEM_TEMPORARY:
	case TANDEM_UNCERTAIN:
		return CIRCUIT_FAILED;
	case TANDEM_THROTTLED:
		return CIRCUIT_BUSY;
	default:
		return CIRCUIT_GOOD;
	}
}

static void opened(struct instance *in, enum tandem_outcome_kind kind)
{
	if (kind == TANDEM_AUTH)
		snprintf(in->circuit_why, sizeof(in->circuit_why), "our credentials are refused: %.200s", in->last_error);
	else if (kind == TANDEM_FUNDS)
		snprintf(in->circuit_why, sizeof(in->circuit_why), "the account has no funds: %.200s", in->last_error);
	else
		snprintf(in->circuit_why, sizeof(in->circuit_why), "%d failures in a row, the last: %.200s", CIRCUIT_FAILURES,
			in->last_error);
	td_error("provider %s: %s: nothing is sent through it for now (see: tandem provider show %s)", in->set->name,
		in->circuit_why, in->set->name);
}

void instance_note(struct instance *in, const char *error)
{
	snprintf(in->last_error, sizeof(in->last_error), "%s", error);
	in->last_error_at = td_now_ms(in->smsd->clock);
}

void instance_judge(struct instance *in, enum tandem_outcome_kind kind, const char *detail)
{
	enum circuit_word word = word_of(kind);

	if (word == CIRCUIT_REFUSED || word == CIRCUIT_FAILED)
		instance_note(in, detail && *detail ? detail : "no answer");
	switch (circuit_judge(&in->circuit, word, td_mono_ms(in->smsd->clock))) {
	case CIRCUIT_OPENED:
		opened(in, kind);
		break;
	case CIRCUIT_CLOSED:
		td_info("provider %s: answers again", in->set->name);
		in->circuit_why[0] = '\0';
		break;
	default:
		break;
	}
}

void instance_throttled(struct instance *in, int64_t after_ms)
{
	int64_t now = td_mono_ms(in->smsd->clock);
	double before = bucket_rate_now(&in->bucket, now);

	bucket_throttled(&in->bucket, after_ms, now);
	if (bucket_rate_now(&in->bucket, now) != before || after_ms > 0)
		td_debug("provider %s: throttled: %.3g a second from now on, after %lld ms", in->set->name,
			bucket_rate_now(&in->bucket, now), (long long)bucket_paused_ms(&in->bucket, now));
}
