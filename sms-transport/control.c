/*
 * control - what an operator does with a provider: suspend, resume, drain, test
 */
#include "control.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "host_check.h"
#include "http.h"
#include "serve.h"

#define DRAIN_WAIT_MS 25000 /* less than the patience of whoever asks */

struct wish { /* an operator who waits for an answer */
	struct smsd       *smsd;
	struct instance   *instance;
	struct td_request *request;
	uint16_t           verb;
	int64_t            since; /* monotonic */
	unsigned           steps; /* of a probe */
	uint64_t           token;
	struct wish       *next;  /* among those who wait for a drain */
};

static void wish_free(struct wish *wish)
{
	instance_unref(wish->instance);
	free(wish);
}

/* The provider as it stands now, with what is said beside it (taken over; may be NULL). */
static void answer(struct wish *wish, json_t *beside)
{
	json_t *doc = admin_provider(wish->instance);

	if (beside)
		json_object_update(doc, beside);
	json_decref(beside);
	admin_reply(wish->request, doc);
	wish_free(wish);
}

static void fail(struct wish *wish, const struct td_err *err)
{
	td_request_fail(wish->request, err);
	wish_free(wish);
}

/* ---- suspend, resume, drain ---- */

static bool drained(const struct instance *in)
{
	return in->in_flight == 0;
}

static void wait_for_drain(struct wish *wish)
{
	wish->next = wish->smsd->drains;
	wish->smsd->drains = wish;
	control_tick(wish->smsd);
}

static void noted(void *arg, const struct td_msg *msg, const struct td_err *err)
{
	struct wish *wish = arg;
	struct instance *in = wish->instance;
	struct smsd *smsd = wish->smsd;

	if (!msg) {
		fail(wish, err);
		return;
	}
	in->suspended = wish->verb != TD_V_PROVIDER_RESUME;
	td_warning("provider %s: %s by an operator", in->set->name, in->suspended ? "suspended" : "resumed");
	if (!in->suspended) {
		in->circuit = (struct circuit){ .open = false };
		in->circuit_why[0] = '\0';
	}
	dispatch_waiting(in);
	if (wish->verb == TD_V_PROVIDER_DRAIN)
		wait_for_drain(wish);
	else
		answer(wish, NULL);
	claim_more(smsd);
}

static void mark_name(char out[160], const struct instance *in)
{
	snprintf(out, 160, "suspended/%s", in->set->name);
}

static void note(struct wish *wish)
{
	char name[160];
	struct td_mark mark = { .mark = wish->verb == TD_V_PROVIDER_RESUME ? TD_VLIT("no") : TD_VLIT("yes") };

	mark_name(name, wish->instance);
	mark.provider = td_view_str(name);
	td_peer_call(wish->smsd->store, TD_V_MARK_PUT, &td_mark_shape, &mark, -1, true, noted, wish);
}

void control_tick(struct smsd *smsd)
{
	struct wish **at = &smsd->drains;

	while (*at) {
		struct wish *wish = *at;
		bool late = td_mono_ms(smsd->clock) - wish->since > DRAIN_WAIT_MS;

		if (!drained(wish->instance) && !late) {
			at = &wish->next;
			continue;
		}
		*at = wish->next;
		answer(wish, json_pack("{s:b}", "drained", drained(wish->instance)));
	}
}

void control_free(struct smsd *smsd)
{
	while (smsd->drains) {
		struct wish *wish = smsd->drains;

		smsd->drains = wish->next;
		wish_free(wish);
	}
}

struct asked { /* a question to the store about one provider */
	struct smsd     *smsd;
	struct instance *instance;
};

static void told(void *arg, const struct td_msg *msg, const struct td_err *err)
{
	struct asked *asked = arg;
	struct td_mark mark = { .mark = { NULL, 0 } };
	struct td_arena arena;
	struct td_err bad;

	td_arena_init(&arena, 1u << 16);
	if (msg && td_shape_decode(&td_mark_shape, msg->body, &mark, &arena, &bad)) {
		err = &bad;
		msg = NULL;
	}
	if (msg) {
		asked->instance->suspended = td_view_eq(mark.mark, TD_VLIT("yes"));
		dispatch_waiting(asked->instance);
	} else if (!asked->smsd->draining) {
		smsd_trouble(asked->smsd, "provider %s: is it suspended? %s", asked->instance->set->name, err->text);
	}
	td_arena_free(&arena);
	instance_unref(asked->instance);
	free(asked);
}

void control_ask(struct smsd *smsd)
{
	for (size_t i = 0; i < smsd->nproviders; i++) {
		struct asked *asked = malloc(sizeof(*asked));
		struct td_mark mark = { .mark = { NULL, 0 } };
		char name[160];

		if (!asked)
			continue;
		*asked = (struct asked){ smsd, instance_ref(smsd->providers[i]) };
		mark_name(name, asked->instance);
		mark.provider = td_view_str(name);
		td_peer_call(smsd->store, TD_V_MARK, &td_mark_shape, &mark, -1, true, told, asked);
	}
}

/* ---- test ---- */

static const char *kind_name(enum tandem_outcome_kind kind)
{
	static const char *const names[] = { NULL, "accepted", "permanent-number", "permanent-optout", "permanent-other",
		"temporary", "throttled", "auth", "funds", "uncertain", "not-there" };

	return kind >= TANDEM_ACCEPTED && kind <= TANDEM_NOT_THERE ? names[kind] : "nonsense";
}

static void tested(struct wish *wish, enum tandem_outcome_kind kind, struct td_view detail)
{
	int64_t ms = td_mono_ms(wish->smsd->clock) - wish->since;

	answer(wish, json_pack("{s:b, s:s, s:s%, s:I}", "ok", kind == TANDEM_ACCEPTED, "outcome", kind_name(kind), "detail",
		detail.n ? detail.p : "", detail.n, "ms", (json_int_t)ms));
}

static void follow(struct wish *wish, const struct tandem_step *step);

static void probed(void *arg, const struct http_result *result)
{
	struct wish *wish = arg;
	struct instance *in = wish->instance;
	struct tandem_answer reply = { .struct_size = sizeof(reply), .status = result->status, .token = wish->token,
		.headers = result->headers, .nheaders = result->nheaders, .body = host_view(result->body) };
	struct tandem_step step = { .token = 0 };
	struct host_call call;
	struct td_arena arena;
	struct td_err err;
	int done;

	if (result->fate != HTTP_ANSWERED) {
		tested(wish, TANDEM_TEMPORARY, td_view_str(result->why));
		return;
	}
	td_arena_init(&arena, HOST_ARENA);
	instance_ref(in); /* an answer ends the wish, and a reload may have ended all else */
	instance_call(in, &call, &arena, &err);
	done = in->plugin->response(&call.pub, in->state, &reply, &step);
	if (done != TANDEM_OK || call.pub.failed)
		tested(wish, TANDEM_UNCERTAIN, td_view_str(err.text));
	else if (++wish->steps > STEPS_MAX)
		tested(wish, TANDEM_UNCERTAIN, TD_VLIT("the plugin asks for too many requests"));
	else
		follow(wish, &step);
	host_call_end(&call);
	td_arena_free(&arena);
	instance_unref(in);
}

static void follow(struct wish *wish, const struct tandem_step *step)
{
	const char *wrong;
	struct http_ask ask;
	struct td_strings hosts;
	struct td_err err;

	if (step->outcome.kind) {
		struct tandem_outcome outcome = step->outcome;
		struct host_words words;

		host_check_outcome(&outcome, true, &words);
		tested(wish, outcome.kind, host_td(outcome.detail));
		return;
	}
	wrong = host_check_http(&step->http);
	if (wrong) {
		tested(wish, TANDEM_PERMANENT_OTHER, td_view_str(wrong));
		return;
	}
	instance_http(wish->instance, &step->http, &hosts, &ask);
	wish->token = step->token;
	if (http_send(wish->smsd->http, &ask, probed, wish, &err))
		tested(wish, TANDEM_PERMANENT_OTHER, td_view_str(err.text));
}

static void test(struct wish *wish)
{
	struct instance *in = wish->instance;
	struct tandem_step step = { .token = 0 };
	struct host_call call;
	struct td_arena arena;
	struct td_err err;

	if (!in->plugin->probe || in->plugin->transport != TANDEM_HTTP) {
		td_err_set(&err, TD_NOTFOUND, "provider %s: plugin %s has no test that sends nothing", in->set->name,
			in->plugin->name);
		fail(wish, &err);
		return;
	}
	td_arena_init(&arena, HOST_ARENA);
	instance_call(in, &call, &arena, &err);
	if (in->plugin->probe(&call.pub, in->state, &step) != TANDEM_OK || call.pub.failed)
		tested(wish, TANDEM_PERMANENT_OTHER, td_view_str(err.text));
	else
		follow(wish, &step);
	host_call_end(&call);
	td_arena_free(&arena);
}

/* ---- serving ---- */

void control_serve(struct smsd *smsd, struct td_request *request)
{
	struct wish *wish = calloc(1, sizeof(*wish));
	struct td_err err;

	if (!wish) {
		td_err_set(&err, TD_NOMEM, "out of memory");
		td_request_fail(request, &err);
		return;
	}
	wish->smsd = smsd;
	wish->request = request;
	wish->verb = request->msg.verb;
	wish->since = td_mono_ms(smsd->clock);
	if (admin_named(smsd, request, &wish->instance, &err)) {
		fail(wish, &err);
		return;
	}
	instance_ref(wish->instance);
	if (wish->verb == TD_V_PROVIDER_TEST)
		test(wish);
	else
		note(wish);
}
