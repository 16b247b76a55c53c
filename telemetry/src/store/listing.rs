//! Readings as they were taken in: pages of them, the last ones, the first and the last.

use std::{collections::HashMap, time::Duration};

use voltaire_mesh::read;
use voltaire_types::{DeviceId, Interval, Timestamp};

use super::{
    Result, Store,
    block::{Block, MICRO, merge},
    id_list,
    reading::Row,
};
use crate::{figures::rollup::DAY, pack::readings, reading::Reading};

/// No day is sealed sooner, so a reading that is younger than this is the last one if it is the last row.
const NEVER_SEALED: Duration = DAY;

/// Which readings of a device to list.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Page {
    pub(crate) device: DeviceId,
    pub(crate) interval: Interval,
    /// Only those later than this.
    pub(crate) after: Option<Timestamp>,
    pub(crate) limit: u32,
}

impl Store {
    /// A page of readings, oldest first.
    pub(crate) async fn list_readings(&self, page: Page) -> Result<Vec<Reading>> {
        let after = page.after.map(|it| it.plus(MICRO));
        let from = after.map_or(page.interval.start, |it| it.max(page.interval.start));
        let asked = Interval::new(from, page.interval.end);
        let rows = self.rows(page.device, asked, page.limit).await?;
        let sealed = self.sealed_readings(page.device, asked, i64::from(page.limit)).await?;
        let mut readings = merge(sealed, rows);
        readings.truncate(page.limit as usize);
        Ok(readings)
    }

    /// The first sealed readings of a device in an interval: all, or at least so many.
    async fn sealed_readings(&self, device: DeviceId, asked: Interval, least: i64) -> Result<Vec<Reading>> {
        let mut outlines = self
            .outlines(device, Interval::new(asked.start.minus(DAY), asked.end))
            .await?;
        outlines.retain(|it| it.last_at >= asked.start && it.first_at < asked.end);
        // Of the first one only some may be asked for.
        let mut count = -outlines.first().map_or(0, |first| first.reading_count);
        let needed = outlines.iter().take_while(|it| {
            let more = count < least;
            count += it.reading_count;
            more
        });
        let needed = needed.count();
        let (Some(first), Some(final_one)) = (outlines.first(), outlines.get(needed.wrapping_sub(1))) else {
            return Ok(Vec::new());
        };
        let mut readings = Vec::new();
        for block in self
            .blocks(device, Interval::new(first.start_at, final_one.start_at.plus(MICRO)))
            .await?
        {
            readings.extend(block.decode(readings::Block::readings)?);
        }
        readings.retain(|it: &Reading| asked.start <= it.at && it.at < asked.end);
        Ok(readings)
    }

    /// When the first and the last reading of each of the devices were that has any.
    pub(crate) async fn ranges(&self, devices: &[DeviceId]) -> Result<Vec<(DeviceId, Interval)>> {
        const SQLITE: &str = "SELECT id, (SELECT min(timestamp) FROM telemetry_data t WHERE t.device_id = d.id), \
            (SELECT max(timestamp) FROM telemetry_data t WHERE t.device_id = d.id), \
            (SELECT first_at FROM reading_blocks b WHERE b.device_id = d.id ORDER BY start_at LIMIT 1), \
            (SELECT last_at FROM reading_blocks b WHERE b.device_id = d.id ORDER BY start_at DESC LIMIT 1) \
            FROM devices d WHERE id IN (SELECT unhex(value) FROM json_each($1))";
        const POSTGRES: &str = "SELECT id, (SELECT min(timestamp) FROM telemetry_data t WHERE t.device_id = d.id), \
            (SELECT max(timestamp) FROM telemetry_data t WHERE t.device_id = d.id), \
            (SELECT first_at FROM reading_blocks b WHERE b.device_id = d.id ORDER BY start_at LIMIT 1), \
            (SELECT last_at FROM reading_blocks b WHERE b.device_id = d.id ORDER BY start_at DESC LIMIT 1) \
            FROM devices d WHERE id = ANY(ARRAY(SELECT value::uuid FROM jsonb_array_elements_text($1::jsonb)))";
        type At = Option<Timestamp>;
        let (sql, ids) = (self.fork(SQLITE, POSTGRES), id_list(devices));
        let rows: Vec<(DeviceId, At, At, At, At)> =
            read!(self.db, |pool| sqlx::query_as(sql).bind(ids).fetch_all(pool).await)?;
        let range = |(id, first, last, first_sealed, last_sealed): (DeviceId, At, At, At, At)| {
            let first = first.into_iter().chain(first_sealed).min()?;
            Some((id, Interval::new(first, last.max(last_sealed)?)))
        };
        Ok(rows.into_iter().filter_map(range).collect())
    }

    /// When the first and the last reading of the devices were; none without readings.
    pub(crate) async fn data_range(&self, devices: &[DeviceId]) -> Result<Option<Interval>> {
        Ok(self
            .ranges(devices)
            .await?
            .into_iter()
            .map(|(_, range)| range)
            .reduce(Interval::hull))
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
        let (sql, ids) = (self.fork(SQLITE, POSTGRES), id_list(devices));
        let rows: Vec<Row> = read!(self.db, |pool| sqlx::query_as(sql).bind(ids).fetch_all(pool).await)?;
        let mut latest: HashMap<DeviceId, Reading> =
            rows.into_iter().map(Reading::from).map(|it| (it.device, it)).collect();
        let recent = self.clock.now().minus(NEVER_SEALED);
        let is_old = |id: &&DeviceId| latest.get(id).is_none_or(|it| it.at < recent);
        let old: Vec<_> = devices.iter().filter(is_old).copied().collect();
        for block in self.last_blocks(&old).await? {
            if let Some(last) = block.decode(readings::Block::readings)?.pop() {
                let known = latest.entry(last.device).or_insert(last);
                if known.at < last.at {
                    *known = last;
                }
            }
        }
        Ok(devices.iter().filter_map(|id| latest.remove(id)).collect())
    }

    /// The last block of each of the devices that has one; of its readings perhaps the last one alone.
    async fn last_blocks(&self, devices: &[DeviceId]) -> Result<Vec<Block>> {
        const SQLITE: &str = "SELECT device_id, start_at, first_at, last_at, reading_count, has_intervals, \
            coalesce(last_reading, readings) AS readings FROM json_each($1) d CROSS JOIN reading_blocks b \
            WHERE b.device_id = unhex(d.value) AND b.start_at = (SELECT max(start_at) FROM reading_blocks \
            WHERE device_id = unhex(d.value))";
        const POSTGRES: &str = "SELECT b.* FROM jsonb_array_elements_text($1::jsonb) d CROSS JOIN LATERAL \
            (SELECT device_id, start_at, first_at, last_at, reading_count, has_intervals, \
            coalesce(last_reading, readings) AS readings FROM reading_blocks WHERE device_id = d.value::uuid \
            ORDER BY start_at DESC LIMIT 1) b";
        if devices.is_empty() {
            return Ok(Vec::new());
        }
        let (sql, ids) = (self.fork(SQLITE, POSTGRES), id_list(devices));
        Ok(read!(self.db, |pool| sqlx::query_as(sql)
            .bind(ids)
            .fetch_all(pool)
            .await)?)
    }
}
