/*
 * pipe - what pipe(8) runs for each recipient: arguments, input and the one way out
 */
#include "pipe.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define USAGE "usage: tandem-pipe -s SOCKET [-w SECONDS] [-q QUEUE_ID] [-f SENDER] [-a CLIENT] [-u LOGIN] " \
	"[-d TOKEN_DOMAIN] -- RECIPIENT..."

enum td_status pipe_parse(int argc, char **argv, struct pipe_args *out, struct td_err *err)
{
	int64_t seconds;
	int c;

	*out = (struct pipe_args){ .wait_ms = PIPE_WAIT_MS, .queue_id = "", .sender = "", .client_address = "",
		.sasl_username = "",
		.token_domain = "tandem.invalid" };
	opterr = 0;
	optind = 1;
	while ((c = getopt(argc, argv, "s:w:q:f:a:u:d:")) != -1) {
		switch (c) {
		case 's':
			out->socket = optarg;
			break;
		case 'w':
			if (!td_view_i64(td_view_str(optarg), &seconds) || seconds < 1 || seconds > 600)
				return td_err_dsn(err, TD_BADINPUT, "4.3.5", "-w %s: not 1 to 600 seconds", optarg);
			out->wait_ms = seconds * 1000;
			break;
		case 'q':
			out->queue_id = optarg;
			break;
		case 'f':
			out->sender = optarg;
			break;
		case 'a':
			out->client_address = optarg;
			break;
		case 'u':
			out->sasl_username = optarg;
			break;
		case 'd':
			out->token_domain = optarg;
			break;
		default:
			return td_err_dsn(err, TD_BADINPUT, "4.3.5", "%s", USAGE);
		}
	}
	out->recipients = argv + optind;
	out->nrecipients = (size_t)(argc - optind);
	if (!out->socket || !out->nrecipients)
		return td_err_dsn(err, TD_BADINPUT, "4.3.5", "%s", USAGE);
	return TD_OK;
}

bool pipe_token(const char *recipient, const char *token_domain, struct td_view *token)
{
	const char *at = strrchr(recipient, '@');
	struct td_view local;

	if (!at || !td_view_caseeq(td_view_str(at + 1), td_view_str(token_domain)))
		return false;
	local = td_view_mem(recipient, (size_t)(at - recipient));
	if (!td_view_casestarts(local, TD_VLIT("t-")))
		return false;
	*token = td_view_skip(local, 2);
	return true;
}

enum td_status pipe_read_mail(int fd, char **out, size_t *n, struct td_err *err)
{
	size_t room = 65536, kept = 0, total = 0;
	char *mail = malloc(room), *more, waste[16384];
	ssize_t got;

	if (!mail)
		return td_err_set(err, TD_NOMEM, "out of memory");
	for (;;) {
		bool keep = kept < PIPE_MAIL_KEPT;

		if (keep && kept == room) {
			more = realloc(mail, room *= 2);
			if (!more) {
				free(mail);
				return td_err_set(err, TD_NOMEM, "out of memory");
			}
			mail = more;
		}
		got = keep ? read(fd, mail + kept, room - kept) : read(fd, waste, sizeof(waste));
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			free(mail);
			return td_err_errno(err, errno, "cannot read the mail");
		}
		if (!got)
			break;
		kept += keep ? (size_t)got : 0;
		total += (size_t)got;
		if (total > PIPE_MAIL_MAX) {
			free(mail);
			return td_err_dsn(err, TD_TOOBIG, "5.3.4", "the mail is over %u MB", PIPE_MAIL_MAX >> 20);
		}
	}
	*out = mail;
	*n = kept < PIPE_MAIL_KEPT ? kept : PIPE_MAIL_KEPT;
	return TD_OK;
}

int pipe_say(int fd, const struct td_err *err, bool considered)
{
	const char *code = td_err_code(err);
	char line[600];
	size_t n;

	if (err->status != TD_OK && (code[0] != '4' && !(code[0] == '5' && considered)))
		code = "4.3.0";
	if (err->status == TD_OK)
		code = "2.0.0";
	n = (size_t)snprintf(line, sizeof(line), "%s %s", code, err->text);
	if (n > sizeof(line) - 2)
		n = sizeof(line) - 2;
	for (size_t i = 0; i < n; i++) {
		if (line[i] < ' ' || line[i] > '~')
			line[i] = '?';
	}
	line[n++] = '\n';
	for (size_t done = 0; done < n;) {
		ssize_t put = write(fd, line + done, n - done);

		if (put < 0 && errno != EINTR)
			break; /* then the exit status alone must do */
		done += put > 0 ? (size_t)put : 0;
	}
	return err->status == TD_OK ? 0 : td_status_map(TD_TEMPFAIL)->pipe_exit;
}
