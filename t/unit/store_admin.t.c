/*
 * store_admin - persons, consent and suppression by the operator, against a real store; and the arguments of all his
 * verbs
 */
#include "store_ask.h"

/* ---- arguments ---- */

static void test_arguments(struct bench *b)
{
	static const struct {
		uint16_t verb;
		const char *name, *value, *part;
	} bad[] = {
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
	refused(ask(b, TD_V_PERSON_SHOW, "address", ANA, "address", ANA, NULL), TD_BADINPUT, "given twice",
		"an argument twice");
}

static void test_consent_arguments(struct bench *b)
{
	static const struct {
		const char *name, *value, *part;
	} bad[] = {
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
		refused(ask(b, TD_V_CONSENT_IN, "address", ANA, bad[i].name, bad[i].value, NULL), TD_BADINPUT, bad[i].part,
			bad[i].part);
	refused(ask(b, TD_V_CONSENT_IN, "address", ANA, "source", "keyword", NULL), TD_REFUSED, "evidence",
		"the subject's act without evidence");
	refused(
		ask(b, TD_V_CONSENT_OUT, "address", ANA, "source", "web", NULL), TD_REFUSED, "evidence", "… nor the other way");
	refused(ask(b, TD_V_CONSENT_OUT, "address", ANA, "reach", "some", NULL), TD_BADINPUT, "reach \"some\"",
		"an unknown reach");
	is_int(size_of(ask(b, TD_V_CONSENT_LOG, "address", ANA, NULL)), 0, "nothing of all that was recorded");
}

/* ---- persons ---- */

static void test_person(struct bench *b)
{
	json_t *doc, *list;

	refused(ask(b, TD_V_PERSON_SHOW, "address", "nobody@example.net", NULL), TD_NOTFOUND, "nobody@example.net",
		"an unknown address");
	doc = ask(b, TD_V_PERSON_LINK, "a", "Bob@Example.NET", "b", "+1 555 200 0021", NULL);
	list = json_object_get(doc, "addresses");
	is_int(json_array_size(list), 2, "two addresses are linked");
	is_str(text(json_array_get(list, 0), "address"), "bob@example.net", "… the mail address as it is keyed");
	is_str(text(json_array_get(list, 0), "original"), "Bob@Example.NET", "… and as it was spelled");
	is_str(text(json_array_get(list, 1), "address"), "+15552000021", "… the number in E.164");
	is_str(text(json_array_get(list, 1), "source"), "verified", "… an operator's link is verified");
	json_decref(doc);
	refused(ask(b, TD_V_PERSON_LINK, "a", ANA, "b", "tel:" ANA, NULL), TD_BADINPUT, "another address",
		"an address with itself");

	doc = ask(b, TD_V_PERSON_SET, "address", "+15552000021", "set", "name=Bob Østergård", "set", "tz=Asia/Amman", "set",
		"locale=ar", "set", "prefer=email", "set", "tags=vip,beta", NULL);
	is_str(text(json_object_get(doc, "attributes"), "name"), "Bob Østergård", "an attribute is set");
	json_decref(doc);
	doc = ask(b, TD_V_PERSON_SET, "address", "bob@example.net", "set", "tags=", NULL);
	is_str(text(json_object_get(doc, "attributes"), "tz"), "Asia/Amman",
		"attributes belong to the person, not the address");
	ok(!json_object_get(json_object_get(doc, "attributes"), "tags"), "an empty value removes one");
	json_decref(doc);
	list = ask(b, TD_V_CONSENT_LOG, "address", "+15552000021", NULL);
	is_str(text(json_array_get(list, 0), "action"), "prefer", "a preferred channel is on record");
	is_str(text(json_array_get(list, 0), "actor"), "uid:0", "… with the operator's uid");
	json_decref(list);
}

static void test_attributes(struct bench *b)
{
	static const char *const bad[] = { "tz=Mars/Phobos", "tz=../../etc/passwd", "tz=posix/Asia/Amman", "tz=America",
		"tz=/etc/localtime", "locale=x", "locale=en_GB", "locale=english-language-x1234567890", "locale=en-",
		"prefer=fax", "tags=a,,b", "tags=a b", "1=x", "no value", "=x", "a b=c", "name=two\nlines", "tags=a,", NULL };
	static const char *const good[] = { "tz=America/Argentina/Buenos_Aires", "tz=UTC", "tz=Etc/GMT+3",
		"locale=zh-Hant-TW", "locale=en", "prefer=sms", "tags=a", "x-ref=# 12 = 13", NULL };
	char value[2000];

	for (size_t i = 0; bad[i]; i++)
		refused(ask(b, TD_V_PERSON_SET, "address", ANA, "set", bad[i], NULL), TD_BADINPUT, "want", bad[i]);
	memset(value, 'x', sizeof(value) - 1);
	memcpy(value, "name=", 5);
	value[sizeof(value) - 1] = 0;
	refused(ask(b, TD_V_PERSON_SET, "address", ANA, "set", value, NULL), TD_BADINPUT, "1024", "a value too long");
	refused(ask(b, TD_V_PERSON_SET, "address", ANA, "set", "name=Ana", "set", "tz=x", NULL), TD_BADINPUT, "tz",
		"one good, one bad");
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

	json_array_foreach(list, i, item)
	{
		if (!strcmp(text(item, "channel"), channel) && !strcmp(text(item, "category"), category))
			return item;
	}
	return NULL;
}

static void test_consent(struct bench *b)
{
	json_t *doc, *list;

	gives(ask(b, TD_V_CONSENT_IN, "address", "+15553000001", "basis", "provided", NULL), "state", "provided",
		"a number that was given");
	is_str(decide(b, "+15553000001", "sms", "transactional"), "SEND", "… may get order confirmations");
	is_str(decide(b, "+15553000001", "sms", "marketing"), "DENY", "… and no offers");
	gives(ask(b, TD_V_CONSENT_IN, "address", "+15553000001", "category", "offer", "expires", "3d", NULL), "state",
		"granted", "a grant");
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

	gives(ask(b, TD_V_CONSENT_OUT, "address", who, "channel", "sms", "source", "keyword", "evidence",
			  EVIDENCE("2023-11-10T10:00:00Z"), NULL),
		"occurred_at", "2023-11-10T10:00:00.000Z", "an opt-out of the subject's, when it happened");
	refused(
		ask(b, TD_V_CONSENT_IN, "address", who, NULL), TD_REFUSED, "opted out on 2023-11-10", "a yes without a reason");
	like(last.text, "--note", "… and says what would do");
	refused(ask(b, TD_V_CONSENT_IN, "address", who, "source", "import", "note", "x", NULL), TD_REFUSED, "opted out",
		"an import");
	refused(ask(b, TD_V_CONSENT_IN, "address", who, "source", "api", "note", "x", NULL), TD_REFUSED, "opted out",
		"an application's word");
	refused(ask(b, TD_V_CONSENT_IN, "address", who, "basis", "provided", "note", "x", NULL), TD_REFUSED, "provided",
		"a number given again");
	refused(ask(b, TD_V_CONSENT_IN, "address", who, "evidence", EVIDENCE("2023-11-09T10:00:00Z"), NULL), TD_REFUSED,
		"later yes", "a yes from before it");
	refused(ask(b, TD_V_CONSENT_IN, "address", who, "evidence", EVIDENCE("2023-11-10T10:00:00Z"), NULL), TD_REFUSED,
		"later yes", "a yes of the same moment");
	refused(ask(b, TD_V_CONSENT_IN, "address", who, "evidence", "{\"method\":\"x\",\"ref\":\"y\"}", NULL), TD_REFUSED,
		"opted out", "evidence without its time is no evidence");
	is_int(size_of(ask(b, TD_V_CONSENT_LOG, "address", who, NULL)), 1, "none of these is on record");
	gives(ask(b, TD_V_CONSENT_IN, "address", who, "category", "offer", "evidence", EVIDENCE("2023-11-11T10:00:00Z"),
			  NULL),
		"state", "granted", "a later yes of the subject's own to one category");
	is_str(decide(b, who, "sms", "transactional"), "DENY", "… leaves the rest as it was");
	gives(ask(b, TD_V_CONSENT_IN, "address", who, "note", "asked on the phone", NULL), "state", "granted",
		"the operator, with a note");
	is_str(decide(b, who, "sms", "transactional"), "SEND", "… lifts it");
	gives(ask(b, TD_V_CONSENT_OUT, "address", who, "channel", "sms", "category", "offer", NULL), "state", "revoked",
		"and out again");
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
	json_decref(ask(
		b, TD_V_CONSENT_IN, "address", who, "source", "keyword", "evidence", EVIDENCE("2023-11-20T10:00:00Z"), NULL));
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
	json_decref(
		ask(b, TD_V_CONSENT_OUT, "address", "cy@example.net", "reach", "marketing", "source", "complaint", NULL));
	is_str(decide(b, "cy@example.net", "email", "service"), "DENY", "after a complaint no service mail");
	is_int(size_of(ask(b, TD_V_SUPPRESS_LIST, "address", "cy@example.net", "kind", "dnc", NULL)), 1,
		"… the address is on the list");
}

/* ---- suppression ---- */

static void test_suppress(struct bench *b)
{
	const char *who = "dan@example.net";
	json_t *list;

	gives(ask(b, TD_V_SUPPRESS_ADD, "address", who, "note", "asked by letter", NULL), "kind", "dnc", "dnc");
	is_str(decide(b, who, "email", "service"), "DENY", "… denies service");
	is_str(decide(b, who, "email", "transactional"), "SEND", "… and leaves transactional alone");
	refused(ask(b, TD_V_SUPPRESS_ADD, "address", who, "kind", "paused", NULL), TD_BADINPUT, "until",
		"a pause without an end");
	refused(ask(b, TD_V_SUPPRESS_ADD, "address", who, "kind", "dnc", "until", "3d", NULL), TD_BADINPUT, "until",
		"an end without a pause");
	refused(ask(b, TD_V_SUPPRESS_ADD, "address", who, "kind", "asleep", NULL), TD_BADINPUT, "kind \"asleep\"",
		"an unknown kind");
	gives(ask(b, TD_V_SUPPRESS_ADD, "address", who, "until", "3d", NULL), "kind", "paused", "a pause");
	list = ask(b, TD_V_SUPPRESS_LIST, "address", who, NULL);
	is_int(json_array_size(list), 2, "both are listed");
	is_str(text(json_array_get(list, 0), "note"), "asked by letter", "… with the note");
	json_decref(list);
	gives(ask(b, TD_V_SUPPRESS_REMOVE, "address", who, "kind", "dnc", "note", "by mistake", NULL), "kind", "dnc",
		"removed");
	is_int(size_of(ask(b, TD_V_SUPPRESS_LIST, "address", who, NULL)), 1, "… the pause stays");
	refused(ask(b, TD_V_SUPPRESS_REMOVE, "address", who, "kind", "dnc", "note", "again", NULL), TD_NOTFOUND,
		"not suppressed", "a second time");
	list = ask(b, TD_V_SUPPRESS_LIST, NULL);
	is_int(json_array_size(list), 2, "the list of all");
	json_decref(list);
	is_int(size_of(ask(b, TD_V_SUPPRESS_LIST, "limit", "1", NULL)), 1, "… a page of it");
	is_int(size_of(ask(b, TD_V_SUPPRESS_LIST, "after", "cy@example.net", NULL)), 1, "… and the next");
	list = ask(b, TD_V_CONSENT_LOG, "address", who, NULL);
	is_str(text(json_array_get(list, 0), "action"), "unsuppress", "all of it is on record");
	json_decref(list);
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
	bench_end(&b);
	return done_testing();
}
