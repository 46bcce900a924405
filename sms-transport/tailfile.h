/*
 * tailfile - reads a growing file line by line, through rotation and truncation, from a mark on
 *
 * The part of tail that knows files and nothing of stores. Owns: descriptor, buffer. Threads: one at a time.
 */
#ifndef TD_TAILFILE_H
#define TD_TAILFILE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "err.h"
#include "view.h"

#define TAILFILE_MARK_SIZE 128
#define TAILFILE_LINE_MAX 65536 /* bytes of a line; longer ones are given as toolong */

struct tailfile;

struct tailfile_line {
	struct td_view text;    /* without newline and CR; valid until the next call */
	uint64_t       number;  /* from 1 */
	bool           toolong; /* text is only its beginning */
	char           id[64];  /* tells this line from all others of the file and its predecessors */
};

/* path is copied. NULL: out of memory. */
struct tailfile *tailfile_new(const char *path);
void tailfile_free(struct tailfile *file); /* NULL allowed */
/*
 * Goes on where the mark says; an empty one is the start. A mark that cannot be understood is TD_BADINPUT (reading then
 * begins at the start).
 */
enum td_status tailfile_seek(struct tailfile *file, struct td_view mark, struct td_err *err);
/*
 * The next whole line, the same one again until tailfile_next. TD_NOTFOUND: none yet (err says nothing, *note may tell
 * of a file that was cut or replaced, else NULL). Another status: the file cannot be read now.
 */
enum td_status tailfile_peek(struct tailfile *file, struct tailfile_line *out, const char **note, struct td_err *err);
/* The line that peek gave is done with. */
void tailfile_next(struct tailfile *file);
/* The mark after the line that peek gave. */
void tailfile_mark(const struct tailfile *file, char out[TAILFILE_MARK_SIZE]);

#endif
