/*
 * admin - what the operator asks smsd: its state, its providers
 */
#include <jansson.h>
#include <stdlib.h>

#include "children.h"
#include "serve.h"
#include "version.h"
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

/* Takes doc over. */
static struct td_view dump(json_t *doc, struct td_arena *arena)
{
	char *json = doc ? json_dumps(doc, JSON_COMPACT) : NULL;
	struct td_view out = { NULL, 0 };

	if (json)
		out = td_arena_dup(arena, td_view_str(json));
	free(json);
	json_decref(doc);
	return out;
}

static json_t *counters(const struct smsd *smsd)
{
	const struct smsd_counts *c = &smsd->count;

	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "claimed", (json_int_t)c->claimed, "begun",
		(json_int_t)c->begun, "accepted", (json_int_t)c->accepted, "temporary", (json_int_t)c->temporary, "failed",
		(json_int_t)c->failed, "uncertain", (json_int_t)c->uncertain, "expired", (json_int_t)c->expired, "reports",
		(json_int_t)c->reports, "activated", (json_int_t)c->activated, "submitted", (json_int_t)c->submitted, "inbound",
		(json_int_t)c->inbound, "receipts", (json_int_t)c->receipts);
}

struct td_view admin_status(struct smsd *smsd, struct td_arena *arena)
{
	size_t in_flight = 0;
	json_t *doc;

	for (size_t i = 0; i < smsd->nproviders; i++)
		in_flight += smsd->providers[i]->in_flight;
	doc = json_pack("{s:s, s:s, s:o, s:s, s:I, s:I, s:I, s:I, s:o, s:o, s:o}", "program", "tandem-smsd", "version", TD_VERSION,
		"started_at", iso(smsd->started_at), "store", td_peer_up(smsd->store) ? "up" : "down", "jobs", (json_int_t)smsd->njobs,
		"in_flight", (json_int_t)in_flight, "unsettled", (json_int_t)smsd->nkept, "commands",
		(json_int_t)children_count(smsd->children), "counters", counters(smsd), "last_error", text(smsd->last_error),
		"last_error_at", iso(smsd->last_error_at));
	return dump(doc, arena);
}

static json_t *provider(const struct instance *in)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:b, s:f, s:I, s:I, s:I, s:o, s:o, s:n, s:n}", "name", in->set->name, "plugin",
		in->set->plugin, "version", in->plugin->version, "circuit", circuit_name(in), "suspended", 0, "rate", in->set->rate, "window",
		(json_int_t)in->window, "in_flight", (json_int_t)in->in_flight, "waiting", (json_int_t)in->nwaiting, "last_error",
		text(in->last_error), "last_error_at", iso(in->last_error_at), "callback_url", "inbound_url");
}

enum td_status admin_providers(struct smsd *smsd, struct td_view name, struct td_arena *arena, struct td_view *out, struct td_err *err)
{
	json_t *list;

	for (size_t i = 0; name.n && i < smsd->nproviders; i++) {
		if (td_view_eq(name, td_view_str(smsd->providers[i]->set->name))) {
			*out = dump(provider(smsd->providers[i]), arena);
			return TD_OK;
		}
	}
	if (name.n)
		return td_err_set(err, TD_NOTFOUND, "%.*s: no such provider (try: tandem provider list)", TD_VARG(name));
	list = json_array();
	for (size_t i = 0; i < smsd->nproviders; i++)
		json_array_append_new(list, provider(smsd->providers[i]));
	*out = dump(list, arena);
	return TD_OK;
}
