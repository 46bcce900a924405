/*
 * hook - webhooks: who may call, and which fields of a form, a query or a JSON document make receipts and inbound SMS
 */
#include "http.h"

#define ELEMENTS_MAX 2000 /* of a list in one call */

/* ---- settings ---- */

/* NULL when it is not set. */
static const char *name(struct tandem_call *call, const char *setting)
{
	struct tandem_view v = call->host->setting_text(call, setting, "");

	return v.n ? call->host->print(call, "%.*s", (int)v.n, v.p).p : NULL;
}

static bool read_word(struct tandem_call *call, struct tandem_view text, struct word *out)
{
	static const struct {
		const char *name;
		struct word is;
	} states[] = {
		{ "delivered", { .state = TANDEM_DELIVERED } },
		{ "undelivered", { .state = TANDEM_UNDELIVERED } },
		{ "bad-number", { .state = TANDEM_UNDELIVERED, .bad_number = true } },
		{ "unknown", { .state = TANDEM_LOST } },
		{ "accepted", { .state = TANDEM_ON_ITS_WAY } },
	};
	struct tandem_view word, state;

	for (size_t i = 0; http_split(text, "=", &word, &state) && i < sizeof(states) / sizeof(*states); i++) {
		if (http_is(state, states[i].name)) {
			*out = states[i].is;
			out->word = word;
			return true;
		}
	}
	call->host->error(call,
		"receipt.states: \"%.*s\": want WORD=STATE with delivered, undelivered, bad-number, unknown or "
		"accepted", (int)text.n, text.p);
	return false;
}

static bool read_receipt(struct tandem_call *call, struct state *state)
{
	const struct tandem_host *host = call->host;
	const struct tandem_view *words;
	bool good;

	state->receipt = (struct fields){ .list = name(call, "receipt.list"), .id = name(call, "receipt.id"),
		.state = name(call, "receipt.state"), .code = name(call, "receipt.code") };
	words = host->setting_list(call, "receipt.states", &state->nwords);
	state->words = host->alloc(call, state->nwords * sizeof(*state->words) + 1);
	good = state->words && http_template_read(call, "receipt.query", host->setting_text(call, "receipt.query", ""),
		PLACE_URL, &state->receipt_query);
	for (size_t i = 0; good && i < state->nwords; i++)
		good = read_word(call, words[i], &state->words[i]);
	if (good && (state->receipt.id || state->receipt.state || state->nwords) &&
		!(state->receipt.id && state->receipt.state && state->nwords)) {
		host->error(call, "receipt: want id, state and states");
		return false;
	}
	if (!state->receipt.id)
		host->lacks(call, TANDEM_CAN_RECEIPT);
	return good;
}

static bool read_inbound(struct tandem_call *call, struct state *state)
{
	state->inbound = (struct fields){ .list = name(call, "inbound.list"), .id = name(call, "inbound.id"),
		.from = name(call, "inbound.from"), .to = name(call, "inbound.to"), .text = name(call, "inbound.text") };
	if ((state->inbound.from || state->inbound.text || state->inbound.to) &&
		!(state->inbound.from && state->inbound.text)) {
		call->host->error(call, "inbound: want from and text");
		return false;
	}
	if (!state->inbound.from)
		call->host->lacks(call, TANDEM_CAN_INBOUND);
	return true;
}

/* "hmac-sha256-hex" */
static bool read_signature(struct tandem_call *call, struct tandem_view text, struct state *state)
{
	static const struct {
		const char        *name;
		enum tandem_digest digest;
	} digests[] = { { "hmac-sha256-", TANDEM_SHA256 }, { "hmac-sha1-", TANDEM_SHA1 }, { "hmac-sha512-", TANDEM_SHA512 },
		{ "hmac-md5-", TANDEM_MD5 } };
	struct tandem_view rest = { NULL, 0 };

	for (size_t i = 0; i < sizeof(digests) / sizeof(*digests) && !rest.n; i++) {
		if (http_begins(text, digests[i].name, &rest))
			state->digest = digests[i].digest;
	}
	state->base64 = http_is(rest, "base64");
	if (!state->base64 && !http_is(rest, "hex")) {
		call->host->error(call,
			"signature: \"%.*s\": want hmac-sha256-hex, hmac-sha256-base64, or sha1, sha512, md5 in it",
			(int)text.n, text.p);
		return false;
	}
	if (!state->signature.n) {
		call->host->error(call, "signature: want signature_header, the name of its header");
		return false;
	}
	return true;
}

static struct tandem_view lower(struct tandem_call *call, struct tandem_view v)
{
	char *p = call->host->alloc(call, v.n + 1);

	for (size_t i = 0; p && i < v.n; i++)
		p[i] = http_lower(v.p[i]);
	return (struct tandem_view){ p, v.n };
}

static bool read_secret(struct tandem_call *call, struct state *state)
{
	const struct tandem_host *host = call->host;
	struct tandem_view signature = host->setting_text(call, "signature", "");
	struct tandem_view shared = host->setting_text(call, "shared_secret", "");

	state->signature = lower(call, host->setting_text(call, "signature_header", ""));
	state->secret = host->setting_secret(call, "secret", signature.n || shared.n);
	if (call->failed || (signature.n && !read_signature(call, signature, state)))
		return false;
	if (shared.n && !http_begins(shared, "header:", &state->secret_header) &&
		!http_begins(shared, "query:", &state->secret_query)) {
		host->error(call, "shared_secret: \"%.*s\": want header:NAME or query:NAME", (int)shared.n, shared.p);
		return false;
	}
	state->secret_header = lower(call, state->secret_header);
	if (state->secret.n && !signature.n && !shared.n) {
		host->error(call, "secret_file: want signature or shared_secret to say what it is for");
		return false;
	}
	/* Then the host's own rules for calls that are not signed stand. */
	if (!signature.n && !shared.n)
		host->lacks(call, TANDEM_CAN_VERIFY);
	return true;
}

bool http_hook_init(struct tandem_call *call, struct state *state)
{
	state->answer = call->host->setting_text(call, "answer", "");
	state->answer_type = call->host->setting_text(call, "answer_type", "text/plain");
	return read_receipt(call, state) && read_inbound(call, state) && read_secret(call, state) && !call->failed;
}

/* ---- who calls ---- */

static struct tandem_view header(const struct tandem_webhook *in, struct tandem_view name_of)
{
	for (size_t i = 0; name_of.n && i < in->nheaders; i++) {
		if (http_same_word(in->headers[i].name, name_of))
			return in->headers[i].value;
	}
	return (struct tandem_view){ NULL, 0 };
}

/* Some write the algorithm before it: "sha256=…". */
static struct tandem_view bare(struct tandem_view v)
{
	static const char *const before[] = { "sha256=", "sha1=", "sha512=", "md5=" };

	for (size_t i = 0; i < sizeof(before) / sizeof(*before); i++) {
		if (http_begins(v, before[i], &v))
			break;
	}
	return v;
}

static bool signature_is_right(struct tandem_call *call, const struct state *state, const struct tandem_webhook *in)
{
	const struct tandem_host *host = call->host;
	struct tandem_view have = bare(header(in, state->signature));
	unsigned char mac[TANDEM_DIGEST_MAX];
	struct tandem_view want = { (const char *)mac, host->hmac(state->digest, state->secret, in->body, mac) };

	want = state->base64 ? host->base64_encode(call, want, false) : host->hex_encode(call, want);
	if (!state->base64)
		have = lower(call, have);
	return want.n && host->secret_eq(want, have);
}

struct source { /* what a call brought */
	const struct tandem_pair *form, *query;
	size_t                    nform, nquery;
	const struct tandem_json *json;
};

static const struct tandem_view *find(const struct tandem_pair *pairs, size_t n, struct tandem_view key)
{
	for (size_t i = 0; i < n; i++) {
		if (pairs[i].name.n == key.n && !memcmp(pairs[i].name.p, key.p, key.n))
			return &pairs[i].value;
	}
	return NULL;
}

/* NULL when it may, else why not. */
static const char *barred(struct tandem_call *call, const struct state *state, const struct tandem_webhook *in,
	const struct source *source)
{
	const struct tandem_view none = { NULL, 0 };
	const struct tandem_view *key;

	if (state->digest && !signature_is_right(call, state, in))
		return "its signature is wrong";
	if (state->secret_header.n && !call->host->secret_eq(state->secret, header(in, state->secret_header)))
		return "the shared secret in its header is wrong";
	if (!state->secret_query.n)
		return NULL;
	key = find(source->query, source->nquery, state->secret_query);
	return call->host->secret_eq(state->secret, key ? *key : none) ? NULL : "the shared secret in its query is wrong";
}

/* ---- what it says ---- */

/* A field of the call, or of this element of its list; p == NULL: not there. */
static struct tandem_view get(struct tandem_call *call, const struct source *source, const struct tandem_json *element,
	const char *field)
{
	const struct tandem_host *host = call->host;
	const struct tandem_view *v;

	if (!field)
		return (struct tandem_view){ NULL, 0 };
	if (field[0] == '/')
		return host->json_scalar(call, host->json_pointer(element, field));
	v = find(source->form, source->nform, http_view(field));
	if (!v)
		v = find(source->query, source->nquery, http_view(field));
	return v ? *v : host->json_scalar(call, host->json_member(element, field));
}

/* Many gateways leave out the '+' of E.164, or write 00 for it; short codes and names stay. */
static struct tandem_view number(struct tandem_call *call, struct tandem_view v)
{
	size_t zeros = v.n > 9 && v.p[0] == '0' && v.p[1] == '0' ? 2 : 0;

	v = http_trim(v);
	for (size_t i = 0; i < v.n; i++) {
		if (v.p[i] < '0' || v.p[i] > '9')
			return v;
	}
	if (v.n < 8 || (v.p[0] == '0' && !zeros))
		return v;
	return call->host->print(call, "+%.*s", (int)(v.n - zeros), v.p + zeros);
}

enum said { NOTHING, UNKNOWN_STATE, EVENT };

static enum said read_one(struct tandem_call *call, const struct state *state, const struct source *source,
	const struct tandem_json *element, struct tandem_event *event)
{
	struct tandem_view id = get(call, source, element, state->receipt.id);
	struct tandem_view word = get(call, source, element, state->receipt.state);
	struct tandem_view text = get(call, source, element, state->inbound.text);
	struct tandem_view from = get(call, source, element, state->inbound.from);

	for (size_t i = 0; id.n && word.n && i < state->nwords; i++) {
		if (http_same_word(http_trim(word), state->words[i].word)) {
			*event = (struct tandem_event){ .kind = TANDEM_RECEIPT, .id = id, .state = state->words[i].state,
				.bad_number = state->words[i].bad_number, .code = get(call, source, element, state->receipt.code) };
			return EVENT;
		}
	}
	if (from.n && text.p) {
		*event = (struct tandem_event){ .kind = TANDEM_INBOUND, .id = get(call, source, element, state->inbound.id),
			.from = number(call, from), .to = number(call, get(call, source, element, state->inbound.to)),
				.text = text };
		return EVENT;
	}
	return id.n && word.n ? UNKNOWN_STATE : NOTHING;
}

/* Elements of the list, or the document itself; NULL: there is no list. */
static const struct tandem_json *list_of(struct tandem_call *call, const struct state *state,
	const struct source *source)
{
	const char *lists[] = { state->receipt.list, state->inbound.list };
	const struct tandem_host *host = call->host;

	for (size_t i = 0; i < 2; i++) {
		const struct tandem_json *list = lists[i] ? host->json_pointer(source->json, lists[i]) : NULL;

		if (host->json_type(list) == TANDEM_JSON_ARRAY)
			return list;
	}
	return NULL;
}

/* False when nothing of it was understood. */
static bool understand(struct tandem_call *call, const struct state *state, const struct source *source,
	struct tandem_events *out)
{
	const struct tandem_json *list = list_of(call, state, source);
	size_t n = list ? call->host->json_count(list) : 1;
	struct tandem_event *events = NULL;
	bool understood = list && !n;

	if (n <= ELEMENTS_MAX)
		events = call->host->alloc(call, n * sizeof(*events) + 1);
	for (size_t i = 0; events && i < n; i++) {
		const struct tandem_json *element = list ? call->host->json_element(list, i) : source->json;
		enum said said = read_one(call, state, source, element, &events[out->nevents]);

		out->nevents += said == EVENT;
		understood = understood || said != NOTHING;
	}
	out->events = events;
	return understood && events;
}

static int refuse(struct tandem_call *call, struct tandem_events *out, uint32_t status, const char *why)
{
	out->refused = true;
	out->status = status;
	call->host->error(call, "%s", why);
	return TANDEM_OK;
}

int http_webhook(struct tandem_call *call, void *arg, const struct tandem_webhook *in, struct tandem_events *out)
{
	const struct tandem_host *host = call->host;
	const struct state *state = arg;
	struct source source = { .json = host->json_read(call, in->body) };
	const char *why;

	source.query = host->form_decode(call, in->query, &source.nquery);
	if (!source.query)
		source.nquery = 0;
	if (!source.json)
		source.form = host->form_decode(call, in->body, &source.nform);
	if (!source.form)
		source.nform = 0;
	why = barred(call, state, in, &source);
	if (why)
		return refuse(call, out, 403, why);
	if (!understand(call, state, &source, out))
		return refuse(call, out, 400, "neither a receipt nor an inbound SMS (settings receipt and inbound)");
	out->type = state->answer.n ? state->answer_type : state->answer;
	out->body = state->answer;
	return call->failed ? TANDEM_FAIL : TANDEM_OK;
}
