/*
 * admin - what the operator asks smsd: its state, its providers
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "children.h"
#include "serve.h"
#include "version.h"
#include "webhook.h"
#include "when.h"

static json_t *text(const char *s)
{
	return s && *s ? json_string(s) : json_null();
}

static json_t *iso(int64_t ms)
{
	char out[TD_TIME_SIZE];

	if (!ms)
		return json_null();
	td_when_iso(out, ms);
	return json_string(out);
}

void admin_reply(struct td_request *request, json_t *json)
{
	char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;
	struct td_doc doc = { .json = td_view_str(text) };
	struct td_err err;

	json_decref(json);
	if (text) {
		td_request_reply(request, &td_doc_shape, &doc);
		free(text);
		return;
	}
	td_err_set(&err, TD_NOMEM, "out of memory");
	td_request_fail(request, &err);
}

static json_t *counters(const struct smsd *smsd)
{
	const struct smsd_counts *c = &smsd->count;
	const struct {
		const char *name;
		uint64_t    n;
	} all[] = {
		{ "claimed", c->claimed }, { "begun", c->begun }, { "accepted", c->accepted }, { "temporary", c->temporary },
		{ "failed", c->failed }, { "uncertain", c->uncertain }, { "expired", c->expired }, { "reports", c->reports },
		{ "activated", c->activated }, { "submitted", c->submitted }, { "inbound", c->inbound },
		{ "receipts", c->receipts },
	};
	json_t *doc = json_object();

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		json_object_set_new(doc, all[i].name, json_integer((json_int_t)all[i].n));
	return doc;
}

json_t *admin_status(const struct smsd *smsd)
{
	size_t in_flight = 0;
	json_t *doc;

	for (size_t i = 0; i < smsd->nproviders; i++)
		in_flight += smsd->providers[i]->in_flight;
	doc = json_object();
	json_object_set_new(doc, "program", json_string("tandem-smsd"));
	json_object_set_new(doc, "version", json_string(TD_VERSION));
	json_object_set_new(doc, "started_at", iso(smsd->started_at));
	json_object_set_new(doc, "store", json_string(td_peer_up(smsd->store) ? "up" : "down"));
	json_object_set_new(doc, "jobs", json_integer((json_int_t)smsd->njobs));
	json_object_set_new(doc, "in_flight", json_integer((json_int_t)in_flight));
	json_object_set_new(doc, "unsettled", json_integer((json_int_t)smsd->nkept));
	json_object_set_new(doc, "commands", json_integer((json_int_t)children_count(smsd->children)));
	json_object_set_new(doc, "counters", counters(smsd));
	json_object_set_new(doc, "last_error", text(smsd->last_error));
	json_object_set_new(doc, "last_error_at", iso(smsd->last_error_at));
	return doc;
}

/* What to enter at the provider: the address of our hook and the provider's own placeholders. */
static json_t *address(const struct instance *in, const char *query)
{
	struct td_arena arena;
	struct td_view url;
	json_t *out;

	td_arena_init(&arena, 1u << 16);
	url = webhook_url(in, &arena);
	out = !url.p ? json_null() :
		json_sprintf("%.*s%s%s", (int)url.n, url.p, !query ? "" : memchr(url.p, '?', url.n) ? "&" : "?",
			query ? query : "");
	td_arena_free(&arena);
	return out;
}

json_t *admin_provider(const struct instance *in)
{
	int64_t now = td_mono_ms(in->smsd->clock);
	json_t *doc = json_object();

	json_object_set_new(doc, "name", json_string(in->set->name));
	json_object_set_new(doc, "plugin", json_string(in->set->plugin));
	json_object_set_new(doc, "version", json_string(in->plugin->version));
	json_object_set_new(doc, "circuit", json_string(circuit_state(&in->circuit, now)));
	json_object_set_new(doc, "suspended", json_boolean(in->suspended));
	json_object_set_new(doc, "circuit_reason", in->circuit.open ? text(in->circuit_why) : json_null());
	json_object_set_new(doc, "rate", json_real(bucket_rate_now(&in->bucket, now)));
	json_object_set_new(doc, "rate_configured", json_real(in->set->rate));
	json_object_set_new(doc, "paused_ms", json_integer((json_int_t)bucket_paused_ms(&in->bucket, now)));
	json_object_set_new(doc, "window", json_integer((json_int_t)in->window));
	json_object_set_new(doc, "in_flight", json_integer((json_int_t)in->in_flight));
	json_object_set_new(doc, "waiting", json_integer((json_int_t)in->nwaiting));
	json_object_set_new(doc, "last_error", text(in->last_error));
	json_object_set_new(doc, "last_error_at", iso(in->last_error_at));
	json_object_set_new(doc, "callback_url", address(in, in->plugin->callback_query));
	json_object_set_new(doc, "inbound_url", address(in, in->plugin->inbound_query));
	return doc;
}

/* The argument "name"; p == NULL when it is not given. */
static enum td_status name_of(struct td_request *request, struct td_view *name, struct td_err *err)
{
	struct td_args args;
	enum td_status status = td_shape_decode(&td_args_shape, request->msg.body, &args, request->arena, err);

	*name = (struct td_view){ NULL, 0 };
	for (size_t i = 0; !status && i < args.args.n; i++) {
		const struct td_pair *arg = (const struct td_pair *)args.args.v + i;

		if (!td_view_eq(arg->name, TD_VLIT("name")))
			return td_err_set(err, TD_BADINPUT, "%.*s: no such argument", TD_VARG(arg->name));
		*name = arg->value;
	}
	return status;
}

static enum td_status find(const struct smsd *smsd, struct td_view name, struct instance **out, struct td_err *err)
{
	for (size_t i = 0; i < smsd->nproviders; i++) {
		if (td_view_eq(name, td_view_str(smsd->providers[i]->set->name))) {
			*out = smsd->providers[i];
			return TD_OK;
		}
	}
	return td_err_set(err, TD_NOTFOUND, "%.*s: no such provider (try: tandem provider list)", TD_VARG(name));
}

enum td_status admin_named(const struct smsd *smsd, struct td_request *request, struct instance **out,
	struct td_err *err)
{
	struct td_view name;
	enum td_status status = name_of(request, &name, err);

	return status ? status : find(smsd, name, out, err);
}

void admin_providers(struct smsd *smsd, struct td_request *request)
{
	struct instance *one;
	struct td_view name;
	struct td_err err;
	json_t *list;

	if (name_of(request, &name, &err) || (name.n && find(smsd, name, &one, &err))) {
		td_request_fail(request, &err);
		return;
	}
	if (name.n) {
		admin_reply(request, admin_provider(one));
		return;
	}
	list = json_array();
	for (size_t i = 0; i < smsd->nproviders; i++)
		json_array_append_new(list, admin_provider(smsd->providers[i]));
	admin_reply(request, list);
}
