-- schema - versioned migrations; each block runs in one transaction and raises meta 'schema' to its number
--
-- One text for SQLite and PostgreSQL: TEXT, BIGINT, BYTEA, ON CONFLICT. A comment /*sqlite … */ is code to SQLite and a comment to every other
-- engine. Ids are time-ordered (ULID), so that rows of one time lie together and new ones are appended.
-- Times are Unix milliseconds. A migration, once released, is never changed: add the next.

-- migration: 1

CREATE TABLE meta (
	name  TEXT NOT NULL PRIMARY KEY,
	value TEXT NOT NULL
);

-- Persons: linked addresses and their attributes.
CREATE TABLE person (
	id         TEXT NOT NULL PRIMARY KEY,
	created_at BIGINT NOT NULL
) /*sqlite WITHOUT ROWID*/;
CREATE TABLE address (
	addr      TEXT NOT NULL PRIMARY KEY,  -- "email:…" or "tel:+…"
	person    TEXT NOT NULL,
	original  TEXT NOT NULL,              -- as first spelled
	source    TEXT NOT NULL,              -- verified | app | import; '' = not linked to another
	rank      BIGINT NOT NULL,            -- 3, 2, 1, 0
	linked_at BIGINT NOT NULL
) /*sqlite WITHOUT ROWID*/;
CREATE INDEX address_person ON address (person);
CREATE TABLE attribute (
	person TEXT NOT NULL,
	name   TEXT NOT NULL,
	value  TEXT NOT NULL,
	at     BIGINT NOT NULL,
	PRIMARY KEY (person, name)
) /*sqlite WITHOUT ROWID*/;

-- Consent: the append-only events of policy §3 …
CREATE TABLE event (
	id          TEXT NOT NULL PRIMARY KEY,
	chain       TEXT NOT NULL,            -- instance that wrote it
	seq         BIGINT NOT NULL,
	brand       TEXT NOT NULL,
	address     TEXT,                     -- NULL after erasure
	address_mac BYTEA NOT NULL,           -- HMAC of the address: what the chain commits to
	channel     TEXT NOT NULL,
	category    TEXT NOT NULL,
	action      TEXT NOT NULL,
	reach       TEXT NOT NULL,
	basis       TEXT NOT NULL,
	source      TEXT NOT NULL,
	actor       TEXT NOT NULL,
	by_subject  BIGINT NOT NULL,
	kind        TEXT NOT NULL,            -- of a suppression
	evidence    TEXT,
	note        TEXT,
	salt        BYTEA,
	digest      BYTEA NOT NULL,           -- SHA-256 of salt, evidence, note
	occurred_at BIGINT NOT NULL,
	recorded_at BIGINT NOT NULL,
	expires_at  BIGINT NOT NULL,
	prev_hash   BYTEA NOT NULL,
	hash        BYTEA NOT NULL
);
CREATE UNIQUE INDEX event_chain ON event (chain, seq);
CREATE INDEX event_address ON event (address, id);
-- … and what they come to: the newest of each kind (enum td_consent_kind).
CREATE TABLE consent (
	addr     TEXT NOT NULL,
	channel  TEXT NOT NULL,
	category TEXT NOT NULL,
	kind     BIGINT NOT NULL,
	at       BIGINT NOT NULL,             -- occurred_at; 0 = only lifted is known
	event    TEXT NOT NULL,
	source   TEXT NOT NULL,
	subject  BIGINT NOT NULL,
	expires  BIGINT NOT NULL,
	lifted   BIGINT NOT NULL,             -- when START lifted what STOP wrote
	PRIMARY KEY (addr, channel, category, kind)
) /*sqlite WITHOUT ROWID*/;
CREATE TABLE suppression (
	addr    TEXT NOT NULL,
	kind    TEXT NOT NULL,                -- undeliverable | dnc | paused
	at      BIGINT NOT NULL,
	event   TEXT NOT NULL,
	until   BIGINT NOT NULL,              -- paused
	note    TEXT NOT NULL,
	PRIMARY KEY (addr, kind)
) /*sqlite WITHOUT ROWID*/;
-- The last permanent failure of a number; the second within 30 days makes it undeliverable.
CREATE TABLE strike (
	addr TEXT NOT NULL PRIMARY KEY,
	at   BIGINT NOT NULL,
	job  TEXT NOT NULL
) /*sqlite WITHOUT ROWID*/;

-- Messages. A mail is one request; a job is one SMS of it.
CREATE TABLE mail (
	id           TEXT NOT NULL PRIMARY KEY, -- also what its token carries
	submitter    TEXT NOT NULL,
	sender       TEXT NOT NULL,
	reply_to     TEXT NOT NULL,
	message_id   TEXT NOT NULL,
	envid        TEXT NOT NULL,
	queue_id     TEXT NOT NULL,
	class        BIGINT NOT NULL,
	category     TEXT NOT NULL,
	key          TEXT NOT NULL,           -- effective idempotency key; '' = none
	explicit     BIGINT NOT NULL,         -- the key is the submitter's, not the Message-ID
	sender_id    TEXT NOT NULL,           -- X-Tandem-From
	route        TEXT NOT NULL,
	tz           TEXT NOT NULL,
	content      BYTEA,                   -- td_content; NULL once erased
	digest       BYTEA NOT NULL,          -- of the content: other content under one key
	created_at   BIGINT NOT NULL,
	activated_at BIGINT NOT NULL          -- 0 = prepared
);
CREATE INDEX mail_message_id ON mail (message_id);
CREATE TABLE job (
	id           TEXT NOT NULL PRIMARY KEY,
	mail         TEXT NOT NULL,
	addr         TEXT NOT NULL,           -- "tel:+…"
	email        TEXT NOT NULL,           -- recipient it accompanies
	class        BIGINT NOT NULL,
	category     TEXT NOT NULL,
	state        BIGINT NOT NULL,         -- enum td_job_state
	rank         BIGINT,                  -- order among claimable jobs; NULL = nobody is to claim it
	due          BIGINT NOT NULL,
	expires      BIGINT NOT NULL,
	attempt      BIGINT NOT NULL,
	provider     TEXT NOT NULL,
	provider_id  TEXT,
	segments     BIGINT NOT NULL,
	encoding     TEXT NOT NULL,
	reason       TEXT NOT NULL,
	detail       TEXT NOT NULL,
	dsn          TEXT NOT NULL,
	notify       BIGINT NOT NULL,         -- bits of enum td_notify
	report       BIGINT NOT NULL,         -- pending: 1 failed, 2 relayed, 3 delivered
	direct       BIGINT NOT NULL,
	named        BIGINT NOT NULL,
	created_at   BIGINT NOT NULL,
	activated_at BIGINT NOT NULL,
	begun_at     BIGINT NOT NULL,
	settled_at   BIGINT NOT NULL
);
CREATE INDEX job_mail ON job (mail);
CREATE INDEX job_addr ON job (addr, id);
CREATE INDEX job_claim ON job (rank, due) WHERE rank IS NOT NULL;
CREATE INDEX job_prepared ON job (created_at) WHERE state = 1;
CREATE INDEX job_submitting ON job (state) WHERE state = 4;
CREATE INDEX job_provider ON job (provider_id, provider) WHERE provider_id IS NOT NULL;
CREATE TABLE job_key (
	brand   TEXT NOT NULL,
	key     TEXT NOT NULL,
	channel TEXT NOT NULL,
	addr    TEXT NOT NULL,
	job     TEXT NOT NULL,
	digest  BYTEA NOT NULL,
	at      BIGINT NOT NULL,
	PRIMARY KEY (brand, key, channel, addr)
) /*sqlite WITHOUT ROWID*/;
CREATE INDEX job_key_at ON job_key (at);

-- Why: every decision but a plain SEND.
CREATE TABLE decision (
	id         TEXT NOT NULL PRIMARY KEY,
	at         BIGINT NOT NULL,
	job        TEXT,
	message_id TEXT,
	addr       TEXT NOT NULL,
	channel    TEXT NOT NULL,
	class      BIGINT NOT NULL,
	category   TEXT NOT NULL,
	verdict    BIGINT NOT NULL,
	reason     TEXT NOT NULL,
	rule       TEXT NOT NULL,
	event      TEXT NOT NULL,
	until      BIGINT NOT NULL,
	text       TEXT NOT NULL
);
CREATE INDEX decision_job ON decision (job) WHERE job IS NOT NULL;
CREATE INDEX decision_message_id ON decision (message_id) WHERE message_id IS NOT NULL;
CREATE INDEX decision_addr ON decision (addr, id);

-- From providers.
CREATE TABLE inbound (
	provider  TEXT NOT NULL,
	id        TEXT NOT NULL,
	from_addr TEXT NOT NULL,
	to_addr   TEXT NOT NULL,
	body      TEXT,
	action    TEXT NOT NULL,
	job       TEXT NOT NULL,              -- confirmation
	at        BIGINT NOT NULL,
	PRIMARY KEY (provider, id)
) /*sqlite WITHOUT ROWID*/;
CREATE INDEX inbound_from ON inbound (from_addr, at);
CREATE TABLE mark (
	provider TEXT NOT NULL PRIMARY KEY,
	position TEXT NOT NULL,
	at       BIGINT NOT NULL
) /*sqlite WITHOUT ROWID*/;
-- Receipts that came before their message was known.
CREATE TABLE early_receipt (
	provider TEXT NOT NULL,
	id       TEXT NOT NULL,
	state    BIGINT NOT NULL,
	code     TEXT NOT NULL,
	at       BIGINT NOT NULL,
	stored_at BIGINT NOT NULL,
	bad_number BIGINT NOT NULL,
	PRIMARY KEY (provider, id, state)
) /*sqlite WITHOUT ROWID*/;
CREATE INDEX early_receipt_stored ON early_receipt (stored_at);

CREATE TABLE self_token (
	id TEXT NOT NULL PRIMARY KEY,
	at BIGINT NOT NULL
) /*sqlite WITHOUT ROWID*/;
-- Events of persons (X-Tandem-Event): cancel held jobs, count as conversions.
CREATE TABLE happening (
	id     TEXT NOT NULL PRIMARY KEY,
	addr   TEXT NOT NULL,
	person TEXT NOT NULL,
	name   TEXT NOT NULL,
	at     BIGINT NOT NULL
) /*sqlite WITHOUT ROWID*/;
CREATE INDEX happening_addr ON happening (addr, at);

-- migration: 2

-- The person's attributes as they were when the mail's sender heard that its texts are good (td_attrs; empty: none).
-- NULL: a job of before this column, or erased with its mail's content.
ALTER TABLE job ADD COLUMN attrs BYTEA;

-- migration: 3

-- What caps and budgets count (policy §6); caps.h says how. One row for each message; its channel is 1 << enum td_channel and its
-- class 1 << enum td_class, so that a rule asks for some of them at once.
CREATE TABLE usage (
	addr     TEXT NOT NULL,
	at       BIGINT NOT NULL,
	id       TEXT NOT NULL,             -- a job's, or a mail's slot's; time-ordered
	note     TEXT NOT NULL,             -- notification: a mail and its SMS
	sender   TEXT NOT NULL,             -- submitter
	country  TEXT NOT NULL,             -- of the number
	abroad   BIGINT NOT NULL,
	channel  BIGINT NOT NULL,
	class    BIGINT NOT NULL,
	category TEXT NOT NULL,
	segments BIGINT NOT NULL,
	cost     BIGINT NOT NULL,           -- 10^-9 of the price tables' currency
	fresh    BIGINT NOT NULL,           -- 1: the first of its notification, as tallied
	tallied  BIGINT NOT NULL,           -- in which sums it is: 1 sender, 2 country, 4 all; 8: never given back
	counters TEXT NOT NULL,             -- of the rules that bound it, before and after: for `why`
	PRIMARY KEY (addr, at, id)
) /*sqlite WITHOUT ROWID*/;
CREATE INDEX usage_at ON usage (at);
CREATE TABLE tally (
	subject  TEXT NOT NULL,             -- "sender:shop", "country:JO", "all"
	span     BIGINT NOT NULL,           -- milliseconds: 1000, 60000, 3600000
	at       BIGINT NOT NULL,           -- when the bucket begins
	channel  BIGINT NOT NULL,
	class    BIGINT NOT NULL,
	category TEXT NOT NULL,
	abroad   BIGINT NOT NULL,
	messages BIGINT NOT NULL,
	notifications BIGINT NOT NULL,
	segments BIGINT NOT NULL,
	cost     BIGINT NOT NULL,
	PRIMARY KEY (subject, span, at, channel, class, category, abroad)
) /*sqlite WITHOUT ROWID*/;
-- When the job's slot was taken; 0: it has none.
ALTER TABLE job ADD COLUMN slot_at BIGINT NOT NULL DEFAULT 0;

-- migration: 4

-- What the List-Unsubscribe of marketing mail says no for; the token is id ‖ MAC (mail_token.c). One row serves all mails to an
-- address about a category for half a year.
CREATE TABLE unsubscribe (
	id       TEXT NOT NULL PRIMARY KEY,
	addr     TEXT NOT NULL,
	category TEXT NOT NULL
) /*sqlite WITHOUT ROWID*/;
CREATE INDEX unsubscribe_addr ON unsubscribe (addr, category, id);

-- migration: 5

-- What has not been handed over, by the recipient it accompanies: an event of his cancels it, whoever the number belongs to.
CREATE INDEX IF NOT EXISTS job_email ON job (email) WHERE email <> '' AND state IN (1, 2, 3);
