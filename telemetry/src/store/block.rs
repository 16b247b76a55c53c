//! Blocks: the readings of a device and a day of UTC that is over, packed.
//!
//! A reading is in a row or in a block, never in both and never in none: rows are deleted in the transaction that stores
//! their block. Whoever reads both reads rows first, so that what is sealed between is seen twice, not missed.

use std::collections::HashSet;

use voltaire_mesh::{read, transaction};
use voltaire_types::{DeviceId, Interval, Timestamp, UserId};

use super::{
    Result, Store, damaged,
    dialect::Dialect,
    id_list,
    reading::{Batch, Row},
    rollup::{Progress, StaleDay},
    since_1970, time_list,
    upkeep::Upkeep,
};
use crate::{
    figures::rollup::{DAY, day_start},
    pack::{self, Key, readings},
    reading::Reading,
};

/// The readings of a device and day, packed.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub(crate) struct Block {
    pub(crate) device_id: DeviceId,
    /// When the day begins.
    pub(crate) start_at: Timestamp,
    pub(crate) first_at: Timestamp,
    pub(crate) last_at: Timestamp,
    pub(crate) reading_count: i64,
    /// 1: interval readings are among them.
    pub(crate) has_intervals: i32,
    pub(crate) readings: Vec<u8>,
    /// The last one of them by itself, packed; where blocks are read it is left out.
    #[sqlx(default)]
    pub(crate) last_reading: Option<Vec<u8>>,
}

impl Block {
    /// Packs readings of one device and day, in time's order; none where there are none.
    pub(crate) fn of(readings: &[Reading]) -> Option<Self> {
        let (first, last) = (readings.first()?, readings.last()?);
        let key = Key {
            device: first.device,
            start: day_start(first.at),
        };
        Some(Self {
            device_id: key.device,
            start_at: key.start,
            first_at: first.at,
            last_at: last.at,
            reading_count: i64::try_from(readings.len()).unwrap_or(i64::MAX),
            has_intervals: i32::from(readings.iter().any(|it| it.interval.is_some())),
            readings: readings::pack(key, readings),
            last_reading: Some(readings::pack(key, std::slice::from_ref(last))),
        })
    }

    fn key(&self) -> Key {
        Key {
            device: self.device_id,
            start: self.start_at,
        }
    }

    /// Opens it, if it is what was packed.
    pub(crate) fn open(&self) -> Result<readings::Block<'_>> {
        readings::Block::open(self.key(), &self.readings).map_err(|_| damaged(self.key()))
    }

    /// What stands in it, decoded by `decode`.
    pub(crate) fn decode<'a, T>(
        &'a self,
        decode: impl FnOnce(readings::Block<'a>) -> std::result::Result<T, pack::Damaged>,
    ) -> Result<T> {
        decode(self.open()?).map_err(|_| damaged(self.key()))
    }
}

/// A block, as far as must be known to choose it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::FromRow)]
pub(crate) struct Outline {
    pub(crate) start_at: Timestamp,
    pub(crate) first_at: Timestamp,
    pub(crate) last_at: Timestamp,
    pub(crate) reading_count: i64,
    pub(crate) has_intervals: i32,
}

/// Days of a device that are to be sealed, as they were read.
#[derive(Clone, Debug)]
pub(crate) struct Sealing {
    pub(crate) before: Progress,
    pub(crate) blocks: Vec<Block>,
}

impl Store {
    /// The outlines of the blocks of a device whose days begin within the interval, by time.
    pub(crate) async fn outlines(&self, device: DeviceId, starts: Interval) -> Result<Vec<Outline>> {
        const SQL: &str = "SELECT start_at, first_at, last_at, reading_count, has_intervals FROM reading_blocks \
            WHERE device_id = $1 AND start_at >= $2 AND start_at < $3 ORDER BY start_at";
        Ok(read!(self.db, |pool| {
            sqlx::query_as(SQL)
                .bind(device)
                .bind(starts.start)
                .bind(starts.end)
                .fetch_all(pool)
                .await
        })?)
    }

    /// The blocks of a device whose days begin within the interval, by time.
    pub(crate) async fn blocks(&self, device: DeviceId, starts: Interval) -> Result<Vec<Block>> {
        const SQL: &str = "SELECT device_id, start_at, first_at, last_at, reading_count, has_intervals, readings \
            FROM reading_blocks WHERE device_id = $1 AND start_at >= $2 AND start_at < $3 ORDER BY start_at";
        Ok(read!(self.db, |pool| {
            sqlx::query_as(SQL)
                .bind(device)
                .bind(starts.start)
                .bind(starts.end)
                .fetch_all(pool)
                .await
        })?)
    }

    /// The blocks of these days of the devices, in no order.
    pub(crate) async fn scattered_blocks(&self, devices: &[DeviceId], days: &[Timestamp]) -> Result<Vec<Block>> {
        const SQLITE: &str = "SELECT device_id, start_at, first_at, last_at, reading_count, has_intervals, readings \
            FROM json_each($1) d CROSS JOIN json_each($2) s CROSS JOIN reading_blocks b \
            WHERE b.device_id = unhex(d.value) AND b.start_at = s.value";
        const POSTGRES: &str = "SELECT device_id, start_at, first_at, last_at, reading_count, has_intervals, readings \
            FROM reading_blocks WHERE device_id = ANY(ARRAY(SELECT value::uuid FROM jsonb_array_elements_text($1::jsonb))) \
            AND start_at = ANY(ARRAY(SELECT timestamptz 'epoch' + value::bigint * interval '1 microsecond' \
            FROM jsonb_array_elements_text($2::jsonb)))";
        let (sql, ids, days) = (
            self.fork(SQLITE, POSTGRES),
            id_list(devices),
            time_list(&since_1970(days)),
        );
        Ok(read!(self.db, |pool| {
            sqlx::query_as(sql).bind(ids).bind(days).fetch_all(pool).await
        })?)
    }

    /// Devices with rows of days that began before the instant and are rolled up: wholly, or up to the last reading.
    pub(crate) async fn devices_to_seal(&self, before: Timestamp, limit: u32) -> Result<Vec<DeviceId>> {
        const SQLITE: &str = "SELECT device_id FROM rollup_progress p WHERE rolled_until IS NOT NULL \
            AND (SELECT min(timestamp) FROM telemetry_data t WHERE t.device_id = p.device_id) \
            < CASE WHEN edge < rolled_until + 900000000 THEN $1 \
            ELSE min($1, rolled_until - rolled_until % 86400000000) END LIMIT $2";
        const POSTGRES: &str = "SELECT device_id FROM rollup_progress p WHERE rolled_until IS NOT NULL \
            AND (SELECT min(timestamp) FROM telemetry_data t WHERE t.device_id = p.device_id) \
            < CASE WHEN edge < rolled_until + interval '15 minutes' THEN $1 \
            ELSE least($1, date_trunc('day', rolled_until, 'UTC')) END LIMIT $2";
        let sql = self.fork(SQLITE, POSTGRES);
        Ok(read!(self.db, |pool| {
            sqlx::query_scalar(sql)
                .bind(before)
                .bind(i64::from(limit))
                .fetch_all(pool)
                .await
        })?)
    }

    /// The days of a device that are to be sealed next: those with rows before the instant, the oldest first, up to about
    /// so many readings; merged with what is sealed of them.
    pub(crate) async fn begin_seal(&self, before: Progress, until: Timestamp, most: usize) -> Result<Sealing> {
        const NEXT: &str = "SELECT min(timestamp) FROM telemetry_data WHERE device_id = $1 AND timestamp >= $2 \
            AND timestamp < $3";
        let device = before.device_id;
        let (mut from, mut blocks, mut readings) = (Timestamp::EPOCH, Vec::new(), 0);
        while readings < most {
            let next: Option<Timestamp> = read!(self.db, |pool| {
                sqlx::query_scalar(NEXT)
                    .bind(device)
                    .bind(from)
                    .bind(until)
                    .fetch_one(pool)
                    .await
            })?;
            let Some(day) = next.map(day_start) else {
                break;
            };
            let day = Interval::new(day, day.plus(DAY));
            let rows = self.rows(device, day, u32::MAX).await?;
            let known = self
                .blocks(device, Interval::new(day.start, day.start.plus(MICRO)))
                .await?;
            let known = match known.first() {
                Some(block) => block.decode(readings::Block::readings)?,
                None => Vec::new(),
            };
            let merged = merge(known, rows);
            readings += merged.len();
            blocks.extend(Block::of(&merged));
            from = day.end;
        }
        Ok(Sealing { before, blocks })
    }

    /// Puts blocks in the place of rows, but those of days of which a reading has come meanwhile: late, which makes the day
    /// stale, or beyond what is rolled up. Says how many.
    pub(crate) async fn finish_seal(&self, sealing: Sealing) -> Result<usize> {
        let Sealing { before, blocks } = sealing;
        Ok(transaction!(self.db, |tx| {
            if !tx.lock_progress(&before).await? {
                return Ok::<_, sqlx::Error>(0);
            }
            let stale: HashSet<Timestamp> = tx
                .stale_days(before.device_id)
                .await?
                .iter()
                .map(|day: &StaleDay| day.start_at)
                .collect();
            let beyond = match before.edge {
                Some(edge) => tx.row_from(before.device_id, edge.plus(MICRO)).await?,
                None => None,
            };
            let is_whole = |block: &&Block| {
                !stale.contains(&block.start_at) && beyond.is_none_or(|at| at >= block.start_at.plus(DAY))
            };
            let mut sealed = 0;
            for block in blocks.iter().filter(is_whole) {
                tx.put_block(block).await?;
                sealed += 1;
            }
            let end = blocks.last().map(|block| block.start_at.plus(DAY));
            if let Some(until) = end.max(before.sealed_until) {
                tx.set_sealed_until(before.device_id, until).await?;
            }
            Ok(sealed)
        })?)
    }

    /// Makes rows of the oldest blocks again, up to so many. Says how many it were.
    pub(crate) async fn unseal(&self, most: u32) -> Result<usize> {
        const OLDEST: &str = "SELECT device_id, start_at, first_at, last_at, reading_count, has_intervals, readings \
            FROM reading_blocks ORDER BY device_id, start_at LIMIT $1";
        const DELETE: &str = "DELETE FROM reading_blocks WHERE device_id = $1 AND start_at = $2";
        let blocks: Vec<Block> = read!(self.db, |pool| sqlx::query_as(OLDEST)
            .bind(i64::from(most))
            .fetch_all(pool)
            .await)?;
        let now = self.clock.now();
        let mut unsealed = 0;
        for block in blocks {
            let readings = block.decode(readings::Block::readings)?;
            let batch = Batch {
                user: UserId::from_uuid(uuid::Uuid::nil()),
                readings,
                places: Vec::new(),
            };
            transaction!(self.db, |tx| {
                tx.insert(&[batch], now).await?;
                sqlx::query(DELETE)
                    .bind(block.device_id)
                    .bind(block.start_at)
                    .execute(&mut *tx)
                    .await?;
                Ok::<_, sqlx::Error>(())
            })?;
            unsealed += 1;
        }
        Ok(unsealed)
    }

    /// The rows of a device in the interval, oldest first.
    pub(super) async fn rows(&self, device: DeviceId, interval: Interval, limit: u32) -> Result<Vec<Reading>> {
        const SQL: &str = "SELECT device_id, timestamp, energy_watts, voltage, current, power_factor, \
            energy_total_wh, interval_seconds FROM telemetry_data \
            WHERE device_id = $1 AND timestamp >= $2 AND timestamp < $3 ORDER BY timestamp LIMIT $4";
        let rows: Vec<Row> = read!(self.db, |pool| {
            let query = sqlx::query_as(SQL).bind(device).bind(interval.start).bind(interval.end);
            query.bind(i64::from(limit)).fetch_all(pool).await
        })?;
        Ok(rows.into_iter().map(Reading::from).collect())
    }
}

pub(super) const MICRO: std::time::Duration = std::time::Duration::from_micros(1);

/// Readings of rows and of a block as one, in time's order; of two at one time the block's, which came first.
pub(super) fn merge(block: Vec<Reading>, rows: Vec<Reading>) -> Vec<Reading> {
    if block.is_empty() {
        return rows;
    }
    let mut all = block;
    all.extend(rows);
    // Stable, so that of equals the block's stays first.
    all.sort_by_key(|it| it.at);
    all.dedup_by_key(|it| it.at);
    all
}
