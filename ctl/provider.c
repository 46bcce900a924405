/*
 * provider - `tandem provider drain` and `test`: the verbs whose answer decides the exit status
 */
#include <stdio.h>
#include <time.h>

#include "ctl.h"

#define DRAIN_WAIT_S 30 /* tandem-smsd answers after 25 s, drained or not */
#define WAIT_MAX_S 86400

static int64_t now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

static int64_t in_flight(const json_t *doc)
{
	return json_integer_value(json_object_get(doc, "in_flight"));
}

int ctl_run_provider_drain(struct ctl_call *call)
{
	struct td_pair name = { TD_VLIT("name"), ctl_arg(call, "name") };
	int64_t seconds = DRAIN_WAIT_S, begun = now_s();
	bool drained = false;
	json_t *doc = NULL;

	if (ctl_has(call, "wait") && (!td_view_i64(ctl_arg(call, "wait"), &seconds) || seconds < 0 || seconds > WAIT_MAX_S))
		return ctl_usage(call->command, "--wait %.*s: not a number of seconds", TD_VARG(ctl_arg(call, "wait")));
	do {
		json_decref(doc);
		if (ctl_ask(call, true, TD_V_PROVIDER_DRAIN, &name, 1, &doc) != TD_OK)
			return ctl_fail(call);
		drained = json_is_true(json_object_get(doc, "drained"));
		if (!drained)
			fprintf(stderr, "tandem: provider %.*s: suspended, %lld still in flight\n", TD_VARG(name.value),
				(long long)in_flight(doc));
	} while (!drained && now_s() - begun < seconds);
	ctl_show(call, doc);
	json_decref(doc);
	return drained ? CTL_DONE : CTL_LATER;
}

int ctl_run_provider_test(struct ctl_call *call)
{
	json_t *doc = NULL;
	bool good;

	if (ctl_ask(call, true, TD_V_PROVIDER_TEST, call->args, call->nargs, &doc) != TD_OK)
		return ctl_fail(call);
	good = json_is_true(json_object_get(doc, "ok"));
	ctl_show(call, doc);
	json_decref(doc);
	return good ? CTL_DONE : CTL_REFUSED;
}
