/*
 * instance - one configured provider: plugin, state, rate, window, circuit, its jobs that wait
 *
 * Reference-counted: the list of providers holds one reference, each job that goes by it another, so that a reload can
 * replace an instance while SMS are under way. Owns: the plugin's state and memory, file transports, a reference to its
 * configuration. Threads: the loop's. Times are monotonic milliseconds unless a name says otherwise.
 */
#ifndef TD_INSTANCE_H
#define TD_INSTANCE_H

#include <sys/queue.h>

#include "bucket.h"
#include "circuit.h"
#include "host.h"

struct smsd;
struct job;
struct folder;
struct folder_watch;
struct outfile;
struct stream;
struct tail;
TAILQ_HEAD(job_queue, job);

struct instance {
	struct smsd                   *smsd;
	int                            refs;
	struct td_conf                *conf; /* the snapshot that `set` points into */
	const struct td_conf_provider *set;
	const struct tandem_provider  *plugin;
	uint64_t                       capabilities; /* of the plugin, less what this configuration of it lacks */
	void                          *state;
	struct td_arena                arena; /* of init */
	struct host_files              files;
	struct host_secrets            secrets;
	struct host_hosts              hosts;
	struct host_memory             memory;
	struct td_view                 hook_secret; /* that calls of a provider that signs nothing carry; may be empty */
	struct outfile                *out[HOST_FILES];  /* by number of use_file; NULL where it is no APPEND */
	struct tail                   *tail[HOST_FILES]; /* likewise TAIL */
	struct folder                 *folder[HOST_FILES]; /* likewise FOLDER */
	struct folder_watch           *watch[HOST_FILES]; /* likewise WATCH */
	struct stream                 *stream; /* of a STREAM plugin */
	struct bucket                  bucket;
	size_t                         window;
	size_t                         in_flight; /* slots taken, from before begin until the outcome */
	struct job_queue               waiting[2]; /* for a token or a slot; [0]: urgent classes */
	size_t                         nwaiting;
	struct event                  *wake; /* when the next token is there */
	struct circuit                 circuit;
	char                           circuit_why[256]; /* it opened last */
	char                           last_error[256];
	int64_t                        last_error_at; /* Unix ms */
	bool                           retired; /* replaced by a reload */
	bool                           suspended; /* by an operator */
};

/*
 * Makes one: loads the plugin, runs init, checks that every setting was understood. *out is untouched on failure. One
 * reference.
 */
enum td_status instance_new(struct smsd *smsd, struct td_conf *conf, const struct td_conf_provider *set,
	struct instance **out,
	struct td_err *err);
/* Starts to read incoming files and to connect; called once it stands in the list of providers. */
void instance_start(struct instance *instance);
struct instance *instance_ref(struct instance *instance);
void instance_unref(struct instance *instance); /* NULL allowed */
/* Readies a call of the instance's plugin: host_call_begin, with the instance's memory. */
void instance_call(struct instance *instance, struct host_call *call, struct td_arena *arena, struct td_err *err);
struct http_ask;
/* What an HTTP request of this instance may do; hosts must live as long as *out. */
void instance_http(const struct instance *instance, const struct tandem_http *request, struct td_strings *hosts,
	struct http_ask *out);
/* Takes it out of service: stops reading incoming files; what is under way goes on, then connections end. */
void instance_retire(struct instance *instance);
/* True when set needs no new instance: everything but rate and window is as it was. */
bool instance_same(const struct instance *instance, const struct td_conf_provider *set);
/* The window anew: that of the configuration, and of a stream no more than it can take. */
void instance_limits(struct instance *instance);
/* Goes over to an equal configuration with perhaps other rate and window. */
void instance_adopt(struct instance *instance, struct td_conf *conf, const struct td_conf_provider *set);

/* May an SMS be submitted now, as far as the circuit goes? In half-open state only one may. */
bool instance_usable(const struct instance *instance);
/* Milliseconds until it may be usable again; 0 = it is. */
int64_t instance_closed_ms(const struct instance *instance);
/* Keeps an error for `tandem provider show`. */
void instance_note(struct instance *instance, const char *error);
/* What an outcome says about the provider itself: opens or closes the circuit, notes the error. detail may be NULL. */
void instance_judge(struct instance *instance, enum tandem_outcome_kind kind, const char *detail);
/* It says that it gets too much; after_ms: how long it wants to be left alone, 0 = it does not say. */
void instance_throttled(struct instance *instance, int64_t after_ms);

#endif
