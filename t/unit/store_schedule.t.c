/*
 * store_schedule - when a job may first and last go; what takes it back: its key, events of the person
 */
#include "store_bench.h"

static struct bench b;

#define MINUTE 60000LL
#define HOUR (60 * MINUTE)

static const char *row_of(struct td_view job)
{
	char sql[200];

	snprintf(sql, sizeof sql, "SELECT state || ' ' || reason FROM job WHERE id = '%.*s'", TD_VARG(job));
	return bench_ask(&b, sql);
}

/* "2 due expires": state, and times from now on in seconds. */
static const char *times_of(struct td_view job)
{
	char sql[300];

	snprintf(sql, sizeof sql,
		"SELECT state || ' ' || ((due - %lld) / 1000) || ' ' || ((expires - %lld) / 1000) FROM job WHERE id = '%.*s'",
		(long long)b.clock.value_ms, (long long)b.clock.value_ms, TD_VARG(job));
	return bench_ask(&b, sql);
}

static struct td_prepare *mail(const char *key, enum td_class cls, const char *category)
{
	return bench_mail(&b, "+12025550101", "text", key, cls, category);
}

static const char *begin(struct td_view job)
{
	bench_lease(&b, job, 7);
	return bench_begin_reason(&b, job, 7, false);
}

static struct td_view prepared(const struct td_prepare *in)
{
	struct td_op *op = bench_call(&b, TD_V_PREPARE, in, 1);

	if (op->err.status)
		bail_out("%s", op->err.text);
	return bench_dest(op, 0)->job;
}

/* At 22:13 UTC, when all of the United States may be sent to. */
static void defaults(void)
{
	b.categories[2].ttl_ms = -1;
	is_str(times_of(bench_job(&b, mail("d-1", TD_CLASS_SOLICITED, "otp"))), "3 0 600", "solicited: 10 minutes");
	is_str(times_of(bench_job(&b, mail("d-2", TD_CLASS_TRANSACTIONAL, ""))), "3 0 259200", "transactional: 72 hours");
	is_str(times_of(bench_job(&b, mail("d-3", TD_CLASS_SERVICE, ""))), "3 0 259200", "service: 72 hours");
	is_str(times_of(bench_job(&b, mail("d-4", TD_CLASS_CRITICAL, ""))), "3 0 259200", "critical: 72 hours");
	is_str(times_of(bench_job(&b, mail("d-5", TD_CLASS_CRITICAL, "cart-reminder"))), "2 1800 261000",
		"a category's delay; a default end runs from the first time");
	b.categories[2].ttl_ms = 24 * HOUR;
	is_str(times_of(bench_job(&b, mail("d-6", TD_CLASS_CRITICAL, "cart-reminder"))), "2 1800 88200",
		"a category's own end");
	b.categories[2].ttl_ms = -1;
}

static void headers(void)
{
	struct td_prepare *in = mail("h-1", TD_CLASS_CRITICAL, "cart-reminder");
	struct td_view     job;

	in->delay = 5000;
	is_str(times_of(bench_job(&b, in)), "2 5 259205", "Delay, in place of the category's");
	in = mail("h-2", TD_CLASS_TRANSACTIONAL, "");
	in->send_at = b.clock.value_ms + 60000;
	in->delay = 5000;
	is_str(times_of(bench_job(&b, in)), "2 60 259260", "Send-At and Delay: the later");
	in = mail("h-3", TD_CLASS_TRANSACTIONAL, "");
	in->send_at = b.clock.value_ms - 60000;
	is_str(times_of(bench_job(&b, in)), "3 0 259200", "a Send-At that is past: now");
	in = mail("h-4", TD_CLASS_TRANSACTIONAL, "");
	in->delay = 60000;
	in->expires = b.clock.value_ms + 30000;
	job = bench_job(&b, in);
	is_str(times_of(job), "2 30 30", "what ends before it may go is looked at then");
	b.clock.value_ms += 30000;
	is_str(begin(job), "expired", "and ended");
	is_str(row_of(job), "9 expired", "FAILED, expired");
}

/* Due times are of the wall clock. */
static void jumps(void)
{
	struct td_prepare *in = mail("j-1", TD_CLASS_TRANSACTIONAL, "");
	int64_t            start = b.clock.value_ms;
	struct td_view     job, old;

	in->delay = HOUR;
	job = bench_job(&b, in);
	b.clock.value_ms = start - 10 * 24 * HOUR;
	is_str(times_of(job), "2 867600 1126800", "ten days back: it waits ten days more");
	old = bench_job(&b, mail("j-2", TD_CLASS_TRANSACTIONAL, ""));
	is_str(begin(old), "ok", "what comes meanwhile goes");
	b.clock.value_ms = start + HOUR;
	is_str(begin(job), "ok", "right again: it goes at its time");
	in = mail("j-3", TD_CLASS_TRANSACTIONAL, "");
	in->delay = HOUR;
	job = bench_job(&b, in);
	b.clock.value_ms += 400 * 24 * HOUR;
	is_str(begin(job), "expired", "a year ahead: it is too late for it");
}

static void keys(void)
{
	struct td_prepare *in = mail("c-1", TD_CLASS_TRANSACTIONAL, "");
	struct td_prepare *other = bench_mail(&b, "+12025550109", "other", "c-2", TD_CLASS_TRANSACTIONAL, "");
	struct td_op      *op;
	struct td_view     job, waiting, gone;
	struct td_token    token;

	in->delay = HOUR;
	job = bench_job(&b, in);
	op = bench_call(&b, TD_V_PREPARE, bench_mail(&b, "+12025550110", "late", "c-1", TD_CLASS_TRANSACTIONAL, ""), 1);
	waiting = bench_dest(op, 0)->job;
	token.token = ((const struct td_prepared *)op->out)->token;
	gone = bench_job(&b, bench_mail(&b, "+12025550111", "x", "c-1", TD_CLASS_TRANSACTIONAL, ""));
	is_str(begin(gone), "ok", "one of them has been handed over");
	other->cancel = TD_VLIT("c-1");
	is_int(((const struct td_prepared *)bench_call(&b, TD_V_PREPARE, other, 1)->out)->cancelled, 2,
		"Cancel: what waits under the key, for every address");
	is_str(row_of(job), "11 cancelled", "held");
	is_str(row_of(waiting), "11 cancelled", "and prepared, its mail still on the way");
	is_str(row_of(gone), "4 ", "what was handed over is not taken back");
	is_int(bench_call(&b, TD_V_ACTIVATE, &token, 2)->err.status, TD_OK, "the mail arrives: success");
	is_str(row_of(waiting), "11 cancelled", "and nothing is sent");
	is_str(begin(job), "lost", "who had claimed it cannot begin");
}

static struct td_view reminder(const char *key, const char *number, const char *email, bool activate)
{
	struct td_prepare *in = bench_mail(&b, number, "your cart", key, TD_CLASS_CRITICAL, "cart-reminder");

	((struct td_dest *)in->dests.v)->email = V(email);
	return activate ? bench_job(&b, in) : prepared(in);
}

static void purchase(const char *who)
{
	struct td_happening event = { V(who), TD_VLIT("Purchase") };

	if (bench_call(&b, TD_V_EVENT, &event, 1)->err.status)
		bail_out("the event was not taken");
}

static void events(void)
{
	struct td_prepare *order = bench_mail(&b, "+12025550120", "thanks", "e-order", TD_CLASS_TRANSACTIONAL,
		"order-confirmation");
	struct td_link     link = { TD_VLIT("lea@example.com"), TD_VLIT("+12025550121"), TD_VLIT("app") };
	struct td_view     unlinked = reminder("e-1", "+12025550120", "kim@example.com", true);
	struct td_view     on_its_way = reminder("e-2", "+12025550120", "kim@example.com", false);
	struct td_view     stranger = reminder("e-3", "+12025550122", "moe@example.com", true);
	struct td_view     later, linked, confirmation;
	struct td_prepare *slow = bench_mail(&b, "+12025550120", "x", "e-4", TD_CLASS_TRANSACTIONAL, "order-confirmation");

	slow->delay = HOUR;
	later = bench_job(&b, slow);
	((struct td_dest *)order->dests.v)->email = TD_VLIT("KIM@Example.com");
	order->event = TD_VLIT("purchase");
	confirmation = bench_job(&b, order);
	is_str(row_of(unlinked), "11 cancelled", "an event stops what was for that e-mail address, number linked or not");
	is_str(row_of(on_its_way), "11 cancelled", "also what is on its way");
	is_str(row_of(stranger), "2 ", "nobody else's");
	is_str(row_of(later), "2 ", "and no other category");
	is_str(row_of(confirmation), "3 ", "the order confirmation itself goes");

	bench_call(&b, TD_V_LINK, &link, 1);
	linked = reminder("e-5", "+12025550121", "", true);
	purchase("lea@example.com");
	is_str(row_of(linked), "11 cancelled", "of a linked number");
	linked = reminder("e-6", "+12025550123", "lea@example.com", true);
	purchase("+12025550121");
	is_str(row_of(linked), "11 cancelled", "an event of the number stops what is for the e-mail address");
	is_str(bench_ask(&b, "SELECT count(*) || ' ' || count(DISTINCT person) FROM happening WHERE person <> ''"), "2 1",
		"events keep whose they were");
	is_str(bench_ask(&b, "SELECT name FROM happening WHERE addr = 'email:kim@example.com'"), "purchase",
		"also of who is nobody's: they count as conversions");
}

/* STOP while it waits, a pause, a number that is found dead: the whole decision runs again. */
static void again(void)
{
	struct td_prepare *in = bench_mail(&b, "+12025550130", "x", "a-1", TD_CLASS_TRANSACTIONAL, "");
	struct td_view     job;

	in->delay = MINUTE;
	job = bench_job(&b, in);
	bench_inbound(&b, "+12025550130", "STOP", "a-in");
	b.clock.value_ms += MINUTE;
	is_str(begin(job), "optout", "STOP while it waits: not sent");
	is_str(row_of(job), "9 optout", "FAILED, optout");
}

int main(void)
{
	bench_start(&b);
	defaults();
	headers();
	keys();
	events();
	again();
	jumps();
	bench_end(&b);
	return done_testing();
}
