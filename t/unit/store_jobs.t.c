/*
 * store_jobs - the life of an SMS in the store: prepare, activate, begin, settle, receipts; keys, expiry, restarts
 */
#include "store_bench.h"

static struct bench b;
static const char   ana[] = "+12025550101", bob[] = "+12025550102";

static const char *state_of(struct td_view job)
{
	static char sql[128];

	snprintf(sql, sizeof sql, "SELECT state || ':' || reason FROM job WHERE id = '%.*s'", TD_VARG(job));
	return bench_ask(&b, sql);
}

static struct td_op *activate(struct td_view token)
{
	struct td_token *in = TD_NEW(&b.arena, struct td_token);

	in->token = token;
	return bench_call(&b, TD_V_ACTIVATE, in, 2);
}

static struct td_view token_of(const struct td_op *op)
{
	return ((const struct td_prepared *)op->out)->token;
}

static void spine(void)
{
	struct td_op *op = bench_call(&b, TD_V_PREPARE, bench_mail(&b, ana, "hello", "k-spine", TD_CLASS_TRANSACTIONAL,
		"order-confirmation"), 1);
	struct td_op *again;
	struct td_view job, token = token_of(op);
	const struct td_begun_item *begun;

	is_int(op->err.status, TD_OK, "prepare: %s", op->err.text);
	is_int(bench_dest(op, 0)->verdict.verdict, TD_SEND, "a named number may have a transactional SMS");
	is_view(bench_dest(op, 0)->to, ana, "in E.164");
	is_int(token.n, 42, "one token");
	job = bench_dest(op, 0)->job;
	is_str(state_of(job), "1:", "PREPARED");
	is_str(bench_ask(&b, "SELECT count(*) FROM event WHERE basis = 'provided' AND source = 'api' AND actor = 'shop'"),
		"1",
		"naming it records `provided`");
	is_str(bench_ask(&b, "SELECT count(*) FROM job_key"), "0", "a prepared job holds no key");
	bench_lease(&b, job, 7);
	is_str(bench_begin_reason(&b, job, 7, false), "lost", "what is not activated cannot be begun");
	td_lease_end(b.store->leases, job);

	op = activate(token);
	is_int(op->err.status, TD_OK, "activate: %s", op->err.text);
	is_int(((const struct td_activated *)op->out)->njobs, 1, "one job");
	ok(!((const struct td_activated *)op->out)->repeat, "for the first time");
	is_str(state_of(job), "3:", "READY");
	again = activate(token);
	is_int(again->err.status, TD_OK, "a repeat is success");
	ok(((const struct td_activated *)again->out)->repeat, "and says so");

	is_str(bench_begin_reason(&b, job, 7, false), "lost", "who has no lease cannot begin");
	bench_lease(&b, job, 7);
	is_str(bench_begin_reason(&b, job, 8, false), "lost", "nor can another connection");
	begun = bench_begin(&b, job, 7, false);
	is_int(begun->verdict.verdict, TD_SEND, "begun");
	is_mem(begun->reference.p, begun->reference.n, job.p, job.n, "the job's id is the reference");
	is_str(state_of(job), "4:", "SUBMITTING");
	is_str(bench_begin_reason(&b, job, 7, false), "lost", "not twice, unless resumed");
	is_int(bench_begin(&b, job, 7, true)->verdict.verdict, TD_SEND, "resumed under the same reference");
	is_int(bench_settle(&b, job, 8, TD_OUT_ACCEPTED, "SM1", 0), 0, "another connection cannot settle it");
	is_int(bench_settle(&b, job, 7, TD_OUT_ACCEPTED, "SM1", 0), TD_ACCEPTED, "settled");
	is_int(bench_settle(&b, job, 7, TD_OUT_OTHER, "", 0), TD_ACCEPTED, "what is settled stays");
	is_int(td_lease_count(b.store->leases), 0, "the lease has ended");
}

static void forged(void)
{
	struct td_op *op = activate(TD_VLIT("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"));
	struct td_op *prepared = bench_call(&b, TD_V_PREPARE, bench_mail(&b, ana, "x", "k-forged", TD_CLASS_TRANSACTIONAL,
		""), 1);
	struct td_view token = token_of(prepared);
	char           copy[64];

	is_int(op->err.status, TD_NOTFOUND, "a forged token");
	is_str(td_err_code(&op->err), "5.1.1", "is 5.1.1");
	memcpy(copy, token.p, token.n);
	copy[3] = copy[3] == 'a' ? 'b' : 'a';
	is_int(activate(td_view_mem(copy, token.n))->err.status, TD_NOTFOUND, "one changed character is forged");
	is_int(activate(TD_VLIT(""))->err.status, TD_NOTFOUND, "the empty token is forged");
	bench_ask(&b, "DELETE FROM job WHERE mail = (SELECT id FROM mail WHERE key = 'k-forged');"
		" DELETE FROM mail WHERE key = 'k-forged'");
	op = activate(token);
	is_int(op->err.status, TD_TEMPFAIL, "a genuine one the store has lost");
	is_str(td_err_code(&op->err), "4.3.0", "waits in the queue");
	is_int(b.store->count.unknown_tokens, 1, "and is counted for the alarm");
}

static void keys(void)
{
	struct td_prepare *mail = bench_mail(&b, bob, "same", "k-dup", TD_CLASS_TRANSACTIONAL, "");
	struct td_op      *first = bench_call(&b, TD_V_PREPARE, mail, 1), *second = bench_call(&b, TD_V_PREPARE, mail, 1),
		*op;

	is_int(token_of(second).n, 42, "the same mail twice, before either is activated: both prepared");
	is_int(activate(token_of(second))->err.status, TD_OK, "the first activated wins");
	op = activate(token_of(first));
	is_int(op->err.status, TD_OK, "the other is success");
	ok(((const struct td_activated *)op->out)->duplicate, "and a duplicate");
	is_str(state_of(bench_dest(first, 0)->job), "10:duplicate", "DUPLICATE");
	op = bench_call(&b, TD_V_PREPARE, mail, 1);
	is_int(bench_dest(op, 0)->verdict.verdict, TD_DUPLICATE, "a third is a duplicate when prepared");
	is_int(token_of(op).n, 0, "and has no token");
	op = bench_call(&b, TD_V_PREPARE, bench_mail(&b, bob, "other", "k-dup", TD_CLASS_TRANSACTIONAL, ""), 1);
	is_int(op->err.status, TD_CONFLICT, "other content under an explicit key is refused");
	is_str(td_err_code(&op->err), "5.7.0", "5.7.0");
	op = bench_call(&b, TD_V_PREPARE, bench_mail(&b, ana, "other", "k-dup", TD_CLASS_TRANSACTIONAL, ""), 1);
	is_int(bench_dest(op, 0)->verdict.verdict, TD_SEND, "the key of one address is none of another's");
}

/* Two mails with one explicit key and different texts are both prepared before either is activated. */
static void late_conflict(void)
{
	struct td_op *one = bench_call(&b, TD_V_PREPARE, bench_mail(&b, bob, "one", "k-late", TD_CLASS_TRANSACTIONAL, ""),
		1);
	struct td_op *two = bench_call(&b, TD_V_PREPARE, bench_mail(&b, bob, "two", "k-late", TD_CLASS_TRANSACTIONAL, ""),
		1);

	activate(token_of(one));
	is_int(activate(token_of(two))->err.status, TD_OK, "its mail is accepted by then");
	is_str(state_of(bench_dest(two, 0)->job), "9:idem-conflict", "and its job fails for the reason");
}

static struct td_prepare *by_message_id(const char *text)
{
	struct td_prepare *mail = bench_mail(&b, bob, text, "", TD_CLASS_TRANSACTIONAL, "");

	mail->message_id = TD_VLIT("<1@shop>");
	return mail;
}

static void message_ids(void)
{
	struct td_op *op;

	bench_job(&b, by_message_id("first"));
	op = bench_call(&b, TD_V_PREPARE, by_message_id("first"), 1);
	is_int(bench_dest(op, 0)->verdict.verdict, TD_DUPLICATE, "a Message-ID is a key");
	ok(bench_job(&b, by_message_id("second")).n > 0, "used again with other content it is a new message");
	op = bench_call(&b, TD_V_PREPARE, by_message_id("second"), 1);
	is_int(bench_dest(op, 0)->verdict.verdict, TD_DUPLICATE, "which has its own duplicates");
	op = bench_call(&b, TD_V_PREPARE, by_message_id("first"), 1);
	is_int(bench_dest(op, 0)->verdict.verdict, TD_DUPLICATE, "and the first still has its");
}

static void times(void)
{
	struct td_prepare *mail = bench_mail(&b, ana, "late", "k-late-1", TD_CLASS_TRANSACTIONAL, "");
	struct td_view     job;
	char               sql[160];

	mail->expires = b.clock.value_ms - 1;
	is_view(bench_dest(bench_call(&b, TD_V_PREPARE, mail, 1), 0)->verdict.reason, "expired",
		"expired already: dropped");
	mail = bench_mail(&b, ana, "later", "k-hold", TD_CLASS_TRANSACTIONAL, "");
	mail->send_at = b.clock.value_ms + 60000;
	job = bench_job(&b, mail);
	is_str(state_of(job), "2:", "Send-At: HELD");
	snprintf(sql, sizeof sql, "SELECT due - %lld FROM job WHERE id = '%.*s'", (long long)b.clock.value_ms,
		TD_VARG(job));
	is_str(bench_ask(&b, sql), "60000", "until then");
	mail = bench_mail(&b, ana, "code 1", "k-otp", TD_CLASS_SOLICITED, "otp");
	job = bench_job(&b, mail);
	bench_lease(&b, job, 7);
	b.clock.value_ms += 11 * 60 * 1000;
	is_str(bench_begin_reason(&b, job, 7, false), "expired", "a code lives ten minutes");
	is_str(state_of(job), "9:expired", "FAILED, expired");
	snprintf(sql, sizeof sql, "SELECT content IS NULL FROM mail m JOIN job j ON j.mail = m.id WHERE j.id = '%.*s'",
		TD_VARG(job));
	is_str(bench_ask(&b, sql), "1", "and its text is erased");
	is_int(td_lease_count(b.store->leases), 0, "nobody holds it");
}

static void retries(void)
{
	struct td_prepare *mail = bench_mail(&b, ana, "retry", "k-retry", TD_CLASS_TRANSACTIONAL, "");
	struct td_view     job;

	mail->expires = b.clock.value_ms + 100000;
	((struct td_dest *)mail->dests.v)->notify = TD_NOTIFY_FAILURE;
	job = bench_job(&b, mail);
	bench_lease(&b, job, 7);
	bench_begin(&b, job, 7, false);
	is_int(bench_settle(&b, job, 7, TD_OUT_TEMPORARY, "", b.clock.value_ms + 30000), TD_READY,
		"temporary: READY again");
	bench_lease(&b, job, 7);
	bench_begin(&b, job, 7, false);
	is_int(bench_settle(&b, job, 7, TD_OUT_UNBEGIN, "", 0), TD_READY, "no byte left: un-begun");
	is_str(bench_ask(&b, "SELECT attempt FROM job j JOIN mail m ON m.id = j.mail WHERE m.key = 'k-retry'"), "1",
		"which does not count");
	bench_lease(&b, job, 7);
	bench_begin(&b, job, 7, false);
	is_int(bench_settle(&b, job, 7, TD_OUT_UNCERTAIN, "", b.clock.value_ms + 1000), TD_SUBMITTING,
		"uncertain, to be asked again");
	bench_lease(&b, job, 7);
	is_int(bench_begin(&b, job, 7, true)->verdict.verdict, TD_SEND, "resumed");
	is_int(bench_settle(&b, job, 7, TD_OUT_TEMPORARY, "", b.clock.value_ms + 200000), TD_FAILED,
		"too late to try again");
	is_str(state_of(job), "9:expired", "FAILED, expired");
	is_str(bench_ask(&b, "SELECT report, rank FROM job j JOIN mail m ON m.id = j.mail WHERE m.key = 'k-retry'"), "1|55",
		"and a report is due to who asked for it");
	bench_lease(&b, job, 7);
	is_int(bench_settle(&b, job, 7, TD_OUT_REPORTED, "", 0), TD_FAILED, "reported");
	is_str(bench_ask(&b, "SELECT report, rank FROM job j JOIN mail m ON m.id = j.mail WHERE m.key = 'k-retry'"), "0|",
		"once");
}

static struct td_view begun(const char *key, const char *to)
{
	struct td_view job = bench_job(&b, bench_mail(&b, to, "text", key, TD_CLASS_TRANSACTIONAL, ""));

	bench_lease(&b, job, 7);
	bench_begin(&b, job, 7, false);
	return job;
}

static enum td_status receipt(const char *id, int64_t state, bool bad_number)
{
	struct td_receipt *in = TD_NEW(&b.arena, struct td_receipt);

	*in = (struct td_receipt){ .provider = TD_VLIT("main"), .id = V(id), .state = state, .bad_number = bad_number };
	return bench_call(&b, TD_V_RECEIPT, in, 7)->err.status;
}

static void receipts(void)
{
	struct td_view job = begun("k-rcpt-1", ana);

	is_int(receipt("SM-early", TD_DELIVERED, false), TD_OK, "a receipt before its message is known");
	is_int(bench_settle(&b, job, 7, TD_OUT_ACCEPTED, "SM-early", 0), TD_DELIVERED, "is applied when it is");
	receipt("SM-early", TD_UNDELIVERED, false);
	is_str(state_of(job), "6:", "nothing steps back from a final state");
	job = begun("k-rcpt-2", ana);
	bench_settle(&b, job, 7, TD_OUT_ACCEPTED, "SM-2", 0);
	receipt("SM-2", TD_ACCEPTED, false);
	is_str(state_of(job), "5:", "on its way: no change");
	receipt("SM-2", TD_UNDELIVERED, false);
	receipt("SM-2", TD_DELIVERED, false);
	is_str(state_of(job), "7:provider-rejected", "UNDELIVERED, whatever comes after");
	is_int(receipt("SM-2", TD_FAILED, false), TD_BADINPUT, "a state no receipt has");
}

static void bad_numbers(void)
{
	const char    *carol = "+12025550199";
	struct td_view job = begun("k-bad-1", carol);

	bench_settle(&b, job, 7, TD_OUT_BAD_NUMBER, "", 0);
	is_str(state_of(job), "9:provider-rejected", "a bad number fails the job");
	is_str(bench_ask(&b, "SELECT count(*) FROM suppression"), "0", "once may be an error");
	job = begun("k-bad-2", carol);
	bench_settle(&b, job, 7, TD_OUT_ACCEPTED, "SM-bad", 0);
	receipt("SM-bad", TD_UNDELIVERED, true);
	is_str(bench_ask(&b, "SELECT kind FROM suppression WHERE addr = 'tel:+12025550199'"), "undeliverable",
		"twice within 30 days is not");
	is_view(bench_dest(bench_call(&b, TD_V_PREPARE, bench_mail(&b, carol, "x", "k-bad-3", TD_CLASS_CRITICAL, ""), 1),
		0)->verdict.reason,
		"undeliverable", "nothing goes there any more");
}

static void carrier_optout(void)
{
	struct td_view job = begun("k-carrier", "+12025550198");
	struct td_op  *op;

	is_int(bench_settle(&b, job, 7, TD_OUT_OPTOUT, "", 0), TD_FAILED, "the provider knows of an opt-out");
	is_str(state_of(job), "9:optout", "FAILED, optout");
	is_str(bench_ask(&b, "SELECT channel || category || action || reach || source || by_subject FROM event"
		" WHERE address = 'tel:+12025550198' ORDER BY seq DESC LIMIT 1"), "sms*revokeallcarrier1",
			"it is on record, as said by the person");
	op = bench_call(&b, TD_V_PREPARE, bench_mail(&b, "+12025550198", "x", "k-carrier-2", TD_CLASS_TRANSACTIONAL, ""),
		1);
	is_view(bench_dest(op, 0)->verdict.reason, "optout", "and obeyed");
}

static void restart(void)
{
	struct td_view job = begun("k-restart", ana);

	bench_restart(&b);
	is_str(bench_ask(&b, "SELECT state, rank FROM job j JOIN mail m ON m.id = j.mail WHERE m.key = 'k-restart'"),
		"4|40",
		"what was being submitted is claimable after a restart");
	is_int(bench_settle(&b, job, 9, TD_OUT_ACCEPTED, "SM-restart", 0), TD_ACCEPTED,
		"and its outcome is still taken, from whoever has it");
}

static void abandoned(void)
{
	char           sql[256];
	struct td_view fresh;
	struct td_op  *op = bench_call(&b, TD_V_PREPARE, bench_mail(&b, ana, "gone", "k-gone", TD_CLASS_TRANSACTIONAL, ""),
		1);

	b.clock.value_ms += 7 * 86400000ll;
	td_store_sweep(b.store);
	is_str(state_of(bench_dest(op, 0)->job), "12:not-activated", "never activated: ABANDONED");
	ok(b.store->count.abandoned > 0, "and counted");
	op = activate(token_of(op));
	is_int(op->err.status, TD_REFUSED, "a token that comes after that is refused, not swallowed");
	b.clock.value_ms += 8 * 86400000ll;
	td_store_sweep(b.store);
	is_str(bench_ask(&b, "SELECT count(*) FROM job_key"), "0", "keys are forgotten in time");
	fresh = bench_job(&b, bench_mail(&b, ana, "recent", "k-recent", TD_CLASS_TRANSACTIONAL, ""));
	b.clock.value_ms += 29 * 86400000ll;
	td_store_sweep(b.store);
	snprintf(sql, sizeof sql, "SELECT count(*) FROM job j JOIN mail m ON m.id = j.mail WHERE j.id = '%.*s'"
		" AND m.content IS NOT NULL", TD_VARG(fresh));
	is_str(bench_ask(&b, sql), "1", "a text younger than thirty days is kept");
	bench_lease(&b, fresh, 7);
	bench_begin(&b, fresh, 7, false);
	b.clock.value_ms += 2 * 86400000ll;
	td_store_sweep(b.store);
	is_str(bench_ask(&b, "SELECT count(*) FROM mail m WHERE content IS NOT NULL AND NOT EXISTS"
		" (SELECT 1 FROM job j WHERE j.mail = m.id AND j.state <= 4)"), "0", "and texts");
}

static void whole_mail(void)
{
	struct td_prepare *mail = bench_mail(&b, ana, "hello", "k-whole", TD_CLASS_TRANSACTIONAL, "order-confirmation");
	struct td_dest     dests[] = { { .to = V("+12025550111"), .named = true },
		{ .to = V("+12025550111"), .named = true },
		{ .email = TD_VLIT("nobody@example.com") }, { .to = V("+442071838750"), .named = true, .direct = true } };
	struct td_view     emails[] = { TD_VLIT("Ana@Example.com"), TD_VLIT("b@example.com") };
	struct td_op      *op;

	mail->dests = (struct td_structs){ dests, 4 };
	mail->emails = (struct td_views){ emails, 2 };
	op = bench_call(&b, TD_V_PREPARE, mail, 1);
	is_int(op->err.status, TD_OK, "several at once: %s", op->err.text);
	is_int(bench_dest(op, 0)->verdict.verdict, TD_SEND, "the first goes");
	is_int(bench_dest(op, 1)->verdict.verdict, TD_DUPLICATE, "the same number again does not");
	is_view(bench_dest(op, 2)->verdict.reason, "no-number", "an address without a number");
	is_view(bench_dest(op, 3)->verdict.reason, "blocked-country", "a country that is not configured");
	like(td_arena_str(&b.arena, bench_dest(op, 3)->verdict.text), "***", "numbers are masked in its words");
	is_int(((const struct td_prepared *)op->out)->emails.n, 2, "each e-mail recipient is decided");
	is_int(((const struct td_verdict *)((const struct td_prepared *)op->out)->emails.v)->verdict, TD_SEND,
		"and may have it");
	is_str(bench_ask(&b,
		"SELECT count(*) FROM decision WHERE addr = 'email:nobody@example.com' AND reason = 'no-number'"), "1",
		"why is on record");
}

static void links(void)
{
	struct td_prepare *mail = bench_mail(&b, "+12025550120", "hello", "k-link", TD_CLASS_TRANSACTIONAL,
		"order-confirmation");
	struct td_view     email = TD_VLIT("Dora@Example.COM");
	struct td_dest     on_file = { .email = TD_VLIT("dora@example.com") };
	struct td_op      *op;

	mail->emails = (struct td_views){ &email, 1 };
	mail->link = true;
	is_int(bench_call(&b, TD_V_PREPARE, mail, 1)->err.status, TD_OK, "one recipient, one number: linked");
	mail = bench_mail(&b, "", "hello", "k-link-2", TD_CLASS_TRANSACTIONAL, "order-confirmation");
	mail->dests = (struct td_structs){ &on_file, 1 };
	op = bench_call(&b, TD_V_PREPARE, mail, 1);
	is_view(bench_dest(op, 0)->to, "+12025550120", "the number on file");
	is_int(bench_dest(op, 0)->verdict.verdict, TD_SEND, "which was given to us");
}

static void dry(void)
{
	struct td_prepare *mail = bench_mail(&b, "+12025550130", "hello", "k-dry", TD_CLASS_TRANSACTIONAL, "");
	struct td_op      *op;

	mail->dry_run = true;
	op = bench_call(&b, TD_V_PREPARE, mail, 1);
	is_int(bench_dest(op, 0)->verdict.verdict, TD_SEND, "a dry run decides");
	is_int(token_of(op).n + bench_dest(op, 0)->job.n, 0, "and makes nothing");
	is_str(bench_ask(&b, "SELECT count(*) FROM consent WHERE addr = 'tel:+12025550130'"), "0", "nor notes anything");
}

static void cancel(void)
{
	struct td_prepare *mail = bench_mail(&b, "+12025550140", "cart", "k-cart", TD_CLASS_CRITICAL, "cart-reminder");
	struct td_prepare *order = bench_mail(&b, "+12025550140", "order", "k-order", TD_CLASS_TRANSACTIONAL,
		"order-confirmation");
	struct td_view     job = bench_job(&b, mail);

	is_str(state_of(job), "2:", "a category's delay holds from activation on");
	order->event = TD_VLIT("purchase");
	bench_job(&b, order);
	is_str(state_of(job), "11:cancelled", "the order's event cancels it");
	mail = bench_mail(&b, "+12025550141", "later", "k-later", TD_CLASS_TRANSACTIONAL, "");
	mail->send_at = b.clock.value_ms + 1000000;
	job = bench_job(&b, mail);
	order = bench_mail(&b, "+12025550140", "order 2", "k-order-2", TD_CLASS_TRANSACTIONAL, "");
	order->cancel = TD_VLIT("k-later");
	is_int(((const struct td_prepared *)bench_call(&b, TD_V_PREPARE, order, 1)->out)->cancelled, 1, "X-Tandem-Cancel");
	is_str(state_of(job), "11:cancelled", "cancels what is held under the key");
}

static void self(void)
{
	struct td_none     none = { 0 };
	struct td_token   *token = (struct td_token *)bench_call(&b, TD_V_SELF, &none, 7)->out;
	struct td_prepare  mail = { .self = token->token };

	ok(token->token.n > 0, "a token for our own mail");
	ok(((const struct td_prepared *)bench_call(&b, TD_V_PREPARE, &mail, 1)->out)->self_ok, "is good");
	ok(!((const struct td_prepared *)bench_call(&b, TD_V_PREPARE, &mail, 1)->out)->self_ok, "once");
	mail.self = TD_VLIT("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
	ok(!((const struct td_prepared *)bench_call(&b, TD_V_PREPARE, &mail, 1)->out)->self_ok, "a forged one is not");
}

int main(void)
{
	td_log_open("store_jobs", "file:/dev/null", TD_LOG_INFO, false, NULL);
	bench_start(&b);
	spine();
	forged();
	keys();
	late_conflict();
	message_ids();
	times();
	retries();
	receipts();
	bad_numbers();
	carrier_optout();
	restart();
	whole_mail();
	links();
	dry();
	cancel();
	self();
	abandoned();
	bench_end(&b);
	return done_testing();
}
