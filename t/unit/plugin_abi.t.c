/*
 * plugin_abi - aws and telnyx of t/abi: signatures against vectors
 *
 * t/data/providers/telnyx.json says where its vector comes from; the signer of the other one reproduces
 * aws_sigv4.json.
 */
#include "plugin_rig.h"

/* The plugins stand in t/abi. */
static void load(const char *name)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/t/abi", getenv("TANDEM_BUILD"));
	if (plugin_load(path, name, &plugin, &err))
		bail_out("%s", err.text);
	ok(true, "%s is loaded", name);
}

static const struct tandem_json *vectors(const char *name)
{
	static char text[65536];
	char path[512];
	FILE *f;
	size_t n;

	snprintf(path, sizeof(path), "%s/t/data/providers/%s.json", getenv("TANDEM_SRC"), name);
	f = fopen(path, "r");
	n = f ? fread(text, 1, sizeof(text), f) : 0;
	if (f)
		fclose(f);
	return call.pub.host->json_read(&call.pub, (struct tandem_view){ text, n });
}

static void test_telnyx(void)
{
	struct td_conf_setting settings[] = { SET("api_key_file", secret_file("KEY")),
		SET("public_key", "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="), { 0 } };
	const struct tandem_host *host;
	const struct tandem_json *vector;
	struct tandem_pair headers[2];
	struct tandem_webhook in = { .struct_size = sizeof(in), .method = "POST", .headers = headers, .nheaders = 2 };
	struct tandem_events out = { .refused = false };

	load("telnyx");
	is_int(rig_init(NULL, settings), TANDEM_OK, "telnyx: init");
	rig_begin();
	host = call.pub.host;
	vector = host->json_pointer(vectors("telnyx"), "/vectors/0");
	headers[0] = (struct tandem_pair){ v("telnyx-timestamp"), host->json_text(host->json_member(vector, "timestamp")) };
	headers[1] = (struct tandem_pair){ v("telnyx-signature-ed25519"),
		host->json_text(host->json_member(vector, "signature")) };
	in.body = host->json_text(host->json_member(vector, "body"));
	call.pub.now_ms = 1705354335000;
	is_int(plugin->webhook(&call.pub, state, &in, &out), TANDEM_OK, "telnyx: the signature is good");
	ok(out.nevents == 1 && out.events[0].kind == TANDEM_RECEIPT && out.events[0].state == TANDEM_DELIVERED,
		"telnyx: and the event a receipt");
	call.pub.now_ms += 400000;
	ok(plugin->webhook(&call.pub, state, &in, &out) != TANDEM_OK, "telnyx: not when it is old");
	/* The same call: what the vector holds ends with it. */
	call.pub.failed = false;
	call.pub.now_ms = 1705354335000;
	in.body.n--;
	ok(plugin->webhook(&call.pub, state, &in, &out) != TANDEM_OK, "telnyx: nor when the body is another");
}

static struct tandem_view header_of(const struct tandem_http *http, const char *name)
{
	for (size_t i = 0; i < http->nheaders; i++) {
		if (http->headers[i].name.n == strlen(name) && !memcmp(http->headers[i].name.p, name, strlen(name)))
			return http->headers[i].value;
	}
	return v("");
}

/* Our body has members that no published vector has: an independent signer that reproduces those signed it. */
static void test_aws(void)
{
	struct td_conf_setting settings[] = { SET("region", "us-east-1"), SET("access_key_id", "AKIDEXAMPLE"),
		SET("secret_key_file", secret_file("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")), SET("topics", "arn:x"),
			{ 0 } };
	struct tandem_sms sms;
	struct tandem_step step = { .token = 0 };

	load("aws");
	is_int(rig_init(NULL, settings), TANDEM_OK, "aws: init");
	rig_begin();
	call.pub.now_ms = 1440938160000; /* 20150830T123600Z */
	sms = rig_sms("Hello");
	is_int(plugin->request(&call.pub, state, &sms, &step), TANDEM_OK, "aws: request");
	is_str(str(header_of(&step.http, "x-amz-date")), "20150830T123600Z", "aws: the time as text");
	like(str(header_of(&step.http, "authorization")), "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/"
		"sms-voice/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=",
		"aws: the signature's scope");
	like(str(header_of(&step.http, "authorization")),
		"Signature=986abf072e3b3bce097231a94867305b6a3aa48bc65801339cc1033388eb3ee2",
			"aws: the signature is that of an independent signer");
}

int main(void)
{
	rig_load("file");
	test_telnyx();
	test_aws();
	rig_end();
	return done_testing();
}
