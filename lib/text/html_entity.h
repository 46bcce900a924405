/*
 * html_entity - character references of HTML
 *
 * Threads: td_html_entity_init once, then safe. Errors: none. Source: libxml2's table of HTML 4 names, the names of the
 * HTML living standard that are seen in mail, and its rules for references without a semicolon.
 */
#ifndef TD_HTML_ENTITY_H
#define TD_HTML_ENTITY_H

#include "view.h"

/* Makes the table of names; once a process. */
void td_html_entity_init(void);

/*
 * v begins with "&". The bytes of the reference, with *scalar what it stands for (0: nothing that may be in a text); 0
 * if it is none and "&" is itself. In an attribute, "&copy=1" is none.
 */
size_t td_html_entity(struct td_view v, bool attribute, uint32_t *scalar);

#endif
