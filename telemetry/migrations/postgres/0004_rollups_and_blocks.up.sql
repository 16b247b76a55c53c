-- How far the readings of a device have been rolled up and sealed. Times are UTC.
CREATE TABLE rollup_progress (
    device_id uuid NOT NULL PRIMARY KEY REFERENCES devices (id) ON DELETE CASCADE,
    -- a reading later than this changes nothing that is rolled up
    edge timestamptz,
    -- quarter hours before it are rolled up, where their days are not stale
    rolled_until timestamptz,
    -- days before it are sealed; a reading for one of them may be in a block
    sealed_until timestamptz,
    -- readings before it have been dropped
    kept_from timestamptz
);
INSERT INTO rollup_progress (device_id) SELECT id FROM devices;

-- Days of which a reading came late: to be rolled up anew, and sealed anew where they were.
CREATE TABLE stale_days (
    id bigint NOT NULL GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    device_id uuid NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
    start_at timestamptz NOT NULL
);
CREATE INDEX stale_days_by_device ON stale_days (device_id, start_at);

-- The figures of a device and day of UTC. What is here is what the readings give.
CREATE TABLE rollups (
    device_id uuid NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
    start_at timestamptz NOT NULL,
    -- the day's end, or how far it is rolled up
    end_at timestamptz NOT NULL,
    energy_wh double precision NOT NULL,
    -- where power is positive
    taken_wh double precision NOT NULL,
    -- by a counter across time that is not covered
    bridged_wh double precision NOT NULL,
    -- by corrections
    estimated_wh double precision NOT NULL,
    covered_us bigint NOT NULL,
    estimated_us bigint NOT NULL,
    reading_count bigint NOT NULL,
    highest_watts double precision,
    highest_at timestamptz,
    lowest_watts double precision,
    lowest_at timestamptz,
    -- 1: the two are samples; 0: the curve's, as no sample falls into the day
    sampled integer,
    PRIMARY KEY (device_id, start_at)
);

-- The same for each quarter hour, packed; apart, so that days alone are read fast.
CREATE TABLE rollup_quarters (
    device_id uuid NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
    start_at timestamptz NOT NULL,
    quarters bytea NOT NULL,
    PRIMARY KEY (device_id, start_at)
);
ALTER TABLE rollup_quarters ALTER COLUMN quarters SET STORAGE EXTERNAL;

-- The readings of a device and a day that is over, packed.
CREATE TABLE reading_blocks (
    device_id uuid NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
    start_at timestamptz NOT NULL,
    first_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    reading_count bigint NOT NULL,
    -- whether interval readings are among them
    has_intervals integer NOT NULL,
    readings bytea NOT NULL,
    PRIMARY KEY (device_id, start_at)
);
ALTER TABLE reading_blocks ALTER COLUMN readings SET STORAGE EXTERNAL;
