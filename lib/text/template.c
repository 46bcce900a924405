/*
 * template - SMS templates: rendering
 *
 * One pass over the source writes as it reads: a branch that is not taken is read with writing off, so that its
 * syntax is checked as well.
 */
#include "template.h"

#include <unistr.h>

#include "buf.h"

enum { MAX_DEPTH = 16 };

struct render {
	struct td_view        name;
	const char           *p;
	const char           *end;
	int                   line;
	int                   depth; /* of ifs */
	const struct td_vars *vars;
	struct td_buf         out;
	struct td_err        *err;
};

/* What ended a run of text and variables. */
enum stop { STOP_END, STOP_ELSE, STOP_ENDIF, STOP_ERROR };

static enum stop complain(struct render *r, int line, const char *what, struct td_view tag)
{
	/* No more of a name than an SMTP reply has room for. */
	td_err_dsn(r->err, TD_BADINPUT, "5.6.0", "%.*s:%d: %s%.*s", (int)(r->name.n < 64 ? r->name.n : 64),
		r->name.p ? r->name.p : "", line, what, (int)(tag.n < 64 ? tag.n : 64), tag.p ? tag.p : "");
	return STOP_ERROR;
}

static bool is_name(struct td_view v)
{
	size_t i;

	for (i = 0; i < v.n; i++) {
		char c = v.p[i];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';

		if (!letter && (i == 0 || !((c >= '0' && c <= '9') || c == '.' || c == '-')))
			return false;
	}
	return v.n > 0;
}

/* The value of a variable; p == NULL when it is undefined (an empty value has a pointer). */
static struct td_view lookup(const struct td_vars *vars, struct td_view name)
{
	size_t i;

	for (i = 0; i < vars->n; i++)
		if (td_view_eq(vars->v[i].name, name))
			return vars->v[i].value.p ? vars->v[i].value : TD_VLIT("");
	return (struct td_view){ NULL, 0 };
}

static bool ends_line(ucs4_t c)
{
	return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029;
}

static void write_value(struct td_buf *out, struct td_view v)
{
	size_t from = 0;
	size_t i = 0;

	while (i < v.n) {
		ucs4_t c;
		int n = u8_mbtouc(&c, (const uint8_t *)v.p + i, v.n - i);

		if (ends_line(c)) {
			td_buf_add(out, td_view_mem(v.p + from, i - from));
			td_buf_byte(out, ' ');
			from = i + (size_t)n;
		}
		i += (size_t)n;
	}
	td_buf_add(out, td_view_mem(v.p + from, v.n - from));
}

static bool variable(struct render *r, struct td_view tag, int line, bool writing)
{
	size_t bar = td_view_chr(tag, '|');
	bool has_fallback = bar != (size_t)-1;
	struct td_view name = td_view_trim(has_fallback ? td_view_mem(tag.p, bar) : tag);
	struct td_view value;

	if (!is_name(name)) {
		complain(r, line, "not a variable, {{#if name}}, {{else}} or {{/if}}: ", tag);
		return false;
	}
	if (!writing)
		return true;
	value = lookup(r->vars, name);
	if (!value.p && !has_fallback) {
		complain(r, line, "undefined variable ", name);
		return false;
	}
	if (value.n && !td_view_utf8(value)) {
		complain(r, line, "no UTF-8 in variable ", name);
		return false;
	}
	if (value.n)
		write_value(&r->out, value);
	else if (has_fallback)
		td_buf_add(&r->out, td_view_skip(tag, bar + 1));
	return true;
}

/* Takes the tag at r->p ("{{"): what is between the braces, trimmed on the outside only when it has no fallback. */
static bool take_tag(struct render *r, struct td_view *tag)
{
	const char *close = memmem(r->p, (size_t)(r->end - r->p), "}}", 2);
	const char *inner = r->p + 2;

	if (!close || memmem(inner, (size_t)(close - inner), "{{", 2)) {
		complain(r, r->line, "{{ without }}", (struct td_view){ NULL, 0 });
		return false;
	}
	for (r->p = inner; r->p < close; r->p++)
		r->line += *r->p == '\n';
	r->p = close + 2;
	*tag = td_view_mem(inner, (size_t)(close - inner));
	return true;
}

static enum stop run(struct render *r, bool writing);

static enum stop conditional(struct render *r, struct td_view name, int line, bool writing)
{
	bool holds;
	enum stop stop;

	if (!is_name(name))
		return complain(r, line, "no variable in {{#if}}: ", name);
	if (++r->depth > MAX_DEPTH)
		return complain(r, line, "too many nested {{#if}}", (struct td_view){ NULL, 0 });
	holds = lookup(r->vars, name).n > 0;
	stop = run(r, writing && holds);
	if (stop == STOP_ELSE) {
		stop = run(r, writing && !holds);
		if (stop == STOP_ELSE)
			return complain(r, r->line, "a second {{else}} of {{#if}} ", name);
	}
	if (stop == STOP_END)
		return complain(r, line, "{{#if}} without {{/if}}: ", name);
	r->depth--;
	return stop;
}

/* One tag; STOP_END says that the run goes on. */
static enum stop tag_at(struct render *r, bool writing)
{
	int line = r->line;
	struct td_view tag;
	struct td_view word;

	if (!take_tag(r, &tag))
		return STOP_ERROR;
	word = td_view_trim(tag);
	if (td_view_eq(word, TD_VLIT("else")))
		return r->depth ? STOP_ELSE : complain(r, line, "{{else}} without {{#if}}", (struct td_view){ NULL, 0 });
	if (td_view_eq(word, TD_VLIT("/if")))
		return r->depth ? STOP_ENDIF : complain(r, line, "{{/if}} without {{#if}}", (struct td_view){ NULL, 0 });
	if (td_view_starts(word, TD_VLIT("#if ")))
		return conditional(r, td_view_trim(td_view_skip(word, 4)), line, writing) == STOP_ERROR ? STOP_ERROR : STOP_END;
	return variable(r, tag, line, writing) ? STOP_END : STOP_ERROR;
}

static enum stop run(struct render *r, bool writing)
{
	while (r->p < r->end) {
		const char *open = memmem(r->p, (size_t)(r->end - r->p), "{{", 2);
		const char *stop_at = open ? open : r->end;

		if (writing)
			td_buf_add(&r->out, td_view_mem(r->p, (size_t)(stop_at - r->p)));
		for (; r->p < stop_at; r->p++)
			r->line += *r->p == '\n';
		if (open) {
			enum stop stop = tag_at(r, writing);

			if (stop != STOP_END)
				return stop;
		}
	}
	return STOP_END;
}

/* Past the comments in front; lines are counted on. The newline at the end goes. */
static void strip(struct render *r)
{
	while (r->p < r->end && *r->p == '#') {
		const char *newline = memchr(r->p, '\n', (size_t)(r->end - r->p));

		r->p = newline ? newline + 1 : r->end;
		r->line++;
	}
	if (r->p < r->end && r->end[-1] == '\n')
		r->end--;
	if (r->p < r->end && r->end[-1] == '\r')
		r->end--;
}

enum td_status td_template_render(struct td_view name, struct td_view source, const struct td_template_env *env,
	struct td_arena *arena, struct td_view *out, struct td_err *err)
{
	struct render r = { .name = name, .p = source.p, .line = 1, .vars = &env->vars, .err = err };
	enum td_status status = TD_OK;
	struct td_view copy;

	r.end = source.n ? source.p + source.n : source.p;
	td_buf_init(&r.out, TD_TEMPLATE_MAX);
	strip(&r);
	if (run(&r, true) == STOP_ERROR) {
		status = TD_BADINPUT;
		goto out;
	}
	copy = td_arena_dup(arena, td_buf_view(&r.out));
	if (!td_buf_ok(&r.out) || !copy.p) {
		status = td_err_set(err, TD_NOMEM, "%.*s: text too long for its memory", (int)(name.n < 64 ? name.n : 64),
			name.p ? name.p : "");
		goto out;
	}
	*out = copy;
out:
	td_buf_free(&r.out);
	return status;
}
