/*
 * store_admin - the operator's verbs against a real store: arguments, documents, and what they change
 */
#include <jansson.h>
#include <stdarg.h>

#include "store_bench.h"
#include "zone.h"

#define ANA "+15551234567"
#define EVIDENCE(at) "{\"method\":\"phone call\",\"at\":\"" at "\",\"ref\":\"ticket 7\"}"

static struct td_err last; /* of the last call that failed */

/* Calls a verb with names and values, ended by NULL. The document, or NULL with `last` filled. */
static json_t *ask(struct bench *b, uint16_t verb, ...)
{
	struct td_pair *pairs = TD_NEWN(&b->arena, 32, struct td_pair);
	struct td_args *args = TD_NEW(&b->arena, struct td_args);
	const struct td_doc *doc;
	const char *name;
	struct td_op *op;
	va_list ap;
	size_t n = 0;

	va_start(ap, verb);
	while ((name = va_arg(ap, const char *)) != NULL) {
		pairs[n++] = (struct td_pair){ V(name), V(va_arg(ap, const char *)) };
	}
	va_end(ap);
	args->args = (struct td_structs){ pairs, n };
	op = bench_call(b, verb, args, 9);
	doc = op->out;
	last = op->err;
	if (op->err.status)
		return NULL;
	return json_loadb(doc->json.p, doc->json.n, JSON_DECODE_ANY, NULL);
}

static const char *text(const json_t *doc, const char *key)
{
	return json_string_value(json_object_get(doc, key));
}

static void gives(json_t *doc, const char *key, const char *want, const char *name)
{
	is_str(text(doc, key), want, "%s", name);
	json_decref(doc);
}

static void refused(json_t *doc, enum td_status status, const char *part, const char *name)
{
	ok(!doc, "%s: no answer", name);
	is_int(last.status, status, "… status");
	like(last.text, part, "… says why");
	json_decref(doc);
}

static size_t size_of(json_t *doc)
{
	size_t n = json_array_size(doc);

	json_decref(doc);
	return n;
}

/* Verdict of `tandem decide`. */
static const char *decide(struct bench *b, const char *address, const char *channel, const char *cls)
{
	static char verdict[600];
	json_t *doc = ask(b, TD_V_EXPLAIN, "address", address, "channel", channel, "class", cls, NULL);

	snprintf(verdict, sizeof(verdict), "%s", doc ? text(doc, "verdict") : last.text);
	json_decref(doc);
	return verdict;
}

/* ---- arguments ---- */

static void test_arguments(struct bench *b)
{
	static const struct { uint16_t verb; const char *name, *value, *part; } bad[] = {
		{ TD_V_STATUS, "x", "y", "x: no such option" },
		{ TD_V_PERSON_SHOW, "addr", ANA, "addr: no such option" },
		{ TD_V_PERSON_SHOW, "address", "", "address: is missing" },
		{ TD_V_PERSON_SHOW, "address", "hello", "address" },
		{ TD_V_PERSON_SHOW, "address", "\xff", "not UTF-8" },
		{ TD_V_PERSON_LINK, "a", ANA, "b: is missing" },
		{ TD_V_PERSON_SET, "address", ANA, "set: is missing" },
		{ TD_V_CONSENT_IN, "channel", "sms", "address: is missing" },
		{ TD_V_SUPPRESS_REMOVE, "address", ANA, "note: is missing" },
		{ TD_V_JOBS, "state", "SENT", "state \"SENT\"" },
		{ TD_V_JOBS, "limit", "0", "limit \"0\"" },
		{ TD_V_JOBS, "limit", "ten", "limit \"ten\"" },
		{ TD_V_JOBS, "since", "yesterday", "since \"yesterday\"" },
		{ TD_V_JOBS, "class", "urgent", "class \"urgent\"" },
		{ TD_V_JOBS, "category", "nonsense", "category \"nonsense\"" },
		{ TD_V_JOBS, "before", "1", "before \"1\"" },
		{ TD_V_JOBS, "to", "x", "to" },
		{ TD_V_JOB_SHOW, "id", "1", "id \"1\"" },
		{ TD_V_WHY, "what", "nonsense", "what \"nonsense\"" },
		{ TD_V_SEND, "number", ANA, "text: is missing" },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		refused(ask(b, bad[i].verb, bad[i].name, bad[i].value, NULL), TD_BADINPUT, bad[i].part, bad[i].part);
	refused(ask(b, TD_V_PERSON_SHOW, "address", ANA, "address", ANA, NULL), TD_BADINPUT, "given twice", "an argument twice");
}

static void test_consent_arguments(struct bench *b)
{
	static const struct { const char *name, *value, *part; } bad[] = {
		{ "channel", "fax", "channel \"fax\": want one of email, sms, *" },
		{ "category", "nonsense", "category \"nonsense\"" },
		{ "basis", "guess", "basis \"guess\"" },
		{ "source", "rumour", "source \"rumour\"" },
		{ "source", "complaint", "source \"complaint\"" },
		{ "evidence", "not json", "evidence" },
		{ "evidence", "[1]", "evidence" },
		{ "evidence", EVIDENCE("tomorrow"), "evidence: at \"tomorrow\"" },
		{ "evidence", EVIDENCE("2999-01-01T00:00:00Z"), "a time that has been" },
		{ "at", "noon", "at \"noon\"" },
		{ "at", "2999-01-01T00:00:00Z", "a time that has been" },
		{ "expires", "2001-01-01T00:00:00Z", "expires" },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		refused(ask(b, TD_V_CONSENT_IN, "address", ANA, bad[i].name, bad[i].value, NULL), TD_BADINPUT, bad[i].part, bad[i].part);
	refused(ask(b, TD_V_CONSENT_IN, "address", ANA, "source", "keyword", NULL), TD_REFUSED, "evidence", "the subject's act without evidence");
	refused(ask(b, TD_V_CONSENT_OUT, "address", ANA, "source", "web", NULL), TD_REFUSED, "evidence", "… nor the other way");
	refused(ask(b, TD_V_CONSENT_OUT, "address", ANA, "reach", "some", NULL), TD_BADINPUT, "reach \"some\"", "an unknown reach");
	is_int(size_of(ask(b, TD_V_CONSENT_LOG, "address", ANA, NULL)), 0, "nothing of all that was recorded");
}

/* ---- persons ---- */

static void test_person(struct bench *b)
{
	json_t *doc, *list;

	refused(ask(b, TD_V_PERSON_SHOW, "address", "nobody@example.net", NULL), TD_NOTFOUND, "nobody@example.net", "an unknown address");
	doc = ask(b, TD_V_PERSON_LINK, "a", "Bob@Example.NET", "b", "+1 555 200 0021", NULL);
	list = json_object_get(doc, "addresses");
	is_int(json_array_size(list), 2, "two addresses are linked");
	is_str(text(json_array_get(list, 0), "address"), "bob@example.net", "… the mail address as it is keyed");
	is_str(text(json_array_get(list, 0), "original"), "Bob@Example.NET", "… and as it was spelled");
	is_str(text(json_array_get(list, 1), "address"), "+15552000021", "… the number in E.164");
	is_str(text(json_array_get(list, 1), "source"), "verified", "… an operator's link is verified");
	json_decref(doc);
	refused(ask(b, TD_V_PERSON_LINK, "a", ANA, "b", "tel:" ANA, NULL), TD_BADINPUT, "another address", "an address with itself");

	doc = ask(b, TD_V_PERSON_SET, "address", "+15552000021", "set", "name=Bob Østergård", "set", "tz=Asia/Amman", "set", "locale=ar", "set",
		"prefer=email", "set", "tags=vip,beta", NULL);
	is_str(text(json_object_get(doc, "attributes"), "name"), "Bob Østergård", "an attribute is set");
	json_decref(doc);
	doc = ask(b, TD_V_PERSON_SET, "address", "bob@example.net", "set", "tags=", NULL);
	is_str(text(json_object_get(doc, "attributes"), "tz"), "Asia/Amman", "attributes belong to the person, not the address");
	ok(!json_object_get(json_object_get(doc, "attributes"), "tags"), "an empty value removes one");
	json_decref(doc);
	list = ask(b, TD_V_CONSENT_LOG, "address", "+15552000021", NULL);
	is_str(text(json_array_get(list, 0), "action"), "prefer", "a preferred channel is on record");
	is_str(text(json_array_get(list, 0), "actor"), "uid:0", "… with the operator's uid");
	json_decref(list);
}

static void test_attributes(struct bench *b)
{
	static const char *const bad[] = { "tz=Mars/Phobos", "tz=../../etc/passwd", "tz=posix/Asia/Amman", "tz=America", "tz=/etc/localtime",
		"locale=x", "locale=en_GB", "locale=english-language-x1234567890", "locale=en-", "prefer=fax", "tags=a,,b", "tags=a b",
		"1=x", "no value", "=x", "a b=c", "name=two\nlines", "tags=a,", NULL };
	static const char *const good[] = { "tz=America/Argentina/Buenos_Aires", "tz=UTC", "tz=Etc/GMT+3", "locale=zh-Hant-TW", "locale=en",
		"prefer=sms", "tags=a", "x-ref=# 12 = 13", NULL };
	char value[2000];

	for (size_t i = 0; bad[i]; i++)
		refused(ask(b, TD_V_PERSON_SET, "address", ANA, "set", bad[i], NULL), TD_BADINPUT, "want", bad[i]);
	memset(value, 'x', sizeof(value) - 1);
	memcpy(value, "name=", 5);
	value[sizeof(value) - 1] = 0;
	refused(ask(b, TD_V_PERSON_SET, "address", ANA, "set", value, NULL), TD_BADINPUT, "1024", "a value too long");
	refused(ask(b, TD_V_PERSON_SET, "address", ANA, "set", "name=Ana", "set", "tz=x", NULL), TD_BADINPUT, "tz", "one good, one bad");
	refused(ask(b, TD_V_PERSON_SHOW, "address", ANA, NULL), TD_NOTFOUND, ANA, "… and nothing was set");
	for (size_t i = 0; good[i]; i++) {
		json_t *doc = ask(b, TD_V_PERSON_SET, "address", ANA, "set", good[i], NULL);

		ok(doc, "%s", good[i]);
		json_decref(doc);
	}
}

static void test_unlink(struct bench *b)
{
	json_t *doc;

	json_decref(ask(b, TD_V_CONSENT_OUT, "address", "bob@example.net", "reach", "marketing", NULL));
	doc = ask(b, TD_V_PERSON_UNLINK, "address", "+15552000021", NULL);
	is_int(json_array_size(json_object_get(doc, "addresses")), 1, "unlinked: alone");
	json_decref(doc);
	json_decref(ask(b, TD_V_CONSENT_IN, "address", "+15552000021", "basis", "provided", NULL));
	is_str(decide(b, "+15552000021", "sms", "marketing"), "DENY", "… what the person said goes with both");
	is_str(decide(b, "+15552000021", "sms", "transactional"), "SEND", "… and no more than that");
	refused(ask(b, TD_V_PERSON_UNLINK, "address", "+15552000021", NULL), TD_NOTFOUND, "linked", "a second time");
}

/* ---- consent ---- */

static const json_t *state_of(const json_t *list, const char *channel, const char *category)
{
	size_t i;
	json_t *item;

	json_array_foreach(list, i, item) {
		if (!strcmp(text(item, "channel"), channel) && !strcmp(text(item, "category"), category))
			return item;
	}
	return NULL;
}

static void test_consent(struct bench *b)
{
	json_t *doc, *list;

	gives(ask(b, TD_V_CONSENT_IN, "address", "+15553000001", "basis", "provided", NULL), "state", "provided", "a number that was given");
	is_str(decide(b, "+15553000001", "sms", "transactional"), "SEND", "… may get order confirmations");
	is_str(decide(b, "+15553000001", "sms", "marketing"), "DENY", "… and no offers");
	gives(ask(b, TD_V_CONSENT_IN, "address", "+15553000001", "category", "offer", "expires", "3d", NULL), "state", "granted", "a grant");
	doc = ask(b, TD_V_EXPLAIN, "address", "+15553000001", "category", "offer", NULL);
	is_str(text(doc, "verdict"), "SEND", "… lets offers pass");
	ok(text(doc, "event"), "… and is named");
	json_decref(doc);
	b->clock.value_ms += 4 * 86400000ll;
	list = ask(b, TD_V_CONSENT_SHOW, "address", "+15553000001", NULL);
	is_str(text(state_of(list, "sms", "offer"), "state"), "provided", "once it has expired what remains is the number");
	json_decref(list);

	doc = ask(b, TD_V_CONSENT_OUT, "address", "+15553000001", "channel", "sms", "note", "called us", NULL);
	is_str(text(doc, "action"), "revoke", "an opt-out");
	is_str(text(doc, "reach"), "all", "… of everything on that channel");
	is_str(text(doc, "source"), "admin", "… by the operator");
	is_str(text(doc, "note"), "called us", "… with his note");
	is_str(text(doc, "state"), "revoked", "… is in force at once");
	ok(json_is_false(json_object_get(doc, "authored_by_subject")), "… and not the subject's own");
	is_int(strlen(text(doc, "occurred_at")), 24, "… its time in ISO 8601 with milliseconds");
	json_decref(doc);
	is_str(decide(b, "+15553000001", "sms", "transactional"), "DENY", "nothing is sent any more");
}

static void test_reversal(struct bench *b)
{
	const char *who = "+15553000002";

	gives(ask(b, TD_V_CONSENT_OUT, "address", who, "channel", "sms", "source", "keyword", "evidence", EVIDENCE("2023-11-10T10:00:00Z"), NULL),
		"occurred_at", "2023-11-10T10:00:00.000Z", "an opt-out of the subject's, when it happened");
	refused(ask(b, TD_V_CONSENT_IN, "address", who, NULL), TD_REFUSED, "opted out on 2023-11-10", "a yes without a reason");
	like(last.text, "--note", "… and says what would do");
	refused(ask(b, TD_V_CONSENT_IN, "address", who, "source", "import", "note", "x", NULL), TD_REFUSED, "opted out", "an import");
	refused(ask(b, TD_V_CONSENT_IN, "address", who, "source", "api", "note", "x", NULL), TD_REFUSED, "opted out", "an application's word");
	refused(ask(b, TD_V_CONSENT_IN, "address", who, "basis", "provided", "note", "x", NULL), TD_REFUSED, "provided", "a number given again");
	refused(ask(b, TD_V_CONSENT_IN, "address", who, "evidence", EVIDENCE("2023-11-09T10:00:00Z"), NULL), TD_REFUSED, "later yes",
		"a yes from before it");
	refused(ask(b, TD_V_CONSENT_IN, "address", who, "evidence", EVIDENCE("2023-11-10T10:00:00Z"), NULL), TD_REFUSED, "later yes",
		"a yes of the same moment");
	refused(ask(b, TD_V_CONSENT_IN, "address", who, "evidence", "{\"method\":\"x\",\"ref\":\"y\"}", NULL), TD_REFUSED, "opted out",
		"evidence without its time is no evidence");
	is_int(size_of(ask(b, TD_V_CONSENT_LOG, "address", who, NULL)), 1, "none of these is on record");
	gives(ask(b, TD_V_CONSENT_IN, "address", who, "category", "offer", "evidence", EVIDENCE("2023-11-11T10:00:00Z"), NULL), "state",
		"granted", "a later yes of the subject's own to one category");
	is_str(decide(b, who, "sms", "transactional"), "DENY", "… leaves the rest as it was");
	gives(ask(b, TD_V_CONSENT_IN, "address", who, "note", "asked on the phone", NULL), "state", "granted", "the operator, with a note");
	is_str(decide(b, who, "sms", "transactional"), "SEND", "… lifts it");
	gives(ask(b, TD_V_CONSENT_OUT, "address", who, "channel", "sms", "category", "offer", NULL), "state", "revoked", "and out again");
	is_str(decide(b, who, "sms", "transactional"), "SEND", "… of that category alone");
}

static void test_start(struct bench *b)
{
	const char *who = "+15553000003";
	const struct td_answered *answered;

	json_decref(ask(b, TD_V_CONSENT_IN, "address", who, "basis", "provided", NULL));
	b->clock.value_ms += 1000;
	answered = bench_inbound(b, who, "STOP", "s1");
	is_view(answered->action, "stop", "STOP");
	is_str(decide(b, who, "sms", "transactional"), "DENY", "… is obeyed");
	b->clock.value_ms += 3 * 86400000ll;
	json_decref(ask(b, TD_V_CONSENT_IN, "address", who, "source", "keyword", "evidence", EVIDENCE("2023-11-20T10:00:00Z"), NULL));
	is_int(last.status, TD_OK, "START, shown by evidence");
	is_str(decide(b, who, "sms", "transactional"), "SEND", "… lifts what STOP wrote");
	is_str(decide(b, who, "sms", "marketing"), "DENY", "… and grants nothing");
}

static void test_show(struct bench *b)
{
	const char *who = "+15553000004";
	json_t *list;

	list = ask(b, TD_V_CONSENT_SHOW, "address", who, NULL);
	is_int(json_array_size(list), 1, "of an unknown address there is one state");
	is_str(text(json_array_get(list, 0), "state"), "unknown", "… unknown");
	json_decref(list);
	json_decref(ask(b, TD_V_CONSENT_IN, "address", who, NULL));
	b->clock.value_ms += 1000;
	json_decref(ask(b, TD_V_CONSENT_OUT, "address", who, "reach", "marketing", NULL));
	list = ask(b, TD_V_CONSENT_SHOW, "address", who, NULL);
	is_str(text(state_of(list, "*", "*"), "state"), "revoked", "no marketing at all");
	is_str(text(state_of(list, "*", "*"), "reach"), "marketing", "… reaches marketing");
	is_str(text(state_of(list, "sms", "*"), "state"), "revoked", "… on this channel too");
	json_decref(list);
	list = ask(b, TD_V_CONSENT_SHOW, "address", who, "category", "order-confirmation", NULL);
	is_str(text(json_array_get(list, 0), "state"), "granted", "… and leaves order confirmations alone");
	json_decref(list);
	list = ask(b, TD_V_CONSENT_LOG, "address", who, NULL);
	is_str(text(json_array_get(list, 0), "action"), "revoke", "the log has the newest first");
	is_str(text(json_array_get(list, 1), "action"), "grant", "… and the oldest last");
	is_int(strlen(text(json_array_get(list, 0), "hash")), 64, "… with its place in the chain");
	is_str(text(json_array_get(list, 0), "prev_hash"), text(json_array_get(list, 1), "hash"), "… after the one before");
	json_decref(list);
	is_int(size_of(ask(b, TD_V_CONSENT_LOG, "address", who, "channel", "sms", NULL)), 1, "by channel");
	is_int(size_of(ask(b, TD_V_CONSENT_LOG, "address", who, "limit", "1", NULL)), 1, "by number");
	is_int(size_of(ask(b, TD_V_CONSENT_LOG, "address", who, "since", "500ms", NULL)), 1, "by time");
}

static void test_complaint(struct bench *b)
{
	json_decref(ask(b, TD_V_CONSENT_OUT, "address", "cy@example.net", "reach", "marketing", "source", "complaint", NULL));
	is_str(decide(b, "cy@example.net", "email", "service"), "DENY", "after a complaint no service mail");
	is_int(size_of(ask(b, TD_V_SUPPRESS_LIST, "address", "cy@example.net", "kind", "dnc", NULL)), 1, "… the address is on the list");
}

/* ---- suppression ---- */

static void test_suppress(struct bench *b)
{
	const char *who = "dan@example.net";
	json_t *list;

	gives(ask(b, TD_V_SUPPRESS_ADD, "address", who, "note", "asked by letter", NULL), "kind", "dnc", "dnc");
	is_str(decide(b, who, "email", "service"), "DENY", "… denies service");
	is_str(decide(b, who, "email", "transactional"), "SEND", "… and leaves transactional alone");
	refused(ask(b, TD_V_SUPPRESS_ADD, "address", who, "kind", "paused", NULL), TD_BADINPUT, "until", "a pause without an end");
	refused(ask(b, TD_V_SUPPRESS_ADD, "address", who, "kind", "dnc", "until", "3d", NULL), TD_BADINPUT, "until", "an end without a pause");
	refused(ask(b, TD_V_SUPPRESS_ADD, "address", who, "kind", "asleep", NULL), TD_BADINPUT, "kind \"asleep\"", "an unknown kind");
	gives(ask(b, TD_V_SUPPRESS_ADD, "address", who, "until", "3d", NULL), "kind", "paused", "a pause");
	list = ask(b, TD_V_SUPPRESS_LIST, "address", who, NULL);
	is_int(json_array_size(list), 2, "both are listed");
	is_str(text(json_array_get(list, 0), "note"), "asked by letter", "… with the note");
	json_decref(list);
	gives(ask(b, TD_V_SUPPRESS_REMOVE, "address", who, "kind", "dnc", "note", "by mistake", NULL), "kind", "dnc", "removed");
	is_int(size_of(ask(b, TD_V_SUPPRESS_LIST, "address", who, NULL)), 1, "… the pause stays");
	refused(ask(b, TD_V_SUPPRESS_REMOVE, "address", who, "kind", "dnc", "note", "again", NULL), TD_NOTFOUND, "not suppressed", "a second time");
	list = ask(b, TD_V_SUPPRESS_LIST, NULL);
	is_int(json_array_size(list), 2, "the list of all");
	json_decref(list);
	is_int(size_of(ask(b, TD_V_SUPPRESS_LIST, "limit", "1", NULL)), 1, "… a page of it");
	is_int(size_of(ask(b, TD_V_SUPPRESS_LIST, "after", "cy@example.net", NULL)), 1, "… and the next");
	list = ask(b, TD_V_CONSENT_LOG, "address", who, NULL);
	is_str(text(json_array_get(list, 0), "action"), "unsuppress", "all of it is on record");
	json_decref(list);
}

/* ---- jobs ---- */

static void test_jobs(struct bench *b)
{
	struct td_view one = bench_job(b, bench_mail(b, "+15554000001", "one", "k1", TD_CLASS_TRANSACTIONAL, "order-confirmation"));
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
	ok(json_is_null(json_object_get(doc, "provider_id")) && json_is_null(json_object_get(doc, "reference")), "what is not there is null");
	json_decref(list);
	is_int(size_of(ask(b, TD_V_JOBS, "to", "+1 (555) 400-0001", NULL)), 2, "by number");
	is_int(size_of(ask(b, TD_V_JOBS, "state", "ready", NULL)) >= 3, 1, "by state");
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
	const char *id = id_of(b, bench_job(b, bench_mail(b, "+15554000003", "the text is a secret", "k4", TD_CLASS_TRANSACTIONAL, "")));
	char lower[TD_ID_SIZE], *dump;
	json_t *doc;

	for (size_t i = 0; i < sizeof(lower); i++)
		lower[i] = id[i] >= 'A' && id[i] <= 'Z' ? (char)(id[i] + 32) : id[i];
	doc = ask(b, TD_V_JOB_SHOW, "id", lower, NULL);
	is_str(text(doc, "id"), id, "show, whatever the case of the id");
	is_str(text(doc, "submitter"), "shop", "… submitter");
	ok(json_is_array(json_object_get(doc, "history")), "… history");
	ok(text(doc, "accepted_at") && text(doc, "expires"), "… times");
	json_decref(doc);
	doc = ask(b, TD_V_JOB_SHOW, "id", id, NULL);
	dump = json_dumps(doc, 0);
	unlike(dump, "secret", "… and not its text");
	free(dump);
	json_decref(doc);
	refused(ask(b, TD_V_JOB_SHOW, "id", "01ARZ3NDEKTSV4RRFFQ69G5FAV", NULL), TD_NOTFOUND, "no such job", "an unknown one");

	doc = ask(b, TD_V_JOB_HOLD, "id", id, "until", "2h", NULL);
	is_str(text(doc, "state"), "HELD", "hold");
	json_decref(doc);
	refused(ask(b, TD_V_JOB_HOLD, "id", id, "until", "2001-01-01T00:00:00Z", NULL), TD_BADINPUT, "until", "hold until a time that has been");
	doc = ask(b, TD_V_JOB_HOLD, "id", id, NULL);
	is_str(text(doc, "state"), "HELD", "hold for good");
	ok(json_is_null(json_object_get(doc, "due")), "… it is due never");
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
	struct td_prepare *mail = bench_mail(b, "+15553000001", "to someone who said no", "", TD_CLASS_TRANSACTIONAL, "order-confirmation");
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
	like(words, "revoke by admin on 2023-11-", "… and when it happened");
	json_decref(list);
	is_int(size_of(ask(b, TD_V_WHY, "what", "<w1@shop.example.com>", NULL)), 1, "by Message-ID");
	is_int(size_of(ask(b, TD_V_WHY, "what", "w1@shop.example.com", NULL)), 1, "… without its brackets");
	list = ask(b, TD_V_WHY, "what", "+15554000002", NULL);
	like(text(json_array_get(list, 0), "words"), "main accepted it as SM1", "what was sent is told too");
	json_decref(list);
	refused(ask(b, TD_V_WHY, "what", "+15554999999", NULL), TD_NOTFOUND, "nothing is on record", "a number nobody wrote to");
	refused(ask(b, TD_V_WHY, "what", "<none@example.com>", NULL), TD_NOTFOUND, "nothing is on record", "a message nobody sent");
	is_int(size_of(ask(b, TD_V_WHY, "what", "+15554000001", "limit", "1", NULL)), 1, "as many as were asked for");
}

/* ---- decide ---- */

static void test_explain(struct bench *b)
{
	static const char *const keys[] = { "verdict", "reason", "rule", "event", "until", "action", "zones", "local_time", "counters" };
	json_t *doc = ask(b, TD_V_EXPLAIN, "address", "+15553000001", "at", "2024-07-01T12:00:00Z", "tz", "America/New_York", NULL);

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
	gives(ask(b, TD_V_EXPLAIN, "address", "bob@example.net", "channel", "sms", NULL), "reason", "no-number", "no number on file");
	refused(ask(b, TD_V_EXPLAIN, "address", ANA, "channel", "email", NULL), TD_BADINPUT, "channel", "a number has no mail");
	refused(ask(b, TD_V_EXPLAIN, "address", ANA, "tz", "Mars", NULL), TD_BADINPUT, "tz", "an unknown zone");
	refused(ask(b, TD_V_EXPLAIN, "address", ANA, "class", "urgent", NULL), TD_BADINPUT, "class", "an unknown class");
	gives(ask(b, TD_V_EXPLAIN, "address", "+15554000001", "key", "k1", NULL), "verdict", "DUPLICATE", "a key that is taken");
	gives(ask(b, TD_V_EXPLAIN, "address", "+15554000001", "key", "k99", NULL), "verdict", "SEND", "… and one that is free");
	gives(ask(b, TD_V_EXPLAIN, "address", "+15554000001", "expires", "2023-01-01T00:00:00Z", NULL), "verdict", "DROP", "too late");
	gives(ask(b, TD_V_EXPLAIN, "address", "+4915112345678", NULL), "reason", "blocked-country", "a country not allowed");
	gives(ask(b, TD_V_EXPLAIN, "address", "+15554000001", "category", "offer", "class", "critical", NULL), "verdict", "DENY",
		"class and category disagree: the less privileged");
	gives(ask(b, TD_V_EXPLAIN, "address", "+15553000001", "class", "compliance", NULL), "verdict", "SEND", "compliance passes");
	json_decref(ask(b, TD_V_PERSON_LINK, "a", "eve@example.net", "b", "+15554000001", NULL));
	gives(ask(b, TD_V_EXPLAIN, "address", "eve@example.net", "channel", "sms", NULL), "verdict", "SEND", "a number on file");
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
	gives(ask(b, TD_V_SEND, "number", "+15555000002", "text", "later", "delay", "2h", NULL), "state", "HELD", "with a delay it waits");
	refused(ask(b, TD_V_SEND, "number", "+15553000001", "text", "x", NULL), TD_REFUSED, "optout", "someone who said no");
	refused(ask(b, TD_V_SEND, "number", "+15555000001", "text", "x", "class", "marketing", NULL), TD_REFUSED, "no-consent", "an offer");
	refused(ask(b, TD_V_SEND, "number", "bob@example.net", "text", "x", NULL), TD_BADINPUT, "number", "a mail address");
	refused(ask(b, TD_V_SEND, "number", ANA, "text", "x", "provider", "none", NULL), TD_BADINPUT, "provider", "an unknown provider");
	refused(ask(b, TD_V_SEND, "number", ANA, "text", "x", "class", "compliance", NULL), TD_BADINPUT, "class", "compliance is Tandem's own");
	refused(ask(b, TD_V_SEND, "number", "+4915112345678", "text", "x", NULL), TD_REFUSED, "blocked-country", "a country not allowed");
	json_decref(ask(b, TD_V_SEND, "number", "+15555000003", "text", "once", "key", "build-7", NULL));
	refused(ask(b, TD_V_SEND, "number", "+15555000003", "text", "once", "key", "build-7", NULL), TD_REFUSED, "duplicate", "the same key");
	refused(ask(b, TD_V_SEND, "number", "+15555000003", "text", "other", "key", "build-7", NULL), TD_CONFLICT, "build-7", "… other text");
}

/* ---- status, zones ---- */

static void test_status(struct bench *b)
{
	json_t *doc = ask(b, TD_V_STATUS, NULL), *jobs = json_object_get(doc, "jobs");

	is_str(text(doc, "program"), "tandem-stored", "status: program");
	is_str(text(doc, "engine"), "sqlite", "… engine");
	ok(json_integer_value(json_object_get(doc, "schema")) >= 1, "… schema");
	ok(json_integer_value(json_object_get(doc, "db_bytes")) > 0, "… size of the database");
	ok(json_integer_value(json_object_get(doc, "journal_bytes")) > 0, "… size of the journal");
	is_str(text(doc, "started_at"), "2023-11-14T22:13:20.000Z", "… since when");
	ok(json_integer_value(json_object_get(json_object_get(jobs, "READY"), "transactional")) >= 3, "… jobs by state and class");
	is_int(json_integer_value(json_object_get(json_object_get(jobs, "ACCEPTED"), "solicited")), 1, "… sent ones of the last day too");
	is_int(json_integer_value(json_object_get(json_object_get(jobs, "HELD"), "transactional")), 1, "… held ones");
	ok(json_object_get(doc, "leases") && json_object_get(doc, "last_error"), "… leases, last error");
	json_decref(doc);
}

static void test_zone(void)
{
	static const struct { const char *zone; int64_t ms; int offset; } rows[] = {
		{ "UTC", 0, 0 }, { "America/New_York", 1720000000000, -4 * 3600 }, { "America/New_York", 1730613599999, -4 * 3600 },
		{ "America/New_York", 1730613600000, -5 * 3600 }, { "Asia/Kathmandu", 1720000000000, 20700 },
		{ "Australia/Lord_Howe", 1720000000000, 37800 }, { "Europe/London", -1, 3600 }, { "Asia/Amman", 1900000000000, 3 * 3600 },
	};
	char out[TD_ZONE_TIME_SIZE];

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		int got = -1;

		is_int(td_zone_offset(V(rows[i].zone), rows[i].ms, &got, NULL), TD_OK, "%s", rows[i].zone);
		is_int(got, rows[i].offset, "… its offset");
	}
	td_zone_local(TD_VLIT("America/St_Johns"), 1720000000000, out, NULL);
	is_str(out, "2024-07-03T07:16:40.000-02:30", "half hours west");
	ok(!td_zone_valid(TD_VLIT("")) && !td_zone_valid(TD_VLIT("Europe")) && !td_zone_valid(TD_VLIT("Europe/")), "no zones");
	ok(!td_zone_valid(TD_VLIT("America/../UTC")) && !td_zone_valid(TD_VLIT("zone.tab")), "nor paths and other files");
}

int main(void)
{
	struct bench b;

	bench_start(&b);
	test_arguments(&b);
	test_consent_arguments(&b);
	test_attributes(&b);
	test_person(&b);
	test_unlink(&b);
	test_consent(&b);
	test_reversal(&b);
	test_start(&b);
	test_show(&b);
	test_complaint(&b);
	test_suppress(&b);
	test_jobs(&b);
	test_one_job(&b);
	test_why(&b);
	test_explain(&b);
	test_send(&b);
	test_status(&b);
	test_zone();
	bench_end(&b);
	return done_testing();
}
