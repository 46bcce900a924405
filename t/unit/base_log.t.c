/*
 * base_log - Postfix shape, levels, forged lines, masking
 */
#include <fcntl.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "tap.h"

static char dir[] = "/tmp/base_log.XXXXXX";
static char path[64], target[80];

/* Everything in the log file. */
static const char *contents(void)
{
	static char text[65536];
	FILE *in = fopen(path, "r");
	size_t n = in ? fread(text, 1, sizeof(text) - 1, in) : 0;

	text[n] = '\0';
	if (in)
		fclose(in);
	return text;
}

static bool matches(const char *text, const char *pattern)
{
	regex_t re;
	bool found = regcomp(&re, pattern, REG_EXTENDED | REG_NOSUB) == 0 && regexec(&re, text, 0, NULL, 0) == 0;

	regfree(&re);
	return found;
}

static size_t count_lines(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += *text == '\n';
	return n;
}

static void test_lines(void)
{
	struct td_err err;
	char big[5000];

	is_int(td_log_open("tandem-test", target, TD_LOG_INFO, false, &err), TD_OK, "a file is opened");
	td_info("job=%d, status=sent", 7);
	ok(matches(contents(),
		"^[A-Z][a-z]{2} [ 0-9][0-9] [0-9]{2}:[0-9]{2}:[0-9]{2} [^ .]+ tandem-test\\[[0-9]+\\]: job=7, status=sent\n$"),
		"a line has Postfix's shape: %s", contents());
	td_debug("unseen");
	unlike(contents(), "unseen", "debug is below info");
	td_warning("%s", "w");
	td_error("e");
	like(contents(), ": warning: w\n", "warnings say so");
	like(contents(), ": error: e\n", "errors say so");
	td_info("x\nNov 24 23:42:49 host postfix[1]: forged\r\xff\x1b[0m");
	is_int(count_lines(contents()), 4, "input cannot forge a line");
	like(contents(), "x?Nov 24 23:42:49 host postfix[1]: forged???[0m\n",
		"control characters and stray bytes became ?");
	memset(big, 'y', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	td_info("%s", big);
	ok(strlen(strstr(contents(), "yyyy")) <= 2048, "a line is at most 2 kB");
	is_int(count_lines(contents()), 5, "and ends");
}

static void test_reopen(void)
{
	struct td_err err;
	char moved[80];

	snprintf(moved, sizeof(moved), "%s.1", path);
	rename(path, moved);
	is_int(td_log_open("tandem-test", target, TD_LOG_ERROR, false, &err), TD_OK, "opened again after a rotation");
	td_error("after");
	td_warning("too low");
	ok(matches(contents(), "^[^\n]*error: after\n$"), "the new file has the new lines of the new level");
	is_int(td_log_open("tandem-test", "file:/nonexistent/x", TD_LOG_INFO, false, &err), TD_NOTFOUND,
		"a bad file is refused");
	like(err.text, "/nonexistent/x: No such file", "with its name");
	is_int(td_log_open("tandem-test", "journal", TD_LOG_INFO, false, &err), TD_BADINPUT,
		"an unknown target is refused");
	td_error("still here");
	like(contents(), "still here", "the old target stays");
	unlink(moved);
}

static void test_stderr(void)
{
	int keep = dup(STDERR_FILENO), out = open(path, O_WRONLY | O_TRUNC | O_CREAT, 0600);
	struct td_err err;

	is_int(td_log_open("tandem-test", "stderr", TD_LOG_INFO, false, &err), TD_OK, "stderr is a target");
	dup2(out, STDERR_FILENO);
	td_info("to stderr");
	dup2(keep, STDERR_FILENO);
	ok(matches(contents(), "^tandem-test\\[[0-9]+\\]: to stderr\n$"), "without a time, which the journal adds");
	close(out);
	close(keep);
}

static void test_mask(void)
{
	static const struct {
		const char *address, *masked;
	} cases[] = {
		{ "+15551234567", "+1555***4567" }, { "+4915112345678", "+4915***5678" }, { "15551234567", "1555***4567" },
		{ "+1234567890", "+123***7890" }, { "+12345678", "+1***5678" }, { "12345", "***45" }, { "911", "***" },
		{ "+", "+***" },
		{ "ana@example.com", "a***@example.com" }, { "a@example.com", "a***@example.com" },
		{ "@example.com", "***@example.com" },
		{ "+15551234567@sms.example.com", "+1555***4567@sms.example.com" },
		{ "\xc3\xa4na@example.com", "\xc3\xa4***@example.com" },
		{ "Shop", "S***" }, { "", "***" }, { "a\n@x\ny", "a***@x?y" },
	};
	char out[TD_MASK_SIZE], big[500];
	struct td_err err;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		is_str(td_mask(out, td_view_str(cases[i].address)), cases[i].masked, "mask %zu", i);
	memset(big, 'x', sizeof(big));
	big[3] = '@';
	is_int(strlen(td_mask(out, td_view_mem(big, sizeof(big)))), TD_MASK_SIZE - 1, "a long address is cut");
	is_str(td_log_mask(out, td_view_str("+15551234567")), "+1555***4567", "log: masked");
	td_log_open("tandem-test", "stderr", TD_LOG_INFO, true, &err);
	is_str(td_log_mask(out, td_view_str("+15551234567")), "+15551234567", "log.full: not masked");
	is_str(td_mask(out, td_view_str("+15551234567")), "+1555***4567", "replies: masked all the same");
	is_str(td_log_mask(out, td_view_str("a\nb")), "a?b", "log.full: still one line");
}

int main(void)
{
	if (!mkdtemp(dir))
		bail_out("no temporary folder");
	snprintf(path, sizeof(path), "%s/log", dir);
	snprintf(target, sizeof(target), "file:%s", path);
	test_lines();
	test_reopen();
	test_stderr();
	test_mask();
	unlink(path);
	rmdir(dir);
	return done_testing();
}
