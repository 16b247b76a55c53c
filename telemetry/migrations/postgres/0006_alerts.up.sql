CREATE TABLE alert_rules (
    id uuid NOT NULL PRIMARY KEY,
    user_id uuid NOT NULL,
    home_id uuid NOT NULL REFERENCES homes (id) ON DELETE CASCADE,
    -- null: the whole home
    device_id uuid REFERENCES devices (id) ON DELETE CASCADE,
    name text NOT NULL,
    paused boolean NOT NULL,
    -- JSON
    condition text NOT NULL,
    -- JSON: what the rule remembers
    state text NOT NULL,
    -- grows with every change, so that two who look at once do not both tell
    version bigint NOT NULL,
    -- when the clock looks next
    due_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE INDEX alert_rules_by_home ON alert_rules (home_id, created_at, id);
CREATE INDEX alert_rules_by_device ON alert_rules (device_id);
CREATE INDEX alert_rules_by_due ON alert_rules (due_at);

CREATE TABLE alerts (
    id uuid NOT NULL PRIMARY KEY,
    user_id uuid NOT NULL,
    home_id uuid NOT NULL REFERENCES homes (id) ON DELETE CASCADE,
    -- null: the rule has been deleted
    rule_id uuid REFERENCES alert_rules (id) ON DELETE SET NULL,
    -- null: the whole home
    device_id uuid REFERENCES devices (id) ON DELETE CASCADE,
    -- 1: power above, 2: on longer, 3: no data, 4: budget exceeded, 5: budget projected, 6: unusually high, 7: unusually low
    reason integer NOT NULL,
    message text NOT NULL,
    -- decimals in the unit: W, Wh, s or a currency
    observed text NOT NULL,
    allowed text NOT NULL,
    unit text NOT NULL,
    started_at timestamptz NOT NULL,
    raised_at timestamptz NOT NULL,
    -- null: active
    ended_at timestamptz,
    -- null: nobody has seen it
    acknowledged_at timestamptz,
    acknowledged_by uuid,
    -- grows with every change of an alert of the home
    revision bigint NOT NULL
);
CREATE UNIQUE INDEX alerts_active ON alerts (rule_id) WHERE ended_at IS NULL;
CREATE INDEX alerts_by_home ON alerts (home_id, raised_at, id);
CREATE INDEX alerts_by_revision ON alerts (home_id, revision);
CREATE INDEX alerts_by_rule ON alerts (rule_id);
CREATE INDEX alerts_by_device ON alerts (device_id);

-- Where auth shares the database, its users own rules and alerts.
DO $$
BEGIN
    IF to_regclass('users') IS NOT NULL THEN
        ALTER TABLE alert_rules ADD CONSTRAINT alert_rules_user_id_fkey
            FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE;
        ALTER TABLE alerts ADD CONSTRAINT alerts_user_id_fkey
            FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE;
    END IF;
END
$$;
