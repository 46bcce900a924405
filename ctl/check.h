/*
 * check - what the parts of `tandem check` share
 *
 * Threads: one. Owns: the list of results while it runs.
 */
#ifndef CTL_CHECK_H
#define CTL_CHECK_H

#include "ctl.h"

enum ctl_check_result { CTL_CHECK_OK, CTL_CHECK_WARN, CTL_CHECK_FAIL };

struct ctl_check {
	struct ctl_call      *call;
	const struct td_conf *conf;
	json_t               *doc; /* with --json: the results so far */
	int                   tests;
	int                   failures;
};

/* Counts and reports one test. */
void ctl_check_say(struct ctl_check *check, enum ctl_check_result result, const char *fmt,
	...) __attribute__((format(printf, 3, 4)));
/* Postfix's side: milters, the route of tokens, limits, restrictions (check_postfix.c). */
void ctl_check_postfix(struct ctl_check *check);

#endif
