DROP INDEX alert_rules_by_touch;
ALTER TABLE alert_rules DROP COLUMN touched_at;
