/*
 * admin - the operator's verbs: what `tandem` asks of tandem-stored
 *
 * Every verb takes td_args (pairs of name and value, names as below) and answers td_doc, one JSON document.
 * Names are the option names of the command line without dashes; positional arguments have the names below. `?`
 * = may be left out, `*` = may be repeated (one pair each); a default stands in parentheses. A flag has the
 * value "yes". An unknown name, one that comes twice without `*`, or a bad value is TD_BADINPUT and the text
 * names it. ADDR is ana@example.com or +15551234567, with or without "email:" or "tel:".
 *
 * STATUS          -
 *                 → {program, version, started_at, engine, schema, db_bytes, wal_bytes, journal_bytes, events,
 *                   leases, jobs: {STATE: {CLASS: n}}, due, counters, last_error, last_error_at}; final jobs
 *                   are those of the last 24 hours, of the newest 100,000 at most
 * PERSON_SHOW     address
 *                 → {person, addresses: [{address, original, source, linked_at}], attributes: {NAME: VALUE},
 *                   states: as CONSENT_SHOW}
 * PERSON_LINK     a, b, source? (verified|app|import; verified)
 *                 → as PERSON_SHOW
 * PERSON_UNLINK   address
 *                 → as PERSON_SHOW of the address, now alone
 * PERSON_SET      address, set* ("name=value"; "name=" removes it)
 *                 → as PERSON_SHOW
 * CONSENT_IN      address, channel? (email|sms|*; that of the address), category? (*), basis? (express),
 *                 source? (admin), evidence? (JSON), at?, expires?, note?
 *                 → the event as in CONSENT_LOG, and state; TD_REFUSED when an opt-out would stand in spite of
 *                   it
 * CONSENT_OUT     address, channel? (*), category? (*), reach? (marketing|all; all), source? (admin),
 *                 evidence?, at?, note?
 *                 → the same; answered when durable, journal included
 * CONSENT_SHOW    address, channel?, category?
 *                 → [{address, channel, category, state, reach, basis, source, event, occurred_at, expires_at,
 *                   note}]
 * CONSENT_LOG     address, channel?, category?, since?, limit? (1000)
 *                 → [{id, brand, address, channel, category, action, reach, kind, basis, source, actor,
 *                   authored_by_subject, evidence, note, occurred_at, recorded_at, expires_at, prev_hash,
 *                   hash}], newest first
 * SUPPRESS_ADD    address, kind? (undeliverable|dnc|paused; dnc, with until paused), until? (paused only),
 *                 note?
 *                 → {id, address, kind, until, note, occurred_at}
 * SUPPRESS_REMOVE address, kind? (all kinds), note
 *                 → {id, address, kind, removed: n}
 * SUPPRESS_LIST   address?, kind?, after? (address), limit? (1000)
 *                 → [{address, kind, until, event, source, note, occurred_at}], by address; the next page:
 *                   after = the last one
 * JOBS            state?, to? (number or e-mail), since?, class?, category?, key?, before? (job id), limit?
 *                 (100)
 *                 → [job], newest first; the next page: before = the last id. class, category and a final state
 *                   look at the newest 200,000 jobs from before on
 * JOB_SHOW        id
 *                 → a job with everything on record, without its text
 * JOB_CANCEL      id
 *                 → the job; TD_REFUSED when it was handed over or is final
 * JOB_RETRY       id
 *                 → the job, READY now (from READY, HELD, FAILED, CANCELLED); TD_REFUSED else
 * JOB_HOLD        id, until? (else until JOB_RETRY or its expiry)
 *                 → the job, HELD
 * CANCEL          key
 *                 → {key, cancelled: n, jobs: [id]}
 * WHY             what (job id, Message-ID, number or e-mail), limit? (100)
 *                 → [{at, job, address, channel, class, category, verdict, reason, rule, event, until, words}],
 *                   newest first
 * EXPLAIN         address, channel? (that of the address), class?, category?, at?, key?, expires?, tz?
 *                 → {verdict, reason, rule, event, until, action, zones, local_time, counters: [{rule, limit,
 *                   used}], words}
 * SEND            number, text, class? (transactional), category?, provider?, key?, from?, expires?, delay?
 *                 → {id, verdict, reason, until, state}; TD_REFUSED with reason and words when the decision
 *                   says no
 *
 * A job is {id, state, to, class, category, due, provider, provider_id, reference, segments, reason, key};
 * JOB_SHOW adds email, from, submitter, message_id, queue_id, encoding, attempt, created_at, accepted_at,
 * begun_at, settled_at, expires, detail, dsn, history: [decisions as in WHY]. What is not there is null. Times
 * in answers are ISO 8601 UTC with milliseconds; in arguments any date of when.h, or a duration: back from now
 * for since and the at of consent, ahead of now for until, expires, delay and the at of EXPLAIN.
 *
 * Errors: TD_BADINPUT, TD_NOTFOUND, TD_REFUSED with the reason and the way out; the engine's.
 */
#ifndef TD_ADMIN_H
#define TD_ADMIN_H

#include "op.h"

td_verb_fn td_admin_status;
td_verb_fn td_admin_person_show, td_admin_person_link, td_admin_person_unlink, td_admin_person_set;
td_verb_fn td_admin_consent_in, td_admin_consent_out, td_admin_consent_show, td_admin_consent_log;
td_verb_fn td_admin_suppress_add, td_admin_suppress_remove, td_admin_suppress_list;
td_verb_fn td_admin_jobs, td_admin_job_show, td_admin_job_cancel, td_admin_job_retry, td_admin_job_hold;
td_verb_fn td_admin_cancel;
td_verb_fn td_admin_why, td_admin_explain, td_admin_send;

/* All of them, for the table of verbs.c; ended by verb 0. */
extern const struct td_verb_impl td_verbs_admin[];

#endif
