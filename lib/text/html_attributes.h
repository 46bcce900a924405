/*
 * html_attributes - what the attributes of one tag say (private to html*.c)
 *
 * Owns: nothing; views point into what libxml2 gave. Threads: pure.
 */
#ifndef TD_HTML_ATTRIBUTES_H
#define TD_HTML_ATTRIBUTES_H

#include "html_mark.h"
#include "html_style.h"

struct td_html_attributes {
	struct td_html_marks marks;
	struct td_html_style style;
	struct td_view       alt;
	struct td_view       href;
	struct td_view       number; /* start, value */
	bool                 hidden;
};

/* atts: names and values in turn, ended by NULL; NULL for none. html_scan lets only those pass that are known here. */
struct td_html_attributes td_html_attributes_read(const char *const *atts);

#endif
