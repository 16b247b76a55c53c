//! How a period is cut into steps.

use std::time::Duration;

use voltaire_mesh::Invalid;
use voltaire_types::{Calendar, CalendarUnit, Interval, Timestamp};

/// Values that a series may have.
pub(crate) const MOST_VALUES: usize = 20_000;
/// Columns that may be asked for.
const MOST_COLUMNS: u32 = 2_000;
/// Columns when nothing is asked for.
const DEFAULT_COLUMNS: u32 = 300;

/// How a period is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// By the calendar of the home.
    Calendar(CalendarUnit),
    /// By a fixed length, from the period's start.
    Fixed(Duration),
    /// Into about so many columns of a round length.
    Columns(u32),
}

impl Default for Step {
    fn default() -> Self {
        Self::Columns(DEFAULT_COLUMNS)
    }
}

/// A round length of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rung {
    Seconds(u64),
    Unit(CalendarUnit, u64),
}

const LADDER: [Rung; 11] = [
    Rung::Seconds(1),
    Rung::Seconds(5),
    Rung::Seconds(15),
    Rung::Seconds(60),
    Rung::Seconds(300),
    Rung::Unit(CalendarUnit::QuarterHour, 900),
    Rung::Unit(CalendarUnit::Hour, 3_600),
    Rung::Unit(CalendarUnit::Day, 86_400),
    Rung::Unit(CalendarUnit::Week, 604_800),
    Rung::Unit(CalendarUnit::Month, 2_629_746),
    Rung::Unit(CalendarUnit::Year, 31_556_952),
];

impl Rung {
    fn seconds(self) -> f64 {
        match self {
            Self::Seconds(seconds) | Self::Unit(_, seconds) => seconds as f64,
        }
    }
}

/// Where the steps of the period begin, and at last where the final one ends; an empty period has no steps. The first and
/// the last may be cut short by the period.
pub(crate) fn boundaries(step: Step, period: Interval, calendar: &Calendar) -> Result<Vec<Timestamp>, Invalid> {
    match step {
        Step::Calendar(unit) => limited("step.calendar", calendar.steps(unit, period, MOST_VALUES + 1)),
        Step::Fixed(length) if length < Duration::from_secs(1) => {
            Err(Invalid::new("step.fixed", "must be at least one second"))
        }
        Step::Fixed(length) => limited("step.fixed", fixed(period.start, length, period)),
        Step::Columns(0 | 2_001..) => Err(Invalid::new(
            "step.columns",
            format!("must be from 1 to {MOST_COLUMNS}"),
        )),
        Step::Columns(columns) => limited("step.columns", round(columns, period, calendar)),
    }
}

/// Steps of the rung that comes nearest to so many columns.
fn round(columns: u32, period: Interval, calendar: &Calendar) -> Vec<Timestamp> {
    let wished = period.seconds() / f64::from(columns);
    let distance = |rung: &Rung| (wished.max(f64::MIN_POSITIVE) / rung.seconds()).ln().abs();
    let nearest = LADDER.into_iter().min_by(|a, b| distance(a).total_cmp(&distance(b)));
    match nearest.unwrap_or(Rung::Seconds(1)) {
        Rung::Unit(unit, _) => calendar.steps(unit, period, MOST_VALUES + 1),
        Rung::Seconds(seconds) => {
            let length = Duration::from_secs(seconds);
            let into = period.start.micros().rem_euclid(micros(length));
            fixed(
                period.start.minus(Duration::from_micros(into.unsigned_abs())),
                length,
                period,
            )
        }
    }
}

/// Steps of a fixed length counted from an origin that is not after the period's start; at most one more than allowed.
fn fixed(origin: Timestamp, length: Duration, period: Interval) -> Vec<Timestamp> {
    let inner = (1..).map(|number: u32| origin.plus(length.saturating_mul(number)));
    let inner = inner.take_while(|at| *at < period.end).take(MOST_VALUES + 1);
    let last = (!period.is_empty()).then_some(period.end);
    std::iter::once(period.start).chain(inner).chain(last).collect()
}

fn micros(length: Duration) -> i64 {
    i64::try_from(length.as_micros()).unwrap_or(i64::MAX)
}

fn limited(field: &str, boundaries: Vec<Timestamp>) -> Result<Vec<Timestamp>, Invalid> {
    if boundaries.len() <= MOST_VALUES + 1 {
        return Ok(boundaries);
    }
    let problem =
        format!("gives more than {MOST_VALUES} values for this period: choose a longer step or a shorter period");
    Err(Invalid::new(field, problem))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{Weekday, date};
    use proptest::prelude::*;

    fn berlin() -> Calendar {
        Calendar::new("Europe/Berlin", Weekday::Monday).unwrap()
    }

    fn count(step: Step, period: Interval) -> Result<usize, String> {
        let boundaries = boundaries(step, period, &berlin()).map_err(|invalid| invalid.field)?;
        Ok(boundaries.len() - 1)
    }

    #[test]
    fn columns_are_of_the_nearest_round_length() {
        let day = berlin().day(date(2026, 6, 1));
        let days = |days: i64| {
            berlin().days(
                date(2026, 6, 1),
                date(2026, 6, 1).saturating_add(jiff::Span::new().days(days - 1)),
            )
        };
        assert_eq!(count(Step::default(), day), Ok(288));
        assert_eq!(count(Step::default(), days(7)), Ok(7 * 24));
        assert_eq!(count(Step::default(), days(30)), Ok(30 * 24));
        assert_eq!(count(Step::default(), days(365)), Ok(365));
        assert_eq!(count(Step::Columns(12), days(365)), Ok(12));
        assert_eq!(count(Step::Columns(2_000), day), Ok(24 * 60));
    }

    #[test]
    fn the_long_day_has_25_hours_and_the_short_one_23() {
        let hours = |day| count(Step::Calendar(CalendarUnit::Hour), berlin().day(day));
        assert_eq!((hours(date(2026, 10, 25)), hours(date(2026, 3, 29))), (Ok(25), Ok(23)));
    }

    #[test]
    fn fixed_steps_count_from_the_start_and_the_last_is_cut_short() {
        let start: Timestamp = "2026-06-01T00:00:07Z".parse().unwrap();
        let period = Interval::new(start, start.plus(Duration::from_secs(25)));
        let it = boundaries(Step::Fixed(Duration::from_secs(10)), period, &berlin()).unwrap();
        let seconds: Vec<_> = it.iter().map(|at| at.seconds_since(start)).collect();
        assert_eq!(seconds, [0.0, 10.0, 20.0, 25.0]);
    }

    #[test]
    fn too_many_values_and_senseless_steps_are_refused_by_field() {
        let year = berlin().days(date(2026, 1, 1), date(2026, 12, 31));
        let refused = |step| count(step, year).unwrap_err();
        assert_eq!(refused(Step::Fixed(Duration::from_mins(1))), "step.fixed");
        assert_eq!(refused(Step::Fixed(Duration::ZERO)), "step.fixed");
        assert_eq!(refused(Step::Fixed(Duration::from_millis(999))), "step.fixed");
        assert_eq!(refused(Step::Calendar(CalendarUnit::QuarterHour)), "step.calendar");
        assert_eq!(refused(Step::Columns(0)), "step.columns");
        assert_eq!(refused(Step::Columns(2_001)), "step.columns");
    }

    #[test]
    fn exactly_as_many_values_as_allowed_are_given() {
        let start = Timestamp::EPOCH;
        let period = |seconds| Interval::new(start, start.plus(Duration::from_secs(seconds)));
        let step = Step::Fixed(Duration::from_secs(1));
        assert_eq!(count(step, period(20_000)), Ok(20_000));
        assert_eq!(count(step, period(20_001)), Err("step.fixed".to_owned()));
        assert_eq!(count(step, period(0)), Ok(0));
    }

    proptest! {
        #[test]
        fn steps_cover_the_period_without_gap(start in 0_i64..4_000_000_000_000_000, length in 1_i64..315_576_000_000_000, columns in 1_u32..=2_000) {
            let at = |micros| Timestamp::from_micros(micros).unwrap();
            let period = Interval::new(at(start), at(start + length));
            let it = boundaries(Step::Columns(columns), period, &berlin()).unwrap();
            prop_assert_eq!((it.first(), it.last()), (Some(&period.start), Some(&period.end)));
            prop_assert!(it.windows(2).all(|pair| pair[0] < pair[1]));
        }
    }
}
