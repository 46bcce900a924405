/*
 * pipe_run - what pipe(8) runs for each recipient: the conversation with tandem-smsd
 *
 * Activation is idempotent, so a request whose answer was lost (a restart of smsd) is simply made again until the time
 * is up.
 */
#include "pipe.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client.h"
#include "clock.h"
#include "proto.h"

#define ARENA (1u << 20)
#define GUARD_SECONDS 5 /* after the deadline that everything keeps by itself */

struct run {
	struct pipe_args  args;
	struct td_client *client;
	struct td_arena   arena;
	int64_t           deadline; /* monotonic */
	struct td_err     err;
	bool              considered; /* err is the answer of tandem-smsd */
	char             *mail;
	size_t            mail_n;
	bool              mail_read;
	char              first[64]; /* job */
	int64_t           njobs;
};

/* The last resort against hanging: pipe(8) must not be the one whose time limit ends us, for it bounces. */
static void time_is_up(int sig)
{
	static const char line[] = "4.4.2 tandem-smsd does not answer\n";
	ssize_t n = write(STDOUT_FILENO, line, sizeof(line) - 1);

	(void)sig, (void)n;
	_exit(75);
}

static void guard(int64_t wait_ms)
{
	struct sigaction action = { .sa_handler = time_is_up };

	sigaction(SIGALRM, &action, NULL);
	alarm((unsigned)(wait_ms / 1000) + GUARD_SECONDS);
}

static int64_t left(const struct run *run)
{
	int64_t ms = run->deadline - td_mono_ms(td_clock_system());

	return ms > 0 ? ms : 0;
}

/*
 * Did tandem-smsd itself say this, or is it about the way there? The client says TEMPFAIL or UNCERTAIN of the latter,
 * TOOBIG of a frame.
 */
static enum td_status judge(struct run *run, enum td_status status)
{
	run->considered = status != TD_OK && status != TD_TEMPFAIL && status != TD_UNCERTAIN && status != TD_NOMEM;
	return status;
}

static void note(struct run *run, const struct td_activated *done)
{
	if (!run->first[0] && done->job.n < sizeof(run->first))
		memcpy(run->first, done->job.p ? done->job.p : "", done->job.n);
	run->njobs += done->njobs;
}

static enum td_status activate(struct run *run, struct td_view token)
{
	struct td_token ask = { .token = token, .queue_id = td_view_str(run->args.queue_id) };
	struct td_activated done;
	enum td_status status;

	status = td_client_call(run->client, TD_V_PIPE_ACTIVATE, &td_token_shape, &ask, &td_activated_shape, &done,
		&run->arena, left(run),
		true, &run->err);
	if (!status)
		note(run, &done);
	return judge(run, status);
}

/* A mail without token. Not repeated when its answer is lost: Postfix will, and the key makes that harmless. */
static enum td_status submit(struct run *run, struct td_view recipient)
{
	struct td_raw_mail ask = { .recipients = { &recipient, 1 }, .sender = td_view_str(run->args.sender),
		.queue_id = td_view_str(run->args.queue_id), .client_address = td_view_str(run->args.client_address),
		.sasl_username = td_view_str(run->args.sasl_username) };
	struct td_activated done;
	enum td_status status;

	if (!run->mail_read) {
		status = pipe_read_mail(STDIN_FILENO, &run->mail, &run->mail_n, &run->err);
		if (status)
			return judge(run, status);
		run->mail_read = true;
	}
	ask.mail = td_view_mem(run->mail, run->mail_n);
	status = td_client_call(run->client, TD_V_PIPE_SUBMIT, &td_raw_mail_shape, &ask, &td_activated_shape, &done,
		&run->arena, left(run),
		false, &run->err);
	if (!status)
		note(run, &done);
	return judge(run, status);
}

/*
 * Each recipient by itself. One that must be tried again outweighs one that is refused: what was done is done once
 * only.
 */
static enum td_status all(struct run *run)
{
	enum td_status worst = TD_OK;
	struct td_err kept;
	bool kept_considered = false;

	td_err_clear(&kept);
	for (size_t i = 0; i < run->args.nrecipients; i++) {
		const char *recipient = run->args.recipients[i];
		struct td_view token;
		enum td_status status;

		td_arena_reset(&run->arena);
		status = pipe_token(recipient, run->args.token_domain, &token) ? activate(run, token) : submit(run,
			td_view_str(recipient));
		if (status && (!worst || (kept_considered && !run->considered))) {
			worst = status;
			kept = run->err;
			kept_considered = run->considered;
		}
	}
	run->err = kept;
	run->considered = kept_considered;
	return worst;
}

static void success(struct run *run)
{
	if (!run->first[0])
		td_err_set(&run->err, TD_OK, "nothing to send");
	else if (run->njobs > 1)
		td_err_set(&run->err, TD_OK, "accepted as job %s (+%lld more)", run->first, (long long)(run->njobs - 1));
	else
		td_err_set(&run->err, TD_OK, "accepted as job %s", run->first);
}

int pipe_run(int argc, char **argv)
{
	struct run run = { .considered = false };
	enum td_status status;
	int code;

	signal(SIGPIPE, SIG_IGN);
	td_arena_init(&run.arena, ARENA);
	guard(PIPE_WAIT_MS);
	status = pipe_parse(argc, argv, &run.args, &run.err);
	if (!status) {
		guard(run.args.wait_ms);
		run.deadline = td_mono_ms(td_clock_system()) + run.args.wait_ms;
		run.client = td_client_new(run.args.socket);
		status = run.client ? all(&run) : td_err_set(&run.err, TD_NOMEM, "out of memory");
	}
	if (!status)
		success(&run);
	code = pipe_say(STDOUT_FILENO, &run.err, run.considered);
	td_client_free(run.client);
	td_arena_free(&run.arena);
	free(run.mail);
	return code;
}
