/*
 * outscan - looks for lines in a file that lines are appended to, slice by slice, for many askers in one pass
 *
 * Owns: its buffer and the list of askers. Threads: the loop's. An asker that joins while a pass is under way waits for
 * the next one.
 */
#ifndef TD_OUTSCAN_H
#define TD_OUTSCAN_H

#include <stdbool.h>
#include <stdint.h>

#include "err.h"
#include "view.h"

struct job;
struct instance;
struct outscan;

struct outscan *outscan_new(void); /* NULL: out of memory */
void outscan_free(struct outscan *scan); /* NULL allowed */
/* False: out of memory. before, key and after are copied. */
bool outscan_add(struct outscan *scan, struct job *job, uint64_t token, struct td_view before, struct td_view key,
	struct td_view after);
bool outscan_pending(const struct outscan *scan);
/* The instance an asker belongs to; only while pending. */
struct instance *outscan_instance(const struct outscan *scan);
/* Reads on; answers askers (submit_answer) as their line or the end of the file is met. */
void outscan_slice(struct outscan *scan, int fd, const char *path);
/* The file cannot be read: every asker hears so (submit_no_answer, UNCERTAIN). */
void outscan_fail(struct outscan *scan, const struct td_err *err);

#endif
