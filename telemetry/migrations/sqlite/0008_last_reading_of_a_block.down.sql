ALTER TABLE reading_blocks DROP COLUMN last_reading;
