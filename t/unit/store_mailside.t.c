/*
 * store_mailside - tokens for List-Unsubscribe, dry runs, the question of hard suppression, mails that come back
 */
#include "codec.h"
#include "event.h"
#include "store_caps.h"
#include "token.h"

static struct caps_bench c;
static struct td_consent_event said;

static enum td_status do_say(struct td_store *store, struct td_op *op)
{
	return td_event_append(store, op, &said, NULL);
}

static void say(const char *addr, const char *action, const char *channel, const char *kind)
{
	said = (struct td_consent_event){ .addr = V(addr), .action = V(action), .channel = V(channel), .kind = V(kind),
		.source = TD_VLIT("admin"), .actor = TD_VLIT("test"), .basis = TD_VLIT("express"),
		.note = TD_VLIT("asked for") };
	c.b.clock.value_ms += 1000;
	is_int(td_store_do(c.b.store, do_say), TD_OK, "%s %s of %s", action, kind, addr);
}

static struct td_prepare *mail_to(const char *email, enum td_class cls, const char *category)
{
	struct td_prepare *mail = bench_mail(&c.b, "", "text", "", cls, category);
	struct td_view    *to = TD_NEW(&c.b.arena, struct td_view);

	*to = V(email);
	mail->emails = (struct td_views){ to, 1 };
	mail->dests.n = 0;
	mail->lone = true;
	return mail;
}

static const struct td_prepared *prepared(const struct td_prepare *mail)
{
	struct td_op *op = bench_call(&c.b, TD_V_PREPARE, mail, 1);

	if (op->err.status)
		bail_out("prepare: %s", op->err.text);
	return op->out;
}

static const char *token_of(const char *email, enum td_class cls, const char *category)
{
	return td_arena_str(&c.b.arena, prepared(mail_to(email, cls, category))->unsubscribe);
}

static bool verifies(const char *token, const char *secret)
{
	unsigned char id[TD_TOKEN_ID];

	return td_token_verify(V(token), V(secret), TD_TOKEN_UNSUBSCRIBE, id);
}

static const char *offers(void)
{
	return bench_ask(&c.b, "SELECT count(*) FROM unsubscribe"
		" WHERE addr = 'email:ana@example.com' AND category = 'offer'");
}

static void unsubscribe(void)
{
	const char *offer, *later;

	is_str(token_of("ana@example.com", TD_CLASS_MARKETING, "offer"), "", "nowhere to go: no token");
	c.b.conf.return_domain = "r.example.com";
	offer = token_of("Ana@Example.com", TD_CLASS_MARKETING, "offer");
	is_int((int64_t)strlen(offer), TD_TOKEN_SIZE - 1, "marketing mail to one has a token");
	ok(verifies(offer, "0123456789abcdef0123456789abcdef"), "which is ours");
	ok(verifies(offer, "fedcba9876543210fedcba9876543210\n0123456789abcdef0123456789abcdef"),
		"also when another key is first");
	ok(!verifies(offer, "fedcba9876543210fedcba9876543210"), "and nobody else's");
	is_str(bench_ask(&c.b, "SELECT addr || ' ' || category FROM unsubscribe"), "email:ana@example.com offer",
		"it stands for an address and a category");
	c.b.clock.value_ms += DAYS(100);
	is_str(token_of("ana@example.com", TD_CLASS_MARKETING, "offer"), offer, "the next mails have the same");
	is_str(bench_ask(&c.b, "SELECT count(*) FROM unsubscribe"), "1", "in one row");
	ok(strcmp(token_of("ana@example.com", TD_CLASS_MARKETING, "cart-reminder"), offer) != 0,
		"another category has its own");
	ok(strcmp(token_of("bob@example.com", TD_CLASS_MARKETING, "offer"), offer) != 0, "and so has another address");
	is_str(token_of("ana@example.com", TD_CLASS_TRANSACTIONAL, "order-confirmation"), "", "no other class has one");
	c.b.clock.value_ms += DAYS(81);
	later = token_of("ana@example.com", TD_CLASS_MARKETING, "offer");
	ok(strcmp(later, offer) != 0, "after half a year there is a new one");
	c.b.clock.value_ms += DAYS(360);
	td_store_sweep(c.b.store);
	is_str(offers(), "2", "the old one is good for another year");
	c.b.clock.value_ms += DAYS(10);
	td_store_sweep(c.b.store);
	is_str(offers(), "1", "and then forgotten");
	say("email:cle@example.com", "revoke", "email", "");
	is_str(token_of("cle@example.com", TD_CLASS_MARKETING, "offer"), "", "none for a mail that does not go");
	is_str(bench_ask(&c.b, "SELECT count(*) FROM unsubscribe WHERE addr = 'email:cle@example.com'"), "0", "nor a row");
}

static const char *rows(void)
{
	return bench_ask(&c.b, "SELECT (SELECT count(*) FROM mail) || ' ' || (SELECT count(*) FROM job) || ' ' || "
		"(SELECT count(*) FROM decision) || ' ' || (SELECT count(*) FROM event) || ' ' || "
		"(SELECT count(*) FROM happening) || ' ' || (SELECT count(*) FROM address) || ' ' || "
		"(SELECT count(*) FROM unsubscribe) || ' ' || (SELECT count(*) FROM usage)");
}

static void dry_runs(void)
{
	struct td_prepare        *mail = mail_to("dry@example.com", TD_CLASS_MARKETING, "offer");
	const struct td_prepared *out;
	char                      before[100];

	caps_add(&c, false, "pressure", "person", "notification", 4, DAYS(7), "7d");
	snprintf(before, sizeof before, "%s", rows());
	mail->dests.n = 1;
	((struct td_dest *)mail->dests.v)->to = TD_VLIT("+12025550177");
	mail->dry_run = mail->link = true;
	mail->event = TD_VLIT("purchase");
	mail->cancel = TD_VLIT("some key");
	out = prepared(mail);
	is_int(((const struct td_verdict *)out->emails.v)->verdict, TD_SEND, "a dry run: the mail would go");
	is_str(td_arena_str(&c.b.arena, ((const struct td_prepared_dest *)out->dests.v)->verdict.reason), "no-consent",
		"the SMS would not");
	ok(!out->token.n && !out->unsubscribe.n, "there is no token");
	is_str(rows(), before, "and no row of any kind");
	mail->cls = TD_CLASS_TRANSACTIONAL;
	out = prepared(mail);
	is_int(((const struct td_prepared_dest *)out->dests.v)->verdict.verdict, TD_SEND,
		"who names a number gives it to us by that, dry or not");
	is_str(rows(), before, "but only tried, it is not on record");
}

static void comes_back(void)
{
	struct td_conf_rule      *rule = caps_add(&c, false, "mails", "address", "message", 1, DAYS(1), "1d");
	struct td_prepare        *mail;
	const struct td_prepared *out;

	rule->channels = (struct td_strings)STRINGS(one_email);
	rule->mail_on_full = "defer";
	is_int(((const struct td_verdict *)prepared(mail_to("eva@example.com", TD_CLASS_SERVICE, ""))->emails.v)->verdict,
		TD_SEND, "one mail a day");
	mail = mail_to("eva@example.com", TD_CLASS_SERVICE, "");
	mail->dests.n = 1;
	((struct td_dest *)mail->dests.v)->to = TD_VLIT("+12025550178");
	out = prepared(mail);
	is_int(((const struct td_verdict *)out->emails.v)->action, TD_MAIL_DEFER, "the second comes back");
	ok(!out->token.n && !((const struct td_prepared_dest *)out->dests.v)->job.n, "and its SMS with it: no job now");
	mail->lone = false;
	out = prepared(mail);
	is_int(((const struct td_verdict *)out->emails.v)->action, TD_MAIL_DROP, "of several recipients he is dropped");
	ok(out->token.n && ((const struct td_prepared_dest *)out->dests.v)->job.n, "and the SMS goes");
	c.b.conf.ncaps = 0;
}

static const char *hard(const char *addr, enum td_class cls)
{
	struct td_query  q = { .address = V(addr), .channel = TD_VLIT("email"), .cls = cls, .hard = true };
	struct td_op    *op = bench_call(&c.b, TD_V_DECIDE, &q, 1);

	return op->err.status ? op->err.text : td_arena_str(&c.b.arena, ((const struct td_verdict *)op->out)->reason);
}

static void hard_suppression(void)
{
	say("email:gone@example.com", "suppress", "*", "undeliverable");
	say("email:no@example.com", "suppress", "*", "dnc");
	say("email:out@example.com", "revoke", "*", "");
	is_str(hard("Gone@example.com", TD_CLASS_TRANSACTIONAL), "undeliverable", "a dead address");
	is_str(hard("no@example.com", TD_CLASS_TRANSACTIONAL), "ok", "who complained of marketing still has his mail");
	is_str(hard("no@example.com", TD_CLASS_MARKETING), "dnc", "but not from who sends marketing alone");
	is_str(hard("out@example.com", TD_CLASS_MARKETING), "ok", "opt-outs are for tagged mail");
	is_str(hard("ana@example.com", TD_CLASS_MARKETING), "ok", "nor is consent asked for");
}

int main(void)
{
	td_log_open("store_mailside", "file:/dev/null", TD_LOG_INFO, false, NULL);
	caps_start(&c);
	c.b.conf.policy.email_optin = false;
	unsubscribe();
	dry_runs();
	comes_back();
	hard_suppression();
	bench_end(&c.b);
	return done_testing();
}
