/*
 * caps_count - slots: taken, moved, given back, swept
 */
#include "caps.h"
#include "crypto.h"
#include "store.h"

enum { SENDER = 1, COUNTRY = 2, ALL = 4, UNSURE = 8 }; /* column tallied */

struct slot { /* a row of usage */
	struct td_view addr, id, note, sender, country, category;
	int64_t        at, abroad, channel, cls, segments, cost, fresh, tallied;
};

static struct slot slot_of(struct td_view addr, struct td_view id, const struct td_rows *rows)
{
	return (struct slot){ .addr = addr, .id = id, .at = td_col_int(rows, 0, 0), .note = td_col_view(rows, 0, 1),
		.sender = td_col_view(rows, 0, 2), .country = td_col_view(rows, 0, 3), .abroad = td_col_int(rows, 0, 4),
		.channel = td_col_int(rows, 0, 5), .cls = td_col_int(rows, 0, 6), .category = td_col_view(rows, 0, 7),
		.segments = td_col_int(rows, 0, 8), .cost = td_col_int(rows, 0, 9), .fresh = td_col_int(rows, 0, 10),
		.tallied = td_col_int(rows, 0, 11) };
}

/* Adds sign times so much to the sums the slot is in. */
static enum td_status tally(struct td_store *store, struct td_op *op, const struct slot *slot, int64_t sign,
	int64_t messages, int64_t segments, int64_t cost)
{
	struct td_tally t = { .category = slot->category, .at = slot->at, .channel = slot->channel, .cls = slot->cls,
		.abroad = slot->abroad, .messages = sign * messages, .notifications = sign * messages * slot->fresh,
		.segments = sign * segments, .cost = sign * cost };
	const struct td_view subjects[] = { td_op_text(op, "sender:%.*s", TD_VARG(slot->sender)),
		td_op_text(op, "country:%.*s", TD_VARG(slot->country)), TD_VLIT("all") };

	for (int i = 0; i < 3; i++) {
		t.subject = subjects[i];
		if ((slot->tallied >> i & 1) && td_tally_add(store, op, &t))
			return op->err.status;
	}
	return TD_OK;
}

static enum td_status drop(struct td_store *store, struct td_op *op, const struct slot *slot)
{
	if (td_run(store, op, TD_SQL_USAGE_DELETE, NULL, td_text(slot->addr), td_int(slot->at), td_text(slot->id)))
		return op->err.status;
	return tally(store, op, slot, -1, 1, slot->segments, slot->cost);
}

/* Does a rule count it, and in which sums? */
static bool is_counted(const struct td_conf *conf, const struct td_gather *g, int64_t *tallied)
{
	bool counted = false;

	*tallied = 0;
	for (size_t i = 0; i < conf->ncaps; i++)
		counted = counted || td_caps_counts(&conf->caps[i], false, g);
	for (size_t i = 0; i < conf->nbudgets; i++) {
		const char *kind = conf->budgets[i].subject;

		if (td_caps_counts(&conf->budgets[i], true, g))
			*tallied |= strcmp(kind, "sender") == 0 ? SENDER : strcmp(kind, "country") == 0 ? COUNTRY : ALL;
	}
	return counted || *tallied;
}

bool td_caps_is_counted(const struct td_store *store, const struct td_gather *g)
{
	int64_t tallied;

	return is_counted(store->conf, g, &tallied);
}

static enum td_status remember(struct td_op *op, struct td_gather *g, const struct slot *slot)
{
	struct td_counted *counted;

	if (!g->counted)
		return TD_OK;
	counted = TD_NEW(op->arena, struct td_counted);
	if (!counted)
		return td_err_set(&op->err, TD_NOMEM, "request too large");
	*counted = (struct td_counted){ g, slot->at, slot->cost, slot->fresh != 0, *g->counted };
	*g->counted = counted;
	return TD_OK;
}

enum td_status td_caps_take(struct td_store *store, struct td_op *op, struct td_gather *g, struct td_view id,
	int64_t *at)
{
	struct slot slot = { .addr = g->addr, .id = id, .note = g->note.n ? g->note : id, .sender = g->sender,
		.country = td_view_str(g->caps.region), .category = g->category, .at = op->now_ms, .abroad = g->caps.abroad,
		.channel = 1 << g->channel, .cls = 1 << g->cls, .fresh = g->caps.companion.nrows == 0 };
	int64_t unsure = 0;

	*at = 0;
	if (g->caps.own.nrows > 0) {
		struct slot before = slot_of(g->addr, id, &g->caps.own);

		if (drop(store, op, &before))
			return op->err.status;
		unsure = before.tallied & UNSURE;
	}
	if (!is_counted(store->conf, g, &slot.tallied))
		return TD_OK;
	slot.tallied |= unsure;
	if (g->channel == TD_SMS) {
		slot.segments = g->segments > 0 ? g->segments : 1;
		slot.cost = td_caps_cost(store, g->provider, td_address_plain(g->addr), slot.segments);
	}
	*at = slot.at;
	if (td_run(store, op, TD_SQL_USAGE_INSERT, NULL, td_text(slot.addr), td_int(slot.at), td_text(slot.id),
		td_text(slot.note), td_text(slot.sender), td_text(slot.country), td_int(slot.abroad), td_int(slot.channel),
		td_int(slot.cls), td_text(slot.category), td_int(slot.segments), td_int(slot.cost), td_int(slot.fresh),
		td_int(slot.tallied), td_text(td_caps_counters(op, g))) ||
		tally(store, op, &slot, 1, 1, slot.segments, slot.cost))
		return op->err.status;
	return remember(op, g, &slot);
}

enum td_status td_caps_take_mail(struct td_store *store, struct td_op *op, struct td_gather *g)
{
	struct td_view id = td_op_id(op), key = g->keys.nrows > 0 && g->alt_key.n ? g->alt_key : g->key;
	int64_t        at;

	if (td_caps_take(store, op, g, id, &at))
		return op->err.status;
	if (!at || !key.n)
		return TD_OK;
	return td_run(store, op, TD_SQL_KEY_TAKE, NULL, td_str(store->conf->brand), td_text(key), td_str("email"),
		td_text(g->addr), td_text(id), td_blob(g->digest.p, g->digest.n), td_int(op->now_ms));
}

static enum td_status load(struct td_store *store, struct td_op *op, const struct td_job_row *job, struct slot *slot)
{
	struct td_rows rows;

	if (td_run(store, op, TD_SQL_USAGE_GET, &rows, td_text(job->addr), td_int(job->slot_at), td_text(job->id)) ||
		td_sync(store, op))
		return op->err.status;
	if (rows.nrows == 0) /* so old that it was swept */
		return TD_NOTFOUND;
	*slot = slot_of(job->addr, job->id, &rows);
	return TD_OK;
}

enum td_status td_caps_release(struct td_store *store, struct td_op *op, const struct td_job_row *job)
{
	struct slot    slot;
	enum td_status status;

	if (!job->slot_at)
		return TD_OK;
	status = load(store, op, job, &slot);
	if (!status && (slot.tallied & UNSURE))
		return TD_OK;
	if (!status)
		status = drop(store, op, &slot);
	if (status && status != TD_NOTFOUND)
		return status;
	return td_run(store, op, TD_SQL_JOB_SLOT, NULL, td_text(job->id), td_int(0));
}

enum td_status td_caps_keep(struct td_store *store, struct td_op *op, const struct td_job_row *job)
{
	if (!job->slot_at)
		return TD_OK;
	return td_run(store, op, TD_SQL_USAGE_KEEP, NULL, td_text(job->addr), td_int(job->slot_at), td_text(job->id),
		td_int(UNSURE));
}

enum td_status td_caps_resize(struct td_store *store, struct td_op *op, const struct td_job_row *job, int64_t segments)
{
	struct slot    slot;
	enum td_status status;
	int64_t        cost;

	if (!job->slot_at || segments < 1)
		return TD_OK;
	status = load(store, op, job, &slot);
	if (status || slot.segments == segments)
		return status == TD_NOTFOUND ? TD_OK : status;
	cost = slot.segments ? slot.cost / slot.segments * segments : slot.cost;
	if (tally(store, op, &slot, 1, 0, segments - slot.segments, cost - slot.cost))
		return op->err.status;
	return td_run(store, op, TD_SQL_USAGE_RESIZE, NULL, td_text(slot.addr), td_int(slot.at), td_text(slot.id),
		td_int(segments), td_int(cost));
}

struct td_view td_caps_note(struct td_op *op, struct td_view key, bool explicit, struct td_view digest,
	struct td_view mail)
{
	unsigned char hash[TD_SHA256_SIZE];
	char          hex[33], content[33] = "";
	size_t        n = digest.n < 16 ? digest.n : 16;

	if (!key.n)
		return mail;
	if (!explicit)
		td_hex_encode(content, digest.p, n);
	td_sha256(hash, td_op_text(op, "%.*s#%s", TD_VARG(key), content));
	td_hex_encode(hex, hash, 16);
	return td_op_text(op, "%s", hex);
}

/* Of one subject. *full: there may be more. */
static enum td_status sweep_tally(struct td_store *store, struct td_op *op, struct td_view subject, int64_t old,
	bool *full)
{
	static const int64_t spans[] = { TD_SECOND, TD_MINUTE, TD_HOUR };
	struct td_rows       rows;

	for (size_t i = 0; i < sizeof spans / sizeof *spans; i++) {
		if (td_run(store, op, TD_SQL_TALLY_SWEEP, &rows, td_text(subject), td_int(spans[i]), td_int(old)) ||
			td_sync(store, op))
			return op->err.status;
		*full = td_store_swept(store, &rows) || *full;
	}
	return TD_OK;
}

/* The sums of one subject after another; each time the next. */
enum td_status td_caps_sweep(struct td_store *store, struct td_op *op)
{
	int64_t        old = op->now_ms - TD_USAGE_MS;
	struct td_rows usage, next;
	struct td_view subject;
	bool           full = false;

	if (td_run(store, op, TD_SQL_USAGE_SWEEP, &usage, td_int(old)) ||
		td_run(store, op, TD_SQL_TALLY_NEXT, &next, td_str(store->swept_tally)) || td_sync(store, op))
		return op->err.status;
	td_store_swept(store, &usage);
	subject = td_col_view(&next, 0, 0);
	if (next.nrows > 0 && sweep_tally(store, op, subject, old, &full))
		return op->err.status;
	if (full) /* the same again */
		return TD_OK;
	if (subject.n >= sizeof store->swept_tally)
		subject.n = sizeof store->swept_tally - 1;
	memset(store->swept_tally, 0, sizeof store->swept_tally);
	if (subject.n)
		memcpy(store->swept_tally, subject.p, subject.n);
	return TD_OK;
}
