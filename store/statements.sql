-- statements - what the spine asks and writes; the operator's documents have their own in admin.sql
--
-- `-- name: x` becomes TD_SQL_X. One text for SQLite and PostgreSQL: $1 … parameters, ON CONFLICT, no function that only one of
-- them has. Every statement finds its rows by an index of schema.sql; EXPLAIN it before adding one.

-- name: meta_get
SELECT value FROM meta WHERE name = $1;
-- name: meta_set
INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value;

-- ---- persons

-- name: linked_of
SELECT a.addr, a.rank, a.linked_at, a.person, a.source, a.original FROM address b JOIN address a ON a.person = b.person WHERE b.addr = $1;
-- name: address_get
SELECT person, rank, source, original, linked_at FROM address WHERE addr = $1;
-- name: address_insert
INSERT INTO address (addr, person, original, source, rank, linked_at) VALUES ($1, $2, $3, $4, $5, $6);
-- name: address_move
UPDATE address SET person = $2 WHERE person = $1;
-- name: address_take
UPDATE address SET person = $2, source = $3, rank = $4, linked_at = $5 WHERE addr = $1;
-- name: person_insert
INSERT INTO person (id, created_at) VALUES ($1, $2);
-- name: person_delete
DELETE FROM person WHERE id = $1;
-- name: attrs_of_addr
SELECT t.name, t.value FROM address a JOIN attribute t ON t.person = a.person WHERE a.addr = $1 ORDER BY t.name;
-- name: attr_set
INSERT INTO attribute (person, name, value, at) VALUES ($1, $2, $3, $4)
ON CONFLICT (person, name) DO UPDATE SET value = excluded.value, at = excluded.at;
-- name: attr_delete
DELETE FROM attribute WHERE person = $1 AND name = $2;
-- name: attr_copy_gaps
INSERT INTO attribute (person, name, value, at) SELECT $2, name, value, at FROM attribute WHERE person = $1
ON CONFLICT (person, name) DO NOTHING;
-- name: attr_clear
DELETE FROM attribute WHERE person = $1;

-- ---- consent

-- name: consent_of
SELECT channel, category, kind, at, event, source, subject, expires, lifted FROM consent WHERE addr = $1;
-- name: consent_put
INSERT INTO consent (addr, channel, category, kind, at, event, source, subject, expires, lifted)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0)
ON CONFLICT (addr, channel, category, kind) DO UPDATE SET at = excluded.at, event = excluded.event, source = excluded.source,
subject = excluded.subject, expires = excluded.expires WHERE excluded.at >= consent.at;
-- name: consent_lift
INSERT INTO consent (addr, channel, category, kind, at, event, source, subject, expires, lifted)
VALUES ($1, $2, $3, $4, 0, '', '', 0, 0, $5)
ON CONFLICT (addr, channel, category, kind) DO UPDATE SET lifted = excluded.lifted WHERE excluded.lifted > consent.lifted;
-- name: consent_expire
UPDATE consent SET expires = $4 WHERE addr = $1 AND ($2 = '*' OR channel = $2) AND ($3 = '*' OR category = $3) AND kind >= 5
AND at <= $4 AND (expires = 0 OR expires > $4);
-- name: suppression_of
SELECT kind, at, event, until, note FROM suppression WHERE addr = $1;
-- name: suppression_put
INSERT INTO suppression (addr, kind, at, event, until, note) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (addr, kind) DO UPDATE SET at = excluded.at, event = excluded.event, until = excluded.until, note = excluded.note;
-- name: suppression_delete
DELETE FROM suppression WHERE addr = $1 AND kind = $2;
-- name: event_insert
INSERT INTO event (id, chain, seq, brand, address, address_mac, channel, category, action, reach, basis, source, actor, by_subject, kind,
evidence, note, salt, digest, occurred_at, recorded_at, expires_at, prev_hash, hash)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24);
-- name: chain_end
SELECT seq, hash FROM event WHERE chain = $1 ORDER BY seq DESC LIMIT 1;
-- name: strike_get
SELECT at, job FROM strike WHERE addr = $1;
-- name: strike_put
INSERT INTO strike (addr, at, job) VALUES ($1, $2, $3) ON CONFLICT (addr) DO UPDATE SET at = excluded.at, job = excluded.job;
-- name: strike_delete
DELETE FROM strike WHERE addr = $1;

-- ---- mails and jobs

-- name: key_find
SELECT key, job, digest FROM job_key WHERE brand = $1 AND key IN ($2, $3) AND channel = $4 AND addr = $5;
-- name: key_take
INSERT INTO job_key (brand, key, channel, addr, job, digest, at) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (brand, key, channel, addr) DO NOTHING;
-- name: key_get
SELECT job, digest FROM job_key WHERE brand = $1 AND key = $2 AND channel = $3 AND addr = $4;
-- name: key_jobs
SELECT j.id, j.state, j.class FROM job_key k JOIN job j ON j.id = k.job WHERE k.brand = $1 AND k.key = $2 AND k.channel = 'sms'
AND j.state IN (2, 3)
UNION ALL SELECT j.id, j.state, j.class FROM job j JOIN mail m ON m.id = j.mail WHERE j.state = 1 AND m.key = $2;
-- name: key_sweep
DELETE FROM job_key WHERE (brand, key, channel, addr) IN (SELECT brand, key, channel, addr FROM job_key WHERE at < $1 LIMIT 500);
-- name: mail_insert
INSERT INTO mail (id, submitter, sender, reply_to, message_id, envid, queue_id, class, category, key, explicit, sender_id, route, tz,
content, digest, created_at, activated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, 0);
-- name: mail_get
SELECT activated_at, key, explicit, digest, message_id, category, class FROM mail WHERE id = $1;
-- name: mail_activated
UPDATE mail SET activated_at = $2, queue_id = CASE WHEN $3 = '' THEN queue_id ELSE $3 END WHERE id = $1;
-- name: job_erase_final
UPDATE job SET attrs = NULL WHERE mail = $1 AND length(attrs) > 0
AND NOT EXISTS (SELECT 1 FROM job o WHERE o.mail = $1 AND o.state <= 5);
-- name: job_erase_old
UPDATE job SET attrs = NULL WHERE length(attrs) > 0 AND mail IN (SELECT m.id FROM mail m WHERE m.id < $1 AND m.id >= $2
AND m.content IS NOT NULL AND NOT EXISTS (SELECT 1 FROM job j WHERE j.mail = m.id AND j.state <= 4) ORDER BY m.id LIMIT 500);
-- name: mail_erase_final
UPDATE mail SET content = NULL WHERE id = $1 AND content IS NOT NULL
AND NOT EXISTS (SELECT 1 FROM job WHERE mail = $1 AND state <= 5);
-- name: mail_erase_old
UPDATE mail SET content = NULL WHERE id IN (SELECT m.id FROM mail m WHERE m.id < $1 AND m.id >= $2 AND m.content IS NOT NULL
AND NOT EXISTS (SELECT 1 FROM job j WHERE j.mail = m.id AND j.state <= 4) ORDER BY m.id LIMIT 500);
-- name: job_insert
INSERT INTO job (id, mail, addr, email, class, category, state, rank, due, expires, attempt, provider, provider_id, segments, encoding,
reason, detail, dsn, notify, report, direct, named, created_at, activated_at, begun_at, settled_at, attrs)
VALUES ($1, $2, $3, $4, $5, $6, 1, NULL, $7, $8, 0, $9, NULL, 0, '', '', '', '', $10, 0, $11, $12, $13, 0, 0, 0, $14);
-- name: jobs_of_mail
SELECT id, addr, class, category, state, due, expires, notify FROM job WHERE mail = $1 ORDER BY id;
-- name: job_activate
UPDATE job SET state = $2, rank = $3, due = $4, activated_at = $5 WHERE id = $1;
-- name: job_end
UPDATE job SET state = $2, rank = $3, due = $4, reason = $5, detail = $6, dsn = $7, report = $8, settled_at = $9 WHERE id = $1;
-- name: job_get
SELECT j.id, j.addr, j.class, j.category, j.state, j.due, j.expires, j.attempt, j.provider, j.notify, j.report, j.mail, j.provider_id,
j.reason, j.direct, j.segments, j.created_at, m.tz, j.attrs, j.slot_at, j.email, m.submitter, m.key, m.explicit, m.digest
FROM job j JOIN mail m ON m.id = j.mail WHERE j.id = $1;
-- name: job_due
SELECT id FROM job WHERE rank = $1 AND due <= $2 ORDER BY due LIMIT $3;
-- name: job_next_due
SELECT min(due) FROM job WHERE rank = $1 AND due > $2;
-- name: job_claim
SELECT j.id, j.addr, m.sender_id, j.class, j.category, m.submitter, m.content, j.state, j.attempt, m.created_at, j.expires, j.provider,
j.provider_id, j.report, m.sender, m.message_id, m.envid, m.queue_id, j.reason, j.detail, j.dsn, j.rank, j.due, j.direct, m.tz,
j.attrs FROM job j JOIN mail m ON m.id = j.mail WHERE j.id = $1;
-- name: job_begin
UPDATE job SET state = 4, rank = NULL, attempt = attempt + 1, provider = $2, encoding = $3, segments = $4, begun_at = $5, slot_at = $6
WHERE id = $1;
-- name: job_wait
UPDATE job SET state = $2, rank = $3, due = $4, reason = $5, detail = $6, dsn = $7, attempt = attempt + $8 WHERE id = $1;
-- name: job_accepted
UPDATE job SET state = $2, rank = $3, due = $4, provider_id = $5, segments = $6, report = $7, settled_at = $8, reason = '',
detail = $9, dsn = $10 WHERE id = $1;
-- name: job_reported
UPDATE job SET report = 0, rank = NULL WHERE id = $1;
-- name: job_requeue
UPDATE job SET rank = ($2 - class) * 10, due = $3 WHERE id = $1 AND state = 4 AND rank IS NULL;
-- name: jobs_recover
UPDATE job SET rank = ($1 - class) * 10, due = $2 WHERE state = 4 AND rank IS NULL;
-- name: job_by_provider_id
SELECT id FROM job WHERE provider_id = $1 AND provider = $2;
-- name: jobs_stale
SELECT id, mail, addr, class FROM job WHERE state = 1 AND created_at < $1 LIMIT $2;
-- name: held_of_addr
SELECT id, category FROM job WHERE addr = $1 AND state IN (1, 2, 3);
-- name: held_of_email
SELECT id, category FROM job WHERE email = $1 AND email <> '' AND state IN (1, 2, 3);

-- ---- decisions, providers, the rest

-- name: decision_insert
INSERT INTO decision (id, at, job, message_id, addr, channel, class, category, verdict, reason, rule, event, until, text)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14);
-- name: receipt_park
INSERT INTO early_receipt (provider, id, state, code, at, stored_at, bad_number) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (provider, id, state) DO NOTHING;
-- name: receipts_parked
SELECT id, state, code, at, bad_number FROM early_receipt WHERE provider = $1 AND id IN ($2, $3) ORDER BY state;
-- name: receipts_unpark
DELETE FROM early_receipt WHERE provider = $1 AND id IN ($2, $3);
-- name: receipts_sweep
DELETE FROM early_receipt WHERE stored_at < $1;
-- name: inbound_insert
INSERT INTO inbound (provider, id, from_addr, to_addr, body, action, job, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (provider, id) DO NOTHING;
-- name: inbound_get
SELECT action, job FROM inbound WHERE provider = $1 AND id = $2;
-- name: inbound_done
UPDATE inbound SET action = $3, job = $4 WHERE provider = $1 AND id = $2;
-- name: mark_put
INSERT INTO mark (provider, position, at) VALUES ($1, $2, $3)
ON CONFLICT (provider) DO UPDATE SET position = excluded.position, at = excluded.at;
-- name: mark_get
SELECT position FROM mark WHERE provider = $1;
-- name: self_insert
INSERT INTO self_token (id, at) VALUES ($1, $2);
-- name: self_take
DELETE FROM self_token WHERE id = $1 AND at >= $2;
-- name: self_sweep
DELETE FROM self_token WHERE at < $1;
-- name: unsubscribe_of
SELECT id FROM unsubscribe WHERE addr = $1 AND category = $2 AND id >= $3 ORDER BY id DESC LIMIT 1;
-- name: unsubscribe_insert
INSERT INTO unsubscribe (id, addr, category) VALUES ($1, $2, $3);
-- name: unsubscribe_sweep
DELETE FROM unsubscribe WHERE id IN (SELECT id FROM unsubscribe WHERE id < $1 ORDER BY id LIMIT 500);
-- name: happening_insert
INSERT INTO happening (id, addr, person, name, at) VALUES ($1, $2, $3, $4, $5);
-- name: attrs_of_job
SELECT t.name, t.value FROM job j JOIN address a ON a.addr = j.addr JOIN attribute t ON t.person = a.person WHERE j.id = $1
UNION SELECT t.name, t.value FROM job j JOIN address a ON a.addr = 'email:' || j.email JOIN attribute t ON t.person = a.person
WHERE j.id = $1 AND j.email <> '' AND NOT EXISTS (SELECT 1 FROM address x JOIN attribute y ON y.person = x.person WHERE x.addr = j.addr);

-- ---- caps and budgets: only rows inside the window are looked at

-- name: usage_insert
INSERT INTO usage (addr, at, id, note, sender, country, abroad, channel, class, category, segments, cost, fresh, tallied,
counters) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15);
-- name: usage_get
SELECT at, note, sender, country, abroad, channel, class, category, segments, cost, fresh, tallied FROM usage
WHERE addr = $1 AND at = $2 AND id = $3;
-- name: usage_delete
DELETE FROM usage WHERE addr = $1 AND at = $2 AND id = $3;
-- name: usage_resize
UPDATE usage SET segments = $4, cost = $5 WHERE addr = $1 AND at = $2 AND id = $3;
-- name: usage_keep
UPDATE usage SET tallied = tallied | $4 WHERE addr = $1 AND at = $2 AND id = $3;
-- name: usage_of
SELECT at, id, note, segments, cost FROM usage WHERE addr = $1 AND at > $2 AND (channel & $3) <> 0 AND (class & $4) <> 0
AND ($5 = '' OR replace($5, '|' || category || '|', '') <> $5) ORDER BY at DESC LIMIT $6;
-- name: usage_note
SELECT 1 FROM usage WHERE addr = $1 AND at > $2 AND note = $3 LIMIT 1;
-- name: usage_sweep
DELETE FROM usage WHERE (addr, at, id) IN (SELECT addr, at, id FROM usage WHERE at < $1 ORDER BY at LIMIT 500);
-- name: job_slot
UPDATE job SET slot_at = $2 WHERE id = $1;
-- name: tally_add
INSERT INTO tally (subject, span, at, channel, class, category, abroad, messages, notifications, segments, cost)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
ON CONFLICT (subject, span, at, channel, class, category, abroad) DO UPDATE SET messages = tally.messages + excluded.messages,
notifications = tally.notifications + excluded.notifications, segments = tally.segments + excluded.segments,
cost = tally.cost + excluded.cost;
-- name: tally_sum
SELECT CAST(coalesce(sum(messages), 0) AS BIGINT), CAST(coalesce(sum(notifications), 0) AS BIGINT),
CAST(coalesce(sum(segments), 0) AS BIGINT), CAST(coalesce(sum(cost), 0) AS BIGINT) FROM (
SELECT channel, class, category, abroad, messages, notifications, segments, cost FROM tally
WHERE subject = $1 AND span = 1000 AND at >= $2 AND at < $3
UNION ALL SELECT channel, class, category, abroad, messages, notifications, segments, cost FROM tally
WHERE subject = $1 AND span = 60000 AND at >= $3 AND at < $4
UNION ALL SELECT channel, class, category, abroad, messages, notifications, segments, cost FROM tally
WHERE subject = $1 AND span = 3600000 AND at >= $4) AS seen
WHERE (channel & $5) <> 0 AND (class & $6) <> 0 AND ($7 = '' OR replace($7, '|' || category || '|', '') <> $7) AND abroad >= $8;
-- name: tally_of
SELECT at, CAST(sum(messages) AS BIGINT), CAST(sum(notifications) AS BIGINT), CAST(sum(segments) AS BIGINT),
CAST(sum(cost) AS BIGINT) FROM tally WHERE subject = $1 AND span = $2 AND at >= $3 AND at < $4 AND (channel & $5) <> 0
AND (class & $6) <> 0 AND ($7 = '' OR replace($7, '|' || category || '|', '') <> $7) AND abroad >= $8 GROUP BY at ORDER BY at;
-- name: tally_next
SELECT subject FROM tally WHERE subject > $1 ORDER BY subject LIMIT 1;
-- name: tally_sweep
DELETE FROM tally WHERE (subject, span, at, channel, class, category, abroad) IN (SELECT subject, span, at, channel, class, category,
abroad FROM tally WHERE subject = $1 AND span = $2 AND at < $3 ORDER BY at LIMIT 500);
