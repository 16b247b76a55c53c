//! Blocks as a question meets them: known by their outlines, read and opened where they matter.

use std::{slice, sync::Arc};

use voltaire_types::{DeviceId, Interval, Timestamp};

use super::{
    Result, Store,
    block::{MICRO, Outline},
    damaged,
    opened::Opened,
    sample::Ask,
    samples::Samples,
};
use crate::{
    figures::{
        Sample,
        rollup::{DAY, day_start},
    },
    pack::Key,
};

/// Readings that are opened at a time, if a day has no more.
const CHUNK: i64 = 100_000;

/// A block that may matter.
pub(super) struct Sealed {
    pub(super) outline: Outline,
    /// Packed, once they have been read.
    pub(super) readings: Option<Vec<u8>>,
    /// Once they have been opened.
    samples: Option<Arc<[Sample]>>,
}

impl Sealed {
    /// A block whose readings may have been read along with its outline.
    pub(super) fn new(outline: Outline, readings: Option<Vec<u8>>) -> Self {
        Self {
            outline,
            readings,
            samples: None,
        }
    }

    fn open(&mut self, device: DeviceId, opened: &Opened) -> Result<()> {
        if self.samples.is_none() {
            let key = Key {
                device,
                start: self.outline.start_at,
            };
            // One that has gone meanwhile holds nothing.
            let packed = self.readings.as_deref();
            let samples = packed.map(|packed| opened.samples(key, packed).map_err(|_| damaged(key)));
            self.samples = Some(samples.transpose()?.unwrap_or_default());
        }
        Ok(())
    }

    /// What is known of the interval.
    fn within(&self, interval: Interval) -> Samples {
        let samples = self.samples.as_ref().map(|it| Samples::within(it, interval));
        samples.unwrap_or_default()
    }
}

impl Store {
    /// The blocks of days from an instant to another, unread, by time.
    pub(super) async fn sealed_days(&self, device: DeviceId, time: Interval) -> Result<Vec<Sealed>> {
        let starts = Interval::new(day_start(time.start), time.end);
        let outlines = self.outlines(device, starts).await?;
        Ok(outlines.into_iter().map(|it| Sealed::new(it, None)).collect())
    }

    /// Sealed samples of a span, block by block: from all that touch it, or from the first ones; and until when that is all.
    /// Blocks that are read to their end are taken off the list.
    pub(super) async fn sealed_samples(
        &self,
        device: DeviceId,
        span: Interval,
        sealed: &mut Vec<Sealed>,
    ) -> Result<(Vec<Samples>, Timestamp)> {
        let mut count = 0;
        let page = sealed.iter().take_while(|Sealed { outline, .. }| {
            let more = count < CHUNK && outline.start_at < span.end;
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
        let blocks = sealed.get_mut(..page).unwrap_or_default();
        self.open(device, blocks).await?;
        let span = Interval::new(span.start, until);
        let samples = blocks.iter().map(|it| it.within(span)).collect();
        sealed.drain(..if end <= until { page } else { page - 1 });
        Ok((samples, until))
    }

    /// Sealed samples before the interval that may matter: the last one, and the last interval reading.
    pub(super) async fn sealed_before(&self, ask: Ask, sealed: &mut [Sealed]) -> Result<Vec<Sample>> {
        let start = ask.interval.start;
        let earlier = sealed.partition_point(|it| it.outline.first_at < start);
        let mut found = Vec::new();
        for (back, block) in sealed.iter_mut().take(earlier).rev().enumerate() {
            let is_last = back == 0 && block.outline.last_at >= start.minus(ask.margin);
            let has_means = block.outline.has_intervals != 0;
            if !is_last && !has_means {
                continue;
            }
            self.open(ask.device, slice::from_mut(block)).await?;
            let before = block.within(Interval::new(Timestamp::MIN, start));
            found.extend(before.last().filter(|_| is_last));
            let mean = before.iter().rfind(|it| has_means && it.interval.is_some());
            found.extend(mean);
            if mean.is_some() {
                break;
            }
        }
        Ok(found)
    }

    /// The first sealed sample after the interval, if it may matter.
    pub(super) async fn sealed_after(&self, ask: Ask, sealed: &mut [Sealed]) -> Result<Option<Sample>> {
        let Interval { end, .. } = ask.interval;
        let Some(block) = sealed.iter_mut().find(|it| it.outline.last_at >= end) else {
            return Ok(None);
        };
        self.open(ask.device, slice::from_mut(block)).await?;
        let near = Interval::new(end, end.plus(ask.margin).plus(MICRO));
        Ok(block.within(near).first().copied())
    }

    /// Opens blocks that follow one another; those that have not been read are read together.
    async fn open(&self, device: DeviceId, sealed: &mut [Sealed]) -> Result<()> {
        let unread = |it: &&Sealed| it.readings.is_none() && it.samples.is_none();
        let ends = sealed.iter().find(unread).zip(sealed.iter().rfind(unread));
        if let Some((first, last)) = ends {
            let starts = Interval::new(first.outline.start_at, last.outline.start_at.plus(MICRO));
            for block in self.blocks(device, starts).await? {
                let place = sealed.binary_search_by_key(&block.start_at, |it| it.outline.start_at);
                if let Some(it) = place.ok().and_then(|at| sealed.get_mut(at)) {
                    it.readings = Some(block.readings);
                }
            }
        }
        sealed.iter_mut().try_for_each(|it| it.open(device, &self.opened))
    }
}
