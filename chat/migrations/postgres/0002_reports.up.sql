-- Answers that their owners reported; kept when the session is deleted, gone with the user.
CREATE TABLE chat_reports (
    message_id UUID NOT NULL PRIMARY KEY,
    user_id UUID NOT NULL,
    -- The conversation's questions up to the one that was answered.
    said JSONB NOT NULL,
    -- What was understood; null where nothing was.
    plan JSONB,
    answer TEXT NOT NULL,
    note TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX chat_reports_by_user ON chat_reports (user_id, created_at, message_id);

-- Where the services share a database, its foreign keys are kept.
DO $$
BEGIN
    IF to_regclass('users') IS NOT NULL THEN
        ALTER TABLE chat_reports
            ADD CONSTRAINT chat_reports_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE;
    END IF;
END $$;
