//! Where the blocks of devices are all there is: no rows beside them, no correction, no mean of a time that reaches far.

use std::collections::HashMap;

use voltaire_mesh::read;
use voltaire_types::{DeviceId, Interval, Timestamp};

use super::{Result, Store, id_list};
use crate::{figures::rollup::DAY, reading::MAX_INTERVAL};

impl Store {
    /// Until when blocks alone say everything about those of the devices of which they do, from the interval's start on: up
    /// to the first row, or for all time.
    pub(crate) async fn sealed_alone(
        &self,
        devices: &[DeviceId],
        interval: Interval,
    ) -> Result<HashMap<DeviceId, Timestamp>> {
        const SQLITE: &str = "SELECT id, (SELECT min(timestamp) FROM telemetry_data t WHERE t.device_id = d.id \
            AND t.timestamp >= $2) FROM devices d WHERE id IN (SELECT unhex(value) FROM json_each($1)) \
            AND NOT EXISTS (SELECT 1 FROM reading_blocks b WHERE b.device_id = d.id AND b.start_at >= $2 \
            AND b.start_at < $3 AND b.has_intervals = 1) AND NOT EXISTS (SELECT 1 FROM corrections c \
            WHERE c.device_id = d.id AND c.undone_at IS NULL AND c.start_at < $3 AND c.end_at > $2)";
        const POSTGRES: &str = "SELECT id, (SELECT min(timestamp) FROM telemetry_data t WHERE t.device_id = d.id \
            AND t.timestamp >= $2) FROM devices d \
            WHERE id = ANY(ARRAY(SELECT value::uuid FROM jsonb_array_elements_text($1::jsonb))) \
            AND NOT EXISTS (SELECT 1 FROM reading_blocks b WHERE b.device_id = d.id AND b.start_at >= $2 \
            AND b.start_at < $3 AND b.has_intervals = 1) AND NOT EXISTS (SELECT 1 FROM corrections c \
            WHERE c.device_id = d.id AND c.undone_at IS NULL AND c.start_at < $3 AND c.end_at > $2)";
        let (sql, ids) = (self.fork(SQLITE, POSTGRES), id_list(devices));
        // A mean may hold from so long before; a day, as its block begins with the day.
        let earliest = interval.start.minus(MAX_INTERVAL).minus(DAY).max(Timestamp::EPOCH);
        let latest = interval.end.plus(DAY).plus(DAY);
        let found: Vec<(DeviceId, Option<Timestamp>)> = read!(self.db, |pool| {
            let query = sqlx::query_as(sql).bind(ids).bind(earliest).bind(latest);
            query.fetch_all(pool).await
        })?;
        let until = |(device, first): (_, Option<_>)| (device, first.unwrap_or(Timestamp::MAX));
        Ok(found.into_iter().map(until).collect())
    }
}
