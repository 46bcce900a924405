/*
 * pipe - what pipe(8) runs for each recipient: a token is activated, any other mail is handed over to tandem-smsd
 *
 * pipe(8) bounces a mail on any exit status but 0, 71 and 75, on its own time limit, and on output that begins with
 * 5.x.x (facts: pipe(8)). So there is ONE way out (pipe_exit), its status is 0 or 75, the first bytes of the output are
 * always an enhanced status code, and a permanent one is only ever the considered answer of tandem-smsd. Everything
 * else (bad usage, no memory, nobody answers, time is up) is 4.x.x.
 *
 * Owns: nothing. Threads: one.
 */
#ifndef TD_PIPE_H
#define TD_PIPE_H

#include "arena.h"
#include "err.h"
#include "view.h"

#define PIPE_WAIT_MS 30000
#define PIPE_MAIL_MAX (25u << 20)   /* bytes of a mail; a longer one is refused */
#define PIPE_MAIL_KEPT (6u << 20)   /* of which the first go to smsd: the text stands before the attachments */

struct pipe_args {
	const char  *socket;
	int64_t      wait_ms; /* for everything together */
	const char  *queue_id;
	const char  *sender;
	const char  *client_address;
	const char  *sasl_username;
	const char  *token_domain;
	char *const *recipients;
	size_t       nrecipients;
};

/*
 * -s SOCKET [-w SECONDS] [-q QUEUE_ID] [-f SENDER] [-a CLIENT_ADDRESS] [-u SASL_USERNAME] [-d TOKEN_DOMAIN] --
 * RECIPIENT… TD_BADINPUT with a usage line.
 */
enum td_status pipe_parse(int argc, char **argv, struct pipe_args *out, struct td_err *err);
/* The token of t-TOKEN@token_domain; false for any other address. */
bool pipe_token(const char *recipient, const char *token_domain, struct td_view *token);
/*
 * Reads fd to its end and keeps the beginning. TD_TOOBIG over PIPE_MAIL_MAX (the rest is not read), TD_TEMPFAIL,
 * TD_NOMEM.
 */
enum td_status pipe_read_mail(int fd, char **out, size_t *n, struct td_err *err);
/*
 * Writes "CODE text\n" with nothing but printable ASCII, and returns the exit status. considered: a permanent failure
 * is tandem-smsd's answer; otherwise it is turned into a temporary one.
 */
int pipe_say(int fd, const struct td_err *err, bool considered);
/* The whole program; returns its exit status. */
int pipe_run(int argc, char **argv);

#endif
