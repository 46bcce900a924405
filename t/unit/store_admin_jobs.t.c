/*
 * store_admin_jobs - the queue, why, decide, send and status as the operator sees them, against a real store
 */
#include "store_ask.h"

/* Somebody who said no, and a person with a zone. */
static void set_scene(struct bench *b)
{
	json_decref(ask(b, TD_V_CONSENT_IN, "address", "+15553000001", "basis", "provided", NULL));
	b->clock.value_ms += 1000;
	json_decref(ask(b, TD_V_CONSENT_OUT, "address", "+15553000001", "channel", "sms", NULL));
	json_decref(ask(b, TD_V_PERSON_SET, "address", "bob@example.net", "set", "tz=Asia/Amman", NULL));
}

/* ---- jobs ---- */

static void test_jobs(struct bench *b)
{
	struct td_view one =
		bench_job(b, bench_mail(b, "+15554000001", "one", "k1", TD_CLASS_TRANSACTIONAL, "order-confirmation"));
	struct td_view two, three;
	char id[TD_ID_SIZE];
	json_t *list, *doc;

	b->clock.value_ms += 60000;
	two = bench_job(b, bench_mail(b, "+15554000002", "two", "k2", TD_CLASS_SOLICITED, "otp"));
	three = bench_job(b, bench_mail(b, "+15554000001", "three", "k3", TD_CLASS_TRANSACTIONAL, ""));
	list = ask(b, TD_V_JOBS, "limit", "2", NULL);
	is_int(json_array_size(list), 2, "a page of jobs");
	is_mem(text(json_array_get(list, 0), "id"), 26, three.p, three.n, "… the newest first");
	snprintf(id, sizeof(id), "%s", text(json_array_get(list, 1), "id"));
	json_decref(list);
	list = ask(b, TD_V_JOBS, "before", id, "limit", "1", NULL);
	is_mem(text(json_array_get(list, 0), "id"), 26, one.p, one.n, "… the next page goes on after it");
	doc = json_array_get(list, 0);
	is_str(text(doc, "state"), "READY", "state");
	is_str(text(doc, "to"), "+15554000001", "to");
	is_str(text(doc, "class"), "transactional", "class");
	is_str(text(doc, "category"), "order-confirmation", "category");
	is_str(text(doc, "key"), "k1", "key");
	is_int(strlen(text(doc, "due")), 24, "due");
	ok(json_is_null(json_object_get(doc, "provider_id")) && json_is_null(json_object_get(doc, "reference")),
		"what is not there is null");
	json_decref(list);
	is_int(size_of(ask(b, TD_V_JOBS, "to", "+1 (555) 400-0001", NULL)), 2, "by number");
	is_int(size_of(ask(b, TD_V_JOBS, "state", "ready", NULL)), 3, "by state");
	is_int(size_of(ask(b, TD_V_JOBS, "state", "FAILED", NULL)), 0, "by another state");
	is_int(size_of(ask(b, TD_V_JOBS, "category", "otp", NULL)), 1, "by category");
	is_int(size_of(ask(b, TD_V_JOBS, "class", "solicited", "state", "READY", NULL)), 1, "by class and state");
	is_int(size_of(ask(b, TD_V_JOBS, "key", "k2", NULL)), 1, "by key");
	is_int(size_of(ask(b, TD_V_JOBS, "since", "30s", "to", "+15554000001", NULL)), 1, "by time");
	bench_lease(b, two, 5);
	bench_begin(b, two, 5, false);
	bench_settle(b, two, 5, TD_OUT_ACCEPTED, "SM1", 0);
	list = ask(b, TD_V_JOBS, "to", "+15554000002", NULL);
	doc = json_array_get(list, 0);
	is_str(text(doc, "state"), "ACCEPTED", "a sent job: state");
	is_str(text(doc, "provider"), "main", "… provider");
	is_str(text(doc, "provider_id"), "SM1", "… its id there");
	is_mem(text(doc, "reference"), 26, two.p, two.n, "… our reference");
	is_int(json_integer_value(json_object_get(doc, "segments")), 1, "… segments");
	json_decref(list);
}

static const char *id_of(struct bench *b, struct td_view id)
{
	return td_arena_str(&b->arena, id);
}

static void test_one_job(struct bench *b)
{
	const char *id =
		id_of(b, bench_job(b, bench_mail(b, "+15554000003", "the text is a secret", "k4", TD_CLASS_TRANSACTIONAL, "")));
	char lower[TD_ID_SIZE], expires[32], *dump;
	json_t *doc;

	for (size_t i = 0; i < sizeof(lower); i++)
		lower[i] = id[i] >= 'A' && id[i] <= 'Z' ? (char)(id[i] + 32) : id[i];
	doc = ask(b, TD_V_JOB_SHOW, "id", lower, NULL);
	is_str(text(doc, "id"), id, "show, whatever the case of the id");
	is_str(text(doc, "submitter"), "shop", "… submitter");
	ok(json_is_array(json_object_get(doc, "history")), "… history");
	ok(text(doc, "accepted_at") && text(doc, "expires"), "… times");
	snprintf(expires, sizeof(expires), "%s", text(doc, "expires"));
	json_decref(doc);
	doc = ask(b, TD_V_JOB_SHOW, "id", id, NULL);
	dump = json_dumps(doc, 0);
	unlike(dump, "secret", "… and not its text");
	free(dump);
	json_decref(doc);
	refused(
		ask(b, TD_V_JOB_SHOW, "id", "01ARZ3NDEKTSV4RRFFQ69G5FAV", NULL), TD_NOTFOUND, "no such job", "an unknown one");

	doc = ask(b, TD_V_JOB_HOLD, "id", id, "until", "2h", NULL);
	is_str(text(doc, "state"), "HELD", "hold");
	json_decref(doc);
	refused(ask(b, TD_V_JOB_HOLD, "id", id, "until", "2001-01-01T00:00:00Z", NULL), TD_BADINPUT, "until",
		"hold until a time that has been");
	doc = ask(b, TD_V_JOB_HOLD, "id", id, NULL);
	is_str(text(doc, "state"), "HELD", "hold for good");
	is_str(text(doc, "due"), expires, "… it wakes when it expires, and no sooner");
	json_decref(doc);
	doc = ask(b, TD_V_WHY, "what", id, NULL);
	like(text(json_array_get(doc, 0), "words"), "held by an operator", "… why says so");
	json_decref(doc);
	gives(ask(b, TD_V_JOB_RETRY, "id", id, NULL), "state", "READY", "retry");
	gives(ask(b, TD_V_JOB_CANCEL, "id", id, NULL), "state", "CANCELLED", "cancel");
	refused(ask(b, TD_V_JOB_CANCEL, "id", id, NULL), TD_REFUSED, "CANCELLED", "a second time");
	gives(ask(b, TD_V_JOB_RETRY, "id", id, NULL), "state", "READY", "a cancelled one again");
	doc = ask(b, TD_V_CANCEL, "key", "k4", NULL);
	is_int(json_integer_value(json_object_get(doc, "cancelled")), 1, "cancel by key");
	is_str(json_string_value(json_array_get(json_object_get(doc, "jobs"), 0)), id, "… which one");
	json_decref(doc);
	refused(ask(b, TD_V_CANCEL, "key", "k4", NULL), TD_NOTFOUND, "k4", "nothing is left under that key");
}

/* ---- why ---- */

static void test_why(struct bench *b)
{
	struct td_prepare *mail =
		bench_mail(b, "+15553000001", "to someone who said no", "", TD_CLASS_TRANSACTIONAL, "order-confirmation");
	json_t *list, *item;
	const char *words;

	mail->message_id = TD_VLIT("<w1@shop.example.com>");
	bench_call(b, TD_V_PREPARE, mail, 1);
	list = ask(b, TD_V_WHY, "what", "+15553000001", NULL);
	item = json_array_get(list, 0);
	is_str(text(item, "verdict"), "DENY", "verdict");
	is_str(text(item, "reason"), "optout", "reason");
	is_str(text(item, "rule"), "optout-channel", "rule");
	is_str(text(item, "address"), "+15553000001", "address");
	is_int(strlen(text(item, "event")), 26, "event");
	words = text(item, "words");
	like(words, "A transactional SMS (order-confirmation) to +15553000001 was not sent:", "words: what and to whom");
	like(words, "opted out of SMS on 2023-11-", "… because of what");
	like(words, "Rule optout-channel", "… the rule");
	like(words, text(item, "event"), "… the event");
	like(words, "an operator noted the no of +1555***0001 on 2023-11-", "… and when it happened, in words");
	like(words, "What would have to change: it can go after a later yes of the person's own", "… and the way out");
	json_decref(list);
	is_int(size_of(ask(b, TD_V_WHY, "what", "<w1@shop.example.com>", NULL)), 1, "by Message-ID");
	is_int(size_of(ask(b, TD_V_WHY, "what", "w1@shop.example.com", NULL)), 1, "… without its brackets");
	list = ask(b, TD_V_WHY, "what", "+15554000002", NULL);
	like(text(json_array_get(list, 0), "words"), "main accepted it as SM1", "what was sent is told too");
	json_decref(list);
	refused(ask(b, TD_V_WHY, "what", "+15554999999", NULL), TD_NOTFOUND, "nothing is on record",
		"a number nobody wrote to");
	refused(ask(b, TD_V_WHY, "what", "<none@example.com>", NULL), TD_NOTFOUND, "nothing is on record",
		"a message nobody sent");
	is_int(size_of(ask(b, TD_V_WHY, "what", "+15554000001", "limit", "1", NULL)), 1, "as many as were asked for");
}

/* ---- decide ---- */

static void test_explain(struct bench *b)
{
	static const char *const keys[] = { "verdict", "reason", "rule", "event", "until", "action", "zones", "local_time",
		"counters" };
	json_t *doc =
		ask(b, TD_V_EXPLAIN, "address", "+15553000001", "at", "2024-07-01T12:00:00Z", "tz", "America/New_York", NULL);

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		ok(json_object_get(doc, keys[i]), "decide has %s", keys[i]);
	is_str(text(doc, "local_time"), "2024-07-01T08:00:00.000-04:00", "local time at that time, in that zone");
	is_str(json_string_value(json_array_get(json_object_get(doc, "zones"), 0)), "America/New_York", "the zone");
	json_decref(doc);
	doc = ask(b, TD_V_EXPLAIN, "address", "bob@example.net", "class", "transactional", NULL);
	is_str(text(doc, "verdict"), "SEND", "an e-mail address is asked about mail");
	is_str(text(doc, "reason"), "ok", "… ok");
	is_str(json_string_value(json_array_get(json_object_get(doc, "zones"), 0)), "Asia/Amman", "… in the person's zone");
	like(text(doc, "local_time"), "+03:00", "… at his time");
	json_decref(doc);
	gives(ask(b, TD_V_EXPLAIN, "address", "bob@example.net", "channel", "sms", NULL), "reason", "no-number",
		"no number on file");
	refused(
		ask(b, TD_V_EXPLAIN, "address", ANA, "channel", "email", NULL), TD_BADINPUT, "channel", "a number has no mail");
	refused(ask(b, TD_V_EXPLAIN, "address", ANA, "tz", "Mars", NULL), TD_BADINPUT, "tz", "an unknown zone");
	refused(ask(b, TD_V_EXPLAIN, "address", ANA, "class", "urgent", NULL), TD_BADINPUT, "class", "an unknown class");
	gives(ask(b, TD_V_EXPLAIN, "address", "+15554000001", "key", "k1", NULL), "verdict", "DUPLICATE",
		"a key that is taken");
	gives(ask(b, TD_V_EXPLAIN, "address", "+15554000001", "key", "k99", NULL), "verdict", "SEND",
		"… and one that is free");
	gives(ask(b, TD_V_EXPLAIN, "address", "+15554000001", "expires", "2023-01-01T00:00:00Z", NULL), "verdict", "DROP",
		"too late");
	gives(
		ask(b, TD_V_EXPLAIN, "address", "+4915112345678", NULL), "reason", "blocked-country", "a country not allowed");
	gives(ask(b, TD_V_EXPLAIN, "address", "+15554000001", "category", "offer", "class", "critical", NULL), "verdict",
		"DENY", "class and category disagree: the less privileged");
	gives(ask(b, TD_V_EXPLAIN, "address", "+15553000001", "class", "compliance", NULL), "verdict", "SEND",
		"compliance passes");
	json_decref(ask(b, TD_V_PERSON_LINK, "a", "eve@example.net", "b", "+15554000001", NULL));
	gives(ask(b, TD_V_EXPLAIN, "address", "eve@example.net", "channel", "sms", NULL), "verdict", "SEND",
		"a number on file");
}

/* ---- send ---- */

static void test_send(struct bench *b)
{
	json_t *doc = ask(b, TD_V_SEND, "number", "+1 555 500 0001", "text", "The build is green", NULL);
	char id[TD_ID_SIZE];

	ok(doc, "send: %s", last.text);
	snprintf(id, sizeof(id), "%s", doc ? text(doc, "id") : "");
	is_str(text(doc, "state"), "READY", "… it is queued");
	json_decref(doc);
	doc = ask(b, TD_V_JOB_SHOW, "id", id, NULL);
	is_str(text(doc, "to"), "+15555000001", "… to that number");
	is_str(text(doc, "class"), "transactional", "… as transactional");
	is_str(text(doc, "submitter"), "uid:0", "… by the operator");
	json_decref(doc);
	gives(ask(b, TD_V_SEND, "number", "+15555000002", "text", "later", "delay", "2h", NULL), "state", "HELD",
		"with a delay it waits");
	refused(
		ask(b, TD_V_SEND, "number", "+15553000001", "text", "x", NULL), TD_REFUSED, "optout", "someone who said no");
	refused(ask(b, TD_V_SEND, "number", "+15555000001", "text", "x", "class", "marketing", NULL), TD_REFUSED,
		"no-consent", "an offer");
	refused(ask(b, TD_V_SEND, "number", "bob@example.net", "text", "x", NULL), TD_BADINPUT, "number", "a mail address");
	refused(ask(b, TD_V_SEND, "number", ANA, "text", "x", "provider", "none", NULL), TD_BADINPUT, "provider",
		"an unknown provider");
	refused(ask(b, TD_V_SEND, "number", ANA, "text", "x", "class", "compliance", NULL), TD_BADINPUT, "class",
		"compliance is Tandem's own");
	refused(ask(b, TD_V_SEND, "number", "+4915112345678", "text", "x", NULL), TD_REFUSED, "blocked-country",
		"a country not allowed");
	json_decref(ask(b, TD_V_SEND, "number", "+15555000003", "text", "once", "key", "build-7", NULL));
	refused(ask(b, TD_V_SEND, "number", "+15555000003", "text", "once", "key", "build-7", NULL), TD_REFUSED,
		"duplicate", "the same key");
	refused(ask(b, TD_V_SEND, "number", "+15555000003", "text", "other", "key", "build-7", NULL), TD_CONFLICT,
		"build-7", "… other text");
}

/* ---- status ---- */

static void test_status(struct bench *b)
{
	json_t *doc = ask(b, TD_V_STATUS, NULL), *jobs = json_object_get(doc, "jobs");

	is_str(text(doc, "program"), "tandem-stored", "status: program");
	is_str(text(doc, "engine"), "sqlite", "… engine");
	ok(json_integer_value(json_object_get(doc, "schema")) >= 1, "… schema");
	ok(json_integer_value(json_object_get(doc, "db_bytes")) > 0, "… size of the database");
	ok(json_integer_value(json_object_get(doc, "journal_bytes")) > 0, "… size of the journal");
	is_str(text(doc, "started_at"), "2023-11-14T22:13:20.000Z", "… since when");
	ok(json_integer_value(json_object_get(json_object_get(jobs, "READY"), "transactional")) >= 3,
		"… jobs by state and class");
	is_int(json_integer_value(json_object_get(json_object_get(jobs, "ACCEPTED"), "solicited")), 1,
		"… sent ones of the last day too");
	is_int(json_integer_value(json_object_get(json_object_get(jobs, "HELD"), "transactional")), 1, "… held ones");
	ok(json_object_get(doc, "leases") && json_object_get(doc, "last_error"), "… leases, last error");
	json_decref(doc);
}

int main(void)
{
	struct bench b;

	bench_start(&b);
	set_scene(&b);
	test_jobs(&b);
	test_one_job(&b);
	test_why(&b);
	test_explain(&b);
	test_send(&b);
	test_status(&b);
	bench_end(&b);
	return done_testing();
}
