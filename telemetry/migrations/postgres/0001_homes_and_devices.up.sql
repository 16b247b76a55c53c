CREATE TABLE homes (
    id uuid NOT NULL PRIMARY KEY,
    user_id uuid NOT NULL,
    name text NOT NULL,
    time_zone text NOT NULL,
    currency text NOT NULL,
    locale text NOT NULL,
    -- 1: Monday ... 7: Sunday
    week_start integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE INDEX homes_by_user ON homes (user_id, created_at);

CREATE TABLE tariffs (
    home_id uuid NOT NULL REFERENCES homes (id) ON DELETE CASCADE,
    -- 0: the oldest
    ordinal integer NOT NULL,
    -- local day, YYYY-MM-DD; null: from the beginning
    valid_from text,
    -- decimals, currency per kWh and per local day
    price_per_kwh text NOT NULL,
    standing_charge_per_day text,
    PRIMARY KEY (home_id, ordinal)
);

CREATE TABLE device_types (
    id integer NOT NULL PRIMARY KEY,
    key text NOT NULL UNIQUE,
    name text NOT NULL,
    description text NOT NULL,
    icon text NOT NULL,
    category text NOT NULL,
    created_at timestamptz NOT NULL
);

CREATE TABLE devices (
    id uuid NOT NULL PRIMARY KEY,
    user_id uuid NOT NULL,
    home_id uuid NOT NULL REFERENCES homes (id) ON DELETE CASCADE,
    name text NOT NULL,
    -- the name without regard to case
    name_key text NOT NULL,
    device_type_id integer NOT NULL REFERENCES device_types (id),
    room text NOT NULL,
    -- 1: consumption, 2: grid, 3: production, 4: storage
    flow integer NOT NULL,
    parent_device_id uuid REFERENCES devices (id) ON DELETE SET NULL,
    -- JSON array of text
    aliases text NOT NULL,
    on_threshold_watts double precision,
    max_gap_seconds double precision,
    color_slot integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    UNIQUE (home_id, name_key)
);
CREATE INDEX devices_by_home ON devices (home_id, created_at, id);
CREATE INDEX devices_by_user ON devices (user_id);
CREATE INDEX devices_by_parent ON devices (parent_device_id);

-- Where auth shares the database, its users own homes and devices.
DO $$
BEGIN
    IF to_regclass('users') IS NOT NULL THEN
        ALTER TABLE homes ADD CONSTRAINT homes_user_id_fkey
            FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE;
        ALTER TABLE devices ADD CONSTRAINT devices_user_id_fkey
            FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE;
    END IF;
END
$$;
