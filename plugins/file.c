/*
 * file - the host-served sink: each SMS becomes a JSON line in a file, lines of another file become receipts and
 * inbound SMS
 *
 * For demonstrations, tests and home-made gateways. Settings:
 *  path      the file that lines are appended to:
 *            {"job","to","from","text","encoding","segments","class","category","reference","at"}, with "national":
 *            "tr", "es" or "pt" after the encoding when the text needs that language's shift tables
 *  incoming  (optional) a file that others append lines to: {"from","to","text","id"} is an inbound SMS,
 *            {"receipt":ID,"state":"delivered"|"undelivered"|"unknown"|"accepted"} a receipt; ID is the job or the
 *            reference
 *  fail      (optional) a list of NUMBER=OUTCOME[:N]: SMS to that number end so (at the first N attempts; without N,
 *            always)
 */
#include <tandem/provider.h>

#include <string.h>
#include <time.h>

enum { ASKED_APPEND = 1, ASKED_FIND };

struct rule {
	struct tandem_view       number;
	enum tandem_outcome_kind kind;
	uint32_t                 attempts; /* 0 = all */
};

struct state {
	int          out;
	int          in; /* -1: none */
	struct rule *rules;
	size_t       nrules;
};

static const struct {
	const char              *name;
	enum tandem_outcome_kind kind;
} outcomes[] = {
	{ "permanent-number", TANDEM_PERMANENT_NUMBER },
	{ "permanent-optout", TANDEM_PERMANENT_OPTOUT },
	{ "permanent-other", TANDEM_PERMANENT_OTHER },
	{ "temporary", TANDEM_TEMPORARY },
	{ "throttled", TANDEM_THROTTLED },
	{ "auth", TANDEM_AUTH },
	{ "funds", TANDEM_FUNDS },
	{ "uncertain", TANDEM_UNCERTAIN },
};

static bool same(struct tandem_view a, struct tandem_view b)
{
	return a.n == b.n && (!a.n || !memcmp(a.p, b.p, a.n));
}

static bool is(struct tandem_view v, const char *s)
{
	return v.n == strlen(s) && (!v.n || !memcmp(v.p, s, v.n));
}

/* Takes ":N" off the end of what follows '='. False if N is no number from 1 to 999. */
static bool take_attempts(struct tandem_view *v, uint32_t *attempts)
{
	const char *colon = v->n ? memchr(v->p, ':', v->n) : NULL;
	uint32_t n = 0;

	*attempts = 0;
	if (!colon)
		return true;
	for (const char *p = colon + 1; p < v->p + v->n; p++) {
		if (*p < '0' || *p > '9' || n > 99)
			return false;
		n = n * 10 + (uint32_t)(*p - '0');
	}
	v->n = (size_t)(colon - v->p);
	*attempts = n;
	return n > 0;
}

static bool parse_rule(struct tandem_view text, struct rule *rule)
{
	const char *eq = text.n ? memchr(text.p, '=', text.n) : NULL;
	struct tandem_view kind;

	if (!eq || eq == text.p || text.p[0] != '+')
		return false;
	rule->number = (struct tandem_view){ text.p, (size_t)(eq - text.p) };
	kind = (struct tandem_view){ eq + 1, text.n - rule->number.n - 1 };
	if (!take_attempts(&kind, &rule->attempts))
		return false;
	for (size_t i = 0; i < sizeof(outcomes) / sizeof(*outcomes); i++) {
		if (is(kind, outcomes[i].name)) {
			rule->kind = outcomes[i].kind;
			return true;
		}
	}
	return false;
}

static int init(struct tandem_call *call, void **out)
{
	const struct tandem_host *host = call->host;
	struct tandem_view path = host->setting_path(call, "path", NULL);
	struct tandem_view incoming = host->setting_path(call, "incoming", "");
	size_t n;
	const struct tandem_view *fail = host->setting_list(call, "fail", &n);
	struct state *state = host->alloc(call, sizeof(*state));

	if (call->failed || !state)
		return TANDEM_FAIL;
	state->rules = host->alloc(call, n * sizeof(*state->rules));
	if (!state->rules)
		return TANDEM_FAIL;
	state->nrules = n;
	for (size_t i = 0; i < n; i++) {
		if (!parse_rule(fail[i], &state->rules[i]))
			return host->error(call,
				"fail: \"%.*s\" is not NUMBER=OUTCOME[:N], such as +15550000001=permanent-number or "
				"+15550000002=temporary:3", (int)fail[i].n, fail[i].p);
	}
	state->out = host->use_file(call, TANDEM_FILE_APPEND, path, (struct tandem_view){ NULL, 0 });
	state->in = incoming.n ? host->use_file(call, TANDEM_FILE_TAIL, incoming, (struct tandem_view){ NULL, 0 }) : -1;
	*out = state;
	return call->failed ? TANDEM_FAIL : TANDEM_OK;
}

static struct tandem_view iso(struct tandem_call *call, int64_t ms)
{
	time_t seconds = (time_t)(ms / 1000);
	struct tm tm;

	gmtime_r(&seconds, &tm);
	return call->host->print(call, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
		tm.tm_hour, tm.tm_min, tm.tm_sec, (int)(ms % 1000));
}

/* The outcome that setting `fail` wants for this attempt; false: none. */
static bool told_to_fail(const struct state *state, const struct tandem_sms *sms, struct tandem_outcome *out)
{
	for (size_t i = 0; i < state->nrules; i++) {
		const struct rule *rule = &state->rules[i];

		if (!same(rule->number, sms->to) || (rule->attempts && sms->attempt > rule->attempts))
			continue;
		out->kind = rule->kind;
		out->code = TANDEM_LIT("fail");
		out->detail = TANDEM_LIT("told to by setting fail");
		return true;
	}
	return false;
}

static int request(struct tandem_call *call, void *arg, const struct tandem_sms *sms, struct tandem_step *out)
{
	static const struct tandem_view languages[] = { { "", 0 }, { "tr", 2 }, { "es", 2 }, { "pt", 2 } };
	uint8_t shift = sms->shift_single ? sms->shift_single : sms->shift_locking;
	const struct tandem_host *host = call->host;
	const struct state *state = arg;
	struct tandem_json_writer *w;
	struct tandem_view json;

	if (told_to_fail(state, sms, &out->outcome))
		return TANDEM_OK;
	w = host->json_writer(call);
	host->json_open(w, NULL, TANDEM_JSON_OBJECT);
	host->json_put_text(w, "job", sms->job);
	host->json_put_text(w, "to", sms->to);
	host->json_put_text(w, "from", sms->from);
	host->json_put_text(w, "text", sms->text);
	host->json_put_text(w, "encoding", sms->encoding == TANDEM_UCS2 ? TANDEM_LIT("ucs2") : TANDEM_LIT("gsm7"));
	/* what a gateway behind this file has to put into the user data header; seldom there */
	if (shift)
		host->json_put_text(w, "national", languages[shift]);
	host->json_put_int(w, "segments", sms->segments);
	host->json_put_text(w, "class", sms->cls);
	host->json_put_text(w, "category", sms->category);
	host->json_put_text(w, "reference", sms->reference);
	host->json_put_text(w, "at", iso(call, call->now_ms));
	host->json_close(w);
	json = host->json_done(w);
	if (!json.p)
		return host->error(call, "the SMS is no UTF-8");
	out->token = ASKED_APPEND;
	out->file.what = TANDEM_FILE_DO_APPEND;
	out->file.file = state->out;
	out->file.bytes = host->print(call, "%.*s\n", (int)json.n, json.p);
	return call->failed ? TANDEM_FAIL : TANDEM_OK;
}

static int accepted(struct tandem_call *call, const struct tandem_sms *sms, struct tandem_step *out)
{
	struct tandem_view *id = call->host->alloc(call, sizeof(*id));

	if (!id)
		return TANDEM_FAIL;
	*id = sms->job;
	out->outcome.kind = TANDEM_ACCEPTED;
	out->outcome.ids = id;
	out->outcome.nids = 1;
	return TANDEM_OK;
}

static int response(struct tandem_call *call, void *arg, const struct tandem_answer *answer, struct tandem_step *out)
{
	const struct tandem_host *host = call->host;
	const struct tandem_json *line;

	(void)arg;
	if (answer->token == ASKED_APPEND)
		return accepted(call, answer->sms, out);
	line = host->json_read(call, answer->body);
	if (same(host->json_text(host->json_member(line, "reference")), answer->sms->reference))
		return accepted(call, answer->sms, out);
	out->outcome.kind = TANDEM_NOT_THERE;
	return TANDEM_OK;
}

static int query(struct tandem_call *call, void *arg, const struct tandem_sms *sms, struct tandem_step *out)
{
	const struct state *state = arg;

	(void)call;
	out->token = ASKED_FIND;
	out->file.what = TANDEM_FILE_DO_FIND;
	out->file.file = state->out;
	out->file.before = TANDEM_LIT("\"reference\":\"");
	out->file.key = sms->reference;
	out->file.after = TANDEM_LIT("\"");
	return TANDEM_OK;
}

static int read_receipt(struct tandem_call *call, const struct tandem_json *line, struct tandem_event *event)
{
	static const struct {
		const char               *name;
		enum tandem_receipt_state state;
	} states[] = {
		{ "delivered", TANDEM_DELIVERED },
		{ "undelivered", TANDEM_UNDELIVERED },
		{ "failed", TANDEM_UNDELIVERED },
		{ "unknown", TANDEM_LOST },
		{ "accepted", TANDEM_ON_ITS_WAY },
	};
	const struct tandem_host *host = call->host;
	struct tandem_view state = host->json_text(host->json_member(line, "state"));

	event->kind = TANDEM_RECEIPT;
	event->id = host->json_scalar(call, host->json_member(line, "receipt"));
	event->code = host->json_scalar(call, host->json_member(line, "code"));
	if (!event->id.n)
		return host->error(call, "a receipt without an id");
	for (size_t i = 0; i < sizeof(states) / sizeof(*states); i++) {
		if (is(state, states[i].name)) {
			event->state = states[i].state;
			return TANDEM_OK;
		}
	}
	return host->error(call, "\"%.*s\" is no state (delivered, undelivered, unknown, accepted)", (int)state.n,
		state.p ? state.p : "");
}

static int read_inbound(struct tandem_call *call, const struct tandem_json *line, struct tandem_event *event)
{
	const struct tandem_host *host = call->host;

	event->kind = TANDEM_INBOUND;
	event->from = host->json_text(host->json_member(line, "from"));
	event->to = host->json_text(host->json_member(line, "to"));
	event->text = host->json_text(host->json_member(line, "text"));
	event->id = host->json_scalar(call, host->json_member(line, "id"));
	if (!event->from.n)
		return host->error(call, "an inbound SMS without \"from\"");
	if (!event->text.p)
		return host->error(call, "an inbound SMS without \"text\"");
	return TANDEM_OK;
}

static int inbound_file(struct tandem_call *call, void *arg, const struct tandem_inbound_file *in,
	struct tandem_events *out)
{
	const struct tandem_host *host = call->host;
	const struct tandem_json *line = host->json_read(call, in->bytes);
	struct tandem_event *event = host->alloc(call, sizeof(*event));
	bool receipt = host->json_member(line, "receipt") != NULL;

	(void)arg;
	out->refused = true;
	if (!event)
		return TANDEM_FAIL;
	if (host->json_type(line) != TANDEM_JSON_OBJECT)
		return host->error(call, "no JSON object");
	if ((receipt ? read_receipt(call, line, event) : read_inbound(call, line, event)) != TANDEM_OK)
		return TANDEM_FAIL;
	out->refused = false;
	out->events = event;
	out->nevents = 1;
	return TANDEM_OK;
}

static const struct tandem_provider file_provider = {
	.magic = TANDEM_PROVIDER_MAGIC,
	.abi_major = TANDEM_ABI_MAJOR,
	.abi_minor = TANDEM_ABI_MINOR,
	.struct_size = sizeof(struct tandem_provider),
	.transport = TANDEM_FILE,
	.name = "file",
	.version = "1.0",
	.capabilities = TANDEM_CAN_QUERY | TANDEM_CAN_RECEIPT | TANDEM_CAN_INBOUND | TANDEM_CAN_LONG | TANDEM_CAN_ALPHA |
		TANDEM_CAN_NATIONAL,
	.init = init,
	.request = request,
	.response = response,
	.inbound_file = inbound_file,
	.query = query,
};

TANDEM_EXPORT const struct tandem_provider *tandem_provider_describe(void)
{
	return &file_provider;
}
