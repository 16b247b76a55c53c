-- A reading's id is derived from its key.
CREATE TABLE telemetry_data (
    device_id uuid NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
    timestamp timestamptz NOT NULL,
    -- active power, W
    energy_watts double precision NOT NULL,
    voltage double precision,
    current double precision,
    power_factor double precision,
    energy_total_wh double precision,
    -- set where the power is a mean over so long from the timestamp on
    interval_seconds double precision,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (device_id, timestamp)
);
CREATE INDEX telemetry_data_intervals ON telemetry_data (device_id, timestamp) WHERE interval_seconds IS NOT NULL;

DO $$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'timescaledb') THEN
        PERFORM create_hypertable(
            'telemetry_data', by_range('timestamp', INTERVAL '7 days'), create_default_indexes => false
        );
    END IF;
END
$$;
