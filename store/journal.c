/*
 * journal - the append-only file of revokes
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"
#include "codec.h"
#include "journal.h"
#include "when.h"

#define BATCH_MAX (16u << 20)

struct td_journal {
	int           fd;
	char         *path;
	off_t         size; /* of what is good in the file */
	struct td_buf lines;
	struct td_err broken; /* status TD_OK = it can be written */
};

static enum td_status sync_folder(const char *path, struct td_err *err)
{
	char          *copy = strdup(path), *slash = copy ? strrchr(copy, '/') : NULL;
	enum td_status status = TD_OK;
	int            fd;

	if (slash)
		*slash = '\0';
	fd = open(!slash ? "." : *copy ? copy : "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fsync(fd) < 0)
		status = td_err_errno(err, errno, "folder of %s", path);
	if (fd >= 0)
		close(fd);
	free(copy);
	return status;
}

static enum td_status end_torn_line(struct td_journal *journal, struct td_err *err)
{
	char last = '\n';

	if (journal->size > 0 && pread(journal->fd, &last, 1, journal->size - 1) != 1)
		return td_err_errno(err, errno, "%s", journal->path);
	if (last == '\n')
		return TD_OK;
	if (pwrite(journal->fd, "\n", 1, journal->size) != 1)
		return td_err_errno(err, errno, "%s", journal->path);
	journal->size++;
	return TD_OK;
}

enum td_status td_journal_open(const char *path, struct td_journal **out, struct td_err *err)
{
	struct td_journal *journal = calloc(1, sizeof *journal);
	enum td_status     status = TD_OK;
	struct stat        st;

	if (!journal || !(journal->path = strdup(path))) {
		free(journal);
		return td_err_set(err, TD_NOMEM, "journal: out of memory");
	}
	td_buf_init(&journal->lines, BATCH_MAX);
	journal->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
	if (journal->fd < 0 || fstat(journal->fd, &st) < 0)
		status = td_err_errno(err, errno, "store.journal: %s", path);
	else
		journal->size = st.st_size;
	if (!status)
		status = end_torn_line(journal, err);
	if (!status)
		status = sync_folder(path, err);
	if (status)
		td_journal_close(journal);
	else
		*out = journal;
	return status;
}

void td_journal_close(struct td_journal *journal)
{
	if (!journal)
		return;
	if (journal->fd >= 0)
		close(journal->fd);
	td_buf_free(&journal->lines);
	free(journal->path);
	free(journal);
}

/* A category is a configured name, yet the line must hold whatever it is. */
static void add_word(struct td_buf *out, struct td_view word)
{
	td_buf_byte(out, ' ');
	if (word.n == 0)
		td_buf_byte(out, '-');
	for (size_t i = 0; i < word.n; i++) {
		unsigned char c = (unsigned char)word.p[i];

		if (c <= ' ' || c >= 0x7f || c == '%')
			td_buf_printf(out, "%%%02x", c);
		else
			td_buf_byte(out, (char)c);
	}
}

enum td_status td_journal_add(struct td_journal *journal, const struct td_journal_line *line, struct td_err *err)
{
	char   hex[65], when[TD_TIME_SIZE];
	size_t mark = journal->lines.n;

	if (journal->broken.status) {
		if (err)
			*err = journal->broken;
		return journal->broken.status;
	}
	td_when_iso(when, line->at_ms);
	td_hex_encode(hex, line->address_mac, sizeof line->address_mac);
	td_buf_printf(&journal->lines, "v1 %s %s", when, hex);
	add_word(&journal->lines, line->channel);
	add_word(&journal->lines, line->category);
	add_word(&journal->lines, line->reach);
	add_word(&journal->lines, line->source);
	td_hex_encode(hex, line->head, sizeof line->head);
	td_buf_printf(&journal->lines, " %s\n", hex);
	if (td_buf_ok(&journal->lines))
		return TD_OK;
	journal->lines.n = mark;
	journal->lines.bad = false;
	return td_err_set(err, TD_TEMPFAIL, "store.journal: out of memory");
}

size_t td_journal_mark(const struct td_journal *journal)
{
	return journal->lines.n;
}

void td_journal_cut(struct td_journal *journal, size_t mark)
{
	journal->lines.n = mark;
}

enum td_status td_journal_flush(struct td_journal *journal, struct td_err *err)
{
	struct td_view rest = td_buf_view(&journal->lines);
	off_t          at = journal->size;

	while (rest.n > 0) {
		ssize_t n = pwrite(journal->fd, rest.p, rest.n, at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			if (n == 0)
				errno = ENOSPC;
			goto fail;
		}
		at += n;
		rest = td_view_skip(rest, (size_t)n);
	}
	if (at != journal->size && fdatasync(journal->fd) < 0)
		goto fail;
	journal->size = at;
	td_buf_reset(&journal->lines);
	return TD_OK;
fail:
	td_err_errno(&journal->broken, errno, "store.journal: %s", journal->path);
	journal->broken.status = TD_TEMPFAIL;
	td_buf_reset(&journal->lines);
	/* What stays when even this fails is lines without their event, which do no harm. */
	if (ftruncate(journal->fd, journal->size) < 0)
		td_err_prefix(&journal->broken, "cannot be cut back");
	if (err)
		*err = journal->broken;
	return TD_TEMPFAIL;
}

void td_journal_retry(struct td_journal *journal)
{
	journal->broken.status = TD_OK;
}

int64_t td_journal_size(const struct td_journal *journal)
{
	return journal->size;
}
