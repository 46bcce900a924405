/*
 * plugin_rig - one instance of a provider plugin with the host's services and no host: for tests of plugins
 *
 * rig_load, then rig_init with settings, then any number of operations; rig_init again makes another instance. What an
 * operation returned lives until the next one.
 */
#ifndef PLUGIN_RIG_H
#define PLUGIN_RIG_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host.h"
#include "plugin.h"
#include "tap.h"

#define RIG_NOW 1795563769123 /* 2026-11-24T23:42:49.123Z */
#define RIG_SETTINGS 40
#define RIG_SECRETS 64

static const struct tandem_provider *plugin;
static struct td_clock the_clock;
static struct td_arena state_arena, arena;
static struct td_err err; /* of the last operation */
static struct host_call call;
static void *state;
static struct host_files files;
static struct host_hosts hosts;
static struct host_memory memory;
static uint64_t capabilities;
static char secret_files[RIG_SECRETS][40];
static size_t nsecret_files;

/* A setting, as an element of an array that ends with {0}. */
#define SET(key, value) { (key), (value), 1, "t.conf" }

static inline struct tandem_view v(const char *s)
{
	return (struct tandem_view){ s, s ? strlen(s) : 0 };
}

/* A view as a string, in the call's memory. */
static inline const char *str(struct tandem_view view)
{
	char *s = td_arena_str(&arena, (struct td_view){ view.p, view.n });

	return s ? s : "(no memory)";
}

/* A file with that content, as settings NAME_file want it. */
static inline const char *secret_file(const char *content)
{
	char *path;
	int fd;

	if (nsecret_files >= RIG_SECRETS)
		bail_out("too many secrets");
	path = secret_files[nsecret_files];
	nsecret_files++;
	snprintf(path, sizeof(secret_files[0]), "/tmp/td-secret-XXXXXX");
	fd = mkstemp(path);
	if (fd < 0 || fchmod(fd, 0600) || write(fd, content, strlen(content)) != (ssize_t)strlen(content))
		bail_out("%s: cannot write", path);
	close(fd);
	return path;
}

/* Loads a plugin of that folder of the build. */
static inline void rig_load_from(const char *folder, const char *name)
{
	const char *build = getenv("TANDEM_BUILD");
	char dir[512];

	if (!build)
		skip_all("TANDEM_BUILD is not set");
	snprintf(dir, sizeof(dir), "%s/%s", build, folder);
	if (plugin_load(dir, name, &plugin, &err))
		bail_out("%s", err.text);
	td_clock_fixed(&the_clock, RIG_NOW);
	td_arena_init(&arena, HOST_ARENA);
	td_arena_init(&state_arena, HOST_ARENA);
}

static inline void rig_load(const char *name)
{
	rig_load_from("plugins", name);
}

static inline void rig_end_state(void)
{
	if (state && plugin->destroy)
		plugin->destroy(state);
	state = NULL;
	host_memory_free(&memory);
}

/* One instance; as tandem-smsd does it, settings that nobody asked for are an error. */
static inline int rig_init(const char *base_url, const struct td_conf_setting *settings)
{
	struct td_conf_setting copy[RIG_SETTINGS];
	struct td_conf conf = { .path = "/etc/tandem/tandem.conf" };
	struct td_conf_provider set = { .name = "p", .plugin = plugin->name, .base_url = base_url, .settings = copy,
		.file = "t.conf", .line = 1 };
	struct host_secrets secrets = { .n = 0 };
	bool asked[RIG_SETTINGS] = { false };
	struct host_init init = { .conf = &conf, .provider = &set, .asked = asked, .files = &files, .secrets = &secrets,
		.hosts = &hosts };
	int done;

	rig_end_state();
	for (; settings && settings[set.nsettings].name; set.nsettings++) {
		if (set.nsettings == RIG_SETTINGS)
			bail_out("too many settings");
		copy[set.nsettings] = settings[set.nsettings];
	}
	files.n = hosts.n = 0;
	td_arena_reset(&state_arena);
	host_call_end(&call);
	host_call_begin(&call, &the_clock, &state_arena, &err);
	call.init = &init;
	done = plugin->init(&call.pub, &state);
	capabilities = plugin->capabilities & ~init.lacks;
	call.init = NULL;
	if (done == TANDEM_OK && call.pub.failed)
		done = TANDEM_FAIL;
	return done == TANDEM_OK && host_settings_check(&init, &err) ? TANDEM_FAIL : done;
}

/* It is refused, and the error says so. */
static inline void rig_refuses(const char *base_url, const struct td_conf_setting *settings, const char *says)
{
	ok(rig_init(base_url, settings) != TANDEM_OK, "refused: %s", says);
	like(err.text, says, "… and said so");
}

static inline void rig_begin(void)
{
	host_call_end(&call);
	td_arena_reset(&arena);
	host_call_begin(&call, &the_clock, &arena, &err);
	call.memory = &memory;
}

static inline struct tandem_sms rig_sms(const char *text)
{
	return (struct tandem_sms){ .struct_size = sizeof(struct tandem_sms), .attempt = 1, .job = v("01JOB"),
		.reference = v("01REF"), .to = v("+15551234567"), .from = v("+15550001111"), .text = v(text),
		.encoding = TANDEM_GSM7, .segments = 1, .created_ms = RIG_NOW, .expires_ms = RIG_NOW + 600000,
		.cls = v("transactional"), .category = v("order") };
}

static inline struct tandem_step rig_request(const struct tandem_sms *sms)
{
	struct tandem_step step = { .token = 0 };

	rig_begin();
	if (plugin->request(&call.pub, state, sms, &step) != TANDEM_OK || call.pub.failed)
		fail("request: %s", err.text);
	return step;
}

/* What an answer to the last request of that token means. headers ends with {0}; NULL: none. */
static inline struct tandem_outcome rig_answer(uint64_t token, uint32_t status, const struct tandem_pair *headers,
	const char *body)
{
	struct tandem_sms sms = rig_sms("Hello.");
	struct tandem_answer answer = { .struct_size = sizeof(answer), .status = status, .token = token, .sms = &sms,
		.headers = headers, .body = v(body) };
	struct tandem_step step = { .token = 0 };

	while (headers && headers[answer.nheaders].name.n)
		answer.nheaders++;
	rig_begin();
	if (plugin->response(&call.pub, state, &answer, &step) != TANDEM_OK || call.pub.failed)
		fail("response: %s", err.text);
	return step.outcome;
}

/*
 * What an HTTP call means. url has scheme, host, path and perhaps a query; headers ends with {0}. The operation's
 * result is true unless the call was refused; err then says why.
 */
static inline bool rig_hook(const char *method, const char *url, const struct tandem_pair *headers,
	struct tandem_view body, struct tandem_events *out)
{
	const char *query = strchr(url, '?');
	const char *path = strchr(strstr(url, "://") ? strstr(url, "://") + 3 : url, '/');
	struct tandem_webhook in = { .struct_size = sizeof(in), .method = method, .url = v(url),
		.query = v(query ? query + 1 : ""), .headers = headers, .body = body, .peer = v("192.0.2.1") };

	in.path = path ? (struct tandem_view){ path, query ? (size_t)(query - path) : strlen(path) } : v("/");
	while (headers && headers[in.nheaders].name.n)
		in.nheaders++;
	rig_begin();
	*out = (struct tandem_events){ .refused = false };
	return plugin->webhook(&call.pub, state, &in, out) == TANDEM_OK && !call.pub.failed && !out->refused;
}

static inline void rig_end(void)
{
	rig_end_state();
	host_call_end(&call);
	td_arena_free(&arena);
	td_arena_free(&state_arena);
	for (size_t i = 0; i < nsecret_files; i++)
		unlink(secret_files[i]);
}

#endif
