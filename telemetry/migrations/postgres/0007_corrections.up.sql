-- Time of a device whose readings do not count, or are replaced by an estimate. Readings themselves are never changed.
CREATE TABLE corrections (
    id uuid NOT NULL PRIMARY KEY,
    device_id uuid NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
    start_at timestamptz NOT NULL,
    end_at timestamptz NOT NULL,
    -- mean power over that time, W; null: nothing counts
    estimate_watts double precision,
    reason text NOT NULL,
    -- who made it
    author_id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    undone_at timestamptz
);
CREATE INDEX corrections_by_device ON corrections (device_id, start_at);
