DROP TABLE erasures;
DROP TABLE audit_events;
DROP TABLE invites;
DROP TABLE api_tokens;
DROP TABLE revocations;
DROP TABLE signing_keys;
DROP TABLE auth_sequences;
DROP TABLE users;
