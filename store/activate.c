/*
 * activate - from prepared to durable: the mail has left Postfix's hands for ours, and its jobs take their keys
 */
#include "job.h"
#include "token.h"
#include "verbs.h"

struct mail { /* a row of mail_get */
	struct td_view id, key, digest, message_id, category;
	bool           explicit, activated;
};

struct unit { /* one job on its way */
	struct td_job_row job;
	struct td_rows    taken;
};

/*
 * A key somebody has: the same message again, an error of the submitter's, or another message under a used Message-ID.
 */
static enum td_status contest(struct td_store *store, struct td_op *op, const struct mail *mail, struct unit *unit,
	struct td_job_end *end)
{
	struct td_rows rows;
	struct td_view alt;
	char           hex[33];

	if (td_run(store, op, TD_SQL_KEY_GET, &rows, td_str(store->conf->brand), td_text(mail->key), td_str("sms"),
		td_text(unit->job.addr)) || td_sync(store, op))
		return op->err.status;
	*end = (struct td_job_end){ .state = TD_JOB_DUPLICATE, .reason = TD_VLIT("duplicate"),
		.detail = td_op_text(op, "of job %.*s", TD_VARG(td_col_view(&rows, 0, 0))) };
	if (td_view_eq(td_col_view(&rows, 0, 1), mail->digest))
		return TD_OK;
	if (mail->explicit) {
		end->state = TD_FAILED;
		end->reason = TD_VLIT("idem-conflict");
		end->dsn = TD_VLIT("5.7.0");
		return TD_OK;
	}
	td_hex_encode(hex, mail->digest.p, 16);
	alt = td_op_text(op, "%.*s#%s", TD_VARG(mail->key), hex);
	if (td_run(store, op, TD_SQL_KEY_TAKE, &rows, td_str(store->conf->brand), td_text(alt), td_str("sms"),
		td_text(unit->job.addr),
		td_text(unit->job.id), td_blob(mail->digest.p, mail->digest.n), td_int(op->now_ms)) || td_sync(store, op))
		return op->err.status;
	if (rows.changed == 0)
		return TD_OK;
	end->state = 0;
	td_after_log(op, TD_LOG_WARNING,
		"job=%.*s: Message-ID %.*s was used before with other content: taken as a new message",
		TD_VARG(unit->job.id), TD_VARG(mail->message_id));
	return TD_OK;
}

static enum td_status take_keys(struct td_store *store, struct td_op *op, const struct mail *mail, struct unit *units,
	size_t n)
{
	for (size_t i = 0; i < n && mail->key.n; i++) {
		if (td_run(store, op, TD_SQL_KEY_TAKE, &units[i].taken, td_str(store->conf->brand), td_text(mail->key),
			td_str("sms"),
			td_text(units[i].job.addr), td_text(units[i].job.id), td_blob(mail->digest.p, mail->digest.n),
				td_int(op->now_ms)))
			return op->err.status;
	}
	return td_sync(store, op);
}

/* When the job may first go: what the mail asked for, else the category's delay from now on. */
static int64_t first_due(const struct td_store *store, const struct td_op *op, const struct td_job_row *job)
{
	const struct td_conf_category *category = td_conf_category(store->conf, job->category);

	if (job->due)
		return td_job_due(job->due, job->expires);
	return td_job_due(op->now_ms + (category ? category->delay_ms : 0), job->expires);
}

static enum td_status release(struct td_store *store, struct td_op *op, const struct mail *mail, struct unit *unit,
	bool *duplicate)
{
	const struct td_job_row *job = &unit->job;
	struct td_job_end        end = { .state = 0 };
	int64_t                  due;
	bool                     later;

	*duplicate = false;
	if (mail->key.n && unit->taken.changed == 0 && contest(store, op, mail, unit, &end))
		return op->err.status;
	if (end.state) {
		*duplicate = end.state == TD_JOB_DUPLICATE;
		td_after_log(op, TD_LOG_INFO, "activate: job=%.*s, message-id=%.*s, reason=%.*s (%.*s)", TD_VARG(job->id),
			TD_VARG(mail->message_id), TD_VARG(end.reason), TD_VARG(end.detail));
		return td_job_finish(store, op, job, &end);
	}
	due = first_due(store, op, job);
	later = due > op->now_ms;
	td_after_due(op, later ? due : op->now_ms);
	td_after_count(op, &store->count.activated);
	return td_run(store, op, TD_SQL_JOB_ACTIVATE, NULL, td_text(job->id), td_int(later ? TD_HELD : TD_READY),
		td_int(td_job_rank(job->cls)), td_int(later ? due : op->now_ms), td_int(op->now_ms));
}

static struct td_job_row row_of(const struct td_rows *rows, size_t i, struct td_view mail)
{
	struct td_job_row job = { .found = true, .id = td_col_view(rows, i, 0), .addr = td_col_view(rows, i, 1),
		.mail = mail,
		.cls = td_col_int(rows, i, 2), .category = td_col_view(rows, i, 3), .state = td_col_int(rows, i, 4),
		.due = td_col_int(rows, i, 5), .expires = td_col_int(rows, i, 6), .notify = td_col_int(rows, i, 7) };

	return job;
}

static enum td_status release_all(struct td_store *store, struct td_op *op, const struct mail *mail,
	const struct td_rows *jobs,
	struct td_activated *out)
{
	struct unit *units = TD_NEWN(op->arena, jobs->nrows, struct unit);
	size_t       n = 0, duplicates = 0;
	bool         duplicate;

	if (!units)
		return td_err_set(&op->err, TD_NOMEM, "request too large");
	for (size_t i = 0; i < jobs->nrows; i++) {
		units[n].job = row_of(jobs, i, mail->id);
		n += units[n].job.state == TD_PREPARED;
	}
	if (take_keys(store, op, mail, units, n))
		return op->err.status;
	for (size_t i = 0; i < n; i++) {
		if (release(store, op, mail, &units[i], &duplicate))
			return op->err.status;
		duplicates += duplicate;
	}
	out->duplicate = n > 0 && duplicates == n;
	return TD_OK;
}

enum td_status td_activate_mail(struct td_store *store, struct td_op *op, struct td_view id, struct td_view queue_id,
	struct td_activated *out)
{
	struct td_rows rows, jobs;
	struct mail    mail;

	if (td_run(store, op, TD_SQL_MAIL_GET, &rows, td_text(id)) ||
		td_run(store, op, TD_SQL_JOBS_OF_MAIL, &jobs, td_text(id)) ||
		td_sync(store, op))
		return op->err.status;
	if (rows.nrows == 0)
		return td_err_set(&op->err, TD_NOTFOUND, "no mail %.*s", TD_VARG(id));
	mail = (struct mail){ .id = id, .activated = td_col_int(&rows, 0, 0) != 0, .key = td_col_view(&rows, 0, 1),
		.explicit = td_col_int(&rows, 0, 2) != 0, .digest = td_col_view(&rows, 0, 3),
			.message_id = td_col_view(&rows, 0, 4) };
	out->job = td_col_view(&jobs, 0, 0);
	out->njobs = (int64_t)jobs.nrows;
	out->repeat = mail.activated;
	if (mail.activated)
		return TD_OK;
	if (jobs.nrows > 0 && td_col_int(&jobs, 0, 4) == TD_ABANDONED)
		return td_err_dsn(&op->err, TD_REFUSED, "5.4.7", "too late: job %.*s was abandoned", TD_VARG(out->job));
	if (release_all(store, op, &mail, &jobs, out))
		return op->err.status;
	return td_run(store, op, TD_SQL_MAIL_ACTIVATED, NULL, td_text(id), td_int(op->now_ms), td_text(queue_id));
}

/* No part of the transaction, which is undone: nothing was written that this line could contradict. */
static void alarm_unknown(struct td_store *store, struct td_view token)
{
	store->count.unknown_tokens++;
	td_error("token %.*s… is genuine but its mail is unknown: was an old backup restored?"
		" (the mail stays in Postfix's queue)",
		(int)(token.n < 8 ? token.n : 8), token.p);
}

static enum td_status activate(struct td_store *store, struct td_op *op)
{
	const struct td_token *in = op->in;
	struct td_view         mail;
	enum td_status         status;

	if (!td_mail_of_token(store, op, in->token, &mail))
		return td_err_dsn(&op->err, TD_NOTFOUND, "5.1.1", "no such token");
	status = td_activate_mail(store, op, mail, in->queue_id, op->out);
	if (status != TD_NOTFOUND)
		return status;
	alarm_unknown(store, in->token);
	return td_err_dsn(&op->err, TD_TEMPFAIL, "4.3.0", "token not known to the store");
}

/* Compliance passes every opt-out: it is this store's own, for answers to STOP and HELP. */
static enum td_status check_class(struct td_op *op, const struct td_prepare *in)
{
	if (in->cls < TD_CLASS_NONE || in->cls > TD_CLASS_CRITICAL)
		return td_err_dsn(&op->err, TD_REFUSED, "5.7.1", "class %lld is not for submitters", (long long)in->cls);
	return TD_OK;
}

static enum td_status prepare(struct td_store *store, struct td_op *op)
{
	if (check_class(op, op->in))
		return op->err.status;
	return td_prepare_mail(store, op, op->in, TD_VLIT(""), op->out);
}

static enum td_status submit(struct td_store *store, struct td_op *op)
{
	struct td_prepare in = *(const struct td_prepare *)op->in;

	if (check_class(op, op->in))
		return op->err.status;
	in.activate = true;
	return td_prepare_mail(store, op, &in, TD_VLIT(""), op->out);
}

static enum td_status self(struct td_store *store, struct td_op *op)
{
	struct td_token *out = op->out;
	unsigned char    id[TD_TOKEN_ID];
	char             token[TD_TOKEN_SIZE], hex[2 * TD_TOKEN_ID + 1];
	struct td_view   key;

	td_token_mint(token, store->secret, TD_TOKEN_SELF, id);
	td_hex_encode(hex, id, sizeof id);
	out->token = td_arena_dup(op->arena, td_view_str(token));
	key = td_arena_dup(op->arena, td_view_str(hex));
	return td_run(store, op, TD_SQL_SELF_INSERT, NULL, td_text(key), td_int(op->now_ms));
}

const struct td_verb_impl td_verbs_mail[] = {
	{ TD_V_PREPARE, &td_prepare_shape, &td_prepared_shape, prepare },
	{ TD_V_SUBMIT, &td_prepare_shape, &td_prepared_shape, submit },
	{ TD_V_ACTIVATE, &td_token_shape, &td_activated_shape, activate },
	{ TD_V_SELF, &td_none_shape, &td_token_shape, self },
	{ 0, NULL, NULL, NULL },
};
