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

use voltaire_types::{DeviceId, Interval, Timestamp};

use super::{
    Meter,
    cell::{Bounds, Cell, Side, is_worse, powers},
    kept::{dropped, whole_days},
    raw::{of_samples, together},
    stretches::Stretches,
};
use crate::{
    error::Error,
    figures::{
        curve::MAX_BRIDGE,
        energy::{Figures, Steps},
        rollup::{DAY, QUARTER, Quarters, Rollup, day_start, days, quarter_start, reach},
    },
    pack::quarters::Depth,
    store::Store,
};

const INSTANT: Duration = Duration::from_micros(1);
/// Readings that are rather added up than searched; in tests few enough that both ways are gone.
const FEW: u64 = if cfg!(test) { 5 } else { 100_000 };
/// Days whose quarters are loaded together where one of them is to be looked at.
const AHEAD: usize = 16;
const QUARTERS_OF_A_DAY: usize = 96;

/// Finds the powers of all steps, in the place of what the steps say about them.
pub(super) async fn find(store: &Store, meters: &[Meter], steps: &mut Steps) -> Result<(), Error> {
    let boundaries: Vec<Timestamp> = steps.boundaries().to_vec();
    let (Some(start), Some(end)) = (boundaries.first(), boundaries.last()) else {
        return Ok(());
    };
    let period = Interval::new(*start, *end);
    let mut search = Search::open(store, meters, period).await?;
    let mut from = 0;
    while from < steps.figures().len() {
        let few = search.few(
            steps.figures().get(from..).unwrap_or_default(),
            boundaries.get(from..).unwrap_or_default(),
        );
        let bounds = boundaries.get(from..=from + few.max(1)).unwrap_or_default();
        let (Some(start), Some(end)) = (bounds.first(), bounds.last()) else {
            break;
        };
        let time = Interval::new(*start, *end);
        search.later = days(Interval::new(*end, period.end)).take(AHEAD).collect();
        let found = if few > 0 {
            let heard = search.heard(time);
            if heard.iter().all(|meter| search.stretches.in_blocks(meter, time)) {
                search.stretches.expect(days(time).chain(search.later.iter().copied()));
                search.add_up(&heard, bounds.into()).await?.figures().to_vec()
            } else {
                together(store, &heard, bounds.into()).await?.figures().to_vec()
            }
        } else {
            vec![search.step(time).await?]
        };
        for (figures, shape) in steps.figures_mut().iter_mut().skip(from).zip(&found) {
            figures.shape_like(shape);
        }
        from += few.max(1);
    }
    Ok(())
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
    stretches: Stretches<'a>,
    /// Days of later steps.
    later: Vec<Timestamp>,
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
            *range = range.hull(estimated);
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
            stretches: Stretches::open(store, meters, period).await?,
            later: Vec::new(),
        })
    }

    /// How many of the first of these steps are rather added up than searched: ones with few readings go together, where
    /// there are still readings. Those of whole days in blocks are searched.
    fn few(&self, figures: &[Figures], starts: &[Timestamp]) -> usize {
        let mut count = 0;
        let few = figures.iter().zip(starts.windows(2)).take_while(|(it, step)| {
            count += it.count();
            let step = Interval::new(step[0], step[1]);
            let is_there = self.dropped.values().all(|until| *until <= step.start);
            let is_searched = step.duration() >= DAY && self.meters.iter().all(|it| self.stretches.in_blocks(it, step));
            count <= FEW && is_there && !is_searched
        });
        few.count()
    }

    /// The devices that may have readings in the interval.
    fn heard(&self, interval: Interval) -> Vec<Meter> {
        let heard = self.meters.iter().filter(|meter| !self.is_silent(meter.id, interval));
        heard.copied().collect()
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
        found.add_measured(self.measured_time(&cells).await?);
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

    /// In how much of the cells any device is covered, µs.
    async fn measured_time(&mut self, cells: &[Cell]) -> Result<i64, Error> {
        let known: i64 = cells.iter().filter_map(|it| it.bounds.measured).sum();
        let unknown: Vec<_> = cells
            .iter()
            .filter(|it| it.bounds.measured.is_none())
            .copied()
            .collect();
        self.load(&unknown).await?;
        let quarters: Vec<_> = unknown.iter().flat_map(|it| self.quarters(*it)).collect();
        let mut time = known;
        let mut rest = quarters.as_slice();
        while let Some((quarter, later)) = rest.split_first() {
            rest = later;
            let later = later.get(..QUARTERS_OF_A_DAY.min(later.len())).unwrap_or_default();
            time += match quarter.bounds.measured {
                Some(known) => known,
                None if self.is_dropped(quarter.interval) => self.kept_time(quarter.interval),
                None => (self.measure(*quarter, later).await?.measured_seconds() * 1e6).round() as i64,
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
    fn quarters(&self, cell: Cell) -> Vec<Cell> {
        if cell.is_day {
            self.by_quarter(cell.interval)
        } else {
            vec![self.quarter(cell.interval)]
        }
    }

    /// Reads the quarters of the days of cells and of those before and after them.
    async fn load(&mut self, cells: &[Cell]) -> Result<(), Error> {
        let days = cells.iter().map(|it| day_start(it.interval.start));
        let around: BTreeSet<_> = days.flat_map(|day| [day.minus(DAY), day, day.plus(DAY)]).collect();
        let mut missing: Vec<_> = around.into_iter().filter(|day| self.loaded.insert(*day)).collect();
        if !missing.is_empty() {
            let later = self.later.iter().copied();
            missing.extend(later.filter(|day| self.loaded.insert(*day)));
        }
        let quarters = self
            .store
            .quarter_rollups(&self.ids, &missing, Depth::Everything)
            .await?;
        self.quarters.extend(quarters);
        Ok(())
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
            let promising = || {
                left.iter()
                    .rev()
                    .take_while(|it| !best.is_some_and(|best| is_worse(side, it, best)))
            };
            if cell.is_day {
                let days = promising().filter(|it| it.is_day).take(AHEAD).copied();
                let days: Vec<_> = days.chain([cell]).collect();
                self.load(&days).await?;
                left.extend(self.quarters(cell));
                left.sort_unstable_by(better);
            } else if self.is_dropped(cell.interval) {
                return Ok(false);
            } else {
                // Only where blocks are read does it help to know what comes next.
                let others: Vec<_> = if self.has_blocks(cell.interval) {
                    promising().filter(|it| !it.is_day).copied().collect()
                } else {
                    Vec::new()
                };
                found.merge_shape(&without_time(self.measure(cell, &others).await?));
            }
        }
        Ok(true)
    }

    /// Adds up the curves of a quarter; others are going to be asked for.
    async fn measure(&mut self, cell: Cell, others: &[Cell]) -> Result<Figures, Error> {
        if let Some(known) = self.measured.get(&cell.interval.start) {
            return Ok(*known);
        }
        let quarters = self.of_one_day(cell, others);
        let days = others.iter().map(|it| day_start(it.interval.start));
        self.stretches.expect(days.chain(self.later.iter().copied()));
        for quarter in quarters {
            let heard = self.heard(quarter);
            let bounds: Arc<[Timestamp]> = [quarter.start, quarter.end].into();
            let is_in_rows = || heard.iter().all(|meter| self.stretches.in_rows(meter, quarter));
            let steps = if self.has_blocks(quarter) || is_in_rows() {
                self.add_up(&heard, bounds).await?
            } else {
                together(self.store, &heard, bounds).await?
            };
            let figures = steps.figures().first().copied().unwrap_or_default();
            self.measured.insert(quarter.start, figures);
        }
        Ok(self.measured.get(&cell.interval.start).copied().unwrap_or_default())
    }

    /// Whether blocks say everything about some device that may have readings in the interval.
    fn has_blocks(&self, interval: Interval) -> bool {
        let mut heard = self.meters.iter().filter(|meter| !self.is_silent(meter.id, interval));
        heard.any(|meter| self.stretches.in_blocks(meter, interval))
    }

    /// A quarter, and the others of its day that cost little once its blocks are open.
    fn of_one_day(&self, cell: Cell, others: &[Cell]) -> Vec<Interval> {
        let day = day_start(cell.interval.start);
        let others = others
            .iter()
            .map(|it| it.interval)
            .filter(|it| day_start(it.start) == day);
        let is_due = |it: &Interval| !self.measured.contains_key(&it.start) && !self.is_dropped(*it);
        let is_open = |it: &Interval| self.heard(*it).iter().all(|meter| self.stretches.in_blocks(meter, *it));
        let others = others.filter(|it| is_due(it) && is_open(it));
        std::iter::once(cell.interval).chain(others).collect()
    }

    /// The figures of devices together in steps that few readings fall into.
    async fn add_up(&mut self, meters: &[Meter], boundaries: Arc<[Timestamp]>) -> Result<Steps, Error> {
        let ends = boundaries.first().zip(boundaries.last());
        let Some(time) = ends.map(|(start, end)| Interval::new(*start, *end)) else {
            return Ok(Steps::new(boundaries));
        };
        let mut samples = Vec::with_capacity(meters.len());
        for meter in meters {
            samples.push(self.stretches.samples(meter, time, meter.max_gap).await?);
        }
        of_samples(meters, (boundaries, false), samples).await
    }
}

/// Until when the last readings of a device hold, the very last of which is known.
async fn held_until(store: &Store, device: DeviceId, last: Timestamp) -> Result<Timestamp, Error> {
    let after = Interval::new(last.plus(INSTANT), last.plus(INSTANT * 2));
    let samples = store.samples(device, after, MAX_BRIDGE).await?;
    let ends = samples.iter().filter_map(|it| Some(it.at.plus(it.interval?)));
    Ok(ends.max().unwrap_or(last).max(last))
}

fn without_time(mut figures: Figures) -> Figures {
    figures.add_measured(-((figures.measured_seconds() * 1e6).round() as i64));
    figures
}
