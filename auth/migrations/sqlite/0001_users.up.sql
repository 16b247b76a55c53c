CREATE TABLE users (
    id BLOB NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    -- As its owner writes it.
    email TEXT NOT NULL,
    -- As it is compared: lower case, NFC.
    email_key TEXT NOT NULL UNIQUE,
    -- PHC string of argon2id.
    password TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('user', 'admin')),
    disabled INTEGER NOT NULL DEFAULT 0 CHECK (disabled IN (0, 1)),
    -- Session tokens with a lower `tv` are refused.
    token_version INTEGER NOT NULL DEFAULT 1,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX users_by_creation ON users (created_at, id);

-- A transaction that changes one of these rows makes every other such transaction wait until it is over, on every
-- database: `users` decides who is admin, `revocations` numbers revocations in the order in which they become visible.
CREATE TABLE auth_sequences (
    name TEXT NOT NULL PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT;
INSERT INTO auth_sequences (name, value) VALUES ('users', 0), ('keys', 0), ('revocations', 0);

CREATE TABLE signing_keys (
    -- RFC 7638 thumbprint.
    kid TEXT NOT NULL PRIMARY KEY,
    -- PKCS#8; null when the key only verifies.
    private_key BLOB,
    public_key BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    -- It is published at once and signs from here on.
    active_from INTEGER NOT NULL,
    -- Another key signs from here on.
    retired_at INTEGER
) STRICT;

CREATE TABLE revocations (
    seq INTEGER NOT NULL PRIMARY KEY,
    -- Either one token, or the sessions of a user below a version.
    token_id BLOB,
    user_id BLOB,
    min_version INTEGER,
    expires_at INTEGER NOT NULL,
    CHECK ((token_id IS NULL) = (user_id IS NOT NULL AND min_version IS NOT NULL))
) STRICT;
CREATE INDEX revocations_by_expiry ON revocations (expires_at);

CREATE TABLE api_tokens (
    id BLOB NOT NULL PRIMARY KEY,
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    -- SHA-256 of the token.
    hash BLOB NOT NULL UNIQUE,
    scopes TEXT NOT NULL,
    -- The key that signed it.
    kid TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    revoked_at INTEGER
) STRICT;
CREATE INDEX api_tokens_by_user ON api_tokens (user_id, created_at);
CREATE INDEX api_tokens_by_key ON api_tokens (kid, expires_at);

CREATE TABLE invites (
    id BLOB NOT NULL PRIMARY KEY,
    -- SHA-256 of the code.
    hash BLOB NOT NULL UNIQUE,
    -- The only e-mail it is good for; null: any.
    email_key TEXT,
    created_by BLOB REFERENCES users (id) ON DELETE SET NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER
) STRICT;

-- What happened stays known when its user is gone, so no foreign keys here.
CREATE TABLE audit_events (
    id BLOB NOT NULL PRIMARY KEY,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    actor_id BLOB,
    subject_id BLOB,
    address TEXT
) STRICT;
CREATE INDEX audit_events_by_time ON audit_events (at, id);

-- Outbox: users whom a service has still to forget.
CREATE TABLE erasures (
    user_id BLOB NOT NULL,
    service TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    next_attempt_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, service)
) STRICT;
CREATE INDEX erasures_by_time ON erasures (next_attempt_at);
