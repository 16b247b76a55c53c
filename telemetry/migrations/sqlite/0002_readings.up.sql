-- Clustered by device and time; a reading's id is derived from its key.
CREATE TABLE telemetry_data (
    device_id BLOB NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
    timestamp INTEGER NOT NULL,
    -- active power, W
    energy_watts REAL NOT NULL,
    voltage REAL,
    current REAL,
    power_factor REAL,
    energy_total_wh REAL,
    -- set where the power is a mean over so long from the timestamp on
    interval_seconds REAL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (device_id, timestamp)
) STRICT, WITHOUT ROWID;
CREATE INDEX telemetry_data_intervals ON telemetry_data (device_id, timestamp) WHERE interval_seconds IS NOT NULL;
