/*
 * aws - AWS End User Messaging SMS: SendTextMessage, receipts and inbound SMS by SNS
 *
 * Settings: region, access_key_id, secret_key_file, session_token_file (of temporary keys), configuration_set, topics
 * (the ARNs whose notifications are taken). There is no idempotency, so an SMS whose answer was lost stays uncertain.
 *
 * SNS signs with a certificate that it tells the address of. It is fetched once, by a request that follows the webhook,
 * and remembered under the digest of that address, which is the token of the request too.
 *
 * Sources: AWS Signature Version 4; pinpoint-sms-voice-v2 API; Amazon SNS, "Verifying the signatures of messages".
 */
#include <tandem/provider.h>

#include <string.h>

#define AGE_MAX_MS 3600000
#define REMEMBER_MS 86400000

struct state {
	struct tandem_view url, host, region, key_id, secret, session, set;
	const struct tandem_view *topics;
	size_t                    ntopics;
};

static bool same(struct tandem_view a, struct tandem_view b)
{
	return a.n == b.n && (!a.n || !memcmp(a.p, b.p, a.n));
}

static bool is(struct tandem_view v, const char *s)
{
	return same(v, (struct tandem_view){ s, strlen(s) });
}

static bool starts(struct tandem_view v, struct tandem_view s)
{
	return v.n >= s.n && !memcmp(v.p, s.p, s.n);
}

/* "host:port" of a URL without a path; a prefix would be part of what is signed, and SendTextMessage has none. */
static struct tandem_view host_of(struct tandem_view base)
{
	size_t i = 0;

	while (i + 2 < base.n && memcmp(base.p + i, "//", 2))
		i++;
	return (struct tandem_view){ base.p + i + 2, base.n - i - 2 };
}

static int init(struct tandem_call *call, void **out)
{
	const struct tandem_host *host = call->host;
	struct state *state = host->alloc(call, sizeof(*state));
	struct tandem_view base;

	if (!state)
		return TANDEM_FAIL;
	state->region = host->setting_text(call, "region", NULL);
	state->key_id = host->setting_text(call, "access_key_id", NULL);
	state->secret = host->setting_secret(call, "secret_key", true);
	state->session = host->setting_secret(call, "session_token", false);
	state->set = host->setting_text(call, "configuration_set", "");
	state->topics = host->setting_list(call, "topics", &state->ntopics);
	if (call->failed)
		return TANDEM_FAIL;
	base = host->print(call, "https://sms-voice.%.*s.amazonaws.com", (int)state->region.n, state->region.p);
	base = host->setting_base_url(call, base.p);
	host->egress(call, host->print(call, "sns.%.*s.amazonaws.com", (int)state->region.n, state->region.p));
	if (call->failed)
		return TANDEM_FAIL;
	state->url = host->print(call, "%.*s/", (int)base.n, base.p);
	state->host = host_of(base);
	*out = state;
	return TANDEM_OK;
}

/* ---- Signature Version 4 ---- */

/* HMAC-SHA-256, in the call's memory. */
static struct tandem_view mac(struct tandem_call *call, struct tandem_view key, struct tandem_view data)
{
	unsigned char *out = call->host->alloc(call, TANDEM_DIGEST_MAX);
	size_t n = out ? call->host->hmac(TANDEM_SHA256, key, data, out) : 0;

	return (struct tandem_view){ (const char *)out, n };
}

static struct tandem_view hex_digest(struct tandem_call *call, struct tandem_view data)
{
	unsigned char out[TANDEM_DIGEST_MAX];
	size_t n = call->host->digest(TANDEM_SHA256, data, out);

	return call->host->hex_encode(call, (struct tandem_view){ (const char *)out, n });
}

/* The value of Authorization for a POST to "/" with these headers, which are sorted and in lower case. */
static struct tandem_view sign(struct tandem_call *call, const struct state *state, const struct tandem_pair *headers,
	size_t n, struct tandem_view body, struct tandem_view now)
{
	const struct tandem_host *host = call->host;
	struct tandem_view lines = TANDEM_LIT(""), names = TANDEM_LIT(""), digest = hex_digest(call, body), key;
	struct tandem_view day = { now.p, 8 };
	struct tandem_view scope = host->print(call, "%.8s/%.*s/sms-voice/aws4_request", now.p, (int)state->region.n,
		state->region.p);

	for (size_t i = 0; i < n; i++) {
		lines = host->print(call, "%.*s%.*s:%.*s\n", (int)lines.n, lines.p, (int)headers[i].name.n, headers[i].name.p,
			(int)headers[i].value.n, headers[i].value.p);
		names = host->print(call, "%.*s%s%.*s", (int)names.n, names.p, i ? ";" : "", (int)headers[i].name.n,
			headers[i].name.p);
	}
	digest = hex_digest(call, host->print(call, "POST\n/\n\n%.*s\n%.*s\n%.*s", (int)lines.n, lines.p, (int)names.n,
		names.p, (int)digest.n, digest.p));
	key = host->print(call, "AWS4%.*s", (int)state->secret.n, state->secret.p);
	key = mac(call, mac(call, mac(call, key, day), state->region), TANDEM_LIT("sms-voice"));
	key = mac(call, key, TANDEM_LIT("aws4_request"));
	key = mac(call, key, host->print(call, "AWS4-HMAC-SHA256\n%.*s\n%.*s\n%.*s", (int)now.n, now.p, (int)scope.n,
		scope.p, (int)digest.n, digest.p));
	key = host->hex_encode(call, key);
	return host->print(call, "AWS4-HMAC-SHA256 Credential=%.*s/%.*s, SignedHeaders=%.*s, Signature=%.*s",
		(int)state->key_id.n, state->key_id.p, (int)scope.n, scope.p, (int)names.n, names.p, (int)key.n, key.p);
}

/* ---- sending ---- */

static struct tandem_view body_of(struct tandem_call *call, const struct state *state, const struct tandem_sms *sms)
{
	const struct tandem_host *host = call->host;
	struct tandem_json_writer *w = host->json_writer(call);
	int64_t live_s = (sms->expires_ms - call->now_ms) / 1000;

	if (!w)
		return (struct tandem_view){ NULL, 0 };
	host->json_open(w, NULL, TANDEM_JSON_OBJECT);
	host->json_put_text(w, "DestinationPhoneNumber", sms->to);
	if (sms->from.n)
		host->json_put_text(w, "OriginationIdentity", sms->from);
	host->json_put_text(w, "MessageBody", sms->text);
	host->json_put_text(w, "MessageType", is(sms->cls, "marketing") ? TANDEM_LIT("PROMOTIONAL")
		: TANDEM_LIT("TRANSACTIONAL"));
	if (state->set.n)
		host->json_put_text(w, "ConfigurationSetName", state->set);
	if (sms->expires_ms)
		host->json_put_int(w, "TimeToLive", live_s < 5 ? 5 : live_s > 259200 ? 259200 : live_s);
	host->json_open(w, "Context", TANDEM_JSON_OBJECT);
	host->json_put_text(w, "reference", sms->reference);
	host->json_close(w);
	host->json_close(w);
	return host->json_done(w);
}

static int request(struct tandem_call *call, void *arg, const struct tandem_sms *sms, struct tandem_step *out)
{
	const struct tandem_host *host = call->host;
	const struct state *state = arg;
	struct tandem_view body = body_of(call, state, sms), now = host->utc(call, call->now_ms, "%Y%m%dT%H%M%SZ");
	struct tandem_pair signed_headers[5], *headers = host->alloc(call, 5 * sizeof(*headers));
	size_t n = 0;

	if (!body.p || !headers || !now.p)
		return host->error(call, "the text is no UTF-8");
	signed_headers[n++] = (struct tandem_pair){ TANDEM_LIT("content-type"), TANDEM_LIT("application/x-amz-json-1.0") };
	signed_headers[n++] = (struct tandem_pair){ TANDEM_LIT("host"), state->host };
	signed_headers[n++] = (struct tandem_pair){ TANDEM_LIT("x-amz-date"), now };
	if (state->session.n)
		signed_headers[n++] = (struct tandem_pair){ TANDEM_LIT("x-amz-security-token"), state->session };
	signed_headers[n++] = (struct tandem_pair){ TANDEM_LIT("x-amz-target"),
		TANDEM_LIT("PinpointSMSVoiceV2.SendTextMessage") };
	headers[0] = (struct tandem_pair){ TANDEM_LIT("authorization"), sign(call, state, signed_headers, n, body, now) };
	headers[1] = signed_headers[0];
	memcpy(headers + 2, signed_headers + 2, (n - 2) * sizeof(*headers)); /* Host is the host's */
	out->http = (struct tandem_http){ .method = "POST", .url = state->url, .headers = headers, .nheaders = n,
		.body = body };
	return call->failed ? TANDEM_FAIL : TANDEM_OK;
}

static const struct {
	const char              *type, *reason; /* NULL: any */
	enum tandem_outcome_kind kind;
} errors[] = {
	{ "ThrottlingException", NULL, TANDEM_THROTTLED },
	{ "InternalServerException", NULL, TANDEM_TEMPORARY },
	{ "ConflictException", "DESTINATION_PHONE_NUMBER_OPTED_OUT", TANDEM_PERMANENT_OPTOUT },
	{ "ConflictException", "DESTINATION_COUNTRY_BLOCKED_BY_PROTECT_CONFIGURATION", TANDEM_PERMANENT_OTHER },
	{ "ConflictException", "DESTINATION_PHONE_NUMBER_BLOCKED_BY_PROTECT_NUMBER_OVERRIDE", TANDEM_PERMANENT_OTHER },
	{ "ServiceQuotaExceededException", "MONTHLY_SPEND_LIMIT_REACHED_FOR_TEXT", TANDEM_FUNDS },
	{ "ServiceQuotaExceededException", NULL, TANDEM_THROTTLED },
	{ "ValidationException", "INVALID_IDENTITY_FOR_DESTINATION_COUNTRY", TANDEM_AUTH },
	{ "ValidationException", "SENDER_ID_NOT_REGISTERED", TANDEM_AUTH },
	{ "ValidationException", "SENDER_ID_NOT_SUPPORTED", TANDEM_AUTH },
	{ "ValidationException", NULL, TANDEM_PERMANENT_OTHER },
};

/* The error's name: after '#' and before ':'. */
static struct tandem_view error_type(struct tandem_view v)
{
	struct tandem_view name = { v.p, 0 };

	for (size_t i = 0; i < v.n && v.p[i] != ':'; i++)
		name = v.p[i] == '#' ? (struct tandem_view){ v.p + i + 1, 0 } : (struct tandem_view){ name.p, name.n + 1 };
	return name;
}

static enum tandem_outcome_kind kind_of(uint32_t status, struct tandem_view type, struct tandem_view reason,
	bool bad_number)
{
	for (size_t i = 0; i < sizeof(errors) / sizeof(*errors); i++) {
		if (is(type, errors[i].type) && (!errors[i].reason || is(reason, errors[i].reason)))
			return bad_number && errors[i].kind == TANDEM_PERMANENT_OTHER ? TANDEM_PERMANENT_NUMBER : errors[i].kind;
	}
	if (status >= 500)
		return status == 503 ? TANDEM_TEMPORARY : TANDEM_UNCERTAIN;
	return status >= 400 ? TANDEM_AUTH : TANDEM_UNCERTAIN;
}

/* Answers to requests of a webhook: a certificate, or the confirmation of a subscription. */
static int follow_up(struct tandem_call *call, const struct tandem_answer *answer)
{
	struct tandem_view name = call->host->print(call, "%016llx", (unsigned long long)answer->token);

	if (answer->status != 200)
		return call->host->error(call, "SNS answers %u", answer->status);
	call->host->remember(call, name.p, answer->body, REMEMBER_MS);
	return TANDEM_OK;
}

static int response(struct tandem_call *call, void *state, const struct tandem_answer *answer, struct tandem_step *out)
{
	const struct tandem_host *host = call->host;
	const struct tandem_json *json;
	struct tandem_outcome *o = &out->outcome;
	struct tandem_view *id = host->alloc(call, sizeof(*id)), type;

	(void)state;
	if (!answer->sms)
		return follow_up(call, answer);
	if (!id)
		return TANDEM_FAIL;
	json = host->json_read(call, answer->body);
	*id = host->json_text(host->json_member(json, "MessageId"));
	if (answer->status == 200) {
		o->kind = id->n ? TANDEM_ACCEPTED : TANDEM_UNCERTAIN;
		o->ids = id;
		o->nids = id->n != 0;
		return TANDEM_OK;
	}
	type = error_type(host->json_text(host->json_member(json, "__type")));
	o->code = type;
	o->detail = host->json_text(host->json_member(json, "Reason"));
	o->kind = kind_of(answer->status, type, o->detail,
		is(host->json_text(host->json_pointer(json, "/Fields/0/Name")), "DestinationPhoneNumber"));
	return TANDEM_OK;
}

/* ---- SNS ---- */

static struct tandem_view text_to_sign(struct tandem_call *call, const struct tandem_json *json, bool notification)
{
	static const char *const notified[] = { "Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type", NULL };
	static const char *const asked[] = { "Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn",
		"Type", NULL };
	struct tandem_view text = TANDEM_LIT("");

	for (const char *const *key = notification ? notified : asked; *key; key++) {
		struct tandem_view value = call->host->json_text(call->host->json_member(json, *key));

		if (value.p)
			text = call->host->print(call, "%.*s%s\n%.*s\n", (int)text.n, text.p, *key, (int)value.n, value.p);
	}
	return text;
}

static bool taken(const struct state *state, struct tandem_view topic)
{
	for (size_t i = 0; i < state->ntopics; i++) {
		if (same(state->topics[i], topic))
			return true;
	}
	return false;
}

/* Is it an address of SNS in our region? */
static bool of_sns(struct tandem_call *call, const struct state *state, struct tandem_view url)
{
	struct tandem_view want = call->host->print(call, "https://sns.%.*s.amazonaws.com/", (int)state->region.n,
		state->region.p);

	return want.p && starts(url, want);
}

static uint64_t token_of(struct tandem_call *call, struct tandem_view url)
{
	unsigned char digest[TANDEM_DIGEST_MAX];
	uint64_t token = 0;

	call->host->digest(TANDEM_SHA256, url, digest);
	for (size_t i = 0; i < 8; i++)
		token = token << 8 | digest[i];
	return token;
}

static int follow(struct tandem_call *call, struct tandem_events *out, struct tandem_view url)
{
	out->follow[out->nfollow++] = (struct tandem_step){ .token = token_of(call, url),
		.http = { .method = "GET", .url = url } };
	return TANDEM_OK;
}

/* What came from an address; p == NULL: it was not asked. */
static struct tandem_view recalled(struct tandem_call *call, struct tandem_view url)
{
	return call->host->recall(call, call->host->print(call, "%016llx", (unsigned long long)token_of(call, url)).p);
}

/* What a notification says: a receipt, or an inbound SMS. */
static int understand(struct tandem_call *call, const struct tandem_json *sns, struct tandem_events *out)
{
	const struct tandem_host *host = call->host;
	const struct tandem_json *json = host->json_read(call, host->json_text(host->json_member(sns, "Message")));
	struct tandem_view status = host->json_text(host->json_member(json, "eventType"));
	struct tandem_event *e = host->alloc(call, sizeof(*e));

	if (!e)
		return TANDEM_FAIL;
	out->events = e;
	out->nevents = 1;
	if (status.n) {
		e->kind = TANDEM_RECEIPT;
		e->id = host->json_text(host->json_member(json, "messageId"));
		e->at_ms = host->json_int(host->json_member(json, "eventTimestamp"));
		e->code = status;
		e->bad_number = is(status, "TEXT_INVALID");
		e->state = is(status, "TEXT_DELIVERED") ? TANDEM_DELIVERED
			: is(status, "TEXT_PENDING") || is(status, "TEXT_QUEUED") || is(status, "TEXT_SENT") ||
				is(status, "TEXT_SUCCESSFUL") ? TANDEM_ON_ITS_WAY
			: is(status, "TEXT_UNKNOWN") ? TANDEM_LOST : TANDEM_UNDELIVERED;
		return e->id.n ? TANDEM_OK : host->error(call, "an event of no message");
	}
	e->kind = TANDEM_INBOUND;
	e->id = host->json_text(host->json_member(json, "inboundMessageId"));
	e->from = host->json_text(host->json_member(json, "originationNumber"));
	e->to = host->json_text(host->json_member(json, "destinationNumber"));
	e->text = host->json_text(host->json_member(json, "messageBody"));
	return e->from.n ? TANDEM_OK : host->error(call, "neither an event nor an SMS");
}

static int webhook(struct tandem_call *call, void *arg, const struct tandem_webhook *in, struct tandem_events *out)
{
	const struct tandem_host *host = call->host;
	const struct tandem_json *json = host->json_read(call, in->body);
	struct tandem_view type = host->json_text(host->json_member(json, "Type"));
	struct tandem_view where = host->json_text(host->json_member(json, "SigningCertURL"));
	struct tandem_view signature = host->json_text(host->json_member(json, "Signature"));
	struct tandem_view subscribe = host->json_text(host->json_member(json, "SubscribeURL"));
	bool notification = is(type, "Notification");
	enum tandem_signature alg = is(host->json_text(host->json_member(json, "SignatureVersion")), "2")
		? TANDEM_RSA_SHA256 : TANDEM_RSA_SHA1;
	struct tandem_view certificate;
	int64_t at = 0;

	if (!taken(arg, host->json_text(host->json_member(json, "TopicArn"))))
		return host->error(call, "of a topic that is not among `topics`");
	if (!host->date(host->json_text(host->json_member(json, "Timestamp")), &at) || at < call->now_ms - AGE_MAX_MS ||
		at > call->now_ms + AGE_MAX_MS)
		return host->error(call, "of another time");
	if (!of_sns(call, arg, where) || where.n < 4 || memcmp(where.p + where.n - 4, ".pem", 4))
		return host->error(call, "the certificate is not where those of SNS are");
	certificate = recalled(call, where);
	if (!certificate.p)
		return follow(call, out, where);
	if (!host->verify(alg, certificate, text_to_sign(call, json, notification),
			host->base64_decode(call, signature, false)))
		return host->error(call, "the signature is wrong");
	if (notification)
		return understand(call, json, out);
	if (!is(type, "SubscriptionConfirmation"))
		return TANDEM_OK;
	if (!of_sns(call, arg, subscribe))
		return host->error(call, "a subscription of another place");
	return recalled(call, subscribe).p ? TANDEM_OK : follow(call, out, subscribe);
}

TANDEM_EXPORT const struct tandem_provider *tandem_provider_describe(void)
{
	static const struct tandem_provider provider = {
		.magic = TANDEM_PROVIDER_MAGIC,
		.abi_major = TANDEM_ABI_MAJOR,
		.abi_minor = TANDEM_ABI_MINOR,
		.struct_size = sizeof(struct tandem_provider),
		.transport = TANDEM_HTTP,
		.name = "aws",
		.version = "0.1",
		.capabilities = TANDEM_CAN_RECEIPT | TANDEM_CAN_INBOUND | TANDEM_CAN_VERIFY | TANDEM_CAN_LONG |
			TANDEM_CAN_ALPHA,
		.init = init,
		.request = request,
		.response = response,
		.webhook = webhook,
	};

	return &provider;
}
