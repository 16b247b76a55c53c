DO $$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'timescaledb') THEN
        PERFORM set_chunk_time_interval('telemetry_data', INTERVAL '7 days');
    END IF;
END
$$;
