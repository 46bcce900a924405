/*
 * answer - what a stage of a mail tells the MTA, free of libmilter
 */
#include "answer.h"

#include <stdio.h>

struct td_answer td_answer_go(enum td_answer_kind kind)
{
	return (struct td_answer){ .kind = kind, .reason = "ok" };
}

struct td_answer td_answer_say(int code, const char *dsn, const char *reason, struct td_view text)
{
	struct td_answer answer = { .kind = code < 500 ? TD_DEFER : TD_REFUSE, .code = code, .reason = reason };
	size_t n = text.n < TD_ANSWER_TEXT - 1 ? text.n : TD_ANSWER_TEXT - 1;

	snprintf(answer.dsn, sizeof(answer.dsn), "%s", dsn);
	for (size_t i = 0; i < n; i++)
		answer.text[i] = text.p[i] < ' ' || text.p[i] > '~' ? '?' : text.p[i];
	return answer;
}

struct td_answer td_answer_err(const struct td_err *err, const char *reason)
{
	return td_answer_say(td_status_map(err->status)->smtp_code, td_err_code(err), reason, td_view_str(err->text));
}

struct td_answer td_answer_away(void)
{
	return td_answer_say(451, "4.3.0", NULL, TD_VLIT("the message store is away, try again later"));
}

const char *td_answer_escape(const char *text, char *out, size_t n)
{
	size_t used = 0;

	for (; *text && used + 2 < n; text++) {
		if (*text == '%')
			out[used++] = '%';
		out[used++] = *text;
	}
	out[used] = '\0';
	return out;
}
