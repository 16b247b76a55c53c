-- Answers that their owners reported; kept when the session is deleted, gone with the user.
CREATE TABLE chat_reports (
    message_id BLOB NOT NULL PRIMARY KEY,
    user_id BLOB NOT NULL,
    -- The conversation's questions up to the one that was answered.
    said TEXT NOT NULL,
    -- What was understood; null where nothing was.
    plan TEXT,
    answer TEXT NOT NULL,
    note TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX chat_reports_by_user ON chat_reports (user_id, created_at, message_id);
