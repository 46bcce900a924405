/*
 * webhook - a provider's HTTP call, raw as tandem-web got it: plugin, events, store, answer
 */
#include "webhook.h"

#include <stdlib.h>
#include <string.h>

#include "cidr.h"
#include "codec.h"
#include "crypto.h"
#include "events.h"
#include "host_check.h"
#include "http.h"

#define ROUNDS_MAX 2     /* of follow-up requests */
#define PATIENCE_MS 8000 /* for the store: providers wait 10 s and more for our answer, and 503 makes them repeat it */

struct hook { /* one call under way */
	struct delivery       delivery; /* first: events_done gets its address */
	struct td_request    *request;
	struct tandem_webhook in;
	struct tandem_events  out;
	size_t                follow;   /* of out.follow, under way */
	unsigned              rounds;
};

static void answer(struct hook *hook, uint32_t status)
{
	struct td_web_answer reply = { .status = status };

	if (status < 300) {
		reply.type = host_td(hook->out.type);
		reply.body = host_td(hook->out.body);
	}
	instance_unref(hook->delivery.instance);
	td_request_reply(hook->request, &td_web_answer_shape, &reply);
}

static void durable(struct delivery *delivery, const struct td_err *err)
{
	struct hook *hook = (struct hook *)(void *)delivery;

	answer(hook, err ? 503 : hook->out.status ? hook->out.status : 200);
}

static void refuse(struct hook *hook, const char *why)
{
	td_warning("provider %s: webhook from %.*s refused: %s", hook->delivery.instance->set->name,
		(int)hook->in.peer.n, hook->in.peer.n ? hook->in.peer.p : "", why);
	answer(hook, hook->out.status >= 400 ? hook->out.status : 403);
}

static void understand(struct hook *hook);

static void followed(void *arg, const struct http_result *result)
{
	struct hook *hook = arg;
	struct instance *in = hook->delivery.instance;
	struct tandem_answer reply = { .struct_size = sizeof(reply), .status = result->status,
		.token = hook->out.follow[hook->follow].token, .headers = result->headers, .nheaders = result->nheaders,
		.body = host_view(result->body) };
	struct tandem_step step = { .token = 0 };
	struct host_call call;
	struct td_err err;
	int done;

	if (result->fate != HTTP_ANSWERED) {
		td_warning("provider %s: webhook: a request it needs failed: %s", in->set->name, result->why);
		answer(hook, 503);
		return;
	}
	instance_call(in, &call, hook->request->arena, &err);
	done = in->plugin->response(&call.pub, in->state, &reply, &step);
	host_call_end(&call);
	if (done != TANDEM_OK || call.pub.failed) {
		refuse(hook, err.text[0] ? err.text : "an answer was not understood");
		return;
	}
	hook->follow++;
	understand(hook);
}

/* Makes the next request the plugin needs before it can judge; false when there is none. */
static bool follow(struct hook *hook)
{
	struct instance *in = hook->delivery.instance;
	struct td_strings hosts;
	struct http_ask ask;
	struct td_err err;

	if (hook->follow >= hook->out.nfollow || hook->out.nfollow > 2)
		return false;
	instance_http(in, &hook->out.follow[hook->follow].http, &hosts, &ask);
	if (http_send(in->smsd->http, &ask, followed, hook, &err))
		refuse(hook, err.text);
	return true;
}

static void judge(struct hook *hook, const struct td_err *err)
{
	struct delivery *delivery = &hook->delivery;

	if (hook->out.refused) {
		refuse(hook, err->text[0] ? err->text : "the plugin does not say why");
		return;
	}
	delivery->events = hook->out.events;
	delivery->n = hook->out.nevents;
	events_deliver(delivery);
}

static struct tandem_view keep(struct td_arena *arena, struct tandem_view v)
{
	return host_view(td_arena_dup(arena, host_td(v)));
}

/* What the plugin took from JSON ends with its call: what is used after that is copied. False: out of memory. */
static bool keep_answer(struct tandem_events *out, struct td_arena *arena)
{
	out->type = keep(arena, out->type);
	out->body = keep(arena, out->body);
	for (size_t i = 0; i < out->nfollow; i++) {
		struct tandem_http *http = &out->follow[i].http;
		struct tandem_pair *headers = TD_NEWN(arena, http->nheaders, struct tandem_pair);

		for (size_t k = 0; headers && k < http->nheaders; k++)
			headers[k] = (struct tandem_pair){ keep(arena, http->headers[k].name),
				keep(arena, http->headers[k].value) };
		http->headers = headers;
		http->url = keep(arena, http->url);
		http->body = keep(arena, http->body);
		http->user = keep(arena, http->user);
		http->password = keep(arena, http->password);
	}
	return !td_arena_full(arena);
}

/* Asks the plugin what the call means; follow-up requests come first, and then the question again. */
static void understand(struct hook *hook)
{
	struct instance *in = hook->delivery.instance;
	struct host_call call;
	struct td_err err;
	const char *wrong;
	bool good;

	if (follow(hook))
		return;
	hook->out = (struct tandem_events){ .refused = false };
	hook->follow = 0;
	instance_call(in, &call, hook->request->arena, &err);
	good = in->plugin->webhook(&call.pub, in->state, &hook->in, &hook->out) == TANDEM_OK && !call.pub.failed;
	/* The complaint of a plugin that refuses is set with host->error, too. */
	if (!good)
		hook->out.refused = true;
	wrong = host_check_hook(&hook->out);
	if (wrong)
		td_warning("provider %s: webhook: the plugin gives %s", in->set->name, wrong);
	if (wrong || !events_keep(&hook->out, hook->request->arena) || !keep_answer(&hook->out, hook->request->arena)) {
		hook->out = (struct tandem_events){ .refused = false };
		host_call_end(&call);
		answer(hook, 503);
		return;
	}
	host_call_end(&call);
	if (!hook->out.refused && hook->out.nfollow) {
		if (++hook->rounds > ROUNDS_MAX || !follow(hook))
			refuse(hook, "it asks for too many requests");
		return;
	}
	judge(hook, &err);
}

/* ---- who may call ---- */

/* The value of "k" in the query, decoded. */
static struct td_view key_of(struct hook *hook)
{
	struct td_view found = { NULL, 0 };
	const struct tandem_pair *pairs;
	struct host_call call;
	struct td_err err;
	size_t n = 0;

	host_call_begin(&call, hook->delivery.instance->smsd->clock, hook->request->arena, &err);
	pairs = call.pub.host->form_decode(&call.pub, hook->in.query, &n);
	for (size_t i = 0; pairs && i < n; i++)
		if (td_view_eq(host_td(pairs[i].name), TD_VLIT("k")))
			found = host_td(pairs[i].value);
	host_call_end(&call);
	return found;
}

static bool from_network(const struct hook *hook)
{
	const struct td_strings *nets = &hook->delivery.instance->set->webhook_networks;

	for (size_t i = 0; i < nets->n; i++) {
		struct td_cidr net;

		if (!td_cidr_parse(td_view_str(nets->v[i]), &net, NULL) && td_cidr_match(&net, host_td(hook->in.peer)))
			return true;
	}
	return false;
}

/* NULL when it may, else why not. */
static const char *barred(struct hook *hook)
{
	const struct instance *in = hook->delivery.instance;
	struct td_view key;

	if (in->set->webhook_networks.n && !from_network(hook))
		return "the client is not in webhook_networks";
	if (in->hook_secret.n) {
		key = key_of(hook);
		if (key.n != in->hook_secret.n || !td_secret_eq(key.p, in->hook_secret.p, key.n))
			return "the secret in the address (k=) is wrong";
	} else if (!(in->capabilities & TANDEM_CAN_VERIFY) && !in->set->webhook_networks.n) {
		return "its calls are not signed (try: webhook_secret_file or webhook_networks)";
	}
	return NULL;
}

/* ---- serving ---- */

static bool fill(struct hook *hook, const struct td_webhook *ask)
{
	struct td_arena *arena = hook->request->arena;
	const struct td_pair *from = ask->headers.v;
	struct tandem_pair *headers = TD_NEWN(arena, ask->headers.n, struct tandem_pair);
	char *method = td_arena_str(arena, ask->method);

	if (!headers || !method)
		return false;
	for (size_t i = 0; i < ask->headers.n; i++)
		headers[i] = (struct tandem_pair){ host_view(from[i].name), host_view(from[i].value) };
	hook->in = (struct tandem_webhook){ .struct_size = sizeof(hook->in), .method = method,
		.url = host_view(ask->url), .path = host_view(ask->path), .query = host_view(ask->query), .headers = headers,
		.nheaders = ask->headers.n, .body = host_view(ask->body), .peer = host_view(ask->peer) };
	return true;
}

/* What stands for the id of an inbound SMS that brings none: the same for the same call made again. */
static struct td_view id_of(struct td_arena *arena, const struct td_webhook *ask)
{
	unsigned char digest[TD_SHA256_SIZE];
	char hex[33];
	char *all = td_arena_printf(arena, "%.*s\n%.*s", TD_VARG(ask->query), TD_VARG(ask->body));

	td_sha256(digest, td_view_str(all));
	td_hex_encode(hex, digest, 16);
	return td_view_str(td_arena_printf(arena, "hook-%s", hex));
}

void webhook_serve(struct smsd *smsd, struct td_request *request)
{
	struct td_web_answer none = { .status = 404 };
	struct td_webhook ask;
	struct instance *in = NULL;
	struct hook *hook;
	struct td_err err;
	const char *why;
	char *name;

	if (td_shape_decode(&td_webhook_shape, request->msg.body, &ask, request->arena, &err)) {
		td_request_fail(request, &err);
		return;
	}
	hook = TD_NEW(request->arena, struct hook);
	name = td_arena_str(request->arena, ask.provider);
	if (hook && name)
		hook->request = request;
	if (!hook || !name || !fill(hook, &ask)) {
		td_err_set(&err, TD_NOMEM, "out of memory");
		td_request_fail(request, &err);
		return;
	}
	in = smsd_provider(smsd, name);
	if (!in || !in->plugin->webhook) {
		td_request_reply(request, &td_web_answer_shape, &none);
		return;
	}
	hook->delivery = (struct delivery){ .instance = instance_ref(in), .what = TD_VLIT("webhook"),
		.id = id_of(request->arena, &ask), .timeout_ms = PATIENCE_MS, .done = durable };
	why = barred(hook);
	if (why)
		refuse(hook, why);
	else
		understand(hook);
}

struct td_view webhook_url(const struct instance *in, struct td_arena *arena)
{
	const char *base = in->conf->web.public_url;
	struct host_call call;
	struct tandem_view key;
	struct td_err err;
	char *url;

	if (!base || !in->plugin->webhook)
		return (struct td_view){ NULL, 0 };
	if (!in->hook_secret.n) {
		url = td_arena_printf(arena, "%s/hook/%s", base, in->set->name);
	} else {
		host_call_begin(&call, in->smsd->clock, arena, &err);
		key = call.pub.host->percent_encode(&call.pub, host_view(in->hook_secret), false);
		host_call_end(&call);
		url = td_arena_printf(arena, "%s/hook/%s?k=%.*s", base, in->set->name, (int)key.n, key.n ? key.p : "");
	}
	return td_view_str(url);
}
