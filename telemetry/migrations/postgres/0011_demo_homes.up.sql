-- 1: the readings of the home are made up
ALTER TABLE homes ADD COLUMN demo integer NOT NULL DEFAULT 0;
