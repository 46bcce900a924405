/*
 * stored_box - a real tandem-stored in a temporary folder, spoken to over its sockets, for t/integ/stored_*.t.c
 *
 * The program is the one built beside the test: build/V/t/integ/X.t finds build/V/bin/tandem-stored. Header only. Every
 * failure to get anywhere ends the test run.
 */
#ifndef TD_STORED_BOX_H
#define TD_STORED_BOX_H

#include <fcntl.h>
#include <libgen.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client.h"
#include "conf.h"
#include "proto.h"
#include "tap.h"

struct box {
	char              dir[64], conf[96], program[512];
	char              users[256];
	long              fsize; /* RLIMIT_FSIZE of the daemon; 0 = none */
	pid_t             pid;
	struct td_client *client[4]; /* milter, smsd, web, admin */
	struct td_arena   arena;
	struct td_err     err;
};

enum { BOX_MILTER, BOX_SMSD, BOX_WEB, BOX_ADMIN };
static const char *const box_roles[] = { "milter", "smsd", "web", "admin" };

static inline void box_write(const char *path, const char *text, int mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		bail_out("cannot write %s", path);
	fchmod(fd, (mode_t)mode);
	close(fd);
}

static inline void box_configure(struct box *b)
{
	char text[2048], hours[96];

	/* Open at all hours, or a test would fail at night. */
	snprintf(hours, sizeof hours, "%s/hours.csv", b->dir);
	box_write(hours, "region,days,open,close,classes,holidays,source,reviewed\n*,,00:00,24:00,,,,\n", 0644);
	snprintf(text, sizeof text,
		"config_version = 1;\nbrand = \"Example Shop\";\nsms_domain = \"sms.example.com\";\nhome_country = \"US\";\n"
		"countries = [\"US\"];\nrun_dir = \"%s/run\";\nsecret_file = \"%s/secret\";\n"
		"store = { path = \"%s/tandem.db\"; journal = \"%s/journal\"; };\n"
		"log = { target = \"file:%s/log\"; };\nusers = { %s };\nquiet_hours = { file = \"hours.csv\"; };\n",
		b->dir, b->dir, b->dir, b->dir, b->dir, b->users);
	box_write(b->conf, text, 0644);
}

static inline void box_init(struct box *b, const char *argv0)
{
	char path[256], *slash;

	memset(b, 0, sizeof *b);
	snprintf(b->dir, sizeof b->dir, "/tmp/tandem-stored-XXXXXX");
	if (!mkdtemp(b->dir))
		bail_out("mkdtemp failed");
	chmod(b->dir, 0755);
	snprintf(b->conf, sizeof b->conf, "%s/tandem.conf", b->dir);
	snprintf(path, sizeof path, "%s/secret", b->dir);
	box_write(path, "0123456789abcdef0123456789abcdef\n", 0600);
	snprintf(b->users, sizeof b->users,
		"milter = \"root\"; smsd = \"root\"; stored = \"root\"; web = \"root\"; pipe = \"nobody\";"
		" admin_group = \"root\"; postfix = \"root\";");
	box_configure(b);
	snprintf(path, sizeof path, "%s", argv0);
	slash = strstr(path, "/t/integ/");
	if (!slash)
		bail_out("run as build/V/t/integ/NAME.t");
	*slash = '\0';
	snprintf(b->program, sizeof b->program, "%s/bin/tandem-stored", path);
	if (access(b->program, X_OK))
		bail_out("%s is not built", b->program);
	td_arena_init(&b->arena, 256u << 20);
}

static inline const char *box_path(const struct box *b, const char *name)
{
	static char path[4][160];
	static int  next;

	next = (next + 1) % 4;
	snprintf(path[next], sizeof path[next], "%s/%s", b->dir, name);
	return path[next];
}

/* The last 500 bytes of what it logged. */
static inline const char *box_log(const struct box *b)
{
	static char text[65536];
	FILE       *f = fopen(box_path(b, "log"), "r");
	size_t      n = f ? fread(text, 1, sizeof text - 1, f) : 0;

	text[n] = '\0';
	if (f)
		fclose(f);
	return text;
}

/* Starts it; its exit status when it ended instead of serving, -1 when it serves. */
static inline int box_try(struct box *b)
{
	int  ready[2], status;
	char number[16], c;

	if (pipe2(ready, O_CLOEXEC))
		bail_out("pipe failed");
	fflush(stdout);
	b->pid = fork();
	if (b->pid == 0) {
		struct rlimit limit = { b->fsize ? (rlim_t)b->fsize : RLIM_INFINITY, RLIM_INFINITY };
		int           null = open("/dev/null", O_WRONLY);

		setrlimit(RLIMIT_FSIZE, &limit);
		dup2(null, 1);
		dup2(null, 2);
		fcntl(ready[1], F_SETFD, 0);
		snprintf(number, sizeof number, "%d", ready[1]);
		execl(b->program, b->program, "-c", b->conf, "--ready-fd", number, (char *)NULL);
		_exit(127);
	}
	close(ready[1]);
	if (read(ready[0], &c, 1) == 1) {
		close(ready[0]);
		return -1;
	}
	close(ready[0]);
	waitpid(b->pid, &status, 0);
	b->pid = 0;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static inline void box_start(struct box *b)
{
	char socket[160];
	int  status = box_try(b);

	if (status >= 0)
		bail_out("tandem-stored ended with %d: %s", status, box_log(b));
	for (int i = 0; i < 4; i++) {
		snprintf(socket, sizeof socket, "%s/run/stored.%s.sock", b->dir, box_roles[i]);
		if (!b->client[i] && !(b->client[i] = td_client_new(socket)))
			bail_out("out of memory");
	}
}

/* Sends it a signal and waits for its end; its exit status, or 128 + signal. */
static inline int box_stop(struct box *b, int sig)
{
	int status;

	if (!b->pid)
		return -1;
	kill(b->pid, sig);
	waitpid(b->pid, &status, 0);
	b->pid = 0;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static inline void box_end(struct box *b)
{
	char command[128];

	box_stop(b, SIGKILL);
	for (int i = 0; i < 4; i++)
		td_client_free(b->client[i]);
	td_arena_free(&b->arena);
	snprintf(command, sizeof command, "rm -rf '%s'", b->dir);
	if (system(command))
		diag("could not remove %s", b->dir);
}

/* One call; the reply's views are copied nowhere and live until the next call of that role. */
static inline enum td_status box_call(struct box *b, int role, uint16_t verb, const struct td_shape *in,
	const void *value,
	const struct td_shape *out, void *reply)
{
	td_err_clear(&b->err);
	return td_client_call(b->client[role], verb, in, value, out, reply, &b->arena, 20000, false, &b->err);
}

static inline struct td_view box_keep(struct box *b, struct td_view v)
{
	return td_arena_dup(&b->arena, v);
}

/* A mail with one SMS to a named number; its token, its job in *job. */
static inline struct td_view box_prepare(struct box *b, const char *to, const char *text, const char *key,
	struct td_view *job)
{
	struct td_dest     dest = { .to = td_view_str(to), .named = true };
	struct td_prepare  mail = { .submitter = TD_VLIT("shop"), .sender = TD_VLIT("shop@example.com"),
		.cls = TD_CLASS_TRANSACTIONAL,
		.key = td_view_str(key), .content = { .text = td_view_str(text) }, .dests = { &dest, 1 } };
	struct td_prepared out;

	*job = td_view_str("");
	if (box_call(b, BOX_MILTER, TD_V_PREPARE, &td_prepare_shape, &mail, &td_prepared_shape, &out) || out.dests.n != 1)
		return td_view_str("");
	*job = box_keep(b, ((const struct td_prepared_dest *)out.dests.v)->job);
	return box_keep(b, out.token);
}

static inline enum td_status box_activate(struct box *b, struct td_view token, struct td_activated *out)
{
	struct td_token in = { .token = token };

	return box_call(b, BOX_SMSD, TD_V_ACTIVATE, &td_token_shape, &in, &td_activated_shape, out);
}

/* Jobs that are due, waiting up to wait_ms; -1 on failure. They live until the next call as smsd. */
static inline long box_claim(struct box *b, int64_t max, int64_t wait_ms, struct td_job **jobs)
{
	struct td_claim   in = { .max = max, .wait_ms = wait_ms };
	struct td_claimed out;

	if (box_call(b, BOX_SMSD, TD_V_CLAIM, &td_claim_shape, &in, &td_claimed_shape, &out))
		return -1;
	*jobs = out.jobs.v;
	return (long)out.jobs.n;
}

/* The verdict, 0 on failure. */
static inline int64_t box_begin(struct box *b, struct td_view job, bool resume, struct td_view *reason)
{
	struct td_begin_item item = { .job = job, .provider = TD_VLIT("main"), .encoding = TD_VLIT("gsm7"), .segments = 1,
		.resume = resume };
	struct td_begin      in = { { &item, 1 } };
	struct td_begun      out;

	if (box_call(b, BOX_SMSD, TD_V_BEGIN, &td_begin_shape, &in, &td_begun_shape, &out) || out.items.n != 1)
		return 0;
	if (reason)
		*reason = box_keep(b, ((const struct td_begun_item *)out.items.v)->verdict.reason);
	return ((const struct td_begun_item *)out.items.v)->verdict.verdict;
}

/* State after it, -1 on failure. */
static inline int64_t box_settle(struct box *b, struct td_view job, enum td_outcome outcome, const char *provider_id)
{
	struct td_settle_item item = { .job = job, .outcome = outcome, .provider_id = td_view_str(provider_id) };
	struct td_settle      in = { { &item, 1 } };
	struct td_settled     out;

	if (box_call(b, BOX_SMSD, TD_V_SETTLE, &td_settle_shape, &in, &td_settled_shape, &out) || out.items.n != 1)
		return -1;
	return ((const struct td_settled_item *)out.items.v)->state;
}

static inline enum td_status box_inbound(struct box *b, const char *from, const char *text, const char *id,
	struct td_answered *out)
{
	struct td_inbound in = { .provider = TD_VLIT("main"), .id = td_view_str(id), .from = td_view_str(from),
		.to = TD_VLIT("+15550001111"), .text = td_view_str(text) };

	return box_call(b, BOX_SMSD, TD_V_INBOUND, &td_inbound_shape, &in, &td_answered_shape, out);
}

#endif
