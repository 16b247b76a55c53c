//! Samples of a device as they were measured, from rows and blocks as one.

use std::time::Duration;

use async_stream::try_stream;
use futures::Stream;
use voltaire_mesh::read;
use voltaire_types::{DeviceId, Interval, Timestamp, WattHours, Watts};

use super::{
    Result, Store,
    block::{MICRO, Outline},
    seconds,
};
use crate::{figures::Sample, figures::rollup::DAY, pack::readings, reading::MAX_INTERVAL};

/// Rows that are read at a time.
const CHUNK: u32 = 20_000;
/// Sealed readings that are read at a time, if a day has no more.
const SEALED_CHUNK: i64 = 100_000;

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
        let Ask {
            device,
            interval,
            margin,
        } = ask;
        try_stream! {
            // Rows before blocks: what is sealed meanwhile is then in both.
            let (mut before, mut rows, mut after) = self.first_rows(ask).await?;
            let outlines = self.outlines(device, Interval::new(ask.earliest().minus(DAY), interval.end.plus(margin))).await?;
            let (sealed_before, sealed_after) =
                tokio::try_join!(self.sealed_before(ask, &outlines), self.sealed_after(ask, &outlines))?;
            before.extend(sealed_before);
            after.extend(sealed_after);
            let before = neighbours_before(before, ask);
            if !before.is_empty() {
                yield before;
            }
            let touched = outlines.iter().filter(|it| it.last_at >= interval.start && it.first_at < interval.end);
            let mut sealed: Vec<Outline> = touched.copied().collect();
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

    /// Sealed samples of a span: from all blocks that touch it, or from the first ones; and until when that is all. Blocks
    /// that are read to their end are taken off the list.
    async fn sealed_samples(
        &self,
        device: DeviceId,
        span: Interval,
        sealed: &mut Vec<Outline>,
    ) -> Result<(Vec<Sample>, Timestamp)> {
        let mut count = 0;
        let page = sealed.iter().take_while(|it| {
            let more = count < SEALED_CHUNK && it.start_at < span.end;
            count += it.reading_count;
            more
        });
        let page = page.count();
        let (Some(first), Some(last)) = (sealed.first(), sealed.get(page.wrapping_sub(1))) else {
            return Ok((Vec::new(), span.end));
        };
        let end = last.start_at.plus(DAY);
        let until = if page < sealed.len() {
            end.min(span.end)
        } else {
            span.end
        };
        let mut samples = Vec::new();
        for block in self
            .blocks(device, Interval::new(first.start_at, last.start_at.plus(MICRO)))
            .await?
        {
            samples.extend(block.decode(readings::Block::samples)?);
        }
        samples.retain(|it| span.start <= it.at && it.at < until);
        sealed.drain(..if end <= span.end { page } else { page - 1 });
        Ok((samples, until))
    }

    /// Sealed samples before the interval that may matter: the last one, and the last interval reading.
    async fn sealed_before(&self, ask: Ask, outlines: &[Outline]) -> Result<Vec<Sample>> {
        let start = ask.interval.start;
        let earlier = || outlines.iter().rev().filter(|it| it.first_at < start);
        let mut found = Vec::new();
        if let Some(last) = earlier().next().filter(|it| it.last_at >= start.minus(ask.margin)) {
            let samples = self.samples_of(ask.device, last).await?;
            found.extend(samples.into_iter().rfind(|it| it.at < start));
        }
        for means in earlier().filter(|it| it.has_intervals != 0) {
            let samples = self.samples_of(ask.device, means).await?;
            let mean = samples.into_iter().rfind(|it| it.at < start && it.interval.is_some());
            if mean.is_some() {
                found.extend(mean);
                break;
            }
        }
        Ok(found)
    }

    async fn sealed_after(&self, ask: Ask, outlines: &[Outline]) -> Result<Vec<Sample>> {
        let Interval { end, .. } = ask.interval;
        let Some(next) = outlines.iter().find(|it| it.last_at >= end) else {
            return Ok(Vec::new());
        };
        let samples = self.samples_of(ask.device, next).await?;
        let next = samples
            .into_iter()
            .find(|it| it.at >= end && it.at <= end.plus(ask.margin));
        Ok(next.into_iter().collect())
    }

    async fn samples_of(&self, device: DeviceId, outline: &Outline) -> Result<Vec<Sample>> {
        let starts = Interval::new(outline.start_at, outline.start_at.plus(MICRO));
        match self.blocks(device, starts).await?.first() {
            Some(block) => block.decode(readings::Block::samples),
            None => Ok(Vec::new()),
        }
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
