//! The calendar of a home: local days, weeks, months and years in its time zone, clock changes included.

use jiff::{
    ToSpan, Zoned,
    civil::{Date, Weekday},
    tz::TimeZone,
};

use crate::{Interval, Timestamp};

/// A step of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CalendarUnit {
    /// Quarter of an hour.
    QuarterHour,
    /// Hour.
    Hour,
    /// Local day: 23, 24 or 25 hours.
    Day,
    /// Week, from the home's first weekday.
    Week,
    /// Month.
    Month,
    /// Year.
    Year,
}

/// The name is no IANA time zone.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an IANA time zone: a name such as Europe/Berlin or UTC is")]
pub struct InvalidZone;

/// A time zone and the day its weeks start on.
#[derive(Clone, Debug)]
pub struct Calendar {
    zone: TimeZone,
    week_start: Weekday,
}

impl Calendar {
    /// The calendar of an IANA time zone, as `Europe/Berlin`.
    pub fn new(zone: &str, week_start: Weekday) -> Result<Self, InvalidZone> {
        let known = !zone.is_empty() && zone.len() <= 64;
        let zone = known.then(|| TimeZone::get(zone).ok()).flatten().ok_or(InvalidZone)?;
        Ok(Self { zone, week_start })
    }

    /// UTC, with weeks from Monday.
    pub fn utc() -> Self {
        Self {
            zone: TimeZone::UTC,
            week_start: Weekday::Monday,
        }
    }

    /// The time zone.
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// The time zone's IANA name.
    pub fn zone_name(&self) -> &str {
        self.zone.iana_name().unwrap_or("UTC")
    }

    /// The day weeks start on.
    pub fn week_start(&self) -> Weekday {
        self.week_start
    }

    /// The instant in local time.
    pub fn local(&self, instant: Timestamp) -> Zoned {
        instant.jiff().to_zoned(self.zone.clone())
    }

    /// The local day of the instant.
    pub fn date(&self, instant: Timestamp) -> Date {
        self.local(instant).date()
    }

    /// When the local day begins: midnight, or the first instant after it where clocks skip midnight.
    pub fn start_of_day(&self, date: Date) -> Timestamp {
        let start = date.to_zoned(self.zone.clone()).and_then(|it| it.start_of_day());
        start
            .ok()
            .and_then(|it| it.timestamp().try_into().ok())
            .unwrap_or(Timestamp::MAX)
    }

    /// The local day, 23 to 25 hours.
    pub fn day(&self, date: Date) -> Interval {
        self.days(date, date)
    }

    /// Local days from the first up to and including the last.
    pub fn days(&self, first: Date, last: Date) -> Interval {
        Interval::new(
            self.start_of_day(first),
            self.start_of_day(last.saturating_add(1.day())),
        )
    }

    /// The first day of the unit that the day is in; the day itself for units within a day.
    pub fn first_day(&self, unit: CalendarUnit, date: Date) -> Date {
        match unit {
            CalendarUnit::QuarterHour | CalendarUnit::Hour | CalendarUnit::Day => date,
            CalendarUnit::Week => date.saturating_sub(i64::from(date.weekday().since(self.week_start)).days()),
            CalendarUnit::Month => date.first_of_month(),
            CalendarUnit::Year => date.first_of_year(),
        }
    }

    /// The unit so many units before the one that the instant is in (0: that one), whole.
    pub fn unit(&self, unit: CalendarUnit, instant: Timestamp, back: u32) -> Interval {
        let back = i64::from(back);
        match unit {
            CalendarUnit::QuarterHour | CalendarUnit::Hour => {
                let length = Self::micros(unit);
                let start = self.start_of(unit, instant).micros() - back * length;
                let at = |micros| Timestamp::from_micros(micros).unwrap_or(instant);
                Interval::new(at(start), at(start + length))
            }
            CalendarUnit::Day | CalendarUnit::Week | CalendarUnit::Month | CalendarUnit::Year => {
                let first = self.first_day(unit, self.date(instant));
                let first = self.shift(unit, first, -back);
                Interval::new(self.start_of_day(first), self.start_of_day(self.shift(unit, first, 1)))
            }
        }
    }

    /// When the unit that the instant is in began. Hours and quarters follow the local clock.
    pub fn start_of(&self, unit: CalendarUnit, instant: Timestamp) -> Timestamp {
        match unit {
            CalendarUnit::QuarterHour | CalendarUnit::Hour => {
                let offset = i64::from(self.zone.to_offset(instant.jiff()).seconds()) * 1_000_000;
                let into = (instant.micros() + offset).rem_euclid(Self::micros(unit));
                Timestamp::from_micros(instant.micros() - into).unwrap_or(instant)
            }
            CalendarUnit::Day | CalendarUnit::Week | CalendarUnit::Month | CalendarUnit::Year => {
                self.start_of_day(self.first_day(unit, self.date(instant)))
            }
        }
    }

    /// Where the steps of the period begin, and at last where it ends; the first and the last step may be cut short.
    /// Stops after `limit` steps; an empty period has no steps.
    pub fn steps(&self, unit: CalendarUnit, period: Interval, limit: usize) -> Vec<Timestamp> {
        let mut boundaries = vec![period.start];
        let mut at = period.start;
        while at < period.end && boundaries.len() <= limit {
            at = self.next(unit, at).min(period.end);
            boundaries.push(at);
        }
        boundaries
    }

    /// When the unit after the one that the instant is in begins; always later than the instant.
    pub fn next(&self, unit: CalendarUnit, instant: Timestamp) -> Timestamp {
        let next = match unit {
            CalendarUnit::QuarterHour | CalendarUnit::Hour => {
                let start = self.start_of(unit, instant).micros();
                Timestamp::from_micros(start + Self::micros(unit)).unwrap_or(Timestamp::MAX)
            }
            CalendarUnit::Day | CalendarUnit::Week | CalendarUnit::Month | CalendarUnit::Year => {
                self.start_of_day(self.shift(unit, self.first_day(unit, self.date(instant)), 1))
            }
        };
        if next > instant {
            next
        } else {
            instant.plus(std::time::Duration::from_secs(60))
        }
    }

    /// The most recent local day before or at the instant's own whose length is not 24 hours; none within two years.
    pub fn last_clock_change(&self, instant: Timestamp) -> Option<Date> {
        let today = self.date(instant);
        (0_i64..=732)
            .map(|back| today.saturating_sub(back.days()))
            .find(|date| self.day(*date).duration().as_secs() != 86_400)
    }

    /// The day so many units later, or earlier when negative. Months keep the day where they have it.
    pub fn shift(&self, unit: CalendarUnit, date: Date, by: i64) -> Date {
        let span = match unit {
            CalendarUnit::QuarterHour | CalendarUnit::Hour | CalendarUnit::Day => jiff::Span::new().try_days(by),
            CalendarUnit::Week => jiff::Span::new().try_weeks(by),
            CalendarUnit::Month => jiff::Span::new().try_months(by),
            CalendarUnit::Year => jiff::Span::new().try_years(by),
        };
        span.map_or(date, |span| date.saturating_add(span))
    }

    fn micros(unit: CalendarUnit) -> i64 {
        if unit == CalendarUnit::QuarterHour {
            900_000_000
        } else {
            3_600_000_000
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    fn berlin() -> Calendar {
        Calendar::new("Europe/Berlin", Weekday::Monday).unwrap()
    }

    #[test]
    fn days_have_23_24_or_25_hours() {
        let hours = |day| berlin().day(day).duration().as_secs() / 3600;
        assert_eq!(hours(date(2026, 3, 29)), 23);
        assert_eq!(hours(date(2026, 6, 1)), 24);
        assert_eq!(hours(date(2026, 10, 25)), 25);
    }

    #[test]
    fn the_long_day_has_25_hour_steps() {
        let day = berlin().day(date(2026, 10, 25));
        assert_eq!(berlin().steps(CalendarUnit::Hour, day, 100).len(), 26);
    }

    #[test]
    fn the_last_clock_change_is_found() {
        let now = "2026-11-23T12:00:00Z".parse().unwrap();
        assert_eq!(berlin().last_clock_change(now), Some(date(2026, 10, 25)));
        assert_eq!(Calendar::utc().last_clock_change(now), None);
    }

    #[test]
    fn weeks_start_where_the_home_says() {
        let now = "2026-11-25T12:00:00Z".parse().unwrap();
        let start = |day| {
            Calendar::new("UTC", day)
                .unwrap()
                .unit(CalendarUnit::Week, now, 0)
                .start
                .to_string()
        };
        assert_eq!(start(Weekday::Monday), "2026-11-23T00:00:00Z");
        assert_eq!(start(Weekday::Sunday), "2026-11-22T00:00:00Z");
    }

    #[test]
    fn february_is_the_month_before_march_31() {
        let now = "2026-03-31T12:00:00Z".parse().unwrap();
        let it = Calendar::utc().unit(CalendarUnit::Month, now, 1);
        assert_eq!(
            (it.start.to_string(), it.end.to_string()),
            ("2026-02-01T00:00:00Z".into(), "2026-03-01T00:00:00Z".into())
        );
    }

    #[test]
    fn unknown_zones_are_refused() {
        for bad in ["", "Mars/Olympus", "../etc/passwd", "Europe/Berlin\0"] {
            assert_eq!(Calendar::new(bad, Weekday::Monday).err(), Some(InvalidZone), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn steps_cover_any_period_without_gap_or_overlap(
            start in 0_i64..4_000_000_000, length in 1_i64..40_000_000,
            zone in prop::sample::select(vec!["Europe/Berlin", "America/Los_Angeles", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Santiago", "UTC"]),
            unit in prop::sample::select(vec![CalendarUnit::Hour, CalendarUnit::Day, CalendarUnit::Week, CalendarUnit::Month, CalendarUnit::Year]),
        ) {
            let at = |seconds| Timestamp::from_parts(seconds, 0).unwrap();
            let calendar = Calendar::new(zone, Weekday::Monday).unwrap();
            let period = Interval::new(at(start), at(start + length));
            let steps = calendar.steps(unit, period, usize::MAX - 1);
            prop_assert_eq!(steps.first(), Some(&period.start));
            prop_assert_eq!(steps.last(), Some(&period.end));
            prop_assert!(steps.windows(2).all(|pair| pair[0] < pair[1]));
            // Where clocks change by less than an hour, as once in Kathmandu, the hour across the change ends off the hour.
            let offset = |at| calendar.local(at).offset();
            for pair in steps[..steps.len() - 1].windows(2) {
                if unit != CalendarUnit::Hour || offset(pair[0]) == offset(pair[1]) {
                    prop_assert_eq!(calendar.start_of(unit, pair[1]), pair[1]);
                }
            }
        }
    }
}
