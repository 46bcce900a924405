/*
 * base_status - the table from results to SMTP, shell and HTTP, and error texts
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "err.h"
#include "status.h"
#include "tap.h"

/* What Postfix does with each kind of reply is the point: 4xx with 4.x.x is tried again, 5xx with 5.x.x is not. */
static void test_consistent(void)
{
	for (int i = 1; i < TD_STATUS_MAX; i++) {
		const struct td_status_map *map = td_status_map((enum td_status)i);
		bool again = map->smtp_code / 100 == 4;

		ok(map->name && map->name[0], "status %d has a name", i);
		is_int(map->dsn[0] - '0', map->smtp_code / 100, "%s: code and enhanced code agree", map->name);
		is_int(map->pipe_exit, 75, "%s: pipe(8) never sees another exit code than 75", map->name);
		is_int(map->ctl_exit == 75, again, "%s: the shell is told to try later exactly when mail is", map->name);
		is_int(map->http == 503, again, "%s: a webhook is retried exactly when mail is", map->name);
	}
}

static void test_values(void)
{
	is_int(td_status_map(TD_OK)->smtp_code, 250, "OK is 250");
	is_int(td_status_map(TD_OK)->pipe_exit, 0, "OK exits 0");
	is_str(td_status_map(TD_REFUSED)->dsn, "5.7.1", "REFUSED is 5.7.1");
	is_int(td_status_map(TD_BADINPUT)->ctl_exit, 2, "BADINPUT is a usage error");
	is_int(td_status_map((enum td_status)99)->smtp_code, 550, "an unknown status is a permanent failure");
	is_int(td_status_map((enum td_status)-1)->smtp_code, 550, "so is a negative one");
}

static void test_err(void)
{
	struct td_err err;
	char big[2000];

	is_int(td_err_set(&err, TD_BADINPUT, "%s: not a number", "x"), TD_BADINPUT, "td_err_set returns its status");
	is_str(err.text, "x: not a number", "the text is there");
	is_str(td_err_code(&err), "5.6.0", "the code is the default of the status");
	is_int(td_err_dsn(&err, TD_REFUSED, "5.7.9", "no"), TD_REFUSED, "td_err_dsn returns its status");
	is_str(td_err_code(&err), "5.7.9", "the code is the given one");
	is_int(td_err_prefix(&err, "file %d", 3), TD_REFUSED, "td_err_prefix returns the status that was there");
	is_str(err.text, "file 3: no", "the prefix stands in front");
	is_str(td_err_code(&err), "5.7.9", "the code stays");

	td_err_set(&err, TD_TEMPFAIL, "a\r\nb\x80" "c\xc3\xa4\x7f");
	is_str(err.text, "a??b?c\xc3\xa4?", "control characters and bytes that are no UTF-8 become ?");
	is_str(td_err_code(&err), "4.3.0", "a new error does not keep the old code");

	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	td_err_set(&err, TD_TEMPFAIL, "%s", big);
	is_int(strlen(err.text), sizeof(err.text) - 1, "a long text is cut at the size");
	for (size_t i = 0; i + 1 < sizeof(big); i += 2)
		memcpy(big + i, "\xc3\xa4", 2);
	big[sizeof(big) - 2] = '\0';
	td_err_set(&err, TD_TEMPFAIL, "%s", big);
	is_int(strlen(err.text) % 2, 0, "and never within a character");
	td_err_prefix(&err, "%s", big);
	is_int(err.status, TD_TEMPFAIL, "a prefix longer than the room is survived");

	is_int(td_err_errno(&err, ENOENT, "open %s", "f"), TD_NOTFOUND, "ENOENT is NOTFOUND");
	is_str(err.text, "open f: No such file or directory", "with the system's reason");
	is_int(td_err_errno(&err, EACCES, "x"), TD_REFUSED, "EACCES is REFUSED");
	is_int(td_err_errno(&err, EPERM, "x"), TD_REFUSED, "EPERM is REFUSED");
	is_int(td_err_errno(&err, ENOSPC, "x"), TD_TEMPFAIL, "a full disk is TEMPFAIL");

	td_err_clear(&err);
	is_str(err.text, "", "cleared");
	is_int(err.status, TD_OK, "and OK");
	is_int(td_err_set(NULL, TD_NOTFOUND, "nobody"), TD_NOTFOUND, "NULL: only the status");
	is_int(td_err_prefix(NULL, "nobody"), TD_PERMFAIL, "a prefix to nothing is a failure");
	is_int(td_err_errno(NULL, ENOENT, "nobody"), TD_NOTFOUND, "the same for errno");
}

int main(void)
{
	test_consistent();
	test_values();
	test_err();
	return done_testing();
}
