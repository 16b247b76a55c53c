//! Figures from readings alone: read in portions, device beside device, and added up off the reactor.

use std::{pin::Pin, sync::Arc};

use futures::{Stream, TryStreamExt};
use voltaire_types::{Interval, Timestamp};

use super::Meter;
use crate::{
    error::Error,
    figures::{
        Sample,
        curve::{Curve, MAX_BRIDGE, Piece},
        energy::{Cursor, Steps, Weight},
        sum::SumCurve,
    },
    store::{Samples, Store},
};

/// Portions smaller than this are added up where they were read.
const HEAVY: usize = 10_000;

type Portions<'a> = Pin<Box<dyn Stream<Item = Result<Samples, Error>> + Send + 'a>>;

/// Samples whose pieces are held at a time.
const SLICE: usize = 256;

/// The figures of the devices together, in steps from each boundary to the next.
///
/// Reads every device in order of time and always the one that is furthest behind, so that no more than a portion of each is
/// held, however long the period.
pub(crate) async fn raw(store: &Store, meters: &[Meter], boundaries: Arc<[Timestamp]>) -> Result<Steps, Error> {
    read(store, meters, (boundaries, Meter::stands_alone(meters))).await
}

/// The same of devices that others are added to, which say nothing just now: powers are the total's even of one device.
pub(super) async fn together(store: &Store, meters: &[Meter], boundaries: Arc<[Timestamp]>) -> Result<Steps, Error> {
    read(store, meters, (boundaries, false)).await
}

/// The figures of devices together, or of one alone, in steps, from the samples of each: those of the time, and ones before
/// and after it.
pub(super) async fn of_samples(
    meters: &[Meter],
    (boundaries, alone): (Arc<[Timestamp]>, bool),
    samples: Vec<Vec<Sample>>,
) -> Result<Steps, Error> {
    let ends = boundaries.first().zip(boundaries.last());
    let Some(period) = ends.map(|(start, end)| Interval::new(*start, *end)) else {
        return Ok(Steps::new(boundaries));
    };
    let mut work = Work::new(meters, period, (boundaries, alone));
    for (number, samples) in samples.into_iter().enumerate() {
        work = work.advance(number, Some(samples.into())).await?;
        work = work.advance(number, None).await?;
    }
    Ok(work.steps)
}

async fn read(store: &Store, meters: &[Meter], (boundaries, alone): (Arc<[Timestamp]>, bool)) -> Result<Steps, Error> {
    let (Some(start), Some(end)) = (boundaries.first().copied(), boundaries.last().copied()) else {
        return Ok(Steps::new(boundaries));
    };
    let period = Interval::new(start, end);
    let mut work = Work::new(meters, period, (boundaries, alone));
    if period.is_empty() {
        return Ok(work.steps);
    }
    let read = |meter: &Meter| -> Portions<'_> {
        Box::pin(store.sample_chunks(meter.id, period, meter.max_gap.max(MAX_BRIDGE)))
    };
    let mut streams: Vec<_> = meters.iter().map(read).collect();
    while let Some(number) = work.furthest_behind() {
        let samples = match streams.get_mut(number) {
            Some(stream) => stream.try_next().await?,
            None => None,
        };
        work = work.advance(number, samples).await?;
    }
    Ok(work.steps)
}

/// What is measured so far.
struct Work {
    /// Whether the total is about one device only.
    alone: bool,
    steps: Steps,
    sum: SumCurve,
    tracks: Vec<Track>,
    period: Interval,
    pieces: Vec<Piece>,
}

/// How far a device has been measured.
struct Track {
    curve: Curve,
    cursor: Cursor,
    weight: Weight,
    /// All of its pieces up to here have been added.
    until: Timestamp,
    done: bool,
}

impl Track {
    /// Adds pieces to the steps, and leaves them to a sum of devices.
    fn add(&mut self, pieces: &mut Vec<Piece>, steps: &mut Steps, sum: Option<&mut Vec<Piece>>) {
        for piece in pieces.iter() {
            steps.piece(&mut self.cursor, piece, self.weight, sum.is_none());
        }
        match sum {
            Some(sum) => sum.append(pieces),
            None => pieces.clear(),
        }
    }
}

impl Work {
    fn new(meters: &[Meter], period: Interval, (boundaries, alone): (Arc<[Timestamp]>, bool)) -> Self {
        let track = |meter: &Meter| Track {
            curve: Curve::new(meter.max_gap),
            cursor: Cursor::default(),
            weight: meter.weight,
            until: Timestamp::MIN,
            done: false,
        };
        Self {
            alone,
            steps: Steps::new(boundaries),
            sum: SumCurve::new(meters.iter().map(|meter| meter.weight.factor).collect(), period.start),
            tracks: meters.iter().map(track).collect(),
            period,
            pieces: Vec::new(),
        }
    }

    /// The device whose next samples are due; none when all have been measured.
    fn furthest_behind(&self) -> Option<usize> {
        let waiting = self.tracks.iter().enumerate().filter(|(_, track)| !track.done);
        waiting.min_by_key(|(_, track)| track.until).map(|(number, _)| number)
    }

    async fn advance(mut self, number: usize, samples: Option<Samples>) -> Result<Self, Error> {
        let heavy = samples.as_ref().is_some_and(|samples| samples.len() >= HEAVY);
        if !heavy {
            self.take(number, samples.as_deref());
            return Ok(self);
        }
        let work = tokio::task::spawn_blocking(move || {
            self.take(number, samples.as_deref());
            self
        });
        // It neither panics nor is it aborted; when the runtime goes down, so does the call.
        work.await.map_err(|_| Error::Draining)
    }

    /// Takes a device's next samples; none: there are no more.
    fn take(&mut self, number: usize, samples: Option<&[Sample]>) {
        let alone = self.alone;
        let Some(track) = self.tracks.get_mut(number) else {
            return;
        };
        for slice in samples.unwrap_or_default().chunks(SLICE) {
            for sample in slice {
                track.curve.push(sample, &mut self.pieces);
                self.steps.sample(&mut track.cursor, sample, alone);
            }
            track.add(
                &mut self.pieces,
                &mut self.steps,
                (!alone).then(|| self.sum.pieces(number)),
            );
        }
        let last = samples.map(|samples| samples.last().map_or(track.until, |sample| sample.at));
        let settled = track.curve.settle(last.unwrap_or(self.period.end), &mut self.pieces);
        track.add(
            &mut self.pieces,
            &mut self.steps,
            (!alone).then(|| self.sum.pieces(number)),
        );
        (track.until, track.done) = if last.is_some() {
            (settled, false)
        } else {
            (Timestamp::MAX, true)
        };
        if alone {
            return;
        }
        let until = self.tracks.iter().map(|track| track.until).min();
        self.sum
            .settle(until.unwrap_or(self.period.end).min(self.period.end), &mut self.steps);
    }
}
