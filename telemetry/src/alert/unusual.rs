//! Rules about days unlike others: a robust z-score on the median of the same weekday.

use voltaire_types::{Interval, Timestamp, WattHours};

use super::{Amount, Event, Raised, Reason, State, Step};

/// So many days of the same weekday must be known.
const FEWEST: usize = 4;
/// Days covered less than this are not known.
const COVERED: f64 = 0.9;
/// From the median absolute deviation to a standard deviation.
const SCALE: f64 = 1.4826;
/// A difference below this share of the median is never more than one standard deviation,
const SMALLEST_SHARE: f64 = 0.05;
/// nor is one below this, Wh.
const SMALLEST: f64 = 50.0;

/// What a day took.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Day {
    pub(crate) energy: WattHours,
    /// 0 to 1.
    pub(crate) coverage: f64,
}

/// A day that is over, and the same weekday of the weeks before.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct History {
    pub(crate) interval: Interval,
    pub(crate) day: Day,
    pub(crate) before: Vec<Day>,
    /// When the next day can be judged.
    pub(crate) next: Timestamp,
}

/// A step of "an unusual day": each day is judged once.
pub(super) fn step(score: f64, mut state: State, history: &History) -> Step {
    let mut step = Step::new(state, history.next);
    let Interval { start, end } = history.interval;
    if end <= state.judged {
        return step;
    }
    state.judged = end;
    step.state = state;
    if let Some((usual, found)) = history.score()
        && found.abs() >= score
    {
        let reason = if found > 0.0 {
            Reason::UnusuallyHigh
        } else {
            Reason::UnusuallyLow
        };
        step.events.push(Event::Raised(Raised {
            reason,
            since: start,
            observed: Amount::Energy(history.day.energy),
            limit: Amount::Energy(WattHours(usual)),
        }));
        step.events.push(Event::Ended(end));
    }
    step
}

impl History {
    /// The usual energy, Wh, and how many robust standard deviations the day is from it; none where too little is known.
    fn score(&self) -> Option<(f64, f64)> {
        let known = self.before.iter().filter(|it| it.coverage >= COVERED);
        let mut before: Vec<f64> = known.map(|it| it.energy.0).collect();
        if before.len() < FEWEST || self.day.coverage < COVERED {
            return None;
        }
        let usual = median(&mut before)?;
        let mut deviations: Vec<f64> = before.iter().map(|it| (it - usual).abs()).collect();
        let spread = median(&mut deviations)? * SCALE;
        let spread = spread.max(usual.abs() * SMALLEST_SHARE).max(SMALLEST);
        Some((usual, (self.day.energy.0 - usual) / spread))
    }
}

/// The median; sorts the values. None of nothing.
fn median(values: &mut [f64]) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let upper = *values.get(values.len() / 2)?;
    let lower = *values.get((values.len() - 1) / 2)?;
    Some(lower.midpoint(upper))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(day: i64) -> Timestamp {
        Timestamp::from_parts(1_763_856_000 + day * 86_400, 0).unwrap()
    }

    fn history(energy: f64, before: &[f64]) -> History {
        let day = |energy| Day {
            energy: WattHours(energy),
            coverage: 1.0,
        };
        History {
            interval: Interval::new(at(0), at(1)),
            day: day(energy),
            before: before.iter().map(|it| day(*it)).collect(),
            next: at(2),
        }
    }

    fn reason(history: &History) -> Option<Reason> {
        let state = State {
            judged: at(0),
            active: None,
            running: None,
        };
        let first = step(3.5, state, history);
        assert!(step(3.5, first.state, history).events.is_empty());
        first.events.first().map(|event| match event {
            Event::Raised(raised) => raised.reason,
            Event::Ended(_) => panic!("ended before it was raised"),
        })
    }

    #[test]
    fn far_from_the_median_of_its_weekday_is_unusual() {
        let before = [10_000.0, 10_500.0, 9_500.0, 11_000.0, 10_200.0];
        assert_eq!(reason(&history(10_800.0, &before)), None);
        assert_eq!(reason(&history(16_000.0, &before)), Some(Reason::UnusuallyHigh));
        assert_eq!(reason(&history(5_000.0, &before)), Some(Reason::UnusuallyLow));
    }

    #[test]
    fn one_strange_week_does_not_move_what_is_usual() {
        let before = [10_000.0, 10_500.0, 90_000.0, 9_800.0, 10_200.0];
        assert_eq!(reason(&history(16_000.0, &before)), Some(Reason::UnusuallyHigh));
    }

    #[test]
    fn small_differences_of_a_very_regular_device_are_not_unusual() {
        assert_eq!(reason(&history(1_150.0, &[1_000.0; 8])), None);
        assert_eq!(reason(&history(3.0, &[1.0; 8])), None);
    }

    #[test]
    fn too_little_is_known_of_three_weeks_or_of_days_with_gaps() {
        assert_eq!(reason(&history(90_000.0, &[10_000.0; 3])), None);
        let mut gaps = history(90_000.0, &[10_000.0; 4]);
        gaps.before[0].coverage = 0.5;
        assert_eq!(reason(&gaps), None);
        let mut gap = history(0.0, &[10_000.0; 8]);
        gap.day.coverage = 0.2;
        assert_eq!(reason(&gap), None);
    }

    proptest! {
        #[test]
        fn the_order_of_the_weeks_does_not_matter(mut before in proptest::collection::vec(0.0..50_000.0_f64, 0..9), energy in 0.0..100_000.0_f64) {
            let found = history(energy, &before).score();
            before.reverse();
            prop_assert_eq!(history(energy, &before).score(), found);
        }
    }
}
