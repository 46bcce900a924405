/*
 * proto - tables of the verbs and of the structs they carry
 *
 * A tag, once given to a member, keeps its meaning for ever: add rows, never renumber.
 */
#include "proto.h"

#define FIELD(type, tag, kind, member) { (tag), TD_F_##kind, offsetof(struct type, member), NULL, #member }
#define NEST(type, tag, kind, member, inner) \
	{ (tag), TD_F_##kind, offsetof(struct type, member), &inner##_shape, #member }
#define SHAPE(type, rows) { #type, sizeof(struct type), rows, sizeof(rows) / sizeof(*(rows)) }

const struct td_shape td_none_shape = { "none", sizeof(struct td_none), NULL, 0 };

static const struct td_field pong_fields[] = {
	FIELD(td_pong, 1, VIEW, program),
	FIELD(td_pong, 2, VIEW, version),
};
const struct td_shape td_pong_shape = SHAPE(td_pong, pong_fields);

static const struct td_field pair_fields[] = {
	FIELD(td_pair, 1, VIEW, name),
	FIELD(td_pair, 2, VIEW, value),
};
const struct td_shape td_pair_shape = SHAPE(td_pair, pair_fields);

static const struct td_field verdict_fields[] = {
	FIELD(td_verdict, 1, I64, verdict),
	FIELD(td_verdict, 2, VIEW, reason),
	FIELD(td_verdict, 3, VIEW, rule),
	FIELD(td_verdict, 4, VIEW, event),
	FIELD(td_verdict, 5, I64, until),
	FIELD(td_verdict, 6, VIEW, text),
	FIELD(td_verdict, 7, I64, action),
};
const struct td_shape td_verdict_shape = SHAPE(td_verdict, verdict_fields);

static const struct td_field query_fields[] = {
	FIELD(td_query, 1, VIEW, address),
	FIELD(td_query, 2, VIEW, channel),
	FIELD(td_query, 3, I64, cls),
	FIELD(td_query, 4, VIEW, category),
	FIELD(td_query, 5, VIEW, submitter),
	FIELD(td_query, 6, BOOL, by_email),
	FIELD(td_query, 7, BOOL, hard),
};
const struct td_shape td_query_shape = SHAPE(td_query, query_fields);

static const struct td_field content_fields[] = {
	FIELD(td_content, 1, VIEW, text),
	FIELD(td_content, 2, VIEW, template),
	FIELD(td_content, 3, VIEW, body),
	FIELD(td_content, 4, VIEW, subject),
	NEST(td_content, 5, STRUCTS, vars, td_pair),
	FIELD(td_content, 6, VIEW, locale),
	FIELD(td_content, 7, I64, max_segments),
};
const struct td_shape td_content_shape = SHAPE(td_content, content_fields);

static const struct td_field attrs_fields[] = {
	NEST(td_attrs, 1, STRUCTS, pairs, td_pair),
};
const struct td_shape td_attrs_shape = SHAPE(td_attrs, attrs_fields);

static const struct td_field dest_fields[] = {
	FIELD(td_dest, 1, VIEW, to),
	FIELD(td_dest, 2, VIEW, email),
	FIELD(td_dest, 3, BOOL, direct),
	FIELD(td_dest, 4, BOOL, named),
	FIELD(td_dest, 5, I64, notify),
};
const struct td_shape td_dest_shape = SHAPE(td_dest, dest_fields);

static const struct td_field prepare_fields[] = {
	FIELD(td_prepare, 1, VIEW, submitter),
	FIELD(td_prepare, 2, VIEW, sender),
	FIELD(td_prepare, 3, VIEW, reply_to),
	FIELD(td_prepare, 4, VIEW, message_id),
	FIELD(td_prepare, 5, VIEW, envid),
	FIELD(td_prepare, 6, VIEW, queue_id),
	FIELD(td_prepare, 7, I64, cls),
	FIELD(td_prepare, 8, VIEW, category),
	FIELD(td_prepare, 9, VIEW, key),
	FIELD(td_prepare, 10, VIEW, from),
	FIELD(td_prepare, 11, VIEW, route),
	FIELD(td_prepare, 12, VIEW, tz),
	FIELD(td_prepare, 13, I64, send_at),
	FIELD(td_prepare, 14, I64, delay),
	FIELD(td_prepare, 15, I64, expires),
	NEST(td_prepare, 16, STRUCT, content, td_content),
	NEST(td_prepare, 17, STRUCTS, dests, td_dest),
	FIELD(td_prepare, 18, VIEWS, emails),
	FIELD(td_prepare, 19, BOOL, activate),
	FIELD(td_prepare, 20, BOOL, link),
	FIELD(td_prepare, 21, BOOL, dry_run),
	FIELD(td_prepare, 22, VIEW, cancel),
	FIELD(td_prepare, 23, VIEW, event),
	FIELD(td_prepare, 24, VIEW, self),
	FIELD(td_prepare, 25, BOOL, lone),
};
const struct td_shape td_prepare_shape = SHAPE(td_prepare, prepare_fields);

static const struct td_field prepared_dest_fields[] = {
	FIELD(td_prepared_dest, 1, VIEW, job),
	FIELD(td_prepared_dest, 2, VIEW, to),
	NEST(td_prepared_dest, 3, STRUCT, verdict, td_verdict),
	NEST(td_prepared_dest, 4, STRUCTS, attrs, td_pair),
};
const struct td_shape td_prepared_dest_shape = SHAPE(td_prepared_dest, prepared_dest_fields);

static const struct td_field prepared_fields[] = {
	FIELD(td_prepared, 1, VIEW, token),
	NEST(td_prepared, 2, STRUCTS, dests, td_prepared_dest),
	NEST(td_prepared, 3, STRUCTS, emails, td_verdict),
	FIELD(td_prepared, 4, BOOL, self_ok),
	FIELD(td_prepared, 5, I64, cancelled),
	FIELD(td_prepared, 6, VIEW, unsubscribe),
};
const struct td_shape td_prepared_shape = SHAPE(td_prepared, prepared_fields);

static const struct td_field link_fields[] = {
	FIELD(td_link, 1, VIEW, a),
	FIELD(td_link, 2, VIEW, b),
	FIELD(td_link, 3, VIEW, source),
};
const struct td_shape td_link_shape = SHAPE(td_link, link_fields);

static const struct td_field happening_fields[] = {
	FIELD(td_happening, 1, VIEW, address),
	FIELD(td_happening, 2, VIEW, name),
};
const struct td_shape td_happening_shape = SHAPE(td_happening, happening_fields);

static const struct td_field token_fields[] = {
	FIELD(td_token, 1, VIEW, token),
	FIELD(td_token, 2, VIEW, queue_id),
};
const struct td_shape td_token_shape = SHAPE(td_token, token_fields);

static const struct td_field activated_fields[] = {
	FIELD(td_activated, 1, VIEW, job),
	FIELD(td_activated, 2, I64, njobs),
	FIELD(td_activated, 3, BOOL, repeat),
	FIELD(td_activated, 4, BOOL, duplicate),
};
const struct td_shape td_activated_shape = SHAPE(td_activated, activated_fields);

static const struct td_field claim_fields[] = {
	FIELD(td_claim, 1, I64, max),
	FIELD(td_claim, 2, I64, wait_ms),
	FIELD(td_claim, 3, BOOL, urgent),
};
const struct td_shape td_claim_shape = SHAPE(td_claim, claim_fields);

static const struct td_field job_fields[] = {
	FIELD(td_job, 1, VIEW, id),
	FIELD(td_job, 2, VIEW, to),
	FIELD(td_job, 3, VIEW, from),
	FIELD(td_job, 4, I64, cls),
	FIELD(td_job, 5, VIEW, category),
	FIELD(td_job, 6, VIEW, submitter),
	NEST(td_job, 7, STRUCT, content, td_content),
	NEST(td_job, 8, STRUCTS, attrs, td_pair),
	FIELD(td_job, 9, I64, state),
	FIELD(td_job, 10, I64, attempt),
	FIELD(td_job, 11, I64, accepted_at),
	FIELD(td_job, 12, I64, expires),
	FIELD(td_job, 13, VIEW, provider),
	FIELD(td_job, 14, VIEW, reference),
	FIELD(td_job, 15, VIEW, provider_id),
	FIELD(td_job, 16, I64, report),
	FIELD(td_job, 17, VIEW, sender),
	FIELD(td_job, 18, VIEW, message_id),
	FIELD(td_job, 19, VIEW, envid),
	FIELD(td_job, 20, VIEW, queue_id),
	FIELD(td_job, 21, VIEW, reason),
	FIELD(td_job, 22, VIEW, detail),
	FIELD(td_job, 23, VIEW, dsn),
	FIELD(td_job, 24, VIEW, tz),
};
const struct td_shape td_job_shape = SHAPE(td_job, job_fields);

static const struct td_field claimed_fields[] = {
	NEST(td_claimed, 1, STRUCTS, jobs, td_job),
};
const struct td_shape td_claimed_shape = SHAPE(td_claimed, claimed_fields);

static const struct td_field begin_item_fields[] = {
	FIELD(td_begin_item, 1, VIEW, job),
	FIELD(td_begin_item, 2, VIEW, provider),
	FIELD(td_begin_item, 3, VIEW, encoding),
	FIELD(td_begin_item, 4, I64, segments),
	FIELD(td_begin_item, 5, BOOL, resume),
};
const struct td_shape td_begin_item_shape = SHAPE(td_begin_item, begin_item_fields);

static const struct td_field begin_fields[] = {
	NEST(td_begin, 1, STRUCTS, items, td_begin_item),
};
const struct td_shape td_begin_shape = SHAPE(td_begin, begin_fields);

static const struct td_field begun_item_fields[] = {
	NEST(td_begun_item, 1, STRUCT, verdict, td_verdict),
	FIELD(td_begun_item, 2, VIEW, reference),
};
const struct td_shape td_begun_item_shape = SHAPE(td_begun_item, begun_item_fields);

static const struct td_field begun_fields[] = {
	NEST(td_begun, 1, STRUCTS, items, td_begun_item),
};
const struct td_shape td_begun_shape = SHAPE(td_begun, begun_fields);

static const struct td_field settle_item_fields[] = {
	FIELD(td_settle_item, 1, VIEW, job),
	FIELD(td_settle_item, 2, I64, outcome),
	FIELD(td_settle_item, 3, VIEW, provider_id),
	FIELD(td_settle_item, 4, VIEW, reason),
	FIELD(td_settle_item, 5, VIEW, detail),
	FIELD(td_settle_item, 6, VIEW, dsn),
	FIELD(td_settle_item, 7, I64, due),
	FIELD(td_settle_item, 8, I64, segments),
};
const struct td_shape td_settle_item_shape = SHAPE(td_settle_item, settle_item_fields);

static const struct td_field settle_fields[] = {
	NEST(td_settle, 1, STRUCTS, items, td_settle_item),
};
const struct td_shape td_settle_shape = SHAPE(td_settle, settle_fields);

static const struct td_field settled_item_fields[] = {
	FIELD(td_settled_item, 1, I64, state),
};
const struct td_shape td_settled_item_shape = SHAPE(td_settled_item, settled_item_fields);

static const struct td_field settled_fields[] = {
	NEST(td_settled, 1, STRUCTS, items, td_settled_item),
};
const struct td_shape td_settled_shape = SHAPE(td_settled, settled_fields);

static const struct td_field receipt_fields[] = {
	FIELD(td_receipt, 1, VIEW, provider),
	FIELD(td_receipt, 2, VIEW, id),
	FIELD(td_receipt, 3, I64, state),
	FIELD(td_receipt, 4, VIEW, code),
	FIELD(td_receipt, 5, I64, at),
	FIELD(td_receipt, 6, VIEW, mark),
	FIELD(td_receipt, 7, BOOL, bad_number),
};
const struct td_shape td_receipt_shape = SHAPE(td_receipt, receipt_fields);

static const struct td_field inbound_fields[] = {
	FIELD(td_inbound, 1, VIEW, provider),
	FIELD(td_inbound, 2, VIEW, id),
	FIELD(td_inbound, 3, VIEW, from),
	FIELD(td_inbound, 4, VIEW, to),
	FIELD(td_inbound, 5, VIEW, text),
	FIELD(td_inbound, 6, I64, at),
	FIELD(td_inbound, 7, VIEW, mark),
};
const struct td_shape td_inbound_shape = SHAPE(td_inbound, inbound_fields);

static const struct td_field answered_fields[] = {
	FIELD(td_answered, 1, VIEW, action),
	FIELD(td_answered, 2, BOOL, changed),
	FIELD(td_answered, 3, VIEW, job),
};
const struct td_shape td_answered_shape = SHAPE(td_answered, answered_fields);

static const struct td_field mark_fields[] = {
	FIELD(td_mark, 1, VIEW, provider),
	FIELD(td_mark, 2, VIEW, mark),
};
const struct td_shape td_mark_shape = SHAPE(td_mark, mark_fields);

static const struct td_field args_fields[] = {
	NEST(td_args, 1, STRUCTS, args, td_pair),
};
const struct td_shape td_args_shape = SHAPE(td_args, args_fields);

static const struct td_field doc_fields[] = {
	FIELD(td_doc, 1, VIEW, json),
};
const struct td_shape td_doc_shape = SHAPE(td_doc, doc_fields);

static const struct td_field raw_mail_fields[] = {
	FIELD(td_raw_mail, 1, VIEWS, recipients),
	FIELD(td_raw_mail, 2, VIEW, sender),
	FIELD(td_raw_mail, 3, VIEW, queue_id),
	FIELD(td_raw_mail, 4, VIEW, client_address),
	FIELD(td_raw_mail, 5, VIEW, sasl_username),
	FIELD(td_raw_mail, 6, VIEW, mail),
	FIELD(td_raw_mail, 7, VIEWS, notify),
	FIELD(td_raw_mail, 8, VIEW, envid),
};
const struct td_shape td_raw_mail_shape = SHAPE(td_raw_mail, raw_mail_fields);

static const struct td_field webhook_fields[] = {
	FIELD(td_webhook, 1, VIEW, provider),
	FIELD(td_webhook, 2, VIEW, method),
	FIELD(td_webhook, 3, VIEW, url),
	FIELD(td_webhook, 4, VIEW, path),
	FIELD(td_webhook, 5, VIEW, query),
	NEST(td_webhook, 6, STRUCTS, headers, td_pair),
	FIELD(td_webhook, 7, VIEW, body),
	FIELD(td_webhook, 8, VIEW, peer),
};
const struct td_shape td_webhook_shape = SHAPE(td_webhook, webhook_fields);

static const struct td_field web_answer_fields[] = {
	FIELD(td_web_answer, 1, I64, status),
	FIELD(td_web_answer, 2, VIEW, type),
	FIELD(td_web_answer, 3, VIEW, body),
};
const struct td_shape td_web_answer_shape = SHAPE(td_web_answer, web_answer_fields);

enum { MILTER = TD_ROLE_MILTER, SMSD = TD_ROLE_SMSD, WEB = TD_ROLE_WEB, ADMIN = TD_ROLE_ADMIN, PIPE = TD_ROLE_PIPE };

const struct td_verb_row td_verbs[] = {
	{ TD_V_PING, "ping", false, MILTER | SMSD | WEB | ADMIN, false },
	{ TD_V_DECIDE, "decide", false, MILTER | ADMIN, false },
	{ TD_V_PREPARE, "prepare", false, MILTER | ADMIN, true },
	{ TD_V_LINK, "link", false, MILTER | ADMIN, true },
	{ TD_V_EVENT, "event", false, MILTER | ADMIN, true },
	{ TD_V_ACTIVATE, "activate", false, SMSD | ADMIN, true },
	{ TD_V_CLAIM, "claim", false, SMSD | ADMIN, false },
	{ TD_V_BEGIN, "begin", false, SMSD | ADMIN, true },
	{ TD_V_SETTLE, "settle", false, SMSD | ADMIN, true },
	{ TD_V_RECEIPT, "receipt", false, SMSD | ADMIN, true },
	{ TD_V_INBOUND, "inbound", false, SMSD | ADMIN, true },
	{ TD_V_SUBMIT, "submit", false, SMSD | ADMIN, true },
	{ TD_V_SELF, "self", false, SMSD | ADMIN, true },
	{ TD_V_MARK, "mark", false, SMSD | ADMIN, false },
	{ TD_V_MARK_PUT, "mark-put", false, SMSD | ADMIN, true },
	{ TD_V_STATUS, "status", false, ADMIN, false },
	{ TD_V_PERSON_SHOW, "person-show", false, ADMIN, false },
	{ TD_V_PERSON_LINK, "person-link", false, ADMIN, true },
	{ TD_V_PERSON_UNLINK, "person-unlink", false, ADMIN, true },
	{ TD_V_PERSON_SET, "person-set", false, ADMIN, true },
	{ TD_V_CONSENT_IN, "consent-in", false, ADMIN, true },
	{ TD_V_CONSENT_OUT, "consent-out", false, ADMIN, true },
	{ TD_V_CONSENT_SHOW, "consent-show", false, ADMIN, false },
	{ TD_V_CONSENT_LOG, "consent-log", false, ADMIN, false },
	{ TD_V_SUPPRESS_ADD, "suppress-add", false, ADMIN, true },
	{ TD_V_SUPPRESS_REMOVE, "suppress-remove", false, ADMIN, true },
	{ TD_V_SUPPRESS_LIST, "suppress-list", false, ADMIN, false },
	{ TD_V_JOBS, "jobs", false, ADMIN, false },
	{ TD_V_JOB_SHOW, "job-show", false, ADMIN, false },
	{ TD_V_JOB_CANCEL, "job-cancel", false, ADMIN, true },
	{ TD_V_JOB_RETRY, "job-retry", false, ADMIN, true },
	{ TD_V_JOB_HOLD, "job-hold", false, ADMIN, true },
	{ TD_V_WHY, "why", false, ADMIN, false },
	{ TD_V_EXPLAIN, "explain", false, ADMIN, false },
	{ TD_V_SEND, "send", false, ADMIN, true },
	{ TD_V_CANCEL, "cancel", false, ADMIN, true },
	{ TD_V_PIPE_ACTIVATE, "pipe-activate", true, PIPE | ADMIN, true },
	{ TD_V_PIPE_SUBMIT, "pipe-submit", true, PIPE | ADMIN, true },
	{ TD_V_SMSD_STATUS, "smsd-status", true, ADMIN, false },
	{ TD_V_PROVIDERS, "providers", true, ADMIN, false },
	{ TD_V_WEBHOOK, "webhook", true, WEB | ADMIN, true },
	{ TD_V_PROVIDER_SUSPEND, "provider-suspend", true, ADMIN, true },
	{ TD_V_PROVIDER_RESUME, "provider-resume", true, ADMIN, true },
	{ TD_V_PROVIDER_DRAIN, "provider-drain", true, ADMIN, true },
	{ TD_V_PROVIDER_TEST, "provider-test", true, ADMIN, false },
	{ 0, NULL, false, 0, false },
};

const struct td_verb_row *td_verb_row(uint16_t verb)
{
	for (const struct td_verb_row *row = td_verbs; row->name; row++) {
		if (row->verb == verb)
			return row;
	}
	return NULL;
}

bool td_verb_permits(bool smsd, int role, uint16_t verb)
{
	const struct td_verb_row *row = td_verb_row(verb);

	if (verb == TD_V_PING)
		return true;
	return row && row->smsd == smsd && (row->roles & (unsigned)role);
}

const char *td_role_name(int role)
{
	switch (role) {
	case TD_ROLE_MILTER:
		return "milter";
	case TD_ROLE_SMSD:
		return "smsd";
	case TD_ROLE_WEB:
		return "web";
	case TD_ROLE_ADMIN:
		return "admin";
	case TD_ROLE_PIPE:
		return "pipe";
	default:
		return NULL;
	}
}

const char *td_verdict_name(int64_t code)
{
	static const char *const names[] = { NULL, "SEND", "HOLD", "DENY", "CAPPED", "DROP", "DUPLICATE" };

	return code >= TD_SEND && code <= TD_DUPLICATE ? names[code] : "?";
}

static const char *const state_names[] = { NULL, "PREPARED", "HELD", "READY", "SUBMITTING", "ACCEPTED", "DELIVERED",
	"UNDELIVERED", "UNKNOWN", "FAILED", "DUPLICATE", "CANCELLED", "ABANDONED" };

const char *td_job_state_name(int64_t state)
{
	return state >= TD_PREPARED && state <= TD_ABANDONED ? state_names[state] : "?";
}

int td_job_state_parse(struct td_view name)
{
	for (int i = TD_PREPARED; i <= TD_ABANDONED; i++) {
		if (td_view_caseeq(name, td_view_str(state_names[i])))
			return i;
	}
	return 0;
}
