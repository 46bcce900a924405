/*
 * plugin - loads a provider plugin and checks that it is what it says
 *
 * Members are compared one by one, in the order of the struct, because a plugin of another ABI can be trusted to have
 * the first ones only.
 */
#include "plugin.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "version.h"
#include "view.h"

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
			p->magic,
			TANDEM_PROVIDER_MAGIC, TD_VERSION);
	/* While the major number is 0, every minor one may differ in anything: see provider.h. */
	if (p->abi_major != TANDEM_ABI_MAJOR || p->abi_minor != TANDEM_ABI_MINOR)
		return td_err_set(err, TD_PERMFAIL,
			"%s: made for plugin ABI %u.%u, but tandem-smsd %s has %u.%u (try: compile it again)", path,
			p->abi_major, p->abi_minor, TD_VERSION, TANDEM_ABI_MAJOR, TANDEM_ABI_MINOR);
	if (p->struct_size != sizeof(*p))
		return td_err_set(err, TD_PERMFAIL,
			"%s: its description has %u bytes, that of plugin ABI %u.%u has %zu (try: compile it again)", path,
			p->struct_size,
			TANDEM_ABI_MAJOR, TANDEM_ABI_MINOR, sizeof(*p));
	return TD_OK;
}

static enum td_status check_operations(const struct tandem_provider *p, const char *path, struct td_err *err)
{
	const char *missing = !p->init ? "init" : !p->request ? "request" : !p->response ? "response" : NULL;

	if (!missing && (p->capabilities & TANDEM_CAN_QUERY) && !p->query)
		missing = "query";
	if (missing)
		return td_err_set(err, TD_PERMFAIL, "%s: provider %s %s lacks the operation \"%s\"", path, p->name, p->version,
			missing);
	return TD_OK;
}

enum td_status plugin_check(const struct tandem_provider *p, const char *path, const char *name, struct td_err *err)
{
	enum td_status status = check_abi(p, path, err);

	if (status)
		return status;
	if (!p->version || !*p->version)
		return td_err_set(err, TD_PERMFAIL, "%s: the plugin has no version", path);
	if (!p->name || strcmp(p->name, name))
		return td_err_set(err, TD_PERMFAIL, "%s: the plugin calls itself \"%s\" (%s), its file \"%s\"", path,
			p->name ? p->name : "", p->version, name);
	if (p->transport < TANDEM_HTTP || p->transport > TANDEM_FILE)
		return td_err_set(err, TD_PERMFAIL,
			"%s: provider %s %s has transport %u, which plugin ABI %u.%u does not know", path,
			p->name, p->version, p->transport, TANDEM_ABI_MAJOR, TANDEM_ABI_MINOR);
	if (p->transport == TANDEM_STREAM)
		return td_err_set(err, TD_PERMFAIL,
			"%s: provider %s %s wants transport STREAM, but tandem-smsd %s serves HTTP and FILE providers only",
			path, p->name, p->version, TD_VERSION);
	return check_operations(p, path, err);
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
			TANDEM_PROVIDER_SYMBOL,
			TD_VERSION);
	provider = describe();
	if (!provider)
		return td_err_set(err, TD_PERMFAIL, "%s: %s describes nothing", path, TANDEM_PROVIDER_SYMBOL);
	status = plugin_check(provider, path, name, err);
	if (!status)
		*out = provider;
	return status;
}
