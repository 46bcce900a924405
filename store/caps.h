/*
 * caps - how much was sent already, and whether a rule has room: caps and budgets (policy §6)
 *
 * Two tables. `usage` has one row for each message that was counted, by (address, time): a cap reads the newest rows
 * inside its window, a few more than its limit at most, so that it costs the same whatever else a person has been
 * sent.
 * `tally` has sums for budgets, whose windows may hold a million messages: by subject (a sender, a country, all), in
 * buckets of a second, a minute and an hour; a window is read as up to 59 seconds, 59 minutes, and its hours.
 *
 * What is exact: caps to the millisecond ("an event counts if now - W < t <= now"). A budget counts whole seconds: an
 * event counts until the last millisecond of its second has left the window, so at most 999 ms too long and never too
 * short. Calendar windows begin on a second and are exact in both. There is no upper bound at now: what lies in the
 * future, because the clock was set back, counts; less is sent then, never more.
 *
 * A slot is a row of usage. An SMS has it from BEGIN on, in the transaction that makes it SUBMITTING, under its job's
 * id; the job's slot_at says when. It is reserved while the job is SUBMITTING or READY for another attempt, and
 * committed when its state says that it was accepted; both count, so nothing is written then. It goes when the job
 * FAILED before acceptance, was CANCELLED, is held or was un-begun. An outcome nobody knows keeps it. A repeat moves
 * the slot to its own time, since that is when the person is reached. A mail has its slot from PREPARE on, under its
 * key (table job_key, channel email), so that the same mail again finds it and is DUPLICATE: it passes and is not
 * counted twice. Only what a rule of the configuration counts is recorded: a new rule counts from the reload that
 * brought it.
 *
 * A notification is a mail with its SMS: their rows have one note. In a rule over both channels it counts once, at the
 * time of its newest message; a budget counts it at the time of its mail.
 *
 * Owns: everything is in the op's arena. Threads: the loop's. Errors: op->err.
 */
#ifndef TD_CAPS_H
#define TD_CAPS_H

#include "facts.h"
#include "job.h"

#define TD_USAGE_MS (32 * 24 * 60 * 60 * (int64_t)1000) /* the longest window is a month with an hour more */

struct td_caps_prices;

/* A message that this request has counted, for decisions whose facts were asked before. */
struct td_counted {
	const struct td_gather *g;
	int64_t                 at, cost;
	bool                    fresh;
	struct td_counted      *next;
};

/* One rule that binds a message, and what is asked for it. */
struct td_caps_probe {
	const struct td_conf_rule *rule;
	bool            budget;
	int64_t         since; /* what is later counts */
	int64_t         opens; /* calendar: when the next one begins; 0 = rolling */
	struct td_view  subject; /* budgets */
	int64_t         nowners;
	struct td_rows *rows;  /* caps: of each address of the person: at, id, note, segments, cost */
	struct td_rows  sum;   /* budgets: messages, notifications, segments, cost */
};

/*
 * The steps of facts.h. first: with td_facts_ask; more: with td_facts_more, when addresses and attributes are known;
 * fill: g->facts.rules. fill asks the store when a budget is full, to say until when.
 */
enum td_status td_caps_first(struct td_store *store, struct td_op *op, struct td_gather *g);
enum td_status td_caps_more(struct td_store *store, struct td_op *op, struct td_gather *g);
enum td_status td_caps_fill(struct td_store *store, struct td_op *op, struct td_gather *g);
/* Must the person's attributes be known before td_caps_more? */
bool td_caps_wants_zone(const struct td_store *store, const struct td_gather *g);

/*
 * Counts the message of g, which is sent, under id (a job's, or a new one); what it had before is moved here. *at: the
 * slot's time, 0 when no rule counts it.
 */
enum td_status td_caps_take(struct td_store *store, struct td_op *op, struct td_gather *g, struct td_view id,
	int64_t *at);
/* The same for a mail, with its key. */
enum td_status td_caps_take_mail(struct td_store *store, struct td_op *op, struct td_gather *g);
/* Gives back the slot of a job; nothing for one that has none, or whose outcome was once unknown. */
enum td_status td_caps_release(struct td_store *store, struct td_op *op, const struct td_job_row *job);
/* Nobody knows whether it arrived: its slot is never given back. */
enum td_status td_caps_keep(struct td_store *store, struct td_op *op, const struct td_job_row *job);
/* The provider counted other segments than we did. */
enum td_status td_caps_resize(struct td_store *store, struct td_op *op, const struct td_job_row *job, int64_t segments);
/* The notification a mail is: of its key, so that a resubmission is the same; of its id when it has none. */
struct td_view td_caps_note(struct td_op *op, struct td_view key, bool explicit, struct td_view digest,
	struct td_view mail);
/* Removes a few old rows (sweep.c). */
enum td_status td_caps_sweep(struct td_store *store, struct td_op *op);

/* Of a message that goes: "pressure 3, then 4 of 4; abroad 10, then 12 of 200"; empty when no rule bound it. */
struct td_view td_caps_counters(struct td_op *op, const struct td_gather *g);
/* "cap pressure is full: 4 of 4 notifications in 7d" */
struct td_view td_caps_words(struct td_op *op, const struct td_gather *g);

/*
 * Price tables of the configuration's providers, when a rule counts cost; NULL otherwise. td_caps_cost: of so many
 * segments to that number, in 10^-9; of an unknown provider (empty) the lowest there is, for a price that no table has
 * the highest of all.
 */
enum td_status td_caps_prices_load(const struct td_conf *conf, struct td_caps_prices **out, struct td_err *err);
void td_caps_prices_free(struct td_caps_prices *prices);
int64_t td_caps_cost(const struct td_store *store, struct td_view provider, struct td_view number, int64_t segments);

/* ---- shared by the files of caps ---- */

/* Does a rule of the configuration count it? (Before td_caps_first, where it is abroad is not known.) */
bool td_caps_is_counted(const struct td_store *store, const struct td_gather *g);
/* Does the rule count, or bind, this message? */
bool td_caps_counts(const struct td_conf_rule *rule, bool budget, const struct td_gather *g);
bool td_caps_binds(const struct td_conf_rule *rule, bool budget, const struct td_gather *g);
/* "sender:shop", "country:JO", "all"; empty when the message has none. kind: "sender" … */
struct td_view td_caps_subject(struct td_op *op, const char *kind, const struct td_gather *g);
/* In a rule's unit: limit, and what one message comes to. */
int64_t td_caps_limit(const struct td_conf_rule *rule, enum td_class cls);
int64_t td_caps_amount(const struct td_conf_rule *rule, int64_t messages, int64_t notifications, int64_t segments,
	int64_t cost);
bool td_caps_both(const struct td_conf_rule *rule);
/* Bits of the classes and channels a rule counts, and its categories as "|a|b|", for the statements. */
int64_t td_caps_class_bits(const struct td_conf_rule *rule);
int64_t td_caps_channel_bits(const struct td_conf_rule *rule);
struct td_view td_caps_categories(struct td_op *op, const struct td_conf_rule *rule);

/* The zone of a person for calendar windows (caps_zone.c); "UTC" when nothing is known. */
struct td_view td_caps_zone(const struct td_store *store, struct td_op *op, const struct td_gather *g);
/* Begin of the day, week (Monday) or month that now is in, in that zone, and of the next one. */
void td_caps_calendar(struct td_view zone, const char *unit, int64_t now_ms, int64_t *from, int64_t *until);

/* ---- tally (caps_tally.c) ---- */

#define TD_SECOND 1000
#define TD_MINUTE 60000
#define TD_HOUR 3600000

/* A row of tally to add to (or, negative, to take from). */
struct td_tally {
	struct td_view subject, category;
	int64_t at, channel, cls, abroad; /* channel and class are bits */
	int64_t messages, notifications, segments, cost;
};
enum td_status td_tally_add(struct td_store *store, struct td_op *op, const struct td_tally *t);
/* Queues the sum of a budget's window into probe->sum. */
enum td_status td_tally_ask(struct td_store *store, struct td_op *op, struct td_caps_probe *probe);
/* When so much has left the window; 0: never, there is not so much in it. own: the slot that does not count. */
enum td_status td_tally_when(struct td_store *store, struct td_op *op, const struct td_caps_probe *probe,
	int64_t too_much, int64_t own_at, int64_t own_amount, int64_t *when);
/* Begin of the first second that counts. */
int64_t td_tally_from(int64_t since);

#endif
