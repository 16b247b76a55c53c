//! The power curve of a total, read only where its quarter hours do not already say enough.
//!
//! A quarter hour that is wholly measured, and whose bounds lie on one side of each threshold, counts as a level; one that
//! nothing covers is left out. Readings are read for the rest alone, a window at a time, and no more than a question may.

use std::{ops::ControlFlow, time::Duration};

use voltaire_types::{CalendarUnit, Interval, Timestamp};

use super::{
    Setting,
    measure::{Meter, Stretches, measure_each},
    portion::{portions, steps_at_a_time},
};
use crate::{
    error::Error,
    figures::{
        Sample,
        curve::{Curve, Piece},
        energy::Figures,
        rollup::{QUARTER, day_start, hull, reach},
        segment::{self, Segment},
    },
    store::Store,
};

/// Quarter hours that are measured at a time: a week.
const QUARTERS: usize = 672;
/// Readings after which a window ends.
const WINDOW: u64 = 100_000;
/// Readings that one quarter hour may hold.
const DENSEST: u64 = 2_000_000;
/// Quarter hours say nothing of devices whose lines may be longer.
const LONGEST_LINE: Duration = Duration::from_hours(2);

/// What is asked of a power curve.
#[derive(Clone, Copy, Debug)]
pub(super) struct Walk<'a> {
    /// The devices that are added up.
    pub meters: &'a [Meter],
    /// Which time.
    pub interval: Interval,
    /// Powers, W, whose crossings matter.
    pub thresholds: &'a [f64],
    /// Readings that may be read.
    pub allowed: u64,
}

/// Who is shown the curve, in time's order.
pub(super) trait Visitor: Send {
    /// A quarter hour, before its segments.
    fn quarter(&mut self, _quarter: &Quarter) {}

    /// A segment; says whether to go on.
    fn segment(&mut self, segment: &Segment) -> ControlFlow<()>;
}

/// What is known about a quarter hour, or the part of one at an edge.
#[derive(Clone, Copy, Debug)]
pub(super) struct Quarter {
    /// Its time.
    pub interval: Interval,
    /// Mean power, W; none where nothing was measured.
    pub mean: Option<f64>,
    /// Seconds that were measured, by the device that was most.
    pub measured: f64,
    /// Readings.
    pub count: u64,
    bounds: Option<(f64, f64)>,
}

impl Quarter {
    /// The level that stands for it; none where its readings must be read.
    fn level(&self, thresholds: &[f64]) -> Option<f64> {
        let (lowest, highest) = self.bounds?;
        let one_side = |threshold: &f64| lowest > *threshold || highest <= *threshold;
        thresholds.iter().all(one_side).then_some(highest)
    }
}

impl Walk<'_> {
    /// Shows the curve and says how many more readings may be read; refuses what would read more than allowed.
    pub(super) async fn show(self, store: &Store, setting: &Setting, visitor: &mut impl Visitor) -> Result<u64, Error> {
        let calendar = &setting.home.calendar;
        let boundaries = calendar.steps(CalendarUnit::QuarterHour, self.interval, usize::MAX - 1);
        let mut allowed = self.allowed;
        let mut stretches = Stretches::open(store, self.meters, self.interval).await?;
        for portion in portions(&boundaries, QUARTERS.min(steps_at_a_time(self.meters.len()))) {
            let quarters = self.quarters(store, portion).await?;
            let mut rest = quarters.as_slice();
            let unread = quarters.iter().filter(|it| it.level(self.thresholds).is_none());
            stretches.expect(unread.map(|it| day_start(it.interval.start)));
            while let Some(first) = rest.first() {
                let window;
                (window, rest) = rest.split_at(self.window(rest));
                for quarter in window {
                    visitor.quarter(quarter);
                }
                let shown = if let (1, Some(level)) = (window.len(), first.level(self.thresholds)) {
                    show_level(first, level, visitor)
                } else {
                    let count: u64 = window.iter().map(|it| it.count).sum();
                    allowed = allowed
                        .checked_sub(count)
                        .ok_or(Error::TooMuchToRead(setting.most_readings))?;
                    self.read(&mut stretches, window, visitor).await?
                };
                if shown.is_break() {
                    return Ok(allowed);
                }
            }
        }
        Ok(allowed)
    }

    /// How many quarters are shown next: one that needs no readings, or some that do.
    fn window(&self, quarters: &[Quarter]) -> usize {
        let mut count = 0;
        let unread = |quarter: &&Quarter| {
            let fits = count < WINDOW;
            count += quarter.count;
            fits && quarter.level(self.thresholds).is_none()
        };
        quarters.iter().take_while(unread).count().max(1)
    }

    async fn read(
        &self,
        stretches: &mut Stretches<'_>,
        window: &[Quarter],
        visitor: &mut impl Visitor,
    ) -> Result<ControlFlow<()>, Error> {
        if window.iter().any(|it| it.count > DENSEST) {
            return Err(Error::TooMuchToRead(DENSEST));
        }
        let ends = window.first().zip(window.last());
        let Some(time) = ends.map(|(first, last)| Interval::new(first.interval.start, last.interval.end)) else {
            return Ok(ControlFlow::Continue(()));
        };
        let mut curves = Vec::with_capacity(self.meters.len());
        for meter in self.meters {
            let samples = stretches.samples(meter, time, meter.max_gap).await?;
            curves.push((meter.weight.factor, pieces(&samples, meter, time)));
        }
        let mut shown = ControlFlow::Continue(());
        segment::sum(&curves, time, |segment| {
            if shown.is_continue() {
                shown = visitor.segment(&segment);
            }
        });
        Ok(shown)
    }

    async fn quarters(&self, store: &Store, portion: &[Timestamp]) -> Result<Vec<Quarter>, Error> {
        let quarter = |bounds: &[Timestamp]| Quarter {
            interval: Interval::new(bounds[0], bounds[1]),
            mean: None,
            measured: 0.0,
            count: 0,
            bounds: Some((0.0, 0.0)),
        };
        let mut quarters: Vec<_> = portion.windows(2).map(quarter).collect();
        let around = |meter: &Meter| match meter.max_gap {
            gap if gap > LONGEST_LINE => 0,
            gap => reach(gap).max(1) as usize,
        };
        let widest = self.meters.iter().map(around).max().unwrap_or(0);
        let each = measure_each(store, self.meters, widened(portion, widest).into()).await?;
        for (meter, steps) in self.meters.iter().zip(&each) {
            let around = around(meter);
            for (middle, quarter) in (widest..).zip(&mut quarters) {
                let near = steps
                    .figures()
                    .get(middle - around..=middle + around)
                    .unwrap_or_default();
                if let Some(figures) = near.get(around) {
                    let bounds = (around > 0).then(|| bounds(near)).flatten();
                    quarter.add(meter.weight.factor, figures, bounds);
                }
            }
        }
        Ok(quarters)
    }
}

impl Quarter {
    /// Adds a device by its figures here and the bounds of its power.
    fn add(&mut self, factor: f64, figures: &Figures, bounds: Option<(f64, f64)>) {
        let seconds = figures.measured_seconds();
        self.count += figures.count();
        if seconds <= 0.0 {
            return;
        }
        let energy = figures.average().map_or(0.0, |power| factor * power.0 * seconds);
        let known = self.mean.unwrap_or_default() * self.measured;
        self.measured = self.measured.max(seconds);
        self.mean = Some((known + energy) / self.measured);
        let whole = (seconds - self.interval.seconds()).abs() < 1e-9;
        let bounds = bounds
            .filter(|_| whole)
            .map(|(low, high)| (factor * low, factor * high));
        let sum = |(low, high): (f64, f64)| {
            let (one, other) = bounds?;
            Some((low + one.min(other), high + one.max(other)))
        };
        self.bounds = self.bounds.and_then(sum);
    }
}

/// Portions with so many more quarter hours on either side.
fn widened(portion: &[Timestamp], around: usize) -> Vec<Timestamp> {
    let by = |number: usize| QUARTER.saturating_mul(u32::try_from(number).unwrap_or(u32::MAX));
    let (Some(first), Some(last)) = (portion.first(), portion.last()) else {
        return Vec::new();
    };
    let before = (1..=around).rev().map(|number| first.minus(by(number)));
    let after = (1..=around).map(|number| last.plus(by(number)));
    before.chain(portion.iter().copied()).chain(after).collect()
}

/// The lowest and the highest power of neighbouring steps: lines within the middle one end at samples in one of them.
fn bounds(near: &[Figures]) -> Option<(f64, f64)> {
    let powers = |it: &Figures| Some((it.minimum()?.power.0, it.peak()?.power.0));
    hull(near.iter().filter_map(powers))
}

fn show_level(quarter: &Quarter, level: f64, visitor: &mut impl Visitor) -> ControlFlow<()> {
    if quarter.measured <= 0.0 {
        return ControlFlow::Continue(());
    }
    visitor.segment(&Segment {
        time: quarter.interval,
        first: level,
        last: level,
    })
}

/// The covering pieces of a device's curve.
fn pieces(samples: &[Sample], meter: &Meter, time: Interval) -> Vec<Piece> {
    let (mut curve, mut pieces) = (Curve::new(meter.max_gap), Vec::new());
    for sample in samples {
        curve.push(sample, &mut pieces);
    }
    curve.settle(time.end, &mut pieces);
    pieces.retain(Piece::covers);
    pieces
}

#[cfg(test)]
mod test;
