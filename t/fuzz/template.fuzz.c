/*
 * template.fuzz - any source, with values an attacker chose
 *
 * Up to a NUL the source; after it the value of the variable v. Values must not add lines.
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

static size_t count(struct td_view v, char c)
{
	size_t n = 0;
	size_t i;

	for (i = 0; i < v.n; i++)
		n += v.p[i] == c;
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct td_view all = td_view_mem(data, size);
	size_t nul = td_view_chr(all, '\0');
	struct td_view source = nul == (size_t)-1 ? all : td_view_mem(all.p, nul);
	struct td_var v[] = { { TD_VLIT("v"), td_view_skip(all, nul == (size_t)-1 ? size : nul + 1) },
		{ TD_VLIT("e"), TD_VLIT("") } };
	struct td_view out = { NULL, 0 };
	struct td_arena arena;
	struct td_err err;
	enum td_status status;

	td_arena_init(&arena, 1 << 20);
	td_err_clear(&err);
	status = td_template_render(
		TD_VLIT("fuzz"), source, &(struct td_template_env){ .vars = { v, 2 } }, &arena, &out, &err);
	check(status == TD_OK || (err.status == status && err.text[0]));
	if (status == TD_OK) {
		check(count(out, '\n') <= count(source, '\n') && count(out, '\r') <= count(source, '\r'));
		check(!td_view_utf8(source) || td_view_utf8(out) || out.n == 0);
	}
	td_arena_free(&arena);
	return 0;
}
