/*
 * template_head - SMS templates: what the comments in front say
 */
#include "template_parts.h"

bool td_template_comment(struct td_view *rest, struct td_view *line)
{
	size_t n;

	if (rest->n == 0 || rest->p[0] != '#')
		return false;
	n = td_view_chr(*rest, '\n');
	*line = td_view_mem(rest->p + 1, (n == (size_t)-1 ? rest->n : n) - 1);
	*rest = td_view_skip(*rest, n == (size_t)-1 ? rest->n : n + 1);
	return true;
}

/* The rest of a comment that begins with that word, trimmed; false if it begins with another. */
static bool declares(struct td_view line, const char *word, struct td_view *what)
{
	struct td_view text = td_view_trim(line);
	size_t n = strlen(word);

	if (!td_view_starts(text, td_view_str(word)) || (text.n > n && text.p[n] != ' ' && text.p[n] != '\t'))
		return false;
	*what = td_view_trim(td_view_skip(text, n));
	return true;
}

/* Is {{link NAME}} anywhere in text? What is no tag is not asked about here. */
static bool links(struct td_view text, struct td_view name)
{
	while (text.n) {
		const char *open = memmem(text.p, text.n, "{{", 2);
		struct td_view place;
		struct td_tag tag;
		const char *close;

		if (!open)
			return false;
		text = td_view_skip(text, (size_t)(open - text.p) + 2);
		close = text.n ? memmem(text.p, text.n, "}}", 2) : NULL;
		if (close && td_tag_parse(td_view_mem(text.p, (size_t)(close - text.p)), &tag, &place) == NULL &&
			tag.kind == TD_TAG_LINK && td_view_eq(tag.name, name))
			return true;
	}
	return false;
}

bool td_template_declares(struct td_view source, struct td_view name)
{
	struct td_view rest = source;
	struct td_view line;
	struct td_view word;

	if (td_view_eq(name, TD_VLIT("url")) || td_view_ends(name, TD_VLIT("_url")))
		return true;
	while (td_template_comment(&rest, &line))
		if (declares(line, "url", &word) && td_view_eq(word, name))
			return true;
	return links(rest, name);
}

enum td_status td_template_samples(
	struct td_view source, struct td_arena *arena, struct td_vars *out, struct td_err *err)
{
	struct td_view rest = source;
	struct td_view line;
	struct td_view pair;
	struct td_var *v;
	size_t n = 0;
	int at = 0;

	while (td_template_comment(&rest, &line))
		n += declares(line, "sample", &pair);
	v = TD_NEWN(arena, n, struct td_var);
	if (!v)
		return td_err_set(err, TD_NOMEM, "samples too long for their memory");
	for (n = 0, rest = source; td_template_comment(&rest, &line);) {
		size_t equals;

		at++;
		if (!declares(line, "sample", &pair))
			continue;
		equals = td_view_chr(pair, '=');
		v[n].name = td_view_trim(td_view_mem(pair.p, equals == (size_t)-1 ? pair.n : equals));
		if (equals == (size_t)-1 || !td_tag_is_name(v[n].name))
			return td_err_dsn(err, TD_BADINPUT, "5.6.0", "%d: not \"# sample NAME=VALUE\": \"%.*s\"", at,
				(int)(pair.n < 64 ? pair.n : 64), pair.p ? pair.p : "");
		v[n++].value = td_view_trim(td_view_skip(pair, equals + 1));
	}
	*out = (struct td_vars){ v, n };
	return TD_OK;
}
