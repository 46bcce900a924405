/*
 * sms - from the parts of a request to the one text a person gets: the same function for the milter's trial and for
 * smsd
 *
 * Order (spec mail): literal text > template > text of the body > Subject. Then white space is collapsed (a run of it
 * becomes one newline if it holds one, else one space), smart encoding tried, the opt-out hint appended after a
 * space, segments counted, and a text over the limit truncated or refused (text.too_long). Threads: safe; reads
 * template files.
 */
#ifndef TD_SMS_H
#define TD_SMS_H

#include "conf.h"
#include "cuts.h"
#include "gsm.h"
#include "template.h"

struct td_sms_source {
	struct td_view text;     /* literal; wins when not empty */
	struct td_view template; /* name, without directory */
	struct td_view body;     /* extracted text of the mail; may be empty */
	struct td_view subject;  /* decoded; may be empty */
	struct td_view locale;   /* of the template; empty: default_locale of the configuration */
	struct td_view tz;       /* for times in the template; empty: the person's attribute "tz", else none */
	struct td_vars vars;     /* {{brand}} comes from the configuration when it is not among them */
	struct td_view hint;     /* opt-out hint or empty */
	int            max_segments; /* 0 = the configured limit; may only lower it */
	struct td_cuts *cuts;    /* what was taken out is added to it; NULL: nobody asks */
};

struct td_sms {
	struct td_view     text; /* UTF-8; in the arena, or pointing into the source */
	struct td_segments count;
};

/*
 * Text of the body is cut at the first of text.end_tags; text.subject says what the Subject does beside it:
 * "if-empty" stands in for a body without text, "prefix" goes before it on a line of its own, "only" replaces it,
 * "ignore".
 *
 * Errors: TD_BADINPUT 5.6.0 (no text, no UTF-8, template error), TD_TOOBIG 5.2.3 (segments over the limit, with both
 * numbers), TD_TEMPFAIL 4.3.0 (template file unreadable), TD_NOMEM.
 */
enum td_status td_sms_render(const struct td_conf *conf, const struct td_sms_source *source, struct td_arena *arena,
	struct td_sms *out, struct td_err *err);

#endif
