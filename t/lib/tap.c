/*
 * tap - a small Test Anything Protocol for C
 */
#include "tap.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int planned;
static int count;
static int failed;

/* "ok N - NAME"; a '#' in the name would begin a directive and a newline a new line. */
static void result_line(bool passed, const char *fmt, va_list args)
{
	char name[400];

	vsnprintf(name, sizeof(name), fmt, args);
	for (char *p = name; *p; p++)
		if (*p == '#' || *p == '\n' || *p == '\r')
			*p = ' ';
	count++;
	failed += passed ? 0 : 1;
	printf("%sok %d - %s\n", passed ? "" : "not ", count, name);
	fflush(stdout);
}

/* Bytes as a C literal on one line of diagnostics. */
static void diag_bytes(const char *label, const void *bytes, size_t n)
{
	const unsigned char *p = bytes;

	if (!p) {
		fprintf(stderr, "#   %s NULL\n", label);
		return;
	}
	fprintf(stderr, "#   %s \"", label);
	for (size_t i = 0; i < n; i++) {
		if (p[i] == '"' || p[i] == '\\')
			fprintf(stderr, "\\%c", p[i]);
		else if (p[i] == '\n')
			fputs("\\n", stderr);
		else if (p[i] < 0x20 || p[i] == 0x7f)
			fprintf(stderr, "\\x%02x", p[i]);
		else
			fputc(p[i], stderr);
	}
	fprintf(stderr, "\" (%zu bytes)\n", n);
}

static void diag_place(const char *file, int line)
{
	fprintf(stderr, "#   check %d at %s:%d\n", count, file, line);
}

void plan(int n)
{
	planned = n;
}

bool tap_ok(bool passed, const char *file, int line, const char *cond, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	result_line(passed, fmt, args);
	va_end(args);
	if (!passed) {
		diag_place(file, line);
		fprintf(stderr, "#   false: %s\n", cond);
	}
	return passed;
}

bool tap_is_int(int64_t got, int64_t want, const char *file, int line, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	result_line(got == want, fmt, args);
	va_end(args);
	if (got != want) {
		diag_place(file, line);
		fprintf(stderr, "#   got  %" PRId64 "\n#   want %" PRId64 "\n", got, want);
	}
	return got == want;
}

static bool same_bytes(const void *got, size_t got_n, const void *want, size_t want_n)
{
	return got_n == want_n && (got_n == 0 || (got && want && memcmp(got, want, got_n) == 0));
}

static bool report_bytes(bool passed, const void *got, size_t got_n, const void *want, size_t want_n, const char *file,
	int line)
{
	if (!passed) {
		diag_place(file, line);
		diag_bytes("got ", got, got_n);
		diag_bytes("want", want, want_n);
	}
	return passed;
}

bool tap_is_str(const char *got, const char *want, const char *file, int line, const char *fmt, ...)
{
	bool passed = got && want ? strcmp(got, want) == 0 : got == want;
	va_list args;

	va_start(args, fmt);
	result_line(passed, fmt, args);
	va_end(args);
	return report_bytes(passed, got, got ? strlen(got) : 0, want, want ? strlen(want) : 0, file, line);
}

bool tap_is_mem(const void *got, size_t got_n, const void *want, size_t want_n, const char *file, int line,
	const char *fmt, ...)
{
	bool passed = same_bytes(got, got_n, want, want_n);
	va_list args;

	va_start(args, fmt);
	result_line(passed, fmt, args);
	va_end(args);
	return report_bytes(passed, got, got_n, want, want_n, file, line);
}

bool tap_is_view(const char *got, size_t got_n, const char *want, const char *file, int line, const char *fmt, ...)
{
	bool passed = same_bytes(got, got_n, want, strlen(want));
	va_list args;

	va_start(args, fmt);
	result_line(passed, fmt, args);
	va_end(args);
	return report_bytes(passed, got, got_n, want, strlen(want), file, line);
}

bool tap_like(const char *got, const char *part, bool expected, const char *file, int line, const char *fmt, ...)
{
	bool found = got && strstr(got, part);
	va_list args;

	va_start(args, fmt);
	result_line(found == expected, fmt, args);
	va_end(args);
	if (found != expected) {
		diag_place(file, line);
		diag_bytes("got ", got, got ? strlen(got) : 0);
		diag_bytes(expected ? "which lacks" : "which has", part, strlen(part));
	}
	return found == expected;
}

void skip(int n, const char *fmt, ...)
{
	char reason[400];
	va_list args;

	va_start(args, fmt);
	vsnprintf(reason, sizeof(reason), fmt, args);
	va_end(args);
	for (int i = 0; i < n; i++)
		printf("ok %d # SKIP %s\n", ++count, reason);
	fflush(stdout);
}

void skip_all(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	fputs("1..0 # SKIP ", stdout);
	vprintf(fmt, args);
	putchar('\n');
	va_end(args);
	exit(0);
}

static void comment(FILE *out, const char *fmt, va_list args)
{
	fputs("# ", out);
	vfprintf(out, fmt, args);
	fputc('\n', out);
	fflush(out);
}

void diag(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	comment(stderr, fmt, args);
	va_end(args);
}

void note(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	comment(stdout, fmt, args);
	va_end(args);
}

void bail_out(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	fputs("Bail out! ", stdout);
	vprintf(fmt, args);
	putchar('\n');
	va_end(args);
	fflush(stdout);
	exit(255);
}

int done_testing(void)
{
	printf("1..%d\n", planned ? planned : count);
	fflush(stdout);
	if (planned && planned != count)
		diag("planned %d checks, made %d", planned, count);
	return failed == 0 && (!planned || planned == count) && count > 0 ? 0 : 1;
}
