/*
 * person - links, attributes, the number on file
 */
#include "event.h"
#include "facts.h"
#include "person.h"

static struct td_view no_view(void)
{
	return (struct td_view){ NULL, 0 };
}

int td_link_rank(struct td_view source)
{
	if (td_view_eq(source, TD_VLIT("verified")))
		return 3;
	if (td_view_eq(source, TD_VLIT("app")))
		return 2;
	return td_view_eq(source, TD_VLIT("import")) ? 1 : 0;
}

enum td_status td_person_of(struct td_store *store, struct td_op *op, struct td_view addr, struct td_view original,
	bool create,
	struct td_view *person)
{
	struct td_rows rows;

	*person = no_view();
	if (td_run(store, op, TD_SQL_ADDRESS_GET, &rows, td_text(addr)) || td_sync(store, op))
		return op->err.status;
	if (rows.nrows > 0) {
		*person = td_col_view(&rows, 0, 0);
		return TD_OK;
	}
	if (!create)
		return TD_OK;
	*person = td_op_id(op);
	if (td_run(store, op, TD_SQL_PERSON_INSERT, NULL, td_text(*person), td_int(op->now_ms)))
		return op->err.status;
	return td_run(store, op, TD_SQL_ADDRESS_INSERT, NULL, td_text(addr), td_text(*person),
		td_text(original.n ? original : td_address_plain(addr)), td_str(""), td_int(0), td_int(op->now_ms));
}

struct side { /* one of the two addresses of a link, with all that belongs to its person */
	struct td_view addr;
	struct td_view person;
	struct td_rows linked; /* addr, rank, linked_at, person, source, original */
	int64_t        rank;
};

static enum td_status load(struct td_store *store, struct td_op *op, struct side *side)
{
	if (td_person_of(store, op, side->addr, no_view(), true, &side->person) ||
		td_run(store, op, TD_SQL_LINKED_OF, &side->linked, td_text(side->addr)) || td_sync(store, op))
		return op->err.status;
	for (size_t i = 0; i < side->linked.nrows; i++) {
		if (td_view_eq(td_col_view(&side->linked, i, 0), side->addr))
			side->rank = td_col_int(&side->linked, i, 1);
	}
	return TD_OK;
}

/* Notes on both ends how they are linked; a stronger note stays. */
static enum td_status note(struct td_store *store, struct td_op *op, const struct side *side, struct td_view person,
	struct td_view source)
{
	if (td_link_rank(source) < side->rank)
		return TD_OK;
	return td_run(store, op, TD_SQL_ADDRESS_TAKE, NULL, td_text(side->addr), td_text(person), td_text(source),
		td_int(td_link_rank(source)), td_int(op->now_ms));
}

static enum td_status merge(struct td_store *store, struct td_op *op, const struct side *into, const struct side *from)
{
	if (td_run(store, op, TD_SQL_ADDRESS_MOVE, NULL, td_text(from->person), td_text(into->person)) ||
		td_run(store, op, TD_SQL_ATTR_COPY_GAPS, NULL, td_text(from->person), td_text(into->person)) ||
		td_run(store, op, TD_SQL_ATTR_CLEAR, NULL, td_text(from->person)))
		return op->err.status;
	return td_run(store, op, TD_SQL_PERSON_DELETE, NULL, td_text(from->person));
}

static enum td_status link_event(struct td_store *store, struct td_op *op, struct td_view action, struct td_view addr,
	struct td_view other, struct td_view source, struct td_view actor)
{
	struct td_consent_event event = { .addr = addr, .action = action, .source = source, .actor = actor };

	if (other.n)
		event.note = td_op_text(op, "with %.*s", TD_VARG(other));
	return td_event_append(store, op, &event, NULL);
}

/*
 * Who is not the operator says of two addresses that they are one person's, not that two persons with all their
 * addresses are one: the second address leaves the person it was with, unless a stronger source put it there.
 */
static enum td_status take_over(struct td_store *store, struct td_op *op, struct side *side, int rank,
	struct td_view actor)
{
	if (side->rank > rank)
		return td_err_set(&op->err, TD_REFUSED, "already linked to someone else by a stronger source");
	if (td_person_unlink(store, op, side->addr, actor))
		return op->err.status;
	side->rank = 0;
	return load(store, op, side);
}

/* Makes the two persons one. */
static enum td_status join(struct td_store *store, struct td_op *op, struct side *one, struct side *two, int rank,
	struct td_view actor)
{
	if (rank < td_link_rank(TD_VLIT("verified")) && two->linked.nrows > 1 && take_over(store, op, two, rank, actor))
		return op->err.status;
	if (one->linked.nrows + two->linked.nrows > TD_PERSON_MAX_ADDRESSES)
		return td_err_set(&op->err, TD_TOOBIG, "a person has at most %d addresses", TD_PERSON_MAX_ADDRESSES);
	return merge(store, op, one, two);
}

enum td_status td_person_link(struct td_store *store, struct td_op *op, struct td_view a, struct td_view b,
	struct td_view source,
	struct td_view actor)
{
	struct side one = { .addr = a }, two = { .addr = b };
	int         rank = td_link_rank(source);
	bool        same;

	if (!rank)
		return td_err_set(&op->err, TD_BADINPUT, "\"%.*s\": no link source (want verified, app, import)",
			TD_VARG(source));
	if (td_view_eq(a, b))
		return td_err_set(&op->err, TD_BADINPUT, "an address cannot be linked with itself");
	if (load(store, op, &one) || load(store, op, &two))
		return op->err.status;
	same = td_view_eq(one.person, two.person);
	if (same && one.rank >= rank && two.rank >= rank)
		return TD_OK;
	if (!same && join(store, op, &one, &two, rank, actor))
		return op->err.status;
	if (note(store, op, &one, one.person, source) || note(store, op, &two, one.person, source))
		return op->err.status;
	return same ? TD_OK : link_event(store, op, TD_VLIT("link"), b, a, source, actor);
}

static bool is_person_level(struct td_view addr, struct td_view channel)
{
	return td_view_eq(channel, TD_VLIT("*")) ||
		td_view_eq(channel, td_address_is_tel(addr) ? TD_VLIT("email") : TD_VLIT("sms"));
}

enum { R_CHANNEL, R_CATEGORY, R_KIND, R_AT, R_EVENT, R_SOURCE, R_SUBJECT, R_EXPIRES, R_LIFTED };

struct stand { /* the newest of one kind that an address has on record at one scope */
	int64_t at, lifted;
};

static struct stand find(const struct td_rows *rows, struct td_view channel, struct td_view category, int64_t kind)
{
	for (size_t i = 0; i < rows->nrows; i++) {
		if (td_col_int(rows, i, R_KIND) == kind && td_view_eq(td_col_view(rows, i, R_CHANNEL), channel) &&
			td_view_eq(td_col_view(rows, i, R_CATEGORY), category))
			return (struct stand){ td_col_int(rows, i, R_AT), td_col_int(rows, i, R_LIFTED) };
	}
	return (struct stand){ 0, 0 };
}

static bool stands(const struct stand *s)
{
	return s->at && s->lifted <= s->at;
}

/*
 * One revoke, said again for another address at its own time. There is one row for each kind, and START has lifted
 * what is in it up to a time: a STOP that still stands must not come to lie under that, so it is then copied as a
 * revoke that no START lifts; and one that START lifted stays lifted, unless the other address has one of its own that
 * stands.
 */
static enum td_status copy_revoke(struct td_store *store, struct td_op *op, const struct td_rows *rows, size_t i,
	const struct td_rows *theirs, struct td_view to, struct td_view actor)
{
	int64_t                 kind = td_col_int(rows, i, R_KIND);
	struct td_consent_event event = { .addr = to, .channel = td_col_view(rows, i, R_CHANNEL),
		.category = td_col_view(rows, i, R_CATEGORY), .action = TD_VLIT("revoke"),
		.reach = kind <= TD_CK_STOP_ALL ? TD_VLIT("all") : TD_VLIT("marketing"),
		.source = td_col_view(rows, i, R_SOURCE), .actor = actor, .by_subject = td_col_int(rows, i, R_SUBJECT) != 0,
		.occurred_at = td_col_int(rows, i, R_AT), .note = TD_VLIT("copied when unlinked") };
	struct stand from = { event.occurred_at, td_col_int(rows, i, R_LIFTED) };
	struct stand there = find(theirs, event.channel, event.category, kind);

	if (stands(&from) && there.lifted > from.at && there.lifted > there.at) {
		event.source = TD_VLIT("admin");
		there = find(theirs, event.channel, event.category,
			kind <= TD_CK_STOP_ALL ? TD_CK_REVOKE_ALL : TD_CK_REVOKE_MARKETING);
	}
	if (there.at < from.at && td_event_append(store, op, &event, NULL))
		return op->err.status;
	if (stands(&from) || stands(&there) || there.lifted >= from.lifted)
		return TD_OK;
	return td_run(store, op, TD_SQL_CONSENT_LIFT, NULL, td_text(to), td_text(event.channel), td_text(event.category),
		td_int(kind), td_int(from.lifted));
}

/* A pause holds for the person, too. */
static enum td_status copy_pause(struct td_store *store, struct td_op *op, const struct td_rows *rows,
	const struct td_rows *theirs, struct td_view to, struct td_view actor)
{
	struct td_consent_event event = { .addr = to, .action = TD_VLIT("pause"), .source = TD_VLIT("admin"),
		.actor = actor, .note = TD_VLIT("copied when unlinked") };
	int64_t                 until = op->now_ms;

	for (size_t i = 0; i < rows->nrows; i++) {
		if (td_view_eq(td_col_view(rows, i, 0), TD_VLIT("paused")))
			event.expires_at = td_col_int(rows, i, 3);
	}
	for (size_t i = 0; i < theirs->nrows; i++) {
		if (td_view_eq(td_col_view(theirs, i, 0), TD_VLIT("paused")) && td_col_int(theirs, i, 3) > until)
			until = td_col_int(theirs, i, 3);
	}
	return event.expires_at > until ? td_event_append(store, op, &event, NULL) : TD_OK;
}

/* What one address said for the person, said again for another. */
static enum td_status copy_revokes(struct td_store *store, struct td_op *op, struct td_view from, struct td_view to,
	struct td_view actor)
{
	struct td_rows rows, theirs, paused, their_pause;

	if (td_run(store, op, TD_SQL_CONSENT_OF, &rows, td_text(from)) ||
		td_run(store, op, TD_SQL_CONSENT_OF, &theirs, td_text(to)) ||
		td_run(store, op, TD_SQL_SUPPRESSION_OF, &paused, td_text(from)) ||
		td_run(store, op, TD_SQL_SUPPRESSION_OF, &their_pause, td_text(to)) || td_sync(store, op))
		return op->err.status;
	for (size_t i = 0; i < rows.nrows; i++) {
		int64_t kind = td_col_int(&rows, i, R_KIND);

		if (kind > TD_CK_STOP_MARKETING || !td_col_int(&rows, i, R_AT) ||
			!is_person_level(from, td_col_view(&rows, i, R_CHANNEL)))
			continue;
		if (copy_revoke(store, op, &rows, i, &theirs, to, actor))
			return op->err.status;
	}
	return copy_pause(store, op, &paused, &their_pause, to, actor);
}

enum td_status td_person_unlink(struct td_store *store, struct td_op *op, struct td_view addr, struct td_view actor)
{
	struct td_rows linked;
	struct td_view person;

	if (td_run(store, op, TD_SQL_LINKED_OF, &linked, td_text(addr)) || td_sync(store, op))
		return op->err.status;
	if (linked.nrows < 2)
		return td_err_set(&op->err, TD_NOTFOUND, "this address is linked to no other");
	/* First what it said itself, or the others would hear from it what they have said to each other. */
	for (size_t i = 0; i < 2 * linked.nrows; i++) {
		struct td_view other = td_col_view(&linked, i % linked.nrows, 0);
		bool           away = i < linked.nrows;

		if (!td_view_eq(other, addr) && copy_revokes(store, op, away ? addr : other, away ? other : addr, actor))
			return op->err.status;
	}
	person = td_op_id(op);
	if (td_run(store, op, TD_SQL_PERSON_INSERT, NULL, td_text(person), td_int(op->now_ms)) ||
		td_run(store, op, TD_SQL_ADDRESS_TAKE, NULL, td_text(addr), td_text(person), td_str(""), td_int(0),
		td_int(op->now_ms)))
		return op->err.status;
	return link_event(store, op, TD_VLIT("unlink"), addr, no_view(), TD_VLIT("admin"), actor);
}

enum td_status td_person_set(struct td_store *store, struct td_op *op, struct td_view addr, struct td_view name,
	struct td_view value)
{
	struct td_view person;

	if (td_person_of(store, op, addr, no_view(), true, &person))
		return op->err.status;
	if (value.n == 0)
		return td_run(store, op, TD_SQL_ATTR_DELETE, NULL, td_text(person), td_text(name));
	return td_run(store, op, TD_SQL_ATTR_SET, NULL, td_text(person), td_text(name), td_text(value), td_int(op->now_ms));
}

struct td_view td_person_number(const struct td_rows *linked)
{
	struct td_view best = no_view();
	int64_t        rank = -1, at = 0;

	for (size_t i = 0; i < linked->nrows; i++) {
		struct td_view addr = td_col_view(linked, i, 0);
		int64_t        r = td_col_int(linked, i, 1), t = td_col_int(linked, i, 2);

		if (td_address_is_tel(addr) && (r > rank || (r == rank && t > at))) {
			best = addr;
			rank = r;
			at = t;
		}
	}
	return best;
}
