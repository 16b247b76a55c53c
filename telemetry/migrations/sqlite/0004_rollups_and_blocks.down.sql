-- Sealed readings are nowhere else: `telemetry.seal_after_days = 0` makes rows of them again. While some are left, this fails.
CREATE TABLE sealed_readings_are_left (blocks INTEGER CHECK (blocks = 0));
INSERT INTO sealed_readings_are_left SELECT count(*) FROM reading_blocks;
DROP TABLE sealed_readings_are_left;
DROP TABLE reading_blocks;
DROP TABLE rollup_quarters;
DROP TABLE rollups;
DROP TABLE stale_days;
DROP TABLE rollup_progress;
