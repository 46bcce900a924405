/*
 * sqlite_engine - what the files of the SQLite engine share
 *
 * Owns: see struct. Threads: the checkpointer has its own connection and thread; everything else is the loop's.
 */
#ifndef TD_SQLITE_ENGINE_H
#define TD_SQLITE_ENGINE_H

#include <sqlite3.h>

#include "engine.h"
#include "stmt.h"

#define TD_WAL_CHECKPOINT (32u << 20) /* bytes of WAL from which it is copied back */
#define TD_WAL_LIMIT (64u << 20)      /* bytes the WAL file keeps after it was copied back */

struct td_checkpointer;

struct td_cached { /* a prepared statement and where its $1 … are */
	sqlite3_stmt *stmt;
	unsigned char at[TD_STMT_PARAMS];
	unsigned char nparams;
};

struct td_engine {
	sqlite3                *db;
	char                   *path;
	int                     lock_fd; /* flock: one stored on one file */
	bool                    in_transaction;
	int                     wal_pages; /* after the last commit */
	int                     page_size;
	int64_t                 last_commit_ms; /* monotonic */
	struct td_checkpointer *checkpointer;
	struct td_cached        cache[TD_NSTMTS];
};

/* Fills err from the connection's last error; doing says what was tried. */
enum td_status td_sqlite_fail(sqlite3 *db, int rc, struct td_err *err, const char *doing);
/* Opens a connection with the settings every one of them has. */
enum td_status td_sqlite_connect(const char *path, sqlite3 **db, struct td_err *err);
/* Brings the schema up to date. TD_PERMFAIL: newer than this program, or not our file. */
enum td_status td_sqlite_migrate(sqlite3 *db, struct td_err *err);

/* Starts the thread that copies the WAL back. */
enum td_status td_checkpointer_start(const char *path, struct td_checkpointer **out, struct td_err *err);
/* Asks for a round; returns at once. */
void td_checkpointer_kick(struct td_checkpointer *checkpointer);
/*
 * True once after rounds that left only a short tail, which the writer may then copy back itself to begin the WAL anew.
 */
bool td_checkpointer_tail(struct td_checkpointer *checkpointer);
/* Ends the thread after the round it is in. NULL allowed. */
void td_checkpointer_stop(struct td_checkpointer *checkpointer);

#endif
