/*
 * mail - one mail as the milter comes to know it, from MAIL to the end of its headers
 *
 * Owns: its arena (the cap is the limit of what one mail may cost) and the body. Threads: one at a time. Lifetime:
 * td_mail_begin to td_mail_end; a mail that was ended can begin again. Everything given out lives until then.
 */
#ifndef TD_MAIL_H
#define TD_MAIL_H

#include "arena.h"
#include "buf.h"
#include "conf.h"
#include "rcpt.h"
#include "tags.h"
#include "wish.h"

#define TD_NONE_INDEX ((size_t)-1)

struct td_mail_rcpt {
	const char    *raw; /* exactly as it came in RCPT: delrcpt knows it by nothing else */
	struct td_rcpt to;
	int64_t        dsn;     /* bits of enum td_notify from NOTIFY, 0 = not given */
	/* sendmail(1) only: what RCPT would have said. An ORDINARY one is suppressed: he alone leaves the envelope. */
	struct td_err *refused;
	const char    *reason;  /* reason code of that */
	/* its place among the e-mails (ORDINARY) or SMS (others) of the request, or TD_NONE_INDEX */
	size_t         asked;
};

struct td_strip { /* one name of ours, to be removed */
	const char *name;
	int         count;
};

struct td_mail {
	const struct td_conf           *conf;
	const struct td_conf_submitter *submitter; /* NULL: nobody whose headers count */
	bool                            local;     /* sendmail(1): nothing may be refused at RCPT */
	bool                            begun;
	struct td_arena                 arena;
	const char                     *sender_raw;
	struct td_view                  sender; /* empty: the null sender */
	struct td_view                  envid;
	struct td_mail_rcpt            *rcpts;
	size_t                          nrcpts;
	size_t                          room;
	size_t                          ndirect;  /* in the SMS domain, not refused */
	size_t                          nrefused; /* of sendmail(1), in the SMS domain */
	size_t                          nsuppressed; /* of sendmail(1), ordinary */
	bool                            unchecked; /* scope = "all": the store was away; the rest of the recipients pass */
	struct td_tags                  tags;
	struct td_strip                 strip[TD_TAGS_MAX];
	size_t                          nstrip;
	/* How often the application brought its own, in the order of td_unsubscribe_names. */
	int                             nunsubscribe[2];
	bool                            toobig; /* over the arena's cap */
	struct td_wish                  wish;
	enum td_status                  wish_status;
	struct td_err                   wish_err;
	struct td_grade                 grade;
	enum td_status                  grade_status;
	struct td_err                   grade_err;
	bool                            wants_body;
	struct td_buf                   body; /* raw, the first milter.max_text_source bytes */
};

/* "List-Unsubscribe", "List-Unsubscribe-Post" */
extern const char *const td_unsubscribe_names[2];

/* A zeroed struct is a mail that has not begun. sender and args as in MAIL (args: ESMTP parameters, ended by NULL). */
void td_mail_begin(struct td_mail *mail, const struct td_conf *conf, const struct td_conf_submitter *submitter,
	bool local,
	const char *sender, char *const *args);
void td_mail_end(struct td_mail *mail);

/* Keeps a recipient. False when over the limit of one mail. */
bool td_mail_keep(struct td_mail *mail, const char *raw, const struct td_rcpt *to, int64_t dsn);
/* The same for one that RCPT would have refused (sendmail(1)). err and reason are kept as they are. */
bool td_mail_keep_refused(struct td_mail *mail, const char *raw, const struct td_rcpt *to, const struct td_err *err,
	const char *reason);
/* Bits of enum td_notify of a NOTIFY among ESMTP parameters; 0 when there is none. */
int64_t td_mail_dsn(char *const *args);

void td_mail_header(struct td_mail *mail, struct td_view name, struct td_view value);
/*
 * End of headers: reads what they ask for. False: the mail is an ordinary one that nothing more needs to be known of.
 * now_ms as in td_wish_read.
 */
bool td_mail_headers_end(struct td_mail *mail, int64_t now_ms);
/* A piece of the body. False: no more is wanted. */
bool td_mail_body(struct td_mail *mail, struct td_view chunk);

/* Are SMS wanted at all: addressed or asked for by a header. */
bool td_mail_wants_sms(const struct td_mail *mail);

#endif
