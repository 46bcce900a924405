/*
 * pipe_say - what pipe(8) gets to see: exit 0 or 75, and a status code in the first bytes
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pipe.h"
#include "tap.h"

static int said(enum td_status status, const char *dsn, const char *text, bool considered, char out[700])
{
	struct td_err err;
	int fds[2], code;
	ssize_t n;

	if (pipe(fds))
		bail_out("no pipe");
	td_err_dsn(&err, status, dsn, "%s", text);
	code = pipe_say(fds[1], &err, considered);
	close(fds[1]);
	n = read(fds[0], out, 699);
	out[n > 0 ? n : 0] = '\0';
	close(fds[0]);
	return code;
}

static void test_say(void)
{
	char out[700], big[900];

	is_int(said(TD_OK, "", "accepted as job 01J", true, out), 0, "success exits 0");
	is_str(out, "2.0.0 accepted as job 01J\n", "and says so");
	is_int(said(TD_REFUSED, "5.7.1", "no", true, out), 75, "a refusal exits 75 …");
	is_str(out, "5.7.1 no\n", "… and begins with 5.x.x, which pipe(8) obeys");
	is_int(said(TD_REFUSED, "5.7.1", "socket: permission denied", false, out), 75, "what tandem-smsd did not say …");
	is_str(out, "4.3.0 socket: permission denied\n", "… is never permanent");
	is_int(said(TD_TEMPFAIL, "", "down", false, out), 75, "a temporary failure exits 75");
	ok(!strncmp(out, "4.", 2), "and begins with 4.x.x: %s", out);
	said(TD_REFUSED, "2.0.0", "odd", true, out);
	ok(!strncmp(out, "4.3.0 ", 6), "a failure never says 2.x.x: %s", out);
	said(TD_REFUSED, "5.7.1", "a\r\n2.0.0 b\x80", true, out);
	is_str(out, "5.7.1 a??2.0.0 b?\n", "one line, printable ASCII");
	memset(big, 'x', sizeof(big));
	big[sizeof(big) - 1] = '\0';
	said(TD_TEMPFAIL, "", big, true, out);
	ok(out[strlen(out) - 1] == '\n', "a long text still ends with a newline");
}

static void test_parse(void)
{
	char *good[] = { "tandem-pipe", "-s", "/s", "-w", "7", "-q", "4X", "-f", "", "-a", "10.0.0.1", "-u", "app", "-d",
		"tok.invalid", "--",
		"-odd@x", "b@x", NULL };
	char *bad[] = { "tandem-pipe", "-w", "0", "-s", "/s", "--", "a@x", NULL },
		*none[] = { "tandem-pipe", "-s", "/s", "--", NULL };
	char *unknown[] = { "tandem-pipe", "-z", NULL };
	struct pipe_args args;
	struct td_err err;
	struct td_view token;

	is_int(pipe_parse(18, good, &args, &err), TD_OK, "all options");
	ok(args.nrecipients == 2 && !strcmp(args.recipients[0], "-odd@x") && args.wait_ms == 7000 && !*args.sender,
		"are understood");
	ok(pipe_parse(7, bad, &args, &err) && pipe_parse(4, none, &args, &err) && pipe_parse(2, unknown, &args, &err),
		"bad usage");
	ok(err.dsn[0] == '4', "is temporary: master.cf can be mended");

	ok(pipe_token("t-abc@tandem.invalid", "tandem.invalid", &token), "a token");
	is_view(token, "abc", "is what stands between");
	ok(pipe_token("T-ABC@TANDEM.INVALID", "tandem.invalid", &token), "in any case");
	ok(!pipe_token("t-abc@sms.example.com", "tandem.invalid", &token) &&
		!pipe_token("+1555@tandem.invalid", "tandem.invalid", &token) &&
		!pipe_token("t-abc", "tandem.invalid", &token), "other addresses are none");
}

static void test_read(void)
{
	FILE *f = tmpfile();
	char *mail = NULL, *block = malloc(1u << 20);
	size_t n = 0;
	struct td_err err;

	memset(block, 'm', 1u << 20);
	for (int i = 0; i < 10; i++)
		fwrite(block, 1, 1u << 20, f);
	rewind(f);
	is_int(pipe_read_mail(fileno(f), &mail, &n, &err), TD_OK, "a mail of 10 MB");
	is_int(n, PIPE_MAIL_KEPT, "of which the beginning is kept");
	free(mail);
	fseek(f, 0, SEEK_END);
	for (int i = 0; i < 16; i++)
		fwrite(block, 1, 1u << 20, f);
	rewind(f);
	is_int(pipe_read_mail(fileno(f), &mail, &n, &err), TD_TOOBIG, "26 MB are too much");
	is_str(err.dsn, "5.3.4", "with the code for it");
	free(block);
	fclose(f);
}

int main(void)
{
	test_say();
	test_parse();
	test_read();
	return done_testing();
}
