/*
 * smpp - an SMPP 3.4 transceiver: binds, sends with a window, keeps the link alive, takes receipts and inbound SMS
 *
 * Settings: host, port (2775), tls ("require" or "off"), system_id, password_file, system_type, source_ton and
 * source_npi (by the kind of sender), charset ("gsm7" or "latin1": what data_coding 0 means there), long ("udh" or
 * "payload"), binds (1), enquire (30s), patience (60s: how long an answer may take).
 *
 * SMPP has no idempotency: an SMS without an answer is uncertain. Source: SMPP 3.4, issue 1.2.
 */
#include "smpp.h"

/* ---- settings ---- */

static bool is(struct tandem_view v, const char *s)
{
	return v.n == strlen(s) && (!v.n || !memcmp(v.p, s, v.n));
}

/* One of two words; true for the first. */
static bool choice(struct tandem_call *call, const char *name, const char *yes, const char *no, const char *deflt)
{
	struct tandem_view v = call->host->setting_text(call, name, deflt);

	if (!is(v, yes) && !is(v, no))
		call->host->error(call, "%s: \"%.*s\" is neither \"%s\" nor \"%s\"", name, (int)v.n, v.p ? v.p : "", yes, no);
	return is(v, yes);
}

static int init(struct tandem_call *call, void **out)
{
	const struct tandem_host *host = call->host;
	struct state *state = host->alloc(call, sizeof(*state));

	if (!state)
		return TANDEM_FAIL;
	state->host = host->setting_text(call, "host", NULL);
	state->port = (uint32_t)host->setting_int(call, "port", 2775, 1, 65535);
	state->tls = choice(call, "tls", "require", "off", "require");
	state->system_id = host->setting_text(call, "system_id", NULL);
	state->password = host->setting_secret(call, "password", true);
	state->system_type = host->setting_text(call, "system_type", "");
	state->ton = (int)host->setting_int(call, "source_ton", -1, 0, 6);
	state->npi = (int)host->setting_int(call, "source_npi", -1, 0, 18);
	state->latin1 = choice(call, "charset", "latin1", "gsm7", "gsm7");
	state->payload = choice(call, "long", "payload", "udh", "udh");
	state->binds = (uint32_t)host->setting_int(call, "binds", 1, 1, 16);
	state->enquire_ms = host->setting_duration(call, "enquire", 30000);
	state->patience_ms = host->setting_duration(call, "patience", 60000);
	*out = state;
	return call->failed ? TANDEM_FAIL : TANDEM_OK;
}

static int target(struct tandem_call *call, void *arg, struct tandem_stream_target *out)
{
	const struct state *state = arg;

	(void)call;
	out->host = state->host;
	out->port = state->port;
	out->tls = state->tls;
	out->connections = state->binds;
	return TANDEM_OK;
}

/* ---- what status codes mean ---- */

enum tandem_outcome_kind smpp_kind(uint32_t status)
{
	switch (status) {
	case 0x14:
	case 0x58:
		return TANDEM_THROTTLED;
	case 0x0B:
		return TANDEM_PERMANENT_NUMBER;
	case 0x04:
	case 0x08:
	case 0x64:
	case 0xFE:
	case 0xFF:
	case 0x102:
		return TANDEM_TEMPORARY;
	case 0x05:
	case 0x0A:
	case 0x0D:
	case 0x0E:
	case 0x0F:
	case 0x15:
	case 0x48:
	case 0x49:
	case 0x53:
	case 0x100:
	case 0x101:
	case 0x103:
		return TANDEM_AUTH;
	case 0x45: /* RSUBMITFAIL says it of an SMS that was perhaps taken */
		return TANDEM_UNCERTAIN;
	default:
		return TANDEM_PERMANENT_OTHER;
	}
}

/* ---- the state of a connection ---- */

static uint32_t room(const struct conn *conn, int64_t now)
{
	uint32_t n = 0;

	if (!conn->bound || conn->leaving || now < conn->paused)
		return 0;
	for (size_t i = 0; i < SLOTS; i++)
		n += !conn->slots[i].first;
	return n;
}

/* What every operation ends with. */
int smpp_settled(struct tandem_call *call, const struct conn *conn, struct tandem_stream_out *out)
{
	out->room = room(conn, call->now_ms);
	return TANDEM_OK;
}

/* The result of an SMS all parts of which are answered (or, uncertain, one whose time is over). */
bool smpp_result(struct tandem_call *call, struct slot *slot, bool late, struct tandem_stream_result *out)
{
	struct tandem_outcome *o = &out->outcome;
	struct tandem_view *ids = call->host->alloc(call, PARTS * sizeof(*ids));
	char *copy = call->host->alloc(call, sizeof(slot->ids));

	if (!ids || !copy)
		return false;
	memcpy(copy, slot->ids, sizeof(slot->ids)); /* the slot will be another's */
	for (size_t i = 0; i < slot->parts; i++)
		ids[i] = (struct tandem_view){ copy + i * ID_SIZE, strlen(copy + i * ID_SIZE) };
	out->token = slot->token;
	if (slot->failed)
		o->code = call->host->print(call, "0x%08x", slot->status);
	if (late || (slot->failed && slot->accepted)) {
		o->kind = TANDEM_UNCERTAIN;
		o->detail = late ? TANDEM_LIT("no submit_sm_resp in time") : TANDEM_LIT("some parts were refused");
	} else if (slot->failed) {
		o->kind = slot->kind;
		o->retry_after_ms = slot->kind == TANDEM_THROTTLED ? 1000 : 0;
	} else {
		o->kind = ids[0].n ? TANDEM_ACCEPTED : TANDEM_UNCERTAIN;
		o->detail = ids[0].n ? o->detail : TANDEM_LIT("accepted without a message id");
		o->ids = ids;
		o->nids = slot->parts;
	}
	slot->first = 0;
	return true;
}

/* ---- operations ---- */

static int open_conn(struct tandem_call *call, void *arg, void **out_conn, struct tandem_stream_out *out)
{
	const struct state *state = arg;
	struct conn *conn = call->host->alloc(call, sizeof(*conn));
	struct pdu pdu = { call->host->alloc(call, 128), 0 };

	if (!conn || !pdu.p)
		return TANDEM_FAIL;
	conn->heard = conn->asked = call->now_ms; /* the bind is the first question */
	conn->reference = call->random[0];
	head(&pdu, BIND, 0, next_sequence(conn));
	put_text(&pdu, state->system_id, 16);
	put_text(&pdu, state->password, 9);
	put_text(&pdu, state->system_type, 13);
	put(&pdu, "\x34\0\0", 3); /* interface_version; addr_ton, addr_npi */
	put_text(&pdu, TANDEM_LIT(""), 41);
	finish(&pdu, 0);
	out->bytes = sent(&pdu);
	out->timer_ms = TICK_MS;
	*out_conn = conn;
	return smpp_settled(call, conn, out);
}

static int timer(struct tandem_call *call, void *arg, void *arg_conn, struct tandem_stream_out *out)
{
	const struct state *state = arg;
	struct conn *conn = arg_conn;
	struct tandem_stream_result *results = call->host->alloc(call, SLOTS * sizeof(*results));
	struct pdu pdu = { call->host->alloc(call, 16), 0 };

	if (!results || !pdu.p)
		return TANDEM_FAIL;
	out->results = results;
	out->timer_ms = TICK_MS;
	for (size_t i = 0; i < SLOTS; i++) {
		struct slot *slot = &conn->slots[i];

		if (slot->first && call->now_ms - slot->since > state->patience_ms &&
			!smpp_result(call, slot, true, &results[out->nresults++]))
			return TANDEM_FAIL;
	}
	if (conn->asked && call->now_ms - conn->asked > state->enquire_ms / 2) {
		out->close = true;
		call->host->error(call, conn->bound ? "no answer to enquire_link" : "no answer to bind_transceiver");
	} else if (!conn->asked && call->now_ms - conn->heard > state->enquire_ms) {
		conn->asked = call->now_ms;
		head(&pdu, ENQUIRE, 0, next_sequence(conn));
		out->bytes = sent(&pdu);
	}
	return smpp_settled(call, conn, out);
}

/* Whether a sender is a number; digits without the plus, and their type and plan. */
static struct tandem_view address(const struct state *state, struct tandem_view from, unsigned char type[2])
{
	bool plus = from.n && from.p[0] == '+';
	bool digits = from.n > 0;

	if (plus)
		from = (struct tandem_view){ from.p + 1, from.n - 1 };
	for (size_t i = 0; i < from.n; i++)
		digits = digits && from.p[i] >= '0' && from.p[i] <= '9';
	type[0] = plus ? 1 : digits ? 3 : 5;
	type[1] = plus ? 1 : 0;
	if (!from.n)
		type[0] = type[1] = 0;
	if (state->ton >= 0)
		type[0] = (unsigned char)state->ton;
	if (state->npi >= 0)
		type[1] = (unsigned char)state->npi;
	return from;
}

/* A relative validity_period; empty when there is no limit. Days at most 99. */
static struct tandem_view validity(struct tandem_call *call, const struct tandem_sms *sms)
{
	int64_t s = (sms->expires_ms - call->now_ms) / 1000;

	if (!sms->expires_ms)
		return TANDEM_LIT("");
	s = s < 60 ? 60 : s > 30 * 86400 ? 30 * 86400 : s;
	return call->host->print(call, "0000%02d%02d%02d%02d000R", (int)(s / 86400), (int)(s % 86400 / 3600),
		(int)(s % 3600 / 60), (int)(s % 60));
}

static void submit_sm(struct pdu *pdu, const struct state *state, const struct tandem_sms *sms, uint32_t sequence,
	struct tandem_view until, struct tandem_view udh, struct tandem_view data, bool payload)
{
	unsigned char from[2];
	struct tandem_view source = address(state, sms->from, from);
	size_t start = head(pdu, SUBMIT, 0, sequence);

	put_text(pdu, TANDEM_LIT(""), 6); /* service_type */
	put(pdu, from, 2);
	put_text(pdu, source, 21);
	put(pdu, "\1\1", 2);
	put_text(pdu, (struct tandem_view){ sms->to.p + 1, sms->to.n - 1 }, 21);
	put_int(pdu, udh.n ? 0x40 : 0, 1);
	put(pdu, "\0\0\0", 3); /* protocol_id, priority_flag, schedule_delivery_time */
	put_text(pdu, until, 17);
	put(pdu, "\1\0", 2); /* registered_delivery, replace_if_present_flag */
	put_int(pdu, sms->encoding == TANDEM_UCS2 ? 8 : 0, 1);
	put_int(pdu, 0, 1); /* sm_default_msg_id */
	put_int(pdu, payload ? 0 : (uint32_t)(udh.n + data.n), 1);
	if (payload) {
		put_int(pdu, 0x0424, 2);
		put_int(pdu, (uint32_t)data.n, 2);
	}
	put(pdu, udh.p, udh.n);
	put(pdu, data.p, data.n);
	finish(pdu, start);
}

/* The octets of a part in the charset of the SMSC; p == NULL: not possible. */
static struct tandem_view octets(struct tandem_call *call, const struct state *state, const struct tandem_sms *sms,
	const struct tandem_part *part)
{
	if (sms->encoding == TANDEM_UCS2 || !state->latin1)
		return part->data;
	return call->host->encode(call, "ISO-8859-1", part->text);
}

static int submit(struct tandem_call *call, void *arg, void *arg_conn, const struct tandem_sms *sms, uint64_t token,
	struct tandem_stream_out *out)
{
	const struct state *state = arg;
	struct conn *conn = arg_conn;
	struct slot *slot = conn->slots;
	size_t n, size = 0;
	const struct tandem_part *parts = call->host->parts(call, sms, ++conn->reference, &n);
	bool payload = n > 1 && (state->payload || n > PARTS);
	struct tandem_view until = validity(call, sms), data[256];
	struct pdu pdu, whole;

	for (size_t i = 0; parts && i < n; i++) {
		data[i] = octets(call, state, sms, &parts[i]);
		if (!data[i].p)
			return call->host->error(call, "the text has characters that ISO-8859-1 has not");
		size += 160 + data[i].n + parts[i].udh.n;
	}
	pdu = (struct pdu){ call->host->alloc(call, size), 0 };
	whole = (struct pdu){ call->host->alloc(call, size), 0 };
	if (!parts || !pdu.p || !whole.p)
		return TANDEM_FAIL;
	/* There is one: the host submits only while there is room. */
	while (slot->first)
		slot++;
	*slot = (struct slot){ .token = token, .since = call->now_ms, .parts = payload ? 1 : (uint8_t)n };
	slot->first = next_sequence(conn);
	for (size_t i = 0; payload && i < n; i++)
		put(&whole, data[i].p, data[i].n);
	if (payload)
		submit_sm(&pdu, state, sms, slot->first, until, TANDEM_LIT(""), sent(&whole), true);
	for (size_t i = 0; !payload && i < n; i++)
		submit_sm(&pdu, state, sms, i ? next_sequence(conn) : slot->first, until, parts[i].udh, data[i], false);
	out->bytes = sent(&pdu);
	return smpp_settled(call, conn, out);
}

static void close_conn(struct tandem_call *call, void *state, void *arg_conn, bool gone, struct tandem_stream_out *out)
{
	struct conn *conn = arg_conn;
	struct pdu pdu = { gone ? NULL : call->host->alloc(call, 16), 0 };

	(void)state;
	if (!pdu.p)
		return;
	conn->leaving = true;
	head(&pdu, UNBIND, 0, next_sequence(conn));
	out->bytes = sent(&pdu);
}

TANDEM_EXPORT const struct tandem_provider *tandem_provider_describe(void)
{
	static const struct tandem_provider provider = {
		.magic = TANDEM_PROVIDER_MAGIC,
		.abi_major = TANDEM_ABI_MAJOR,
		.abi_minor = TANDEM_ABI_MINOR,
		.struct_size = sizeof(struct tandem_provider),
		.transport = TANDEM_STREAM,
		.name = "smpp",
		.version = "0.1",
		.capabilities = TANDEM_CAN_RECEIPT | TANDEM_CAN_INBOUND | TANDEM_CAN_LONG | TANDEM_CAN_ALPHA |
			TANDEM_CAN_NATIONAL,
		.init = init,
		.stream_target = target,
		.stream_open = open_conn,
		.stream_input = smpp_input,
		.stream_timer = timer,
		.stream_submit = submit,
		.stream_close = close_conn,
	};

	return &provider;
}
