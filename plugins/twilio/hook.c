/*
 * hook - what Twilio calls us for: its signature, receipts, inbound SMS
 */
#include "twilio.h"

#define PARAMS_MAX 200 /* of a webhook; Twilio sends about 30 */

/* ---- the signature ---- */

static int compare(struct tandem_view a, struct tandem_view b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int order = n ? memcmp(a.p, b.p, n) : 0;

	return order ? order : a.n < b.n ? -1 : a.n > b.n;
}

/* By name, then value, bytewise; of equal ones the second is to be left out. */
static void sort(struct tandem_pair *v, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		struct tandem_pair pair = v[i];
		size_t k = i;

		for (; k > 0; k--) {
			int order = compare(v[k - 1].name, pair.name);

			if (order < 0 || (order == 0 && compare(v[k - 1].value, pair.value) <= 0))
				break;
			v[k] = v[k - 1];
		}
		v[k] = pair;
	}
}

/* The parameters of a form as they are signed. */
static struct tandem_view signed_form(struct tandem_call *call, const struct tandem_pair *pairs, size_t n)
{
	struct tandem_pair *sorted = call->host->alloc(call, n * sizeof(*sorted));
	struct tandem_view all = { NULL, 0 };
	size_t room = 0;
	char *p;

	for (size_t i = 0; i < n; i++)
		room += pairs[i].name.n + pairs[i].value.n;
	p = call->host->alloc(call, room + 1);
	if (!sorted || !p)
		return all;
	for (size_t i = 0; i < n; i++)
		sorted[i] = pairs[i];
	sort(sorted, n);
	all.p = p;
	for (size_t i = 0; i < n; i++) {
		const struct tandem_view part[] = { sorted[i].name, sorted[i].value };

		if (i && same(sorted[i].name, sorted[i - 1].name) && same(sorted[i].value, sorted[i - 1].value))
			continue;
		for (size_t k = 0; k < 2; k++) {
			if (part[k].n)
				memcpy(p + all.n, part[k].p, part[k].n);
			all.n += part[k].n;
		}
	}
	return all;
}

/* HMAC over bytes, whatever they are: a NUL in a parameter must not end what is signed. */
static bool signature_is(struct tandem_call *call, const struct state *state, struct tandem_view url,
	struct tandem_view form, struct tandem_view signature)
{
	const struct tandem_host *host = call->host;
	unsigned char mac[TANDEM_DIGEST_MAX];
	char *all = host->alloc(call, url.n + form.n + 1);
	struct tandem_view right;
	size_t n;

	if (!all)
		return false;
	if (url.n)
		memcpy(all, url.p, url.n);
	if (form.n)
		memcpy(all + url.n, form.p, form.n);
	n = host->hmac(TANDEM_SHA1, state->token, (struct tandem_view){ all, url.n + form.n }, mac);
	right = host->base64_encode(call, (struct tandem_view){ (const char *)mac, n }, false);
	return right.n && host->secret_eq(right, signature);
}

/* The URL with the port that stands for its scheme, or without any: Twilio signs now one form, now the other. */
static struct tandem_view other_port(struct tandem_call *call, struct tandem_view url)
{
	bool tls = url.n > 8 && !memcmp(url.p, "https://", 8);
	size_t begin = tls ? 8 : 7;
	size_t end = begin;
	size_t colon = 0;

	if (url.n <= begin)
		return url;
	while (end < url.n && url.p[end] != '/' && url.p[end] != '?') {
		if (url.p[end] == ':')
			colon = end;
		end++;
	}
	if (colon)
		return call->host->print(call, "%.*s%.*s", (int)colon, url.p, (int)(url.n - end), url.p + end);
	return call->host->print(call, "%.*s:%s%.*s", (int)end, url.p, tls ? "443" : "80", (int)(url.n - end), url.p + end);
}

/* An apostrophe as "%27". */
static struct tandem_view normalised(struct tandem_call *call, struct tandem_view url)
{
	char *p = call->host->alloc(call, 3 * url.n + 1);
	struct tandem_view out = { p, 0 };

	for (size_t i = 0; p && i < url.n; i++) {
		if (url.p[i] == '\'') {
			memcpy(p + out.n, "%27", 3);
			out.n += 3;
		} else {
			p[out.n++] = url.p[i];
		}
	}
	return out;
}

static bool genuine(struct tandem_call *call, const struct state *state, const struct tandem_webhook *in,
	const struct tandem_pair *form, size_t nform)
{
	struct tandem_view signature = find(in->headers, in->nheaders, "x-twilio-signature");
	struct tandem_view all = signed_form(call, form, nform);
	struct tandem_view urls[4] = { in->url, other_port(call, in->url) };

	urls[2] = normalised(call, urls[0]);
	urls[3] = normalised(call, urls[1]);
	for (size_t i = 0; signature.n && i < 4; i++) {
		if (signature_is(call, state, urls[i], all, signature))
			return true;
	}
	return false;
}

/* A body that is no form is not in the signature, but its digest is, in the URL. */
static bool body_matches(struct tandem_call *call, const struct tandem_webhook *in)
{
	const struct tandem_host *host = call->host;
	unsigned char digest[TANDEM_DIGEST_MAX];
	size_t n;
	const struct tandem_pair *query = host->form_decode(call, in->query, &n);
	struct tandem_view want = find(query, query ? n : 0, "bodySHA256");
	size_t size = host->digest(TANDEM_SHA256, in->body, digest);
	struct tandem_view have = host->hex_encode(call, (struct tandem_view){ (const char *)digest, size });

	return want.n && host->secret_eq(want, have);
}

/* ---- what it says ---- */

static const struct {
	const char               *word;
	enum tandem_receipt_state state;
} states[] = {
	{ "accepted", TANDEM_ON_ITS_WAY }, { "scheduled", TANDEM_ON_ITS_WAY }, { "queued", TANDEM_ON_ITS_WAY },
	{ "sending", TANDEM_ON_ITS_WAY }, { "sent", TANDEM_ON_ITS_WAY }, { "delivered", TANDEM_DELIVERED },
	{ "read", TANDEM_DELIVERED }, { "partially_delivered", TANDEM_DELIVERED },
	{ "undelivered", TANDEM_UNDELIVERED }, { "failed", TANDEM_UNDELIVERED }, { "canceled", TANDEM_UNDELIVERED },
};

/* True when the state means something to us. */
static bool receipt(const struct tandem_pair *form, size_t n, struct tandem_view ref, struct tandem_event *event)
{
	struct tandem_view word = find(form, n, "MessageStatus");
	int64_t code;

	event->kind = TANDEM_RECEIPT;
	event->id = ref.n ? ref : find(form, n, "MessageSid");
	event->code = find(form, n, "ErrorCode");
	code = number_of(event->code);
	event->bad_number = twilio_kind_of_code(code) == TANDEM_PERMANENT_NUMBER;
	for (size_t i = 0; i < sizeof(states) / sizeof(*states); i++) {
		if (is(word, states[i].word)) {
			event->state = states[i].state;
			return event->id.n > 0;
		}
	}
	return false;
}

static void inbound(const struct tandem_pair *form, size_t n, struct tandem_event *event)
{
	struct tandem_view hint = find(form, n, "OptOutType");

	event->kind = TANDEM_INBOUND;
	event->id = find(form, n, "MessageSid");
	event->from = find(form, n, "From");
	event->to = find(form, n, "To");
	event->text = find(form, n, "Body");
	event->hint = is(hint, "STOP") ? TANDEM_HINT_STOP : is(hint, "START") ? TANDEM_HINT_START :
		is(hint, "HELP") ? TANDEM_HINT_HELP : TANDEM_HINT_NONE;
	/* It is set where Advanced Opt-Out has understood the word, and then it has answered as well. */
	event->answered = hint.n > 0;
}

static int refuse(struct tandem_call *call, struct tandem_events *out, uint32_t status, const char *why)
{
	out->refused = true;
	out->status = status;
	call->host->error(call, "%s", why);
	return TANDEM_OK;
}

int twilio_webhook(struct tandem_call *call, void *arg, const struct tandem_webhook *in, struct tandem_events *out)
{
	const struct tandem_host *host = call->host;
	struct tandem_view type = find(in->headers, in->nheaders, "content-type");
	bool is_form = type.n >= 33 && !memcmp(type.p, "application/x-www-form-urlencoded", 33);
	struct tandem_event *event = host->alloc(call, sizeof(*event));
	size_t n = 0, nquery = 0;
	const struct tandem_pair *query = host->form_decode(call, in->query, &nquery);
	const struct tandem_pair *form = is_form ? host->form_decode(call, in->body, &n) : NULL;

	if (call->failed || !event)
		return TANDEM_FAIL;
	if ((is_form && !form) || n > PARAMS_MAX)
		return refuse(call, out, 400, "the body is no form");
	if (!genuine(call, arg, in, form, n) || (!is_form && in->body.n && !body_matches(call, in)))
		return refuse(call, out, 403, "X-Twilio-Signature is wrong (try: is web.public_url the address Twilio calls?)");
	if (!is_form) { /* called with GET: the parameters are in the query */
		form = query;
		n = query ? nquery : 0;
	}
	if (find(form, n, "MessageStatus").n) {
		out->nevents = receipt(form, n, find(query, query ? nquery : 0, "ref"), event);
		out->status = 204;
	} else if (find(form, n, "From").n && find(form, n, "MessageSid").n) {
		inbound(form, n, event);
		out->nevents = 1;
		out->type = TANDEM_LIT("text/xml");
		out->body = TANDEM_LIT("<Response/>");
	} else {
		return refuse(call, out, 400, "neither a receipt nor an SMS");
	}
	out->events = event;
	return TANDEM_OK;
}
