/*
 * html_item - the mark before an item of a list
 */
#include "html_item.h"

#include <stdio.h>

enum { MOST_ROMAN = 999, MOST_LETTERS = 26 * 27 }; /* of zz; nobody counts further so */

char td_html_item_marks(const struct td_html_attributes *a)
{
	bool known = a->marks.type.n == 1 && strchr("aAiI", a->marks.type.p[0]);

	return a->style.marks || !known ? a->style.marks : a->marks.type.p[0];
}

static size_t letters(char *out, long number, char first)
{
	size_t n = 0;

	if (number > 26)
		out[n++] = (char)(first + (number - 27) / 26);
	out[n++] = (char)(first + (number - 1) % 26);
	return n;
}

/* small: what is added to the letters of a capital numeral. */
static size_t roman(char *out, long number, char small)
{
	static const struct {
		long value;
		const char *letters;
	} parts[] = { { 900, "CM" }, { 500, "D" }, { 400, "CD" }, { 100, "C" }, { 90, "XC" }, { 50, "L" }, { 40, "XL" },
		{ 10, "X" }, { 9, "IX" }, { 5, "V" }, { 4, "IV" }, { 1, "I" } };
	size_t n = 0;

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		for (; number >= parts[i].value; number -= parts[i].value)
			for (const char *c = parts[i].letters; *c; c++)
				out[n++] = (char)(*c + small);
	return n;
}

void td_html_item_mark(char out[TD_HTML_ITEM_SIZE], char marks, long number)
{
	size_t n = 0;

	if ((marks == 'a' || marks == 'A') && number >= 1 && number <= MOST_LETTERS)
		n = letters(out, number, marks);
	else if ((marks == 'i' || marks == 'I') && number >= 1 && number <= MOST_ROMAN)
		n = roman(out, number, (char)(marks - 'I'));
	if (n)
		snprintf(out + n, TD_HTML_ITEM_SIZE - n, ". ");
	else
		snprintf(out, TD_HTML_ITEM_SIZE, "%ld. ", number);
}
