/*
 * event - consent events: log, hash chain, projection, journal
 *
 * The chain commits to the HMAC of the address and to a salted digest of evidence and note; erasing address, evidence,
 * note and salt later leaves a chain that still verifies.
 */
#include "buf.h"
#include "crypto.h"
#include "event.h"
#include "facts.h"
#include "journal.h"

#define SALT_SIZE 16

/* The oldest line of the secret: rotation puts new lines before it, and commitments must stay comparable. */
static struct td_view pepper(const struct td_store *store)
{
	struct td_view rest = store->secret, line, last = store->secret;

	while (td_view_next(&rest, '\n', &line)) {
		if (line.n > 0)
			last = line;
	}
	return last;
}

void td_event_address_mac(const struct td_store *store, struct td_view addr, unsigned char out[32])
{
	unsigned char key[TD_SHA256_SIZE];

	td_hmac_sha256(key, pepper(store), TD_VLIT("tandem address"));
	td_hmac_sha256(out, td_view_mem(key, sizeof key), addr);
	td_secret_wipe(key, sizeof key);
}

enum td_status td_chain_load(struct td_store *store, struct td_op *op)
{
	struct td_rows rows;
	struct td_view head;

	if (td_run(store, op, TD_SQL_CHAIN_END, &rows, td_str(store->instance)) || td_sync(store, op))
		return op->err.status;
	memset(&store->chain, 0, sizeof store->chain);
	if (rows.nrows == 0)
		return TD_OK;
	head = td_col_view(&rows, 0, 1);
	if (head.n != sizeof store->chain.head)
		return td_err_set(&op->err, TD_PERMFAIL, "store: the last event's hash is %zu bytes", head.n);
	store->chain.seq = td_col_int(&rows, 0, 0);
	memcpy(store->chain.head, head.p, head.n);
	return TD_OK;
}

struct row { /* what is computed of an event */
	struct td_view id;
	int64_t        occurred_at;
	unsigned char  mac[32], salt[SALT_SIZE], digest[32], hash[32];
};

static void add(struct td_buf *out, struct td_view v)
{
	td_buf_u32(out, (uint32_t)v.n);
	td_buf_add(out, v);
}

/* Length before each field, so that no two events have the same bytes. */
static enum td_status seal(const struct td_store *store, struct td_op *op, const struct td_consent_event *event,
	struct row *row)
{
	struct td_buf  out;
	enum td_status status = TD_OK;

	td_buf_init(&out, 1u << 20);
	td_buf_add(&out, td_view_mem(row->salt, sizeof row->salt));
	add(&out, event->evidence);
	add(&out, event->note);
	td_sha256(row->digest, td_buf_view(&out));
	if (!td_buf_ok(&out))
		status = td_err_set(&op->err, TD_TOOBIG, "evidence too large");
	td_buf_reset(&out);
	td_buf_add(&out, td_view_mem(store->chain.head, sizeof store->chain.head));
	td_buf_u64(&out, (uint64_t)store->chain.seq + 1);
	add(&out, td_view_str(store->instance));
	add(&out, row->id);
	add(&out, td_view_str(store->conf->brand));
	td_buf_add(&out, td_view_mem(row->mac, sizeof row->mac));
	add(&out, event->channel);
	add(&out, event->category);
	add(&out, event->action);
	add(&out, event->reach);
	add(&out, event->basis);
	add(&out, event->source);
	add(&out, event->actor);
	add(&out, event->kind);
	td_buf_byte(&out, event->by_subject ? 1 : 0);
	td_buf_add(&out, td_view_mem(row->digest, sizeof row->digest));
	td_buf_u64(&out, (uint64_t)row->occurred_at);
	td_buf_u64(&out, (uint64_t)op->now_ms);
	td_buf_u64(&out, (uint64_t)event->expires_at);
	td_sha256(row->hash, td_buf_view(&out));
	if (!status && !td_buf_ok(&out))
		status = td_err_set(&op->err, TD_TOOBIG, "event too large");
	td_buf_free(&out);
	return status;
}

static enum td_status insert(struct td_store *store, struct td_op *op, const struct td_consent_event *e,
	const struct row *row)
{
	struct td_view prev = td_arena_dup(op->arena, td_view_mem(store->chain.head, sizeof store->chain.head));

	return td_run(store, op, TD_SQL_EVENT_INSERT, NULL, td_text(row->id), td_str(store->instance),
		td_int(store->chain.seq + 1),
		td_str(store->conf->brand), td_text(e->addr), td_blob(row->mac, sizeof row->mac), td_text(e->channel),
			td_text(e->category),
		td_text(e->action), td_text(e->reach), td_text(e->basis), td_text(e->source), td_text(e->actor),
			td_int(e->by_subject),
		td_text(e->kind), td_opt(e->evidence), td_opt(e->note), td_blob(row->salt, sizeof row->salt),
		td_blob(row->digest, sizeof row->digest), td_int(row->occurred_at), td_int(op->now_ms), td_int(e->expires_at),
		td_blob(prev.p, prev.n), td_blob(row->hash, sizeof row->hash));
}

static bool by_keyword(struct td_view source)
{
	return td_view_eq(source, TD_VLIT("keyword")) || td_view_eq(source, TD_VLIT("keyword_fuzzy")) ||
		td_view_eq(source, TD_VLIT("carrier"));
}

static bool is_strong(const struct td_consent_event *event)
{
	return event->by_subject || (td_view_eq(event->source, TD_VLIT("admin")) && event->note.n > 0);
}

static enum td_status put(struct td_store *store, struct td_op *op, const struct td_consent_event *e,
	const struct row *row,
	enum td_consent_kind kind)
{
	return td_run(store, op, TD_SQL_CONSENT_PUT, NULL, td_text(e->addr), td_text(e->channel), td_text(e->category),
		td_int(kind),
		td_int(row->occurred_at), td_text(row->id), td_text(e->source), td_int(e->by_subject), td_int(e->expires_at));
}

static enum td_status project_revoke(struct td_store *store, struct td_op *op, const struct td_consent_event *e,
	const struct row *row)
{
	struct td_journal_line line = { row->occurred_at, { 0 }, e->channel, e->category, e->reach, e->source, { 0 } };
	bool stop = by_keyword(e->source), marketing = td_view_eq(e->reach, TD_VLIT("marketing"));

	memcpy(line.address_mac, row->mac, sizeof line.address_mac);
	memcpy(line.head, row->hash, sizeof line.head);
	if (td_journal_add(store->journal, &line, &op->err))
		return op->err.status;
	if (marketing)
		return put(store, op, e, row, stop ? TD_CK_STOP_MARKETING : TD_CK_REVOKE_MARKETING);
	return put(store, op, e, row, stop ? TD_CK_STOP_ALL : TD_CK_REVOKE_ALL);
}

/*
 * START: what STOP wrote on the SMS channel does not count from now on, and for SMS neither does its marketing half
 * (facts.c).
 */
static enum td_status lift(struct td_store *store, struct td_op *op, const struct td_consent_event *e,
	const struct row *row)
{
	if (td_run(store, op, TD_SQL_CONSENT_LIFT, NULL, td_text(e->addr), td_str("sms"), td_str("*"),
		td_int(TD_CK_STOP_ALL),
		td_int(row->occurred_at)))
		return op->err.status;
	return td_run(store, op, TD_SQL_CONSENT_LIFT, NULL, td_text(e->addr), td_str("*"), td_str("*"),
		td_int(TD_CK_STOP_MARKETING),
		td_int(row->occurred_at));
}

static enum td_status project_grant(struct td_store *store, struct td_op *op, const struct td_consent_event *e,
	const struct row *row)
{
	if (by_keyword(e->source))
		return lift(store, op, e, row);
	if (td_view_eq(e->basis, TD_VLIT("provided")))
		return put(store, op, e, row, TD_CK_PROVIDED);
	return put(store, op, e, row, is_strong(e) ? TD_CK_GRANT_STRONG : TD_CK_GRANT);
}

static enum td_status project_suppression(struct td_store *store, struct td_op *op, const struct td_consent_event *e,
	const struct row *row)
{
	if (td_view_eq(e->action, TD_VLIT("unsuppress")))
		return td_run(store, op, TD_SQL_SUPPRESSION_DELETE, NULL, td_text(e->addr), td_text(e->kind));
	return td_run(store, op, TD_SQL_SUPPRESSION_PUT, NULL, td_text(e->addr), td_text(e->kind), td_int(row->occurred_at),
		td_text(row->id), td_int(e->expires_at), td_text(e->note));
}

static enum td_status project(struct td_store *store, struct td_op *op, const struct td_consent_event *e,
	const struct row *row)
{
	struct td_view action = e->action;

	if (td_view_eq(action, TD_VLIT("revoke")))
		return project_revoke(store, op, e, row);
	if (td_view_eq(action, TD_VLIT("grant")) || td_view_eq(action, TD_VLIT("confirm_doi")))
		return project_grant(store, op, e, row);
	if (td_view_eq(action, TD_VLIT("request_doi")))
		return put(store, op, e, row, TD_CK_PENDING);
	if (td_view_eq(action, TD_VLIT("suppress")) || td_view_eq(action, TD_VLIT("unsuppress")) ||
		td_view_eq(action, TD_VLIT("pause")))
		return project_suppression(store, op, e, row);
	if (td_view_eq(action, TD_VLIT("expire")))
		return td_run(store, op, TD_SQL_CONSENT_EXPIRE, NULL, td_text(e->addr), td_text(e->channel),
			td_text(e->category),
			td_int(row->occurred_at));
	if (td_view_eq(action, TD_VLIT("erase")) || td_view_eq(action, TD_VLIT("link")) ||
		td_view_eq(action, TD_VLIT("unlink")) ||
		td_view_eq(action, TD_VLIT("prefer")))
		return TD_OK;
	return td_err_set(&op->err, TD_BADINPUT, "unknown action \"%.*s\"", TD_VARG(action));
}

/* What an event leaves out, in its full form. */
static struct td_consent_event complete(const struct td_consent_event *event)
{
	struct td_consent_event e = *event;

	if (!e.channel.n)
		e.channel = TD_VLIT("*");
	if (!e.category.n)
		e.category = TD_VLIT("*");
	if (!e.reach.n && td_view_eq(e.action, TD_VLIT("revoke")))
		e.reach = TD_VLIT("all");
	if (!e.kind.n && td_view_eq(e.action, TD_VLIT("pause")))
		e.kind = TD_VLIT("paused");
	return e;
}

enum td_status td_event_append(struct td_store *store, struct td_op *op, const struct td_consent_event *event,
	struct td_view *id)
{
	struct td_consent_event e = complete(event);
	struct row             *row = TD_NEW(op->arena, struct row);

	if (!row || !(row->id = td_op_id(op)).n)
		return td_err_set(&op->err, TD_NOMEM, "request too large");
	row->occurred_at = e.occurred_at ? e.occurred_at : op->now_ms;
	/* A time in the future would outrank what the subject says until then. */
	if (row->occurred_at > op->now_ms)
		row->occurred_at = op->now_ms;
	td_random(row->salt, sizeof row->salt);
	td_event_address_mac(store, e.addr, row->mac);
	if (seal(store, op, &e, row) || insert(store, op, &e, row) || project(store, op, &e, row))
		return op->err.status;
	store->chain.seq++;
	memcpy(store->chain.head, row->hash, sizeof row->hash);
	if (id)
		*id = row->id;
	return TD_OK;
}
