/*
 * template - SMS templates: {{name}}, {{name|fallback}}, {{#if name}}…{{else}}…{{/if}}
 *
 * A name is [A-Za-z_][A-Za-z0-9_.-]*. {{name|fallback}} takes the fallback when the variable is undefined or empty;
 * {{#if name}} holds when it is defined and not empty; ifs nest to a depth of 16. Anything else between {{ and }} is
 * an error, a single brace is text.
 *
 * Threads: a template is read-only. Owns: everything in the arena given. Values cannot break out of the line
 * structure: CR, LF, the Unicode line ends and other controls in a value become a space. An undefined variable
 * without a fallback is TD_BADINPUT, naming template, line and variable; nothing is sent then.
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

/*
 * Finds and reads NAME.LOCALE.sms in dir, falling back from "pt-BR" to "pt" and to NAME.sms. name must be [a-z0-9-]+,
 * locale a language tag or empty (else TD_BADINPUT: no path ever comes from a header); "pt_br" is read as "pt-BR".
 * *locale_used (may be NULL) is what was found, empty for NAME.sms. Errors: TD_BADINPUT 5.6.0 when there is no such
 * template, or it is no UTF-8 or over TD_TEMPLATE_MAX; TD_TEMPFAIL 4.3.0 when it cannot be read; TD_NOMEM.
 */
enum td_status td_template_read(const char *dir, struct td_view name, struct td_view locale, struct td_arena *arena,
	struct td_view *source, struct td_view *locale_used, struct td_err *err);

/*
 * Renders source as it was read: a leading block of lines that begin with "#" (comments, and "# sample NAME=VALUE"
 * for checks) and one trailing newline are dropped. TD_BADINPUT 5.6.0 for a syntax error, an undefined variable or a
 * value that is no UTF-8, as "NAME:LINE: what"; TD_NOMEM over TD_TEMPLATE_MAX or the arena.
 */
enum td_status td_template_render(struct td_view name, struct td_view source, const struct td_template_env *env,
	struct td_arena *arena, struct td_view *out, struct td_err *err);

#endif
