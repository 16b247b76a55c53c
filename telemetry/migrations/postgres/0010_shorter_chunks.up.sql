-- Chunks of two days from now on: the space of sealed days is given back sooner.
DO $$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'timescaledb') THEN
        PERFORM set_chunk_time_interval('telemetry_data', INTERVAL '2 days');
    END IF;
END
$$;
