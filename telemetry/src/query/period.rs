//! Which time is meant: words of the calendar become instants.

use std::time::Duration;

use jiff::ToSpan;
use voltaire_mesh::Invalid;
use voltaire_types::{Calendar, CalendarUnit, Interval, Timestamp};

/// Ten years, leap days included.
const LONGEST: Duration = Duration::from_hours(3653 * 24);
/// Units that a calendar period may lie back: a century of days.
const FURTHEST: u32 = 36_525;

/// Which time is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Period {
    /// Exactly this.
    Interval(Interval),
    /// A calendar unit: this one up to now, or one before.
    Calendar {
        /// Day, week, month or year.
        unit: CalendarUnit,
        /// 0: the running one, up to now; 1: the one before.
        back: u32,
    },
    /// The last stretch of this length, up to now.
    Last(Duration),
    /// Everything from the first reading up to now.
    All,
}

impl Default for Period {
    /// Today so far.
    fn default() -> Self {
        Self::Calendar {
            unit: CalendarUnit::Day,
            back: 0,
        }
    }
}

/// What relative words refer to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    /// Now.
    pub now: Timestamp,
    /// The first reading; none without readings.
    pub first: Option<Timestamp>,
}

impl Period {
    /// The instants that are meant; `field` names the period where it is refused. An interval may lie in the future, where
    /// nothing is covered.
    pub(crate) fn resolve(self, calendar: &Calendar, moment: Moment, field: &str) -> Result<Interval, Invalid> {
        let Moment { now, first } = moment;
        let invalid = |part: &str, problem: &str| Invalid::new(format!("{field}.{part}"), problem);
        match self {
            Self::Interval(it) if it.is_empty() => Err(invalid("interval", "must end after it starts")),
            Self::Interval(it) if it.duration() > LONGEST => Err(invalid("interval", "must be at most ten years long")),
            Self::Interval(it) => Ok(it),
            Self::Calendar {
                unit: CalendarUnit::QuarterHour | CalendarUnit::Hour,
                ..
            } => Err(invalid("calendar.unit", "must be day, week, month or year")),
            Self::Calendar { back: 36_526.., .. } => {
                Err(invalid("calendar.back", &format!("must be at most {FURTHEST}")))
            }
            Self::Calendar { unit, back: 0 } => Ok(Interval::new(calendar.unit(unit, now, 0).start, now)),
            Self::Calendar { unit, back } => Ok(calendar.unit(unit, now, back)),
            Self::Last(length) if length.is_zero() => Err(invalid("last", "must be longer than nothing")),
            Self::Last(length) if length > LONGEST => Err(invalid("last", "must be at most ten years")),
            Self::Last(length) => Ok(Interval::new(now.minus(length), now)),
            Self::All => Ok(Interval::new(first.unwrap_or(now).min(now), now)),
        }
    }
}

/// As much of a whole unit of the calendar as has gone by of the running one: as many local days, and up to as late in the
/// day; at most all of it.
pub(crate) fn equal_part(calendar: &Calendar, running: Interval, whole: Interval) -> Interval {
    let (first, now) = (calendar.date(running.start), calendar.local(running.end));
    let days = (now.date() - first).get_days();
    let last = calendar.date(whole.start).saturating_add(days.days());
    let end = last.to_datetime(now.time()).to_zoned(calendar.zone().clone());
    let end = end.ok().and_then(|it| Timestamp::try_from(it.timestamp()).ok());
    Interval::new(whole.start, end.unwrap_or(whole.end).min(whole.end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::Weekday;

    fn resolve(period: Period) -> Result<(String, String), String> {
        let calendar = Calendar::new("Europe/Berlin", Weekday::Monday).unwrap();
        let moment = Moment {
            now: "2026-03-29T10:00:00Z".parse().unwrap(),
            first: "2025-12-24T18:00:00Z".parse().ok(),
        };
        let it = period
            .resolve(&calendar, moment, "period")
            .map_err(|invalid| invalid.field)?;
        Ok((it.start.to_string(), it.end.to_string()))
    }

    fn interval(start: &str, end: &str) -> Period {
        Period::Interval(Interval {
            start: start.parse().unwrap(),
            end: end.parse().unwrap(),
        })
    }

    #[test]
    fn the_running_unit_ends_now_and_earlier_ones_are_whole() {
        let unit = |unit, back| resolve(Period::Calendar { unit, back }).unwrap();
        let text = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(
            unit(CalendarUnit::Day, 0),
            text("2026-03-28T23:00:00Z", "2026-03-29T10:00:00Z")
        );
        assert_eq!(
            unit(CalendarUnit::Month, 0),
            text("2026-02-28T23:00:00Z", "2026-03-29T10:00:00Z")
        );
        assert_eq!(
            unit(CalendarUnit::Week, 1),
            text("2026-03-15T23:00:00Z", "2026-03-22T23:00:00Z")
        );
        assert_eq!(
            unit(CalendarUnit::Year, 1),
            text("2024-12-31T23:00:00Z", "2025-12-31T23:00:00Z")
        );
    }

    #[test]
    fn the_last_day_is_24_hours_even_where_clocks_change() {
        let it = resolve(Period::Last(Duration::from_hours(24))).unwrap();
        assert_eq!(it.0, "2026-03-28T10:00:00Z");
    }

    #[test]
    fn all_begins_with_the_first_reading() {
        assert_eq!(resolve(Period::All).unwrap().0, "2025-12-24T18:00:00Z");
    }

    #[test]
    fn equal_parts_end_as_many_days_on_and_as_late_in_the_day() {
        let calendar = Calendar::new("Europe/Berlin", Weekday::Monday).unwrap();
        let part = |unit, now: &str| {
            let now = now.parse().unwrap();
            let running = Interval::new(calendar.unit(unit, now, 0).start, now);
            equal_part(&calendar, running, calendar.unit(unit, now, 1))
                .end
                .to_string()
        };
        assert_eq!(part(CalendarUnit::Day, "2026-06-02T10:00:30Z"), "2026-06-01T10:00:30Z");
        // Ten local days into the month and an hour: clocks have changed in between.
        assert_eq!(
            part(CalendarUnit::Month, "2026-04-11T08:00:00Z"),
            "2026-03-11T09:00:00Z"
        );
        // February has no 31st day.
        assert_eq!(
            part(CalendarUnit::Month, "2026-03-31T08:00:00Z"),
            "2026-02-28T23:00:00Z"
        );
    }

    #[test]
    fn senseless_periods_are_refused_by_field() {
        let refused = |period| resolve(period).unwrap_err();
        assert_eq!(
            refused(interval("2026-01-02T00:00:00Z", "2026-01-01T00:00:00Z")),
            "period.interval"
        );
        assert_eq!(
            refused(interval("2026-01-02T00:00:00Z", "2026-01-02T00:00:00Z")),
            "period.interval"
        );
        assert_eq!(
            refused(interval("2006-01-02T00:00:00Z", "2026-01-04T00:00:00Z")),
            "period.interval"
        );
        assert_eq!(refused(Period::Last(Duration::ZERO)), "period.last");
        assert_eq!(refused(Period::Last(LONGEST * 2)), "period.last");
        let hour = Period::Calendar {
            unit: CalendarUnit::Hour,
            back: 0,
        };
        assert_eq!(refused(hour), "period.calendar.unit");
        let far = Period::Calendar {
            unit: CalendarUnit::Day,
            back: u32::MAX,
        };
        assert_eq!(refused(far), "period.calendar.back");
    }

    #[test]
    fn the_future_is_allowed() {
        assert!(resolve(interval("2030-01-01T00:00:00Z", "2030-02-01T00:00:00Z")).is_ok());
    }
}
