//! Rollups, and how far they reach.
//!
//! A rollup that is here is right: whoever stores a reading that changes one deletes it in the same transaction and leaves a
//! stale day. Making one takes two steps. The first moves the edge to the last reading, so that from then on every earlier
//! one counts as late. Then readings are measured. The second step stores what came out, unless a reading came late meanwhile.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use voltaire_mesh::{read, transaction};
use voltaire_types::{DeviceId, Interval, Timestamp, Watts};

use super::{Result, Store, damaged, id_list, seconds, since_1970, time_list, upkeep::Upkeep};
use crate::{
    device::Device,
    figures::{
        PowerAt,
        rollup::{DAY, Extremes, QUARTER, Quarters, Rollup, day_start},
    },
    pack::{
        Key,
        quarters::{self, Depth},
    },
};

/// The rollup of a device and day of UTC.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct DayRollup {
    pub(crate) device: DeviceId,
    /// From the day's start to its end, or as far as it is rolled up.
    pub(crate) interval: Interval,
    pub(crate) figures: Rollup,
}

/// What a device's readings have been made into so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::FromRow)]
pub(crate) struct Progress {
    pub(crate) device_id: DeviceId,
    /// A reading later than this changes nothing that is rolled up.
    pub(crate) edge: Option<Timestamp>,
    /// Quarters before it are rolled up, where their days are not stale.
    pub(crate) rolled_until: Option<Timestamp>,
    /// Days before it are sealed.
    pub(crate) sealed_until: Option<Timestamp>,
    /// Readings before it have been dropped.
    pub(crate) kept_from: Option<Timestamp>,
}

impl Progress {
    /// Until when days that began before the instant may be sealed: where no quarter of theirs can be rolled up any more.
    pub(crate) fn sealable(&self, before: Timestamp) -> Timestamp {
        match (self.rolled_until, self.edge) {
            (Some(rolled), Some(edge)) if edge < rolled.plus(QUARTER) => before,
            (Some(rolled), _) => before.min(day_start(rolled)),
            (None, _) => Timestamp::MIN,
        }
    }
}

/// A day that is to be rolled up anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::FromRow)]
pub(crate) struct StaleDay {
    pub(crate) id: i64,
    pub(crate) device_id: DeviceId,
    pub(crate) start_at: Timestamp,
}

/// What is to be rolled up of a device, as it was when the edge was moved.
#[derive(Clone, Debug)]
pub(crate) struct Task {
    pub(crate) before: Progress,
    /// Longest gap that still counts as covered.
    pub(crate) max_gap: Duration,
    /// When the first reading was.
    pub(crate) first: Timestamp,
    pub(crate) stale: Vec<StaleDay>,
}

/// What came out of it: consecutive quarters from the start of a day on.
#[derive(Clone, Debug)]
pub(crate) struct RolledDay {
    pub(crate) start: Timestamp,
    pub(crate) quarters: Quarters,
}

/// Rolled up days of a device.
#[derive(Clone, Debug)]
pub(crate) struct Rolled {
    pub(crate) before: Progress,
    /// The stale days that were known then.
    pub(crate) seen: HashSet<i64>,
    /// How far it is rolled up now.
    pub(crate) until: Timestamp,
    pub(crate) days: Vec<RolledDay>,
    /// Those that are not stale any more.
    pub(crate) mended: Vec<i64>,
}

#[derive(sqlx::FromRow)]
struct Row {
    device_id: DeviceId,
    start_at: Timestamp,
    end_at: Timestamp,
    energy_wh: f64,
    taken_wh: f64,
    bridged_wh: f64,
    estimated_wh: f64,
    covered_us: i64,
    estimated_us: i64,
    reading_count: i64,
    highest_watts: Option<Watts>,
    highest_at: Option<Timestamp>,
    lowest_watts: Option<Watts>,
    lowest_at: Option<Timestamp>,
    sampled: Option<i32>,
}

impl From<Row> for DayRollup {
    fn from(row: Row) -> Self {
        let power =
            |power: Option<Watts>, at: Option<Timestamp>| power.zip(at).map(|(power, at)| PowerAt { power, at });
        let extremes = power(row.highest_watts, row.highest_at).zip(power(row.lowest_watts, row.lowest_at));
        Self {
            device: row.device_id,
            interval: Interval::new(row.start_at, row.end_at),
            figures: Rollup {
                energy: row.energy_wh,
                taken: row.taken_wh,
                bridged: row.bridged_wh,
                estimated: row.estimated_wh,
                covered: row.covered_us,
                estimated_time: row.estimated_us,
                count: row.reading_count.unsigned_abs(),
                extremes: extremes.map(|(highest, lowest)| Extremes {
                    highest,
                    lowest,
                    sampled: row.sampled == Some(1),
                }),
            },
        }
    }
}

#[derive(sqlx::FromRow)]
struct QuartersRow {
    device_id: DeviceId,
    start_at: Timestamp,
    quarters: Vec<u8>,
}

fn quarters_between(start: Timestamp, end: Timestamp) -> usize {
    (end.since(start).as_micros() / QUARTER.as_micros()) as usize
}

impl Store {
    /// The rollups of the devices whose days begin within the interval, by device and time.
    pub(crate) async fn day_rollups(&self, devices: &[DeviceId], starts: Interval) -> Result<Vec<DayRollup>> {
        const SQLITE: &str = "SELECT device_id, start_at, end_at, energy_wh, taken_wh, bridged_wh, estimated_wh, \
            covered_us, estimated_us, reading_count, highest_watts, highest_at, lowest_watts, lowest_at, sampled \
            FROM json_each($1) d CROSS JOIN rollups r WHERE r.device_id = unhex(d.value) \
            AND r.start_at >= $2 AND r.start_at < $3 ORDER BY d.key, r.start_at";
        const POSTGRES: &str = "SELECT device_id, start_at, end_at, energy_wh, taken_wh, bridged_wh, estimated_wh, \
            covered_us, estimated_us, reading_count, highest_watts, highest_at, lowest_watts, lowest_at, sampled \
            FROM rollups WHERE device_id = ANY(ARRAY(SELECT value::uuid FROM jsonb_array_elements_text($1::jsonb))) \
            AND start_at >= $2 AND start_at < $3 ORDER BY device_id, start_at";
        let (sql, ids) = (self.fork(SQLITE, POSTGRES), id_list(devices));
        let rows: Vec<Row> = read!(self.db, |pool| {
            sqlx::query_as(sql)
                .bind(ids)
                .bind(starts.start)
                .bind(starts.end)
                .fetch_all(pool)
                .await
        })?;
        Ok(rows.into_iter().map(DayRollup::from).collect())
    }

    /// The quarters of days of the devices.
    pub(crate) async fn quarter_rollups(
        &self,
        devices: &[DeviceId],
        days: &[Timestamp],
        depth: Depth,
    ) -> Result<HashMap<(DeviceId, Timestamp), Quarters>> {
        let unpack = |(key, packed): (Key, Vec<u8>)| {
            let quarters = quarters::unpack(key, &packed, depth).map_err(|_| damaged(key))?;
            Ok(((key.device, key.start), quarters))
        };
        self.packed_quarters(devices, days)
            .await?
            .into_iter()
            .map(unpack)
            .collect()
    }

    /// The amounts of days of the devices, from each boundary within them to the next; powers are none. Boundaries are those of
    /// quarters, and ascend.
    pub(crate) async fn quarter_sums(
        &self,
        devices: &[DeviceId],
        days: &[Timestamp],
        boundaries: &[Timestamp],
    ) -> Result<Vec<DayRollup>> {
        let mut sums = Vec::new();
        for (key, packed) in self.packed_quarters(devices, days).await? {
            let first = boundaries.partition_point(|at| *at <= key.start);
            let within = boundaries.get(first..).unwrap_or_default();
            let within = within.iter().take_while(|at| **at < key.start.plus(DAY));
            let places: Vec<_> = within.map(|at| quarters_between(key.start, *at)).collect();
            let mut start = key.start;
            for (place, figures) in quarters::sums(key, &packed, &places).map_err(|_| damaged(key))? {
                let end = key.start.plus(QUARTER * place as u32);
                sums.push(DayRollup {
                    device: key.device,
                    interval: Interval::new(start, end),
                    figures,
                });
                start = end;
            }
        }
        Ok(sums)
    }

    async fn packed_quarters(&self, devices: &[DeviceId], days: &[Timestamp]) -> Result<Vec<(Key, Vec<u8>)>> {
        let days = since_1970(days);
        let (Some(first), Some(last)) = (days.first(), days.last()) else {
            return Ok(Vec::new());
        };
        let one_after_another = days.windows(2).all(|pair| pair[0].plus(DAY) == pair[1]);
        let rows = if one_after_another {
            self.quarters_in_a_row(devices, (*first, *last)).await?
        } else {
            self.scattered_quarters(devices, &days).await?
        };
        let keyed = |row: QuartersRow| {
            let key = Key {
                device: row.device_id,
                start: row.start_at,
            };
            (key, row.quarters)
        };
        Ok(rows.into_iter().map(keyed).collect())
    }

    async fn quarters_in_a_row(
        &self,
        devices: &[DeviceId],
        (first, last): (Timestamp, Timestamp),
    ) -> Result<Vec<QuartersRow>> {
        const SQLITE: &str = "SELECT device_id, start_at, quarters FROM json_each($1) d CROSS JOIN rollup_quarters r \
            WHERE r.device_id = unhex(d.value) AND r.start_at >= $2 AND r.start_at <= $3";
        const POSTGRES: &str = "SELECT device_id, start_at, quarters FROM rollup_quarters \
            WHERE device_id = ANY(ARRAY(SELECT value::uuid FROM jsonb_array_elements_text($1::jsonb))) \
            AND start_at >= $2 AND start_at <= $3";
        let (sql, ids) = (self.fork(SQLITE, POSTGRES), id_list(devices));
        Ok(read!(self.db, |pool| {
            sqlx::query_as(sql)
                .bind(ids)
                .bind(first)
                .bind(last)
                .fetch_all(pool)
                .await
        })?)
    }

    async fn scattered_quarters(&self, devices: &[DeviceId], days: &[Timestamp]) -> Result<Vec<QuartersRow>> {
        const SQLITE: &str = "SELECT device_id, start_at, quarters FROM json_each($1) d CROSS JOIN json_each($2) s \
            CROSS JOIN rollup_quarters r WHERE r.device_id = unhex(d.value) AND r.start_at = s.value";
        const POSTGRES: &str = "SELECT device_id, start_at, quarters FROM rollup_quarters \
            WHERE device_id = ANY(ARRAY(SELECT value::uuid FROM jsonb_array_elements_text($1::jsonb))) AND start_at = \
            ANY(ARRAY(SELECT timestamptz 'epoch' + value::bigint * interval '1 microsecond' \
            FROM jsonb_array_elements_text($2::jsonb)))";
        let (sql, ids, days) = (self.fork(SQLITE, POSTGRES), id_list(devices), time_list(days));
        Ok(read!(self.db, |pool| {
            sqlx::query_as(sql).bind(ids).bind(days).fetch_all(pool).await
        })?)
    }

    /// Devices that have stale days, or readings that could be rolled up: of a quarter that is over.
    pub(crate) async fn devices_to_roll(&self, limit: u32) -> Result<Vec<DeviceId>> {
        // The last reading is found by the index; whether there is any of a time, PostgreSQL may look for in all of them.
        const SQLITE: &str = "SELECT device_id FROM rollup_progress p WHERE EXISTS (SELECT 1 FROM stale_days s \
            WHERE s.device_id = p.device_id) OR (edge IS NULL AND EXISTS (SELECT 1 FROM reading_blocks b \
            WHERE b.device_id = p.device_id)) OR max(coalesce(edge, -1), coalesce((SELECT max(timestamp) \
            FROM telemetry_data t WHERE t.device_id = p.device_id), -1)) >= coalesce(rolled_until + 900000000, 0) LIMIT $1";
        const POSTGRES: &str = "SELECT device_id FROM rollup_progress p WHERE EXISTS (SELECT 1 FROM stale_days s \
            WHERE s.device_id = p.device_id) OR (edge IS NULL AND EXISTS (SELECT 1 FROM reading_blocks b \
            WHERE b.device_id = p.device_id)) OR greatest(edge, (SELECT max(timestamp) \
            FROM telemetry_data t WHERE t.device_id = p.device_id)) \
            >= coalesce(rolled_until + interval '15 minutes', 'epoch') LIMIT $1";
        let sql = self.fork(SQLITE, POSTGRES);
        Ok(read!(self.db, |pool| {
            sqlx::query_scalar(sql).bind(i64::from(limit)).fetch_all(pool).await
        })?)
    }

    /// How far the readings of the devices have been made into something.
    pub(crate) async fn progress(&self, devices: &[DeviceId]) -> Result<Vec<Progress>> {
        let ids = id_list(devices);
        let sql = self.fork(PROGRESS_SQLITE, PROGRESS_POSTGRES);
        Ok(read!(self.db, |pool| sqlx::query_as(sql)
            .bind(ids)
            .fetch_all(pool)
            .await)?)
    }

    /// How many stale days there are.
    pub(crate) async fn stale_day_count(&self) -> Result<i64> {
        const SQL: &str = "SELECT count(*) FROM (SELECT DISTINCT device_id, start_at FROM stale_days) s";
        Ok(read!(self.db, |pool| sqlx::query_scalar(SQL).fetch_one(pool).await)?)
    }

    /// Moves the edges of the devices to their last readings, and says what there is to do; nothing for devices without
    /// readings.
    pub(crate) async fn begin_rollup(&self, devices: Vec<DeviceId>) -> Result<Vec<Task>> {
        // The blocks of days follow one another.
        const LAST: &str = "UPDATE rollup_progress SET edge = (SELECT max(at) FROM (\
            SELECT max(timestamp) AS at FROM telemetry_data WHERE device_id = $1 UNION ALL SELECT (SELECT last_at \
            FROM reading_blocks WHERE device_id = $1 ORDER BY start_at DESC LIMIT 1)) l) WHERE device_id = $1 \
            AND (edge IS NULL OR edge < (SELECT max(timestamp) FROM telemetry_data WHERE device_id = $1))";
        const FIRST: &str = "SELECT min(at) FROM (SELECT min(timestamp) AS at FROM telemetry_data WHERE device_id = $1 \
            UNION ALL SELECT (SELECT first_at FROM reading_blocks WHERE device_id = $1 ORDER BY start_at LIMIT 1)) f";
        const GAP: &str = "SELECT max_gap_seconds FROM devices WHERE id = $1";
        Ok(transaction!(self.db, |tx| {
            let mut tasks = Vec::with_capacity(devices.len());
            for device in sorted(devices) {
                sqlx::query(LAST).bind(device).execute(&mut *tx).await?;
                let progress = tx.progress(id_list(&[device])).await?;
                let first = sqlx::query_scalar::<_, Option<Timestamp>>(FIRST).bind(device);
                let first = first.fetch_one(&mut *tx).await?;
                let gap: Option<f64> = sqlx::query_scalar(GAP).bind(device).fetch_one(&mut *tx).await?;
                let stale = tx.stale_days(device).await?;
                tasks.extend(progress.first().zip(first).map(|(before, first)| Task {
                    before: *before,
                    max_gap: gap.map_or(Device::DEFAULT_MAX_GAP, seconds),
                    first,
                    stale,
                }));
            }
            Ok::<_, sqlx::Error>(tasks)
        })?)
    }

    /// Stores rolled up days, but those of which a reading has come late since the task was given, which stay stale. A
    /// device that another process has rolled up meanwhile is left as it is.
    pub(crate) async fn finish_rollup(&self, rolled: Vec<Rolled>) -> Result<()> {
        Ok(transaction!(self.db, |tx| {
            for it in rolled {
                let device = it.before.device_id;
                if !tx.lock_progress(&it.before).await? {
                    continue;
                }
                let stale = tx.stale_days(device).await?;
                let late = |start: Timestamp| {
                    stale
                        .iter()
                        .any(|day| day.start_at == start && !it.seen.contains(&day.id))
                };
                for day in it.days.iter().filter(|day| !late(day.start)) {
                    tx.put_rollup(device, day).await?;
                }
                tx.forget_stale(&it.mended).await?;
                tx.set_rolled_until(device, it.until).await?;
            }
            Ok::<_, sqlx::Error>(())
        })?)
    }
}

pub(super) const PROGRESS_SQLITE: &str = "SELECT device_id, edge, rolled_until, sealed_until, kept_from \
    FROM rollup_progress WHERE device_id IN (SELECT unhex(value) FROM json_each($1)) ORDER BY device_id";
/// In a transaction the devices stay where they are until it ends.
pub(super) const LOCKED_POSTGRES: &str = "SELECT device_id, edge, rolled_until, sealed_until, kept_from \
    FROM rollup_progress WHERE device_id IN (SELECT value::uuid FROM jsonb_array_elements_text($1::jsonb)) \
    ORDER BY device_id FOR SHARE";
const PROGRESS_POSTGRES: &str = "SELECT device_id, edge, rolled_until, sealed_until, kept_from \
    FROM rollup_progress WHERE device_id IN (SELECT value::uuid FROM jsonb_array_elements_text($1::jsonb)) \
    ORDER BY device_id";

fn sorted(mut devices: Vec<DeviceId>) -> Vec<DeviceId> {
    devices.sort_unstable();
    devices.dedup();
    devices
}

impl RolledDay {
    /// When it ends, or how far it is rolled up.
    pub(crate) fn end(&self) -> Timestamp {
        self.quarters.end(self.start)
    }
}
