/*
 * admin_consent - grants and revokes by the operator: CONSENT_IN, CONSENT_OUT
 *
 * Who may reverse what (policy §3): an opt-out that stands is lifted only by a later yes of the subject's own (evidence
 * with method, at and ref) or by the operator with a note. What would lift nothing is refused, so that nobody believes
 * it did.
 */
#include "admin_consent.h"

#include "admin.h"
#include "event.h"
#include "facts.h"
#include "when.h"

struct said { /* arguments that CONSENT_IN and CONSENT_OUT have in common, as given */
	struct td_view address, channel, category, source, evidence, at, note;
};

static const char *const sources[] = { "admin", "api", "import", "keyword", "keyword_fuzzy", "one_click", "mailto",
	"web", "bounce", "complaint", "dlr", "carrier", "registry", NULL };
static const char *const bases[] = { "express", "express_written", "soft_opt_in", "implied", "provided", "contract",
	"legal", NULL };
static const char *const reaches[] = { "all", "marketing", NULL };

/* Sources that say the subject did it: without evidence that is hearsay. */
static bool is_subjects(struct td_view source)
{
	static const char *const own[] = { "keyword", "keyword_fuzzy", "one_click", "mailto", "web" };

	for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++) {
		if (td_view_eq(source, td_view_str(own[i])))
			return true;
	}
	return false;
}

static bool has_text(const json_t *object, const char *key)
{
	return json_string_length(json_object_get(object, key)) > 0;
}

/* An object; the subject's own act when it holds method, at (a date) and ref. The act's time is then the event's, if
 * none was given. */
static enum td_status read_evidence(struct td_op *op, struct td_view text, struct td_consent_event *event)
{
	json_t *object = NULL, *at;
	enum td_status status = TD_OK;

	if (!text.n)
		return TD_OK;
	object = json_loadb(text.p, text.n, JSON_REJECT_DUPLICATES, NULL);
	if (!json_is_object(object)) {
		status = td_admin_bad(op, "evidence", text,
			"a JSON object, such as {\"method\":\"phone call\",\"at\":\"2026-11-24T18:00:00Z\","
			"\"ref\":\"ticket 123\"}");
		goto out;
	}
	event->evidence = text;
	at = json_object_get(object, "at");
	if (has_text(object, "method") && has_text(object, "at") && has_text(object, "ref")) {
		struct td_view when = td_view_str(json_string_value(at));
		int64_t act_ms;

		if (td_when_date(when, &act_ms, NULL) != TD_OK) {
			status = td_admin_bad(op, "evidence: at", when, "a date with its zone (2026-11-24T18:00:00Z)");
			goto out;
		}
		event->by_subject = true;
		if (!event->occurred_at)
			event->occurred_at = act_ms;
	}
out:
	json_decref(object);
	return status;
}

static enum td_status read_common(
	struct td_store *store, struct td_op *op, const struct said *said, struct td_consent_event *event)
{
	event->actor = td_admin_actor(op);
	event->note = td_view_trim(said->note);
	if (td_admin_address(store, op, "address", said->address, &event->addr) ||
		td_admin_word(op, "channel", said->channel, td_admin_channels, "*", &event->channel) ||
		td_admin_category(store, op, said->category, "*", &event->category) ||
		td_admin_word(op, "source", said->source, sources, "admin", &event->source) ||
		td_admin_time(op, "at", said->at, true, &event->occurred_at) || read_evidence(op, said->evidence, event))
		return op->err.status;
	if (event->occurred_at > op->now_ms)
		return td_admin_bad(op, "at", said->at.n ? said->at : said->evidence, "a time that has been");
	if (is_subjects(event->source) && !event->by_subject)
		return td_err_set(&op->err, TD_REFUSED,
			"source %.*s: that is the subject's own act, which must be shown "
			"(try: --evidence '{\"method\":…, \"at\":…, \"ref\":…}')",
			TD_VARG(event->source));
	return TD_OK;
}

static enum td_status reply_event(
	struct td_store *store, struct td_op *op, const struct td_consent_event *event, struct td_view id)
{
	struct td_admin_scope scope = { .channel = event->channel, .category = event->category };
	struct td_rows row;
	json_t *doc;

	if (td_run(store, op, TD_SQL_EVENT_GET, &row, td_text(id)) || td_sync(store, op) ||
		td_admin_scope_load(store, op, event->addr, &scope))
		return op->err.status;
	doc = td_admin_event_json(op, &row, 0);
	td_admin_set(doc, "state", td_admin_str(td_consent_state(scope.scope, scope.cls, op->now_ms)));
	return td_admin_reply(op, doc);
}

/* ---- CONSENT_IN ---- */

static enum td_status refuse_grant(
	struct td_op *op, const struct td_consent_event *event, const struct td_mark_fact *revoke, bool strong)
{
	char when[TD_TIME_SIZE];

	td_when_iso(when, revoke->at);
	if (strong && td_view_eq(event->basis, TD_VLIT("provided")))
		return td_err_set(&op->err, TD_REFUSED,
			"%.*s opted out on %s (%s, event %s): a number that was only provided does not lift that "
			"(try: --basis express)",
			TD_VARG(td_address_plain(event->addr)), when, revoke->source, revoke->event);
	if (strong)
		return td_err_set(&op->err, TD_REFUSED, "%.*s opted out on %s (%s, event %s): only a later yes lifts that",
			TD_VARG(td_address_plain(event->addr)), when, revoke->source, revoke->event);
	return td_err_set(&op->err, TD_REFUSED,
		"%.*s opted out on %s (%s, event %s): lifted only by a later yes of the person's own or an "
		"operator's with a reason (try: --evidence '{\"method\":…, \"at\":…, \"ref\":…}' or --note WHY)",
		TD_VARG(td_address_plain(event->addr)), when, revoke->source, revoke->event);
}

/* Would an opt-out stand in spite of this grant? */
static enum td_status check_reversal(struct td_store *store, struct td_op *op, const struct td_consent_event *event)
{
	struct td_admin_scope s = { .channel = event->channel, .category = event->category };
	bool provided = td_view_eq(event->basis, TD_VLIT("provided"));
	bool strong = event->by_subject || (td_view_eq(event->source, TD_VLIT("admin")) && event->note.n);
	const struct td_mark_fact *mark;

	if (td_admin_scope_load(store, op, event->addr, &s))
		return op->err.status;
	/* a number that was given promises nothing to marketing, so an opt-out of marketing is none of its business */
	if (provided)
		s.cls = TD_CLASS_SERVICE;
	/* the store keeps what was provided apart: it lifts nothing (facts.c) */
	if (strong && !provided)
		s.scope[s.at].again = (struct td_mark_fact){ .at = event->occurred_at ? event->occurred_at : op->now_ms,
			.event = "",
			.strong = true,
			.subject = event->by_subject,
			.expires = event->expires_at,
			.source = "" };
	if (strcmp(td_consent_mark(s.scope, s.cls, op->now_ms, &mark), "revoked") != 0)
		return TD_OK;
	return refuse_grant(op, event, mark, strong);
}

/* START by evidence: it lifts what STOP wrote and nothing else, and the store works that out by itself. */
static bool is_start(const struct td_consent_event *event)
{
	return td_view_eq(event->source, TD_VLIT("keyword")) || td_view_eq(event->source, TD_VLIT("keyword_fuzzy"));
}

enum { I_ADDRESS, I_CHANNEL, I_CATEGORY, I_BASIS, I_SOURCE, I_EVIDENCE, I_AT, I_EXPIRES, I_NOTE, I_N };

enum td_status td_admin_consent_in(struct td_store *store, struct td_op *op)
{
	static const char *const names[] = { "address!", "channel", "category", "basis", "source", "evidence", "at",
		"expires", "note", NULL };
	struct td_view args[I_N], id;
	struct td_consent_event grant = { .action = TD_VLIT("grant") }, *event = &grant;
	struct said said;

	if (td_admin_args(op, names, args))
		return op->err.status;
	said = (struct said){ args[I_ADDRESS], args[I_CHANNEL], args[I_CATEGORY], args[I_SOURCE], args[I_EVIDENCE],
		args[I_AT], args[I_NOTE] };
	if (read_common(store, op, &said, event) ||
		td_admin_word(op, "basis", args[I_BASIS], bases, "express", &event->basis) ||
		td_admin_time(op, "expires", args[I_EXPIRES], false, &event->expires_at))
		return op->err.status;
	if (!args[I_CHANNEL].n)
		event->channel = td_admin_own_channel(event->addr);
	if (td_view_eq(event->source, TD_VLIT("bounce")) || td_view_eq(event->source, TD_VLIT("complaint")) ||
		td_view_eq(event->source, TD_VLIT("dlr")) || td_view_eq(event->source, TD_VLIT("carrier")) ||
		td_view_eq(event->source, TD_VLIT("registry")))
		return td_admin_bad(
			op, "source", event->source, "one that can say yes: admin, api, import, web, mailto, keyword");
	if (event->expires_at && event->expires_at <= op->now_ms)
		return td_admin_bad(op, "expires", args[I_EXPIRES], "a time to come");
	if (!is_start(event) && check_reversal(store, op, event))
		return op->err.status;
	if (td_event_append(store, op, event, &id))
		return op->err.status;
	return reply_event(store, op, event, id);
}

/* ---- CONSENT_OUT ---- */

/* A complaint is more than a revoke (policy §4): that address is not written to again. */
static enum td_status after_complaint(struct td_store *store, struct td_op *op, const struct td_consent_event *revoke)
{
	struct td_consent_event dnc = *revoke;

	if (!td_view_eq(revoke->source, TD_VLIT("complaint")))
		return TD_OK;
	dnc.action = TD_VLIT("suppress");
	dnc.kind = TD_VLIT("dnc");
	dnc.reach = TD_VLIT("");
	dnc.channel = td_admin_own_channel(revoke->addr);
	dnc.category = TD_VLIT("*");
	return td_event_append(store, op, &dnc, NULL);
}

enum { O_ADDRESS, O_CHANNEL, O_CATEGORY, O_REACH, O_SOURCE, O_EVIDENCE, O_AT, O_NOTE, O_N };

enum td_status td_admin_consent_out(struct td_store *store, struct td_op *op)
{
	static const char *const names[] = { "address!", "channel", "category", "reach", "source", "evidence", "at", "note",
		NULL };
	struct td_view args[O_N], id;
	struct td_consent_event event = { .action = TD_VLIT("revoke") };
	struct said said;

	if (td_admin_args(op, names, args))
		return op->err.status;
	said = (struct said){ args[O_ADDRESS], args[O_CHANNEL], args[O_CATEGORY], args[O_SOURCE], args[O_EVIDENCE],
		args[O_AT], args[O_NOTE] };
	if (read_common(store, op, &said, &event) ||
		td_admin_word(op, "reach", args[O_REACH], reaches, "all", &event.reach) ||
		td_event_append(store, op, &event, &id) || after_complaint(store, op, &event))
		return op->err.status;
	return reply_event(store, op, &event, id);
}
