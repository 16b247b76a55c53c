-- Time of a device whose readings do not count, or are replaced by an estimate. Readings themselves are never changed.
CREATE TABLE corrections (
    id BLOB NOT NULL PRIMARY KEY,
    device_id BLOB NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
    start_at INTEGER NOT NULL,
    end_at INTEGER NOT NULL,
    -- mean power over that time, W; null: nothing counts
    estimate_watts REAL,
    reason TEXT NOT NULL,
    -- who made it
    author_id BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    undone_at INTEGER
) STRICT;
CREATE INDEX corrections_by_device ON corrections (device_id, start_at);
