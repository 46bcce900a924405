/*
 * http - any HTTP gateway, by configuration
 *
 * Settings beside base_url; tandem-http(5) tells them with examples:
 *  method        GET, POST (default), PUT or PATCH
 *  path          template of what follows base_url
 *  headers       list of "Name: template"
 *  body          template; content_type: how its values are escaped (default: JSON when it begins so, else a form)
 *  user, password_file, token_file: what {user}, {password} and {token} stand for; without these placeholders, user and
 *                password are sent as HTTP Basic
 *  encodings     what {encoding} says: "gsm7=0", "ucs2=2"
 *  idempotent    the gateway sends once, however often it is given one {reference}
 *  ok            answers that mean success: "202", "2xx" (default), "body:REGEX", "json:/pointer=VALUE"
 *  errors        list of "CONDITION -> OUTCOME", the first that holds counts; it comes before ok
 *  id, reason    where an answer has the message's id and words for the log: "/pointer" or "regex:…(…)"
 *  receipt       { list; id; state; states = [ "WORD=STATE" ]; code; query } of webhooks that are receipts
 *  inbound       { list; from; to; text; id } of those that are inbound SMS
 *  secret_file with signature ("hmac-sha256-hex") and signature_header, or with shared_secret ("header:NAME",
 *                "query:NAME"); with neither, the host's webhook_secret_file or webhook_networks protect the webhook
 *  answer, answer_type: what a webhook is answered with (default: nothing)
 *
 * Placeholders: {to} {from} {to_digits} {from_digits} {text} {text_hex} {reference} {segments} {encoding} {callback}
 * {validity_s} {token} {user} {password}.
 */
#include "http.h"

#define VALIDITY_S 259200 /* of an SMS without an end: three days */

#define USES(field) (1u << (field))

/* ---- settings ---- */

static bool read_method(struct tandem_call *call, struct state *state)
{
	static const char *const methods[] = { "POST", "GET", "PUT", "PATCH" };
	struct tandem_view method = call->host->setting_text(call, "method", "POST");

	for (size_t i = 0; i < sizeof(methods) / sizeof(*methods); i++) {
		if (http_is(method, methods[i]))
			state->method = methods[i];
	}
	if (!state->method)
		call->host->error(call, "method: \"%.*s\": want GET, POST, PUT or PATCH", (int)method.n, method.p);
	return state->method != NULL;
}

static bool has(struct tandem_view v, const char *word)
{
	size_t n = strlen(word);

	for (size_t i = 0; i + n <= v.n; i++) {
		if (http_same_word((struct tandem_view){ v.p + i, n }, http_view(word)))
			return true;
	}
	return false;
}

static enum place place_of(struct tandem_view type)
{
	return has(type, "json") ? PLACE_JSON : has(type, "x-www-form-urlencoded") ? PLACE_FORM :
		has(type, "xml") ? PLACE_XML : PLACE_PLAIN;
}

/* It begins as an object or a list does, not with a placeholder. */
static bool is_json(const struct template *body)
{
	const struct piece *first = &body->pieces[0];

	return !first->field && (first->literal.p[0] == '{' || first->literal.p[0] == '[');
}

static bool read_body(struct tandem_call *call, struct state *state)
{
	const struct tandem_host *host = call->host;
	struct tandem_view body = host->setting_text(call, "body", "");
	struct tandem_view type = host->setting_text(call, "content_type", "");

	if (body.n && !strcmp(state->method, "GET")) {
		host->error(call, "body: method GET has none (try: method = \"POST\")");
		return false;
	}
	if (!http_template_read(call, "body", body, PLACE_PLAIN, &state->body))
		return false;
	if (body.n && !type.n)
		type = is_json(&state->body) ? TANDEM_LIT("application/json") : TANDEM_LIT("application/x-www-form-urlencoded");
	state->content_type = type;
	state->body.place = place_of(type);
	return true;
}

static bool read_path(struct tandem_call *call, struct state *state)
{
	struct tandem_view path = call->host->setting_text(call, "path", "");

	for (size_t i = 0; i < path.n; i++) {
		if ((unsigned char)path.p[i] <= ' ' || path.p[i] == '#' || (!i && path.p[i] != '/' && path.p[i] != '?')) {
			call->host->error(call, "path: \"%.*s\": want what follows base_url in a URL, from a slash on", (int)path.n,
				path.p);
			return false;
		}
	}
	return http_template_read(call, "path", path, PLACE_URL, &state->path);
}

static bool is_name(struct tandem_view v)
{
	for (size_t i = 0; i < v.n; i++) {
		char c = http_lower(v.p[i]);

		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_'))
			return false;
	}
	return v.n > 0;
}

static bool read_headers(struct tandem_call *call, struct state *state)
{
	const struct tandem_host *host = call->host;
	const struct tandem_view *list = host->setting_list(call, "headers", &state->nheaders);

	state->header_names = host->alloc(call, state->nheaders * sizeof(*state->header_names) + 1);
	state->headers = host->alloc(call, state->nheaders * sizeof(*state->headers) + 1);
	for (size_t i = 0; state->header_names && state->headers && i < state->nheaders; i++) {
		const char *colon = list[i].n ? memchr(list[i].p, ':', list[i].n) : NULL;
		size_t n = colon ? (size_t)(colon - list[i].p) : 0;
		struct tandem_view name = { list[i].p, n };

		if (!colon || !is_name(name) || http_same_word(name, TANDEM_LIT("content-type"))) {
			host->error(call, "headers: \"%.*s\": want \"Name: value\", and content_type for Content-Type",
				(int)list[i].n,
				list[i].p);
			return false;
		}
		state->header_names[i] = name;
		if (!http_template_read(call, "headers", http_trim((struct tandem_view){ colon + 1, list[i].n - n - 1 }),
			PLACE_HEADER, &state->headers[i]))
			return false;
	}
	return !call->failed;
}

static bool read_encodings(struct tandem_call *call, struct state *state)
{
	size_t n;
	const struct tandem_view *list = call->host->setting_list(call, "encodings", &n);

	state->gsm7 = TANDEM_LIT("gsm7");
	state->ucs2 = TANDEM_LIT("ucs2");
	for (size_t i = 0; i < n; i++) {
		struct tandem_view name, value;
		bool good = http_split(list[i], "=", &name, &value);

		if (good && http_is(name, "gsm7")) {
			state->gsm7 = value;
		} else if (good && http_is(name, "ucs2")) {
			state->ucs2 = value;
		} else {
			call->host->error(call, "encodings: \"%.*s\": want gsm7=WORD or ucs2=WORD", (int)list[i].n, list[i].p);
			return false;
		}
	}
	return true;
}

static uint32_t uses(const struct state *state)
{
	uint32_t all = state->path.uses | state->body.uses;

	for (size_t i = 0; i < state->nheaders; i++)
		all |= state->headers[i].uses;
	return all;
}

/* What the templates say together. */
static bool check_uses(struct tandem_call *call, const struct state *state)
{
	const struct tandem_host *host = call->host;
	bool idempotent = host->setting_bool(call, "idempotent", false);
	uint32_t all = uses(state);

	if (!(all & (USES(FIELD_TO) | USES(FIELD_TO_DIGITS))))
		return host->error(call, "none of path, headers and body has {to} or {to_digits}"), false;
	if (!(all & (USES(FIELD_TEXT) | USES(FIELD_TEXT_HEX))))
		return host->error(call, "none of path, headers and body has {text} or {text_hex}"), false;
	if (idempotent && !(all & USES(FIELD_REFERENCE)))
		return host->error(call, "idempotent: none of path, headers and body has {reference}"), false;
	if ((all & USES(FIELD_TOKEN)) && !state->token.n)
		return host->error(call, "{token}: want token_file"), false;
	if ((all & USES(FIELD_PASSWORD)) && !state->password.n)
		return host->error(call, "{password}: want password_file"), false;
	if (!idempotent)
		host->lacks(call, TANDEM_CAN_REPEAT);
	if (!(all & USES(FIELD_CALLBACK)))
		host->lacks(call, TANDEM_CAN_CALLBACK);
	return !call->failed;
}

static void destroy(void *arg)
{
	struct state *state = arg;

	http_match_free(state->patterns);
}

static int init(struct tandem_call *call, void **out)
{
	const struct tandem_host *host = call->host;
	struct state *state = host->alloc(call, sizeof(*state));

	if (!state)
		return TANDEM_FAIL;
	state->base = host->setting_base_url(call, NULL);
	state->user = host->setting_text(call, "user", "");
	state->password = host->setting_secret(call, "password", false);
	state->token = host->setting_secret(call, "token", false);
	if (!call->failed && read_method(call, state) && read_path(call, state) && read_headers(call, state) &&
		read_body(call, state) && read_encodings(call, state) && check_uses(call, state) &&
		http_answer_init(call, state) && http_hook_init(call, state) && !call->failed) {
		*out = state;
		return TANDEM_OK;
	}
	destroy(state);
	return TANDEM_FAIL;
}

/* ---- sending ---- */

static struct tandem_view digits(struct tandem_view v)
{
	if (v.n && v.p[0] == '+')
		v.p++, v.n--;
	return v;
}

static struct tandem_view text_hex(struct tandem_call *call, struct tandem_view text)
{
	struct tandem_view bytes = call->host->encode(call, "UTF-16BE", text);

	if (!bytes.p)
		call->host->error(call, "the text is no UTF-8");
	return call->host->hex_encode(call, bytes);
}

/* Our webhook, with what it shall be called with behind it. */
static struct tandem_view callback(struct tandem_call *call, const struct state *state, struct tandem_view url,
	const struct tandem_view values[FIELDS])
{
	const struct tandem_host *host = call->host;
	struct tandem_view query = http_template_fill(call, &state->receipt_query, values);
	bool more = url.n && memchr(url.p, '?', url.n);

	if (!url.n)
		return url;
	if (state->secret_query.n) {
		struct tandem_view secret = host->percent_encode(call, state->secret, false);

		url = host->print(call, "%.*s%s%.*s=%.*s", (int)url.n, url.p, more ? "&" : "?", (int)state->secret_query.n,
			state->secret_query.p, (int)secret.n, secret.n ? secret.p : "");
		more = true;
	}
	if (query.n)
		url = host->print(call, "%.*s%s%.*s", (int)url.n, url.n ? url.p : "", more ? "&" : "?", (int)query.n, query.p);
	return url;
}

static void fill_values(struct tandem_call *call, const struct state *state, const struct tandem_sms *sms,
	struct tandem_view values[FIELDS])
{
	const struct tandem_host *host = call->host;
	int64_t left = sms->expires_ms ? (sms->expires_ms - call->now_ms) / 1000 : VALIDITY_S;

	values[FIELD_TO] = sms->to;
	values[FIELD_FROM] = sms->from;
	values[FIELD_TEXT] = sms->text;
	values[FIELD_REFERENCE] = sms->reference;
	values[FIELD_SEGMENTS] = host->print(call, "%u", sms->segments);
	values[FIELD_ENCODING] = sms->encoding == TANDEM_UCS2 ? state->ucs2 : state->gsm7;
	values[FIELD_TO_DIGITS] = digits(sms->to);
	values[FIELD_FROM_DIGITS] = digits(sms->from);
	values[FIELD_VALIDITY_S] = host->print(call, "%lld", (long long)(left > 0 ? left : 1));
	values[FIELD_TOKEN] = state->token;
	values[FIELD_USER] = state->user;
	values[FIELD_PASSWORD] = state->password;
	if (uses(state) & USES(FIELD_TEXT_HEX))
		values[FIELD_TEXT_HEX] = text_hex(call, sms->text);
	if (uses(state) & USES(FIELD_CALLBACK))
		values[FIELD_CALLBACK] = callback(call, state, sms->callback_url, values);
}

static bool put_headers(struct tandem_call *call, const struct state *state,
	const struct tandem_view values[FIELDS], struct tandem_http *http)
{
	struct tandem_pair *headers = call->host->alloc(call, (state->nheaders + 1) * sizeof(*headers));
	size_t n = 0;

	if (!headers)
		return false;
	for (; n < state->nheaders; n++)
		headers[n] = (struct tandem_pair){ state->header_names[n],
			http_template_fill(call, &state->headers[n], values) };
	if (state->content_type.n)
		headers[n++] = (struct tandem_pair){ TANDEM_LIT("Content-Type"), state->content_type };
	http->headers = headers;
	http->nheaders = n;
	return !call->failed;
}

static int request(struct tandem_call *call, void *arg, const struct tandem_sms *sms, struct tandem_step *out)
{
	const struct state *state = arg;
	struct tandem_view values[FIELDS] = { { NULL, 0 } };
	struct tandem_view path;

	fill_values(call, state, sms, values);
	path = http_template_fill(call, &state->path, values);
	out->http.method = state->method;
	out->http.url = call->host->print(call, "%.*s%.*s", (int)state->base.n, state->base.p, (int)path.n,
		path.n ? path.p : "");
	out->http.url_secret = state->path.uses != 0;
	out->http.body = http_template_fill(call, &state->body, values);
	if (!(uses(state) & (USES(FIELD_USER) | USES(FIELD_PASSWORD)))) {
		out->http.user = state->user;
		out->http.password = state->password;
	}
	return put_headers(call, state, values, &out->http) && !call->failed ? TANDEM_OK : TANDEM_FAIL;
}

TANDEM_EXPORT const struct tandem_provider *tandem_provider_describe(void)
{
	static const struct tandem_provider provider = {
		.magic = TANDEM_PROVIDER_MAGIC,
		.abi_major = TANDEM_ABI_MAJOR,
		.abi_minor = TANDEM_ABI_MINOR,
		.struct_size = sizeof(struct tandem_provider),
		.transport = TANDEM_HTTP,
		.name = "http",
		.version = "1.0",
		/* Those that a configuration lacks are taken away by init. */
		.capabilities = TANDEM_CAN_REPEAT | TANDEM_CAN_RECEIPT | TANDEM_CAN_INBOUND | TANDEM_CAN_VERIFY |
			TANDEM_CAN_CALLBACK | TANDEM_CAN_LONG | TANDEM_CAN_ALPHA,
		.init = init,
		.destroy = destroy,
		.request = request,
		.response = http_response,
		.webhook = http_webhook,
	};

	return &provider;
}
