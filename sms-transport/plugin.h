/*
 * plugin - loads a provider plugin and checks that it is what it says
 *
 * Plugins are never unloaded: a state or a string of theirs may be in use. Threads: the loop's.
 */
#ifndef TD_PLUGIN_H
#define TD_PLUGIN_H

#include <tandem/provider.h>

#include "conf.h"
#include "err.h"

/*
 * Loads DIR/NAME.so. The file must belong to root or to the user of this process and be writable by nobody else. Errors
 * name the file and what differs, with both versions: TD_NOTFOUND, TD_REFUSED (owner, mode), TD_PERMFAIL (no plugin,
 * another ABI, something missing in it). *out is untouched then; else a description of this host's size, for the life
 * of the process.
 */
enum td_status plugin_load(const char *dir, const char *name, const struct tandem_provider **out, struct td_err *err);
/* The same checks for a description in memory, which is copied to *out; path is for the errors. */
enum td_status plugin_check(const struct tandem_provider *theirs, const char *path, const char *name,
	struct tandem_provider *out, struct td_err *err);
/*
 * Whether the plugin can do what the host's own settings of an instance ask of it. TD_PERMFAIL names setting and
 * plugin; the caller puts file and line before it.
 */
enum td_status plugin_check_settings(const struct tandem_provider *provider, const struct td_conf_provider *set,
	struct td_err *err);

#endif
