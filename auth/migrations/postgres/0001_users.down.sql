DROP TABLE erasures;
DROP TABLE audit_events;
DROP TABLE invites;
DROP TABLE api_tokens;
DROP TABLE revocations;
DROP TABLE signing_keys;
DROP TABLE auth_sequences;
-- Foreign keys of the other services go with it; their tables stay.
DROP TABLE users CASCADE;
