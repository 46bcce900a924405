/*
 * store_person - links and their ranks, the number on file, and what of a person reaches each address
 */
#include "event.h"
#include "person.h"
#include "store_bench.h"

static struct bench b;
static const char  *link_a, *link_b, *link_source, *unlinked, *attr_addr, *attr_name, *attr_value;
static struct td_consent_event said;

static enum td_status do_link(struct td_store *store, struct td_op *op)
{
	return td_person_link(store, op, V(link_a), V(link_b), V(link_source), TD_VLIT("test"));
}

static enum td_status link_two(const char *one, const char *two, const char *source)
{
	link_a = one;
	link_b = two;
	link_source = source;
	b.clock.value_ms += 1000;
	return td_store_do(b.store, do_link);
}

static enum td_status do_unlink(struct td_store *store, struct td_op *op)
{
	return td_person_unlink(store, op, V(unlinked), TD_VLIT("test"));
}

static enum td_status do_set(struct td_store *store, struct td_op *op)
{
	return td_person_set(store, op, V(attr_addr), V(attr_name), V(attr_value));
}

static void set(const char *addr, const char *name, const char *value)
{
	attr_addr = addr;
	attr_name = name;
	attr_value = value;
	is_int(td_store_do(b.store, do_set), TD_OK, "%s of %s is set", name, addr);
}

static enum td_status do_say(struct td_store *store, struct td_op *op)
{
	return td_event_append(store, op, &said, NULL);
}

static void say(const char *addr, const char *action, const char *kind, int64_t until)
{
	said = (struct td_consent_event){ .addr = V(addr), .channel = TD_VLIT("sms"), .action = V(action), .kind = V(kind),
		.source = TD_VLIT("admin"), .actor = TD_VLIT("test"), .basis = TD_VLIT("express"), .note = TD_VLIT("asked for"),
		.expires_at = until };
	b.clock.value_ms += 1000;
	is_int(td_store_do(b.store, do_say), TD_OK, "%s %s of %s", action, kind, addr);
}

static struct td_query *query(const char *address, const char *channel, enum td_class cls, bool by_email)
{
	struct td_query *q = TD_NEW(&b.arena, struct td_query);

	*q = (struct td_query){ .address = V(address), .channel = V(channel), .cls = cls, .by_email = by_email };
	return q;
}

static const char *ask(const char *address, const char *channel, enum td_class cls)
{
	struct td_op *op = bench_call(&b, TD_V_DECIDE, query(address, channel, cls, false), 1);

	return op->err.status ? op->err.text : td_arena_str(&b.arena, ((const struct td_verdict *)op->out)->reason);
}

/* The number that an SMS to this e-mail address would go to. */
static const char *number_of(const char *email)
{
	struct td_prepare *mail = bench_mail(&b, "", "x", "", TD_CLASS_CRITICAL, "");
	struct td_op      *op;

	((struct td_dest *)mail->dests.v)->email = V(email);
	mail->dry_run = true;
	op = bench_call(&b, TD_V_PREPARE, mail, 1);
	return td_arena_str(&b.arena, bench_dest(op, 0)->to);
}

static void ranks(void)
{
	is_str(number_of("ana@example.com"), "", "nothing on file");
	is_int(link_two("email:ana@example.com", "tel:+12025550101", "import"), TD_OK, "an import links");
	is_str(number_of("ana@example.com"), "+12025550101", "the number on file");
	is_int(link_two("email:ana@example.com", "tel:+12025550102", "import"), TD_OK, "another import");
	is_str(number_of("ana@example.com"), "+12025550102", "of equals the newest");
	is_int(link_two("email:ana@example.com", "tel:+12025550103", "verified"), TD_OK, "a verified one");
	is_int(link_two("email:ana@example.com", "tel:+12025550104", "app"), TD_OK, "and later one by a header");
	is_str(number_of("ana@example.com"), "+12025550103", "the strongest is on file");
	is_int(link_two("email:bob@example.com", "tel:+12025550103", "app"), TD_REFUSED,
		"a header takes no verified number from anybody");
	is_str(number_of("ana@example.com"), "+12025550103", "it stays");
	is_int(link_two("email:bob@example.com", "tel:+12025550104", "app"), TD_OK, "one that a header linked it takes");
	is_str(number_of("bob@example.com"), "+12025550104", "to the new owner");
	is_str(number_of("ana@example.com"), "+12025550103", "and the old one keeps the rest");
	is_int(link_two("email:ana@example.com", "tel:+12025550103", "hearsay"), TD_BADINPUT, "a source nobody knows");
	is_int(link_two("email:ana@example.com", "email:ana@example.com", "verified"), TD_BADINPUT,
		"an address with itself");
}

static void sixteen(void)
{
	char other[64];
	int  n = 1;

	for (int i = 0; i < 20; i++) {
		snprintf(other, sizeof other, "email:many%d@example.com", i);
		if (link_two("tel:+12025550110", other, "verified") == TD_OK)
			n++;
	}
	is_int(n, 16, "a person has at most 16 addresses");
}

static void attributes(void)
{
	set("email:eva@example.com", "name", "Eva");
	set("tel:+12025550120", "name", "E.");
	set("tel:+12025550120", "tz", "America/Chicago");
	is_int(link_two("email:eva@example.com", "tel:+12025550120", "verified"), TD_OK, "two persons become one");
	is_str(bench_ask(&b,
		"SELECT group_concat(name || '=' || value, ' ') FROM attribute t JOIN address a ON a.person = t.person"
		" WHERE a.addr = 'tel:+12025550120'"), "name=Eva tz=America/Chicago", "the second's attributes fill gaps");
	set("email:eva@example.com", "tz", "");
	is_str(bench_ask(&b, "SELECT group_concat(name) FROM attribute t JOIN address a ON a.person = t.person"
		" WHERE a.addr = 'tel:+12025550120'"), "name", "the empty value removes one");
	say("tel:+12025550120", "grant", "", 0);
	set("email:eva@example.com", "prefer", "email");
	is_str(ask("+12025550120", "sms", TD_CLASS_SERVICE), "preference", "who prefers mail gets no tips by SMS");
	is_str(ask("+12025550120", "sms", TD_CLASS_TRANSACTIONAL), "ok", "but orders");
	unlinked = "tel:+12025550120";
	is_int(td_store_do(b.store, do_unlink), TD_OK, "unlinked");
	is_str(ask("+12025550120", "sms", TD_CLASS_SERVICE), "ok", "the preference stays with the person");
	is_int(td_store_do(b.store, do_unlink), TD_NOTFOUND, "not twice");
}

static void suppressions(void)
{
	const char *dan = "+12025550130";

	is_int(link_two("email:dan@example.com", "tel:+12025550130", "verified"), TD_OK, "Dan");
	say("tel:+12025550130", "grant", "", 0);
	is_str(ask(dan, "sms", TD_CLASS_MARKETING), "ok", "agreed to everything");
	say("tel:+12025550130", "suppress", "dnc", 0);
	is_str(ask(dan, "sms", TD_CLASS_MARKETING), "dnc", "dnc stops marketing");
	is_str(ask(dan, "sms", TD_CLASS_TRANSACTIONAL), "ok", "not orders");
	say("tel:+12025550130", "grant", "", 0);
	is_str(ask(dan, "sms", TD_CLASS_MARKETING), "dnc", "no grant clears it");
	say("tel:+12025550130", "unsuppress", "dnc", 0);
	is_str(ask(dan, "sms", TD_CLASS_MARKETING), "ok", "only its removal");
	say("email:dan@example.com", "pause", "", b.clock.value_ms + 86400000);
	is_str(ask(dan, "sms", TD_CLASS_TRANSACTIONAL), "paused", "a person pauses all addresses");
	is_str(ask(dan, "sms", TD_CLASS_SOLICITED), "ok", "codes go on");
	is_str(ask("dan@example.com", "email", TD_CLASS_SERVICE), "paused", "mail too");
	b.clock.value_ms += 2 * 86400000;
	is_str(ask(dan, "sms", TD_CLASS_TRANSACTIONAL), "ok", "until then");
	say("tel:+12025550130", "suppress", "undeliverable", 0);
	is_str(ask(dan, "sms", TD_CLASS_CRITICAL), "undeliverable", "what cannot be reached is not tried");
	is_str(ask("dan@example.com", "email", TD_CLASS_CRITICAL), "ok", "on that address alone");
	say("tel:+12025550130", "unsuppress", "undeliverable", 0);
	say("tel:+12025550130", "expire", "", 0);
	is_str(ask(dan, "sms", TD_CLASS_TRANSACTIONAL), "no-consent", "expired consent is none");
}

static void queries(void)
{
	struct td_op       *op = bench_call(&b, TD_V_DECIDE,
		query("nobody@example.com", "sms", TD_CLASS_TRANSACTIONAL, true), 1);
	struct td_link      link = { TD_VLIT("fay@example.com"), TD_VLIT("+12025550140"), TD_VLIT("verified") };
	struct td_happening event = { TD_VLIT("fay@example.com"), TD_VLIT("purchase") };

	is_int(op->err.status, TD_NOTFOUND, "no number on file");
	is_str(td_err_code(&op->err), "5.1.1", "is 5.1.1");
	like(op->err.text, "***@example.com", "with the address masked");
	op = bench_call(&b, TD_V_DECIDE, query("ana@example.com", "sms", TD_CLASS_SOLICITED, true), 1);
	is_int(((const struct td_verdict *)op->out)->verdict, TD_SEND, "one on file may be asked for by e-mail address");
	is_str(ask("+447911123456", "sms", TD_CLASS_CRITICAL), "blocked-country", "a country that is not configured");
	is_str(ask("+12025550199", "sms", TD_CLASS_TRANSACTIONAL), "ok", "who names a number gives it to us by that");
	like(ask("no address", "sms", TD_CLASS_TRANSACTIONAL), "not a phone number", "nonsense is bad input");

	op = bench_op(&b, TD_V_LINK, &link, 1);
	op->role = TD_ROLE_MILTER;
	td_batch_run(b.store, op);
	is_int(op->err.status, TD_REFUSED, "a milter verifies nobody");
	link.source = TD_VLIT("app");
	is_int(bench_call(&b, TD_V_LINK, &link, 1)->err.status, TD_OK, "it links by header");
	is_str(number_of("fay@example.com"), "+12025550140", "so");
	is_int(bench_call(&b, TD_V_EVENT, &event, 1)->err.status, TD_OK, "an event");
	is_str(bench_ask(&b, "SELECT addr || name FROM happening"), "email:fay@example.compurchase", "is recorded");
	event.name = TD_VLIT("");
	is_int(bench_call(&b, TD_V_EVENT, &event, 1)->err.status, TD_BADINPUT, "without a name it is none");
}

int main(void)
{
	td_log_open("store_person", "file:/dev/null", TD_LOG_INFO, false, NULL);
	bench_start(&b);
	ranks();
	sixteen();
	attributes();
	suppressions();
	queries();
	bench_end(&b);
	return done_testing();
}
