//! Readings: stored in groups of batches, read in order of time.

use std::{collections::HashMap, time::Duration};

use async_stream::try_stream;
use futures::Stream;
use voltaire_mesh::{Db, read, transaction, write};
use voltaire_types::{DeviceId, HomeId, Interval, Timestamp, UserId, WattHours, Watts};

use super::{Result, Store, dialect::Dialect, id_list};
use crate::{
    figures::Sample,
    reading::{MAX_INTERVAL, Reading, Reason, Rejected},
};

/// Samples that are read at a time.
const CHUNK: u32 = 20_000;
/// Readings that are deleted at a time, so that others are not kept waiting.
const PURGE: i64 = 20_000;

/// Readings of one call.
#[derive(Clone, Debug)]
pub(crate) struct Batch {
    /// Who sent them; readings of others' devices are rejected.
    pub(crate) user: UserId,
    /// As checked; `places` says where each was in the call.
    pub(crate) readings: Vec<Reading>,
    pub(crate) places: Vec<u32>,
}

/// What became of a batch.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Stored {
    pub(crate) accepted: u32,
    pub(crate) duplicates: u32,
    /// Those of unknown devices.
    pub(crate) rejected: Vec<Rejected>,
    /// Homes of the devices, and the last reading of each: what is new may be live.
    pub(crate) last: Vec<(HomeId, Reading)>,
}

/// Which readings of a device to list.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Page {
    pub(crate) device: DeviceId,
    pub(crate) interval: Interval,
    /// Only those later than this.
    pub(crate) after: Option<Timestamp>,
    pub(crate) limit: u32,
}

#[derive(sqlx::FromRow)]
struct Row {
    device_id: DeviceId,
    timestamp: Timestamp,
    energy_watts: Watts,
    voltage: Option<f64>,
    current: Option<f64>,
    power_factor: Option<f64>,
    energy_total_wh: Option<WattHours>,
    interval_seconds: Option<f64>,
}

impl From<Row> for Reading {
    fn from(row: Row) -> Self {
        Self {
            device: row.device_id,
            at: row.timestamp,
            power: row.energy_watts,
            voltage: row.voltage,
            current: row.current,
            power_factor: row.power_factor,
            counter: row.energy_total_wh,
            interval: row.interval_seconds.map(seconds),
        }
    }
}

#[derive(sqlx::FromRow)]
struct SampleRow {
    timestamp: Timestamp,
    energy_watts: Watts,
    interval_seconds: Option<f64>,
    energy_total_wh: Option<WattHours>,
}

impl From<SampleRow> for Sample {
    fn from(row: SampleRow) -> Self {
        Self {
            at: row.timestamp,
            power: row.energy_watts,
            interval: row.interval_seconds.map(seconds),
            counter: row.energy_total_wh,
        }
    }
}

/// Seconds as they are stored, to the microsecond.
fn seconds(seconds: f64) -> Duration {
    Duration::from_micros((seconds * 1e6).round() as u64)
}

impl Store {
    /// Stores a group of batches as one transaction: all of it or nothing. Says for each batch what became of it.
    pub(crate) async fn insert(&self, batches: Vec<Batch>) -> Result<Vec<Stored>> {
        let now = self.clock.now();
        let mut devices: Vec<_> = batches
            .iter()
            .flat_map(|it| it.readings.iter().map(|it| it.device))
            .collect();
        devices.sort_unstable();
        devices.dedup();
        let devices = id_list(&devices);
        Ok(transaction!(self.db, |tx| {
            let owners: Owners = tx
                .owners(devices)
                .await?
                .into_iter()
                .map(|(id, user, home)| (id, (user, home)))
                .collect();
            let (batches, mut stored): (Vec<_>, Vec<_>) = batches.into_iter().map(|it| own(it, &owners)).unzip();
            let counts = tx.insert(&batches, now).await?;
            for ((stored, batch), accepted) in stored.iter_mut().zip(&batches).zip(counts) {
                stored.accepted = accepted;
                stored.duplicates = batch.readings.len() as u32 - accepted;
            }
            Ok::<_, sqlx::Error>(stored)
        })?)
    }

    /// The samples of a device in the interval, oldest first, in chunks; also the last before it and the first after it
    /// where they are no further away than `margin`, and a mean from before that reaches into it.
    pub(crate) fn sample_chunks(
        &self,
        device: DeviceId,
        interval: Interval,
        margin: Duration,
    ) -> impl Stream<Item = Result<Vec<Sample>>> + Send + '_ {
        const SQL: &str = "SELECT timestamp, energy_watts, interval_seconds, energy_total_wh FROM telemetry_data \
            WHERE device_id = $1 AND timestamp >= $2 AND timestamp < $3 ORDER BY timestamp LIMIT $4";
        try_stream! {
            let before = self.samples_before(device, interval.start, margin).await?;
            if !before.is_empty() {
                yield before;
            }
            let mut from = interval.start;
            loop {
                let rows: Vec<SampleRow> = read!(self.db, |pool| {
                    sqlx::query_as(SQL).bind(device).bind(from).bind(interval.end).bind(i64::from(CHUNK)).fetch_all(pool).await
                })?;
                let more = rows.len() == CHUNK as usize;
                from = rows.last().map_or(from, |last| last.timestamp.plus(Duration::from_micros(1)));
                if !rows.is_empty() {
                    yield rows.into_iter().map(Sample::from).collect();
                }
                if !more {
                    break;
                }
            }
            let after = self.sample_after(device, interval.end, margin).await?;
            if !after.is_empty() {
                yield after;
            }
        }
    }

    async fn samples_before(&self, device: DeviceId, start: Timestamp, margin: Duration) -> Result<Vec<Sample>> {
        const LAST: &str = "SELECT timestamp, energy_watts, interval_seconds, energy_total_wh FROM telemetry_data \
            WHERE device_id = $1 AND timestamp >= $2 AND timestamp < $3 ORDER BY timestamp DESC LIMIT 1";
        const LAST_MEAN: &str = "SELECT timestamp, energy_watts, interval_seconds, energy_total_wh FROM telemetry_data \
            WHERE device_id = $1 AND timestamp >= $2 AND timestamp < $3 AND interval_seconds IS NOT NULL \
            ORDER BY timestamp DESC LIMIT 1";
        let mut found = Vec::new();
        for (sql, reach) in [(LAST_MEAN, MAX_INTERVAL), (LAST, margin)] {
            let row: Option<SampleRow> = read!(self.db, |pool| {
                let from = start.minus(reach);
                sqlx::query_as(sql)
                    .bind(device)
                    .bind(from)
                    .bind(start)
                    .fetch_optional(pool)
                    .await
            })?;
            found.extend(row.map(Sample::from));
        }
        let [mean, last] = found.as_slice() else {
            // A mean that does not reach into the interval is no neighbour unless it is the last sample as well.
            found.retain(|it| it.at >= start.minus(margin) || reaches(it, start));
            return Ok(found);
        };
        if mean.at == last.at {
            found.truncate(1);
        } else if !reaches(mean, start) {
            found.remove(0);
        }
        Ok(found)
    }

    async fn sample_after(&self, device: DeviceId, end: Timestamp, margin: Duration) -> Result<Vec<Sample>> {
        const SQL: &str = "SELECT timestamp, energy_watts, interval_seconds, energy_total_wh FROM telemetry_data \
            WHERE device_id = $1 AND timestamp >= $2 AND timestamp <= $3 ORDER BY timestamp LIMIT 1";
        let row: Option<SampleRow> = read!(self.db, |pool| {
            let until = end.plus(margin);
            sqlx::query_as(SQL)
                .bind(device)
                .bind(end)
                .bind(until)
                .fetch_optional(pool)
                .await
        })?;
        Ok(row.into_iter().map(Sample::from).collect())
    }

    /// A page of readings, oldest first.
    pub(crate) async fn list_readings(&self, page: Page) -> Result<Vec<Reading>> {
        const SQL: &str = "SELECT device_id, timestamp, energy_watts, voltage, current, power_factor, \
            energy_total_wh, interval_seconds FROM telemetry_data \
            WHERE device_id = $1 AND timestamp >= $2 AND timestamp < $3 ORDER BY timestamp LIMIT $4";
        let after = page.after.map(|it| it.plus(Duration::from_micros(1)));
        let from = after.map_or(page.interval.start, |it| it.max(page.interval.start));
        let rows: Vec<Row> = read!(self.db, |pool| {
            let query = sqlx::query_as(SQL).bind(page.device).bind(from).bind(page.interval.end);
            query.bind(i64::from(page.limit)).fetch_all(pool).await
        })?;
        Ok(rows.into_iter().map(Reading::from).collect())
    }

    /// When the first and the last reading of the devices were; none without readings.
    pub(crate) async fn data_range(&self, devices: &[DeviceId]) -> Result<Option<Interval>> {
        const SQLITE: &str = "SELECT min((SELECT min(timestamp) FROM telemetry_data t WHERE t.device_id = d.id)), \
            max((SELECT max(timestamp) FROM telemetry_data t WHERE t.device_id = d.id)) FROM devices d \
            WHERE d.id IN (SELECT unhex(value) FROM json_each($1))";
        const POSTGRES: &str = "SELECT min((SELECT min(timestamp) FROM telemetry_data t WHERE t.device_id = d.id)), \
            max((SELECT max(timestamp) FROM telemetry_data t WHERE t.device_id = d.id)) FROM devices d \
            WHERE d.id IN (SELECT value::uuid FROM jsonb_array_elements_text($1::jsonb))";
        let sql = self.fork(SQLITE, POSTGRES);
        let ids = id_list(devices);
        let range: (Option<Timestamp>, Option<Timestamp>) =
            read!(self.db, |pool| sqlx::query_as(sql).bind(ids).fetch_one(pool).await)?;
        Ok(range.0.zip(range.1).map(|(first, last)| Interval::new(first, last)))
    }

    /// The last reading of each of the devices that has one.
    pub(crate) async fn latest(&self, devices: &[DeviceId]) -> Result<Vec<Reading>> {
        const SQLITE: &str = "SELECT device_id, timestamp, energy_watts, voltage, current, power_factor, \
            energy_total_wh, interval_seconds FROM json_each($1) d CROSS JOIN telemetry_data t \
            WHERE t.device_id = unhex(d.value) \
            AND t.timestamp = (SELECT max(timestamp) FROM telemetry_data WHERE device_id = unhex(d.value))";
        const POSTGRES: &str = "SELECT t.* FROM jsonb_array_elements_text($1::jsonb) d \
            CROSS JOIN LATERAL (SELECT device_id, timestamp, energy_watts, voltage, current, power_factor, \
            energy_total_wh, interval_seconds FROM telemetry_data WHERE device_id = d.value::uuid \
            ORDER BY timestamp DESC LIMIT 1) t";
        let sql = self.fork(SQLITE, POSTGRES);
        let ids = id_list(devices);
        let rows: Vec<Row> = read!(self.db, |pool| sqlx::query_as(sql).bind(ids).fetch_all(pool).await)?;
        Ok(rows.into_iter().map(Reading::from).collect())
    }

    /// Deletes readings of the devices, a part at a time; few may remain, which go with their devices.
    pub(super) async fn purge(&self, devices: Vec<DeviceId>) -> Result<()> {
        const SQL: &str = "DELETE FROM telemetry_data WHERE device_id = $1 AND timestamp < (SELECT timestamp \
            FROM telemetry_data WHERE device_id = $1 ORDER BY timestamp LIMIT 1 OFFSET $2)";
        for device in devices {
            let mut deleted = 1;
            while deleted > 0 {
                deleted = write!(self.db, |pool| {
                    let done = sqlx::query(SQL).bind(device).bind(PURGE).execute(pool).await;
                    done.map(|it| it.rows_affected())
                })?;
            }
        }
        Ok(())
    }

    fn fork(&self, sqlite: &'static str, postgres: &'static str) -> &'static str {
        match self.db {
            Db::Sqlite(_) => sqlite,
            Db::Postgres(_) => postgres,
        }
    }
}

fn reaches(mean: &Sample, start: Timestamp) -> bool {
    mean.interval.is_some_and(|interval| mean.at.plus(interval) > start)
}

type Owners = HashMap<DeviceId, (UserId, HomeId)>;

/// Parts what belongs to the sender from what is rejected.
fn own(batch: Batch, owners: &Owners) -> (Batch, Stored) {
    let mut mine = Batch {
        user: batch.user,
        readings: Vec::with_capacity(batch.readings.len()),
        places: Vec::new(),
    };
    let mut rejected = Vec::new();
    let mut last: HashMap<DeviceId, (HomeId, Reading)> = HashMap::new();
    for (reading, index) in batch.readings.into_iter().zip(batch.places) {
        match owners.get(&reading.device) {
            Some((user, home)) if *user == batch.user => {
                mine.readings.push(reading);
                let known = last.entry(reading.device).or_insert((*home, reading));
                if reading.at > known.1.at {
                    known.1 = reading;
                }
            }
            _ => rejected.push(Rejected {
                index,
                reason: Reason::UnknownDevice,
            }),
        }
    }
    let last = last.into_values().collect();
    (
        mine,
        Stored {
            accepted: 0,
            duplicates: 0,
            rejected,
            last,
        },
    )
}
