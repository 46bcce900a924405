/*
 * ctl - the operator's command: one table of subcommands, one way of asking a daemon, one way of printing
 *
 * A subcommand is a row of ctl_commands (commands.c): its words, its arguments and options, the verb it asks for, its
 * help and an example. Most rows need no code of their own: the arguments become td_args, the daemon answers one JSON
 * document, and ctl_print shows it to a person or, with --json, to a program.
 *
 * Exit status (spec interfaces): 0 done, 1 refused or not found, 2 usage, 75 try later; errors go to stderr as
 * `tandem: what: why (try: …)`. Threads: one. Lifetime: the process.
 */
#ifndef CTL_H
#define CTL_H

#include <jansson.h>

#include "arena.h"
#include "conf.h"
#include "err.h"
#include "proto.h"

#define CTL_MAX_ARGS 64
#define CTL_TIMEOUT_MS 30000
#define CTL_DEFAULT_CONF "/etc/tandem/tandem.conf"

enum { CTL_DONE = 0, CTL_REFUSED = 1, CTL_USAGE = 2, CTL_LATER = 75 };

struct ctl_command;

struct ctl_call { /* one invocation, parsed */
	const struct ctl_command *command;
	const char               *conf_path;
	struct td_conf           *conf; /* loaded unless the command works without one */
	bool                      json;
	struct td_pair            args[CTL_MAX_ARGS]; /* positional and options, by name */
	size_t                    nargs;
	struct td_arena           arena;
	struct td_err             err;
};

struct ctl_command {
	const char        *name; /* "person show": one or two words */
	const char        *synopsis; /* behind the name: "ADDR [--channel C]" */
	const char        *summary;  /* one line */
	const char        *example;
	/* names of td_args, in order; "x?" optional, "x*" all that follow (name=value or repeated) */
	const char *const *positional;
	const char *const *options;    /* "channel=" takes a value, "wait" takes none, "wait?" an optional number */
	uint16_t           verb;       /* 0: run does everything */
	bool               smsd;       /* the verb is tandem-smsd's */
	bool               no_conf;    /* works without a configuration */
	int (*run)(struct ctl_call *call); /* NULL: ask and print */
	void (*print)(const json_t *doc);  /* NULL: ctl_print */
};

/* The table, ended by a row with name NULL. */
extern const struct ctl_command ctl_commands[];

/* Runs the command line; returns the exit status. argv as main got it. */
int ctl_run(int argc, char **argv);

/* Value of an argument or option, or the empty view. */
struct td_view ctl_arg(const struct ctl_call *call, const char *name);
bool ctl_has(const struct ctl_call *call, const char *name);

/*
 * Asks the daemon for call->command->verb (or another one) with these arguments. On success *doc is a new reference,
 * the caller's to json_decref; else call->err is filled.
 */
enum td_status ctl_ask(struct ctl_call *call, bool smsd, uint16_t verb, const struct td_pair *args, size_t nargs,
	json_t **doc);
/* The same for a verb that does not take td_args and answers nothing; request has that shape. */
enum td_status ctl_tell(struct ctl_call *call, uint16_t verb, const struct td_shape *shape, const void *request);
/* Is a daemon there at all? Round trip of TD_V_PING with a short deadline; version may be NULL. */
enum td_status ctl_ping(struct ctl_call *call, bool smsd, char *version, size_t size, struct td_err *err);

/* Prints call->err to stderr and returns the exit status that belongs to it. */
int ctl_fail(const struct ctl_call *call);
int ctl_usage(const struct ctl_command *command, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Shows a document: with --json one document, or one line an item when it is a list; else words and columns. */
void ctl_show(const struct ctl_call *call, const json_t *doc);
void ctl_print(const json_t *doc);
/* One line of JSON on stdout, keys in the order they were set. */
void ctl_print_json(const json_t *doc);

/*
 * --batch: calls `each` for every JSON line of standard input, in order, and prints its answer (a new reference) as one
 * line. A line that is no JSON object is answered with {"error": …} and its number. The exit status is 1 when any
 * answer holds an error. The arena is reset between lines.
 */
int ctl_batch(struct ctl_call *call, json_t *(*each)(struct ctl_call *call, const json_t *line));

/*
 * Reads a file, or standard input for "-", whole. TD_TOOBIG over the cap of buf; errors of the system as td_err_errno.
 */
enum td_status ctl_read_file(struct td_view path, struct td_buf *buf, struct td_err *err);

/* Commands with code of their own. */
int ctl_run_check(struct ctl_call *call);
int ctl_run_completion(struct ctl_call *call);
int ctl_run_config_show(struct ctl_call *call);
int ctl_run_cost(struct ctl_call *call);
int ctl_run_decide(struct ctl_call *call);
int ctl_run_event(struct ctl_call *call);
int ctl_run_number(struct ctl_call *call);
int ctl_run_postfix(struct ctl_call *call);
int ctl_run_provider_drain(struct ctl_call *call);
int ctl_run_provider_test(struct ctl_call *call);
int ctl_run_segments(struct ctl_call *call);
int ctl_run_send(struct ctl_call *call);
int ctl_run_status(struct ctl_call *call);
int ctl_run_template_check(struct ctl_call *call);
int ctl_run_template_list(struct ctl_call *call);
int ctl_run_template_preview(struct ctl_call *call);
int ctl_run_text(struct ctl_call *call);
void ctl_print_why(const json_t *doc);
void ctl_print_jobs(const json_t *doc);
void ctl_print_text(const json_t *doc);
void ctl_print_templates(const json_t *doc);
void ctl_print_proofs(const json_t *doc);

#endif
