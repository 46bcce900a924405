/*
 * example - a template for a provider plugin: a gateway that takes {"to","from","text","ref"} and answers {"id"}
 *
 * Settings: base_url, api_key_file.
 */
#include <tandem/provider.h>

struct state {
	struct tandem_view url, authorization;
};

static int init(struct tandem_call *call, void **out)
{
	const struct tandem_host *host = call->host;
	struct state *state = host->alloc(call, sizeof(*state));
	struct tandem_view base = host->setting_base_url(call, NULL);
	struct tandem_view key = host->setting_secret(call, "api_key", true);

	/* All settings have been asked for; one look tells whether all were good. */
	if (!state || call->failed)
		return TANDEM_FAIL;
	state->url = host->print(call, "%.*s/messages", (int)base.n, base.p);
	state->authorization = host->print(call, "Bearer %.*s", (int)key.n, key.p);
	*out = state;
	return call->failed ? TANDEM_FAIL : TANDEM_OK;
}

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
	host->json_put_text(w, "from", sms->from);
	host->json_put_text(w, "text", sms->text);
	host->json_put_text(w, "ref", sms->reference);
	host->json_close(w);
	out->http = (struct tandem_http){ .method = "POST", .url = state->url, .headers = headers, .nheaders = 2,
		.body = host->json_done(w) };
	return out->http.body.p ? TANDEM_OK : host->error(call, "the text is no UTF-8");
}

static int response(struct tandem_call *call, void *state, const struct tandem_answer *answer, struct tandem_step *out)
{
	const struct tandem_host *host = call->host;
	const struct tandem_json *json = host->json_read(call, answer->body);
	struct tandem_view *id = host->alloc(call, sizeof(*id));

	(void)state;
	if (!id)
		return TANDEM_FAIL;
	*id = host->json_scalar(call, host->json_member(json, "id"));
	out->outcome.detail = host->json_text(host->json_member(json, "error"));
	if (answer->status == 200) {
		/* Success that cannot be understood is neither success nor failure. */
		out->outcome.kind = id->n ? TANDEM_ACCEPTED : TANDEM_UNCERTAIN;
		out->outcome.ids = id;
		out->outcome.nids = id->n ? 1 : 0;
	} else if (answer->status == 401 || answer->status == 403) {
		out->outcome.kind = TANDEM_AUTH;
	} else if (answer->status == 429) {
		out->outcome.kind = TANDEM_THROTTLED;
	} else if (answer->status == 503) {
		out->outcome.kind = TANDEM_TEMPORARY;
	} else {
		out->outcome.kind = answer->status >= 500 ? TANDEM_UNCERTAIN : TANDEM_PERMANENT_OTHER;
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
		.name = "example",
		.version = "1.0",
		.capabilities = TANDEM_CAN_LONG,
		.init = init,
		.request = request,
		.response = response,
	};

	return &provider;
}
