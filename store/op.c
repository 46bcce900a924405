/*
 * op - what verb handlers use: statements, columns, work after the commit, addresses
 */
#include <stdio.h>

#include "idn.h"
#include "number.h"
#include "op.h"

enum td_status td_run_values(struct td_store *store, struct td_op *op, int stmt, struct td_rows *rows,
	const struct td_value *params, size_t nparams)
{
	return store->ops->run(store->engine, stmt, params, nparams, rows, op->arena, &op->err);
}

enum td_status td_sync(struct td_store *store, struct td_op *op)
{
	return store->ops->sync(store->engine, &op->err);
}

static const struct td_value *cell(const struct td_rows *rows, size_t row, size_t col)
{
	static const struct td_value none;

	return row < rows->nrows && col < rows->ncols ? &rows->v[row * rows->ncols + col] : &none;
}

int64_t td_col_int(const struct td_rows *rows, size_t row, size_t col)
{
	const struct td_value *value = cell(rows, row, col);

	return value->type == TD_INT ? value->i : 0;
}

bool td_col_null(const struct td_rows *rows, size_t row, size_t col)
{
	return cell(rows, row, col)->type == TD_NULL;
}

struct td_view td_col_view(const struct td_rows *rows, size_t row, size_t col)
{
	return cell(rows, row, col)->v;
}

const char *td_col_str(struct td_op *op, const struct td_rows *rows, size_t row, size_t col)
{
	const char *s = td_arena_str(op->arena, td_col_view(rows, row, col));

	return s ? s : "";
}

void td_after(struct td_op *op, void (*fn)(struct td_store *store, void *arg), void *arg)
{
	struct td_after *after = TD_NEW(op->arena, struct td_after);

	/* A full arena fails the whole operation at its end: nothing is forgotten. */
	if (!after)
		return;
	after->fn = fn;
	after->arg = arg;
	*op->after_end = after;
	op->after_end = &after->next;
}

static void note_due(struct td_store *store, void *arg)
{
	const int64_t *due = arg;

	bool earlier = *due < store->due_hint || *due < store->urgent_hint;

	if (*due < store->due_hint)
		store->due_hint = *due;
	/* Its class is not known here: an urgent claim that finds nothing puts this right. */
	if (*due < store->urgent_hint)
		store->urgent_hint = *due;
	if (earlier && store->wake)
		store->wake(store->wake_arg);
}

void td_after_due(struct td_op *op, int64_t due_ms)
{
	int64_t *due = TD_NEW(op->arena, int64_t);

	if (!due)
		return;
	*due = due_ms;
	td_after(op, note_due, due);
}

static void count_one(struct td_store *store, void *arg)
{
	uint64_t *counter = arg;

	(void)store;
	++*counter;
}

void td_after_count(struct td_op *op, uint64_t *counter)
{
	td_after(op, count_one, counter);
}

struct line {
	enum td_log_level level;
	char             *text;
};

static void write_line(struct td_store *store, void *arg)
{
	const struct line *line = arg;

	(void)store;
	if (line->level == TD_LOG_ERROR)
		td_error("%s", line->text);
	else if (line->level == TD_LOG_WARNING)
		td_warning("%s", line->text);
	else
		td_log(line->level, "%s", line->text);
}

void td_after_log(struct td_op *op, enum td_log_level level, const char *fmt, ...)
{
	struct line *line = TD_NEW(op->arena, struct line);
	char         text[1024];
	va_list      ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	if (!line || !(line->text = td_arena_str(op->arena, td_view_str(text))))
		return;
	line->level = level;
	td_after(op, write_line, line);
}

struct td_view td_op_id(struct td_op *op)
{
	char id[TD_ID_SIZE];

	td_id_new(id, op->now_ms);
	return td_arena_dup(op->arena, td_view_str(id));
}

struct td_view td_op_text(struct td_op *op, const char *fmt, ...)
{
	char    small[512], *text = small;
	va_list ap;
	int     n;

	va_start(ap, fmt);
	n = vsnprintf(small, sizeof small, fmt, ap);
	va_end(ap);
	if (n < 0)
		return td_view_str("");
	if ((size_t)n >= sizeof small) {
		text = td_arena_alloc(op->arena, (size_t)n + 1);
		if (!text)
			return td_view_str("");
		va_start(ap, fmt);
		vsnprintf(text, (size_t)n + 1, fmt, ap);
		va_end(ap);
		return td_view_mem(text, (size_t)n);
	}
	return td_arena_dup(op->arena, td_view_mem(text, (size_t)n));
}

/* Plain ASCII, which nearly all are, needs no tables. */
static bool lower_ascii(char *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if ((unsigned char)p[i] >= 0x80)
			return false;
		if (p[i] >= 'A' && p[i] <= 'Z')
			p[i] = (char)(p[i] - 'A' + 'a');
	}
	return true;
}

static enum td_status email_address(struct td_op *op, struct td_view input, struct td_view *out)
{
	struct td_view plain;
	size_t         at = (size_t)-1;
	bool           bad = input.n > 320 || !td_view_utf8(input);
	char          *p;

	for (size_t i = 0; i < input.n; i++) {
		if (input.p[i] == '@')
			at = i;
		bad = bad || (unsigned char)input.p[i] < 0x20 || input.p[i] == 0x7f;
	}
	if (bad || at == (size_t)-1 || at == 0 || at + 1 >= input.n)
		return td_err_set(&op->err, TD_BADINPUT, "\"%.*s\": not an address (want ana@example.com or +15551234567)",
			(int)(input.n < 80 ? input.n : 80), input.p);
	p = td_arena_alloc(op->arena, input.n + 7);
	if (!p)
		return td_err_set(&op->err, TD_NOMEM, "request too large");
	memcpy(p, "email:", 6);
	memcpy(p + 6, input.p, input.n);
	*out = td_view_mem(p, input.n + 6);
	if (lower_ascii(p + 6, input.n))
		return TD_OK;
	if (td_idn_email(input, at, op->arena, &plain, &op->err))
		return op->err.status;
	*out = td_op_text(op, "email:%.*s", TD_VARG(plain));
	return out->n ? TD_OK : td_err_set(&op->err, TD_NOMEM, "request too large");
}

enum td_status td_address(struct td_op *op, struct td_view input, const char *home, struct td_view *out)
{
	struct td_number number;
	struct td_view   v = td_view_trim(input);
	bool             tel = td_view_casestarts(v, TD_VLIT("tel:"));

	if (td_view_casestarts(v, TD_VLIT("email:")))
		return email_address(op, td_view_skip(v, 6), out);
	if (!tel && td_view_chr(v, '@') != (size_t)-1)
		return email_address(op, v, out);
	if (td_number_parse(tel ? td_view_skip(v, 4) : v, home, &number, &op->err))
		return op->err.status;
	*out = td_op_text(op, "tel:%s", number.e164);
	return out->n ? TD_OK : td_err_set(&op->err, TD_NOMEM, "request too large");
}

struct td_view td_address_plain(struct td_view address)
{
	size_t colon = td_view_chr(address, ':');

	return colon == (size_t)-1 ? address : td_view_skip(address, colon + 1);
}
