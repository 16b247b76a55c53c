//! The figures of one device over quarter hours and days, kept so that long periods need not be measured again.
//!
//! **Invariant**: the rollup of a stretch of time is what measuring the device's readings over that stretch gives. Rollups of
//! adjoining stretches merge into the rollup of both, so a day is the sum of its quarters.

use std::time::Duration;

use voltaire_types::{Interval, Timestamp};

use super::{
    PowerAt,
    energy::{Figures, Weight},
};

/// The smallest stretch that is kept: it divides every time zone's offset and the market's intervals.
pub(crate) const QUARTER: Duration = Duration::from_mins(15);
/// The stretch that quarters are kept together for: a day of UTC.
pub(crate) const DAY: Duration = Duration::from_hours(24);

/// The figures of a device over a stretch of time, before it is known what total they become part of.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Rollup {
    /// Energy, Wh.
    pub energy: f64,
    /// Energy where power is positive, Wh: what is taken, not given.
    pub taken: f64,
    /// Energy that a counter gives for time that is not covered, Wh.
    pub bridged: f64,
    /// Energy by estimate, Wh.
    pub estimated: f64,
    /// Covered time, µs.
    pub covered: i64,
    /// Covered time by estimate, µs.
    pub estimated_time: i64,
    /// How many readings.
    pub count: u64,
    /// The highest and the lowest power; none where nothing was measured.
    pub extremes: Option<Extremes>,
}

impl Rollup {
    /// What of the amounts of some time falls into a part of it, spread evenly. Parts add up to the whole; powers are none.
    pub(crate) fn share(&self, (whole, part): (Interval, Interval)) -> Self {
        let until = |at: Timestamp| at.seconds_since(whole.start) / whole.seconds();
        let (from, to) = (until(part.start), until(part.end));
        let amount = |all: f64| all * (to - from);
        // Rounded where parts meet, so that nothing is lost between them.
        let number = |all: f64| (all * to).round() - (all * from).round();
        Self {
            energy: amount(self.energy),
            taken: amount(self.taken),
            bridged: amount(self.bridged),
            estimated: amount(self.estimated),
            covered: number(self.covered as f64) as i64,
            estimated_time: number(self.estimated_time as f64) as i64,
            count: number(self.count as f64) as u64,
            extremes: None,
        }
    }
}

/// The highest and the lowest power of a stretch of time, each the earliest of equals.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Extremes {
    /// The highest.
    pub highest: PowerAt,
    /// The lowest.
    pub lowest: PowerAt,
    /// Whether these are samples; else the curve's, where no sample falls into the stretch.
    pub sampled: bool,
}

/// Rollups of consecutive quarters.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Quarters(pub Vec<Rollup>);

impl Quarters {
    /// All of them as one.
    pub(crate) fn whole(&self) -> Rollup {
        let mut whole = Figures::default();
        for quarter in &self.0 {
            whole.add_rollup(quarter, Weight::METER, true);
        }
        whole.rollup()
    }

    /// When the last one ends, where the first begins at the start of a day; no later than the day.
    pub(crate) fn end(&self, start: Timestamp) -> Timestamp {
        let quarters = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
        start.plus(QUARTER.saturating_mul(quarters).min(DAY))
    }
}

/// When the quarter begins that the instant is in.
pub(crate) fn quarter_start(at: Timestamp) -> Timestamp {
    floor(at, QUARTER)
}

/// When the day of UTC begins that the instant is in.
pub(crate) fn day_start(at: Timestamp) -> Timestamp {
    floor(at, DAY)
}

/// The starts of the days of UTC that the interval touches.
pub(crate) fn days(interval: Interval) -> impl Iterator<Item = Timestamp> {
    let first = (!interval.is_empty()).then(|| day_start(interval.start));
    std::iter::successors(first, |day| Some(day.plus(DAY))).take_while(move |day| *day < interval.end)
}

/// Where quarters begin from one boundary of them to another, and at last where the final one ends.
pub(crate) fn quarter_boundaries(interval: Interval) -> Vec<Timestamp> {
    std::iter::successors(Some(interval.start), |at| Some(at.plus(QUARTER)))
        .take_while(|at| *at <= interval.end)
        .collect()
}

/// How many quarters before and after one a line within it may come from, where gaps may be so long.
pub(crate) fn reach(max_gap: Duration) -> u32 {
    u32::try_from(max_gap.as_micros().div_ceil(QUARTER.as_micros())).unwrap_or(u32::MAX)
}

/// The lowest and the highest power, W, of all that lines come from, each given in this order: no line leaves them. None
/// of none.
pub(crate) fn hull(powers: impl Iterator<Item = (f64, f64)>) -> Option<(f64, f64)> {
    powers.reduce(|all, one| (all.0.min(one.0), all.1.max(one.1)))
}

fn floor(at: Timestamp, length: Duration) -> Timestamp {
    let into = at.micros().rem_euclid(length.as_micros() as i64);
    at.minus(Duration::from_micros(into.unsigned_abs()))
}

#[cfg(test)]
mod tests {
    use super::super::test::at;
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn quarters_and_days_begin_on_their_grid() {
        assert_eq!(quarter_start(at(900)), at(900));
        assert_eq!(quarter_start(at(1_799)), at(900));
        assert_eq!(day_start(at(86_399)), at(0));
        let early: Timestamp = "1969-12-31T23:59:59Z".parse().unwrap();
        assert_eq!(quarter_start(early).to_string(), "1969-12-31T23:45:00Z");
        let touched: Vec<_> = days(Interval::new(at(-1), at(86_401))).collect();
        assert_eq!(touched, [at(-86_400), at(0), at(86_400)]);
        assert_eq!(days(Interval::new(at(5), at(5))).count(), 0);
        assert_eq!(
            quarter_boundaries(Interval::new(at(0), at(1_800))),
            [at(0), at(900), at(1_800)]
        );
    }

    proptest! {
        #[test]
        fn parts_add_up_to_the_whole(cuts in prop::collection::btree_set(1_i64..900_000_000, 0..6), count in 0_u64..1_000_000, covered in 0_i64..=900_000_000, energy in -1e6..1e6_f64) {
            let whole = Interval::new(at(0), at(900));
            let rollup = Rollup { energy, count, covered, taken: energy.max(0.0), ..Rollup::default() };
            let ends: Vec<_> = cuts.into_iter().map(|it| at(0).plus(Duration::from_micros(it.unsigned_abs()))).chain([at(900)]).collect();
            let (mut start, mut sum) = (at(0), Rollup::default());
            for end in ends {
                let part = rollup.share((whole, Interval::new(start, end)));
                sum.energy += part.energy;
                sum.taken += part.taken;
                sum.count += part.count;
                sum.covered += part.covered;
                prop_assert!((part.covered as f64 - covered as f64 * end.seconds_since(start) / 900.0).abs() <= 1.0);
                start = end;
            }
            prop_assert_eq!((sum.count, sum.covered), (count, covered));
            prop_assert!((sum.energy - energy).abs() < 1e-6 && (sum.taken - energy.max(0.0)).abs() < 1e-6);
        }
    }
}
