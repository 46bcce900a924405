/*
 * template - SMS templates: variables, conditions, formats by locale, links
 *
 * {{name}} is the value of a variable, {{name|fallback}} the literal fallback when it is undefined or empty. A name is
 * [A-Za-z_][A-Za-z0-9_.-]*. Conditions: {{#if name}} (defined and not empty), {{#unless name}}, each with {{else}};
 * {{#if name == text}} and {{#if name != text}} compare bytes, undefined is equal to nothing; blocks nest to a depth
 * of 16. Formats: {{date X}}, {{time X}}, {{datetime X}} with a style short|medium|long|full, {{weekday X}},
 * {{number X}} and {{percent X}} with a number of fraction digits, {{money X CUR}}; see format.h for the values they
 * take. {{link X}} is an address, of a variable or literal. Formats and link take |fallback as well. {{"{{"}} is two
 * braces. Anything else between {{ and }} is an error, in a branch that is not taken as well; a single brace is text.
 * doc/man/tandem-templates.5 is the whole of it for those who write templates.
 *
 * Values are not trusted. They cannot break out of the line structure: CR, LF, the Unicode line ends and other controls
 * in a value become a space; directional embeddings, overrides and isolates are closed at its end. A value that holds
 * an address is refused unless the template says that one may stand there: {{link name}}, a comment "# url name", or a
 * name that is "url" or ends in "_url". {{brand}} is the operator's own word and not asked. The name preferences_url
 * is Tandem's: no variable given defines it.
 *
 * Threads: a template is read-only. Owns: everything in the arena given. An undefined variable without a fallback is
 * TD_BADINPUT, naming template, line and variable; nothing is sent then.
 */
#ifndef TD_TEMPLATE_H
#define TD_TEMPLATE_H

#include "arena.h"
#include "err.h"
#include "view.h"

#define TD_TEMPLATE_MAX 65536 /* bytes of a template file, and of what it renders to */

struct td_var {
	struct td_view name;
	struct td_view value;
};

struct td_vars { /* looked up first to last: message variables, then attributes of the person */
	const struct td_var *v;
	size_t               n;
};

/* What a template is rendered with, beside its source. */
struct td_template_env {
	struct td_vars vars;
	struct td_view locale; /* language tag for dates, numbers and money; empty: English */
	struct td_view tz;     /* IANA zone of the person; empty: a time keeps the offset it was written with */
};

struct td_template_use { /* one variable of a template */
	struct td_view name;
	int            line;     /* where it first stands */
	bool           required; /* stands somewhere outside of every block and without a fallback */
	bool           url;      /* may hold an address */
};

struct td_template_info {
	const struct td_template_use *uses; /* in the order of their first use; every branch */
	size_t                        nuses;
	struct td_vars                samples; /* as td_template_samples */
};

struct td_template_file {
	struct td_view name;   /* empty for a file that ends in ".sms" but which no name and locale lead to */
	struct td_view locale; /* as the file name writes it; empty: for every language */
	struct td_view file;   /* without directory */
};

/*
 * Finds and reads NAME.LOCALE.sms in dir, falling back from "pt-BR" to "pt" and to NAME.sms. name must be [a-z0-9-]+,
 * locale a language tag or empty (else TD_BADINPUT: no path ever comes from a header); "pt_br" is read as "pt-BR", and
 * extensions ("ar-EG-u-nu-latn") are left away. *locale_used (may be NULL) is what was found, empty for NAME.sms.
 * Errors: TD_BADINPUT 5.6.0 when there is no such template, or it is no UTF-8 or over TD_TEMPLATE_MAX; TD_TEMPFAIL
 * 4.3.0 when it cannot be read; TD_NOMEM.
 */
enum td_status td_template_read(const char *dir, struct td_view name, struct td_view locale, struct td_arena *arena,
	struct td_view *source, struct td_view *locale_used, struct td_err *err);

/*
 * Renders source as it was read: a leading block of lines that begin with "#" (comments, "# sample NAME=VALUE" for
 * checks, "# url NAME") and one trailing newline are dropped. TD_BADINPUT 5.6.0 as "NAME:LINE: what" for a syntax
 * error, an undefined variable, a value that is no UTF-8, not what its format wants or an address that was not
 * declared; for a locale or zone that does not exist, when a format asks for it; TD_NOMEM over TD_TEMPLATE_MAX or the
 * arena.
 */
enum td_status td_template_render(struct td_view name, struct td_view source, const struct td_template_env *env,
	struct td_arena *arena, struct td_view *out, struct td_err *err);

/*
 * The syntax of the whole source, every branch and the comments in front, without a value: what td_template_render
 * refuses whatever the variables are, this refuses with the same text. TD_NOMEM: the arena.
 */
enum td_status td_template_check(struct td_view name, struct td_view source, struct td_arena *arena,
	struct td_template_info *out, struct td_err *err);

/*
 * The "# sample NAME=VALUE" comments of source, in order. TD_BADINPUT 5.6.0 "LINE: what" for one without "=" or a
 * name; of two with one name the first counts, as in every td_vars. Views point into source.
 */
enum td_status td_template_samples(
	struct td_view source, struct td_arena *arena, struct td_vars *out, struct td_err *err);

/*
 * The templates of dir, those of one name together; *out (in the arena) has *n of them. TD_TEMPFAIL 4.3.0 when dir
 * cannot be read; TD_NOMEM.
 */
enum td_status td_template_list(
	const char *dir, struct td_arena *arena, const struct td_template_file **out, size_t *n, struct td_err *err);

#endif
