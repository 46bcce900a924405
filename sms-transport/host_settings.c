/*
 * host_settings - services for a plugin's init: typed settings, secrets, paths, files, egress
 *
 * Every getter notes what was asked for, so that a misspelt setting is found afterwards; every error names setting,
 * file and line.
 */
#include "host.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "when.h"

static const struct tandem_view nothing = { NULL, 0 };

/* The init part of a call; outside init, the call fails. */
static struct host_init *init_of(struct tandem_call *call)
{
	struct host_init *init = host_of(call)->init;

	if (!init)
		call->host->error(call, "settings can be read in init only");
	return init;
}

static const struct td_conf_setting *find(struct tandem_call *call, const char *name)
{
	struct host_init *init = init_of(call);

	if (!init)
		return NULL;
	for (size_t i = 0; i < init->provider->nsettings; i++) {
		if (!strcmp(init->provider->settings[i].name, name)) {
			init->asked[i] = true;
			return &init->provider->settings[i];
		}
	}
	return NULL;
}

static void wrong(struct tandem_call *call, const struct td_conf_setting *s, const char *want)
{
	call->host->error(call, "%s:%d: %s: \"%s\" is not %s", s->file, s->line, s->name, s->text, want);
}

static void missing(struct tandem_call *call, const char *name)
{
	const struct td_conf_provider *p = host_of(call)->init->provider;

	call->host->error(call, "%s:%d: provider \"%s\": %s is not set", p->file, p->line, p->name, name);
}

static struct tandem_view setting_text(struct tandem_call *call, const char *name, const char *deflt)
{
	const struct td_conf_setting *s = find(call, name);

	if (s)
		return (struct tandem_view){ s->text, strlen(s->text) };
	if (deflt)
		return (struct tandem_view){ deflt, strlen(deflt) };
	if (host_of(call)->init)
		missing(call, name);
	return nothing;
}

static int64_t setting_int(struct tandem_call *call, const char *name, int64_t deflt, int64_t min, int64_t max)
{
	const struct td_conf_setting *s = find(call, name);
	char want[80];
	int64_t n;

	if (!s)
		return deflt;
	if (td_view_i64(td_view_str(s->text), &n) && n >= min && n <= max)
		return n;
	snprintf(want, sizeof(want), "an integer from %lld to %lld", (long long)min, (long long)max);
	wrong(call, s, want);
	return deflt;
}

static double setting_number(struct tandem_call *call, const char *name, double deflt, double min, double max)
{
	const struct td_conf_setting *s = find(call, name);
	char want[80];
	char *end;
	double d;

	if (!s)
		return deflt;
	d = strtod(s->text, &end);
	if (end != s->text && !*end && isfinite(d) && d >= min && d <= max)
		return d;
	snprintf(want, sizeof(want), "a number from %g to %g", min, max);
	wrong(call, s, want);
	return deflt;
}

static bool setting_bool(struct tandem_call *call, const char *name, bool deflt)
{
	const struct td_conf_setting *s = find(call, name);

	if (!s)
		return deflt;
	if (strcmp(s->text, "true") && strcmp(s->text, "false"))
		wrong(call, s, "true or false");
	return !strcmp(s->text, "true");
}

static int64_t setting_duration(struct tandem_call *call, const char *name, int64_t deflt_ms)
{
	const struct td_conf_setting *s = find(call, name);
	int64_t ms;

	if (!s)
		return deflt_ms;
	if (td_when_duration(td_view_str(s->text), &ms, NULL) == TD_OK)
		return ms;
	wrong(call, s, "a duration such as \"90s\" or \"30m\"");
	return deflt_ms;
}

static const struct tandem_view *setting_list(struct tandem_call *call, const char *name, size_t *n)
{
	const struct td_conf_setting *s = find(call, name);
	struct td_view rest, item;
	struct tandem_view *list;
	size_t max = 1;

	*n = 0;
	if (!s || !*s->text)
		return NULL;
	for (const char *p = s->text; *p; p++)
		max += *p == '\n';
	list = td_arena_array(host_of(call)->arena, max, sizeof(*list));
	if (!list) {
		host_nomem(call);
		return NULL;
	}
	rest = td_view_str(s->text);
	while (*n < max && td_view_next(&rest, '\n', &item))
		list[(*n)++] = host_view(item);
	return list;
}

/* Absolute form of a path: relative ones are taken from the folder of tandem.conf. */
static struct tandem_view absolute(struct tandem_call *call, struct td_view path)
{
	const char *conf = host_of(call)->init->conf->path;
	const char *slash = conf ? strrchr(conf, '/') : NULL;

	if (!path.n)
		return (struct tandem_view){ "", 0 };
	if (path.p[0] == '/' || !slash)
		return call->host->print(call, "%.*s", TD_VARG(path));
	return call->host->print(call, "%.*s/%.*s", (int)(slash - conf), conf, TD_VARG(path));
}

static struct tandem_view setting_path(struct tandem_call *call, const char *name, const char *deflt)
{
	struct tandem_view path = setting_text(call, name, deflt);

	return path.p ? absolute(call, host_td(path)) : nothing;
}

static struct tandem_view setting_secret(struct tandem_call *call, const char *name, bool required)
{
	struct host_init *init = init_of(call);
	const struct td_conf_setting *s;
	struct td_view secret;
	char key[64];
	struct tandem_view path;

	if (!init)
		return nothing;
	snprintf(key, sizeof(key), "%s_file", name);
	s = find(call, key);
	if (!s) {
		if (required)
			missing(call, key);
		return nothing;
	}
	path = absolute(call, td_view_str(s->text));
	if (!path.p || call->failed)
		return nothing;
	if (init->secrets->n == HOST_SECRETS) {
		call->host->error(call, "more than %d secrets", HOST_SECRETS);
		return nothing;
	}
	if (td_conf_secret(path.p, host_of(call)->arena, &secret, host_of(call)->err) != TD_OK) {
		td_err_prefix(host_of(call)->err, "%s:%d: %s", s->file, s->line, s->name);
		call->failed = true;
		return nothing;
	}
	init->secrets->v[init->secrets->n++] = secret;
	return host_view(secret);
}

/* True for http URLs to this machine itself. */
static bool loopback(struct td_view authority)
{
	static const char *const names[] = { "localhost", "127.0.0.1", "[::1]" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct td_view name = td_view_str(names[i]);

		if (td_view_casestarts(authority, name) &&
			(authority.n == name.n || authority.p[name.n] == ':' || authority.p[name.n] == '/'))
			return true;
	}
	return false;
}

/* Notes a host that requests of this instance may go to. */
static int note_host(struct tandem_call *call, struct host_init *init, struct td_view host)
{
	char *copy = td_arena_str(host_of(call)->arena, host);

	if (!copy) {
		host_nomem(call);
		return TANDEM_FAIL;
	}
	if (init->hosts->n == HOST_HOSTS)
		return call->host->error(call, "more than %d hosts", HOST_HOSTS);
	init->hosts->v[init->hosts->n++] = copy;
	return TANDEM_OK;
}

/* The "host" or "host:port" of a URL whose scheme has been checked. */
static struct td_view authority_of(struct td_view url)
{
	struct td_view rest = td_view_skip(url, td_view_chr(url, ':') + 3);
	size_t end = 0;

	while (end < rest.n && !strchr("/?#", rest.p[end]))
		end++;
	return td_view_mem(rest.p, end);
}

static struct tandem_view setting_base_url(struct tandem_call *call, const char *deflt)
{
	struct host_init *init = init_of(call);
	const struct td_conf_provider *p = init ? init->provider : NULL;
	struct td_view url;

	if (!p)
		return nothing;
	url = td_view_str(p->base_url ? p->base_url : deflt);
	if (!url.p) {
		missing(call, "base_url");
		return nothing;
	}
	while (url.n && url.p[url.n - 1] == '/')
		url.n--;
	if (td_view_casestarts(url, TD_VLIT("https://")) && url.n > 8)
		return note_host(call, init, authority_of(url)) == TANDEM_OK ? host_view(url) : nothing;
	if (!td_view_casestarts(url, TD_VLIT("http://")) || url.n == 7) {
		call->host->error(call, "%s:%d: base_url: \"%.*s\" is no https:// URL", p->file, p->line, TD_VARG(url));
	} else if (!p->plain_http && !loopback(td_view_skip(url, 7))) {
		call->host->error(call,
			"%s:%d: base_url: \"%.*s\" would send SMS in the clear (use https://, or set plain_http = true)",
			p->file, p->line, TD_VARG(url));
	} else {
		note_host(call, init, authority_of(url));
	}
	return host_view(url);
}

static int egress(struct tandem_call *call, struct tandem_view host)
{
	struct host_init *init = init_of(call);

	if (!init)
		return TANDEM_FAIL;
	for (size_t i = 0; i < host.n; i++) {
		if (strchr("/@?# \t\r\n", host.p[i]) || !host.p[i])
			return call->host->error(call, "egress: \"%.*s\" is no host", (int)host.n, host.p);
	}
	if (!host.n)
		return call->host->error(call, "egress: no host given");
	return note_host(call, init, host_td(host));
}

static int use_file(struct tandem_call *call, enum tandem_file_use use, struct tandem_view path,
	struct tandem_view done)
{
	struct host_init *init = init_of(call);
	struct host_file *file;

	if (!init || call->failed)
		return TANDEM_FAIL;
	if (!path.n || path.p[0] != '/')
		return call->host->error(call, "use_file: \"%.*s\" is no absolute path", (int)path.n, path.p ? path.p : "");
	if (init->files->n == HOST_FILES)
		return call->host->error(call, "use_file: more than %d files", HOST_FILES);
	file = &init->files->v[init->files->n];
	file->use = use;
	file->path = td_arena_str(host_of(call)->arena, host_td(path));
	file->done = done.n ? td_arena_str(host_of(call)->arena, host_td(done)) : NULL;
	if (!file->path || (done.n && !file->done)) {
		host_nomem(call);
		return TANDEM_FAIL;
	}
	return (int)init->files->n++;
}

static void lacks(struct tandem_call *call, uint64_t capabilities)
{
	struct host_init *init = init_of(call);

	if (init)
		init->lacks |= capabilities;
}

enum td_status host_settings_check(const struct host_init *init, struct td_err *err)
{
	for (size_t i = 0; i < init->provider->nsettings; i++) {
		const struct td_conf_setting *s = &init->provider->settings[i];

		if (!init->asked[i])
			return td_err_set(err, TD_BADINPUT, "%s:%d: %s: plugin \"%s\" has no such setting", s->file, s->line,
				s->name,
				init->provider->plugin);
	}
	return TD_OK;
}

void host_fill_settings(struct tandem_host *host)
{
	host->setting_text = setting_text;
	host->setting_int = setting_int;
	host->setting_number = setting_number;
	host->setting_bool = setting_bool;
	host->setting_duration = setting_duration;
	host->setting_list = setting_list;
	host->setting_secret = setting_secret;
	host->setting_path = setting_path;
	host->setting_base_url = setting_base_url;
	host->egress = egress;
	host->use_file = use_file;
	host->lacks = lacks;
}
