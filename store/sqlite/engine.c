/*
 * engine - the embedded engine: one SQLite file in WAL mode, one writer
 *
 * synchronous=FULL, so a commit that returned is on disk. The WAL is copied back by a thread of its own (checkpoint.c):
 * neither a batch nor a reply waits for it. A full disk or an I/O error can make SQLite roll the whole transaction back
 * by itself; from then on every call of that transaction fails, so that no later request of the batch is committed
 * alone.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "conf.h"
#include "sqlite_engine.h"

#define IDLE_MS 3000 /* without a commit for so long, what is in the WAL is copied back */

static int64_t mono_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static enum td_status status_of(int rc)
{
	switch (rc & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:
		return TD_OK;
	case SQLITE_CONSTRAINT:
		return TD_CONFLICT;
	case SQLITE_NOTADB:
	case SQLITE_CORRUPT:
	case SQLITE_ERROR:
	case SQLITE_MISUSE:
	case SQLITE_MISMATCH:
	case SQLITE_RANGE:
		return TD_PERMFAIL;
	case SQLITE_TOOBIG:
		return TD_TOOBIG;
	default: /* busy, full, read-only, I/O, memory: it may be better later */
		return TD_TEMPFAIL;
	}
}

enum td_status td_sqlite_fail(sqlite3 *db, int rc, struct td_err *err, const char *doing)
{
	if ((rc & 0xff) == SQLITE_FULL)
		return td_err_dsn(err, TD_TEMPFAIL, "4.3.1", "store: %s: disk full", doing);
	return td_err_set(err, status_of(rc), "store: %s: %s", doing, db ? sqlite3_errmsg(db) : sqlite3_errstr(rc));
}

enum td_status td_sqlite_connect(const char *path, sqlite3 **db, struct td_err *err)
{
	static const char settings[] =
		"PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA mmap_size=0; PRAGMA cache_size=-32768;"
		"PRAGMA wal_autocheckpoint=0; PRAGMA temp_store=MEMORY; PRAGMA journal_size_limit=67108864;";
	int rc;

	_Static_assert(TD_WAL_LIMIT == 67108864, "journal_size_limit is spelled out above");
	/* Counting each allocation would take a lock each; nobody reads the counts. */
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	rc = sqlite3_open_v2(path, db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
	if (rc == SQLITE_OK) {
		sqlite3_extended_result_codes(*db, 1);
		sqlite3_busy_timeout(*db, 5000);
		rc = sqlite3_exec(*db, settings, NULL, NULL, NULL);
	}
	if (rc == SQLITE_OK)
		return TD_OK;
	td_sqlite_fail(*db, rc, err, path);
	sqlite3_close(*db);
	*db = NULL;
	return err ? err->status : status_of(rc);
}

/* Two writers on one file would each believe its own leases: the second is turned away. */
static enum td_status lock(struct td_engine *engine, struct td_err *err)
{
	char    name[4096], holder[32] = "";
	ssize_t n;

	if ((size_t)snprintf(name, sizeof name, "%s.lock", engine->path) >= sizeof name)
		return td_err_set(err, TD_PERMFAIL, "store.path: too long");
	engine->lock_fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
	if (engine->lock_fd < 0)
		return td_err_errno(err, errno, "%s", name);
	if (flock(engine->lock_fd, LOCK_EX | LOCK_NB) == 0) {
		int len = snprintf(holder, sizeof holder, "%ld\n", (long)getpid());

		/* Only for the text below: a lock without a name in it is a lock all the same. */
		if (ftruncate(engine->lock_fd, 0) < 0 || pwrite(engine->lock_fd, holder, (size_t)len, 0) < 0)
			return TD_OK;
		return TD_OK;
	}
	if (errno != EWOULDBLOCK)
		return td_err_errno(err, errno, "%s", name);
	n = pread(engine->lock_fd, holder, sizeof holder - 1, 0);
	holder[n > 0 ? strcspn(holder, "\n") : 0] = '\0';
	return td_err_set(err, TD_REFUSED,
		"%s: another tandem-stored (process %s) has this store open (one store, one tandem-stored)",
		engine->path, *holder ? holder : "unknown");
}

static int on_commit(void *arg, sqlite3 *db, const char *name, int pages)
{
	struct td_engine *engine = arg;

	(void)db;
	(void)name;
	engine->wal_pages = pages;
	return SQLITE_OK;
}

static void engine_close(struct td_engine *engine)
{
	if (!engine)
		return;
	td_checkpointer_stop(engine->checkpointer);
	for (int i = 0; i < TD_NSTMTS; i++)
		sqlite3_finalize(engine->cache[i].stmt);
	if (engine->db) {
		sqlite3_wal_checkpoint_v2(engine->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
		sqlite3_close(engine->db);
	}
	if (engine->lock_fd >= 0)
		close(engine->lock_fd);
	free(engine->path);
	free(engine);
}

static enum td_status engine_open(const struct td_conf *conf, struct td_engine **out, struct td_err *err)
{
	struct td_engine *engine = calloc(1, sizeof *engine);
	sqlite3_stmt     *stmt = NULL;
	enum td_status    status;

	if (!engine)
		return td_err_set(err, TD_NOMEM, "store: out of memory");
	engine->lock_fd = -1;
	engine->path = strdup(conf->store.path);
	status = engine->path ? lock(engine, err) : td_err_set(err, TD_NOMEM, "store: out of memory");
	if (!status)
		status = td_sqlite_connect(engine->path, &engine->db, err);
	if (!status)
		status = td_sqlite_migrate(engine->db, err);
	if (status)
		goto out;
	chmod(engine->path, 0640);
	engine->page_size = 4096;
	if (sqlite3_prepare_v2(engine->db, "PRAGMA page_size", -1, &stmt, NULL) == SQLITE_OK &&
		sqlite3_step(stmt) == SQLITE_ROW)
		engine->page_size = sqlite3_column_int(stmt, 0);
	sqlite3_finalize(stmt);
	sqlite3_wal_hook(engine->db, on_commit, engine);
	engine->last_commit_ms = mono_ms();
	engine->wal_pages = 1; /* what an earlier process left is copied back at the first idle moment */
	status = td_checkpointer_start(engine->path, &engine->checkpointer, err);
out:
	if (status)
		engine_close(engine);
	else
		*out = engine;
	return status;
}

static enum td_status prepare(struct td_engine *engine, int id, struct td_err *err)
{
	struct td_cached *cached = &engine->cache[id];
	int               n, rc;

	rc = sqlite3_prepare_v3(engine->db, td_stmt_text(id), -1, SQLITE_PREPARE_PERSISTENT, &cached->stmt, NULL);
	if (rc != SQLITE_OK)
		return td_sqlite_fail(engine->db, rc, err, td_stmt_name(id));
	/* SQLite numbers $names as they come in the text; ours are numbers already. */
	n = sqlite3_bind_parameter_count(cached->stmt);
	for (int i = 1; i <= n; i++) {
		const char *name = sqlite3_bind_parameter_name(cached->stmt, i);
		int64_t     number = 0;

		if (!name || !td_view_i64(td_view_str(name + 1), &number) || number < 1 || number > TD_STMT_PARAMS)
			return td_err_set(err, TD_PERMFAIL, "store: %s: parameter %s", td_stmt_name(id), name ? name : "?");
		cached->at[number - 1] = (unsigned char)i;
		if (number > cached->nparams)
			cached->nparams = (unsigned char)number;
	}
	return TD_OK;
}

static int bind(sqlite3_stmt *stmt, int at, const struct td_value *value)
{
	switch (value->type) {
	case TD_INT:
		return sqlite3_bind_int64(stmt, at, value->i);
	case TD_TEXT:
		return sqlite3_bind_text64(stmt, at, value->v.p, value->v.n, SQLITE_STATIC, SQLITE_UTF8);
	case TD_BLOB:
		return sqlite3_bind_blob64(stmt, at, value->v.p, value->v.n, SQLITE_STATIC);
	default:
		return sqlite3_bind_null(stmt, at);
	}
}

static bool take_row(sqlite3_stmt *stmt, struct td_rows *rows, size_t *room, struct td_arena *arena)
{
	struct td_value *row;

	if (rows->nrows == *room) {
		size_t           more = *room ? *room * 4 : 1;
		struct td_value *v = TD_NEWN(arena, more * rows->ncols, struct td_value);

		if (!v)
			return false;
		if (rows->nrows > 0)
			memcpy(v, rows->v, rows->nrows * rows->ncols * sizeof *v);
		rows->v = v;
		*room = more;
	}
	row = rows->v + rows->nrows * rows->ncols;
	for (size_t c = 0; c < rows->ncols; c++) {
		struct td_view bytes;

		switch (sqlite3_column_type(stmt, (int)c)) {
		case SQLITE_INTEGER:
			row[c] = (struct td_value){ TD_INT, sqlite3_column_int64(stmt, (int)c), { NULL, 0 } };
			continue;
		case SQLITE_NULL:
			row[c] = (struct td_value){ TD_NULL, 0, { NULL, 0 } };
			continue;
		case SQLITE_TEXT:
			row[c].type = TD_TEXT;
			bytes.p = (const char *)sqlite3_column_text(stmt, (int)c);
			break;
		default:
			row[c].type = TD_BLOB;
			bytes.p = sqlite3_column_blob(stmt, (int)c);
		}
		bytes.n = (size_t)sqlite3_column_bytes(stmt, (int)c);
		row[c].v = td_arena_dup(arena, bytes);
		if (bytes.n > 0 && !row[c].v.p)
			return false;
	}
	rows->nrows++;
	return true;
}

/* True when SQLite has ended our transaction by itself: nothing may be written outside of it. */
static bool is_lost(const struct td_engine *engine)
{
	return engine->in_transaction && sqlite3_get_autocommit(engine->db);
}

static enum td_status lost(struct td_err *err)
{
	return td_err_set(err, TD_TEMPFAIL, "store: the transaction was rolled back after an error");
}

static enum td_status engine_run(struct td_engine *engine, int id, const struct td_value *params, size_t nparams,
	struct td_rows *rows, struct td_arena *arena, struct td_err *err)
{
	struct td_cached *cached = &engine->cache[id];
	enum td_status    status = TD_OK;
	size_t            room = 0;
	int               rc = SQLITE_OK;

	if (rows)
		memset(rows, 0, sizeof *rows);
	if (is_lost(engine))
		return lost(err);
	if (!cached->stmt && (status = prepare(engine, id, err)))
		return status;
	if (nparams != cached->nparams)
		return td_err_set(err, TD_PERMFAIL, "store: %s: %zu parameters, wants %d", td_stmt_name(id), nparams,
			cached->nparams);
	for (size_t i = 0; i < nparams && rc == SQLITE_OK; i++) {
		if (cached->at[i])
			rc = bind(cached->stmt, cached->at[i], &params[i]);
	}
	if (rows)
		rows->ncols = (size_t)sqlite3_column_count(cached->stmt);
	while (rc == SQLITE_OK && (rc = sqlite3_step(cached->stmt)) == SQLITE_ROW) {
		rc = SQLITE_OK;
		if (rows && !take_row(cached->stmt, rows, &room, arena)) {
			status = td_err_set(err, TD_NOMEM, "store: %s: more rows than a request may hold", td_stmt_name(id));
			break;
		}
	}
	if (!status && rc != SQLITE_DONE)
		status = td_sqlite_fail(engine->db, rc, err, td_stmt_name(id));
	else if (rows && !sqlite3_stmt_readonly(cached->stmt))
		rows->changed = sqlite3_changes(engine->db);
	sqlite3_reset(cached->stmt);
	return status;
}

static enum td_status engine_sync(struct td_engine *engine, struct td_err *err)
{
	return is_lost(engine) ? lost(err) : TD_OK;
}

static enum td_status exec(struct td_engine *engine, const char *sql, struct td_err *err)
{
	int rc;

	if (is_lost(engine))
		return lost(err);
	rc = sqlite3_exec(engine->db, sql, NULL, NULL, NULL);
	return rc == SQLITE_OK ? TD_OK : td_sqlite_fail(engine->db, rc, err, sql);
}

static enum td_status engine_begin(struct td_engine *engine, struct td_err *err)
{
	enum td_status status = exec(engine, "BEGIN IMMEDIATE", err);

	engine->in_transaction = status == TD_OK;
	return status;
}

static void engine_rollback(struct td_engine *engine)
{
	if (engine->in_transaction && !sqlite3_get_autocommit(engine->db))
		sqlite3_exec(engine->db, "ROLLBACK", NULL, NULL, NULL);
	engine->in_transaction = false;
}

static enum td_status engine_commit(struct td_engine *engine, struct td_err *err)
{
	enum td_status status = exec(engine, "COMMIT", err);

	if (status)
		engine_rollback(engine);
	engine->in_transaction = false;
	engine->last_commit_ms = mono_ms();
	return status;
}

static enum td_status engine_mark(struct td_engine *engine, struct td_err *err)
{
	return exec(engine, "SAVEPOINT r", err);
}

static enum td_status engine_keep(struct td_engine *engine, struct td_err *err)
{
	return exec(engine, "RELEASE r", err);
}

static void engine_undo(struct td_engine *engine)
{
	if (!is_lost(engine))
		sqlite3_exec(engine->db, "ROLLBACK TO r; RELEASE r", NULL, NULL, NULL);
}

static void engine_idle(struct td_engine *engine)
{
	int64_t bytes = (int64_t)engine->wal_pages * engine->page_size;

	if (bytes > TD_WAL_CHECKPOINT) {
		/*
		 * The thread copies while we go on writing, so its rounds never quite reach the end. When what is left is
		 * short, the writer copies it, and its next transaction begins the WAL anew.
		 */
		if (td_checkpointer_tail(engine->checkpointer))
			sqlite3_wal_checkpoint_v2(engine->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
		else
			td_checkpointer_kick(engine->checkpointer);
	} else if (bytes > 0 && mono_ms() - engine->last_commit_ms > IDLE_MS) {
		engine->wal_pages = 0;
		td_checkpointer_kick(engine->checkpointer);
	}
}

const struct td_engine_ops td_engine_sqlite = {
	.name = "sqlite",
	.open = engine_open,
	.close = engine_close,
	.begin = engine_begin,
	.commit = engine_commit,
	.rollback = engine_rollback,
	.mark = engine_mark,
	.keep = engine_keep,
	.undo = engine_undo,
	.run = engine_run,
	.sync = engine_sync,
	.idle = engine_idle,
};

const struct td_engine_ops *td_engine_find(const char *name, struct td_err *err)
{
	if (strcmp(name, td_engine_sqlite.name) == 0)
		return &td_engine_sqlite;
	td_err_set(err, TD_PERMFAIL, "store.engine: this build has no engine \"%s\" (it has \"%s\")", name,
		td_engine_sqlite.name);
	return NULL;
}
