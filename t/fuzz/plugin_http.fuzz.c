/*
 * plugin_http.fuzz - answers and webhooks of the provider http, in JSON, as a form, and with a signature
 *
 * The first two bytes are status, method and which of the configurations; then headers, body and query, each up to NUL.
 */
#include "plugin_fuzz.h"

#define BASE "https://api.example.com"

static int start(unsigned which)
{
	const struct td_conf_setting json[] = { SET("path", "/s"), SET("body", "{\"to\":\"{to}\",\"text\":\"{text}\"}"),
		SET("ok", "2xx"), SET("id", "/id"), SET("reason", "/message"),
			SET("errors", "json:/error=bad -> permanent-number"),
		SET("receipt.list", "/r"), SET("receipt.id", "/id"), SET("receipt.state", "/status"),
			SET("receipt.code", "/error"),
		SET("receipt.states", "OK=delivered"), SET("inbound.list", "/m"), SET("inbound.from", "/from"),
		SET("inbound.to", "/to"), SET("inbound.text", "/text"), SET("inbound.id", "/mid"), { 0 } };
	const struct td_conf_setting form[] = { SET("path", "/s"), SET("body", "to={to}&text={text}"),
		SET("ok", "body:^[03]:"), SET("id", "regex:id=([0-9a-z]+)"), SET("errors", "body:^Auth -> auth"),
		SET("receipt.id", "id"), SET("receipt.state", "s"), SET("receipt.states", "1=delivered"),
		SET("inbound.from", "from"), SET("inbound.to", "to"), SET("inbound.text", "text"), SET("inbound.id", "mid"),
			{ 0 } };

	return rig_init(BASE, which ? form : json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static unsigned started; /* 1 + the configuration that stands */
	unsigned which;

	fuzz_load("plugins", "http");
	if (size < 2)
		return 0;
	which = data[1] & 1;
	if (started != which + 1) {
		if (start(which) != TANDEM_OK)
			bail_out("init: %s", err.text);
		started = which + 1;
	}
	fuzz_http(data, size, "https://sms.example.com/hook/p");
	return 0;
}
