/*
 * caps_tally - sums for budgets, in buckets of seconds, minutes and hours
 *
 * Every message is in one bucket of each size, so a window is the seconds up to the next full minute, the minutes up to
 * the next full hour, and hours.
 */
#include "caps.h"

enum { T_AT, T_MESSAGES, T_NOTIFICATIONS, T_SEGMENTS, T_COST };

static const int64_t spans[] = { TD_SECOND, TD_MINUTE, TD_HOUR };

/* Floor and ceiling of a time to a bucket; times of before 1970 do not occur but as edges of windows. */
static int64_t down(int64_t ms, int64_t span)
{
	int64_t rest = ms % span;

	return ms - (rest < 0 ? rest + span : rest);
}

static int64_t up(int64_t ms, int64_t span)
{
	return down(ms + span - 1, span);
}

int64_t td_tally_from(int64_t since)
{
	return down(since - (TD_SECOND - 1), TD_SECOND) + TD_SECOND;
}

enum td_status td_tally_add(struct td_store *store, struct td_op *op, const struct td_tally *t)
{
	for (size_t i = 0; i < sizeof spans / sizeof *spans; i++) {
		if (td_run(store, op, TD_SQL_TALLY_ADD, NULL, td_text(t->subject), td_int(spans[i]),
			td_int(down(t->at, spans[i])), td_int(t->channel), td_int(t->cls), td_text(t->category), td_int(t->abroad),
			td_int(t->messages), td_int(t->notifications), td_int(t->segments), td_int(t->cost)))
			return op->err.status;
	}
	return TD_OK;
}

enum td_status td_tally_ask(struct td_store *store, struct td_op *op, struct td_caps_probe *probe)
{
	int64_t seconds = td_tally_from(probe->since), minutes = up(seconds, TD_MINUTE), hours = up(minutes, TD_HOUR);

	return td_run(store, op, TD_SQL_TALLY_SUM, &probe->sum, td_text(probe->subject), td_int(seconds), td_int(minutes),
		td_int(hours), td_int(td_caps_channel_bits(probe->rule)), td_int(td_caps_class_bits(probe->rule)),
		td_text(td_caps_categories(op, probe->rule)), td_int(probe->rule->abroad));
}

struct search { /* for the second with which enough has left */
	const struct td_caps_probe *probe;
	int64_t left, own_at, own_amount; /* what has still to leave; the slot that is not in the sums */
};

/* The buckets of one size in [from, to), oldest first. *found: begin of the one with which enough leaves; -1: none. */
static enum td_status look(struct td_store *store, struct td_op *op, struct search *s, int64_t span, int64_t from,
	int64_t to, int64_t *found)
{
	const struct td_conf_rule *rule = s->probe->rule;
	struct td_rows             rows;

	*found = -1;
	if (from >= to)
		return TD_OK;
	if (td_run(store, op, TD_SQL_TALLY_OF, &rows, td_text(s->probe->subject), td_int(span), td_int(from), td_int(to),
		td_int(td_caps_channel_bits(rule)), td_int(td_caps_class_bits(rule)), td_text(td_caps_categories(op, rule)),
		td_int(rule->abroad)) || td_sync(store, op))
		return op->err.status;
	for (size_t i = 0; i < rows.nrows; i++) {
		int64_t at = td_col_int(&rows, i, T_AT);
		int64_t amount = td_caps_amount(rule, td_col_int(&rows, i, T_MESSAGES), td_col_int(&rows, i, T_NOTIFICATIONS),
			td_col_int(&rows, i, T_SEGMENTS), td_col_int(&rows, i, T_COST));

		if (s->own_at >= at && s->own_at < at + span)
			amount -= s->own_amount;
		if (amount >= s->left) {
			*found = at;
			return TD_OK;
		}
		s->left -= amount;
	}
	return TD_OK;
}

enum td_status td_tally_when(struct td_store *store, struct td_op *op, const struct td_caps_probe *probe,
	int64_t too_much, int64_t own_at, int64_t own_amount, int64_t *when)
{
	struct search s = { probe, too_much, own_amount ? own_at : -1, own_amount };
	int64_t       from[4], found = -1;
	int           level = 0;

	from[0] = td_tally_from(probe->since);
	from[1] = up(from[0], TD_MINUTE);
	from[2] = up(from[1], TD_HOUR);
	from[3] = INT64_MAX;
	*when = 0;
	for (level = 0; level < 3 && found < 0; level++) {
		if (look(store, op, &s, spans[level], from[level], from[level + 1], &found))
			return op->err.status;
	}
	/* In an hour, which minute, and in that, which second. */
	for (level--; found >= 0 && level > 0; level--) {
		int64_t begin = found;

		if (look(store, op, &s, spans[level - 1], begin, begin + spans[level], &found))
			return op->err.status;
	}
	if (found >= 0)
		*when = found + TD_SECOND - 1 + (op->now_ms - probe->since);
	return TD_OK;
}
