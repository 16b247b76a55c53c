//! The powers of several devices together: highest, lowest, and the time in which any of them is covered.
//!
//! They are no sums of each device's, yet those bound them: together the devices cannot have drawn more than the sum of
//! their highest powers. So time is searched where most may have been drawn, days before quarters before readings, until
//! nothing that is left could be higher. What comes out is what adding up all curves gives, for a small part of the work.

use std::{
    cmp::Ordering,
    collections::{BTreeSet, HashMap},
    sync::Arc,
    time::Duration,
};

use futures::TryStreamExt;
use voltaire_types::{DeviceId, Interval, Timestamp};

use super::{
    Meter,
    kept::{dropped, whole_days},
    raw::together,
};
use crate::{
    error::Error,
    figures::{
        PowerAt,
        curve::MAX_BRIDGE,
        energy::{Figures, Steps},
        rollup::{DAY, QUARTER, Quarters, Rollup, day_start, hull, quarter_start, reach},
    },
    pack::quarters::Depth,
    store::Store,
};

const INSTANT: Duration = Duration::from_micros(1);
/// Readings that are rather added up than searched; in tests few enough that both ways are gone.
const FEW: u64 = if cfg!(test) { 5 } else { 40_000 };

/// Finds the powers of all steps, in the place of what the steps say about them.
pub(super) async fn find(store: &Store, meters: &[Meter], steps: &mut Steps) -> Result<(), Error> {
    let boundaries: Vec<Timestamp> = steps.boundaries().to_vec();
    let (Some(start), Some(end)) = (boundaries.first(), boundaries.last()) else {
        return Ok(());
    };
    let mut search = Search::open(store, meters, Interval::new(*start, *end)).await?;
    let mut from = 0;
    while from < steps.figures().len() {
        // Steps with few readings go together, where there are still readings.
        let mut count = 0;
        let rest = steps.figures().iter().zip(&boundaries).skip(from);
        let few = rest.take_while(|(it, start)| {
            count += it.count();
            count <= FEW && search.dropped.values().all(|until| *until <= **start)
        });
        let few = few.count();
        let bounds = boundaries.get(from..=from + few.max(1)).unwrap_or_default();
        if few > 0 {
            let measured = together(store, &search.heard(bounds), bounds.into()).await?;
            for (figures, shape) in steps.figures_mut().iter_mut().skip(from).zip(measured.figures()) {
                figures.shape_like(shape);
            }
        } else if let ([start, end], Some(figures)) = (bounds, steps.figures_mut().get_mut(from)) {
            figures.shape_like(&search.step(Interval::new(*start, *end)).await?);
        }
        from += few.max(1);
    }
    Ok(())
}

/// What is known of the devices in a stretch of time.
#[derive(Clone, Copy, Debug)]
struct Bounds {
    /// Together no more than this, W.
    high: f64,
    /// Together no less, W.
    low: f64,
    /// In how much of it any is covered, µs; none: not known without looking closer.
    measured: Option<i64>,
}

impl Bounds {
    const UNKNOWN: Self = Self {
        high: f64::INFINITY,
        low: f64::NEG_INFINITY,
        measured: None,
    };
}

/// A stretch of time that may be searched.
#[derive(Clone, Copy, Debug)]
struct Cell {
    interval: Interval,
    bounds: Bounds,
    /// Whether quarters of it can be looked at one by one.
    is_day: bool,
}

/// Which extreme is searched.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Highest,
    Lowest,
}

impl Side {
    /// What the best power in the cell may be; larger is better.
    fn promise(self, cell: &Cell) -> f64 {
        match self {
            Self::Highest => cell.bounds.high,
            Self::Lowest => -cell.bounds.low,
        }
    }

    fn of(self, figures: &Figures) -> Option<PowerAt> {
        let (highest, lowest) = figures.observed();
        match self {
            Self::Highest => highest,
            Self::Lowest => lowest,
        }
    }

    fn worth(self, power: PowerAt) -> f64 {
        match self {
            Self::Highest => power.power.0,
            Self::Lowest => -power.power.0,
        }
    }
}

struct Search<'a> {
    store: &'a Store,
    meters: &'a [Meter],
    ids: Vec<DeviceId>,
    /// When each device has readings, and until when the last one holds.
    ranges: HashMap<DeviceId, Interval>,
    /// Until when readings of a device have been dropped, so that quarters alone say something.
    dropped: HashMap<DeviceId, Timestamp>,
    days: HashMap<(DeviceId, Timestamp), Rollup>,
    quarters: HashMap<(DeviceId, Timestamp), Quarters>,
    loaded: BTreeSet<Timestamp>,
    measured: HashMap<Timestamp, Figures>,
}

impl<'a> Search<'a> {
    async fn open(store: &'a Store, meters: &'a [Meter], period: Interval) -> Result<Self, Error> {
        let ids: Vec<_> = meters.iter().map(|meter| meter.id).collect();
        let around = Interval::new(day_start(period.start).minus(DAY), period.end.plus(DAY));
        let whole = |it: &crate::store::DayRollup| it.interval.duration() == DAY;
        let days = store.day_rollups(&ids, around).await?.into_iter().filter(whole);
        let days = days.map(|it| ((it.device, it.interval.start), it.figures)).collect();
        let mut ranges: HashMap<_, _> = store.ranges(&ids).await?.into_iter().collect();
        for (device, range) in &mut ranges {
            if range.end < quarter_start(period.end) {
                range.end = held_until(store, *device, range.end).await?;
            }
        }
        for (device, estimated) in store.estimated(&ids).await? {
            let range = ranges.entry(device).or_insert(estimated);
            *range = Interval::new(range.start.min(estimated.start), range.end.max(estimated.end));
        }
        let dropped = dropped(store, &ids).await?;
        for (device, until) in &dropped {
            let range = ranges.entry(*device).or_insert(Interval::new(*until, *until));
            *range = Interval::new(Timestamp::MIN, range.end);
        }
        Ok(Self {
            store,
            meters,
            ids,
            ranges,
            dropped,
            days,
            quarters: HashMap::new(),
            loaded: BTreeSet::new(),
            measured: HashMap::new(),
        })
    }

    /// The devices that may have readings between the bounds.
    fn heard(&self, bounds: &[Timestamp]) -> Vec<Meter> {
        let (Some(start), Some(end)) = (bounds.first(), bounds.last()) else {
            return Vec::new();
        };
        let interval = Interval::new(*start, *end);
        self.meters
            .iter()
            .filter(|meter| !self.is_silent(meter.id, interval))
            .copied()
            .collect()
    }

    /// Whether the device certainly says nothing about the time.
    fn is_silent(&self, device: DeviceId, interval: Interval) -> bool {
        let range = self.ranges.get(&device);
        range.is_none_or(|range| interval.end <= range.start || range.end < interval.start)
    }

    async fn step(&mut self, step: Interval) -> Result<Figures, Error> {
        self.measured.clear();
        let cells = self.cells(step);
        let mut found = Figures::default();
        for cell in &cells {
            found.add_measured(self.measured_time(*cell).await?);
        }
        let highest_known = self.extreme(Side::Highest, &cells, &mut found).await?;
        let lowest_known = self.extreme(Side::Lowest, &cells, &mut found).await?;
        found.keep_extremes(highest_known, lowest_known);
        Ok(found)
    }

    /// The days of a step that are known, and its other time by quarters, which may be cut short at its ends.
    fn cells(&self, step: Interval) -> Vec<Cell> {
        let mut cells = Vec::new();
        let mut at = step.start;
        for day in whole_days(step) {
            let interval = Interval::new(day, day.plus(DAY));
            let bounds = self.day_bounds(interval);
            if bounds.high.is_finite() {
                cells.extend(self.by_quarter(Interval::new(at, day)));
                cells.push(Cell {
                    interval,
                    bounds,
                    is_day: true,
                });
                at = interval.end;
            }
        }
        cells.extend(self.by_quarter(Interval::new(at, step.end)));
        cells
    }

    fn by_quarter(&self, interval: Interval) -> Vec<Cell> {
        let first = (!interval.is_empty()).then(|| quarter_start(interval.start));
        let starts = std::iter::successors(first, |start| Some(start.plus(QUARTER)));
        let starts = starts.take_while(|start| *start < interval.end);
        starts
            .map(|start| self.quarter(Interval::new(start, start.plus(QUARTER)).intersection(interval)))
            .collect()
    }

    fn quarter(&self, interval: Interval) -> Cell {
        Cell {
            interval,
            bounds: self.quarter_bounds(interval),
            is_day: false,
        }
    }

    fn day_bounds(&self, day: Interval) -> Bounds {
        let known = |meter: &Meter, start: Timestamp| {
            let interval = Interval::new(start, start.plus(DAY));
            match self.days.get(&(meter.id, start)) {
                Some(rollup) => Some(*rollup),
                None => self.is_silent(meter.id, interval).then(Rollup::default),
            }
        };
        self.bounds(day, |meter| {
            let near = [day.start.minus(DAY), day.start.plus(DAY)].map(|start| known(meter, start));
            let reaches = meter.max_gap <= DAY;
            Some((
                known(meter, day.start)?,
                reaches.then_some(near)?.into_iter().collect::<Option<Vec<_>>>()?,
            ))
        })
    }

    fn quarter_bounds(&self, interval: Interval) -> Bounds {
        if interval.duration() != QUARTER {
            return Bounds::UNKNOWN;
        }
        self.bounds(interval, |meter| {
            let near = (1..=reach(meter.max_gap)).flat_map(|it| {
                [
                    interval.start.minus(QUARTER.saturating_mul(it)),
                    interval.start.plus(QUARTER.saturating_mul(it)),
                ]
            });
            let near = near
                .map(|start| self.known_quarter(meter.id, start))
                .collect::<Option<Vec<_>>>()?;
            Some((self.known_quarter(meter.id, interval.start)?, near))
        })
    }

    fn known_quarter(&self, device: DeviceId, start: Timestamp) -> Option<Rollup> {
        if self.is_silent(device, Interval::new(start, start.plus(QUARTER))) {
            return Some(Rollup::default());
        }
        let day = day_start(start);
        let place = start.since(day).as_micros() / QUARTER.as_micros();
        let quarters = self.quarters.get(&(device, day))?;
        quarters.0.get(usize::try_from(place).ok()?).copied()
    }

    /// What the rollups of all devices, and of the time before and after that a line may come from, say together.
    fn bounds(&self, interval: Interval, known: impl Fn(&Meter) -> Option<(Rollup, Vec<Rollup>)>) -> Bounds {
        let whole = interval.duration().as_micros() as i64;
        let (mut high, mut low, mut covered) = (0.0, 0.0, Vec::new());
        for meter in self.meters {
            let Some((here, near)) = known(meter) else {
                return Bounds::UNKNOWN;
            };
            covered.push(here.covered);
            let (least, most) = powers(&here, &near, here.covered == whole);
            let ends = [meter.weight.factor * least, meter.weight.factor * most];
            high += ends[0].max(ends[1]);
            low += ends[0].min(ends[1]);
        }
        let most = covered.iter().copied().max().unwrap_or(0);
        let is_known = most == whole || most == covered.iter().sum::<i64>();
        Bounds {
            high,
            low,
            measured: is_known.then_some(most),
        }
    }

    async fn measured_time(&mut self, cell: Cell) -> Result<i64, Error> {
        if let Some(known) = cell.bounds.measured {
            return Ok(known);
        }
        let mut time = 0;
        for quarter in self.open_cell(cell).await? {
            time += match quarter.bounds.measured {
                Some(known) => known,
                None if self.is_dropped(quarter.interval) => self.kept_time(quarter.interval),
                None => (self.measure(quarter).await?.measured_seconds() * 1e6).round() as i64,
            };
        }
        Ok(time)
    }

    /// Whether a device drew power in a quarter, or in a part of one, and its readings have been dropped.
    fn is_dropped(&self, part: Interval) -> bool {
        self.meters.iter().any(|meter| {
            let dropped = self.dropped.get(&meter.id).is_some_and(|until| part.start < *until);
            let quarter = || self.known_quarter(meter.id, quarter_start(part.start));
            dropped && quarter().is_some_and(|it| it.covered > 0)
        })
    }

    /// In how much of a quarter, or of a part of one, the device was covered that was most, µs: all that is known where
    /// readings have been dropped.
    fn kept_time(&self, part: Interval) -> i64 {
        let share = part.seconds() / QUARTER.as_secs_f64();
        let covered = self
            .meters
            .iter()
            .filter_map(|meter| self.known_quarter(meter.id, quarter_start(part.start)));
        let most = covered.map(|it| it.covered).max().unwrap_or(0);
        (most as f64 * share).round() as i64
    }

    /// The quarters of a day; a quarter as it is.
    async fn open_cell(&mut self, cell: Cell) -> Result<Vec<Cell>, Error> {
        if !cell.is_day {
            self.load(day_start(cell.interval.start)).await?;
            return Ok(vec![self.quarter(cell.interval)]);
        }
        self.load(cell.interval.start).await?;
        Ok(self.by_quarter(cell.interval))
    }

    /// Reads the quarters of a day and of those before and after it.
    async fn load(&mut self, day: Timestamp) -> Result<(), Error> {
        let days = [day.minus(DAY), day, day.plus(DAY)];
        let missing: Vec<_> = days.into_iter().filter(|day| self.loaded.insert(*day)).collect();
        let quarters = self
            .store
            .quarter_rollups(&self.ids, &missing, Depth::Everything)
            .await?;
        self.quarters.extend(quarters);
        Ok(())
    }

    /// Adds up the curves of a quarter.
    async fn measure(&mut self, cell: Cell) -> Result<Figures, Error> {
        if let Some(known) = self.measured.get(&cell.interval.start) {
            return Ok(*known);
        }
        let bounds: Arc<[Timestamp]> = [cell.interval.start, cell.interval.end].into();
        let steps = together(self.store, &self.heard(&bounds), bounds).await?;
        let figures = steps.figures().first().copied().unwrap_or_default();
        self.measured.insert(cell.interval.start, figures);
        Ok(figures)
    }

    /// Looks closer at what promises most until nothing that is left can be better. Whether the best is known: not where
    /// readings have been dropped of what promises more.
    async fn extreme(&mut self, side: Side, cells: &[Cell], found: &mut Figures) -> Result<bool, Error> {
        let better = |a: &Cell, b: &Cell| match side.promise(a).total_cmp(&side.promise(b)) {
            // Of equals the earlier one first.
            Ordering::Equal => b.interval.start.cmp(&a.interval.start),
            order => order,
        };
        let mut left = cells.to_vec();
        left.sort_unstable_by(better);
        while let Some(cell) = left.pop() {
            let best = side.of(found);
            if best.is_some_and(|best| is_worse(side, &cell, best)) {
                return Ok(true);
            }
            if cell.is_day {
                left.extend(self.open_cell(cell).await?);
                left.sort_unstable_by(better);
            } else if self.is_dropped(cell.interval) {
                return Ok(false);
            } else {
                found.merge_shape(&without_time(self.measure(cell).await?));
            }
        }
        Ok(true)
    }
}

/// Until when the last readings of a device hold, the very last of which is known.
async fn held_until(store: &Store, device: DeviceId, last: Timestamp) -> Result<Timestamp, Error> {
    let after = Interval::new(last.plus(INSTANT), last.plus(INSTANT * 2));
    let samples = store.sample_chunks(device, after, MAX_BRIDGE).try_concat().await?;
    let ends = samples.iter().filter_map(|it| Some(it.at.plus(it.interval?)));
    Ok(ends.max().unwrap_or(last).max(last))
}

/// Whether nothing in the cell can be better than the best so far, nor as good and earlier.
fn is_worse(side: Side, cell: &Cell, best: PowerAt) -> bool {
    // Sums of many bounds and of many curves differ by their rounding.
    let slack = 1e-6 + side.worth(best).abs() * 1e-9;
    match side.promise(cell) + slack {
        promise if promise < side.worth(best) => true,
        _ => side.promise(cell) <= side.worth(best) && cell.interval.start > best.at,
    }
}

fn without_time(mut figures: Figures) -> Figures {
    figures.add_measured(-((figures.measured_seconds() * 1e6).round() as i64));
    figures
}

/// The least and the most that a device may draw; nothing where it may be in a gap.
fn powers(here: &Rollup, near: &[Rollup], covered: bool) -> (f64, f64) {
    let all = std::iter::once(here).chain(near).filter_map(|it| it.extremes);
    let Some((least, most)) = hull(all.map(|it| (it.lowest.power.0, it.highest.power.0))) else {
        return (0.0, 0.0);
    };
    if covered {
        (least, most)
    } else {
        (least.min(0.0), most.max(0.0))
    }
}
