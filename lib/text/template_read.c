/*
 * template_read - finding the files of SMS templates
 */
#include "template.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"

enum { MAX_NAME = 64, MAX_LOCALE = 35 /* the longest tag that RFC 5646 §4.4.1 wants room for */ };

static bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
static bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static bool valid_name(struct td_view name)
{
	size_t i;

	for (i = 0; i < name.n; i++)
		if (!is_lower(name.p[i]) && !is_digit(name.p[i]) && name.p[i] != '-')
			return false;
	return name.n > 0 && name.n <= MAX_NAME;
}

/*
 * The tag as file names write it (RFC 5646 §2.1.1): "pt-BR", "zh-Hant", up to the first extension ("-u-nu-latn"). False
 * for what is no tag.
 */
static bool canonical_locale(struct td_view locale, char out[MAX_LOCALE + 1])
{
	size_t extension = 0; /* where the first one begins */
	size_t start = 0;     /* of the subtag */
	size_t i;
	size_t k;

	if (locale.n > MAX_LOCALE)
		return false;
	for (i = 0; i <= locale.n; i++) {
		char c = i < locale.n ? locale.p[i] : '-';

		if (is_lower(c) || is_upper(c) || is_digit(c)) {
			out[i] = is_upper(c) ? (char)(c + ('a' - 'A')) : c;
			continue;
		}
		if ((c != '-' && c != '_') || (i == start && locale.n))
			return false;
		for (k = start; start > 0 && k < i; k++)
			if (is_lower(out[k]) && (i - start == 2 || (i - start == 4 && k == start)))
				out[k] = (char)(out[k] - ('a' - 'A'));
		if (i - start == 1 && start > 0 && !extension)
			extension = start - 1;
		out[i] = i < locale.n ? '-' : '\0';
		start = i + 1;
	}
	if (extension)
		out[extension] = '\0';
	return true;
}

static enum td_status read_all(
	int fd, struct td_view name, struct td_arena *arena, struct td_view *source, struct td_err *err)
{
	char chunk[4096];
	struct td_buf buf;
	enum td_status status = TD_OK;
	struct stat st;
	ssize_t n = 0;

	td_buf_init(&buf, TD_TEMPLATE_MAX);
	if (fstat(fd, &st) == 0 && !S_ISREG(st.st_mode)) {
		errno = EISDIR;
		n = -1;
	}
	while (n >= 0 && (n = read(fd, chunk, sizeof(chunk))) > 0)
		td_buf_add(&buf, td_view_mem(chunk, (size_t)n));
	if (n < 0)
		status = td_err_dsn(err, TD_TEMPFAIL, "4.3.0", "template %.*s: %s", TD_VARG(name), strerror(errno));
	else if (!td_buf_ok(&buf))
		status = td_err_dsn(err, TD_BADINPUT, "5.6.0", "template %.*s: over %d bytes", TD_VARG(name), TD_TEMPLATE_MAX);
	else if (!td_view_utf8(td_buf_view(&buf)))
		status = td_err_dsn(err, TD_BADINPUT, "5.6.0", "template %.*s: not UTF-8", TD_VARG(name));
	if (status)
		goto out;
	*source = td_arena_dup(arena, td_buf_view(&buf));
	if (!source->p)
		status = td_err_set(err, TD_NOMEM, "template %.*s: too long for its memory", TD_VARG(name));
out:
	td_buf_free(&buf);
	return status;
}

/* Opens NAME.LOCALE.sms in dir, or NAME.sms without locale: a descriptor, or -1 with errno. */
static int open_template(int dir, struct td_view name, const char *locale)
{
	char file[MAX_NAME + MAX_LOCALE + sizeof("..sms")];

	snprintf(file, sizeof(file), "%.*s%s%s.sms", TD_VARG(name), locale[0] ? "." : "", locale);
	/* NONBLOCK: a FIFO put there must not hold a mail up. */
	return openat(dir, file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
}

enum td_status td_template_read(const char *dir, struct td_view name, struct td_view locale, struct td_arena *arena,
	struct td_view *source, struct td_view *locale_used, struct td_err *err)
{
	char tag[MAX_LOCALE + 1];
	struct td_view found;
	enum td_status status;
	char *dash;
	int dirfd;
	int fd;

	if (!valid_name(name))
		return td_err_dsn(err, TD_BADINPUT, "5.6.0", "template name \"%.*s\": want letters a-z, digits and dashes",
			(int)(name.n < MAX_NAME ? name.n : MAX_NAME), name.p ? name.p : "");
	if (!canonical_locale(locale, tag))
		return td_err_dsn(err, TD_BADINPUT, "5.6.0", "locale \"%.*s\": not a language tag like \"en\" or \"pt-BR\"",
			(int)(locale.n < MAX_LOCALE ? locale.n : MAX_LOCALE), locale.p);
	dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dirfd < 0)
		return td_err_dsn(err, TD_TEMPFAIL, "4.3.0", "template directory: %s", strerror(errno));
	while ((fd = open_template(dirfd, name, tag)) < 0 && errno == ENOENT && tag[0]) {
		dash = strrchr(tag, '-');
		*(dash ? dash : tag) = '\0';
	}
	if (fd < 0)
		status = errno == ENOENT ? td_err_dsn(err, TD_BADINPUT, "5.6.0", "no template \"%.*s\"", TD_VARG(name)) :
			td_err_dsn(err, TD_TEMPFAIL, "4.3.0", "template %.*s: %s", TD_VARG(name), strerror(errno));
	else
		status = read_all(fd, name, arena, source, err);
	if (status == TD_OK && locale_used) {
		found = td_arena_dup(arena, td_view_str(tag));
		if (found.p)
			*locale_used = found;
		else
			status = td_err_set(err, TD_NOMEM, "template %.*s: too long for its memory", TD_VARG(name));
	}
	if (fd >= 0)
		close(fd);
	close(dirfd);
	return status;
}

/* ---- all of them ------------------------------------------------------------------------------------------------- */

static const struct td_view suffix = { ".sms", 4 };

static int is_template(const struct dirent *entry)
{
	return entry->d_name[0] != '.' && td_view_ends(td_view_str(entry->d_name), suffix);
}

/* The files of one template stand together. */
static int by_file(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* False without memory. */
static bool describe(const char *file, struct td_arena *arena, struct td_template_file *out)
{
	char tag[MAX_LOCALE + 1];
	struct td_view stem;
	size_t dot;

	out->file = td_arena_dup(arena, td_view_str(file));
	if (!out->file.p)
		return false;
	stem = td_view_mem(out->file.p, out->file.n - suffix.n);
	dot = td_view_chr(stem, '.');
	out->name = td_view_mem(stem.p, dot == (size_t)-1 ? stem.n : dot);
	if (dot != (size_t)-1)
		out->locale = td_view_skip(stem, dot + 1);
	if (!valid_name(out->name) || !canonical_locale(out->locale, tag) || !td_view_eq(out->locale, td_view_str(tag)) ||
		(dot != (size_t)-1 && out->locale.n == 0))
		out->name = out->locale = (struct td_view){ NULL, 0 };
	return true;
}

enum td_status td_template_list(
	const char *dir, struct td_arena *arena, const struct td_template_file **out, size_t *n, struct td_err *err)
{
	struct dirent **entries = NULL;
	int count = scandir(dir, &entries, is_template, by_file);
	enum td_status status = TD_OK;
	struct td_template_file *files;
	int i;

	if (count < 0)
		return td_err_dsn(err, TD_TEMPFAIL, "4.3.0", "template directory: %s", strerror(errno));
	files = TD_NEWN(arena, (size_t)count, struct td_template_file);
	for (i = 0; i < count; i++) {
		if (status == TD_OK && (!files || !describe(entries[i]->d_name, arena, &files[i])))
			status = td_err_set(err, TD_NOMEM, "too many templates for their memory");
		free(entries[i]);
	}
	free(entries);
	if (status == TD_OK) {
		*out = files;
		*n = (size_t)count;
	}
	return status;
}
