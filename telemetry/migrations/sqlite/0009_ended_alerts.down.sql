DROP INDEX alerts_by_end;
