/*
 * sms - from the parts of a request to the one text a person gets: the same function for the milter's trial and for
 * smsd
 *
 * Order (spec mail): literal text > template > text of the body > Subject. Then white space is collapsed (a run of it
 * becomes one newline if it holds one, else one space), smart encoding tried, the opt-out hint appended after a
 * space, segments counted, and a text over the limit truncated or refused (text.too_long). Of a longer text only the
 * first 64 KiB are looked at. Threads: safe; reads template files.
 */
#ifndef TD_SMS_H
#define TD_SMS_H

#include "conf.h"
#include "cuts.h"
#include "gsm.h"
#include "proto.h"
#include "template.h"

struct td_sms_source {
	struct td_view text;     /* literal; wins when not empty */
	struct td_view template; /* name, without directory */
	struct td_view body;     /* extracted text of the mail; may be empty */
	struct td_view subject;  /* decoded; may be empty */
	struct td_view locale;   /* of the template; empty: vars' "locale" if it is one, else default_locale */
	struct td_view tz;       /* for times in the template; empty: vars' "tz" if it can be a zone, else none */
	/* The message's, then the person's attributes. {{brand}} comes from the configuration when it is not among them. */
	struct td_vars vars;
	struct td_view hint;     /* opt-out hint or empty */
	int            max_segments; /* 0 = the configured limit; may only lower it */
	struct td_cuts *cuts;    /* what was taken out is added to it; NULL: nobody asks */
};

struct td_sms {
	struct td_view     text; /* UTF-8; in the arena, or pointing into the source */
	struct td_segments count;
};

struct td_sms_ask { /* a request as the milter, smsd and the operator's command have it */
	const struct td_content *content;
	enum td_class            cls;
	struct td_view           category;
	struct td_view           tz;
	const struct td_structs *attrs; /* of struct td_pair: the person's; NULL: none */
};

/*
 * The source of a request's text: everything but cuts. Marketing text gets the hint of its category. TD_NOMEM; views
 * point into the request and the configuration, the list of variables is in the arena.
 */
enum td_status td_sms_source_of(const struct td_conf *conf, const struct td_sms_ask *ask, struct td_arena *arena,
	struct td_sms_source *out, struct td_err *err);

/* The level of smart encoding, 0 when it is off. */
int td_conf_smart(const struct td_conf *conf);

/* The languages whose shift tables every configured provider can send; none when there is no provider. */
unsigned td_conf_national(const struct td_conf *conf);

/*
 * Text of the body ends before the first line that begins with one of text.end_tags; then what matches text.remove is
 * taken out (at most 1,000 matches; a match never splits a character). text.subject says what the Subject does beside
 * it: "if-empty" stands in for a body without text to see, "prefix" goes before it on a line of its own, "only"
 * replaces it, "ignore".
 *
 * Errors: TD_BADINPUT 5.6.0 (nothing to see, no UTF-8, template error), TD_TOOBIG 5.2.3 (segments over the limit, with
 * both numbers), TD_TEMPFAIL 4.3.0 (template file unreadable), TD_NOMEM.
 */
enum td_status td_sms_render(const struct td_conf *conf, const struct td_sms_source *source, struct td_arena *arena,
	struct td_sms *out, struct td_err *err);

#endif
