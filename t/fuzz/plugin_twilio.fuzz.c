/*
 * plugin_twilio.fuzz - answers and webhooks of the provider twilio
 *
 * The first two bytes are status and method; then headers, body and query, each up to a NUL. With the lowest bit of the
 * second byte the webhook is given the signature that it must have, or no input would come further.
 */
#include "plugin_fuzz.h"

#define ACCOUNT "AC00000000000000000000000000000001"
#define TOKEN "s3cr3t"
#define HOOK "https://sms.example.com/hook/p"

/* The webhook once more, signed as Twilio signs a JSON body: the URL with bodySHA256, by HMAC-SHA1. */
static void signed_hook(struct tandem_view body)
{
	const struct tandem_host *host;
	unsigned char mac[TANDEM_DIGEST_MAX];
	struct tandem_pair headers[2] = { { TANDEM_LIT("content-type"), TANDEM_LIT("application/json") },
		{ TANDEM_LIT("x-twilio-signature"), TANDEM_LIT("") } };
	struct tandem_webhook in = { .struct_size = sizeof(in), .method = "POST", .headers = headers, .nheaders = 2,
		.body = body, .path = v("/hook/p"), .peer = v("192.0.2.1") };
	struct tandem_events out = { .refused = false };
	size_t n;

	rig_begin();
	host = call.pub.host;
	n = host->digest(TANDEM_SHA256, body, mac);
	in.query = host->hex_encode(&call.pub, (struct tandem_view){ (char *)mac, n });
	in.query = host->print(&call.pub, "bodySHA256=%.*s", (int)in.query.n, in.query.p);
	in.url = host->print(&call.pub, HOOK "?%.*s", (int)in.query.n, in.query.p);
	n = host->hmac(TANDEM_SHA1, v(TOKEN), in.url, mac);
	headers[1].value = host->base64_encode(&call.pub, (struct tandem_view){ (char *)mac, n }, false);
	if (plugin->webhook(&call.pub, state, &in, &out) == TANDEM_OK && !call.pub.failed && !out.refused)
		check(!host_check_hook(&out));
}

/* A form without any parameter that the signature covers but those in the body: sorted names and values. */
static int by_name(const void *a, const void *b)
{
	const struct tandem_pair *x = a, *y = b;
	size_t n = x->name.n < y->name.n ? x->name.n : y->name.n;
	int diff = n ? memcmp(x->name.p, y->name.p, n) : 0;

	return diff ? diff : x->name.n < y->name.n ? -1 : x->name.n > y->name.n;
}

static void signed_form(struct tandem_view body)
{
	const struct tandem_host *host;
	unsigned char mac[TANDEM_DIGEST_MAX];
	struct tandem_pair headers[2] = { { TANDEM_LIT("content-type"), TANDEM_LIT("application/x-www-form-urlencoded") },
		{ TANDEM_LIT("x-twilio-signature"), TANDEM_LIT("") } };
	struct tandem_webhook in = { .struct_size = sizeof(in), .method = "POST", .url = v(HOOK), .headers = headers,
		.nheaders = 2, .body = body, .path = v("/hook/p"), .peer = v("192.0.2.1") };
	struct tandem_events out = { .refused = false };
	struct tandem_view text = v(HOOK);
	const struct tandem_pair *pairs;
	struct tandem_pair sorted[32];
	size_t n = 0;

	rig_begin();
	host = call.pub.host;
	pairs = host->form_decode(&call.pub, body, &n);
	if (!pairs || n > 32)
		return;
	memcpy(sorted, pairs, n * sizeof(*pairs));
	qsort(sorted, n, sizeof(*sorted), by_name);
	for (size_t i = 0; i < n; i++)
		text = host->print(&call.pub, "%.*s%.*s%.*s", (int)text.n, text.p, (int)sorted[i].name.n, sorted[i].name.p,
			(int)sorted[i].value.n, sorted[i].value.p);
	n = host->hmac(TANDEM_SHA1, v(TOKEN), text, mac);
	headers[1].value = host->base64_encode(&call.pub, (struct tandem_view){ (char *)mac, n }, false);
	if (plugin->webhook(&call.pub, state, &in, &out) == TANDEM_OK && !call.pub.failed && !out.refused)
		check(!host_check_hook(&out));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct td_view rest;
	struct tandem_view body;

	fuzz_load("plugins", "twilio");
	if (!state) {
		const struct td_conf_setting settings[] = { SET("account_sid", ACCOUNT),
			SET("auth_token_file", secret_file(TOKEN)), { 0 } };

		if (rig_init(NULL, settings) != TANDEM_OK)
			bail_out("init: %s", err.text);
		fuzz_forget_secrets();
	}
	if (size < 2)
		return 0;
	fuzz_http(data, size, HOOK);
	rest = (struct td_view){ (const char *)data + 2, size - 2 };
	fuzz_piece(&rest);
	body = fuzz_piece(&rest);
	if (data[1] & 1)
		signed_form(body);
	else
		signed_hook(body);
	return 0;
}
