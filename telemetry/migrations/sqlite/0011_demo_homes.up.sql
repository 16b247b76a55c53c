-- 1: the readings of the home are made up
ALTER TABLE homes ADD COLUMN demo INTEGER NOT NULL DEFAULT 0;
