//! Mean power by weekday and local hour.

use jiff::civil::Date;
use voltaire_types::{Calendar, Timestamp};

/// An hour of a weekday.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Cell {
    /// Energy within measured time, Wh.
    pub energy: f64,
    /// Measured time, s.
    pub seconds: f64,
    /// Local days with measured time.
    pub days: u32,
    last: Option<Date>,
}

impl Cell {
    /// Energy by measured time, W; none where nothing was measured.
    pub(crate) fn power(&self) -> Option<f64> {
        (self.seconds > 0.0).then(|| self.energy * 3600.0 / self.seconds)
    }
}

/// Means by weekday, from Monday, and hour, from 0.
#[derive(Clone, Debug, Default)]
pub(crate) struct Profile {
    cells: [[Cell; 24]; 7],
}

impl Profile {
    /// Takes the energy, Wh, of measured seconds within a local hour; in time's order.
    pub(crate) fn add(&mut self, calendar: &Calendar, at: Timestamp, (energy, seconds): (f64, f64)) {
        let local = calendar.local(at);
        let weekday = local.weekday().to_monday_zero_offset().unsigned_abs();
        let hour = local.hour().unsigned_abs();
        let row = self.cells.get_mut(usize::from(weekday));
        let Some(cell) = row.and_then(|row| row.get_mut(usize::from(hour))) else {
            return;
        };
        if seconds <= 0.0 {
            return;
        }
        cell.energy += energy;
        cell.seconds += seconds;
        if cell.last != Some(local.date()) {
            cell.last = Some(local.date());
            cell.days += 1;
        }
    }

    /// Weekday (1: Monday), hour and means of what was measured.
    pub(crate) fn cells(&self) -> impl Iterator<Item = (u32, u32, &Cell)> {
        let rows = (1..).zip(&self.cells);
        let cells = rows.flat_map(|(weekday, row)| (0..).zip(row).map(move |(hour, cell)| (weekday, hour, cell)));
        cells.filter(|(_, _, cell)| cell.seconds > 0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{Weekday, date};
    use voltaire_types::{CalendarUnit, Interval};

    fn berlin() -> Calendar {
        Calendar::new("Europe/Berlin", Weekday::Monday).unwrap()
    }

    fn profile(days: Interval) -> Profile {
        let mut profile = Profile::default();
        let hours = berlin().steps(CalendarUnit::Hour, days, 10_000);
        for pair in hours.windows(2) {
            profile.add(&berlin(), pair[0], (100.0, pair[1].seconds_since(pair[0])));
        }
        profile
    }

    #[test]
    fn each_hour_of_four_weeks_stands_on_four_days() {
        let it = profile(berlin().days(date(2026, 6, 1), date(2026, 6, 28)));
        assert_eq!(it.cells().count(), 7 * 24);
        assert!(
            it.cells()
                .all(|(_, _, cell)| cell.days == 4 && cell.power() == Some(100.0))
        );
    }

    #[test]
    fn an_hour_that_clocks_repeat_is_one_day_and_one_that_they_skip_is_none() {
        let long = profile(berlin().day(date(2026, 10, 25)));
        let (weekday, _, cell) = long.cells().find(|(_, hour, _)| *hour == 2).unwrap();
        assert_eq!(
            (weekday, cell.days, cell.seconds, cell.power()),
            (7, 1, 7_200.0, Some(100.0))
        );
        let short = profile(berlin().day(date(2026, 3, 29)));
        assert!(short.cells().count() == 23 && short.cells().all(|(_, hour, _)| hour != 2));
    }

    #[test]
    fn unmeasured_hours_count_for_nothing() {
        let mut it = Profile::default();
        it.add(&berlin(), Timestamp::EPOCH, (0.0, 0.0));
        assert_eq!((it.cells().count(), Cell::default().power()), (0, None));
    }
}
