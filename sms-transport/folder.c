/*
 * folder - the FILE transport's folders that whole new files are put into
 */
#include "folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "smsd.h"

struct create {
	struct job    *job;
	uint64_t       token;
	char           name[FOLDER_NAME_MAX + 1];
	char           temporary[FOLDER_NAME_MAX + 8];
	bool           renamed;
	struct td_err  err;
	size_t         n;
	TAILQ_ENTRY(create) link;
	char           bytes[];
};
TAILQ_HEAD(create_queue, create);

struct folder {
	struct instance    *instance;
	char               *path;
	int                 fd;
	struct create_queue creates;
	struct event       *flush;
};

/* The folder itself, or the one that stands under its name now. */
static enum td_status ready(struct folder *folder, struct td_err *err)
{
	struct stat named, open_one;

	if (folder->fd >= 0 && !stat(folder->path, &named) && !fstat(folder->fd, &open_one) &&
		named.st_ino == open_one.st_ino && named.st_dev == open_one.st_dev)
		return TD_OK;
	if (folder->fd >= 0)
		close(folder->fd);
	folder->fd = open(folder->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder->fd < 0)
		return td_err_errno(err, errno, "%s: cannot open the folder", folder->path);
	if (faccessat(folder->fd, ".", W_OK | X_OK, AT_EACCESS))
		return td_err_errno(err, errno, "%s: cannot put files into it", folder->path);
	return TD_OK;
}

static bool write_all(int fd, const char *p, size_t n)
{
	while (n) {
		ssize_t done = write(fd, p, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0) {
			errno = done ? errno : EIO;
			return false;
		}
		p += done;
		n -= (size_t)done;
	}
	return true;
}

/* Writes, syncs, renames; create->err says what went wrong. */
static void put(struct folder *folder, struct create *create)
{
	int fd = openat(folder->fd, create->temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0640);
	bool good = fd >= 0 && write_all(fd, create->bytes, create->n) && !fdatasync(fd);
	int why = errno;

	if (fd >= 0 && close(fd) && good) {
		good = false;
		why = errno;
	}
	if (good && !renameat(folder->fd, create->temporary, folder->fd, create->name)) {
		create->renamed = true;
		return;
	}
	td_err_errno(&create->err, good ? errno : why, "%s/%s: cannot write", folder->path, create->name);
	if (fd >= 0)
		unlinkat(folder->fd, create->temporary, 0);
}

static void answer(struct create *create, bool synced, const struct td_err *err)
{
	struct td_view nothing = { NULL, 0 };

	if (!create->renamed)
		submit_no_answer(create->job, TANDEM_TEMPORARY, &create->err);
	else if (!synced)
		submit_no_answer(create->job, TANDEM_UNCERTAIN, err);
	else
		submit_answer(create->job, create->token, nothing);
}

static void flush(evutil_socket_t unused, short what, void *arg)
{
	struct folder *folder = arg;
	struct create_queue batch = TAILQ_HEAD_INITIALIZER(batch);
	struct instance *held = instance_ref(folder->instance);
	struct create *create;
	struct td_err err;
	enum td_status status = ready(folder, &err);
	bool synced = true;

	(void)unused, (void)what;
	/* Answers may create again: what they add belongs to the next batch. */
	TAILQ_CONCAT(&batch, &folder->creates, link);
	TAILQ_FOREACH(create, &batch, link) {
		if (status)
			create->err = err;
		else
			put(folder, create);
	}
	if (!status && fsync(folder->fd)) {
		td_err_errno(&err, errno, "%s: cannot sync", folder->path);
		synced = false;
	}
	while ((create = TAILQ_FIRST(&batch))) {
		TAILQ_REMOVE(&batch, create, link);
		answer(create, synced, &err);
		free(create);
	}
	instance_unref(held);
}

enum td_status folder_new(struct instance *instance, const char *path, struct folder **out, struct td_err *err)
{
	struct folder *folder = calloc(1, sizeof(*folder));
	enum td_status status;

	if (!folder)
		return td_err_set(err, TD_NOMEM, "%s: out of memory", path);
	folder->instance = instance;
	folder->fd = -1;
	TAILQ_INIT(&folder->creates);
	folder->path = strdup(path);
	folder->flush = event_new(instance->smsd->base, -1, 0, flush, folder);
	status = folder->path && folder->flush ? ready(folder, err) : td_err_set(err, TD_NOMEM, "%s: out of memory", path);
	if (status) {
		folder_free(folder);
		return status;
	}
	*out = folder;
	return TD_OK;
}

void folder_free(struct folder *folder)
{
	struct create *create;

	if (!folder)
		return;
	while ((create = TAILQ_FIRST(&folder->creates))) {
		TAILQ_REMOVE(&folder->creates, create, link);
		free(create);
	}
	if (folder->flush)
		event_free(folder->flush);
	if (folder->fd >= 0)
		close(folder->fd);
	free(folder->path);
	free(folder);
}

static bool is_name(struct td_view name)
{
	for (size_t i = 0; i < name.n; i++) {
		if (name.p[i] == '/' || (unsigned char)name.p[i] < ' ')
			return false;
	}
	return name.n && name.n <= FOLDER_NAME_MAX && name.p[0] != '.';
}

void folder_create(struct folder *folder, struct job *job, uint64_t token, struct td_view name, struct td_view bytes)
{
	struct create *create;
	struct td_err err;

	if (!is_name(name)) {
		td_err_set(&err, TD_PERMFAIL, "%s: the plugin gives no name of a file", folder->path);
		submit_no_answer(job, TANDEM_PERMANENT_OTHER, &err);
		return;
	}
	create = calloc(1, sizeof(*create) + bytes.n);
	if (!create) {
		td_err_set(&err, TD_NOMEM, "out of memory");
		submit_no_answer(job, TANDEM_TEMPORARY, &err);
		return;
	}
	create->job = job;
	create->token = token;
	create->n = bytes.n;
	if (bytes.n)
		memcpy(create->bytes, bytes.p, bytes.n);
	snprintf(create->name, sizeof(create->name), "%.*s", TD_VARG(name));
	snprintf(create->temporary, sizeof(create->temporary), ".%.*s.LOCK", TD_VARG(name));
	TAILQ_INSERT_TAIL(&folder->creates, create, link);
	event_active(folder->flush, EV_TIMEOUT, 0);
}
