/*
 * serve - smsd's own sockets: pipe (tokens and unprepared mails) and admin (status, providers)
 */
#include "serve.h"

#include <stdio.h>
#include <stdlib.h>

#include "access.h"
#include "control.h"
#include "unprepared.h"
#include "version.h"
#include "webhook.h"

/* The store's answer to an activation goes back as it is. */
static void activated(void *arg, const struct td_msg *msg, const struct td_err *err)
{
	struct td_request *request = arg;
	struct td_activated done;
	struct td_err bad;

	if (!msg) {
		td_request_fail(request, err);
	} else if (td_shape_decode(&td_activated_shape, msg->body, &done, request->arena, &bad)) {
		td_request_fail(request, &bad);
	} else {
		td_request_reply(request, &td_activated_shape, &done);
	}
}

static void activate(struct smsd *smsd, struct td_request *request)
{
	struct td_token token;
	struct td_err err;

	if (td_shape_decode(&td_token_shape, request->msg.body, &token, request->arena, &err)) {
		td_request_fail(request, &err);
		return;
	}
	smsd->count.activated++;
	td_peer_call(smsd->store, TD_V_ACTIVATE, &td_token_shape, &token, smsd->conf->smsd.peer_wait_ms, true, activated,
		request);
}

/* What the store decided about an unprepared mail, as the answer for pipe(8). */
static void submitted(void *arg, const struct td_msg *msg, const struct td_err *err)
{
	struct td_request *request = arg;
	struct td_activated done;
	struct td_prepared prepared;
	struct td_err bad;

	if (!msg)
		td_request_fail(request, err);
	else if (td_shape_decode(&td_prepared_shape, msg->body, &prepared, request->arena, &bad) ||
		unprepared_answer(&prepared, &done, &bad))
		td_request_fail(request, &bad);
	else
		td_request_reply(request, &td_activated_shape, &done);
}

static void submit(struct smsd *smsd, struct td_request *request)
{
	struct td_raw_mail mail;
	struct td_prepare *prepare = TD_NEW(request->arena, struct td_prepare);
	struct td_err err;

	if (!prepare)
		td_err_set(&err, TD_NOMEM, "the mail needs too much memory");
	else if (!td_shape_decode(&td_raw_mail_shape, request->msg.body, &mail, request->arena, &err) &&
		!unprepared_read(smsd->conf, &mail, td_now_ms(smsd->clock), request->arena, prepare, &err)) {
		smsd->count.submitted++;
		/* Only a key makes a repeat harmless. */
		td_peer_call(smsd->store, TD_V_SUBMIT, &td_prepare_shape, prepare, smsd->conf->smsd.peer_wait_ms,
			prepare->key.n || prepare->message_id.n, submitted, request);
		return;
	} else if (err.status == TD_REFUSED) {
		td_warning("%.*s: unprepared mail refused: %s", TD_VARG(mail.queue_id), err.text);
	}
	td_request_fail(request, &err);
}

static void serve_one(struct smsd *smsd, struct td_request *request)
{
	struct td_pong pong = { .program = TD_VLIT("tandem-smsd"), .version = td_view_str(TD_VERSION) };
	struct td_err err;

	switch (request->msg.verb) {
	case TD_V_PING:
		td_request_reply(request, &td_pong_shape, &pong);
		break;
	case TD_V_PIPE_ACTIVATE:
		activate(smsd, request);
		break;
	case TD_V_PIPE_SUBMIT:
		submit(smsd, request);
		break;
	case TD_V_SMSD_STATUS:
		admin_reply(request, admin_status(smsd));
		break;
	case TD_V_WEBHOOK:
		webhook_serve(smsd, request);
		break;
	case TD_V_PROVIDER_SUSPEND:
	case TD_V_PROVIDER_RESUME:
	case TD_V_PROVIDER_DRAIN:
	case TD_V_PROVIDER_TEST:
		control_serve(smsd, request);
		break;
	case TD_V_PROVIDERS:
		admin_providers(smsd, request);
		break;
	default:
		td_err_set(&err, TD_BADINPUT, "verb %u is not served", request->msg.verb);
		td_request_fail(request, &err);
	}
}

static void batch(void *arg, struct td_request *first)
{
	while (first) {
		struct td_request *next = first->next;

		serve_one(arg, first);
		first = next;
	}
}

static bool allow(void *arg, int role, uint32_t uid, int32_t pid)
{
	const struct smsd *smsd = arg;

	(void)pid;
	return access_allowed(smsd->conf, role, uid);
}

static bool permits(void *arg, int role, uint16_t verb)
{
	(void)arg;
	return td_verb_permits(true, role, verb);
}

static void trouble(void *arg, const struct td_conn *conn, const struct td_err *err)
{
	(void)arg;
	if (conn)
		td_warning("socket %s: uid %u, pid %d: %s", td_role_name(conn->role), conn->uid, conn->pid, err->text);
	else
		td_warning("%s", err->text);
}

static enum td_status listen_as(struct smsd *smsd, int role, struct td_err *err)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/smsd.%s.sock", smsd->conf->run_dir, td_role_name(role));
	return td_server_listen(smsd->server, path, role, -1, access_group(smsd->conf, role), err);
}

enum td_status serve_start(struct smsd *smsd, struct td_err *err)
{
	static const struct td_server_ops ops = { .batch = batch, .allow = allow, .permits = permits, .trouble = trouble };
	enum td_status status;

	smsd->server = td_server_new(smsd->base, &ops, smsd);
	if (!smsd->server)
		return td_err_set(err, TD_NOMEM, "out of memory");
	status = listen_as(smsd, TD_ROLE_PIPE, err);
	if (!status)
		status = listen_as(smsd, TD_ROLE_WEB, err);
	return status ? status : listen_as(smsd, TD_ROLE_ADMIN, err);
}
