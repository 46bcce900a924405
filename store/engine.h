/*
 * engine - what a database must do for tandem-stored; SQLite implements it here, PostgreSQL later
 *
 * The store is written against named statements (store/statements.sql, one text for both engines: $1 … parameters, only
 * what both understand) and against this small interface. It is made so that an engine behind a network can batch:
 * td_engine_run only queues a statement; results are valid after the next td_engine_sync. SQLite runs at once and its
 * sync does nothing. Verbs are therefore written in steps: queue the reads of a step, (sync), look at the rows, queue
 * the next reads or the writes.
 *
 * Owns: its connection and prepared statements. Threads: one. Lifetime: open to close. Errors: TD_TEMPFAIL (busy, full
 * disk, connection lost before commit), TD_UNCERTAIN (commit sent, answer lost), TD_CONFLICT (unique or serialisation:
 * roll back and run again), TD_PERMFAIL (schema too new, not a database).
 */
#ifndef TD_ENGINE_H
#define TD_ENGINE_H

#include "arena.h"
#include "err.h"

enum td_value_type { TD_NULL, TD_INT, TD_TEXT, TD_BLOB };

struct td_value {
	enum td_value_type type;
	int64_t            i;
	struct td_view     v;
};

struct td_rows { /* row-major; in the arena given to td_engine_run */
	struct td_value *v;
	size_t           nrows;
	size_t           ncols;
	int64_t          changed; /* rows changed by a write */
};

struct td_engine;
struct td_conf;

struct td_engine_ops {
	const char *name; /* "sqlite" */
	/* Opens or creates, brings the schema up to date (versioned migrations, each in one transaction). */
	enum td_status (*open)(const struct td_conf *conf, struct td_engine **out, struct td_err *err);
	void (*close)(struct td_engine *engine);
	enum td_status (*begin)(struct td_engine *engine, struct td_err *err);
	enum td_status (*commit)(struct td_engine *engine, struct td_err *err); /* durable when TD_OK */
	void (*rollback)(struct td_engine *engine);
	/* Savepoint of one request in the batch: undo ends it with nothing done, keep with everything. */
	enum td_status (*mark)(struct td_engine *engine, struct td_err *err);
	enum td_status (*keep)(struct td_engine *engine, struct td_err *err);
	void (*undo)(struct td_engine *engine);
	/* Queues statement id (enum td_stmt, generated); rows may be NULL. Row values live in arena. */
	enum td_status (*run)(struct td_engine *engine, int stmt, const struct td_value *params, size_t nparams,
		struct td_rows *rows, struct td_arena *arena, struct td_err *err);
	/* Everything queued has run and its rows are filled; the first failure is returned. */
	enum td_status (*sync)(struct td_engine *engine, struct td_err *err);
	/* Work that must not delay replies (checkpoint); called when idle and after a batch, returns quickly. */
	void (*idle)(struct td_engine *engine);
};

extern const struct td_engine_ops td_engine_sqlite;
/* The engine named in the configuration; NULL with err when this build has none of that name. */
const struct td_engine_ops *td_engine_find(const char *name, struct td_err *err);

#endif
