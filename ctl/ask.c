/*
 * ask - one request to a daemon's admin socket, one JSON document back
 */
#include <stdio.h>
#include <string.h>

#include "client.h"
#include "ctl.h"

static struct td_client *open_client(struct ctl_call *call, bool smsd, struct td_err *err)
{
	char *path = td_arena_printf(&call->arena, "%s/%s.admin.sock", call->conf->run_dir, smsd ? "smsd" : "stored");
	struct td_client *client = path ? td_client_new(path) : NULL;

	if (!client)
		td_err_set(err, TD_NOMEM, "out of memory");
	return client;
}

enum td_status ctl_ask(struct ctl_call *call, bool smsd, uint16_t verb, const struct td_pair *args, size_t nargs,
	json_t **doc)
{
	struct td_pair copy[CTL_MAX_ARGS];
	struct td_args request = { { copy, nargs } };
	struct td_doc reply = { 0 };
	struct td_client *client = open_client(call, smsd, &call->err);
	json_error_t bad;
	enum td_status status;

	if (!client)
		return TD_NOMEM;
	if (nargs)
		memcpy(copy, args, nargs * sizeof(*args));
	status = td_client_call(client, verb, &td_args_shape, &request, &td_doc_shape, &reply, &call->arena,
		CTL_TIMEOUT_MS, false,
		&call->err);
	if (status == TD_OK) {
		*doc = json_loadb(reply.json.p ? reply.json.p : "", reply.json.n, JSON_DECODE_ANY, &bad);
		if (!*doc)
			status = td_err_set(&call->err, TD_TEMPFAIL, "%s: its answer is not JSON: %s",
				smsd ? "tandem-smsd" : "tandem-stored", bad.text);
	}
	td_client_free(client);
	return status;
}

enum td_status ctl_tell(struct ctl_call *call, uint16_t verb, const struct td_shape *shape, const void *request)
{
	struct td_client *client = open_client(call, false, &call->err);
	struct td_none none = { 0 };
	enum td_status status;

	if (!client)
		return TD_NOMEM;
	status = td_client_call(client, verb, shape, request, &td_none_shape, &none, &call->arena, CTL_TIMEOUT_MS, false,
		&call->err);
	td_client_free(client);
	return status;
}

enum td_status ctl_ping(struct ctl_call *call, bool smsd, char *version, size_t size, struct td_err *err)
{
	struct td_none none = { 0 };
	struct td_pong pong = { 0 };
	struct td_client *client = open_client(call, smsd, err);
	enum td_status status;

	if (!client)
		return TD_NOMEM;
	status = td_client_call(client, TD_V_PING, &td_none_shape, &none, &td_pong_shape, &pong, &call->arena, 1000, true,
		err);
	if (status == TD_OK && version)
		snprintf(version, size, "%.*s", TD_VARG(pong.version));
	td_client_free(client);
	return status;
}
