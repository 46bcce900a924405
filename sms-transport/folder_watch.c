/*
 * folder_watch - the FILE transport's folders that others put files into
 *
 * A look lists the folder, sorted by name; its files are then taken one after another, one with the store at a time.
 * inotify wakes it; a slow timer does where inotify cannot (network file systems).
 */
#include "folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "events.h"
#include "smsd.h"

#define POLL_MS 5000
#define FRESH_MS 1000
#define LOOK_MAX 10000 /* names of one look; the others come with the next */
#define LEFT_MAX 10000 /* files that stay where they are, and are known */

struct left { /* a file that was warned about */
	ino_t           inode;
	struct timespec changed;
	bool            seen; /* in this look */
};

struct folder_watch {
	struct instance *instance;
	int              file;
	char            *path, *done;
	int              fd;     /* of the folder, during a look; -1 */
	struct event    *timer, *notify;
	int              inotify;
	bool             stopped, busy;
	bool             again;  /* something changed since the look began */
	bool             fresh;  /* the look passed over files that are being written */
	char           **names;  /* of the look */
	size_t           nnames, next;
	struct left     *left;
	size_t           nleft;
	struct stat      st;     /* of the file that is with the store */
	struct td_arena  arena;
	struct tandem_events events;
	struct delivery  delivery;
	char             complaint[512];
};

static void pump(struct folder_watch *watch);

static void look_later(struct folder_watch *watch, int64_t ms)
{
	struct timeval tv = { .tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000 };

	if (!watch->stopped)
		evtimer_add(watch->timer, &tv);
}

static void complain(struct folder_watch *watch, const struct td_err *err)
{
	if (!strcmp(watch->complaint, err->text))
		return;
	snprintf(watch->complaint, sizeof(watch->complaint), "%s", err->text);
	smsd_trouble(watch->instance->smsd, "provider %s: %s", watch->instance->set->name, err->text);
}

/* ---- files that stay ---- */

static struct left *left_find(struct folder_watch *watch, const struct stat *st)
{
	for (size_t i = 0; i < watch->nleft; i++) {
		struct left *left = &watch->left[i];

		if (left->inode == st->st_ino && left->changed.tv_sec == st->st_mtim.tv_sec &&
			left->changed.tv_nsec == st->st_mtim.tv_nsec)
			return left;
	}
	return NULL;
}

static void left_add(struct folder_watch *watch, const struct stat *st)
{
	struct left *more;

	if (watch->nleft == LEFT_MAX)
		return;
	more = realloc(watch->left, (watch->nleft + 1) * sizeof(*more));
	if (!more)
		return;
	watch->left = more;
	watch->left[watch->nleft++] = (struct left){ st->st_ino, st->st_mtim, true };
}

/* Forgets those that a whole look has not seen. */
static void left_sweep(struct folder_watch *watch)
{
	size_t n = 0;

	for (size_t i = 0; i < watch->nleft; i++) {
		if (watch->left[i].seen)
			watch->left[n++] = watch->left[i];
	}
	for (size_t i = 0; i < n; i++)
		watch->left[i].seen = false;
	watch->nleft = n;
}

/* ---- looking ---- */

static void end_look(struct folder_watch *watch)
{
	for (size_t i = 0; i < watch->nnames; i++)
		free(watch->names[i]);
	free(watch->names);
	watch->names = NULL;
	watch->nnames = watch->next = 0;
	if (watch->fd >= 0)
		close(watch->fd);
	watch->fd = -1;
}

static bool passed_over(const char *name)
{
	return name[0] == '.' || td_view_ends(td_view_str(name), TD_VLIT(".LOCK"));
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Lists the folder into names. */
static enum td_status look(struct folder_watch *watch, struct td_err *err)
{
	struct dirent *entry;
	DIR *dir;

	end_look(watch);
	watch->again = watch->fresh = false;
	watch->fd = open(watch->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	dir = watch->fd >= 0 ? opendir(watch->path) : NULL;
	watch->names = calloc(LOOK_MAX, sizeof(*watch->names));
	if (!dir || !watch->names) {
		enum td_status status = watch->names ? td_err_errno(err, errno, "%s: cannot list the folder", watch->path)
			: td_err_set(err, TD_NOMEM, "%s: out of memory", watch->path);

		if (dir)
			closedir(dir);
		return status;
	}
	while ((entry = readdir(dir)) && watch->nnames < LOOK_MAX) {
		char *name = passed_over(entry->d_name) ? NULL : strdup(entry->d_name);

		if (name)
			watch->names[watch->nnames++] = name;
	}
	watch->again = watch->nnames == LOOK_MAX;
	closedir(dir);
	qsort(watch->names, watch->nnames, sizeof(*watch->names), by_name);
	return TD_OK;
}

/* ---- one file ---- */

/* Moves it to done or removes it; what cannot be is warned about, and stays. */
static void put_away(struct folder_watch *watch, const char *name)
{
	char to[4096];
	int failed;

	if (!watch->done) {
		failed = unlinkat(watch->fd, name, 0);
	} else {
		snprintf(to, sizeof(to), "%s/%s", watch->done, name);
		if (!access(to, F_OK))
			snprintf(to, sizeof(to), "%s/%s.%llu", watch->done, name, (unsigned long long)watch->st.st_ino);
		failed = renameat(watch->fd, name, AT_FDCWD, to);
	}
	if (failed && errno != ENOENT) {
		td_warning("%s/%s: cannot be %s: %s", watch->path, name, watch->done ? "moved away" : "removed",
			strerror(errno));
		left_add(watch, &watch->st);
	}
}

static void reject(struct folder_watch *watch, const char *name, const char *why)
{
	td_warning("%s/%s is skipped: %s", watch->path, name, why);
	if (watch->done)
		put_away(watch, name);
	else
		left_add(watch, &watch->st);
}

/* Is it being written? A time to come is no reason to wait for it. */
static bool is_fresh(struct folder_watch *watch, const struct stat *st)
{
	int64_t age = td_now_ms(watch->instance->smsd->clock) - st->st_mtim.tv_sec * 1000LL -
		st->st_mtim.tv_nsec / 1000000;

	return age >= 0 && age < FRESH_MS;
}

/* Its bytes, in the arena; p == NULL: not now (it went away, or is being written), or never (rejected). */
static struct td_view take(struct folder_watch *watch, const char *name)
{
	struct td_view nothing = { NULL, 0 };
	struct left *left;
	ssize_t n = -1;
	char *bytes;
	int fd;

	if (fstatat(watch->fd, name, &watch->st, AT_SYMLINK_NOFOLLOW))
		return nothing;
	left = left_find(watch, &watch->st);
	if (left)
		left->seen = true;
	else if (S_ISDIR(watch->st.st_mode))
		return nothing;
	else if (!S_ISREG(watch->st.st_mode))
		reject(watch, name, "no regular file");
	else if (is_fresh(watch, &watch->st))
		watch->fresh = true;
	else if (watch->st.st_size > (off_t)FOLDER_FILE_MAX)
		reject(watch, name, "longer than 1 MiB");
	else
		n = 0;
	fd = n ? -1 : openat(watch->fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0) {
		if (!n)
			reject(watch, name, strerror(errno));
		return nothing;
	}
	bytes = td_arena_alloc(&watch->arena, (size_t)watch->st.st_size + 1);
	n = bytes ? read(fd, bytes, (size_t)watch->st.st_size + 1) : -1;
	close(fd);
	/* One that has grown is being written after all. */
	watch->fresh = watch->fresh || n != watch->st.st_size;
	return n == watch->st.st_size ? td_view_mem(bytes, (size_t)n) : nothing;
}

/* All its events are with the store, or it will be asked again. */
static void file_done(struct delivery *delivery, const struct td_err *err)
{
	struct folder_watch *watch =
		(struct folder_watch *)(void *)((char *)delivery - offsetof(struct folder_watch, delivery));

	watch->busy = false;
	if (err) {
		look_later(watch, FRESH_MS);
		return;
	}
	put_away(watch, watch->names[watch->next++]);
	pump(watch);
}

static void deliver(struct folder_watch *watch, const char *name)
{
	char *what = td_arena_printf(&watch->arena, "%s/%s", watch->path, name);
	/* Names may be longer than an id: their beginning, and what tells the file from all others. */
	char *id = td_arena_printf(&watch->arena, "file-%.60s-%llu-%lld.%09ld", name,
		(unsigned long long)watch->st.st_ino, (long long)watch->st.st_mtim.tv_sec, watch->st.st_mtim.tv_nsec);

	watch->delivery = (struct delivery){ .instance = watch->instance, .events = watch->events.events,
		.n = watch->events.nevents, .what = td_view_str(what), .id = td_view_str(id), .done = file_done };
	watch->busy = true;
	events_deliver(&watch->delivery);
}

/* Asks the plugin what a file means. NULL: its events are in watch->events; else why it is skipped. */
static const char *understand(struct folder_watch *watch, const char *name, struct td_view bytes, struct td_err *err)
{
	struct instance *in = watch->instance;
	struct tandem_inbound_file given = { .struct_size = sizeof(given), .file = watch->file,
		.name = host_view(td_view_str(name)), .bytes = host_view(bytes),
		.at_ms = watch->st.st_mtim.tv_sec * 1000LL + watch->st.st_mtim.tv_nsec / 1000000 };
	struct host_call call;
	bool good;

	if (!td_view_utf8(td_view_str(name)))
		return "its name is no UTF-8";
	watch->events = (struct tandem_events){ .refused = false };
	instance_call(in, &call, &watch->arena, err);
	good = in->plugin->inbound_file(&call.pub, in->state, &given, &watch->events) == TANDEM_OK && !call.pub.failed;
	good = good && !watch->events.refused && events_keep(&watch->events, &watch->arena);
	host_call_end(&call);
	if (good)
		return NULL;
	return err->text[0] ? err->text : "not understood";
}

/* Takes the files of the look, until one is with the store or none is left; then looks again, or later. */
static void pump(struct folder_watch *watch)
{
	struct td_err err;

	while (!watch->busy && !watch->stopped && watch->next < watch->nnames) {
		const char *name = watch->names[watch->next];
		struct td_view bytes;
		const char *why;

		td_arena_reset(&watch->arena);
		bytes = take(watch, name);
		why = bytes.p ? understand(watch, name, bytes, &err) : NULL;
		if (bytes.p && !why) {
			deliver(watch, name);
			continue;
		}
		if (why)
			reject(watch, name, why);
		watch->next++;
	}
	if (watch->busy || watch->stopped)
		return;
	left_sweep(watch);
	end_look(watch);
	look_later(watch, watch->again ? 0 : watch->fresh ? FRESH_MS : POLL_MS);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct folder_watch *watch = arg;
	struct td_err err;

	(void)fd, (void)what;
	if (watch->next >= watch->nnames && look(watch, &err)) {
		complain(watch, &err);
		end_look(watch);
		look_later(watch, POLL_MS);
		return;
	}
	watch->complaint[0] = '\0';
	pump(watch);
}

static void on_notify(evutil_socket_t fd, short what, void *arg)
{
	struct folder_watch *watch = arg;
	_Alignas(struct inotify_event) char bytes[4096];

	(void)what;
	while (read(fd, bytes, sizeof(bytes)) > 0)
		;
	watch->again = true;
	if (!watch->busy && watch->next >= watch->nnames)
		look_later(watch, 0);
}

/* ---- life ---- */

static enum td_status check_folders(const char *path, const char *done, struct td_err *err)
{
	struct stat from, to;

	if (stat(path, &from))
		return td_err_errno(err, errno, "%s", path);
	if (!S_ISDIR(from.st_mode))
		return td_err_set(err, TD_REFUSED, "%s: no folder", path);
	if (access(path, R_OK | W_OK | X_OK))
		return td_err_errno(err, errno, "%s: cannot take files out of it", path);
	if (!done)
		return TD_OK;
	if (stat(done, &to))
		return td_err_errno(err, errno, "%s", done);
	if (!S_ISDIR(to.st_mode) || to.st_dev != from.st_dev)
		return td_err_set(err, TD_REFUSED, "%s: no folder of the file system of %s", done, path);
	return access(done, W_OK | X_OK) ? td_err_errno(err, errno, "%s: cannot put files into it", done) : TD_OK;
}

enum td_status folder_watch_new(struct instance *instance, int file, const char *path, const char *done,
	struct folder_watch **out, struct td_err *err)
{
	struct folder_watch *watch;
	enum td_status status = check_folders(path, done, err);

	if (status)
		return status;
	watch = calloc(1, sizeof(*watch));
	if (!watch)
		return td_err_set(err, TD_NOMEM, "%s: out of memory", path);
	td_arena_init(&watch->arena, HOST_ARENA);
	watch->instance = instance;
	watch->file = file;
	watch->fd = watch->inotify = -1;
	watch->path = strdup(path);
	watch->done = done ? strdup(done) : NULL;
	watch->timer = evtimer_new(instance->smsd->base, on_timer, watch);
	if (!watch->path || (done && !watch->done) || !watch->timer) {
		folder_watch_free(watch);
		return td_err_set(err, TD_NOMEM, "%s: out of memory", path);
	}
	*out = watch;
	return TD_OK;
}

/* Without inotify the timer must do. */
void folder_watch_start(struct folder_watch *watch)
{
	watch->inotify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (watch->inotify >= 0 && inotify_add_watch(watch->inotify, watch->path, IN_MOVED_TO | IN_CLOSE_WRITE) >= 0)
		watch->notify = event_new(watch->instance->smsd->base, watch->inotify, EV_READ | EV_PERSIST, on_notify, watch);
	if (watch->notify)
		event_add(watch->notify, NULL);
	look_later(watch, 0);
}

void folder_watch_stop(struct folder_watch *watch)
{
	watch->stopped = true;
	event_del(watch->timer);
	if (watch->notify)
		event_del(watch->notify);
}

void folder_watch_free(struct folder_watch *watch)
{
	if (!watch)
		return;
	if (watch->timer)
		event_free(watch->timer);
	if (watch->notify)
		event_free(watch->notify);
	if (watch->inotify >= 0)
		close(watch->inotify);
	end_look(watch);
	td_arena_free(&watch->arena);
	free(watch->left);
	free(watch->path);
	free(watch->done);
	free(watch);
}
