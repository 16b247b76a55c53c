-- How far the readings of a device have been rolled up and sealed. Times are UTC.
CREATE TABLE rollup_progress (
    device_id BLOB NOT NULL PRIMARY KEY REFERENCES devices (id) ON DELETE CASCADE,
    -- a reading later than this changes nothing that is rolled up
    edge INTEGER,
    -- quarter hours before it are rolled up, where their days are not stale
    rolled_until INTEGER,
    -- days before it are sealed; a reading for one of them may be in a block
    sealed_until INTEGER,
    -- readings before it have been dropped
    kept_from INTEGER
) STRICT, WITHOUT ROWID;
INSERT INTO rollup_progress (device_id) SELECT id FROM devices;

-- Days of which a reading came late: to be rolled up anew, and sealed anew where they were.
CREATE TABLE stale_days (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    device_id BLOB NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
    start_at INTEGER NOT NULL
) STRICT;
CREATE INDEX stale_days_by_device ON stale_days (device_id, start_at);

-- The figures of a device and day of UTC. What is here is what the readings give.
CREATE TABLE rollups (
    device_id BLOB NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
    start_at INTEGER NOT NULL,
    -- the day's end, or how far it is rolled up
    end_at INTEGER NOT NULL,
    energy_wh REAL NOT NULL,
    -- where power is positive
    taken_wh REAL NOT NULL,
    -- by a counter across time that is not covered
    bridged_wh REAL NOT NULL,
    -- by corrections
    estimated_wh REAL NOT NULL,
    covered_us INTEGER NOT NULL,
    estimated_us INTEGER NOT NULL,
    reading_count INTEGER NOT NULL,
    highest_watts REAL,
    highest_at INTEGER,
    lowest_watts REAL,
    lowest_at INTEGER,
    -- 1: the two are samples; 0: the curve's, as no sample falls into the day
    sampled INTEGER,
    PRIMARY KEY (device_id, start_at)
) STRICT, WITHOUT ROWID;

-- The same for each quarter hour, packed; apart, so that days alone are read fast.
CREATE TABLE rollup_quarters (
    device_id BLOB NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
    start_at INTEGER NOT NULL,
    quarters BLOB NOT NULL,
    PRIMARY KEY (device_id, start_at)
) STRICT;

-- The readings of a device and a day that is over, packed.
CREATE TABLE reading_blocks (
    device_id BLOB NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
    start_at INTEGER NOT NULL,
    first_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    reading_count INTEGER NOT NULL,
    -- whether interval readings are among them
    has_intervals INTEGER NOT NULL,
    readings BLOB NOT NULL,
    PRIMARY KEY (device_id, start_at)
) STRICT;
