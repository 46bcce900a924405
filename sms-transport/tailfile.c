/*
 * tailfile - reads a growing file line by line, through rotation and truncation, from a mark on
 */
#include "tailfile.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "codec.h"
#include "crypto.h"

#define PRINT_BYTES 128 /* of the file's beginning that tell it from another */
#define PRINT_SIZE 17

struct tailfile {
	char    *path;
	int      fd; /* -1: not open */
	ino_t    ino;
	uint64_t generation; /* counts files and cuts */
	off_t    offset;     /* of the line to come */
	uint64_t line;       /* lines before it */
	bool     sought;     /* the mark's file is yet to be found: ino, offset, line, print are the mark's */
	char     print[PRINT_SIZE];
	/* the line that peek found */
	size_t   size;    /* with its newline; 0 = none */
	bool     skipping; /* in the middle of a line that is too long */
	char     buf[TAILFILE_LINE_MAX];
	size_t   n; /* bytes in buf, from offset on */
};

struct tailfile *tailfile_new(const char *path)
{
	struct tailfile *file = calloc(1, sizeof(*file));

	if (!file)
		return NULL;
	file->fd = -1;
	file->path = strdup(path);
	if (!file->path) {
		free(file);
		return NULL;
	}
	return file;
}

void tailfile_free(struct tailfile *file)
{
	if (!file)
		return;
	if (file->fd >= 0)
		close(file->fd);
	free(file->path);
	free(file);
}

/* Digest of the first bytes before `offset`: the same as long as a file only grows. */
static void print_of(int fd, off_t offset, char out[PRINT_SIZE])
{
	unsigned char sum[TD_SHA256_SIZE];
	char bytes[PRINT_BYTES];
	ssize_t n = 0;

	if (fd >= 0 && offset > 0)
		n = pread(fd, bytes, offset < PRINT_BYTES ? (size_t)offset : PRINT_BYTES, 0);
	td_sha256(sum, td_view_mem(bytes, n > 0 ? (size_t)n : 0));
	td_hex_encode(out, sum, (PRINT_SIZE - 1) / 2);
}

enum td_status tailfile_seek(struct tailfile *file, struct td_view mark, struct td_err *err)
{
	char text[TAILFILE_MARK_SIZE], print[PRINT_SIZE];
	uint64_t generation, ino, offset, line;
	int end = 0;

	if (!mark.n)
		return TD_OK;
	snprintf(text, sizeof(text), "%.*s", TD_VARG(mark));
	if (sscanf(text, "%" SCNu64 ":%" SCNu64 ":%" SCNu64 ":%" SCNu64 ":%16[0-9a-f]%n", &generation, &ino, &offset,
		&line, print,
			&end) != 5 || text[end])
		return td_err_set(err, TD_BADINPUT, "%s: \"%s\" is no mark: reading from the start", file->path, text);
	file->generation = generation;
	file->ino = (ino_t)ino;
	file->offset = (off_t)offset;
	file->line = line;
	memcpy(file->print, print, sizeof(print));
	file->sought = true;
	return TD_OK;
}

void tailfile_mark(const struct tailfile *file, char out[TAILFILE_MARK_SIZE])
{
	off_t offset = file->offset + (off_t)file->size;
	char print[PRINT_SIZE];

	print_of(file->fd, offset, print);
	snprintf(out, TAILFILE_MARK_SIZE, "%" PRIu64 ":%ju:%jd:%" PRIu64 ":%s", file->generation, (uintmax_t)file->ino,
		(intmax_t)offset,
		file->line + 1, print);
}

/* True if fd is what the mark was made of. */
static bool is_marked(const struct tailfile *file, int fd)
{
	char print[PRINT_SIZE];
	struct stat st;

	if (fstat(fd, &st) || st.st_ino != file->ino || st.st_size < file->offset)
		return false;
	print_of(fd, file->offset, print);
	return !strcmp(print, file->print);
}

/* Looks in the folder for the file the mark was made of, by its inode: it may have been renamed. -1: not there. */
static int find_marked(const struct tailfile *file)
{
	const char *slash = strrchr(file->path, '/');
	char folder[4096];
	struct dirent *entry;
	DIR *dir;
	int fd = -1;

	snprintf(folder, sizeof(folder), "%.*s", slash ? (int)(slash - file->path) + 1 : 1, slash ? file->path : ".");
	dir = opendir(folder);
	while (dir && fd < 0 && (entry = readdir(dir))) {
		if (entry->d_ino != file->ino || entry->d_type != DT_REG)
			continue;
		fd = openat(dirfd(dir), entry->d_name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
		if (fd >= 0 && !is_marked(file, fd)) {
			close(fd);
			fd = -1;
		}
	}
	if (dir)
		closedir(dir);
	return fd;
}

static void begin_file(struct tailfile *file, int fd, ino_t ino)
{
	file->fd = fd;
	file->ino = ino;
	file->offset = 0;
	file->line = 0;
	file->n = 0;
	file->skipping = false;
	file->generation++;
}

/* Opens what is to be read. TD_NOTFOUND: the file is not there yet. */
static enum td_status open_file(struct tailfile *file, const char **note, struct td_err *err)
{
	struct stat st;
	int fd;

	if (file->fd >= 0)
		return TD_OK;
	if (file->sought) {
		fd = find_marked(file);
		if (fd >= 0) {
			file->fd = fd;
			file->sought = false;
			return TD_OK;
		}
	}
	fd = open(file->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return errno == ENOENT ? TD_NOTFOUND : td_err_errno(err, errno, "%s", file->path);
	if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		close(fd);
		return td_err_set(err, TD_REFUSED, "%s: not a regular file", file->path);
	}
	if (file->sought)
		*note = "is another file than before: reading it from the start";
	file->sought = false;
	begin_file(file, fd, st.st_ino);
	return TD_OK;
}

/* At the end of what there is: has the file been cut, or another put in its place? True: look again. */
static bool replaced(struct tailfile *file, const char **note)
{
	struct stat named, open_one;

	if (fstat(file->fd, &open_one))
		return false;
	if (open_one.st_size < file->offset) {
		*note = "was cut: reading it from the start";
		begin_file(file, file->fd, file->ino);
		return true;
	}
	if (stat(file->path, &named) || (named.st_ino == open_one.st_ino && named.st_dev == open_one.st_dev))
		return false;
	/* Something may have been appended between the last read and the renaming. */
	if (open_one.st_size > file->offset + (off_t)file->n)
		return true;
	*note = "was replaced: reading the new one";
	close(file->fd);
	file->fd = -1;
	return true;
}

/*
 * Finds the end of the line to come. 0: not there yet. A line that is too long is cut in pieces, of which the first is
 * given.
 */
static size_t find_end(struct tailfile *file)
{
	ssize_t got;
	char *end = memchr(file->buf, '\n', file->n);

	while (!end) {
		if (file->n == sizeof(file->buf))
			return file->n;
		got = pread(file->fd, file->buf + file->n, sizeof(file->buf) - file->n, file->offset + (off_t)file->n);
		if (got <= 0)
			return 0;
		end = memchr(file->buf + file->n, '\n', (size_t)got);
		file->n += (size_t)got;
	}
	return (size_t)(end - file->buf) + 1;
}

static void drop_front(struct tailfile *file, size_t size)
{
	memmove(file->buf, file->buf + size, file->n - size);
	file->n -= size;
	file->offset += (off_t)size;
}

enum td_status tailfile_peek(struct tailfile *file, struct tailfile_line *out, const char **note, struct td_err *err)
{
	*note = NULL;
	for (;;) {
		enum td_status status = open_file(file, note, err);

		if (status)
			return status;
		file->size = find_end(file);
		if (!file->size) {
			if (replaced(file, note))
				continue;
			return TD_NOTFOUND;
		}
		if (!file->skipping)
			break;
		/* The rest of a line whose beginning was given as too long. */
		file->skipping = file->buf[file->size - 1] != '\n';
		drop_front(file, file->size);
	}
	out->toolong = file->buf[file->size - 1] != '\n';
	out->text = td_view_mem(file->buf, out->toolong ? file->size : file->size - 1);
	if (out->text.n && out->text.p[out->text.n - 1] == '\r')
		out->text.n--;
	out->number = file->line + 1;
	snprintf(out->id, sizeof(out->id), "%" PRIu64 "-%ju-%jd", file->generation, (uintmax_t)file->ino,
		(intmax_t)file->offset);
	return TD_OK;
}

void tailfile_next(struct tailfile *file)
{
	if (!file->size)
		return;
	file->skipping = file->buf[file->size - 1] != '\n';
	drop_front(file, file->size);
	file->size = 0;
	file->line++;
}
