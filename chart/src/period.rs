//! The periods of the history page: a local day, week, month or year, and the ones before and after.

use jiff_bare::{Timestamp, civil::Date, tz::TimeZone};

use crate::{
    day,
    fmt::{self, Locale},
};

/// How long a period is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Span {
    /// A local day.
    #[default]
    Day,
    /// Seven local days.
    Week,
    /// A calendar month.
    Month,
    /// A calendar year.
    Year,
}

impl Span {
    /// All of them, shortest first.
    pub const ALL: [Self; 4] = [Self::Day, Self::Week, Self::Month, Self::Year];

    /// The word in addresses.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Year => "year",
        }
    }

    /// From the word in an address; anything else is a day.
    pub fn from_key(key: &str) -> Self {
        Self::ALL.into_iter().find(|span| span.key() == key).unwrap_or_default()
    }
}

/// A local day, week, month or year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// How long it is.
    pub span: Span,
    /// Its first local day.
    pub first: Date,
}

impl Period {
    /// The period of this length that `day` lies in; weeks start on `week_start` (1 Monday to 7 Sunday).
    pub fn around(span: Span, day: Date, week_start: i8) -> Self {
        let first = match span {
            Span::Day => day,
            Span::Week => {
                let back = (day.weekday().to_monday_one_offset() - week_start).rem_euclid(7);
                day::plus(day, -i32::from(back))
            }
            Span::Month => day.first_of_month(),
            Span::Year => day::plus_months(day.first_of_month(), 1 - i32::from(day.month())),
        };
        Self { span, first }
    }

    /// From `YYYY-MM-DD`, or the period of `today` when that is no date.
    pub fn parse(span: Span, text: &str, today: Date, week_start: i8) -> Self {
        Self::around(span, day::parse(text).unwrap_or(today), week_start)
    }

    /// The first local day after it.
    pub fn end(self) -> Date {
        self.moved(1).first
    }

    /// The period `steps` later; negative: earlier.
    #[must_use]
    pub fn moved(self, steps: i32) -> Self {
        let first = match self.span {
            Span::Day => day::plus(self.first, steps),
            Span::Week => day::plus(self.first, steps.saturating_mul(7)),
            Span::Month => day::plus_months(self.first, steps),
            Span::Year => day::plus_months(self.first, steps.saturating_mul(12)),
        };
        Self { first, ..self }
    }

    /// First and end instant, milliseconds UTC; days have 23, 24 or 25 hours. `None` beyond the calendar.
    pub fn bounds(self, zone: &TimeZone) -> Option<(i64, i64)> {
        Some((midnight(self.first, zone)?, midnight(self.end(), zone)?))
    }

    /// Whether it has not begun on `today`.
    pub fn is_future(self, today: Date) -> bool {
        self.first > today
    }

    /// Whether `today` lies in it.
    pub fn contains(self, today: Date) -> bool {
        self.first <= today && today < self.end()
    }

    /// What a person calls it: `Mon 23 Nov 2026`, `23–29 Nov 2026`, `November 2026`, `2026`.
    pub fn title(self, zone: &TimeZone, locale: &Locale) -> String {
        match (self.span, self.bounds(zone)) {
            (Span::Month, _) => fmt::month_year(self.first, locale),
            (Span::Year, _) => self.first.year().to_string(),
            (_, Some((start, end))) => fmt::range(start, end, zone, locale),
            (_, None) => day::iso(self.first),
        }
    }
}

/// The instant a local day begins, milliseconds UTC.
pub fn midnight(day: Date, zone: &TimeZone) -> Option<i64> {
    Some(day.to_zoned(zone.clone()).ok()?.timestamp().as_millisecond())
}

/// The local day of an instant; `None` beyond the calendar.
pub fn day_of(at: i64, zone: &TimeZone) -> Option<Date> {
    Some(Timestamp::from_millisecond(at).ok()?.to_zoned(zone.clone()).date())
}

/// The same local time one day before an instant, and the start of that day: what "yesterday by this time" compares with.
pub fn yesterday_by_now(now: i64, zone: &TimeZone) -> Option<(i64, i64)> {
    let now = Timestamp::from_millisecond(now).ok()?.to_zoned(zone.clone());
    let yesterday = day::plus(now.date(), -1);
    let then = yesterday.to_datetime(now.time()).to_zoned(zone.clone()).ok()?;
    Some((midnight(yesterday, zone)?, then.timestamp().as_millisecond()))
}

#[cfg(test)]
mod tests {
    use jiff_bare::civil::date;

    use super::*;

    fn berlin() -> TimeZone {
        TimeZone::get("Europe/Berlin").unwrap()
    }

    #[test]
    fn weeks_start_where_the_home_says() {
        let day = date(2026, 11, 25);
        assert_eq!(Period::around(Span::Week, day, 1).first, date(2026, 11, 23));
        assert_eq!(Period::around(Span::Week, day, 7).first, date(2026, 11, 22));
        assert_eq!(Period::around(Span::Month, day, 1).end(), date(2026, 12, 1));
    }

    #[test]
    fn the_days_clocks_change_have_23_and_25_hours() {
        for (day, hours) in [
            (date(2026, 3, 29), 23),
            (date(2026, 10, 25), 25),
            (date(2026, 11, 23), 24),
        ] {
            let (start, end) = Period::around(Span::Day, day, 1).bounds(&berlin()).unwrap();
            assert_eq!((end - start) / 3_600_000, hours);
        }
    }

    #[test]
    fn nonsense_in_an_address_is_today() {
        let today = date(2026, 11, 23);
        let period = Period::parse(Span::from_key("decade"), "yesterday", today, 1);
        assert_eq!((period.span, period.first), (Span::Day, today));
        assert!(period.contains(today) && !period.is_future(today));
    }

    #[test]
    fn months_move_by_months() {
        let january = Period::around(Span::Month, date(2026, 1, 31), 1);
        assert_eq!(january.moved(1).first, date(2026, 2, 1));
        assert_eq!(january.moved(-1).title(&berlin(), &Locale::default()), "December 2025");
    }

    #[test]
    fn yesterday_ends_at_the_same_local_time() {
        let now = "2026-03-29T12:00:00Z".parse::<Timestamp>().unwrap().as_millisecond();
        let (start, end) = yesterday_by_now(now, &berlin()).unwrap();
        assert_eq!((end - start) / 3_600_000, 14, "14:00 local, on a day of 24 hours");
    }
}
