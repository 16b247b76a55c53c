-- When a rule, what it remembers or its device last changed: processes read what is new to them.
ALTER TABLE alert_rules ADD COLUMN touched_at INTEGER NOT NULL DEFAULT 0;
CREATE INDEX alert_rules_by_touch ON alert_rules (touched_at);
