/*
 * wish - what the headers of a trusted submitter's mail ask for
 *
 * Sources: spec mail, "Headers an application may set"; policy §2 for classes. The same code serves tandem-milter and,
 * for a mail that did not pass it, tandem-smsd.
 *
 * Owns: nothing; everything is in the arena, in the tags or in the configuration, which must all outlive the wish.
 * Threads: one at a time.
 */
#ifndef TD_WISH_H
#define TD_WISH_H

#include "conf.h"
#include "number.h"
#include "proto.h"
#include "tags.h"

enum td_wish_sms {
	TD_WISH_UNSAID = 0,
	TD_WISH_NO,
	TD_WISH_ONFILE, /* to the number on file for each recipient */
	TD_WISH_NUMBERS
};

struct td_wish {
	bool                           tagged; /* there is a header that asks for something: the mail is not ordinary */
	enum td_wish_sms               sms;
	const struct td_number        *numbers; /* each once */
	size_t                         nnumbers;
	enum td_class                  cls; /* as claimed; TD_CLASS_NONE: not said */
	const struct td_conf_category *category;
	struct td_view                 text;
	struct td_view                 template;
	struct td_pair                *vars;
	size_t                         nvars;
	struct td_view                 from;  /* sender id; a number as E.164 */
	int64_t                        send_at; /* Unix ms, 0 = not said; so the next two */
	int64_t                        delay;   /* ms */
	int64_t                        expires; /* Unix ms */
	struct td_view                 key;
	struct td_view                 cancel;
	struct td_view                 event;
	struct td_view                 tz;
	struct td_view                 locale;
	int                            max_segments; /* 0 = not said */
	int64_t                        notify;       /* bits of enum td_notify, 0 = not said */
	bool                           dry_run;
};

/*
 * Reads the headers of a submitter's mail. A header given twice must say the same twice, but for X-Tandem-Var. now_ms
 * turns an X-Tandem-Expires that is a duration into a time.
 *
 * On failure *out holds what the well-formed headers say (for on_bad_header = ignore) and err the first complaint:
 * TD_BADINPUT 5.6.0 `X-Tandem-Send-At: not a date: "…"`; TD_REFUSED 5.7.1 for an X-Tandem-From that the submitter may
 * not use; TD_NOMEM.
 */
enum td_status td_wish_read(const struct td_tags *tags, const struct td_conf *conf,
	const struct td_conf_submitter *submitter,
	int64_t now_ms, struct td_arena *arena, struct td_wish *out, struct td_err *err);

struct td_grade { /* what a mail counts as */
	enum td_class                  cls;
	const struct td_conf_category *category; /* NULL: none */
	const char                    *note;     /* why it is less than was claimed, in the arena; NULL: it is not */
};

/*
 * Class and category of a mail (policy §2): the lesser of header and category, never above the submitter's maximum;
 * without either transactional, or the maximum where that is less. TD_REFUSED 5.7.1 when the submitter has a list of
 * categories and the mail is in none of them; TD_NOMEM.
 */
enum td_status td_wish_grade(const struct td_wish *wish, const struct td_conf_submitter *submitter,
	struct td_arena *arena,
	struct td_grade *out, struct td_err *err);

/*
 * Fills what the headers decide of a prepare request, the content but for the text of the body included; dests, emails
 * and the envelope are the caller's. The subject is decoded into the arena. TD_NOMEM.
 */
enum td_status td_wish_prepare(const struct td_wish *wish, const struct td_grade *grade,
	const struct td_conf_submitter *submitter,
	const struct td_tags *tags, struct td_arena *arena, struct td_prepare *out, struct td_err *err);

/*
 * Who hears by mail of an SMS; bits of enum td_notify. dsn: the bits of the recipient's NOTIFY (RFC 3461), 0 = not
 * given. Direct: failure, unless NEVER is said by either; success where either asks. Companion: the header, else
 * notify_default; NOTIFY=NEVER wins.
 */
int64_t td_wish_notify(const struct td_wish *wish, const struct td_conf *conf, bool direct, int64_t dsn);

#endif
