//! Round instants for an axis of time, by the calendar of a time zone: days of 23 and 25 hours included.

use jiff_bare::{Timestamp, Zoned, civil, tz::TimeZone};

use crate::day;

/// The distance between two ticks of a time axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeStep {
    /// So many seconds, below an hour.
    Seconds(i64),
    /// So many hours of the local day.
    Hours(i8),
    /// So many local days.
    Days(i32),
    /// So many months.
    Months(i32),
    /// So many years.
    Years(i16),
}

impl TimeStep {
    const LADDER: [Self; 20] = [
        Self::Seconds(1),
        Self::Seconds(5),
        Self::Seconds(15),
        Self::Seconds(30),
        Self::Seconds(60),
        Self::Seconds(120),
        Self::Seconds(300),
        Self::Seconds(900),
        Self::Seconds(1800),
        Self::Hours(1),
        Self::Hours(3),
        Self::Hours(6),
        Self::Hours(12),
        Self::Days(1),
        Self::Days(2),
        Self::Days(7),
        Self::Months(1),
        Self::Months(3),
        Self::Years(1),
        Self::Years(5),
    ];

    const fn seconds(self) -> i64 {
        match self {
            Self::Seconds(n) => n,
            Self::Hours(n) => n as i64 * 3600,
            Self::Days(n) => n as i64 * 86_400,
            Self::Months(n) => n as i64 * 2_629_746,
            Self::Years(n) => n as i64 * 31_556_952,
        }
    }
}

/// The ticks of a time axis.
#[derive(Clone, Debug, PartialEq)]
pub struct TimeTicks {
    /// How far apart they are.
    pub step: TimeStep,
    /// The instants, earliest first, within the axis.
    pub at: Vec<i64>,
}

/// At most about `count` round instants in `[start, end]`, in the home's time zone. Instants that cannot be represented give none.
pub fn time_ticks(start: i64, end: i64, zone: &TimeZone, count: usize) -> TimeTicks {
    let wanted = (end - start).max(1000) / 1000 / i64::try_from(count.max(1)).unwrap_or(i64::MAX);
    let step = TimeStep::LADDER
        .into_iter()
        .find(|step| step.seconds() >= wanted)
        .unwrap_or(TimeStep::Years(10));
    let at = ticks_from(start, end, zone, step).unwrap_or_default();
    TimeTicks { step, at }
}

fn ticks_from(start: i64, end: i64, zone: &TimeZone, step: TimeStep) -> Option<Vec<i64>> {
    let first = Timestamp::from_millisecond(start).ok()?.to_zoned(zone.clone());
    let mut at = Vec::new();
    if let TimeStep::Seconds(seconds) = step {
        let offset = i64::from(first.offset().seconds()) * 1000;
        let step = seconds * 1000;
        let mut tick = (start + offset + step - 1).div_euclid(step) * step - offset;
        while tick <= end {
            at.push(tick);
            tick += step;
        }
        return Some(at);
    }
    let (mut date, mut hour) = (floor(&first, step), 0);
    for _ in 0..1000 {
        let tick = date
            .at(hour, 0, 0, 0)
            .to_zoned(zone.clone())
            .ok()?
            .timestamp()
            .as_millisecond();
        if tick > end {
            break;
        }
        if tick >= start && at.last() != Some(&tick) {
            at.push(tick);
        }
        (date, hour) = advance(date, hour, step);
    }
    Some(at)
}

fn floor(first: &Zoned, step: TimeStep) -> civil::Date {
    let date = first.date();
    match step {
        TimeStep::Seconds(_) | TimeStep::Hours(_) | TimeStep::Days(_) => date,
        TimeStep::Months(n) => day::plus_months(date, -((i32::from(date.month()) - 1) % n)),
        TimeStep::Years(n) => civil::Date::new(date.year() / n * n, 1, 1).unwrap_or(date),
    }
}

/// The next tick, as a local day and hour.
fn advance(date: civil::Date, hour: i8, step: TimeStep) -> (civil::Date, i8) {
    match step {
        TimeStep::Hours(n) if hour + n < 24 => (date, hour + n),
        TimeStep::Seconds(_) | TimeStep::Hours(_) => (day::plus(date, 1), 0),
        TimeStep::Days(n) => (day::plus(date, n), 0),
        TimeStep::Months(n) => (day::plus_months(date, n), 0),
        TimeStep::Years(n) => (day::plus_months(date, 12 * i32::from(n)), 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone() -> TimeZone {
        TimeZone::get("Europe/Berlin").unwrap()
    }

    fn ms(text: &str) -> i64 {
        text.parse::<Timestamp>().unwrap().as_millisecond()
    }

    #[test]
    fn a_day_is_ticked_at_local_hours() {
        let ticks = time_ticks(ms("2026-11-22T23:00:00Z"), ms("2026-11-23T23:00:00Z"), &zone(), 8);
        assert_eq!(ticks.step, TimeStep::Hours(3));
        assert_eq!(ticks.at.len(), 9);
        assert_eq!(ticks.at[1], ms("2026-11-23T02:00:00Z"));
    }

    #[test]
    fn the_day_clocks_go_forward_keeps_its_local_hours() {
        let ticks = time_ticks(ms("2026-03-28T23:00:00Z"), ms("2026-03-29T22:00:00Z"), &zone(), 8);
        assert_eq!(ticks.at[1], ms("2026-03-29T01:00:00Z"), "03:00 CEST is one hour early");
        assert_eq!(ticks.at.last(), Some(&ms("2026-03-29T22:00:00Z")));
    }

    #[test]
    fn minutes_are_round_where_the_offset_is_not_whole_hours() {
        let zone = TimeZone::get("Asia/Kathmandu").unwrap();
        let ticks = time_ticks(ms("2026-01-01T00:01:00Z"), ms("2026-01-01T02:01:00Z"), &zone, 4);
        assert_eq!(ticks.step, TimeStep::Seconds(1800));
        assert_eq!(ticks.at[0], ms("2026-01-01T00:15:00Z"), "06:00 in Kathmandu");
    }

    #[test]
    fn months_start_on_the_first() {
        let ticks = time_ticks(
            ms("2026-01-15T00:00:00Z"),
            ms("2026-07-15T00:00:00Z"),
            &TimeZone::UTC,
            3,
        );
        assert_eq!(ticks.step, TimeStep::Months(3));
        assert_eq!(ticks.at, [ms("2026-04-01T00:00:00Z"), ms("2026-07-01T00:00:00Z")]);
    }
}
