/*
 * admin_suppress - the suppression set for the operator
 */
#include "admin.h"
#include "admin_consent.h"
#include "event.h"

#define LIMIT_DEFAULT 1000
#define LIMIT_MAX 100000

static const char *const kinds[] = { "undeliverable", "dnc", "paused", NULL };

enum td_status td_admin_suppress_add(struct td_store *store, struct td_op *op)
{
	static const char *const names[] = { "address!", "kind", "until", "note", NULL };
	struct td_view args[4], id;
	struct td_consent_event event = { .action = TD_VLIT("suppress"), .source = TD_VLIT("admin") };
	bool paused;
	json_t *doc;

	if (td_admin_args(op, names, args) || td_admin_address(store, op, "address", args[0], &event.addr) ||
		td_admin_word(op, "kind", args[1], kinds, args[2].n ? "paused" : "dnc", &event.kind) ||
		td_admin_time(op, "until", args[2], false, &event.expires_at))
		return op->err.status;
	paused = td_view_eq(event.kind, TD_VLIT("paused"));
	if (paused && event.expires_at <= op->now_ms)
		return td_admin_bad(op, "until", args[2], "the time to come until which it is paused");
	if (!paused && args[2].n)
		return td_err_set(&op->err, TD_BADINPUT, "until: only for --kind paused; %.*s stands until it is removed",
			TD_VARG(event.kind));
	event.channel = td_admin_own_channel(event.addr);
	event.note = td_view_trim(args[3]);
	event.actor = td_admin_actor(op);
	if (paused)
		event.action = TD_VLIT("pause");
	if (td_event_append(store, op, &event, &id))
		return op->err.status;
	doc = json_object();
	td_admin_set(doc, "id", td_admin_text(id));
	td_admin_set(doc, "address", td_admin_text(td_address_plain(event.addr)));
	td_admin_set(doc, "kind", td_admin_text(event.kind));
	td_admin_set(doc, "until", td_admin_iso(event.expires_at));
	td_admin_set(doc, "note", td_admin_text(event.note));
	td_admin_set(doc, "occurred_at", td_admin_iso(op->now_ms));
	return td_admin_reply(op, doc);
}

enum { S_ADDR, S_KIND, S_UNTIL, S_EVENT, S_NOTE, S_AT, S_SOURCE };

enum td_status td_admin_suppress_remove(struct td_store *store, struct td_op *op)
{
	static const char *const names[] = { "address!", "kind", "note!", NULL };
	struct td_view args[3], kind, id = { 0 };
	struct td_consent_event event = { .action = TD_VLIT("unsuppress"), .source = TD_VLIT("admin") };
	struct td_rows rows;
	json_t *doc;

	if (td_admin_args(op, names, args) || td_admin_address(store, op, "address", args[0], &event.addr) ||
		td_admin_word(op, "kind", args[1], kinds, "", &kind) ||
		td_run(store, op, TD_SQL_SUPPRESSIONS_OF, &rows, td_text(event.addr), td_text(kind)) || td_sync(store, op))
		return op->err.status;
	if (!rows.nrows)
		return td_err_set(&op->err, TD_NOTFOUND, "%.*s: is not suppressed%s%.*s", TD_VARG(td_address_plain(event.addr)),
			kind.n ? " as " : "", TD_VARG(kind));
	event.channel = td_admin_own_channel(event.addr);
	event.note = td_view_trim(args[2]);
	event.actor = td_admin_actor(op);
	for (size_t i = 0; i < rows.nrows; i++) {
		event.kind = td_col_view(&rows, i, S_KIND);
		if (td_event_append(store, op, &event, &id))
			return op->err.status;
	}
	doc = json_object();
	td_admin_set(doc, "id", td_admin_text(id));
	td_admin_set(doc, "address", td_admin_text(td_address_plain(event.addr)));
	td_admin_set(doc, "kind", td_admin_text(kind));
	td_admin_set(doc, "removed", json_integer((json_int_t)rows.nrows));
	return td_admin_reply(op, doc);
}

enum td_status td_admin_suppress_list(struct td_store *store, struct td_op *op)
{
	static const char *const names[] = { "address", "kind", "after", "limit", NULL };
	struct td_view args[4], addr = { 0 }, after = { 0 }, kind;
	struct td_rows rows;
	int64_t limit = LIMIT_DEFAULT;
	json_t *list;

	if (td_admin_args(op, names, args) || td_admin_word(op, "kind", args[1], kinds, "", &kind) ||
		td_admin_number(op, "limit", args[3], 1, LIMIT_MAX, &limit) ||
		(args[0].n && td_admin_address(store, op, "address", args[0], &addr)) ||
		(args[2].n && td_admin_address(store, op, "after", args[2], &after)))
		return op->err.status;
	if (addr.n ? td_run(store, op, TD_SQL_SUPPRESSIONS_OF, &rows, td_text(addr), td_text(kind))
			   : td_run(store, op, TD_SQL_SUPPRESSIONS_AFTER, &rows, td_text(after), td_text(kind), td_int(limit)))
		return op->err.status;
	if (td_sync(store, op))
		return op->err.status;
	list = json_array();
	for (size_t i = 0; i < rows.nrows; i++) {
		json_t *item = json_object();

		td_admin_set(item, "address", td_admin_text(td_address_plain(td_col_view(&rows, i, S_ADDR))));
		td_admin_set(item, "kind", td_admin_text(td_col_view(&rows, i, S_KIND)));
		td_admin_set(item, "until", td_admin_iso(td_col_int(&rows, i, S_UNTIL)));
		td_admin_set(item, "event", td_admin_text(td_col_view(&rows, i, S_EVENT)));
		td_admin_set(item, "source", td_admin_text(td_col_view(&rows, i, S_SOURCE)));
		td_admin_set(item, "note", td_admin_text(td_col_view(&rows, i, S_NOTE)));
		td_admin_set(item, "occurred_at", td_admin_iso(td_col_int(&rows, i, S_AT)));
		json_array_append_new(list, item);
	}
	return td_admin_reply(op, list);
}
