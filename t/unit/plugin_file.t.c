/*
 * plugin_file - the file provider: its lines, the outcomes it is told, what comes in
 */
#include "plugin_rig.h"

static int start(const char *fail)
{
	const struct td_conf_setting settings[] = { SET("path", "/var/out.jsonl"), SET("incoming", "in.jsonl"),
		SET("fail", fail), { 0 } };

	return rig_init(NULL, settings);
}

static struct tandem_sms sms_to(const char *to, uint32_t attempt)
{
	return (struct tandem_sms){ .struct_size = sizeof(struct tandem_sms), .attempt = attempt, .job = v("01JOB"),
		.reference = v("01REF"),
		.to = v(to), .from = v("+15550001111"), .text = v("Order \"A\" \xd8\xaa\xd9\x85\n"), .encoding = TANDEM_UCS2,
			.segments = 1,
		.cls = v("transactional"), .category = v("order-confirmation") };
}

static enum tandem_outcome_kind outcome(const char *to, uint32_t attempt)
{
	struct tandem_step step = { .token = 0 };
	struct tandem_sms sms = sms_to(to, attempt);

	rig_begin();
	is_int(plugin->request(&call.pub, state, &sms, &step), TANDEM_OK, "request to %s", to);
	return step.outcome.kind;
}

static void test_request(void)
{
	struct tandem_step step = { .token = 0 };
	struct tandem_sms sms = sms_to("+15551234567", 1);
	struct tandem_answer answer = { .struct_size = sizeof(answer), .sms = &sms };

	rig_begin();
	is_int(plugin->request(&call.pub, state, &sms, &step), TANDEM_OK, "request");
	is_int(step.outcome.kind, 0, "wants to write");
	is_int(step.file.what, TANDEM_FILE_DO_APPEND, "a line");
	is_view(step.file.bytes,
		"{\"job\":\"01JOB\",\"to\":\"+15551234567\",\"from\":\"+15550001111\","
		"\"text\":\"Order \\\"A\\\" \xd8\xaa\xd9\x85\\n\","
		"\"encoding\":\"ucs2\",\"segments\":1,\"class\":\"transactional\","
		"\"category\":\"order-confirmation\",\"reference\":\"01REF\","
		"\"at\":\"2026-11-24T23:42:49.123Z\"}\n", "with these keys in this order, on one line");
	answer.token = step.token;
	step = (struct tandem_step){ .token = 0 };
	is_int(plugin->response(&call.pub, state, &answer, &step), TANDEM_OK, "response");
	is_int(step.outcome.kind, TANDEM_ACCEPTED, "accepted once it is written");
	is_view(step.outcome.ids[0], "01JOB", "the provider's id is the job's");
}

static void test_national(void)
{
	static const struct {
		uint8_t     single, locking;
		const char *says;
	} cases[] = { { 1, 0, "\"encoding\":\"gsm7\",\"national\":\"tr\",\"segments\":1," },
		{ 2, 0, "\"national\":\"es\"" }, { 0, 3, "\"national\":\"pt\"" }, { 3, 3, "\"national\":\"pt\"" } };

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct tandem_step step = { .token = 0 };
		struct tandem_sms sms = sms_to("+15551234567", 1);
		char line[1024];

		sms.encoding = TANDEM_GSM7;
		sms.shift_single = cases[i].single;
		sms.shift_locking = cases[i].locking;
		rig_begin();
		is_int(plugin->request(&call.pub, state, &sms, &step), TANDEM_OK, "request with national tables");
		snprintf(line, sizeof(line), "%.*s", (int)step.file.bytes.n, step.file.bytes.p);
		like(line, cases[i].says, "the line says which");
	}
}

static void test_query(void)
{
	struct tandem_step step = { .token = 0 };
	struct tandem_sms sms = sms_to("+15551234567", 1);
	struct tandem_answer answer = { .struct_size = sizeof(answer), .sms = &sms };

	rig_begin();
	is_int(plugin->query(&call.pub, state, &sms, &step), TANDEM_OK, "query");
	is_int(step.file.what, TANDEM_FILE_DO_FIND, "looks for the line");
	is_view(step.file.key, "01REF", "with our reference");
	answer.token = step.token;
	step = (struct tandem_step){ .token = 0 };
	plugin->response(&call.pub, state, &answer, &step);
	is_int(step.outcome.kind, TANDEM_NOT_THERE, "no line: it was never written");
	answer.body = v("{\"job\":\"01JOB\",\"reference\":\"01REF\"}");
	step = (struct tandem_step){ .token = 0 };
	plugin->response(&call.pub, state, &answer, &step);
	is_int(step.outcome.kind, TANDEM_ACCEPTED, "the line: accepted");
	answer.body = v("{\"text\":\"01REF\",\"reference\":\"01OTHER\"}");
	step = (struct tandem_step){ .token = 0 };
	plugin->response(&call.pub, state, &answer, &step);
	is_int(step.outcome.kind, TANDEM_NOT_THERE, "another line is not ours");
}

static int inbound(const char *line, struct tandem_events *events)
{
	struct tandem_inbound_file in = { .struct_size = sizeof(in), .file = 1, .line = 1, .bytes = v(line) };

	rig_begin();
	*events = (struct tandem_events){ .refused = false };
	return plugin->inbound_file(&call.pub, state, &in, events);
}

static void malformed(const char *line, const char *says)
{
	struct tandem_events events;

	ok(inbound(line, &events) != TANDEM_OK && events.refused, "refused: %s", line);
	like(err.text, says, "because: %s", says);
}

static void test_inbound(void)
{
	struct tandem_events events;

	is_int(inbound("{\"from\":\"+15551234567\",\"to\":\"+15550001111\",\"text\":\"STOP\",\"id\":17}", &events),
		TANDEM_OK, "inbound SMS");
	is_int(events.nevents, 1, "one event");
	is_int(events.events[0].kind, TANDEM_INBOUND, "an inbound SMS");
	is_view(events.events[0].from, "+15551234567", "from");
	is_view(events.events[0].text, "STOP", "text");
	is_view(events.events[0].id, "17", "a number is an id too");
	is_int(inbound("{\"receipt\":\"01JOB\",\"state\":\"delivered\"}", &events), TANDEM_OK, "receipt");
	ok(events.events[0].kind == TANDEM_RECEIPT && events.events[0].state == TANDEM_DELIVERED, "delivered");
	is_view(events.events[0].id, "01JOB", "of that job");
	is_int(inbound("{\"from\":\"+1555\",\"text\":\"\"}", &events), TANDEM_OK, "an empty text is a text");
	malformed("", "no JSON");
	malformed("{\"from\":\"+1\"", "no JSON");
	malformed("[1]", "no JSON object");
	malformed("{\"text\":\"x\"}", "\"from\"");
	malformed("{\"from\":\"+1555\"}", "\"text\"");
	malformed("{\"receipt\":\"x\",\"state\":\"lost in the post\"}", "lost in the post");
	malformed("{\"receipt\":\"\",\"state\":\"delivered\"}", "without an id");
}

static void test_fail(void)
{
	is_int(start("+1550=permanent-number\n+1551=permanent-optout\n+1552=permanent-other\n"
		"+1553=temporary:2\n+1554=throttled\n"
		"+1555=auth\n+1556=funds\n+1557=uncertain"), TANDEM_OK, "a list of numbers to fail");
	is_int(outcome("+1550", 1), TANDEM_PERMANENT_NUMBER, "permanent-number");
	is_int(outcome("+1551", 1), TANDEM_PERMANENT_OPTOUT, "permanent-optout");
	is_int(outcome("+1552", 9), TANDEM_PERMANENT_OTHER, "permanent-other");
	is_int(outcome("+1553", 2), TANDEM_TEMPORARY, "temporary at the second attempt");
	is_int(outcome("+1553", 3), 0, "but not at the third");
	is_int(outcome("+1554", 1), TANDEM_THROTTLED, "throttled");
	is_int(outcome("+1555", 1), TANDEM_AUTH, "auth");
	is_int(outcome("+1556", 1), TANDEM_FUNDS, "funds");
	is_int(outcome("+1557", 1), TANDEM_UNCERTAIN, "uncertain");
	is_int(outcome("+15500", 1), 0, "other numbers are written");
	ok(start("+1550=perhaps") != TANDEM_OK, "an outcome that does not exist");
	like(err.text, "+1550=perhaps", "is named");
	ok(start("1550=temporary") != TANDEM_OK && start("+1550=temporary:x") != TANDEM_OK &&
		start("+1550=temporary:0") != TANDEM_OK,
		"malformed rules");
}

int main(void)
{
	rig_load("file");
	is_int(start("+1550=temporary"), TANDEM_OK, "init");
	is_int(files.n, 2, "works with two files");
	ok(files.v[0].use == TANDEM_FILE_APPEND && !strcmp(files.v[0].path, "/var/out.jsonl"), "appends to path");
	ok(files.v[1].use == TANDEM_FILE_TAIL && !strcmp(files.v[1].path, "/etc/tandem/in.jsonl"), "reads incoming");
	test_request();
	test_national();
	test_query();
	test_inbound();
	test_fail();
	rig_end();
	return done_testing();
}
