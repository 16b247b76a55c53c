-- The last reading of the block by itself, packed, so that it is known without opening the others; none in older blocks.
ALTER TABLE reading_blocks ADD COLUMN last_reading bytea;
