/*
 * html_mark - the marks that mail programs leave on what is not the writer's own text
 *
 * Threads: pure. Errors: none. Source: mails of these programs; the names are theirs.
 */
#ifndef TD_HTML_MARK_H
#define TD_HTML_MARK_H

#include "view.h"

enum td_html_mark {
	TD_HTML_UNMARKED,
	TD_HTML_QUOTE,         /* the element is someone else's mail, or says who wrote it */
	TD_HTML_REPLY,         /* Gmail: a quote, but what follows the blockquote inside is the writer's */
	TD_HTML_QUOTE_ON,      /* all from here on */
	TD_HTML_SIGNATURE,     /* the element is a signature */
	TD_HTML_SIGNATURE_ON,  /* all from here to the end of what this stands in */
	TD_HTML_PREHEADER      /* shown in lists of mails only */
};

/* The attributes that carry marks; each may be empty. cls is the value of class, several words. */
struct td_html_marks {
	struct td_view cls;
	struct td_view id;
	struct td_view name;
	struct td_view type; /* "cite" */
	struct td_view data; /* data-marker, data-smartmail */
};

/* What the first of the marks that is known says; a blockquote with one is always a quote. */
enum td_html_mark td_html_mark_of(const struct td_html_marks *marks, bool blockquote);

/*
 * Where in text, UTF-8 in lines, before a quote, the lines at its end begin that say who wrote the quote; else text.n.
 */
size_t td_html_attribution(struct td_view text);

/* Is that so beyond doubt, with a date and an address, that a blockquote without a mark is a quote? */
bool td_html_is_introduced(struct td_view text);

/* Where one of the last lines of text begins that says that a forwarded mail follows; else text.n. */
size_t td_html_forward(struct td_view text);

/* Does the first line of text say that what follows is a forwarded mail? */
bool td_html_is_forward(struct td_view text);

/* Are these the lines From, Sent, To, Subject that Outlook puts above what it quotes, in any language? */
bool td_html_is_header_block(struct td_view text);

#endif
