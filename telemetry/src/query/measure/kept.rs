//! Amounts from rollups, and from readings where there are none.

use std::{collections::HashMap, sync::Arc, time::Duration};

use async_stream::try_stream;
use futures::{Stream, StreamExt, TryStreamExt, stream};
use voltaire_types::{DeviceId, Interval, Timestamp};

use super::{
    Meter, Stretches,
    raw::{of_samples, raw},
};
use crate::{
    error::Error,
    figures::{
        curve::MAX_BRIDGE,
        energy::Steps,
        rollup::{DAY, QUARTER, Quarters, Rollup, day_start, days as days_of, quarter_start},
    },
    pack::quarters::Depth,
    store::{DayRollup, Progress, Store},
};

/// Devices whose readings are read at a time.
const AT_ONCE: usize = 4;
/// Spans no longer than this are short, and more than so many of them many.
const SHORT: Duration = Duration::from_hours(12);
const FEW: usize = if cfg!(test) { 1 } else { 6 };

/// Time of a device for which there is no rollup.
type Unkept = (usize, Interval);

/// The amounts of all devices per step; where there is one device only, its powers as well, as deep as is asked for.
pub(super) async fn add_up(
    store: &Store,
    meters: &[Meter],
    boundaries: Arc<[Timestamp]>,
    depth: Depth,
) -> Result<Steps, Error> {
    let mut steps = Steps::new(boundaries.clone());
    let Some(kept) = Kept::read(store, meters, &boundaries, depth).await? else {
        return Ok(steps);
    };
    let alone = adds_powers(meters, depth);
    let mut unkept: Vec<Unkept> = Vec::new();
    for (number, meter) in meters.iter().enumerate() {
        let spans = kept.add_to(&mut steps, meter, alone);
        unkept.extend(spans.into_iter().map(|span| (number, span)));
    }
    let mut parts = std::pin::pin!(measured(store, meters, unkept, boundaries));
    while let Some((_, part)) = parts.try_next().await? {
        merge(&mut steps, &part, alone);
    }
    Ok(steps)
}

/// The amounts of each device per step, all read together; its powers as well, as deep as is asked for.
pub(super) async fn add_up_each(
    store: &Store,
    meters: &[Meter],
    boundaries: Arc<[Timestamp]>,
    depth: Depth,
) -> Result<Vec<Steps>, Error> {
    let mut steps = vec![Steps::new(boundaries.clone()); meters.len()];
    let Some(kept) = Kept::read(store, meters, &boundaries, depth).await? else {
        return Ok(steps);
    };
    let mut unkept: Vec<Unkept> = Vec::new();
    for (number, (meter, steps)) in meters.iter().zip(&mut steps).enumerate() {
        let spans = kept.add_to(steps, meter, true);
        unkept.extend(spans.into_iter().map(|span| (number, span)));
    }
    let mut parts = std::pin::pin!(measured(store, meters, unkept, boundaries));
    while let Some((number, part)) = parts.try_next().await? {
        if let Some(steps) = steps.get_mut(number) {
            merge(steps, &part, true);
        }
    }
    Ok(steps)
}

/// Whether measured time, and powers where they are wanted, are those of the only device.
fn adds_powers(meters: &[Meter], depth: Depth) -> bool {
    match depth {
        Depth::Amounts => meters.len() == 1,
        Depth::Everything => Meter::stands_alone(meters),
    }
}

/// What readings give for the time that is not kept, with the place of their device.
fn measured<'a>(
    store: &'a Store,
    meters: &'a [Meter],
    unkept: Vec<Unkept>,
    boundaries: Arc<[Timestamp]>,
) -> impl Stream<Item = Result<(usize, Steps), Error>> + Send + 'a {
    let (short, long): (Vec<_>, Vec<_>) = unkept.into_iter().partition(|(_, span)| span.duration() <= SHORT);
    let (short, long) = if short.len() > FEW {
        (short, long)
    } else {
        (Vec::new(), [short, long].concat())
    };
    many_short(store, meters, short, boundaries.clone()).chain(one_by_one(store, meters, long, boundaries))
}

/// The same, of spans that are read as ever, some at a time.
fn one_by_one<'a>(
    store: &'a Store,
    meters: &'a [Meter],
    spans: Vec<Unkept>,
    boundaries: Arc<[Timestamp]>,
) -> impl Stream<Item = Result<(usize, Steps), Error>> + Send + 'a {
    let part = move |(number, span): Unkept| {
        let (meter, boundaries) = (
            meters.get(number..=number).unwrap_or_default(),
            within(&boundaries, span),
        );
        async move { Ok((number, raw(store, meter, boundaries).await?)) }
    };
    stream::iter(spans.into_iter().map(part)).buffered(AT_ONCE)
}

/// The same, of many short spans: the days of those of which blocks say everything are read together.
fn many_short<'a>(
    store: &'a Store,
    meters: &'a [Meter],
    mut spans: Vec<Unkept>,
    boundaries: Arc<[Timestamp]>,
) -> impl Stream<Item = Result<(usize, Steps), Error>> + Send + 'a {
    spans.sort_unstable_by_key(|(_, span)| span.start);
    try_stream! {
        let period = spans.iter().map(|(_, span)| *span).reduce(Interval::hull);
        let Some(period) = period else {
            return;
        };
        let mut stretches = Stretches::open(store, meters, period).await?;
        let is_sealed = |(number, span): &Unkept| meters.get(*number).is_some_and(|it| stretches.in_blocks(it, *span));
        let (packed, rest): (Vec<_>, Vec<_>) = spans.into_iter().partition(is_sealed);
        stretches.expect(packed.iter().flat_map(|(_, span)| days_of(*span)));
        for (number, span) in packed {
            let meter = meters.get(number..=number).unwrap_or_default();
            let mut samples = Vec::new();
            for meter in meter {
                samples.push(stretches.samples(meter, span, meter.max_gap.max(MAX_BRIDGE)).await?);
            }
            let boundaries = within(&boundaries, span);
            yield (number, of_samples(meter, (boundaries, Meter::stands_alone(meter)), samples).await?);
        }
        let mut rest = std::pin::pin!(one_by_one(store, meters, rest, boundaries));
        while let Some(part) = rest.try_next().await? {
            yield part;
        }
    }
}

fn merge(steps: &mut Steps, part: &Steps, alone: bool) {
    let mut step = 0;
    for (at, part) in part.boundaries().iter().zip(part.figures()) {
        match steps.step_at(&mut step, *at) {
            Some((.., figures)) if alone => figures.merge(part),
            Some((.., figures)) => figures.merge_amounts(part),
            None => {}
        }
    }
}

/// The span, cut at the boundaries within it.
pub(super) fn within(boundaries: &[Timestamp], span: Interval) -> Arc<[Timestamp]> {
    let inner = boundaries
        .iter()
        .copied()
        .filter(|at| span.start < *at && *at < span.end);
    std::iter::once(span.start).chain(inner).chain([span.end]).collect()
}

/// The rollups that a question touches.
struct Kept {
    period: Interval,
    /// By time.
    days: HashMap<DeviceId, Vec<Day>>,
    /// Until when the readings of a device have been dropped, so that quarters alone say something.
    dropped: HashMap<DeviceId, Timestamp>,
}

/// What is kept of a day of UTC: the whole, or its quarters where a boundary cuts it, or what is between two boundaries.
struct Day {
    interval: Interval,
    figures: Parts,
}

enum Parts {
    Whole(Rollup),
    Quarters(Quarters),
}

impl From<DayRollup> for Day {
    fn from(day: DayRollup) -> Self {
        Self {
            interval: day.interval,
            figures: Parts::Whole(day.figures),
        }
    }
}

impl Day {
    fn cut(start: Timestamp, quarters: Quarters) -> Self {
        Self {
            interval: Interval::new(start, quarters.end(start)),
            figures: Parts::Quarters(quarters),
        }
    }

    /// Whether a boundary lies within a quarter that is kept.
    fn has_cut_quarter(&self, boundaries: &[Timestamp]) -> bool {
        let cuts = |at: &Timestamp| quarter_start(*at) != *at && self.interval.contains(*at);
        matches!(self.figures, Parts::Quarters(_)) && boundaries.iter().any(cuts)
    }
}

impl Kept {
    /// A day that is here is right, and so are quarters; whatever has gone meanwhile is measured. None where no time is asked for.
    async fn read(
        store: &Store,
        meters: &[Meter],
        boundaries: &[Timestamp],
        depth: Depth,
    ) -> Result<Option<Self>, Error> {
        let (Some(start), Some(end)) = (boundaries.first(), boundaries.last()) else {
            return Ok(None);
        };
        let period = Interval::new(*start, *end);
        if period.is_empty() {
            return Ok(None);
        }
        let empty = Self {
            period,
            days: HashMap::new(),
            dropped: HashMap::new(),
        };
        let mut ids: Vec<_> = meters.iter().map(|meter| meter.id).collect();
        ids.sort_unstable();
        ids.dedup();
        let mut cut: Vec<_> = boundaries
            .iter()
            .filter(|at| day_start(**at) != **at)
            .map(|at| day_start(*at))
            .collect();
        cut.dedup();
        if !boundaries.windows(2).any(has_whole_quarter) && !meters.iter().any(|it| it.drops) {
            return Ok(Some(empty));
        }
        let mut days: HashMap<DeviceId, Vec<Day>> = HashMap::new();
        // Between whole quarters their sums are enough.
        if depth == Depth::Amounts && boundaries.iter().all(|at| quarter_start(*at) == *at) {
            for part in store.quarter_sums(&ids, &cut, boundaries).await? {
                days.entry(part.device).or_default().push(part.into());
            }
        } else {
            for ((device, start), quarters) in store.quarter_rollups(&ids, &cut, depth).await? {
                days.entry(device).or_default().push(Day::cut(start, quarters));
            }
        }
        if days_of(period).any(|day| cut.binary_search(&day).is_err()) {
            for day in store.day_rollups(&ids, Interval::new(day_start(*start), *end)).await? {
                if cut.binary_search(&day.interval.start).is_err() {
                    days.entry(day.device).or_default().push(day.into());
                }
            }
        }
        let mut of_all = days.values().flatten();
        let dropped = if of_all.any(|day| day.has_cut_quarter(boundaries)) {
            dropped(store, &ids).await?
        } else {
            HashMap::new()
        };
        for days in days.values_mut() {
            days.sort_unstable_by_key(|day| day.interval.start);
        }
        Ok(Some(Self { days, dropped, ..empty }))
    }

    /// Adds the rollups of a device to the steps, and says of which time there are none.
    fn add_to(&self, steps: &mut Steps, meter: &Meter, alone: bool) -> Vec<Interval> {
        let mut adder = Adder {
            meter,
            alone,
            steps,
            step: 0,
            at: self.period.start,
            unkept: Vec::new(),
        };
        let days = self.days.get(&meter.id).map_or(&[][..], Vec::as_slice);
        adder.add(days, self.dropped.get(&meter.id).copied(), self.period);
        adder.unkept
    }
}

/// Whether a quarter lies within a step as a whole, so that rollups say something of it.
fn has_whole_quarter(step: &[Timestamp]) -> bool {
    let [start, end] = step else { return false };
    let first = quarter_start(*start);
    let first = if first == *start { first } else { first.plus(QUARTER) };
    first.plus(QUARTER) <= *end
}

/// Until when the readings of those of the devices have been dropped that do not keep all of them: up to the first one that
/// is left, to the end of its quarter; where none is, as far as it was rolled up.
pub(super) async fn dropped(store: &Store, ids: &[DeviceId]) -> Result<HashMap<DeviceId, Timestamp>, Error> {
    let mut progress = store.progress(ids).await?;
    progress.retain(|it| it.kept_from.is_some());
    if progress.is_empty() {
        return Ok(HashMap::new());
    }
    let dropped: Vec<_> = progress.iter().map(|it| it.device_id).collect();
    let left: HashMap<_, _> = store.ranges(&dropped).await?.into_iter().collect();
    let until = |first: Timestamp| match quarter_start(first) {
        start if start == first => first,
        start => start.plus(QUARTER),
    };
    let of_device = |it: &Progress| {
        let first = left.get(&it.device_id).map(|range| range.start);
        Some((it.device_id, first.map(until).or(it.rolled_until)?))
    };
    Ok(progress.iter().filter_map(of_device).collect())
}

/// Adds the rollups of one device to the steps.
struct Adder<'a> {
    meter: &'a Meter,
    alone: bool,
    steps: &'a mut Steps,
    step: usize,
    /// Up to here everything has been added, or is known to be unkept.
    at: Timestamp,
    unkept: Vec<Interval>,
}

impl Adder<'_> {
    fn add(&mut self, days: &[Day], dropped: Option<Timestamp>, period: Interval) {
        for day in days {
            if day.interval.end <= period.start || day.interval.start >= period.end {
                continue;
            }
            self.leave(day.interval.start);
            match &day.figures {
                Parts::Whole(figures) => drop(self.takes(day.interval, figures)),
                Parts::Quarters(quarters) => self.add_quarters(day.interval, (quarters, dropped), period),
            }
            self.leave(day.interval.end.min(period.end));
        }
        self.leave(period.end);
    }

    fn add_quarters(&mut self, day: Interval, (quarters, dropped): (&Quarters, Option<Timestamp>), period: Interval) {
        let starts = std::iter::successors(Some(day.start), |start| Some(start.plus(QUARTER)));
        for (start, quarter) in starts.zip(&quarters.0) {
            let interval = Interval::new(start, start.plus(QUARTER));
            if interval.end <= self.at || start >= period.end || interval.end > day.end {
                continue;
            }
            if start >= self.at {
                self.leave(start);
            }
            if self.takes(interval, quarter) {
                continue;
            }
            if dropped.is_some_and(|until| interval.end <= until) {
                self.share(interval, quarter, period.end);
            }
            self.leave(interval.end.min(period.end));
        }
    }

    /// Adds a quarter that steps cut to each of them by time, up to an instant.
    fn share(&mut self, interval: Interval, quarter: &Rollup, until: Timestamp) {
        let end = interval.end.min(until);
        while self.at < end
            && let Some((_, step_end, figures)) = self.steps.step_at(&mut self.step, self.at)
        {
            let part = Interval::new(self.at, step_end.min(end));
            figures.add_share(quarter, (interval, part), (self.meter.weight, self.alone));
            self.at = part.end;
        }
    }

    /// Adds a rollup if all of it belongs to one step, and begins where everything before it is done.
    fn takes(&mut self, interval: Interval, rollup: &Rollup) -> bool {
        if interval.start != self.at || interval.is_empty() {
            return false;
        }
        match self.steps.step_at(&mut self.step, interval.start) {
            Some((start, end, figures)) if start <= interval.start && interval.end <= end => {
                figures.add_rollup(rollup, self.meter.weight, self.alone);
                self.at = interval.end;
                true
            }
            _ => false,
        }
    }

    /// Leaves the time up to an instant to be measured.
    fn leave(&mut self, until: Timestamp) {
        if until <= self.at {
            return;
        }
        match self.unkept.last_mut() {
            Some(last) if last.end == self.at => last.end = until,
            _ => self.unkept.push(Interval::new(self.at, until)),
        }
        self.at = until;
    }
}

/// Days of UTC that lie within an interval as a whole.
pub(super) fn whole_days(interval: Interval) -> impl Iterator<Item = Timestamp> {
    crate::figures::rollup::days(interval).filter(move |day| interval.start <= *day && day.plus(DAY) <= interval.end)
}
