/*
 * html_item - the mark before an item of a list: "3. ", "c. ", "iii. " (private to html.c)
 *
 * Threads: pure. Errors: none. Source: the HTML living standard for the attribute type, CSS Counter Styles 3 for what
 * it means.
 */
#ifndef TD_HTML_ITEM_H
#define TD_HTML_ITEM_H

#include "html_attributes.h"

#define TD_HTML_ITEM_SIZE 24

/* The marks of the list that has these attributes, as in td_html_style: its style before its type. */
char td_html_item_marks(const struct td_html_attributes *a);
/* Writes the mark of an item. Where letters or Roman numerals have none for the number, it is decimal. */
void td_html_item_mark(char out[TD_HTML_ITEM_SIZE], char marks, long number);

#endif
