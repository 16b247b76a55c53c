CREATE TABLE homes (
    id BLOB NOT NULL PRIMARY KEY,
    user_id BLOB NOT NULL,
    name TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    currency TEXT NOT NULL,
    locale TEXT NOT NULL,
    -- 1: Monday ... 7: Sunday
    week_start INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX homes_by_user ON homes (user_id, created_at);

CREATE TABLE tariffs (
    home_id BLOB NOT NULL REFERENCES homes (id) ON DELETE CASCADE,
    -- 0: the oldest
    ordinal INTEGER NOT NULL,
    -- local day, YYYY-MM-DD; null: from the beginning
    valid_from TEXT,
    -- decimals, currency per kWh and per local day
    price_per_kwh TEXT NOT NULL,
    standing_charge_per_day TEXT,
    PRIMARY KEY (home_id, ordinal)
) STRICT, WITHOUT ROWID;

CREATE TABLE device_types (
    id INTEGER NOT NULL PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    icon TEXT NOT NULL,
    category TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE devices (
    id BLOB NOT NULL PRIMARY KEY,
    user_id BLOB NOT NULL,
    home_id BLOB NOT NULL REFERENCES homes (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    -- the name without regard to case
    name_key TEXT NOT NULL,
    device_type_id INTEGER NOT NULL REFERENCES device_types (id),
    room TEXT NOT NULL,
    -- 1: consumption, 2: grid, 3: production, 4: storage
    flow INTEGER NOT NULL,
    parent_device_id BLOB REFERENCES devices (id) ON DELETE SET NULL,
    -- JSON array of text
    aliases TEXT NOT NULL,
    on_threshold_watts REAL,
    max_gap_seconds REAL,
    color_slot INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (home_id, name_key)
) STRICT;
CREATE INDEX devices_by_home ON devices (home_id, created_at, id);
CREATE INDEX devices_by_user ON devices (user_id);
CREATE INDEX devices_by_parent ON devices (parent_device_id);
