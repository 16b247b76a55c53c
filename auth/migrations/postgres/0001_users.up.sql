CREATE TABLE users (
    id UUID NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    -- As its owner writes it.
    email TEXT NOT NULL,
    -- As it is compared: lower case, NFC.
    email_key TEXT NOT NULL UNIQUE,
    -- PHC string of argon2id.
    password TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('user', 'admin')),
    disabled BOOLEAN NOT NULL DEFAULT FALSE,
    -- Session tokens with a lower `tv` are refused.
    token_version BIGINT NOT NULL DEFAULT 1,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX users_by_creation ON users (created_at, id);

-- A transaction that changes one of these rows makes every other such transaction wait until it is over, on every
-- database: `users` decides who is admin, `revocations` numbers revocations in the order in which they become visible.
CREATE TABLE auth_sequences (
    name TEXT NOT NULL PRIMARY KEY,
    value BIGINT NOT NULL
);
INSERT INTO auth_sequences (name, value) VALUES ('users', 0), ('keys', 0), ('revocations', 0);

CREATE TABLE signing_keys (
    -- RFC 7638 thumbprint.
    kid TEXT NOT NULL PRIMARY KEY,
    -- PKCS#8; null when the key only verifies.
    private_key BYTEA,
    public_key BYTEA NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    -- It is published at once and signs from here on.
    active_from TIMESTAMPTZ NOT NULL,
    -- Another key signs from here on.
    retired_at TIMESTAMPTZ
);

CREATE TABLE revocations (
    seq BIGINT NOT NULL PRIMARY KEY,
    -- Either one token, or the sessions of a user below a version.
    token_id UUID,
    user_id UUID,
    min_version BIGINT,
    expires_at TIMESTAMPTZ NOT NULL,
    CHECK ((token_id IS NULL) = (user_id IS NOT NULL AND min_version IS NOT NULL))
);
CREATE INDEX revocations_by_expiry ON revocations (expires_at);

CREATE TABLE api_tokens (
    id UUID NOT NULL PRIMARY KEY,
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    -- SHA-256 of the token.
    hash BYTEA NOT NULL UNIQUE,
    scopes TEXT NOT NULL,
    -- The key that signed it.
    kid TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    revoked_at TIMESTAMPTZ
);
CREATE INDEX api_tokens_by_user ON api_tokens (user_id, created_at);
CREATE INDEX api_tokens_by_key ON api_tokens (kid, expires_at);

CREATE TABLE invites (
    id UUID NOT NULL PRIMARY KEY,
    -- SHA-256 of the code.
    hash BYTEA NOT NULL UNIQUE,
    -- The only e-mail it is good for; null: any.
    email_key TEXT,
    created_by UUID REFERENCES users (id) ON DELETE SET NULL,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    used_at TIMESTAMPTZ
);

-- What happened stays known when its user is gone, so no foreign keys here.
CREATE TABLE audit_events (
    id UUID NOT NULL PRIMARY KEY,
    at TIMESTAMPTZ NOT NULL,
    kind TEXT NOT NULL,
    actor_id UUID,
    subject_id UUID,
    address TEXT
);
CREATE INDEX audit_events_by_time ON audit_events (at, id);

-- Outbox: users whom a service has still to forget.
CREATE TABLE erasures (
    user_id UUID NOT NULL,
    service TEXT NOT NULL,
    attempts BIGINT NOT NULL DEFAULT 0,
    next_attempt_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (user_id, service)
);
CREATE INDEX erasures_by_time ON erasures (next_attempt_at);
