//! Samples of a device as they were measured, from rows and blocks as one.

use std::time::Duration;

use async_stream::try_stream;
use futures::Stream;
use voltaire_mesh::read;
use voltaire_types::{DeviceId, Interval, Timestamp, WattHours, Watts};

use super::{
    Result, Store,
    block::{MICRO, Outline},
    damaged, seconds,
};
use crate::{
    figures::{Sample, rollup::DAY},
    pack::{Key, readings},
    reading::MAX_INTERVAL,
};

/// Rows that are read at a time.
const CHUNK: u32 = 20_000;
/// Sealed readings that are read at a time, if a day has no more.
const SEALED_CHUNK: i64 = 100_000;
/// Blocks of an interval no longer than this are read with their outlines.
const SHORT: Duration = Duration::from_hours(49);

#[derive(sqlx::FromRow)]
struct Row {
    timestamp: Timestamp,
    energy_watts: Watts,
    interval_seconds: Option<f64>,
    energy_total_wh: Option<WattHours>,
}

impl From<Row> for Sample {
    fn from(row: Row) -> Self {
        Self {
            interval: row.interval_seconds.map(seconds),
            counter: row.energy_total_wh,
            ..Self::momentary(row.timestamp, row.energy_watts)
        }
    }
}

/// What is asked for: an interval, and how far away its neighbours may be.
#[derive(Clone, Copy)]
pub(super) struct Ask {
    pub(super) device: DeviceId,
    pub(super) interval: Interval,
    pub(super) margin: Duration,
}

impl Ask {
    /// When the earliest neighbour may be.
    pub(super) fn earliest(&self) -> Timestamp {
        self.interval.start.minus(self.margin.max(MAX_INTERVAL))
    }
}

/// A block that may matter; its readings where they were read along with it.
#[derive(sqlx::FromRow)]
struct Sealed {
    #[sqlx(flatten)]
    outline: Outline,
    readings: Option<Vec<u8>>,
}

/// Rows as far as they have been read.
struct Rows {
    samples: Vec<Sample>,
    /// All rows before this have been read.
    until: Timestamp,
}

impl Store {
    /// The samples of a device in the interval as measured, oldest first, in chunks; also the last before it and the first after it
    /// where they are no further away than `margin`, and a mean from before that reaches into it.
    pub(super) fn measured_chunks(&self, ask: Ask) -> impl Stream<Item = Result<Vec<Sample>>> + Send + '_ {
        let Ask { device, interval, .. } = ask;
        try_stream! {
            // Rows before blocks: what is sealed meanwhile is then in both.
            let (mut before, mut rows, mut after) = self.first_rows(ask).await?;
            let mut sealed = self.sealed(ask).await?;
            let (sealed_before, sealed_after) =
                tokio::try_join!(self.sealed_before(ask, &sealed), self.sealed_after(ask, &sealed))?;
            before.extend(sealed_before);
            after.extend(sealed_after);
            let before = neighbours_before(before, ask);
            if !before.is_empty() {
                yield before;
            }
            sealed.retain(|Sealed { outline, .. }| outline.last_at >= interval.start && outline.first_at < interval.end);
            let mut done = interval.start;
            while done < interval.end {
                if rows.until <= done {
                    rows = self.next_rows(ask, done).await?;
                }
                let span = Interval::new(done, rows.until);
                let (samples, until) = self.sealed_samples(device, span, &mut sealed).await?;
                let later = rows.samples.split_off(rows.samples.partition_point(|it| it.at < until));
                let samples = merge(samples, std::mem::replace(&mut rows.samples, later));
                done = until;
                if !samples.is_empty() {
                    yield samples;
                }
            }
            if let Some(next) = after.into_iter().min_by_key(|it| it.at) {
                yield vec![next];
            }
        }
    }

    /// The rows before the interval that may matter, the first ones within it, and the next one after it.
    async fn first_rows(&self, ask: Ask) -> Result<(Vec<Sample>, Rows, Vec<Sample>)> {
        const SQL: &str = "SELECT * FROM (SELECT timestamp, energy_watts, interval_seconds, energy_total_wh \
            FROM telemetry_data WHERE device_id = $1 AND timestamp >= $2 AND timestamp < $4 \
            AND interval_seconds IS NOT NULL ORDER BY timestamp DESC LIMIT 1) AS mean \
            UNION ALL SELECT * FROM (SELECT timestamp, energy_watts, interval_seconds, energy_total_wh \
            FROM telemetry_data WHERE device_id = $1 AND timestamp >= $3 AND timestamp < $4 \
            ORDER BY timestamp DESC LIMIT 1) AS last \
            UNION ALL SELECT * FROM (SELECT timestamp, energy_watts, interval_seconds, energy_total_wh \
            FROM telemetry_data WHERE device_id = $1 AND timestamp >= $4 AND timestamp < $5 \
            ORDER BY timestamp LIMIT $7) AS within \
            UNION ALL SELECT * FROM (SELECT timestamp, energy_watts, interval_seconds, energy_total_wh \
            FROM telemetry_data WHERE device_id = $1 AND timestamp >= $5 AND timestamp <= $6 \
            ORDER BY timestamp LIMIT 1) AS next";
        let Ask {
            device,
            interval: Interval { start, end },
            margin,
        } = ask;
        let rows: Vec<Row> = read!(self.db, |pool| {
            sqlx::query_as(SQL)
                .bind(device)
                .bind(start.minus(MAX_INTERVAL))
                .bind(start.minus(margin))
                .bind(start)
                .bind(end)
                .bind(end.plus(margin))
                .bind(i64::from(CHUNK))
                .fetch_all(pool)
                .await
        })?;
        let mut samples: Vec<_> = rows.into_iter().map(Sample::from).collect();
        samples.sort_by_key(|it| it.at);
        samples.dedup_by_key(|it| it.at);
        let after = samples.split_off(samples.partition_point(|it| it.at < end));
        let within = samples.split_off(samples.partition_point(|it| it.at < start));
        Ok((samples, read_so_far(within, end), after))
    }

    async fn next_rows(&self, ask: Ask, from: Timestamp) -> Result<Rows> {
        const SQL: &str = "SELECT timestamp, energy_watts, interval_seconds, energy_total_wh FROM telemetry_data \
            WHERE device_id = $1 AND timestamp >= $2 AND timestamp < $3 ORDER BY timestamp LIMIT $4";
        let end = ask.interval.end;
        let rows: Vec<Row> = read!(self.db, |pool| {
            let query = sqlx::query_as(SQL).bind(ask.device).bind(from).bind(end);
            query.bind(i64::from(CHUNK)).fetch_all(pool).await
        })?;
        Ok(read_so_far(rows.into_iter().map(Sample::from).collect(), end))
    }

    /// The blocks that may matter, by time: those that begin near the interval; with their readings where that is short, and with
    /// those of the days beside it, where the neighbours mostly are.
    async fn sealed(&self, ask: Ask) -> Result<Vec<Sealed>> {
        const SQL: &str = "SELECT start_at, first_at, last_at, reading_count, has_intervals, \
            CASE WHEN last_at >= $4 AND first_at < $5 THEN readings END AS readings FROM reading_blocks \
            WHERE device_id = $1 AND start_at >= $2 AND start_at < $3 ORDER BY start_at";
        let Interval { start, end } = ask.interval;
        let with_readings = if end <= start.plus(SHORT) {
            Interval::new(start.minus(DAY), end.plus(DAY))
        } else {
            Interval::new(start, start)
        };
        Ok(read!(self.db, |pool| {
            sqlx::query_as(SQL)
                .bind(ask.device)
                .bind(ask.earliest().minus(DAY))
                .bind(end.plus(ask.margin))
                .bind(with_readings.start)
                .bind(with_readings.end)
                .fetch_all(pool)
                .await
        })?)
    }

    /// Sealed samples of a span: from all blocks that touch it, or from the first ones; and until when that is all. Blocks
    /// that are read to their end are taken off the list.
    async fn sealed_samples(
        &self,
        device: DeviceId,
        span: Interval,
        sealed: &mut Vec<Sealed>,
    ) -> Result<(Vec<Sample>, Timestamp)> {
        let mut count = 0;
        let page = sealed.iter().take_while(|Sealed { outline, .. }| {
            let more = count < SEALED_CHUNK && outline.start_at < span.end;
            count += outline.reading_count;
            more
        });
        let page = page.count();
        let Some(last) = sealed.get(page.wrapping_sub(1)) else {
            return Ok((Vec::new(), span.end));
        };
        let end = last.outline.start_at.plus(DAY);
        let until = if page < sealed.len() {
            end.min(span.end)
        } else {
            span.end
        };
        let mut samples = self.samples_of(device, sealed.get(..page).unwrap_or_default()).await?;
        samples.retain(|it| span.start <= it.at && it.at < until);
        sealed.drain(..if end <= span.end { page } else { page - 1 });
        Ok((samples, until))
    }

    /// Sealed samples before the interval that may matter: the last one, and the last interval reading.
    async fn sealed_before(&self, ask: Ask, sealed: &[Sealed]) -> Result<Vec<Sample>> {
        let start = ask.interval.start;
        let earlier = || sealed.iter().rev().filter(|it| it.outline.first_at < start);
        let mut found = Vec::new();
        let near = |it: &&Sealed| it.outline.last_at >= start.minus(ask.margin);
        if let Some(last) = earlier().next().filter(near) {
            let samples = self.samples_of(ask.device, std::slice::from_ref(last)).await?;
            found.extend(samples.into_iter().rfind(|it| it.at < start));
        }
        for means in earlier().filter(|it| it.outline.has_intervals != 0) {
            let samples = self.samples_of(ask.device, std::slice::from_ref(means)).await?;
            let mean = samples.into_iter().rfind(|it| it.at < start && it.interval.is_some());
            if mean.is_some() {
                found.extend(mean);
                break;
            }
        }
        Ok(found)
    }

    async fn sealed_after(&self, ask: Ask, sealed: &[Sealed]) -> Result<Vec<Sample>> {
        let Interval { end, .. } = ask.interval;
        let Some(next) = sealed.iter().find(|it| it.outline.last_at >= end) else {
            return Ok(Vec::new());
        };
        let samples = self.samples_of(ask.device, std::slice::from_ref(next)).await?;
        let next = samples
            .into_iter()
            .find(|it| it.at >= end && it.at <= end.plus(ask.margin));
        Ok(next.into_iter().collect())
    }

    /// The samples of blocks that follow one another.
    async fn samples_of(&self, device: DeviceId, sealed: &[Sealed]) -> Result<Vec<Sample>> {
        let read_along = |it: &Sealed| {
            it.readings
                .as_deref()
                .map(|readings| it.outline.samples(device, readings))
        };
        if let Some(known) = sealed.iter().map(read_along).collect::<Option<Result<Vec<_>>>>() {
            return Ok(known?.concat());
        }
        let (Some(first), Some(last)) = (sealed.first(), sealed.last()) else {
            return Ok(Vec::new());
        };
        let starts = Interval::new(first.outline.start_at, last.outline.start_at.plus(MICRO));
        let mut samples = Vec::new();
        for block in self.blocks(device, starts).await? {
            samples.extend(block.decode(readings::Block::samples)?);
        }
        Ok(samples)
    }
}

impl Outline {
    fn samples(&self, device: DeviceId, packed: &[u8]) -> Result<Vec<Sample>> {
        let key = Key {
            device,
            start: self.start_at,
        };
        let samples = readings::Block::open(key, packed).and_then(readings::Block::samples);
        samples.map_err(|_| damaged(key))
    }
}

fn read_so_far(samples: Vec<Sample>, end: Timestamp) -> Rows {
    let full = samples.len() >= CHUNK as usize;
    let until = samples.last().filter(|_| full).map_or(end, |last| last.at.plus(MICRO));
    Rows { samples, until }
}

/// Of samples before the interval: the last one, and a mean before it that holds beyond it, or into the interval.
pub(super) fn neighbours_before(mut samples: Vec<Sample>, ask: Ask) -> Vec<Sample> {
    let start = ask.interval.start;
    samples.sort_by_key(|it| it.at);
    samples.dedup_by_key(|it| it.at);
    let last = samples.last().copied().filter(|it| it.at >= start.minus(ask.margin));
    let until = last.map_or(start, |last| last.at);
    let holds = |it: &&Sample| {
        it.interval
            .is_some_and(|length| it.at != until && it.at.plus(length) > until)
    };
    let mean = samples.iter().rfind(|it| it.interval.is_some()).filter(holds);
    mean.copied().into_iter().chain(last).collect()
}

/// Samples of blocks and rows as one, in time's order; of two at one time the block's, which came first.
fn merge(sealed: Vec<Sample>, rows: Vec<Sample>) -> Vec<Sample> {
    if sealed.is_empty() {
        return rows;
    }
    if rows.is_empty() {
        return sealed;
    }
    let mut all = sealed;
    all.extend(rows);
    all.sort_by_key(|it| it.at);
    all.dedup_by_key(|it| it.at);
    all
}
