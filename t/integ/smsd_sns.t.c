/*
 * smsd_sns - a webhook that needs another request first: the certificate of SNS, by the aws plugin of t/abi
 *
 * The certificate comes over a proxy of the test's own, which is SNS itself; TLS is verified with the test's CA.
 */
#include "smsd_rig.h"

#include "tls_peer.h"
#include "when.h"

#define TOPIC "arn:aws:sns:us-east-1:1:sms"
#define CERTIFICATE "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-1.pem"

static const char *stamp(void)
{
	static char text[TD_TIME_SIZE];

	/* One for the whole test, that a repeated notification is the same. */
	if (!text[0])
		td_when_iso(text, (int64_t)time(NULL) * 1000);
	return text;
}

/* The signature of SignatureVersion 2, by the key whose certificate the peer has. */
static const char *sign(const char *message, const char *id)
{
	static char out[1024];
	char path[80], command[400];
	FILE *f;
	size_t n;

	snprintf(path, sizeof(path), "%s/text", tls.dir);
	put(path, "w", "Message\n%s\nMessageId\n%s\nTimestamp\n%s\nTopicArn\n" TOPIC "\nType\nNotification\n", message, id,
		stamp());
	snprintf(command, sizeof(command), "openssl dgst -sha256 -sign %s/key.pem %s | openssl base64 -A", tls.dir, path);
	f = popen(command, "r");
	n = f ? fread(out, 1, sizeof(out) - 1, f) : 0;
	out[n] = '\0';
	if (f)
		pclose(f);
	return out;
}

/* One notification of an inbound SMS; the status it is answered with. */
static int64_t notify(const char *id, const char *from, const char *certificate, bool forged)
{
	char body[8192], message[400], escaped[800];
	struct td_webhook ask = { .provider = TD_VLIT("aws"), .method = TD_VLIT("POST"),
		.url = TD_VLIT("https://sms.example.com/hook/aws"), .path = TD_VLIT("/hook/aws"),
			.peer = TD_VLIT("192.0.2.1") };
	struct td_client *client = td_client_new(at("smsd.web.sock"));
	struct td_web_answer answer = { .status = -1 };
	size_t n = 0;

	snprintf(message, sizeof(message), "{\"originationNumber\":\"%s\",\"destinationNumber\":\"+15550001111\","
		"\"messageBody\":\"STOP\",\"inboundMessageId\":\"%s\"}", from, id);
	for (const char *p = message; *p; p++) {
		if (*p == '"')
			escaped[n++] = '\\';
		escaped[n++] = *p;
	}
	escaped[n] = '\0';
	snprintf(body, sizeof(body), "{\"Type\":\"Notification\",\"MessageId\":\"%s\",\"TopicArn\":\"" TOPIC "\","
		"\"Message\":\"%s\",\"Timestamp\":\"%s\",\"SignatureVersion\":\"2\",\"Signature\":\"%s\","
		"\"SigningCertURL\":\"%s\"}", id, escaped, stamp(), sign(forged ? "another" : message, id), certificate);
	ask.body = td_view_str(body);
	td_arena_reset(&arena);
	if (td_client_call(client, TD_V_WEBHOOK, &td_webhook_shape, &ask, &td_web_answer_shape, &answer, &arena,
		PATIENCE_MS,
		    true, &err))
		diag("webhook: %s", err.text);
	td_client_free(client);
	return answer.status;
}

static void test_notifications(void)
{
	is_int(notify("sns-0", "+15551230000", CERTIFICATE, true), 403, "a forged notification is refused");
	like(tls.asked, "CONNECT sns.us-east-1.amazonaws.com:443", "after the certificate was asked for, of SNS");
	like(tls.asked, "GET /SimpleNotificationService-1.pem HTTP/1.1", "over TLS");
	tls.asked[0] = '\0';
	is_int(notify("sns-1", "+15551230001", CERTIFICATE, false), 200, "a good one is taken");
	is_int(await(at("log"), "keyword=stop", 1), 1, "and understood");
	unlike(tls.asked, "sns.us-east-1", "the certificate was remembered");
	is_int(notify("sns-1", "+15551230001", CERTIFICATE, false), 200, "the same again is answered");
	is_int(occurrences(at("log"), "keyword=stop"), 1, "and does nothing");
	is_int(notify("sns-2", "+15551230002", "https://sns.us-east-1.amazonaws.com.example.com/x.pem", false), 403,
		"a certificate of another place is none");
	unlike(tls.asked, "example.com", "and is not asked for");
	snprintf(tls.body, sizeof(tls.body), "no certificate");
	is_int(notify("sns-3", "+15551230003", "https://sns.us-east-1.amazonaws.com/2.pem", false), 403,
		"nor is what is no certificate");
}

int main(void)
{
	char providers[800], path[80];

	tls_make_ca("sns.us-east-1.amazonaws.com");
	tls.proxy = true;
	tls_start();
	snprintf(path, sizeof(path), "%s/cert.pem", tls.dir);
	snprintf(tls.body, sizeof(tls.body), "%.8000s", slurp(path));
	snprintf(providers, sizeof(providers), "{ name = \"aws\"; plugin = \"aws\"; from = \"+15550001111\"; "
		"region = \"us-east-1\"; access_key_id = \"AKID\"; secret_key_file = \"secret\"; topics = [\"" TOPIC "\"]; "
		"proxy = \"http://127.0.0.1:%u\"; ca_file = \"%s/ca.pem\"; }", tls.port, tls.dir);
	rig_providers = providers;
	rig_plugins = "t/abi";
	rig_up("", "reject");
	test_notifications();
	rig_down();
	tls_end();
	return done_testing();
}
