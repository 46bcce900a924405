/*
 * template_parts - what the files of the template module share
 *
 * Private to lib/text/template*.c. Threads: pure.
 */
#ifndef TD_TEMPLATE_PARTS_H
#define TD_TEMPLATE_PARTS_H

#include "buf.h"
#include "format.h"
#include "template.h"

enum td_tag_kind {
	TD_TAG_VALUE,  /* {{name}} */
	TD_TAG_FORMAT, /* {{date name}} … */
	TD_TAG_LINK,   /* {{link name}}, or a literal address */
	TD_TAG_IF,     /* {{#if …}} */
	TD_TAG_UNLESS,
	TD_TAG_ELSE,
	TD_TAG_ENDIF,
	TD_TAG_ENDUNLESS
};

enum td_tag_test { TD_TEST_SET, TD_TEST_EQUAL, TD_TEST_OTHER };

struct td_tag { /* views into the source */
	enum td_tag_kind kind;
	enum td_tag_test test;         /* of if and unless */
	struct td_view   name;         /* variable; empty for a literal link */
	struct td_view   literal;      /* what is compared with; address of a literal link */
	struct td_format format;       /* its currency is a variable's name when currency_var */
	bool             currency_var;
	bool             has_fallback;
	struct td_view   fallback;     /* not trimmed: it is text */
};

/*
 * What stands between {{ and }}. NULL, or what is wrong with it, to be followed by *what (the place of the mistake).
 */
const char *td_tag_parse(struct td_view inner, struct td_tag *out, struct td_view *what);
/* [A-Za-z_][A-Za-z0-9_.-]* */
bool td_tag_is_name(struct td_view v);
/* http:// or https:// with a host and without white space, controls or what cannot be seen. */
bool td_tag_is_address(struct td_view v);

/* Is a line of the comments in front, without its "#"? Taken off *rest; false past the last. */
bool td_template_comment(struct td_view *rest, struct td_view *line);
/* May the variable hold an address: by its name, by "# url NAME", or because {{link NAME}} stands somewhere? */
bool td_template_declares(struct td_view source, struct td_view name);

/* The value as it may stand in a line: see template.h. v is UTF-8. */
void td_value_write(struct td_buf *out, struct td_view v);
/*
 * Is there an address in it (scheme://, www., host.tld/…), as it would be read once invisible characters are gone and
 * compatibility forms are folded? false and *failed without memory. v is UTF-8.
 */
bool td_value_has_address(struct td_view v, bool *failed);

#endif
