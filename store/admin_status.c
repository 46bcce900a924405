/*
 * admin_status - tandem-stored about itself: queue depth, engine, sizes
 */
#include <sys/stat.h>

#include "admin.h"
#include "admin_util.h"
#include "journal.h"
#include "lease.h"
#include "stmt.h"
#include "version.h"

#define RECENT_MS (24 * 3600 * 1000LL)
#define RECENT_MAX 100000 /* final jobs that are counted at most: a status must not stop the store */

static json_int_t file_size(const char *path)
{
	struct stat st;

	return path && stat(path, &st) == 0 ? (json_int_t)st.st_size : 0;
}

/* {STATE: {CLASS: n}}; counts of one state and class from several statements add up. */
static void add_counts(json_t *jobs, const struct td_rows *rows)
{
	for (size_t i = 0; i < rows->nrows; i++) {
		const char *state = td_job_state_name(td_col_int(rows, i, 0));
		const char *cls = td_class_name((enum td_class)td_col_int(rows, i, 1));
		json_t *by_class;

		if (!state || !cls)
			continue;
		by_class = json_object_get(jobs, state);
		if (!by_class) {
			td_admin_set(jobs, state, json_object());
			by_class = json_object_get(jobs, state);
		}
		td_admin_set(
			by_class, cls, json_integer(json_integer_value(json_object_get(by_class, cls)) + td_col_int(rows, i, 2)));
	}
}

static void add_store(json_t *doc, struct td_store *store, struct td_op *op)
{
	const char *path = store->conf->store.path;

	td_admin_set(doc, "engine", td_admin_str(store->ops->name));
	td_admin_set(doc, "schema", json_integer(td_schema_version()));
	td_admin_set(doc, "db_bytes", json_integer(file_size(path)));
	td_admin_set(doc, "wal_bytes", json_integer(file_size(td_arena_printf(op->arena, "%s-wal", path ? path : ""))));
	td_admin_set(doc, "journal_bytes", json_integer(store->journal ? td_journal_size(store->journal) : 0));
	td_admin_set(doc, "events", json_integer(store->chain.seq));
}

static void add_counters(json_t *doc, const struct td_store *store)
{
	json_t *counters = json_object();

	td_admin_set(counters, "batches", json_integer((json_int_t)store->count.batches));
	td_admin_set(counters, "requests", json_integer((json_int_t)store->count.requests));
	td_admin_set(counters, "failed", json_integer((json_int_t)store->count.failed));
	td_admin_set(counters, "commits", json_integer((json_int_t)store->count.commits));
	td_admin_set(counters, "prepared", json_integer((json_int_t)store->count.prepared));
	td_admin_set(counters, "activated", json_integer((json_int_t)store->count.activated));
	td_admin_set(counters, "begun", json_integer((json_int_t)store->count.begun));
	td_admin_set(counters, "accepted", json_integer((json_int_t)store->count.accepted));
	td_admin_set(counters, "refused", json_integer((json_int_t)store->count.refused));
	td_admin_set(counters, "abandoned", json_integer((json_int_t)store->count.abandoned));
	td_admin_set(counters, "unknown_tokens", json_integer((json_int_t)store->count.unknown_tokens));
	td_admin_set(doc, "counters", counters);
}

enum td_status td_admin_status(struct td_store *store, struct td_op *op)
{
	static const char *const names[] = { NULL };
	struct td_rows counts[4], due;
	struct td_view none[1];
	char since[TD_ID_SIZE];
	json_t *doc, *jobs;

	if (td_admin_args(op, names, none))
		return op->err.status;
	td_admin_id_from(since, op->now_ms - RECENT_MS);
	if (td_run_values(store, op, TD_SQL_COUNT_WAITING, &counts[0], NULL, 0) ||
		td_run_values(store, op, TD_SQL_COUNT_PREPARED, &counts[1], NULL, 0) ||
		td_run_values(store, op, TD_SQL_COUNT_SUBMITTING, &counts[2], NULL, 0) ||
		td_run(store, op, TD_SQL_COUNT_RECENT, &counts[3], td_str(since), td_int(RECENT_MAX)) ||
		td_run_values(store, op, TD_SQL_NEXT_DUE, &due, NULL, 0) || td_sync(store, op))
		return op->err.status;
	doc = json_object();
	jobs = json_object();
	for (size_t i = 0; i < 4; i++)
		add_counts(jobs, &counts[i]);
	td_admin_set(doc, "program", json_string("tandem-stored"));
	td_admin_set(doc, "version", json_string(TD_VERSION));
	td_admin_set(doc, "started_at", td_admin_iso(store->started_ms));
	add_store(doc, store, op);
	td_admin_set(doc, "leases", json_integer((json_int_t)td_lease_count(store->leases)));
	td_admin_set(doc, "jobs", jobs);
	td_admin_set(doc, "due", td_admin_iso(td_col_int(&due, 0, 0)));
	add_counters(doc, store);
	td_admin_set(doc, "last_error", td_admin_str(store->last_error));
	td_admin_set(doc, "last_error_at", td_admin_iso(store->last_error_at));
	return td_admin_reply(op, doc);
}
