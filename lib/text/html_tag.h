/*
 * html_tag - the elements of HTML and the attributes of a tag
 *
 * Threads: pure. Errors: none but the sticky one of the buffer. Source: the HTML living standard.
 */
#ifndef TD_HTML_TAG_H
#define TD_HTML_TAG_H

#include "html_scan.h"

enum td_html_treat {
	TD_HTML_KEEP,
	TD_HTML_DROP,  /* the tags; what is inside stays */
	TD_HTML_RAW,   /* its content is characters up to its end tag, which nobody sees */
	TD_HTML_SKIP,  /* nobody sees what is inside */
	TD_HTML_QUOTED /* has quotation marks around it */
};

struct td_html_tag {
	const char          *name; /* in lower case */
	enum td_html_treat   treat;
	enum td_html_element element; /* of TD_HTML_KEEP; of TD_HTML_RAW the place in unended */
};

/* NULL for a name of no element of HTML. */
const struct td_html_tag *td_html_tag_find(struct td_view name);
const char *td_html_element_name(enum td_html_element element);
bool td_html_element_is_void(enum td_html_element element);

/*
 * Takes the attributes off *rest, up to and with the ">" of the tag, and appends those that matter, each once, as
 * ' name="value"'. Returns whether the tag ended with "/>".
 */
bool td_html_tag_attributes(struct td_html_scan *scan, struct td_view *rest, struct td_buf *out);

/* Appends characters: references decoded, no markup, valid UTF-8, no controls but white space. */
void td_html_characters(struct td_view text, bool attribute, struct td_buf *out);

#endif
