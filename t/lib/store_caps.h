/*
 * store_caps - caps and budgets set by hand, and messages sent under them, for t/unit/store_caps*.t.c
 *
 * On top of store_bench.h: rules of the configuration, SMS that go the whole way in one call, mails that are prepared.
 */
#ifndef TD_STORE_CAPS_H
#define TD_STORE_CAPS_H

#include "store_bench.h"

#define HOURS(n) ((n) * 3600000ll)
#define DAYS(n) ((n) * 86400000ll)

static const char *const one_sms[] = { "sms" }, *const one_email[] = { "email" };
static const char *const all_classes[] = { "marketing", "service", "transactional", "solicited", "critical" };
static const char *const counted_classes[] = { "marketing", "service", "transactional" };
static const char *const bound_classes[] = { "marketing", "service" };

static inline int64_t bench_ask_int(struct bench *b, const char *sql)
{
	int64_t n = -1;

	td_view_i64(td_view_str(bench_ask(b, sql)), &n);
	return n;
}

struct caps_bench {
	struct bench        b;
	struct td_conf_rule caps[4], budgets[4];
	unsigned            serial;
};

#define STRINGS(v) { (const char **)(uintptr_t)(v), sizeof(v) / sizeof *(v) }

/* As the schema's defaults have it. window_ms 0: window names a calendar unit. */
static inline struct td_conf_rule *caps_add(struct caps_bench *c, bool budget, const char *name, const char *subject,
	const char *unit, double limit, int64_t window_ms, const char *window)
{
	size_t              *n = budget ? &c->b.conf.nbudgets : &c->b.conf.ncaps;
	struct td_conf_rule *rule = (budget ? c->budgets : c->caps) + (*n)++;

	*rule = (struct td_conf_rule){ .name = name, .subject = subject, .unit = unit, .limit = limit,
		.window_ms = window_ms, .window = window };
	rule->enforce = (struct td_strings)STRINGS(bound_classes);
	rule->count = (struct td_strings)STRINGS(counted_classes);
	if (budget) {
		rule->enforce = (struct td_strings)STRINGS(all_classes);
		rule->count = (struct td_strings)STRINGS(all_classes);
	}
	c->b.conf.caps = c->caps;
	c->b.conf.budgets = c->budgets;
	return rule;
}

static inline void caps_sms_only(struct td_conf_rule *rule)
{
	rule->channels = (struct td_strings)STRINGS(one_sms);
}

static inline void caps_start(struct caps_bench *c)
{
	memset(c, 0, sizeof *c);
	bench_start(&c->b);
}

/* Without rules, and so much later that everything was swept away. */
static inline void caps_clear(struct caps_bench *c)
{
	c->b.conf.ncaps = c->b.conf.nbudgets = 0;
	c->b.clock.value_ms += DAYS(40);
	for (int i = 0; i < 10; i++)
		td_store_sweep(c->b.store);
	is_str(bench_ask(&c->b, "SELECT (SELECT count(*) FROM usage) + (SELECT count(*) FROM tally)"), "0",
		"what no window can reach is swept");
}

static inline const char *caps_key(struct caps_bench *c)
{
	return td_arena_printf(&c->b.arena, "caps-%u", ++c->serial);
}

/* A READY job, leased to connection 7. */
static inline struct td_view caps_job(struct caps_bench *c, const char *to, enum td_class cls)
{
	struct td_prepare *mail = bench_mail(&c->b, to, "text", caps_key(c), cls, "");
	struct td_view     job;

	mail->expires = c->b.clock.value_ms + DAYS(60);
	job = bench_job(&c->b, mail);
	if (job.n)
		bench_lease(&c->b, job, 7);
	return job;
}

/* Its verdict at BEGIN as "SEND" or a reason; accepted when it is sent. Without a job: "none". */
static inline const char *caps_finish(struct caps_bench *c, struct td_view job)
{
	const struct td_begun_item *item;

	if (!job.n)
		return "none";
	item = bench_begin(&c->b, job, 7, false);
	if (item->verdict.verdict != TD_SEND)
		return td_arena_str(&c->b.arena, item->verdict.reason);
	bench_settle(&c->b, job, 7, TD_OUT_ACCEPTED, td_arena_str(&c->b.arena, job), 0);
	return "SEND";
}

static inline const char *caps_send(struct caps_bench *c, const char *to, enum td_class cls)
{
	return caps_finish(c, caps_job(c, to, cls));
}

static inline const char *caps_state(struct caps_bench *c, struct td_view job)
{
	char sql[128];

	snprintf(sql, sizeof sql, "SELECT state || ':' || reason FROM job WHERE id = '%.*s'", TD_VARG(job));
	return bench_ask(&c->b, sql);
}

static inline int64_t caps_due(struct caps_bench *c, struct td_view job)
{
	char sql[128];

	snprintf(sql, sizeof sql, "SELECT due FROM job WHERE id = '%.*s'", TD_VARG(job));
	return bench_ask_int(&c->b, sql);
}

/* A mail to one address, maybe with an SMS; the operation of its PREPARE. */
static inline struct td_op *caps_mail(struct caps_bench *c, const char *email, const char *to, enum td_class cls,
	const char *key)
{
	struct td_prepare *mail = bench_mail(&c->b, to, "text", key, cls, "");
	struct td_view    *emails = TD_NEW(&c->b.arena, struct td_view);

	emails[0] = V(email);
	mail->emails = (struct td_views){ emails, 1 };
	if (!*to)
		mail->dests.n = 0;
	else
		((struct td_dest *)mail->dests.v)->email = V(email);
	mail->lone = true;
	mail->expires = c->b.clock.value_ms + DAYS(60);
	return bench_call(&c->b, TD_V_PREPARE, mail, 1);
}

/* "SEND", or the reason and what is done: "cap:pressure 1". */
static inline const char *caps_mail_verdict(struct caps_bench *c, const struct td_op *op)
{
	const struct td_verdict *verdict = ((const struct td_prepared *)op->out)->emails.v;

	if (op->err.status)
		return op->err.text;
	if (verdict->verdict != TD_CAPPED)
		return td_verdict_name(verdict->verdict);
	return td_arena_printf(&c->b.arena, "%.*s %d", TD_VARG(verdict->reason), (int)verdict->action);
}

static inline struct td_view caps_activate(struct caps_bench *c, const struct td_op *op)
{
	struct td_token *token = TD_NEW(&c->b.arena, struct td_token);

	token->token = ((const struct td_prepared *)op->out)->token;
	if (!token->token.n || bench_call(&c->b, TD_V_ACTIVATE, token, 2)->err.status)
		return TD_VLIT("");
	bench_lease(&c->b, bench_dest(op, 0)->job, 7);
	return bench_dest(op, 0)->job;
}

static inline void caps_link(struct caps_bench *c, const char *a, const char *b)
{
	struct td_link *link = TD_NEW(&c->b.arena, struct td_link);

	*link = (struct td_link){ V(a), V(b), TD_VLIT("app") };
	bench_call(&c->b, TD_V_LINK, link, 1);
}

static inline int64_t caps_usage(struct caps_bench *c, const char *where)
{
	return bench_ask_int(&c->b, td_arena_printf(&c->b.arena, "SELECT count(*) FROM usage WHERE %s", where));
}

#endif
