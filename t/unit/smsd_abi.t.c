/*
 * smsd_abi - the layout of plugin ABI 1.0, number by number: what does not compile here breaks plugins of others
 *
 * The rule (include/tandem/provider.h, "Versions"): none of these numbers ever changes within major number 1. A struct
 * with a struct_size may get members behind the last one, so its SIZE is that of 1.0 and may grow: a later minor number
 * adds its own lines below and changes SIZE to GREW. A struct without struct_size keeps its SIZE for ever; its new
 * members are taken from `reserved`. The numbers are those of 64-bit systems with 8-byte pointers.
 */
#include <tandem/provider.h>

#include "tap.h"

#if TANDEM_ABI_MAJOR != 1
#error another major number needs numbers of its own
#endif

#define SIZE(type, size) _Static_assert(sizeof(struct type) == (size), #type " has another size")
#define GREW(type, size) _Static_assert(sizeof(struct type) > (size), #type " has lost members")
#define AT(type, member, offset) \
	_Static_assert(offsetof(struct type, member) == (offset), #type "." #member " stands elsewhere")

SIZE(tandem_view, 16);
AT(tandem_view, p, 0);
AT(tandem_view, n, 8);

SIZE(tandem_pair, 32);
AT(tandem_pair, name, 0);
AT(tandem_pair, value, 16);

SIZE(tandem_call, 56);
AT(tandem_call, struct_size, 0);
AT(tandem_call, failed, 4);
AT(tandem_call, now_ms, 8);
AT(tandem_call, random, 16);
AT(tandem_call, host, 48);

SIZE(tandem_host, 456);
AT(tandem_host, struct_size, 0);
AT(tandem_host, abi_major, 4);
AT(tandem_host, abi_minor, 6);
AT(tandem_host, alloc, 8);
AT(tandem_host, print, 16);
AT(tandem_host, error, 24);
AT(tandem_host, setting_text, 32);
AT(tandem_host, setting_int, 40);
AT(tandem_host, setting_number, 48);
AT(tandem_host, setting_bool, 56);
AT(tandem_host, setting_duration, 64);
AT(tandem_host, setting_list, 72);
AT(tandem_host, setting_secret, 80);
AT(tandem_host, setting_path, 88);
AT(tandem_host, setting_base_url, 96);
AT(tandem_host, egress, 104);
AT(tandem_host, use_file, 112);
AT(tandem_host, hmac, 120);
AT(tandem_host, digest, 128);
AT(tandem_host, sign, 136);
AT(tandem_host, verify, 144);
AT(tandem_host, secret_eq, 152);
AT(tandem_host, base64_encode, 160);
AT(tandem_host, base64_decode, 168);
AT(tandem_host, hex_encode, 176);
AT(tandem_host, hex_decode, 184);
AT(tandem_host, percent_encode, 192);
AT(tandem_host, percent_decode, 200);
AT(tandem_host, form_encode, 208);
AT(tandem_host, form_decode, 216);
AT(tandem_host, uuid, 224);
AT(tandem_host, date, 232);
AT(tandem_host, json_read, 240);
AT(tandem_host, json_type, 248);
AT(tandem_host, json_member, 256);
AT(tandem_host, json_element, 264);
AT(tandem_host, json_count, 272);
AT(tandem_host, json_pointer, 280);
AT(tandem_host, json_text, 288);
AT(tandem_host, json_scalar, 296);
AT(tandem_host, json_int, 304);
AT(tandem_host, json_number, 312);
AT(tandem_host, json_bool, 320);
AT(tandem_host, json_writer, 328);
AT(tandem_host, json_open, 336);
AT(tandem_host, json_close, 344);
AT(tandem_host, json_put_text, 352);
AT(tandem_host, json_put_int, 360);
AT(tandem_host, json_put_number, 368);
AT(tandem_host, json_put_bool, 376);
AT(tandem_host, json_put_null, 384);
AT(tandem_host, json_done, 392);
AT(tandem_host, remember, 400);
AT(tandem_host, recall, 408);
AT(tandem_host, utc, 416);
AT(tandem_host, encode, 424);
AT(tandem_host, decode, 432);
AT(tandem_host, parts, 440);
AT(tandem_host, lacks, 448);

SIZE(tandem_sms, 184);
AT(tandem_sms, struct_size, 0);
AT(tandem_sms, attempt, 4);
AT(tandem_sms, job, 8);
AT(tandem_sms, reference, 24);
AT(tandem_sms, to, 40);
AT(tandem_sms, from, 56);
AT(tandem_sms, text, 72);
AT(tandem_sms, encoding, 88);
AT(tandem_sms, segments, 92);
AT(tandem_sms, created_ms, 96);
AT(tandem_sms, expires_ms, 104);
AT(tandem_sms, cls, 112);
AT(tandem_sms, category, 128);
AT(tandem_sms, callback_url, 144);
AT(tandem_sms, options, 160);
AT(tandem_sms, noptions, 168);
AT(tandem_sms, shift_single, 176);
AT(tandem_sms, shift_locking, 177);

SIZE(tandem_part, 64);
AT(tandem_part, text, 0);
AT(tandem_part, udh, 16);
AT(tandem_part, data, 32);
AT(tandem_part, reserved, 48);

SIZE(tandem_outcome, 136);
AT(tandem_outcome, kind, 0);
AT(tandem_outcome, segments, 4);
AT(tandem_outcome, ids, 8);
AT(tandem_outcome, nids, 16);
AT(tandem_outcome, retry_after_ms, 24);
AT(tandem_outcome, code, 32);
AT(tandem_outcome, detail, 48);
AT(tandem_outcome, price, 64);
AT(tandem_outcome, currency, 80);
AT(tandem_outcome, delivered, 96);
AT(tandem_outcome, reserved, 104);

SIZE(tandem_http, 136);
AT(tandem_http, method, 0);
AT(tandem_http, url, 8);
AT(tandem_http, url_secret, 24);
AT(tandem_http, headers, 32);
AT(tandem_http, nheaders, 40);
AT(tandem_http, body, 48);
AT(tandem_http, user, 64);
AT(tandem_http, password, 80);
AT(tandem_http, timeout_ms, 96);
AT(tandem_http, reserved, 104);

SIZE(tandem_file_request, 120);
AT(tandem_file_request, what, 0);
AT(tandem_file_request, file, 4);
AT(tandem_file_request, bytes, 8);
AT(tandem_file_request, name, 24);
AT(tandem_file_request, before, 40);
AT(tandem_file_request, key, 56);
AT(tandem_file_request, after, 72);
AT(tandem_file_request, reserved, 88);

SIZE(tandem_step, 432);
AT(tandem_step, outcome, 0);
AT(tandem_step, token, 136);
AT(tandem_step, http, 144);
AT(tandem_step, file, 280);
AT(tandem_step, reserved, 400);

SIZE(tandem_answer, 56);
AT(tandem_answer, struct_size, 0);
AT(tandem_answer, status, 4);
AT(tandem_answer, token, 8);
AT(tandem_answer, sms, 16);
AT(tandem_answer, headers, 24);
AT(tandem_answer, nheaders, 32);
AT(tandem_answer, body, 40);

SIZE(tandem_event, 176);
AT(tandem_event, kind, 0);
AT(tandem_event, id, 8);
AT(tandem_event, at_ms, 24);
AT(tandem_event, state, 32);
AT(tandem_event, bad_number, 36);
AT(tandem_event, code, 40);
AT(tandem_event, price, 56);
AT(tandem_event, currency, 72);
AT(tandem_event, from, 88);
AT(tandem_event, to, 104);
AT(tandem_event, text, 120);
AT(tandem_event, hint, 136);
AT(tandem_event, answered, 140);
AT(tandem_event, reserved, 144);

SIZE(tandem_webhook, 112);
AT(tandem_webhook, struct_size, 0);
AT(tandem_webhook, method, 8);
AT(tandem_webhook, url, 16);
AT(tandem_webhook, path, 32);
AT(tandem_webhook, query, 48);
AT(tandem_webhook, headers, 64);
AT(tandem_webhook, nheaders, 72);
AT(tandem_webhook, body, 80);
AT(tandem_webhook, peer, 96);

SIZE(tandem_inbound_file, 56);
AT(tandem_inbound_file, struct_size, 0);
AT(tandem_inbound_file, file, 4);
AT(tandem_inbound_file, name, 8);
AT(tandem_inbound_file, line, 24);
AT(tandem_inbound_file, bytes, 32);
AT(tandem_inbound_file, at_ms, 48);

SIZE(tandem_events, 968);
AT(tandem_events, refused, 0);
AT(tandem_events, events, 8);
AT(tandem_events, nevents, 16);
AT(tandem_events, status, 24);
AT(tandem_events, type, 32);
AT(tandem_events, body, 48);
AT(tandem_events, follow, 64);
AT(tandem_events, nfollow, 928);
AT(tandem_events, reserved, 936);

SIZE(tandem_stream_target, 64);
AT(tandem_stream_target, host, 0);
AT(tandem_stream_target, port, 16);
AT(tandem_stream_target, tls, 20);
AT(tandem_stream_target, connections, 24);
AT(tandem_stream_target, reserved, 32);

SIZE(tandem_stream_result, 144);
AT(tandem_stream_result, token, 0);
AT(tandem_stream_result, outcome, 8);

SIZE(tandem_stream_out, 144);
AT(tandem_stream_out, bytes, 0);
AT(tandem_stream_out, results, 16);
AT(tandem_stream_out, nresults, 24);
AT(tandem_stream_out, events, 32);
AT(tandem_stream_out, nevents, 40);
AT(tandem_stream_out, stored, 48);
AT(tandem_stream_out, unstored, 64);
AT(tandem_stream_out, consumed, 80);
AT(tandem_stream_out, room, 88);
AT(tandem_stream_out, timer_ms, 96);
AT(tandem_stream_out, close, 104);
AT(tandem_stream_out, trouble, 108);
AT(tandem_stream_out, reserved, 112);

SIZE(tandem_provider, 176);
AT(tandem_provider, magic, 0);
AT(tandem_provider, abi_major, 4);
AT(tandem_provider, abi_minor, 6);
AT(tandem_provider, struct_size, 8);
AT(tandem_provider, transport, 12);
AT(tandem_provider, name, 16);
AT(tandem_provider, version, 24);
AT(tandem_provider, capabilities, 32);
AT(tandem_provider, callback_query, 40);
AT(tandem_provider, inbound_query, 48);
AT(tandem_provider, init, 56);
AT(tandem_provider, destroy, 64);
AT(tandem_provider, request, 72);
AT(tandem_provider, response, 80);
AT(tandem_provider, webhook, 88);
AT(tandem_provider, inbound_file, 96);
AT(tandem_provider, query, 104);
AT(tandem_provider, optout_push, 112);
AT(tandem_provider, probe, 120);
AT(tandem_provider, stream_target, 128);
AT(tandem_provider, stream_open, 136);
AT(tandem_provider, stream_input, 144);
AT(tandem_provider, stream_timer, 152);
AT(tandem_provider, stream_submit, 160);
AT(tandem_provider, stream_close, 168);

/* Constants that stand in plugins. */
_Static_assert(TANDEM_PROVIDER_MAGIC == 0x54444d50, "magic");
_Static_assert(TANDEM_HTTP == 1 && TANDEM_STREAM == 2 && TANDEM_FILE == 3, "transports");
_Static_assert(TANDEM_ACCEPTED == 1 && TANDEM_PERMANENT_NUMBER == 2 && TANDEM_PERMANENT_OPTOUT == 3 &&
	TANDEM_PERMANENT_OTHER == 4 && TANDEM_TEMPORARY == 5 && TANDEM_THROTTLED == 6 && TANDEM_AUTH == 7 &&
	TANDEM_FUNDS == 8 && TANDEM_UNCERTAIN == 9 && TANDEM_NOT_THERE == 10, "outcomes");
_Static_assert(TANDEM_RECEIPT == 1 && TANDEM_INBOUND == 2, "events");
_Static_assert(TANDEM_ON_ITS_WAY == 1 && TANDEM_DELIVERED == 2 && TANDEM_UNDELIVERED == 3 && TANDEM_LOST == 4,
	"states");
_Static_assert(TANDEM_CAN_REPEAT == 1 && TANDEM_CAN_NATIONAL == 1 << 11, "capabilities");
_Static_assert(TANDEM_FILE_APPEND == 1 && TANDEM_FILE_FOLDER == 2 && TANDEM_FILE_TAIL == 3 && TANDEM_FILE_WATCH == 4,
	"uses of files");
_Static_assert(sizeof(enum tandem_outcome_kind) == 4, "enums are ints");

int main(void)
{
	static const struct tandem_host older = { .struct_size = offsetof(struct tandem_host, utc) };
	const struct tandem_host *host = &older;

	ok(true, "the layout is that of plugin ABI 1.0");
	ok(TANDEM_HAS(host, recall), "TANDEM_HAS: a service of an older host");
	ok(!TANDEM_HAS(host, utc), "TANDEM_HAS: not one that came later");
	return done_testing();
}
