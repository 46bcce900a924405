/*
 * plugin - loads a provider plugin and checks that it is what it says
 *
 * Members are compared one by one, in the order of the struct, because a plugin of another ABI can be trusted to have
 * the first ones only. What is used afterwards is a copy in a struct of this host's size.
 */
#include "plugin.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "version.h"
#include "view.h"

/* What a description of ABI 1.0 has; smsd_abi.t.c pins it. */
#define SIZE_1_0 (offsetof(struct tandem_provider, stream_close) + sizeof(void (*)(void)))

static enum td_status check_name(const char *name, struct td_err *err)
{
	size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-");

	if (!n || name[n] || n > 64)
		return td_err_set(err, TD_BADINPUT, "plugin \"%s\": not a name (want a-z, 0-9, - and _)", name);
	return TD_OK;
}

static enum td_status check_file(const char *path, struct td_err *err)
{
	struct stat st;

	if (stat(path, &st))
		return td_err_errno(err, errno, "%s", path);
	if (!S_ISREG(st.st_mode))
		return td_err_set(err, TD_REFUSED, "%s: not a regular file", path);
	if (st.st_uid != 0 && st.st_uid != geteuid())
		return td_err_set(err, TD_REFUSED, "%s: owned by uid %u (try: chown root %s)", path, (unsigned)st.st_uid, path);
	if (st.st_mode & (S_IWGRP | S_IWOTH))
		return td_err_set(err, TD_REFUSED, "%s: writable by others, mode %04o (try: chmod go-w %s)", path,
			(unsigned)st.st_mode & 07777, path);
	return TD_OK;
}

static enum td_status check_abi(const struct tandem_provider *p, const char *path, struct td_err *err)
{
	if (p->magic != TANDEM_PROVIDER_MAGIC)
		return td_err_set(err, TD_PERMFAIL, "%s: magic is %08x, not %08x: no provider plugin for tandem-smsd %s", path,
			p->magic, TANDEM_PROVIDER_MAGIC, TD_VERSION);
	if (p->abi_major != TANDEM_ABI_MAJOR || p->abi_minor > TANDEM_ABI_MINOR)
		return td_err_set(err, TD_PERMFAIL, "%s: made for plugin ABI %u.%u, but tandem-smsd %s has %u.%u (try: %s)",
			path, p->abi_major, p->abi_minor, TD_VERSION, TANDEM_ABI_MAJOR, TANDEM_ABI_MINOR,
			p->abi_major < TANDEM_ABI_MAJOR ? "compile it again" : "a newer Tandem");
	if (p->struct_size < SIZE_1_0)
		return td_err_set(err, TD_PERMFAIL,
			"%s: its description has %u bytes, that of plugin ABI %u.%u has %zu (try: compile it again)", path,
			p->struct_size, p->abi_major, p->abi_minor, SIZE_1_0);
	return TD_OK;
}

/* Its version and name, which all further complaints tell. */
static enum td_status check_identity(const struct tandem_provider *p, const char *path, const char *name,
	struct td_err *err)
{
	if (!p->version || !*p->version)
		return td_err_set(err, TD_PERMFAIL, "%s: the plugin has no version", path);
	if (!p->name || strcmp(p->name, name))
		return td_err_set(err, TD_PERMFAIL, "%s: the plugin calls itself \"%s\" (%s), its file \"%s\"", path,
			p->name ? p->name : "", p->version, name);
	return TD_OK;
}

/* The name of an operation that transport or capabilities promise and that is not there; NULL: all are. */
static const char *missing_operation(const struct tandem_provider *p)
{
	const bool stream = p->transport == TANDEM_STREAM;
	const struct {
		bool        wanted, there;
		const char *name;
	} all[] = {
		{ true, p->init != NULL, "init" },
		{ !stream, p->request != NULL, "request" },
		{ !stream, p->response != NULL, "response" },
		{ stream, p->stream_target != NULL, "stream_target" },
		{ stream, p->stream_open != NULL, "stream_open" },
		{ stream, p->stream_input != NULL, "stream_input" },
		{ stream, p->stream_timer != NULL, "stream_timer" },
		{ stream, p->stream_submit != NULL, "stream_submit" },
		{ stream, p->stream_close != NULL, "stream_close" },
		{ p->capabilities & TANDEM_CAN_QUERY, p->query != NULL, "query" },
		{ p->capabilities & TANDEM_CAN_OPTOUT, p->optout_push != NULL, "optout_push" },
		{ p->capabilities & TANDEM_CAN_PROBE, p->probe != NULL, "probe" },
		{ p->capabilities & (TANDEM_CAN_VERIFY | TANDEM_CAN_CALLBACK), p->webhook != NULL, "webhook" },
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		if (all[i].wanted && !all[i].there)
			return all[i].name;
	}
	return NULL;
}

static enum td_status check_abilities(const struct tandem_provider *p, const char *path, struct td_err *err)
{
	const uint64_t not_stream = TANDEM_CAN_QUERY | TANDEM_CAN_OPTOUT | TANDEM_CAN_PROBE;
	const char *missing;

	if (p->transport < TANDEM_HTTP || p->transport > TANDEM_FILE)
		return td_err_set(err, TD_PERMFAIL,
			"%s: provider %s %s has transport %u, which plugin ABI %u.%u does not know", path, p->name, p->version,
			p->transport, TANDEM_ABI_MAJOR, TANDEM_ABI_MINOR);
	if (p->capabilities & ~TANDEM_CAN_KNOWN)
		return td_err_set(err, TD_PERMFAIL,
			"%s: provider %s %s has capabilities %llx, of which plugin ABI %u.%u does not know %llx", path, p->name,
			p->version, (unsigned long long)p->capabilities, TANDEM_ABI_MAJOR, TANDEM_ABI_MINOR,
			(unsigned long long)(p->capabilities & ~TANDEM_CAN_KNOWN));
	if (p->transport == TANDEM_STREAM && (p->capabilities & not_stream))
		return td_err_set(err, TD_PERMFAIL,
			"%s: provider %s %s has capabilities %llx, which transport STREAM cannot have", path, p->name, p->version,
			(unsigned long long)(p->capabilities & not_stream));
	missing = missing_operation(p);
	if (missing)
		return td_err_set(err, TD_PERMFAIL, "%s: provider %s %s (plugin ABI %u.%u) lacks the operation \"%s\"", path,
			p->name, p->version, p->abi_major, p->abi_minor, missing);
	return TD_OK;
}

enum td_status plugin_check(const struct tandem_provider *theirs, const char *path, const char *name,
	struct tandem_provider *out, struct td_err *err)
{
	enum td_status status = check_abi(theirs, path, err);

	if (status)
		return status;
	memset(out, 0, sizeof(*out));
	memcpy(out, theirs, theirs->struct_size < sizeof(*out) ? theirs->struct_size : sizeof(*out));
	out->struct_size = sizeof(*out);
	status = check_identity(out, path, name, err);
	return status ? status : check_abilities(out, path, err);
}

/* The copy of a description; one for all loads of a plugin, for the life of the process, as the plugin itself. */
static enum td_status keep(const struct tandem_provider *theirs, const char *path, const char *name,
	const struct tandem_provider **out, struct td_err *err)
{
	static struct known {
		struct known                 *next;
		const struct tandem_provider *theirs;
		struct tandem_provider        ours;
	} *all;
	struct known *known;
	enum td_status status;

	for (known = all; known && known->theirs != theirs; known = known->next)
		;
	if (!known) {
		known = calloc(1, sizeof(*known));
		if (!known)
			return td_err_set(err, TD_NOMEM, "%s: out of memory", path);
		known->theirs = theirs;
		known->next = all;
		all = known;
	}
	status = plugin_check(theirs, path, name, &known->ours, err);
	if (!status)
		*out = &known->ours;
	return status;
}

enum td_status plugin_check_settings(const struct tandem_provider *p, const struct td_conf_provider *set,
	struct td_err *err)
{
	/* A plugin that does not look at the tables of its SMS would send wrong letters. */
	if (set->national.n && !(p->capabilities & TANDEM_CAN_NATIONAL))
		return td_err_set(err, TD_PERMFAIL, "national: plugin %s %s cannot send national shift tables", p->name,
			p->version);
	return TD_OK;
}

enum td_status plugin_load(const char *dir, const char *name, const struct tandem_provider **out, struct td_err *err)
{
	const struct tandem_provider *provider;
	tandem_provider_describe_fn *describe;
	enum td_status status;
	char path[4096];
	void *handle;

	status = check_name(name, err);
	if (status)
		return status;
	if ((size_t)snprintf(path, sizeof(path), "%s/%s.so", dir, name) >= sizeof(path))
		return td_err_set(err, TD_BADINPUT, "plugin \"%s\": the path is too long", name);
	status = check_file(path, err);
	if (status)
		return status;
	handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!handle)
		return td_err_set(err, TD_PERMFAIL, "%s: cannot be loaded by tandem-smsd %s: %s", path, TD_VERSION, dlerror());
	/* ISO C has no conversion from void * to a function pointer; POSIX has. */
	*(void **)&describe = dlsym(handle, TANDEM_PROVIDER_SYMBOL);
	if (!describe)
		return td_err_set(err, TD_PERMFAIL, "%s: no symbol %s: no provider plugin for tandem-smsd %s", path,
			TANDEM_PROVIDER_SYMBOL, TD_VERSION);
	provider = describe();
	if (!provider)
		return td_err_set(err, TD_PERMFAIL, "%s: %s describes nothing", path, TANDEM_PROVIDER_SYMBOL);
	return keep(provider, path, name, out, err);
}
