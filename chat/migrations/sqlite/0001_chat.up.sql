CREATE TABLE chat_sessions (
    id BLOB NOT NULL PRIMARY KEY,
    user_id BLOB NOT NULL,
    -- Null until a question needed the home.
    home_id BLOB,
    title TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX chat_sessions_by_user ON chat_sessions (user_id, updated_at, id);

CREATE TABLE chat_messages (
    id BLOB NOT NULL PRIMARY KEY,
    user_id BLOB NOT NULL,
    session_id BLOB NOT NULL REFERENCES chat_sessions (id) ON DELETE CASCADE,
    role TEXT NOT NULL CHECK (role IN ('user', 'assistant')),
    content TEXT NOT NULL,
    -- The answer's steps, its plan and whom it was about.
    metadata TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX chat_messages_by_session ON chat_messages (session_id, created_at, id);
CREATE INDEX chat_messages_by_user ON chat_messages (user_id);
