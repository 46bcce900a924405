-- admin - statements of the operator's documents (person, consent, suppress, jobs, why, status)
--
-- See op.h for how a verb uses them; the rules of statements.sql hold here too.

-- ---- status: what is live is counted by its partial index, what is final by the newest rows

-- name: count_waiting
SELECT state, class, count(*) FROM job WHERE rank IS NOT NULL GROUP BY state, class;
-- name: count_prepared
SELECT state, class, count(*) FROM job WHERE state = 1 GROUP BY state, class;
-- name: count_submitting
SELECT state, class, count(*) FROM job WHERE state = 4 AND rank IS NULL GROUP BY state, class;
-- name: count_recent
SELECT state, class, count(*) FROM (SELECT state, class, rank FROM job WHERE id >= $1 ORDER BY id DESC LIMIT $2) AS recent
WHERE state > 4 AND rank IS NULL GROUP BY state, class;
-- name: next_due
SELECT min(due) FROM job WHERE rank IS NOT NULL;

-- ---- persons, consent, suppression

-- name: consent_scopes
SELECT DISTINCT channel, category FROM consent WHERE addr = $1 AND at > 0 ORDER BY channel, category;
-- name: event_get
SELECT id, address, channel, category, action, reach, basis, source, actor, by_subject, kind, evidence, note, occurred_at, recorded_at,
expires_at, brand, prev_hash, hash FROM event WHERE id = $1;
-- name: events_of
SELECT id, address, channel, category, action, reach, basis, source, actor, by_subject, kind, evidence, note, occurred_at, recorded_at,
expires_at, brand, prev_hash, hash FROM event WHERE address = $1 AND ($2 = '' OR channel = $2) AND ($3 = '' OR category = $3)
AND occurred_at >= $4 ORDER BY id DESC LIMIT $5;
-- name: suppressions_of
SELECT s.addr, s.kind, s.until, s.event, s.note, s.at, e.source FROM suppression s LEFT JOIN event e ON e.id = s.event
WHERE s.addr = $1 AND ($2 = '' OR s.kind = $2) ORDER BY s.kind;
-- name: suppressions_after
SELECT s.addr, s.kind, s.until, s.event, s.note, s.at, e.source FROM suppression s LEFT JOIN event e ON e.id = s.event
WHERE s.addr > $1 AND ($2 = '' OR s.kind = $2) ORDER BY s.addr, s.kind LIMIT $3;

-- ---- jobs: ids by one of several ways, newest first, then each by its id. `id || ''` keeps the index of ids out where another is short.

-- name: job_row
SELECT j.id, j.state, j.addr, j.class, j.category, j.due, j.provider, j.provider_id, j.segments, j.reason, m.key, j.attempt, j.begun_at,
j.settled_at, j.expires, j.activated_at, j.created_at, j.detail, j.dsn, j.encoding, j.email, m.submitter, m.message_id, m.queue_id,
m.sender_id, u.counters FROM job j JOIN mail m ON m.id = j.mail
LEFT JOIN usage u ON u.addr = j.addr AND u.at = j.slot_at AND u.id = j.id WHERE j.id = $1;
-- name: job_ids_newest
SELECT id FROM job WHERE id < $1 AND id >= $2 ORDER BY id DESC LIMIT $3;
-- name: job_ids_filtered
SELECT id FROM (SELECT id, state, class, category FROM job WHERE id < $1 AND id >= $2 ORDER BY id DESC LIMIT 200000) AS newest
WHERE ($3 = 0 OR state = $3) AND ($4 = 0 OR class = $4) AND ($5 = '' OR category = $5) ORDER BY id DESC LIMIT $6;
-- name: job_ids_waiting
SELECT id FROM job WHERE rank IS NOT NULL AND (id || '') < $1 AND (id || '') >= $2 AND state = $3 AND ($4 = 0 OR class = $4)
AND ($5 = '' OR category = $5) ORDER BY id DESC LIMIT $6;
-- name: job_ids_of_addr
SELECT id FROM job WHERE addr = $7 AND id < $1 AND id >= $2 AND ($3 = 0 OR state = $3) AND ($4 = 0 OR class = $4)
AND ($5 = '' OR category = $5) ORDER BY id DESC LIMIT $6;
-- name: job_ids_of_key
SELECT j.id FROM job_key k JOIN job j ON j.id = k.job WHERE k.brand = $8 AND k.key = $7 AND j.id < $1 AND j.id >= $2
AND ($3 = 0 OR j.state = $3) AND ($4 = 0 OR j.class = $4) AND ($5 = '' OR j.category = $5) ORDER BY j.id DESC LIMIT $6;
-- name: job_ids_of_message
SELECT j.id FROM mail m JOIN job j ON j.mail = m.id WHERE m.message_id = $1 ORDER BY j.id DESC LIMIT $2;

-- ---- why

-- name: why_job
SELECT d.id, d.at, d.job, d.addr, d.channel, d.class, d.category, d.verdict, d.reason, d.rule, d.event, d.until, d.text, e.action,
e.source, e.occurred_at, e.address, e.actor FROM decision d LEFT JOIN event e ON e.id = d.event WHERE d.job = $1 ORDER BY d.id DESC LIMIT $2;
-- name: why_message
SELECT d.id, d.at, d.job, d.addr, d.channel, d.class, d.category, d.verdict, d.reason, d.rule, d.event, d.until, d.text, e.action,
e.source, e.occurred_at, e.address, e.actor FROM decision d LEFT JOIN event e ON e.id = d.event WHERE d.message_id = $1 ORDER BY d.id DESC LIMIT $2;
-- name: why_addr
SELECT d.id, d.at, d.job, d.addr, d.channel, d.class, d.category, d.verdict, d.reason, d.rule, d.event, d.until, d.text, e.action,
e.source, e.occurred_at, e.address, e.actor FROM decision d LEFT JOIN event e ON e.id = d.event WHERE d.addr = $1 ORDER BY d.id DESC LIMIT $2;
