/*
 * outfile - the FILE transport's files that lines are appended to
 */
#include "outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"
#include "outscan.h"
#include "smsd.h"

#define BATCH_BYTES (64u << 20)
#define TAIL_STEP 4096

struct append {
	struct job *job;
	uint64_t    token;
	size_t      size;
	TAILQ_ENTRY(append) link;
};
TAILQ_HEAD(append_queue, append);

struct outfile {
	struct smsd        *smsd;
	char               *path;
	int                 fd; /* -1: not open */
	struct td_buf       lines;
	struct append_queue appends;
	struct outscan     *scan;
	struct event       *flush;
};

/* Position after the last newline before `size`; -1 on a read error. */
static off_t last_line_end(int fd, off_t size)
{
	char bytes[TAIL_STEP];

	while (size > 0) {
		size_t want = size < TAIL_STEP ? (size_t)size : TAIL_STEP;
		off_t from = size - (off_t)want;

		if (pread(fd, bytes, want, from) != (ssize_t)want)
			return -1;
		for (size_t i = want; i > 0; i--) {
			if (bytes[i - 1] == '\n')
				return from + (off_t)i;
		}
		size = from;
	}
	return 0;
}

/* Cuts off a last line without its end. */
static enum td_status mend(struct outfile *file, off_t size, struct td_err *err)
{
	off_t end = last_line_end(file->fd, size);

	if (end < 0)
		return td_err_errno(err, errno, "%s: cannot read", file->path);
	if (end == size)
		return TD_OK;
	if (ftruncate(file->fd, end))
		return td_err_errno(err, errno, "%s: cannot cut off a torn line", file->path);
	td_warning("%s: cut off %lld bytes of a line that was never finished", file->path, (long long)(size - end));
	return TD_OK;
}

static void close_file(struct outfile *file)
{
	if (file->fd >= 0)
		close(file->fd);
	file->fd = -1;
}

/* Opens the file, or opens it again when another stands under its name. */
static enum td_status ready(struct outfile *file, struct td_err *err)
{
	struct stat named, open_one;
	enum td_status status;

	if (file->fd >= 0 && !stat(file->path, &named) && !fstat(file->fd, &open_one) && named.st_ino == open_one.st_ino &&
		named.st_dev == open_one.st_dev)
		return TD_OK;
	close_file(file);
	file->fd = open(file->path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0640);
	if (file->fd < 0)
		return td_err_errno(err, errno, "%s: cannot open for appending", file->path);
	if (fstat(file->fd, &open_one))
		status = td_err_errno(err, errno, "%s", file->path);
	else if (!S_ISREG(open_one.st_mode))
		status = td_err_set(err, TD_REFUSED, "%s: not a regular file", file->path);
	else
		status = mend(file, open_one.st_size, err);
	if (status)
		close_file(file);
	return status;
}

/*
 * Writes as many whole lines as there is room for and syncs them; *whole is how many bytes they have. A line that was
 * torn by a full disk is cut off again, at the latest when the file is opened next; lines that readers have seen whole
 * stay. UNCERTAIN: they are written, but perhaps not on disk.
 */
static enum tandem_outcome_kind write_lines(struct outfile *file, size_t *whole, struct td_err *err)
{
	struct td_view lines = td_buf_view(&file->lines);
	struct stat st;
	size_t done = 0;

	*whole = 0;
	if (ready(file, err))
		return TANDEM_TEMPORARY;
	if (fstat(file->fd, &st)) {
		td_err_errno(err, errno, "%s", file->path);
		return TANDEM_TEMPORARY;
	}
	while (done < lines.n) {
		ssize_t n = write(file->fd, lines.p + done, lines.n - done);

		if (n > 0) {
			done += (size_t)n;
		} else if (n == 0 || errno != EINTR) {
			td_err_errno(err, n ? errno : EIO, "%s: cannot write", file->path);
			break;
		}
	}
	for (*whole = done; *whole > 0 && lines.p[*whole - 1] != '\n';)
		--*whole;
	if (*whole < done && ftruncate(file->fd, st.st_size + (off_t)*whole))
		close_file(file);
	if (*whole == 0)
		return TANDEM_TEMPORARY;
	if (file->fd >= 0 && !fdatasync(file->fd))
		return TANDEM_ACCEPTED;
	td_err_errno(err, errno, "%s: cannot sync", file->path);
	return TANDEM_UNCERTAIN;
}

static void flush_appends(struct outfile *file)
{
	struct append_queue batch = TAILQ_HEAD_INITIALIZER(batch);
	enum tandem_outcome_kind kind = TANDEM_TEMPORARY;
	struct append *append;
	struct td_err err;
	size_t whole = 0, at = 0;

	if (TAILQ_EMPTY(&file->appends))
		return;
	td_err_set(&err, TD_NOMEM, "out of memory");
	if (td_buf_ok(&file->lines))
		kind = write_lines(file, &whole, &err);
	td_buf_reset(&file->lines);
	/* Answers may append again: what they add belongs to the next batch. */
	TAILQ_CONCAT(&batch, &file->appends, link);
	while ((append = TAILQ_FIRST(&batch))) {
		struct job *job = append->job;
		uint64_t token = append->token;

		at += append->size;
		TAILQ_REMOVE(&batch, append, link);
		free(append);
		if (at > whole)
			submit_no_answer(job, TANDEM_TEMPORARY, &err);
		else if (kind == TANDEM_ACCEPTED)
			submit_answer(job, token, (struct td_view){ NULL, 0 });
		else
			submit_no_answer(job, kind, &err);
	}
}

static void again(struct outfile *file)
{
	event_active(file->flush, EV_TIMEOUT, 0);
}

static void flush(evutil_socket_t fd, short what, void *arg)
{
	struct outfile *file = arg;
	struct instance *held;
	struct td_err err;

	(void)fd, (void)what;
	held = outscan_pending(file->scan) ? instance_ref(outscan_instance(file->scan)) : NULL;
	if (!held && !TAILQ_EMPTY(&file->appends))
		held = instance_ref(TAILQ_FIRST(&file->appends)->job->via);
	flush_appends(file);
	if (outscan_pending(file->scan)) {
		if (ready(file, &err))
			outscan_fail(file->scan, &err);
		else
			outscan_slice(file->scan, file->fd, file->path);
		if (outscan_pending(file->scan) || !TAILQ_EMPTY(&file->appends))
			again(file);
	}
	instance_unref(held);
}

enum td_status outfile_new(struct smsd *smsd, const char *path, struct outfile **out, struct td_err *err)
{
	struct outfile *file = calloc(1, sizeof(*file));
	enum td_status status;

	if (!file)
		return td_err_set(err, TD_NOMEM, "%s: out of memory", path);
	file->smsd = smsd;
	file->fd = -1;
	td_buf_init(&file->lines, BATCH_BYTES);
	TAILQ_INIT(&file->appends);
	file->path = strdup(path);
	file->flush = event_new(smsd->base, -1, 0, flush, file);
	file->scan = outscan_new();
	status = file->path && file->flush &&
		file->scan ? ready(file, err) : td_err_set(err, TD_NOMEM, "%s: out of memory", path);
	if (status) {
		outfile_free(file);
		return status;
	}
	*out = file;
	return TD_OK;
}

void outfile_free(struct outfile *file)
{
	struct append *append;

	if (!file)
		return;
	close_file(file);
	while ((append = TAILQ_FIRST(&file->appends))) {
		TAILQ_REMOVE(&file->appends, append, link);
		free(append);
	}
	if (file->flush)
		event_free(file->flush);
	outscan_free(file->scan);
	td_buf_free(&file->lines);
	free(file->path);
	free(file);
}

void outfile_append(struct outfile *file, struct job *job, uint64_t token, struct td_view line)
{
	struct append *append = calloc(1, sizeof(*append));
	struct td_err err;

	/* A newline within would be two lines to a reader. */
	if (!line.n || td_view_chr(line, '\n') != line.n - 1) {
		td_err_set(&err, TD_PERMFAIL, "%s: not one whole line", file->path);
		submit_no_answer(job, TANDEM_PERMANENT_OTHER, &err);
		free(append);
		return;
	}
	if (!append) {
		td_err_set(&err, TD_NOMEM, "out of memory");
		submit_no_answer(job, TANDEM_TEMPORARY, &err);
		return;
	}
	append->job = job;
	append->token = token;
	append->size = line.n;
	TAILQ_INSERT_TAIL(&file->appends, append, link);
	td_buf_add(&file->lines, line);
	again(file);
}

void outfile_find(struct outfile *file, struct job *job, uint64_t token, struct td_view before, struct td_view key,
	struct td_view after)
{
	struct td_err err;

	if (outscan_add(file->scan, job, token, before, key, after)) {
		again(file);
		return;
	}
	td_err_set(&err, TD_NOMEM, "out of memory");
	submit_no_answer(job, TANDEM_UNCERTAIN, &err);
}
