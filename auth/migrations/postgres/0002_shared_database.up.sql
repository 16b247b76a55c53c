-- Where the services share a database, what belongs to a user goes with the user, whichever service's tables came first.
-- What another service holds from before is not looked at: its users may be gone already.
DO $$
DECLARE
    owned RECORD;
BEGIN
    FOR owned IN
        SELECT tables.relname
        FROM pg_class tables
        JOIN pg_attribute columns ON columns.attrelid = tables.oid
        WHERE tables.relnamespace = current_schema()::regnamespace
            AND tables.relkind IN ('r', 'p')
            AND NOT tables.relispartition
            AND columns.attname = 'user_id'
            AND columns.atttypid = 'uuid'::regtype
            -- Auth's own that outlive the user on purpose.
            AND tables.relname NOT IN ('revocations', 'erasures')
            AND NOT EXISTS (
                SELECT FROM pg_constraint keys
                WHERE keys.conrelid = tables.oid AND keys.contype = 'f' AND columns.attnum = ANY (keys.conkey)
            )
    LOOP
        EXECUTE format(
            'ALTER TABLE %I ADD CONSTRAINT %I FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE NOT VALID',
            owned.relname, owned.relname || '_user_id_fkey'
        );
    END LOOP;
END
$$;
