/*
 * folder - the FILE transport's folders: whole new files put into one, whole files taken out of one
 *
 * Into: all files of one iteration of the loop are written under other names (".NAME.LOCK", which spools pass over),
 * synced, renamed, and the folder is synced once; only then do they count as accepted. A file that was not renamed is
 * removed and its SMS TEMPORARY; after that it is UNCERTAIN.
 *
 * Out of: each file goes to the plugin's inbound_file whole, its events to the store, and only when they are durable it
 * is moved to the folder `done`, or removed. A crash in between repeats the events with the same ids, made of the
 * file's name, inode and time. Names that begin with '.' or end with ".LOCK" are passed over. A file that was written
 * less than a second ago is waited for, as its writer may not be done. What is no regular file, too long, or not
 * understood is moved to `done` with a warning; without one it stays, and is warned about once.
 *
 * Owns: descriptors. Threads: the loop's; writing and syncing block it. Lifetime: the instance's.
 */
#ifndef TD_FOLDER_H
#define TD_FOLDER_H

#include "err.h"
#include "view.h"

struct instance;
struct job;
struct folder;
struct folder_watch;

#define FOLDER_FILE_MAX (1u << 20) /* bytes of a file that arrives */
#define FOLDER_NAME_MAX 200

/* TD_NOTFOUND, TD_REFUSED: no folder, or not ours to write to. */
enum td_status folder_new(struct instance *instance, const char *path, struct folder **out, struct td_err *err);
void folder_free(struct folder *folder); /* NULL allowed */
/* Puts a file into it (both copied); submit_answer or submit_no_answer follows. */
void folder_create(struct folder *folder, struct job *job, uint64_t token, struct td_view name, struct td_view bytes);

/* file: number of use_file; done may be NULL. Reads nothing yet. Both folders must be of one file system. */
enum td_status folder_watch_new(struct instance *instance, int file, const char *path, const char *done,
	struct folder_watch **out, struct td_err *err);
void folder_watch_start(struct folder_watch *watch);
/* Reads no further. */
void folder_watch_stop(struct folder_watch *watch);
void folder_watch_free(struct folder_watch *watch); /* NULL allowed */

#endif
