/*
 * prices - what an SMS costs by the prefix of its number: a table of one provider, from CSV
 */
#include "prices.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"

#define FIELDS 3
#define PLACES 9 /* of nano */
#define NANO INT64_C(1000000000)
#define SEGMENTS_MAX 999
#define PRICE_MAX 1000000 /* of the currency, one segment: more is a mistake, and no sum runs over */

struct reader {
	const char      *name;
	int              line;
	struct td_price *rows;
	int             *lines; /* where each row stands, for duplicates */
	size_t           n;
	struct td_err   *err;
};

#define bad(reader, fmt, ...) \
	td_err_set((reader)->err, TD_BADINPUT, "%s:%d: " fmt, (reader)->name, (reader)->line, ##__VA_ARGS__)

static bool all_digits(struct td_view v)
{
	for (size_t i = 0; i < v.n; i++) {
		if (v.p[i] < '0' || v.p[i] > '9')
			return false;
	}
	return true;
}

/* The field at the front of *rest, unquoted, with its comma; a field never holds a comma or a quote itself. */
static bool take_field(struct td_view *rest, struct td_view *field)
{
	size_t comma = td_view_chr(*rest, ',');
	size_t n = comma == (size_t)-1 ? rest->n : comma;

	*field = td_view_trim(td_view_mem(rest->p, n));
	*rest = td_view_skip(*rest, comma == (size_t)-1 ? n : n + 1);
	if (field->n >= 2 && field->p[0] == '"' && field->p[field->n - 1] == '"')
		*field = td_view_trim(td_view_mem(field->p + 1, field->n - 2));
	return td_view_chr(*field, '"') == (size_t)-1;
}

static enum td_status read_prefix(struct reader *r, struct td_view v, char out[16])
{
	struct td_view digits = td_view_starts(v, TD_VLIT("+")) ? td_view_skip(v, 1) : v;

	if (digits.n > 15 || !all_digits(digits))
		return bad(r, "\"%.*s\": not a prefix (want digits as in +1555, or + for every number)", TD_VARG(v));
	if (digits.n && digits.p[0] == '0')
		return bad(r, "\"%.*s\": no country's numbers begin with 0 (want the country code)", TD_VARG(v));
	if (digits.n)
		memcpy(out, digits.p, digits.n);
	out[digits.n] = '\0';
	return TD_OK;
}

static enum td_status read_currency(struct reader *r, struct td_view v, char out[4])
{
	if (v.n != 3)
		return bad(r, "\"%.*s\": not a currency (want three letters, as USD)", TD_VARG(v));
	for (size_t i = 0; i < 3; i++) {
		out[i] = v.p[i] >= 'a' && v.p[i] <= 'z' ? (char)(v.p[i] - 'a' + 'A') : v.p[i];
		if (out[i] < 'A' || out[i] > 'Z')
			return bad(r, "\"%.*s\": not a currency (want three letters, as USD)", TD_VARG(v));
	}
	out[3] = '\0';
	return TD_OK;
}

static enum td_status read_price(struct reader *r, struct td_view v, struct td_price *row)
{
	size_t point = td_view_chr(v, '.');
	struct td_view whole = td_view_mem(v.p, point == (size_t)-1 ? v.n : point);
	struct td_view part = point == (size_t)-1 ? (struct td_view){ NULL, 0 } : td_view_skip(v, point + 1);
	int64_t units = 0, nano = 0;

	if (whole.n == 0 || whole.n > 9 || (point != (size_t)-1 && part.n == 0) || !all_digits(whole) || !all_digits(part))
		return bad(r, "\"%.*s\": not a price (want a number as 0.0079)", TD_VARG(v));
	if (part.n > PLACES)
		return bad(r, "\"%.*s\": more than %d decimal places", TD_VARG(v), PLACES);
	td_view_i64(whole, &units);
	for (size_t i = 0; i < PLACES; i++)
		nano = nano * 10 + (i < part.n ? part.p[i] - '0' : 0);
	if (units >= PRICE_MAX)
		return bad(r, "\"%.*s\": too much for a segment", TD_VARG(v));
	row->nano = units * NANO + nano;
	row->places = (int)part.n;
	return TD_OK;
}

static enum td_status read_row(struct reader *r, struct td_view line)
{
	struct td_view field[FIELDS], rest = line;
	struct td_price *row = &r->rows[r->n];
	enum td_status status;
	size_t n = 0;

	while (n < FIELDS && (rest.n || n == 0)) {
		if (!take_field(&rest, &field[n++]))
			return bad(r, "a quotation mark inside a field");
	}
	if (n < FIELDS || rest.n)
		return bad(r, "%s than three fields (want prefix,currency,price_per_segment)", n < FIELDS ? "less" : "more");
	if (r->n == 0 && td_view_caseeq(field[0], TD_VLIT("prefix")))
		return TD_OK; /* the names of the columns */
	status = read_prefix(r, field[0], row->prefix);
	if (!status)
		status = read_currency(r, field[1], row->currency);
	if (!status)
		status = read_price(r, field[2], row);
	if (!status)
		r->lines[r->n++] = r->line;
	return status;
}

static int by_prefix(const void *a, const void *b)
{
	return strcmp(((const struct td_price *)a)->prefix, ((const struct td_price *)b)->prefix);
}

/* A prefix that is there twice would have one price or the other by chance. */
static enum td_status no_doubles(struct reader *r, const struct td_price *sorted)
{
	size_t at[2], found = 0;

	for (size_t i = 0; i + 1 < r->n; i++) {
		if (strcmp(sorted[i].prefix, sorted[i + 1].prefix))
			continue;
		for (size_t k = 0; k < r->n && found < 2; k++) {
			if (!strcmp(r->rows[k].prefix, sorted[i].prefix))
				at[found++] = k;
		}
		r->line = r->lines[at[1]];
		return bad(r, "+%s stands in line %d already", sorted[i].prefix, r->lines[at[0]]);
	}
	return TD_OK;
}

static size_t count_lines(struct td_view text)
{
	size_t n = 1;

	for (size_t i = 0; i < text.n; i++)
		n += text.p[i] == '\n';
	return n;
}

enum td_status td_prices_parse(struct td_view text, const char *name, struct td_arena *arena, struct td_prices *out,
	struct td_err *err)
{
	size_t most = count_lines(text);
	struct reader r = { .name = name, .err = err, .rows = TD_NEWN(arena, most, struct td_price),
		.lines = TD_NEWN(arena, most, int) };
	struct td_price *sorted = TD_NEWN(arena, most, struct td_price);
	struct td_view line;
	enum td_status status = TD_OK;

	if (!r.rows || !r.lines || !sorted)
		return td_err_set(err, TD_TOOBIG, "%s: the table is too large", name);
	if (td_view_starts(text, TD_VLIT("\xEF\xBB\xBF"))) /* spreadsheets write one */
		text = td_view_skip(text, 3);
	while (!status && td_view_next(&text, '\n', &line)) {
		r.line++;
		if (line.n && line.p[0] != '#')
			status = read_row(&r, line);
	}
	if (!status && r.n == 0)
		status = td_err_set(err, TD_BADINPUT, "%s: no price in it", name);
	if (status)
		return status;
	memcpy(sorted, r.rows, r.n * sizeof(*sorted));
	qsort(sorted, r.n, sizeof(*sorted), by_prefix);
	status = no_doubles(&r, sorted);
	if (!status)
		*out = (struct td_prices){ sorted, r.n };
	return status;
}

static enum td_status read_file(const char *path, struct td_buf *buf, struct td_err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	enum td_status status = TD_OK;
	char chunk[16384];
	struct stat st;
	ssize_t n = 0;

	if (fd < 0)
		return td_err_errno(err, errno, "%s", path);
	if (fstat(fd, &st) || !S_ISREG(st.st_mode))
		status = td_err_set(err, TD_BADINPUT, "%s: not a regular file", path);
	while (!status && td_buf_ok(buf) && ((n = read(fd, chunk, sizeof(chunk))) > 0 || (n < 0 && errno == EINTR))) {
		if (n > 0)
			td_buf_add(buf, td_view_mem(chunk, (size_t)n));
	}
	if (!status && n < 0)
		status = td_err_errno(err, errno, "%s", path);
	else if (!status && !td_buf_ok(buf))
		status = td_err_set(err, TD_TOOBIG, "%s: larger than %u bytes", path, TD_PRICES_FILE_MAX);
	close(fd);
	return status;
}

enum td_status td_prices_load(const char *path, struct td_arena *arena, struct td_prices *out, struct td_err *err)
{
	struct td_buf buf;
	enum td_status status;

	td_buf_init(&buf, TD_PRICES_FILE_MAX);
	status = read_file(path, &buf, err);
	if (!status)
		status = td_prices_parse(td_buf_view(&buf), path, arena, out, err);
	td_buf_free(&buf);
	return status;
}

const struct td_price *td_prices_find(const struct td_prices *prices, struct td_view number)
{
	struct td_price key = { .nano = 0 };
	size_t n;

	if (td_view_starts(number, TD_VLIT("+")))
		number = td_view_skip(number, 1);
	n = number.n < sizeof(key.prefix) ? number.n : sizeof(key.prefix) - 1;
	if (n)
		memcpy(key.prefix, number.p, n);
	for (;; n--) {
		const struct td_price *price;

		key.prefix[n] = '\0';
		price = prices->n ? bsearch(&key, prices->v, prices->n, sizeof(key), by_prefix) : NULL;
		if (price || n == 0)
			return price;
	}
}

void td_price_text(int64_t nano, int places, char out[TD_PRICE_SIZE])
{
	int64_t unit = NANO;

	for (int i = places; i < PLACES; i++) {
		nano /= 10;
		unit /= 10;
	}
	if (places)
		snprintf(out, TD_PRICE_SIZE, "%" PRId64 ".%0*" PRId64, nano / unit, places, nano % unit);
	else
		snprintf(out, TD_PRICE_SIZE, "%" PRId64, nano);
}

void td_price_total(const struct td_price *price, unsigned segments, char out[TD_PRICE_SIZE])
{
	td_price_text(price->nano * (segments < SEGMENTS_MAX ? segments : SEGMENTS_MAX), price->places, out);
}
