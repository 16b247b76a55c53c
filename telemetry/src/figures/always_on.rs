//! The always-on load: what the power of nights hardly ever falls below.

use std::time::Duration;

use jiff::{ToSpan, civil::Date};
use voltaire_types::{Calendar, Interval, Timestamp, WattHours, Watts};

use super::quantile::quantile;

/// Which share of the minutes lies below.
const SHARE: f64 = 0.05;
/// Local hours that nights are judged by.
const HOURS: [i8; 2] = [2, 5];
/// Minutes that are covered less say nothing.
const LEAST_COVERED: f64 = 0.5;
const MINUTE: Duration = Duration::from_mins(1);
const YEAR: Duration = Duration::from_hours(365 * 24);

/// Mean powers of the minutes of nights.
#[derive(Clone, Debug, Default)]
pub(crate) struct Minutes {
    powers: Vec<f64>,
    covered: f64,
}

impl Minutes {
    /// Takes a minute: how long it is, which share of it is covered, and its mean power where it was measured.
    pub(crate) fn add(&mut self, seconds: f64, share: f64, power: Option<f64>) {
        self.covered += share * seconds;
        self.powers.extend(power.filter(|_| share >= LEAST_COVERED));
    }

    /// How many minutes count.
    pub(crate) fn count(&self) -> usize {
        self.powers.len()
    }

    /// Seconds that are covered.
    pub(crate) fn covered_seconds(&self) -> f64 {
        self.covered
    }

    /// The always-on load; none without minutes.
    pub(crate) fn load(mut self) -> Option<Watts> {
        quantile(&mut self.powers, SHARE).map(Watts)
    }
}

/// What a load comes to in 365 days.
pub(crate) fn yearly(load: Watts) -> WattHours {
    load * YEAR
}

/// The share of energy that a load has over measured seconds, 0 to 1; none where nothing was used.
pub(crate) fn share(load: Watts, energy: WattHours, seconds: f64) -> Option<f64> {
    (energy.0 > 0.0).then(|| (load.0 * seconds / 3600.0 / energy.0).clamp(0.0, 1.0))
}

/// The local hours from two to five of each night, as far as the period has them.
pub(crate) fn nights(calendar: &Calendar, period: Interval) -> Vec<Interval> {
    let last = calendar.date(period.end);
    let dates = std::iter::successors(Some(calendar.date(period.start)), |date| date.checked_add(1.day()).ok());
    let night = |date| {
        let [start, end] = HOURS.map(|hour| hour_of(calendar, date, hour));
        Interval::new(start, end).intersection(period)
    };
    dates
        .take_while(|date| *date <= last)
        .map(night)
        .filter(|night| !night.is_empty())
        .collect()
}

/// Where minutes begin, from the night's start on, and at last where it ends.
pub(crate) fn minutes(night: Interval) -> Vec<Timestamp> {
    let starts = std::iter::successors(Some(night.start), |at| Some(at.plus(MINUTE)));
    starts.take_while(|at| *at < night.end).chain([night.end]).collect()
}

/// When a local hour of a day begins; one that clocks skip begins where they go on, one that they repeat the first time.
pub(crate) fn hour_of(calendar: &Calendar, date: Date, hour: i8) -> Timestamp {
    let local = date.at(hour, 0, 0, 0).to_zoned(calendar.zone().clone());
    let instant = local.ok().and_then(|it| it.timestamp().try_into().ok());
    instant.unwrap_or_else(|| calendar.start_of_day(date))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{Weekday, date};
    use proptest::prelude::*;

    fn berlin() -> Calendar {
        Calendar::new("Europe/Berlin", Weekday::Monday).unwrap()
    }

    #[test]
    fn nights_have_two_three_or_four_hours() {
        let hours = |day| {
            let nights = nights(&berlin(), berlin().day(day));
            nights.iter().map(|it| it.seconds() / 3600.0).collect::<Vec<_>>()
        };
        assert_eq!(hours(date(2026, 6, 1)), [3.0]);
        assert_eq!(
            (hours(date(2026, 3, 29)), hours(date(2026, 10, 25))),
            (vec![2.0], vec![4.0])
        );
        let noon = hour_of(&berlin(), date(2026, 6, 1), 12);
        let afternoon = Interval::new(noon, berlin().start_of_day(date(2026, 6, 2)));
        assert!(nights(&berlin(), afternoon).is_empty());
        assert_eq!(
            nights(&berlin(), berlin().days(date(2026, 6, 1), date(2026, 6, 30))).len(),
            30
        );
    }

    #[test]
    fn minutes_that_are_hardly_covered_say_nothing() {
        let mut minutes = Minutes::default();
        for (share, power) in [(1.0, Some(50.0)), (0.5, Some(60.0)), (0.4, Some(0.0)), (0.0, None)] {
            minutes.add(60.0, share, power);
        }
        assert_eq!((minutes.count(), minutes.covered_seconds()), (2, 114.0));
        assert_eq!(minutes.load(), Some(Watts(50.5)));
        assert_eq!(Minutes::default().load(), None);
    }

    #[test]
    fn a_load_has_at_most_all_of_the_energy() {
        assert_eq!(yearly(Watts(10.0)), WattHours(87_600.0));
        assert_eq!(share(Watts(10.0), WattHours(40.0), 7_200.0), Some(0.5));
        assert_eq!(share(Watts(10.0), WattHours(10.0), 7_200.0), Some(1.0));
        assert_eq!(share(Watts(10.0), WattHours(0.0), 7_200.0), None);
    }

    proptest! {
        #[test]
        fn minutes_fill_the_night(start in 0_i64..4_000_000_000, seconds in 1_i64..20_000) {
            let at = |second| Timestamp::from_parts(second, 0).unwrap();
            let it = minutes(Interval::new(at(start), at(start + seconds)));
            prop_assert_eq!((it[0], it[it.len() - 1]), (at(start), at(start + seconds)));
            prop_assert_eq!(it.len() as u64, seconds.unsigned_abs().div_ceil(60) + 1);
            prop_assert!(it.windows(2).all(|pair| pair[0] < pair[1] && pair[1].since(pair[0]) <= MINUTE));
        }
    }
}
