/*
 * store_stop - STOP, START, HELP; opt-outs of persons; the revoke journal and the chain
 */
#include <signal.h>

#include "event.h"
#include "facts.h"
#include "person.h"
#include "store_bench.h"

static struct bench b;
static const char   ana[] = "+12025550101";

static const char *verdict(const char *to, enum td_class cls, const char *category)
{
	static int         n;
	char               key[32];
	struct td_prepare *mail;
	struct td_op      *op;

	snprintf(key, sizeof key, "v%d", ++n);
	mail = bench_mail(&b, to, "text", "", cls, category);
	mail->key = td_arena_dup(&b.arena, V(key));
	mail->dry_run = true;
	op = bench_call(&b, TD_V_PREPARE, mail, 1);
	return op->err.status ? op->err.text : td_arena_str(&b.arena, bench_dest(op, 0)->verdict.reason);
}

static const char *email_verdict(const char *to, enum td_class cls, const char *category)
{
	struct td_view     email = V(to);
	struct td_prepare *mail = bench_mail(&b, "", "text", "", cls, category);
	struct td_op      *op;

	mail->dests.n = 0;
	mail->emails = (struct td_views){ &email, 1 };
	mail->dry_run = true;
	op = bench_call(&b, TD_V_PREPARE, mail, 1);
	return op->err.status ? op->err.text :
		td_arena_str(&b.arena, ((const struct td_verdict *)((const struct td_prepared *)op->out)->emails.v)->reason);
}

static struct {
	const char *addr, *channel, *category, *action, *reach, *basis, *source, *note;
	bool        by_subject;
} say_what;

static enum td_status say_it(struct td_store *store, struct td_op *op)
{
	struct td_consent_event event = { .addr = V(say_what.addr), .channel = V(say_what.channel),
		.category = V(say_what.category),
		.action = V(say_what.action), .reach = V(say_what.reach), .basis = V(say_what.basis),
			.source = V(say_what.source),
		.note = V(say_what.note), .actor = TD_VLIT("test"), .by_subject = say_what.by_subject };

	return td_event_append(store, op, &event, NULL);
}

/* An event as another part of the store would write it. A moment passes. */
static enum td_status say(const char *addr, const char *channel, const char *category, const char *action,
	const char *reach,
	const char *source, bool by_subject)
{
	say_what.addr = addr;
	say_what.channel = channel;
	say_what.category = category;
	say_what.action = action;
	say_what.reach = reach;
	say_what.basis = "express";
	say_what.source = source;
	say_what.note = strcmp(source, "admin") == 0 ? "on the phone" : "";
	say_what.by_subject = by_subject;
	b.clock.value_ms += 1000;
	return td_store_do(b.store, say_it);
}

static void stop_and_start(void)
{
	const struct td_answered *answered;
	struct td_view            job = bench_job(&b, bench_mail(&b, ana, "before", "k1", TD_CLASS_TRANSACTIONAL, ""));

	b.clock.value_ms += 1000;
	answered = bench_inbound(&b, ana, "Stop", "in-1");
	is_view(answered->action, "stop", "STOP");
	ok(answered->changed, "changes something");
	is_int(answered->job.n, 26, "and is confirmed");
	is_str(bench_ask(&b, "SELECT class, state, provider FROM job ORDER BY id DESC LIMIT 1"), "6|3|main",
		"by a compliance job, ready at once");
	bench_lease(&b, job, 7);
	is_str(bench_begin_reason(&b, job, 7, false), "optout", "what was queued is stopped");
	is_str(bench_ask(&b, "SELECT state || reason FROM job ORDER BY id LIMIT 1"), "9optout", "FAILED, optout");
	bench_lease(&b, answered->job, 7);
	is_int(bench_begin(&b, answered->job, 7, false)->verdict.verdict, TD_SEND, "the confirmation goes");
	is_str(verdict(ana, TD_CLASS_TRANSACTIONAL, "order-confirmation"), "optout", "nothing transactional");
	is_str(verdict(ana, TD_CLASS_CRITICAL, ""), "optout", "nothing critical without after_stop");
	answered = bench_inbound(&b, ana, "Stop", "in-1");
	is_view(answered->action, "repeat", "the provider says it twice: one message");
	answered = bench_inbound(&b, ana, "STOP", "in-2");
	ok(!answered->changed && !answered->job.n, "a second STOP is not confirmed again");
	b.clock.value_ms += 1000;
	answered = bench_inbound(&b, ana, "START", "in-3");
	ok(answered->changed && answered->job.n, "START is confirmed");
	is_str(verdict(ana, TD_CLASS_TRANSACTIONAL, "order-confirmation"), "ok", "and lifts it");
	is_str(verdict(ana, TD_CLASS_MARKETING, "offer"), "no-consent", "but makes no marketing consent");
	answered = bench_inbound(&b, ana, "START", "in-4");
	ok(!answered->changed && !answered->job.n, "nothing to lift: nothing to confirm");
	answered = bench_inbound(&b, ana, "help", "in-5");
	ok(answered->job.n > 0, "HELP is answered");
	answered = bench_inbound(&b, ana, "help", "in-6");
	ok(answered->job.n > 0, "always");
	answered = bench_inbound(&b, "SHOP", "STOP", "in-7");
	is_view(answered->action, "none", "an alphanumeric sender has no consent");
	answered = bench_inbound(&b, ana, "thank you", "in-8");
	is_view(answered->action, "none", "other texts are no words");
	b.clock.value_ms += 1000;
	bench_inbound(&b, ana, "توقف", "in-9");
	is_str(verdict(ana, TD_CLASS_TRANSACTIONAL, ""), "optout", "STOP in Arabic");
	is_str(bench_ask(&b, "SELECT count(*) FROM mail WHERE hex(content) LIKE '%0006000000026172%' AND class = 6"), "1",
		"confirmed in Arabic");
}

static void category_stop(void)
{
	const char *to = "+12025550150";
	const struct td_answered *answered;

	say("tel:+12025550150", "sms", "*", "grant", "", "web", true);
	is_str(verdict(to, TD_CLASS_MARKETING, "offer"), "ok", "an offer may go");
	b.clock.value_ms += 1000;
	answered = bench_inbound(&b, to, "stop offers", "cat-1");
	ok(answered->changed && answered->job.n, "STOP OFFERS is confirmed");
	is_str(verdict(to, TD_CLASS_MARKETING, "offer"), "optout", "and stops offers");
	is_str(verdict(to, TD_CLASS_MARKETING, "cart-reminder"), "ok", "only");
	bench_inbound(&b, to, "START", "cat-2");
	is_str(verdict(to, TD_CLASS_MARKETING, "offer"), "optout", "START lifts no category revoke");
}

static enum td_status link_two(struct td_store *store, struct td_op *op)
{
	return td_person_link(store, op, TD_VLIT("email:eve@example.com"), TD_VLIT("tel:+12025550160"),
		TD_VLIT("verified"), TD_VLIT("uid:0"));
}

static enum td_status unlink_one(struct td_store *store, struct td_op *op)
{
	return td_person_unlink(store, op, TD_VLIT("email:eve@example.com"), TD_VLIT("uid:0"));
}

static void persons(void)
{
	is_int(td_store_do(b.store, link_two), TD_OK, "linked");
	say("email:eve@example.com", "email", "*", "grant", "", "web", true);
	is_str(email_verdict("eve@example.com", TD_CLASS_MARKETING, "offer"), "ok", "mail of offers, by consent");
	b.clock.value_ms += 1000;
	bench_inbound(&b, "+12025550160", "STOP", "p-1");
	is_str(email_verdict("eve@example.com", TD_CLASS_MARKETING, "offer"), "optout",
		"one person, one answer: marketing by mail stops too");
	is_str(email_verdict("eve@example.com", TD_CLASS_TRANSACTIONAL, ""), "ok", "other mail does not");
	b.clock.value_ms += 1000;
	bench_inbound(&b, "+12025550160", "START", "p-2");
	is_str(verdict("+12025550160", TD_CLASS_TRANSACTIONAL, ""), "ok", "START lifts the SMS");
	is_str(email_verdict("eve@example.com", TD_CLASS_MARKETING, "offer"), "optout",
		"mail stays off until asked for by mail");
	is_int(td_store_do(b.store, unlink_one), TD_OK, "unlinked");
	is_str(email_verdict("eve@example.com", TD_CLASS_MARKETING, "offer"), "optout",
		"takes person-level opt-outs along");
	say("email:eve@example.com", "*", "*", "grant", "", "import", false);
	is_str(email_verdict("eve@example.com", TD_CLASS_MARKETING, "offer"), "optout", "an import reverses no opt-out");
	say("email:eve@example.com", "*", "*", "grant", "", "web", true);
	is_str(email_verdict("eve@example.com", TD_CLASS_MARKETING, "offer"), "ok", "a later grant of the subject's does");
	say("email:eve@example.com", "email", "offer", "revoke", "all", "one_click", true);
	say("email:eve@example.com", "*", "*", "grant", "", "web", true);
	is_str(email_verdict("eve@example.com", TD_CLASS_MARKETING, "offer"), "optout",
		"a broader grant overcomes no narrower revoke");
}

static void scopes(void)
{
	say("tel:+12025550170", "sms", "*", "grant", "", "web", true);
	say("tel:+12025550170", "sms", "*", "revoke", "all", "web", true);
	say("tel:+12025550170", "sms", "*", "grant", "", "admin", false);
	is_str(verdict("+12025550170", TD_CLASS_TRANSACTIONAL, ""), "ok", "an admin with a note reverses");
	say("tel:+12025550170", "sms", "*", "revoke", "all", "web", true);
	bench_inbound(&b, "+12025550170", "STOP", "s-1");
	b.clock.value_ms += 1000;
	bench_inbound(&b, "+12025550170", "START", "s-2");
	is_str(verdict("+12025550170", TD_CLASS_TRANSACTIONAL, ""), "optout",
		"START lifts nothing said on the preference page");
}

static long lines_of(const char *path)
{
	FILE *f = fopen(path, "r");
	long  n = 0;
	int   c;

	while (f && (c = getc(f)) != EOF)
		n += c == '\n';
	if (f)
		fclose(f);
	return n;
}

static void journal(void)
{
	const char *revokes = bench_ask(&b, "SELECT count(*) FROM event WHERE action = 'revoke'");
	char        line[512] = "", head[65];
	FILE       *f;
	long        before = lines_of(b.journal);

	is_int(before, atol(revokes), "each revoke has its line in the journal");
	say("tel:+12025550180", "sms", "*", "revoke", "all", "web", true);
	is_int(lines_of(b.journal), before + 1, "at once");
	snprintf(head, sizeof head, "%s", bench_ask(&b, "SELECT lower(hex(hash)) FROM event ORDER BY seq DESC LIMIT 1"));
	f = fopen(b.journal, "r");
	while (f && fgets(line, sizeof line, f))
		;
	if (f)
		fclose(f);
	like(line, head, "with the chain's head");
	like(line, " sms * all web ", "and what was said");
	unlike(line, "2025550180", "but no number");
	say("tel:+12025550180", "sms", "*", "grant", "", "web", true);
	is_int(lines_of(b.journal), before + 1, "a grant has none");
}

static void journal_unwritable(void)
{
	struct td_inbound in = { .provider = TD_VLIT("main"), .id = TD_VLIT("j-1"), .from = TD_VLIT("+12025550190"),
		.to = TD_VLIT("+15550001111"), .text = TD_VLIT("STOP"), .at = 1 };
	struct td_op *op, *other;
	long          before = lines_of(b.journal), events;
	char          command[512];

	/* The journal alone: its file is replaced by one on which every write fails. */
	td_store_close(b.store);
	snprintf(command, sizeof command, "mv %s %s.kept && mknod %s c 1 7", b.journal, b.journal, b.journal);
	if (geteuid() != 0 || system(command)) {
		skip(4, "needs root to make a device that is always full");
		snprintf(command, sizeof command, "test -e %s.kept && mv %s.kept %s", b.journal, b.journal, b.journal);
		if (system(command))
			diag("nothing to put back");
		bench_open(&b);
		return;
	}
	bench_open(&b);
	events = atol(bench_ask(&b, "SELECT count(*) FROM event"));
	op = bench_op(&b, TD_V_INBOUND, &in, 2);
	other = bench_op(&b, TD_V_PREPARE, bench_mail(&b, "+12025550191", "x", "j-2", TD_CLASS_TRANSACTIONAL, ""), 1);
	op->next = other;
	td_batch_run(b.store, op);
	is_int(op->err.status, TD_TEMPFAIL, "journal unwritable: the STOP is not acknowledged");
	is_int(other->err.status, TD_OK, "the rest of its batch goes on");
	is_int(atol(bench_ask(&b, "SELECT count(*) FROM event")), events + 1, "with nothing of the STOP left behind");
	td_store_close(b.store);
	snprintf(command, sizeof command, "rm %s && mv %s.kept %s", b.journal, b.journal, b.journal);
	is_int(system(command), 0, "the journal is back");
	bench_open(&b);
	op = bench_call(&b, TD_V_INBOUND, &in, 2);
	is_int(op->err.status, TD_OK, "and the STOP goes through");
	is_int(lines_of(b.journal), before + 2, "with its lines");
}

static void chain(void)
{
	is_str(bench_ask(&b, "SELECT count(*) FROM event e WHERE e.seq > 1 AND NOT EXISTS"
		" (SELECT 1 FROM event p WHERE p.seq = e.seq - 1 AND p.hash = e.prev_hash)"), "0",
			"each event follows the one before");
	is_str(bench_ask(&b, "SELECT max(seq) - count(*) FROM event"), "0", "without a gap");
}

/* One bad request among good ones. */
static void batch(void)
{
	struct td_op *bad, *good, *forger, *reader;
	struct td_query q = { .address = TD_VLIT("+12025550101"), .channel = TD_VLIT("sms"),
		.cls = TD_CLASS_TRANSACTIONAL };
	struct td_prepare *wrong = bench_mail(&b, "not a number", "x", "b-1", TD_CLASS_TRANSACTIONAL, "");

	bad = bench_op(&b, TD_V_PREPARE, wrong, 1);
	good = bench_op(&b, TD_V_PREPARE, bench_mail(&b, "+12025550101", "x", "b-2", TD_CLASS_CRITICAL, ""), 1);
	forger = bench_op(&b, TD_V_PREPARE, bench_mail(&b, "+12025550101", "x", "b-3", TD_CLASS_COMPLIANCE, ""), 1);
	reader = bench_op(&b, TD_V_DECIDE, &q, 1);
	bad->next = good;
	good->next = forger;
	forger->next = reader;
	td_batch_run(b.store, bad);
	is_int(bad->err.status, TD_BADINPUT, "a bad request fails: %s", bad->err.text);
	is_int(good->err.status, TD_OK, "the next one does not");
	is_int(forger->err.status, TD_REFUSED, "nobody may submit as compliance: %s", forger->err.text);
	is_int(((const struct td_verdict *)reader->out)->verdict, TD_DENY, "nor one that reads");
	like(td_arena_str(&b.arena, ((const struct td_verdict *)reader->out)->text), "opted out of SMS on 2023-11-",
		"which hears when");
	like(td_arena_str(&b.arena, ((const struct td_verdict *)reader->out)->text), "(reply STOP)", "and how");
}

int main(void)
{
	td_log_open("store_stop", "file:/dev/null", TD_LOG_INFO, false, NULL);
	signal(SIGXFSZ, SIG_IGN);
	bench_start(&b);
	stop_and_start();
	category_stop();
	persons();
	scopes();
	journal();
	journal_unwritable();
	chain();
	batch();
	bench_end(&b);
	return done_testing();
}
