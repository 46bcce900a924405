/*
 * tail - the FILE transport's files that others append lines to
 *
 * Each line goes to the plugin's inbound_file once, and its events to the store one after another, each with the mark
 * of how far the file has been read: the store commits both together, so that a crash at any instant neither loses nor
 * repeats a line. A line without its newline is waited for. A file that is cut is read from its start; one that is
 * moved away is first read to its end; one that is not there is waited for. A malformed line is logged with its number
 * and skipped.
 *
 * Mark: "GENERATION:INODE:OFFSET:LINE:PRINT", where PRINT tells another file under the same inode by the first bytes of
 * what was read.
 *
 * Owns: its descriptors. Threads: the loop's. Lifetime: the instance's, which must not go away while a line is with the
 * store (it holds a reference).
 */
#ifndef TD_TAIL_H
#define TD_TAIL_H

#include "err.h"

struct instance;
struct tail;

/* file: number of use_file. Reads nothing yet. */
enum td_status tail_new(struct instance *instance, int file, const char *path, struct tail **out, struct td_err *err);
/* Asks the store for the mark, and then reads. */
void tail_start(struct tail *tail);
/* Reads no further. */
void tail_stop(struct tail *tail);
void tail_free(struct tail *tail); /* NULL allowed */

#endif
