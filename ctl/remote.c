/*
 * remote - subcommands that ask a daemon more than once, or otherwise: status, decide, send, event
 */
#include <string.h>
#include <time.h>

#include "ctl.h"

#define SEND_WAIT_S 30
#define SEND_POLL_MS 100

/* The status document of one daemon, or {"error": …}. */
static json_t *daemon_status(struct ctl_call *call, bool smsd, bool *down)
{
	json_t *doc = NULL;

	if (ctl_ping(call, smsd, NULL, 0, &call->err) == TD_OK &&
		ctl_ask(call, smsd, smsd ? TD_V_SMSD_STATUS : TD_V_STATUS, NULL, 0, &doc) == TD_OK)
		return doc;
	*down = true;
	return json_pack("{s:s}", "error", call->err.text);
}

int ctl_run_status(struct ctl_call *call)
{
	bool stored_down = false, smsd_down = false;
	json_t *doc = json_object(), *providers = NULL;

	json_object_set_new(doc, "stored", daemon_status(call, false, &stored_down));
	json_object_set_new(doc, "smsd", daemon_status(call, true, &smsd_down));
	if (!smsd_down && ctl_ask(call, true, TD_V_PROVIDERS, NULL, 0, &providers) == TD_OK)
		json_object_set_new(doc, "providers", providers);
	ctl_show(call, doc);
	json_decref(doc);
	return stored_down || smsd_down ? CTL_LATER : CTL_DONE;
}

static enum td_status explain(struct ctl_call *call, const struct td_pair *args, size_t nargs, json_t **doc)
{
	return ctl_ask(call, false, TD_V_EXPLAIN, args, nargs, doc);
}

/* One line of `decide --batch`: its keys are the arguments. */
static json_t *explain_line(struct ctl_call *call, const json_t *line)
{
	struct td_pair args[CTL_MAX_ARGS];
	size_t n = 0;
	const char *key;
	json_t *value, *doc = NULL;

	json_object_foreach((json_t *)(uintptr_t)line, key, value) {
		if (json_is_null(value))
			continue;
		if (!json_is_string(value) || n == CTL_MAX_ARGS)
			return json_pack("{s:s, s:s}", "error", "not a string", "key", key);
		args[n++] = (struct td_pair){ td_view_str(key),
			td_view_mem(json_string_value(value), json_string_length(value)) };
	}
	if (explain(call, args, n, &doc) != TD_OK)
		return json_pack("{s:s}", "error", call->err.text);
	return doc;
}

int ctl_run_decide(struct ctl_call *call)
{
	json_t *doc = NULL;

	if (ctl_has(call, "batch"))
		return ctl_batch(call, explain_line);
	if (explain(call, call->args, call->nargs, &doc) != TD_OK)
		return ctl_fail(call);
	ctl_show(call, doc);
	json_decref(doc);
	return CTL_DONE;
}

int ctl_run_event(struct ctl_call *call)
{
	struct td_happening happening = { ctl_arg(call, "address"), ctl_arg(call, "event") };
	json_t *doc;

	if (ctl_tell(call, TD_V_EVENT, &td_happening_shape, &happening) != TD_OK)
		return ctl_fail(call);
	doc = json_pack("{s:s%, s:s%}", "address", happening.address.p, happening.address.n, "event", happening.name.p,
		happening.name.n);
	ctl_show(call, doc);
	json_decref(doc);
	return CTL_DONE;
}

static bool settled(const char *state)
{
	static const char *const final[] = { "ACCEPTED", "DELIVERED", "UNDELIVERED", "UNKNOWN", "FAILED", "DUPLICATE",
		"CANCELLED",
		"ABANDONED", NULL };

	for (size_t i = 0; state && final[i]; i++) {
		if (!strcmp(state, final[i]))
			return true;
	}
	return false;
}

/* Asks for the job until it has an outcome or the time is over. */
static int wait_for(struct ctl_call *call, const char *id, int64_t seconds)
{
	struct td_pair args[] = { { TD_VLIT("id"), td_view_str(id) } };
	struct timespec pause = { 0, SEND_POLL_MS * 1000000L };
	int status = CTL_LATER;

	for (int64_t left = seconds * 1000; ; left -= SEND_POLL_MS) {
		json_t *doc = NULL;
		const char *state;

		if (ctl_ask(call, false, TD_V_JOB_SHOW, args, 1, &doc) != TD_OK)
			return ctl_fail(call);
		state = json_string_value(json_object_get(doc, "state"));
		if (settled(state) || left <= 0) {
			ctl_show(call, doc);
			if (settled(state))
				status = !strcmp(state, "ACCEPTED") || !strcmp(state, "DELIVERED") ? CTL_DONE : CTL_REFUSED;
			json_decref(doc);
			return status;
		}
		json_decref(doc);
		nanosleep(&pause, NULL);
	}
}

int ctl_run_send(struct ctl_call *call)
{
	struct td_pair args[CTL_MAX_ARGS];
	size_t n = 0;
	int64_t seconds = SEND_WAIT_S;
	json_t *doc = NULL;
	int status = CTL_DONE;

	for (size_t i = 0; i < call->nargs; i++) {
		if (!td_view_eq(call->args[i].name, TD_VLIT("wait")))
			args[n++] = call->args[i];
	}
	if (ctl_arg(call, "wait").n && (!td_view_i64(ctl_arg(call, "wait"), &seconds) || seconds > 86400))
		return ctl_usage(call->command, "--wait %.*s: not a number of seconds", TD_VARG(ctl_arg(call, "wait")));
	if (ctl_ask(call, false, TD_V_SEND, args, n, &doc) != TD_OK)
		return ctl_fail(call);
	if (ctl_has(call, "wait"))
		status = wait_for(call, json_string_value(json_object_get(doc, "id")), seconds);
	else
		ctl_show(call, doc);
	json_decref(doc);
	return status;
}
