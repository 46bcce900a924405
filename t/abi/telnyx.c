/*
 * telnyx - Telnyx Messaging, API v2
 *
 * Settings: api_key_file, messaging_profile_id (optional: a pool of senders), public_key (of the account, in base64:
 * what webhooks are signed with). There is neither an idempotency key nor a client reference, so an SMS whose answer
 * was lost stays uncertain.
 *
 * Sources: developers.telnyx.com (messages, error codes, receiving webhooks); Telnyx's OpenAPI document.
 */
#include <tandem/provider.h>

#include <string.h>

#define AGE_MAX_S 300 /* of a webhook */

struct state {
	struct tandem_view url, authorization, profile;
	struct tandem_view key; /* 32 bytes; empty: webhooks are not served */
};

static bool is(struct tandem_view v, const char *s)
{
	return v.n == strlen(s) && (!v.n || !memcmp(v.p, s, v.n));
}

static struct tandem_view header(const struct tandem_pair *headers, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++) {
		if (is(headers[i].name, name))
			return headers[i].value;
	}
	return (struct tandem_view){ NULL, 0 };
}

/* Digits as a number; -1 for anything else. */
static int64_t number_of(struct tandem_view v)
{
	int64_t n = 0;

	for (size_t i = 0; i < v.n; i++) {
		if (v.p[i] < '0' || v.p[i] > '9' || n > 99999999999)
			return -1;
		n = n * 10 + (v.p[i] - '0');
	}
	return v.n ? n : -1;
}

static int init(struct tandem_call *call, void **out)
{
	const struct tandem_host *host = call->host;
	struct state *state = host->alloc(call, sizeof(*state));
	struct tandem_view base = host->setting_base_url(call, "https://api.telnyx.com");
	struct tandem_view api_key = host->setting_secret(call, "api_key", true);
	struct tandem_view key = host->setting_text(call, "public_key", "");

	if (!state)
		return TANDEM_FAIL;
	state->profile = host->setting_text(call, "messaging_profile_id", "");
	if (call->failed)
		return TANDEM_FAIL;
	state->url = host->print(call, "%.*s/v2/messages", (int)base.n, base.p);
	state->authorization = host->print(call, "Bearer %.*s", (int)api_key.n, api_key.p);
	state->key = key.n ? host->base64_decode(call, key, false) : (struct tandem_view){ NULL, 0 };
	if (key.n && state->key.n != 32)
		return host->error(call, "public_key: want the 32 bytes of an Ed25519 key in base64");
	if (!key.n)
		host->lacks(call, TANDEM_CAN_VERIFY);
	*out = state;
	return call->failed ? TANDEM_FAIL : TANDEM_OK;
}

/* ---- sending ---- */

static int request(struct tandem_call *call, void *arg, const struct tandem_sms *sms, struct tandem_step *out)
{
	const struct tandem_host *host = call->host;
	const struct state *state = arg;
	struct tandem_json_writer *w = host->json_writer(call);
	struct tandem_pair *headers = host->alloc(call, 2 * sizeof(*headers));

	if (!w || !headers)
		return TANDEM_FAIL;
	headers[0] = (struct tandem_pair){ TANDEM_LIT("Content-Type"), TANDEM_LIT("application/json") };
	headers[1] = (struct tandem_pair){ TANDEM_LIT("Authorization"), state->authorization };
	host->json_open(w, NULL, TANDEM_JSON_OBJECT);
	host->json_put_text(w, "to", sms->to);
	if (sms->from.n)
		host->json_put_text(w, "from", sms->from);
	if (state->profile.n)
		host->json_put_text(w, "messaging_profile_id", state->profile);
	host->json_put_text(w, "text", sms->text);
	host->json_put_text(w, "type", TANDEM_LIT("SMS"));
	host->json_put_text(w, "encoding", sms->encoding == TANDEM_UCS2 ? TANDEM_LIT("ucs2") : TANDEM_LIT("gsm7"));
	if (sms->callback_url.n)
		host->json_put_text(w, "webhook_url", sms->callback_url);
	host->json_close(w);
	out->http = (struct tandem_http){ .method = "POST", .url = state->url, .headers = headers, .nheaders = 2,
		.body = host->json_done(w) };
	return out->http.body.p ? TANDEM_OK : host->error(call, "the text is no UTF-8");
}

static const struct {
	int32_t                  first, last;
	enum tandem_outcome_kind kind;
} codes[] = {
	{ 10002, 10002, TANDEM_PERMANENT_NUMBER },
	{ 10007, 10008, TANDEM_TEMPORARY },
	{ 10009, 10010, TANDEM_AUTH },
	{ 10011, 10011, TANDEM_THROTTLED },
	{ 10016, 10016, TANDEM_PERMANENT_NUMBER },
	{ 10037, 10037, TANDEM_TEMPORARY },
	{ 10038, 10039, TANDEM_AUTH },
	{ 20001, 20009, TANDEM_AUTH },
	{ 20100, 20100, TANDEM_FUNDS },
	{ 40001, 40001, TANDEM_PERMANENT_NUMBER },
	{ 40012, 40012, TANDEM_PERMANENT_NUMBER },
	{ 40300, 40300, TANDEM_PERMANENT_OPTOUT },
	{ 40305, 40307, TANDEM_AUTH },
	{ 40309, 40309, TANDEM_AUTH },
	{ 40310, 40310, TANDEM_PERMANENT_NUMBER },
	{ 40311, 40315, TANDEM_AUTH },
	{ 40318, 40318, TANDEM_THROTTLED },
	{ 40320, 40320, TANDEM_TEMPORARY },
	{ 40321, 40321, TANDEM_AUTH },
	{ 40325, 40331, TANDEM_AUTH },
	{ 40333, 40333, TANDEM_FUNDS },
};

static enum tandem_outcome_kind kind_of(uint32_t status, int64_t code)
{
	for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++) {
		if (code >= codes[i].first && code <= codes[i].last)
			return codes[i].kind;
	}
	if (status == 401 || status == 403 || status == 404)
		return TANDEM_AUTH;
	if (status == 429)
		return TANDEM_THROTTLED;
	/* A 5xx of something between us may come after the SMS was taken. */
	if (status >= 500)
		return code >= 0 || status == 503 ? TANDEM_TEMPORARY : TANDEM_UNCERTAIN;
	return status >= 400 ? TANDEM_PERMANENT_OTHER : TANDEM_UNCERTAIN;
}

static int response(struct tandem_call *call, void *state, const struct tandem_answer *answer, struct tandem_step *out)
{
	const struct tandem_host *host = call->host;
	const struct tandem_json *json = host->json_read(call, answer->body);
	struct tandem_outcome *o = &out->outcome;
	struct tandem_view *id = host->alloc(call, sizeof(*id));
	int64_t wait;

	(void)state;
	if (!id)
		return TANDEM_FAIL;
	*id = host->json_text(host->json_pointer(json, "/data/id"));
	if (answer->status / 100 == 2) {
		o->kind = id->n ? TANDEM_ACCEPTED : TANDEM_UNCERTAIN;
		o->ids = id;
		o->nids = id->n ? 1 : 0;
		o->segments = (uint32_t)host->json_int(host->json_pointer(json, "/data/parts"));
		o->price = host->json_scalar(call, host->json_pointer(json, "/data/cost/amount"));
		o->currency = host->json_text(host->json_pointer(json, "/data/cost/currency"));
		return TANDEM_OK;
	}
	o->code = host->json_scalar(call, host->json_pointer(json, "/errors/0/code"));
	o->detail = host->json_text(host->json_pointer(json, "/errors/0/title"));
	o->kind = kind_of(answer->status, number_of(o->code));
	wait = number_of(header(answer->headers, answer->nheaders, "x-ratelimit-reset"));
	o->retry_after_ms = wait > 0 ? wait * 1000 : 0;
	return TANDEM_OK;
}

/* ---- receiving ---- */

/* Signed by Telnyx, and now? The bytes are verified as they came. */
static bool genuine(struct tandem_call *call, const struct state *state, const struct tandem_webhook *in)
{
	const struct tandem_host *host = call->host;
	struct tandem_view stamp = header(in->headers, in->nheaders, "telnyx-timestamp");
	struct tandem_view text = header(in->headers, in->nheaders, "telnyx-signature-ed25519");
	struct tandem_view signature = host->base64_decode(call, text, false);
	struct tandem_view data = host->print(call, "%.*s|%.*s", (int)stamp.n, stamp.p ? stamp.p : "", (int)in->body.n,
		in->body.p ? in->body.p : "");
	int64_t at = number_of(stamp), now = call->now_ms / 1000;

	return at >= now - AGE_MAX_S && at <= now + AGE_MAX_S && signature.n == 64 &&
		/* "%.*s" ends at a NUL, which JSON has not. */
		data.n == stamp.n + 1 + in->body.n && host->verify(TANDEM_ED25519, state->key, data, signature);
}

static enum tandem_receipt_state state_of(struct tandem_view status)
{
	static const struct {
		const char               *status;
		enum tandem_receipt_state state;
	} all[] = { { "queued", TANDEM_ON_ITS_WAY }, { "scheduled", TANDEM_ON_ITS_WAY }, { "sending", TANDEM_ON_ITS_WAY },
		{ "sent", TANDEM_ON_ITS_WAY }, { "delivered", TANDEM_DELIVERED }, { "sending_failed", TANDEM_UNDELIVERED },
		{ "delivery_failed", TANDEM_UNDELIVERED }, { "gw_timeout", TANDEM_UNDELIVERED },
		{ "dlr_timeout", TANDEM_UNDELIVERED } };

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		if (is(status, all[i].status))
			return all[i].state;
	}
	return TANDEM_LOST;
}

static enum tandem_hint hint_of(struct tandem_view type)
{
	return is(type, "OPT_OUT") ? TANDEM_HINT_STOP : is(type, "OPT_IN") ? TANDEM_HINT_START
		: is(type, "HELP") ? TANDEM_HINT_HELP : TANDEM_HINT_NONE;
}

static int webhook(struct tandem_call *call, void *arg, const struct tandem_webhook *in, struct tandem_events *out)
{
	const struct tandem_host *host = call->host;
	const struct tandem_json *json, *payload;
	const struct state *state = arg;
	struct tandem_event *e = host->alloc(call, sizeof(*e));
	struct tandem_view type;

	if (!e)
		return TANDEM_FAIL;
	if (state->key.n && !genuine(call, state, in))
		return host->error(call, "the signature is wrong, or of another time");
	json = host->json_read(call, in->body);
	payload = host->json_pointer(json, "/data/payload");
	type = host->json_text(host->json_pointer(json, "/data/event_type"));
	if (!host->json_text(host->json_member(payload, "id")).n)
		return host->error(call, "no message in it");
	host->date(host->json_text(host->json_pointer(json, "/data/occurred_at")), &e->at_ms);
	e->id = host->json_text(host->json_member(payload, "id"));
	out->events = e;
	if (is(type, "message.received")) {
		e->kind = TANDEM_INBOUND;
		e->from = host->json_text(host->json_pointer(payload, "/from/phone_number"));
		e->to = host->json_text(host->json_pointer(payload, "/to/0/phone_number"));
		e->text = host->json_text(host->json_member(payload, "text"));
		e->hint = hint_of(host->json_text(host->json_member(payload, "autoresponse_type")));
		e->answered = e->hint != TANDEM_HINT_NONE;
		out->nevents = 1;
	} else if (is(type, "message.sent") || is(type, "message.finalized")) {
		e->kind = TANDEM_RECEIPT;
		e->state = state_of(host->json_text(host->json_pointer(payload, "/to/0/status")));
		e->code = host->json_scalar(call, host->json_pointer(payload, "/errors/0/code"));
		e->bad_number = kind_of(0, number_of(e->code)) == TANDEM_PERMANENT_NUMBER;
		e->price = host->json_scalar(call, host->json_pointer(payload, "/cost/amount"));
		e->currency = host->json_text(host->json_pointer(payload, "/cost/currency"));
		out->nevents = 1;
	}
	return TANDEM_OK;
}

TANDEM_EXPORT const struct tandem_provider *tandem_provider_describe(void)
{
	static const struct tandem_provider provider = {
		.magic = TANDEM_PROVIDER_MAGIC,
		.abi_major = TANDEM_ABI_MAJOR,
		.abi_minor = TANDEM_ABI_MINOR,
		.struct_size = sizeof(struct tandem_provider),
		.transport = TANDEM_HTTP,
		.name = "telnyx",
		.version = "0.1",
		.capabilities = TANDEM_CAN_RECEIPT | TANDEM_CAN_INBOUND | TANDEM_CAN_VERIFY | TANDEM_CAN_CALLBACK |
			TANDEM_CAN_LONG | TANDEM_CAN_ALPHA,
		.init = init,
		.request = request,
		.response = response,
		.webhook = webhook,
	};

	return &provider;
}
