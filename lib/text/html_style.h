/*
 * html_style - what an inline style says about whether and how its text is seen
 *
 * Only the declarations that hide text or keep its lines; style sheets are not read. Threads: pure. Errors: none, what
 * is not understood says nothing. Source: CSS 2.1 and CSS Text 3 for the values.
 */
#ifndef TD_HTML_STYLE_H
#define TD_HTML_STYLE_H

#include "view.h"

enum td_html_say { TD_HTML_UNSAID, TD_HTML_NO, TD_HTML_YES };

struct td_html_style {
	bool             hidden;    /* with all that is inside */
	enum td_html_say invisible; /* visibility, inherited */
	enum td_html_say tiny;      /* a font of 1 px or less, inherited */
	enum td_html_say pre;       /* line ends are kept, inherited */
	enum td_html_say block;     /* on lines of its own */
	char             marks;     /* of a list: '-' none, 'a', 'A', 'i', 'I' as the attribute type; 0 unsaid or another */
	bool             word_rule; /* the line above what Outlook quotes */
};

/* Reads the value of a style attribute. */
struct td_html_style td_html_style_read(struct td_view style);

#endif
