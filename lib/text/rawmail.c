/*
 * rawmail - a whole mail in one piece: its header block, its body, its headers
 */
#include "rawmail.h"

/* Bytes of the line that v begins with, its newline included. */
static size_t line_length(struct td_view v)
{
	size_t newline = td_view_chr(v, '\n');

	return newline == (size_t)-1 ? v.n : newline + 1;
}

static struct td_view without_line_end(struct td_view line)
{
	if (line.n && line.p[line.n - 1] == '\n')
		line.n--;
	if (line.n && line.p[line.n - 1] == '\r')
		line.n--;
	return line;
}

void td_rawmail_split(struct td_view mail, struct td_rawmail *out)
{
	size_t at = 0;
	size_t n;

	if (td_view_starts(mail, TD_VLIT("From ")))
		mail = td_view_skip(mail, line_length(mail));
	while (at < mail.n) {
		n = line_length(td_view_skip(mail, at));
		at += n;
		if (without_line_end(td_view_mem(mail.p + at - n, n)).n == 0)
			break;
	}
	out->head = td_view_mem(mail.p, at);
	out->body = td_view_skip(mail, at);
}

void td_rawmail_tags(struct td_view head, struct td_tags *tags)
{
	while (head.n) {
		size_t end = 0;
		size_t colon;
		struct td_view field;

		do {
			end += line_length(td_view_skip(head, end));
		} while (end < head.n && (head.p[end] == ' ' || head.p[end] == '\t'));
		field = without_line_end(td_view_mem(head.p, end));
		colon = td_view_chr(field, ':');
		if (colon != (size_t)-1)
			td_tags_add(tags, td_view_trim(td_view_mem(field.p, colon)), td_view_skip(field, colon + 1));
		head = td_view_skip(head, end);
	}
}
