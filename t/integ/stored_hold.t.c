/*
 * stored_hold - what waits for its time: it survives kill -9, goes at its time and not before, and is judged again then
 */
#include <time.h>

#include "stored_box.h"

#define ANA "+12025550101"

static struct box b;

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

/* Prepares an SMS that may go in `delay` ms, activates it; its id. */
static struct td_view held(const char *number, const char *key, enum td_class cls, int64_t delay, int64_t expires)
{
	struct td_dest      dest = { .to = td_view_str(number), .named = true };
	struct td_prepare   mail = { .submitter = TD_VLIT("shop"), .sender = TD_VLIT("shop@example.com"), .cls = cls,
		.key = td_view_str(key), .content = { .text = TD_VLIT("hello") }, .dests = { &dest, 1 }, .delay = delay,
		.expires = expires };
	struct td_prepared  out;
	struct td_activated activated;
	struct td_view      job, token;

	if (box_call(&b, BOX_MILTER, TD_V_PREPARE, &td_prepare_shape, &mail, &td_prepared_shape, &out) || out.dests.n != 1)
		bail_out("prepare: %s", b.err.text);
	job = box_keep(&b, ((const struct td_prepared_dest *)out.dests.v)->job);
	token = box_keep(&b, out.token);
	if (box_activate(&b, token, &activated))
		bail_out("activate: %s", b.err.text);
	return job;
}

/* The next one that is due. */
static bool comes(struct td_view job, int64_t wait_ms)
{
	struct td_job *jobs;

	return box_claim(&b, 10, wait_ms, &jobs) == 1 && td_view_eq(jobs[0].id, job);
}

static void on_time(void)
{
	int64_t        start = now_ms();
	struct td_view job = held(ANA, "on-time", TD_CLASS_TRANSACTIONAL, 1500, 0);
	struct td_job *jobs;

	is_int(box_claim(&b, 10, 0, &jobs), 0, "held: not due");
	ok(comes(job, 20000), "it comes to who waits for it");
	ok(now_ms() >= start + 1500, "not before its time");
	note("%lld ms after it", (long long)(now_ms() - start - 1500));
	is_int(box_begin(&b, job, false, NULL), TD_SEND, "and goes");
	is_int(box_settle(&b, job, TD_OUT_ACCEPTED, "SM-1"), TD_ACCEPTED, "once");
}

/* Killed while it waits, as soon as its activation was answered: it is there, with its time. */
static void killed(void)
{
	for (int i = 0; i < 5; i++) {
		char           key[32];
		int64_t        start = now_ms();
		struct td_view job;
		struct td_job *jobs;

		snprintf(key, sizeof key, "killed-%d", i);
		job = held(ANA, key, TD_CLASS_TRANSACTIONAL, 1000, 0);
		usleep((unsigned)i * 20000);
		box_stop(&b, SIGKILL);
		box_start(&b);
		ok(comes(job, 20000), "kill -9 while it waits: it comes");
		ok(now_ms() >= start + 1000, "not before its time");
		is_int(box_begin(&b, job, false, NULL), TD_SEND, "goes");
		is_int(box_settle(&b, job, TD_OUT_ACCEPTED, "SM-2"), TD_ACCEPTED, "once");
		is_int(box_claim(&b, 10, 0, &jobs), 0, "and not again");
	}
}

static void rules(const char *rows)
{
	char text[200];

	snprintf(text, sizeof text, "region,days,open,close,classes,holidays,source,reviewed\n%s", rows);
	box_write(box_path(&b, "hours.csv"), text, 0644);
}

/* Quiet hours that close while it waits hold it on, over a kill, until an operator has it tried again. */
static void closed(void)
{
	static struct td_pair pair;
	struct td_args        args = { { &pair, 1 } };
	struct td_doc         doc;
	struct td_view        job = held(ANA, "closed", TD_CLASS_SERVICE, 1000, 0), reason = TD_VLIT("");
	time_t                now = now_ms() / 1000;
	struct tm             tm;
	char                  row[80];
	struct td_job        *jobs;

	/* A window of a minute, some hours from now. */
	gmtime_r(&now, &tm);
	snprintf(row, sizeof row, "*,,%02d:00,%02d:01,,,,\n", (tm.tm_hour + 5) % 24, (tm.tm_hour + 5) % 24);
	rules(row);
	box_stop(&b, SIGKILL);
	box_start(&b);
	ok(comes(job, 20000), "rules that changed while it waited");
	is_int(box_begin(&b, job, false, &reason), TD_HOLD, "hold it");
	is_view(reason, "quiet-hours", "for the hour");
	box_stop(&b, SIGKILL);
	rules("*,,00:00,24:00,,,,\n");
	box_start(&b);
	is_int(box_claim(&b, 10, 0, &jobs), 0, "its time stays when the rules change again");
	pair = (struct td_pair){ TD_VLIT("id"), job };
	is_int(box_call(&b, BOX_ADMIN, TD_V_JOB_RETRY, &td_args_shape, &args, &td_doc_shape, &doc), TD_OK, "retry: %s",
		b.err.text);
	ok(comes(job, 20000), "makes it due");
	is_int(box_begin(&b, job, false, NULL), TD_SEND, "and it goes");
	is_int(box_settle(&b, job, TD_OUT_ACCEPTED, "SM-3"), TD_ACCEPTED, "once");
}

/* What was said and what expired while it waited counts. */
static void judged_again(void)
{
	struct td_view     job = held(ANA, "stopped", TD_CLASS_TRANSACTIONAL, 700, 0), reason = TD_VLIT("");
	struct td_answered answered;

	is_int(box_inbound(&b, ANA, "STOP", "in-1", &answered), TD_OK, "STOP while it waits");
	box_stop(&b, SIGKILL);
	box_start(&b);
	for (int i = 0; i < 3; i++) { /* the confirmation comes first */
		struct td_job *jobs;

		if (box_claim(&b, 1, 20000, &jobs) == 1 && td_view_eq(jobs[0].id, job))
			break;
	}
	is_int(box_begin(&b, job, false, &reason), TD_DENY, "is obeyed, after a kill too");
	is_view(reason, "optout", "for the reason");
	job = held("+12025550102", "expired", TD_CLASS_CRITICAL, 60000, now_ms() + 700);
	ok(comes(job, 20000), "what ends before its time comes at its end");
	is_int(box_begin(&b, job, false, &reason), TD_DROP, "is dropped");
	is_view(reason, "expired", "as expired");
}

int main(int argc, char **argv)
{
	(void)argc;
	box_init(&b, argv[0]);
	box_start(&b);
	on_time();
	killed();
	closed();
	judged_again();
	box_end(&b);
	return done_testing();
}
