/*
 * html_scan - HTML as it comes to HTML that the parser reads in linear time and without a complaint
 *
 * libxml2 2.9 compares each attribute of a tag with all others, each end tag with all that is open, looks every name up
 * in lists and formats a message for all it does not know; a hostile mail can make hours of that. So the characters are
 * read here, by the rules of the living standard: comments, doctypes, scripts, styles and what else is never shown are
 * left out, elements become the few that matter to lines (every inline one is "ins", which libxml2 nests as it finds
 * it), attributes only those that are looked at, bounded, references are decoded, and what is not valid UTF-8 becomes
 * U+FFFD. Which element ends which is left to the parser.
 *
 * Owns: out. Threads: one at a time. Errors: none but the sticky one of out.
 */
#ifndef TD_HTML_SCAN_H
#define TD_HTML_SCAN_H

#include "buf.h"

enum td_html_element {
	TD_HTML_INS, /* any inline element */
	TD_HTML_DIV, /* any block */
	TD_HTML_P,
	TD_HTML_UL,
	TD_HTML_OL,
	TD_HTML_LI,
	TD_HTML_DL,
	TD_HTML_DT,
	TD_HTML_DD,
	TD_HTML_TABLE,
	TD_HTML_TR,
	TD_HTML_TD,
	TD_HTML_PRE,
	TD_HTML_BLOCKQUOTE,
	TD_HTML_BR,
	TD_HTML_HR,
	TD_HTML_IMG,
	TD_HTML_ELEMENTS /* their number; and any other name */
};

/* Names of elements whose content is characters up to their end tag. */
enum { TD_HTML_RAW_NAMES = 8 };

/* A character that nobody sees, put in out now and then for the parser's sake: U+200B. */
#define TD_HTML_NOTHING "\xE2\x80\x8B"

struct td_html_scan {
	struct td_view rest;    /* not read yet */
	struct td_buf  out;     /* what was made of the piece that was read: whole tags and characters */
	unsigned       open[TD_HTML_ELEMENTS]; /* how many the parser has open: kept by the caller */
	unsigned       depth;                  /* how deep it is: likewise */
	unsigned       put[TD_HTML_ELEMENTS];  /* start tags in out */
	unsigned       deeper;                 /* likewise, in all */
	size_t         kept;                       /* bytes that the parser may keep */
	bool           unended[TD_HTML_RAW_NAMES]; /* no end tag of this name is in the rest */
	bool           unquoted[2];                /* no '"', no '\'' is in the rest */
};

void td_html_scan_init(struct td_html_scan *scan, struct td_view html);
/* Reads the next piece into out. False at the end. */
bool td_html_scan_next(struct td_html_scan *scan);
void td_html_scan_free(struct td_html_scan *scan);

/* The element of a name that was put in out. */
enum td_html_element td_html_element_of(const char *name);

#endif
