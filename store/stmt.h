/*
 * stmt - the named statements of statements.sql and admin.sql as one enum
 *
 * Owns: static text. Threads: pure.
 */
#ifndef TD_STMT_H
#define TD_STMT_H

enum td_stmt {
#define TD_SQL(name, text) TD_SQL_##name,
#include "statements.inc"
#include "admin.inc"
#undef TD_SQL
	TD_NSTMTS
};
#define TD_STMT_PARAMS 32 /* parameters of a statement at most */

/* The text and the name ("JOB_INSERT") of a statement. */
const char *td_stmt_text(int stmt);
const char *td_stmt_name(int stmt);

/* A step of the schema (schema.sql). */
struct td_migration {
	int         number;
	const char *text;
};
extern const struct td_migration td_migrations[]; /* in order, ended by number 0 */
/* The version this program was built for. */
int td_schema_version(void);

#endif
