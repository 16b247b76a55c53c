-- A file is of one service only.
SELECT 1;
