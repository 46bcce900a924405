/*
 * cost_volume - `tandem cost --csv`: what a list of SMS would cost, by country, provider and route
 */
#include <stdio.h>
#include <stdlib.h>

#include "cost.h"

enum { INPUT_MAX = 256 << 20, FIELD_MAX = 64 << 10, SEGMENTS_MAX = 10 };

enum column { TO, TEXT, SEGMENTS, COUNT, COLUMNS };

struct sum { /* of one country, provider, route and currency */
	char        country[3];
	const char *provider;
	const char *route;
	const char *currency; /* NULL: no price */
	int64_t     messages;
	int64_t     segments;
	int64_t     nano;
	int         places;
	bool        too_much;
};

struct volume {
	struct cost  *cost;
	struct td_buf field[COLUMNS];
	enum column   at[64]; /* what the n-th column of the file is; COLUMNS: nothing of ours */
	size_t        ncolumns;
	bool          told; /* there is a column segments */
	struct sum   *sums;
	size_t        nsums;
	struct td_number number; /* of the line at hand */
	int64_t       segments;
	int64_t       count;
	bool          routed;
	bool          full; /* out of memory */
};

/* ---- RFC 4180: fields in double quotes hold commas, newlines, and quotes twice ---- */

/* Takes one field off *rest into out (NULL: dropped); true if the line goes on behind it. */
static bool take_field(struct td_view *rest, struct td_buf *out, int *lines)
{
	bool quoted = rest->n && rest->p[0] == '"', inside = quoted;
	size_t i = quoted;

	for (; i < rest->n; i++) {
		char c = rest->p[i];

		if (inside && c == '"') {
			inside = i + 1 < rest->n && rest->p[i + 1] == '"';
			i += inside;
			if (!inside)
				continue;
		} else if (!inside && (c == ',' || c == '\n')) {
			break;
		}
		*lines += c == '\n';
		if (out && (inside || c != '\r'))
			td_buf_byte(out, c);
	}
	inside = i < rest->n && rest->p[i] == ',';
	*rest = td_view_skip(*rest, i + 1);
	return inside;
}

/* The fields of one line into their columns. */
static void take_line(struct volume *v, struct td_view *rest, int *lines)
{
	size_t n = 0;
	bool more;

	for (size_t i = 0; i < COLUMNS; i++)
		td_buf_reset(&v->field[i]);
	do {
		enum column column = n < v->ncolumns ? v->at[n] : COLUMNS;

		more = take_field(rest, column < COLUMNS ? &v->field[column] : NULL, lines);
		n++;
	} while (more);
}

static enum td_status take_head(struct volume *v, struct td_view *rest, int *lines)
{
	static const char *const names[COLUMNS] = { "to", "text", "segments", "count" };
	struct td_err *err = &v->cost->call->err;
	bool seen[COLUMNS] = { false }, more;
	struct td_buf name;

	td_buf_init(&name, FIELD_MAX);
	do {
		td_buf_reset(&name);
		more = take_field(rest, &name, lines);
		v->at[v->ncolumns] = COLUMNS;
		for (size_t i = 0; i < COLUMNS; i++) {
			if (!td_view_caseeq(td_view_trim(td_buf_view(&name)), td_view_str(names[i])))
				continue;
			v->at[v->ncolumns] = (enum column)i;
			seen[i] = true;
		}
		v->ncolumns++;
	} while (more && v->ncolumns < sizeof(v->at) / sizeof(*v->at));
	td_buf_free(&name);
	if (!seen[TO] || seen[TEXT] == seen[SEGMENTS])
		return td_err_set(err, TD_BADINPUT,
			"line 1: want the names of the columns: to, and text or segments, and count if it is not 1");
	v->told = seen[SEGMENTS];
	return TD_OK;
}

/* ---- sums ---- */

static struct sum *sum_of(struct volume *v, const struct sum *like)
{
	struct sum *grown;

	for (size_t i = 0; i < v->nsums; i++) {
		struct sum *sum = &v->sums[i];

		if (!strcmp(sum->country, like->country) && sum->provider == like->provider && sum->route == like->route &&
			!strcmp(sum->currency ? sum->currency : "", like->currency ? like->currency : ""))
			return sum;
	}
	grown = realloc(v->sums, (v->nsums + 1) * sizeof(*grown));
	if (!grown)
		return NULL;
	v->sums = grown;
	grown[v->nsums] = *like;
	return &grown[v->nsums++];
}

static void add_sum(void *arg, const struct td_conf_route *route, const char *provider)
{
	struct volume *v = arg;
	const struct td_price *price = cost_price(v->cost, provider, v->number.e164);
	struct sum like = { .provider = provider, .route = route->name, .currency = price ? price->currency : NULL };
	struct sum *sum;
	int64_t segments, nano;

	v->routed = true;
	memcpy(like.country, v->number.region, sizeof(like.country));
	sum = sum_of(v, &like);
	if (!sum) {
		v->full = true;
		return;
	}
	segments = v->segments * v->count; /* 10 × 10^9 at most */
	sum->messages += v->count;
	sum->segments += segments;
	if (!price)
		return;
	if (__builtin_mul_overflow(price->nano, segments, &nano) || __builtin_add_overflow(sum->nano, nano, &sum->nano))
		sum->too_much = true;
	if (price->places > sum->places)
		sum->places = price->places;
}

static enum td_status read_count(struct volume *v, enum column column, const char *name, int64_t most, int64_t *out)
{
	struct td_view text = td_view_trim(td_buf_view(&v->field[column]));

	if (td_view_i64(text, out) && *out >= 0 && *out <= most)
		return TD_OK;
	return td_err_set(&v->cost->call->err, TD_BADINPUT, "%s \"%.*s\": want 0 to %lld", name, TD_VARG(text),
		(long long)most);
}

static enum td_status add_line(struct volume *v)
{
	struct td_err *err = &v->cost->call->err;
	enum td_status status = cost_number(v->cost, td_buf_view(&v->field[TO]), &v->number);
	unsigned segments = 0;

	v->count = 1;
	if (!status && v->field[COUNT].n)
		status = read_count(v, COUNT, "count", 1000000000, &v->count);
	if (!status && v->told) {
		status = read_count(v, SEGMENTS, "segments", SEGMENTS_MAX, &v->segments);
	} else if (!status) {
		status = cost_segments(v->cost, td_buf_view(&v->field[TEXT]), &segments);
		v->segments = segments;
	}
	if (status)
		return status;
	v->routed = false;
	cost_each_route(v->cost, v->number.e164, add_sum, v);
	if (v->full)
		return td_err_set(err, TD_NOMEM, "out of memory");
	return v->routed ? TD_OK : td_err_set(err, TD_NOTFOUND, "no route takes an SMS to %s", v->number.e164);
}

static json_t *volume_doc(struct volume *v)
{
	json_t *list = json_array();

	/* few enough that providers and routes stay in their order: an insertion sort is stable */
	for (size_t i = 1; i < v->nsums; i++) {
		for (size_t k = i; k > 0 && strcmp(v->sums[k - 1].country, v->sums[k].country) > 0; k--) {
			struct sum other = v->sums[k];

			v->sums[k] = v->sums[k - 1];
			v->sums[k - 1] = other;
		}
	}
	for (size_t i = 0; i < v->nsums; i++) {
		const struct sum *sum = &v->sums[i];
		char total[TD_PRICE_SIZE];

		td_price_text(sum->nano, sum->places, total);
		json_array_append_new(list, json_pack("{s:s?, s:s, s:s?, s:I, s:I, s:s?, s:s?}", "country",
			*sum->country ? sum->country : NULL, "provider", sum->provider, "route", sum->route, "messages",
			(json_int_t)sum->messages, "segments", (json_int_t)sum->segments, "currency", sum->currency, "total",
			sum->currency && !sum->too_much ? total : NULL));
	}
	return list;
}

json_t *cost_volume(struct cost *cost, struct td_view path)
{
	struct ctl_call *call = cost->call;
	struct volume v = { .cost = cost };
	struct td_buf input;
	json_t *doc = NULL;
	int lines = 1; /* newlines inside quotes count as well */

	td_buf_init(&input, INPUT_MAX);
	for (size_t i = 0; i < COLUMNS; i++)
		td_buf_init(&v.field[i], FIELD_MAX);
	if (ctl_read_file(path, &input, &call->err) == TD_OK) {
		struct td_view rest = td_buf_view(&input);
		enum td_status status = take_head(&v, &rest, &lines);

		while (!status && rest.n && !v.full) {
			int line = ++lines;

			take_line(&v, &rest, &lines);
			if (v.field[TO].n == 0 && v.field[TEXT].n == 0)
				continue;
			if (add_line(&v) != TD_OK) {
				fprintf(stderr, "tandem: %.*s:%d: %s\n", TD_VARG(path), line, call->err.text);
				cost->refused++;
			}
			td_arena_reset(&call->arena);
		}
		if (!status && !v.full)
			doc = volume_doc(&v);
	}
	for (size_t i = 0; i < COLUMNS; i++)
		td_buf_free(&v.field[i]);
	td_buf_free(&input);
	free(v.sums);
	return doc;
}
