/*
 * tap - a small Test Anything Protocol for C
 *
 * Each check prints one line, "ok N - NAME" or "not ok N - NAME", and on failure file:line with what was got and
 * expected. The plan is printed by done_testing() at the end, so that a test that dies half way is seen by the harness
 * as having no plan. A check returns whether it passed, so that a test may stop early or print more.
 *
 * Owns: the process's counter and stdout. Threads: checks from one thread at a time. Errors: none; it only reports.
 */
#ifndef TD_TAP_H
#define TD_TAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Optional: says how many checks will follow; done_testing() then fails on another number. */
void plan(int n);
/* Passes if cond is true. name is a printf format. */
#define ok(cond, ...) tap_ok((cond), __FILE__, __LINE__, #cond, __VA_ARGS__)
/* Fails, or passes, always: for branches that must not, or must, be reached. */
#define fail(...) tap_ok(false, __FILE__, __LINE__, "reached", __VA_ARGS__)
#define pass(...) tap_ok(true, __FILE__, __LINE__, "", __VA_ARGS__)
/* Equal integers; both are converted to int64_t. */
#define is_int(got, want, ...) tap_is_int((int64_t)(got), (int64_t)(want), __FILE__, __LINE__, __VA_ARGS__)
/* Equal C strings; NULL equals only NULL. */
#define is_str(got, want, ...) tap_is_str((got), (want), __FILE__, __LINE__, __VA_ARGS__)
/* Equal bytes: pointer and length of each. */
#define is_mem(got, got_n, want, want_n, ...) \
	tap_is_mem((got), (got_n), (want), (want_n), __FILE__, __LINE__, __VA_ARGS__)
/* Equal bytes of a struct td_view and a C string; usable where lib/base/view.h is included. */
#define is_view(got, want, ...) tap_is_view((got).p, (got).n, (want), __FILE__, __LINE__, __VA_ARGS__)
/* The C string contains part. NULL contains nothing. */
#define like(got, part, ...) tap_like((got), (part), true, __FILE__, __LINE__, __VA_ARGS__)
#define unlike(got, part, ...) tap_like((got), (part), false, __FILE__, __LINE__, __VA_ARGS__)

/* Counts n checks as skipped, with the reason (printf format). */
void skip(int n, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The whole program is skipped: prints "1..0 # SKIP reason" and exits 0. Only before the first check. */
void skip_all(const char *fmt, ...) __attribute__((format(printf, 1, 2), noreturn));
/* A line of explanation, shown beside a failure. */
void diag(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* A line of explanation, shown only with prove -v. */
void note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Nothing can be tested any more: ends the whole test run (printf format). */
void bail_out(const char *fmt, ...) __attribute__((format(printf, 1, 2), noreturn));
/* Prints the plan. Returns the exit status of the program, 0 if all passed: main ends with return done_testing(); */
int done_testing(void);

/* Behind the macros above. */
bool tap_ok(bool passed, const char *file, int line, const char *cond, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));
bool tap_is_int(int64_t got, int64_t want, const char *file, int line, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));
bool tap_is_str(const char *got, const char *want, const char *file, int line, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));
bool tap_is_mem(const void *got, size_t got_n, const void *want, size_t want_n, const char *file, int line,
	const char *fmt, ...) __attribute__((format(printf, 7, 8)));
bool tap_is_view(const char *got, size_t got_n, const char *want, const char *file, int line, const char *fmt, ...)
	__attribute__((format(printf, 6, 7)));
bool tap_like(const char *got, const char *part, bool expected, const char *file, int line, const char *fmt, ...)
	__attribute__((format(printf, 6, 7)));

#endif
