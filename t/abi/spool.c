/*
 * spool - SMS files for a modem on this machine: smstools3
 *
 * Settings: outgoing (the folder smstools reads), and, to know what became of them, sent and failed; incoming, for
 * inbound SMS and status reports; done, where files go that were read (default: they are removed). All are folders that
 * tandem-smsd may write to.
 *
 * smstools says that an SMS was sent by moving its file; its name and its X-Tandem header hold our reference.
 *
 * Source: smstools3, doc/fileformat.html.
 */
#include <tandem/provider.h>

#include <string.h>

struct state {
	int outgoing;
	int sent, failed, incoming; /* -1: not watched */
};

static bool is(struct tandem_view v, const char *s)
{
	return v.n == strlen(s) && (!v.n || !memcmp(v.p, s, v.n));
}

static int watch(struct tandem_call *call, const char *setting, struct tandem_view done)
{
	struct tandem_view path = call->host->setting_path(call, setting, "");

	return path.n ? call->host->use_file(call, TANDEM_FILE_WATCH, path, done) : -1;
}

static int init(struct tandem_call *call, void **out)
{
	const struct tandem_host *host = call->host;
	struct state *state = host->alloc(call, sizeof(*state));
	struct tandem_view outgoing = host->setting_path(call, "outgoing", NULL);
	struct tandem_view done = host->setting_path(call, "done", "");

	if (!state || call->failed)
		return TANDEM_FAIL;
	state->outgoing = host->use_file(call, TANDEM_FILE_FOLDER, outgoing, (struct tandem_view){ NULL, 0 });
	state->sent = watch(call, "sent", done);
	state->failed = watch(call, "failed", done);
	state->incoming = watch(call, "incoming", done);
	*out = state;
	return call->failed ? TANDEM_FAIL : TANDEM_OK;
}

/* ---- sending ---- */

/* Minutes or days, as smstools understands them; empty for no limit. */
static struct tandem_view validity(struct tandem_call *call, const struct tandem_sms *sms)
{
	int64_t minutes = (sms->expires_ms - call->now_ms) / 60000;

	if (!sms->expires_ms)
		return TANDEM_LIT("");
	minutes = minutes < 5 ? 5 : minutes;
	if (minutes < 1440)
		return call->host->print(call, "Validity: %d min\n", (int)minutes);
	return call->host->print(call, "Validity: %d day\n", (int)(minutes / 1440 > 30 ? 30 : minutes / 1440));
}

static int request(struct tandem_call *call, void *arg, const struct tandem_sms *sms, struct tandem_step *out)
{
	const struct state *state = arg;
	struct tandem_view until = validity(call, sms);
	bool urgent = is(sms->cls, "critical") || is(sms->cls, "solicited");

	for (size_t i = 1; i < sms->to.n; i++) {
		if (sms->to.p[i] < '0' || sms->to.p[i] > '9')
			return call->host->error(call, "the number has more than digits");
	}
	out->file.what = TANDEM_FILE_DO_CREATE;
	out->file.file = state->outgoing;
	out->file.name = call->host->print(call, "tandem-%.*s", (int)sms->reference.n, sms->reference.p);
	out->file.bytes = call->host->print(call,
		"To: %.*s\nAlphabet: %s\nReport: yes\n%s%.*sX-Tandem: %.*s\n\n%.*s", (int)sms->to.n - 1, sms->to.p + 1, "UTF",
		urgent ? "Priority: High\n" : "", (int)until.n, until.p, (int)sms->reference.n, sms->reference.p,
		(int)sms->text.n, sms->text.p);
	return out->file.bytes.p && out->file.name.p ? TANDEM_OK : TANDEM_FAIL;
}

/* The file stands in the folder: the modem's queue has it, under our reference. */
static int response(struct tandem_call *call, void *state, const struct tandem_answer *answer, struct tandem_step *out)
{
	struct tandem_view *id = call->host->alloc(call, sizeof(*id));

	(void)state;
	if (!id)
		return TANDEM_FAIL;
	*id = answer->sms->reference;
	out->outcome = (struct tandem_outcome){ .kind = TANDEM_ACCEPTED, .ids = id, .nids = 1 };
	return TANDEM_OK;
}

/* ---- what comes back ---- */

struct letter { /* a file in pieces */
	struct tandem_view head, body;
};

static struct letter open_letter(struct tandem_view file)
{
	for (size_t i = 0; i + 1 < file.n; i++) {
		if (file.p[i] == '\n' && file.p[i + 1] == '\n')
			return (struct letter){ { file.p, i + 1 }, { file.p + i + 2, file.n - i - 2 } };
	}
	return (struct letter){ file, { NULL, 0 } };
}

/* The value of a line "Name: value"; empty when there is none. */
static struct tandem_view field(struct tandem_view head, const char *name)
{
	size_t n = strlen(name);

	while (head.n) {
		const char *end = memchr(head.p, '\n', head.n);
		size_t line = end ? (size_t)(end - head.p) : head.n;

		if (line > n + 1 && !memcmp(head.p, name, n) && head.p[n] == ':') {
			struct tandem_view v = { head.p + n + 1, line - n - 1 };

			while (v.n && (*v.p == ' ' || *v.p == '\t')) {
				v.p++;
				v.n--;
			}
			while (v.n && (v.p[v.n - 1] == ' ' || v.p[v.n - 1] == '\r'))
				v.n--;
			return v;
		}
		head.p += end ? line + 1 : line;
		head.n -= end ? line + 1 : line;
	}
	return (struct tandem_view){ NULL, 0 };
}

/* A text in the alphabet its file names. */
static struct tandem_view text_of(struct tandem_call *call, const struct letter *letter)
{
	struct tandem_view alphabet = field(letter->head, "Alphabet");

	if (alphabet.n >= 3 && !memcmp(alphabet.p, "UCS", 3))
		return call->host->decode(call, "UTF-16BE", letter->body);
	if (alphabet.n >= 3 && !memcmp(alphabet.p, "GSM", 3))
		return call->host->decode(call, "GSM-7", letter->body);
	if (alphabet.n >= 3 && !memcmp(alphabet.p, "ISO", 3))
		return call->host->decode(call, "ISO-8859-15", letter->body);
	return call->host->decode(call, "UTF-8", letter->body);
}

/* TP-Status (TS 23.040 §9.2.3.15): below 32 it has arrived, below 64 it is tried, above it failed. */
static enum tandem_receipt_state report_state(struct tandem_view status)
{
	int n = 0;

	for (size_t i = 0; i < status.n && status.p[i] >= '0' && status.p[i] <= '9' && n < 256; i++)
		n = n * 10 + (status.p[i] - '0');
	return !status.n ? TANDEM_LOST : n < 32 ? TANDEM_DELIVERED : n < 64 ? TANDEM_ON_ITS_WAY : TANDEM_UNDELIVERED;
}

/*
 * A status report names the SMS by a number from 0 to 255 that is used again and again: that number and the telephone's
 * are remembered when the SMS is sent.
 */
static struct tandem_view report_name(struct tandem_call *call, struct tandem_view number, struct tandem_view id)
{
	return call->host->print(call, "%.*s/%.*s", (int)number.n, number.n ? number.p : "", (int)id.n, id.n ? id.p : "");
}

static void sent(struct tandem_call *call, const struct letter *letter, struct tandem_event *e)
{
	struct tandem_view id = field(letter->head, "Message_id");

	e->kind = TANDEM_RECEIPT;
	e->id = field(letter->head, "X-Tandem");
	e->state = TANDEM_ON_ITS_WAY;
	if (id.n && e->id.n)
		call->host->remember(call, report_name(call, field(letter->head, "To"), id).p, e->id, 3 * 86400000LL);
}

static void arrived(struct tandem_call *call, const struct letter *letter, struct tandem_event *e)
{
	struct tandem_view from = field(letter->head, "From");
	static const char report[] = "SMS STATUS REPORT";

	if (letter->body.n >= sizeof(report) - 1 && !memcmp(letter->body.p, report, sizeof(report) - 1)) {
		e->kind = TANDEM_RECEIPT;
		e->id = call->host->recall(call, report_name(call, from, field(letter->body, "Message_id")).p);
		e->state = report_state(field(letter->body, "Status"));
		return;
	}
	e->kind = TANDEM_INBOUND;
	e->from = call->host->print(call, "+%.*s", (int)from.n, from.n ? from.p : "");
	e->text = text_of(call, letter);
}

static int inbound_file(struct tandem_call *call, void *arg, const struct tandem_inbound_file *in,
	struct tandem_events *out)
{
	const struct state *state = arg;
	struct letter letter = open_letter(in->bytes);
	struct tandem_event *e = call->host->alloc(call, sizeof(*e));

	if (!e)
		return TANDEM_FAIL;
	e->at_ms = in->at_ms;
	if (in->file == state->incoming) {
		if (!field(letter.head, "From").n)
			return call->host->error(call, "no \"From\" in it");
		arrived(call, &letter, e);
	} else if (in->file == state->sent) {
		sent(call, &letter, e);
	} else {
		e->kind = TANDEM_RECEIPT;
		e->id = field(letter.head, "X-Tandem");
		e->code = field(letter.head, "Fail_reason");
		e->state = TANDEM_UNDELIVERED;
	}
	/* SMS of other programs, and reports about SMS that are long forgotten. */
	out->events = e;
	out->nevents = e->kind == TANDEM_INBOUND || e->id.n ? 1 : 0;
	return call->failed ? TANDEM_FAIL : TANDEM_OK;
}

TANDEM_EXPORT const struct tandem_provider *tandem_provider_describe(void)
{
	static const struct tandem_provider provider = {
		.magic = TANDEM_PROVIDER_MAGIC,
		.abi_major = TANDEM_ABI_MAJOR,
		.abi_minor = TANDEM_ABI_MINOR,
		.struct_size = sizeof(struct tandem_provider),
		.transport = TANDEM_FILE,
		.name = "spool",
		.version = "0.1",
		.capabilities = TANDEM_CAN_RECEIPT | TANDEM_CAN_INBOUND | TANDEM_CAN_LONG,
		.init = init,
		.request = request,
		.response = response,
		.inbound_file = inbound_file,
	};

	return &provider;
}
