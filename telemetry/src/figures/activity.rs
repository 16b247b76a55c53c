//! When a device was on, local day by local day.

use jiff::{ToSpan, civil::Date};
use voltaire_types::{Calendar, Interval};

/// A local day on which a device was on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct ActiveDay {
    /// The local day.
    pub date: Date,
    /// From the first instant of it at which the device was on to the last.
    pub span: Interval,
    /// Seconds within runs.
    pub on_seconds: f64,
    /// Runs that begin on it.
    pub runs: u32,
}

/// The days on which there are runs; these in time's order.
pub(crate) fn days(runs: &[Interval], calendar: &Calendar) -> Vec<ActiveDay> {
    let mut days: Vec<ActiveDay> = Vec::new();
    for run in runs {
        let first = calendar.date(run.start);
        let dates = std::iter::successors(Some(first), |date| date.checked_add(1.day()).ok());
        let parts = dates.map(|date| (date, calendar.day(date)));
        for (date, whole) in parts.take_while(|(_, whole)| whole.start < run.end) {
            add(&mut days, date, run.intersection(whole));
        }
        if let Some(day) = days.iter_mut().rev().find(|day| day.date == first) {
            day.runs += 1;
        }
    }
    days
}

fn add(days: &mut Vec<ActiveDay>, date: Date, part: Interval) {
    match days.last_mut() {
        _ if part.is_empty() => {}
        Some(day) if day.date == date => {
            day.span.end = part.end;
            day.on_seconds += part.seconds();
        }
        _ => days.push(ActiveDay {
            date,
            span: part,
            on_seconds: part.seconds(),
            runs: 0,
        }),
    }
}

/// The longest run, the earliest of equals.
pub(crate) fn longest(runs: &[Interval]) -> Option<Interval> {
    runs.iter().copied().rev().max_by_key(|run| run.duration())
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these values are exact")]
mod tests {
    use super::*;
    use jiff::civil::{Weekday, date};
    use proptest::prelude::*;
    use voltaire_types::Timestamp;

    fn berlin() -> Calendar {
        Calendar::new("Europe/Berlin", Weekday::Monday).unwrap()
    }

    fn run(start: &str, end: &str) -> Interval {
        Interval::new(start.parse().unwrap(), end.parse().unwrap())
    }

    #[test]
    fn a_run_over_midnight_is_on_both_days_and_begins_on_the_first() {
        let runs = [
            run("2026-06-01T08:00:00Z", "2026-06-01T09:00:00Z"),
            run("2026-06-01T21:00:00Z", "2026-06-01T23:00:00Z"),
        ];
        let it = days(&runs, &berlin());
        let midnight = berlin().start_of_day(date(2026, 6, 2));
        assert_eq!(
            (it[0].span, it[0].on_seconds, it[0].runs),
            (Interval::new(runs[0].start, midnight), 7_200.0, 2)
        );
        assert_eq!((it[1].span, it[1].runs), (Interval::new(midnight, runs[1].end), 0));
        assert_eq!((it.len(), longest(&runs)), (2, Some(runs[1])));
        assert_eq!(longest(&[]), None);
    }

    #[test]
    fn the_long_day_can_be_on_for_25_hours() {
        let whole = berlin().day(date(2026, 10, 25));
        assert_eq!(days(&[whole], &berlin())[0].on_seconds, 25.0 * 3_600.0);
    }

    proptest! {
        #[test]
        fn days_add_up_to_the_runs(gaps in prop::collection::vec((300_i64..200_000, 1_i64..300_000), 0..30)) {
            let mut second = 1_790_000_000;
            let at = |second| Timestamp::from_parts(second, 0).unwrap();
            let runs: Vec<_> = gaps.iter().map(|(gap, length)| {
                second += gap + length;
                Interval::new(at(second - length), at(second))
            }).collect();
            let it = days(&runs, &berlin());
            let seconds: f64 = it.iter().map(|day| day.on_seconds).sum();
            prop_assert_eq!(seconds, runs.iter().map(|run| run.seconds()).sum::<f64>());
            prop_assert_eq!(it.iter().map(|day| day.runs as usize).sum::<usize>(), runs.len());
            prop_assert!(it.windows(2).all(|pair| pair[0].date < pair[1].date));
            prop_assert!(it.iter().all(|day| day.span.intersection(berlin().day(day.date)) == day.span));
        }
    }
}
