/*
 * report - mails the reports that claimed jobs ask for
 *
 * A report that sendmail does not take stays here, leased, and is tried again: the store has no waiting for reports.
 */
#include "report.h"

#include <stdio.h>
#include <string.h>

#include "children.h"
#include "smsd.h"

#define SELF_TIMEOUT_MS 30000
#define SENDMAIL_TIMEOUT_MS 60000
#define RETRY_MS 30000
#define REPORT_BYTES 65536

static void later(struct job *job, const char *why)
{
	smsd_trouble(job->smsd, "job=%.*s: the report to its sender waits: %s", TD_VARG(job->pub.id), why);
	if (!job->retry_ms)
		job->smsd->nwaiting_reports++;
	job->retry_ms = td_mono_ms(job->smsd->clock) + RETRY_MS;
}

static void mailed(void *arg, const struct td_err *err)
{
	struct job *job = arg;

	job->asking = false;
	if (err)
		later(job, err->text);
	else
		settle_job(job, TD_OUT_REPORTED, NULL, NULL, NULL, 0);
}

static void mail(struct job *job, struct td_view self)
{
	struct smsd *smsd = job->smsd;
	const char *sender = td_arena_str(&job->arena, job->pub.sender);
	const char *more[] = { "-f", "<>", "--", sender, NULL };
	struct td_buf text;

	td_buf_init(&text, REPORT_BYTES);
	report_write(smsd->conf, &job->pub, self, td_now_ms(smsd->clock), &text);
	if (td_buf_ok(&text) && sender) {
		job->asking = true;
		children_run(smsd->children, &smsd->conf->smsd.sendmail, more, td_buf_view(&text), SENDMAIL_TIMEOUT_MS, mailed,
			job);
	} else {
		later(job, "out of memory");
	}
	td_buf_free(&text);
}

static void got_self(void *arg, const struct td_msg *msg, const struct td_err *err)
{
	struct job *job = arg;
	struct td_token self;
	struct td_err bad;

	job->asking = false;
	if (!msg)
		later(job, err->text);
	else if (td_shape_decode(&td_token_shape, msg->body, &self, &job->arena, &bad))
		later(job, bad.text);
	else
		mail(job, self.token);
}

void report_job(struct job *job)
{
	struct smsd *smsd = job->smsd;

	job->phase = JOB_REPORT;
	if (!job->pub.sender.n) {
		/* Nobody to tell: the null sender's mail, or one of our own. */
		settle_job(job, TD_OUT_REPORTED, NULL, "no sender", NULL, 0);
		return;
	}
	job->asking = true;
	td_peer_call(smsd->store, TD_V_SELF, &td_none_shape, &(struct td_none){ 0 }, SELF_TIMEOUT_MS, true, got_self, job);
}

void report_tick(struct smsd *smsd)
{
	int64_t now = td_mono_ms(smsd->clock);

	for (size_t i = 0; smsd->nwaiting_reports && !smsd->draining && i < JOB_BUCKETS; i++) {
		struct job *job, *next;

		for (job = smsd->jobs[i]; job; job = next) {
			next = job->next;
			if (job->phase != JOB_REPORT || !job->retry_ms || job->retry_ms > now)
				continue;
			job->retry_ms = 0;
			smsd->nwaiting_reports--;
			if (job->leased)
				report_job(job);
			else
				job_free(job); /* the store gives it out again */
		}
	}
}
