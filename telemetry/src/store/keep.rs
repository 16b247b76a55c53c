//! Readings that are too old to be kept are dropped; their rollups stay.

use voltaire_mesh::{read, transaction, write};
use voltaire_types::{DeviceId, Timestamp};

use super::{
    Result, Store,
    rollup::Progress,
    space::{POLITE, unless_in_use},
    upkeep::Upkeep,
};
use crate::figures::rollup::day_start;

/// Readings that are deleted at a time, so that others are not kept waiting.
const PORTION: i64 = 20_000;

impl Store {
    /// Drops the readings before a day of some devices: as far as whole days are rolled up, so that a device that has
    /// fallen silent keeps its last day. Says of how many.
    pub(crate) async fn drop_readings(&self, before: Timestamp, limit: u32) -> Result<usize> {
        const SQLITE: &str = "SELECT device_id, edge, rolled_until, sealed_until, kept_from FROM rollup_progress p \
            WHERE coalesce(kept_from, 0) < min($1, rolled_until - rolled_until % 86400000000) \
            AND NOT EXISTS (SELECT 1 FROM stale_days s WHERE s.device_id = p.device_id AND s.start_at < $1) LIMIT $2";
        const POSTGRES: &str = "SELECT device_id, edge, rolled_until, sealed_until, kept_from FROM rollup_progress p \
            WHERE rolled_until IS NOT NULL \
            AND coalesce(kept_from, 'epoch') < least($1, date_trunc('day', rolled_until, 'UTC')) \
            AND NOT EXISTS (SELECT 1 FROM stale_days s WHERE s.device_id = p.device_id AND s.start_at < $1) LIMIT $2";
        let sql = self.fork(SQLITE, POSTGRES);
        let devices: Vec<Progress> = read!(self.db, |pool| {
            sqlx::query_as(sql)
                .bind(before)
                .bind(i64::from(limit))
                .fetch_all(pool)
                .await
        })?;
        let mut dropped = 0;
        for progress in devices {
            let Some(rolled_until) = progress.rolled_until else {
                continue;
            };
            let before = before.min(day_start(rolled_until));
            let device = progress.device_id;
            // From then on nothing older is taken in, so that no rollup of that time is made anew.
            let closed = transaction!(self.db, |tx| {
                let is_free = tx.lock_progress(&progress).await?;
                let waits = tx.stale_days(device).await?.iter().any(|day| day.start_at < before);
                if is_free && !waits {
                    tx.set_kept_from(device, before).await?;
                }
                Ok::<_, sqlx::Error>(is_free && !waits)
            })?;
            if closed {
                self.delete_before(device, before).await?;
                dropped += 1;
            }
        }
        Ok(dropped)
    }

    async fn delete_before(&self, device: DeviceId, before: Timestamp) -> Result<()> {
        const ROWS: &str = "DELETE FROM telemetry_data WHERE device_id = $1 AND timestamp < $2 AND timestamp <= (\
            SELECT max(timestamp) FROM (SELECT timestamp FROM telemetry_data WHERE device_id = $1 \
            ORDER BY timestamp LIMIT $3) p)";
        const BLOCKS: &str = "DELETE FROM reading_blocks WHERE device_id = $1 AND start_at < $2";
        let mut deleted = 1;
        while deleted > 0 {
            deleted = write!(self.db, |pool| {
                let rows = sqlx::query(ROWS)
                    .bind(device)
                    .bind(before)
                    .bind(PORTION)
                    .execute(pool)
                    .await;
                rows.map(|it| it.rows_affected())
            })?;
        }
        Ok(write!(self.db, |pool| sqlx::query(BLOCKS)
            .bind(device)
            .bind(before)
            .execute(pool)
            .await
            .map(drop))?)
    }

    /// On TimescaleDB drops the chunks that end by an instant and hold no row any more, whatever those beside them hold: a
    /// device that has fallen silent keeps rows of its last, unfinished day. Says how many.
    pub(crate) async fn drop_empty_chunks(&self, before: Timestamp) -> Result<usize> {
        const CHUNKS: &str = "SELECT range_start, range_end FROM timescaledb_information.chunks \
            WHERE hypertable_name = 'telemetry_data' AND hypertable_schema = current_schema() AND range_end <= $1";
        const EMPTY: &str = "SELECT NOT EXISTS (SELECT 1 FROM telemetry_data WHERE timestamp >= $1 AND timestamp < $2)";
        if !self.db.has_timescale().await? {
            return Ok(0);
        }
        let chunks: Vec<(Timestamp, Timestamp)> = read!(self.db, |pool| {
            sqlx::query_as(CHUNKS).bind(before).fetch_all(pool).await
        })?;
        let mut dropped = 0;
        for (start, end) in chunks {
            // Looked at before anyone is kept waiting, and again when nobody can store a reading there.
            let empty = read!(self.db, |pool| {
                sqlx::query_scalar(EMPTY).bind(start).bind(end).fetch_one(pool).await
            })?;
            if empty && self.drop_chunk((start, end), EMPTY).await? {
                dropped += 1;
            }
        }
        Ok(dropped)
    }

    /// Whether the chunk was still empty, nobody was using the table, and it has been dropped.
    async fn drop_chunk(&self, (start, end): (Timestamp, Timestamp), empty: &'static str) -> Result<bool> {
        const LOCK: &str = "LOCK TABLE telemetry_data IN SHARE ROW EXCLUSIVE MODE";
        const DROP: &str = "SELECT count(*) FROM drop_chunks('telemetry_data', older_than => $2, newer_than => $1)";
        let dropped = transaction!(self.db, |tx| {
            sqlx::query(POLITE).bind(true).execute(&mut *tx).await?;
            sqlx::query(LOCK).execute(&mut *tx).await?;
            let is_empty = sqlx::query_scalar(empty).bind(start).bind(end);
            if !is_empty.fetch_one(&mut *tx).await? {
                return Ok::<_, sqlx::Error>(false);
            }
            let dropped: i64 = sqlx::query_scalar(DROP)
                .bind(start)
                .bind(end)
                .fetch_one(&mut *tx)
                .await?;
            Ok(dropped > 0)
        });
        Ok(unless_in_use(dropped)?.unwrap_or(false))
    }
}
