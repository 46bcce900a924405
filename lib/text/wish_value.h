/*
 * wish_value - one reader for each header's value; private to wish*.c
 *
 * A reader gets the value unfolded and trimmed, and either fills its part of the wish or leaves it as it was and says
 * what is wrong.
 */
#ifndef TD_WISH_VALUE_H
#define TD_WISH_VALUE_H

#include "wish.h"

struct td_wish_ctx {
	const struct td_conf           *conf;
	const struct td_conf_submitter *submitter;
	struct td_arena                *arena;
	int64_t                         now_ms;
	const char                     *name; /* of the header being read, after X-Tandem- */
	struct td_wish                 *out;
};

typedef enum td_status td_wish_reader(struct td_wish_ctx *ctx, struct td_view value, struct td_err *err);

/* `X-Tandem-NAME: WHAT: "VALUE"`, TD_BADINPUT 5.6.0. */
enum td_status td_wish_bad(const struct td_wish_ctx *ctx, const char *what, struct td_view value, struct td_err *err);
enum td_status td_wish_nomem(const struct td_wish_ctx *ctx, struct td_err *err);

td_wish_reader td_wish_read_sms, td_wish_read_class, td_wish_read_category, td_wish_read_text, td_wish_read_template,
	td_wish_read_var,
	td_wish_read_from, td_wish_read_route, td_wish_read_send_at, td_wish_read_delay, td_wish_read_expires,
		td_wish_read_key,
	td_wish_read_cancel, td_wish_read_event, td_wish_read_tz, td_wish_read_locale, td_wish_read_max_segments,
		td_wish_read_notify,
	td_wish_read_dry_run;

/* True if there is an X-Tandem-Category, well-formed or not: then no other system's header is looked at. */
bool td_wish_says_category(const struct td_tags *tags);
/*
 * The configured category that another system's header names (X-PM-Tag, X-Mailgun-Tag, X-MC-Tags, X-SMTPAPI); of
 * several the one whose class has the least privilege. NULL: none.
 */
const struct td_conf_category *td_wish_alias_category(const struct td_tags *tags, const struct td_conf *conf);

#endif
