/*
 * template.fuzz - any source, with values, locale and time zone that an attacker chose
 *
 * Fields up to NULs: the source, the value of v, that of w, the locale, the zone. Values must not add lines or leave a
 * direction open, what a check refuses is not rendered, and what is rendered was checked.
 */
#include <stdint.h>
#include <stdlib.h>

#include "template.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool cond)
{
	if (!cond)
		abort();
}

static size_t count(struct td_view v, const char *what)
{
	size_t n = strlen(what);
	size_t found = 0;
	size_t i;

	for (i = 0; i + n <= v.n; i++)
		found += memcmp(v.p + i, what, n) == 0;
	return found;
}

static struct td_view field(struct td_view *rest)
{
	size_t n = td_view_chr(*rest, '\0');
	struct td_view v = td_view_mem(rest->p, n == (size_t)-1 ? rest->n : n);

	*rest = td_view_skip(*rest, n == (size_t)-1 ? rest->n : n + 1);
	return v;
}

/* With no direction in the source, every one in the text is closed. */
static void closed(struct td_view source, struct td_view text)
{
	static const char *const open[] = { "\u202A", "\u202B", "\u202D", "\u202E", "\u2066", "\u2067", "\u2068" };
	size_t opened = 0;
	size_t i;

	for (i = 0; i < 7; i++) {
		if (count(source, open[i]))
			return;
		opened += count(text, open[i]);
	}
	if (!count(source, "\u202C") && !count(source, "\u2069")) /* an isolate's end closes the embeddings in it */
		check(count(text, "\u202C") + count(text, "\u2069") <= opened && (!opened || count(text, "\u202C") ||
			count(text, "\u2069")));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct td_view rest = td_view_mem(data, size);
	struct td_view source = field(&rest);
	struct td_var v[] = { { TD_VLIT("v"), field(&rest) }, { TD_VLIT("w"), field(&rest) }, { TD_VLIT("e"), TD_VLIT("") },
		{ TD_VLIT("d"), TD_VLIT("2026-11-29T10:30+02:00") }, { TD_VLIT("n"), TD_VLIT("-1249.505") } };
	struct td_template_env env = { .vars = { v, 5 }, .locale = field(&rest) };
	struct td_template_info info;
	struct td_view out = { NULL, 0 };
	struct td_arena arena;
	struct td_err err;
	enum td_status checked;
	enum td_status status;

	env.tz = field(&rest);
	td_arena_init(&arena, 1 << 20);
	td_err_clear(&err);
	checked = td_template_check(TD_VLIT("fuzz"), source, &arena, &info, &err);
	check(checked == TD_OK || (err.status == checked && err.text[0]));
	td_err_clear(&err);
	status = td_template_render(TD_VLIT("fuzz"), source, &env, &arena, &out, &err);
	check(status == TD_OK || (err.status == status && err.text[0]));
	if (status == TD_OK) {
		/* A bad sample line is not the renderer's affair. */
		check(checked == TD_OK || count(source, "sample") || checked == TD_NOMEM);
		check(count(out, "\n") <= count(source, "\n") && count(out, "\r") <= count(source, "\r"));
		check(!td_view_utf8(source) || td_view_utf8(out) || out.n == 0);
		closed(source, out);
	}
	td_arena_free(&arena);
	return 0;
}
