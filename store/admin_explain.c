/*
 * admin_explain - the decision without sending (EXPLAIN, `tandem decide`), and one SMS from the shell (SEND)
 */
#include "admin.h"
#include "admin_job.h"
#include "facts.h"
#include "job.h"
#include "person.h"
#include "remedy.h"
#include "quiet.h"
#include "zone.h"

/* ---- what both ask for ---- */

/* Header and category disagree: the less privileged class (policy §2). Neither: transactional. */
static enum td_class class_of(const struct td_store *store, enum td_class asked, struct td_view category)
{
	const struct td_conf_category *c = category.n ? td_conf_category(store->conf, category) : NULL;

	if (c && asked)
		return c->class < asked ? c->class : asked;
	if (c)
		return c->class;
	return asked ? asked : TD_CLASS_TRANSACTIONAL;
}

/* ---- EXPLAIN ---- */

enum { X_ADDRESS, X_CHANNEL, X_CLASS, X_CATEGORY, X_AT, X_KEY, X_EXPIRES, X_TZ, X_N };

struct question {
	struct td_gather g;
	int64_t at;
	bool no_number; /* an SMS for an e-mail address that has no number on file */
};

/* An SMS to an e-mail address goes to the number on file. */
static enum td_status resolve(struct td_store *store, struct td_op *op, struct question *q)
{
	struct td_rows linked;
	struct td_view number;

	if (q->g.channel == TD_EMAIL && td_address_is_tel(q->g.addr))
		return td_err_set(&op->err, TD_BADINPUT,
			"channel \"email\": %.*s is a number (want an e-mail address, or channel sms)",
			TD_VARG(td_address_plain(q->g.addr)));
	if (q->g.channel == TD_EMAIL || td_address_is_tel(q->g.addr))
		return TD_OK;
	if (td_run(store, op, TD_SQL_LINKED_OF, &linked, td_text(q->g.addr)) || td_sync(store, op))
		return op->err.status;
	number = td_person_number(&linked);
	q->no_number = !number.n;
	if (number.n)
		q->g.addr = number;
	return TD_OK;
}

static enum td_status read_question(struct td_store *store, struct td_op *op, struct question *q)
{
	static const char *const names[] = { "address!", "channel", "class", "category", "at", "key", "expires", "tz",
		NULL };
	static const char *const channels[] = { "email", "sms", NULL };
	struct td_view args[X_N], channel;
	enum td_class cls = TD_CLASS_NONE;

	q->at = op->now_ms;
	if (td_admin_args(op, names, args) || td_admin_address(store, op, "address", args[X_ADDRESS], &q->g.addr) ||
		td_admin_word(
			op, "channel", args[X_CHANNEL], channels, td_address_is_tel(q->g.addr) ? "sms" : "email", &channel) ||
		td_admin_category(store, op, args[X_CATEGORY], "", &q->g.category) ||
		td_admin_time(op, "at", args[X_AT], false, &q->at) ||
		td_admin_time(op, "expires", args[X_EXPIRES], false, &q->g.expires))
		return op->err.status;
	if (td_view_caseeq(args[X_CLASS], TD_VLIT("compliance")))
		cls = TD_CLASS_COMPLIANCE; /* may be asked about, though nobody but Tandem may send it */
	else if (td_admin_class(op, args[X_CLASS], &cls))
		return op->err.status;
	if (args[X_TZ].n && !td_zone_valid(args[X_TZ]))
		return td_admin_bad(op, "tz", args[X_TZ], "a zone of the tz database, such as Asia/Amman");
	q->g.channel = td_view_eq(channel, TD_VLIT("sms")) ? TD_SMS : TD_EMAIL;
	q->g.cls = class_of(store, cls, q->g.category);
	q->g.key = args[X_KEY];
	q->g.want_attrs = true;
	q->g.tz = args[X_TZ];
	return resolve(store, op, q);
}

/* For what has no quiet hours: the zone asked about, of the person, of the configuration. */
static struct td_view zone_of(const struct td_store *store, const struct question *q)
{
	struct td_view stored = td_quiet_zone_of(&q->g.attrs);

	if (q->g.tz.n)
		return q->g.tz;
	return stored.n ? stored : td_view_str(store->conf->quiet_hours.default_tz);
}

static json_t *counters_json(const struct td_facts *facts)
{
	json_t *list = json_array();

	for (size_t i = 0; i < facts->nrules; i++) {
		const struct td_rule_fact *rule = &facts->rules[i];
		bool money = rule->unit && strcmp(rule->unit, "cost") == 0;
		json_t *item = json_object();

		td_admin_set(item, "rule", td_admin_str(rule->name));
		td_admin_set(item, "limit", money ? json_real((double)rule->limit / 1e9) : json_integer(rule->limit));
		td_admin_set(item, "used", money ? json_real((double)rule->used / 1e9) : json_integer(rule->used));
		json_array_append_new(list, item);
	}
	return list;
}

/* All zones that count, and the local time in the one where it is closed, else in the first. */
static void zones_json(const struct td_store *store, const struct question *q, json_t *zones,
	char local[TD_ZONE_TIME_SIZE])
{
	struct td_view one = zone_of(store, q);
	struct td_views all = { &one, one.n > 0 };

	if (q->g.quiet) {
		all = q->g.quiet->zones;
		one = q->g.quiet->zone.n || !all.n ? q->g.quiet->zone : all.v[0];
	}
	if (!one.n || td_zone_local(one, q->at, local, NULL))
		return;
	for (size_t i = 0; i < all.n; i++)
		json_array_append_new(zones, td_admin_text(all.v[i]));
}

/* The event it rests on, whose it may be: of a person's other address, too. */
static enum td_status tell_event(
	struct td_store *store, struct td_op *op, struct td_view id, struct td_view *source, struct td_view *words)
{
	struct td_rows row;
	struct td_event_told told;

	*source = *words = TD_VLIT("");
	if (!id.n)
		return TD_OK;
	if (td_run(store, op, TD_SQL_EVENT_GET, &row, td_text(id)) || td_sync(store, op))
		return op->err.status;
	told = (struct td_event_told){ .addr = td_col_view(&row, 0, 1), .action = td_col_view(&row, 0, 4),
		.source = td_col_view(&row, 0, 7), .actor = td_col_view(&row, 0, 8), .occurred_at = td_col_int(&row, 0, 13) };
	if (told.action.n)
		*words = td_event_words(op, &told);
	*source = told.source;
	return TD_OK;
}

/* The verdict as a person would say it: what, because of what, and what would have to change. */
static enum td_status explain(struct td_store *store, struct td_op *op, const struct question *q,
	const struct td_verdict *verdict, struct td_view *words)
{
	struct td_stopped stopped = { .reason = verdict->reason, .rule = verdict->rule,
		.channel = q->g.channel == TD_SMS ? TD_VLIT("sms") : TD_VLIT("email"), .category = q->g.category,
		.addr = q->g.addr, .cls = q->g.cls };
	struct td_view event, remedy;

	if (tell_event(store, op, verdict->event, &stopped.source, &event))
		return op->err.status;
	remedy = verdict->verdict == TD_SEND ? TD_VLIT("") : td_remedy(op, &stopped);
	*words = td_op_text(op, "%.*s may be sent this%s%.*s", TD_VARG(td_address_plain(q->g.addr)), event.n ? ": " : "",
		TD_VARG(event));
	if (verdict->verdict != TD_SEND)
		*words = td_op_text(op, "%.*s%s%.*s%s%.*s", TD_VARG(verdict->text), event.n ? "; " : "", TD_VARG(event),
			remedy.n ? "; what would have to change: " : "", TD_VARG(remedy));
	return TD_OK;
}

static json_t *answer_json(struct td_store *store, const struct question *q, const struct td_verdict *verdict,
	struct td_view words)
{
	json_t *doc = json_object(), *zones = json_array();
	char local[TD_ZONE_TIME_SIZE] = "";

	zones_json(store, q, zones, local);
	td_admin_set(doc, "verdict", td_admin_str(td_verdict_name(verdict->verdict)));
	td_admin_set(doc, "reason", td_admin_text(verdict->reason));
	td_admin_set(doc, "rule", td_admin_text(verdict->rule));
	td_admin_set(doc, "event", td_admin_text(verdict->event));
	td_admin_set(doc, "until", td_admin_iso(verdict->until));
	td_admin_set(doc, "action", td_admin_str(td_full_name(q->g.decision.action)));
	td_admin_set(doc, "zones", zones);
	td_admin_set(doc, "local_time", td_admin_str(local));
	td_admin_set(doc, "counters", counters_json(&q->g.facts));
	td_admin_set(doc, "words", td_admin_text(words));
	return doc;
}

enum td_status td_admin_explain(struct td_store *store, struct td_op *op)
{
	struct question *q = TD_NEW(op->arena, struct question);
	struct td_verdict verdict = { .verdict = TD_DENY,
		.reason = TD_VLIT("no-number"),
		.rule = TD_VLIT("no-number"),
		.text = TD_VLIT("there is no number on file for this address") };
	int64_t now_ms = op->now_ms;
	struct td_view words;

	if (!q)
		return td_err_set(&op->err, TD_NOMEM, "request too large");
	if (read_question(store, op, q))
		return op->err.status;
	if (!q->no_number) {
		/* the decision is pure: any time may be now */
		op->now_ms = q->at;
		if (td_facts_ask(store, op, &q->g) || td_sync(store, op) || td_facts_more(store, op, &q->g) ||
			td_sync(store, op) || td_facts_fill(store, op, &q->g)) {
			op->now_ms = now_ms;
			return op->err.status;
		}
		/* without a content, whoever has the key has it */
		q->g.facts.duplicate = q->g.keys.nrows > 0;
		td_facts_judge(store, op, &q->g);
		op->now_ms = now_ms;
		verdict = td_facts_verdict(op, &q->g);
	}
	if (explain(store, op, q, &verdict, &words))
		return op->err.status;
	return td_admin_reply(op, answer_json(store, q, &verdict, words));
}

/* ---- SEND ---- */

enum { M_NUMBER, M_TEXT, M_CLASS, M_CATEGORY, M_PROVIDER, M_KEY, M_FROM, M_EXPIRES, M_DELAY, M_N };

static enum td_status read_message(struct td_store *store, struct td_op *op, struct td_view args[M_N],
	struct td_prepare *prepare, struct td_dest *dest)
{
	static const char *const names[] = { "number!", "text!", "class", "category", "provider", "key", "from", "expires",
		"delay", NULL };
	enum td_class cls = TD_CLASS_NONE;
	struct td_view addr;
	int64_t start = op->now_ms;

	if (td_admin_args(op, names, args) || td_admin_class(op, args[M_CLASS], &cls) ||
		td_admin_category(store, op, args[M_CATEGORY], "", &prepare->category) ||
		td_admin_address(store, op, "number", args[M_NUMBER], &addr) ||
		td_admin_time(op, "expires", args[M_EXPIRES], false, &prepare->expires) ||
		td_admin_time(op, "delay", args[M_DELAY], false, &start))
		return op->err.status;
	if (!td_address_is_tel(addr))
		return td_admin_bad(op, "number", args[M_NUMBER], "a telephone number, such as +15551234567");
	if (args[M_PROVIDER].n && !td_conf_provider(store->conf, args[M_PROVIDER]))
		return td_admin_bad(op, "provider", args[M_PROVIDER], "a provider of the configuration");
	if (args[M_KEY].n > 128)
		return td_admin_bad(op, "key", args[M_KEY], "at most 128 bytes");
	dest->to = td_address_plain(addr);
	dest->named = true;             /* an operator who types a number says that it was given to him */
	dest->notify = TD_NOTIFY_NEVER; /* whoever typed it looks, or asks with --wait */
	prepare->submitter = td_admin_actor(op);
	prepare->cls = class_of(store, cls, prepare->category);
	prepare->key = args[M_KEY];
	prepare->from = args[M_FROM];
	prepare->content.text = args[M_TEXT];
	prepare->send_at = start > op->now_ms ? start : 0;
	prepare->dests = (struct td_structs){ dest, 1 };
	return TD_OK;
}

enum td_status td_admin_send(struct td_store *store, struct td_op *op)
{
	struct td_view args[M_N];
	struct td_dest dest = { .direct = true };
	struct td_prepare prepare = { .activate = true };
	struct td_prepared prepared = { .cancelled = 0 };
	const struct td_prepared_dest *out;
	struct td_admin_job job;
	struct td_rows row;
	json_t *doc;

	if (read_message(store, op, args, &prepare, &dest) ||
		td_prepare_mail(store, op, &prepare, args[M_PROVIDER], &prepared))
		return op->err.status;
	out = prepared.dests.v;
	if (!out->job.n)
		return td_err_set(&op->err, TD_REFUSED, "%.*s: %.*s (try: tandem decide %.*s --channel sms --class %s)",
			TD_VARG(out->verdict.reason), TD_VARG(out->verdict.text), TD_VARG(dest.to),
			td_class_name((enum td_class)prepare.cls));
	if (td_admin_job_ask(store, op, out->job, &row) || td_sync(store, op))
		return op->err.status;
	td_admin_job_take(&row, &job);
	doc = json_object();
	td_admin_set(doc, "id", td_admin_text(out->job));
	td_admin_set(doc, "verdict", td_admin_str(td_verdict_name(out->verdict.verdict)));
	td_admin_set(doc, "reason", td_admin_text(out->verdict.reason));
	td_admin_set(doc, "until", td_admin_iso(out->verdict.until));
	td_admin_set(doc, "state", td_admin_str(td_job_state_name(job.state)));
	return td_admin_reply(op, doc);
}
