/*
 * segments - `tandem segments`: what a text takes as an SMS
 */
#include <stdio.h>

#include "sms.h"
#include "words.h"

enum { MAX_TEXT = 1 << 20 };

static json_t *segments_doc(struct ctl_call *call, struct td_view text)
{
	unsigned national = td_conf_national(call->conf);
	struct td_segments count;
	struct td_view smart;
	struct td_err err = { 0 };
	json_t *doc;
	int replaced = 0;

	if (!td_view_utf8(text))
		return json_pack("{s:s}", "error", "not UTF-8");
	if (td_text_smart(text, ctl_has(call, "no-smart") ? 0 : td_conf_smart(call->conf), national, &call->arena, &smart,
		&replaced, &err) != TD_OK)
		return ctl_words_refused(&err);
	td_segments_count(smart, national, &count);
	doc = json_object();
	ctl_words_add(doc, smart, &count, &call->arena);
	json_object_set_new(doc, "replaced", json_integer(replaced));
	return doc;
}

static json_t *segments_line(struct ctl_call *call, const json_t *line)
{
	const json_t *text = json_object_get(line, "text");

	return json_is_string(text) ? segments_doc(call, td_view_mem(json_string_value(text), json_string_length(text))) :
		json_pack("{s:s}", "error", "no key \"text\"");
}

int ctl_run_segments(struct ctl_call *call)
{
	struct td_view text = ctl_arg(call, "text");
	struct td_buf buf;
	json_t *doc;
	int status;

	if (ctl_has(call, "batch"))
		return ctl_batch(call, segments_line);
	td_buf_init(&buf, MAX_TEXT);
	if (td_view_eq(text, TD_VLIT("-"))) {
		if (ctl_read_file(text, &buf, &call->err) != TD_OK) {
			td_buf_free(&buf);
			return ctl_fail(call);
		}
		/* the newline that a shell's echo or an editor ends it with is not meant */
		text = td_buf_view(&buf);
		if (td_view_ends(text, TD_VLIT("\n")))
			text.n--;
	}
	doc = segments_doc(call, text);
	status = ctl_words_end(call, doc);
	json_decref(doc);
	td_buf_free(&buf);
	return status;
}
