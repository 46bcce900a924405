/*
 * plugin_smpp - the smpp plugin of t/abi against PDUs of another implementation; the host's alphabets and parts
 *
 * t/data/providers/smpp.json says where its vectors come from.
 */
#include "plugin_rig.h"

static struct td_arena conn_arena, vector_arena;
static struct host_call vector_call, conn_call;
static struct td_err vector_err;
static const struct tandem_json *pdus;
static void *conn;

static void load_vectors(void)
{
	static char text[65536];
	char path[512];
	FILE *f;
	size_t n;

	snprintf(path, sizeof(path), "%s/t/data/providers/smpp.json", getenv("TANDEM_SRC"));
	f = fopen(path, "r");
	n = f ? fread(text, 1, sizeof(text), f) : 0;
	if (f)
		fclose(f);
	td_arena_init(&vector_arena, HOST_ARENA);
	host_call_begin(&vector_call, &the_clock, &vector_arena, &vector_err);
	pdus = vector_call.pub.host->json_pointer(vector_call.pub.host->json_read(&vector_call.pub,
		(struct tandem_view){ text, n }), "/pdus");
}

/* The octets of a PDU, with this sequence number (0: its own). */
static struct tandem_view vector(const char *name, unsigned sequence)
{
	const struct tandem_host *host = vector_call.pub.host;
	struct tandem_view octets = { NULL, 0 };

	for (size_t i = 0; i < host->json_count(pdus); i++) {
		const struct tandem_json *pdu = host->json_element(pdus, i);
		struct tandem_view is = host->json_text(host->json_member(pdu, "name"));

		if (is.n == strlen(name) && !memcmp(is.p, name, is.n))
			octets = host->hex_decode(&vector_call.pub, host->json_text(host->json_member(pdu, "hex")));
	}
	if (!octets.p)
		bail_out("no vector \"%s\"", name);
	if (sequence)
		((char *)(uintptr_t)octets.p)[15] = (char)sequence;
	return octets;
}

static const char *hex(struct tandem_view bytes)
{
	return str(call.pub.host->hex_encode(&call.pub, bytes));
}

static void same(struct tandem_view got, struct tandem_view want, const char *what)
{
	is_str(hex(got), hex(want), "%s", what);
}

static void bound(const char *charset, const char *long_)
{
	const struct td_conf_setting settings[] = { SET("host", "127.0.0.1"), SET("system_id", "esme1"),
		SET("password_file", secret_file("secret08")), SET("tls", "off"), SET("charset", charset), SET("long", long_),
		{ 0 } };
	struct tandem_stream_out out = { .room = 0 };

	if (rig_init(NULL, settings) != TANDEM_OK)
		bail_out("init: %s", err.text);
	host_call_end(&conn_call);
	td_arena_free(&conn_arena);
	td_arena_init(&conn_arena, HOST_ARENA);
	host_call_begin(&conn_call, &the_clock, &conn_arena, &err);
	plugin->stream_open(&conn_call.pub, state, &conn, &out);
	rig_begin();
	same(out.bytes, vector("bind_transceiver", 1), "bind_transceiver");
	is_int(out.room, 0, "no room before its answer");
}

static struct tandem_stream_out input(struct tandem_view bytes)
{
	struct tandem_stream_out out = { .room = 0 };

	rig_begin();
	if (plugin->stream_input(&call.pub, state, conn, bytes, &out) != TANDEM_OK)
		fail("stream_input: %s", err.text);
	return out;
}

static struct tandem_stream_out submit(const struct tandem_sms *sms, uint64_t token)
{
	struct tandem_stream_out out = { .room = 0 };

	rig_begin();
	if (plugin->stream_submit(&call.pub, state, conn, sms, token, &out) != TANDEM_OK)
		fail("stream_submit: %s", err.text);
	return out;
}

static struct tandem_sms sms_of(const char *from, const char *text, enum tandem_encoding encoding)
{
	struct tandem_sms sms = rig_sms(text);

	sms.to = v("+12065550100");
	sms.from = v(from);
	sms.encoding = encoding;
	sms.expires_ms = 0;
	return sms;
}

static void test_submit(void)
{
	struct tandem_sms sms = sms_of("Example", "Hello @\xe2\x82\xac", TANDEM_GSM7);
	struct tandem_stream_out out;

	bound("gsm7", "udh");
	out = input(vector("bind_transceiver_resp ok", 1));
	ok(out.room > 0, "bound: there is room");
	same(submit(&sms, 7).bytes, vector("submit_sm GSM7 default alphabet", 2), "submit_sm in septets");
	out = input(vector("submit_sm_resp ok", 2));
	ok(out.nresults == 1 && out.results[0].token == 7, "its answer is a result");
	is_int(out.results[0].outcome.kind, TANDEM_ACCEPTED, "accepted");
	is_view(out.results[0].outcome.ids[0], "0123abcd", "with the id");
	is_int(input(vector("submit_sm_resp ok", 2)).nresults, 0, "the same answer again means nothing");
	sms = sms_of("+12065550199", "\xd0\xb6\xf0\x9f\x98\x80", TANDEM_UCS2);
	same(submit(&sms, 8).bytes, vector("submit_sm UCS2", 3), "submit_sm in UCS-2");
	out = input(vector("submit_sm_resp throttled", 3));
	is_int(out.results[0].outcome.kind, TANDEM_THROTTLED, "ESME_RTHROTTLED");
	is_int(out.room, 0, "and for a while no room");
	sms.expires_ms = RIG_NOW + 86400000;
	like(hex(submit(&sms, 9).bytes), "30303030303130303030303030303052", "a day of validity: 000001000000000R");
}

/* The first of two parts, as far as it can be the vector's: all before the text. */
static void test_long(void)
{
	struct tandem_view want = vector("submit_sm UDH concat part 1/2 (esm_class 0x40)", 2);
	char text[2 * 75 + 1] = "";
	struct tandem_sms sms;
	struct tandem_view got;

	for (size_t i = 0; i < 75; i++)
		memcpy(text + 2 * i, "\xd0\xb6", 3);
	bound("gsm7", "udh");
	input(vector("bind_transceiver_resp ok", 1));
	sms = sms_of("+12065550199", text, TANDEM_UCS2);
	sms.segments = 2;
	got = submit(&sms, 1).bytes;
	/* command_length, sm_length and the reference are others. */
	same((struct tandem_view){ got.p + 4, 50 }, (struct tandem_view){ want.p + 4, 50 }, "UDH: head of the first part");
	same((struct tandem_view){ got.p + 55, 3 }, (struct tandem_view){ want.p + 55, 3 }, "the element of a long SMS");
	same((struct tandem_view){ got.p + 59, 4 }, (struct tandem_view){ want.p + 59, 4 }, "part 1 of 2, and text");
	bound("gsm7", "payload");
	input(vector("bind_transceiver_resp ok", 1));
	got = submit(&sms, 1).bytes;
	like(hex(got), "04240096", "message_payload: all of it, 150 octets");
}

static void test_arrives(void)
{
	struct tandem_stream_out out;

	bound("gsm7", "udh");
	input(vector("bind_transceiver_resp ok", 1));
	same(input(vector("enquire_link", 2)).bytes, vector("enquire_link_resp", 2), "enquire_link is answered");
	out = input(vector("deliver_sm receipt text", 0));
	ok(out.nevents == 1 && out.events[0].kind == TANDEM_RECEIPT, "a receipt in words");
	is_view(out.events[0].id, "0123abcd", "its id");
	is_int(out.events[0].state, TANDEM_DELIVERED, "its state");
	is_view(out.events[0].code, "000", "its code");
	same(out.stored, vector("deliver_sm_resp", 0), "acknowledged once it is stored");
	out = input(vector("deliver_sm receipt TLVs", 0));
	is_view(out.events[0].id, "0123abcd", "a receipt in TLVs: its id");
	is_int(out.events[0].state, TANDEM_DELIVERED, "its state");
	out = input(vector("deliver_sm MO GSM7", 0));
	ok(out.nevents == 1 && out.events[0].kind == TANDEM_INBOUND, "an inbound SMS");
	is_view(out.events[0].from, "+12065550100", "its sender");
	is_view(out.events[0].to, "12065550199", "whom it is to");
	is_view(out.events[0].text, "STOP", "its text");
	same(input(vector("data_sm", 11)).bytes, vector("generic_nack invalid cmd", 11),
		"what is not served: generic_nack");
	out = input(vector("unbind", 0));
	same(out.bytes, vector("unbind_resp", 0), "unbind is answered");
	ok(out.close, "and ends the connection");
	bound("gsm7", "udh");
	out = input(vector("bind_transceiver_resp bad password", 1));
	ok(out.close && out.trouble == TANDEM_AUTH, "a refused bind");
}

/* Every byte alone, and all PDUs at once: the same events. */
static void test_pieces(void)
{
	static const char *const names[] = { "bind_transceiver_resp ok", "enquire_link", "deliver_sm receipt text",
		"deliver_sm receipt TLVs", "deliver_sm MO GSM7" };
	char all[1024];
	size_t n = 0, from = 0, events = 0;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct tandem_view pdu = vector(names[i], i ? 0 : 1);

		memcpy(all + n, pdu.p, pdu.n);
		n += pdu.n;
	}
	bound("gsm7", "udh");
	is_int(input((struct tandem_view){ all, n }).nevents, 3, "five PDUs at once: three events");
	bound("gsm7", "udh");
	for (size_t to = 1; to <= n; to++) {
		struct tandem_stream_out out = input((struct tandem_view){ all + from, to - from });

		from += out.consumed;
		events += out.nevents;
	}
	is_int(events, 3, "byte by byte: three");
	is_int(from, n, "and all is consumed");
}

static void test_host(void)
{
	const struct tandem_host *host = call.pub.host;
	struct tandem_sms sms = sms_of("", "Hello @\xe2\x82\xac", TANDEM_GSM7);
	const struct tandem_part *parts;
	char text[400] = "";
	size_t n;

	rig_begin();
	is_str(hex(host->encode(&call.pub, "GSM-7", sms.text)), "48656c6c6f20001b65", "encode: GSM-7");
	is_view(host->decode(&call.pub, "GSM-7", host->hex_decode(&call.pub, v("48656c6c6f20001b65"))),
		"Hello @\xe2\x82\xac", "decode: GSM-7");
	is_str(hex(host->encode(&call.pub, "UTF-16BE", v("\xd0\xb6\xf0\x9f\x98\x80"))), "0436d83dde00", "encode: UTF-16");
	is_view(host->decode(&call.pub, "UTF-16BE", host->hex_decode(&call.pub, v("0436d83dde00"))),
		"\xd0\xb6\xf0\x9f\x98\x80", "decode: UTF-16");
	parts = host->parts(&call.pub, &sms, 1, &n);
	ok(n == 1 && !parts[0].udh.n, "parts: a short SMS has no header");
	/* Turkish single shift: a header of its own in a short SMS, both elements in each part of a long one. */
	sms.text = v("\xc4\x9f\xc4\xb1\xc5\x9f");
	sms.shift_single = 1;
	parts = host->parts(&call.pub, &sms, 1, &n);
	if (!parts)
		bail_out("parts: %s", err.text);
	is_str(hex(parts[0].udh), "03240101", "parts: Turkish, by the single shift table");
	is_str(hex(parts[0].data), "1b671b691b73", "its septets (TS 23.038 table A.2.1)");
	/* The locking table, where a letter is one septet: 160 of them are more than the 155 beside a header. */
	for (size_t i = 0; i < 160; i++)
		memcpy(text + 2 * i, "\xc4\x9f", 3);
	sms.text = v(text);
	sms.shift_single = 0;
	sms.shift_locking = 1;
	parts = host->parts(&call.pub, &sms, 0xcc, &n);
	ok(parts && n == 2, "parts: a long one");
	is_str(hex(parts[1].udh), "080003cc0202250101", "its second header: concatenation, then the table");
	ok(parts[0].text.n + parts[1].text.n == 320, "no character is lost");
}

int main(void)
{
	rig_load_from("t/abi", "smpp");
	load_vectors();
	test_submit();
	test_long();
	test_arrives();
	test_pieces();
	test_host();
	host_call_end(&conn_call);
	host_call_end(&vector_call);
	td_arena_free(&conn_arena);
	td_arena_free(&vector_arena);
	rig_end();
	return done_testing();
}
