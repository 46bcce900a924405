/*
 * outfile - the FILE transport's files that lines are appended to
 *
 * All lines of one iteration of the loop are appended with one write, then synced, and only then count as accepted. A
 * write that comes short (full disk) is cut off again, and its jobs are TEMPORARY. A line that a crash left torn is cut
 * off when the file is opened: it was never acknowledged. So a reader sees whole lines only. The file may be moved away
 * (log rotation): a new one is begun then. What was moved away is not searched any more: rotate when no SMS is under
 * way.
 *
 * Owns: its descriptor and what waits. Threads: the loop's; writing and syncing block it. One process appends to a
 * file.
 */
#ifndef TD_OUTFILE_H
#define TD_OUTFILE_H

#include "err.h"
#include "view.h"

struct smsd;
struct job;
struct outfile;

/* Creates the file if need be. TD_REFUSED or TD_NOTFOUND when it cannot be opened or is no regular file. */
enum td_status outfile_new(struct smsd *smsd, const char *path, struct outfile **out, struct td_err *err);
/* What waits in it is forgotten. NULL allowed. */
void outfile_free(struct outfile *file);
/* Appends one line (with its newline, copied); submit_answer or submit_no_answer follows. */
void outfile_append(struct outfile *file, struct job *job, uint64_t token, struct td_view line);
/*
 * Looks for the line in which key stands between before and after; submit_answer follows with the line (without its
 * newline), or with an empty view. One pass over the file serves all that wait, a slice in each iteration of the loop.
 */
void outfile_find(struct outfile *file, struct job *job, uint64_t token, struct td_view before, struct td_view key,
	struct td_view after);

#endif
