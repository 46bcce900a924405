/*
 * store_remedy - who did what, and what would have to change, in words
 */
#include "op.h"
#include "remedy.h"
#include "tap.h"

static struct td_arena arena;
static struct td_op op = { .arena = &arena };

static const char *told(const char *source, const char *action, const char *addr)
{
	struct td_event_told e = { .action = td_view_str(action), .source = td_view_str(source), .actor = TD_VLIT("uid:0"),
		.addr = td_view_str(addr), .occurred_at = 1793613600000 };

	return td_arena_str(&arena, td_event_words(&op, &e));
}

static const char *remedy(const char *reason, const char *rule, const char *channel, const char *source, int64_t cls)
{
	struct td_stopped s = { .reason = td_view_str(reason), .rule = td_view_str(rule), .channel = td_view_str(channel),
		.category = TD_VLIT("offer"), .addr = TD_VLIT("tel:+15551234567"), .source = td_view_str(source), .cls = cls };

	return td_arena_str(&arena, td_remedy(&op, &s));
}

static void events(void)
{
	is_str(told("keyword", "revoke", "tel:+15551234567"), "+1555***4567 replied STOP on 2026-11-02 10:00 UTC", "STOP");
	is_str(told("one_click", "revoke", "email:ana@example.com"),
		"a***@example.com unsubscribed by one click on 2026-11-02 10:00 UTC", "one click");
	is_str(told("api", "grant", "tel:+15551234567"),
		"an application gave us +1555***4567 on 2026-11-02 10:00 UTC (by uid:0)", "a number provided, and by whom");
	is_str(told("admin", "suppress", ""), "an operator suppressed this address on 2026-11-02 10:00 UTC (by uid:0)",
		"an address that was erased");
	is_str(told("dlr", "suppress", "tel:+15551234567"),
		"the provider could not reach +1555***4567 on 2026-11-02 10:00 UTC", "a receipt");
	is_str(told("tea leaves", "grant", "tel:+15551234567"),
		"grant of +1555***4567 by tea leaves on 2026-11-02 10:00 UTC", "what is new is named");
}

static void remedies(void)
{
	like(remedy("optout", "optout-channel", "sms", "keyword", TD_CLASS_SERVICE),
		"START from that number, or a later yes", "START lifts a STOP");
	unlike(remedy("optout", "optout-channel", "sms", "web", TD_CLASS_SERVICE), "START", "but nothing said on a page");
	unlike(remedy("optout", "optout-category", "sms", "keyword", TD_CLASS_SERVICE), "START", "and no STOP of a topic");
	unlike(remedy("optout", "optout-marketing", "email", "keyword", TD_CLASS_MARKETING), "START", "nor for mail");
	like(remedy("optout", "optout-channel", "sms", "keyword", TD_CLASS_SOLICITED), "after_stop", "codes have a knob");
	like(remedy("no-consent", "consent-none", "sms", "", TD_CLASS_TRANSACTIONAL), "X-Tandem-SMS",
		"naming a number gives it to us");
	unlike(remedy("no-consent", "consent-none", "sms", "", TD_CLASS_MARKETING), "X-Tandem-SMS", "not for marketing");
	like(remedy("no-consent", "consent-pending", "sms", "", TD_CLASS_MARKETING), "confirms", "a double opt-in");
	like(remedy("undeliverable", "undeliverable", "sms", "", TD_CLASS_SERVICE),
		"tandem suppress remove +15551234567 --kind undeliverable", "the command to type");
	like(remedy("preference", "preference", "sms", "", TD_CLASS_SERVICE), "prefer=sms", "the preference to set");
	like(remedy("cap:pressure", "pressure", "sms", "", TD_CLASS_SERVICE), "(caps: pressure)", "the rule to raise");
	is_str(remedy("too-long", "", "sms", "", TD_CLASS_SERVICE), "", "nothing is said where nothing is known");
}

int main(void)
{
	td_arena_init(&arena, 1 << 20);
	events();
	remedies();
	td_arena_free(&arena);
	return done_testing();
}
