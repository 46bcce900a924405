/*
 * template - SMS templates: {{name}}, {{name|fallback}}, {{#if name}}…{{else}}…{{/if}}, formats by locale
 *
 * Threads: a parsed template is read-only. Owns: everything in the arena given at parse. Values cannot break out of the line
 * structure: CR, LF and other controls in a value become a space. An undefined variable without a fallback is TD_BADINPUT, naming
 * template, line and variable; nothing is sent then.
 */
#ifndef TD_TEMPLATE_H
#define TD_TEMPLATE_H

#include "arena.h"
#include "err.h"
#include "view.h"

struct td_var {
	struct td_view name;
	struct td_view value;
};

struct td_vars { /* looked up first to last: message variables, then attributes of the person */
	const struct td_var *v;
	size_t               n;
};

/*
 * Finds and reads NAME.LOCALE.sms in dir, falling back from "pt-BR" to "pt" and to NAME.sms. name must be [a-z0-9-]+ (else TD_BADINPUT: no path
 * ever comes from a header). *locale_used (may be NULL) is what was found. A leading block of "# comment" lines and one trailing newline are dropped.
 */
enum td_status td_template_read(const char *dir, struct td_view name, struct td_view locale, struct td_arena *arena,
	struct td_view *source, struct td_view *locale_used, struct td_err *err);

/*
 * Renders source. locale drives {{name|date}} … formats. TD_BADINPUT for a syntax error or an undefined variable, TD_NOMEM over the arena.
 */
enum td_status td_template_render(struct td_view name, struct td_view source, struct td_view locale, const struct td_vars *vars,
	struct td_arena *arena, struct td_view *out, struct td_err *err);

#endif
