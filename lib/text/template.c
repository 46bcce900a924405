/*
 * template - SMS templates: rendering and checking
 *
 * One pass over the source writes as it reads: a branch that is not taken is read with writing off, so that its
 * syntax is checked as well. A check is the same pass with writing off throughout.
 */
#include "template.h"

#include <stdio.h>

#include "template_parts.h"

enum { MAX_DEPTH = 16, SHOWN = 64 /* bytes of a name or value in an error: an SMTP reply has no room for more */ };

struct uses { /* of a check */
	struct td_template_use *v;
	size_t                  n;
	size_t                  room;
	struct td_arena        *arena;
};

struct render {
	struct td_view name;
	struct td_view source;
	const char    *p;
	const char    *end;
	int            line;
	int            depth; /* of blocks */
	const struct td_template_env *env;
	struct uses   *uses; /* NULL: rendering */
	struct td_buf  out;
	struct td_err *err;
	enum td_status status;
	size_t         run_at;   /* where in out undeclared values without text between them begin */
	int            run_line; /* 0: none stands at the end of out */
	struct td_view run_name;
};

/* What ended a run of text and variables. */
enum stop { STOP_END, STOP_ELSE, STOP_ENDIF, STOP_ENDUNLESS, STOP_ERROR };

static const struct td_view nothing;

static struct td_view shown(struct td_view v)
{
	return td_view_mem(v.p, v.n < SHOWN ? v.n : SHOWN);
}

static enum stop complain(struct render *r, int line, const char *what, struct td_view tag)
{
	r->status = td_err_dsn(r->err, TD_BADINPUT, "5.6.0", "%.*s:%d: %s%.*s", TD_VARG(shown(r->name)), line, what,
		TD_VARG(shown(tag)));
	return STOP_ERROR;
}

static enum stop no_memory(struct render *r)
{
	r->status = td_err_set(r->err, TD_NOMEM, "%.*s: text too long for its memory", TD_VARG(shown(r->name)));
	return STOP_ERROR;
}

static bool is_reserved(struct td_view name)
{
	return td_view_eq(name, TD_VLIT("preferences_url"));
}

/* The value of a variable; p == NULL when it is undefined (an empty value has a pointer). */
static struct td_view lookup(const struct render *r, struct td_view name)
{
	const struct td_vars *vars = &r->env->vars;
	size_t i;

	for (i = 0; i < vars->n && !is_reserved(name); i++)
		if (td_view_eq(vars->v[i].name, name))
			return vars->v[i].value.p ? vars->v[i].value : TD_VLIT("");
	return nothing;
}

/* ---- what a check remembers -------------------------------------------------------------------------------------- */

static enum stop remember(struct render *r, int line, struct td_view name, bool required)
{
	struct uses *uses = r->uses;
	struct td_template_use *grown;
	size_t i;

	for (i = 0; i < uses->n; i++)
		if (td_view_eq(uses->v[i].name, name)) {
			uses->v[i].required = uses->v[i].required || required;
			return STOP_END;
		}
	if (uses->n == uses->room) {
		grown = TD_NEWN(uses->arena, uses->room ? uses->room * 2 : 8, struct td_template_use);
		if (!grown)
			return no_memory(r);
		if (uses->n)
			memcpy(grown, uses->v, uses->n * sizeof(*grown));
		uses->v = grown;
		uses->room = uses->room ? uses->room * 2 : 8;
	}
	uses->v[uses->n++] = (struct td_template_use){ name, line, required, td_template_declares(r->source, name) };
	return STOP_END;
}

static enum stop remember_tag(struct render *r, int line, const struct td_tag *tag)
{
	bool required = r->depth == 0 && !tag->has_fallback;
	enum stop stop = tag->name.n ? remember(r, line, tag->name, required) : STOP_END;

	return stop == STOP_END && tag->currency_var ? remember(r, line, tag->format.currency, required) : stop;
}

/* ---- values ------------------------------------------------------------------------------------------------------ */

/* Undeclared values that stand together are read together: two halves make an address as well. */
static enum stop end_run(struct render *r)
{
	struct td_view run = td_view_skip(td_buf_view(&r->out), r->run_at);
	int line = r->run_line;
	bool failed = false;

	r->run_line = 0;
	if (line == 0 || !td_buf_ok(&r->out))
		return STOP_END;
	if (td_value_has_address(run, &failed) && !td_template_declares(r->source, r->run_name)) {
		r->status = td_err_dsn(r->err, TD_BADINPUT, "5.6.0",
			"%.*s:%d: an address in %.*s: \"%.*s\" (write {{link %.*s}}, or a first line \"# url %.*s\")",
			TD_VARG(shown(r->name)), line, TD_VARG(shown(r->run_name)), TD_VARG(shown(run)),
			TD_VARG(shown(r->run_name)), TD_VARG(shown(r->run_name)));
		return STOP_ERROR;
	}
	return failed ? no_memory(r) : STOP_END;
}

static enum stop undefined(struct render *r, int line, struct td_view name)
{
	if (is_reserved(name))
		return complain(r, line, "preferences_url: no address: this version has no preference page", nothing);
	return complain(r, line, "undefined variable ", name);
}

static enum stop write_plain(struct render *r, int line, struct td_view name, struct td_view value)
{
	enum stop stop = STOP_END;

	if (td_view_eq(name, TD_VLIT("brand"))) {
		stop = end_run(r);
	} else if (r->run_line == 0) {
		r->run_at = r->out.n;
		r->run_line = line;
	}
	r->run_name = name;
	td_value_write(&r->out, value);
	return stop;
}

static enum stop write_format(struct render *r, int line, const struct td_tag *tag, struct td_view value)
{
	struct td_format format = tag->format;

	format.locale = r->env->locale;
	format.tz = r->env->tz;
	if (tag->currency_var)
		format.currency = lookup(r, tag->format.currency);
	r->status = td_format_value(&format, value, &r->out, r->err);
	if (r->status == TD_OK)
		return STOP_END;
	td_err_prefix(r->err, "%.*s:%d: %.*s", TD_VARG(shown(r->name)), line, TD_VARG(shown(tag->name)));
	return STOP_ERROR;
}

static enum stop write_link(struct render *r, int line, const struct td_tag *tag, struct td_view value)
{
	struct td_view address = tag->literal.n ? tag->literal : td_view_trim(value);

	if (!td_tag_is_address(address)) {
		r->status = td_err_dsn(r->err, TD_BADINPUT, "5.6.0", "%.*s:%d: %.*s: not an http or https address: \"%.*s\"",
			TD_VARG(shown(r->name)), line, TD_VARG(shown(tag->name)), TD_VARG(shown(address)));
		return STOP_ERROR;
	}
	td_buf_add(&r->out, address);
	return STOP_END;
}

/* {{name}}, a format or a link, written. */
static enum stop write_tag(struct render *r, int line, const struct td_tag *tag)
{
	struct td_view value = tag->name.n ? lookup(r, tag->name) : tag->literal;
	struct td_view currency = tag->currency_var ? lookup(r, tag->format.currency) : TD_VLIT("a code");
	enum stop stop;

	if (tag->has_fallback && (value.n == 0 || currency.n == 0)) {
		stop = tag->fallback.n ? end_run(r) : STOP_END;
		td_buf_add(&r->out, tag->fallback);
		return stop;
	}
	if (!value.p || !currency.p)
		return undefined(r, line, value.p ? tag->format.currency : tag->name);
	if (!td_view_utf8(value))
		return complain(r, line, "no UTF-8 in variable ", tag->name);
	if (tag->kind == TD_TAG_VALUE)
		return value.n ? write_plain(r, line, tag->name, value) : STOP_END;
	stop = end_run(r);
	if (stop != STOP_END)
		return stop;
	return tag->kind == TD_TAG_LINK ? write_link(r, line, tag, value) : write_format(r, line, tag, value);
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

static enum stop run(struct render *r, bool writing);

static bool holds(const struct render *r, const struct td_tag *tag)
{
	struct td_view value = lookup(r, tag->name);
	bool met = value.n > 0;

	if (tag->test != TD_TEST_SET)
		met = td_view_eq(value, tag->literal) == (tag->test == TD_TEST_EQUAL);
	return met == (tag->kind == TD_TAG_IF);
}

static enum stop block(struct render *r, const struct td_tag *tag, int line, bool writing)
{
	bool is_if = tag->kind == TD_TAG_IF;
	bool met = writing && holds(r, tag);
	enum stop stop;

	if (++r->depth > MAX_DEPTH)
		return complain(r, line, "too many nested blocks: ", tag->name);
	stop = run(r, writing && met);
	if (stop == STOP_ELSE) {
		stop = run(r, writing && !met);
		if (stop == STOP_ELSE)
			return complain(r, r->line, "a second {{else}} of the block of ", tag->name);
	}
	if (stop == STOP_END)
		return complain(r, line, is_if ? "{{#if}} without {{/if}}: " : "{{#unless}} without {{/unless}}: ", tag->name);
	if (stop == (is_if ? STOP_ENDUNLESS : STOP_ENDIF))
		return complain(r, r->line,
			is_if ? "{{/unless}} where {{/if}} belongs: " : "{{/if}} where {{/unless}} belongs: ", tag->name);
	r->depth--;
	return stop == STOP_ERROR ? STOP_ERROR : STOP_END;
}

/* Takes the tag at r->p ("{{"): what is between the braces. */
static enum stop take_tag(struct render *r, struct td_view *inner)
{
	const char *close = memmem(r->p, (size_t)(r->end - r->p), "}}", 2);
	const char *from = r->p + 2;

	if (!close || memmem(from, (size_t)(close - from), "{{", 2))
		return complain(r, r->line, "{{ without }}", nothing);
	for (r->p = from; r->p < close; r->p++)
		r->line += *r->p == '\n';
	r->p = close + 2;
	*inner = td_view_mem(from, (size_t)(close - from));
	return STOP_END;
}

/* One tag; STOP_END says that the run goes on. */
static enum stop tag_at(struct render *r, bool writing)
{
	int line = r->line;
	struct td_view inner;
	struct td_view place = nothing;
	struct td_tag tag;
	const char *wrong;
	enum stop stop = take_tag(r, &inner);

	if (stop != STOP_END)
		return stop;
	wrong = td_tag_parse(inner, &tag, &place);
	if (wrong)
		return complain(r, line, wrong, place);
	if (tag.kind == TD_TAG_ELSE)
		return r->depth ? STOP_ELSE : complain(r, line, "{{else}} without {{#if}}", nothing);
	if (tag.kind == TD_TAG_ENDIF)
		return r->depth ? STOP_ENDIF : complain(r, line, "{{/if}} without {{#if}}", nothing);
	if (tag.kind == TD_TAG_ENDUNLESS)
		return r->depth ? STOP_ENDUNLESS : complain(r, line, "{{/unless}} without {{#unless}}", nothing);
	if (tag.kind == TD_TAG_IF || tag.kind == TD_TAG_UNLESS) {
		stop = r->uses ? remember(r, line, tag.name, false) : STOP_END;
		return stop == STOP_END ? block(r, &tag, line, writing) : stop;
	}
	if (r->uses)
		return remember_tag(r, line, &tag);
	return writing ? write_tag(r, line, &tag) : STOP_END;
}

static enum stop write_text(struct render *r, struct td_view text)
{
	enum stop stop = text.n ? end_run(r) : STOP_END;

	td_buf_add(&r->out, text);
	return stop;
}

static enum stop run(struct render *r, bool writing)
{
	static const struct td_view braces = { "{{\"{{\"}}", 8 };

	while (r->p < r->end) {
		const char *open = memmem(r->p, (size_t)(r->end - r->p), "{{", 2);
		const char *stop_at = open ? open : r->end;
		enum stop stop = writing ? write_text(r, td_view_mem(r->p, (size_t)(stop_at - r->p))) : STOP_END;

		for (; r->p < stop_at; r->p++)
			r->line += *r->p == '\n';
		if (stop == STOP_END && open && td_view_starts(td_view_mem(open, (size_t)(r->end - open)), braces)) {
			r->p += braces.n;
			stop = writing ? write_text(r, TD_VLIT("{{")) : STOP_END;
		} else if (stop == STOP_END && open) {
			stop = tag_at(r, writing);
		}
		if (stop != STOP_END)
			return stop;
	}
	return STOP_END;
}

/* Past the comments in front; lines are counted on. The newline at the end goes. */
static void strip(struct render *r)
{
	struct td_view rest = r->source;
	struct td_view line;

	while (td_template_comment(&rest, &line))
		r->line++;
	r->p = rest.p;
	r->end = rest.n ? rest.p + rest.n : rest.p;
	if (r->p < r->end && r->end[-1] == '\n')
		r->end--;
	if (r->p < r->end && r->end[-1] == '\r')
		r->end--;
}

enum td_status td_template_render(struct td_view name, struct td_view source, const struct td_template_env *env,
	struct td_arena *arena, struct td_view *out, struct td_err *err)
{
	struct render r = { .name = name, .source = source, .line = 1, .env = env, .err = err };
	struct td_view copy;

	td_buf_init(&r.out, TD_TEMPLATE_MAX);
	strip(&r);
	if (run(&r, true) == STOP_ERROR || end_run(&r) == STOP_ERROR)
		goto out;
	copy = td_arena_dup(arena, td_buf_view(&r.out));
	if (td_buf_ok(&r.out) && copy.p)
		*out = copy;
	else
		no_memory(&r);
out:
	td_buf_free(&r.out);
	return r.status;
}

enum td_status td_template_check(struct td_view name, struct td_view source, struct td_arena *arena,
	struct td_template_info *out, struct td_err *err)
{
	struct uses uses = { .arena = arena };
	struct render r = { .name = name, .source = source, .line = 1, .uses = &uses, .err = err };
	struct td_vars samples;
	struct td_err why;

	r.status = td_template_samples(source, arena, &samples, err);
	if (r.status != TD_OK) {
		if (err && r.status == TD_BADINPUT) {
			why = *err;
			td_err_dsn(err, TD_BADINPUT, why.dsn, "%.*s:%s", TD_VARG(shown(name)), why.text);
		}
		return r.status;
	}
	strip(&r);
	if (run(&r, false) != STOP_ERROR)
		*out = (struct td_template_info){ uses.v, uses.n, samples };
	return r.status;
}
