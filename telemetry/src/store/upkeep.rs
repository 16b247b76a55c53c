//! Statements of the upkeep of readings within a transaction: the same text for both kinds of connection, written once.

use sqlx::{PgConnection, SqliteConnection};
use voltaire_types::{DeviceId, Interval, Timestamp};

use super::{
    block::Block,
    rollup::{LOCKED_POSTGRES, PROGRESS_SQLITE, Progress, RolledDay, StaleDay},
};
use crate::{
    figures::rollup::{DAY, Extremes},
    pack::{Key, quarters},
};

type Result<T> = std::result::Result<T, sqlx::Error>;

/// What upkeep does within a transaction.
pub(super) trait Upkeep {
    /// Begins with a new device.
    async fn begin_progress(&mut self, device: DeviceId) -> Result<()>;

    /// Deletes all rollups of a device whose readings are still kept, so that they are made anew.
    async fn forget_rollups(&mut self, device: DeviceId) -> Result<()>;

    /// How far the devices of the list are rolled up and sealed; stays so until the transaction ends, where it must.
    async fn progress(&mut self, id_list: String) -> Result<Vec<Progress>>;

    /// Keeps others from storing readings of the device, and says whether it is still where it was.
    async fn lock_progress(&mut self, before: &Progress) -> Result<bool>;

    /// The stale days of a device, by time.
    async fn stale_days(&mut self, device: DeviceId) -> Result<Vec<StaleDay>>;

    /// Leaves out of the stale days what is mended.
    async fn forget_stale(&mut self, mended: &[i64]) -> Result<()>;

    /// Deletes the rollups of days of UTC and marks them stale; `days` runs from the first to the end of the last.
    async fn make_stale(&mut self, device: DeviceId, days: Interval) -> Result<()>;

    /// Says how far a device is rolled up.
    async fn set_rolled_until(&mut self, device: DeviceId, until: Timestamp) -> Result<()>;

    /// Puts the rollup of a day in the place of what was there.
    async fn put_rollup(&mut self, device: DeviceId, day: &RolledDay) -> Result<()>;

    /// Says how far a device is sealed.
    async fn set_sealed_until(&mut self, device: DeviceId, until: Timestamp) -> Result<()>;

    /// Says from when on readings of a device are kept.
    async fn set_kept_from(&mut self, device: DeviceId, from: Timestamp) -> Result<()>;

    /// Puts a block in the place of what was there, and of the rows of its day.
    async fn put_block(&mut self, block: &Block) -> Result<()>;

    /// The blocks of a device whose days begin within the interval.
    async fn blocks(&mut self, device: DeviceId, starts: Interval) -> Result<Vec<Block>>;

    /// The blocks of a device with readings within the interval; those without interval readings without their contents.
    async fn blocks_around(&mut self, device: DeviceId, interval: Interval) -> Result<Vec<Block>>;

    /// The time of a device that corrections in force are about.
    async fn corrected(&mut self, device: DeviceId) -> Result<Vec<Interval>>;

    /// When the last row of a device before an instant was, and until when the last interval reading among them holds.
    async fn rows_before(&mut self, device: DeviceId, at: Timestamp) -> Result<(Option<Timestamp>, Option<Timestamp>)>;

    /// When the first row of a device at or after an instant is.
    async fn row_from(&mut self, device: DeviceId, at: Timestamp) -> Result<Option<Timestamp>>;
}

macro_rules! upkeep {
    ($connection:ty, $progress:expr) => {
        impl Upkeep for $connection {
            async fn begin_progress(&mut self, device: DeviceId) -> Result<()> {
                const SQL: &str = "INSERT INTO rollup_progress (device_id) VALUES ($1)";
                sqlx::query(SQL).bind(device).execute(self).await.map(drop)
            }

            async fn forget_rollups(&mut self, device: DeviceId) -> Result<()> {
                const SQL: [&str; 3] = [
                    "UPDATE rollup_progress SET edge = NULL, rolled_until = kept_from WHERE device_id = $1",
                    "DELETE FROM rollups WHERE device_id = $1 AND NOT EXISTS (SELECT 1 FROM rollup_progress p \
                     WHERE p.device_id = $1 AND start_at < p.kept_from)",
                    "DELETE FROM rollup_quarters WHERE device_id = $1 AND NOT EXISTS (SELECT 1 FROM rollup_progress p \
                     WHERE p.device_id = $1 AND start_at < p.kept_from)",
                ];
                for sql in SQL {
                    sqlx::query(sql).bind(device).execute(&mut *self).await?;
                }
                Ok(())
            }

            async fn progress(&mut self, id_list: String) -> Result<Vec<Progress>> {
                sqlx::query_as($progress).bind(id_list).fetch_all(self).await
            }

            async fn lock_progress(&mut self, before: &Progress) -> Result<bool> {
                const SQL: &str = "UPDATE rollup_progress SET edge = edge WHERE device_id = $1 \
                    AND rolled_until IS NOT DISTINCT FROM $2 AND sealed_until IS NOT DISTINCT FROM $3 \
                    AND edge IS NOT DISTINCT FROM $4";
                let query = sqlx::query(SQL).bind(before.device_id).bind(before.rolled_until);
                let query = query.bind(before.sealed_until).bind(before.edge);
                Ok(query.execute(self).await?.rows_affected() == 1)
            }

            async fn stale_days(&mut self, device: DeviceId) -> Result<Vec<StaleDay>> {
                const SQL: &str =
                    "SELECT id, device_id, start_at FROM stale_days WHERE device_id = $1 ORDER BY start_at, id";
                sqlx::query_as(SQL).bind(device).fetch_all(self).await
            }

            async fn forget_stale(&mut self, mended: &[i64]) -> Result<()> {
                for id in mended {
                    sqlx::query("DELETE FROM stale_days WHERE id = $1").bind(id).execute(&mut *self).await?;
                }
                Ok(())
            }

            async fn make_stale(&mut self, device: DeviceId, days: Interval) -> Result<()> {
                const DELETE: [&str; 2] = [
                    "DELETE FROM rollups WHERE device_id = $1 AND start_at >= $2 AND start_at < $3",
                    "DELETE FROM rollup_quarters WHERE device_id = $1 AND start_at >= $2 AND start_at < $3",
                ];
                const MARK: &str = "INSERT INTO stale_days (device_id, start_at) VALUES ($1, $2)";
                for sql in DELETE {
                    sqlx::query(sql).bind(device).bind(days.start).bind(days.end).execute(&mut *self).await?;
                }
                let mut day = days.start;
                while day < days.end {
                    sqlx::query(MARK).bind(device).bind(day).execute(&mut *self).await?;
                    day = day.plus(DAY);
                }
                Ok(())
            }

            async fn set_rolled_until(&mut self, device: DeviceId, until: Timestamp) -> Result<()> {
                const SQL: &str = "UPDATE rollup_progress SET rolled_until = $2 WHERE device_id = $1";
                sqlx::query(SQL).bind(device).bind(until).execute(self).await.map(drop)
            }

            async fn put_rollup(&mut self, device: DeviceId, day: &RolledDay) -> Result<()> {
                const ROLLUP: &str = "INSERT INTO rollups (device_id, start_at, end_at, energy_wh, taken_wh, bridged_wh, \
                    estimated_wh, covered_us, estimated_us, reading_count, highest_watts, highest_at, lowest_watts, \
                    lowest_at, sampled) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) \
                    ON CONFLICT (device_id, start_at) DO UPDATE SET end_at = excluded.end_at, \
                    energy_wh = excluded.energy_wh, taken_wh = excluded.taken_wh, bridged_wh = excluded.bridged_wh, \
                    estimated_wh = excluded.estimated_wh, covered_us = excluded.covered_us, \
                    estimated_us = excluded.estimated_us, reading_count = excluded.reading_count, \
                    highest_watts = excluded.highest_watts, highest_at = excluded.highest_at, \
                    lowest_watts = excluded.lowest_watts, lowest_at = excluded.lowest_at, sampled = excluded.sampled";
                const QUARTERS: &str = "INSERT INTO rollup_quarters (device_id, start_at, quarters) VALUES ($1, $2, $3) \
                    ON CONFLICT (device_id, start_at) DO UPDATE SET quarters = excluded.quarters";
                let whole = day.quarters.whole();
                let highest = whole.extremes.map(|Extremes { highest, .. }| highest);
                let lowest = whole.extremes.map(|Extremes { lowest, .. }| lowest);
                sqlx::query(ROLLUP)
                    .bind(device)
                    .bind(day.start)
                    .bind(day.end())
                    .bind(whole.energy)
                    .bind(whole.taken)
                    .bind(whole.bridged)
                    .bind(whole.estimated)
                    .bind(whole.covered)
                    .bind(whole.estimated_time)
                    .bind(whole.count.cast_signed())
                    .bind(highest.map(|it| it.power))
                    .bind(highest.map(|it| it.at))
                    .bind(lowest.map(|it| it.power))
                    .bind(lowest.map(|it| it.at))
                    .bind(whole.extremes.map(|it| i32::from(it.sampled)))
                    .execute(&mut *self)
                    .await?;
                let key = Key { device, start: day.start };
                let bytes = quarters::pack(key, &day.quarters);
                sqlx::query(QUARTERS).bind(device).bind(day.start).bind(bytes).execute(self).await.map(drop)
            }

            async fn set_sealed_until(&mut self, device: DeviceId, until: Timestamp) -> Result<()> {
                const SQL: &str = "UPDATE rollup_progress SET sealed_until = $2 WHERE device_id = $1";
                sqlx::query(SQL).bind(device).bind(until).execute(self).await.map(drop)
            }

            async fn set_kept_from(&mut self, device: DeviceId, from: Timestamp) -> Result<()> {
                const SQL: &str = "UPDATE rollup_progress SET kept_from = $2 WHERE device_id = $1";
                sqlx::query(SQL).bind(device).bind(from).execute(self).await.map(drop)
            }

            async fn put_block(&mut self, block: &Block) -> Result<()> {
                const BLOCK: &str = "INSERT INTO reading_blocks (device_id, start_at, first_at, last_at, reading_count, \
                    has_intervals, readings, last_reading) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
                    ON CONFLICT (device_id, start_at) DO UPDATE SET first_at = excluded.first_at, \
                    last_at = excluded.last_at, reading_count = excluded.reading_count, \
                    has_intervals = excluded.has_intervals, readings = excluded.readings, \
                    last_reading = excluded.last_reading";
                const ROWS: &str = "DELETE FROM telemetry_data WHERE device_id = $1 AND timestamp >= $2 AND timestamp < $3";
                sqlx::query(BLOCK)
                    .bind(block.device_id)
                    .bind(block.start_at)
                    .bind(block.first_at)
                    .bind(block.last_at)
                    .bind(block.reading_count)
                    .bind(block.has_intervals)
                    .bind(block.readings.as_slice())
                    .bind(block.last_reading.as_deref())
                    .execute(&mut *self)
                    .await?;
                let rows = sqlx::query(ROWS).bind(block.device_id).bind(block.start_at);
                rows.bind(block.start_at.plus(DAY)).execute(self).await.map(drop)
            }

            async fn blocks(&mut self, device: DeviceId, starts: Interval) -> Result<Vec<Block>> {
                const SQL: &str = "SELECT device_id, start_at, first_at, last_at, reading_count, has_intervals, readings \
                    FROM reading_blocks WHERE device_id = $1 AND start_at >= $2 AND start_at < $3 ORDER BY start_at";
                sqlx::query_as(SQL).bind(device).bind(starts.start).bind(starts.end).fetch_all(self).await
            }

            async fn blocks_around(&mut self, device: DeviceId, interval: Interval) -> Result<Vec<Block>> {
                const SQL: &str = "SELECT device_id, start_at, first_at, last_at, reading_count, has_intervals, \
                    CASE WHEN has_intervals = 1 THEN readings ELSE $4 END AS readings FROM reading_blocks \
                    WHERE device_id = $1 AND start_at > $2 AND start_at <= $3 ORDER BY start_at";
                let query = sqlx::query_as(SQL).bind(device).bind(interval.start.minus(DAY)).bind(interval.end);
                query.bind(Vec::<u8>::new()).fetch_all(self).await
            }

            async fn corrected(&mut self, device: DeviceId) -> Result<Vec<Interval>> {
                const SQL: &str = "SELECT start_at, end_at FROM corrections WHERE device_id = $1 AND undone_at IS NULL";
                let rows: Vec<(Timestamp, Timestamp)> = sqlx::query_as(SQL).bind(device).fetch_all(self).await?;
                Ok(rows.into_iter().map(|(start, end)| Interval::new(start, end)).collect())
            }

            async fn rows_before(&mut self, device: DeviceId, at: Timestamp) -> Result<(Option<Timestamp>, Option<Timestamp>)> {
                const LAST: &str = "SELECT max(timestamp) FROM telemetry_data WHERE device_id = $1 AND timestamp < $2";
                const MEAN: &str = "SELECT timestamp, interval_seconds FROM telemetry_data WHERE device_id = $1 \
                    AND timestamp < $2 AND interval_seconds IS NOT NULL ORDER BY timestamp DESC LIMIT 1";
                let last = sqlx::query_scalar(LAST).bind(device).bind(at).fetch_one(&mut *self).await?;
                let mean: Option<(Timestamp, f64)> = sqlx::query_as(MEAN).bind(device).bind(at).fetch_optional(self).await?;
                Ok((last, mean.map(|(at, length)| at.plus(super::seconds(length)))))
            }

            async fn row_from(&mut self, device: DeviceId, at: Timestamp) -> Result<Option<Timestamp>> {
                const SQL: &str = "SELECT min(timestamp) FROM telemetry_data WHERE device_id = $1 AND timestamp >= $2";
                sqlx::query_scalar(SQL).bind(device).bind(at).fetch_one(self).await
            }
        }
    };
}

upkeep!(SqliteConnection, PROGRESS_SQLITE);
upkeep!(PgConnection, LOCKED_POSTGRES);
