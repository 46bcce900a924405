/*
 * migrate - brings the schema of an SQLite store up to date, one transaction a step
 */
#include <stdio.h>
#include <stdlib.h>

#include "sqlite_engine.h"

/* One integer of a query; `none` when it has no row. */
static enum td_status ask(sqlite3 *db, const char *sql, int none, int *out, struct td_err *err)
{
	sqlite3_stmt *stmt = NULL;
	int           rc = sqlite3_prepare_v2(db, sql, -1, &stmt, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW)
		*out = sqlite3_column_int(stmt, 0);
	else if (rc == SQLITE_DONE)
		*out = none;
	sqlite3_finalize(stmt);
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? TD_OK : td_sqlite_fail(db, rc, err, "reading the schema's version");
}

static enum td_status current_version(sqlite3 *db, int *version, struct td_err *err)
{
	enum td_status status;
	int            tables = 0, ours = 0;

	status = ask(db, "SELECT count(*) FROM sqlite_master WHERE type = 'table'", 0, &tables, err);
	if (!status)
		status = ask(db, "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'meta'", 0, &ours, err);
	*version = 0;
	if (status || tables == 0)
		return status;
	if (!ours)
		return td_err_set(err, TD_PERMFAIL, "store.path: this database is not a Tandem store (it has other tables)");
	return ask(db, "SELECT value FROM meta WHERE name = 'schema'", 0, version, err);
}

/* The text with what other engines take for a comment made code: "/ *sqlite WITHOUT ROWID* /". */
static char *for_sqlite(const char *text)
{
	static const char open_mark[] = "/*sqlite ";
	char             *sql = strdup(text), *at = sql;

	while (at && (at = strstr(at, open_mark))) {
		char *end = strstr(at, "*/");

		memset(at, ' ', sizeof open_mark - 1);
		if (end)
			memset(end, ' ', 2);
	}
	return sql;
}

static enum td_status step(sqlite3 *db, const struct td_migration *migration, struct td_err *err)
{
	char           note[128];
	char          *sql = for_sqlite(migration->text);
	enum td_status status = TD_OK;
	int            rc;

	if (!sql)
		return td_err_set(err, TD_NOMEM, "store: out of memory");
	snprintf(note, sizeof note, "INSERT INTO meta (name, value) VALUES ('schema', '%d')"
		" ON CONFLICT (name) DO UPDATE SET value = excluded.value; COMMIT", migration->number);
	rc = sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(db, sql, NULL, NULL, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(db, note, NULL, NULL, NULL);
	free(sql);
	if (rc != SQLITE_OK) {
		status = td_sqlite_fail(db, rc, err, "migrating");
		td_err_prefix(err, "schema %d", migration->number);
		sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
	}
	return status;
}

enum td_status td_sqlite_migrate(sqlite3 *db, struct td_err *err)
{
	int            version;
	enum td_status status = current_version(db, &version, err);

	if (status)
		return status;
	if (version > td_schema_version())
		return td_err_set(err, TD_PERMFAIL,
			"store: its schema is version %d, this tandem-stored knows up to %d (install the newer Tandem again)",
			version, td_schema_version());
	for (const struct td_migration *m = td_migrations; m->number && !status; m++) {
		if (m->number > version)
			status = step(db, m, err);
	}
	return status;
}
