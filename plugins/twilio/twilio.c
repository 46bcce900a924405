/*
 * twilio - Twilio Programmable Messaging, API 2010-04-01
 *
 * Settings: account_sid, auth_token_file, messaging_service_sid (optional: a pool of senders; then `from` may be left
 * out). The API has no idempotency key and no client reference, so an SMS whose answer was lost stays uncertain; our
 * reference travels in the query of the StatusCallback, which Twilio's signature covers.
 *
 * Sources: Twilio's OpenAPI document of the API; twilio.com/docs: usage/webhooks/webhooks-security,
 * messaging/guides/webhook-request, api/errors; the error codes of api/errors are in errors[] below.
 */
#include "twilio.h"

#define DEFAULT_BASE "https://api.twilio.com"
#define VALIDITY_MAX_S 36000

enum { ASKED_SEND = 1, ASKED_BALANCE };

/* ---- what error codes mean ---- */

static const struct {
	uint16_t first, last;
	uint8_t  kind; /* enum tandem_outcome_kind */
} errors[] = {
	{ 10001, 10002, TANDEM_AUTH },
	{ 14107, 14107, TANDEM_THROTTLED },
	{ 20003, 20008, TANDEM_AUTH },
	{ 20404, 20404, TANDEM_AUTH },
	{ 20429, 20429, TANDEM_THROTTLED },
	{ 20500, 20503, TANDEM_TEMPORARY },
	{ 21211, 21211, TANDEM_PERMANENT_NUMBER },
	{ 21212, 21212, TANDEM_AUTH },
	{ 21217, 21217, TANDEM_PERMANENT_NUMBER },
	{ 21219, 21219, TANDEM_AUTH },
	{ 21408, 21408, TANDEM_PERMANENT_OTHER }, /* the country is not enabled in the account */
	{ 21602, 21602, TANDEM_PERMANENT_OTHER },
	{ 21603, 21603, TANDEM_AUTH },
	{ 21604, 21604, TANDEM_PERMANENT_NUMBER },
	{ 21606, 21608, TANDEM_AUTH },
	{ 21609, 21609, TANDEM_PERMANENT_OTHER },
	{ 21610, 21610, TANDEM_PERMANENT_OPTOUT },
	{ 21611, 21611, TANDEM_THROTTLED },
	{ 21612, 21612, TANDEM_PERMANENT_OTHER },
	{ 21614, 21614, TANDEM_PERMANENT_NUMBER },
	{ 21616, 21616, TANDEM_AUTH },
	{ 21617, 21624, TANDEM_PERMANENT_OTHER },
	{ 21635, 21635, TANDEM_PERMANENT_NUMBER },
	{ 21654, 21656, TANDEM_PERMANENT_OTHER },
	{ 21657, 21657, TANDEM_AUTH },
	{ 21658, 21658, TANDEM_PERMANENT_OTHER },
	{ 21659, 21661, TANDEM_AUTH },
	{ 21701, 21715, TANDEM_AUTH },
	{ 21730, 21730, TANDEM_TEMPORARY },
	{ 30001, 30001, TANDEM_THROTTLED },
	{ 30002, 30002, TANDEM_FUNDS },
	{ 30005, 30006, TANDEM_PERMANENT_NUMBER },
	{ 30022, 30023, TANDEM_THROTTLED },
	{ 30027, 30027, TANDEM_THROTTLED },
	{ 63038, 63038, TANDEM_THROTTLED },
};

enum tandem_outcome_kind twilio_kind_of_code(int64_t code)
{
	for (size_t i = 0; i < sizeof(errors) / sizeof(*errors); i++) {
		if (code >= errors[i].first && code <= errors[i].last)
			return (enum tandem_outcome_kind)errors[i].kind;
	}
	return 0;
}

/*
 * For an answer without a code we know. A 5xx of Twilio's own says that it did nothing (20500); one that comes from
 * something between us may have been said after the SMS was taken.
 */
static enum tandem_outcome_kind kind_of_status(uint32_t status, bool theirs)
{
	if (status == 401 || status == 403 || status == 404)
		return TANDEM_AUTH;
	if (status == 402)
		return TANDEM_FUNDS;
	if (status == 429)
		return TANDEM_THROTTLED;
	if (status >= 500)
		return theirs || status == 503 ? TANDEM_TEMPORARY : TANDEM_UNCERTAIN;
	return status >= 400 ? TANDEM_PERMANENT_OTHER : TANDEM_UNCERTAIN;
}

/* ---- sending ---- */

static int init(struct tandem_call *call, void **out)
{
	const struct tandem_host *host = call->host;
	struct state *state = host->alloc(call, sizeof(*state));

	if (!state)
		return TANDEM_FAIL;
	state->base = host->setting_base_url(call, DEFAULT_BASE);
	state->account = host->setting_text(call, "account_sid", NULL);
	state->token = host->setting_secret(call, "auth_token", true);
	state->service = host->setting_text(call, "messaging_service_sid", "");
	if (call->failed)
		return TANDEM_FAIL;
	if (state->account.n != 34 || memcmp(state->account.p, "AC", 2))
		return host->error(call, "account_sid: want AC and 32 hexadecimal digits");
	if (state->service.n && (state->service.n != 34 || memcmp(state->service.p, "MG", 2)))
		return host->error(call, "messaging_service_sid: want MG and 32 hexadecimal digits");
	*out = state;
	return TANDEM_OK;
}

static void sign_in(const struct state *state, struct tandem_http *http)
{
	http->user = state->account;
	http->password = state->token;
}

/* Our hook with the reference, by which a receipt that overtakes the answer is known. */
static struct tandem_view callback_of(struct tandem_call *call, const struct tandem_sms *sms)
{
	const struct tandem_host *host = call->host;
	struct tandem_view ref = host->percent_encode(call, sms->reference, false);
	const char *sep = memchr(sms->callback_url.p, '?', sms->callback_url.n) ? "&" : "?";

	return host->print(call, "%.*s%sref=%.*s", (int)sms->callback_url.n, sms->callback_url.p, sep, (int)ref.n, ref.p);
}

static int64_t validity_s(const struct tandem_call *call, const struct tandem_sms *sms)
{
	int64_t s = (sms->expires_ms - call->now_ms) / 1000;

	return s > VALIDITY_MAX_S ? VALIDITY_MAX_S : s < 1 ? 1 : s;
}

static int request(struct tandem_call *call, void *arg, const struct tandem_sms *sms, struct tandem_step *out)
{
	const struct tandem_host *host = call->host;
	const struct state *state = arg;
	struct tandem_pair form[6] = { { TANDEM_LIT("To"), sms->to }, { TANDEM_LIT("Body"), sms->text } };
	struct tandem_pair *type = host->alloc(call, sizeof(*type));
	size_t n = 2;

	if (!type)
		return TANDEM_FAIL;
	if (sms->from.n)
		form[n++] = (struct tandem_pair){ TANDEM_LIT("From"), sms->from };
	if (state->service.n)
		form[n++] = (struct tandem_pair){ TANDEM_LIT("MessagingServiceSid"), state->service };
	if (sms->callback_url.n)
		form[n++] = (struct tandem_pair){ TANDEM_LIT("StatusCallback"), callback_of(call, sms) };
	if (sms->expires_ms)
		form[n++] = (struct tandem_pair){ TANDEM_LIT("ValidityPeriod"),
			host->print(call, "%lld", (long long)validity_s(call, sms)) };
	*type = (struct tandem_pair){ TANDEM_LIT("Content-Type"), TANDEM_LIT("application/x-www-form-urlencoded") };
	out->token = ASKED_SEND;
	out->http.method = "POST";
	out->http.url = host->print(call, "%.*s/2010-04-01/Accounts/%.*s/Messages.json", (int)state->base.n, state->base.p,
		(int)state->account.n, state->account.p);
	out->http.headers = type;
	out->http.nheaders = 1;
	out->http.body = host->form_encode(call, form, n);
	sign_in(state, &out->http);
	return call->failed ? TANDEM_FAIL : TANDEM_OK;
}

static int probe(struct tandem_call *call, void *arg, struct tandem_step *out)
{
	const struct state *state = arg;

	out->token = ASKED_BALANCE;
	out->http.method = "GET";
	out->http.url = call->host->print(call, "%.*s/2010-04-01/Accounts/%.*s/Balance.json", (int)state->base.n,
		state->base.p, (int)state->account.n, state->account.p);
	sign_in(state, &out->http);
	return call->failed ? TANDEM_FAIL : TANDEM_OK;
}

/* ---- answers ---- */

/* "Retry-After: 5"; the API promises none. */
static int64_t retry_after(const struct tandem_answer *answer)
{
	int64_t s = number_of(find(answer->headers, answer->nheaders, "retry-after"));

	return s > 0 && s < 86400 ? s * 1000 : 0;
}

static void refused(struct tandem_call *call, const struct tandem_answer *answer, const struct tandem_json *json,
	struct tandem_outcome *out)
{
	const struct tandem_host *host = call->host;
	int64_t code = host->json_int(host->json_member(json, "code"));

	out->kind = twilio_kind_of_code(code);
	if (!out->kind)
		out->kind = kind_of_status(answer->status, code > 0);
	out->code = code > 0 ? host->print(call, "%lld", (long long)code) : host->print(call, "HTTP %u", answer->status);
	out->detail = host->json_text(host->json_member(json, "message"));
	out->retry_after_ms = retry_after(answer);
}

/* A created message; one that failed at once says so in its error_code. */
static void created(struct tandem_call *call, const struct tandem_json *json, struct tandem_outcome *out)
{
	const struct tandem_host *host = call->host;
	struct tandem_view *sid = host->alloc(call, sizeof(*sid));
	struct tandem_view status = host->json_text(host->json_member(json, "status"));
	int64_t code = host->json_int(host->json_member(json, "error_code"));
	int64_t segments;

	if (!sid)
		return;
	*sid = host->json_text(host->json_member(json, "sid"));
	out->kind = sid->n ? TANDEM_ACCEPTED : TANDEM_UNCERTAIN;
	if (!sid->n) {
		out->detail = TANDEM_LIT("a success without a message id");
		return;
	}
	if (is(status, "failed") || is(status, "undelivered") || is(status, "canceled")) {
		out->kind = twilio_kind_of_code(code) ? twilio_kind_of_code(code) : TANDEM_PERMANENT_OTHER;
		out->code = host->print(call, "%lld", (long long)code);
		out->detail = host->json_text(host->json_member(json, "error_message"));
		return;
	}
	segments = number_of(host->json_scalar(call, host->json_member(json, "num_segments")));
	out->segments = segments > 0 ? (uint32_t)segments : 0;
	out->ids = sid;
	out->nids = 1;
	out->price = host->json_text(host->json_member(json, "price"));
	out->currency = host->json_text(host->json_member(json, "price_unit"));
	/* A price is what the account loses, so it is negative; "null" until it is known. */
	if (out->price.n && out->price.p[0] == '-')
		out->price = (struct tandem_view){ out->price.p + 1, out->price.n - 1 };
}

static void balance(struct tandem_call *call, const struct tandem_json *json, struct tandem_outcome *out)
{
	const struct tandem_host *host = call->host;
	struct tandem_view amount = host->json_scalar(call, host->json_member(json, "balance"));
	struct tandem_view currency = host->json_text(host->json_member(json, "currency"));

	out->kind = !amount.n ? TANDEM_UNCERTAIN : amount.p[0] == '-' ? TANDEM_FUNDS : TANDEM_ACCEPTED;
	out->detail = host->print(call, "balance %.*s %.*s", (int)amount.n, amount.n ? amount.p : "", (int)currency.n,
		currency.n ? currency.p : "");
}

static int response(struct tandem_call *call, void *state, const struct tandem_answer *answer, struct tandem_step *out)
{
	const struct tandem_json *json = call->host->json_read(call, answer->body);

	(void)state;
	if (answer->status < 200 || answer->status > 299)
		refused(call, answer, json, &out->outcome);
	else if (answer->token == ASKED_BALANCE)
		balance(call, json, &out->outcome);
	else
		created(call, json, &out->outcome);
	return call->failed ? TANDEM_FAIL : TANDEM_OK;
}

TANDEM_EXPORT const struct tandem_provider *tandem_provider_describe(void)
{
	static const struct tandem_provider provider = {
		.magic = TANDEM_PROVIDER_MAGIC,
		.abi_major = TANDEM_ABI_MAJOR,
		.abi_minor = TANDEM_ABI_MINOR,
		.struct_size = sizeof(struct tandem_provider),
		.transport = TANDEM_HTTP,
		.name = "twilio",
		.version = "1.0",
		.capabilities = TANDEM_CAN_RECEIPT | TANDEM_CAN_INBOUND | TANDEM_CAN_VERIFY | TANDEM_CAN_CALLBACK |
			TANDEM_CAN_LONG | TANDEM_CAN_ALPHA | TANDEM_CAN_ANSWER | TANDEM_CAN_PROBE,
		.init = init,
		.request = request,
		.response = response,
		.webhook = twilio_webhook,
		.probe = probe,
	};

	return &provider;
}
