-- statements - what the spine asks and writes; the operator's documents have their own in admin.sql
--
-- `-- name: x` becomes TD_SQL_X. One text for SQLite and PostgreSQL: $1 … parameters, ON CONFLICT, no function that only one of
-- them has. Every statement finds its rows by an index of schema.sql; EXPLAIN it before adding one.

-- name: schema_version
SELECT value FROM meta WHERE name = 'schema';
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
