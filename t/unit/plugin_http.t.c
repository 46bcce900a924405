/*
 * plugin_http - the provider http: templates and escapes, answers, webhooks; as two gateways of the world use it
 */
#include "plugin_rig.h"

#define BASE "https://api.example.com/v1"
#define HOOK "https://sms.example.com/hook/p"
#define NO_MORE { { NULL, 0 }, { NULL, 0 } }

static const char awkward[] = "5 < 6 & \"a\" \\ 'b' + 50% {to} =\n\xd8\xaa";

/* The instance these settings make; the test ends where it is refused. */
static void start(const struct td_conf_setting *settings)
{
	if (rig_init(BASE, settings) != TANDEM_OK)
		bail_out("init: %s", err.text);
}

/* ---- templates ---- */

static void test_defaults(void)
{
	const struct td_conf_setting settings[] = { SET("path", "/send"),
		SET("body", "to={to}&from={from}&text={text}&ref={reference}"), { 0 } };
	struct tandem_sms sms = rig_sms(awkward);
	struct tandem_step step;

	start(settings);
	step = rig_request(&sms);
	is_str(step.http.method, "POST", "POST");
	is_view(step.http.url, BASE "/send", "base_url and path");
	ok(!step.http.url_secret, "nothing in it but what stands in the configuration");
	is_int(step.http.nheaders, 1, "one header");
	is_view(step.http.headers[0].name, "Content-Type", "its type");
	is_view(step.http.headers[0].value, "application/x-www-form-urlencoded", "a form");
	is_view(step.http.body, "to=%2B15551234567&from=%2B15550001111&text=5+%3C+6+%26+%22a%22+%5C+%27b%27+%2B+50%25+"
		"%7Bto%7D+%3D%0A%D8%AA&ref=01REF", "escaped as a form; what a text holds is no placeholder");
	is_int(step.http.user.n, 0, "no HTTP Basic");
	is_int(capabilities & (TANDEM_CAN_REPEAT | TANDEM_CAN_VERIFY | TANDEM_CAN_CALLBACK | TANDEM_CAN_RECEIPT |
		TANDEM_CAN_INBOUND), 0, "this configuration promises nothing");
	is_int(rig_answer(0, 200, NULL, "whatever").kind, TANDEM_ACCEPTED, "2xx is a success");
}

static void test_escapes(void)
{
	const struct td_conf_setting json[] = {
		SET("body", "{\"to\":\"{to_digits}\",\"text\":\"{text}\",\"n\":{segments},\"e\":{},\"s\":{validity_s}}"),
			{ 0 } };
	const struct td_conf_setting xml[] = { SET("content_type", "text/xml"), SET("body", "<sms to='{to}'>{text}</sms>"),
		{ 0 } };
	const struct td_conf_setting plain[] = { SET("content_type", "text/plain"), SET("body", "{text}"),
		SET("headers", "X-To: {to}\nX-Text: a {text} b"), { 0 } };
	const struct td_conf_setting url[] = { SET("method", "GET"),
		SET("path", "/send?to={to}&text={text}&hex={text_hex}"),
		{ 0 } };
	struct tandem_sms sms = rig_sms(awkward);
	struct tandem_step step;

	start(json);
	step = rig_request(&sms);
	is_view(step.http.body, "{\"to\":\"15551234567\",\"text\":\"5 < 6 & \\\"a\\\" \\\\ 'b' + 50% {to} =\\n\xd8\xaa\","
		"\"n\":1,\"e\":{},\"s\":600}", "in JSON");
	is_view(step.http.headers[0].value, "application/json", "its type");
	start(xml);
	is_view(rig_request(&sms).http.body,
		"<sms to='+15551234567'>5 &lt; 6 &amp; &quot;a&quot; \\ &#39;b&#39; + 50% {to} =\n"
		"\xd8\xaa</sms>", "in XML");
	start(plain);
	step = rig_request(&sms);
	is_view(step.http.body, awkward, "in plain text: as it is");
	is_view(step.http.headers[0].value, "+15551234567", "a header");
	is_view(step.http.headers[1].value, "a 5 < 6 & \"a\" \\ 'b' + 50% {to} = \xd8\xaa b", "has no line ends");
	start(url);
	sms.text = v("a b+\xf0\x9f\x98\x80");
	step = rig_request(&sms);
	is_view(step.http.url, BASE "/send?to=%2B15551234567&text=a%20b%2B%F0%9F%98%80&hex=006100200062002bd83dde00",
		"in a query, and as UTF-16");
	ok(step.http.url_secret, "which is not logged");
	is_int(step.http.body.n, 0, "no body");
}

static void test_credentials(void)
{
	const struct td_conf_setting basic[] = { SET("user", "shop"), SET("password_file", secret_file("pa55")),
		SET("body", "{\"to\":\"{to}\",\"text\":\"{text}\"}"), { 0 } };
	const struct td_conf_setting inside[] = { SET("user", "shop"), SET("password_file", secret_file("pa\"55&")),
		SET("token_file", secret_file("t0ken")), SET("path", "/{user}/send?p={password}"),
		SET("headers", "Authorization: App {token}"), SET("body", "{\"to\":\"{to}\",\"text\":\"{text}\"}"), { 0 } };
	const struct td_conf_setting no_token[] = { SET("headers", "A: {token}"), SET("body", "{to}{text}"), { 0 } };
	const struct td_conf_setting no_password[] = { SET("body", "{to}{text}{password}"), { 0 } };
	struct tandem_sms sms = rig_sms("Hi");
	struct tandem_step step;

	start(basic);
	step = rig_request(&sms);
	is_view(step.http.user, "shop", "user of HTTP Basic");
	is_view(step.http.password, "pa55", "password");
	start(inside);
	step = rig_request(&sms);
	is_view(step.http.url, BASE "/shop/send?p=pa%2255%26", "or in the path");
	ok(step.http.url_secret, "which is then secret");
	is_view(step.http.headers[0].value, "App t0ken", "a token in a header");
	is_int(step.http.user.n, 0, "then no HTTP Basic");
	rig_refuses(BASE, no_token, "token_file");
	rig_refuses(BASE, no_password, "password_file");
}

static void test_settings(void)
{
	static const struct {
		struct td_conf_setting set[4];
		const char            *says;
	} rows[] = {
		{ { SET("body", "{to}{text}{txt}") }, "{txt}" },
		{ { SET("path", "/x?{colour}"), SET("body", "{to}{text}") }, "{colour}" },
		{ { SET("headers", "A: {b}"), SET("body", "{to}{text}") }, "{b}" },
		{ { SET("body", "{text}") }, "{to}" },
		{ { SET("body", "{to}") }, "{text}" },
		{ { SET("body", "{to}{text}"), SET("method", "SEND") }, "method" },
		{ { SET("body", "{to}{text}"), SET("method", "GET") }, "GET" },
		{ { SET("body", "{to}{text}"), SET("path", "send") }, "path" },
		{ { SET("body", "{to}{text}"), SET("path", "/a b") }, "path" },
		{ { SET("body", "{to}{text}"), SET("headers", "no colon") }, "headers" },
		{ { SET("body", "{to}{text}"), SET("headers", "a b: c") }, "headers" },
		{ { SET("body", "{to}{text}"), SET("headers", "Content-type: x") }, "content_type" },
		{ { SET("body", "{to}{text}"), SET("idempotent", "true") }, "{reference}" },
		{ { SET("body", "{to}{text}"), SET("ok", "2xy") }, "2xy" },
		{ { SET("body", "{to}{text}"), SET("ok", "body:(") }, "regular expression" },
		{ { SET("body", "{to}{text}"), SET("ok", "body:(a)\\1") }, "references back" },
		{ { SET("body", "{to}{text}"), SET("ok", "json:id=1") }, "json:id=1" },
		{ { SET("body", "{to}{text}"), SET("errors", "404 permanent-number") }, "errors" },
		{ { SET("body", "{to}{text}"), SET("errors", "404 -> nowhere") }, "nowhere" },
		{ { SET("body", "{to}{text}"), SET("errors", "abc -> auth") }, "abc" },
		{ { SET("body", "{to}{text}"), SET("id", "messageId") }, "messageId" },
		{ { SET("body", "{to}{text}"), SET("id", "regex:[0-9]+") }, "brackets" },
		{ { SET("body", "{to}{text}"), SET("encodings", "utf8=1") }, "utf8=1" },
		{ { SET("body", "{to}{text}"), SET("receipt.id", "id") }, "states" },
		{ { SET("body", "{to}{text}"), SET("receipt.states", "DELIVRD=arrived") }, "DELIVRD=arrived" },
		{ { SET("body", "{to}{text}"), SET("inbound.from", "from") }, "inbound" },
		{ { SET("body", "{to}{text}"), SET("signature", "hmac-sha256-hex") }, "secret_file" },
		{ { SET("body", "{to}{text}"), SET("shared_secret", "query:s") }, "secret_file" },
		{ { SET("body", "{to}{text}"), SET("retries", "3") }, "retries" },
	};
	const struct td_conf_setting no_base[] = { SET("body", "{to}{text}"), { 0 } };
	const struct td_conf_setting unused[] = { SET("body", "{to}{text}"), SET("secret_file", secret_file("x")), { 0 } };
	const struct td_conf_setting nameless[] = { SET("body", "{to}{text}"), SET("secret_file", secret_file("x")),
		SET("signature", "hmac-sha256-hex"), { 0 } };
	const struct td_conf_setting crc[] = { SET("body", "{to}{text}"), SET("secret_file", secret_file("x")),
		SET("signature", "crc32"), SET("signature_header", "X"), { 0 } };
	const struct td_conf_setting shared[] = { SET("body", "{to}{text}"), SET("secret_file", secret_file("x")),
		SET("shared_secret", "body:x"), { 0 } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		rig_refuses(BASE, rows[i].set, rows[i].says);
	rig_refuses(NULL, no_base, "base_url");
	rig_refuses("http://192.0.2.7", no_base, "plain_http");
	rig_refuses(BASE, unused, "secret_file");
	rig_refuses(BASE, nameless, "signature_header");
	rig_refuses(BASE, crc, "crc32");
	rig_refuses(BASE, shared, "shared_secret");
}

/* ---- answers ---- */

static void test_statuses(void)
{
	static const struct {
		uint32_t                 status;
		enum tandem_outcome_kind kind;
	} rows[] = { { 200, TANDEM_ACCEPTED }, { 202, TANDEM_ACCEPTED }, { 204, TANDEM_ACCEPTED },
		{ 301, TANDEM_UNCERTAIN },
		{ 303, TANDEM_UNCERTAIN }, { 400, TANDEM_PERMANENT_OTHER }, { 401, TANDEM_AUTH }, { 402, TANDEM_FUNDS },
		{ 403, TANDEM_AUTH }, { 404, TANDEM_TEMPORARY }, { 405, TANDEM_TEMPORARY }, { 408, TANDEM_UNCERTAIN },
		{ 422, TANDEM_PERMANENT_OTHER }, { 429, TANDEM_THROTTLED }, { 500, TANDEM_UNCERTAIN },
		{ 502, TANDEM_UNCERTAIN },
		{ 503, TANDEM_TEMPORARY }, { 504, TANDEM_UNCERTAIN }, { 599, TANDEM_UNCERTAIN } };
	const struct td_conf_setting settings[] = { SET("body", "{to}{text}"), { 0 } };
	const struct tandem_pair seconds[] = { { TANDEM_LIT("retry-after"), TANDEM_LIT("120") }, NO_MORE };
	const struct tandem_pair date[] = { { TANDEM_LIT("date"), TANDEM_LIT("Tue, 24 Nov 2026 23:42:49 GMT") },
		{ TANDEM_LIT("retry-after"), TANDEM_LIT("Tue, 24 Nov 2026 23:43:49 GMT") }, NO_MORE };
	const struct tandem_pair odd[] = { { TANDEM_LIT("retry-after"), TANDEM_LIT("99999999999999999999") }, NO_MORE };
	struct tandem_outcome o;

	start(settings);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		is_int(rig_answer(0, rows[i].status, NULL, "x").kind, rows[i].kind, "HTTP %u without a rule", rows[i].status);
	o = rig_answer(0, 429, seconds, "secret text");
	is_int(o.retry_after_ms, 120000, "Retry-After in seconds");
	is_view(o.code, "HTTP 429", "the status is the code");
	is_int(o.detail.n, 0, "what the answer says is not logged, it may hold the text");
	is_int(rig_answer(0, 503, date, "").retry_after_ms, 59877, "as a date");
	is_int(rig_answer(0, 429, odd, "").retry_after_ms, 0, "as nonsense");
}

static void test_rules(void)
{
	const struct td_conf_setting settings[] = { SET("body", "{to}{text}{reference}"), SET("idempotent", "true"),
		SET("ok", "200\n201\nbody:^OK"), SET("id", "regex:^OK ([0-9a-f]+)"), SET("reason", "regex:because (.*)"),
		SET("errors", "body:duplicate -> accepted\n470 -> permanent-number\n471 -> permanent-optout\n472 -> temporary\n"
			"473 -> throttled\n474 -> auth\n475 -> funds\n476 -> uncertain\n47x -> permanent-other\n"
			"body:^ERR -> funds -> permanent-number"), { 0 } };
	struct tandem_outcome o;

	ok(rig_init(BASE, settings) == TANDEM_OK, "an arrow in a pattern: the last one counts");
	ok(capabilities & TANDEM_CAN_REPEAT, "idempotent: it may be repeated");
	o = rig_answer(0, 200, NULL, "OK 17ab\n");
	is_int(o.kind, TANDEM_ACCEPTED, "success");
	is_view(o.ids[0], "17ab", "with its id");
	is_int(rig_answer(0, 200, NULL, "OK").kind, TANDEM_UNCERTAIN, "a success without id is uncertain");
	is_int(rig_answer(0, 200, NULL, "Welcome").kind, TANDEM_UNCERTAIN, "200 with another body as well");
	is_int(rig_answer(0, 202, NULL, "OK 1").kind, TANDEM_UNCERTAIN, "and another status");
	o = rig_answer(0, 409, NULL, "duplicate");
	is_int(o.kind, TANDEM_ACCEPTED, "an error that means accepted");
	is_int(o.nids, 0, "without an id");
	is_int(rig_answer(0, 470, NULL, "").kind, TANDEM_PERMANENT_NUMBER, "permanent-number");
	is_int(rig_answer(0, 471, NULL, "").kind, TANDEM_PERMANENT_OPTOUT, "permanent-optout");
	is_int(rig_answer(0, 472, NULL, "").kind, TANDEM_TEMPORARY, "temporary");
	is_int(rig_answer(0, 473, NULL, "").kind, TANDEM_THROTTLED, "throttled");
	is_int(rig_answer(0, 474, NULL, "").kind, TANDEM_AUTH, "auth");
	is_int(rig_answer(0, 475, NULL, "").kind, TANDEM_FUNDS, "funds");
	is_int(rig_answer(0, 476, NULL, "").kind, TANDEM_UNCERTAIN, "uncertain");
	is_int(rig_answer(0, 477, NULL, "").kind, TANDEM_PERMANENT_OTHER, "the first rule that holds counts");
	is_int(rig_answer(0, 200, NULL, "ERR -> funds").kind, TANDEM_PERMANENT_NUMBER, "rules come before ok");
	o = rig_answer(0, 500, NULL, "because the sky\nis high");
	is_view(o.detail, "the sky\nis high", "its reason");
}

/* A body of a megabyte is looked at, but not for ever. */
static void test_large(void)
{
	const struct td_conf_setting settings[] = { SET("body", "{to}{text}"), SET("ok", "body:(a*)*b"),
		SET("id", "regex:(a+)b"), { 0 } };
	char *body = malloc((1 << 20) + 1);

	memset(body, 'a', 1 << 20);
	body[1 << 20] = '\0';
	start(settings);
	is_int(rig_answer(0, 200, NULL, body).kind, TANDEM_UNCERTAIN, "a megabyte of nothing");
	free(body);
}

/* ---- Kannel ---- */

static void test_kannel(void)
{
	const struct td_conf_setting settings[] = { SET("method", "GET"), SET("user", "shop"),
		SET("password_file", secret_file("pa55")), SET("path", "/cgi-bin/sendsms?username={user}&password={password}"
			"&from={from}&to={to}&text={text}&charset=UTF-8&coding={encoding}&dlr-mask=31&dlr-url={callback}"),
		SET("encodings", "gsm7=0\nucs2=2"), SET("ok", "202\nbody:^[03]:"),
		SET("errors", "body:[Rr]eceiver -> permanent-number\nbody:denied -> permanent-optout\n"
			"body:^Authorization failed -> auth\n403 -> permanent-other\n500 -> temporary"),
		SET("receipt.query", "id={reference}&s=%d&r=%A"), SET("receipt.id", "id"), SET("receipt.state", "s"),
		SET("receipt.code", "r"), SET("receipt.states", "1=delivered\n2=undelivered\n4=accepted\n8=accepted\n"
			"16=undelivered\n34=undelivered\n66=unknown"),
		SET("inbound.from", "from"), SET("inbound.to", "to"), SET("inbound.text", "text"), SET("inbound.id", "mid"),
		{ 0 } };
	struct tandem_sms sms = rig_sms("5 \xe2\x82\xac");
	struct tandem_step step;
	struct tandem_events e;

	start(settings);
	ok(!(capabilities & TANDEM_CAN_VERIFY), "Kannel signs nothing: the host protects the webhook");
	ok(capabilities & TANDEM_CAN_CALLBACK && capabilities & TANDEM_CAN_RECEIPT && capabilities & TANDEM_CAN_INBOUND,
		"but tells receipts and inbound SMS");
	sms.callback_url = v(HOOK "?k=s3cr3t");
	sms.encoding = TANDEM_UCS2;
	step = rig_request(&sms);
	is_view(step.http.url, BASE "/cgi-bin/sendsms?username=shop&password=pa55&from=%2B15550001111&to=%2B15551234567"
		"&text=5%20%E2%82%AC&charset=UTF-8&coding=2&dlr-mask=31&dlr-url=https%3A%2F%2Fsms.example.com%2Fhook%2Fp%3Fk%3D"
		"s3cr3t%26id%3D01REF%26s%3D%25d%26r%3D%25A", "sendsms");
	ok(step.http.url_secret, "has a password in it");
	is_int(rig_answer(0, 202, NULL, "0: Accepted for delivery").kind, TANDEM_ACCEPTED, "accepted");
	is_int(rig_answer(0, 202, NULL, "3: Queued for later delivery").kind, TANDEM_ACCEPTED, "queued");
	is_int(rig_answer(0, 202, NULL, "hello").kind, TANDEM_UNCERTAIN, "anything else");
	is_int(rig_answer(0, 403, NULL, "Authorization failed for sendsms").kind, TANDEM_AUTH, "password");
	is_int(rig_answer(0, 403, NULL, "Not routable. Do not try again.").kind, TANDEM_PERMANENT_OTHER, "not routable");
	is_int(rig_answer(0, 503, NULL, "Temporal failure, try again later.").kind, TANDEM_TEMPORARY, "later");
	ok(rig_hook("GET", HOOK "?k=x&id=01REF&s=1&r=ACK%2F", NULL, v(""), &e) && e.nevents == 1, "a receipt");
	ok(e.events[0].kind == TANDEM_RECEIPT && e.events[0].state == TANDEM_DELIVERED, "delivered");
	is_view(e.events[0].id, "01REF", "our reference");
	is_view(e.events[0].code, "ACK/", "its code");
	is_int(e.status, 0, "answered with 200");
	is_int(e.body.n, 0, "and nothing, which Kannel would send as an SMS");
	ok(rig_hook("GET", HOOK "?id=01REF&s=99", NULL, v(""), &e) && !e.nevents, "a state that is not known: no event");
	ok(rig_hook("GET", HOOK "?from=0015551234567&to=12345&text=STOP+now&mid=7", NULL, v(""), &e) && e.nevents == 1,
		"an inbound SMS");
	is_view(e.events[0].from, "+15551234567", "from, with its plus");
	is_view(e.events[0].to, "12345", "a short code stays");
	is_view(e.events[0].text, "STOP now", "text");
	is_view(e.events[0].id, "7", "id");
	ok(rig_hook("GET", HOOK "?from=%2B15551234567&to=1&text=", NULL, v(""), &e) && e.nevents == 1, "an empty text");
	ok(!rig_hook("GET", HOOK "?colour=red", NULL, v(""), &e) && e.refused && e.status == 400,
		"anything else is refused");
	ok(!rig_hook("POST", HOOK, NULL, v("text=alone"), &e), "a text without a sender, too");
}

/* ---- a JSON gateway, with batches ---- */

#define RESULT \
	"{\"messages\":[{\"messageId\":\"m-17\",\"status\":{\"groupId\":%d,\"id\":%d,\"description\":\"words\"}}]}"

static enum tandem_outcome_kind json_answer(int group, int id)
{
	char body[300];

	snprintf(body, sizeof(body), RESULT, group, id);
	return rig_answer(0, 200, NULL, body).kind;
}

static const struct td_conf_setting json_gateway[] = { SET("path", "/sms/3/messages"),
	SET("headers", "Accept: application/json"),
	SET("body", "{\"messages\":[{\"sender\":\"{from_digits}\",\"destinations\":[{\"to\":\"{to_digits}\",\"messageId\":"
		"\"{reference}\"}],\"content\":{\"text\":\"{text}\"},\"webhooks\":{\"delivery\":{\"url\":\"{callback}\"}}}]}"),
	SET("id", "/messages/0/messageId"), SET("reason", "/messages/0/status/description"),
	SET("errors", "json:/messages/0/status/id=12 -> funds\njson:/messages/0/status/id=52 -> permanent-number\n"
		"json:/messages/0/status/id=14 -> permanent-optout\njson:/messages/0/status/groupId=5 -> permanent-other\n"
		"json:/requestError=* -> auth"),
	SET("receipt.list", "/results"), SET("receipt.id", "/messageId"), SET("receipt.state", "/status/groupName"),
	SET("receipt.code", "/error/id"),
	SET("receipt.states", "DELIVERED=delivered\nUNDELIVERABLE=undelivered\nEXPIRED=undelivered\nNOWHERE=bad-number\n"
		"PENDING=accepted"),
	SET("inbound.list", "/results"), SET("inbound.from", "/from"), SET("inbound.to", "/to"),
		SET("inbound.text", "/text"),
	SET("inbound.id", "/messageId"), SET("answer", "{\"ok\":true}"), SET("answer_type", "application/json"), { 0 } };

static void test_json_gateway(void)
{
	struct tandem_sms sms = rig_sms("Say \"hi\"");
	struct tandem_outcome o;
	struct tandem_step step;

	start(json_gateway);
	sms.callback_url = v(HOOK);
	step = rig_request(&sms);
	is_view(step.http.body, "{\"messages\":[{\"sender\":\"15550001111\",\"destinations\":[{\"to\":\"15551234567\","
		"\"messageId\":\"01REF\"}],\"content\":{\"text\":\"Say \\\"hi\\\"\"},"
		"\"webhooks\":{\"delivery\":{\"url\":\"" HOOK
		"\"}}}]}", "the request");
	is_int(step.http.nheaders, 2, "a header, and the type");
	o = rig_answer(0, 200, NULL, "{\"messages\":[{\"messageId\":\"m-17\",\"status\":{\"groupId\":1,\"id\":26}}]}");
	is_int(o.kind, TANDEM_ACCEPTED, "accepted");
	is_view(o.ids[0], "m-17", "with its id");
	is_int(json_answer(5, 12), TANDEM_FUNDS, "rejected: no money");
	is_int(json_answer(5, 52), TANDEM_PERMANENT_NUMBER, "no such number");
	is_int(json_answer(5, 14), TANDEM_PERMANENT_OPTOUT, "opted out");
	is_int(json_answer(5, 15), TANDEM_PERMANENT_OTHER, "any other");
	is_int(rig_answer(0, 400, NULL, "{\"requestError\":\"x\"}").kind, TANDEM_AUTH, "a member that is there");
	is_int(rig_answer(0, 200, NULL, "{\"messages\":[]}").kind, TANDEM_UNCERTAIN, "an empty list is uncertain");
	is_int(rig_answer(0, 200, NULL, "{\"messages\":[").kind, TANDEM_UNCERTAIN, "half an answer");
	o = rig_answer(0, 200, NULL, "{\"messages\":[{\"status\":{\"description\":\"No \xc3\xa9\"}}]}");
	is_int(o.kind, TANDEM_UNCERTAIN, "no id");
}

static void test_json_hooks(void)
{
	struct tandem_events e;

	ok(rig_hook("POST", HOOK, NULL, v("{\"results\":[{\"messageId\":\"a\",\"status\":{\"groupName\":\"DELIVERED\"}},"
		"{\"messageId\":17,\"status\":{\"groupName\":\"nowhere\"},\"error\":{\"id\":27}},"
		"{\"messageId\":\"c\",\"status\":{\"groupName\":\"NEW\"}},{\"what\":1},"
		"{\"messageId\":\"d\",\"from\":\"15551234567\",\"to\":\"15550001111\",\"text\":\"STOP\"}]}"), &e), "a batch");
	is_int(e.nevents, 3, "three of five are events");
	ok(e.events[0].state == TANDEM_DELIVERED && !e.events[0].bad_number, "delivered");
	ok(e.events[1].state == TANDEM_UNDELIVERED && e.events[1].bad_number, "undelivered, no such number");
	is_view(e.events[1].id, "17", "a number as id");
	is_view(e.events[1].code, "27", "as code");
	is_int(e.events[2].kind, TANDEM_INBOUND, "and an inbound SMS");
	is_view(e.events[2].from, "+15551234567", "from");
	is_view(e.body, "{\"ok\":true}", "the configured answer");
	is_view(e.type, "application/json", "of its type");
	ok(rig_hook("POST", HOOK, NULL, v("{\"results\":[]}"), &e) && !e.nevents, "an empty batch is nothing wrong");
	ok(!rig_hook("POST", HOOK, NULL, v("{\"results\":[{\"x\":1}]}"), &e) && e.status == 400, "a batch of nonsense is");
	ok(!rig_hook("POST", HOOK, NULL, v("{\"results\":"), &e), "half a document");
	ok(!rig_hook("POST", HOOK, NULL, v("\xff\xfe\x00%%%&&=&"), &e), "noise");
	ok(!rig_hook("POST", HOOK, NULL, v(""), &e), "nothing");
}

/* ---- who may call ---- */

static void receipt_by(const char *url, const struct tandem_pair *headers, const char *body, bool good,
	const char *what)
{
	struct tandem_events e;

	ok(rig_hook("POST", url, headers, v(body), &e) == good, "%s", what);
	if (!good)
		ok(e.refused && e.status == 403 && !e.nevents, "… with 403");
}

#define WITH_RECEIPT SET("body", "{to}{text}{callback}"), SET("receipt.id", "id"), SET("receipt.state", "s"), \
	SET("receipt.states", "1=delivered")

static void test_signatures(void)
{
	const struct td_conf_setting hex[] = { WITH_RECEIPT, SET("secret_file", secret_file("key")),
		SET("signature", "hmac-sha256-hex"), SET("signature_header", "X-Sign"), { 0 } };
	const struct td_conf_setting base64[] = { WITH_RECEIPT, SET("secret_file", secret_file("key")),
		SET("signature", "hmac-sha1-base64"), SET("signature_header", "X-Sign"), { 0 } };
	/* printf 'id=1&s=1' | openssl dgst -hmac key -sha256, -sha1 -binary | base64 */
	const struct tandem_pair good[] = { { TANDEM_LIT("x-sign"),
		TANDEM_LIT("2c9e41ced7ad9ff98f64ef1cfd6bf437bd14e6b32f93970a7fef418f5233c1d9") }, NO_MORE };
	const struct tandem_pair prefixed[] = { { TANDEM_LIT("x-sign"),
		TANDEM_LIT("sha256=2c9e41ced7ad9ff98f64ef1cfd6bf437bd14e6b32f93970a7fef418f5233c1d9") }, NO_MORE };
	const struct tandem_pair sha1[] = { { TANDEM_LIT("x-sign"), TANDEM_LIT("91SBvVV4yfJum9VM7Qng5YXL1Bw=") }, NO_MORE };
	const struct tandem_pair empty[] = { { TANDEM_LIT("x-sign"), TANDEM_LIT("") }, NO_MORE };

	start(hex);
	ok(capabilities & TANDEM_CAN_VERIFY, "it checks signatures itself");
	receipt_by(HOOK, good, "id=1&s=1", true, "a good signature");
	receipt_by(HOOK, prefixed, "id=1&s=1", true, "with its algorithm before it");
	receipt_by(HOOK, good, "id=2&s=1", false, "another body is refused");
	receipt_by(HOOK, sha1, "id=1&s=1", false, "another algorithm");
	receipt_by(HOOK, empty, "id=1&s=1", false, "an empty one");
	receipt_by(HOOK, NULL, "id=1&s=1", false, "none");
	start(base64);
	receipt_by(HOOK, sha1, "id=1&s=1", true, "SHA-1, base64");
	receipt_by(HOOK, good, "id=1&s=1", false, "not SHA-256");
}

static void test_shared_secrets(void)
{
	const struct td_conf_setting in_header[] = { WITH_RECEIPT, SET("secret_file", secret_file("key")),
		SET("shared_secret", "header:X-Key"), { 0 } };
	const struct td_conf_setting in_query[] = { WITH_RECEIPT, SET("secret_file", secret_file("k&y")),
		SET("shared_secret", "query:auth"), SET("receipt.query", "ref={reference}"), { 0 } };
	const struct tandem_pair good[] = { { TANDEM_LIT("x-key"), TANDEM_LIT("key") }, NO_MORE };
	const struct tandem_pair bad[] = { { TANDEM_LIT("x-key"), TANDEM_LIT("kez") }, NO_MORE };
	struct tandem_sms sms = rig_sms("Hi");

	start(in_header);
	ok(capabilities & TANDEM_CAN_VERIFY, "a shared secret is a proof");
	receipt_by(HOOK, good, "id=1&s=1", true, "in its header");
	receipt_by(HOOK, bad, "id=1&s=1", false, "a wrong one");
	receipt_by(HOOK "?X-Key=key", NULL, "id=1&s=1", false, "in another place");
	start(in_query);
	receipt_by(HOOK "?auth=k%26y", NULL, "id=1&s=1", true, "in the query");
	receipt_by(HOOK "?auth=k", NULL, "id=1&s=1", false, "a part of it");
	receipt_by(HOOK, NULL, "id=1&s=1&auth=k%26y", false, "in the body");
	receipt_by(HOOK "?auth=%zz", NULL, "id=1&s=1", false, "in a broken query");
	sms.callback_url = v(HOOK);
	like(str(rig_request(&sms).http.body), "hook%2Fp%3Fauth%3Dk%2526y%26ref%3D01REF",
		"the address we hand out has it, and our query");
	sms.callback_url = v("");
	is_view(rig_request(&sms).http.body, "%2B15551234567Hi", "where there is no address, none");
}

int main(void)
{
	rig_load("http");
	test_defaults();
	test_escapes();
	test_credentials();
	test_settings();
	test_statuses();
	test_rules();
	test_large();
	test_kannel();
	test_json_gateway();
	test_json_hooks();
	test_signatures();
	test_shared_secrets();
	rig_end();
	return done_testing();
}
