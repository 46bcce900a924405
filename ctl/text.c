/*
 * text - `tandem text`: what SMS a mail would become, by the same steps as in tandem-milter
 *
 * The mail counts as one of a submitter who may do everything; attributes of the person come from the command line.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "cuts.h"
#include "mime.h"
#include "rawmail.h"
#include "sms.h"
#include "wish.h"
#include "words.h"

enum { MAX_MAIL = 26214400 }; /* what Postfix takes as shipped, and more */

/* One mail on its way; everything in the arena of the call. */
struct letter {
	struct ctl_call     *call;
	const struct td_conf *conf;
	struct td_tags       tags;
	struct td_wish       wish;
	struct td_grade      grade;
	struct td_prepare    request;
	struct td_cuts       cuts;
	const char          *source; /* what the text was made of */
	int                  replaced; /* characters, by smart encoding */
};

static enum td_status too_big(struct td_err *err)
{
	return td_err_set(err, TD_NOMEM, "the mail needs too much memory");
}

/* Headers, as a submitter's who may send everything, from whatever sender id the mail names. */
static enum td_status read_headers(struct letter *letter, struct td_err *err)
{
	struct td_arena *arena = &letter->call->arena;
	const char *from = td_arena_str(arena, td_tags_find(&letter->tags, TD_VLIT("From")));
	struct td_conf_submitter anybody = { .name = "operator", .max_class = TD_CLASS_CRITICAL, .from = { &from, 1 } };
	enum td_status status;

	if (!from || letter->tags.nomem)
		return too_big(err);
	if (letter->tags.nours > TD_TAGS_MAX)
		return td_err_dsn(err, TD_BADINPUT, "5.6.0", "more than %d X-Tandem headers", TD_TAGS_MAX);
	status = td_wish_read(&letter->tags, letter->conf, &anybody, (int64_t)time(NULL) * 1000, arena, &letter->wish, err);
	if (!status)
		status = td_wish_grade(&letter->wish, &anybody, arena, &letter->grade, err);
	if (!status)
		status = td_wish_prepare(&letter->wish, &letter->grade, &anybody, &letter->tags, arena, &letter->request, err);
	return status;
}

/* The text of the body where it is wanted; what the milter keeps of a body is all that is looked at. */
static enum td_status read_body(struct letter *letter, struct td_view body, struct td_err *err)
{
	struct td_content *content = &letter->request.content;
	struct td_arena *arena = &letter->call->arena;
	struct td_view head;

	letter->source = content->text.n ? "header" : "template";
	if (content->text.n || content->template.n)
		return TD_OK;
	if (body.n > (size_t)letter->conf->milter.max_text_source)
		body.n = (size_t)letter->conf->milter.max_text_source;
	head = td_tags_mime_head(&letter->tags, arena);
	if (!head.p)
		return too_big(err);
	return td_mime_text(head, body, arena, &letter->cuts, &content->body, &letter->source, err);
}

/* The mail's variables first, then what the command line says of the person. */
static enum td_status fill_vars(const struct letter *letter, struct td_vars *out, struct td_err *err)
{
	const struct td_structs *wanted = &letter->request.content.vars;
	const struct ctl_call *call = letter->call;
	struct td_var *v = TD_NEWN(&letter->call->arena, wanted->n + call->nargs, struct td_var);
	size_t n = 0;

	if (!v)
		return too_big(err);
	for (size_t i = 0; i < wanted->n; i++) {
		const struct td_pair *pair = &((const struct td_pair *)wanted->v)[i];

		v[n++] = (struct td_var){ pair->name, pair->value };
	}
	n += ctl_words_vars(call, v + n);
	*out = (struct td_vars){ v, n };
	return TD_OK;
}

/* Is it the Subject alone, because nothing is left of the body? */
static bool is_subject(struct letter *letter, const struct td_sms_source *source)
{
	struct td_view mode = td_view_str(letter->conf->text.subject);
	struct td_sms_source body = *source;
	struct td_sms sms;

	if (source->text.n || source->template.n || td_view_eq(mode, TD_VLIT("ignore")))
		return false;
	if (source->body.n == 0 || td_view_eq(mode, TD_VLIT("only")))
		return true;
	body.subject = TD_VLIT("");
	body.hint = TD_VLIT("");
	body.cuts = NULL;
	return td_sms_render(letter->conf, &body, &letter->call->arena, &sms, NULL) == TD_BADINPUT;
}

/* Characters that smart encoding changed, counted on the text as it is without; of a text that is cut, in all of it. */
static int count_replaced(struct letter *letter, const struct td_sms_source *source)
{
	struct td_arena *arena = &letter->call->arena;
	struct td_conf plain = *letter->conf;
	struct td_sms_source whole = *source;
	struct td_view smart;
	struct td_sms sms;
	int replaced = 0;

	plain.text.smart = false;
	plain.text.max_segments = INT_MAX;
	whole.max_segments = 0;
	whole.cuts = NULL;
	if (td_sms_render(&plain, &whole, arena, &sms, NULL) == TD_OK)
		td_text_smart(sms.text, td_conf_smart(letter->conf), td_conf_national(letter->conf), arena, &smart, &replaced,
			NULL);
	return replaced;
}

static enum td_status render(struct letter *letter, struct td_sms *sms, struct td_err *err)
{
	const struct td_sms_ask ask = { .content = &letter->request.content, .cls = letter->grade.cls,
		.category = letter->request.category, .tz = letter->request.tz };
	struct td_sms_source source;
	enum td_status status = td_sms_source_of(letter->conf, &ask, &letter->call->arena, &source, err);

	if (!status)
		status = fill_vars(letter, &source.vars, err);
	if (status)
		return status;
	source.cuts = &letter->cuts;
	status = td_sms_render(letter->conf, &source, &letter->call->arena, sms, err);
	if (status)
		return status;
	if (is_subject(letter, &source))
		letter->source = "subject";
	letter->replaced = count_replaced(letter, &source);
	return TD_OK;
}

static json_t *removed_list(const struct td_cuts *cuts)
{
	json_t *list = json_array();

	for (size_t i = 0; i < cuts->n; i++)
		json_array_append_new(list, json_pack("{s:s, s:s%}", "what", cuts->cut[i].what, "text", cuts->cut[i].text.p,
			cuts->cut[i].text.n));
	return list;
}

static json_t *letter_doc(const struct letter *letter, const struct td_sms *sms)
{
	const struct td_content *content = &letter->request.content;
	json_t *doc = json_object();

	ctl_words_add(doc, sms->text, &sms->count, td_conf_national(letter->conf), &letter->call->arena);
	json_object_set_new(doc, "source", json_string(letter->source));
	if (content->template.n)
		json_object_set_new(doc, "template", json_stringn(content->template.p, content->template.n));
	json_object_set_new(doc, "class", json_string(td_class_name(letter->grade.cls)));
	json_object_set_new(doc, "category", letter->grade.category ? json_string(letter->grade.category->name) :
		json_null());
	json_object_set_new(doc, "replaced", json_integer(letter->replaced));
	json_object_set_new(doc, "removed", removed_list(&letter->cuts));
	if (letter->cuts.more)
		json_object_set_new(doc, "removed_more", json_integer((json_int_t)letter->cuts.more));
	return doc;
}

static json_t *mail_doc(struct ctl_call *call, struct td_view mail)
{
	struct letter *letter = TD_NEW(&call->arena, struct letter);
	struct td_rawmail parts;
	struct td_sms sms;
	struct td_err err = { 0 };

	if (!letter) {
		too_big(&err);
		return ctl_words_refused(&err);
	}
	letter->call = call;
	letter->conf = call->conf;
	td_tags_init(&letter->tags, &call->arena);
	td_rawmail_split(mail, &parts);
	td_rawmail_tags(parts.head, &letter->tags);
	if (read_headers(letter, &err) != TD_OK || read_body(letter, parts.body, &err) != TD_OK ||
		render(letter, &sms, &err) != TD_OK)
		return ctl_words_refused(&err);
	return letter_doc(letter, &sms);
}

static json_t *file_doc(struct ctl_call *call, struct td_view path)
{
	struct td_err err = { 0 };
	struct td_buf buf;
	json_t *doc;

	td_buf_init(&buf, MAX_MAIL);
	if (ctl_read_file(path, &buf, &err) == TD_OK)
		doc = mail_doc(call, td_buf_view(&buf));
	else
		doc = json_pack("{s:s}", "error", err.text);
	td_buf_free(&buf);
	return doc;
}

static json_t *text_line(struct ctl_call *call, const json_t *line)
{
	const json_t *mail = json_object_get(line, "mail");
	const json_t *file = json_object_get(line, "file");

	if (json_is_string(mail))
		return mail_doc(call, td_view_mem(json_string_value(mail), json_string_length(mail)));
	if (json_is_string(file))
		return file_doc(call, td_view_mem(json_string_value(file), json_string_length(file)));
	return json_pack("{s:s}", "error", "no key \"mail\" or \"file\"");
}

int ctl_run_text(struct ctl_call *call)
{
	json_t *doc;
	int status = ctl_words_bad_var(call);

	if (status)
		return status;
	td_mime_init();
	if (ctl_has(call, "batch"))
		return ctl_batch(call, text_line);
	doc = file_doc(call, ctl_arg(call, "file"));
	status = ctl_words_end(call, doc);
	json_decref(doc);
	return status;
}

void ctl_print_text(const json_t *doc)
{
	const json_t *removed = json_object_get(doc, "removed");
	const char *template = json_string_value(json_object_get(doc, "template"));
	const char *category = json_string_value(json_object_get(doc, "category"));
	size_t i;
	json_t *item;

	ctl_words_print(doc);
	printf("from: %s%s%s\n", json_string_value(json_object_get(doc, "source")), template ? " " : "",
		template ? template : "");
	printf("class: %s%s%s\n", json_string_value(json_object_get(doc, "class")), category ? ", category " : "",
		category ? category : "");
	if (json_integer_value(json_object_get(doc, "replaced")))
		printf("smart encoding: %d characters replaced\n", (int)json_integer_value(json_object_get(doc, "replaced")));
	if (json_array_size(removed))
		puts("removed:");
	json_array_foreach(removed, i, item) {
		char *text = json_dumps(json_object_get(item, "text"), JSON_ENCODE_ANY);

		printf("  %s: %s\n", json_string_value(json_object_get(item, "what")), text ? text : "");
		free(text);
	}
	if (json_object_get(doc, "removed_more"))
		printf("  and %d more\n", (int)json_integer_value(json_object_get(doc, "removed_more")));
}
