CREATE TABLE chat_sessions (
    id UUID NOT NULL PRIMARY KEY,
    user_id UUID NOT NULL,
    -- Null until a question needed the home.
    home_id UUID,
    title TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX chat_sessions_by_user ON chat_sessions (user_id, updated_at, id);

CREATE TABLE chat_messages (
    id UUID NOT NULL PRIMARY KEY,
    user_id UUID NOT NULL,
    session_id UUID NOT NULL REFERENCES chat_sessions (id) ON DELETE CASCADE,
    role TEXT NOT NULL CHECK (role IN ('user', 'assistant')),
    content TEXT NOT NULL,
    -- The answer's steps, its plan and whom it was about.
    metadata JSONB NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX chat_messages_by_session ON chat_messages (session_id, created_at, id);
CREATE INDEX chat_messages_by_user ON chat_messages (user_id);

-- Where the services share a database, its foreign keys are kept.
DO $$
BEGIN
    IF to_regclass('users') IS NOT NULL THEN
        ALTER TABLE chat_sessions
            ADD CONSTRAINT chat_sessions_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE;
        ALTER TABLE chat_messages
            ADD CONSTRAINT chat_messages_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE;
    END IF;
END $$;
