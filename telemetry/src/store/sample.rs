//! Samples of a device as they were measured, from rows and blocks as one.

use std::time::Duration;

use async_stream::try_stream;
use futures::Stream;
use voltaire_mesh::read;
use voltaire_types::{DeviceId, Interval, Timestamp, WattHours, Watts};

use super::{
    Result, Store,
    block::{MICRO, Outline},
    samples::Samples,
    sealed::Sealed,
    seconds,
};
use crate::{
    correction::Corrections,
    figures::{Sample, rollup::DAY},
    reading::MAX_INTERVAL,
};

/// Rows that are read along with blocks, and by themselves after that, at a time.
const FIRST: u32 = 2_000;
const CHUNK: u32 = 20_000;
/// Blocks of an interval no longer than this are read along with their outlines.
const SHORT: Duration = Duration::from_hours(49);
/// Where the neighbours of an interval mostly are; blocks further away are read when they turn out to matter.
const NEAR: Duration = Duration::from_hours(1);

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

/// A row, a block, or a correction.
#[derive(sqlx::FromRow)]
struct Found {
    kind: i32,
    /// Of a block, when its day begins; of a correction, when its time does.
    at: Timestamp,
    /// Of a correction, what is estimated.
    energy_watts: Option<Watts>,
    interval_seconds: Option<f64>,
    energy_total_wh: Option<WattHours>,
    first_at: Option<Timestamp>,
    /// Of a correction, when its time ends.
    last_at: Option<Timestamp>,
    reading_count: Option<i64>,
    has_intervals: Option<i32>,
    readings: Option<Vec<u8>>,
}

impl Found {
    const ROW: i32 = 0;
    const CORRECTION: i32 = 2;

    fn correction(&self) -> Option<(Interval, Option<Watts>)> {
        let end = self.last_at.filter(|_| self.kind == Self::CORRECTION)?;
        Some((Interval::new(self.at, end), self.energy_watts))
    }

    fn sample(&self) -> Option<Sample> {
        if self.kind != Self::ROW {
            return None;
        }
        let row = Row {
            timestamp: self.at,
            energy_watts: self.energy_watts?,
            interval_seconds: self.interval_seconds,
            energy_total_wh: self.energy_total_wh,
        };
        Some(row.into())
    }

    fn sealed(self) -> Option<Sealed> {
        let outline = Outline {
            start_at: self.at,
            first_at: self.first_at?,
            last_at: self.last_at?,
            reading_count: self.reading_count?,
            has_intervals: self.has_intervals?,
        };
        Some(Sealed::new(outline, self.readings))
    }
}

/// What is found at once.
pub(super) struct First {
    /// Rows before the interval that may matter.
    before: Vec<Sample>,
    /// The first ones within it.
    rows: Rows,
    /// The next one after it.
    after: Vec<Sample>,
    /// The blocks that may matter, by time.
    sealed: Vec<Sealed>,
    /// The corrections that do, by time.
    pub(super) corrections: Corrections,
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
    pub(super) fn measured_chunks(&self, ask: Ask, first: First) -> impl Stream<Item = Result<Samples>> + Send + '_ {
        let Ask { device, interval, .. } = ask;
        let First {
            mut before,
            mut rows,
            mut after,
            mut sealed,
            ..
        } = first;
        try_stream! {
            before.extend(self.sealed_before(ask, &mut sealed).await?);
            after.extend(self.sealed_after(ask, &mut sealed).await?);
            let before = neighbours_before(before, ask);
            if !before.is_empty() {
                yield before.into();
            }
            sealed.retain(|it| it.outline.last_at >= interval.start && it.outline.first_at < interval.end);
            let mut done = interval.start;
            while done < interval.end {
                if rows.until <= done {
                    // Rows before blocks: what is sealed meanwhile is then in both.
                    rows = self.next_rows(ask, done).await?;
                    sealed = self.sealed_days(device, Interval::new(done, interval.end)).await?;
                }
                let span = Interval::new(done, rows.until);
                let (samples, until) = self.sealed_samples(device, span, &mut sealed).await?;
                let later = rows.samples.split_off(rows.samples.partition_point(|it| it.at < until));
                let unsealed = std::mem::replace(&mut rows.samples, later);
                done = until;
                if unsealed.is_empty() {
                    for samples in samples {
                        yield samples;
                    }
                } else {
                    yield merge(&samples, unsealed).into();
                }
            }
            if let Some(next) = after.into_iter().min_by_key(|it| it.at) {
                yield vec![next].into();
            }
        }
    }

    /// The rows before the interval that may matter, the first ones within it, the next one after it; the blocks that may
    /// matter, with their readings where the interval is short, and those where the neighbours mostly are; and corrections. One
    /// statement, so that what is sealed just now is seen once.
    pub(super) async fn first(&self, ask: Ask) -> Result<First> {
        const SQL: &str = "SELECT 1 AS kind, start_at AS at, CAST(NULL AS double precision) AS energy_watts, \
            CAST(NULL AS double precision) AS interval_seconds, CAST(NULL AS double precision) AS energy_total_wh, \
            first_at, last_at, reading_count, has_intervals, CASE WHEN last_at >= $8 AND first_at < $9 \
            OR last_at >= $10 AND first_at < $11 THEN readings END AS readings FROM reading_blocks \
            WHERE device_id = $1 AND start_at >= $12 AND start_at < $6 \
            UNION ALL SELECT 2, start_at, estimate_watts, NULL, NULL, NULL, end_at, NULL, NULL, NULL FROM corrections \
            WHERE device_id = $1 AND undone_at IS NULL AND start_at < $6 AND end_at > $13 \
            UNION ALL SELECT 0, timestamp, energy_watts, interval_seconds, energy_total_wh, NULL, NULL, NULL, NULL, NULL FROM (\
            SELECT * FROM (SELECT timestamp, energy_watts, interval_seconds, energy_total_wh \
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
            ORDER BY timestamp LIMIT 1) AS next) AS unsealed";
        let Ask { device, margin, .. } = ask;
        let Interval { start, end } = ask.interval;
        // Beside a long interval only its neighbours' blocks are read along.
        let short = end <= start.plus(SHORT);
        let (until, from) = if short { (end, start) } else { (start, end) };
        let found: Vec<Found> = read!(self.db, |pool| {
            sqlx::query_as(SQL)
                .bind(device)
                .bind(start.minus(MAX_INTERVAL))
                .bind(start.minus(margin))
                .bind(start)
                .bind(end)
                .bind(end.plus(margin))
                .bind(i64::from(FIRST))
                .bind(start.minus(NEAR))
                .bind(until)
                .bind(from)
                .bind(end.plus(NEAR))
                .bind(ask.earliest().minus(DAY))
                .bind(ask.earliest())
                .fetch_all(pool)
                .await
        })?;
        let mut corrections: Vec<_> = found.iter().filter_map(Found::correction).collect();
        corrections.sort_by_key(|(time, _)| time.start);
        let mut samples: Vec<_> = found.iter().filter_map(Found::sample).collect();
        samples.sort_by_key(|it| it.at);
        samples.dedup_by_key(|it| it.at);
        let after = samples.split_off(samples.partition_point(|it| it.at < end));
        let within = samples.split_off(samples.partition_point(|it| it.at < start));
        let mut sealed: Vec<_> = found.into_iter().filter_map(Found::sealed).collect();
        sealed.sort_by_key(|it| it.outline.start_at);
        Ok(First {
            before: samples,
            rows: read_so_far(within, FIRST, end),
            after,
            sealed,
            corrections: Corrections(corrections),
        })
    }

    async fn next_rows(&self, ask: Ask, from: Timestamp) -> Result<Rows> {
        const SQL: &str = "SELECT timestamp, energy_watts, interval_seconds, energy_total_wh FROM telemetry_data \
            WHERE device_id = $1 AND timestamp >= $2 AND timestamp < $3 ORDER BY timestamp LIMIT $4";
        let end = ask.interval.end;
        let rows: Vec<Row> = read!(self.db, |pool| {
            let query = sqlx::query_as(SQL).bind(ask.device).bind(from).bind(end);
            query.bind(i64::from(CHUNK)).fetch_all(pool).await
        })?;
        Ok(read_so_far(rows.into_iter().map(Sample::from).collect(), CHUNK, end))
    }
}

fn read_so_far(samples: Vec<Sample>, limit: u32, end: Timestamp) -> Rows {
    let full = samples.len() >= limit as usize;
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
fn merge(sealed: &[Samples], rows: Vec<Sample>) -> Vec<Sample> {
    if sealed.iter().all(|it| it.is_empty()) {
        return rows;
    }
    let mut all: Vec<_> = sealed.iter().flat_map(|it| it.iter().copied()).collect();
    all.extend(rows);
    all.sort_by_key(|it| it.at);
    all.dedup_by_key(|it| it.at);
    all
}
