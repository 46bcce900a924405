/*
 * admin - the operator's verbs: what `tandem` asks of tandem-stored
 *
 * Every verb takes td_args (pairs of name and value, names as below) and answers td_doc, one JSON document. Names are the option names
 * of the command line without dashes; positional arguments have the names in the table. `?` = may be left out, `*` = may be repeated
 * (one pair each). A flag has the value "yes". An unknown name, one that comes twice without `*`, or a bad value is TD_BADINPUT and the
 * text names it. ADDR is ana@example.com or +15551234567, with or without "email:" or "tel:".
 *
 * verb             arguments                                              answer
 * STATUS           -                                                      {program, version, started_at, engine, schema, db_bytes,
 *                                                                         wal_bytes, journal_bytes, events, leases,
 *                                                                         jobs: {STATE: {CLASS: n}}, due, counters, last_error,
 *                                                                         last_error_at}; final jobs are those of the last 24 hours, of
 *                                                                         the newest 100,000 at most
 * PERSON_SHOW      address                                                {person, addresses: [{address, source, linked_at}],
 *                                                                         attributes: {NAME: VALUE}, states: as CONSENT_SHOW}
 * PERSON_LINK      a, b, source? (verified|app|import; verified)          as PERSON_SHOW
 * PERSON_UNLINK    address                                                as PERSON_SHOW of the address, now alone
 * PERSON_SET       address, set* ("name=value"; "name=" removes it)       as PERSON_SHOW
 * CONSENT_IN       address, channel? (email|sms|*; that of the address),  {id, address, channel, category, action, reach, basis, source,
 *                  category? (*), basis? (express), source? (admin),      actor, authored_by_subject, occurred_at, recorded_at,
 *                  evidence? (JSON), at?, expires?, note?                 expires_at, state}; TD_REFUSED when it may not reverse
 * CONSENT_OUT      address, channel? (*), category? (*), reach?           the same; answered when durable, journal included
 *                  (marketing|all; all), source?, evidence?, at?, note?
 * CONSENT_SHOW     address, channel?, category?                           [{address, channel, category, state, reach, basis, source,
 *                                                                         event, occurred_at, expires_at, note}]
 * CONSENT_LOG      address, channel?, category?, since?, limit? (1000)    [events of policy §3, newest first]
 * SUPPRESS_ADD     address, kind? (undeliverable|dnc|paused; dnc, with    {id, address, kind, until, note, occurred_at}
 *                  until paused), until? (paused only), note?
 * SUPPRESS_REMOVE  address, kind? (all kinds), note                       {id, address, kind, removed: n}
 * SUPPRESS_LIST    address?, kind?, after? (address), limit? (1000)       [{address, kind, until, event, source, note, occurred_at}], by
 *                                                                         address; the next page: after = the last one
 * JOBS             state?, to? (number or e-mail), since?, class?,        [jobs, newest first]; the next page is asked for with
 *                  category?, key?, before? (job id), limit? (100)        before = the last id
 * JOB_SHOW         id                                                     a job with everything on record, without its text
 * JOB_CANCEL       id                                                     the job; TD_REFUSED when it was handed over or is final
 * JOB_RETRY        id                                                     the job, READY now (from READY, HELD, FAILED, CANCELLED); TD_REFUSED else
 * JOB_HOLD         id, until? (else until JOB_RETRY)                      the job, HELD
 * CANCEL           key                                                    {key, cancelled: n, jobs: [id]}
 * WHY              what (job id, Message-ID, number or e-mail), limit?    [{at, job, address, channel, class, category, verdict, reason,
 *                  (100)                                                  rule, event, until, words}], newest first
 * EXPLAIN          address, channel? (that of the address), class?,       {verdict, reason, rule, event, until, action, zones,
 *                  category?, at?, key?, expires?, tz?                    local_time, counters: [{rule, limit, used}], words}
 * SEND             number, text, class? (transactional), category?,       {id, verdict, reason, state}; refused by the decision:
 *                  provider?, key?, from?, expires?, delay?               TD_REFUSED with the words of `why`
 *
 * A job is {id, state, to, class, category, due, provider, provider_id, reference, segments, reason, key}; JOB_SHOW adds from,
 * submitter, message_id, queue_id, accepted_at, expires, attempt, detail, dsn, history: [decisions as in WHY]. What is not there is null. Times
 * in answers are ISO 8601 UTC with milliseconds; in arguments any date of when.h, or a duration: back from now for since and the at of
 * consent, ahead of now for until, expires, delay and the at of EXPLAIN.
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
td_verb_fn td_admin_jobs, td_admin_job_show, td_admin_job_cancel, td_admin_job_retry, td_admin_job_hold, td_admin_cancel;
td_verb_fn td_admin_why, td_admin_explain, td_admin_send;

/* All of them, for the table of verbs.c; ended by verb 0. */
extern const struct td_verb_impl td_verbs_admin[];

#endif
