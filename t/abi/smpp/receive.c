/*
 * receive - what arrives on an SMPP connection: answers, receipts, inbound SMS
 */
#include "smpp.h"

enum { UDHI = 0x40, RECEIPT = 0x2C }; /* bits of esm_class */
enum { RINVCMDLEN = 0x02, RINVCMDID = 0x03, RX_T_APPN = 0x64 };
#define PDUS SLOTS /* of one call; the others come again */

/* ---- reading ---- */

struct reader {
	const unsigned char *p;
	size_t               n;
	bool                 bad; /* it ended too early */
};

static uint32_t get_int(struct reader *r, size_t octets)
{
	uint32_t value = 0;

	if (r->n < octets) {
		r->bad = true;
		return 0;
	}
	for (size_t i = 0; i < octets; i++)
		value = value << 8 | r->p[i];
	r->p += octets;
	r->n -= octets;
	return value;
}

static struct tandem_view get_text(struct reader *r)
{
	const unsigned char *end = r->n ? memchr(r->p, 0, r->n) : NULL;
	struct tandem_view v = { (const char *)r->p, end ? (size_t)(end - r->p) : 0 };

	if (!end) {
		r->bad = true;
		return (struct tandem_view){ NULL, 0 };
	}
	r->n -= v.n + 1;
	r->p += v.n + 1;
	return v;
}

static struct tandem_view get_bytes(struct reader *r, size_t n)
{
	struct tandem_view v = { (const char *)r->p, n };

	if (r->n < n) {
		r->bad = true;
		return (struct tandem_view){ NULL, 0 };
	}
	r->p += n;
	r->n -= n;
	return v;
}

static bool is(struct tandem_view v, const char *s)
{
	return v.n == strlen(s) && (!v.n || !memcmp(v.p, s, v.n));
}

/* ---- what arrives ---- */

struct input { /* what one call of stream_input gathers */
	struct tandem_call          *call;
	const struct state          *state;
	struct conn                 *conn;
	struct tandem_stream_out    *out;
	struct pdu                   answers, stored, unstored;
	struct tandem_event         *events;
	struct tandem_stream_result *results;
};

static void respond(struct pdu *pdu, uint32_t command, uint32_t status, uint32_t sequence, bool id)
{
	size_t start = head(pdu, command, status, sequence);

	if (id)
		put_int(pdu, 0, 1); /* an empty message_id */
	finish(pdu, start);
}

static struct tandem_view rest(struct tandem_view v, size_t from)
{
	return (struct tandem_view){ v.p + from, v.n - from };
}

static void bind_response(struct input *in, uint32_t status)
{
	if (!status) {
		in->conn->bound = true;
		return;
	}
	in->out->close = true;
	in->out->trouble = smpp_kind(status) == TANDEM_AUTH ? TANDEM_AUTH : 0;
	in->call->host->error(in->call, "bind_transceiver is refused with 0x%08x", status);
}

/* One that is not printable ASCII is none. */
static void keep_id(char *out, struct tandem_view id)
{
	for (size_t i = 0; i < id.n; i++) {
		if (id.n >= ID_SIZE || id.p[i] <= ' ' || id.p[i] > '~')
			return;
	}
	if (id.n)
		memcpy(out, id.p, id.n);
}

static bool submit_response(struct input *in, uint32_t status, uint32_t sequence, struct reader *body)
{
	struct tandem_view id = body->n ? get_text(body) : TANDEM_LIT("");

	for (size_t i = 0; i < SLOTS; i++) {
		struct slot *slot = &in->conn->slots[i];
		uint32_t part = sequence - slot->first;

		if (!slot->first || part >= slot->parts || (slot->answered & 1u << part))
			continue;
		slot->answered |= (uint16_t)(1u << part);
		slot->accepted += !status;
		slot->failed += status != 0;
		if (status) {
			slot->kind = smpp_kind(status);
			slot->status = status;
		} else {
			keep_id(slot->ids[part], id);
		}
		if (slot->kind == TANDEM_THROTTLED)
			in->conn->paused = in->call->now_ms + 1000;
		return slot->accepted + slot->failed < slot->parts ||
			smpp_result(in->call, slot, false, &in->results[in->out->nresults++]);
	}
	return true; /* one whose time was over */
}

static struct tandem_view decode(const struct input *in, uint32_t coding, struct tandem_view bytes)
{
	const char *charset = in->state->latin1 ? "ISO-8859-1" : "GSM-7";
	char *copy;

	if (coding == 1 || coding == 3)
		charset = "ISO-8859-1";
	else if (coding == 8 || coding == 0x18)
		charset = "UTF-16BE";
	else if (coding == 6)
		charset = "ISO-8859-5";
	else if (coding == 7)
		charset = "ISO-8859-8";
	if (bytes.n > TEXT_MAX)
		bytes.n = TEXT_MAX;
	bytes = in->call->host->decode(in->call, charset, bytes);
	copy = in->call->host->alloc(in->call, bytes.n + 1);
	/* No text of ours has a NUL. */
	for (size_t i = 0; copy && i < bytes.n; i++)
		copy[i] = bytes.p[i] ? bytes.p[i] : ' ';
	return copy ? (struct tandem_view){ copy, bytes.n } : (struct tandem_view){ NULL, 0 };
}

/* An id, code or address as UTF-8, whatever octets it has; up to the first control character. */
static struct tandem_view plain(const struct input *in, struct tandem_view v)
{
	size_t n = 0;

	while (n < v.n && n < WORD_MAX && (unsigned char)v.p[n] >= ' ')
		n++;
	return in->call->host->decode(in->call, "ISO-8859-1", (struct tandem_view){ v.p, n });
}

/* The word after "key:" in the text of a receipt; keys are told in either case. */
static struct tandem_view word_of(struct tandem_view text, const char *key)
{
	size_t n = strlen(key);

	for (size_t i = 0; i + n <= text.n; i++) {
		size_t k = 0;

		while (k < n && ((unsigned char)text.p[i + k] | 32) == (unsigned char)key[k])
			k++;
		if (k == n && (i == 0 || text.p[i - 1] == ' ')) {
			struct tandem_view v = { text.p + i + n, 0 };

			while (i + n + v.n < text.n && v.p[v.n] != ' ')
				v.n++;
			return v;
		}
	}
	return (struct tandem_view){ NULL, 0 };
}

static enum tandem_receipt_state state_of(uint32_t message_state, struct tandem_view stat)
{
	static const struct {
		const char               *stat;
		uint32_t                  number;
		enum tandem_receipt_state state;
	} all[] = { { "ENROUTE", 1, TANDEM_ON_ITS_WAY }, { "DELIVRD", 2, TANDEM_DELIVERED },
		{ "EXPIRED", 3, TANDEM_UNDELIVERED }, { "DELETED", 4, TANDEM_UNDELIVERED },
		{ "UNDELIV", 5, TANDEM_UNDELIVERED }, { "ACCEPTD", 6, TANDEM_ON_ITS_WAY },
		{ "UNKNOWN", 7, TANDEM_LOST }, { "REJECTD", 8, TANDEM_UNDELIVERED } };

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		if (message_state ? message_state == all[i].number : is(stat, all[i].stat))
			return all[i].state;
	}
	return TANDEM_LOST;
}

struct message { /* a deliver_sm */
	struct tandem_view from, to, data, receipted;
	uint32_t           from_ton, esm, coding, state;
};

static bool read_message(struct reader *r, struct message *m)
{
	get_text(r); /* service_type */
	m->from_ton = get_int(r, 1);
	get_int(r, 1);
	m->from = get_text(r);
	get_int(r, 2);
	m->to = get_text(r);
	m->esm = get_int(r, 1);
	get_int(r, 2);
	get_text(r);
	get_text(r);
	get_int(r, 2);
	m->coding = get_int(r, 1);
	get_int(r, 1);
	m->data = get_bytes(r, get_int(r, 1));
	while (r->n && !r->bad) {
		uint32_t tag = get_int(r, 2);
		struct tandem_view v = get_bytes(r, get_int(r, 2));

		if (tag == 0x0424)
			m->data = v;
		else if (tag == 0x001E)
			m->receipted = v.n && !v.p[v.n - 1] ? (struct tandem_view){ v.p, v.n - 1 } : v;
		else if (tag == 0x0427 && v.n)
			m->state = (unsigned char)v.p[0];
	}
	return !r->bad;
}

static void deliver(struct input *in, uint32_t sequence, struct reader *body)
{
	struct tandem_event *e = &in->events[in->out->nevents];
	struct message m = { .esm = 0 };
	struct tandem_view text;

	if (!read_message(body, &m)) {
		respond(&in->answers, DELIVER | RESPONSE, RINVCMDLEN, sequence, false);
		return;
	}
	if ((m.esm & UDHI) && m.data.n && (unsigned char)m.data.p[0] < m.data.n)
		m.data = rest(m.data, 1 + (unsigned char)m.data.p[0]);
	text = m.esm & RECEIPT ? m.data : decode(in, m.coding, m.data);
	if (m.esm & RECEIPT) {
		struct tandem_view id = m.receipted.n ? m.receipted : word_of(text, "id:");

		*e = (struct tandem_event){ .kind = TANDEM_RECEIPT, .id = plain(in, id),
			.code = plain(in, word_of(text, "err:")),
			.state = state_of(m.state, word_of(text, "stat:")) };
	} else {
		const char *plus = m.from_ton == 1 ? "+" : "";
		struct tandem_view from = plain(in, m.from);

		*e = (struct tandem_event){ .kind = TANDEM_INBOUND, .text = text, .to = plain(in, m.to),
			.from = in->call->host->print(in->call, "%s%.*s", plus, (int)from.n, from.p) };
	}
	/* A receipt of nothing is no event, but is answered. */
	in->out->nevents += e->kind == TANDEM_INBOUND || e->id.n;
	respond(&in->stored, DELIVER | RESPONSE, 0, sequence, true);
	respond(&in->unstored, DELIVER | RESPONSE, RX_T_APPN, sequence, false);
}

static bool take(struct input *in, uint32_t command, uint32_t status, uint32_t sequence, struct reader *body)
{
	switch (command) {
	case BIND | RESPONSE:
		bind_response(in, status);
		return true;
	case SUBMIT | RESPONSE:
		return submit_response(in, status, sequence, body);
	case DELIVER:
		deliver(in, sequence, body);
		return true;
	case ENQUIRE:
		respond(&in->answers, ENQUIRE | RESPONSE, 0, sequence, false);
		return true;
	case UNBIND:
		respond(&in->answers, UNBIND | RESPONSE, 0, sequence, false);
		in->out->close = true;
		return true;
	case UNBIND | RESPONSE:
		in->out->close = true;
		return true;
	case GENERIC_NACK:
		return submit_response(in, status ? status : 0xFF, sequence, body);
	case ENQUIRE | RESPONSE:
		return true;
	default:
		if (!(command & RESPONSE))
			respond(&in->answers, GENERIC_NACK, RINVCMDID, sequence, false);
		return true;
	}
}

int smpp_input(struct tandem_call *call, void *arg, void *arg_conn, struct tandem_view bytes,
	struct tandem_stream_out *out)
{
	struct conn *conn = arg_conn;
	size_t n = 0;
	struct input in = { .call = call, .state = arg, .conn = conn, .out = out };

	/* No answer is longer than 17 octets. */
	in.answers.p = call->host->alloc(call, PDUS * 17);
	in.stored.p = call->host->alloc(call, PDUS * 17);
	in.unstored.p = call->host->alloc(call, PDUS * 17);
	in.events = call->host->alloc(call, PDUS * sizeof(*in.events));
	in.results = call->host->alloc(call, SLOTS * sizeof(*in.results));
	if (call->failed)
		return TANDEM_FAIL;
	conn->heard = call->now_ms;
	conn->asked = 0;
	while (!out->close && bytes.n - out->consumed >= 16 && n++ < PDUS) {
		struct reader r = { (const unsigned char *)bytes.p + out->consumed, bytes.n - out->consumed, false };
		uint32_t length = get_int(&r, 4), command = get_int(&r, 4), status = get_int(&r, 4), sequence = get_int(&r, 4);

		if (length < 16 || length > PDU_MAX) {
			out->close = true;
			call->host->error(call, "a PDU of %u octets: this is no SMPP", length);
			break;
		}
		if (bytes.n - out->consumed < length)
			break;
		r.n = length - 16;
		out->consumed += length;
		if (!take(&in, command, status, sequence, &r))
			return TANDEM_FAIL;
	}
	out->bytes = sent(&in.answers);
	out->stored = sent(&in.stored);
	out->unstored = sent(&in.unstored);
	out->events = in.events;
	out->results = in.results;
	return smpp_settled(call, conn, out);
}
