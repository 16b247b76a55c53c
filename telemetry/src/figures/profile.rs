//! Mean power and cost by weekday and local hour.

use jiff::civil::Date;
use voltaire_types::{Calendar, Decimal, Timestamp};

/// An hour of a weekday.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Cell {
    /// Energy within measured time, Wh.
    pub energy: f64,
    /// What the energy costs, without standing charge.
    pub cost: Decimal,
    /// Measured time, s.
    pub seconds: f64,
    /// Local days with measured time.
    pub days: u32,
    last: Option<Date>,
}

impl Cell {
    /// This and others of other days or hours.
    fn and(self, other: &Self) -> Self {
        Self {
            energy: self.energy + other.energy,
            cost: self.cost + other.cost,
            seconds: self.seconds + other.seconds,
            days: self.days + other.days,
            last: None,
        }
    }

    /// Energy by measured time, W; none where nothing was measured.
    pub(crate) fn power(&self) -> Option<f64> {
        (self.seconds > 0.0).then(|| self.energy * 3600.0 / self.seconds)
    }

    /// Cost by measured time, per hour; none where nothing was measured.
    pub(crate) fn hourly_cost(&self) -> Option<Decimal> {
        let seconds = Decimal::try_from(self.seconds).ok()?;
        (self.cost * Decimal::from(3600)).checked_div(seconds)
    }
}

/// Means by weekday, from Monday, and hour, from 0.
#[derive(Clone, Debug, Default)]
pub(crate) struct Profile {
    cells: [[Cell; 24]; 7],
}

impl Profile {
    /// Takes the energy, Wh, of measured seconds within a local hour, and its cost; in time's order.
    pub(crate) fn add(&mut self, calendar: &Calendar, at: Timestamp, (energy, seconds, cost): (f64, f64, Decimal)) {
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
        cell.cost += cost;
        cell.seconds += seconds;
        if cell.last != Some(local.date()) {
            cell.last = Some(local.date());
            cell.days += 1;
        }
    }

    /// Hour and means over all weekdays, of what was measured.
    pub(crate) fn hours(&self) -> impl Iterator<Item = (u32, Cell)> {
        let of_all = |hour: usize| {
            let cells = self.cells.iter().filter_map(move |row| row.get(hour));
            cells.fold(Cell::default(), Cell::and)
        };
        let hours = (0..).zip((0..24).map(of_all));
        hours.filter(|(_, cell)| cell.seconds > 0.0)
    }

    /// Weekday (1: Monday) and means over all hours, of what was measured; its days are those of the hour that has most.
    pub(crate) fn weekdays(&self) -> impl Iterator<Item = (u32, Cell)> {
        let whole = |row: &[Cell; 24]| Cell {
            days: row.iter().map(|cell| cell.days).max().unwrap_or_default(),
            ..row.iter().fold(Cell::default(), Cell::and)
        };
        let weekdays = (1..).zip(self.cells.iter().map(whole));
        weekdays.filter(|(_, cell)| cell.seconds > 0.0)
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
            profile.add(
                &berlin(),
                pair[0],
                (100.0, pair[1].seconds_since(pair[0]), Decimal::ZERO),
            );
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
    fn hours_and_weekdays_are_means_of_all_that_was_measured() {
        let mut it = Profile::default();
        // Monday 1 June 2026: 12:00 with 100 W, 13:00 with 400 W of which half was measured. Tuesday: 12:00 with 300 W.
        let noon = |day: i8| {
            berlin()
                .start_of_day(date(2026, 6, day))
                .plus(std::time::Duration::from_secs(12 * 3600))
        };
        let hour = std::time::Duration::from_secs(3600);
        it.add(&berlin(), noon(1), (100.0, 3600.0, Decimal::ONE));
        it.add(&berlin(), noon(1).plus(hour), (200.0, 1800.0, Decimal::TWO));
        it.add(&berlin(), noon(2), (300.0, 3600.0, Decimal::TEN));
        let row = |(name, cell): (u32, Cell)| (name, cell.power(), cell.days, cell.seconds);
        let hours: Vec<_> = it.hours().map(row).collect();
        assert_eq!(hours, [(12, Some(200.0), 2, 7200.0), (13, Some(400.0), 1, 1800.0)]);
        let weekdays: Vec<_> = it.weekdays().map(row).collect();
        assert_eq!(weekdays, [(1, Some(200.0), 1, 5400.0), (2, Some(300.0), 1, 3600.0)]);
        let costs: Vec<_> = it.weekdays().map(|(_, cell)| cell.hourly_cost()).collect();
        assert_eq!(costs, [Some(Decimal::TWO), Some(Decimal::TEN)]);
    }

    #[test]
    fn unmeasured_hours_count_for_nothing() {
        let mut it = Profile::default();
        it.add(&berlin(), Timestamp::EPOCH, (0.0, 0.0, Decimal::ZERO));
        assert_eq!((it.cells().count(), Cell::default().power()), (0, None));
        assert_eq!(Cell::default().hourly_cost(), None);
    }
}
