//! The space of readings that were sealed or dropped goes back to the file system; rows of TimescaleDB go with their chunks.

use sqlx::{Connection, SqlitePool};
use voltaire_mesh::{
    Db,
    db::{Postgres, to_the_end},
};

use super::{Result, Store};

/// What of a file may be free: one part of so many.
const FREE_PART: i64 = 8;
/// What a row takes in PostgreSQL with its index entries, bytes.
const ROW: i64 = 200;
/// Rows that are counted at most: a table with more of them is not mostly empty.
const MOST_ROWS: i64 = 1_000_000;

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
            Db::Postgres(_) if self.db.has_timescale().await? => Ok(false),
            Db::Postgres(postgres) => {
                let before = size(&postgres).await?;
                if before < minimum || !is_mostly_empty(&postgres, before).await? {
                    return Ok(false);
                }
                rewrite(&postgres).await?;
                // While an older transaction is open, the server keeps what was deleted.
                Ok(size(&postgres).await? < before)
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

/// What the table of readings takes with its indexes, bytes.
async fn size(postgres: &Postgres) -> Result<i64> {
    const SIZE: &str = "SELECT pg_total_relation_size('telemetry_data')";
    Ok(sqlx::query_scalar(SIZE).fetch_one(&postgres.lease()).await?)
}

/// Whether the table of readings holds few rows for its size.
async fn is_mostly_empty(postgres: &Postgres, size: i64) -> Result<bool> {
    const COUNT: &str = "SELECT count(*) FROM (SELECT 1 FROM telemetry_data ORDER BY device_id, timestamp LIMIT $1) t";
    let few = (size / (4 * ROW)).min(MOST_ROWS);
    let rows: i64 = sqlx::query_scalar(COUNT).bind(few).fetch_one(&postgres.lease()).await?;
    Ok(rows < few)
}

/// Writes the few rows of the table of readings anew. It is locked only while these are read, by the index.
async fn rewrite(postgres: &Postgres) -> Result<()> {
    let mut connection = postgres.maintenance().await?;
    for sql in [
        "VACUUM (ANALYZE) telemetry_data",
        "CLUSTER telemetry_data USING telemetry_data_pkey",
    ] {
        sqlx::query(sql).execute(&mut connection).await?;
    }
    Ok(connection.close().await?)
}
