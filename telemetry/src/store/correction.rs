//! Corrections, and samples as they see them.

use std::time::Duration;

use async_stream::try_stream;
use futures::{Stream, TryStreamExt};
use voltaire_mesh::{read, transaction};
use voltaire_types::{CorrectionId, DeviceId, Interval, Timestamp, UserId, Watts};

use super::{
    Result, Samples, Store,
    dialect::Dialect,
    id_list, late,
    sample::{Ask, neighbours_before},
    upkeep::Upkeep,
};
use crate::{
    correction::{Correction, Corrections, MAX_CORRECTIONS},
    error::Error,
    figures::Sample,
};

#[derive(sqlx::FromRow)]
struct Row {
    id: CorrectionId,
    device_id: DeviceId,
    start_at: Timestamp,
    end_at: Timestamp,
    estimate_watts: Option<Watts>,
    reason: String,
    author_id: UserId,
    created_at: Timestamp,
    undone_at: Option<Timestamp>,
}

impl From<Row> for Correction {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            device: row.device_id,
            interval: Interval::new(row.start_at, row.end_at),
            estimate: row.estimate_watts,
            reason: row.reason,
            author: row.author_id,
            created_at: row.created_at,
            undone_at: row.undone_at,
        }
    }
}

impl Store {
    /// Makes a correction of a device of its author; it must not overlap another one that is in force.
    pub(crate) async fn create_correction(&self, new: Correction) -> Result<Correction> {
        const OWN: &str = "SELECT count(*) FROM devices WHERE id = $1 AND user_id = $2";
        const COUNT: &str = "SELECT count(*) FROM corrections WHERE device_id = $1 AND undone_at IS NULL";
        const OVERLAP: &str = "SELECT count(*) FROM corrections WHERE device_id = $1 AND undone_at IS NULL \
            AND start_at < $3 AND end_at > $2";
        const INSERT: &str = "INSERT INTO corrections (id, device_id, start_at, end_at, estimate_watts, reason, \
            author_id, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
        transaction!(self.db, |tx| {
            let Interval { start, end } = new.interval;
            tx.take_turns(new.device.uuid()).await?;
            let own = sqlx::query_scalar::<_, i64>(OWN).bind(new.device).bind(new.author);
            if own.fetch_one(&mut *tx).await? == 0 {
                return Err(Error::NoDevice);
            }
            // From here on nobody rolls up or takes in readings of the device until this is done.
            let progress = tx.progress(id_list(&[new.device])).await?;
            if progress.iter().any(|it| it.kept_from.is_some_and(|from| start < from)) {
                return Err(Error::NotKept);
            }
            let count = sqlx::query_scalar::<_, i64>(COUNT).bind(new.device);
            if count.fetch_one(&mut *tx).await? >= MAX_CORRECTIONS {
                return Err(Error::TooManyCorrections);
            }
            let overlapping = sqlx::query_scalar::<_, i64>(OVERLAP)
                .bind(new.device)
                .bind(start)
                .bind(end);
            if overlapping.fetch_one(&mut *tx).await? > 0 {
                return Err(Error::CorrectionsOverlap);
            }
            sqlx::query(INSERT)
                .bind(new.id)
                .bind(new.device)
                .bind(start)
                .bind(end)
                .bind(new.estimate)
                .bind(new.reason.clone())
                .bind(new.author)
                .bind(new.created_at)
                .execute(&mut *tx)
                .await?;
            late::make_time_stale(tx, new.device, new.interval).await?;
            Ok(new)
        })
    }

    /// Undoes a correction of a device of the user; one that is undone stays as it is.
    pub(crate) async fn undo_correction(&self, user: UserId, id: CorrectionId) -> Result<Correction> {
        const FIND: &str = "SELECT c.* FROM corrections c JOIN devices d ON d.id = c.device_id \
            WHERE c.id = $1 AND d.user_id = $2";
        const UNDO: &str = "UPDATE corrections SET undone_at = $2 WHERE id = $1 AND undone_at IS NULL";
        let now = self.clock.now();
        transaction!(self.db, |tx| {
            let find = || sqlx::query_as(FIND).bind(id).bind(user);
            let row: Option<Row> = find().fetch_optional(&mut *tx).await?;
            let known = Correction::from(row.ok_or(Error::NoCorrection)?);
            tx.take_turns(known.device.uuid()).await?;
            let progress = tx.progress(id_list(&[known.device])).await?;
            if progress
                .iter()
                .any(|it| it.kept_from.is_some_and(|from| known.interval.start < from))
            {
                return Err(Error::NotKept);
            }
            // Stale before it is undone: what it hides belongs to what changes.
            late::make_time_stale(tx, known.device, known.interval).await?;
            sqlx::query(UNDO).bind(id).bind(now).execute(&mut *tx).await?;
            let row: Row = find().fetch_one(&mut *tx).await?;
            Ok(row.into())
        })
    }

    /// The corrections of a device of the user, earliest first; with `undone` also those that have been undone.
    pub(crate) async fn corrections(&self, user: UserId, device: DeviceId, undone: bool) -> Result<Vec<Correction>> {
        const SQL: &str = "SELECT c.* FROM corrections c JOIN devices d ON d.id = c.device_id WHERE c.device_id = $1 \
            AND d.user_id = $2 AND (c.undone_at IS NULL OR $3 = 1) ORDER BY c.start_at, c.id LIMIT 1000";
        self.device(user, device).await?;
        let rows: Vec<Row> = read!(self.db, |pool| {
            let query = sqlx::query_as(SQL).bind(device).bind(user).bind(i32::from(undone));
            query.fetch_all(pool).await
        })?;
        Ok(rows.into_iter().map(Correction::from).collect())
    }

    /// From when to when each of the devices is estimated that is.
    pub(crate) async fn estimated(&self, devices: &[DeviceId]) -> Result<Vec<(DeviceId, Interval)>> {
        const SQLITE: &str = "SELECT device_id, min(start_at), max(end_at) FROM corrections WHERE undone_at IS NULL \
            AND estimate_watts IS NOT NULL AND device_id IN (SELECT unhex(value) FROM json_each($1)) GROUP BY device_id";
        const POSTGRES: &str = "SELECT device_id, min(start_at), max(end_at) FROM corrections WHERE undone_at IS NULL \
            AND estimate_watts IS NOT NULL \
            AND device_id = ANY(ARRAY(SELECT value::uuid FROM jsonb_array_elements_text($1::jsonb))) GROUP BY device_id";
        let (sql, ids) = (self.fork(SQLITE, POSTGRES), id_list(devices));
        let rows: Vec<(DeviceId, Timestamp, Timestamp)> =
            read!(self.db, |pool| sqlx::query_as(sql).bind(ids).fetch_all(pool).await)?;
        Ok(rows
            .into_iter()
            .map(|(id, start, end)| (id, Interval::new(start, end)))
            .collect())
    }

    /// The samples of a device in the interval as corrections see them, oldest first, in chunks; also the last before it and
    /// the first after it where they are no further away than `margin`, and a mean from before that reaches into it.
    pub(crate) fn sample_chunks(
        &self,
        device: DeviceId,
        interval: Interval,
        margin: Duration,
    ) -> impl Stream<Item = Result<Samples>> + Send + '_ {
        let ask = Ask {
            device,
            interval,
            margin,
        };
        try_stream! {
            let mut first = self.first(ask).await?;
            let corrections = std::mem::take(&mut first.corrections);
            let mut measured = std::pin::pin!(self.measured_chunks(ask, first));
            if corrections.0.is_empty() {
                while let Some(chunk) = measured.try_next().await? {
                    yield chunk;
                }
                return;
            }
            let before = self.seen_before(ask, &corrections).await?;
            if !before.is_empty() {
                yield before.into();
            }
            let mut estimates = corrections.estimates(interval).peekable();
            while let Some(chunk) = measured.try_next().await? {
                let within = chunk.iter().copied().filter(|it| interval.start <= it.at && it.at < interval.end);
                let mut seen = Vec::new();
                for sample in within {
                    while let Some(estimate) = estimates.next_if(|it| it.at <= sample.at) {
                        seen.push(estimate);
                    }
                    seen.extend(corrections.see(sample));
                }
                if !seen.is_empty() {
                    yield seen.into();
                }
            }
            let rest: Vec<Sample> = estimates.collect();
            if !rest.is_empty() {
                yield rest.into();
            }
            if let Some(next) = self.seen_after(ask, &corrections).await? {
                yield vec![next].into();
            }
        }
    }

    /// The same, all at once: of a time that is short.
    pub(crate) async fn samples(&self, device: DeviceId, interval: Interval, margin: Duration) -> Result<Vec<Sample>> {
        all(Box::pin(self.sample_chunks(device, interval, margin))).await
    }

    /// What counts before the interval.
    async fn seen_before(&self, ask: Ask, corrections: &Corrections) -> Result<Vec<Sample>> {
        let mut found = Vec::new();
        let mut at = ask.interval.start;
        loop {
            let mut samples = self.around(ask, at).await?;
            samples.retain(|it| it.at < at);
            found.extend(samples.iter().filter_map(|it| corrections.see(*it)));
            // What is hidden may hide what was before it.
            match samples.iter().rev().find_map(|it| corrections.at(it.at)) {
                Some(hidden) if hidden.start < at => at = hidden.start,
                _ => break,
            }
        }
        found.extend(corrections.estimates(Interval::new(Timestamp::MIN, ask.interval.start)));
        Ok(neighbours_before(found, ask))
    }

    /// The first that counts after the interval.
    async fn seen_after(&self, ask: Ask, corrections: &Corrections) -> Result<Option<Sample>> {
        let latest = ask.interval.end.plus(ask.margin);
        let mut at = ask.interval.end;
        let measured = loop {
            let next = self.around(ask, at).await?.into_iter().find(|it| it.at >= at);
            match next.map(|it| corrections.at(it.at)) {
                Some(Some(hidden)) => at = hidden.end,
                _ => break next,
            }
        };
        let measured = measured.and_then(|it| corrections.see(it));
        // Estimates count as they are.
        let estimates = corrections.estimates(Interval::new(ask.interval.end, latest));
        let next = measured.into_iter().chain(estimates).min_by_key(|it| it.at);
        Ok(next.filter(|it| it.at <= latest))
    }

    /// The neighbours of an instant, as measured.
    async fn around(&self, ask: Ask, at: Timestamp) -> Result<Vec<Sample>> {
        let instant = Ask {
            interval: Interval::new(at, at),
            ..ask
        };
        all(Box::pin(self.measured_chunks(instant, self.first(instant).await?))).await
    }
}

async fn all(chunks: impl Stream<Item = Result<Samples>>) -> Result<Vec<Sample>> {
    let into = |mut all: Vec<Sample>, chunk: Samples| async move {
        all.extend_from_slice(&chunk);
        Ok(all)
    };
    chunks.try_fold(Vec::new(), into).await
}
