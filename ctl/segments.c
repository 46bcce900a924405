/*
 * segments - `tandem segments`: what a text takes as an SMS
 */
#include <stdio.h>

#include "sms.h"
#include "words.h"

enum { MAX_TEXT = 1 << 20 };

struct options {
	int      level;    /* of smart encoding */
	unsigned national; /* set of shift tables */
};

/* "tr,es"; the empty list is none. */
static bool read_national(struct td_view list, unsigned *out)
{
	struct td_view item;

	*out = 0;
	while (td_view_next(&list, ',', &item)) {
		enum td_language language = td_alphabet_language(item);

		if (language == TD_LANG_NONE)
			return false;
		*out |= TD_NATIONAL(language);
	}
	return true;
}

/* What the command line says, else the configuration. CTL_USAGE, and said so, or 0. */
static int read_options(const struct ctl_call *call, struct options *out)
{
	int64_t level = td_conf_smart(call->conf);

	out->national = td_conf_national(call->conf);
	if (ctl_has(call, "national") && !read_national(ctl_arg(call, "national"), &out->national))
		return ctl_usage(call->command, "--national %.*s: want some of tr,es,pt", TD_VARG(ctl_arg(call, "national")));
	if (ctl_has(call, "level") && (!td_view_i64(ctl_arg(call, "level"), &level) || level < 0 || level > 3))
		return ctl_usage(call->command, "--level %.*s: want 0 to 3", TD_VARG(ctl_arg(call, "level")));
	out->level = ctl_has(call, "no-smart") ? 0 : (int)level;
	return CTL_DONE;
}

static json_t *segments_doc(struct ctl_call *call, struct td_view text)
{
	struct td_segments count;
	struct options options;
	struct td_view smart;
	struct td_err err = { 0 };
	json_t *doc;
	int replaced = 0;

	read_options(call, &options);
	if (!td_view_utf8(text))
		return json_pack("{s:s}", "error", "not UTF-8");
	if (td_text_smart(text, options.level, options.national, &call->arena, &smart, &replaced, &err) != TD_OK)
		return ctl_words_refused(&err);
	td_segments_count(smart, options.national, &count);
	doc = json_object();
	ctl_words_add(doc, smart, &count, options.national, &call->arena);
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
	struct options options;
	struct td_buf buf;
	json_t *doc;
	int status = read_options(call, &options);

	if (status)
		return status;
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
