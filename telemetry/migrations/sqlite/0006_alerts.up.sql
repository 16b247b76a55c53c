CREATE TABLE alert_rules (
    id BLOB NOT NULL PRIMARY KEY,
    user_id BLOB NOT NULL,
    home_id BLOB NOT NULL REFERENCES homes (id) ON DELETE CASCADE,
    -- null: the whole home
    device_id BLOB REFERENCES devices (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    paused INTEGER NOT NULL,
    -- JSON
    condition TEXT NOT NULL,
    -- JSON: what the rule remembers
    state TEXT NOT NULL,
    -- grows with every change, so that two who look at once do not both tell
    version INTEGER NOT NULL,
    -- when the clock looks next
    due_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX alert_rules_by_home ON alert_rules (home_id, created_at, id);
CREATE INDEX alert_rules_by_device ON alert_rules (device_id);
CREATE INDEX alert_rules_by_due ON alert_rules (due_at);

CREATE TABLE alerts (
    id BLOB NOT NULL PRIMARY KEY,
    user_id BLOB NOT NULL,
    home_id BLOB NOT NULL REFERENCES homes (id) ON DELETE CASCADE,
    -- null: the rule has been deleted
    rule_id BLOB REFERENCES alert_rules (id) ON DELETE SET NULL,
    -- null: the whole home
    device_id BLOB REFERENCES devices (id) ON DELETE CASCADE,
    -- 1: power above, 2: on longer, 3: no data, 4: budget exceeded, 5: budget projected, 6: unusually high, 7: unusually low
    reason INTEGER NOT NULL,
    message TEXT NOT NULL,
    -- decimals in the unit: W, Wh, s or a currency
    observed TEXT NOT NULL,
    allowed TEXT NOT NULL,
    unit TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    raised_at INTEGER NOT NULL,
    -- null: active
    ended_at INTEGER,
    -- null: nobody has seen it
    acknowledged_at INTEGER,
    acknowledged_by BLOB,
    -- grows with every change of an alert of the home
    revision INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX alerts_active ON alerts (rule_id) WHERE ended_at IS NULL;
CREATE INDEX alerts_by_home ON alerts (home_id, raised_at, id);
CREATE INDEX alerts_by_revision ON alerts (home_id, revision);
CREATE INDEX alerts_by_rule ON alerts (rule_id);
CREATE INDEX alerts_by_device ON alerts (device_id);
