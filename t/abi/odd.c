/*
 * odd - a plugin that returns nonsense: what the host makes of it is tested with it
 *
 * The text of an SMS is "WHEN WHAT": WHEN is "before" (`request` does it) or "after" (a line is appended, and
 * `response` does it); any other text is appended and accepted. Lines that arrive are WHAT, too.
 */
#include <tandem/provider.h>

#include <string.h>

struct state {
	int out;
};

static bool starts(struct tandem_view v, const char *s)
{
	return v.n >= strlen(s) && !memcmp(v.p, s, strlen(s));
}

static bool is(struct tandem_view v, const char *s)
{
	return v.n == strlen(s) && starts(v, s);
}

static int init(struct tandem_call *call, void **out)
{
	const struct tandem_host *host = call->host;
	struct state *state = host->alloc(call, sizeof(*state));
	const struct tandem_view none = { NULL, 0 };

	if (!state)
		return TANDEM_FAIL;
	state->out = host->use_file(call, TANDEM_FILE_APPEND, host->setting_path(call, "path", NULL), none);
	host->use_file(call, TANDEM_FILE_TAIL, host->setting_path(call, "incoming", NULL), none);
	*out = state;
	return call->failed ? TANDEM_FAIL : TANDEM_OK;
}

static int append(struct tandem_call *call, const struct state *state, struct tandem_view line, struct tandem_step *out)
{
	out->file.what = TANDEM_FILE_DO_APPEND;
	out->file.file = state->out;
	out->file.bytes = call->host->print(call, "%.*s\n", (int)line.n, line.p);
	return TANDEM_OK;
}

static int accept_it(struct tandem_step *out)
{
	static const struct tandem_view id = { "1", 1 };

	out->outcome = (struct tandem_outcome){ .kind = TANDEM_ACCEPTED, .ids = &id, .nids = 1 };
	return TANDEM_OK;
}

/* Outcomes that make no sense, or not quite. */
static bool say(struct tandem_call *call, struct tandem_view what, struct tandem_outcome *o)
{
	static const struct tandem_view latin1 = { "\xff\xfe", 2 };
	static const struct tandem_view nowhere = { NULL, 7 };
	static char words[100000];

	o->kind = TANDEM_ACCEPTED;
	if (is(what, "kind")) {
		o->kind = (enum tandem_outcome_kind)99;
	} else if (is(what, "ids")) {
		o->nids = 3;
	} else if (is(what, "latin1 id") || is(what, "null id")) {
		o->ids = is(what, "null id") ? &nowhere : &latin1;
		o->nids = 1;
	} else if (is(what, "long") || is(what, "latin1") || is(what, "null words")) {
		o->kind = TANDEM_PERMANENT_OTHER;
		o->detail = is(what, "latin1") ? latin1 : nowhere;
		memset(words, 'w', sizeof(words));
		if (is(what, "long"))
			o->detail = (struct tandem_view){ words, sizeof(words) };
		o->code = call->host->print(call, "odd");
	} else {
		o->kind = 0;
	}
	return o->kind != 0;
}

static int misbehave(struct tandem_call *call, const struct state *state, struct tandem_view what,
	struct tandem_step *out)
{
	if (say(call, what, &out->outcome) || is(what, "nothing"))
		return TANDEM_OK;
	if (is(what, "memory"))
		return call->host->alloc(call, 5u << 20) ? TANDEM_OK : TANDEM_FAIL;
	if (is(what, "fail"))
		return TANDEM_FAIL;
	if (is(what, "error"))
		return call->host->error(call, "no luck today");
	if (is(what, "error and OK")) {
		call->host->error(call, "no luck at all");
		return accept_it(out);
	}
	append(call, state, what, out);
	if (is(what, "file"))
		out->file.file = 99;
	else if (is(what, "null line"))
		out->file.bytes = (struct tandem_view){ NULL, 10 };
	return TANDEM_OK; /* "endless": one request after another */
}

static struct tandem_view what_of(const struct tandem_sms *sms, const char *when)
{
	size_t n = starts(sms->text, when) ? strlen(when) : sms->text.n;

	return (struct tandem_view){ sms->text.p + n, sms->text.n - n };
}

static int request(struct tandem_call *call, void *arg, const struct tandem_sms *sms, struct tandem_step *out)
{
	struct tandem_view what = what_of(sms, "before ");

	return what.n ? misbehave(call, arg, what, out) : append(call, arg, sms->text, out);
}

static int response(struct tandem_call *call, void *arg, const struct tandem_answer *answer, struct tandem_step *out)
{
	struct tandem_view what = what_of(answer->sms, "after ");

	return what.n ? misbehave(call, arg, what, out) : accept_it(out);
}

static int inbound_file(struct tandem_call *call, void *state, const struct tandem_inbound_file *in,
	struct tandem_events *out)
{
	struct tandem_event *e = call->host->alloc(call, sizeof(*e));

	(void)state;
	if (!e)
		return TANDEM_FAIL;
	*e = (struct tandem_event){ .kind = TANDEM_INBOUND, .from = TANDEM_LIT("+15551230001"), .text = in->bytes };
	out->events = e;
	out->nevents = 1;
	if (is(in->bytes, "null view"))
		e->text = (struct tandem_view){ NULL, 9 };
	else if (is(in->bytes, "null events"))
		out->events = NULL;
	else if (is(in->bytes, "kind"))
		e->kind = (enum tandem_event_kind)99;
	else if (is(in->bytes, "latin1"))
		e->from = TANDEM_LIT("\xff\xfe");
	else if (is(in->bytes, "fail"))
		return TANDEM_FAIL;
	return TANDEM_OK;
}

TANDEM_EXPORT const struct tandem_provider *tandem_provider_describe(void)
{
	static const struct tandem_provider provider = {
		.magic = TANDEM_PROVIDER_MAGIC,
		.abi_major = TANDEM_ABI_MAJOR,
		.abi_minor = TANDEM_ABI_MINOR,
		.struct_size = sizeof(struct tandem_provider),
		.transport = TANDEM_FILE,
		.name = "odd",
		.version = "6.6",
		.capabilities = TANDEM_CAN_INBOUND | TANDEM_CAN_LONG,
		.init = init,
		.request = request,
		.response = response,
		.inbound_file = inbound_file,
	};

	return &provider;
}
