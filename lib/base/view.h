/*
 * view - a borrowed, immutable run of bytes: pointer and length
 *
 * Owns: nothing; a view is valid as long as what it points into. Not NUL-terminated. p may be NULL only when n is 0.
 * Threads: pure. Errors: none.
 */
#ifndef TD_VIEW_H
#define TD_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct td_view {
	const char *p;
	size_t      n; /* bytes */
};

/* printf("%.*s", TD_VARG(v)) */
#define TD_VARG(v) (int)(v).n, (v).p ? (v).p : ""
/* View of a string literal or char array constant. */
#define TD_VLIT(s) ((struct td_view){ (s), sizeof(s) - 1 })

/* View of a C string; NULL gives the empty view. */
static inline struct td_view td_view_str(const char *s)
{
	return (struct td_view){ s, s ? strlen(s) : 0 };
}

static inline struct td_view td_view_mem(const void *p, size_t n)
{
	return (struct td_view){ p, n };
}

/* Byte-wise equality. */
bool td_view_eq(struct td_view a, struct td_view b);
/* Equality ignoring ASCII case only (locale-free). */
bool td_view_caseeq(struct td_view a, struct td_view b);
bool td_view_starts(struct td_view v, struct td_view prefix);
bool td_view_casestarts(struct td_view v, struct td_view prefix);
bool td_view_ends(struct td_view v, struct td_view suffix);
/* Without leading and trailing ASCII space, TAB, CR, LF. */
struct td_view td_view_trim(struct td_view v);
/* Bytes from `from` (clamped) to the end. */
struct td_view td_view_skip(struct td_view v, size_t from);
/* Position of byte c, or (size_t)-1. */
size_t td_view_chr(struct td_view v, char c);
/*
 * Takes the next item off *rest up to separator sep (dropped), trimmed. Returns false when *rest is exhausted.
 * An item with nothing before its separator is returned as an empty view; nothing after the last separator is no item.
 */
bool td_view_next(struct td_view *rest, char sep, struct td_view *item);
/* Takes the next line off *rest, without its LF or CRLF, not trimmed. Returns false when *rest is exhausted. */
bool td_view_line(struct td_view *rest, struct td_view *line);
/* Decimal integer, whole view, optional '-'; false (and *out untouched) on anything else or overflow. */
bool td_view_i64(struct td_view v, int64_t *out);
/* True if v is valid UTF-8 (RFC 3629: no surrogates, no overlong forms, ≤ U+10FFFF) without NUL. */
bool td_view_utf8(struct td_view v);
/* Bytes of the UTF-8 character v begins with, 1 to 4; 0 if v is empty or begins with none (NUL is none). */
size_t td_view_utf8_first(struct td_view v);
/* No more than max bytes of v, UTF-8, cut between characters. */
struct td_view td_view_utf8_cut(struct td_view v, size_t max);
/*
 * Copies v as one line of printable UTF-8 into out (size ≥ 1 bytes with the NUL), cut between characters: control
 * characters, line separators and bytes that are no UTF-8 become '?'. Returns the bytes written without the NUL. For
 * logs and replies.
 */
size_t td_view_clean(char *out, size_t size, struct td_view v);

#endif
