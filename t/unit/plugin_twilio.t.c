/*
 * plugin_twilio - the provider twilio: its request, what answers and error codes mean, signed webhooks
 *
 * t/data/providers/twilio-signatures.json are Twilio's own vectors and some computed with its SDK.
 */
#include <jansson.h>

#include "plugin_rig.h"

#define ACCOUNT "AC00000000000000000000000000000001"
#define TOKEN "s3cr3t"
#define HOOK "https://sms.example.com/hook/twilio"

static const struct tandem_pair form_type[] = {
	{ TANDEM_LIT("content-type"), TANDEM_LIT("application/x-www-form-urlencoded; charset=utf-8") },
	{ { NULL, 0 }, { NULL, 0 } } };

static int start(const char *token, const char *service)
{
	const struct td_conf_setting settings[] = { SET("account_sid", ACCOUNT), SET("auth_token_file", secret_file(token)),
		SET(service ? "messaging_service_sid" : NULL, service), { 0 } };

	return rig_init(NULL, settings);
}

/* ---- sending ---- */

static void test_settings(void)
{
	const struct td_conf_setting no_token[] = { SET("account_sid", ACCOUNT), { 0 } };
	const struct td_conf_setting no_account[] = { SET("auth_token_file", secret_file("x")), { 0 } };
	const struct td_conf_setting bad[] = { SET("account_sid", "AC1"), SET("auth_token_file", secret_file("x")), { 0 } };
	const struct td_conf_setting bad_service[] = { SET("account_sid", ACCOUNT),
		SET("auth_token_file", secret_file("x")),
		SET("messaging_service_sid", "Marketing"), { 0 } };
	const struct td_conf_setting more[] = { SET("account_sid", ACCOUNT), SET("auth_token_file", secret_file("x")),
		SET("colour", "red"), { 0 } };

	rig_refuses(NULL, no_token, "auth_token_file");
	rig_refuses(NULL, no_account, "account_sid");
	rig_refuses(NULL, bad, "account_sid");
	rig_refuses(NULL, bad_service, "messaging_service_sid");
	rig_refuses(NULL, more, "colour");
	rig_refuses("http://api.example.com", bad, "https");
}

static void test_request(void)
{
	struct tandem_sms sms = rig_sms("Bring 5 € & a pen + \xd8\xaa");
	struct tandem_step step;

	is_int(start(TOKEN, NULL), TANDEM_OK, "init");
	is_int(hosts.n, 1, "talks to one host");
	is_str(hosts.v[0], "api.twilio.com", "Twilio's");
	step = rig_request(&sms);
	is_str(step.http.method, "POST", "POST");
	is_view(step.http.url, "https://api.twilio.com/2010-04-01/Accounts/" ACCOUNT "/Messages.json", "the address");
	ok(!step.http.url_secret, "has no secret in it");
	is_view(step.http.user, ACCOUNT, "user of HTTP Basic");
	is_view(step.http.password, TOKEN, "its password");
	is_int(step.http.nheaders, 1, "one header");
	is_view(step.http.headers[0].value, "application/x-www-form-urlencoded", "says it is a form");
	is_view(step.http.body,
		"To=%2B15551234567&Body=Bring+5+%E2%82%AC+%26+a+pen+%2B+%D8%AA&From=%2B15550001111&ValidityPeriod=600",
		"the form");
	sms.callback_url = v(HOOK);
	sms.reference = v("01 REF&");
	sms.expires_ms = RIG_NOW + 90000000;
	step = rig_request(&sms);
	like(str(step.http.body), "&StatusCallback=https%3A%2F%2Fsms.example.com%2Fhook%2Ftwilio%3Fref%3D01%2520REF%2526",
		"the hook carries our reference");
	like(str(step.http.body), "&ValidityPeriod=36000", "no longer than Twilio takes");
	sms.callback_url = v(HOOK "?k=1");
	sms.expires_ms = 0;
	step = rig_request(&sms);
	like(str(step.http.body), "twilio%3Fk%3D1%26ref%3D", "behind a query that is there");
	unlike(str(step.http.body), "ValidityPeriod", "no end, no validity");
	sms.expires_ms = RIG_NOW + 10;
	step = rig_request(&sms);
	like(str(step.http.body), "&ValidityPeriod=1", "at least a second");
}

static void test_service(void)
{
	struct tandem_sms sms = rig_sms("Hello.");
	struct tandem_step step;

	is_int(start(TOKEN, "MG00000000000000000000000000000002"), TANDEM_OK, "a Messaging Service");
	sms.from = v("");
	step = rig_request(&sms);
	like(str(step.http.body), "&MessagingServiceSid=MG00000000000000000000000000000002", "is named");
	unlike(str(step.http.body), "From=", "and chooses the sender");
}

/* ---- answers ---- */

static void test_created(void)
{
	struct tandem_sms sms = rig_sms("Hello.");
	uint64_t token = rig_request(&sms).token;
	struct tandem_outcome o;

	o = rig_answer(token, 201, NULL,
		"{\"sid\":\"SM00000000000000000000000000000009\",\"status\":\"queued\",\"num_segments\":\"2\","
		"\"price\":\"-0.0075\",\"price_unit\":\"USD\",\"error_code\":null}");
	is_int(o.kind, TANDEM_ACCEPTED, "201: accepted");
	is_int(o.nids, 1, "with an id");
	is_view(o.ids[0], "SM00000000000000000000000000000009", "its sid");
	is_int(o.segments, 2, "segments");
	is_view(o.price, "0.0075", "price");
	is_view(o.currency, "USD", "currency");
	o = rig_answer(token, 201, NULL, "{\"sid\":\"SM1\",\"status\":\"accepted\",\"num_segments\":\"0\",\"price\":null}");
	is_int(o.kind, TANDEM_ACCEPTED, "a service that has not chosen yet");
	ok(!o.segments && !o.price.n, "says neither segments nor price");
	o = rig_answer(token, 201, NULL,
		"{\"sid\":\"SM1\",\"status\":\"failed\",\"error_code\":30005,\"error_message\":\"Unknown\"}");
	is_int(o.kind, TANDEM_PERMANENT_NUMBER, "failed at once: by its code");
	is_view(o.code, "30005", "which is told");
	is_int(rig_answer(token, 201, NULL, "{\"sid\":\"SM1\",\"status\":\"undelivered\",\"error_code\":30007}").kind,
		TANDEM_PERMANENT_OTHER, "by a code we do not know");
	is_int(rig_answer(token, 201, NULL, "").kind, TANDEM_UNCERTAIN, "201 and nothing");
	is_int(rig_answer(token, 200, NULL, "<html>Welcome</html>").kind, TANDEM_UNCERTAIN, "200 and a page");
	is_int(rig_answer(token, 201, NULL, "{\"status\":\"queued\"}").kind, TANDEM_UNCERTAIN, "201 without sid");
	is_int(rig_answer(token, 201, NULL, "{\"sid\":17}").kind, TANDEM_UNCERTAIN, "201 with a sid that is none");
	is_int(rig_answer(token, 201, NULL, "[{\"sid\":\"SM1\"}]").kind, TANDEM_UNCERTAIN, "201 with a list");
}

static void test_codes(void)
{
	static const struct {
		int                      status, code;
		enum tandem_outcome_kind kind;
	} rows[] = {
		{ 401, 20003, TANDEM_AUTH }, { 403, 20003, TANDEM_AUTH }, { 403, 20006, TANDEM_AUTH },
			{ 403, 20005, TANDEM_AUTH },
		{ 400, 10001, TANDEM_AUTH }, { 404, 20404, TANDEM_AUTH }, { 403, 20008, TANDEM_AUTH },
		{ 400, 10002, TANDEM_AUTH },
		{ 429, 20429, TANDEM_THROTTLED }, { 429, 63038, TANDEM_THROTTLED }, { 400, 63038, TANDEM_THROTTLED },
		{ 400, 14107, TANDEM_THROTTLED }, { 400, 21611, TANDEM_THROTTLED }, { 500, 20500, TANDEM_TEMPORARY },
		{ 503, 20503, TANDEM_TEMPORARY }, { 500, 21730, TANDEM_TEMPORARY }, { 400, 21211, TANDEM_PERMANENT_NUMBER },
		{ 400, 21217, TANDEM_PERMANENT_NUMBER }, { 400, 21604, TANDEM_PERMANENT_NUMBER },
		{ 400, 21614, TANDEM_PERMANENT_NUMBER }, { 400, 21635, TANDEM_PERMANENT_NUMBER },
		{ 400, 21612, TANDEM_PERMANENT_OTHER }, { 400, 21610, TANDEM_PERMANENT_OPTOUT },
		{ 400, 21408, TANDEM_PERMANENT_OTHER }, { 400, 21606, TANDEM_AUTH }, { 400, 21212, TANDEM_AUTH },
		{ 400, 21603, TANDEM_AUTH }, { 400, 21607, TANDEM_AUTH }, { 400, 21616, TANDEM_AUTH },
		{ 400, 21657, TANDEM_AUTH },
		{ 400, 21659, TANDEM_AUTH }, { 400, 21661, TANDEM_AUTH }, { 400, 21608, TANDEM_AUTH },
		{ 400, 21219, TANDEM_AUTH },
		{ 400, 21701, TANDEM_AUTH }, { 400, 21705, TANDEM_AUTH }, { 400, 21708, TANDEM_AUTH },
		{ 400, 21715, TANDEM_AUTH },
		{ 400, 21602, TANDEM_PERMANENT_OTHER }, { 400, 21617, TANDEM_PERMANENT_OTHER },
		{ 400, 21618, TANDEM_PERMANENT_OTHER }, { 400, 21619, TANDEM_PERMANENT_OTHER },
		{ 400, 21654, TANDEM_PERMANENT_OTHER }, { 400, 21656, TANDEM_PERMANENT_OTHER },
		{ 400, 21658, TANDEM_PERMANENT_OTHER }, { 400, 21609, TANDEM_PERMANENT_OTHER },
		{ 400, 21624, TANDEM_PERMANENT_OTHER }, { 400, 35114, TANDEM_PERMANENT_OTHER },
		{ 400, 30001, TANDEM_THROTTLED },
		{ 400, 30002, TANDEM_FUNDS }, { 400, 30005, TANDEM_PERMANENT_NUMBER }, { 400, 30006, TANDEM_PERMANENT_NUMBER },
		{ 400, 30022, TANDEM_THROTTLED }, { 400, 30023, TANDEM_THROTTLED }, { 400, 30027, TANDEM_THROTTLED },
		{ 400, 99999, TANDEM_PERMANENT_OTHER }, { 500, 99999, TANDEM_TEMPORARY }, { 401, 0, TANDEM_AUTH },
		{ 402, 0, TANDEM_FUNDS }, { 404, 0, TANDEM_AUTH }, { 429, 0, TANDEM_THROTTLED }, { 503, 0, TANDEM_TEMPORARY },
		{ 500, 0, TANDEM_UNCERTAIN }, { 502, 0, TANDEM_UNCERTAIN }, { 302, 0, TANDEM_UNCERTAIN },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char body[200];
		struct tandem_outcome o;

		snprintf(body, sizeof(body), rows[i].code ? "{\"code\":%d,\"message\":\"Why it is so\",\"status\":%d}" :
			"<html>%d %d</html>", rows[i].code, rows[i].status);
		o = rig_answer(1, (uint32_t)rows[i].status, NULL, body);
		is_int(o.kind, rows[i].kind, "HTTP %d with code %d", rows[i].status, rows[i].code);
		if (rows[i].code)
			is_view(o.detail, "Why it is so", "… with Twilio's words");
	}
}

static void test_throttled(void)
{
	const struct tandem_pair seconds[] = { { TANDEM_LIT("retry-after"), TANDEM_LIT("7") },
		{ { NULL, 0 }, { NULL, 0 } } };
	const struct tandem_pair nonsense[] = { { TANDEM_LIT("retry-after"), TANDEM_LIT("soon") },
		{ { NULL, 0 }, { NULL, 0 } } };

	is_int(rig_answer(1, 429, seconds, "{\"code\":20429}").retry_after_ms, 7000, "Retry-After");
	is_int(rig_answer(1, 429, nonsense, "{\"code\":20429}").retry_after_ms, 0, "one that is none");
}

static void test_probe(void)
{
	struct tandem_step step = { .token = 0 };

	rig_begin();
	is_int(plugin->probe(&call.pub, state, &step), TANDEM_OK, "probe");
	is_str(step.http.method, "GET", "asks");
	is_view(step.http.url, "https://api.twilio.com/2010-04-01/Accounts/" ACCOUNT "/Balance.json", "for the balance");
	ok(step.http.user.n && !step.http.body.n, "with our credentials");
	is_int(rig_answer(step.token, 200, NULL, "{\"balance\":\"12.50\",\"currency\":\"USD\"}").kind, TANDEM_ACCEPTED,
		"good");
	is_int(rig_answer(step.token, 200, NULL, "{\"balance\":\"-0.01\"}").kind, TANDEM_FUNDS, "nothing left");
	is_int(rig_answer(step.token, 401, NULL, "{\"code\":20003}").kind, TANDEM_AUTH, "credentials are wrong");
	is_int(rig_answer(step.token, 200, NULL, "hello").kind, TANDEM_UNCERTAIN, "somebody else answers");
}

/* ---- webhooks ---- */

/* What Twilio would sign: not how the plugin does it, but the text is given whole. */
static const char *signature_of(const char *all, size_t n)
{
	unsigned char mac[TANDEM_DIGEST_MAX];
	size_t size;

	rig_begin();
	size = call.pub.host->hmac(TANDEM_SHA1, v(TOKEN), (struct tandem_view){ all, n }, mac);
	return strdup(str(call.pub.host->base64_encode(&call.pub, (struct tandem_view){ (const char *)mac, size }, false)));
}

static bool hook(const char *url, const char *body, const char *all, struct tandem_events *events)
{
	char *signature = (char *)(uintptr_t)signature_of(all, strlen(all));
	const struct tandem_pair headers[] = { form_type[0], { TANDEM_LIT("x-twilio-signature"), v(signature) },
		{ { NULL, 0 }, { NULL, 0 } } };
	bool good = rig_hook("POST", url, headers, v(body), events);

	free(signature);
	return good;
}

static void test_receipts(void)
{
	static const struct {
		const char               *word;
		enum tandem_receipt_state state;
	} rows[] = { { "accepted", TANDEM_ON_ITS_WAY }, { "scheduled", TANDEM_ON_ITS_WAY }, { "queued", TANDEM_ON_ITS_WAY },
		{ "sending", TANDEM_ON_ITS_WAY }, { "sent", TANDEM_ON_ITS_WAY }, { "delivered", TANDEM_DELIVERED },
		{ "read", TANDEM_DELIVERED }, { "partially_delivered", TANDEM_DELIVERED },
		{ "undelivered", TANDEM_UNDELIVERED }, { "failed", TANDEM_UNDELIVERED }, { "canceled", TANDEM_UNDELIVERED } };
	struct tandem_events events;
	char body[200], all[300];

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		snprintf(body, sizeof(body), "MessageSid=SM1&MessageStatus=%s", rows[i].word);
		snprintf(all, sizeof(all), HOOK "?ref=01REFMessageSidSM1MessageStatus%s", rows[i].word);
		ok(hook(HOOK "?ref=01REF", body, all, &events), "a receipt: %s", rows[i].word);
		ok(events.nevents == 1 && events.events[0].kind == TANDEM_RECEIPT && events.events[0].state == rows[i].state,
			"… means that");
		is_view(events.events[0].id, "01REF", "… about our reference");
		is_int(events.status, 204, "… answered with nothing");
	}
	ok(hook(HOOK, "MessageSid=SM1&MessageStatus=undelivered&ErrorCode=30005",
		HOOK "ErrorCode30005MessageSidSM1MessageStatusundelivered", &events), "without our reference");
	is_view(events.events[0].id, "SM1", "by its sid");
	is_view(events.events[0].code, "30005", "with the code");
	ok(events.events[0].bad_number, "that says the number is not in use");
	ok(hook(HOOK, "MessageSid=SM1&MessageStatus=undelivered&ErrorCode=30003",
		HOOK "ErrorCode30003MessageSidSM1MessageStatusundelivered", &events) && !events.events[0].bad_number,
		"a handset that is off is no bad number");
	ok(hook(HOOK, "MessageSid=SM1&MessageStatus=brand_new", HOOK "MessageSidSM1MessageStatusbrand_new", &events) &&
		!events.nevents, "a state of next year is taken and ignored");
}

static void test_inbound(void)
{
	struct tandem_events events;

	ok(hook(HOOK, "MessageSid=SM2&From=%2B15551234567&To=%2B15550001111&Body=Yes+%26+no",
		HOOK "BodyYes & noFrom+15551234567MessageSidSM2To+15550001111", &events), "an inbound SMS");
	is_int(events.nevents, 1, "one event");
	is_int(events.events[0].kind, TANDEM_INBOUND, "inbound");
	is_view(events.events[0].id, "SM2", "id");
	is_view(events.events[0].from, "+15551234567", "from");
	is_view(events.events[0].to, "+15550001111", "to");
	is_view(events.events[0].text, "Yes & no", "text");
	ok(!events.events[0].hint && !events.events[0].answered, "without a hint");
	is_view(events.body, "<Response/>", "answered with an empty TwiML");
	is_view(events.type, "text/xml", "of its type");
	ok(hook(HOOK, "MessageSid=SM3&From=%2B15551234567&To=x&Body=&OptOutType=STOP",
		HOOK "BodyFrom+15551234567MessageSidSM3OptOutTypeSTOPTox", &events), "Advanced Opt-Out");
	ok(events.events[0].hint == TANDEM_HINT_STOP && events.events[0].answered, "STOP, already answered");
	ok(events.events[0].text.p && !events.events[0].text.n, "an empty text is a text");
	ok(hook(HOOK, "MessageSid=SM3&From=%2B1555&OptOutType=START", HOOK "From+1555MessageSidSM3OptOutTypeSTART",
		&events) &&
		events.events[0].hint == TANDEM_HINT_START, "START");
	ok(hook(HOOK, "MessageSid=SM3&From=%2B1555&OptOutType=HELP", HOOK "From+1555MessageSidSM3OptOutTypeHELP",
		&events) &&
		events.events[0].hint == TANDEM_HINT_HELP, "HELP");
	ok(!hook(HOOK, "Colour=red", HOOK "Colourred", &events), "a signed call about something else");
	is_int(events.status, 400, "is none of ours");
}

static void test_get(void)
{
	static const char url[] = HOOK "?MessageSid=SM2&From=%2B15551234567&To=%2B15550001111&Body=Hi";
	char *signature = (char *)(uintptr_t)signature_of(url, strlen(url));
	const struct tandem_pair headers[] = { { TANDEM_LIT("x-twilio-signature"), v(signature) },
		{ { NULL, 0 }, { NULL, 0 } } };
	struct tandem_events events;

	ok(rig_hook("GET", url, headers, v(""), &events), "a hook called with GET");
	is_view(events.events[0].text, "Hi", "has its text in the query");
	ok(!rig_hook("POST", url, headers, v("MessageSid=SM9&From=%2B1999"), &events),
		"a body that nothing vouches for is refused");
	free(signature);
}

static void refused(const char *what, const char *url, const struct tandem_pair *headers, struct tandem_view body)
{
	struct tandem_events events;

	ok(!rig_hook("POST", url, headers, body, &events), "refused: %s", what);
	ok(events.refused && events.status == 403 && !events.nevents, "… with 403");
}

static void test_forgeries(void)
{
	static const char body[] = "MessageSid=SM1&MessageStatus=delivered";
	static const char all[] = HOOK "?ref=01REFMessageSidSM1MessageStatusdelivered";
	char *signature = (char *)(uintptr_t)signature_of(all, strlen(all));
	struct tandem_pair headers[] = { form_type[0], { TANDEM_LIT("x-twilio-signature"), v(signature) },
		{ { NULL, 0 }, { NULL, 0 } } };
	struct tandem_events events[2];
	char *lower = strdup(signature);

	ok(rig_hook("POST", HOOK "?ref=01REF", headers, v(body), &events[0]), "signed");
	ok(rig_hook("POST", HOOK "?ref=01REF", headers, v(body), &events[1]) && events[1].nevents == 1,
		"made again: the same event, which the store knows");
	refused("another status", HOOK "?ref=01REF", headers, v("MessageSid=SM1&MessageStatus=failed"));
	refused("another reference", HOOK "?ref=02REF", headers, v(body));
	refused("one parameter more", HOOK "?ref=01REF", headers, v("MessageSid=SM1&MessageStatus=delivered&X=1"));
	refused("a NUL to hide one more behind", HOOK "?ref=01REF", headers,
		v("MessageSid=SM1&MessageStatus=delivered%00&Z=1"));
	refused("another host", "https://sms.example.org/hook/twilio?ref=01REF", headers, v(body));
	lower[0] = (char)(lower[0] ^ 1);
	headers[1].value = v(lower);
	refused("one bit of the signature", HOOK "?ref=01REF", headers, v(body));
	headers[1].value = v("");
	refused("an empty signature", HOOK "?ref=01REF", headers, v(body));
	refused("none", HOOK "?ref=01REF", form_type, v(body));
	headers[1].value = v(signature);
	headers[0].value = v("text/plain");
	refused("a form that says it is none", HOOK "?ref=01REF", headers, v(body));
	free(lower);
	free(signature);
}

static void test_floods(void)
{
	struct tandem_events events;
	char *body = malloc(8000);
	size_t n = 0;

	for (int i = 0; i < 1000; i++)
		n += (size_t)snprintf(body + n, 8000 - n, "a=%d&", i);
	ok(!hook(HOOK, body, HOOK, &events), "a thousand parameters");
	is_int(events.status, 400, "are no call of Twilio's");
	ok(!hook(HOOK, "a=%", HOOK "a%", &events), "a form that is none");
	free(body);
}

/* ---- vectors ---- */

/* The form that a vector's parameters make, in the order of the file. */
static struct tandem_view form_of(json_t *params)
{
	struct tandem_pair pairs[60];
	const char *name;
	json_t *value, *one;
	size_t n = 0, i;

	json_object_foreach(params, name, value) {
		if (json_is_string(value))
			pairs[n++] = (struct tandem_pair){ v(name), v(json_string_value(value)) };
		json_array_foreach(value, i, one)
			pairs[n++] = (struct tandem_pair){ v(name), v(json_string_value(one)) };
	}
	return call.pub.host->form_encode(&call.pub, pairs, n);
}

static void check_vector(json_t *vector, bool form)
{
	const char *name = form ? json_string_value(json_object_get(vector, "name")) : "with bodySHA256";
	const char *url = json_string_value(json_object_get(vector, "url"));
	char *body;
	struct tandem_pair headers[] = { form_type[0],
		{ TANDEM_LIT("x-twilio-signature"), v(json_string_value(json_object_get(vector, "signature"))) },
		{ { NULL, 0 }, { NULL, 0 } } };
	struct tandem_events events;

	is_int(start(json_string_value(json_object_get(vector, "token")), NULL), TANDEM_OK, "%s: its token", name);
	rig_begin();
	body = strdup(form ? str(form_of(json_object_get(vector, "params"))) :
		json_string_value(json_object_get(vector, "body")));
	if (!form)
		headers[0].value = v("application/json");
	rig_hook("POST", url, headers, v(body), &events);
	/* Most of them are about telephone calls: genuine, but nothing for us. */
	ok(events.status != 403, "%s: the signature is right", name);
	body[strlen(body) - 1] ^= 1;
	rig_hook("POST", url, headers, v(body), &events);
	ok(events.refused && events.status == 403, "%s: and wrong for another body", name);
	free(body);
}

static void test_vectors(void)
{
	json_t *file = json_load_file("t/data/providers/twilio-signatures.json", 0, NULL);
	json_t *vector;
	size_t i;

	ok(json_array_size(json_object_get(file, "vectors")) == 8 && json_array_size(json_object_get(file, "bodies")) == 1,
		"the vectors are there");
	json_array_foreach(json_object_get(file, "vectors"), i, vector)
		check_vector(vector, true);
	json_array_foreach(json_object_get(file, "bodies"), i, vector)
		check_vector(vector, false);
	json_decref(file);
}

int main(void)
{
	rig_load("twilio");
	test_settings();
	test_request();
	test_created();
	test_codes();
	test_throttled();
	test_probe();
	test_receipts();
	test_inbound();
	test_get();
	test_forgeries();
	test_floods();
	test_service();
	test_vectors();
	rig_end();
	return done_testing();
}
