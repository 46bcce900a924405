/*
 * words - a text that is to be an SMS, as a document and for people
 */
#include "words.h"

#include <stdio.h>

#include "charname.h"

enum { MAX_UNICODE = 64, SHOWN_UNICODE = 5 };

static bool is_listed(const json_t *list, const char *code)
{
	size_t i;
	json_t *item;

	json_array_foreach(list, i, item) {
		if (!strcmp(json_string_value(json_object_get(item, "code")), code))
			return true;
	}
	return false;
}

/* Has one of the 7-bit alphabets that may be used this character? */
static bool is_seven_bit(uint32_t c, unsigned national)
{
	for (size_t i = 0; i < TD_ALPHABETS; i++) {
		if (td_alphabet_allowed(&td_alphabets[i], national) && td_alphabet_septets(&td_alphabets[i], c))
			return true;
	}
	return false;
}

/* The characters of text that none of these alphabets has, each once. */
static json_t *unicode_list(struct td_view text, unsigned national)
{
	json_t *list = json_array();
	char name[TD_CHARNAME_SIZE];
	char code[16];
	uint32_t c;
	int at = 0;

	for (size_t n; (n = td_char_first(text, &c)) > 0; text = td_view_skip(text, n)) {
		at++;
		snprintf(code, sizeof(code), "U+%04X", (unsigned)c);
		if (is_seven_bit(c, national) || json_array_size(list) == MAX_UNICODE || is_listed(list, code))
			continue;
		json_array_append_new(list, json_pack("{s:s%, s:s, s:s, s:i}", "char", text.p, n, "code", code, "name",
			td_char_name(c, name), "at", at));
	}
	return list;
}

/* Units that fit into the last segment beside what is there: what is not filled before it depends on the text. */
static int units_left(struct td_view text, const struct td_segments *count, struct td_arena *arena)
{
	unsigned national = TD_NATIONAL(count->alphabet.single) | TD_NATIONAL(count->alphabet.locking);
	int room = count->per_segment * count->segments - count->units;
	char *longer;

	if (count->segments <= 1)
		return count->per_segment - count->units;
	if (room >= count->per_segment)
		room = count->per_segment - 1;
	longer = td_arena_alloc(arena, text.n + (size_t)room);
	if (!longer)
		return room;
	memcpy(longer, text.p, text.n);
	memset(longer + text.n, 'a', (size_t)room);
	for (; room > 0; room--) {
		struct td_segments more;

		td_segments_count(td_view_mem(longer, text.n + (size_t)room), national, &more);
		if (more.segments == count->segments)
			break;
	}
	return room;
}

/* Turkish beside Portuguese: each has an alphabet, and no alphabet has both. */
static json_t *forcing_list(struct td_view text, unsigned national)
{
	json_t *list = unicode_list(text, national);

	if (json_array_size(list))
		return list;
	json_decref(list);
	return unicode_list(text, 0);
}

static void add_alphabet(json_t *doc, const struct td_alphabet *alphabet)
{
	static const char *const languages[] = { NULL, "tr", "es", "pt" }; /* by enum td_language */
	const char *name = languages[alphabet->single ? alphabet->single : alphabet->locking];

	if (name)
		json_object_set_new(doc, "national", json_string(name));
}

void ctl_words_add(json_t *doc, struct td_view text, const struct td_segments *count, unsigned national,
	struct td_arena *arena)
{
	json_object_set_new(doc, "encoding", json_string(td_encoding_name(count->encoding)));
	json_object_set_new(doc, "segments", json_integer(count->segments));
	json_object_set_new(doc, "units", json_integer(count->units));
	json_object_set_new(doc, "per_segment", json_integer(count->per_segment));
	json_object_set_new(doc, "left", json_integer(units_left(text, count, arena)));
	json_object_set_new(doc, "text", json_stringn(text.p ? text.p : "", text.n));
	if (count->encoding == TD_ENC_UCS2)
		json_object_set_new(doc, "unicode", forcing_list(text, national));
	add_alphabet(doc, &count->alphabet);
}

static const char *string_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

static int int_of(const json_t *object, const char *key)
{
	return (int)json_integer_value(json_object_get(object, key));
}

static void print_unicode(const json_t *list)
{
	size_t i;
	json_t *item;

	puts("not GSM 03.38, so the whole text is UCS-2:");
	json_array_foreach(list, i, item) {
		if (i == SHOWN_UNICODE) {
			printf("  and %zu%s more\n", json_array_size(list) - i, json_array_size(list) == MAX_UNICODE ? " or" : "");
			break;
		}
		printf("  %-8s %s  %s (character %d)\n", string_of(item, "code"), string_of(item, "char"),
			string_of(item, "name"), int_of(item, "at"));
	}
}

void ctl_words_print(const json_t *doc)
{
	int segments = int_of(doc, "segments");
	const json_t *unicode = json_object_get(doc, "unicode");
	const char *national = string_of(doc, "national");

	printf("%s\n\n", string_of(doc, "text"));
	printf("%s%s%s: %d segment%s", string_of(doc, "encoding"), *national ? " with shift tables of " : "", national,
		segments, segments == 1 ? "" : "s");
	if (segments > 1)
		printf(" of %d units, %d used, %d left in the last one\n", int_of(doc, "per_segment"), int_of(doc, "units"),
			int_of(doc, "left"));
	else
		printf(", %d of %d units used, %d left\n", int_of(doc, "units"), int_of(doc, "per_segment"),
			int_of(doc, "left"));
	if (json_array_size(unicode))
		print_unicode(unicode);
}

json_t *ctl_words_refused(const struct td_err *err)
{
	return json_pack("{s:s, s:s}", "error", err->text, "dsn", td_err_code(err));
}

int ctl_words_end(struct ctl_call *call, const json_t *doc)
{
	const char *error = json_string_value(json_object_get(doc, "error"));
	const char *dsn = json_string_value(json_object_get(doc, "dsn"));

	if (error)
		fprintf(stderr, "tandem: %s: %s%s%s\n", call->command->name, dsn ? dsn : "", dsn ? " " : "", error);
	if (!error || call->json)
		ctl_show(call, doc);
	return error ? CTL_REFUSED : CTL_DONE;
}

static bool is_var(const struct td_pair *arg)
{
	return td_view_eq(arg->name, TD_VLIT("var"));
}

size_t ctl_words_vars(const struct ctl_call *call, struct td_var *out)
{
	size_t n = 0;

	for (size_t i = 0; i < call->nargs; i++) {
		struct td_view word = call->args[i].value;
		size_t eq = td_view_chr(word, '=');

		if (is_var(&call->args[i]))
			out[n++] = (struct td_var){ td_view_mem(word.p, eq), td_view_skip(word, eq + 1) };
	}
	return n;
}

int ctl_words_bad_var(const struct ctl_call *call)
{
	for (size_t i = 0; i < call->nargs; i++) {
		size_t eq = td_view_chr(call->args[i].value, '=');

		if (is_var(&call->args[i]) && (eq == 0 || eq == (size_t)-1))
			return ctl_usage(call->command, "%.*s: not NAME=VALUE", TD_VARG(call->args[i].value));
	}
	return CTL_DONE;
}

struct td_view ctl_words_var(const struct td_vars *vars, const char *name)
{
	for (size_t i = 0; i < vars->n; i++) {
		if (td_view_eq(vars->v[i].name, td_view_str(name)))
			return vars->v[i].value;
	}
	return TD_VLIT("");
}
