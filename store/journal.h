/*
 * journal - the append-only file of revokes outside the database (policy §3)
 *
 * One line a revoke, so that replaying it after restoring an old backup brings no consent back:
 *
 *	v1 TIME HMAC-OF-ADDRESS CHANNEL CATEGORY REACH SOURCE CHAIN-HEAD
 *
 * TIME is ISO 8601 UTC, HMAC and head are hex, the head is the hash of the event. No address is in it. Lines are
 * collected while a batch runs and are on disk (fdatasync) before the batch commits: a line without its event can be
 * there after a crash, a revoke without its line cannot.
 *
 * Owns: its descriptor and the lines not yet written. Threads: one. Errors: TD_TEMPFAIL, and nothing of the batch stays
 * in the file.
 */
#ifndef TD_JOURNAL_H
#define TD_JOURNAL_H

#include "err.h"
#include "view.h"

struct td_journal;

struct td_journal_line {
	int64_t        at_ms;
	unsigned char  address_mac[32];
	struct td_view channel, category, reach, source;
	unsigned char  head[32];
};

/* Opens or creates (mode 0640). A line torn by a crash is ended, so that the next one stands by itself. */
enum td_status td_journal_open(const char *path, struct td_journal **out, struct td_err *err);
void td_journal_close(struct td_journal *journal); /* NULL allowed */
/* Adds a line to what will be written. TD_TEMPFAIL while the journal cannot be written. */
enum td_status td_journal_add(struct td_journal *journal, const struct td_journal_line *line, struct td_err *err);
/* Bytes collected; give it to td_journal_cut to take later lines back. */
size_t td_journal_mark(const struct td_journal *journal);
void td_journal_cut(struct td_journal *journal, size_t mark);
/*
 * Writes what was collected, to stable storage. On failure the file is cut back, the lines are dropped, and
 * td_journal_add fails with the same error until td_journal_retry.
 */
enum td_status td_journal_flush(struct td_journal *journal, struct td_err *err);
/* The next batch may try again. */
void td_journal_retry(struct td_journal *journal);
int64_t td_journal_size(const struct td_journal *journal);

#endif
