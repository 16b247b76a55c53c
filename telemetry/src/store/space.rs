//! The space of readings that were sealed or dropped goes back to the file system. On TimescaleDB empty chunks go as well.

use sqlx::{AssertSqlSafe, Connection, SqlitePool};
use voltaire_mesh::{
    Db,
    db::{Postgres, to_the_end},
};

use super::{Result, Store};

/// What of a file may be free: one part of so many.
const FREE_PART: i64 = 8;
/// What a row takes in PostgreSQL with its index entry, about, bytes.
const ROW: i64 = 120;
/// Rows that are counted at most: a table with more of them is left as it is.
const MOST_ROWS: i64 = 500_000;
/// Who wants a table for itself gives up at once where it is in use, as those who store readings would queue behind it, and
/// one of them might be what the others wait for.
/// Said with whether it is for a transaction or for the connection.
pub(super) const POLITE: &str = "SELECT set_config('lock_timeout', '100ms', $1)";

/// A table of readings: the one, or on TimescaleDB a chunk of it.
#[derive(sqlx::FromRow)]
struct Table {
    /// As SQL wants it.
    name: String,
    /// The index of its primary key, in the same schema.
    key: String,
    /// With its indexes.
    bytes: i64,
}

impl Store {
    /// Gives back a portion of the space that nothing fills any more, if it is at least so many bytes and a good part of all.
    /// Whether it did.
    pub(crate) async fn give_back(&self, minimum: i64) -> Result<bool> {
        match self.db.clone() {
            Db::Sqlite(sqlite) => {
                let wanted = free_bytes(&sqlite.readers).await? >= minimum;
                if wanted {
                    to_the_end(async move { truncate(&sqlite.writer).await }).await?;
                }
                Ok(wanted)
            }
            Db::Postgres(postgres) => {
                for table in tables(&postgres, self.db.has_timescale().await?).await? {
                    if table.bytes >= minimum
                        && is_half_empty(&postgres, &table).await?
                        && rewrite(&postgres, &table).await?
                    {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
        }
    }
}

/// What of the file can be given back; none where it is a small part of all, or where the file was made without auto-vacuum.
async fn free_bytes(pool: &SqlitePool) -> Result<i64> {
    const SQL: &str = "SELECT auto_vacuum, freelist_count, page_count, page_size FROM pragma_auto_vacuum, \
        pragma_freelist_count, pragma_page_count, pragma_page_size";
    const INCREMENTAL: i64 = 2;
    let (mode, free, pages, size): (i64, i64, i64, i64) = sqlx::query_as(SQL).fetch_one(pool).await?;
    let wanted = mode == INCREMENTAL && free.saturating_mul(FREE_PART) > pages;
    Ok(if wanted { free.saturating_mul(size) } else { 0 })
}

/// Gives back some pages at the end of the file: so few that who stores readings need not wait long.
async fn truncate(writer: &SqlitePool) -> Result<()> {
    // Each step of the statement frees one page.
    let steps = sqlx::query("PRAGMA incremental_vacuum(1000)").fetch_all(writer).await?;
    drop(steps);
    Ok(())
}

/// What holds readings.
async fn tables(postgres: &Postgres, timescale: bool) -> Result<Vec<Table>> {
    const TABLE: &str = "SELECT 'telemetry_data' AS name, 'telemetry_data_pkey' AS key, \
        pg_total_relation_size('telemetry_data') AS bytes";
    const CHUNKS: &str = "SELECT c.oid::regclass::text AS name, quote_ident(k.relname) AS key, \
        pg_total_relation_size(c.oid) AS bytes FROM timescaledb_information.chunks t \
        JOIN pg_class c ON c.oid = format('%I.%I', t.chunk_schema, t.chunk_name)::regclass \
        JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary JOIN pg_class k ON k.oid = i.indexrelid \
        WHERE t.hypertable_name = 'telemetry_data' AND t.hypertable_schema = current_schema() ORDER BY t.range_start";
    let sql = if timescale { CHUNKS } else { TABLE };
    Ok(sqlx::query_as(sql).fetch_all(&postgres.lease()).await?)
}

/// Whether a table holds less than half the rows that its size is for.
async fn is_half_empty(postgres: &Postgres, table: &Table) -> Result<bool> {
    let few = (table.bytes / (2 * ROW)).min(MOST_ROWS);
    let sql = format!(
        "SELECT count(*) FROM (SELECT 1 FROM {} ORDER BY device_id, timestamp LIMIT $1) t",
        table.name
    );
    let count = sqlx::query_scalar::<_, i64>(AssertSqlSafe(sql)).bind(few);
    Ok(count.fetch_one(&postgres.lease()).await? < few)
}

/// Writes the few rows of a table anew, and says whether that made it smaller: not while it is in use, and while an older
/// transaction is open, the server keeps what was deleted. The table is locked only while these are read, by the index.
async fn rewrite(postgres: &Postgres, table: &Table) -> Result<bool> {
    let Table { name, key, bytes } = table;
    let mut connection = postgres.maintenance().await?;
    let vacuum = format!("VACUUM (ANALYZE) {name}");
    sqlx::query(AssertSqlSafe(vacuum)).execute(&mut connection).await?;
    sqlx::query(POLITE).bind(false).execute(&mut connection).await?;
    let cluster = AssertSqlSafe(format!("CLUSTER {name} USING {key}"));
    if unless_in_use(sqlx::query(cluster).execute(&mut connection).await)?.is_none() {
        return Ok(false);
    }
    let after = sqlx::query_scalar("SELECT pg_total_relation_size($1::regclass)").bind(name);
    let after: i64 = after.fetch_one(&mut connection).await?;
    connection.close().await?;
    Ok(after < *bytes)
}

/// None where a table was in use.
pub(super) fn unless_in_use<T>(
    done: std::result::Result<T, sqlx::Error>,
) -> std::result::Result<Option<T>, sqlx::Error> {
    const LOCK_NOT_AVAILABLE: &str = "55P03";
    match done {
        Err(sqlx::Error::Database(cause)) if cause.code().as_deref() == Some(LOCK_NOT_AVAILABLE) => Ok(None),
        other => other.map(Some),
    }
}
