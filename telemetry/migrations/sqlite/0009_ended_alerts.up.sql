-- Those that may be forgotten are found by when they ended.
CREATE INDEX alerts_by_end ON alerts (ended_at) WHERE ended_at IS NOT NULL;
