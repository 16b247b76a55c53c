-- How many readings of a device were rejected, by the day of their arrival.
CREATE TABLE rejected_readings (
    device_id uuid NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
    -- UTC, days since 1970
    day bigint NOT NULL,
    readings bigint NOT NULL,
    PRIMARY KEY (device_id, day)
);
