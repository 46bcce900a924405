/*
 * text_rcpt - addresses under the SMS domain
 */
#include "rcpt.h"
#include "tap.h"

static struct td_conf_alias aliases[] = { { "oncall", "+15550009999" } };
static struct td_conf conf = {
	.sms_domain = "sms.example.com", .token_domain = "tandem.invalid", .home_country = "US", .aliases = aliases,
		.naliases = 1,
};

int main(void)
{
	static const struct {
		const char       *address;
		enum td_rcpt_kind kind;
		const char       *means;
	} good[] = {
		{ "<ana@example.com>", TD_RCPT_ORDINARY, "ana@example.com" },
		{ "ana@example.com", TD_RCPT_ORDINARY, "ana@example.com" },
		{ "<postmaster>", TD_RCPT_ORDINARY, "postmaster" },
		{ "<+15551234567@sms.example.com>", TD_RCPT_NUMBER, "+15551234567" },
		{ "<+15551234567@SMS.Example.COM.>", TD_RCPT_NUMBER, "+15551234567" },
		{ "<0015551234567@sms.example.com>", TD_RCPT_NUMBER, "+15551234567" },
		{ "<5551234567@sms.example.com>", TD_RCPT_NUMBER, "+15551234567" },
		{ "<\"+1 (555) 123-4567\"@sms.example.com>", TD_RCPT_NUMBER, "+15551234567" },
		{ "<+1.555.123.4567@sms.example.com>", TD_RCPT_NUMBER, "+15551234567" },
		{ "<OnCall@sms.example.com>", TD_RCPT_NUMBER, "+15550009999" },
		{ "<ana=example.com@sms.example.com>", TD_RCPT_ONFILE, "ana@example.com" },
		{ "<a=b=example.com@sms.example.com>", TD_RCPT_ONFILE, "a=b@example.com" },
		{ "<t-abc@tandem.invalid>", TD_RCPT_TOKEN, "t-abc@tandem.invalid" },
		{ "<t-abc@Tandem.INVALID>", TD_RCPT_TOKEN, "t-abc@Tandem.INVALID" },
		{ "<x@sub.sms.example.com>", TD_RCPT_ORDINARY, "x@sub.sms.example.com" },
	};
	static const char *const bad[] = { "<123@sms.example.com>", "<@sms.example.com>",
		"<postmaster@sms.example.com>",
		"<=example.com@sms.example.com>", "<ana=@sms.example.com>", "<\"a@b=c\"@sms.example.com>" };
	struct td_arena arena;
	struct td_rcpt rcpt;
	struct td_err err;

	td_arena_init(&arena, 1 << 20);
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		is_int(td_rcpt_read(&conf, td_view_str(good[i].address), &arena, &rcpt, &err), TD_OK, "%s",
			good[i].address);
		is_int(rcpt.kind, good[i].kind, "its kind");
		if (good[i].kind == TD_RCPT_NUMBER)
			is_str(rcpt.number.e164, good[i].means, "its number");
		else
			is_view(good[i].kind == TD_RCPT_ONFILE ? rcpt.email : rcpt.plain, good[i].means, "its address");
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		is_int(td_rcpt_read(&conf, td_view_str(bad[i]), &arena, &rcpt, &err), TD_BADINPUT, "%s", bad[i]);
		is_str(td_err_code(&err), "5.1.3", "5.1.3");
	}
	td_rcpt_read(&conf, TD_VLIT("<123@sms.example.com>"), &arena, &rcpt, &err);
	is_str(err.text, "\"123\": not a phone number (want +COUNTRY NUMBER)", "in the words of the contract");
	is_int(td_rcpt_plain(TD_VLIT("<>"), &arena).n, 0, "the null sender");
	td_arena_free(&arena);
	return done_testing();
}
