/*
 * plugin_smpp.fuzz - what arrives on an SMPP connection, in pieces of any length
 *
 * First byte: settings and the SMS that are with the SMSC; second: length of the pieces (0: all at once). What comes
 * out must be what the host takes: no SMS gets two results, no octet is consumed that is not there.
 */
#include "plugin_fuzz.h"

#define SENT 3

static void *conn;
static unsigned open_tokens; /* a bit an SMS without result */

static void start(unsigned how)
{
	const struct td_conf_setting settings[] = { SET("host", "127.0.0.1"), SET("system_id", "esme1"),
		SET("password_file", secret_file("secret08")), SET("tls", "off"), SET("charset", how & 1 ? "latin1" : "gsm7"),
		SET("long", how & 2 ? "payload" : "udh"), { 0 } };

	if (rig_init(NULL, settings) != TANDEM_OK)
		bail_out("init: %s", err.text);
	fuzz_forget_secrets();
}

static void judge(struct tandem_stream_out *out)
{
	struct host_words words;

	check(!host_check_stream(out) && !host_check_events(out->events, out->nevents));
	for (size_t i = 0; i < out->nresults; i++) {
		struct tandem_outcome outcome = out->results[i].outcome;

		check(out->results[i].token < SENT && (open_tokens & 1u << out->results[i].token));
		open_tokens &= ~(1u << out->results[i].token);
		check(host_check_outcome(&outcome, true, &words));
	}
}

/* One short SMS, and two of several parts. */
static bool submit_all(bool long_ones)
{
	char text[401];

	memset(text, 'x', 400);
	text[400] = '\0';
	open_tokens = 0;
	for (unsigned i = 0; i < SENT; i++) {
		struct tandem_sms sms = rig_sms(i && long_ones ? text : "Hello");
		struct tandem_stream_out out = { .room = 0 };

		sms.segments = i && long_ones ? 3 : 1;
		rig_begin();
		open_tokens |= 1u << i;
		if (plugin->stream_submit(&call.pub, state, conn, &sms, i, &out) != TANDEM_OK)
			return false;
		judge(&out);
	}
	return true;
}

static void feed(const uint8_t *data, size_t size, size_t step)
{
	size_t from = 0;

	for (size_t to = step && step < size ? step : size; from < size; to = to + step < size ? to + step : size) {
		struct tandem_stream_out out = { .consumed = 1 };

		while (out.consumed && from < to) {
			out = (struct tandem_stream_out){ .consumed = 0 };
			rig_begin();
			if (plugin->stream_input(&call.pub, state, conn,
				(struct tandem_view){ (const char *)data + from, to - from },
				    &out) != TANDEM_OK)
				return;
			check(out.consumed <= to - from);
			judge(&out);
			from += out.consumed;
			if (out.close)
				return;
		}
		if (to == size)
			return;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static unsigned started; /* 1 + the configuration that stands */
	static struct td_arena conn_arena;
	static struct host_call opened;
	struct tandem_stream_out out = { .room = 0 };

	fuzz_load("t/abi", "smpp");
	if (size < 2)
		return 0;
	if (started != (data[0] & 3u) + 1) {
		start(data[0] & 3);
		started = (data[0] & 3u) + 1;
	}
	td_arena_init(&conn_arena, HOST_ARENA);
	host_call_begin(&opened, &the_clock, &conn_arena, &err);
	check(plugin->stream_open(&opened.pub, state, &conn, &out) == TANDEM_OK);
	if (submit_all(data[0] & 4))
		feed(data + 2, size - 2, data[1]);
	rig_begin();
	call.pub.now_ms += 100000;
	out = (struct tandem_stream_out){ .room = 0 };
	check(plugin->stream_timer(&call.pub, state, conn, &out) == TANDEM_OK);
	judge(&out);
	rig_begin();
	out = (struct tandem_stream_out){ .room = 0 };
	plugin->stream_close(&call.pub, state, conn, true, &out);
	host_call_end(&opened);
	td_arena_free(&conn_arena);
	return 0;
}
