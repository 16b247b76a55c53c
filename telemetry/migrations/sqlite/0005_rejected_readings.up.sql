-- How many readings of a device were rejected, by the day of their arrival.
CREATE TABLE rejected_readings (
    device_id BLOB NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
    -- UTC, days since 1970
    day INTEGER NOT NULL,
    readings INTEGER NOT NULL,
    PRIMARY KEY (device_id, day)
) STRICT, WITHOUT ROWID;
