/*
 * html_lines - running text with its white space as a reader sees it, in lines
 *
 * White space that HTML collapses is one space; at the beginning and end of a line there is none. What only fills
 * (zero width characters that join nothing, soft hyphens, controls) goes. Pending line ends, spaces and list marks are
 * written with the next character, so that nothing trails.
 *
 * Owns: its bytes. Threads: one at a time. Errors: none; text beyond the limit is dropped and full is set, memory that
 * runs out is seen in td_buf_ok of buf.
 */
#ifndef TD_HTML_LINES_H
#define TD_HTML_LINES_H

#include "buf.h"

/*
 * Stand in text and attribute values for what must not look like markup: private use characters, never those of a mail.
 */
enum { TD_HTML_QUOT = 0x10FFFB, TD_HTML_AMP = 0x10FFFC, TD_HTML_LT = 0x10FFFD };

struct td_html_lines {
	struct td_buf buf;
	size_t        max;        /* bytes at most */
	size_t        line;       /* where the last line of buf begins */
	unsigned      newlines;   /* to be written before the next character */
	unsigned      spaces;     /* likewise, after them */
	uint32_t      joiner;     /* likewise, if a character stands directly on both sides */
	uint32_t      marks[4];   /* of direction, likewise */
	unsigned      nmarks;
	char          prefix[16]; /* likewise: "- " or "7. " of a list, "" */
	bool          pre;        /* spaces and line ends count */
	bool          after_url; /* the next character must not be taken for a part of it */
	bool          full;
};

/* An empty text of max bytes at most. */
void td_html_lines_init(struct td_html_lines *lines, size_t max);
/* Appends UTF-8; what is not valid in it is dropped. */
void td_html_lines_text(struct td_html_lines *lines, struct td_view text);
/* Appends an address to the last line that has text, after a space, as it is. */
void td_html_lines_url(struct td_html_lines *lines, struct td_view url);
/* What follows begins a line of its own. */
void td_html_lines_block(struct td_html_lines *lines);
/* <br> */
void td_html_lines_break(struct td_html_lines *lines);
/* What follows is another cell of this line. */
void td_html_lines_space(struct td_html_lines *lines);
/* The line ends that wait become a space. */
void td_html_lines_join(struct td_html_lines *lines);
/* The mark of a list item, before the first character of its line. */
void td_html_lines_item(struct td_html_lines *lines, struct td_view mark);
/* Drops the text from byte `at` of buf on, at the beginning of a line. */
void td_html_lines_cut(struct td_html_lines *lines, size_t at);
void td_html_lines_free(struct td_html_lines *lines);

#endif
