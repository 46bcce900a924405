/*
 * person - links, attributes, the number on file
 */
#include "event.h"
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

/* Person-level revokes of one address, said again for another. */
static enum td_status copy_revokes(struct td_store *store, struct td_op *op, struct td_view from, struct td_view to,
	struct td_view actor)
{
	struct td_rows rows;

	if (td_run(store, op, TD_SQL_CONSENT_OF, &rows, td_text(from)) || td_sync(store, op))
		return op->err.status;
	for (size_t i = 0; i < rows.nrows; i++) {
		int64_t                 kind = td_col_int(&rows, i, 2);
		struct td_consent_event event = { .addr = to, .channel = td_col_view(&rows, i, 0),
			.category = td_col_view(&rows, i, 1),
			.action = TD_VLIT("revoke"), .reach = kind <= 2 ? TD_VLIT("all") : TD_VLIT("marketing"),
			.source = td_col_view(&rows, i, 6), .actor = actor, .by_subject = td_col_int(&rows, i, 5) != 0,
			.occurred_at = td_col_int(&rows, i, 3), .note = TD_VLIT("copied when unlinked") };

		if (kind > 4 || !event.occurred_at || !is_person_level(from, event.channel))
			continue;
		if (td_event_append(store, op, &event, NULL))
			return op->err.status;
	}
	return TD_OK;
}

enum td_status td_person_unlink(struct td_store *store, struct td_op *op, struct td_view addr, struct td_view actor)
{
	struct td_rows linked;
	struct td_view person;

	if (td_run(store, op, TD_SQL_LINKED_OF, &linked, td_text(addr)) || td_sync(store, op))
		return op->err.status;
	if (linked.nrows < 2)
		return td_err_set(&op->err, TD_NOTFOUND, "this address is linked to no other");
	for (size_t i = 0; i < linked.nrows; i++) {
		struct td_view other = td_col_view(&linked, i, 0);

		if (!td_view_eq(other, addr) &&
			(copy_revokes(store, op, addr, other, actor) || copy_revokes(store, op, other, addr, actor)))
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
