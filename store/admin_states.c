/*
 * admin_states - where an address stands: CONSENT_SHOW, CONSENT_LOG
 */
#include "admin.h"
#include "admin_consent.h"
#include "facts.h"

#define LOG_DEFAULT 1000
#define LOG_MAX 100000

const char *const td_admin_channels[] = { "email", "sms", "*", NULL };

struct td_view td_admin_own_channel(struct td_view addr)
{
	return td_address_is_tel(addr) ? TD_VLIT("sms") : TD_VLIT("email");
}

static bool is_any(struct td_view v)
{
	return td_view_eq(v, TD_VLIT("*"));
}

static int scope_index(const struct td_admin_scope *s)
{
	if (is_any(s->channel))
		return is_any(s->category) ? TD_SCOPE_ALL : TD_SCOPE_CATEGORY;
	return is_any(s->category) ? TD_SCOPE_CHANNEL : TD_SCOPE_BOTH;
}

enum td_status td_admin_scope_load(
	struct td_store *store, struct td_op *op, struct td_view addr, struct td_admin_scope *s)
{
	struct td_view channel = is_any(s->channel) ? td_admin_own_channel(addr) : s->channel;
	const struct td_conf_category *category = td_conf_category(store->conf, s->category);
	struct td_gather *g = TD_NEW(op->arena, struct td_gather);

	if (!g)
		return td_err_set(&op->err, TD_NOMEM, "request too large");
	s->cls = category ? category->class : TD_CLASS_MARKETING;
	s->at = scope_index(s);
	g->addr = addr;
	g->channel = td_view_eq(channel, TD_VLIT("sms")) ? TD_SMS : TD_EMAIL;
	g->cls = s->cls;
	g->category = is_any(s->category) ? TD_VLIT("") : s->category;
	if (td_facts_ask(store, op, g) || td_sync(store, op) || td_facts_more(store, op, g) || td_sync(store, op) ||
		td_facts_fill(store, op, g))
		return op->err.status;
	/* what is on no path to this scope, or narrower than it, says nothing of it */
	memset(s->scope, 0, sizeof(s->scope));
	for (int i = 0; i <= s->at; i++) {
		if (s->at != TD_SCOPE_CATEGORY || i != TD_SCOPE_CHANNEL)
			s->scope[i] = g->facts.scope[i];
	}
	return TD_OK;
}

/* ---- CONSENT_SHOW ---- */

enum {
	E_ID,
	E_ADDRESS,
	E_CHANNEL,
	E_CATEGORY,
	E_ACTION,
	E_REACH,
	E_BASIS,
	E_SOURCE,
	E_ACTOR,
	E_SUBJECT,
	E_KIND,
	E_EVIDENCE,
	E_NOTE,
	E_OCCURRED,
	E_RECORDED,
	E_EXPIRES,
	E_BRAND,
	E_PREV,
	E_HASH
};

static json_t *state_json(struct td_view addr, const struct td_admin_scope *s, const char *state, bool marketing_only,
	const struct td_rows *event)
{
	json_t *doc = json_object();
	bool revoked = !strcmp(state, "revoked");

	td_admin_set(doc, "address", td_admin_text(td_address_plain(addr)));
	td_admin_set(doc, "channel", td_admin_text(s->channel));
	td_admin_set(doc, "category", td_admin_text(s->category));
	td_admin_set(doc, "state", td_admin_str(state));
	td_admin_set(doc, "reach", revoked ? td_admin_str(marketing_only ? "marketing" : "all") : json_null());
	td_admin_set(doc, "basis", td_admin_text(td_col_view(event, 0, E_BASIS)));
	td_admin_set(doc, "source", td_admin_text(td_col_view(event, 0, E_SOURCE)));
	td_admin_set(doc, "event", td_admin_text(td_col_view(event, 0, E_ID)));
	td_admin_set(doc, "occurred_at", td_admin_iso(td_col_int(event, 0, E_OCCURRED)));
	td_admin_set(doc, "expires_at", td_admin_iso(td_col_int(event, 0, E_EXPIRES)));
	td_admin_set(doc, "note", td_admin_text(td_col_view(event, 0, E_NOTE)));
	return doc;
}

static enum td_status add_state(
	struct td_store *store, struct td_op *op, struct td_view addr, struct td_admin_scope *s, json_t *list)
{
	const struct td_mark_fact *mark;
	struct td_rows event = { 0 };
	const char *state;
	bool marketing_only;

	if (td_admin_scope_load(store, op, addr, s))
		return op->err.status;
	state = td_consent_mark(s->scope, s->cls, op->now_ms, &mark);
	marketing_only = strcmp(td_consent_state(s->scope, TD_CLASS_SERVICE, op->now_ms), "revoked") != 0;
	if (mark && (td_run(store, op, TD_SQL_EVENT_GET, &event, td_str(mark->event)) || td_sync(store, op)))
		return op->err.status;
	json_array_append_new(list, state_json(addr, s, state, marketing_only, &event));
	return TD_OK;
}

static bool wanted(struct td_view filter, struct td_view value)
{
	return !filter.n || td_view_eq(filter, value);
}

enum td_status td_admin_states(struct td_store *store, struct td_op *op, struct td_view addr, struct td_view channel,
	struct td_view category, json_t *list)
{
	struct td_admin_scope own = { .channel = td_admin_own_channel(addr), .category = TD_VLIT("*") };
	struct td_rows scopes;
	bool listed = false;

	if (td_run(store, op, TD_SQL_CONSENT_SCOPES, &scopes, td_text(addr)) || td_sync(store, op))
		return op->err.status;
	for (size_t i = 0; i < scopes.nrows; i++) {
		struct td_admin_scope s = { .channel = td_col_view(&scopes, i, 0), .category = td_col_view(&scopes, i, 1) };

		listed = listed || (td_view_eq(s.channel, own.channel) && td_view_eq(s.category, own.category));
		if (wanted(channel, s.channel) && wanted(category, s.category) && add_state(store, op, addr, &s, list))
			return op->err.status;
	}
	/* a category or a channel that was asked for is answered, recorded or not */
	if (channel.n)
		own.channel = channel;
	if (category.n)
		own.category = category;
	if (listed && !channel.n && !category.n)
		return TD_OK;
	return (channel.n || category.n) && json_array_size(list) ? TD_OK : add_state(store, op, addr, &own, list);
}

enum { S_ADDRESS, S_CHANNEL, S_CATEGORY, S_SINCE, S_LIMIT, S_N };

enum td_status td_admin_consent_show(struct td_store *store, struct td_op *op)
{
	static const char *const names[] = { "address!", "channel", "category", NULL };
	struct td_view args[S_N], addr, channel, category;
	json_t *list;

	if (td_admin_args(op, names, args) || td_admin_address(store, op, "address", args[S_ADDRESS], &addr) ||
		td_admin_word(op, "channel", args[S_CHANNEL], td_admin_channels, "", &channel))
		return op->err.status;
	category = args[S_CATEGORY];
	list = json_array();
	if (td_admin_states(store, op, addr, channel, category, list)) {
		json_decref(list);
		return op->err.status;
	}
	return td_admin_reply(op, list);
}

/* ---- CONSENT_LOG ---- */

static json_t *hex(struct td_op *op, struct td_view bytes)
{
	char *text = bytes.n ? td_arena_alloc(op->arena, 2 * bytes.n + 1) : NULL;

	if (!text)
		return json_null();
	td_hex_encode(text, bytes.p, bytes.n);
	return json_string(text);
}

/* Evidence as the object it is; as text when it is none. */
static json_t *evidence_json(struct td_view text)
{
	json_t *object = text.n ? json_loadb(text.p, text.n, 0, NULL) : NULL;

	return object ? object : td_admin_text(text);
}

json_t *td_admin_event_json(struct td_op *op, const struct td_rows *rows, size_t i)
{
	json_t *doc = json_object();

	td_admin_set(doc, "id", td_admin_text(td_col_view(rows, i, E_ID)));
	td_admin_set(doc, "brand", td_admin_text(td_col_view(rows, i, E_BRAND)));
	td_admin_set(doc, "address", td_admin_text(td_address_plain(td_col_view(rows, i, E_ADDRESS))));
	td_admin_set(doc, "channel", td_admin_text(td_col_view(rows, i, E_CHANNEL)));
	td_admin_set(doc, "category", td_admin_text(td_col_view(rows, i, E_CATEGORY)));
	td_admin_set(doc, "action", td_admin_text(td_col_view(rows, i, E_ACTION)));
	td_admin_set(doc, "reach", td_admin_text(td_col_view(rows, i, E_REACH)));
	td_admin_set(doc, "kind", td_admin_text(td_col_view(rows, i, E_KIND)));
	td_admin_set(doc, "basis", td_admin_text(td_col_view(rows, i, E_BASIS)));
	td_admin_set(doc, "source", td_admin_text(td_col_view(rows, i, E_SOURCE)));
	td_admin_set(doc, "actor", td_admin_text(td_col_view(rows, i, E_ACTOR)));
	td_admin_set(doc, "authored_by_subject", json_boolean(td_col_int(rows, i, E_SUBJECT) != 0));
	td_admin_set(doc, "evidence", evidence_json(td_col_view(rows, i, E_EVIDENCE)));
	td_admin_set(doc, "note", td_admin_text(td_col_view(rows, i, E_NOTE)));
	td_admin_set(doc, "occurred_at", td_admin_iso(td_col_int(rows, i, E_OCCURRED)));
	td_admin_set(doc, "recorded_at", td_admin_iso(td_col_int(rows, i, E_RECORDED)));
	td_admin_set(doc, "expires_at", td_admin_iso(td_col_int(rows, i, E_EXPIRES)));
	td_admin_set(doc, "prev_hash", hex(op, td_col_view(rows, i, E_PREV)));
	td_admin_set(doc, "hash", hex(op, td_col_view(rows, i, E_HASH)));
	return doc;
}

enum td_status td_admin_consent_log(struct td_store *store, struct td_op *op)
{
	static const char *const names[] = { "address!", "channel", "category", "since", "limit", NULL };
	struct td_view args[S_N], addr, channel;
	struct td_rows rows;
	int64_t since = 0, limit = LOG_DEFAULT;
	json_t *list;

	if (td_admin_args(op, names, args) || td_admin_address(store, op, "address", args[S_ADDRESS], &addr) ||
		td_admin_word(op, "channel", args[S_CHANNEL], td_admin_channels, "", &channel) ||
		td_admin_time(op, "since", args[S_SINCE], true, &since) ||
		td_admin_number(op, "limit", args[S_LIMIT], 1, LOG_MAX, &limit) ||
		td_run(store, op, TD_SQL_EVENTS_OF, &rows, td_text(addr), td_text(channel), td_text(args[S_CATEGORY]),
			td_int(since), td_int(limit)) ||
		td_sync(store, op))
		return op->err.status;
	list = json_array();
	for (size_t i = 0; i < rows.nrows; i++)
		json_array_append_new(list, td_admin_event_json(op, &rows, i));
	return td_admin_reply(op, list);
}
