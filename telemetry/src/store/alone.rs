//! Where the blocks of devices, or their rows, are all there is: no correction, no mean of a time that reaches far.

use std::collections::{HashMap, HashSet};

use voltaire_mesh::read;
use voltaire_types::{DeviceId, Interval, Timestamp, WattHours, Watts};

use super::{Result, Store, id_list, seconds};
use crate::{
    figures::{
        Sample,
        rollup::{DAY, day_start},
    },
    reading::MAX_INTERVAL,
};

/// Where readings of a device are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Alone {
    /// Blocks alone say everything up to here: the first row, or for all time.
    pub(crate) sealed_until: Timestamp,
    /// Rows alone say everything from here on; none where there is a mean among them.
    pub(crate) rows_from: Option<Timestamp>,
}

#[derive(sqlx::FromRow)]
struct Found {
    id: DeviceId,
    first_row: Option<Timestamp>,
    last_block: Option<Timestamp>,
    has_means: bool,
}

/// A row, or a block: those have no power.
#[derive(sqlx::FromRow)]
struct Row {
    device_id: DeviceId,
    at: Timestamp,
    energy_watts: Option<Watts>,
    interval_seconds: Option<f64>,
    energy_total_wh: Option<WattHours>,
}

impl Store {
    /// What blocks alone, and rows alone, say of the interval; of those of the devices of which nothing else does.
    pub(crate) async fn alone(&self, devices: &[DeviceId], interval: Interval) -> Result<HashMap<DeviceId, Alone>> {
        const SQLITE: &str = "SELECT id, (SELECT min(timestamp) FROM telemetry_data t WHERE t.device_id = d.id \
            AND t.timestamp >= $2) AS first_row, (SELECT max(start_at) FROM reading_blocks b WHERE b.device_id = d.id \
            AND b.start_at < $3) AS last_block, EXISTS (SELECT 1 FROM telemetry_data t WHERE t.device_id = d.id \
            AND t.timestamp >= $2 AND t.timestamp < $3 AND t.interval_seconds IS NOT NULL) AS has_means \
            FROM devices d WHERE id IN (SELECT unhex(value) FROM json_each($1)) \
            AND NOT EXISTS (SELECT 1 FROM reading_blocks b WHERE b.device_id = d.id AND b.start_at >= $2 \
            AND b.start_at < $3 AND b.has_intervals = 1) AND NOT EXISTS (SELECT 1 FROM corrections c \
            WHERE c.device_id = d.id AND c.undone_at IS NULL AND c.start_at < $3 AND c.end_at > $2)";
        const POSTGRES: &str = "SELECT id, (SELECT min(timestamp) FROM telemetry_data t WHERE t.device_id = d.id \
            AND t.timestamp >= $2) AS first_row, (SELECT max(start_at) FROM reading_blocks b WHERE b.device_id = d.id \
            AND b.start_at < $3) AS last_block, EXISTS (SELECT 1 FROM telemetry_data t WHERE t.device_id = d.id \
            AND t.timestamp >= $2 AND t.timestamp < $3 AND t.interval_seconds IS NOT NULL) AS has_means \
            FROM devices d WHERE id = ANY(ARRAY(SELECT value::uuid FROM jsonb_array_elements_text($1::jsonb))) \
            AND NOT EXISTS (SELECT 1 FROM reading_blocks b WHERE b.device_id = d.id AND b.start_at >= $2 \
            AND b.start_at < $3 AND b.has_intervals = 1) AND NOT EXISTS (SELECT 1 FROM corrections c \
            WHERE c.device_id = d.id AND c.undone_at IS NULL AND c.start_at < $3 AND c.end_at > $2)";
        let (sql, ids) = (self.fork(SQLITE, POSTGRES), id_list(devices));
        // A mean may hold from so long before; a day, as its block begins with the day.
        let earliest = interval.start.minus(MAX_INTERVAL).minus(DAY).max(Timestamp::EPOCH);
        let latest = interval.end.plus(DAY).plus(DAY);
        let found: Vec<Found> = read!(self.db, |pool| {
            let query = sqlx::query_as(sql).bind(ids).bind(earliest).bind(latest);
            query.fetch_all(pool).await
        })?;
        let alone = |it: Found| {
            let unsealed = it.last_block.map_or(Timestamp::MIN, |start| start.plus(DAY));
            let alone = Alone {
                sealed_until: it.first_row.unwrap_or(Timestamp::MAX),
                rows_from: (!it.has_means).then_some(unsealed),
            };
            (it.id, alone)
        };
        Ok(found.into_iter().map(alone).collect())
    }

    /// The rows of the interval of each of the devices, oldest first; without those devices of which the time has been
    /// sealed meanwhile.
    pub(crate) async fn rows_alone(
        &self,
        devices: &[DeviceId],
        interval: Interval,
    ) -> Result<HashMap<DeviceId, Vec<Sample>>> {
        const SQLITE: &str = "SELECT device_id, timestamp AS at, energy_watts, interval_seconds, energy_total_wh \
            FROM json_each($1) d CROSS JOIN telemetry_data t \
            WHERE t.device_id = unhex(d.value) AND t.timestamp >= $2 AND t.timestamp < $3 \
            UNION ALL SELECT device_id, start_at, NULL, NULL, NULL FROM json_each($1) d CROSS JOIN reading_blocks b \
            WHERE b.device_id = unhex(d.value) AND b.start_at >= $4 AND b.start_at < $3";
        const POSTGRES: &str = "SELECT device_id, timestamp AS at, energy_watts, interval_seconds, energy_total_wh \
            FROM telemetry_data \
            WHERE device_id = ANY(ARRAY(SELECT value::uuid FROM jsonb_array_elements_text($1::jsonb))) \
            AND timestamp >= $2 AND timestamp < $3 \
            UNION ALL SELECT device_id, start_at, NULL, NULL, NULL FROM reading_blocks \
            WHERE device_id = ANY(ARRAY(SELECT value::uuid FROM jsonb_array_elements_text($1::jsonb))) \
            AND start_at >= $4 AND start_at < $3";
        let (sql, ids) = (self.fork(SQLITE, POSTGRES), id_list(devices));
        let rows: Vec<Row> = read!(self.db, |pool| {
            let query = sqlx::query_as(sql).bind(ids).bind(interval.start).bind(interval.end);
            query.bind(day_start(interval.start)).fetch_all(pool).await
        })?;
        let mut samples: HashMap<_, Vec<_>> = devices.iter().map(|device| (*device, Vec::new())).collect();
        let mut sealed = HashSet::new();
        for row in rows {
            match row.energy_watts {
                Some(power) => samples.entry(row.device_id).or_default().push(Sample {
                    interval: row.interval_seconds.map(seconds),
                    counter: row.energy_total_wh,
                    ..Sample::momentary(row.at, power)
                }),
                None => {
                    sealed.insert(row.device_id);
                }
            }
        }
        samples.retain(|device, _| !sealed.contains(device));
        for it in samples.values_mut() {
            it.sort_by_key(|sample| sample.at);
        }
        Ok(samples)
    }
}
