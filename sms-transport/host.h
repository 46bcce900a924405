/*
 * host - the services that plugins are given, and the call context they come with
 *
 * Owns: a call's JSON documents (freed by host_call_end); all other memory of a call is the caller's arena. Threads: a
 * call belongs to one thread. Lifetime: from host_call_begin to host_call_end; what the plugin returned must be used or
 * copied by then. Errors: a plugin's complaint is the text in `err`, with status TD_BADINPUT unless a service set a
 * better one.
 */
#ifndef TD_HOST_H
#define TD_HOST_H

#include <tandem/provider.h>

#include "arena.h"
#include "clock.h"
#include "conf.h"
#include "err.h"
#include "view.h"

#define HOST_ARENA (4u << 20) /* cap of a call's memory, as provider.h says */
#define HOST_FILES 16         /* files and folders of one instance at most */
#define HOST_SECRETS 8        /* likewise secrets */
#define HOST_HOSTS 16         /* likewise hosts it talks to */
#define HOST_NOTES 1000         /* values remembered for an instance */
#define HOST_NOTES_BYTES (256u << 10)

struct host_doc; /* a JSON value to be released with the call */

struct host_file { /* what a plugin asked for with use_file */
	enum tandem_file_use use;
	const char          *path; /* absolute */
	const char          *done; /* WATCH: folder; NULL = remove */
};

struct host_files {
	struct host_file v[HOST_FILES];
	size_t           n;
};

struct host_secrets { /* what is to be wiped at the end of the instance */
	struct td_view v[HOST_SECRETS];
	size_t         n;
};

struct host_hosts { /* that requests may go to: "host" or "host:port" */
	const char *v[HOST_HOSTS];
	size_t      n;
};

struct host_note;

struct host_memory { /* what a plugin wants remembered; newest first */
	struct host_note *first;
	size_t            count;
	size_t            bytes;
};

struct host_init { /* what only `init` may use */
	const struct td_conf          *conf;
	const struct td_conf_provider *provider;
	bool                          *asked; /* one a setting */
	struct host_files             *files;
	struct host_secrets           *secrets;
	struct host_hosts             *hosts;
	uint64_t                       lacks; /* capabilities that the instance has not */
};

struct host_call {
	struct tandem_call pub; /* first: plugins get its address */
	struct td_arena   *arena;
	struct td_err     *err;
	struct host_doc   *docs;
	struct host_init  *init; /* NULL but in init */
	struct host_memory *memory; /* NULL: nothing is remembered */
};

/* Readies a call. clock gives now_ms. err is cleared, and filled by host->error. */
void host_call_begin(struct host_call *call, struct td_clock *clock, struct td_arena *arena, struct td_err *err);
/* Ends the call's JSON documents. The arena is the caller's. */
void host_call_end(struct host_call *call);
/* The table; always the same. */
const struct tandem_host *host_services(void);

static inline struct tandem_view host_view(struct td_view v) { return (struct tandem_view){ v.p, v.n }; }
static inline struct td_view host_td(struct tandem_view v) { return (struct td_view){ v.p, v.n }; }
static inline struct host_call *host_of(struct tandem_call *call) { return (struct host_call *)call; }

/* Behind the table: each puts its services into it. */
void host_fill_text(struct tandem_host *host);
void host_fill_crypto(struct tandem_host *host);
void host_fill_json(struct tandem_host *host);
void host_fill_settings(struct tandem_host *host);
void host_fill_memory(struct tandem_host *host);
void host_fill_charset(struct tandem_host *host);
/* Forgets all of it. */
void host_memory_free(struct host_memory *memory);
/* Fails a call for want of memory; returns the empty view. */
struct tandem_view host_nomem(struct tandem_call *call);
/* After init: TD_BADINPUT naming the first configured setting that the plugin did not ask for. */
enum td_status host_settings_check(const struct host_init *init, struct td_err *err);

#endif
