/*
 * html_find - looking for words in the text of a mail, ignoring the case of ASCII letters
 *
 * Threads: pure. Errors: none.
 */
#ifndef TD_HTML_FIND_H
#define TD_HTML_FIND_H

#include "view.h"

/* Position of part in v from byte `from` on, or (size_t)-1. */
static inline size_t td_html_find(struct td_view v, size_t from, struct td_view part)
{
	for (; from + part.n <= v.n; from++)
		if (td_view_casestarts(td_view_mem(v.p + from, v.n - from), part))
			return from;
	return (size_t)-1;
}

static inline bool td_html_has(struct td_view v, struct td_view part)
{
	return td_html_find(v, 0, part) != (size_t)-1;
}

#endif
